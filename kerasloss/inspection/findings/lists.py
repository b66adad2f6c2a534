"""Lists of items: whether their relevances give a loss something to compare."""

from collections.abc import Iterator

import numpy as np

from kerasloss.inspection.findings.batch import ENOUGH, Batch, Finding


def signs(batch: Batch) -> Iterator[Finding]:
    """Labels -1 and 1, of which the first is taken for padding."""
    if batch.kind != "list" or batch.y_true.size < ENOUGH:
        return
    if np.array_equal(np.unique(batch.y_true[batch.asked]), (-1, 1)):
        seen = "All relevances are -1 or 1, and what is below 0 is padding: no two items can be compared."
        advice = "If -1 stands for items that are not relevant, give them 0."
        yield Finding("labels", seen, advice, fix="y_true = np.maximum(y_true, 0)")


def without_order(batch: Batch) -> Iterator[Finding]:
    """A batch of which most lists have nothing to put in order."""
    y = batch.y_true
    # What is chosen and what is not are costs of their own there.
    if batch.kind != "list" or batch.name == "CosineContrastive" or not len(y):
        return
    item = batch.asked & (y >= 0)
    largest = np.where(item, y, -np.inf).max(axis=1, initial=-np.inf)
    smallest = np.where(item, y, np.inf).min(axis=1, initial=np.inf)
    for lists, what in (
        (item.sum(axis=1) < 2, "have fewer than two items"),
        (largest <= 0, "have no relevant item"),
        (largest == smallest, "have items that are all of one relevance"),
    ):
        if lists.sum() > len(y) / 2 and not list(signs(batch)):
            seen = f"{lists.sum()} of {len(y)} lists {what}: nothing is learned from their order."
            advice = "Leave them out of training; look how lists are made, and whether padding is below 0."
            yield Finding("labels", seen, advice)
            return


CHECKS = (signs, without_order)
"""The checks of a batch alone."""
