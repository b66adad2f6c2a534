from tests.equivalents.number import FORECASTS, SERIES, Number


def soft_dtw(**arguments):
    def theirs(y_true, y_pred):
        import torch
        from tslearn.metrics import SoftDTWLossPyTorch

        return SoftDTWLossPyTorch(**arguments)(torch.tensor(y_true), torch.tensor(y_pred)).mean()

    return theirs


BAND = {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": 1}
NUMBERS = {
    "SoftDTWLossPyTorch": [
        Number(soft_dtw(), SERIES, FORECASTS),
        Number(soft_dtw(gamma=0.1), SERIES, FORECASTS, {"gamma": 0.1}),
        Number(soft_dtw(**BAND), SERIES, FORECASTS, {"window": 1}),
        Number(soft_dtw(), SERIES, FORECASTS[:, :3]),
    ],
    "SoftDTWLossPyTorch(normalize=True)": [Number(soft_dtw(normalize=True), SERIES, FORECASTS)],
}
