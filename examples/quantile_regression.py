"""Quantile regression on Engel's food data of 1857, beside statsmodels' QuantReg.

What 235 Belgian households spend on food, by their income: the lines that 10, 50 and 90 % of them stay
below. One linear model with three outputs is trained with one loss, `Quantile([0.1, 0.5, 0.9])`.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from statsmodels.datasets import engel
from statsmodels.regression.quantile_regression import QuantReg

import kerasloss

QUANTILES = [0.1, 0.5, 0.9]


def draw(path, x, y, intercepts, slopes):
    """The households, and the three lines."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(layout="constrained")
    ends = np.array([0.0, x.max()])
    lines = intercepts + slopes * ends[:, None]
    ax.fill_between(ends, lines[:, 0], lines[:, 2], color="C0", alpha=0.15, linewidth=0)
    ax.scatter(x, y, s=6, color="0.4")
    for i, color in enumerate(("C0", "C3", "C2")):
        ax.plot(ends, lines[:, i], color, label=f"{QUANTILES[i]:.0%} are below")
    ax.set(xlabel="income, 1,000 francs", ylabel="spent on food, 1,000 francs", xlim=(0, 3), ylim=(0, 2.2))
    ax.legend(loc="upper left")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    keras.utils.set_random_seed(0)
    data = engel.load_pandas().data / 1000
    x, y = data["income"].to_numpy("float32"), data["foodexp"].to_numpy("float32")
    center, scale = x.mean(), x.std()
    inputs = ((x - center) / scale)[:, None]

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(3, bias_initializer="ones")])
    rate = keras.optimizers.schedules.CosineDecay(0.02, 4000)
    model.compile(keras.optimizers.Adam(rate), kerasloss.Quantile(QUANTILES))
    model.fit(inputs, y, batch_size=len(x), epochs=4000, verbose=0)
    kernel, bias = (np.ravel(w) for w in model.get_weights())
    slopes = kernel / scale
    intercepts = bias - slopes * center

    print(f"{'quantile':10}{'':>11}{'kerasloss':>11}{'statsmodels':>13}{'below, ours':>13}")
    predictions = model.predict(inputs, verbose=0)
    for i, q in enumerate(QUANTILES):
        theirs = QuantReg(y.astype("float64"), np.stack([np.ones_like(x), x], axis=1)).fit(q=q).params
        below = np.mean(y <= predictions[:, i])
        print(f"{q:<10}{'intercept':>11}{intercepts[i]:11.4f}{theirs[0]:13.4f}{below:13.3f}")
        print(f"{'':10}{'slope':>11}{slopes[i]:11.4f}{theirs[1]:13.4f}")
        assert abs(slopes[i] - theirs[1]) < 5e-3 and abs(intercepts[i] - theirs[0]) < 5e-3
    if figure:
        draw(figure, x, y, intercepts, slopes)


if __name__ == "__main__":
    main()
