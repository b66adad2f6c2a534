"""`explain` shows a loss as it is configured."""

import keras
import pytest

import kerasloss
from kerasloss.core.registry import KINDS, LOSSES


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name):
    found = kerasloss.explain(LOSSES[name])
    text, markdown = str(found), found._repr_markdown_()
    assert repr(found) == text
    assert text.splitlines()[0] == name and found.doc.summary in text
    for heading in ("formula", "arguments", "kind", "last activation", "shapes", "use", "source"):
        assert f"\n\n{heading}\n    " in text and f"\n\n**{heading}**\n\n" in markdown, heading
    assert KINDS[found.kind] in text
    assert max(map(len, text.splitlines())) <= 110
    for argument in found.arguments:
        assert f"`{argument}" in text


def test_the_arguments_are_those_of_the_instance():
    found = kerasloss.explain(kerasloss.Huber(delta=2.0))
    assert found.loss == "Huber(delta=2.0)"
    assert found.arguments["delta"] == 2.0
    assert list(found.arguments) == ["delta", "reduction", "name", "dtype"]
    assert "`delta=2.0`: Where the loss becomes linear" in str(found)
    assert r"\dfrac{e^{2}}{2}" in found._repr_markdown_()


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        (kerasloss.BinaryCrossentropy, "sigmoid"),
        (kerasloss.BinaryCrossentropy(), "sigmoid"),
        (kerasloss.BinaryCrossentropy(from_logits=True), "linear"),
        ("gaussian_nll", "linear"),
        ({"class_name": "Poisson", "config": {"link": "log"}}, "linear"),
        ("poisson", "positive"),
    ],
    ids=str,
)
def test_the_activation_is_that_of_the_arguments(loss, activation):
    assert kerasloss.explain(loss).activation == activation


def test_a_required_argument_has_no_value():
    found = kerasloss.explain(kerasloss.Masked)
    assert found.arguments["loss"] is ...
    assert "\n    `loss`: A loss of this library" in str(found)


class Own(kerasloss.Loss):
    """A loss of one's own.

    Formula: `x ? y`.
    """

    scale: float = 1.0

    def call(self, y_true, y_pred):
        return y_pred


def test_a_loss_of_your_own():
    found = kerasloss.explain(Own(scale=2.0))
    assert str(found).startswith("Own(scale=2.0)\nA loss of one's own.\n\nformula\n    `x ? y`.\n")
    assert "`x ? y`." in found._repr_markdown_()  # in a notation of its own: as it is
    assert "kind" not in str(found)


def test_a_loss_of_keras():
    assert kerasloss.explain(keras.losses.MeanSquaredError()).arguments["reduction"] == "sum_over_batch_size"


@pytest.mark.parametrize("loss", [None, 3, int, "no_such_loss"])
def test_what_is_no_loss_is_refused(loss):
    with pytest.raises(ValueError, match="expected|there is no loss"):
        kerasloss.explain(loss)


def test_the_names_in_other_libraries_are_those_that_get_knows():
    text = str(kerasloss.explain("Huber"))
    assert "`torch.HuberLoss`" in text and "`optax.huber_loss`" in text
    assert "names elsewhere" not in str(kerasloss.explain("Combo"))


def test_a_name_whose_loss_needs_an_argument():
    for name in ("OnlineHardExample", "online_hard_example"):
        assert str(kerasloss.explain(name)) == str(kerasloss.explain(kerasloss.OnlineHardExample))
    assert kerasloss.explain("asteroid.PITLossWrapper").loss == "PermutationInvariant"
    assert kerasloss.explain("huber").loss == "Huber()"
