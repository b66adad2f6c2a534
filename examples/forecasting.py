"""Forecasts of the temperature of the sea, twelve months ahead, beside exponential smoothing.

The surface of the Pacific off Peru, month by month since 1950 (the El Niño data of statsmodels). One layer
sees two years and says how the next one differs from the last. It is trained by the scaled absolute
error, by the shape (`SoftDTW`) and by shape and delay (`DILATE`); for the band that holds 80 % of the months
by `Quantile` and by `GaussianCRPS`. Beside it the last year again, and statsmodels' `ExponentialSmoothing`,
with bands from their errors in the 20 years before the test.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from statsmodels.datasets import elnino
from statsmodels.tsa.holtwinters import ExponentialSmoothing

import kerasloss

PAST, AHEAD, YEAR, TEST = 24, 12, 12, 240
"""Months that the network sees, and forecasts; of a year; of the test, the last 20 years."""
LEVELS = np.array([0.1, 0.5, 0.9])
WITHIN_80 = 1.2815515655446004
"""So many standard deviations to both sides hold 80 % of a normal distribution."""


def windows(series, starts):
    """The past `(N, PAST)` and the future `(N, AHEAD)` of months."""
    past = np.stack([series[start - PAST : start] for start in starts])
    return past, np.stack([series[start : start + AHEAD] for start in starts])


def network(is_temperature):
    """From `(batch, PAST)` to `(batch, AHEAD, outputs)`, of which the temperatures begin as the last year's.

    With one output it is `(batch, AHEAD)`.
    """
    inputs, outputs = keras.Input((PAST,)), len(is_temperature)
    dense = keras.layers.Dense(AHEAD * outputs, kernel_initializer="zeros")
    difference = keras.layers.Reshape((AHEAD, outputs))(dense(keras.layers.Dropout(0.1)(inputs)))
    forecast = inputs[:, -YEAR:, None] * np.array(is_temperature, "float32") + difference
    return keras.Model(inputs, keras.layers.Flatten()(forecast) if outputs == 1 else forecast)


def trained(loss, is_temperature, past, future):
    """The network; its dropout and epochs gave the least `Quantile` in the ten years before the test."""
    keras.utils.set_random_seed(0)
    model = network(is_temperature)
    model.compile(keras.optimizers.Adam(0.002), loss)
    model.fit(past, future, batch_size=32, epochs=80, verbose=0)
    return model


def smoothed(series, starts):
    """Forecasts by exponential smoothing with a season, whose parameters the years before the test give."""
    with np.errstate(all="ignore"):
        known = ExponentialSmoothing(series[:-TEST], seasonal="add", seasonal_periods=YEAR).fit().params
    settings = {f"smoothing_{name}": known[f"smoothing_{name}"] for name in ("level", "seasonal")}
    forecasts = []
    for start in starts:
        model = ExponentialSmoothing(series[:start], seasonal="add", seasonal_periods=YEAR)
        forecasts.append(model.fit(optimized=False, **settings).forecast(AHEAD))
    return np.stack(forecasts)


def with_band(forecasts, futures, test):
    """Forecasts `(N, AHEAD, 3)`, by the quantiles of the errors of those that are not in the test."""
    errors = (futures - forecasts)[~test]
    band = np.quantile(errors, LEVELS[[0, 2]], axis=0)
    return np.stack([forecasts + band[0], forecasts, forecasts + band[1]], axis=-1)


def report(forecasts, truth, history):
    """Prints the table; returns the scaled errors by name."""
    mase, dtw = kerasloss.MeanAbsoluteScaledError(YEAR), kerasloss.SoftDTW(gamma=1e-3)
    pinball, scaled = kerasloss.Quantile(LEVELS.tolist()), {}
    print(f"{'':24}{'MASE':>8}{'warped':>8}{'quantiles':>11}{'in the band':>13}{'width, °C':>11}")
    for name, y_pred in forecasts.items():
        point = y_pred[..., 1] if y_pred.ndim == 3 else y_pred
        scaled[name] = float(mase(np.concatenate([history, truth], axis=1), point))
        print(f"{name:24}{scaled[name]:8.3f}{float(dtw(truth, point)):8.2f}", end="")
        if y_pred.ndim == 3:
            low, _, high = np.moveaxis(y_pred, -1, 0)
            inside, width = np.mean((truth >= low) & (truth <= high)), np.mean(high - low)
            print(f"{float(pinball(truth[..., None], y_pred)):11.4f}{inside:13.3f}{width:11.2f}", end="")
        print()
    return scaled


def draw(path, months, series, starts, forecasts):
    """The test, forecast once a year."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(layout="constrained", figsize=(6.4, 3.2))
    ax.plot(months, series, "0.2", linewidth=1)
    for start, (low, median, high) in zip(starts, np.moveaxis(forecasts, -1, 1), strict=True):
        when = months[start : start + AHEAD]
        ax.fill_between(when, low, high, color="C0", alpha=0.3, linewidth=0)
        ax.plot(when, median, "C0", linewidth=1)
    ax.set(xlim=(months[starts[0]], months[-1]), xticks=range(1992, 2011, 3), ylabel="°C", ylim=(17.5, 30.5))
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    table = elnino.load_pandas().data
    series = table.drop(columns="YEAR").to_numpy("float64").ravel()
    months = table["YEAR"].iloc[0] + np.arange(len(series)) / YEAR
    begin = len(series) - TEST
    mean, deviation = series[:begin].mean(), series[:begin].std()

    train = np.arange(PAST, begin - AHEAD + 1)
    starts = np.arange(begin - TEST, len(series) - AHEAD + 1)
    starts = starts[(starts <= begin - AHEAD) | (starts >= begin)]  # none that is in both
    test = starts >= begin
    past, future = ((x - mean) / deviation for x in windows(series, train))
    seen, futures = windows(series, starts)
    given = (seen - mean) / deviation

    forecasts = {
        "last year again": with_band(seen[:, -YEAR:], futures, test)[test],
        "ExponentialSmoothing": with_band(smoothed(series, starts), futures, test)[test],
    }
    losses = {
        "MeanAbsoluteScaledError": (
            kerasloss.MeanAbsoluteScaledError(YEAR),
            [1],
            np.concatenate([past, future], axis=1),
        ),
        "SoftDTW": (kerasloss.SoftDTW(gamma=0.1), [1], future),
        "DILATE": (kerasloss.DILATE(alpha=0.8), [1], future),
        "Quantile": (kerasloss.Quantile(LEVELS.tolist()), [1, 1, 1], future[..., None]),
        "GaussianCRPS": (kerasloss.GaussianCRPS(), [1, 0], future),
    }
    for name, (loss, is_temperature, y) in losses.items():
        model = trained(loss, is_temperature, past, y)
        y_pred = model.predict(given[test], verbose=0).astype("float64")
        if name == "GaussianCRPS":
            spread = np.exp(y_pred[..., 1:])
            y_pred = y_pred[..., :1] + WITHIN_80 * spread * np.array([-1, 0, 1])
        forecasts[name] = y_pred * deviation + mean

    truth = futures[test]
    print(f"{len(truth)} forecasts of {AHEAD} months")
    scaled = report(forecasts, truth, np.broadcast_to(series[:begin], (len(truth), begin)))
    assert all(scaled[name] < scaled["ExponentialSmoothing"] for name in losses)
    if figure:
        yearly = np.arange(begin, len(series) - AHEAD + 1, YEAR)
        draw(figure, months, series, yearly, forecasts["Quantile"][::YEAR])


if __name__ == "__main__":
    main()
