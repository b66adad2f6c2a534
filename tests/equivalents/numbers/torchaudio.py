import numpy as np

from tests.equivalents.number import STEP_LABELS, STEPS, Number


def rnnt(**arguments):
    def theirs(y_true, y_pred):
        import torch
        import torchaudio

        count = (y_true >= 0).sum(axis=1)
        frames = np.full(len(y_true), y_pred.shape[1])
        labels, frames, count = (
            torch.tensor(x.astype("int32")) for x in (np.maximum(y_true, 0), frames, count)
        )
        scores = torch.tensor(y_pred.astype("float32"))
        return torchaudio.transforms.RNNTLoss(**arguments)(scores, labels, frames, count)

    return theirs


NUMBERS = {
    "RNNTLoss": [
        Number(rnnt(), STEP_LABELS, STEPS),
        Number(rnnt(blank=0), np.where(STEP_LABELS < 0, -1, STEP_LABELS + 1), STEPS, {"blank_index": 0}),
    ]
}
