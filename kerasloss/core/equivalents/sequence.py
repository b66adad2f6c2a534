"""torchaudio, warp-transducer, pytorch-crf, tslearn and the code of DILATE."""

from kerasloss.core.equivalents.row import Rows

_LENGTHS = 'Lengths: `input_length="y_true"`, or a Keras mask; labels padded with -1.'

TORCHAUDIO: Rows = [
    ("RNNTLoss", "Transducer", {"blank_index": -1}, f"{_LENGTHS} `blank` is `blank_index`."),
]

WARP_TRANSDUCER: Rows = [
    ("RNNTLoss", "Transducer", {}, f"{_LENGTHS} On a CPU it takes log-probabilities, which are logits too."),
]

PYTORCH_CRF: Rows = [
    (
        "CRF",
        "LinearChainCRF",
        {},
        "Returns the log-likelihood: times -1, and of `CRFTransitions` in front, whose `decode` is that "
        'there. `reduction="mean"` there; for its `"token_mean"` `normalize_by_length=True, '
        'reduction="mean_with_sample_weight"`, with the lengths as `sample_weight`.',
    ),
]

TSLEARN: Rows = [
    (
        "SoftDTWLossPyTorch",
        "SoftDTW",
        {},
        "Returns a value for each sample. `sakoe_chiba_radius` is `window`.",
    ),
    ("SoftDTWLossPyTorch(normalize=True)", "SoftDTW", {"divergence": True}, ""),
]

DILATE: Rows = [
    (
        "dilate_loss",
        "DILATE",
        {},
        "The arguments have no defaults there. The gradient of its shape is not divided by the size of the "
        "batch.",
    ),
]
