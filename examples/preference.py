"""Direct preference optimisation on the first sentences of the standard library's docstrings.

A small language model is trained on the sentences. Then it must prefer each sentence to the one with two
neighbouring words exchanged. `SequenceLogProbability` gives the log-probabilities of a pair; those of the
reference are what `predict` says before `DPO` trains. Sentences that are left out judge it.
"""

import argparse
import ast
import os
import pathlib
import re

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops

import kerasloss

LENGTH, WIDTH, TEST, BETA = 16, 48, 500, 0.1
START, UNKNOWN = 1, 2  # 0 is padding


def sentences():
    """The first lines of docstrings as lists of words, without duplicates, in random order."""
    found = set()
    for path in pathlib.Path(os.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                words = re.findall(r"\w+|[^\w\s]", (ast.get_docstring(node) or "").split("\n")[0])
                if 5 <= len(words) <= LENGTH:
                    found.add(tuple(words))
    found = [list(words) for words in sorted(found)]
    return [found[i] for i in np.random.default_rng(0).permutation(len(found))]


def exchanged(words, rng):
    """The sentence with two neighbouring words, that differ, in each other's place."""
    i = rng.choice([i for i in range(len(words) - 1) if words[i] != words[i + 1]])
    return [*words[:i], words[i + 1], words[i], *words[i + 2 :]]


def inputs_and_labels(texts, ids):
    """Token ids `(N, LENGTH)` from the start on, and what follows each; -100 behind the end."""
    labels = np.full((len(texts), LENGTH), -100, "int32")
    for row, words in zip(labels, texts, strict=True):
        row[: len(words)] = [ids.get(word, UNKNOWN) for word in words]
    inputs = np.roll(np.maximum(labels, 0), 1, axis=1)
    inputs[:, 0] = START
    return inputs, labels


def draw(path, before, after):
    """How much likelier a sentence of the test is than its copy with two words exchanged."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, sharex=True, layout="constrained")
    for ax, name, margin in ((axes[0], "before", before), (axes[1], "after", after)):
        parts = [margin[margin > 0], margin[margin <= 0]]
        ax.hist(parts, bins=60, range=(-30, 90), stacked=True, color=["C0", "C3"])
        ax.axvline(0, color="k", linestyle="--", linewidth=1)
        ax.set_title(f"{name} DPO: {np.mean(margin > 0):.1%} right of 0")
    axes[1].set_xlabel("log P(sentence) - log P(words exchanged)")
    figure.supylabel("sentences of the test", fontsize="medium")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    texts, rng = sentences(), np.random.default_rng(1)
    train = texts[TEST:]
    words, counts = np.unique(sum(train, []), return_counts=True)
    ids = {str(word): i for i, word in enumerate(words[counts > 1], 3)}
    size, (x, y) = len(ids) + 3, inputs_and_labels(train, ids)
    pairs = [part for text in texts for part in (text, exchanged(text, rng))]
    pairs = [part.reshape(-1, 2, LENGTH) for part in inputs_and_labels(pairs, ids)]
    x_test, x_train = ([part[rows] for part in pairs] for rows in (slice(TEST), slice(TEST, None)))
    print(f"{len(train):,} sentences and {TEST} for the test, {size:,} words")

    tokens = keras.Input((LENGTH,), dtype="int32")
    hidden = layers.Embedding(size, WIDTH)(tokens)
    for _ in range(2):
        hidden = layers.Conv1D(WIDTH, 3, padding="causal", activation="relu")(hidden)
    language_model = keras.Model(tokens, layers.Dense(size)(hidden))
    language_model.compile(keras.optimizers.Adam(0.003), kerasloss.CausalLMCrossentropy())
    values = language_model.fit(x, y, batch_size=64, epochs=2, verbose=0).history["loss"]
    print(f"cross-entropy of a word in two epochs: {values[0]:.2f}, {values[1]:.2f}\n")

    # A pair is [chosen, rejected]; both go through the language model.
    inputs, labels = (keras.Input((2, LENGTH), dtype="int32") for _ in range(2))
    logits = ops.reshape(language_model(ops.reshape(inputs, (-1, LENGTH))), (-1, 2, LENGTH, size))
    policy = keras.Model([inputs, labels], kerasloss.layers.SequenceLogProbability()([labels, logits]))
    reference, reference_test = (policy.predict(x, verbose=0) for x in (x_train, x_test))

    def report(name):
        chosen, rejected = policy.predict(x_test, verbose=0).T
        margin = BETA * (chosen - rejected - reference_test[:, 0] + reference_test[:, 1])
        value = float(policy.loss(reference_test, np.stack([chosen, rejected], axis=1)))
        above, likelier = np.mean(margin > 0), np.mean(chosen > rejected)
        print(f"{name:8}{value:10.4f}{margin.mean():16.4f}{above:12.1%}{likelier:24.1%}", flush=True)
        return value, above, likelier, chosen - rejected

    policy.compile(keras.optimizers.Adam(0.001), kerasloss.DPO(beta=BETA))
    print(f"{'test':8}{'DPO':>10}{'reward margin':>16}{'above 0':>12}{'the sentence likelier':>24}")
    before = report("before")
    policy.fit(x_train, reference, batch_size=64, epochs=3, verbose=0)
    after = report("after")
    assert abs(before[0] - np.log(2)) < 1e-5  # the policy is the reference
    assert after[0] < before[0] and after[1] > 0.7 and after[2] > before[2]
    if figure:
        draw(figure, before[3], after[3])


if __name__ == "__main__":
    main()
