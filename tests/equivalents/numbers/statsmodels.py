import numpy as np

from tests.equivalents.number import Number, P, Y, draws

normal = draws(33)
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [2.0, 1], [0.8, 1]])
HAZARDS = normal(6, 1)
VISITS = np.array([0, 3, 1, 0, 6, 2])
MEANS, LOGITS, DISPERSION = normal(6), normal(6), np.full(6, -np.log(0.4))


def cox(ties):
    """With the output as the covariate, at the coefficient 1."""

    def theirs(y_true, y_pred):
        from statsmodels.duration.hazard_regression import PHReg

        time, event = np.asarray(y_true, "float64").T
        return -PHReg(time, np.asarray(y_pred, "float64"), event, ties=ties).loglike(np.ones(1))

    return theirs


def counts(name, *alpha):
    """A model of counts with its outputs as the covariates, at the coefficient 1."""

    def theirs(y_true, y_pred):
        import statsmodels.discrete.count_model
        import statsmodels.discrete.discrete_model

        log_mean, *_, logit = np.asarray(y_pred, "float64").T[..., None]
        of_counts = statsmodels.discrete.discrete_model
        if name == "NegativeBinomialP":
            model, coefficients = of_counts.NegativeBinomialP(y_true, log_mean), [1.0]
        else:
            zeros = statsmodels.discrete.count_model
            model, coefficients = getattr(zeros, name)(y_true, log_mean, exog_infl=logit), [1.0, 1.0]
        return -model.loglike(np.array([*coefficients, *alpha]))

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
    "NegativeBinomialP": [
        Number(counts("NegativeBinomialP", 0.4), VISITS, np.column_stack([MEANS, DISPERSION]))
    ],
    "ZeroInflatedPoisson": [Number(counts("ZeroInflatedPoisson"), VISITS, np.column_stack([MEANS, LOGITS]))],
    "ZeroInflatedNegativeBinomialP": [
        Number(
            counts("ZeroInflatedNegativeBinomialP", 0.4),
            VISITS,
            np.column_stack([MEANS, DISPERSION, LOGITS]),
        )
    ],
}
