"""Makes up samples of two half moons and of handwritten digits, by a GAN and by flow matching.

The GAN's critic and generator train in one step: `NonSaturatingGAN` is the loss of both, and each sees the
other held fixed; once without and once with a `GradientPenalty` of the critic. The flow is trained by
`FlowMatching` to point from data to noise, and is followed back in small steps. `SinkhornDivergence` measures
the distance of the samples to data that was left out.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits, make_moons

import kerasloss

PENALTY = 0.02
WIDTH, NOISE, STEPS, BATCH = 128, 16, 40, 128
"""Units of a hidden layer, numbers that the generator gets, steps along the flow, samples of a batch."""
TIMES, ROUNDS = 8, (0, 10, 20, 60)
"""How often an epoch has each sample, and the epochs after which samples are compared with the data."""
PENALTY = 0.1


def datasets():
    """Samples to learn from and as many that are left out, around 0."""
    moons, _ = make_moons(1600, noise=0.06, random_state=0)
    digits = np.random.default_rng(0).permutation(load_digits().data / 8 - 1)
    for name, samples in (("moons", moons - moons.mean(0)), ("digits", digits)):
        yield name, *np.split(samples.astype("float32"), [len(samples) // 2])[:2]


def adam(rate, data, **options):
    rate = keras.optimizers.schedules.CosineDecay(rate, ROUNDS[-1] * len(data) // BATCH)
    return keras.optimizers.Adam(rate, **options)


def dense(units, size):
    return [layers.Dense(WIDTH, activation="silu") for _ in range(units)] + [layers.Dense(size)]


class Critic(layers.Layer):
    """A score for each sample, how real it looks, and its gradient. `fixed`: the weights are constants."""

    def build(self, shape):
        sizes = [shape[-1], WIDTH, WIDTH, 1]
        pairs = zip(sizes[:-1], sizes[1:], strict=True)
        self.parameters = [(self.add_weight(pair), self.add_weight((pair[1],), "zeros")) for pair in pairs]

    def call(self, x, fixed=False):
        slopes, kernels = [], []
        for kernel, bias in self.parameters:
            if fixed:
                kernel, bias = (ops.stop_gradient(ops.convert_to_tensor(w)) for w in (kernel, bias))
            if kernels:  # a leaky ReLU
                slopes.append(ops.where(x > 0, 1.0, 0.2))
                x = x * slopes[-1]
            x = ops.matmul(x, kernel) + bias
            kernels.append(kernel)
        gradient = ops.transpose(kernels.pop())
        while kernels:
            gradient = ops.matmul(gradient * slopes.pop(), ops.transpose(kernels.pop()))
        return x, gradient


class GAN:
    """One network that gives three scores for each real sample and each sample made of noise."""

    def __init__(self, data, penalty):
        size = data.shape[1]
        real, noise = keras.Input((size,)), keras.Input((NOISE,))
        generator, critic = keras.Sequential([keras.Input((NOISE,)), *dense(2, size)]), Critic()
        made = generator(noise)
        score, gradient = critic(real)
        scores = [score, critic(ops.stop_gradient(made))[0], critic(made, fixed=True)[0]]
        self.generator = generator
        self.model = keras.Model([real, noise], [layers.Concatenate()(scores), gradient])
        losses = [kerasloss.NonSaturatingGAN(), kerasloss.GradientPenalty(target=0)]
        self.model.compile(adam(1e-3, data, beta_1=0.5), losses, loss_weights=[1, penalty])

    def epoch(self, data, rng):
        # The critic wants "real" for the first and not for the second; the generator for the third.
        labels = np.tile(np.float32([1, 0, 1]), (len(data), 1))
        noise = rng.standard_normal((len(data), NOISE), dtype="float32")
        self.model.fit([data, noise], [labels, data], batch_size=BATCH, verbose=0)

    def samples(self, count, rng):
        return self.generator.predict(rng.standard_normal((count, NOISE), dtype="float32"), BATCH, 0)


class Flow:
    """A network that sees a sample on its way from data (t = 0) to noise (t = 1), and t."""

    def __init__(self, data):
        self.size = data.shape[1]
        self.model = keras.Sequential([keras.Input((self.size + 1,)), *dense(3, self.size)])
        self.model.compile(adam(6e-3, data), kerasloss.FlowMatching())

    def epoch(self, data, rng):
        noise = rng.standard_normal(data.shape, dtype="float32")
        t = rng.random((len(data), 1), dtype="float32")
        inputs = np.concatenate([(1 - t) * data + t * noise, t], axis=1)
        self.model.fit(inputs, noise - data, batch_size=BATCH, verbose=0)

    def samples(self, count, rng):
        x = rng.standard_normal((count, self.size), dtype="float32")
        for i in range(STEPS):
            t = np.full((count, 1), 1 - i / STEPS, "float32")
            x = x - self.model.predict(np.concatenate([x, t], axis=1), BATCH, 0) / STEPS
        return x


def draw(path, moons, digits):
    """Moons as points, digits as pictures: the data, and what each model has made."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 4, layout="constrained", figsize=(7.2, 3.6))
    for ax, (name, samples) in zip(axes[0], moons.items(), strict=True):
        ax.scatter(*samples[:400].T, s=3)
        ax.set_title(name, fontsize="medium")
        ax.set(xlim=(-2, 2), ylim=(-1.3, 1.3), xticks=[], yticks=[])
    for ax, samples in zip(axes[1], digits.values(), strict=True):
        tiles = samples[:24].reshape(4, 6, 8, 8).transpose(0, 2, 1, 3).reshape(32, 48)
        ax.imshow(tiles, cmap="gray_r", vmin=-1, vmax=1)
        ax.axis("off")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    distance, drawn = kerasloss.SinkhornDivergence(), {}
    for name, data, others in datasets():
        keras.utils.set_random_seed(0)
        rng, drawn[name] = np.random.default_rng(0), {"data": data}
        count = min(len(others), 800)

        def apart(samples, others=others[:count]):
            return float(distance(others[None], samples[None]))

        print(f"{name}: distance of {count} samples to data (of data to data: {apart(data[:count]):.3f})")
        print(f"{'epochs':20}" + "".join(f"{epochs:>9}" for epochs in ROUNDS))
        repeated = np.tile(data, (TIMES, 1))
        models = {
            "GAN": GAN(repeated, 0),
            "GAN with penalty": GAN(repeated, PENALTY),
            "flow matching": Flow(repeated),
        }
        for kind, model in models.items():
            distances, done = [], 0
            for epochs in ROUNDS:
                for _ in range(epochs - done):
                    model.epoch(rng.permutation(repeated), rng)
                samples, done = model.samples(count, rng), epochs
                distances.append(apart(samples))
            print(f"{kind:20}" + "".join(f"{value:9.3f}" for value in distances))
            drawn[name][kind] = samples
            assert kind == "GAN" or distances[-1] < 0.4 * distances[0]
    if figure:
        draw(figure, **drawn)


if __name__ == "__main__":
    main()
