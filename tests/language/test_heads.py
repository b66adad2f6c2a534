"""What the case table can't say of losses that never build logits."""

import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp, softmax

import kerasloss
from tests.backend import BACKEND, array, assert_close, tensor, value_and_gradient

N, D, V = 7, 3, 11
WEIGHTS = np.linspace(0, 2, V).tolist()


def problem(rng, dtype="float32"):
    hidden, kernel = rng.normal(size=(N, D)), rng.normal(size=(D, V))
    ids = rng.integers(0, V, N)
    ids[2] = -100
    return ids, [x.astype(dtype) for x in (hidden, kernel, rng.normal(size=V))]


def exact(ids, hidden, kernel, bias, upstream):
    """Values and the gradients of all three, in float64, from the definition."""
    hidden, kernel, bias = (np.asarray(x, "float64") for x in (hidden, kernel, bias))
    logits = hidden @ kernel + bias
    counts = ids >= 0
    target = np.eye(V)[np.where(counts, ids, 0)]
    values = np.where(counts, logsumexp(logits, axis=-1) - np.sum(target * logits, axis=-1), 0)
    slope = (np.where(counts, upstream, 0))[:, None] * (softmax(logits, axis=-1) - target)
    return values, (slope @ kernel.T, hidden.T @ slope, slope.sum(axis=0))


def gradients(ids, arrays, **arguments):
    """The gradients of the sum of unequally weighted values by each of hidden, kernel, bias."""
    upstream = np.linspace(0.5, 1.5, N).astype("float32")
    loss = kerasloss.LinearCrossentropy(reduction=None, **arguments)

    def total(x, i):
        values = loss(ids, [*map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 :])])
        return ops.sum(tensor(upstream) * values)

    return upstream, [value_and_gradient(lambda x, i=i: total(x, i), x)[1] for i, x in enumerate(arrays)]


@pytest.mark.parametrize("chunk_size", [None, 1, 3, 100])
def test_gradients_of_all_three_at_every_chunk_size(chunk_size, rng):
    ids, arrays = problem(rng)
    upstream, actual = gradients(ids, arrays, chunk_size=chunk_size)
    values, expected = exact(ids, *arrays, upstream)
    loss = kerasloss.LinearCrossentropy(reduction=None, chunk_size=chunk_size)
    assert_close(array(loss(ids, arrays)), values)
    for one, other in zip(actual, expected, strict=True):
        assert_close(one, other, gradient=True)


@pytest.mark.parametrize(
    "options",
    [
        {"label_smoothing": 0.2},
        {"z_loss": 0.1},
        {"logit_softcap": 1.5},
        {"class_weight": WEIGHTS},
        {"class_weight": WEIGHTS, "label_smoothing": 0.2, "z_loss": 0.1, "logit_softcap": 1.5},
        {"dynamic": True},
        {"dynamic": True, "class_weight": WEIGHTS, "z_loss": 0.1, "logit_softcap": 1.5},
    ],
)
def test_it_is_the_loss_of_the_logits(options, rng):
    ids, (hidden, kernel, bias) = problem(rng)
    linear = kerasloss.LinearCrossentropy(chunk_size=2, reduction="sum", **options)
    plain = kerasloss.CausalLMCrossentropy(reduction="sum", **options)
    for reduction in ("sum", "mean_with_sample_weight"):
        linear.reduction = plain.reduction = reduction
        value, gradient = value_and_gradient(lambda w: linear(ids, (hidden, w, bias)), kernel)
        other, expected = value_and_gradient(
            lambda w: plain(ids, ops.matmul(tensor(hidden), w) + tensor(bias)), kernel
        )
        assert_close(value, other)
        assert_close(gradient, expected, gradient=True)


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size", "mean_with_sample_weight"])
@pytest.mark.parametrize("weight", [None, np.array([1, 0, 2, 0.5, 1, 3, 0])])
@pytest.mark.parametrize("factor", [1, -2.5])
def test_gradients_that_come_with_the_values(reduction, weight, factor, rng):
    """They are those of the logits, whatever the weights are and whatever the loss is multiplied by."""
    ids, arrays = problem(rng)
    ids[5] = 3

    def plain(ids, hidden, kernel, bias):
        logits = ops.matmul(hidden, kernel) + bias
        return kerasloss.CausalLMCrossentropy(reduction=reduction)(ids, logits, weight)

    def linear(ids, *y_pred):
        return kerasloss.LinearCrossentropy(reduction=reduction, chunk_size=3)(ids, y_pred, weight)

    for i, x in enumerate(arrays):
        found = [
            value_and_gradient(
                lambda x, i=i, loss=loss: (
                    factor * ops.square(loss(ids, *map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 :])))
                ),
                x,
            )
            for loss in (linear, plain)
        ]
        assert_close(found[0][0], found[1][0])
        assert_close(found[0][1], found[1][1], gradient=True)


