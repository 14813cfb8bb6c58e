from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

PURE = True

# Two hidden units: at z = 3 and -1 for the sample 1, and at -1 and 1 for the sample -1.
SMALL = [(np.array([[2.0], [-1.0]]), np.array([1.0, 0.0])), (np.array([[1.0, 4.0]]), np.array([-5.0]))]
ONE = np.array([[1.0]])


def draw(rng, widths):
    """Return layers with standard normal weights and biases."""
    return [(rng.normal(size=(width, before)), rng.normal(size=width)) for before, width in pairwise(widths)]


@pytest.fixture
def network(rng):
    """Draw a batch, three layers and a gradient of the output: every width differs, and few samples."""
    return rng.normal(size=(6, 3)), draw(rng, [3, 5, 4, 2]), rng.normal(size=(6, 2))


def run(x, layers):
    """Return z of each layer for one sample, unit by unit."""
    inputs, z = [float(value) for value in x], []
    for place, (weight, bias) in enumerate(layers):
        if place:
            inputs = [max(value, 0.0) for value in z[-1]]
        z.append(
            [sum(w * a for w, a in zip(row, inputs, strict=True)) + b for row, b in zip(weight, bias, strict=True)]
        )
    return z


def defined(x, layers):
    return np.array([run(sample, layers)[-1] for sample in x])


def defined_gradients(grad_out, x, layers):
    """Return the gradients of the sum of grad_out * out.

    Each relu is taken for the product with the 0 or 1 that it has at this sample: then the network is a product of
    matrices, and the share of a unit in the output is a column of the product behind it.
    """
    grads = [[np.zeros(weight.shape), np.zeros(bias.shape)] for weight, bias in layers]
    grad_x = np.zeros(x.shape)
    for n, sample in enumerate(x):
        z = run(sample, layers)
        inputs = [sample, *(np.maximum(values, 0) for values in z[:-1])]
        behind = np.eye(len(z[-1]))
        for place in reversed(range(len(layers))):
            for unit, input_unit in np.ndindex(layers[place][0].shape):
                grads[place][0][unit, input_unit] += grad_out[n] @ behind[:, unit] * inputs[place][input_unit]
            for unit in range(len(z[place])):
                grads[place][1][unit] += grad_out[n] @ behind[:, unit]
            behind = behind @ layers[place][0]
            if place:
                behind = behind @ np.diag([float(value > 0) for value in z[place - 1]])
        grad_x[n] = grad_out[n] @ behind
    return grad_x, grads


def assert_layers(actual, expected, what):
    assert_equal(len(actual), len(expected), what=f"the number of pairs in {what} is")
    for have, want in zip(actual, expected, strict=True):
        assert_equal(len(have), 2, what=f"the length of a pair in {what} is")
        assert_close(have[1], want[1], rtol=1e-8, atol=1e-10)
        assert_close(have[0], want[0], rtol=1e-8, atol=1e-10)


def assert_backward(kata, grad_out, x, layers):
    back = kata.mlp_backward(grad_out, kata.mlp_forward(x, layers).cache)
    grad_x, grads = defined_gradients(grad_out, x, layers)
    assert_layers(back.grad_layers, grads, "grad_layers")
    assert_close(back.grad_x, grad_x, rtol=1e-8, atol=1e-10)


def test_forward(kata, network, rng):
    """A layer is x W^T + b, and relu stands between two layers, but not behind the last."""
    assert_close(kata.mlp_forward(np.array([[1.0], [-1.0]]), SMALL).out, [[-2.0], [-1.0]])
    assert_close(kata.mlp_forward(np.array([[1.0], [-1.0]]), SMALL[:1]).out, [[3.0, -1.0], [-1.0, 1.0]])
    # Hidden units at 1001 and -500, and at -999 and 500.
    assert_close(kata.mlp_forward(np.array([[500.0], [-500.0]]), SMALL).out, [[996.0], [1995.0]])
    x, layers, _ = network
    for n_layers in (1, 2, 3):
        assert_close(kata.mlp_forward(x, layers[:n_layers]).out, defined(x, layers[:n_layers]))
    # Square layers, where a transposed matrix fits as well.
    square = draw(rng, [3, 3, 3])
    assert_close(kata.mlp_forward(x[:3], square).out, defined(x[:3], square))


