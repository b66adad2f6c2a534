"""`DistributedDataParallel` of PyTorch: two processes on the CPU, with the code of the guide."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import kerasloss
from tests.backend import BACKEND, assert_close
from tests.devices import training

if BACKEND != "torch":
    pytest.skip("DistributedDataParallel is PyTorch's", allow_module_level=True)

ROOT = pathlib.Path(kerasloss.__file__).parents[1]
LIMIT = 300
"""Seconds. It takes a few, most of them imports; a process that waits for another one waits for ever."""


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What each process found."""
    if sys.platform == "win32":
        pytest.skip("the processes are forks of one")
    output = tmp_path_factory.mktemp("processes") / "found.json"
    command = [sys.executable, "-m", "tests.devices.processes", str(output)]
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else None
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text())


def test_a_loss_of_samples(processes):
    """Nothing is to be gathered: the mean of the gradients is the gradient of the mean."""
    assert len(processes) == 2
    for found in (found["samples"] for found in processes):
        for weights, expected in zip(found["shares"][1], found["one process"][1], strict=True):
            assert_close(weights, expected, gradient=True)


@pytest.mark.parametrize("name", training.TASKS)
def test_the_gathered_batch(processes, name):
    for found in (found[name] for found in processes):
        training.assert_same(found["gathered"], found["one process"])


@pytest.mark.parametrize("name", training.OF_THE_BATCH)
def test_a_share_by_itself_is_another_loss(processes, name):
    alone, whole = (np.array(processes[0][name][kind][1][0]) for kind in ("shares", "one process"))
    assert np.abs(alone - whole).max() > 1e-4


@pytest.mark.parametrize("loss", training.DIVIDED_BY_COUNTS, ids=str)
def test_means_over_what_counts(processes, loss):
    found = [found[str(loss)] for found in processes]
    assert abs(np.mean([f["shares"] for f in found]) - found[0]["one process"]) > 0.01
    for f in found:
        assert_close(f["gathered"], f["one process"])


@pytest.mark.parametrize("name", training.NOTHING)
def test_a_process_of_which_nothing_counts(processes, name):
    """Its value and gradient are 0, and the mean of both is half of the other's."""
    first, second = (found[f"{name}, nothing"] for found in processes)
    assert first["gradient"] > 0
    assert second["shares"] == second["gradient"] == 0
    same = training.NOTHING[name][-1]
    assert_close(first["shares"] / 2, first["one process"] / (1 if same else 2))


@pytest.mark.parametrize("name", ["samples", "ignored"])
def test_the_mean_of_all(processes, name):
    """Uneven parts, or one of which nothing counts: the mean of means without it, the mean with it."""
    found = [found[f"{name}, mean of all"] for found in processes]
    one, means = found[0]["one process"], found[0]["means"]
    assert np.abs(np.array(one[1][0]) - means[1][0]).max() > 1e-3
    for f in found:
        for kind, expected in (("of all", one), ("shares", means)):
            for weights, others in zip(f[kind][1], expected[1], strict=True):
                assert_close(weights, others, gradient=True)
    assert_close(np.mean([f["of all"][0] for f in found], axis=0), one[0])


def test_samples_of_weight_0_fill_up_the_last_batch(processes):
    for found in processes:
        dice, pairs = found["Dice, filled up"], found["MultiSimilarity, filled up"]
        assert_close(dice["gathered"], dice["one process"])
        assert abs(pairs["gathered"] - pairs["one process"]) > 1e-3
