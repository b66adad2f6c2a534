"""Boxes, heads of dense detectors, heat maps, sets of objects and of points."""
