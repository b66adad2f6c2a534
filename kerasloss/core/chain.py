"""Chains of tags: the sum over all of them, the best one, and the probability of each tag."""

from collections.abc import Callable

from keras import ops

from kerasloss.core.alignment import first_entries, to_front
from kerasloss.core.lattice import recursion, with_gradient
from kerasloss.core.loss import Tensor
from kerasloss.core.numerics import argmax, take_at


def unpacked(packed: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Transitions `(batch, C, C)`, scores of the first and the last tag `(batch, C)`, and of each tag."""
    classes = packed.shape[-1]
    return packed[:, :classes], packed[:, classes], packed[:, classes + 1], packed[:, classes + 2 :]


def joined(packed: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The scores with the positions of the mask `(batch, T)` first, and which these are then."""
    rows = packed.shape[2] + 2
    emissions = to_front(packed[:, rows:], ops.expand_dims(mask, -1))
    valid = first_entries(emissions[:, :, 0], ops.sum(ops.cast(mask, "int32"), axis=1))
    return ops.concatenate([packed[:, :rows], emissions], axis=1), valid


def score(tags: Tensor, packed: Tensor, count: Tensor) -> Tensor:
    """The score of the first `count` tags of each row, which are `(batch, T)`."""
    transitions, start, end, emissions = unpacked(packed)
    classes = packed.shape[-1]
    position = ops.cumsum(ops.ones_like(tags), axis=1)
    count = ops.cast(ops.expand_dims(count, 1), position.dtype)
    total = ops.sum(ops.where(position <= count, take_at(emissions, tags, -1), 0), axis=1)
    pairs = tags[:, :-1] * classes + tags[:, 1:]
    steps = ops.take_along_axis(ops.reshape(transitions, (-1, classes * classes)), pairs, axis=1)
    total = total + ops.sum(ops.where(position[:, 1:] <= count, steps, 0), axis=1)
    last = ops.sum(ops.where(ops.equal(position, count), tags, 0), axis=1)
    return total + take_at(start, tags[:, 0], -1) + take_at(end, last, -1)


def log_partition(packed: Tensor, valid: Tensor) -> Tensor:
    """`log(sum(exp(score)))` over all chains of tags; the valid positions are the first of each row."""
    transitions, start, end, emissions = unpacked(packed)
    tables = [ops.transpose(emissions, (1, 0, 2)), transitions, start, end]
    # The gradient of the recursion would keep the pairs of tags at every position.
    return with_gradient(_forward, _slopes, tables, [ops.transpose(valid)], compact=True)


def posteriors(packed: Tensor, valid: Tensor) -> Tensor:
    """The probability of each tag at each position, `(batch, T, C)`."""
    transitions, start, end, emissions = unpacked(packed)
    emissions, valid = ops.transpose(emissions, (1, 0, 2)), ops.transpose(valid)
    _, forward = _forward(emissions, transitions, start, end, valid)
    backward = _backward(emissions, transitions, end, valid)
    return ops.transpose(ops.softmax(forward + backward, axis=-1), (1, 0, 2))


def _forward(emissions: Tensor, transitions: Tensor, start: Tensor, end: Tensor, valid: Tensor) -> tuple:
    """The log-partition, and that of all chains up to each tag, `(T, batch, C)`."""
    forward = _up_to(ops.logsumexp, emissions, transitions, start, valid)
    return ops.logsumexp(forward[-1] + end, axis=1), forward


def _up_to(combine: Callable, emissions: Tensor, transitions: Tensor, start: Tensor, valid: Tensor) -> Tensor:
    """The scores of all chains up to each tag, combined: their log-sum or their maximum."""

    def step(state, row):
        emission, valid = row
        total = combine(ops.expand_dims(state[0], 2) + transitions, axis=1) + emission
        return [ops.where(ops.expand_dims(valid, -1), total, state[0])]

    state = start + emissions[0]
    forward = ops.expand_dims(state, 0)
    if emissions.shape[0] != 1:
        rest = recursion(step, [state], [emissions[1:], valid[1:]])[0]
        forward = ops.concatenate([forward, rest])
    return forward


def _backward(emissions: Tensor, transitions: Tensor, end: Tensor, valid: Tensor) -> Tensor:
    """The log-partition of all that follows each tag, `(T, batch, C)`."""

    def step(state, row):
        emission, valid = row
        total = ops.logsumexp(ops.expand_dims(state[0] + emission, 1) + transitions, axis=2)
        return [ops.where(ops.expand_dims(valid, -1), total, state[0])]

    backward = ops.expand_dims(end, 0)
    if emissions.shape[0] != 1:
        rest = recursion(step, [end], [ops.flip(emissions[1:], 0), ops.flip(valid[1:], 0)])[0]
        backward = ops.concatenate([ops.flip(rest, 0), backward])
    return backward


def _slopes(upstream, results, emissions, transitions, start, end, valid) -> tuple:
    """The probabilities of tags, of pairs of neighbours, and of the first and the last tag."""
    # Each is divided by its own sum, not by that of all chains: less rounding.
    _, forward = results
    classes = transitions.shape[-1]
    backward = _backward(emissions, transitions, end, valid)
    tags = ops.softmax(forward + backward, axis=-1)
    upstream = ops.expand_dims(upstream, -1)
    of_tags = ops.where(ops.expand_dims(valid, -1), upstream * tags, 0)
    # A loop, since a scan on TensorFlow would keep the sum of every step.
    before = ops.expand_dims(forward, 3)
    behind = ops.expand_dims(emissions + backward, 2)

    def add(t, total):
        scores = before[t - 1] + transitions + behind[t]
        # Keras's softmax over two axes fails on TensorFlow for an unknown size of the batch.
        pairs = ops.softmax(ops.reshape(scores, (-1, classes * classes)), axis=-1)
        pairs = ops.reshape(pairs, (-1, classes, classes))
        return total + ops.where(ops.reshape(valid[t], (-1, 1, 1)), pairs, 0)

    pairs = ops.fori_loop(1, ops.shape(emissions)[0], add, ops.zeros_like(transitions))
    last = ops.softmax(forward[-1] + end, axis=-1)
    return of_tags, ops.expand_dims(upstream, -1) * pairs, upstream * tags[0], upstream * last


def best(packed: Tensor, valid: Tensor) -> Tensor:
    """The chain of tags with the highest score, `(batch, T)`; of equal ones the lowest tags from the end."""
    transitions, start, end, emissions = unpacked(packed)
    emissions, valid = ops.transpose(emissions, (1, 0, 2)), ops.transpose(valid)

    def back(state, row):
        score, there = row  # of the position before; whether the one behind it is a part of the chain
        onward = take_at(transitions, _spread(state[0], transitions), -1)
        return [ops.where(there, argmax(score + onward, -1), state[0])]

    scores = _up_to(ops.amax, emissions, transitions, start, valid)
    last = argmax(scores[-1] + end, -1)
    tags = ops.expand_dims(last, 0)
    if emissions.shape[0] != 1:
        before = recursion(back, [last], [ops.flip(scores[:-1], 0), ops.flip(valid[1:], 0)])[0]
        tags = ops.concatenate([ops.flip(before, 0), tags])
    return ops.transpose(tags)


def _spread(tag: Tensor, transitions: Tensor) -> Tensor:
    """The tag of each row for every class, `(batch, C)`."""
    return ops.expand_dims(tag, 1) + ops.zeros_like(transitions[:, 0], dtype=tag.dtype)
