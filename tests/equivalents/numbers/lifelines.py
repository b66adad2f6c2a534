import numpy as np

from tests.equivalents.number import Number

TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [3.0, 0], [2.0, 1], [0.8, 1], [2.5, 1], [4.5, 0]])


def minus_likelihood(name):
    """Of its fit: to the times alone, or with the first output as the covariate."""

    def theirs(y_true, y_pred):
        import lifelines
        import pandas

        time, event = np.asarray(y_true).T
        if name.endswith(("AFTFitter", "CoxPHFitter")):
            table = pandas.DataFrame({"x": np.asarray(y_pred)[:, 0], "time": time, "event": event})
            fit = getattr(lifelines, name)().fit(table, "time", "event")
        else:
            fit = getattr(lifelines, name)().fit(time, event)
        return -fit.log_likelihood_

    return theirs


# Outputs at which the likelihood is largest, so that their fit has them: to the times alone, or with a
# covariate, whose coefficient is then 1 and the intercept 0.
def alone(*outputs):
    return np.tile(outputs, (len(TIMES), 1))


def by_covariate(locations, *scale):
    return np.column_stack([locations, *(np.full(len(TIMES), x) for x in scale)])


def number(name, y_pred):
    return [Number(minus_likelihood(name), TIMES, y_pred)]


X = np.array([0.3, -0.5, 1.2, -1.0, 0.4, 0.1, 0.2, 0.6, -0.9])

NUMBERS = {
    "CoxPHFitter": number("CoxPHFitter", by_covariate(2.091112 * X)),
    "WeibullFitter": number("WeibullFitter", alone(np.log(3.251246), -np.log(1.534788))),
    "LogNormalFitter": number("LogNormalFitter", alone(0.870211, np.log(0.884399))),
    "LogLogisticFitter": number("LogLogisticFitter", alone(np.log(2.452495), -np.log(1.942902))),
    "ExponentialFitter": number("ExponentialFitter", alone(np.log(3.466667))),
    "WeibullAFTFitter": number("WeibullAFTFitter", by_covariate(1.113846 - 0.780091 * X, -0.738915)),
    "LogNormalAFTFitter": number("LogNormalAFTFitter", by_covariate(0.887464 - 0.906925 * X, -0.551308)),
    "LogLogisticAFTFitter": number("LogLogisticAFTFitter", by_covariate(0.871365 - 0.895762 * X, -1.06201)),
}
