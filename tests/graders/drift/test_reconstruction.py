import math

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel, Points
from katagrad.testing import assert_close, strict

# On a line through the origin in the direction of 3 and 4; the mean is 3 and 4.
ON_A_LINE = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])


class Known:
    """A reference whose mean and principal directions are known: two rows, or more, on either side of the mean."""

    def __init__(self, rng, n_features, spreads):
        self.mean = rng.uniform(-4.0, 4.0, size=n_features)
        directions, _ = np.linalg.qr(rng.normal(size=(n_features, n_features)))
        self.directions = directions.T
        steps = [spread * direction for spread, direction in zip(spreads, self.directions, strict=False)]
        self.rows = rng.permutation(np.array([self.mean + sign * step for step in steps for sign in (1, -1)]))

    def error(self, X, n_components):
        """Return the squared scores on all directions after the first ones, row by row."""
        return [sum(((row - self.mean) @ one) ** 2 for one in self.directions[n_components:]) for row in X]


@pytest.fixture
def known(rng):
    return Known(rng, 4, [9.0, 5.0, 3.0, 1.0])


def errors_of(kata, reference, current, n_components):
    return kata.reconstruction_error(np.array(reference), np.array(current), n_components)


def test_error(kata, known, rng):
    """The error is the squared distance of a row from the plane through the mean along the first directions."""
    assert_close(errors_of(kata, ON_A_LINE, [[9.0, 12.0], [7.0, 1.0], [10.0, 5.0]], 1), [0.0, 25.0, 25.0])
    # The directions are the axes: y has the variance 8/3 * 16, z has 8/3 and x has 0.
    reference = [[1.0, 8.0, 0.0], [1.0, 0.0, 2.0], [1.0, -8.0, 0.0], [1.0, 0.0, -2.0]]
    assert_close(errors_of(kata, reference, [[4.0, 5.0, -2.0]], 1), [9.0 + 4.0])
    assert_close(errors_of(kata, reference, [[4.0, 5.0, -2.0]], 2), [9.0])
    X = known.mean + rng.normal(scale=4.0, size=(6, 4))
    for n_components in (1, 2, 3):
        assert_close(kata.reconstruction_error(known.rows, X, n_components), known.error(X, n_components))


def test_reference_alone(kata, known, rng):
    """Mean and directions come from the reference alone: the rows of current do not depend on each other."""
    far = known.mean + 20 * known.directions[3] + rng.normal(size=(7, 4))
    for n_components in (1, 2, 3):
        expected = known.error(far, n_components)
        assert_close(kata.reconstruction_error(known.rows, far, n_components), expected)
        assert_close(kata.reconstruction_error(known.rows, far[::-1], n_components), expected[::-1])
        assert_close(kata.reconstruction_error(known.rows, far[:1], n_components), expected[:1])
        assert_close(
            kata.reconstruction_error(known.rows[::-1], np.tile(far[0], (5, 1)), n_components), [expected[0]] * 5
        )
    assert_close(errors_of(kata, ON_A_LINE, np.empty((0, 2)), 1), [])


def test_no_component_and_all(kata, known, rng):
    """Without a component the error is the squared distance from the mean. With all of them it is 0."""
    X = known.mean + rng.normal(scale=4.0, size=(3, 4))
    assert_close(kata.reconstruction_error(known.rows, X, 0), ((X - known.mean) ** 2).sum(axis=1))
    assert_close(kata.reconstruction_error(known.rows, X, 4), [0.0, 0.0, 0.0])
    assert_close(errors_of(kata, [[3.0], [5.0], [7.0]], [[9.0], [5.0]], 0), [16.0, 0.0])
    assert_close(errors_of(kata, [[3.0], [5.0], [7.0]], [[9.0], [5.0]], 1), [0.0, 0.0])
    # One row, or equal rows, have a mean and no direction.
    assert_close(errors_of(kata, [[1.0, 2.0]], [[2.0, 4.0], [1.0, 2.0]], 0), [5.0, 0.0])
    assert_close(errors_of(kata, [[1.0, 2.0]] * 3, [[2.0, 4.0], [1.0, 2.0]], 0), [5.0, 0.0])


