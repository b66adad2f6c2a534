"""Survival after a heart transplant, 69 patients of Stanford, 24 of whom were alive when the study ended.

`CoxPH` with one weight for the age gives the coefficient of statsmodels' PHReg. `LogisticHazard` in twelve
intervals and `ParametricAFT` predict whole curves; so does `CoxPH` by its baseline. Beside their means stand
the Kaplan-Meier curves of the same patients, of the younger and the older half.
The data comes with statsmodels.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from statsmodels.datasets import heart
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

import kerasloss

INTERVALS = 12


def fit(loss, outputs, x, y_true):
    """A linear model, trained on all patients at once, and its outputs."""
    keras.utils.set_random_seed(0)
    last = keras.layers.Dense(outputs, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), last])
    rate = keras.optimizers.schedules.CosineDecay(0.05, 1500)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(x, y_true, batch_size=len(x), epochs=1500, verbose=0)
    return last.get_weights()[0][0], model.predict(x, batch_size=len(x), verbose=0)


def concordance(time, event, risk):
    """The share of pairs, of which one is known to die first, where that one has the higher risk."""
    first = (event == 1)[:, None] & (time[:, None] < time)
    difference = risk[:, None] - risk
    return np.mean((difference > 0)[first] + 0.5 * (difference == 0)[first])


def draw(path, time, event, old, curves):
    """The mean curve of each half by each model, over the steps of Kaplan and Meier."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, layout="constrained", sharey=True)
    for ax, half, title in zip(axes, (~old, old), ("younger half", "older half"), strict=True):
        observed = SurvfuncRight(time[half], event[half])
        steps = np.concatenate([[0], observed.surv_times]), np.concatenate([[1], observed.surv_prob])
        ax.step(*steps, "k", where="post", label="Kaplan-Meier")
        for name, (times, curve) in curves.items():
            ax.plot(times, curve[half].mean(0), label=name)
        ax.set(title=title, xlabel="days", xlim=(0, 1400), ylim=(0, 1))
    axes[0].set_ylabel("share that is alive")
    axes[1].legend()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    data = heart.load_pandas().data
    time, event = data["survival"].to_numpy("float32"), data["censors"].to_numpy("float32")
    age = data["age"].to_numpy("float64")
    x = ((age - age.mean()) / age.std())[:, None].astype("float32")
    y_true = np.stack([time, event], axis=-1)
    days = np.linspace(0, 1400, 141, dtype="float32")

    cox = kerasloss.CoxPH(ties="efron")
    weight, log_hazard = fit(cox, 1, x, y_true)
    theirs = PHReg(time, x, status=event, ties="efron").fit(disp=0)
    print(f"CoxPH: coefficient of the age {weight[0]:.4f}, statsmodels {theirs.params[0]:.4f}")
    value = float(kerasloss.CoxPH(ties="efron", reduction="sum")(y_true, log_hazard))
    print(f"CoxPH: -log PL {value:.4f}, statsmodels {-theirs.llf:.4f}")
    assert abs(weight[0] - theirs.params[0]) < 1e-3 and abs(value + theirs.llf) < 1e-3

    cuts = np.quantile(time[event == 1], np.arange(1, INTERVALS) / INTERVALS)
    interval = np.stack([np.searchsorted(cuts, time), event], axis=-1)
    hazard = kerasloss.LogisticHazard()
    _, logits = fit(hazard, INTERVALS, x, interval)
    aft = kerasloss.ParametricAFT("lognormal")
    scale = np.array([100.0, 1.0], "float32")  # times of the order of 1 train best
    _, parameters = fit(aft, 2, x, y_true / scale)

    ends = np.concatenate([[0], cuts])
    by_interval = keras.ops.convert_to_numpy(hazard.survival_function(logits))
    curves = {
        "CoxPH": (days, cox.survival_function(log_hazard, days, y_true, log_hazard)),
        "LogisticHazard": (ends, np.concatenate([np.ones((len(x), 1)), by_interval[:, :-1]], axis=1)),
        "ParametricAFT": (days, aft.survival_function(parameters, days / scale[0])),
    }
    curves = {name: (times, keras.ops.convert_to_numpy(curve)) for name, (times, curve) in curves.items()}
    old = age > np.median(age)
    print(f"{'':16}{'concordance':>12}{'alive after a year: younger':>29}{'older':>8}")
    for name, (times, curve) in curves.items():
        year = np.array([np.interp(365, times, one) for one in curve])
        agreement = concordance(time, event, -year)
        print(f"{name:16}{agreement:12.3f}{year[~old].mean():29.3f}{year[old].mean():8.3f}")
        assert agreement > 0.58
    observed = [
        survival.surv_prob[survival.surv_times <= 365][-1]
        for survival in (SurvfuncRight(time[half], event[half]) for half in (~old, old))
    ]
    print(f"{'Kaplan-Meier':16}{'':12}{observed[0]:29.3f}{observed[1]:8.3f}")
    if figure:
        draw(figure, time, event, old, curves)


if __name__ == "__main__":
    main()
