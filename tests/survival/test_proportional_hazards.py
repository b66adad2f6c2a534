"""CoxPH: who is at risk, wrong rows, large batches, coefficients of other libraries, and survival curves."""

import numpy as np
import pytest

import kerasloss as K
from tests import precise
from tests.backend import BACKEND, array, assert_close, masked, tensor, value_and_gradient
from tests.cases.survival.proportional_hazards import EACH, EFRON, H, Y, cox, draw_times

BOTH = pytest.mark.parametrize("ties", ["breslow", "efron"])

# Every ninth of the 432 prisoners of Rossi, Berk & Lenihan, 1980, Money, Work, and Crime: the week of the
# arrest, or 52 without one; financial aid; age; earlier convictions.
PRISONERS = """20 1 0 27 3, 52 0 0 20 0, 52 0 0 25 12, 52 0 0 19 2, 52 0 0 22 5, 52 0 1 22 2, 52 0 0 28 1,
52 0 0 36 11, 52 0 1 26 2, 52 0 0 30 3, 52 0 0 39 4, 52 0 1 24 1, 52 0 0 20 1, 52 0 1 18 4, 52 0 1 29 1,
52 0 1 21 3, 52 0 1 24 1, 44 1 0 20 1, 52 0 1 36 8, 52 0 1 22 11, 16 1 0 38 3, 52 0 0 31 3, 52 0 0 19 1,
52 0 1 19 1, 52 0 1 23 2, 7 1 1 20 2, 52 0 1 23 1, 52 0 0 20 1, 52 0 1 22 4, 52 0 0 22 1, 24 1 0 40 2,
52 0 1 20 4, 52 0 1 31 2, 52 0 1 20 2, 52 0 0 25 5, 24 1 0 23 1, 36 1 1 17 3, 52 0 1 20 4, 34 1 1 19 3,
39 1 1 26 5, 48 1 1 24 4, 52 0 0 17 7, 52 0 0 24 2, 26 1 0 22 2, 49 1 1 18 0, 35 1 0 20 4, 52 1 0 21 0,
52 0 0 18 3"""
# The likelihoods and coefficients of statsmodels 0.15 PHReg; lifelines 0.30 has those of Efron.
FITS = {
    "breslow": (-51.18361245534477, [-0.2610554278339127, 0.02564485278054301, -0.14643633391720004]),
    "efron": (-51.14622645393974, [-0.2646034711388786, 0.0265041282372169, -0.14754416282719388]),
}


def prisoners():
    rows = np.array([row.split() for row in PRISONERS.split(",")], "float32")
    return rows[:, :2], rows[:, 2:]


@BOTH
def test_full_batches_have_the_coefficients_of_other_libraries(ties):
    y_true, x = prisoners()
    loss = K.CoxPH(ties=ties, reduction="sum")
    likelihood, theirs = FITS[ties]

    def gradient(coefficients):
        # All but their product with the covariates is the library's; in float64 the product is exact enough.
        h = (x.astype("float64") @ coefficients).astype("float32")
        value, slope = value_and_gradient(lambda p: loss(y_true, p), h)
        return float(value), x.T.astype("float64") @ slope

    value, slope = gradient(np.array(theirs))
    assert_close(value / likelihood, -1.0)
    step = 0.02
    curvature = [
        (gradient(theirs + step * e)[1] - gradient(theirs - step * e)[1]) / 2 / step for e in np.eye(3)
    ]
    assert np.max(np.abs(np.linalg.solve(curvature, slope))) < 1e-5  # the step of Newton's method


@BOTH
def test_masked_subjects_are_not_at_risk_and_those_of_weight_0_are(ties, rng):
    y_true, y_pred = draw_times(rng, 8)
    y_true[:, 0] -= 5  # before 0, which the time of a masked subject becomes
    loss, there = K.CoxPH(ties=ties, **EACH), np.arange(8) % 3 > 0
    expected = np.zeros(8)
    expected[there] = precise.floats(cox(*map(precise.exact, (y_true[there], y_pred[there])), ties=ties))
    hidden = np.where(there[:, None], y_pred, np.float32(np.nan))
    assert_close(array(loss(y_true, masked(hidden, there))), expected)
    everyone = precise.floats(cox(*map(precise.exact, (y_true, y_pred)), ties=ties))
    assert_close(array(loss(y_true, y_pred, sample_weight=there)), np.where(there, everyone, 0))


@BOTH
@pytest.mark.parametrize("wrong", [[np.nan, 1], [np.nan, 0], [2, 2], [2, -1], [2, 0.5], [2, np.nan]])
def test_wrong_rows_are_nan_and_at_no_risk(ties, wrong):
    loss = K.CoxPH(ties=ties, **EACH)
    y_true = np.concatenate([Y, [wrong]])
    expected = [*array(loss(Y, H)), np.nan]
    value, gradient = value_and_gradient(lambda p: loss(y_true, p)[0], np.append(H, 7).astype("float32"))
    assert_close(array(loss(y_true, np.append(H, 7))), expected)
    assert_close(value, expected[0])
    assert np.all(np.isfinite(gradient)) and gradient[4] == 0
    assert np.isnan(array(K.CoxPH(ties=ties)(y_true, np.append(H, 7))))


def test_times_may_be_negative_or_infinite():
    y_true = np.array([[-3.0, 1], [-1, 1], [np.inf, 1]])
    assert_close(array(K.CoxPH(**EACH)(y_true, np.zeros(3))), [np.log(3), np.log(2), 0])


