"""LinearCrossentropy and a few other losses on an NVIDIA GPU: time and peak memory against the native forms.

    KERAS_BACKEND=torch python -m benchmarks.gpu --vocabulary 32000 128000 --dtype bfloat16

For JAX and PyTorch. Times are of forward and backward, the shortest of several in turn: between CUDA events
on PyTorch, until the result is ready on JAX. Memory is in multiples of the size of y_pred (of the logits' for
a linear head, in the dtype of the inputs): what PyTorch allocates at most during a step, gradients included;
the temporary buffers of JAX's compiled program. `--cpu` runs the same on the CPU with small sizes, to try the
script itself.
"""

import argparse
import gc
import sys
import time

import numpy as np
from keras import ops, tree

import kerasloss
from benchmarks import cases, linear, modes


def main():
    """Prints a table for each mode and dtype."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vocabulary", type=int, nargs="+", default=[32000, 64000, 128000, 256000])
    parser.add_argument("--rows", type=int, default=8192)
    parser.add_argument("--width", type=int, default=2048, help="length of a hidden state")
    parser.add_argument("--chunk", type=int, nargs="+", help="chunks to compare, in rows; else the default")
    parser.add_argument("--dtype", nargs="+", default=["float32", "bfloat16"], help="of the inputs")
    parser.add_argument("--seconds", type=float, default=5.0, help="time spent on each size")
    parser.add_argument("--mode", help="jit (JAX), eager or compile (PyTorch); all by default")
    parser.add_argument("--cpu", action="store_true", help="small sizes on the CPU")
    options = parser.parse_args()
    if options.cpu:
        options.vocabulary, options.rows, options.width, options.seconds = [500, 1000], 64, 16, 0.1

    print(device(options.cpu))
    for mode in [options.mode] if options.mode else linear.MODES:
        for dtype in options.dtype:
            print(f"\n{modes.BACKEND} {mode}, {dtype}\n{'':<44} {'ms':>9} {'/native':>8} {'memory':>8}")
            for problem in problems(options, dtype):
                compare(*problem, mode, options)


def device(cpu):
    """The name of the device; ends the program if there is none."""
    if modes.BACKEND == "tensorflow":
        sys.exit("benchmarks.gpu is for JAX and PyTorch: set KERAS_BACKEND.")
    if cpu:
        return "CPU, small sizes: these numbers say nothing."
    if modes.BACKEND == "jax":
        import jax

        if jax.default_backend() == "gpu":
            return jax.devices()[0].device_kind
    else:
        import torch

        if torch.cuda.is_available():
            return torch.cuda.get_device_name()
    sys.exit(
        f"{modes.BACKEND} finds no NVIDIA GPU here, so there is nothing to measure. `--cpu` tries the script."
    )


def problems(options, dtype):
    """`(name, functions, inputs, number of logits or predictions)` of each comparison."""
    for vocabulary in options.vocabulary:
        size = options.rows, options.width, vocabulary
        name = "linear head {}x{}, {} classes".format(*size)
        yield name, linear.forms(options.chunk or [None]), linear.problem(*size, dtype), size[0] * size[2]

    rows, classes = options.rows, options.vocabulary[0]
    for key, loss, data in (
        ("sparse-logits", kerasloss.SparseCategoricalCrossentropy(from_logits=True), cases.id_logits),
        ("ce-logits", kerasloss.CategoricalCrossentropy(from_logits=True), one_hot),
        ("focal-cat-logits", kerasloss.CategoricalFocalCrossentropy(from_logits=True), one_hot),
        ("mse", kerasloss.MeanSquaredError(), cases.errors),
    ):
        y_true, y_pred = map(ops.convert_to_tensor, data(np.random.default_rng(0), (rows, classes)))
        functions = {"kerasloss": loss, "native": cases.natives[key]}
        yield f"{key} {rows}x{classes}", functions, (y_true, ops.cast(y_pred, dtype)), rows * classes


def one_hot(rng, shape):
    """Labels and logits; the labels are made on the device."""
    ids, y_pred = cases.id_logits(rng, shape)
    return ops.one_hot(ids, shape[-1]), y_pred


def compare(name, functions, inputs, count, mode, options):
    """Checks, times and prints the forms of one problem; one that runs out of memory says so."""
    print(name, flush=True)
    dtype = tree.flatten(inputs[1])[0].dtype
    size = count * (2 if "16" in str(dtype) else 4)
    runs, results = {}, {}
    for form, function in functions.items():
        run = modes.differentiated(function, mode)
        try:
            results[form] = run(*inputs)
            runs[form] = run
        except Exception as error:  # each backend has its own for this
            if not any(words in str(error) for words in ("out of memory", "RESOURCE_EXHAUSTED")):
                raise
            print(f"  {form:<42} out of memory", flush=True)
    if "native" in results:
        try:  # in half types, and in the TensorFloat-32 of matrix products, each rounds in its own way
            linear.check(results, tolerance=5e-3 if size == 4 * count else 5e-2)
        except AssertionError as error:
            print(f"  DIFFERENT RESULTS: {error}")
    results.clear()

    times = dict.fromkeys(runs, float("inf"))
    end = time.perf_counter() + options.seconds
    while runs and time.perf_counter() < end:
        for form, run in runs.items():
            times[form] = min(times[form], elapsed(run, inputs, options.cpu))
    for form, run in runs.items():
        ratio = f"{times[form] / times['native']:8.2f}" if "native" in runs else f"{'-':>8}"
        memory = peak(run, functions[form], inputs, options.cpu)
        memory = f"{'-':>8}" if memory is None else f"{memory / size:8.2f}"
        print(f"  {form:<42} {times[form]:9.3f} {ratio} {memory}", flush=True)
    if modes.BACKEND == "jax" and not options.cpu:
        import jax

        allocated = jax.devices()[0].memory_stats()["peak_bytes_in_use"]
        print(f"  (at most {allocated / 2**30:.2f} GiB of the device so far)", flush=True)


def elapsed(run, inputs, cpu):
    """Milliseconds of one step."""
    if modes.BACKEND == "jax" or cpu:  # modes waits for the result on JAX
        start = time.perf_counter()
        run(*inputs)
        return 1000 * (time.perf_counter() - start)
    import torch

    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    run(*inputs)
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def peak(run, function, inputs, cpu):
    """Bytes that one step takes beside its inputs: gradients are counted on PyTorch, not on JAX."""
    if modes.BACKEND == "jax":
        return modes.temporaries(function, *inputs)
    if cpu:
        return None
    import torch

    gc.collect()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    run(*inputs)
    return torch.cuda.max_memory_allocated() - before


if __name__ == "__main__":
    main()
