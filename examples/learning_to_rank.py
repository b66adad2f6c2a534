"""Learning to rank: pictures of digits for a picture of a digit.

A query is a picture, its documents are 10 to 20 others: of relevance 2 if they show the same digit, 1 if a
neighbour of it, such as a 3 or a 5 for a 4, else 0. The same network learns to score documents by three
losses of lists, and by the squared error of single documents, as scikit-learn's trees do. Then once more from
judges who don't agree: for each query one of them adds 0, 1 or 2 to all relevances. The test has other
pictures, and no judges. The data comes with scikit-learn.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import ndcg_score

import kerasloss

PADDING = -1
"""The relevance of what fills up a list."""
LONGEST = 20
EPOCHS = 8
QUERIES = (0, 3)
"""Queries of the test that the figure shows."""
LOSSES = {
    "PairwiseLogistic": kerasloss.PairwiseLogistic(lambda_weight="lambdarank"),
    "ListNet": kerasloss.ListNet(),
    "ApproxNDCG": kerasloss.ApproxNDCG(),
    "MeanSquaredError": kerasloss.Masked(kerasloss.MeanSquaredError(), missing_value=PADDING),
}


def lists(images, digits, rng):
    """Each picture as a query: pairs with its documents, their relevance, and which pictures they are."""
    relevance = np.full((len(images), LONGEST), PADDING, "float32")
    documents = np.zeros((len(images), LONGEST), int)
    for query, digit in enumerate(digits):
        others = rng.permutation(np.delete(np.arange(len(images)), query))
        one = others[np.argmax(digits[others] == digit)]  # else some lists have nothing to find
        chosen = np.unique([one, *others[: rng.integers(10, LONGEST)]])
        documents[query, : len(chosen)] = rng.permutation(chosen)
        apart = np.abs(digits[documents[query, : len(chosen)]] - digit)
        relevance[query, : len(chosen)] = np.maximum(2 - apart, 0)
    both = np.broadcast_to(images[:, None], (*documents.shape, images.shape[1])), images[documents]
    return np.concatenate(both, axis=-1), relevance, documents


def network(features):
    """A score for each document of a list, from the pixels of the query and its own."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((LONGEST, features)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
            keras.layers.Reshape((LONGEST,)),
        ]
    )


def trained(loss, x, y):
    """The network after training."""
    model = network(x.shape[-1])
    model.compile(keras.optimizers.Adam(2e-3), loss)
    model.fit(x, y, batch_size=32, epochs=EPOCHS, verbose=0)
    return model


def trees(x, y, x_test):
    """The scores of scikit-learn's trees."""
    model = HistGradientBoostingRegressor(max_bins=17, random_state=0)  # a pixel has 17 values
    model.fit(x[y >= 0], y[y >= 0])
    return model.predict(x_test.reshape(-1, x.shape[-1])).reshape(x_test.shape[:2])


def report(name, relevance, *scores):
    """Prints the NDCG of the first 5 and of the first 10 for each of the scores; the least of the first."""
    gains = np.where(relevance < 0, 0, 2**relevance - 1)
    last = [np.where(relevance < 0, one.min() - 1, one) for one in scores]  # padding
    five, ten = ([ndcg_score(gains, one, k=k) for one in last] for k in (5, 10))
    print(f"{name:18}{five[0]:19.3f}{ten[0]:7.3f}{five[1]:19.3f}{ten[1]:7.3f}", flush=True)
    return min(five)


def draw(path, images, relevance, documents, shown):
    """The first ten documents of two queries, as losses put them in order if there are several judges."""
    import matplotlib.pyplot as plt

    colors = {2: "tab:green", 1: "tab:orange", 0: "0.85"}
    names = ("before", "MeanSquaredError", "ListNet")
    figure, axes = plt.subplots(2 * len(names), 11, figsize=(7, 4), layout="constrained")
    for row, (query, name) in zip(axes, ((q, name) for q in QUERIES for name in names), strict=True):
        row[0].imshow(images[query].reshape(8, 8), cmap="gray_r")
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
        order = np.argsort(np.where(relevance[query] < 0, np.inf, -shown[name][query]))
        for ax, item in zip(row[1:], order, strict=False):
            ax.imshow(images[documents[query, item]].reshape(8, 8), cmap="gray_r")
            ax.spines[:].set(color=colors[int(relevance[query, item])], linewidth=3)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    axes[0, 0].set_title("query")
    axes[0, 5].set_title("documents: green 2, orange 1, grey 0")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    data = load_digits()
    images, digits = (data.data / 16).astype("float32"), data.target
    test = np.arange(len(images)) >= 1200
    rng = np.random.default_rng(0)
    x, y, _ = lists(images[~test], digits[~test], rng)
    x_test, y_test, documents = lists(images[test], digits[test], rng)
    count, lengths = f"{len(y)} and {len(y_test)}", np.sum(y_test >= 0, axis=1)
    print(f"{count} queries, of {lengths.min()} to {lengths.max()} documents")
    judged = np.where(y >= 0, y + rng.integers(0, 3, (len(y), 1)), PADDING).astype("float32")

    print(f"{'':18}{'one judge: NDCG@5':>19}{'@10':>7}{'several: NDCG@5':>19}{'@10':>7}")
    before = network(x.shape[-1]).predict(x_test, verbose=0)
    report("before training", y_test, before, before)
    shown = {"before": before}
    for name, loss in LOSSES.items():
        scores = [trained(loss, x, relevance).predict(x_test, verbose=0) for relevance in (y, judged)]
        assert report(name, y_test, *scores) > (0.6 if name == "MeanSquaredError" else 0.75)
        shown[name] = scores[1]
    report("sklearn trees", y_test, *(trees(x, relevance, x_test) for relevance in (y, judged)))
    if figure:
        draw(figure, images[test], y_test, documents, shown)


if __name__ == "__main__":
    main()