@pytest.mark.parametrize("size", [1e-24, 1e20])
def test_weights_of_any_size(size, rng):
    """The gradient is proportional to the weights, also where their squares are no floats."""
    ids, arrays = problem(rng)
    weight = np.linspace(0.5, 2, N) * size
    _, expected = exact(ids, *arrays, weight)

    def total(x, i):
        y_pred = [*map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 :])]
        return kerasloss.LinearCrossentropy(reduction="sum")(ids, y_pred, weight)

    for i, x in enumerate(arrays):
        _, gradient = value_and_gradient(lambda x, i=i: total(x, i), x)
        assert_close(gradient / size, expected[i] / size, gradient=True)


def test_evaluation_does_not_pay_for_gradients(rng):
    ids, (hidden, kernel, _) = problem(rng)
    loss = kerasloss.LinearCrossentropy(chunk_size=3)
    slopes = []
    loss.slope = lambda x, ids: slopes.append(0) or kerasloss.LinearCrossentropy.slope(loss, x, ids)
    with_gradients = array(loss(ids, (tensor(hidden), tensor(kernel))))
    if BACKEND == "torch":  # which knows that nothing here is to be differentiated
        assert not slopes
    else:
        assert slopes
    slopes.clear()
    assert_close(array(loss(ids, (hidden, kernel), training=False)), with_gradients)
    assert not slopes


def test_rows_that_do_not_count_may_hold_anything(rng):
    ids, (hidden, kernel, bias) = problem(rng)
    hidden[2] = np.nan
    upstream, actual = gradients(ids, [hidden, kernel, bias], chunk_size=3)
    _, expected = exact(ids, np.nan_to_num(hidden), kernel, bias, upstream)
    for one, other in zip(actual, expected, strict=True):
        assert_close(one, other, gradient=True)
    loss = kerasloss.LinearCrossentropy(chunk_size=3)
    value, gradient = value_and_gradient(lambda w: loss(np.full(N, -100), (hidden, w)), kernel)
    assert value == 0 and not np.any(gradient)


def test_wrong_ids_poison_the_gradient(rng):
    ids, (hidden, kernel, _) = problem(rng)
    ids[4] = V
    loss = kerasloss.LinearCrossentropy(chunk_size=3)
    value, gradient = value_and_gradient(lambda h: loss(ids, (h, kernel)), hidden)
    assert np.isnan(value) and np.all(np.isnan(gradient[4])) and np.all(np.isfinite(gradient[3]))


@pytest.mark.skipif(BACKEND != "torch", reason="one autograd that saves tensors which may be overwritten")
def test_smoothed_labels_have_a_second_derivative(rng):
    import torch

    ids, kernel = np.array([0, 2, 1, 4]), tensor(rng.normal(size=(3, 5)).astype("float32"))
    hidden = torch.tensor(rng.normal(size=(4, 3)).astype("float32"), requires_grad=True)

    def bend(loss, y_pred):
        (gradient,) = torch.autograd.grad(loss(ids, y_pred), hidden, create_graph=True)
        return torch.autograd.grad(torch.sum(gradient**2), hidden)[0]

    fused = bend(kerasloss.LinearCrossentropy(label_smoothing=0.3), (hidden, kernel))
    plain = kerasloss.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    assert_close(array(fused), array(bend(plain, hidden @ kernel)))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("reduction", ["sum", lambda values: ops.sum(values)])