def test_one_layer(kata, network):
    """In one linear layer, grad_W is grad_out^T x, grad_b sums grad_out over the samples, and grad_x is grad_out W."""
    x, grad_out = np.array([[1.0, 2.0], [-3.0, 0.0]]), np.array([[10.0], [1.0]])
    back = kata.mlp_backward(grad_out, kata.mlp_forward(x, [(np.array([[5.0, -1.0]]), np.array([7.0]))]).cache)
    assert_layers(back.grad_layers, [([[7.0, 20.0]], [11.0])], "grad_layers")
    assert_close(back.grad_x, [[50.0, -10.0], [5.0, -1.0]])
    x, layers, _ = network
    assert_backward(kata, x @ np.ones((3, 5)) - 0.3, x, layers[:1])


def test_through_relu(kata, network):
    """The gradient passes the hidden units that are on, and stops at those that are off."""
    # Of the sample 1 the first hidden unit is on, with weight 1 to the output; of the sample -1 the second, with 4.
    for x, grad_x, first, second in [
        (ONE, 2.0, ([[1.0], [0.0]], [1.0, 0.0]), ([[3.0, 0.0]], [1.0])),
        (-ONE, -4.0, ([[0.0], [-4.0]], [0.0, 4.0]), ([[0.0, 1.0]], [1.0])),
    ]:
        back = kata.mlp_backward(ONE, kata.mlp_forward(x, SMALL).cache)
        assert_layers(back.grad_layers, [first, second], "grad_layers")
        assert_close(back.grad_x, [[grad_x]])
    # All gradients are in proportion to grad_out.
    for scale in (-2e3, 1e-6):
        back = kata.mlp_backward(scale * ONE, kata.mlp_forward(ONE, SMALL).cache)
        expected = [([[scale], [0.0]], [scale, 0.0]), ([[3 * scale, 0.0]], [scale])]
        assert_layers(back.grad_layers, expected, "grad_layers")
        assert_close(back.grad_x, [[2 * scale]])
    x, layers, grad_out = network
    assert_backward(kata, grad_out @ np.ones((2, 4)) + x[:, :1], x, layers[:2])


def test_depth(kata, network, rng):
    """Through several layers each pair of gradients stands at its layer's place, and has the shapes of W and b."""
    x, layers, grad_out = network
    assert_backward(kata, grad_out, x, layers)
    deep = draw(rng, [2, 4, 4, 4, 4, 3])
    x, grad_out = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    assert_backward(kata, grad_out, x, deep)
    # One sample, and widths of one.
    assert_backward(kata, grad_out[:1, :1], x[:1], draw(rng, [2, 1, 1]))


def test_sum_over_the_batch(kata, network):
    """Gradients of W and b are sums over the samples: a batch that is given twice has twice the gradient."""
    x, layers, grad_out = network
    once, twice = (
        kata.mlp_backward(np.tile(grad_out, (times, 1)), kata.mlp_forward(np.tile(x, (times, 1)), layers).cache)
        for times in (1, 2)
    )
    doubled = [(2 * np.asarray(grad_w), 2 * np.asarray(grad_b)) for grad_w, grad_b in once.grad_layers]
    assert_layers(twice.grad_layers, doubled, "grad_layers")
    assert_layers(once.grad_layers, defined_gradients(grad_out, x, layers)[1], "grad_layers")


def test_finite_differences(kata, rng):
    """The gradients agree with finite differences."""
    # Positive weights, biases and inputs keep z off the corner of relu, where a difference means nothing.
    x, grad_out = rng.uniform(0.5, 1.0, size=(4, 3)), rng.normal(size=(4, 2))
    layers = [(rng.uniform(0.1, 0.5, (k, n)), rng.uniform(0.1, 0.5, k)) for n, k in pairwise([3, 5, 4, 2])]
    back = kata.mlp_backward(grad_out, kata.mlp_forward(x, layers).cache)
    assert_equal(len(back.grad_layers), 3, what="the number of pairs in grad_layers is")

    def loss(place, part, moved):
        changed = [list(pair) for pair in layers]
        changed[place][part] = moved
        return (grad_out * defined(x, changed)).sum()

    for place in range(3):
        for part in (1, 0):
            expected = numerical_gradient(lambda moved, at=(place, part): loss(*at, moved), layers[place][part])
            assert_close(back.grad_layers[place][part], expected, rtol=1e-6, atol=1e-8)
    expected = numerical_gradient(lambda moved: (grad_out * defined(moved, layers)).sum(), x)
    assert_close(back.grad_x, expected, rtol=1e-6, atol=1e-8)


