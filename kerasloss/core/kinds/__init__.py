"""One base class for each kind of loss: what `y_true` and `y_pred` hold, and how they are prepared."""
