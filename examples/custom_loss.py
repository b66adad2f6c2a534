"""Two losses of your own, on scikit-learn's diabetes data, and what `kerasloss.Loss` adds to them."""

import os
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from sklearn.datasets import load_diabetes

import kerasloss


@keras.saving.register_keras_serializable(package="examples")
class WeightedMSE(kerasloss.Loss):
    """mean(w * e^2): errors on targets above a threshold weigh more."""

    threshold: float = 0.5
    weight: float = 2.0

    def call(self, y_true, y_pred):
        w = ops.where(y_true > self.threshold, self.weight, 1.0)
        return ops.mean(w * (y_pred - y_true) ** 2, axis=-1)


@keras.saving.register_keras_serializable(package="examples")
class MixedError(kerasloss.Loss):
    """alpha * MSE + (1 - alpha) * MAE."""

    alpha: float = 0.7

    def call(self, y_true, y_pred):
        e = y_pred - y_true
        return ops.mean(self.alpha * e**2 + (1 - self.alpha) * ops.abs(e), axis=-1)


def load_data():
    """Targets of mean 0 and variance 1; a tenth of them is missing: NaN, with the sample weight 0."""
    x, y = load_diabetes(return_X_y=True)
    x, y = (x / x.std(axis=0)).astype("float32"), ((y - y.mean()) / y.std()).astype("float32")[:, None]
    y[::10] = np.nan
    return x, y, np.isfinite(y[:, 0]).astype("float32")


def train(loss, x, y, weight):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    model.fit(x, y, sample_weight=weight, epochs=20, verbose=0)
    return model


def main():
    x, y, weight = load_data()
    for loss in (
        WeightedMSE(threshold=1.0, weight=3.0, reduction="mean_with_sample_weight"),
        MixedError(alpha=0.6, reduction="mean_with_sample_weight"),
    ):
        # The missing targets reach neither the loss nor its gradient.
        model = train(loss, x, y, weight)
        value = model.evaluate(x, y, sample_weight=weight, batch_size=len(x), verbose=0)
        assert np.isfinite(value)

        # The arguments travel with the model, without a `get_config` in the class.
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "diabetes.keras")
            model.save(path)
            loaded = keras.saving.load_model(path)
        again = loaded.evaluate(x, y, sample_weight=weight, batch_size=len(x), verbose=0)
        assert again == value
        assert loaded.loss.get_config() == loss.get_config()
        print(f"{value:.6f}, loaded from a file {again:.6f}: {loaded.loss!r}")

    # The second one can also be had without a class, as a sum of losses.
    total = 0.6 * kerasloss.MeanSquaredError() + 0.4 * kerasloss.MeanAbsoluteError()
    present = weight > 0
    total_value = float(total(y[present], model.predict(x[present], verbose=0)))
    assert abs(total_value / value - 1) < 1e-6
    print(f"{total_value:.6f}, the same as a sum: {total!r}")


if __name__ == "__main__":
    main()