def test_integer_times_keep_their_digits():
    times = 2**24 + np.array([0, 1, 2])  # float32 has no 2**24 + 1
    expected = [np.log(3), np.log(2), 0]
    for dtype in ("int32", "int64", "uint32", "float64"):
        if BACKEND == "jax" and dtype in ("float64", "uint32"):
            continue  # the types that hold them, float64 and int64, it lacks
        y_true = np.stack([times, np.ones(3)], -1).astype(dtype)
        assert_close(array(K.CoxPH(**EACH)(y_true, np.zeros(3))), expected, message=dtype)


def test_half_types_of_times_are_read_as_they_are():
    y_true = tensor(Y, "bfloat16")
    assert_close(array(K.CoxPH(**EACH)(y_true, H)), array(K.CoxPH(**EACH)(Y, H)))


@BOTH
@pytest.mark.parametrize("number", [1e4, -1e4, 0.5])
def test_a_number_added_to_all_changes_nothing(ties, number, rng):
    y_true, y_pred = draw_times(rng, 10)
    y_pred = np.round(4 * y_pred) / 4  # so that the sum is exact
    loss = K.CoxPH(ties=ties)
    assert_close(array(loss(y_true, y_pred + number)), array(loss(y_true, y_pred)))


@BOTH
def test_large_batches(ties):
    """Two passes over 20,000 subjects in float64, against the loss."""
    rng = np.random.default_rng(1)
    count = 20_000
    time, event = rng.integers(0, 4000, count), rng.integers(0, 2, count)
    h = rng.normal(size=count).astype("float32")
    order = np.argsort(-time, kind="stable")
    power = np.exp(h[order].astype("float64"))
    upto = np.cumsum(power)
    total = 0.0
    for group in np.split(np.arange(count), np.nonzero(np.diff(time[order]))[0] + 1):
        tied = group[event[order][group] == 1]
        for k in range(len(tied)):
            left = k / len(tied) * power[tied].sum() if ties == "efron" else 0.0
            total += np.log(upto[group[-1]] - left)
        total -= np.sum(np.log(power[tied]))
    y_true = np.stack([time, event], -1)
    loss = K.CoxPH(ties=ties)
    assert_close(array(loss(y_true, h)), total / event.sum())


def test_widths():
    for y_true in (np.zeros((3, 1)), np.zeros((3, 3)), np.zeros(3), np.zeros((2, 2))):
        with pytest.raises(ValueError, match=r"CoxPH: `y_true` must have shape \(N, 2\).*\[time, event\]"):
            K.CoxPH()(y_true, np.zeros((3, 1)))
    for y_pred in (np.zeros((3, 2)), np.zeros((3, 1, 1))):
        with pytest.raises(ValueError, match=r"CoxPH: `y_pred` must have shape \(N,\) or \(N, 1\)"):
            K.CoxPH()(np.zeros((3, 2)), y_pred)


def test_survival_curves():
    """Breslow's estimate, event by event: at each a hazard of 1 / (the sum over those at risk)."""
    y_true, _ = prisoners()
    h = np.linspace(-1, 1, len(y_true)).astype("float32")
    times = np.array([0.0, 6.9, 7, 24, 40, 52, 60], "float32")
    power, hazard = np.exp(h.astype("float64")), np.zeros(len(times))
    for week, arrest in y_true:
        if arrest:
            hazard += (times >= week) / power[y_true[:, 0] >= week].sum()
    expected = np.exp(-np.exp([[0.5], [-2.0]]) * hazard)
    for ties in ("breslow", "efron"):
        curves = K.CoxPH(ties=ties).survival_function(np.array([0.5, -2]), times, y_true, h)
        assert_close(array(curves), expected)
    assert_close(expected[:, :2], np.ones((2, 2)))
    far = K.CoxPH().survival_function(np.array([1e4, -1e4]), times, y_true, h + 1e4)
    assert np.all(np.isfinite(array(far))) and np.all(array(far)[1] == 1)
    with pytest.raises(ValueError, match=r"CoxPH: `times` must have shape \(T,\)"):
        K.CoxPH().survival_function(h, times[None], y_true, h)
    with pytest.raises(ValueError, match=r"CoxPH: `y_true` must have shape"):
        K.CoxPH().survival_function(h, times, y_true[:3], h)


def test_efron_is_less_than_breslow_where_events_are_tied():
    breslow, efron = (array(K.CoxPH(**EACH, **x)(Y, H)) for x in ({}, EFRON))
    assert np.all(efron[[0, 2]] < breslow[[0, 2]])


@pytest.mark.parametrize("dtypes", ["float32 float64", "float64 float32", "int32 float32", "float32 int64"])
def test_an_event_at_the_time_asked_for_counts_whatever_the_types(dtypes):
    """One event among two equal subjects: Breslow's baseline steps to 1/2, so that exp(-1/2) survive."""
    of_fit, asked = dtypes.split()
    for time in (0.1, 0.7) if "int" not in dtypes else (2,):
        y_true = np.array([[time, 1], [time + 1, 0]], of_fit)
        times = np.array([time - 1, time, time + 1], asked)
        curve = array(K.CoxPH().survival_function(np.zeros(1), times, y_true, np.zeros(2)))
        assert_close(curve, [[1, np.exp(-0.5), np.exp(-0.5)]], message=f"{time}")
