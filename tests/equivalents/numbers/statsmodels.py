import numpy as np

from tests.equivalents.number import Number, P, Y, draws

normal = draws(33)
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [2.0, 1], [0.8, 1]])
HAZARDS = normal(6, 1)


def cox(ties):
    """With the output as the covariate, at the coefficient 1."""

    def theirs(y_true, y_pred):
        from statsmodels.duration.hazard_regression import PHReg

        time, event = np.asarray(y_true, "float64").T
        return -PHReg(time, np.asarray(y_pred, "float64"), event, ties=ties).loglike(np.ones(1))

    return theirs


def rho(name, *given):
    """The mean of a norm; given are its arguments, of which the last may be the name and those of another."""

    def theirs(y_true, y_pred):
        from statsmodels.robust import norms

        inner = [getattr(norms, x[0])(*x[1:]) if isinstance(x, tuple) else x for x in given]
        residuals = np.asarray(y_true - y_pred, "float64").ravel()
        return getattr(norms, name)(*inner).rho(residuals).mean()

    return theirs


def expectile(q):
    return lambda y, p: 2 * rho("MQuantileNorm", q, ("LeastSquares",))(y, p)


def quantile(q, *t):
    return lambda y, p: rho("MQuantileNorm", q, ("HuberT", *t))(y, p) / (t or [1.345])[0]


NUMBERS = {
    "robust.norms.HuberT": [
        Number(rho("HuberT"), Y, P),
        Number(rho("HuberT", 0.7), Y, P, {"delta": 0.7}),
    ],
    "robust.norms.TukeyBiweight": [
        Number(rho("TukeyBiweight"), Y, P),
        Number(rho("TukeyBiweight", 2.0), Y, P, {"scale": 2.0}),
    ],
    "robust.norms.MQuantileNorm(base_norm=LeastSquares())": [
        Number(expectile(0.5), Y, P),
        Number(expectile(0.9), Y, P, {"expectile": 0.9}),
    ],
    "robust.norms.MQuantileNorm(base_norm=HuberT())": [
        Number(quantile(0.5), Y, P),
        Number(quantile(0.1, 0.7), Y, P, {"quantile": 0.1, "delta": 0.7}),
    ],
    "PHReg": [Number(cox("breslow"), TIMES, HAZARDS)],
    'PHReg(ties="efron")': [Number(cox("efron"), TIMES, HAZARDS)],
}
