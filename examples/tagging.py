"""Finds the words in sentences that are written without spaces, by a tag for each character.

The sentences are first lines of docstrings of Python's standard library. B, I and E begin, continue and end a
word, S is a word of one character, O is a sign; so E can't follow O, nor B follow B. The same small network
learns the tags one by one, by `TokenCrossentropy`, and as a chain, by `LinearChainCRF` behind the layer
`CRFTransitions`, which finds the best chain of sentences that are left out.
"""

import argparse
import ast
import os
import pathlib
import re
import sysconfig

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

import kerasloss

TAGS, LENGTH, TEST = "BIESO", 60, 1000
INSIDE, WORD_GOES_ON = [False, True, True, False, False], [True, True, False, False, False]
POSSIBLE = np.equal.outer(WORD_GOES_ON, INSIDE)
"""Which tag (column) can follow which (row): a word that goes on does so, and no other."""


def sentences():
    """First lines of docstrings as lists of words and signs, each once, in random order."""
    root, found = pathlib.Path(sysconfig.get_paths()["stdlib"]), set()
    for path in sorted(root.rglob("*.py")):
        if {"site-packages", "dist-packages", "test", "tests", "lib2to3"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                line = (ast.get_docstring(node) or "").split("\n")[0].lower()
                words = tuple(re.findall(r"[a-z]+|[^a-z\s]", line))
                if line.isascii() and len(words) >= 4 and sum(map(len, words)) <= LENGTH:
                    found.add(words)
    found = sorted(found)
    return [found[i] for i in np.random.default_rng(0).permutation(len(found))]


def tags(word):
    if not word.isalpha():
        return "O"
    return "S" if len(word) == 1 else "B" + "I" * (len(word) - 2) + "E"


def characters_and_tags(texts):
    """The codes of the characters `(N, LENGTH)`, 0 behind the end, and the tags, -1 behind the end."""
    x, y = np.zeros((len(texts), LENGTH), "int32"), np.full((len(texts), LENGTH), -1, "int32")
    for characters, row, words in zip(x, y, texts, strict=True):
        text = "".join(words)
        characters[: len(text)] = [ord(character) for character in text]
        row[: len(text)] = [TAGS.index(tag) for word in words for tag in tags(word)]
    return x, y


def trained(last, loss, x, y):
    """The network with these last layers behind the scores of the tags."""
    keras.utils.set_random_seed(0)
    network = [keras.Input((LENGTH,), dtype="int32"), layers.Embedding(128, 16)]
    for _ in range(2):
        network.append(layers.Conv1D(48, 5, padding="same", activation="relu"))
    model = keras.Sequential([*network, layers.Dense(len(TAGS)), *last])
    model.compile(keras.optimizers.Adam(0.008), loss)
    model.fit(x, y, batch_size=128, epochs=10, verbose=0)
    return model


def impossible(guess, there):
    """How many neighbouring tags can't be, and how many sentences begin inside a word or end in one."""
    pairs = ~POSSIBLE[guess[:, :-1], guess[:, 1:]] & there[:, 1:]
    last = guess[np.arange(len(guess)), there.sum(1) - 1]
    return pairs.sum() + np.sum(np.array(INSIDE)[guess[:, 0]]) + np.sum(np.array(WORD_GOES_ON)[last])


def spaced(characters, guess):
    """The sentence with a space in front of each tag that begins something."""
    pairs = zip(characters, guess, strict=True)
    return "".join(
        (" " if TAGS[tag] in "BSO" else "") + chr(character) for character, tag in pairs if character
    )


def draw(path, transitions, boundaries):
    """The scores that were learned: of the first tag, of which tag follows which, of the last tag."""
    import matplotlib.pyplot as plt

    scores = np.full((len(TAGS) + 1, len(TAGS) + 1), np.nan)
    scores[0, :-1], scores[1:, :-1], scores[1:, -1] = boundaries[0], transitions, boundaries[1]
    can_be = np.zeros(scores.shape, bool)
    can_be[0, :-1], can_be[1:, :-1], can_be[1:, -1] = ~np.array(INSIDE), POSSIBLE, ~np.array(WORD_GOES_ON)
    figure, ax = plt.subplots(layout="constrained")
    limit = np.nanmax(np.abs(scores))
    mesh = ax.pcolormesh(scores, cmap="RdBu", vmin=-limit, vmax=limit)
    for (i, j), score in np.ndenumerate(scores):
        if np.isfinite(score):
            weight = "normal" if can_be[i, j] else "bold"
            color = "white" if abs(score) > 0.6 * limit else "black"
            style = {"color": color, "weight": weight, "size": 10 if can_be[i, j] else 12}
            ax.text(j + 0.5, i + 0.5, f"{score:.1f}", ha="center", va="center", **style)
    ax.set_xticks(np.arange(len(TAGS) + 1) + 0.5, [*TAGS, "end"])
    ax.set_yticks(np.arange(len(TAGS) + 1) + 0.5, ["start", *TAGS])
    ax.set(xlabel="tag", ylabel="tag before it", title="bold: impossible in a sentence")
    ax.invert_yaxis()
    figure.colorbar(mesh, label="score of the transition")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    texts = sentences()
    x, y = characters_and_tags(texts)
    x_test, y_test, x, y = x[:TEST], y[:TEST], x[TEST:], y[TEST:]
    there = y_test >= 0

    softmax = trained([], kerasloss.TokenCrossentropy(from_logits=True, ignore_class=-1), x, y)
    chain = kerasloss.layers.CRFTransitions()
    crf = trained([chain], kerasloss.LinearChainCRF(), x, y)
    decoded = chain.decode(crf.predict(x_test, verbose=0), there)
    guesses = {
        "TokenCrossentropy": softmax.predict(x_test, verbose=0).argmax(-1),
        "LinearChainCRF": keras.ops.convert_to_numpy(decoded),
    }

    print(f"{len(x):,} sentences and {TEST:,} for the test")
    print(f"{'':20}{'tags right':>12}{'sentences right':>18}{'impossible transitions':>24}")
    right, wrong = {}, {}
    for name, guess in guesses.items():
        same = (guess == y_test) | ~there
        right[name], wrong[name] = same.all(1), impossible(guess, there)
        print(f"{name:20}{same[there].mean():12.4f}{right[name].mean():18.3f}{wrong[name]:24}")
    only_chain = np.flatnonzero(right["LinearChainCRF"] & ~right["TokenCrossentropy"])
    readings = [{name: spaced(x_test[i], guess[i]) for name, guess in guesses.items()} for i in only_chain]
    for reading in [reading for reading in readings if len(set(reading.values())) > 1][:3]:
        print()
        for name, sentence in reading.items():
            print(f"{name:20}{sentence}")
    assert wrong["LinearChainCRF"] < 0.1 * wrong["TokenCrossentropy"]
    assert right["LinearChainCRF"].mean() > right["TokenCrossentropy"].mean() + 0.02
    if figure:
        draw(figure, *(keras.ops.convert_to_numpy(w) for w in (chain.transitions, chain.boundaries)))


if __name__ == "__main__":
    main()
