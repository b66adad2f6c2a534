import numpy as np

from tests.equivalents.number import LIKE, PICTURES, Number, draws, module_alone
from tests.equivalents.numbers.smp import channels_first
from tests.equivalents.numbers.torch import tensor

CLOSE = PICTURES + np.where(PICTURES > 0.5, 0.001, 0)  # half of the pixels are equal
LABELS, SCORES = np.array([[1], [1], [1], [0], [0], [0]]), draws(83)(6, 1, scale=1.5)


def losses(name):
    """A module of its losses. The package imports OpenCV, and a part of torchvision that is gone."""
    module_alone("basicsr.utils.registry")
    return module_alone(f"basicsr.losses.{name}", ("basicsr.archs", "basicsr.archs.vgg_arch"))


def of(name, **arguments):
    def theirs(y_true, y_pred):
        loss = getattr(losses("basic_loss"), name)(**arguments)
        return loss(channels_first(y_pred), channels_first(y_true))

    return theirs


def total_variation(y_true, y_pred):
    return losses("basic_loss").WeightedTVLoss(reduction="sum")(channels_first(y_pred))


def adversarial(kind, factor=1.0, is_disc=True, **arguments):
    """The mean of its numbers for real and for generated scores, times a factor."""

    def theirs(y_true, y_pred):
        loss = losses("gan_loss").GANLoss(kind, **arguments)
        real, generated = tensor(y_pred[y_true > 0.5]), tensor(y_pred[y_true < 0.5])
        if not is_disc:
            return loss(tensor(y_pred), True)
        return factor * (loss(real, True, is_disc=True) + loss(generated, False, is_disc=True)) / 2

    return theirs


NUMBERS = {
    "L1Loss": [Number(of("L1Loss"), PICTURES, LIKE)],
    "MSELoss": [Number(of("MSELoss"), PICTURES, LIKE)],
    "CharbonnierLoss": [
        Number(of("CharbonnierLoss"), PICTURES, LIKE),
        Number(of("CharbonnierLoss"), 2 * PICTURES, 2 * PICTURES + 3 * (CLOSE - PICTURES)),
        Number(of("CharbonnierLoss", eps=0.04), PICTURES, LIKE, {"epsilon": 0.2}),
        Number(of("CharbonnierLoss", eps=1e-4), PICTURES, CLOSE, {"epsilon": 0.01}),
    ],
    'WeightedTVLoss(reduction="sum")': [Number(total_variation, PICTURES, LIKE)],
    'GANLoss("vanilla")': [Number(adversarial("vanilla"), LABELS, SCORES)],
    'GANLoss("wgan_softplus")': [Number(adversarial("wgan_softplus"), LABELS, SCORES)],
    'GANLoss("lsgan")': [
        Number(adversarial("lsgan", factor=0.5), LABELS, SCORES),
        Number(
            adversarial("lsgan", factor=0.5, real_label_val=0.8, fake_label_val=-0.3),
            LABELS,
            SCORES,
            {"real_label": 0.8, "generated_label": -0.3},
        ),
    ],
    'GANLoss("wgan")': [Number(adversarial("wgan"), LABELS, SCORES)],
    'GANLoss("hinge")': [
        Number(adversarial("hinge"), LABELS, SCORES),
        Number(adversarial("hinge", is_disc=False), np.ones((6, 1)), SCORES, {"role": "generator"}),
    ],
}
