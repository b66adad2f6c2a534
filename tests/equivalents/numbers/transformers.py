"""Its losses of the routers of a mixture of experts: those of Mixtral and of Switch Transformers."""

from tests.equivalents.number import Number, draws
from tests.equivalents.numbers.torch import tensor

normal = draws(31)
NO_LABELS, ROUTED = 0 * normal(3, 4), normal(3, 4, 5, scale=2)
"""Logits of three layers, or of three sequences, of four tokens for five experts."""


def pool(top_k=2):
    def theirs(_, y_pred):
        from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func

        return load_balancing_loss_func(tuple(tensor(y_pred)), y_pred.shape[-1], top_k)

    return theirs


def sequences(_, y_pred):
    from transformers.models.switch_transformers.modeling_switch_transformers import load_balancing_loss_func

    probabilities = tensor(y_pred).softmax(-1)
    return load_balancing_loss_func(probabilities, probabilities.argmax(-1))


def router_z(_, y_pred):
    from transformers.models.switch_transformers.modeling_switch_transformers import router_z_loss_func

    return router_z_loss_func(tensor(y_pred))


NUMBERS = {
    "load_balancing_loss_func": [
        Number(pool(), NO_LABELS, ROUTED),
        Number(pool(3), NO_LABELS, ROUTED, {"top_k": 3}),
    ],
    "load_balancing_loss_func(router_probs, expert_indices)": [Number(sequences, NO_LABELS, ROUTED)],
    "router_z_loss_func": [Number(router_z, NO_LABELS, ROUTED)],
}
