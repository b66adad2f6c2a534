from tests.equivalents.number import PACKED, TAGS, Number


def crf(y_true, y_pred):
    import torch
    import torchcrf

    tags, packed = torch.tensor(y_true), torch.tensor(y_pred.astype("float32"))
    model = torchcrf.CRF(3, batch_first=True)
    rows = packed[0]
    with torch.no_grad():
        model.transitions.copy_(rows[:3])
        model.start_transitions.copy_(rows[3])
        model.end_transitions.copy_(rows[4])
    return -model(packed[:, 5:], tags.clamp(min=0), mask=tags >= 0, reduction="mean")


NUMBERS = {"CRF": [Number(crf, TAGS, PACKED)]}