def test_relu_at_zero(kata):
    """At z = 0 the slope of relu is 0. Inputs that are 0 or negative let the gradient through: they have no relu."""
    layers = [(np.array([[1.0, -0.5], [1.0, 1.0]]), np.array([0.0, 0.0])), (np.array([[3.0, 5.0]]), np.array([1.0]))]
    # The hidden units of this sample are at 1 * 1 - 0.5 * 2 = 0 and at 3.
    back = kata.mlp_backward(ONE, kata.mlp_forward(np.array([[1.0, 2.0]]), layers).cache)
    assert_layers(back.grad_layers, [([[0.0, 0.0], [5.0, 10.0]], [0.0, 5.0]), ([[0.0, 3.0]], [1.0])], "grad_layers")
    assert_close(back.grad_x, [[5.0, 5.0]])
    layers = [(np.array([[1.0, 2.0, -3.0]]), np.array([0.5])), (np.array([[2.0]]), np.array([0.0]))]
    back = kata.mlp_backward(ONE, kata.mlp_forward(np.array([[0.0, -1.0, -1.0]]), layers).cache)
    assert_close(back.grad_x, [[2.0, 4.0, -6.0]])
    # A unit at 1e-6 is on.
    back = kata.mlp_backward(ONE, kata.mlp_forward(1e-6 * ONE, [(ONE, np.zeros(1)), (3 * ONE, np.zeros(1))]).cache)
    assert_close(back.grad_x, [[3.0]])
    # A bias that is 0, and a sample of zeros: all units are at 0.
    layers = [(np.ones((2, 1)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))]
    back = kata.mlp_backward(ONE, kata.mlp_forward(0 * ONE, layers).cache)
    assert_layers(back.grad_layers, [(np.zeros((2, 1)), np.zeros(2)), (np.zeros((1, 2)), [1.0])], "grad_layers")


def test_cache(kata, network):
    """The backward pass belongs to the call that made the cache, and a second one with that cache gives the same."""
    x, layers, grad_out = network
    others = 2 - x, [(-weight, bias + 1) for weight, bias in layers]
    caches = [kata.mlp_forward(*given).cache for given in ((x, layers), others)]
    for given, cache in [*zip(((x, layers), others), caches, strict=True)] * 2:
        back = kata.mlp_backward(grad_out, cache)
        grad_x, grads = defined_gradients(grad_out, *given)
        assert_layers(back.grad_layers, grads, "grad_layers")
        assert_close(back.grad_x, grad_x, rtol=1e-8, atol=1e-10)


def test_step(kata, network):
    """The loss is the sum of squares over 2 n_samples. Each W and b moves by -lr times its gradient at the old ones."""
    # The outputs are 2 and 0, so 3 and 1 are missing: a loss of 10 / 4. The gradients are -3 * 2 / 2 and -(3 + 1) / 2.
    line, x, target = [(ONE, np.array([0.0]))], np.array([[2.0], [0.0]]), np.array([[5.0], [1.0]])
    for lr in (0.5, 0.125, 0.0):
        layers, loss = kata.mlp_step(x, target, line, lr)
        assert_close(loss, 2.5)
        assert_layers(layers, [([[1.0 + 3.0 * lr]], [2.0 * lr])], "layers")
    # 1000 is missing at one sample alone.
    layers, loss = kata.mlp_step(2 * ONE, np.array([[1002.0]]), line, 0.25)
    assert_close(loss, 5e5)
    assert_layers(layers, [([[501.0]], [250.0])], "layers")
    # Two outputs of one sample: 1 and 2 are missing.
    pair = [(np.array([[1.0], [1.0]]), np.zeros(2))]
    layers, loss = kata.mlp_step(ONE, np.array([[2.0, 3.0]]), pair, 1.0)
    assert_close(loss, 2.5)
    assert_layers(layers, [([[2.0], [3.0]], [1.0, 2.0])], "layers")
    # 2 + 1 is 4 too small; both weights of the network move by what the other one was.
    layers, loss = kata.mlp_step(ONE, np.array([[7.0]]), [(2 * ONE, np.zeros(1)), (ONE, np.ones(1))], 0.25)
    assert_close(loss, 8.0)
    assert_layers(layers, [([[3.0]], [1.0]), ([[3.0]], [2.0])], "layers")
    x, start, target = network
    for lr in (0.01, 0.5):
        missed = defined(x, start) - target
        _, grads = defined_gradients(missed / 6, x, start)
        layers, loss = kata.mlp_step(x, target, start, lr)
        assert_close(loss, (missed**2).sum() / 12)
        assert_layers(layers, [(w - lr * g, b - lr * s) for (w, b), (g, s) in zip(start, grads, strict=True)], "layers")


