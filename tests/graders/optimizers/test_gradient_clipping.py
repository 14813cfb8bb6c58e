import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True


@pytest.fixture
def grads(rng):
    """Draw gradients of three shapes; the second array is far larger than the others."""
    return [rng.normal(size=(2, 3)), 10.0 * rng.normal(size=4), rng.normal(size=(2, 1, 2))]


def norm_of(grads):
    return math.sqrt(sum(float(entry) ** 2 for grad in grads for entry in grad.ravel()))


def assert_grads(actual, expected, **tolerances):
    assert_equal(len(actual), len(expected))
    for have, want in zip(actual, expected, strict=True):
        assert_close(have, want, **tolerances)


def test_by_value(kata, grads):
    """By value, each entry is bounded on both sides by itself, and entries within the limit stay."""
    clipped = kata.clip_by_value([np.array([3.0, -0.5]), np.array([[-4.0]])], limit=1.0)
    assert_grads(clipped, [np.array([1.0, -0.5]), np.array([[-1.0]])])
    clipped = kata.clip_by_value([np.array([3e3, 2e-6]), np.array([[-700.0]])], limit=2e3)
    assert_grads(clipped, [np.array([2e3, 2e-6]), np.array([[-700.0]])])
    assert_grads(kata.clip_by_value([np.array([3.0, -2e-6])], limit=1e-3), [np.array([1e-3, -2e-6])])
    clipped = kata.clip_by_value(grads, limit=0.7)
    assert_grads(clipped, [np.vectorize(lambda entry: max(-0.7, min(entry, 0.7)))(grad) for grad in grads])


def test_global_norm(kata, grads):
    """Above max_norm, all arrays are scaled by one factor, max_norm / norm, where norm is that of all entries."""
    clipped = kata.clip_by_global_norm([np.array([3.0]), np.array([[4.0, 0.0]])], max_norm=2.0)
    assert_grads(clipped.grads, [np.array([1.2]), np.array([[1.6, 0.0]])])
    clipped = kata.clip_by_global_norm([np.array([3e4]), np.array([[4e4, 5e-6]])], max_norm=2e4)
    assert_grads(clipped.grads, [np.array([1.2e4]), np.array([[1.6e4, 2e-6]])])
    # Each array is below the bound, and together they are above it.
    clipped = kata.clip_by_global_norm([np.array([3.0]), np.array([4.0])], max_norm=4.5)
    assert_grads(clipped.grads, [np.array([2.7]), np.array([3.6])])
    three, alone = [np.array([0.0, -3.0]), np.array([[-4.0], [0.0]]), np.zeros(2)], [np.array([[3.0, -4.0]])]
    for unclipped in (grads, three, alone):
        clipped = kata.clip_by_global_norm(unclipped, max_norm=0.5)
        assert_grads(clipped.grads, [grad * (0.5 / norm_of(unclipped)) for grad in unclipped])


def test_returned_norm(kata, grads):
    """The norm returned is the one before clipping, over all arrays, whether they are clipped or not."""
    for size in (1.0, 1e4, 1e-6):
        clipped = kata.clip_by_global_norm([np.array([3.0 * size]), np.array([4.0 * size])], max_norm=1.0)
        assert_close(clipped.norm, 5.0 * size)
    for max_norm in (0.5, 1e4):
        assert_close(kata.clip_by_global_norm(grads, max_norm).norm, norm_of(grads))


def test_below(kata, grads):
    """A norm below max_norm leaves every entry as it is, bit for bit; nothing is scaled up."""
    # Among so many entries there are some that no division and multiplication gives back.
    small, many = [np.array([0.3]), np.array([0.4])], [np.arange(1.0, 200.0) / 7, np.arange(1.0, 200.0) / 11]
    for unclipped in (small, many, grads):
        clipped = kata.clip_by_global_norm(unclipped, max_norm=1.01 * norm_of(unclipped))
        assert_equal(len(clipped.grads), len(unclipped))
        for have, want in zip(clipped.grads, unclipped, strict=True):
            assert_equal(have, want)


