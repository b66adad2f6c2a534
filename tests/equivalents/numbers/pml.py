import numpy as np

from tests.equivalents.number import EMBEDDINGS, MEMBERS, PAIRS, TRIPLETS, Number, draws, one_hot
from tests.equivalents.numbers.torch import tensor


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def call(name, *arguments, ref_emb=None, **options):
    import pytorch_metric_learning.losses

    loss = getattr(pytorch_metric_learning.losses, name)(**options)
    return loss(*arguments) if ref_emb is None else loss(*arguments, ref_emb=ref_emb)


def of_labels(name, miner=None, distance=None, reducer=None, **options):
    """Of a batch of embeddings and their labels; a miner, `(name, arguments)`, chooses pairs or triplets."""

    def theirs(y_true, y_pred):
        from pytorch_metric_learning import distances, miners, reducers

        x, labels, given = tensor(y_pred), tensor(y_true), dict(options)
        if distance:
            given["distance"] = getattr(distances, distance)()
        if reducer:
            given["reducer"] = getattr(reducers, reducer)()
        mined = [getattr(miners, miner[0])(**miner[1])(x, labels)] if miner else []
        return call(name, x, labels, *mined, **given)

    return theirs


def of_batch(name, config=None, **options):
    """The number of the labelled batch that most rows have."""
    return Number(of_labels(name, **options), MEMBERS, EMBEDDINGS, config or {})


def of_triplets(**options):
    """Of the given triplets, all of which cost something here."""

    def theirs(_, y_pred):
        import torch

        roles = tuple(torch.arange(len(y_pred)) + i * len(y_pred) for i in range(3))
        rows = tensor(np.concatenate(np.moveaxis(y_pred, 1, 0)))
        return call("TripletMarginLoss", rows, None, roles, **options)

    return theirs


def of_pairs(y_true, y_pred):
    """Half of the sum of two means, that of 2 similar pairs and that of 2 others."""
    import torch

    n, alike = len(y_pred), torch.tensor(y_true > 0)
    left, right = torch.arange(n), torch.arange(n) + n
    rows = tensor(np.concatenate(np.moveaxis(y_pred, 1, 0)))
    indices = left[alike], right[alike], left[~alike], right[~alike]
    return call("ContrastiveLoss", rows, None, indices) / 2


def vicreg(**options):
    def theirs(_, y_pred):
        one, other = (tensor(x) for x in np.moveaxis(y_pred, 1, 0))
        return call("VICRegLoss", one, ref_emb=other, **options)

    return theirs


CLASSES = 3
_NORMAL = draws(31)
CENTERS = {k: _NORMAL(4, CLASSES * k) for k in (1, 2)}
"""k centers for each class: column `c * k + j` is center j of class c."""


def cosines(k=1, norm=False):
    """What `layers.CosineDense` of these centers makes of the embeddings."""
    x = unit(EMBEDDINGS) @ unit(CENTERS[k].T).T
    x = x if k == 1 else x.reshape(-1, CLASSES, k)
    return np.concatenate([x, np.linalg.norm(EMBEDDINGS, axis=1, keepdims=True)], axis=1) if norm else x


def of_centers(name, weight="W", config=None, k=1, norm=False, **options):
    """Of the embeddings and centers whose cosines are the input here."""

    def theirs(y_true, y_pred):
        import pytorch_metric_learning.losses
        import torch

        several = {"sub_centers": k} if name.startswith("Sub") else {"centers_per_class": k} if k > 1 else {}
        loss = getattr(pytorch_metric_learning.losses, name)(
            num_classes=CLASSES, embedding_size=4, **several, **options
        )
        parameter, centers = getattr(loss, weight), tensor(CENTERS[k])
        with torch.no_grad():
            parameter.copy_(centers if weight != "proxies" else centers.T)
        return loss(tensor(EMBEDDINGS), tensor(y_true))

    return Number(theirs, MEMBERS, cosines(k, norm), config or {})


