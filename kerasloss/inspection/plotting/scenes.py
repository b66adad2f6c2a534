"""Which scene a loss has: by its kind, or by its class where one kind holds several."""

from collections.abc import Callable
from typing import Any

from kerasloss.core import checks
from kerasloss.core.registry import wrapped
from kerasloss.inspection.plotting import classes, numbers, structures
from kerasloss.inspection.plotting.scene import Scene, known

OF_KIND: dict[str | None, Callable] = {
    None: numbers.numbers,  # a loss that does not say: most compare numbers
    "wrapper": numbers.numbers,  # one that wraps no loss but a function
    "element": numbers.numbers,
    "binary": numbers.yes_no,
    "margin": numbers.margin,
    "distribution": numbers.distribution,
    "class": classes.classes,
    "hidden": classes.hidden,
    "divergence": classes.distributions,
    "ordinal": classes.ordered,
    "region": structures.disc,
    "tuple-embedding": structures.embeddings,
    "label-embedding": structures.two_classes,
    "point-set": structures.shifted_cloud,
    "box": structures.shifted_box,
    "image": structures.noisy_image,
    "sequence": structures.frames,
    "series": structures.shifted_peak,
    "teacher": structures.teacher,
    "list": structures.ranked,
    "preference": structures.preference,
    "policy": structures.ratio,
    "router": structures.routed,
    "survival": structures.survived,
    "waveform": structures.noisy_tone,
}
"""The scene of each kind of loss."""

OF_CLASS: dict[str, Callable] = {
    "MeanAbsoluteScaledError": numbers.with_history,
    "SobolevH1": structures.noisy_image,
    "KeypointHeatmap": structures.shifted_peak_of_map,
    "DistributionFocal": structures.distance_in_bins,
    "PSNR": structures.visibly_noisy_image,
    "ScaleShiftInvariant": structures.noisy_depth,
    "VectorQuantization": structures.code,
    "CosineSimilarity": numbers.angle,
    "ConcordanceCorrelation": numbers.angle,
    "PearsonCorrelation": numbers.angle,
    "SpectralAngle": numbers.angle,
    "MultiLabelMargin": numbers.two_labels,
    "SoftF1": numbers.two_groups,
    **dict.fromkeys(("AUCMargin", "RelativisticAverageGAN"), numbers.two_groups),
    "PositiveUnlabeled": numbers.two_groups,
    "GaussianKLDivergence": numbers.latent,
    **dict.fromkeys(("CausalLMCrossentropy", "TokenCrossentropy"), classes.tokens),
    "LinearDistillation": classes.hidden_of_two,
    **dict.fromkeys(
        ("ArcFace", "SubCenterArcFace", "CosFace", "SphereFace", "CombinedMargin", "AdaFace"), classes.cosines
    ),
    **dict.fromkeys(("NormalizedSoftmax", "ProxyNCA", "SoftTriple"), classes.cosines),
    "ProxyAnchor": classes.batch_of_cosines,
    "Center": classes.center,
    "Contrastive": structures.pair_of_distance,
    "HingeEmbedding": structures.pair_of_distance,
    **dict.fromkeys(("MarginRanking", "RelativisticPairingGAN"), structures.two_scores),
    **dict.fromkeys(("BYOL", "NegativeCosineSimilarity"), structures.prediction),
    "DINO": structures.teacher_and_student,
    **dict.fromkeys(("CoSENT", "AnglE"), structures.ordered_pairs),
    "GISTEmbed": structures.guided_pairs,
    "KoLeo": structures.fan,
    **dict.fromkeys(("SIGReg", "LeJEPA"), structures.stretched_batch),
    "GramAnchoring": structures.patches,
    "CorrelationAlignment": structures.stretched_cloud,
    "Transducer": structures.steps,
    "LinearChainCRF": structures.tags,
    "BradleyTerry": structures.two_texts,
    "KTO": structures.desirable,
    **dict.fromkeys(("CoxPH", "DeepHit"), structures.survived_by_others),
    "ParametricAFT": structures.survived_times,
}
"""The scene of losses whose inputs, or whose point, are not those of their kind."""


def scene_of(loss: Any, y_true: Any = None) -> Scene:
    """The scene of a loss; a wrapper has that of what it wraps.

    Args:
        loss: The loss.
        y_true: The label, where there is one to choose: a number, 0 or 1, or a class id. None: what shows
            most.

    Returns:
        The scene.

    Raises:
        ValueError: If losses of this kind have none.
    """
    if known(loss).__name__ == "MultiScale" and getattr(known(loss.loss), "kind", None) == "element":
        return structures.noisy_image(loss.loss, y_true)
    if known(loss).__name__ == "PermutationInvariant":
        return structures.two_tones(loss, y_true)
    loss = innermost(loss)
    kind, name = getattr(known(loss), "kind", None), known(loss).__name__
    if name not in OF_CLASS and kind not in OF_KIND:
        checks.fail(
            "picture",
            f"losses of the kind {kind!r} have no picture yet; `plot(loss, y_true=..., y_pred=...)` shows "
            "the values of a batch",
            name,
        )
    of_kind = OF_KIND.get(kind)
    if kind == "tuple-embedding" and known(loss).scope != "sample":
        of_kind = structures.pairs_of_batch
    return OF_CLASS.get(name, of_kind)(loss, y_true)


def innermost(loss: Any) -> Any:
    """The loss that a wrapper wraps; of a sum the first part."""
    inner = wrapped(loss)
    return innermost(inner[0]) if inner else loss
