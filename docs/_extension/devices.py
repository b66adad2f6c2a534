"""What a step gives where the batch of a loss is split over devices, and what makes it that of one device."""

import inspect

ARGUMENTS = {
    "DINO": {"center": None},
    "FeatureMatching": {"batch_mean": False},
    "MoELoadBalancing": {"level": "sequence"},
    "ReverseHuber": {"relative": False},
    "SoftF1": {"average": "samples"},
}
"""Arguments with which a loss that sees the batch has values of single samples."""
AXIS = {"axis": (1, 2)}
"""The same for losses of regions: the axes of an image `(N, height, width, channels)`."""
INPUTS = {
    "point-set": "sets of points for each sample, `(N, P, D)`",
    "preference": "`y_pred` `(N, 1)`, without mismatched completions",
}
"""Kind -> inputs with which a loss that sees the batch has values of single samples."""
SHARED = {"ReverseHuber": "its share, from which it has the threshold,"}
"""Losses whose values have something of the batch, though each is of its sample in all else."""

ALL_TOGETHER = "[`WholeBatch`](../guides/distributed.md#all-samples-on-each-replica)"
COUNTS = 'where different numbers count: `reduction="sum"`, divided by the count of all, or ' + ALL_TOGETHER
MORE = "to compare with more than the share: "


def wraps(cls: type) -> bool:
    """Whether all of this is a matter of the wrapped loss."""
    return cls.kind == "wrapper" and cls.scope == "sample"


def sees_the_batch(cls: type) -> bool:
    """Whether a share of the batch gives other values."""
    return cls.scope != "sample" or cls.__name__ in SHARED


def replicas_see(cls: type) -> str:
    """What becomes of the loss if its batch is split over devices."""
    if wraps(cls):
        return "what becomes of the wrapped loss"
    if not sees_the_batch(cls):
        return "the mean of the replicas is that of the batch, if equally many positions count on each"
    return (
        f"on TensorFlow and PyTorch each replica sees {SHARED.get(cls.__name__, 'its share')} alone, unless "
        "the batch is gathered; on JAX all see the whole batch"
    )


def mends(cls: type) -> list[str]:
    """What makes the value that of one device, or comes near it, the cheapest first."""
    if wraps(cls):
        return ["that of the wrapped loss"]
    if not sees_the_batch(cls):
        return [COUNTS]
    found = [ALL_TOGETHER]
    if arguments := of_single_samples(cls):
        found.insert(0, ", ".join(f"`{name}={value!r}`" for name, value in arguments.items()))
    if inputs := INPUTS.get(cls.kind):
        found.insert(0, inputs)
    if remembers(cls):
        found.append(MORE + "`models.CrossBatchMemory`")
    if cls.__name__ == "InfoNCE":
        found.append(MORE + "`layers.KeyQueue`")
    return found


def of_single_samples(cls: type) -> dict[str, object]:
    """Arguments with which each value is that of its sample."""
    parameters = inspect.signature(cls).parameters
    return ARGUMENTS.get(cls.__name__) or (AXIS if cls.kind == "region" and "axis" in parameters else {})


def remembers(cls: type) -> bool:
    """Whether `models.CrossBatchMemory` takes the loss, one of embeddings with ids, and changes it."""
    if cls.scope != "anchor" or "embedding" not in cls.kind or cls.__name__ == "Prototypical":
        return False  # its prototypes are the first samples, those of the batch
    return "ignore_class" in inspect.signature(cls).parameters
