"""Losses of texts, preferences, policies, pairs and sequences against the libraries they come from."""

import itertools
import typing

import numpy as np
import pytest
from keras import ops

import kerasloss as K
from kerasloss.losses.language.preference import LossType
from tests.backend import array
from tests.peers import assert_same, installed, load

N, T, V = 4, 5, 6  # texts, tokens, vocabulary


@pytest.fixture
def texts(rng):
    """Ids, logits and a reference's logits of N chosen texts, each of 4 tokens, and N rejected ones."""
    ids, logits = rng.integers(0, V, size=(2 * N, T)), 2 * rng.normal(size=(2, 2 * N, T, V))
    ids[:N, 0] = ids[N:, -1] = ids[N, :3] = -100
    return ids, *logits.astype("float32")


def log_probability(ids, logits, average=False):
    """`(N, 2)`: chosen and rejected."""
    x = K.layers.SequenceLogProbability(average=average)([ids, logits])
    return ops.transpose(ops.reshape(x, (2, -1)))


@installed("torch")
def test_torch(rng):
    import torch
    import torch.nn.functional as F

    vectors, labels = rng.normal(size=(5, 2, 3)).astype("float32"), np.array([1, -1, -1, 1, -1])
    triplets, scores = rng.normal(size=(5, 3, 3)).astype("float32"), vectors[:, :, 0]
    teacher, student = rng.normal(size=(2, 5, 4)).astype("float32")
    both, y, none = np.stack([labels] * 2, axis=-1), torch.tensor(labels), np.zeros(5)
    soft = F.softmax(torch.tensor(teacher) / 2.5, -1)

    def of_pairs(function, margin):
        return lambda x: function(x[:, 0], x[:, 1], y, margin=margin)

    def distilled(x):
        return 2.5**2 * F.kl_div(F.log_softmax(x / 2.5, -1), soft, reduction="batchmean")

    rows = [
        (K.CosineEmbedding(), labels, vectors, of_pairs(F.cosine_embedding_loss, 0.0)),
        (K.CosineEmbedding(0.3), labels, vectors, of_pairs(F.cosine_embedding_loss, 0.3)),
        (K.MarginRanking(0.2), labels, scores, of_pairs(F.margin_ranking_loss, 0.2)),
        (K.HingeEmbedding(0.8), both, scores, lambda x: F.hinge_embedding_loss(x, torch.tensor(both), 0.8)),
        (K.LogitsDistillation(2.5), teacher, student, distilled),
    ]
    distances = {"euclidean": (F.pairwise_distance, {"eps": 0}), "manhattan": (F.pairwise_distance, {"p": 1})}
    distances["cosine"] = (lambda a, b: 1 - F.cosine_similarity(a, b), {})
    for name, (distance, arguments) in distances.items():
        for swap in (False, True):
            theirs = torch.nn.TripletMarginWithDistanceLoss(
                distance_function=lambda a, b, d=distance, k=arguments: d(a, b, **k), margin=0.4, swap=swap
            )
            ours = K.TripletMargin(0.4, name, swap=swap)
            rows.append((ours, none, triplets, lambda x, f=theirs: f(*x.unbind(1))))
    for loss, y_true, y_pred, function in rows:
        assert_same(lambda x, f=loss, t=y_true: f(t, x), function, y_pred, repr(loss))


@installed("torch")
def test_torch_tokens(texts):
    import torch.nn.functional as F
    from torch import tensor

    ids, logits, _ = texts
    weight = np.array([0.5, 1.0, 2.0, 3.0, 0.1, 1.5], "float32")
    weighted = {"class_weight": weight, "reduction": "mean_with_sample_weight"}
    smoothed = {"label_smoothing": 0.1}
    rows = [({}, {}), (smoothed, smoothed), (weighted, {"weight": tensor(weight)})]
    for ours, theirs in rows:
        assert_same(
            lambda x, a=ours: K.CausalLMCrossentropy(**a)(ids, x),
            lambda x, a=theirs: F.cross_entropy(x.flatten(0, 1), tensor(ids).flatten(), **a),
            logits,
        )
    assert_same(
        lambda x: K.CausalLMCrossentropy(shift=True)(ids, x),
        lambda x: F.cross_entropy(x[:, :-1].flatten(0, 1), tensor(ids[:, 1:]).flatten()),
        logits,
    )
    labels = np.array([[1, 1, 2], [3, 5, -1], [-1, -1, -1], [2, 2, 2]])
    lengths = np.array([5, 4, 3, 4]), (labels >= 0).sum(axis=1)
    framed = np.concatenate([lengths[0][:, None], labels], axis=1)

    def ctc(x, blank):
        x, y, (frames, count) = x.log_softmax(-1).transpose(0, 1), np.maximum(labels, 0), map(tensor, lengths)
        return F.ctc_loss(x, tensor(y), frames, count, blank, zero_infinity=True)

    for blank in (0, 4):
        ours = K.CTC(blank_index=blank, input_length="y_true", normalize_by_length=True, zero_infinity=True)
        assert_same(lambda x, f=ours: f(framed, x), lambda x, b=blank: ctc(x, b), logits[:4])


