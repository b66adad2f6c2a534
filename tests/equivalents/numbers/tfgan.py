"""The losses of TF-GAN's last version, whose sums of two means the rows halve."""

import numpy as np

from tests.equivalents.number import Number, draws, module_alone

normal = draws(51)
REAL = np.array([[1], [1], [1], [0], [0], [0]])
SCORES, FOOLED = normal(6, 1, scale=1.5), normal(4, 1, scale=1.5)
ONES, CONSTANT = np.ones((4, 1)), np.log1p(np.exp(-1))
IMAGES, TRIPS, SLOPES = normal(3, 2, 2, 1), normal(3, 2, 2, 1), normal(4, 3, scale=0.8)


def losses():
    return module_alone("tensorflow_gan.python.losses.losses_impl")


def evaluate(function, *arrays):
    """In a graph, which some of its functions need."""
    import tensorflow as tf

    return np.asarray(tf.function(function)(*(x.astype("float32") for x in arrays)))


def call(name, *arrays, **arguments):
    return evaluate(lambda *tensors: getattr(losses(), name)(*tensors, **arguments), *arrays)


def discriminator(name, **arguments):
    """Half of the sum for real and for generated scores."""
    return lambda y_true, y_pred: call(name, y_pred[y_true > 0.5], y_pred[y_true < 0.5], **arguments) / 2


def generator(name, constant=0.0):
    return lambda y_true, y_pred: call(name, y_pred) + constant


def relativistic_generator(y_true, y_pred):
    """Its `y_true` is 1 for generated scores."""
    return discriminator("relativistic_generator_loss")(1 - y_true, y_pred)


def gradient_penalty(**arguments):
    """Of linear functions, which have the same slopes everywhere."""

    def theirs(y_true, slopes):
        def penalty(slopes):
            import tensorflow as tf

            with tf.compat.v1.variable_scope("critic") as scope:
                return losses().wasserstein_gradient_penalty(
                    0 * slopes, slopes, None, lambda x, _: tf.linalg.matvec(x, slopes[0]), scope, **arguments
                )

        return np.mean([evaluate(penalty, one[None]) for one in slopes])

    return theirs


def cycle(y_true, y_pred):
    """Both of its directions are the same one."""
    return call("cycle_consistency_loss", y_true, y_pred, y_true, y_pred)


def critic(name, config=None, **arguments):
    return Number(discriminator(name, **arguments), REAL, SCORES, config or {})


LABELED = {"real_label": 0.9, "generated_label": -1.0}

NUMBERS = {
    "minimax_discriminator_loss": [critic("minimax_discriminator_loss")],
    "minimax_generator_loss": [Number(generator("minimax_generator_loss", CONSTANT), ONES, FOOLED)],
    "modified_discriminator_loss": [critic("modified_discriminator_loss")],
    "modified_generator_loss": [Number(generator("modified_generator_loss"), ONES, FOOLED)],
    "least_squares_discriminator_loss": [
        critic("least_squares_discriminator_loss"),
        critic("least_squares_discriminator_loss", LABELED, real_label=0.9, fake_label=-1.0),
    ],
    "least_squares_generator_loss": [Number(generator("least_squares_generator_loss"), ONES, FOOLED)],
    "wasserstein_discriminator_loss": [critic("wasserstein_discriminator_loss")],
    "wasserstein_generator_loss": [Number(generator("wasserstein_generator_loss"), ONES, FOOLED)],
    "wasserstein_hinge_discriminator_loss": [
        critic("wasserstein_hinge_discriminator_loss"),
        critic("wasserstein_hinge_discriminator_loss", {"margin": 0.5}, real_hinge=0.5, generated_hinge=0.5),
    ],
    "wasserstein_hinge_generator_loss": [Number(generator("wasserstein_hinge_generator_loss"), ONES, FOOLED)],
    "relativistic_discriminator_loss": [critic("relativistic_discriminator_loss")],
    "relativistic_generator_loss": [Number(relativistic_generator, 1 - REAL, SCORES)],
    "wasserstein_gradient_penalty": [
        Number(gradient_penalty(), np.zeros(4), SLOPES),
        Number(
            gradient_penalty(target=0.7, one_sided=True),
            np.zeros(4),
            SLOPES,
            {"target": 0.7, "one_sided": True},
        ),
    ],
    "cycle_consistency_loss": [Number(cycle, IMAGES, TRIPS)],
}
