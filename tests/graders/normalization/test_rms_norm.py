import numpy as np
import pytest

from katagrad.testing import assert_close, strict

SHAPES = [(4,), (3, 4), (4, 4), (2, 3, 4), (2, 1, 3, 4)]


@pytest.fixture
def gamma(rng):
    """Four of them, no two alike; one is switched off."""
    return rng.permutation([0.0, 0.7, -1.5, 2.5])


def defined(x, gamma, eps=1e-5):
    """Return what the definition makes of the samples, one at a time."""
    out = np.empty(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        squares = sum(float(value) ** 2 for value in x[place])
        out[place] = gamma * x[place] / (squares / len(x[place]) + eps) ** 0.5
    return out


def defined_gradients(weights, x, gamma, eps=1e-5, step=1e-5):
    """Return the gradients of the sum of weights * out for x and gamma, by central differences."""
    slopes = []
    for feature in np.eye(x.shape[-1]):
        # The same feature of all samples at once: no sample depends on another.
        ends = [defined(x + sign * step * feature, gamma, eps) for sign in (1, -1)]
        slopes.append((weights * (ends[0] - ends[1])).sum(axis=-1) / (2 * step))
    # out is linear in gamma.
    by_sample = weights * defined(x, np.ones(gamma.shape), eps)
    return np.stack(slopes, axis=-1), by_sample.reshape(-1, len(gamma)).sum(axis=0)


def assert_gradients(actual, expected):
    """Compare from the simplest to the hardest, as closely as finite differences allow."""
    for have, want in zip(reversed(actual), reversed(expected), strict=True):
        assert_close(have, want, rtol=1e-5, atol=1e-7)


def test_forward(kata, rng, gamma):
    """Each sample is divided by the root of the mean of its squares plus eps, then scaled by gamma."""
    # The mean of the squares is 10: with eps = 6 the root is 4.
    for size in (1.0, 1e3, 1e-6):
        out = kata.rms_norm_forward(np.array([[2.0, 4.0]]), size * np.array([10.0, 20.0]), eps=6.0).out
        assert_close(out, [[5.0 * size, 20.0 * size]])
    # One of 400 features is all there is. The mean of the squares is 400: with eps = 41 the root is 21.
    x = np.zeros(400)
    x[7] = 400.0
    assert_close(kata.rms_norm_forward(x, np.full(400, 21.0), eps=41.0).out, x)
    x = rng.normal(3.0, 2.0, size=(3, 4))
    assert_close(kata.rms_norm_forward(x, gamma).out, defined(x, gamma))


def test_mean_stays(kata, rng, gamma):
    """No mean is subtracted: a constant sample keeps its sign, and so does a sample with a single feature."""
    # 9 + 7 = 16 under the root.
    assert_close(
        kata.rms_norm_forward(np.array([[3.0, 3.0], [-3.0, -3.0]]), np.ones(2), 7.0).out, [[0.75] * 2, [-0.75] * 2]
    )
    assert_close(kata.rms_norm_forward(np.array([[3.0], [-3.0]]), np.array([2.0]), 7.0).out, [[1.5], [-1.5]])
    x = rng.normal(size=(3, 4)) + np.array([[5.0], [-20.0], [100.0]])
    assert_close(kata.rms_norm_forward(x, gamma).out, defined(x, gamma))


def test_leading_axes(kata, rng, gamma):
    """Any axes may stand before the last one, or none."""
    for shape in SHAPES:
        x = rng.normal(rng.normal(size=(*shape[:-1], 1)), 2.0, size=shape)
        assert_close(kata.rms_norm_forward(x, gamma).out, defined(x, gamma))


def test_eps(kata, rng, gamma):
    """Under the root, eps is added to the mean of squares; it is 1e-5 unless given, and an eps of 0 is 0."""
    # Their squares are near 1e-5, so that eps shows.
    x = 0.003 * rng.normal(size=(3, 4))
    assert_close(kata.rms_norm_forward(x, gamma).out, defined(x, gamma, eps=1e-5))
    for eps in (0.5, 1e-12, 0.0):
        for size in (1.0, 1e-3):
            assert_close(kata.rms_norm_forward(size * x, gamma, eps).out, defined(size * x, gamma, eps=eps))


def test_zeros(kata, rng, gamma):
    """A sample of zeros gives zeros, and its gradient is gamma * grad_out / sqrt(eps)."""
    x = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, -1.0, 1.0, -1.0]])
    step = kata.rms_norm_forward(x, gamma, eps=1.25)
    assert_close(step.out, [np.zeros(4), gamma * x[1] / 1.5])
    grad_out = rng.normal(size=(2, 4))
    assert_gradients(kata.rms_norm_backward(grad_out, step.cache), defined_gradients(grad_out, x, gamma, 1.25))
    for eps in (4.0, 1e-5):
        cache = kata.rms_norm_forward(np.zeros((1, 2)), np.array([10.0, 20.0]), eps).cache
        assert_close(
            kata.rms_norm_backward(np.array([[1.0, -3.0]]), cache).grad_x, np.array([[10.0, -60.0]]) / eps**0.5
        )


