"""What every loss stands on: the base class, the bases of each kind, labels, numerics and checks."""