@installed("pytorch_metric_learning")
def test_pytorch_metric_learning(rng):
    import torch

    distances, losses, reducers = (
        load(f"pytorch_metric_learning.{x}") for x in ("distances", "losses", "reducers")
    )
    x = rng.normal(size=(9, 4)).astype("float32")
    ids = np.array([0, 0, 1, 1, 1, 2, 2, 0, 3])  # the last one has no positive
    for gamma, margin in ((80.0, 0.4), (16.0, 0.25)):
        ours = K.Circle(gamma, margin, normalize=True, stop_gradient=True)
        theirs = losses.CircleLoss(m=margin, gamma=gamma)
        assert_same(lambda x, f=ours: f(ids, x), lambda x, f=theirs: f(x, torch.tensor(ids)), x, repr(ours))

    triplets, labels = rng.normal(size=(5, 3, 4)).astype("float32"), np.array([1, 0, 0, 1, 0])
    reducer, distance = reducers.MeanReducer(), distances.LpDistance(normalize_embeddings=False)
    plain = {"reducer": reducer, "distance": distance}
    one, two, three = torch.arange(5), torch.arange(5, 10), torch.arange(10, 15)
    for arguments in ({}, {"swap": True}, {"soft": True}):
        ours = K.TripletMargin(0.7, **arguments)
        smooth = arguments.pop("soft", False)
        theirs = losses.TripletMarginLoss(margin=0.7, smooth_loss=smooth, **arguments, **plain)
        assert_same(
            lambda x, f=ours: f(np.zeros(5), x),
            lambda x, f=theirs: f(x.transpose(0, 1).flatten(0, 1), indices_tuple=(one, two, three)),
            triplets,
        )
    theirs = losses.ContrastiveLoss(pos_margin=0.5, neg_margin=3.0, **plain)
    positive, negative = torch.tensor(labels == 1), torch.tensor(labels == 0)
    indices = (one[positive], two[positive], one[negative], two[negative])
    ours = K.Contrastive(3.0, 0.5, squared=False, reduction="mean_with_sample_weight")
    assert_same(  # the mean of the positive pairs plus that of the negative ones
        lambda x: ours(labels, x, labels == 1) + ours(labels, x, labels == 0),
        lambda x: theirs(x.transpose(0, 1).flatten(0, 1), indices_tuple=indices),
        triplets[:, :2],
    )


@installed("liger_kernel")
def test_liger_preference(texts):
    import torch
    from liger_kernel import chunked_loss as L

    ids, logits, reference = texts
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
    for kind in set(typing.get_args(LossType)) - {"ipo"}:
        arguments = {"beta": 0.3, "loss_type": kind, "label_smoothing": smoothed.get(kind, 0.0)}
        theirs = L.LigerFusedLinearDPOLoss(compiled=False, **arguments)
        check(K.DPO(**arguments), given, theirs, **with_reference)
    none = np.zeros((N, 2))
    check(K.DPO(), none, L.LigerFusedLinearDPOLoss(compiled=False, use_ref_model=False))
    check(K.ORPO(), none, L.LigerFusedLinearORPOLoss(compiled=False), average=True)
    theirs = L.LigerFusedLinearORPOLoss(compiled=False, compute_nll_loss=False, beta=0.5)
    check(K.ORPO(0.5, alpha=0), none, theirs, average=True)
    for arguments in ({}, {"beta": 0.4, "label_smoothing": 0.2}):
        theirs = L.LigerFusedLinearCPOLoss(compiled=False, **arguments)
        check(K.CPO(alpha=1 / 4, **arguments), none, theirs)
        theirs = L.LigerFusedLinearSimPOLoss(compiled=False, compute_nll_loss=False, **arguments)
        check(K.SimPO(**{"beta": 0.1, **arguments}), none, theirs, average=True)

    good, log_p = np.arange(2 * N) % 3 != 1, K.layers.SequenceLogProbability()
    theirs = L.LigerFusedLinearKTOLoss(compiled=False, use_ref_model=True)
    before = array(log_p([ids, reference]))
    shared = {"preference_labels": torch.tensor(good), **with_reference}
    for mismatched in ([], [np.full(2 * N, 0.7, "float32")]):
        y_true = np.stack([good, before, *(0 * z for z in mismatched)], axis=-1)
        kl = torch.tensor(0.7) if mismatched else None
        assert_same(
            lambda x, t=y_true, z=mismatched: K.KTO()(t, ops.stack([log_p([ids, x]), *z], axis=-1)),
            lambda x, z=kl: theirs(x, head, target, kl=z, **shared)[0],
            logits,
        )


