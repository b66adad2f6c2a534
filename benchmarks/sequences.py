"""Value and gradient of losses of sequences, against native ones and for longer and longer series.

    KERAS_BACKEND=torch python -m benchmarks.sequences

On PyTorch CTC is compared with that of torch, and Transducer with that of torchaudio if it is installed.
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
    rng = np.random.default_rng(0)
    labels = rng.integers(1, 32, (16, 25)).astype("int32")
    frames = rng.normal(size=(16, 150, 32)).astype("float32")
    steps = rng.normal(size=(8, 100, 26, 32)).astype("float32")
    show("CTC (16, 150, 32), 25 labels", kerasloss.CTC(), labels, frames, torch_ctc)
    show("Transducer (8, 100, 26, 32)", kerasloss.Transducer(), labels[:8], steps, torchaudio_rnnt)
    tags, packed = rng.integers(0, 20, (32, 100)), rng.normal(size=(32, 122, 20))
    show("LinearChainCRF (32, 100, 20)", kerasloss.LinearChainCRF(), tags, packed)
    for length in (50, 100, 200):
        pair = rng.normal(size=(2, 16, length, 1))
        show(f"SoftDTW (16, {length}, 1)", kerasloss.SoftDTW(), *pair)
        show(f"DILATE (16, {length}, 1)", kerasloss.DILATE(), *pair)


def show(name, loss, y_true, y_pred, native=None):
    """One line: ours, and the native loss if there is one."""
    y_true = y_true.astype("int32" if y_true.dtype.kind == "i" else "float32")
    y_pred = y_pred.astype("float32")
    line = f"{name:30} {milliseconds(loss, y_true, y_pred):8.1f} ms"
    if modes.BACKEND == "torch" and native is not None:
        if native is torchaudio_rnnt and importlib.util.find_spec("torchaudio") is None:
            line += "   torchaudio is not installed"
        else:
            line += f"   native {milliseconds(native, y_true, y_pred):8.1f} ms"
    print(line, flush=True)


def torch_ctc(labels, logits):
    """The mean that `kerasloss.CTC` has."""
    import torch

    count, length = (
        torch.full((len(logits),), n, dtype=torch.int32) for n in (labels.shape[1], logits.shape[1])
    )
    log_p = logits.log_softmax(-1).transpose(0, 1)
    return torch.nn.functional.ctc_loss(log_p, labels, length, count, reduction="sum") / len(logits)


def torchaudio_rnnt(labels, logits):
    """The mean that `kerasloss.Transducer` has."""
    import torch
    import torchaudio

    count, length = (
        torch.full((len(logits),), n, dtype=torch.int32) for n in (labels.shape[1], logits.shape[1])
    )
    return torchaudio.functional.rnnt_loss(logits, labels, length, count, blank=0)


def milliseconds(loss, y_true, y_pred):
    """The least time of a few calls, after one that compiles."""
    run = modes.differentiated(loss, modes.FASTEST)
    y_true, y_pred = (ops.convert_to_tensor(x) for x in (y_true, y_pred))
    return 1e3 * min(modes.rounds([run], y_true, y_pred, SECONDS)[0])


if __name__ == "__main__":
    main()
