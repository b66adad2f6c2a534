"""The losses of its models by their tasks, and those of the routers of a mixture of experts."""

import types

import numpy as np

from tests.equivalents.number import (
    FRAMES,
    IDS,
    LABELS,
    LOGITS,
    PAIRS,
    SCORES,
    TORCHVISION,
    WORDS,
    Number,
    P,
    Y,
    draws,
    import_without,
)
from tests.equivalents.numbers.detr import OBJECTS, PREDICTIONS
from tests.equivalents.numbers.torch import tensor

normal = draws(31)
NO_LABELS, ROUTED = 0 * normal(3, 4), normal(3, 4, 5, scale=2)
"""Logits of three layers, or of three sequences, of four tokens for five experts."""

TOKENS, TOKEN_LOGITS = np.array([[3, 0, -100, 2], [1, 4, 4, -100], [-100, 2, 1, 0]]), ROUTED
SPANS, SPAN_LOGITS = np.array([[0, 2], [3, 5], [1, 1], [4, 5]]), normal(4, 6, 2, scale=2)
PIXELS, PIXEL_LOGITS = (
    np.array([[[0, 2], [255, 1]], [[1, 1], [2, 0]], [[2, 255], [0, 1]]]),
    normal(3, 2, 2, 3),
)


def losses():
    return import_without(TORCHVISION, "transformers.loss.loss_utils")


def of_task(name, **arguments):
    """A loss that takes the logits first."""

    def theirs(y_true, y_pred):
        return getattr(losses(), name)(tensor(y_pred), tensor(y_true), **arguments)

    return theirs


def flat(**arguments):
    def theirs(y_true, y_pred):
        return of_task("fixed_cross_entropy", **arguments)(
            y_true.reshape(-1), y_pred.reshape(-1, y_pred.shape[-1])
        )

    return theirs


def of_tokens(y_true, y_pred):
    config = types.SimpleNamespace(num_labels=y_pred.shape[-1])
    return of_task("ForTokenClassification", config=config)(y_true, y_pred)


def smoother(epsilon=0.1, **arguments):
    def theirs(y_true, y_pred):
        module = import_without(TORCHVISION, "transformers.trainer_pt_utils")
        return module.LabelSmoother(epsilon)((tensor(y_pred),), tensor(y_true), **arguments)

    return theirs


def of_sequence(problem_type=None):
    def theirs(y_true, y_pred):
        config = types.SimpleNamespace(num_labels=y_pred.shape[-1], problem_type=problem_type)
        floats = y_true if problem_type is None else y_true.astype("float32")
        return losses().ForSequenceClassificationLoss(tensor(floats), tensor(y_pred), config)

    return theirs


def of_spans(y_true, y_pred):
    logits, positions = tensor(y_pred).unbind(-1), tensor(y_true).unbind(-1)
    return losses().ForQuestionAnsweringLoss(*logits, *positions)


def of_pixels(**arguments):
    return lambda y, p: of_task("ForSemanticSegmentationLoss", **arguments)(y, np.moveaxis(p, -1, 1))


def of_objects(y_true, y_pred):
    from transformers import DetrConfig

    config = DetrConfig(num_labels=y_pred.shape[-1] - 5)
    objects = [y[y[:, 0] >= 0] for y in y_true]
    labels = [{"class_labels": tensor(y[:, 0].astype("int64")), "boxes": tensor(y[:, 1:])} for y in objects]
    return losses().ForObjectDetectionLoss(
        tensor(y_pred[..., :-4]), labels, "cpu", tensor(y_pred[..., -4:]), config
    )[0]


def ctc(y_true, y_pred):
    lengths = tensor(np.full(len(y_true), y_pred.shape[1]))
    padded = np.where(y_true < 0, -100, y_true)
    return of_task("ForCTCLoss", logit_lengths=lengths, blank_token_id=0)(padded, y_pred)


def clip(_, y_pred):
    module = import_without(TORCHVISION, "transformers.models.clip.modeling_clip")
    texts, images = (x / x.norm(dim=-1, keepdim=True) for x in tensor(y_pred).unbind(1))
    return module.image_text_contrastive_loss(texts @ images.T / 0.07)


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
    "ForCausalLMLoss": [Number(of_task("ForCausalLMLoss", vocab_size=5), TOKENS, TOKEN_LOGITS)],
    "ForMaskedLMLoss": [
        Number(of_task("ForMaskedLMLoss", vocab_size=5), TOKENS, TOKEN_LOGITS),
        Number(
            of_task("ForMaskedLMLoss", vocab_size=5, ignore_index=2),
            np.maximum(TOKENS, 0),
            TOKEN_LOGITS,
            {"ignore_class": 2},
        ),
    ],
    "fixed_cross_entropy": [Number(flat(), TOKENS, TOKEN_LOGITS)],
    "ForTokenClassification": [Number(of_tokens, TOKENS, TOKEN_LOGITS)],
    "LabelSmoother": [
        Number(smoother(), TOKENS, TOKEN_LOGITS),
        Number(
            smoother(0.3, shift_labels=True), TOKENS, TOKEN_LOGITS, {"label_smoothing": 0.3, "shift": True}
        ),
    ],
    "ForSequenceClassificationLoss": [
        Number(of_sequence(), IDS, LOGITS),
        Number(of_sequence(), np.where(IDS == 2, -100, IDS), LOGITS),
    ],
    'ForSequenceClassificationLoss(problem_type="multi_label_classification")': [
        Number(of_sequence("multi_label_classification"), LABELS, SCORES)
    ],
    'ForSequenceClassificationLoss(problem_type="regression")': [Number(of_sequence("regression"), Y, P)],
    "ForQuestionAnsweringLoss": [Number(of_spans, SPANS, SPAN_LOGITS)],
    "ForSemanticSegmentationLoss": [Number(of_pixels(), PIXELS, PIXEL_LOGITS)],
    "ForObjectDetectionLoss": [Number(of_objects, OBJECTS, PREDICTIONS)],
    "ForCTCLoss": [Number(ctc, WORDS, FRAMES)],
    "image_text_contrastive_loss": [Number(clip, np.zeros(len(PAIRS)), PAIRS)],
    "load_balancing_loss_func": [
        Number(pool(), NO_LABELS, ROUTED),
        Number(pool(3), NO_LABELS, ROUTED, {"top_k": 3}),
    ],
    "load_balancing_loss_func(router_probs, expert_indices)": [Number(sequences, NO_LABELS, ROUTED)],
    "router_z_loss_func": [Number(router_z, NO_LABELS, ROUTED)],
}
