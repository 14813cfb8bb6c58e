import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

PURE = True

# A layer from two numbers to three, of rank 1. The update is 2 * (1 + 2) * b.
SMALL = (
    np.array([[1.0, 2.0]]),
    np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
    np.array([[1.0, 1.0]]),
    np.array([[1.0], [0.0], [-1.0]]),
)


@pytest.fixture
def layer(rng):
    """Return a function that draws x, weight, a and b, none of the sizes alike."""

    def draw(*leading, r=2, n_in=4, n_out=3):
        shapes = (*leading, n_in), (n_out, n_in), (r, n_in), (n_out, r)
        return [rng.normal(size=shape) for shape in shapes]

    return draw


def defined(x, weight, a, b, alpha):
    """Return out by the one matrix that the layer amounts to, as it adds up over the rank."""
    matrix = weight.astype(float)
    for k in range(len(a)):
        matrix += alpha / len(a) * np.multiply.outer(b[:, k], a[k])
    return np.einsum("...i,oi->...o", x, matrix)


def defined_gradients(weights, arrays, alpha):
    """Return the gradients of the sum of weights * out for x, a and b, by finite differences."""

    def gradient(place):
        def loss(value):
            return (weights * defined(*arrays[:place], value, *arrays[place + 1 :], alpha)).sum()

        return numerical_gradient(loss, arrays[place])

    return [gradient(place) for place in (0, 2, 3)]


def assert_gradients(kata, arrays, alpha, grad_out):
    actual = kata.lora_backward(grad_out, kata.lora_forward(*arrays, alpha).cache)
    for have, want in zip(actual, defined_gradients(grad_out, arrays, alpha), strict=True):
        assert_close(have, want, rtol=1e-5, atol=1e-7)


def test_forward(kata, layer):
    """The output is x W^T plus the update, which reads x along the rows of a and writes along the columns of b."""
    assert_close(kata.lora_forward(*SMALL, alpha=2.0).out, [[7.0, 2.0, -3.0]])
    for arrays in (layer(5), layer(1), layer(3, n_in=3, r=3), layer(2, n_in=1, n_out=5), layer(4, n_out=1, r=1)):
        alpha = float(len(arrays[2]))
        assert_close(kata.lora_forward(*arrays, alpha).out, defined(*arrays, alpha))


def test_scale(kata, layer):
    """The update counts alpha / r times, and the weight once."""
    x, weight, a, b = SMALL
    twice = x, weight, np.vstack([a, a]), np.hstack([b, b])
    assert_close(kata.lora_forward(*twice, alpha=2.0).out, [[7.0, 2.0, -3.0]])
    assert_close(kata.lora_forward(*twice, alpha=16.0).out, [[49.0, 2.0, -45.0]])
    for r, alpha in [(1, 8.0), (2, 1.0), (3, 16.0), (6, 4.0), (2, 0.0)]:
        arrays = layer(5, r=r)
        assert_close(kata.lora_forward(*arrays, alpha).out, defined(*arrays, alpha))


def test_leading_axes(kata, layer):
    """There may be any number of leading axes, or none. Each entry of them goes through the layer by itself."""
    x, *rest = SMALL
    assert_close(kata.lora_forward(x[0], *rest, alpha=2.0).out, [7.0, 2.0, -3.0])
    for leading in [(), (2, 5), (3, 1, 2), (3, 3)]:
        arrays = layer(*leading)
        assert_close(kata.lora_forward(*arrays, 3.0).out, defined(*arrays, 3.0))


def test_start(kata, layer, rng):
    """While b is 0 the layer is the old one, and only b has a gradient; a has one as soon as b is not 0."""
    x, weight, a, b = SMALL
    start = x, weight, a, 0 * b
    step = kata.lora_forward(*start, alpha=2.0)
    assert_close(step.out, [[1.0, 2.0, 3.0]])
    grads = kata.lora_backward(np.array([[1.0, 0.0, 2.0]]), step.cache)
    assert_close(grads.grad_x, [[3.0, 2.0]])
    assert_close(grads.grad_a, [[0.0, 0.0]])
    assert_close(grads.grad_b, [[6.0], [0.0], [12.0]])
    x, weight, a, b = layer(5)
    grad_out = rng.normal(size=(5, 3))
    for _ in range(2):
        assert_gradients(kata, [x, weight, a, b], 3.0, grad_out)
        b = np.zeros((3, 2))


