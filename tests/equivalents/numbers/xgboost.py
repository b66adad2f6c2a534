import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(34)
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [3.0, 0], [0.8, 1]])
MARGINS = normal(6, 1, scale=0.6)


def metric(name, **parameters):
    """Of a model without trees, whose margins are given."""

    def theirs(y_true, y_pred):
        import xgboost

        time, event = np.asarray(y_true, "float32").T
        data = xgboost.DMatrix(np.zeros((len(time), 1)), base_margin=np.asarray(y_pred)[:, 0])
        if name == "cox-nloglik":
            data.set_label(np.where(event, time, -time))
        else:
            data.set_float_info("label_lower_bound", time)
            data.set_float_info("label_upper_bound", np.where(event, time, np.inf))
        model = xgboost.Booster({**parameters, "eval_metric": name}, [data])
        return float(model.eval(data).rpartition(":")[2])

    return theirs


def aft(distribution):
    """With the scale that it has, and with another one."""

    def theirs(scale):
        form = {"aft_loss_distribution": distribution, "aft_loss_distribution_scale": scale}
        return metric("aft-nloglik", objective="survival:aft", **form)

    return [
        Number(theirs(1.0), TIMES, MARGINS),
        Number(theirs(0.7), TIMES, MARGINS, {"scale": 0.7}),
    ]


NUMBERS = {
    'XGBRegressor(objective="survival:aft")': aft("normal"),
    'XGBRegressor(objective="survival:aft", aft_loss_distribution="logistic")': aft("logistic"),
    'XGBRegressor(objective="survival:aft", aft_loss_distribution="extreme")': aft("extreme"),
    'XGBRegressor(objective="survival:cox")': [
        Number(metric("cox-nloglik", objective="survival:cox"), TIMES, MARGINS)
    ],
}
