"""Count regression on the RAND health insurance experiment, beside statsmodels' Poisson and NegativeBinomial.

Visits to a doctor in a year, 20,190 person-years, by the plan and health of a person. The same linear model
of the logarithm of the mean is trained with `Poisson(link="log", full=True)` and with
`NegativeBinomialNLL`, whose second parameter, the dispersion, is one number for all.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from statsmodels.datasets import randhie
from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson

import kerasloss


class WithDispersion(keras.layers.Layer):
    """Puts one trainable number beside every predicted mean: `(batch, 1)` to `(batch, 2)`."""

    def build(self, input_shape):
        self.log_theta = self.add_weight(shape=(1, 1), initializer="zeros")

    def call(self, log_mean):
        return ops.concatenate([log_mean, ops.zeros_like(log_mean) + self.log_theta], axis=-1)


def fit(loss, x, y, *layers):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(1, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((x.shape[1],)), dense, *layers])
    rate = keras.optimizers.schedules.CosineDecay(0.05, 500)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(x, y, batch_size=len(x), epochs=500, verbose=0)
    value = model.evaluate(x, y, batch_size=len(x), verbose=0)
    parameters = np.concatenate([ops.convert_to_numpy(dense.bias), ops.convert_to_numpy(dense.kernel)[:, 0]])
    return parameters, value


def table(title, names, ours, theirs, value, their_value):
    print(f"{title:20}{'kerasloss':>12}{'statsmodels':>13}")
    for name, a, b in zip(names, ours, theirs, strict=True):
        print(f"{name:20}{a:12.4f}{b:13.4f}")
    print(f"{'mean -log P':20}{value:12.4f}{their_value:13.4f}\n")
    assert np.max(np.abs(ours - theirs)) < 2e-3 and abs(value - their_value) < 1e-4


def draw(path, counts, mean, mean_negative_binomial, theta):
    """The share of each count, and what the models expect of it over all people."""
    import matplotlib.pyplot as plt
    from scipy import stats

    k = np.arange(16)
    p = theta / (theta + mean_negative_binomial)
    figure, ax = plt.subplots(layout="constrained")
    ax.bar(k, [np.mean(counts == i) for i in k], color="0.8", label="observed")
    ax.plot(k, stats.poisson.pmf(k, mean[:, None]).mean(0), "C3o-", label="Poisson")
    ax.plot(k, stats.nbinom.pmf(k, theta, p[:, None]).mean(0), "C0s-", label="NegativeBinomialNLL")
    ax.set(xlabel="visits to a doctor in a year", ylabel="share of the person-years")
    ax.legend()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    data = randhie.load_pandas()
    names = ["intercept", *data.exog.columns]
    x = data.exog.to_numpy("float64")
    x = (x - x.mean(0)) / x.std(0)
    y = data.endog.to_numpy("float64")
    design = np.column_stack([np.ones(len(x)), x])
    inputs, counts = x.astype("float32"), y.astype("float32")

    poisson, value = fit(kerasloss.Poisson(link="log", full=True), inputs, counts)
    result = Poisson(y, design).fit(disp=0)
    table("Poisson", names, poisson, result.params, value, -result.llf / len(y))

    dispersion = WithDispersion()
    ours, value = fit(kerasloss.NegativeBinomialNLL(), inputs, counts, dispersion)
    result = NegativeBinomial(y, design).fit(disp=0, maxiter=200)
    alpha = np.exp(-ops.convert_to_numpy(dispersion.log_theta)[0])
    table(
        "NegativeBinomial",
        [*names, "alpha = 1 / theta"],
        np.concatenate([ours, alpha]),
        result.params,
        value,
        -result.llf / len(y),
    )
    if figure:
        draw(figure, counts, np.exp(design @ poisson), np.exp(design @ ours), 1 / alpha)


if __name__ == "__main__":
    main()
