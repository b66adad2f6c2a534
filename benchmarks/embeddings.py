"""Losses of all pairs of a batch against the form that holds the matrix, and pytorch-metric-learning.

    KERAS_BACKEND=jax python -m benchmarks.embeddings --rows 1024 4096 16384

Value and gradient by the embeddings, 128 numbers each, in float32, with 8 samples of each class. Every form
runs in processes of its own: the shortest of its times, beside which stands its ratio to that of kerasloss,
and the peak of the resident memory over one step, in multiples of the matrix of all pairs (Linux alone). On
JAX the memory is that of the temporary buffers of the compiled program. A form that needs more than
`--gigabytes` says so. pytorch-metric-learning, if it is installed, runs on PyTorch.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
from keras import ops

import kerasloss
from benchmarks import modes
from benchmarks.linear import ALLOCATOR, peak_of

WIDTH, OF_A_CLASS = 128, 8
OURS = {
    "CLIP": kerasloss.CLIP(),
    "NTXent": kerasloss.NTXent(),
    "SupervisedContrastive": kerasloss.SupervisedContrastive(),
    "MultiSimilarity": kerasloss.MultiSimilarity(mining="all"),
    "Circle": kerasloss.Circle(normalize=True, stop_gradient=True),
    "BatchHardTriplet": kerasloss.BatchHardTriplet(normalize=True),
}
VIEWS = ("CLIP", "NTXent")
"""Those of two embeddings for each row."""


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1024, 4096])
    parser.add_argument("--loss", default="", help="only the losses whose name holds this text")
    parser.add_argument("--seconds", type=float, default=2.0, help="time spent on each form")
    parser.add_argument("--gigabytes", type=int, default=16, help="memory that a form may take")
    parser.add_argument("--form", nargs=3, help=argparse.SUPPRESS)  # the process that measures one
    options = parser.parse_args()
    if options.form:
        print(json.dumps(measured(*options.form, options.rows[0], options.seconds)))
        return
    forms = ["kerasloss", "matrix"]
    if modes.BACKEND == "torch" and importlib.util.find_spec("pytorch_metric_learning"):
        forms.append("metric-learning")
    print(
        f"{modes.BACKEND} {modes.FASTEST}: forward + backward; seconds, and temporaries / matrix of all pairs"
    )
    print("\n" + " " * 30 + "".join(f" {form:>16}{'ratio':>6}{'memory':>8}" for form in forms), flush=True)
    for name in OURS:
        for rows in options.rows if options.loss in name else ():
            cells = [elsewhere(name, form, rows, options) for form in forms]
            line, own = f"{name} {rows}".ljust(30), cells[0]
            for cell in cells:
                if isinstance(cell, str):
                    line += f" {cell:>30}"
                    continue
                ratio = "-" if isinstance(own, str) else f"{cell['seconds'] / own['seconds']:.2f}"
                line += f" {cell['seconds']:16.4f}{ratio:>6}{cell['matrices']:8.2f}"
                if ratio != "-" and abs(cell["value"] - own["value"]) > 1e-3 * abs(own["value"]):
                    sys.exit(f"{line}: other values, {own['value']} and {cell['value']}")
            print(line, flush=True)


def elsewhere(name, form, rows, options):
    """Memory, value and time, from two processes, or why there are none."""
    if form == "metric-learning" and name in VIEWS:
        return "-"
    command = [sys.executable, "-m", "benchmarks.embeddings", "--rows", str(rows)]
    command += ["--seconds", str(options.seconds), "--form", name, form]
    limit = options.gigabytes * 2**30
    results = {}
    for what, settings in (("memory", ALLOCATOR), ("time", {})):
        done = subprocess.run(
            [*command, what],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        if done.returncode:
            words = done.stderr.lower()
            if any(word in words for word in ("memory", "alloc")) or done.returncode < 0:
                return f"more than {options.gigabytes} GB"
            sys.exit(done.stderr)
        results |= json.loads(done.stdout.splitlines()[-1])
    return results


def measured(name, form, what, rows, seconds):
    """The peak of the memory in matrices of all pairs, or the value and the shortest time."""
    function = {"kerasloss": OURS, "matrix": MATRIX, "metric-learning": {}}[form].get(name) or others(name)
    inputs = problem(name, rows)
    run = modes.differentiated(function, modes.FASTEST)
    if what == "memory":
        if modes.BACKEND == "jax":
            memory = modes.temporaries(function, *inputs)
        else:
            run(*inputs)  # libraries are loaded and code is compiled
            memory = peak_of(run, *inputs)
        return {"matrices": memory / (4 * (2 * rows if name == "NTXent" else rows) ** 2)}
    value = float(ops.convert_to_numpy(run(*inputs)[0]))
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run(*inputs)
        times.append(time.perf_counter() - start)
    return {"value": value, "seconds": min(times)}


def problem(name, rows):
    """Ids and embeddings, or pairs of them."""
    rng = np.random.default_rng(0)
    shape = (rows, 2, WIDTH) if name in VIEWS else (rows, WIDTH)
    ids = rng.permutation(rows) // OF_A_CLASS
    x = rng.standard_normal(shape, dtype="float32")
    return ops.convert_to_tensor(ids.astype("int32")), ops.convert_to_tensor(x)


# The forms that hold the matrix ----------------------------------------------------------------------


def normalized(x):
    return x / ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))


def clip(_, x):
    x = normalized(x)
    z = ops.matmul(x[:, 0], ops.transpose(x[:, 1])) / 0.07
    total = ops.logsumexp(z, axis=1) + ops.logsumexp(z, axis=0)
    return ops.mean(total / 2 - ops.diagonal(z))


def nt_xent(_, x):
    x = normalized(x)
    views = ops.concatenate([x[:, 0], x[:, 1]])
    z = ops.matmul(views, ops.transpose(views)) / 0.5
    z = z - 1e9 * ops.eye(z.shape[0])
    own = ops.tile(ops.sum(x[:, 0] * x[:, 1], axis=1) / 0.5, (2,))
    return ops.mean(ops.logsumexp(z, axis=1) - own)


def compared(y, x):
    """Cosines and the masks of positives and negatives."""
    x = normalized(x)
    same = ops.expand_dims(y, 1) == ops.expand_dims(y, 0)
    positive = ops.logical_and(same, ops.logical_not(ops.eye(x.shape[0], dtype="bool")))
    return ops.matmul(x, ops.transpose(x)), positive, ops.logical_not(same)


def supervised_contrastive(y, x):
    cosines, positive, _ = compared(y, x)
    z = cosines / 0.1
    log_p = z - ops.logsumexp(z - 1e9 * ops.eye(z.shape[0]), axis=1, keepdims=True)
    positive = ops.cast(positive, z.dtype)
    return ops.mean(-ops.sum(log_p * positive, axis=1) / ops.sum(positive, axis=1))


def multi_similarity(y, x):
    s, positive, negative = compared(y, x)
    pull = ops.sum(ops.where(positive, ops.exp(-2 * (s - 0.5)), 0), axis=1)
    push = ops.sum(ops.where(negative, ops.exp(50 * (s - 0.5)), 0), axis=1)
    return ops.mean(ops.log1p(pull) / 2 + ops.log1p(push) / 50)


def circle(y, x):
    s, positive, negative = compared(y, x)
    pull, push = (ops.stop_gradient(ops.relu(w)) for w in (1.4 - s, s + 0.4))
    near = ops.logsumexp(ops.where(positive, -80 * pull * (s - 0.6), -1e9), axis=1)
    far = ops.logsumexp(ops.where(negative, 80 * push * (s - 0.4), -1e9), axis=1)
    return ops.mean(ops.softplus(near + far))


def batch_hard(y, x):
    s, positive, negative = compared(y, x)
    d = ops.sqrt(ops.maximum(2 - 2 * s, 1e-12))
    far = ops.max(ops.where(positive, d, 0), axis=1)
    near = ops.min(ops.where(negative, d, 1e9), axis=1)
    return ops.mean(ops.relu(far - near + 1))


MATRIX = {
    "CLIP": clip,
    "NTXent": nt_xent,
    "SupervisedContrastive": supervised_contrastive,
    "MultiSimilarity": multi_similarity,
    "Circle": circle,
    "BatchHardTriplet": batch_hard,
}


def others(name):
    """The loss of pytorch-metric-learning as a function of ids and embeddings."""
    from pytorch_metric_learning import losses, miners

    if name == "BatchHardTriplet":
        mine, loss = miners.BatchHardMiner(), losses.TripletMarginLoss(margin=1.0)
        return lambda y, x: loss(x, y, mine(x, y))
    made = {
        "SupervisedContrastive": losses.SupConLoss,
        "MultiSimilarity": lambda: losses.MultiSimilarityLoss(2, 50, 0.5),
        "Circle": losses.CircleLoss,
    }[name]()
    return lambda y, x: made(x, y)


if __name__ == "__main__":
    main()
