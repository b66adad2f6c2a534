"""The task of TensorFlow Recommenders' last version, which needs Keras 2."""

import numpy as np

from tests.equivalents.number import Number, draws, module_alone


def retrieval(**arguments):
    """Of ids, or of ids and the probabilities with which they were drawn."""

    def theirs(y_true, y_pred):
        there = module_alone("tensorflow_recommenders.tasks.retrieval").Retrieval(**arguments)
        ids, *drawn = y_true.T if y_true.ndim == 2 else [y_true]
        queries, candidates = np.moveaxis(y_pred.astype("float32"), 1, 0)
        return there(
            queries,
            candidates,
            candidate_ids=ids.astype("int64"),
            candidate_sampling_probability=drawn[0].astype("float32") if drawn else None,
            compute_metrics=False,
        )

    return theirs


IDS, TOWERS = np.array([3, 1, 3, 2, 0]), draws(8)(5, 2, 3)
SAMPLED = np.stack([IDS, [0.5, 0.1, 0.5, 0.9, 0.05]], axis=1)
HARD = {"temperature": 0.5, "remove_accidental_hits": True, "num_hard_negatives": 2}

NUMBERS = {
    "Retrieval": [
        Number(retrieval(), IDS, TOWERS),
        Number(retrieval(), SAMPLED, TOWERS),
        Number(retrieval(**HARD), IDS, TOWERS, HARD),
    ]
}
