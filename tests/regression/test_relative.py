"""Errors relative to a scale."""

import numpy as np
import pytest

import kerasloss


def test_a_forecast_without_a_history_is_refused():
    for y_true, y_pred in ((np.ones(()), np.ones(3)), (np.ones(3), np.ones(())), (np.ones(3), np.ones(3))):
        with pytest.raises(ValueError, match="MeanAbsoluteScaledError: `y_true` must hold the history"):
            kerasloss.MeanAbsoluteScaledError()(y_true, y_pred)
