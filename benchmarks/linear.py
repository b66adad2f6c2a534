"""LinearCrossentropy against the forms that build the logits: forward and backward time, and memory.

    KERAS_BACKEND=jax python -m benchmarks.linear --vocabulary 32000 128000 --seconds 10

The gradients are those of the hidden states and the kernel. The forms are timed in turn, in one process, and
the ratios are those of the shortest times. Memory is in multiples of the logits' size, on JAX the temporary
buffers of the compiled program. On TensorFlow and PyTorch it is the peak of the resident memory over one
step, gradients included, each form in a process of its own that has done a step before (Linux alone).
"""

import argparse
import gc
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from keras import losses, ops, tree

import kerasloss
from benchmarks import modes
from benchmarks.cases import natives

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""Hands what is freed back to the system at once, so that the peak of the memory shows; that takes time."""
MODES = {"jax": ["jit"], "torch": ["eager", "compile"], "tensorflow": ["function", "xla"]}[modes.BACKEND]


def main():
    """Prints a table for each mode and vocabulary."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vocabulary", type=int, nargs="+", default=[32000, 128000])
    parser.add_argument("--rows", type=int, default=2048)
    parser.add_argument("--width", type=int, default=256, help="length of a hidden state")
    parser.add_argument("--chunk", type=int, nargs="+", help="chunks to compare, in rows; else the default")
    parser.add_argument("--seconds", type=float, default=10.0, help="time spent on each table")
    parser.add_argument("--mode", choices=MODES, help="one mode; all by default")
    parser.add_argument("--peak", help=argparse.SUPPRESS)  # the process that measures one form
    options = parser.parse_args()
    sizes = [(options.rows, options.width, vocabulary) for vocabulary in options.vocabulary]
    if options.peak:
        functions = forms(options.chunk or [None], options.mode)
        print(peak(functions[options.peak], options.mode, *sizes[0]))
        return
    for mode in [options.mode] if options.mode else MODES:
        functions = forms(options.chunk or [None], mode)
        for size in sizes:
            table(functions, mode, size, options.seconds)


def forms(chunks, mode):
    """Functions of `(ids, (hidden, kernel))` that return the same mean."""
    plain = losses.SparseCategoricalCrossentropy(from_logits=True)
    names = ["kerasloss" if chunk is None else f"kerasloss, {chunk} rows" for chunk in chunks]
    ours = [kerasloss.LinearCrossentropy(chunk_size=chunk) for chunk in chunks]
    found = {
        **dict(zip(names, ours, strict=True)),
        "native": lambda ids, y_pred: natives["sparse-logits"](ids, y_pred[0] @ y_pred[1]),
        "Keras": lambda ids, y_pred: plain(ids, y_pred[0] @ y_pred[1]),
    }
    if modes.BACKEND == "torch" and mode == "eager":
        found["native, chunks"] = torch_chunks
    return found


def torch_chunks(ids, y_pred):
    """PyTorch's own form without the logits; `torch.compile` doesn't take it."""
    import torch

    hidden, kernel = y_pred
    options = torch.nn.LinearCrossEntropyOptions()
    return torch.nn.functional.linear_cross_entropy(hidden, kernel.T, ids.long(), options=options)


def problem(rows, width, vocabulary, dtype="float32"):
    """Ids, and a tuple of hidden states and a kernel whose logits have a variance of 1."""
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal((rows, width), dtype="float32")
    kernel = rng.standard_normal((width, vocabulary), dtype="float32")
    kernel *= width**-0.5
    ids = rng.integers(0, vocabulary, rows).astype("int32")
    return ops.convert_to_tensor(ids), tuple(ops.convert_to_tensor(x, dtype=dtype) for x in (hidden, kernel))


def table(functions, mode, size, seconds):
    """Checks, times and prints all forms at one size."""
    rows, width, vocabulary = size
    y_true, y_pred = problem(*size)
    runs = [modes.differentiated(function, mode) for function in functions.values()]
    check({name: run(y_true, y_pred) for name, run in zip(functions, runs, strict=True)})
    times = dict(zip(functions, map(min, modes.rounds(runs, y_true, y_pred, seconds)), strict=True))

    print(f"\n{modes.BACKEND} {mode}: {rows} x {width} times {width} x {vocabulary}")
    print(f"{'':<24} {'ms':>8} {'/native':>8} {'memory':>8}", flush=True)
    for name, function in functions.items():
        if modes.BACKEND == "jax":
            memory = modes.temporaries(function, y_true, y_pred)
        else:
            memory = peak_elsewhere(name, mode, size)
        memory /= 4 * rows * vocabulary
        ratio = times[name] / times["native"]
        print(f"{name:<24} {1000 * times[name]:8.1f} {ratio:8.2f} {memory:8.2f}", flush=True)


def check(results, tolerance=1e-4):
    """All values and gradients are the same."""
    value, slopes = results["native"]
    for name, (other, others) in results.items():
        np.testing.assert_allclose(array(other), array(value), rtol=tolerance, err_msg=name)
        for slope, expected in zip(tree.flatten(others), tree.flatten(slopes), strict=True):
            scale = np.max(np.abs(array(expected)))
            np.testing.assert_allclose(
                array(slope) / scale, array(expected) / scale, atol=tolerance, err_msg=name
            )


def array(x):
    """As float32."""
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def peak(function, mode, *size):
    """Bytes that one step adds to the resident memory, at most."""
    run = modes.differentiated(function, mode)
    # Libraries are loaded and code is compiled. TensorFlow keeps what it frees: there it must be small.
    run(*problem(*size if modes.BACKEND == "torch" else (8, 4, 16)))
    return peak_of(run, *problem(*size))


def peak_of(run, *inputs):
    """Bytes that `run(*inputs)` adds to the resident memory, at most."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before = resident("VmRSS")
    run(*inputs)
    return resident("VmHWM") - before


def resident(field):
    """A size in bytes from the kernel's table of this process."""
    return 1024 * int(re.search(rf"{field}:\s*(\d+) kB", Path("/proc/self/status").read_text()).group(1))


def peak_elsewhere(name, mode, size):
    """`peak` in a new process, in which what is freed goes back to the system at once."""
    rows, width, vocabulary = map(str, size)
    command = [sys.executable, "-m", "benchmarks.linear", "--peak", name, "--mode", mode]
    command += ["--rows", rows, "--width", width, "--vocabulary", vocabulary]
    command += ["--chunk", name.split()[1]] if name.startswith("kerasloss,") else []
    done = subprocess.run(
        command, env={**os.environ, **ALLOCATOR}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return int(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