def test_just_above(kata):
    """A norm a little above max_norm is scaled down to it, with nothing added to the divisor."""
    clipped = kata.clip_by_global_norm([np.array([3e-5]), np.array([4e-5])], max_norm=4.9e-5)
    assert_grads(clipped.grads, [np.array([2.94e-5]), np.array([3.92e-5])], rtol=1e-6, atol=0.0)
    clipped = kata.clip_by_global_norm([np.array([3e-6]), np.array([4e-6])], max_norm=4.995e-6)
    assert_grads(clipped.grads, [np.array([2.997e-6]), np.array([3.996e-6])], atol=0.0)
    clipped = kata.clip_by_global_norm([np.array([3.0]), np.array([4.0])], max_norm=4.99999)
    assert_grads(clipped.grads, [np.array([2.999994]), np.array([3.999992])])


def test_zero_gradients(kata):
    """Gradients that are all zero have norm 0 and stay zero."""
    clipped = kata.clip_by_global_norm([np.zeros(2), np.zeros((1, 2))], max_norm=1.0)
    assert_close(clipped.norm, 0.0)
    assert_grads(clipped.grads, [np.zeros(2), np.zeros((1, 2))])


def test_not_finite(kata):
    """By global norm, an entry that is NaN or infinite raises ValueError, in whichever array it is."""
    for entry in (np.nan, np.inf, -np.inf):
        bad, good = np.array([1.0, entry]), np.ones((2, 1))
        for grads in ([bad], [bad, good], [good, bad]):
            with pytest.raises(ValueError):
                kata.clip_by_global_norm(grads, 1.0)


@strict
def test_by_value_not_finite(kata):
    """By value, an infinite entry becomes the limit under its sign, and NaN stays NaN."""
    clipped = kata.clip_by_value([np.array([np.inf, np.nan]), np.array([1.0, -np.inf])], limit=2.0)
    assert_grads(clipped, [np.array([2.0, np.nan]), np.array([1.0, -2.0])])


@strict
def test_empty_list(kata):
    """An empty list has norm 0 and stays empty; an empty array adds nothing to the norm."""
    clipped = kata.clip_by_global_norm([], max_norm=1.0)
    assert_close(clipped.norm, 0.0)
    assert_equal(len(clipped.grads), 0)
    assert_equal(len(kata.clip_by_value([], limit=1.0)), 0)
    clipped = kata.clip_by_global_norm([np.zeros(0), np.array([3.0, 4.0])], max_norm=1.0)
    assert_close(clipped.norm, 5.0)
    assert_grads(clipped.grads, [np.zeros(0), np.array([0.6, 0.8])])


@strict
def test_no_bound(kata, grads):
    """A max_norm of inf measures the norm and clips nothing."""
    for unclipped in ([np.array([3.0]), np.array([4.0])], [np.zeros(2)], grads):
        clipped = kata.clip_by_global_norm(unclipped, max_norm=np.inf)
        assert_close(clipped.norm, norm_of(unclipped))
        assert_grads(clipped.grads, unclipped)
    with pytest.raises(ValueError):
        kata.clip_by_global_norm([np.array([np.inf]), np.array([np.nan])], np.inf)


@strict
def test_any_size(kata):
    """The squares of large entries may overflow and those of small ones vanish: norm and result do not."""
    for unit in (2e199, 1e-200):
        grads = [np.array([3.0 * unit]), np.array([[-4.0 * unit, 0.0]])]
        clipped = kata.clip_by_global_norm(grads, max_norm=2.0 * unit)
        assert_close(clipped.norm, 5.0 * unit, atol=0.0)
        assert_grads(clipped.grads, [np.array([1.2 * unit]), np.array([[-1.6 * unit, 0.0]])], atol=0.0)


