"""Value and gradient of losses of sequences, against native ones and for longer and longer series.

    KERAS_BACKEND=torch taskset -c 0 python -m benchmarks.sequences

CTC is compared with optax, `tf.nn` and `torch.nn`. On PyTorch Transducer is compared with torchaudio,
LinearChainCRF with pytorch-crf and SoftDTW with tslearn, those of them that are installed. The ratio is
ours / native.
"""

import importlib.util

import numpy as np
from keras import ops

import kerasloss
from benchmarks import modes

SECONDS = 1.0
"""The time spent on each, if ten calls don't take longer."""


def main():
    """Prints the milliseconds of each."""
    modes.keep_memory()
    rng = np.random.default_rng(0)
    labels = rng.integers(1, 32, (16, 25)).astype("int32")
    frames = rng.normal(size=(16, 150, 32))
    steps = rng.normal(size=(8, 100, 26, 32))
    show("CTC (16, 150, 32), 25 labels", kerasloss.CTC(), labels, frames, CTC[modes.BACKEND])
    show("Transducer (8, 100, 26, 32)", kerasloss.Transducer(), labels[:8], steps, torchaudio_rnnt)
    tags, packed = rng.integers(0, 20, (32, 100)), rng.normal(size=(32, 122, 20))
    packed[:, :22] = packed[0, :22]
    show("LinearChainCRF (32, 100, 20)", kerasloss.LinearChainCRF(), tags, packed, pytorch_crf)
    for length in (50, 100, 200):
        pair = rng.normal(size=(2, 16, length, 1))
        show(f"SoftDTW (16, {length}, 1)", kerasloss.SoftDTW(), *pair, tslearn_soft_dtw)
        show(f"DILATE (16, {length}, 1)", kerasloss.DILATE(), *pair)


def show(name, loss, y_true, y_pred, native=None):
    """One line: ours, and the native loss if there is one."""
    y_true = ops.convert_to_tensor(y_true, "int32" if y_true.dtype.kind == "i" else "float32")
    y_pred = ops.convert_to_tensor(y_pred, "float32")
    functions = [loss]
    if native in PACKAGES and (modes.BACKEND != "torch" or not importlib.util.find_spec(PACKAGES[native])):
        native = None
    if native:
        np.testing.assert_allclose(float(loss(y_true, y_pred)), float(native(y_true, y_pred)), rtol=1e-4)
        functions.append(native)
    runs = [modes.differentiated(function, modes.FASTEST) for function in functions]
    ours, *theirs = (1e3 * min(times) for times in modes.rounds(runs, y_true, y_pred, SECONDS))
    line = f"{name:30} {ours:8.1f} ms"
    print(
        line + "".join(f"   native {time:8.1f} ms   ratio {ours / time:5.2f}" for time in theirs), flush=True
    )


def optax_ctc(labels, logits):
    """The mean that `kerasloss.CTC` has; so the other two."""
    import optax

    none = (ops.zeros(x.shape[:2], "float32") for x in (logits, labels))
    logit_paddings, label_paddings = none
    return ops.mean(optax.ctc_loss(logits, logit_paddings, labels, label_paddings))


def tensorflow_ctc(labels, logits):
    import tensorflow as tf

    count, length = (tf.fill([logits.shape[0]], x.shape[1]) for x in (labels, logits))
    values = tf.nn.ctc_loss(labels, logits, count, length, logits_time_major=False, blank_index=0)
    return tf.reduce_mean(values)


def torch_ctc(labels, logits):
    import torch

    count, length = (torch.full((len(logits),), x.shape[1], dtype=torch.int32) for x in (labels, logits))
    log_p = logits.log_softmax(-1).transpose(0, 1)
    return torch.nn.functional.ctc_loss(log_p, labels, length, count, reduction="sum") / len(logits)


def torchaudio_rnnt(labels, logits):
    """The mean that `kerasloss.Transducer` has."""
    import torch
    import torchaudio

    count, length = (torch.full((len(logits),), x.shape[1], dtype=torch.int32) for x in (labels, logits))
    return torchaudio.functional.rnnt_loss(logits, labels, length, count, blank=0)


def pytorch_crf(tags, packed):
    """The mean that `kerasloss.LinearChainCRF` has, with the transitions of the first sample."""
    import torch
    import torchcrf

    classes = packed.shape[-1]
    crf = torchcrf.CRF(classes, batch_first=True)
    scores = {
        "transitions": packed[0, :classes],
        "start_transitions": packed[0, classes],
        "end_transitions": packed[0, classes + 1],
    }
    arguments = (packed[:, classes + 2 :], tags.long())
    return -torch.func.functional_call(crf, scores, arguments, {"reduction": "mean"})


def tslearn_soft_dtw(y_true, y_pred):
    """The mean that `kerasloss.SoftDTW` has."""
    from tslearn.metrics import SoftDTWLossPyTorch

    return SoftDTWLossPyTorch(gamma=1.0)(y_true, y_pred).mean()


CTC = {"jax": optax_ctc, "tensorflow": tensorflow_ctc, "torch": torch_ctc}
PACKAGES = {torchaudio_rnnt: "torchaudio", pytorch_crf: "torchcrf", tslearn_soft_dtw: "tslearn"}
"""Those that are compared on PyTorch alone, where they are installed."""


if __name__ == "__main__":
    main()