def test_gradient_of_scale(kata, rng, gamma):
    """grad_gamma is the sum of grad_out * x / rms over all axes before the last."""
    # x / rms is (1/2, 1) in the first sample and (1, -1/2) in the second.
    cache = kata.rms_norm_forward(np.array([[2.0, 4.0], [4.0, -2.0]]), np.array([10.0, 20.0]), eps=6.0).cache
    for size in (1.0, 1e3, 1e-6):
        grad_out = size * np.array([[1.0, 0.0], [2.0, 3.0]])
        assert_close(kata.rms_norm_backward(grad_out, cache).grad_gamma, [2.5 * size, -1.5 * size])
    for shape in SHAPES:
        x, grad_out = rng.normal(1.0, 2.0, size=shape), rng.normal(size=shape)
        back = kata.rms_norm_backward(grad_out, kata.rms_norm_forward(x, gamma).cache)
        assert_close(back.grad_gamma, (grad_out * defined(x, np.ones(4))).reshape(-1, 4).sum(axis=0))


def test_gradient_of_input(kata, rng, gamma):
    """grad_x agrees with finite differences: the root moves with x, and each feature has its own gamma."""
    # The slopes of x / rms are (1 - x_hat_j * x_hat_k / 2) / 4 for j = k, and without the 1 for others.
    cache = kata.rms_norm_forward(np.array([[2.0, 4.0]]), np.array([16.0, 32.0]), eps=6.0).cache
    for size in (1.0, 1e3, 1e-6):
        assert_close(kata.rms_norm_backward(np.array([[size, 0.0]]), cache).grad_x, [[3.5 * size, -size]])
        assert_close(kata.rms_norm_backward(np.array([[0.0, size]]), cache).grad_x, [[-2.0 * size, 4.0 * size]])
    for shape in SHAPES:
        x, grad_out = rng.normal(1.0, 2.0, size=shape), rng.normal(size=shape)
        for eps in (0.5, 1e-5):
            cache = kata.rms_norm_forward(x, gamma, eps).cache
            expected = defined_gradients(grad_out, x, gamma, eps)
            assert_gradients(kata.rms_norm_backward(grad_out, cache), expected)


def test_single_feature(kata):
    """A single feature moves its own root: the slope of x / rms is eps / rms**3."""
    x, grad_out = np.array([[3.0], [-1.0], [0.0]]), np.array([[1.0], [4.0], [-2.0]])
    cache = kata.rms_norm_forward(x, np.array([2.0]), eps=7.0).cache
    assert_close(kata.rms_norm_backward(grad_out, cache).grad_x, 2.0 * grad_out * 7.0 / (x**2 + 7.0) ** 1.5)


