"""Losses of sequences against torchaudio, pytorch-crf and tslearn where they are installed."""

import numpy as np

import kerasloss as K
from tests.peers import assert_same, installed, load


@installed("torchaudio")
def test_torchaudio(rng):
    import torch

    steps = rng.normal(size=(3, 6, 4, 5)).astype("float32")
    labels, frames = np.array([[1, 2, 2], [3, 1, -1], [4, -1, -1]]), np.array([6, 4, 3])
    count = (labels >= 0).sum(axis=1)
    framed = np.concatenate([frames[:, None], labels], axis=1)
    rnnt = load("torchaudio.functional").rnnt_loss

    def theirs(x):
        lengths = (torch.tensor(z.astype("int32")) for z in (np.maximum(labels, 0), frames, count))
        return rnnt(x, *lengths, blank=0)

    ours = K.Transducer(input_length="y_true")
    assert_same(lambda x: ours(framed, x), theirs, steps)


@installed("torchcrf")
def test_pytorch_crf(rng):
    import torch

    emissions = rng.normal(size=(3, 5, 4)).astype("float32")
    tags, lengths = rng.integers(0, 4, (3, 5)), np.array([5, 3, 1])
    mask = np.arange(5) < lengths[:, None]
    model, layer = load("torchcrf").CRF(4, batch_first=True), K.layers.CRFTransitions()
    layer.build((None, 5, 4))
    layer.transitions.assign(model.transitions.detach().numpy())
    boundaries = torch.stack([model.start_transitions, model.end_transitions])
    layer.boundaries.assign(boundaries.detach().numpy())
    kept = np.where(mask, tags, -1)
    target, there = torch.tensor(tags), torch.tensor(mask)
    assert_same(
        lambda x: K.LinearChainCRF()(kept, layer(x)),
        lambda x: -model(x, target, mask=there, reduction="mean"),
        emissions,
    )
    best = np.array(layer.decode(layer(emissions), mask))
    theirs = model.decode(torch.tensor(emissions), mask=there)
    assert [row[row >= 0].tolist() for row in best] == theirs


@installed("tslearn")
def test_tslearn(rng):
    SoftDTW = load("tslearn.metrics").SoftDTWLossPyTorch
    x, y = rng.normal(size=(2, 3, 6, 2)).astype("float32")
    for gamma, divergence in ((1.0, False), (0.2, True)):
        ours, theirs = K.SoftDTW(gamma, divergence), SoftDTW(gamma=gamma, normalize=divergence)
        assert_same(
            lambda p, f=ours: f(x, p), lambda p, f=theirs: f(load("torch").tensor(x), p).mean(), y, repr(ours)
        )
