"""A language model of Python's standard library, whose logits training never builds.

A transformer of one block reads the modules of the standard library; its tokens, words with the space before
them, are all that occur, about 40,000. The matrix of the embedding is also the head's. `FusedHead` hands
hidden states to `LinearCrossentropy`; the same model with its logits and `CausalLMCrossentropy` makes the same
step, with more memory. The module that is left out judges it, beside the frequencies of the tokens.

A model of KerasHub is trained in the same way:
`FusedHead(lm.backbone, "token_embedding")` for `lm = keras_hub.models.Gemma3CausalLM.from_preset(...)`.
"""

import collections
import math
import os
import pathlib
import re
import resource
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

import kerasloss

LENGTH, WIDTH, BATCH, STEPS = 64, 32, 8, 150
LEFT_OUT = "argparse.py"
PROMPT = "\n    def __init__(self"


def load_text():
    """The ids of the tokens of all modules but one, those of that one, and the tokens by id."""
    paths = sorted(pathlib.Path(os.__file__).parent.glob("*.py"))
    modules = {path.name: re.findall(r" ?\w+| ?[^\w\s]|\n *", path.read_text("utf-8")) for path in paths}
    tokens = sorted({token for module in modules.values() for token in module})
    ids = {token: i for i, token in enumerate(tokens)}
    test = np.array([ids[token] for token in modules.pop(LEFT_OUT)], "int32")
    train = np.array([ids[token] for module in modules.values() for token in module], "int32")
    return train, test, tokens


def transformer(size):
    """From ids to hidden states; the convolution tells it the order of the tokens."""
    layers = keras.layers
    ids = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(size, WIDTH, name="token_embedding")(ids)
    x = x + layers.Conv1D(WIDTH, 3, padding="causal")(x)
    y = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(2, WIDTH // 2)(y, y, use_causal_mask=True)
    y = layers.LayerNormalization()(x)
    x = x + layers.Dense(WIDTH)(layers.Dense(2 * WIDTH, activation="gelu")(y))
    return keras.Model(ids, layers.LayerNormalization()(x))


def windows(ids, starts):
    """Inputs and labels: the labels are the next tokens."""
    rows = ids[np.asarray(starts)[:, None] + np.arange(LENGTH + 1)]
    return rows[:, :-1], rows[:, 1:]


def first_step(model, x, y):
    """The loss of a step, the weights behind it, the seconds of the next and the growth of the peak memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loss = float(model.train_on_batch(x, y))
    weights = model.get_weights()
    start = time.perf_counter()
    model.train_on_batch(x, y)
    seconds = time.perf_counter() - start
    return loss, weights, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def continued(model, ids, count=24):
    """The prompt and the tokens that are likeliest, one by one."""
    ids = list(ids)
    for _ in range(count):
        row = np.zeros((1, LENGTH), "int32")
        row[0, : len(ids)] = ids
        ids.append(int(model.predict(row, verbose=0)[0, len(ids) - 1].argmax()))
    return ids


def main():
    keras.utils.set_random_seed(0)
    train, test, tokens = load_text()
    x_test, y_test = windows(test, range(0, 64 * LENGTH, LENGTH))
    model = kerasloss.models.FusedHead(transformer(len(tokens)), "token_embedding")
    plain = keras.Model(model.backbone.input, model(model.backbone.input))  # the same weights
    print(f"{len(train):,} tokens, {len(tokens):,} of them different; {model.count_params():,} weights")

    start = model.get_weights()
    x, y = windows(train, range(0, 16 * LENGTH, LENGTH))
    model.compile("sgd", kerasloss.LinearCrossentropy())
    plain.compile("sgd", kerasloss.CausalLMCrossentropy())
    loss, weights, seconds, memory = first_step(model, x, y)
    model.set_weights(start)
    their_loss, their_weights, their_seconds, their_memory = first_step(plain, x, y)
    model.set_weights(start)
    step = max(np.abs(a - b).max() for a, b in zip(weights, start, strict=True))
    apart = max(np.abs(a - b).max() for a, b in zip(weights, their_weights, strict=True))
    print(f"{'a step of 1,024 tokens':24}{'loss':>10}{'seconds':>10}{'memory, MB':>12}")
    print(f"{'LinearCrossentropy':24}{loss:10.6f}{seconds:10.2f}{memory:12.0f}")
    print(f"{'CausalLMCrossentropy':24}{their_loss:10.6f}{their_seconds:10.2f}{their_memory:12.0f}")
    print(f"its weights differ by {apart:.1e}, in steps of up to {step:.1e}\n")
    assert abs(loss / their_loss - 1) < 1e-5 and apart < 1e-4 * step

    before = model.evaluate(x_test, y_test, batch_size=BATCH, verbose=0)
    starts = np.random.default_rng(0).integers(len(train) - LENGTH, size=STEPS * BATCH)
    rate = keras.optimizers.schedules.CosineDecay(0.01, STEPS)
    model.compile(keras.optimizers.Adam(rate), kerasloss.LinearCrossentropy())
    t = time.time()
    model.fit(*windows(train, starts), batch_size=BATCH, verbose=0)
    print(time.time() - t)
    after = model.evaluate(x_test, y_test, batch_size=BATCH, verbose=0)
    counts = np.bincount(train, minlength=len(tokens)) + 1
    frequencies = -np.log(counts / counts.sum())[y_test].mean()
    print(f"{LEFT_OUT:24}{'loss':>10}{'perplexity':>12}")
    for name, value in ("before", before), ("frequencies", frequencies), ("after", after):
        print(f"{name:24}{value:10.4f}{math.exp(value):12.1f}", flush=True)
    assert abs(before - math.log(len(tokens))) < 0.2 and after < frequencies

    prompt = re.findall(r" ?\w+| ?[^\w\s]|\n *", PROMPT)
    print("".join(tokens[i] for i in continued(model, [tokens.index(token) for token in prompt])), "\n")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        loaded = keras.saving.load_model(path)
    again = loaded.evaluate(x_test, y_test, batch_size=BATCH, verbose=0)
    print(f"saved and loaded: {again:.4f}")
    assert abs(again - after) < 1e-6


if __name__ == "__main__":
    main()