def test_cache(kata, rng, gamma):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    for shapes in (((3, 4), (3, 4)), ((3, 4), (2, 5, 4)), ((4,), (4,))):
        calls = [(rng.normal(1.0, 2.0, size=shape), gamma + shift) for shift, shape in enumerate(shapes)]
        caches = [kata.rms_norm_forward(*call).cache for call in calls]
        for call, cache in zip(calls, caches, strict=True):
            for _ in range(2):
                grad_out = rng.normal(size=call[0].shape)
                assert_gradients(kata.rms_norm_backward(grad_out, cache), defined_gradients(grad_out, *call))


@strict
def test_integers(kata):
    """Integers of any type may stand in x: squares of 8-bit numbers do not overflow, and nothing is truncated."""
    gamma, grad_out = np.array([2.0, 3.0, -1.0]), np.array([[1.0, 0.0, 2.0], [0.0, 5.0, -1.0]])
    for kind in (np.int64, np.uint8, np.int16):
        x = np.array([[100, 2, 17], [0, 0, 80]])
        step = kata.rms_norm_forward(x.astype(kind), gamma, eps=0.5)
        assert_close(step.out, defined(x, gamma, eps=0.5))
        back = kata.rms_norm_backward(grad_out, step.cache)
        assert_gradients(back, defined_gradients(grad_out, x.astype(float), gamma, eps=0.5))


def workload(kata, rng, n):
    """Normalise a stack, with some samples of few values or zeros, and a lone sample, each with its gradients."""
    x, grad_out = rng.normal(rng.normal(size=(n, 1)), 2.0, size=(n, 6)), rng.normal(size=(n, 6))
    x[::5], x[::7] = rng.integers(0, 2, size=6), 0.0
    gamma, other = rng.normal(size=(2, 6))
    rows = n // 2 * 2
    first = kata.rms_norm_forward(x[:rows].reshape(2, -1, 6), gamma, 0.5)
    second = kata.rms_norm_forward(x[1], other)
    return (
        (first.out, kata.rms_norm_backward(grad_out[:rows].reshape(2, -1, 6), first.cache)),
        (second.out, kata.rms_norm_backward(grad_out[1], second.cache)),
    )


