"""A language model of Python's standard library, whose logits training never builds.

A transformer of one block reads the modules of the standard library. Its vocabulary is every token in them,
about 40,000 words (each with the space before it) and signs; the matrix of the embedding is the head's too.
`FusedHead` hands hidden states to `LinearCrossentropy`. The same model with its logits and
`CausalLMCrossentropy` makes the same step, in more memory. A module that is left out judges the training,
beside the frequencies of the tokens.

A model of KerasHub is trained in the same way: `FusedHead(lm.backbone, "token_embedding")` shares the weights
of `lm`, say a `keras_hub.models.GemmaCausalLM`.
"""

import argparse
import math
import os
import pathlib
import re
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

import kerasloss

LENGTH, WIDTH, STEPS = 64, 32, 600
LEFT_OUT = "argparse.py"
PROMPTS = "\n    def __init__(", "\n        if not isinstance(", "\n        return"


def split(text):
    return re.findall(r" ?\w+| ?[^\w\s]|\n *", text)


def library():
    """The ids of the tokens of all modules but one, those of that one, and all tokens."""
    paths = sorted(pathlib.Path(os.__file__).parent.glob("*.py"))
    modules = {path.name: split(path.read_text("utf-8")) for path in paths}
    tokens = sorted(set().union(*modules.values()))
    ids = {token: i for i, token in enumerate(tokens)}
    test = [ids[token] for token in modules.pop(LEFT_OUT)]
    train = [ids[token] for module in modules.values() for token in module]
    return np.array(train, "int32"), np.array(test, "int32"), tokens


def windows(ids, starts):
    """Inputs `(N, LENGTH)` and labels, which are the next tokens."""
    rows = ids[np.asarray(starts)[:, None] + np.arange(LENGTH + 1)]
    return rows[:, :-1], rows[:, 1:]


def transformer(size):
    """From ids to hidden states; the convolution tells it the order of the tokens."""
    ids = keras.Input((LENGTH,), dtype="int32")
    x = layers.LayerNormalization()(layers.Embedding(size, WIDTH, name="token_embedding")(ids))
    x = x + layers.Conv1D(WIDTH, 3, padding="causal")(x)
    y = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, WIDTH // 2)(y, y, use_causal_mask=True)
    y = layers.Dense(2 * WIDTH, activation="gelu")(layers.LayerNormalization()(x))
    x = x + layers.Dense(WIDTH)(y)
    return keras.Model(ids, layers.Dense(WIDTH)(layers.LayerNormalization()(x)))


def peak():
    """The most memory the process has had so far, in MB; Windows doesn't tell."""
    if sys.platform == "win32":
        return math.nan
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** (20 if sys.platform == "darwin" else 10)


def step(model, loss, start, x, y):
    """Prints the first step from the weights `start`; returns its loss and the weights behind it."""
    model.set_weights(start)
    model.compile("sgd", loss)
    before = peak()
    value = float(model.train_on_batch(x, y))
    weights = model.get_weights()
    clock = time.perf_counter()
    float(model.train_on_batch(x, y))  # without compilation
    seconds = time.perf_counter() - clock
    print(f"{type(loss).__name__:24}{value:12.6f}{seconds:12.2f}{peak() - before:12.0f}", flush=True)
    return value, weights


def continued(model, tokens, prompt, count=6):
    """The prompt, and token by token what is likeliest to follow."""
    ids = [tokens.index(token) for token in split(prompt)]
    for _ in range(count):
        logits = model.predict(np.array([ids + [0] * (LENGTH - len(ids))], "int32"), verbose=0)
        ids.append(int(logits[0, len(ids) - 1].argmax()))
    return "".join(tokens[i] for i in ids)


def draw(path, model, x, y, counts):
    """The loss of the tokens of the test by how often they stand in the training data."""
    import matplotlib.pyplot as plt

    loss = kerasloss.CausalLMCrossentropy(reduction=None)
    pairs = zip(x[:, None], y[:, None], strict=True)  # all logits at once would take 640 MB
    values = np.ravel([loss(labels, model.predict(row, verbose=0)) for row, labels in pairs])
    often = counts[y].ravel()
    groups = np.floor(2 * np.log10(often))
    members = [groups == group for group in np.unique(groups)]
    center = [np.exp(np.log(often[those]).mean()) for those in members]
    figure, ax = plt.subplots(layout="constrained")
    ax.plot(center, np.log(counts.sum() / center), "0.5", label="frequencies of tokens")
    ax.plot(center, [values[those].mean() for those in members], "C0o-", label="after training")
    ax.set(
        xscale="log", xlabel="how often the token is in the training data", ylabel="mean loss of the token"
    )
    ax.legend()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    train, test, tokens = library()
    model = kerasloss.models.FusedHead(transformer(len(tokens)), "token_embedding")
    with_logits = keras.Model(model.backbone.input, model(model.backbone.input))  # of the same weights
    print(f"{len(train):,} tokens, {len(tokens):,} of them different; {model.count_params():,} weights\n")

    start, batch = model.get_weights(), windows(train, range(0, 16 * LENGTH, LENGTH))
    print(f"{'a step of 1,024 tokens':24}{'loss':>12}{'seconds':>12}{'MB of RAM':>12}")
    ours, weights = step(model, kerasloss.LinearCrossentropy(), start, *batch)
    theirs, their_weights = step(with_logits, kerasloss.CausalLMCrossentropy(), start, *batch)
    moved = max(np.abs(a - b).max() for a, b in zip(weights, start, strict=True))
    apart = max(np.abs(a - b).max() for a, b in zip(weights, their_weights, strict=True))
    print(f"the weights moved by up to {moved:.1e}; between the two they differ by {apart:.1e}\n")
    assert abs(ours / theirs - 1) < 1e-5 and apart < 1e-4 * moved

    model.set_weights(start)
    rate = keras.optimizers.schedules.CosineDecay(0.01, STEPS)
    model.compile(keras.optimizers.Adam(rate, beta_2=0.99), kerasloss.LinearCrossentropy())
    x, y = windows(test, range(0, 64 * LENGTH, LENGTH))
    before = model.evaluate(x, y, verbose=0)
    starts = np.random.default_rng(0).integers(len(train) - LENGTH, size=STEPS)
    model.fit(*windows(train, starts), batch_size=1, verbose=0)
    after = model.evaluate(x, y, verbose=0)
    counts = np.bincount(train, minlength=len(tokens)) + 1
    frequencies = np.log(counts.sum() / counts)[y].mean()
    print(f"{LEFT_OUT + ', left out':24}{'loss':>12}{'perplexity':>12}")
    rows = {"before training": before, "frequencies of tokens": frequencies, "after training": after}
    for name, value in rows.items():
        print(f"{name:24}{value:12.4f}{math.exp(value):12.0f}")
    assert before > frequencies > after

    print("\npredict gives logits, here of what follows:")
    for prompt in PROMPTS:
        print(f"{prompt!r:30} {continued(model, tokens, prompt)!r}")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        loaded = keras.saving.load_model(path)
    again = loaded.evaluate(x, y, verbose=0)
    print(f"\nsaved as .keras and loaded again: {again:.4f}")
    assert abs(again / after - 1) < 1e-6
    if figure:
        draw(figure, model, x, y, counts)


if __name__ == "__main__":
    main()