@strict
def test_integers(kata):
    """Gradients of integers are not truncated, and their squares do not wrap around."""
    for unit in (1, 10**9):
        clipped = kata.clip_by_global_norm([np.array([3 * unit]), np.array([4 * unit, 0])], max_norm=1)
        assert_close(clipped.norm, 5.0 * unit)
        assert_grads(clipped.grads, [np.array([0.6]), np.array([0.8, 0.0])])
    # In eight bits, neither the square of -128 nor its absolute value is there.
    for grad, norm in ([-128, 96], 160.0), ([-128], 128.0):
        clipped = kata.clip_by_global_norm([np.array(grad, dtype=np.int8)], max_norm=5)
        assert_close(clipped.norm, norm)
        assert_grads(clipped.grads, [5 * np.array(grad) / norm])
    assert_grads(kata.clip_by_value([np.array([3, -4, 0])], limit=2.5), [np.array([2.5, -2.5, 0.0])])


def workload(kata, rng, n):
    """Clip five arrays by value and, below their norm and above it, by global norm; some entries are zero."""
    grads = [rng.normal(size=(n, size)) * (rng.random(size=(n, size)) < 0.8) for size in (3, 1, 2)]
    grads += [np.zeros(2), np.ones(1)]
    results = [kata.clip_by_value(grads, limit) for limit in (0.5, 1.0)]
    return *results, *(kata.clip_by_global_norm(grads, max_norm) for max_norm in (0.5, 1.5, 1e6))


NORM = "norm = _norm(grads)"
FINITE = "all(np.isfinite(grad).all() for grad in grads)"
SCALED = "[grad / max(1.0, norm / max_norm) for grad in grads]"

MISTAKES = {
    "each array by its own norm": (
        SCALED,
        "[grad / max(1.0, math.hypot(*np.ravel(grad)) / max_norm) for grad in grads]",
    ),
    "scaled up as well": (SCALED, "[grad / (norm / max_norm or 1.0) for grad in grads]"),
    "the norm after clipping": (f"Clipped({SCALED}, norm)", f"Clipped({SCALED}, min(norm, max_norm))"),
    "the sum of the arrays' norms": (NORM, "norm = float(sum(math.hypot(*np.ravel(grad)) for grad in grads))"),
    "root forgotten": (NORM, NORM + "\n    norm = norm**2"),
    "PyTorch's 1e-6 in the divisor": (SCALED, SCALED.replace("norm /", "(norm + 1e-6) /")),
    "the largest entry for the norm": (NORM, "norm = float(max((np.abs(grad).max() for grad in grads), default=0.0))"),
    "the sum of absolute values": (NORM, "norm = float(sum(np.abs(grad).sum() for grad in grads))"),
    "every entry clipped to max_norm": (SCALED, "clip_by_value(grads, max_norm)"),
    "max_norm fixed at 1": (SCALED, SCALED.replace("/ max_norm", "/ 1.0")),
    "0 / 0 on zero gradients": (SCALED, "[grad * min(1.0, max_norm / norm) for grad in grads]"),
    "not finite goes unnoticed": (FINITE, "True"),
    "NaN goes unnoticed": (FINITE, "not any(np.isinf(grad).any() for grad in grads)"),
    "infinity goes unnoticed": (FINITE, "not any(np.isnan(grad).any() for grad in grads)"),
    "by value: above only": ("np.clip(grad, -limit, limit)", "np.minimum(grad, limit)"),
    "by value: scaled until the largest fits": (
        "np.clip(grad, -limit, limit)",
        "grad * min(1.0, limit / max(np.abs(grad).max(), 1e-300))",
    ),
    "by value: signs lost": ("np.clip(grad, -limit, limit)", "np.minimum(np.abs(grad), limit)"),
}

STRICT_MISTAKES = {
    "squares that overflow": (NORM, "norm = math.sqrt(sum(float((grad * 1.0 * grad).sum()) for grad in grads))"),
    "integer squares that wrap around": (
        NORM,
        "norm = np.sqrt(sum((g**2).sum() for g in grads)) if grads and grads[0].dtype == int else " + NORM[7:],
    ),
    "inf / inf without a bound": (SCALED, "[grad * (max_norm / np.maximum(norm, max_norm)) for grad in grads]"),
    "integers truncated": (SCALED, "[(grad / max(1.0, norm / max_norm)).astype(grad.dtype) for grad in grads]"),
    "by value: NaN made 0": ("np.clip(grad, -limit, limit)", "np.clip(np.nan_to_num(grad), -limit, limit)"),
}
