"""Count regression on the RAND health insurance experiment, beside statsmodels' Poisson and NegativeBinomial.

Visits to a doctor in a year, 20,190 person-years, by the plan and health of a person. The same linear model
of the logarithm of the mean is trained with `Poisson(link="log", full=True)` and with
`NegativeBinomialNLL`, whose second parameter, the dispersion, is one number for all.
"""

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


def main():
    data = randhie.load_pandas()
    names = ["intercept", *data.exog.columns]
    x = data.exog.to_numpy("float64")
    x = (x - x.mean(0)) / x.std(0)
    y = data.endog.to_numpy("float64")
    design = np.column_stack([np.ones(len(x)), x])
    inputs, counts = x.astype("float32"), y.astype("float32")

    ours, value = fit(kerasloss.Poisson(link="log", full=True), inputs, counts)
    result = Poisson(y, design).fit(disp=0)
    table("Poisson", names, ours, result.params, value, -result.llf / len(y))

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


if __name__ == "__main__":
    main()
