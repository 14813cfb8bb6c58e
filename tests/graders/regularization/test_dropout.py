from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The argument is used again, by a residual connection for example.
PURE = True

SHAPES = [(400,), (20, 30), (300, 1), (1, 300), (4, 10, 15)]
RATES = [0.1, 0.25, 0.5, 0.8]


def draw(rng, shape):
    """Return values of both signs, none of which is 0."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.0, size=shape)


def assert_share(dropped, p):
    """Check a share of independent elements to eight standard deviations, which chance never comes to."""
    assert_close(np.mean(dropped), p, rtol=0.0, atol=8 * (p * (1 - p) / np.size(dropped)) ** 0.5)


def test_scale(kata, rng):
    """In training an element is 0 if it is dropped, and x / (1 - p) if it is kept."""
    out = kata.dropout_forward(np.full(200, 3.0), 0.25, True, rng).out
    assert_equal(sorted(set(np.round(out, 9).tolist())), [0.0, 4.0])
    for shape in SHAPES:
        for p in RATES:
            x = draw(rng, shape)
            out = kata.dropout_forward(x, p, True, rng).out
            assert_close(out, np.where(out == 0, 0.0, x / (1 - p)))


def test_share(kata, rng):
    """The probability to drop an element is p, and not that to keep it."""
    for p in (*RATES, 0.95):
        for shape in [(10_000,), (100, 50)]:
            assert_share(kata.dropout_forward(np.ones(shape), p, True, rng).out == 0, p)


def test_near_the_ends(kata, rng):
    """A p close to 0 or to 1 still drops a few elements, or keeps a few."""
    for p in (1e-3, 1 - 1e-3):
        out = kata.dropout_forward(np.full(60_000, 2.0), p, True, rng).out
        dropped = int(np.sum(out == 0))
        # 60 of either kind are expected.
        assert_equal(0 < min(dropped, out.size - dropped) < 200, True, what="few elements of one kind, but not none")
        assert_close(out.max(), 2 / (1 - p))


def test_independent(kata, rng):
    """Each element is dropped on its own: not whole rows, columns or channels, and not a fixed number of them."""
    for p in (0.3, 0.6):
        dropped = kata.dropout_forward(np.ones((8, 40, 50)), p, True, rng).out == 0
        for axis in range(3):
            # Neighbours along an axis, without overlap, are both dropped with probability p * p.
            n = dropped.shape[axis] // 2 * 2
            both = np.take(dropped, range(0, n, 2), axis) & np.take(dropped, range(1, n, 2), axis)
            assert_share(both, p * p)
        counts = {int(np.sum(kata.dropout_forward(np.ones(1000), p, True, rng).out == 0)) for _ in range(10)}
        assert_equal(len(counts) > 1, True, what="the number of dropped elements varies")


def test_values_do_not_matter(kata, rng):
    """Large, small and negative values, and their order, make no difference to the chance of being dropped."""
    x = np.concatenate([np.full(2000, 1e-6), np.full(2000, -1e6), np.full(2000, 5.0), np.full(2000, -1e-6)])
    out = kata.dropout_forward(x, 0.3, True, rng).out
    assert_close(out, np.where(out == 0, 0.0, x / 0.7), atol=1e-18)
    for part in np.split(out, 4):
        assert_share(part == 0, 0.3)


def test_drawn_anew(kata, rng):
    """Each call draws anew from rng, and from nothing else: the same generator state gives the same mask."""
    x = np.ones(300)
    masks = [kata.dropout_forward(x, 0.5, True, rng).out for _ in range(4)]
    for one, other in pairwise(masks):
        assert_equal(bool((one != other).any()), True, what="two calls drop different elements")
    seed = int(rng.integers(2**32))
    first, second = (kata.dropout_forward(x, 0.5, True, np.random.default_rng(seed)).out for _ in range(2))
    assert_equal(first, second)


def test_ends(kata, rng):
    """With p = 0 everything stays as it is, and with p = 1 everything is 0, forward and backward."""
    x, grad_out = np.array([[1.0, -2.0, 0.0]]), np.array([[3.0, 4.0, -5.0]])
    for p, factor in [(0.0, 1.0), (1.0, 0.0)]:
        step = kata.dropout_forward(x, p, True, rng)
        assert_close(step.out, factor * x)
        assert_close(kata.dropout_backward(grad_out, step.cache), factor * grad_out)


def test_inference(kata, rng):
    """In inference out is x and the gradient is grad_out, for any p."""
    for p in (0.5, 0.0, 0.25, 1.0):
        x, grad_out = draw(rng, (3, 4)), draw(rng, (3, 4))
        step = kata.dropout_forward(x, p, False, rng)
        assert_close(step.out, x)
        assert_close(kata.dropout_backward(grad_out, step.cache), grad_out)


def test_backward(kata, rng):
    """The gradient is dropped where x was, and divided by 1 - p elsewhere."""
    step = kata.dropout_forward(np.full(200, 3.0), 0.25, True, rng)
    assert_close(kata.dropout_backward(np.full(200, 6.0), step.cache), np.where(step.out == 0, 0.0, 8.0))
    for shape in SHAPES:
        for p in RATES:
            grad_out = rng.normal(size=shape)
            step = kata.dropout_forward(draw(rng, shape), p, True, rng)
            grad = kata.dropout_backward(grad_out, step.cache)
            assert_close(grad, np.where(step.out == 0, 0.0, grad_out / (1 - p)))


def test_gradient_of_zeros(kata, rng):
    """An x of 0 that is kept has a gradient: the mask is not to be read off out."""
    grad_out = draw(rng, 2000)
    step = kata.dropout_forward(np.zeros(2000), 0.25, True, rng)
    assert_close(step.out, np.zeros(2000))
    grad = kata.dropout_backward(grad_out, step.cache)
    assert_share(grad == 0, 0.25)
    assert_close(grad, np.where(grad == 0, 0.0, grad_out / 0.75))


def test_cache(kata, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    steps = [
        kata.dropout_forward(draw(rng, 100), p, training, rng)
        for p, training in [(0.5, True), (0.2, True), (0.5, False)]
    ]
    for step, p in zip([*steps, *steps], [0.5, 0.2, 0.0] * 2, strict=True):
        grad_out = draw(rng, 100)
        grad = kata.dropout_backward(grad_out, step.cache)
        assert_close(grad, np.where(step.out == 0, 0.0, grad_out / (1 - p)))


@strict
@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_no_probability(kata, rng, p):
    """A p that is not from 0 to 1 raises ValueError, in training and in inference."""
    for training in (True, False):
        with pytest.raises(ValueError):
            kata.dropout_forward(np.ones(3), p, training, rng)


@strict
def test_kinds(kata, rng):
    """Both x and grad_out may be integers of any type: nothing is truncated or wraps around."""
    for kind in (np.uint8, np.int8, int):
        x = np.full(200, 100).astype(kind)
        step = kata.dropout_forward(x, 0.75, True, rng)
        assert_close(step.out, np.where(step.out == 0, 0.0, 400.0))
        assert_close(kata.dropout_backward(x, step.cache), np.where(step.out == 0, 0.0, 400.0))


@strict
def test_empty(kata, rng):
    """An empty x has an empty out and an empty gradient."""
    for shape in [(0,), (0, 3), (3, 0)]:
        for training in (True, False):
            step = kata.dropout_forward(np.ones(shape), 0.5, training, rng)
            assert_equal(step.out.shape, shape)
            assert_equal(kata.dropout_backward(np.ones(shape), step.cache).shape, shape)


def workload(kata, rng, n):
    """One layer of n samples in training and in inference, and the ends of p."""
    x, grad_out = np.maximum(rng.normal(size=(n, 8)), 0), rng.normal(size=(n, 8))
    answers = []
    for p, training in [(0.5, False), (0.0, True), (1.0, True)]:
        step = kata.dropout_forward(x, p, training, rng)
        answers += [step.out, kata.dropout_backward(grad_out, step.cache)]
    # What holds for every draw.
    step = kata.dropout_forward(np.abs(x) + 1, 0.2, True, rng)
    grad = kata.dropout_backward(grad_out, step.cache)
    return [*answers, np.unique(np.round(step.out / (np.abs(x) + 1), 9)), bool(((grad == 0) == (step.out == 0)).all())]


KEPT = "(rng.random(x.shape) >= p)"
SCALED = " / (1 - p if p < 1 else 1)"
OUT = "return Forward(x * scale, scale)"
BACK = "return grad_out * cache"
TRAINING = "    if training:\n        scale ="
START = "scale = np.ones(x.shape)"
MISTAKES = {
    "p is the probability to keep": [(KEPT, "(rng.random(x.shape) < p)"), (SCALED, " / (p or 1)")],
    "keeps with probability p, scales by 1 - p": (KEPT, "(rng.random(x.shape) < p)"),
    "scaled by 1 / p": (SCALED, " / (p or 1)"),
    "not scaled in training": (SCALED, " * 1.0"),
    "scaled down instead of up": (SCALED, " * (1 - p)"),
    "scaled down in inference, not up in training": [(SCALED, " * 1.0"), (START, "scale = np.ones(x.shape) * (1 - p)")],
    "scaled down in inference as well": (START, "scale = np.ones(x.shape) * (1 - p)"),
    "p = 1 divides by 0": (SCALED, " / (1 - p)"),
    "a small number in the denominator": (SCALED, " / (1 - p + 1e-6)"),
    "p is held below 1": (SCALED, " / (1 - min(p, 0.99))"),
    "drops in inference, too": (TRAINING, "    if p:\n        scale ="),
    "training and inference swapped": (TRAINING, "    if not training:\n        scale ="),
    "one mask for all samples": (KEPT, "(rng.random(x.shape[1:] if x.ndim > 1 else x.shape) >= p + np.zeros(x.shape))"),
    "whole rows are dropped": (KEPT, "(rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p + np.zeros(x.shape))"),
    "neighbours share a draw": (KEPT, "(np.repeat(rng.random(x.size), 2)[: x.size].reshape(x.shape) >= p)"),
    "a fixed number is dropped": (
        KEPT,
        "(rng.permutation(x.size).reshape(x.shape) >= round(p * x.size))",
    ),
    "the same mask in every call": (KEPT, "(np.random.default_rng(0).random(x.shape) >= p)"),
    "NumPy's global generator": (KEPT, "(np.random.random(x.shape) >= p)"),
    "the noise is normal": (KEPT, "(rng.normal(size=x.shape) >= p)"),
    "drops half at any p": (KEPT, "(rng.random(x.shape) >= (0.5 if 0 < p < 1 else p))"),
    "the largest are kept": (KEPT, "(np.abs(x) >= np.quantile(np.abs(x), p))"),
    "p is rounded to percent": (KEPT, "(rng.integers(100, size=x.shape) >= round(100 * p))"),
    "the mask is read off out": (OUT, "return Forward(x * scale, scale * (x * scale != 0))"),
    "the gradient is not scaled": (BACK, "return grad_out * (cache > 0)"),
    "the gradient is not dropped": (BACK, "return grad_out * np.max(cache)"),
    "the gradient is left alone": (BACK, "return grad_out.copy()"),
    "the gradient is scaled twice": (BACK, "return grad_out * cache * cache"),
    "the gradient at the dropped elements": (BACK, "return grad_out * (cache == 0) * np.max(cache)"),
    "a new mask in backward": (
        BACK,
        "return grad_out * np.random.default_rng().permutation(cache.ravel()).reshape(cache.shape)",
    ),
    "the last call's mask": [
        (OUT, "_check.last = scale\n    return Forward(x * scale, scale)"),
        (BACK, "return grad_out * _check.last"),
    ],
    "x is changed": (OUT, "x *= scale\n    return Forward(x, scale)"),
    "the cache is used up": (BACK, "grad = grad_out * cache\n    cache[...] = 1\n    return grad"),
}

STRICT_MISTAKES = {
    "any p passes": ("if not 0 <= p <= 1:", "if False:"),
    "a NaN passes": ("if not 0 <= p <= 1:", "if p < 0 or p > 1:"),
    "p is checked in training only": (
        "    _check(p)\n    scale = np.ones",
        "    if training:\n        _check(p)\n    scale = np.ones",
    ),
    "the kind of x stays": (OUT, "return Forward((x * scale).astype(x.dtype), scale)"),
    "an empty array has no maximum": (BACK, "return np.where(cache > 0, grad_out * np.max(cache), 0)"),
}
