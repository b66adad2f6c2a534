import numpy as np

from tests.equivalents.number import BINARY, BINARY_LOGITS, Number, P, Y, sigmoid

MASK = np.round(sigmoid(BINARY_LOGITS), 4)


def tversky(**arguments):
    def theirs(y_true, y_pred):
        import keras

        return keras.losses.Tversky(**arguments)(y_true.astype("float32"), y_pred.astype("float32"))

    return theirs


def rmse(y_true, y_pred):
    import keras

    metric = keras.metrics.RootMeanSquaredError()
    metric.update_state(y_true, y_pred)
    return metric.result()


def correlation(name, **arguments):
    """1 minus the metric, whose mean is that of all series."""

    def theirs(y_true, y_pred):
        import keras

        metric = getattr(keras.metrics, name)(**arguments)
        metric.update_state(y_true.astype("float32"), y_pred.astype("float32"))
        return 1 - metric.result()

    return theirs


def correlations(name):
    return [
        Number(correlation(name), Y, P),
        Number(correlation(name, axis=0), Y, P, {"axis": 0}),
    ]


NUMBERS = {
    "Tversky": [
        Number(tversky(), BINARY, MASK),
        Number(tversky(alpha=0.3, beta=0.8), BINARY, MASK, {"alpha": 0.8, "beta": 0.3}),
    ],
    "metrics.RootMeanSquaredError": [Number(rmse, Y, P)],
    "metrics.PearsonCorrelation": correlations("PearsonCorrelation"),
    "metrics.ConcordanceCorrelation": correlations("ConcordanceCorrelation"),
}
