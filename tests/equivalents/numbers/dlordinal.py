import numpy as np

from tests.equivalents.number import Number, draws, one_hot, softmax
from tests.equivalents.numbers.torch import tensor

normal = draws(45)
IDS, LOGITS = np.array([0, 4, 2, 3, 1, 4, 0, 2]), normal(8, 5, scale=2)
PROBABILITIES, LABELS = np.round(softmax(LOGITS), 4), one_hot(IDS, 5)
PROBABILITIES /= PROBABILITIES.sum(axis=-1, keepdims=True)
NEAR = 0.9999 * LABELS + 0.00002  # the sums that an epsilon shows beside
THRESHOLDS, SCORE = normal(8, 4, scale=2), normal(8, 1)
FIRST, LAST = np.zeros(8, int), np.full(8, 4)
TABLE = np.round(softmax(-np.abs(np.subtract.outer(np.arange(5), np.arange(5))) + normal(5, 5) / 4), 4)
LOGIT = {"from_logits": True}


def of(name, *arguments, hard=False, factor=1, **options):
    """A loss of dlordinal, of ids; `hard`: made of one-hot labels."""

    def theirs(y_true, y_pred):
        import dlordinal.losses

        y_true = np.argmax(y_true, axis=-1) if hard else y_true
        loss = getattr(dlordinal.losses, name)(*(given(x) for x in arguments), **options)
        return factor * loss(tensor(y_pred), tensor(y_true))

    return theirs


def given(x):
    """An argument as it is, but for `"crossentropy"`, which stands for the loss."""
    import torch

    return torch.nn.CrossEntropyLoss() if x == "crossentropy" else x


def sord(alpha, **options):
    def theirs(y_true, y_pred):
        from dlordinal.losses import SORDLoss

        y_true = tensor(y_true)
        return SORDLoss(alpha, 5, y_true, **options)(tensor(y_pred), y_true)

    return theirs


def custom(y_true, y_pred):
    import torch
    from dlordinal.losses import CustomTargetsLoss

    loss = CustomTargetsLoss(torch.nn.CrossEntropyLoss(), tensor(TABLE))
    (ids, rows) = np.nonzero(np.all(np.isclose(y_true[:, None], TABLE, atol=1e-6), axis=-1))
    assert np.array_equal(ids, np.arange(len(y_true)))
    return loss(tensor(y_pred), tensor(rows))


CLM_CUTPOINTS = [0.0, 1.0, 2.0, 3.0]


def clm(link):
    """Of a score, or of eta, the thresholds of the layer before it is trained minus it."""

    def theirs(y_true, y_pred):
        import torch
        from dlordinal.output_layers import CLM

        score = y_pred if y_pred.shape[-1] == 1 else -y_pred[:, :1]
        layer = CLM(5, link).double()
        probabilities = layer(torch.tensor(np.asarray(score, "float64")))
        return -torch.log(probabilities.gather(1, tensor(y_true)[:, None])).mean()

    return theirs


def exponential(name, *base):
    return [
        Number(of(name, *base, 5), IDS, LOGITS),
        Number(of(name, *base, 5, p=2.0), IDS, LOGITS, {"distance": "squared"}),
        Number(of(name, *base, 5), LAST, 20 * LOGITS),
    ]


NUMBERS = {
    "CORNLoss": [
        Number(of("CORNLoss", 5), IDS, THRESHOLDS),
        Number(of("CORNLoss", 5), FIRST, THRESHOLDS),
        Number(of("CORNLoss", 5), LAST, 20 * THRESHOLDS),
    ],
    "EMDLoss": [
        Number(of("EMDLoss", 5), IDS, LOGITS),
        Number(of("EMDLoss", 5), FIRST, LOGITS),
        Number(of("EMDLoss", 5), LAST, 20 * LOGITS),
    ],
    "WKLoss": [
        Number(of("WKLoss", 5), IDS, PROBABILITIES),
        Number(of("WKLoss", 5, use_logarithm=True), IDS, NEAR, {"log": True}),
        Number(of("WKLoss", 5, "linear"), IDS, PROBABILITIES, {"weightage": "linear"}),
        Number(of("WKLoss", 5, "linear", use_logits=True), IDS, LOGITS, {"weightage": "linear", **LOGIT}),
        Number(of("WKLoss", 5), LAST, PROBABILITIES),
    ],
    "MCELoss": [
        Number(of("MCELoss", 5, factor=5), IDS, PROBABILITIES),
        Number(of("MCELoss", 5, reduction="sum"), IDS, PROBABILITIES),
        Number(of("MCELoss", 5, factor=5, use_logits=True), IDS, LOGITS, LOGIT),
    ],
    "MCEAndWKLoss": [
        Number(of("MCEAndWKLoss", 5, hard=True), LABELS, PROBABILITIES),
        Number(of("MCEAndWKLoss", 5, C=0.2, hard=True), LABELS, PROBABILITIES, {"weights": [0.2, 0.8]}),
    ],
    "CDWCELoss": [
        Number(of("CDWCELoss", 5), IDS, LOGITS),
        Number(of("CDWCELoss", 5, alpha=5.0), IDS, LOGITS, {"alpha": 5.0}),
        Number(of("CDWCELoss", 5), FIRST, LOGITS),
    ],
    "SORDLoss": [
        Number(sord(1.0), IDS, LOGITS),
        Number(sord(0.4), IDS, LOGITS, {"alpha": 0.4}),
        Number(sord(2.0, use_logits=False), IDS, PROBABILITIES, {"alpha": 2.0, "from_logits": False}),
        Number(sord(1.0), FIRST, 20 * LOGITS),
    ],
    "ExponentialLoss": [
        *exponential("ExponentialLoss", "crossentropy"),
        Number(of("ExponentialLoss", "crossentropy", 5, tau=2.0), IDS, LOGITS, {"alpha": 0.5}),
    ],
    "ExponentialCrossEntropyLoss": exponential("ExponentialCrossEntropyLoss"),
    "CustomTargetsLoss": [Number(custom, TABLE[IDS], LOGITS)],
    "CLM": [
        Number(clm("logit"), IDS, np.array(CLM_CUTPOINTS) - SCORE),
        *(
            Number(clm(link), IDS, SCORE, {"link": link, "cutpoints": CLM_CUTPOINTS})
            for link in ("logit", "probit", "cloglog")
        ),
    ],
}