def test_half_types_lose_no_more_than_a_dense_layer(dtype, reduction, rng):
    """Against the exact gradients: the errors of the form that builds logits, and one rounding more."""
    rows, width, count = 64, 32, 96
    ids = rng.integers(0, count, rows)
    arrays = [rng.normal(size=(rows, width)), rng.normal(size=(width, count)) / 4, rng.normal(size=count)]
    given = [tensor(x.astype("float32"), dtype) for x in arrays]
    hidden, kernel, bias = (array(x).astype("float64") for x in given)
    logits = hidden @ kernel + bias
    slope = softmax(logits, axis=-1) - np.eye(count)[ids]
    exact = [
        np.sum(logsumexp(logits, axis=-1) - logits[np.arange(rows), ids]),
        slope @ kernel.T,
        hidden.T @ slope,
    ]

    def plain(ids, y_pred):
        logits = ops.matmul(*y_pred[:2]) + y_pred[2]
        return kerasloss.CausalLMCrossentropy(reduction="sum")(ids, logits)

    linear = kerasloss.LinearCrossentropy(reduction=reduction, chunk_size=16)
    errors = {}
    for name, loss in {"fused": linear, "plain": plain}.items():
        value, of_hidden = value_and_gradient(lambda h, loss=loss: loss(ids, (h, *given[1:])), given[0])
        _, of_kernel = value_and_gradient(lambda w, loss=loss: loss(ids, (given[0], w, given[2])), given[1])
        found = [value, of_hidden, of_kernel]
        errors[name] = [np.max(np.abs(x - y)) / np.max(np.abs(y)) for x, y in zip(found, exact, strict=True)]
    epsilon = {"bfloat16": 2**-8, "float16": 2**-11}[dtype]
    assert np.all(np.array(errors["fused"]) <= np.array(errors["plain"]) + epsilon)
    assert errors["fused"][1] > 1e-6  # the products are those of the half type


@pytest.mark.parametrize(
    "y_pred",
    [
        np.ones((2, 3)),
        (np.ones((2, 3)),),
        (np.ones((2, 3)), np.ones((4, 5))),
        (np.ones((2, 3)), np.ones((3, 5)), np.ones(4)),
        (np.ones(3), np.ones((3, 5))),
    ],
)
def test_shapes_that_do_not_fit_are_refused(y_pred):
    with pytest.raises(
        ValueError,
        match=r"LinearCrossentropy: `y_pred` must .*; for logits use `CausalLMCrossentropy`\. Received",
    ):
        kerasloss.LinearCrossentropy()(np.array([0, 1]), y_pred)
    with pytest.raises(ValueError, match="CausalLMCrossentropy: `y_true` must hold token ids"):
        kerasloss.CausalLMCrossentropy()(np.eye(3), np.eye(3))


def test_transformations_of_the_backend(rng):
    """A second derivative, and what else the backend has: rematerialisation and scans of JAX."""
    ids, (hidden, kernel, _) = problem(rng)
    loss = kerasloss.LinearCrossentropy(chunk_size=3, reduction="sum")
    direction = rng.normal(size=hidden.shape).astype("float32")

    # Along the direction the slope is g @ d; its gradient is the Hessian times d, from the definition.
    counts, upstream = ids >= 0, np.ones(N)
    step = 1e-5
    above, below = (
        exact(ids, hidden + sign * step * direction.astype("float64"), kernel, np.zeros(V), upstream)[1][0]
        for sign in (1, -1)
    )
    expected = (above - below) / (2 * step)
    if BACKEND == "jax":
        import jax

        slope = jax.grad(lambda h: loss(ids, (h, kernel)))
        actual = jax.jit(jax.grad(lambda h: ops.sum(slope(h) * direction)))(tensor(hidden))
        body = jax.checkpoint(lambda total, h: (total + loss(ids, (h, kernel)), None))
        twice = jax.jit(jax.grad(lambda h: jax.lax.scan(body, 0.0, h)[0]))(ops.stack([hidden, hidden]))
        assert_close(array(twice[1]), array(slope(tensor(hidden))), gradient=True)
    elif BACKEND == "torch":
        import torch

        h = tensor(hidden).requires_grad_()
        slope = torch.autograd.grad(loss(ids, (h, kernel)), h, create_graph=True)[0]
        actual = torch.autograd.grad(torch.sum(slope * tensor(direction)), h)[0]
    else:
        import tensorflow as tf

        h = tensor(hidden)

        def second(loss):
            with tf.GradientTape() as outer:
                outer.watch(h)
                with tf.GradientTape() as inner:
                    inner.watch(h)
                    value = loss(ids, (h, kernel))
                total = tf.reduce_sum(inner.gradient(value, h) * direction)
            return outer.gradient(total, h)

        with pytest.raises(NotImplementedError, match="no second derivative on TensorFlow"):
            second(loss)
        actual = second(kerasloss.LinearCrossentropy(reduction="sum"))  # one chunk
    assert_close(array(actual), np.where(counts[:, None], expected, 0), gradient=True)


