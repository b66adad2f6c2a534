"""Pages that find a loss: by its inputs, by what a value depends on, and by its name in other libraries."""

import kerasloss
from _extension.devices import mends, replicas_see
from _extension.pages import call, table
from kerasloss.core.equivalents.lookup import EQUIVALENTS, LIBRARIES
from kerasloss.core.registry import KINDS, LOSSES, SCOPES

ENGINES = (
    ("`keras.distribution` on JAX", "the step of one device", "the step of one device"),
    (
        "`tf.distribute` on TensorFlow",
        "the step of one device, if equally many positions count on each replica",
        "the mean of the steps of the shares",
    ),
    (
        "`DistributedDataParallel` on PyTorch",
        "the step of one device, if equally many positions count in each process",
        "the mean of the steps of the shares",
    ),
)
"""What a step gives on each; `tests/devices` finds the same."""


def texts() -> dict[str, str]:
    """Path -> text of the pages."""
    return {
        "find/inputs.md": inputs_page(),
        "find/names.md": names_page(),
        "find/scopes.md": scopes_page(),
    }


def inputs_page() -> str:
    """A table from labels and predictions to losses."""
    rows = []
    for kind, meaning in KINDS.items():
        by_predictions: dict[str, list[str]] = {}
        for info in kerasloss.list_losses():
            if info.kind == kind:
                by_predictions.setdefault(info.expected, []).append(f"`{info.name}`")
        for i, (expected, names) in enumerate(by_predictions.items()):
            rows.append((f"**{kind}**: {meaning}" if i == 0 else "", expected, " ".join(names)))
    return "\n\n".join(
        [
            "# By labels and predictions",
            "Find what `y_true` and `y_pred` hold in the first column (`kind` in `list_losses`), and what "
            "the last layer gives in the second. `linear` is a layer without activation: raw numbers, scores "
            'or logits. Where it says "or logits", set `from_logits=True` and leave the activation out.',
            table(("labels and predictions", "last activation", "losses"), rows),
        ]
    )


def scopes_page() -> str:
    """The losses by their scope, what a step gives for a batch that is split, and what mends it."""
    rows = []
    for scope, meaning in SCOPES.items():
        by_words: dict[tuple[str, str], list[str]] = {}
        for name, cls in LOSSES.items():
            if cls.scope == scope:
                words = replicas_see(cls), "; or ".join(mends(cls))
                by_words.setdefault(words, []).append(f"`{name}`")
        rows += [(meaning, *words, " ".join(names)) for words, names in by_words.items()]
    return "\n\n".join(
        [
            "# By what a value depends on",
            "With the default arguments: an argument such as `axis` may change it. The axes in the table are "
            "those of images `(N, height, width, channels)`. "
            "[Distributed training](../guides/distributed.md) says how a loss sees the whole batch.",
            "What one step gives, whose batch is split evenly:",
            table(("engine", "a value depends on its sample", "on the others too"), ENGINES),
            table(
                (
                    "a value depends on",
                    "under data parallelism",
                    "what makes it that of one device",
                    "losses",
                ),
                rows,
            ),
        ]
    )


def names_page() -> str:
    """The names of other libraries."""
    parts = [
        "# By name in other libraries",
        "`kerasloss.get` takes each of these names and returns the loss of the second column, whose "
        "arguments give the number of the other library.",
    ]
    for library, about in LIBRARIES.items():
        listed = [one for one in EQUIVALENTS if one.library == library]
        rows = [(f'`"{library}.{one.name}"`', call(one), one.note) for one in listed]
        parts += [f"## {about.title}", table(("there", "here", "what else differs"), rows)]
    return "\n\n".join(parts)
