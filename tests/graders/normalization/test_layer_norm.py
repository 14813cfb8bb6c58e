import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

SHAPES = [(4,), (3, 4), (4, 4), (2, 3, 4), (2, 1, 3, 4)]


@pytest.fixture
def scales(rng):
    """Four of gamma and four of beta; one is switched off, and no two of gamma are alike."""
    return rng.permutation([0.0, 0.7, -1.5, 2.5]), rng.normal(size=4)


def defined(x, gamma, beta, eps=1e-5):
    """Return what the definition makes of the samples, one at a time."""
    out = np.empty(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        sample = x[place]
        mean = sum(sample) / len(sample)
        var = sum((sample - mean) ** 2) / len(sample)
        out[place] = gamma * (sample - mean) / (var + eps) ** 0.5 + beta
    return out


def defined_gradients(weights, batch, eps=1e-5):
    """Return the gradients of the sum of weights * out for x, gamma and beta, by finite differences."""

    def gradient(place):
        def loss(value):
            return (weights * defined(*batch[:place], value, *batch[place + 1 :], eps=eps)).sum()

        return numerical_gradient(loss, batch[place])

    return [gradient(place) for place in range(3)]


def assert_gradients(actual, expected):
    """Compare from the simplest to the hardest, as closely as finite differences allow."""
    for have, want in zip(reversed(actual), reversed(expected), strict=True):
        assert_close(have, want, rtol=1e-5, atol=1e-8)


def test_forward(kata, rng, scales):
    """Each sample is standardised over the last axis by its own mean and biased variance, then scaled and shifted."""
    gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    # Mean 2 and variance 1: with eps = 3 the root is 2.
    for size in (1.0, 1e3, 1e-6):
        out = kata.layer_norm_forward(np.array([[1.0, 3.0]]), size * gamma, size * beta, eps=3.0).out
        assert_close(out, [[0.0, 10.0 * size]])
    # One of 401 features is far from the others. Mean 1 and variance 400: with eps = 41 the root is 21.
    x = np.zeros(401)
    x[7] = 401.0
    assert_close(kata.layer_norm_forward(x, np.full(401, 21.0), np.zeros(401), eps=41.0).out, x - 1.0)
    x = rng.normal(3.0, 2.0, size=(3, 4))
    assert_close(kata.layer_norm_forward(x, *scales).out, defined(x, *scales))


def test_leading_axes(kata, rng, scales):
    """Any axes may stand before the last one, or none."""
    for shape in SHAPES:
        x = rng.normal(rng.normal(size=(*shape[:-1], 1)), 2.0, size=shape)
        assert_close(kata.layer_norm_forward(x, *scales).out, defined(x, *scales))


def test_eps(kata, rng, scales):
    """Under the root, eps is added to the variance; it is 1e-5 unless given."""
    # Of a variance near 1e-5, so that eps shows.
    x = 0.003 * rng.normal(size=(3, 4))
    assert_close(kata.layer_norm_forward(x, *scales).out, defined(x, *scales, eps=1e-5))
    for eps in (0.5, 1e-12):
        assert_close(kata.layer_norm_forward(x, *scales, eps).out, defined(x, *scales, eps=eps))


def test_no_eps(kata):
    """An eps of 0 is 0, not the default."""
    for size in (1e-3, 1e-6):
        x = size * np.array([1.0, 3.0])
        assert_close(kata.layer_norm_forward(x, np.ones(2), np.zeros(2), eps=0.0).out, [-1.0, 1.0])


def test_constant_sample(kata, scales):
    """A constant sample becomes beta, and so does one with a single feature."""
    x = np.array([[7.0, 7.0, 7.0, 7.0], [1.0, -1.0, 1.0, -1.0]])
    gamma, beta = scales
    out = kata.layer_norm_forward(x, gamma, beta, eps=1.25).out
    assert_close(out, [beta, beta + gamma * x[1] / 1.5])
    out = kata.layer_norm_forward(np.array([[3.0], [5.0]]), np.array([2.0]), np.array([0.5])).out
    assert_close(out, [[0.5], [0.5]])


def test_gradients_of_scale_and_shift(kata, rng, scales):
    """grad_gamma and grad_beta are summed over all axes before the last."""
    x, grad_out = np.array([[1.0, 3.0], [7.0, 5.0]]), np.array([[1.0, 0.0], [2.0, 3.0]])
    # x_hat is (-1/2, 1/2) in the first sample and (1/2, -1/2) in the second.
    cache = kata.layer_norm_forward(x, np.array([10.0, 20.0]), np.zeros(2), eps=3.0).cache
    for size in (1.0, 1e3, 1e-6):
        back = kata.layer_norm_backward(size * grad_out, cache)
        assert_close(back.grad_beta, [3.0 * size, 3.0 * size])
        assert_close(back.grad_gamma, [0.5 * size, -1.5 * size])
    for shape in SHAPES:
        x, grad_out = rng.normal(size=shape), rng.normal(size=shape)
        back = kata.layer_norm_backward(grad_out, kata.layer_norm_forward(x, *scales).cache)
        x_hat = defined(x, np.ones(4), np.zeros(4))
        assert_close(back.grad_beta, grad_out.reshape(-1, 4).sum(axis=0))
        assert_close(back.grad_gamma, (grad_out * x_hat).reshape(-1, 4).sum(axis=0))


def test_gradient_of_input(kata, rng, scales):
    """grad_x agrees with finite differences: mean and variance move with x, and each feature has its own gamma."""
    gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    cache = kata.layer_norm_forward(np.array([[1.0, 3.0]]), gamma, beta, eps=3.0).cache
    for size in (1.0, 1e3, 1e-6):
        assert_close(kata.layer_norm_backward(np.array([[size, 0.0]]), cache).grad_x, [[1.875 * size, -1.875 * size]])
        assert_close(kata.layer_norm_backward(np.array([[0.0, size]]), cache).grad_x, [[-3.75 * size, 3.75 * size]])
    for shape in SHAPES:
        batch = rng.normal(1.0, 2.0, size=shape), *scales
        grad_out = rng.normal(size=shape)
        for eps in (0.5, 1e-5):
            cache = kata.layer_norm_forward(*batch, eps).cache
            assert_gradients(kata.layer_norm_backward(grad_out, cache), defined_gradients(grad_out, batch, eps))


def test_gradient_of_constant_sample(kata, rng, scales):
    """A constant sample has a gradient too: its variance is 0, and eps alone is under the root."""
    # The root is 2: the feature's own part is 10 / 2, of which the mean takes away half.
    cache = kata.layer_norm_forward(np.array([[7.0, 7.0]]), np.array([10.0, 20.0]), np.zeros(2), eps=4.0).cache
    assert_close(kata.layer_norm_backward(np.array([[1.0, 0.0]]), cache).grad_x, [[2.5, -2.5]])
    batch = np.vstack([np.full(4, 3.0), rng.normal(size=4)]), *scales
    grad_out = rng.normal(size=(2, 4))
    cache = kata.layer_norm_forward(*batch, 0.5).cache
    assert_gradients(kata.layer_norm_backward(grad_out, cache), defined_gradients(grad_out, batch, 0.5))
    # A single feature moves nothing.
    cache = kata.layer_norm_forward(np.array([[3.0], [5.0]]), np.array([2.0]), np.array([0.5])).cache
    back = kata.layer_norm_backward(np.array([[1.0], [4.0]]), cache)
    assert_close(back.grad_x, [[0.0], [0.0]])
    assert_close(back.grad_gamma, [0.0])
    assert_close(back.grad_beta, [5.0])


def test_cache(kata, rng, scales):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    gamma, beta = scales
    first, second = (rng.normal(1.0, 2.0, size=(3, 4)), gamma, beta), (rng.normal(size=(2, 4)), gamma + 1, beta)
    third = rng.normal(1.0, 2.0, size=(3, 4)), gamma - 1, beta  # of the first one's shape
    caches = [kata.layer_norm_forward(*batch).cache for batch in (first, second, third)]
    for batch, cache in zip((first, second, third), caches, strict=True):
        for _ in range(2):
            grad_out = rng.normal(size=batch[0].shape)
            assert_gradients(kata.layer_norm_backward(grad_out, cache), defined_gradients(grad_out, batch))


def test_second_backward(kata, rng, scales):
    """A second backward with the same cache gives the same, for a single sample too."""
    for shape in ((4,), (3, 4)):
        weights, batch = rng.normal(size=shape), (rng.normal(size=shape), *scales)
        cache = kata.layer_norm_forward(*batch).cache
        for _ in range(2):
            back = kata.layer_norm_backward(weights, cache)
            for have, want in zip(back, defined_gradients(weights, batch), strict=True):
                assert_close(have, want, rtol=1e-5, atol=1e-7)


@strict
def test_far_from_zero(kata, rng, scales):
    """A sample whose mean is a million times its standard deviation is normalised as well as one near zero."""
    spread = rng.normal(size=(3, 4))
    spread = 1.3 * (spread - spread.mean(axis=1, keepdims=True)) / spread.std(axis=1, keepdims=True)
    offset = np.array([[0.0], [1.2e6], [-1.2e6]])
    far = spread + offset
    near = far - offset  # exact, unlike the sum
    gamma, beta = np.ones(4), scales[1]
    assert_close(kata.layer_norm_forward(far, gamma, beta).out, defined(near, gamma, beta), rtol=1e-6, atol=1e-6)


@strict
def test_integers(kata):
    """Arrays of integers are not truncated, forward or backward."""
    batch = np.array([[1, 2, 7], [0, 0, 8]]), np.array([2, 3, -1]), np.array([1, 0, 2])
    grad_out = np.array([[1, 0, 2], [0, 5, -1]])
    step = kata.layer_norm_forward(*batch, eps=0.5)
    assert_close(step.out, defined(*batch, eps=0.5))
    assert_gradients(kata.layer_norm_backward(grad_out, step.cache), defined_gradients(grad_out, batch, eps=0.5))


def workload(kata, rng, n):
    """Normalise a matrix, a stack and a lone sample, some of few values or constant, each with its gradients."""
    x, grad_out = rng.normal(rng.normal(size=(n, 1)), 2.0, size=(n, 6)), rng.normal(size=(n, 6))
    x[::5], x[::7] = rng.integers(0, 2, size=6), 1.0
    gamma, beta = rng.normal(size=(2, 6))
    rows = n // 2 * 2
    first = kata.layer_norm_forward(x, gamma, beta)
    second = kata.layer_norm_forward(x[:rows].reshape(2, -1, 6), beta, gamma, 0.5)
    third = kata.layer_norm_forward(x[0], gamma, beta)
    return (
        (first.out, kata.layer_norm_backward(grad_out, first.cache)),
        (second.out, kata.layer_norm_backward(grad_out[:rows].reshape(2, -1, 6), second.cache)),
        (third.out, kata.layer_norm_backward(grad_out[0], third.cache)),
    )


MISTAKES = {
    "batch norm: over the samples": [
        ("x - x.mean(axis=-1, keepdims=True)", "x - x.mean(axis=0, keepdims=True)"),
        ("(centred**2).mean(axis=-1, keepdims=True) + eps", "(centred**2).mean(axis=0, keepdims=True) + eps"),
        ("grad_x_hat.mean(axis=-1, keepdims=True)\n", "grad_x_hat.mean(axis=0, keepdims=True)\n"),
        ("(grad_x_hat * x_hat).mean(axis=-1, keepdims=True)", "(grad_x_hat * x_hat).mean(axis=0, keepdims=True)"),
    ],
    "over axis 1, the last one of a matrix only": [
        ("x - x.mean(axis=-1, keepdims=True)", "x - x.mean(axis=min(1, x.ndim - 1), keepdims=True)"),
        (
            "(centred**2).mean(axis=-1, keepdims=True) + eps",
            "(centred**2).mean(axis=min(1, x.ndim - 1), keepdims=True) + eps",
        ),
    ],
    "over all axes but the first": [
        (
            "x - x.mean(axis=-1, keepdims=True)",
            "x - x.mean(axis=tuple(range(min(1, x.ndim - 1), x.ndim)), keepdims=True)",
        ),
        (
            "(centred**2).mean(axis=-1, keepdims=True) + eps",
            "(centred**2).mean(axis=tuple(range(min(1, x.ndim - 1), x.ndim)), keepdims=True) + eps",
        ),
    ],
    "the variance of the whole array": ("(centred**2).mean(axis=-1, keepdims=True) + eps", "(centred**2).mean() + eps"),
    "unbiased variance": (
        "(centred**2).mean(axis=-1, keepdims=True) + eps",
        "(centred**2).sum(axis=-1, keepdims=True) / max(x.shape[-1] - 1, 1) + eps",
    ),
    "the root mean square, without centring": ("centred = x - x.mean(axis=-1, keepdims=True)", "centred = 1.0 * x"),
    "eps fixed at its default": ("keepdims=True) + eps)", "keepdims=True) + 1e-5)"),
    "the variance of a constant sample is replaced by 1": (
        "    scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)",
        (
            "    var = (centred**2).mean(axis=-1, keepdims=True)\n"
            "    scale = 1 / np.sqrt(np.where(var == 0, 1, var) + eps)"
        ),
    ),
    "eps outside the root": (
        "1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)",
        "1 / (np.sqrt((centred**2).mean(axis=-1, keepdims=True)) + eps)",
    ),
    "eps on the standard deviation, as its square": ("keepdims=True) + eps)", "keepdims=True) + eps**2)"),
    "beta forgotten": ("Forward(gamma * x_hat + beta,", "Forward(gamma * x_hat,"),
    "gamma and beta for samples": (
        "Forward(gamma * x_hat + beta,",
        "Forward((gamma * x_hat.T + beta).T if len(x) == len(gamma) and x.ndim == 2 else gamma * x_hat + beta,",
    ),
    "single precision": ("x_hat = centred * scale", "x_hat = (centred * scale).astype(np.float32)"),
    "the backward pass uses up its cache": (
        "(grad_out * x_hat).sum(axis=before), grad_out.sum(axis=before)",
        "np.multiply(grad_out, x_hat, out=x_hat).sum(axis=before), grad_out.sum(axis=before)",
    ),
    "x_hat won back from the output": (
        "(x_hat, gamma, scale))\n\n\ndef layer_norm_backward(",
        "(gamma * x_hat / gamma, gamma, scale))\n\n\ndef layer_norm_backward(",
    ),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        ("    x_hat = centred * scale\n", "    x_hat = centred * scale\n    LATEST[:] = x_hat, gamma, scale\n"),
        ("= cache\n    before", "= LATEST\n    before"),
    ],
    "mean taken for a constant": ("grad_x_hat - through_mean - through_var", "grad_x_hat - through_var"),
    "variance taken for a constant": ("grad_x_hat - through_mean - through_var", "grad_x_hat - through_mean"),
    "mean and variance taken for constants": ("grad_x_hat - through_mean - through_var", "grad_x_hat"),
    "gamma taken out of the means, as batch norm may": [
        ("grad_x_hat = gamma * grad_out", "grad_x_hat = grad_out"),
        ("scale * (grad_x_hat", "gamma * scale * (grad_x_hat"),
    ],
    "gamma missing from grad_x": ("grad_x_hat = gamma * grad_out", "grad_x_hat = grad_out"),
    "scale missing from grad_x": ("scale * (grad_x_hat", "(grad_x_hat"),
    "the backward means are sums": (
        "grad_x_hat.mean(axis=-1, keepdims=True)\n",
        "grad_x_hat.sum(axis=-1, keepdims=True)\n",
    ),
    "grad_gamma and grad_beta averaged": (
        "(grad_out * x_hat).sum(axis=before), grad_out.sum(axis=before)",
        "(grad_out * x_hat).mean(axis=before), grad_out.mean(axis=before)",
    ),
    "grad_gamma and grad_beta summed over the first axis only": (
        "before = tuple(range(x_hat.ndim - 1))",
        "before = 0",
    ),
    "grad_gamma from x, not x_hat": (
        "(grad_out * x_hat).sum(axis=before)",
        "(grad_out * x_hat / scale).sum(axis=before)",
    ),
}

STRICT_MISTAKES = {
    "variance as mean of squares less square of mean": (
        "(centred**2).mean(axis=-1, keepdims=True) + eps",
        "(x**2).mean(axis=-1, keepdims=True) - x.mean(axis=-1, keepdims=True) ** 2 + eps",
    ),
    "integer input truncated": (
        "    centred = x - x.mean(axis=-1, keepdims=True)\n",
        "    centred = x.copy()\n    centred[...] = x - x.mean(axis=-1, keepdims=True)\n",
    ),
}