UNIT = np.round(unit(TRIPLETS), 5)
COSTLY = np.stack([UNIT[:, 0], -UNIT[:, 0][:, [1, 2, 0]], UNIT[:, 2] + UNIT[:, 0]], axis=1)
COSTLY = unit(COSTLY)
NEAR = unit(np.stack([PAIRS[:4, 0], PAIRS[:4, 0] + 0.3 * PAIRS[:4, 1]], axis=1))

SQUARE, OF_SQUARE = np.array([4, 4, 4, 1, 1, 1, 7, 7, 7]), np.round(draws(5)(9, 4), 2)
"""As many samples of each class as there are classes."""
CLUSTERS = np.round(0.4 * EMBEDDINGS + one_hot(MEMBERS, 4), 2)
"""In which some anchors cost nothing."""
ON_SPHERE = unit(EMBEDDINGS)

NUMBERS = {
    "AngularLoss": [
        Number(of_labels("AngularLoss"), MEMBERS, ON_SPHERE),
        Number(of_labels("AngularLoss", alpha=50), MEMBERS, ON_SPHERE, {"alpha": 50.0}),
    ],
    "BatchHardMiner": [
        Number(of_labels("TripletMarginLoss", miner=("BatchHardMiner", {})), MEMBERS, CLUSTERS),
        of_batch("TripletMarginLoss", {"margin": 0.4}, miner=("BatchHardMiner", {}), margin=0.4),
        of_batch(
            "TripletMarginLoss", {"average": "valid"}, miner=("BatchHardMiner", {}), reducer="MeanReducer"
        ),
        of_batch("TripletMarginLoss", {"soft": True}, miner=("BatchHardMiner", {}), smooth_loss=True),
    ],
    "CircleLoss": [
        of_batch("CircleLoss"),
        of_batch("CircleLoss", {"margin": 0.25, "gamma": 16.0}, m=0.25, gamma=16),
    ],
    "ContrastiveLoss": [
        of_batch("ContrastiveLoss"),
        of_batch("ContrastiveLoss", {"margin": 1.2, "pos_margin": 0.9}, neg_margin=1.2, pos_margin=0.9),
        of_batch("ContrastiveLoss", {"average": "valid"}, reducer="MeanReducer"),
        of_batch(
            "ContrastiveLoss",
            {"distance": "cosine", "pos_margin": 0.25, "margin": 0.75},
            distance="CosineSimilarity",
            pos_margin=0.75,
            neg_margin=0.25,
        ),
    ],
    "ContrastiveLoss(indices_tuple=pairs)": [Number(of_pairs, np.array([1, 0, 0, 1]), NEAR)],
    "FastAPLoss": [of_batch("FastAPLoss"), of_batch("FastAPLoss", {"num_bins": 4}, num_bins=4)],
    "GeneralizedLiftedStructureLoss": [
        of_batch("GeneralizedLiftedStructureLoss"),
        of_batch(
            "GeneralizedLiftedStructureLoss",
            {"margin": 0.7, "pos_margin": 0.2},
            neg_margin=0.7,
            pos_margin=0.2,
        ),
    ],
    "LiftedStructureLoss": [
        of_batch("LiftedStructureLoss"),
        of_batch("LiftedStructureLoss", {"margin": 0.7, "pos_margin": 0.2}, neg_margin=0.7, pos_margin=0.2),
    ],
    "MarginLoss": [
        of_batch("MarginLoss"),
        of_batch("MarginLoss", {"margin": 0.1, "beta": 1.0}, margin=0.1, beta=1.0),
    ],
    "MultiSimilarityLoss": [
        of_batch("MultiSimilarityLoss"),
        of_batch(
            "MultiSimilarityLoss", {"alpha": 3.0, "beta": 20.0, "base": 0.3}, alpha=3, beta=20, base=0.3
        ),
    ],
    "MultiSimilarityMiner": [
        Number(of_labels("MultiSimilarityLoss", miner=("MultiSimilarityMiner", {})), MEMBERS, CLUSTERS),
        Number(
            of_labels("MultiSimilarityLoss", miner=("MultiSimilarityMiner", {"epsilon": 0.3})),
            MEMBERS,
            CLUSTERS,
            {"mining_margin": 0.3},
        ),
    ],
    "NCALoss": [
        of_batch("NCALoss"),
        of_batch("NCALoss", {"temperature": 0.25}, softmax_scale=4),
    ],
    "NTXentLoss": [
        of_batch("NTXentLoss"),
        of_batch("NTXentLoss", {"temperature": 0.5}, temperature=0.5),
    ],
    "SmoothAPLoss": [
        Number(of_labels("SmoothAPLoss"), SQUARE, OF_SQUARE),
        Number(of_labels("SmoothAPLoss", temperature=0.1), SQUARE, OF_SQUARE, {"temperature": 0.1}),
    ],
    "SupConLoss": [
        of_batch("SupConLoss"),
        of_batch("SupConLoss", {"temperature": 0.5}, temperature=0.5),
    ],
    "TripletMarginLoss": [
        of_batch("TripletMarginLoss"),
        of_batch("TripletMarginLoss", {"margin": 0.3}, margin=0.3),
        of_batch("TripletMarginLoss", {"average": "valid"}, reducer="MeanReducer"),
        of_batch("TripletMarginLoss", {"distance": "cosine"}, distance="CosineSimilarity"),
    ],
    "TripletMarginLoss(indices_tuple=triplets)": [Number(of_triplets(), np.zeros(5), COSTLY)],
    **{
        f"TripletMarginMiner{of_type}": [
            of_batch(
                "TripletMarginLoss",
                config,
                margin=margin,
                miner=("TripletMarginMiner", {"margin": margin, "type_of_triplets": kind}),
            )
            for margin, config in ((0.2, {}), (0.5, {"margin": 0.5}))
        ]
        for of_type, kind in {
            "": "all",
            '(type_of_triplets="hard")': "hard",
            '(type_of_triplets="semihard")': "semihard",
        }.items()
    },
    "ArcFaceLoss": [
        of_centers("ArcFaceLoss"),
        of_centers("ArcFaceLoss", config={"margin": float(np.radians(20)), "scale": 8.0}, margin=20, scale=8),
    ],
    "CosFaceLoss": [
        of_centers("CosFaceLoss"),
        of_centers("CosFaceLoss", config={"margin": 0.1, "scale": 8.0}, margin=0.1, scale=8),
    ],
    "NormalizedSoftmaxLoss": [
        of_centers("NormalizedSoftmaxLoss"),
        of_centers("NormalizedSoftmaxLoss", config={"temperature": 0.5}, temperature=0.5),
    ],
    "ProxyAnchorLoss": [
        of_centers("ProxyAnchorLoss", "proxies"),
        of_centers("ProxyAnchorLoss", "proxies", config={"margin": 0.3, "alpha": 4.0}, margin=0.3, alpha=4),
    ],
    "ProxyNCALoss": [
        of_centers("ProxyNCALoss", "proxies"),
        of_centers("ProxyNCALoss", "proxies", config={"scale": 9.0}, softmax_scale=9),
    ],
    "SoftTripleLoss": [
        of_centers("SoftTripleLoss", "fc", k=2),
        of_centers(
            "SoftTripleLoss",
            "fc",
            k=2,
            config={"scale": 5.0, "gamma": 0.5, "margin": 0.2},
            la=5,
            gamma=0.5,
            margin=0.2,
        ),
    ],
    "SphereFaceLoss": [
        of_centers("SphereFaceLoss", norm=True),
        of_centers("SphereFaceLoss", norm=True, config={"margin": 2}, margin=2),
    ],
    "SubCenterArcFaceLoss": [
        of_centers("SubCenterArcFaceLoss", k=2),
        of_centers(
            "SubCenterArcFaceLoss",
            k=2,
            config={"margin": float(np.radians(20)), "scale": 8.0},
            margin=20,
            scale=8,
        ),
    ],
    "VICRegLoss": [
        Number(vicreg(), np.zeros(5), PAIRS),
        Number(
            vicreg(invariance_lambda=1, variance_mu=50, covariance_v=2, eps=0.1),
            np.zeros(5),
            0.5 * PAIRS,
            {"invariance_weight": 1.0, "variance_weight": 50.0, "covariance_weight": 2.0, "epsilon": 0.1},
        ),
    ],
}
