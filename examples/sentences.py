"""Finds functions of Python's standard library by what they do, with embeddings that can be cut.

A question is the first sentence of a docstring, its answer the names of the function, its class, module and
arguments. A bag of words and their trigrams is embedded as 128 numbers, by `MultipleNegativesRanking` alone
and within `Matryoshka`. Then the answers to questions that were not trained on are looked for, with the first
numbers of the embeddings only.
"""

import argparse
import ast
import os
import pathlib
import re
import sysconfig
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops

import kerasloss

DIMENSIONS = (128, 64, 32, 16, 8)
TEXTS, LENGTH, VOCABULARY = 1000, 96, 2**14
RANKS = (1, 10)


def functions(tree, names):
    """The functions below a node of a module, with the names of the classes that they stand in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions(node, [*names, node.name])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, names


def pairs():
    """Questions and answers, each once."""
    root, found = pathlib.Path(sysconfig.get_paths()["stdlib"]), {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if {"site-packages", "dist-packages", "test", "tests", "lib2to3", "_vendor"} & set(parts):
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node, names in functions(tree, [*parts]):
            doc = ast.get_docstring(node) or ""
            sentence = re.split(r"\n\s*\n|\.\s", doc, maxsplit=1)[0]
            if len(sentence.split()) >= 4:
                arguments = [argument.arg for argument in node.args.args if argument.arg != "self"]
                found[" ".join(sentence.split())] = " ".join([*names, node.name, *arguments])
    return list(found.items())


def ids(text):
    """Numbers from 1 on for words and their trigrams, by a hash; 0 is padding."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", text)]
    trigrams = [f"<{word}>"[i : i + 3] for word in words for i in range(len(word))]
    found = [1 + zlib.crc32(token.encode()) % (VOCABULARY - 1) for token in words + trigrams][:LENGTH]
    return found + [0] * (LENGTH - len(found))


def trained(loss, x):
    """A network that embeds texts `(N, k, LENGTH)` as `(N, k, 128)`."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, LENGTH), dtype="int32")
    there = ops.cast(ops.expand_dims(inputs, -1) > 0, "float32")
    embedded = keras.layers.Embedding(VOCABULARY, DIMENSIONS[0])(inputs)
    model = keras.Model(inputs, ops.sum(there * embedded, axis=2))
    model.compile(keras.optimizers.Adam(0.003), loss)
    model.fit(x, np.zeros(len(x)), batch_size=256, epochs=6, verbose=0)
    return model


def recall(embeddings, dimension):
    """How many questions have their answer among the first 1, and the first 10, by the first numbers."""
    x = embeddings[..., :dimension]
    questions, answers = np.moveaxis(x / np.linalg.norm(x, axis=-1, keepdims=True), 1, 0)
    cosines = questions @ answers.T
    rank = np.sum(cosines > np.diag(cosines)[:, None], axis=1)
    return [np.mean(rank < k) for k in RANKS]


def draw(path, found):
    """Recall against the length of the embeddings."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(layout="constrained")
    for color, (name, values) in enumerate(found.items()):
        for k, style in zip(range(len(RANKS)), ("--", "-"), strict=True):
            label = f"{name}, first {RANKS[k]}"
            ax.plot(DIMENSIONS, np.array(values)[:, k], style, marker="o", color=f"C{color}", label=label)
    ax.set_xscale("log", base=2)
    ax.set_xticks(DIMENSIONS, DIMENSIONS)
    ax.set(xlabel="numbers of an embedding that are used", ylabel="answers found", ylim=(0, 1))
    figure.legend(loc="outside upper center", ncols=2)
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    texts = pairs()
    order = np.random.default_rng(0).permutation(len(texts))
    x = np.array([[ids(text) for text in texts[i]] for i in order], "int32")
    test, x = x[:TEXTS], x[TEXTS:]
    ranking = kerasloss.MultipleNegativesRanking()
    losses = {"alone": ranking, "Matryoshka": kerasloss.Matryoshka(ranking, DIMENSIONS)}
    found = {}
    for name, loss in losses.items():
        embeddings = trained(loss, x).predict(test, verbose=0)
        found[name] = [recall(embeddings, dimension) for dimension in DIMENSIONS]

    print(f"{'answers found':14}" + "".join(f"{name + f', first {k}':>21}" for name in found for k in RANKS))
    for i, dimension in enumerate(DIMENSIONS):
        numbers = [value for values in found.values() for value in values[i]]
        print(f"{dimension:4} numbers  " + "".join(f"{number:21.3f}" for number in numbers))
    assert found["Matryoshka"][-1][1] > found["alone"][-1][1] + 0.05
    assert found["Matryoshka"][0][1] > 0.4
    if figure:
        draw(figure, found)


if __name__ == "__main__":
    main()