@pytest.mark.skipif(BACKEND != "torch", reason="what torch.compile keeps for the backward pass")
def test_a_compiled_step_keeps_no_logits(rng):
    import torch
    from functorch.compile import make_boxed_func, min_cut_rematerialization_partition
    from torch._dynamo.backends.common import aot_autograd

    kept = []

    def compiler(graph, _):
        outputs = next(node for node in graph.graph.nodes if node.op == "output").args[0]
        kept.append(max(x.meta["val"].numel() for x in outputs if x is not None))
        return make_boxed_func(graph.forward)

    backend = aot_autograd(fw_compiler=compiler, partition_fn=min_cut_rematerialization_partition)
    rows, width, count, chunk = 40, 4, 50, 10
    hidden, kernel = (
        tensor(rng.normal(size=size), "float32").requires_grad_() for size in ((rows, width), (width, count))
    )
    ids, loss = tensor(np.arange(rows)), kerasloss.LinearCrossentropy(chunk_size=chunk)
    torch.compile(lambda *y_pred: loss(ids, y_pred), backend=backend, fullgraph=True)(hidden, kernel)
    assert max(kept) < chunk * count


# Distillation --------------------------------------------------------------------------------------


def both(rng):
    """Ids, and hidden states, kernel and bias of a student and of a narrower teacher."""
    ids, student = problem(rng)
    teacher = [rng.normal(size=size).astype("float32") for size in ((N, D - 1), (D - 1, V), (V,))]
    return ids, [*student, *teacher]


def logits_of(student, cap=None):
    x = ops.matmul(student[0], student[1]) + student[2]
    return x if cap is None else cap * ops.tanh(x / cap)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("cap", [None, 1.5])
def test_distillation_is_the_divergence_of_the_logits(beta, temperature, cap, rng):
    ids, arrays = both(rng)
    weight = tensor((np.linspace(0.5, 1.5, N) * (ids >= 0)).astype("float32"))
    divergence = kerasloss.JensenShannonDivergence(beta, from_logits=True, log_target=True, reduction=None)

    def plain(student):
        log_p = ops.log_softmax(logits_of([*map(tensor, arrays[3:])], cap) / temperature)
        return ops.sum(weight * divergence(log_p, logits_of(student, cap) / temperature))

    def by_each(function):
        """The value, and the gradients by the hidden states, the kernel and the bias."""
        return [
            value_and_gradient(
                lambda x, i=i: function([*map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 : 3])]),
                arrays[i],
            )
            for i in range(3)
        ]

    expected = by_each(plain)
    for size in (None, 1, 3):
        loss = kerasloss.LinearDistillation(
            beta, temperature, logit_softcap=cap, chunk_size=size, reduction=None
        )
        found = by_each(
            lambda student, loss=loss: ops.sum(weight * loss(ids, (*student, *map(tensor, arrays[3:]))))
        )
        for actual, plain_one in zip(found, expected, strict=True):
            assert_close(actual[0], plain_one[0], gradient=True)
            assert_close(actual[1], plain_one[1], gradient=True)