def test_training(kata):
    """Each step goes on from the layers of the one before: 400 steps fit a network with three hidden units to XOR."""
    x, target = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    layers = [
        (np.array([[1.0, -0.8], [-0.9, 1.1], [0.3, 0.4]]), np.array([0.0, 0.1, 0.0])),
        (np.array([[0.7, 0.8, -0.2]]), np.array([0.1])),
    ]
    losses = []
    for _ in range(400):
        layers, loss = kata.mlp_step(x, target, layers, 0.3)
        losses.append(loss)
    assert losses[0] > losses[20] > losses[100] > losses[-1], f"the losses are {losses[0]}, {losses[20]}, {losses[-1]}"
    assert_close(kata.mlp_forward(x, layers).out, target, atol=1e-2)


@strict
def test_integers(kata, rng):
    """Arrays may hold integers: nothing is truncated."""
    x, grad_out, target = rng.integers(-2, 3, size=(4, 3)), rng.integers(-2, 3, size=(4, 2)), np.full((4, 2), 3)
    layers = [
        (rng.integers(-2, 3, size=(width, before)), rng.integers(-2, 3, size=width))
        for before, width in pairwise([3, 5, 2])
    ]
    assert_close(kata.mlp_forward(x, layers).out, defined(x, layers))
    assert_backward(kata, grad_out, x, layers)
    assert_backward(kata, grad_out / 8, x, layers)
    missed = defined(x, layers) - target
    _, grads = defined_gradients(missed / 4, x, layers)
    moved, loss = kata.mlp_step(x, target, layers, 0.125)
    assert_close(loss, (missed**2).sum() / 8)
    expected = [(w - 0.125 * g, b - 0.125 * s) for (w, b), (g, s) in zip(layers, grads, strict=True)]
    assert_layers(moved, expected, "layers")


@strict
def test_target_of_another_shape(kata, network):
    """A target that has not the shape of the output raises ValueError, also if it would broadcast."""
    x, layers, grad_out = network
    for target in (grad_out[:, :1], grad_out[:1], grad_out.T, grad_out[:, 0]):
        with pytest.raises(ValueError):
            kata.mlp_step(x, target, layers, 0.1)
    # One output, and a target without that axis: the difference would have a row for each pair of samples.
    with pytest.raises(ValueError):
        kata.mlp_step(np.ones((3, 1)), np.ones(3), SMALL, 0.1)


def workload(kata, rng, n):
    """Both passes and two steps on a batch of n samples, of which one is 0 throughout."""
    widths = [4, *rng.integers(2, 7, size=2), 3]
    x, grad_out = rng.normal(size=(n + 1, 4)), rng.normal(size=(n + 1, 3))
    x[0] = 0.0
    layers = [(weight, bias * (place > 0)) for place, (weight, bias) in enumerate(draw(rng, widths))]
    out, cache = kata.mlp_forward(x, layers)
    back = kata.mlp_backward(grad_out, cache)
    first = kata.mlp_step(x, grad_out, layers, 0.01)
    return out, back, first, kata.mlp_step(x, grad_out, first.layers, 0.02)