MEAN = "(x**2).mean(axis=-1, keepdims=True) + eps"
BACK = "    return Backward(scale * (grad_x_hat - through_rms), (grad_out * x_hat).sum(axis=before))"
MISTAKES = {
    "layer norm: the mean is subtracted": (
        "x = x.astype(np.float64)\n    scale",
        "x = x - x.mean(axis=-1, keepdims=True)\n    scale",
    ),
    "the standard deviation for the root mean square": (MEAN, "x.var(axis=-1, keepdims=True) + eps"),
    "the length: a sum of squares": (MEAN, "(x**2).sum(axis=-1, keepdims=True) + eps"),
    "n - 1 for n": (MEAN, "(x**2).sum(axis=-1, keepdims=True) / max(x.shape[-1] - 1, 1) + eps"),
    "the mean of absolute values": (
        "np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)",
        "(abs(x).mean(axis=-1, keepdims=True) + eps)",
    ),
    "over the samples": (MEAN, "(x**2).mean(axis=0, keepdims=True) + eps"),
    "over all entries": (MEAN, "(x**2).mean() + eps"),
    "over axis 1, the last one of a matrix only": (MEAN, "(x**2).mean(axis=min(1, x.ndim - 1), keepdims=True) + eps"),
    "over all axes but the first": (
        MEAN,
        "(x**2).mean(axis=tuple(range(min(1, x.ndim - 1), x.ndim)), keepdims=True) + eps",
    ),
    "eps outside the root, as in the authors' code": (
        "1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)",
        "1 / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps)",
    ),
    "eps fixed at its default": (MEAN, "(x**2).mean(axis=-1, keepdims=True) + 1e-5"),
    "eps of another default": (
        'eps: float = 1e-5) -> Forward:\n    """Normalise',
        'eps: float = 1e-6) -> Forward:\n    """Normalise',
    ),
    "an eps of 0 is none given": (MEAN, "(x**2).mean(axis=-1, keepdims=True) + (eps or 1e-5)"),
    "eps for a lower limit": (
        "(x**2).mean(axis=-1, keepdims=True) + eps",
        "np.maximum((x**2).mean(axis=-1, keepdims=True), eps)",
    ),
    "eps inside of the mean": (
        "(x**2).mean(axis=-1, keepdims=True) + eps",
        "(x**2).mean(axis=-1, keepdims=True) + eps / x.shape[-1]",
    ),
    "a sample of zeros is divided by 1": (
        "    x_hat = x * scale\n    return",
        "    scale[(x == 0).all(axis=-1)] = 1.0\n    x_hat = x * scale\n    return",
    ),
    "gamma forgotten": (
        "Forward(gamma * x_hat, (x_hat, gamma, scale))",
        "Forward(x_hat, (x_hat, gamma, scale))",
    ),
    "1 + gamma, as in Gemma": (
        "Forward(gamma * x_hat, (x_hat, gamma, scale))",
        "Forward((1 + gamma) * x_hat, (x_hat, gamma, scale))",
    ),
    "x_hat won back from the output": (
        "Forward(gamma * x_hat, (x_hat, gamma, scale))",
        "Forward(gamma * x_hat, (gamma * x_hat / gamma, gamma, scale))",
    ),
    "single precision": ("x = x.astype(np.float64)\n    scale", "x = x.astype(np.float32)\n    scale"),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        (
            "    x_hat = x * scale\n    return Forward(gamma * x_hat, (x_hat, gamma, scale))",
            "    x_hat = x * scale\n    LATEST[:] = x_hat, gamma, scale\n    return Forward(gamma * x_hat, None)",
        ),
        ("= cache\n    before", "= LATEST\n    before"),
    ],
    "the backward pass uses up its cache": (
        BACK,
        BACK.replace("(grad_out * x_hat).sum", "np.multiply(grad_out, x_hat, out=x_hat).sum"),
    ),
    "the root taken for a constant": ("scale * (grad_x_hat - through_rms)", "scale * grad_x_hat"),
    "the term of layer norm's mean is kept": (
        "scale * (grad_x_hat - through_rms)",
        "scale * (grad_x_hat - grad_x_hat.mean(axis=-1, keepdims=True) - through_rms)",
    ),
    "the backward mean is a sum": (
        "(grad_x_hat * x_hat).mean(axis=-1, keepdims=True)",
        "(grad_x_hat * x_hat).sum(axis=-1, keepdims=True)",
    ),
    "gamma taken out of the mean": [
        ("grad_x_hat = gamma * grad_out", "grad_x_hat = grad_out"),
        ("scale * (grad_x_hat - through_rms)", "gamma * scale * (grad_x_hat - through_rms)"),
    ],
    "gamma missing from grad_x": ("grad_x_hat = gamma * grad_out", "grad_x_hat = grad_out"),
    "scale missing from grad_x": ("scale * (grad_x_hat - through_rms)", "(grad_x_hat - through_rms)"),
    "x for x_hat in the term of the root": ("through_rms = x_hat * (grad", "through_rms = x_hat / scale * (grad"),
    "the sign of the term of the root": ("(grad_x_hat - through_rms)", "(grad_x_hat + through_rms)"),
    "grad_gamma of x, not of x_hat": (
        "(grad_out * x_hat).sum(axis=before)",
        "(grad_out * x_hat / scale).sum(axis=before)",
    ),
    "grad_gamma averaged": ("(grad_out * x_hat).sum(axis=before)", "(grad_out * x_hat).mean(axis=before)"),
    "grad_gamma summed over the first axis only": ("before = tuple(range(x_hat.ndim - 1))", "before = 0"),
}

STRICT_MISTAKES = {
    "squares in the type of the pixels": ("    x = x.astype(np.float64)\n    scale", "    scale"),
}
