"""Saves models on each backend, loads them on the others and compares their losses.

A process has one backend, so each step runs in a process of its own.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile

MODULES = {"jax": "jax", "tensorflow": "tensorflow", "torch": "torch"}
TOLERANCE = 1e-6


def diabetes():
    """Regression with a sum of losses."""
    import keras
    from sklearn.datasets import load_diabetes

    import kerasloss

    x, y = load_diabetes(return_X_y=True)
    x, y = (x / x.std(axis=0)).astype("float32"), ((y - y.mean()) / y.std()).astype("float32")[:, None]
    loss = 0.7 * kerasloss.MeanSquaredError() + 0.3 * kerasloss.MeanAbsoluteError()
    layers = [keras.Input((10,)), keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(1)]
    return x, y, keras.Sequential(layers), loss


def digits():
    """Classification where a tenth of the labels is unknown (-1) and the class 8 counts twice."""
    import keras
    from sklearn.datasets import load_digits

    import kerasloss

    x, y = load_digits(return_X_y=True)
    x, y = (x / 16).astype("float32"), y.astype("int32")
    y[::10] = -1
    loss = kerasloss.SparseCategoricalCrossentropy(
        from_logits=True,
        ignore_class=-1,
        class_weight=[1, 1, 1, 1, 1, 1, 1, 1, 2, 1],
        reduction="mean_with_sample_weight",
    )
    layers = [keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)]
    return x, y, keras.Sequential(layers), loss


TASKS = {"diabetes": diabetes, "digits": digits}


def save(folder):
    """Trains and saves the model of each task; returns their losses."""
    import keras

    result = {}
    for task, make in TASKS.items():
        keras.utils.set_random_seed(0)
        x, y, model, loss = make()
        model.compile(optimizer="adam", loss=loss)
        model.fit(x, y, epochs=5, verbose=0)
        model.save(os.path.join(folder, f"{task}.keras"))
        result[task] = model.evaluate(x, y, batch_size=len(x), verbose=0)
    return result


def load(folder):
    """Loads the model of each task; returns their losses, before and after more training."""
    import keras

    result = {}
    for task, make in TASKS.items():
        x, y, _, loss = make()
        model = keras.saving.load_model(os.path.join(folder, f"{task}.keras"))
        assert model.loss.get_config() == loss.get_config(), f"{task}: the loaded loss differs"
        value = model.evaluate(x, y, batch_size=len(x), verbose=0)
        # Before it is fitted on another backend, a loaded model needs an optimizer of that backend.
        model.compile(optimizer="adam", loss=model.loss)
        model.fit(x, y, epochs=1, verbose=0)
        result[task] = value, model.evaluate(x, y, batch_size=len(x), verbose=0)
    return result


def run(step, backend, folder):
    """Runs `save` or `load` in a process with that backend."""
    command = [sys.executable, os.path.abspath(__file__), step, folder]
    environment = os.environ | {"KERAS_BACKEND": backend}
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    if process.returncode:
        sys.exit(f"{step} on {backend} failed:\n{process.stderr}")
    return json.loads(process.stdout.splitlines()[-1])


def main():
    present = [b for b, module in MODULES.items() if importlib.util.find_spec(module)]
    for backend in MODULES:
        if backend not in present:
            print(f"{backend} isn't installed: skipped")

    print("The loss of each model, where it was saved and where it was loaded")
    print(f"{'task':10}{'saved on':12}" + "".join(f"{b:>12}" for b in present) + f"{'difference':>12}")
    worst = 0.0
    for saver in present:
        with tempfile.TemporaryDirectory() as folder:
            saved = run("save", saver, folder)
            loaded = {b: run("load", b, folder) for b in present if b != saver}
        for task in TASKS:
            values = {saver: saved[task]} | {b: result[task][0] for b, result in loaded.items()}
            difference = max(abs(v / saved[task] - 1) for v in values.values())
            row = "".join(f"{values[b]:12.7f}" for b in present)
            print(f"{task:10}{saver:12}{row}{difference:12.1e}", flush=True)
            worst = max(worst, difference)
            for backend, result in loaded.items():
                before, after = result[task]
                assert after < before, f"{task} from {saver} on {backend}: {before}, then {after}"
    assert worst <= TOLERANCE, f"the losses differ by {worst:.1e}, more than {TOLERANCE:.0e}"
    print(f"Equal to {TOLERANCE:.0e}; each loaded model was compiled again and trained on.")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"save": save, "load": load}[sys.argv[1]](sys.argv[2])))
    else:
        main()