LOOP = "        a = np.maximum(z, 0)\n    return Forward(z, steps)\n"
GRADS = "grad_layers.append((grad_z.T @ a, grad_z.sum(axis=0)))"
PASSED = "grad_z = grad_a * (a > 0) if depth else grad_a"
MOVED = "grads = mlp_backward(missed / len(x), cache).grad_layers\n    moved"
LOSS = "return Step(moved, float((missed**2).sum() / (2 * len(x))))"
MISTAKES = {
    "relu behind the last layer": (LOOP, LOOP.replace("Forward(z,", "Forward(a,")),
    "no relu": (LOOP, LOOP.replace("np.maximum(z, 0)", "z")),
    "bias forgotten": ("z = a @ weight.T + bias\n        a = ", "z = a @ weight.T + 0 * bias\n        a = "),
    "the weights the wrong way round where they fit": (
        "z = a @ weight.T + bias\n        a = ",
        "z = a @ (weight if len(weight) == a.shape[1] else weight.T) + bias\n        a = ",
    ),
    "relu of the sum without the bias": (
        "z = a @ weight.T + bias\n        a = np.maximum(z, 0)",
        "z = a @ weight.T + bias\n        a = np.maximum(z - bias, 0) + bias",
    ),
    "the gradient passes all hidden units": (PASSED, "grad_z = grad_a"),
    "slope 1 at 0": (PASSED, PASSED.replace("a > 0", "a >= 0")),
    "a relu for x too": (PASSED, "grad_z = grad_a * (a > 0)"),
    "a mask of the gradient instead of z": (PASSED, PASSED.replace("a > 0", "grad_a > 0")),
    "gradients clipped on the way back": (
        "grad_a = grad_z @ weight\n        # Only",
        "grad_a = (grad_z @ weight).clip(-100, 100)\n        # Only",
    ),
    "multiplied by relu instead of its slope": (PASSED, PASSED.replace("(a > 0)", "a")),
    "the gradient for W from outputs instead of inputs": (
        GRADS,
        "grad_layers.append((grad_z.T @ (a * (a > 0)), grad_z.sum(axis=0)))",
    ),
    "means over the samples": (GRADS, "grad_layers.append((grad_z.T @ a / len(a), grad_z.mean(axis=0)))"),
    "grad_b averaged": (GRADS, GRADS.replace("grad_z.sum(axis=0)", "grad_z.mean(axis=0)")),
    "grad_b summed over the units": (
        GRADS,
        GRADS.replace("grad_z.sum(axis=0)", "np.resize(grad_z.sum(axis=1), grad_z.shape[1])"),
    ),
    "grad_b of the first sample": (GRADS, GRADS.replace("grad_z.sum(axis=0)", "grad_z[0]")),
    "grad_W transposed where it fits": (
        GRADS,
        GRADS.replace("grad_z.T @ a,", "a.T @ grad_z if len(weight) == a.shape[1] else grad_z.T @ a,"),
    ),
    "the last layer first": ("return Backward(grad_z, grad_layers[::-1])", "return Backward(grad_z, grad_layers)"),
    "the gradient of the first z for that of x": (
        "return Backward(grad_z, grad_layers[::-1])",
        "return Backward(np.resize(grad_layers[-1][1], grad_z.shape), grad_layers[::-1])",
    ),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        (LOOP, LOOP.replace("    return", "    LATEST[:] = steps\n    return")),
        ("    grad_layers, grad_z = [], grad_out\n", "    grad_layers, grad_z, cache = [], grad_out, LATEST\n"),
    ],
    "the backward pass uses up its cache": ("        a, weight = cache[depth]\n", "        a, weight = cache.pop()\n"),
    "gradients at weights that have moved already": (
        MOVED,
        (
            "grads, grad_z = [], missed / len(x)\n"
            "    for depth in reversed(range(len(cache))):\n"
            "        a, weight = cache[depth]\n"
            "        grads.insert(0, (grad_z.T @ a, grad_z.sum(axis=0)))\n"
            "        grad_a = grad_z @ (weight - lr * grads[0][0])\n"
            "        grad_z = grad_a * (a > 0) if depth else grad_a\n"
            "    moved"
        ),
    ),
    "the step goes uphill": ("tuple(old - lr * grad for", "tuple(old + lr * grad for"),
    "biases stay": ("tuple(old - lr * grad for", "tuple(old - lr * grad * (old.ndim > 1) for"),
    "not divided by n_samples": (MOVED, MOVED.replace("missed / len(x)", "missed")),
    "the gradient of the squares without 1/2": (MOVED, MOVED.replace("missed / len(x)", "2 * missed / len(x)")),
    "the mean over samples and units": (MOVED, MOVED.replace("missed / len(x)", "missed / missed.size")),
    "the loss without 1/2": (LOSS, LOSS.replace("(2 * len(x))", "len(x)")),
    "the loss over all entries": (LOSS, LOSS.replace("(2 * len(x))", "(2 * missed.size)")),
    "the loss not divided": (LOSS, LOSS.replace("(2 * len(x))", "2")),
    "the loss after the step": (
        LOSS,
        "return Step(moved, float(((mlp_forward(x, moved).out - target) ** 2).sum() / (2 * len(x))))",
    ),
    "layers changed in place": (
        "    moved = [",
        (
            "    for pair, changes in zip(layers, grads, strict=True):\n"
            "        for old, grad in zip(pair, changes, strict=True):\n"
            "            old -= lr * grad\n"
            "    lr = 0.0\n"
            "    moved = ["
        ),
    ),
}

STRICT_MISTAKES = {
    "targets broadcast": ("    if target.shape != out.shape:", "    if target.shape is None:"),
    "gradients in the type of the weights": (
        GRADS,
        "grad_layers.append(((grad_z.T @ a).astype(weight.dtype), grad_z.sum(axis=0)))",
    ),
    "new layers in the type of the old ones": (
        "tuple(old - lr * grad for",
        "tuple((old - lr * grad).astype(old.dtype) for",
    ),
}
