"""Forward and backward time of the losses against the backend's own functions and against Keras.

    KERAS_BACKEND=jax python -m benchmarks --loss bce --seconds 4

The three are timed in turn, in one process, and the ratios are those of the shortest times, which other
load on the machine disturbs least. On a busy machine run it on one core, `taskset -c 0 python -m benchmarks`:
with more threads than free cores PyTorch's times are those of waiting. The columns are the loss's time, its
ratio to the backend's own function, to Keras's loss, and to one copy of y_pred, the least that a gradient
which depends on all of it costs. The last columns are temporaries in multiples of the size of y_pred (see
`modes.kept`), and how often an array of that size is read or written (`modes.passes`): ours, native, Keras.

`--mode call` prints what a call costs on small tensors, where nothing is compiled, against Keras's loss.
"""

import argparse
import math
import statistics

import numpy as np
from keras import ops

from benchmarks import modes
from benchmarks.cases import CALLS, CASES


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loss", default="", help="only the rows whose name holds this text")
    parser.add_argument("--seconds", type=float, default=3.0, help="time spent on each row")
    listed = [*modes.MODES[modes.BACKEND], "call"]
    parser.add_argument("--mode", choices=listed, help="one mode; all but call by default")
    options = parser.parse_args()
    cases = [case for case in CASES if options.loss in case.name]
    if not cases:
        parser.error(f"no row with {options.loss!r} in its name; there are {[case.name for case in CASES]}")

    if options.mode == "call":
        calls(options.loss, options.seconds)
        return

    modes.keep_memory()
    print(f"{modes.BACKEND}: forward + backward, kerasloss / native and kerasloss / Keras")
    for mode in [options.mode] if options.mode else modes.MODES[modes.BACKEND]:
        head = f"{'ms':>8} {'/native':>8} {'/Keras':>8} {'/copy':>8}"
        if mode == modes.COUNTED:
            head += f"   {'temporaries':>20}   {'passes':>20}"
        print(f"\n{mode:<24} {head}", flush=True)
        rows = [row(case, mode, options.seconds) for case in cases]
        for name, ratios in zip(("native", "Keras"), zip(*rows, strict=True), strict=True):
            ratios = [ratio for ratio in ratios if ratio is not None]
            if not ratios:
                continue
            mean = math.exp(statistics.fmean(map(math.log, ratios)))
            print(f"against {name}: geometric mean {mean:.2f}, worst {max(ratios):.2f}")


def calls(name, seconds):
    """Prints the time of single calls on small tensors."""
    what = "forward" if modes.BACKEND == "jax" else "forward + backward"
    print(f"{modes.BACKEND}: {what}, one call, kerasloss / Keras")
    print(f"\n{'call':<24} {'us':>8} {'Keras':>8} {'/Keras':>8}", flush=True)
    ratios = []
    for case in CALLS:
        if name not in case.name:
            continue
        y_true, y_pred = map(ops.convert_to_tensor, case.arrays())
        runs = [modes.called(function) for function in (case.ours, case.keras)]
        ours, theirs = (1e6 * min(times) for times in modes.rounds(runs, y_true, y_pred, seconds))
        ratios.append(ours / theirs)
        print(f"{case.name:<24} {ours:8.0f} {theirs:8.0f} {ratios[-1]:8.2f}", flush=True)
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f"against Keras: geometric mean {mean:.2f}, worst {max(ratios):.2f}")


def row(case, mode, seconds):
    """Checks, times and prints one case; returns its two ratios."""
    y_true, y_pred = map(ops.convert_to_tensor, case.arrays())
    functions = [f for f in (case.ours, case.native, case.keras) if f is not None]
    runs = [modes.differentiated(function, mode) for function in functions]
    copy = modes.copied(mode)
    check(case, [run(y_true, y_pred) for run in runs])

    times = modes.rounds([*runs, copy], y_true, y_pred, seconds)
    ours, native, *theirs, copy = map(min, times)
    ratios = ours / native, ours / theirs[0] if theirs else None
    counts = ""
    for count in (modes.kept, modes.passes) if mode == modes.COUNTED else ():
        numbers = [f"{count(function, y_true, y_pred, mode):6.2f}" for function in functions]
        counts += f"   {' '.join(numbers):20}"
    shown = (*ratios, ours / copy)
    shown = " ".join("       -" if ratio is None else f"{ratio:8.2f}" for ratio in shown)
    print(f"{case.name:<24} {1000 * ours:8.2f} {shown}{counts}".rstrip(), flush=True)
    return ratios


def check(case, results):
    """All values, and the gradients of the two losses, are the same."""
    (value, gradient), (native, _), *theirs = ([ops.convert_to_numpy(x) for x in r] for r in results)
    np.testing.assert_allclose(value, native, rtol=1e-5, err_msg=case.name)
    for keras_value, keras_gradient in theirs:
        np.testing.assert_allclose(value, keras_value, rtol=1e-5, err_msg=case.name)
        scale = np.max(np.abs(gradient))
        np.testing.assert_allclose(gradient / scale, keras_gradient / scale, atol=1e-3, err_msg=case.name)


if __name__ == "__main__":
    main()
