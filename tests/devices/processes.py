"""Processes of PyTorch that train with `DistributedDataParallel`: `python -m tests.devices.processes FILE`.

What they find is written to the file, as JSON. The parent imports everything once and forks, before it has
computed anything; the processes meet in a file, so no port is needed.
"""

import json
import sys
import tempfile

import keras
import numpy as np
import torch
import torch.nn.parallel
from torch import distributed

import kerasloss as K
from tests.backend import array
from tests.devices import guide, training

COUNT = 2


def part(x, rank):
    return torch.as_tensor(np.split(x, COUNT)[rank])


def train(code, name, loss, parallel, x, y):
    """The values of some steps, and the weights after them."""
    model = training.model(name)
    module = torch.nn.parallel.DistributedDataParallel(model) if parallel else model
    optimizer = torch.optim.SGD(model.parameters(), training.RATE)
    values = [code["train_step"](module, loss, optimizer, x, y) for _ in range(training.STEPS)]
    return values, [array(w.value).tolist() for w in model.weights]


def results(code, rank):
    """Of one process. `code`: the guide's."""

    def gathered(loss):
        return code["WholeBatch"](loss, code["Gather"].apply)

    found = {}
    for name, (loss, *_) in training.TASKS.items():
        x, y = training.data(name)
        share = part(x, rank), part(y, rank)
        found[name] = {
            "one process": train(code, name, loss, False, torch.as_tensor(x), torch.as_tensor(y)),
            "gathered": train(code, name, gathered(loss), True, *share),
            "shares": train(code, name, loss, True, *share),
        }
    for loss in training.DIVIDED_BY_COUNTS:
        share = [part(x, rank) for x in training.UNEVEN]
        found[str(loss)] = {
            "one process": float(loss(*training.UNEVEN)),
            "gathered": float(gathered(loss)(*share)),
            "shares": float(loss(*share)),
        }
    for name, (loss, *arrays, _) in training.NOTHING.items():
        y_true, y_pred, weight, mask = training.half(arrays, rank)
        y_pred = torch.as_tensor(y_pred).requires_grad_()
        value = training.value(loss, y_true, y_pred, weight, mask)
        value.backward()
        found[f"{name}, nothing"] = {
            "one process": float(training.value(loss, *arrays)),
            "shares": float(value),
            "gradient": float(y_pred.grad.abs().max()),
        }
    found |= means_of_all(code, rank)
    rng = np.random.default_rng(0)
    batches = {
        "Dice": (K.Dice(), np.array([[1.0], [0], [1]], "float32"), rng.uniform(size=(3, 1))),
        "MultiSimilarity": (K.MultiSimilarity(), np.array([0, 1, 0]), rng.normal(size=(3, 4))),
    }
    for name, (loss, y, p) in batches.items():
        full = [np.concatenate([x, x[:1]]) for x in (y, p.astype("float32"))]
        share = [part(x, rank) for x in (*full, np.array([1, 1, 1, 0], "float32"))]
        found[f"{name}, filled up"] = {
            "one process": float(loss(y, p.astype("float32"))),
            "gathered": float(gathered(loss)(*share)),
        }
    return found


def means_of_all(code, rank):
    """Of uneven parts, and of parts one of which doesn't count, with the count of all and without it."""
    found = {}
    for name, at, counts in (("samples", 10, lambda y: y[:, 0] < np.inf), ("ignored", 8, lambda y: y != -1)):
        loss = training.TASKS[name][0]
        whole = [torch.as_tensor(x) for x in training.data(name)]
        parts = [slice(0, at), slice(at, None)]

        def mean_of_means(y, p, loss=loss, parts=parts):
            return sum(loss(y[part], p[part]) for part in parts) / COUNT

        of_all = code["MeanOfAll"](
            type(loss)(**{**loss.get_config(), "reduction": "sum"}), code["add"], counts, replicas=COUNT
        )
        share = [x[parts[rank]] for x in whole]
        found[f"{name}, mean of all"] = {
            "one process": train(code, name, loss, False, *whole),
            "means": train(code, name, mean_of_means, False, *whole),
            "of all": train(code, name, of_all, True, *share),
            "shares": train(code, name, loss, True, *share),
        }
    return found


def process(rank, meeting, output):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=COUNT)
    found = results(guide.names(), rank)
    everyone = [None] * COUNT
    distributed.all_gather_object(everyone, found)
    if rank == 0:
        with open(output, "w") as file:
            json.dump(everyone, file)
    distributed.destroy_process_group()


if __name__ == "__main__":
    assert keras.backend.backend() == "torch"
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.start_processes(
            process, (f"{folder}/meeting", sys.argv[1]), nprocs=COUNT, start_method="fork"
        )