@pytest.mark.parametrize("hard_weight", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", None])
def test_distillation_with_the_factor_of_logits(hard_weight, reduction, rng):
    """With the mean's own gradient, and biases that may be absent."""
    ids, (hidden, kernel, _, teacher, of_teacher, _) = both(rng)
    ids[2] = 0
    mixed = kerasloss.LinearDistillation(temperature=1.0, hard_weight=hard_weight, reduction=reduction)
    plain = kerasloss.LogitsDistillation(temperature=1.0, hard_weight=hard_weight, reduction=reduction)
    packed = np.concatenate([teacher @ of_teacher, ids[:, None]], axis=1).astype("float32")

    def total(values):
        return ops.sum(ops.square(values))

    value, gradient = value_and_gradient(
        lambda w: total(mixed(ids, (hidden, w, teacher, of_teacher))), kernel
    )
    other, expected = value_and_gradient(
        lambda w: total(plain(packed, ops.matmul(tensor(hidden), w))), kernel
    )
    assert_close(value, other, gradient=True)
    assert_close(gradient, expected, gradient=True)


def test_known_distillations():
    hidden, kernel = np.array([[1.0, 2], [0, 1]]), np.array([[0.5, 0, -1], [1, 0.25, 0]])
    y_pred = hidden, kernel, np.array([[1.0], [-1]]), np.array([[1.0, 0, 0.5]])
    for arguments, value in (
        ({}, 0.580819916862),
        ({"beta": 0.5}, 0.096930999776),
        ({"beta": 1.0}, 0.333250964693),
        ({"beta": 0.5, "temperature": 2.0, "hard_weight": 0.5}, 1.096436504353),
    ):
        loss = kerasloss.LinearDistillation(**arguments, reduction=None)
        assert_close(array(loss(np.array([1, -100]), y_pred)), [value, 0])


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_a_student_that_is_its_teacher_stays(beta, rng):
    ids, arrays = both(rng)
    loss = kerasloss.LinearDistillation(beta, reduction="sum")
    value, gradient = value_and_gradient(lambda h: loss(ids, (h, *arrays[1:3], *arrays[:3])), arrays[0])
    assert_close(value, 0)
    assert_close(gradient, np.zeros((N, D)))


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_the_teacher_gets_no_gradient(beta, rng):
    ids, arrays = both(rng)
    loss = kerasloss.LinearDistillation(beta, hard_weight=0.3)
    for i in (3, 4, 5):
        _, gradient = value_and_gradient(
            lambda x, i=i: loss(ids, [*map(tensor, arrays[:i]), x, *map(tensor, arrays[i + 1 :])]), arrays[i]
        )
        assert not np.any(gradient)


@pytest.mark.parametrize("reduction", ["sum", None])
def test_positions_that_do_not_count_may_hold_anything_in_both_models(reduction, rng):
    ids, arrays = both(rng)
    loss = kerasloss.LinearDistillation(0.5, hard_weight=0.3, chunk_size=3, reduction=reduction)
    weight = np.ones(N)
    weight[4] = 0

    def kernel_gradient(arrays):
        return value_and_gradient(
            lambda w: ops.sum(loss(ids, (arrays[0], w, *arrays[2:]), weight)), arrays[1]
        )

    expected = kernel_gradient(arrays)
    broken = [x.copy() for x in arrays]
    for rows in (2, 4):
        broken[0][rows] = broken[3][rows] = np.nan
    for one, other in zip(kernel_gradient(broken), expected, strict=True):
        assert_close(one, other, gradient=True)


def test_ids_matter_to_the_hard_term_alone(rng):
    ids, arrays = both(rng)
    wrong = np.where(ids < 0, ids, V + ids)
    expected = array(kerasloss.LinearDistillation(reduction=None)(ids, arrays))
    assert_close(array(kerasloss.LinearDistillation(reduction=None)(wrong, arrays)), expected)
    values = array(kerasloss.LinearDistillation(hard_weight=0.1, reduction=None)(wrong, arrays))
    assert np.all(np.isnan(values) == (ids >= 0))


def test_tokens_that_one_model_excludes():
    """By a bias of -inf: both models one token, the teacher another."""
    hidden, kernel = np.ones((1, 1), "float32"), np.array([[0.0, 1, 2, 3]], "float32")
    student, teacher = np.array([0, 0, 0, -np.inf], "float32"), np.array([0, 0, -np.inf, -np.inf], "float32")
    for beta in (0.0, 0.5):
        loss = kerasloss.LinearDistillation(beta)
        value, gradient = value_and_gradient(
            lambda b, loss=loss: loss(np.array([0]), (hidden, kernel, b, hidden, kernel, teacher)), student
        )
        p, q = softmax(np.array([0, 1.0])), softmax(np.array([0, 1.0, 2]))
        m = beta * np.append(p, 0) + (1 - beta) * q
        expected = beta * np.sum(p * np.log(p / m[:2])) + (1 - beta) * np.sum(q * np.log(q / m))
        if beta == 0:
            expected = np.sum(p * np.log(p / q[:2]))
        assert_close(value, expected)
        assert np.all(np.isfinite(gradient)) and gradient[3] == 0


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (3, 5)),
        ((2, 3), (3, 5), (2, 2), (2, 4)),
        ((2, 3), (3, 5), (2, 2), (3, 5)),
        ((2, 3), (3, 5), (5,), (2, 2), (2, 5), (4,)),
        ((2, 3), (3, 5), (2, 3), (3, 5), (2, 3), (3, 5)),
        ((2, 3), (3, 5), (3, 3), (3, 5)),
    ],
)
def test_models_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="LinearDistillation: `y_pred` must be .*teacher"):
        kerasloss.LinearDistillation()(np.array([0, 1]), [np.ones(shape) for shape in shapes])
