"""One base class for each kind of loss: what stands in `y_true` and `y_pred`, and how it is prepared."""
