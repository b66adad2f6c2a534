"""Value and gradient of losses of ranked lists against the forms of TF-Ranking, keras-rs and allRank.

    KERAS_BACKEND=torch taskset -c 0 python -m benchmarks.lists

Their forms hold arrays (batch, list, list) of all pairs; they are written here in the operations of Keras,
and padding is masked as theirs is. All run in turn in one process; the ratio is ours / theirs. The last
column is what ours keeps in multiples of `y_pred` (see `modes.kept`), and theirs.
"""

import argparse

import numpy as np
from keras import ops

import kerasloss
from benchmarks import modes

OURS = {
    "ListNet": kerasloss.ListNet(),
    "ListMLE": kerasloss.ListMLE(),
    "ApproxNDCG": kerasloss.ApproxNDCG(temperature=0.1),
    "PairwiseLogistic": kerasloss.PairwiseLogistic(),
    "PairwiseLogistic, lambdarank": kerasloss.PairwiseLogistic(lambda_weight="lambdarank"),
    "PairwiseHinge": kerasloss.PairwiseHinge(),
}


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="time spent on each row")
    options = parser.parse_args()
    modes.keep_memory()
    print(f"{modes.BACKEND} {modes.FASTEST}: forward + backward, kerasloss / the form of all pairs")
    print(f"{'':42}{'ms':>8}{'ratio':>8}{'kept':>10}{'theirs':>10}")
    for shape in ((64, 100), (16, 1000)):
        y_true, y_pred = map(ops.convert_to_tensor, lists(shape))
        for name, loss in OURS.items():
            row(f"{name} {'x'.join(map(str, shape))}", loss, PAIRS[name], y_true, y_pred, options.seconds)


def row(name, ours, theirs, y_true, y_pred, seconds):
    """One line, if both give the same value."""
    functions = (ours, theirs)
    values = [float(function(y_true, y_pred)) for function in functions]
    np.testing.assert_allclose(*values, rtol=1e-4, err_msg=name)
    runs = [modes.differentiated(function, modes.FASTEST) for function in functions]
    times = [min(times) for times in modes.rounds(runs, y_true, y_pred, seconds)]
    kept = [modes.kept(function, y_true, y_pred, modes.FASTEST) for function in functions]
    kept = ["-" if x is None else f"{x:.1f}" for x in kept]
    print(f"{name:42}{1e3 * times[0]:8.2f}{times[0] / times[1]:8.2f}{kept[0]:>10}{kept[1]:>10}", flush=True)


def lists(shape):
    """Relevances 0 to 4, a fifth of the items padding, and scores."""
    rng = np.random.default_rng(0)
    relevance = rng.integers(0, 5, shape).astype("float32")
    relevance[:, -shape[1] // 5 :] = -1
    return relevance, rng.normal(size=shape).astype("float32")


# The forms of all pairs ------------------------------------------------------------------------------


def list_net(y, s):
    there = y >= 0
    p = ops.softmax(ops.where(there, y, -1e9))
    return ops.mean(-ops.sum(p * ops.log_softmax(ops.where(there, s, -1e9)), axis=1))


def list_mle(y, s):
    order = ops.argsort(-y, axis=1)
    y, s = ops.take_along_axis(y, order, axis=1), ops.take_along_axis(s, order, axis=1)
    exp = ops.where(y >= 0, ops.exp(s), 0)
    remaining = ops.flip(ops.cumsum(ops.flip(exp, axis=1), axis=1), axis=1)
    return ops.mean(ops.sum(ops.where(y >= 0, ops.log(remaining + 1e-12) - s, 0), axis=1))


def gains(y, s):
    """What an item of its relevance is worth, as a share of the best DCG, and the discounts of all ranks."""
    discounts = 1 / ops.log2(2 + ops.arange(s.shape[1], dtype=s.dtype))
    gain = ops.where(y >= 0, 2 ** ops.relu(y) - 1, 0)
    best = ops.sum(-ops.sort(-gain, axis=1) * discounts, axis=1, keepdims=True)
    return gain / best


def approx_ndcg(y, s):
    s = ops.where(y >= 0, s, -1e6) / 0.1
    pairs = ops.sigmoid(ops.expand_dims(s, 1) - ops.expand_dims(s, 2))
    rank = 0.5 + ops.sum(pairs, axis=2)
    return -ops.mean(ops.sum(gains(y, s) * np.log(2) / ops.log(1 + rank), axis=1))


def over_pairs(cost, weight=None):
    """The sum over the pairs in which the first is more relevant, by the number of items."""

    def loss(y, s):
        there = y >= 0
        lead = ops.expand_dims(s, 2) - ops.expand_dims(s, 1)
        wanted = ops.logical_and(ops.expand_dims(y, 2) > ops.expand_dims(y, 1), ops.expand_dims(there, 1))
        values = ops.where(wanted, cost(lead), 0)
        if weight is not None:
            values = values * ops.stop_gradient(weight(y, s))
        return ops.mean(ops.sum(values, axis=(1, 2)) / ops.sum(ops.cast(there, s.dtype), axis=1))

    return loss


def lambdarank(y, s):
    rank = ops.argsort(ops.argsort(-ops.where(y >= 0, s, -1e9), axis=1), axis=1)
    discount, gain = 1 / ops.log2(2 + ops.cast(rank, s.dtype)), gains(y, s)
    return ops.abs(
        (ops.expand_dims(gain, 2) - ops.expand_dims(gain, 1))
        * (ops.expand_dims(discount, 2) - ops.expand_dims(discount, 1))
    )


def logistic(lead):
    return ops.softplus(-lead)


PAIRS = {
    "ListNet": list_net,
    "ListMLE": list_mle,
    "ApproxNDCG": approx_ndcg,
    "PairwiseLogistic": over_pairs(logistic),
    "PairwiseLogistic, lambdarank": over_pairs(logistic, lambdarank),
    "PairwiseHinge": over_pairs(lambda lead: ops.relu(1 - lead)),
}


if __name__ == "__main__":
    main()