def test_gradients(kata, layer, rng):
    """The gradients for x, a and b agree with finite differences, for any rank and alpha."""
    step = kata.lora_forward(*SMALL, alpha=2.0)
    grads = kata.lora_backward(np.array([[1.0, 0.0, 2.0]]), step.cache)
    assert_close(grads.grad_x, [[1.0, 0.0]])
    assert_close(grads.grad_a, [[-2.0, -4.0]])
    assert_close(grads.grad_b, [[6.0], [0.0], [12.0]])
    for n, r, alpha in [(5, 2, 3.0), (1, 1, 16.0), (3, 5, 2.0), (3, 3, 0.0)]:
        assert_gradients(kata, layer(n, r=r), alpha, rng.normal(size=(n, 3)))
    # All sizes alike, where a wrong transpose would fit.
    assert_gradients(kata, layer(3, r=3, n_in=3, n_out=3), 2.0, rng.normal(size=(3, 3)))


def test_gradients_with_leading_axes(kata, layer, rng):
    """The gradients for a and b are sums over all leading axes; that for x has the shape of x."""
    x, *rest = SMALL
    step = kata.lora_forward(np.tile(x, (2, 3, 1)), *rest, alpha=2.0)
    grads = kata.lora_backward(np.tile([1.0, 0.0, 2.0], (2, 3, 1)), step.cache)
    assert_close(grads.grad_b, [[36.0], [0.0], [72.0]])
    for leading in [(), (2, 3), (2, 1, 2), (3, 3)]:
        assert_gradients(kata, layer(*leading), 3.0, rng.normal(size=(*leading, 3)))


