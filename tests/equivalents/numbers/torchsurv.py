import numpy as np

from tests.equivalents.number import Number, draws

normal = draws(32)
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [2.0, 1], [0.8, 1]])
HAZARDS, OUTPUTS = normal(6, 1), normal(6, 2, scale=0.4)


def tensors(y_true):
    import torch

    time, event = torch.tensor(np.asarray(y_true, "float32").T)
    return event.bool(), time


def cox(ties="efron"):
    """The mean over the events; its own is over their distinct times."""

    def theirs(y_true, y_pred):
        import torch
        from torchsurv.loss.cox import neg_partial_log_likelihood

        h, (event, time) = torch.tensor(np.asarray(y_pred, "float32")), tensors(y_true)
        total = neg_partial_log_likelihood(h, event, time, ties_method=ties, reduction="sum")
        return total / event.sum()

    return theirs


def weibull(y_true, y_pred):
    import torch
    from torchsurv.loss.weibull import neg_log_likelihood_weibull

    parameters = np.asarray(y_pred, "float32") * [1, -1]
    return neg_log_likelihood_weibull(torch.tensor(parameters, dtype=torch.float32), *tensors(y_true))


NUMBERS = {
    "neg_partial_log_likelihood": [
        Number(cox(), TIMES, HAZARDS),
        Number(cox("breslow"), TIMES, HAZARDS, {"ties": "breslow"}),
    ],
    "neg_log_likelihood_weibull": [Number(weibull, TIMES, OUTPUTS)],
}
