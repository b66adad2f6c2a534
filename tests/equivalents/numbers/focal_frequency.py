from tests.equivalents.number import LIKE, PICTURES, Number
from tests.equivalents.numbers.smp import channels_first


def loss(factor, **arguments):
    """A factor times its number, which would be too small to show anything."""

    def theirs(y_true, y_pred):
        import focal_frequency_loss

        made = focal_frequency_loss.FocalFrequencyLoss(factor, **arguments)
        return made(channels_first(y_pred), channels_first(y_true))

    return theirs


NUMBERS = {
    "FocalFrequencyLoss": [
        Number(loss(1.0), PICTURES, LIKE),
        Number(loss(1.0, alpha=0.5), PICTURES, LIKE, {"alpha": 0.5}),
    ],
}
