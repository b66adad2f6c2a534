"""Ordinal regression on the American National Election Study of 1996, beside statsmodels' OrderedModel.

Party identification, seven ordered classes, from six answers of 944 people. The loss is
`CumulativeLink`; the model is one layer, a linear score and six rising cutpoints, trained to the optimum.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from statsmodels.datasets import anes96
from statsmodels.miscmodels.ordinal_model import OrderedModel

import kerasloss

FEATURES = ["logpopul", "selfLR", "age", "educ", "income"]


def fit(link, x, y):
    keras.utils.set_random_seed(0)
    last = kerasloss.layers.OrdinalThresholds(num_classes=7, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((x.shape[1],)), last])
    rate = keras.optimizers.schedules.CosineDecay(0.05, 600)
    model.compile(keras.optimizers.Adam(rate), kerasloss.CumulativeLink(link))
    model.fit(x, y, batch_size=len(x), epochs=600, verbose=0)
    value = model.evaluate(x, y, batch_size=len(x), verbose=0)
    coefficients = ops.convert_to_numpy(last.kernel)[:, 0]
    return np.concatenate([coefficients, ops.convert_to_numpy(last.cutpoints)]), value


def draw(path, score, y, cutpoints):
    """The probability of each class over the score; dots are observed, in ten groups of equal size."""
    import matplotlib.pyplot as plt

    grid = np.linspace(-4, 4, 81)
    edges = 1 / (1 + np.exp(grid - cutpoints[:, None]))  # P(class <= k), of the link "logit"
    figure, ax = plt.subplots(layout="constrained")
    colors = plt.get_cmap("RdBu_r")(np.linspace(0.1, 0.9, 7))
    ax.stackplot(grid, np.diff(edges, axis=0, prepend=0, append=1), colors=colors, labels=range(7))
    for group in np.array_split(np.argsort(score), 10):
        below = np.mean(y[group, None] <= np.arange(6), axis=0)
        ax.plot(np.full(6, score[group].mean()), below, "ko", markersize=3)
    ax.set(xlabel="score", ylabel="probability, from class 0 up", xlim=(-4, 4), ylim=(0, 1))
    figure.legend(title="class", loc="outside right center", reverse=True)
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    data = anes96.load_pandas().data
    y = data["PID"].to_numpy("int32")
    x = data[FEATURES].to_numpy("float64")
    x = ((x - x.mean(0)) / x.std(0)).astype("float32")
    names = [*FEATURES, *(f"cut {k}" for k in range(6))]
    for link, distribution in (("logit", "logit"), ("probit", "probit")):
        ours, value = fit(link, x, y)
        result = OrderedModel(y, x, distr=distribution).fit(method="bfgs", maxiter=200, disp=0)
        coefficients, cuts = result.params[:5], result.model.transform_threshold_params(result.params[5:])
        theirs = np.concatenate([coefficients, cuts[1:-1]])
        print(f"{link:10}{'kerasloss':>12}{'statsmodels':>13}")
        for name, a, b in zip(names, ours, theirs, strict=True):
            print(f"{name:10}{a:12.4f}{b:13.4f}")
        print(f"{'mean -log P':10}{value:11.5f}{-result.llf / len(y):13.5f}\n")
        assert np.max(np.abs(ours - theirs)) < 5e-3 and abs(value + result.llf / len(y)) < 1e-4
        if figure and link == "logit":
            draw(figure, x @ ours[:5], y, ours[5:])


if __name__ == "__main__":
    main()
