"""Ordinal regression on the American National Election Study of 1996, beside statsmodels' OrderedModel.

Party identification, seven ordered classes, from six answers of 944 people. The loss is
`CumulativeLink`; the model is one linear score and six rising cutpoints, trained to the optimum.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from statsmodels.datasets import anes96
from statsmodels.miscmodels.ordinal_model import OrderedModel

import kerasloss

FEATURES = ["logpopul", "selfLR", "age", "educ", "income"]


class Cutpoints(keras.layers.Layer):
    """Rising cutpoints minus a score: what `CumulativeLink` takes."""

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape):
        rising = keras.initializers.Constant(0.5)
        self.first = self.add_weight(shape=(1,), initializer=keras.initializers.Constant(-1.5))
        self.gaps = self.add_weight(shape=(self.classes - 2,), initializer=rising)

    def values(self):
        gaps = ops.softplus(ops.convert_to_tensor(self.gaps))
        return ops.concatenate([ops.convert_to_tensor(self.first), self.first + ops.cumsum(gaps)])

    def call(self, score):
        return self.values() - score


def fit(link, x, y):
    keras.utils.set_random_seed(0)
    score = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    cutpoints = Cutpoints(classes=7)
    model = keras.Sequential([keras.Input((x.shape[1],)), score, cutpoints])
    rate = keras.optimizers.schedules.CosineDecay(0.05, 600)
    model.compile(keras.optimizers.Adam(rate), kerasloss.CumulativeLink(link))
    model.fit(x, y, batch_size=len(x), epochs=600, verbose=0)
    value = model.evaluate(x, y, batch_size=len(x), verbose=0)
    coefficients = ops.convert_to_numpy(score.kernel)[:, 0]
    return np.concatenate([coefficients, ops.convert_to_numpy(cutpoints.values())]), value


def main():
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


if __name__ == "__main__":
    main()
