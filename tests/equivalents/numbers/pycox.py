import numpy as np

from tests.equivalents.number import Number, draws, module_alone

normal = draws(31)
SEEN = np.array([[1, 1], [2, 0], [0, 1], [2, 1], [1, 0]])
FRACTIONS = np.column_stack([SEEN, [0.5, 0.25, 0.8, 0.1, 1.0]])
RISKS = np.array([[1, 2], [2, 0], [0, 1], [2, 1], [1, 0]])
TIMES = np.array([[2.0, 1], [1.5, 0], [0.5, 1], [4.0, 1], [3.0, 0]])
OUTPUTS, OF_RISKS, HAZARDS = normal(5, 3), normal(5, 2, 3), normal(5, 1)


def of(name, *arguments):
    """One of its losses, of the columns of `y_true`."""

    def theirs(y_true, y_pred):
        import torch

        losses = module_alone("pycox.models.loss")
        index, event, *more = (torch.tensor(column) for column in np.asarray(y_true, "float32").T)
        loss, x = getattr(losses, name)(*arguments), torch.tensor(np.asarray(y_pred, "float32"))
        if name == "CoxPHLoss":
            return loss(x, index, event)
        if name.startswith("DeepHit"):
            more = [torch.tensor(compared(y_true))]
            event = event if name == "DeepHitSingleLoss" else event.long()
        return loss(x, index.long(), event, *more)

    return theirs


def compared(y_true):
    """The matrix that its data loader makes: whose event comes before the end of whom."""
    end, event = np.asarray(y_true).T
    earlier = (end[:, None] < end) | ((end[:, None] == end) & (event == 0))
    return ((event[:, None] > 0) & earlier).astype("float32")


NUMBERS = {
    "NLLLogistiHazardLoss": [Number(of("NLLLogistiHazardLoss"), SEEN, OUTPUTS)],
    "NLLPMFLoss": [Number(of("NLLPMFLoss"), SEEN, OUTPUTS)],
    "NLLMTLRLoss": [Number(of("NLLMTLRLoss"), SEEN, OUTPUTS)],
    "NLLPCHazardLoss": [Number(of("NLLPCHazardLoss"), FRACTIONS, OUTPUTS)],
    "DeepHitSingleLoss": [
        Number(of("DeepHitSingleLoss", 0.2, 0.1), SEEN, OUTPUTS),
        Number(of("DeepHitSingleLoss", 0.5, 0.4), SEEN, OUTPUTS, {"alpha": 0.5, "sigma": 0.4}),
    ],
    "DeepHitLoss": [Number(of("DeepHitLoss", 0.2, 0.1), RISKS, OF_RISKS)],
    "CoxPHLoss": [Number(of("CoxPHLoss"), TIMES, HAZARDS)],
}
