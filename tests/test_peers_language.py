"""Losses of texts, preferences, policies, pairs and sequences against the libraries they come from."""

import importlib.util
import warnings

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from tests.backend import array, assert_close, value_and_gradient

N, T, V = 4, 5, 6  # texts, tokens, vocabulary


def installed(name):
    return pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")


def of_torch(function, x):
    """The scalar `function(x)` of PyTorch and its gradient."""
    import torch

    x = torch.tensor(x, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = function(x)
    value.backward()
    return value.item(), x.grad.numpy()


def assert_same(ours, theirs, x, message=""):
    """Two functions of one array have the same value and gradient."""
    value, gradient = value_and_gradient(ours, x)
    expected_value, expected_gradient = of_torch(theirs, x)
    assert_close(value, expected_value, message=message)
    assert_close(gradient, expected_gradient, gradient=True, message=message)


@pytest.fixture
def texts(rng):
    """Ids and logits of N chosen texts and N rejected ones; every chosen one has 4 tokens."""
    ids = rng.integers(0, V, size=(2 * N, T))
    ids[:N, 0] = -100
    ids[N:, -1] = -100
    ids[N, :3] = -100
    return ids, (2 * rng.normal(size=(2 * N, T, V))).astype("float32")


@pytest.fixture
def reference(rng):
    return (2 * rng.normal(size=(2 * N, T, V))).astype("float32")


def log_probability(ids, logits, average=False):
    """`(N, 2)`: chosen and rejected."""
    x = K.layers.SequenceLogProbability(average=average)([ids, logits])
    return ops.transpose(ops.reshape(x, (2, -1)))


@installed("torch")
def test_torch(rng):
    import torch
    import torch.nn.functional as F

    vectors, labels = rng.normal(size=(5, 2, 3)).astype("float32"), np.array([1, -1, -1, 1, -1])
    triplets, scores = rng.normal(size=(2, 5, 3, 3)).astype("float32")[0], vectors[:, :, 0]
    y, none = torch.tensor(labels), np.zeros(5)
    rows = [
        (K.CosineEmbedding(), labels, vectors, lambda x: F.cosine_embedding_loss(x[:, 0], x[:, 1], y)),
        (
            K.CosineEmbedding(margin=0.3),
            labels,
            vectors,
            lambda x: F.cosine_embedding_loss(x[:, 0], x[:, 1], y, margin=0.3),
        ),
        (
            K.MarginRanking(margin=0.2),
            labels,
            scores,
            lambda x: F.margin_ranking_loss(x[:, 0], x[:, 1], y, margin=0.2),
        ),
        (
            K.HingeEmbedding(margin=0.8),
            np.stack([labels] * 2, -1),
            scores,
            lambda x: F.hinge_embedding_loss(x, torch.stack([y] * 2, -1), margin=0.8),
        ),
    ]
    for swap in (False, True):
        rows += [
            (
                K.TripletMargin(swap=swap),
                none,
                triplets,
                lambda x, swap=swap: F.triplet_margin_loss(*x.unbind(1), swap=swap, eps=0),
            ),
            (
                K.TripletMargin(0.4, "manhattan", swap=swap),
                none,
                triplets,
                lambda x, swap=swap: F.triplet_margin_loss(*x.unbind(1), 0.4, p=1, swap=swap, eps=0),
            ),
            (
                K.TripletMargin(0.4, "cosine", swap=swap),
                none,
                triplets,
                lambda x, swap=swap: F.triplet_margin_with_distance_loss(
                    *x.unbind(1),
                    margin=0.4,
                    swap=swap,
                    distance_function=lambda a, b: 1 - F.cosine_similarity(a, b),
                ),
            ),
        ]
    teacher, student = rng.normal(size=(2, 5, 4)).astype("float32")
    rows.append(
        (
            K.LogitsDistillation(temperature=2.5),
            teacher,
            student,
            lambda x: (
                2.5**2
                * F.kl_div(
                    F.log_softmax(x / 2.5, -1),
                    F.softmax(torch.tensor(teacher) / 2.5, -1),
                    reduction="batchmean",
                )
            ),
        )
    )
    for loss, y_true, y_pred, function in rows:
        assert_same(lambda x, f=loss, t=y_true: f(t, x), function, y_pred, repr(loss))


@installed("torch")
def test_torch_tokens(rng, texts):
    import torch.nn.functional as F
    from torch import tensor

    ids, logits = texts
    weight = np.array([0.5, 1.0, 2.0, 3.0, 0.1, 1.5], "float32")
    for arguments in ({}, {"label_smoothing": 0.1}):
        assert_same(
            lambda x, a=arguments: K.CausalLMCrossentropy(**a)(ids, x),
            lambda x, a=arguments: F.cross_entropy(x.flatten(0, 1), tensor(ids).flatten(), **a),
            logits,
        )
        loss = K.CausalLMCrossentropy(class_weight=weight, reduction="mean_with_sample_weight", **arguments)
        arguments["weight"] = tensor(weight)
        assert_same(
            lambda x, f=loss: f(ids, x),
            lambda x, a=arguments: F.cross_entropy(x.flatten(0, 1), tensor(ids).flatten(), **a),
            logits,
        )
    assert_same(
        lambda x: K.CausalLMCrossentropy(shift=True)(ids, x),
        lambda x: F.cross_entropy(x[:, :-1].flatten(0, 1), tensor(ids[:, 1:]).flatten()),
        logits,
    )
    labels = np.array([[1, 1, 2], [3, 5, -1], [-1, -1, -1], [2, 2, 2]])
    count, frames = (labels >= 0).sum(axis=1), np.array([5, 4, 3, 4])
    tokens = logits[:4]

    def ctc(x, blank, **arguments):
        y, lengths = tensor(np.maximum(labels, 0)), (tensor(frames), tensor(count))
        return F.ctc_loss(x.log_softmax(-1).transpose(0, 1), y, *lengths, blank=blank, **arguments)

    with_frames = np.concatenate([frames[:, None], labels], axis=1)
    for blank in (0, 4):
        ours = {"blank_index": blank, "input_length": "y_true", "zero_infinity": True}
        assert_same(
            lambda x, a=ours: K.CTC(normalize_by_length=True, **a)(with_frames, x),
            lambda x, b=blank: ctc(x, b, zero_infinity=True),
            tokens,
        )
        assert_same(
            lambda x, a=ours: K.CTC(reduction="sum", layout="TNC", **a)(
                with_frames, ops.transpose(x, (1, 0, 2))
            ),
            lambda x, b=blank: ctc(x, b, reduction="sum", zero_infinity=True),
            tokens,
        )


@installed("pytorch_metric_learning")
def test_pytorch_metric_learning(rng):
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_metric_learning import distances, losses, reducers

    x = rng.normal(size=(9, 4)).astype("float32")
    ids = np.array([0, 0, 1, 1, 1, 2, 2, 0, 3])  # the last one has no positive
    for arguments in ({}, {"gamma": 16.0}):
        for margin in (0.4, 0.25):
            loss = K.Circle(margin=margin, normalize=True, stop_gradient=True, **arguments)
            theirs = losses.CircleLoss(m=margin, **arguments)
            assert_same(
                lambda x, f=loss: f(ids, x), lambda x, f=theirs: f(x, torch.tensor(ids)), x, repr(loss)
            )

    triplets, labels = rng.normal(size=(5, 3, 4)).astype("float32"), np.array([1, 0, 0, 1, 0])
    plain = {
        "distance": distances.LpDistance(normalize_embeddings=False),
        "reducer": reducers.MeanReducer(),
    }
    one, two, three = torch.arange(5), torch.arange(5, 10), torch.arange(10, 15)
    for arguments in ({}, {"swap": True}, {"soft": True}):
        theirs = {("smooth_loss" if name == "soft" else name): value for name, value in arguments.items()}
        theirs = losses.TripletMarginLoss(margin=0.7, **plain, **theirs)
        assert_same(
            lambda x, a=arguments: K.TripletMargin(0.7, **a)(np.zeros(5), x),
            lambda x, f=theirs: f(x.transpose(0, 1).flatten(0, 1), indices_tuple=(one, two, three)),
            triplets,
        )
    pairs = triplets[:, :2]
    positive, negative = torch.tensor(labels == 1), torch.tensor(labels == 0)
    theirs = losses.ContrastiveLoss(pos_margin=0.5, neg_margin=3.0, **plain)
    indices = (one[positive], two[positive], one[negative], two[negative])
    shares = {kind: K.Contrastive(3.0, 0.5, squared=False, reduction="sum") for kind in (0, 1)}
    assert_same(  # the mean of the positive pairs plus that of the negative ones
        lambda x: sum(f(labels, x, labels == kind) / (labels == kind).sum() for kind, f in shares.items()),
        lambda x: theirs(x.transpose(0, 1).flatten(0, 1), indices_tuple=indices),
        pairs,
    )


@installed("liger_kernel")
def test_liger_preference(texts, reference):
    import torch
    from liger_kernel import chunked_loss as L

    ids, logits = texts
    head, target = torch.eye(V), torch.tensor(ids)
    with_reference = {"ref_input": torch.tensor(reference), "ref_weight": head}
    given = array(log_probability(ids, reference))

    def check(loss, y_true, theirs, average=False, **extra):
        assert_same(
            lambda x: loss(y_true, log_probability(ids, x, average)),
            lambda x: theirs(head, x, target, **extra)[0],
            logits,
            repr(loss),
        )

    smoothed = {"robust": 0.2, "exo_pair": 0.1}
    for kind in K.losses.preference.LOSS_TYPES:
        if kind == "ipo":
            continue
        arguments = {"beta": 0.3, "loss_type": kind, "label_smoothing": smoothed.get(kind, 0.0)}
        theirs = L.LigerFusedLinearDPOLoss(compiled=False, **arguments)
        check(K.DPO(**arguments), given, theirs, **with_reference)
    check(K.DPO(), given, L.LigerFusedLinearDPOLoss(compiled=False), **with_reference)
    none = np.zeros((N, 2))
    theirs = L.LigerFusedLinearDPOLoss(compiled=False, use_ref_model=False)
    check(K.DPO(), none, theirs)
    check(K.ORPO(), none, L.LigerFusedLinearORPOLoss(compiled=False), average=True)
    theirs = L.LigerFusedLinearORPOLoss(compiled=False, compute_nll_loss=False, beta=0.5)
    check(K.ORPO(0.5, alpha=0), none, theirs, average=True)
    for arguments in ({}, {"beta": 0.4, "label_smoothing": 0.2}):
        theirs = L.LigerFusedLinearCPOLoss(compiled=False, **arguments)
        check(K.CPO(alpha=1 / 4, **arguments), none, theirs)
        theirs = L.LigerFusedLinearSimPOLoss(compiled=False, compute_nll_loss=False, **arguments)
        check(K.SimPO(**{"beta": 0.1, **arguments}), none, theirs, average=True)

    good = np.arange(2 * N) % 3 != 1
    theirs = L.LigerFusedLinearKTOLoss(compiled=False, use_ref_model=True)
    log_p = K.layers.SequenceLogProbability()
    before = array(log_p([ids, reference]))
    for kl in (None, 0.7):
        other = [] if kl is None else [np.full(2 * N, kl)]
        y_true = np.stack([good, before, *(0 * x for x in other)], axis=-1)
        assert_same(
            lambda x, t=y_true, z=other: K.KTO()(
                t, ops.stack([log_p([ids, x]), *(ops.cast(c, "float32") for c in z)], axis=-1)
            ),
            lambda x, kl=kl: theirs(
                x,
                head,
                target,
                preference_labels=torch.tensor(good),
                kl=None if kl is None else torch.tensor(kl),
                **with_reference,
            )[0],
            logits,
        )


@installed("liger_kernel")
def test_liger_policy_and_distillation(rng, texts, reference):
    import torch
    from liger_kernel import chunked_loss as L

    ids, logits = rng.integers(0, V, size=(2 * N, T)), texts[1]
    there = (texts[0] != -100).astype("float32")
    there[1] = 1
    advantage = np.array([1, -1, 0.5, -0.5, 2, -2, 0.1, 0.0], "float32")
    log_p = array(ops.log_softmax(logits, axis=-1))
    chosen = np.take_along_axis(log_p, ids[..., None], axis=-1)[..., 0]
    old, before = (chosen + 0.3 * rng.normal(size=(2, 2 * N, T))).astype("float32")
    y_true = np.stack([old, np.repeat(advantage[:, None], T, axis=1), there, before], axis=-1)
    averages = {"grpo": "sequences", "bnpo": "tokens", "dapo": "tokens", "dr_grpo": "length"}

    def taken(x):
        return ops.take_along_axis(ops.log_softmax(x, axis=-1), ids[..., None], axis=-1)[..., 0]

    def theirs(x, loss):
        tensors = (torch.tensor(y) for y in (ids, there, advantage))
        logs = {"ref_per_token_logps": torch.tensor(before), "old_per_token_logps": torch.tensor(old)}
        return loss(x, torch.eye(V), *tensors, **logs)[0]

    for kind, average in averages.items():
        for level in ("token", "sequence"):
            for beta, clip, high in ((0.04, 0.2, 0.2), (0.0, 0.1, 0.3)):
                ours = K.GRPO(beta, clip, high, level=level, average=average)
                arguments = {"beta": beta, "epsilon_low": clip, "epsilon_high": high, "loss_type": kind}
                arguments |= {"importance_sampling_level": level, "max_completion_length": T}
                loss = L.LigerFusedLinearGRPOLoss(compiled=False, **arguments)
                assert_same(
                    lambda x, f=ours: f(y_true, taken(x)),
                    lambda x, f=loss: theirs(x, f),
                    logits,
                    f"{kind} {ours!r}",
                )
    arguments = {"beta": 0.0, "loss_type": "bnpo", "delta": 1.3}
    loss = L.LigerFusedLinearGRPOLoss(compiled=False, **arguments)
    ours = K.PPOClip(dual_clip=1.3)
    assert_same(lambda x: ours(y_true[..., :3], taken(x)), lambda x: theirs(x, loss), logits, repr(ours))

    flat, teacher = logits.reshape(-1, V), reference.reshape(-1, V)
    labels = torch.tensor(ids.reshape(-1))
    shares = {"weight_soft_loss": 0.6 * 2.0**2, "weight_hard_loss": 0.4}  # it has no factor T**2
    loss = L.LigerFusedLinearJSDLoss(beta=0.0, temperature=2.0, compiled=False, **shares)
    packed = np.concatenate([teacher, ids.reshape(-1, 1)], axis=-1)
    assert_same(
        lambda x: K.LogitsDistillation(2.0, hard_weight=0.4)(packed, x),
        lambda x: loss(x, torch.eye(V), torch.tensor(teacher), torch.eye(V), labels),
        flat,
    )