def test_shapes(kata, rng):
    """There may be more features than rows, a constant feature, and two rows alone."""
    wide = Known(rng, 9, [4.0, 2.0])
    X = wide.mean + rng.normal(size=(3, 9))
    for n_components in (0, 1, 2):
        assert_close(kata.reconstruction_error(wide.rows, X, n_components), wide.error(X, n_components))
    assert_close(kata.reconstruction_error(wide.rows, wide.rows, 2), np.zeros(4))
    # The second feature does not vary in the reference.
    constant = [[0.0, 7.0, 1.0], [4.0, 7.0, 1.0], [2.0, 7.0, 2.0], [2.0, 7.0, 0.0]]
    assert_close(errors_of(kata, constant, [[3.0, 7.0, 1.0], [3.0, 9.0, 1.0], [2.0, 6.0, 4.0]], 1), [0.0, 4.0, 10.0])
    assert_close(
        errors_of(kata, [[0.0, 0.0, 0.0], [2.0, 1.0, 2.0]], [[2.0, 1.0, 2.0], [0.0, 2.0, -1.0]], 1), [0.0, 5.0]
    )


def test_units(kata, known, rng):
    """Features are not scaled: errors are in their units squared, be they small, large, or far from 0."""
    X = known.mean + rng.normal(scale=4.0, size=(5, 4))
    expected = np.array(known.error(X, 2))
    for unit in (2.0**-20, 2.0**16):
        errors = kata.reconstruction_error(unit * known.rows, unit * X, 2)
        assert_close(errors, unit**2 * expected, atol=0.0)
    assert_close(kata.reconstruction_error(known.rows + 1e5, X + 1e5, 2), expected, rtol=1e-6)
    # A feature of large values takes the first component. The others have the errors.
    reference = [[4096.0, 0.0], [-4096.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    assert_close(errors_of(kata, reference, [[5000.0, 2.0], [0.0, 0.25]], 1), [4.0, 0.0625])


def test_bad_components(kata):
    """A number of components below 0, above n_features or above n_reference - 1 raises ValueError."""
    for reference, n_components in [
        (np.eye(4)[:, :2], 3),
        (np.eye(4)[:, :2], -1),
        (ON_A_LINE[:1], 1),
        (np.eye(5)[:3], 3),
        (np.eye(5)[:3], 4),
        (np.eye(5)[:3], 6),
    ]:
        with pytest.raises(ValueError):
            kata.reconstruction_error(reference, reference, n_components)


def test_threshold(kata, rng):
    """The threshold is the r-th smallest error, r = ceil((1 - level) * (n + 1)), whatever the order of the errors."""
    errors = np.array([5.0, 1.0, 8.0, 3.0])
    # r is 4, 3, 2 and 1.
    for level, expected in [(0.25, 8.0), (0.5, 5.0), (0.625, 3.0), (0.75, 3.0), (0.875, 1.0)]:
        assert_close(kata.error_threshold(errors, level), expected)
    assert_close(kata.error_threshold(np.array([2.0, 9.0, 4.0]), 0.25), 9.0)
    assert_close(kata.error_threshold(np.array([2.0, 9.0, 4.0]), 0.5), 4.0)
    assert_close(kata.error_threshold(np.array([7.0]), 0.5), 7.0)
    # A little above a whole number r is the next one.
    assert_close(kata.error_threshold(np.array([2.0, 9.0, 4.0]), 0.5 - 2.0**-20), 9.0)
    # r / n is not exact here.
    assert_close(kata.error_threshold(np.arange(25.0), 0.75), 6.0)
    errors = rng.permutation(63) * 2.0**-30
    for level in (1 / 32, 1 / 8, 3 / 8, 7 / 8, 1 / 3):
        assert_close(kata.error_threshold(errors, level), (math.ceil((1 - level) * 64) - 1) * 2.0**-30, atol=0.0)


def test_too_few_errors(kata):
    """The threshold is infinite if r > n: so few errors cannot tell what is rare."""
    for n, level in [(3, 0.125), (14, 1 / 16), (30, 1 / 32), (1, 0.25), (0, 0.5), (0, 0.05)]:
        assert_close(kata.error_threshold(np.arange(n) + 1.0, level), math.inf)
    assert_close(kata.error_threshold(np.arange(15.0), 1 / 16), 14.0)
    assert_close(kata.error_threshold(np.arange(31.0)[::-1], 1 / 32), 30.0)


def test_tied_errors(kata):
    """Tied errors count as often as they occur."""
    errors = np.array([2.0, 4.0, 2.0, 2.0, 4.0, 2.0, 6.0])
    for level, expected in [(0.125, 6.0), (0.25, 4.0), (0.375, 4.0), (0.5, 2.0), (0.875, 2.0), (0.0625, math.inf)]:
        assert_close(kata.error_threshold(errors, level), expected)
    assert_close(kata.error_threshold(np.zeros(7), 0.25), 0.0)
    assert_close(kata.error_threshold(np.zeros(7), 0.0625), math.inf)


@strict
def test_small_errors(kata):
    """Small errors are exact to 1e-6 relative, also far from the mean."""
    for small in (2.0**-14, 2.0**-20):
        errors = errors_of(
            kata, [[-4.0, 0.0], [4.0, 0.0], [0.0, 1.0], [0.0, -1.0]], [[4096.0, small], [-512.0, 1.0]], 1
        )
        assert_close(errors, [small**2, 1.0], rtol=1e-6, atol=0.0)


@strict
def test_rounding(kata):
    """A product (1 - level) * (n + 1) within 1e-9 of a whole number is that number."""
    for n, level, rank in [(9, 0.7, 3), (19, 0.05, 19), (99, 0.29, 71), (99, 0.43, 57), (29, 0.1, 27), (9, 0.9, 1)]:
        assert_close(kata.error_threshold(np.arange(n) + 1.0, level), float(rank))
    for off, rank in [(1e-7, 4), (5e-10, 4), (5e-11, 3)]:
        assert_close(kata.error_threshold(np.arange(9) + 1.0, 0.7 - off), float(rank))


@strict
def test_bad_levels(kata):
    """A level that is not between 0 and 1 raises ValueError."""
    for level in (0.0, 1.0, -0.25, 1.5, math.nan):
        with pytest.raises(ValueError):
            kata.error_threshold(np.arange(9.0), level)


@strict
def test_integers(kata):
    """Rows and errors may be integers of any type."""
    for kind in (np.int8, np.uint8, np.int64):
        reference, current = (
            np.array([[0, 0], [30, 40], [60, 80]], dtype=kind),
            np.array([[90, 120], [70, 10]], dtype=kind),
        )
        assert_close(kata.reconstruction_error(reference, current, 1), [0.0, 2500.0])
        assert_close(kata.reconstruction_error(reference, current.astype(float), 0), [10_000.0, 2500.0])
        assert_close(kata.error_threshold(np.array([100, 3, 120], dtype=kind), 0.5), 100.0)


def workload(kata, rng, n):
    """Five features of two factors and noise: errors of calibration rows, a threshold, and errors of drifted rows."""
    mix = rng.normal(size=(2, 5))
    reference, calibration, current = (
        rng.normal(size=(n + 6, 2)) @ mix + 0.2 * rng.normal(size=(n + 6, 5)) for _ in range(3)
    )
    current[:, 0] += np.where(np.arange(n + 6) < n // 2, 0.0, 1.0)
    errors = kata.reconstruction_error(reference, calibration, 2)
    threshold = kata.error_threshold(np.append(errors, errors[:3]).round(6), 0.1)
    return errors, threshold, kata.reconstruction_error(reference, current[:, ::-1], 1)


def picture(kata, rng):
    mix = rng.normal(size=(3, 10))

    def draw(n, mix):
        return rng.normal(size=(n, 3)) @ mix + 0.5 * rng.normal(size=(n, 10))

    reference, calibration = draw(300, mix), draw(200, mix)
    # Later the first two features change places: means and variances may stay, but the correlations do not fit.
    before, after = draw(150, mix), draw(150, mix)
    after = after[:, [1, 0, *range(2, 10)]]
    threshold = kata.error_threshold(kata.reconstruction_error(reference, calibration, 3), 0.05)
    errors = kata.reconstruction_error(reference, np.vstack([before, after]), 3)
    ks = np.arange(11)
    means = [[kata.reconstruction_error(reference, rows, int(k)).mean() for k in ks] for rows in (before, after)]
    return [
        Panel(
            "Errors of rows in time, 3 components",
            "row",
            "error",
            [
                Points(np.arange(300), errors, "error", faint=True),
                Mark(threshold, "threshold", level=True),
                Mark(150, "change"),
            ],
            note="From row 150 on, two features have changed places. Before, about 1 row in 20 is above the threshold.",
        ),
        Panel(
            "The mean error by the number of components",
            "n_components",
            "mean error",
            [Line(ks, means[0], "before the change"), Line(ks, means[1], "after it")],
            note="There are 3 factors. Few components leave much of a usual row, and all 10 leave nothing of any row.",
        ),
    ]


MISTAKES = {
    "centred at the mean of current": ("centred = current - mean\n", "centred = current - current.mean(axis=0)\n"),
    "current is not centred": ("centred = current - mean\n", "centred = current\n"),
    "the reference is not centred": ("np.linalg.svd(reference - mean,", "np.linalg.svd(reference,"),
    "nothing is centred": ("mean = reference.mean(axis=0)\n", "mean = np.zeros(reference.shape[1])\n"),
    "one mean for all features": ("mean = reference.mean(axis=0)\n", "mean = reference.mean()\n"),
    "fitted on current": (
        "np.linalg.svd(reference - mean,",
        "np.linalg.svd(current - current.mean(axis=0),",
    ),
    "fitted on both": (
        "    mean = reference.mean(axis=0)\n",
        "    reference = np.vstack([reference, current])\n    mean = reference.mean(axis=0)\n",
    ),
    "the last components": ("directions[:n_components]", "directions[::-1][:n_components]"),
    "columns for rows": ("directions[:n_components]", "directions.T[:n_components]"),
    "one component too many": ("directions[:n_components]", "directions[: n_components + 1]"),
    "features are scaled": (
        "    mean = reference.mean(axis=0)\n",
        (
            "    scale = reference.std(axis=0)\n"
            "    scale = np.where(scale > 0, scale, 1)\n"
            "    reference, current = reference / scale, current / scale\n"
            "    mean = reference.mean(axis=0)\n"
        ),
    ),
    "the distance is not squared": (
        "return ((centred - centred @ kept.T @ kept) ** 2).sum(axis=1)",
        "return np.linalg.norm(centred - centred @ kept.T @ kept, axis=1)",
    ),
    "absolute values": (
        "((centred - centred @ kept.T @ kept) ** 2).sum",
        "np.abs(centred - centred @ kept.T @ kept).sum",
    ),
    "the mean over features": (" ** 2).sum(axis=1)", " ** 2).mean(axis=1)"),
    "the sum over rows": (" ** 2).sum(axis=1)", " ** 2).sum(axis=0)"),
    "the length of the scores": ("((centred - centred @ kept.T @ kept) ** 2)", "((centred @ kept.T) ** 2)"),
    "small errors are 0": (
        "return ((centred - centred @ kept.T @ kept) ** 2).sum(axis=1)",
        (
            "errors = ((centred - centred @ kept.T @ kept) ** 2).sum(axis=1)\n"
            "    return np.where(errors < 1e-9, 0, errors)"
        ),
    ),
    "more components than rows": ("min(n - 1, d)", "d"),
    "as many components as rows": ("min(n - 1, d)", "min(n, d)"),
    "as many components as there are": (
        "    _check(reference, n_components)\n    mean = reference.mean",
        "    mean = reference.mean",
    ),
    "a component less than there are": ("<= min(n - 1, d)", "< min(n - 1, d)"),
    "no component is refused": ("if not 0 <= n_components", "if not 1 <= n_components"),
    "the quantile of the errors": (
        "    return float(np.sort(errors)[rank - 1]) if rank <= len(errors) else math.inf",
        "    return float(np.quantile(errors, 1 - level)) if rank <= len(errors) else math.inf",
    ),
    "the next higher quantile": (
        "float(np.sort(errors)[rank - 1])",
        'float(np.quantile(errors, rank / len(errors), method="higher"))',
    ),
    "n for n + 1": ("(1 - level) * (n + 1) - 1e-9", "(1 - level) * n - 1e-9"),
    "the level for its complement": ("(1 - level) * (n + 1) - 1e-9", "level * (n + 1) - 1e-9"),
    "rounded down": ("math.ceil(", "math.floor("),
    "rounded": ("math.ceil(", "round("),
    "the largest error if there are too few": (
        "    return float(np.sort(errors)[rank - 1]) if rank <= len(errors) else math.inf",
        "    return float(np.sort(errors)[min(rank, len(errors)) - 1]) if len(errors) else math.inf",
    ),
    "counted from 0": ("np.sort(errors)[rank - 1]", "np.append(np.sort(errors), math.inf)[rank]"),
    "errors in the order they come in": ("np.sort(errors)[rank - 1]", "errors[rank - 1]"),
    "tied errors count once": (
        "    rank = _rank(len(errors), level)\n    return",
        "    errors = np.unique(errors)\n    rank = _rank(len(errors), level)\n    return",
    ),
}

STRICT_MISTAKES = {
    "the difference of two squares": (
        "((centred - centred @ kept.T @ kept) ** 2).sum(axis=1)",
        "(centred**2).sum(axis=1) - ((centred @ kept.T) ** 2).sum(axis=1)",
    ),
    "ceil as it comes": ("(n + 1) - 1e-9)", "(n + 1))"),
    "a wide tolerance": ("(n + 1) - 1e-9)", "(n + 1) - 1e-5)"),
    "any level passes": ("if not 0 < level < 1:", "if False:"),
    "levels 0 and 1 pass": ("if not 0 < level < 1:", "if not 0 <= level <= 1:"),
}