def test_cache(kata, layer, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    problems = [layer(2), layer(2)]
    steps = [kata.lora_forward(*arrays, 4.0) for arrays in problems]
    for _ in range(2):
        for arrays, step in zip(problems, steps, strict=True):
            grad_out = rng.normal(size=(2, 3))
            grads = kata.lora_backward(grad_out, step.cache)
            for have, want in zip(grads, defined_gradients(grad_out, arrays, 4.0), strict=True):
                assert_close(have, want, rtol=1e-5, atol=1e-7)


def test_merge(kata, layer):
    """The merged weight alone computes what the layer computes."""
    _, weight, a, b = SMALL
    assert_close(kata.merge(weight, a, b, alpha=2.0), [[3.0, 2.0], [0.0, 1.0], [-1.0, -1.0]])
    for r, alpha in [(1, 1.0), (2, 16.0), (5, 2.0), (2, 0.0)]:
        x, weight, a, b = layer(6, r=r)
        merged = kata.merge(weight, a, b, alpha)
        assert_close(merged, [[weight[o, i] + alpha / r * sum(b[o] * a[:, i]) for i in range(4)] for o in range(3)])
        assert_close(x @ merged.T, defined(x, weight, a, b, alpha), what="the output of the merged weight")


@strict
def test_integers(kata):
    """Arrays may hold integers: nothing is truncated."""
    arrays = [array.astype(int) for array in SMALL]
    x, weight, a, b = arrays[0], arrays[1], np.array([[1, 1], [0, 2]]), np.array([[1, 0], [2, 1], [0, 1]])
    step = kata.lora_forward(x, weight, a, b, 1)
    assert_close(step.out, defined(x, weight, a, b, 1))
    assert_close(kata.merge(weight, a, b, 1), [[1.5, 0.5], [1.0, 3.0], [1.0, 2.0]])
    grad_out = np.array([[1, 0, 3]])
    for have, want in zip(
        kata.lora_backward(grad_out, step.cache), defined_gradients(grad_out, [x, weight, a, b], 1), strict=True
    ):
        assert_close(have, want, rtol=1e-5, atol=1e-7)


def workload(kata, rng, n):
    """Both passes on sequences and on a batch, at the start and later, and the merged weight."""
    weight, a = rng.normal(size=(5, 6)), rng.normal(size=(2, 6))
    b = rng.integers(-2, 3, size=(5, 2)) / 4
    answers = []
    for x, after in ((rng.normal(size=(2, n, 6)), b), (rng.normal(size=(n, 6)), 0 * b)):
        step = kata.lora_forward(x, weight, a, after, 16.0)
        answers += [step.out, kata.lora_backward(rng.normal(size=step.out.shape), step.cache)]
    return *answers, kata.merge(weight, a, b, 16.0)


OUT = "x @ weight.T + scale * (low @ b.T)"
ROWS = "scale * rows.T @ low.reshape(-1, len(a))"
MISTAKES = {
    "alpha without r": ("scale = alpha / len(a)\n    low = ", "scale = alpha\n    low = "),
    "alpha times r": ("scale = alpha / len(a)\n    low = ", "scale = alpha * len(a)\n    low = "),
    "alpha over the number of inputs": ("scale = alpha / len(a)\n    low = ", "scale = alpha / a.shape[1]\n    low = "),
    "alpha over the root of r": ("scale = alpha / len(a)\n    low = ", "scale = alpha / len(a) ** 0.5\n    low = "),
    "the scale on the weight as well": (OUT, "scale * (x @ weight.T + low @ b.T)"),
    "the update in place of the weight": (OUT, "scale * (low @ b.T)"),
    "the weight alone": (OUT, "x @ weight.T + 0 * low @ b.T"),
    "the update taken off": (OUT, "x @ weight.T - scale * (low @ b.T)"),
    "all axes of x turned round": ("low = x @ a.T", "low = (a @ x.T).T"),
    "the gradient for x forgets the update": ("grad_out @ weight + grad_low @ a", "grad_out @ weight"),
    "the gradient for x forgets the frozen weight": ("grad_out @ weight + grad_low @ a", "grad_low @ a"),
    "the gradient for x forgets the scale": (
        "grad_out @ weight + grad_low @ a",
        "grad_out @ weight + grad_out @ b @ a",
    ),
    "the gradient for a forgets the scale": (
        "grad_low.reshape(-1, len(a)).T @ x",
        "(grad_out @ b).reshape(-1, len(a)).T @ x",
    ),
    "the gradient for b forgets the scale": (ROWS, "rows.T @ low.reshape(-1, len(a))"),
    "the scale counts twice for b": (ROWS, "scale**2 * rows.T @ low.reshape(-1, len(a))"),
    "a mean over the samples": (ROWS, "scale * rows.T @ low.reshape(-1, len(a)) / len(rows)"),
    "the gradient for a ignores b": (
        "grad_low.reshape(-1, len(a)).T @ x",
        "scale * np.tile(rows.sum(axis=1), (len(a), 1)) @ x",
    ),
    "leading axes of another order": (
        "grad_low.reshape(-1, len(a)).T @ x",
        "np.moveaxis(grad_low, -1, 0).reshape(-1, len(a)).T @ x",
    ),
    "only the first of the leading axes is summed": (
        ROWS,
        "scale * (rows.T @ low.reshape(-1, len(a)) if low.ndim < 3 else grad_out[0].T @ low[0])",
    ),
    "b is taken for 0": ("grad_low = scale * (grad_out @ b)", "grad_low = 0 * scale * (grad_out @ b)"),
    "merged without the scale": ("weight + alpha / len(a) * b @ a", "weight + b @ a"),
    "merged with alpha over the inputs": ("alpha / len(a) * b @ a", "alpha / a.shape[1] * b @ a"),
    "merged the wrong way round": ("weight + alpha / len(a) * b @ a", "weight - alpha / len(a) * b @ a"),
    "only the update": ("return weight + alpha / len(a) * b @ a", "return alpha / len(a) * b @ a"),
    "merged into the given array": (
        "    return weight + alpha / len(a) * b @ a",
        "    weight += alpha / len(a) * b @ a\n    return weight",
    ),
}

STRICT_MISTAKES = {
    "the gradient in the type of x": (
        "return Backward(grad_x, grad_a,",
        "return Backward(grad_x.astype(x.dtype), grad_a,",
    ),
}