@installed("liger_kernel")
def test_liger_policy_and_distillation(rng, texts):
    import torch
    from liger_kernel import chunked_loss as L

    there, logits, reference = texts
    ids, there = rng.integers(0, V, size=(2 * N, T)), (there != -100).astype("float32")
    advantage = np.array([1, -1, 0.5, -0.5, 2, -2, 0.1, 0.0], "float32")
    log_p = array(ops.log_softmax(logits, axis=-1))
    chosen = np.take_along_axis(log_p, ids[..., None], axis=-1)[..., 0]
    old, before = (chosen + 0.3 * rng.normal(size=(2, 2 * N, T))).astype("float32")
    y_true = np.stack([old, np.repeat(advantage[:, None], T, axis=1), there, before], axis=-1)
    averages = {"grpo": "sequences", "bnpo": "tokens", "dapo": "tokens", "dr_grpo": "length"}

    def taken(x):
        return ops.take_along_axis(ops.log_softmax(x, axis=-1), ids[..., None], axis=-1)[..., 0]

    def check(ours, y_true, **arguments):
        loss = L.LigerFusedLinearGRPOLoss(compiled=False, **arguments)
        tensors = [torch.tensor(y) for y in (ids, there, advantage)]
        logs = {"ref_per_token_logps": torch.tensor(before), "old_per_token_logps": torch.tensor(old)}
        assert_same(
            lambda x: ours(y_true, taken(x)), lambda x: loss(x, torch.eye(V), *tensors, **logs)[0], logits
        )

    for kind, level in itertools.product(averages, ("token", "sequence")):
        for beta, clip, high in ((0.04, 0.2, 0.2), (0.0, 0.1, 0.3)):
            ours = K.GRPO(beta, clip, high, level=level, average=averages[kind])
            arguments = {"beta": beta, "epsilon_low": clip, "epsilon_high": high, "loss_type": kind}
            arguments |= {"importance_sampling_level": level, "max_completion_length": T}
            check(ours, y_true, **arguments)
    ours = K.GRPO(0.1, clip_high=0.3, average="tokens", loss_type="cispo")
    check(ours, y_true, beta=0.1, epsilon_high=1.3, loss_type="cispo")
    for good, bad in ((1.0, 1.05), (3.0, 0.5)):
        ours = K.GRPO(0.1, loss_type="sapo", temperature=good, negative_temperature=bad)
        temperatures = {"sapo_temperature_pos": good, "sapo_temperature_neg": bad}
        check(ours, y_true, beta=0.1, loss_type="sapo", **temperatures)
    check(K.PPOClip(dual_clip=1.3), y_true[..., :3], beta=0.0, loss_type="bnpo", delta=1.3)

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


@installed("transformers")
def test_transformers_routers(rng):
    import torch
    from transformers.models.mixtral.modeling_mixtral import load_balancing_loss_func as of_mixtral
    from transformers.models.switch_transformers import modeling_switch_transformers as switch

    layers = (2 * rng.normal(size=(3, N, T, 5))).astype("float32")
    weight = (rng.uniform(size=(N, T)) > 0.3).astype("float32")
    for top_k, mask in itertools.product((1, 2, 5), (None, weight)):
        given = None if mask is None else np.stack([mask] * 3)
        assert_same(
            lambda x, k=top_k, w=given: K.MoELoadBalancing(k)(None, x, w),
            lambda x, k=top_k, w=mask: of_mixtral(
                tuple(x.reshape(3, N * T, 5)), 5, k, None if w is None else torch.tensor(w)
            ),
            layers,
        )
    assert_same(
        lambda x: K.MoELoadBalancing(level="sequence")(None, x),
        lambda x: switch.load_balancing_loss_func(x.softmax(-1), x.argmax(-1)),
        layers[0],
    )
    assert_same(lambda x: K.RouterZ()(None, x), switch.router_z_loss_func, layers[0])
