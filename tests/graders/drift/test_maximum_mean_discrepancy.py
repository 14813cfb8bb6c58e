import math
from itertools import combinations

import numpy as np
import pytest

from katagrad.picture import Bars, Line, Mark, Panel
from katagrad.testing import assert_close, strict

FAR = 100.0  # with gamma 1, a row so far from another has a kernel of exactly 0


@pytest.fixture
def samples(rng):
    """Return samples of unequal sizes, three columns, not centred."""
    return rng.normal(1.0, size=(7, 3)), rng.normal(0.5, 2.0, size=(4, 3))


def k(x, y, gamma):
    return math.exp(-gamma * sum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


def defined(X, Y, gamma, unbiased=True):
    """Average the kernel over pairs, one by one."""
    n, m, total = len(X), len(Y), 0.0
    for rows, count in [(X, n), (Y, m)]:
        pairs = [(i, j) for i in range(count) for j in range(count) if not (unbiased and i == j)]
        total += sum(k(rows[i], rows[j], gamma) for i, j in pairs) / len(pairs)
    return total - 2 * sum(k(x, y, gamma) for x in X for y in Y) / (n * m)


def column(*values):
    return np.array(values, dtype=float)[:, np.newaxis]


def assert_estimates(kata, X, Y, gamma, **tolerances):
    for unbiased in (True, False):
        expected = defined(X.astype(float), Y.astype(float), gamma, unbiased)
        assert_close(kata.squared_mmd(X, Y, gamma, unbiased), expected, **tolerances)
        assert_close(kata.squared_mmd(Y, X, gamma, unbiased=unbiased), expected, **tolerances)


def test_unbiased(kata, samples):
    """By default, the means within a sample leave out the pairs of a row with itself. n and m may differ."""
    X, Y = column(0, 2), column(1, 3)
    # k is 2 ** -(distance ** 2): 1/16 within, and 1/2, 1/512, 1/2, 1/2 across.
    assert_close(kata.squared_mmd(X, Y, math.log(2)), 1 / 16 + 1 / 16 - 2 * (3 / 2 + 1 / 512) / 4)
    assert_close(kata.squared_mmd(column(0, 1, 2), column(1, 0), math.log(2)), 17 / 48 + 1 / 2 - 57 / 48)
    for X, Y in [samples, (samples[0][:2], samples[1]), (samples[0], samples[1][:2])]:
        for gamma in (0.05, 0.5, 2.0):
            assert_close(kata.squared_mmd(X, Y, gamma), defined(X, Y, gamma))


def test_biased(kata, samples):
    """The biased estimate counts the pairs of a row with itself, and a sample may have one row."""
    X, Y = column(0, 2), column(1, 3)
    assert_close(kata.squared_mmd(X, Y, math.log(2), unbiased=False), 17 / 16 - 2 * (3 / 2 + 1 / 512) / 4)
    X, Y = samples
    for first, second in [(X, Y), (X[:1], Y), (X, Y[:1]), (X[:1], Y[:1])]:
        for gamma in (0.05, 0.5):
            assert_close(kata.squared_mmd(first, second, gamma, False), defined(first, second, gamma, False))


def test_no_difference(kata, samples):
    """Between a sample and itself the biased estimate is 0 and the unbiased one is negative: no floor, no root."""
    X, _ = samples
    for gamma in (0.1, 1.0):
        assert_close(kata.squared_mmd(X, X[::-1], gamma, unbiased=False), 0.0)
        assert_close(kata.squared_mmd(X, X, gamma), defined(X, X, gamma))
    assert_close(kata.squared_mmd(column(0, FAR), column(FAR, 0), 1.0), -1.0)
    # All rows are equal, or all of a sample.
    for Y, expected in [(np.full((3, 2), 5.0), 0.0), (np.full((3, 2), -FAR), 2.0)]:
        for unbiased in (True, False):
            assert_close(kata.squared_mmd(np.full((4, 2), 5.0), Y, 1.0, unbiased), expected)


def test_gamma(kata, samples):
    """A gamma may be small or large, and rows may be close or far apart: an estimate has no cut-off."""
    X, Y = samples
    assert_estimates(kata, X, Y, 2.0**-18, rtol=1e-6, atol=0.0)
    assert_estimates(kata, X * 1e-6, Y * 1e-6, 3e11)
    assert_estimates(kata, X * 1e5, Y * 1e5, 3e-11)
    assert_close(kata.squared_mmd(column(0, 1, 2), column(3, 4), 1e6), 0.0)
    assert_close(kata.squared_mmd(column(0, 1, 2), column(3, 4), 1e6, False), 1 / 3 + 1 / 2)
    # Samples that differ by a thousandth.
    near = defined(X, X + 2.0**-10, 0.5, unbiased=False)
    assert_close(kata.squared_mmd(X, X + 2.0**-10, 0.5, False), near, rtol=1e-6, atol=0.0)
    # Nothing is alike but a pair within, of 1e-9, and a pair across.
    tiny = math.exp(-20.25)
    assert_close(kata.squared_mmd(column(0, 4.5), column(FAR, 150), 1.0), tiny, rtol=1e-6, atol=0.0)
    assert_close(kata.squared_mmd(column(0, 50), column(FAR, 4.5), 1.0), -tiny / 2, rtol=1e-6, atol=0.0)
    wide = np.arange(24.0).reshape(3, 8) % 5 / 4
    assert_estimates(kata, wide, wide[:2] + 0.25, 0.3)


def test_median(kata, rng):
    """The gamma is 1 / (2 s**2), with the median s of the distances of all pairs, within samples and across."""
    # The distances are 1, 2, 3, 5, 6 and 8.
    assert_close(kata.median_gamma(column(0, 2), column(3, 8)), 1 / 32)
    assert_close(kata.median_gamma(column(8), column(0, 3, 2)), 1 / 32)
    # One row and two: 3, 4 and 5. One and one: 13.
    assert_close(kata.median_gamma(np.array([[1.0, 1.0]]), np.array([[4.0, 1.0], [1.0, 5.0]])), 1 / 32)
    assert_close(kata.median_gamma(np.array([[1.0, 1.0]]), np.array([[6.0, 13.0]])), 1 / 338)
    for n, m in [(7, 4), (5, 3), (2, 9)]:
        X, Y = rng.normal(2.0, size=(n, 3)), rng.normal(-1.0, 3.0, size=(m, 3))
        distances = sorted(math.dist(a, b) for a, b in combinations([*X, *Y], 2))
        middle = (distances[(len(distances) - 1) // 2] + distances[len(distances) // 2]) / 2
        for unit in (1.0, 1e5, 1e-6):
            assert_close(kata.median_gamma(X * unit, Y * unit), 1 / (2 * (middle * unit) ** 2))


def test_median_of_ties(kata):
    """Pairs of equal rows count. If the median distance is 0, there is no gamma: ValueError."""
    # Three of six distances are 0, the others 4: the median is 2.
    assert_close(kata.median_gamma(column(5, 5), column(5, 9)), 1 / 8)
    assert_close(kata.median_gamma(column(5, 7, 7), column(5)), 1 / 8)
    for X, Y in [(column(5, 5, 5), column(5, 9)), (column(1), column(1)), (column(2, 2), column(2, 2))]:
        with pytest.raises(ValueError):
            kata.median_gamma(X, Y)


def p_value(kata, rng, X, Y, n_permutations, gamma=1.0):
    return kata.mmd_p_value(column(*X), column(*Y), gamma, n_permutations, rng)


def test_p_value(kata, rng):
    """The observed estimate counts as one: p is 1 if nothing is smaller, and 1 / (1 + n_permutations) if all are."""
    for n_permutations in (1, 4, 19):
        assert_close(p_value(kata, rng, [3] * 5, [3] * 4, n_permutations), 1.0)
        assert_close(p_value(kata, rng, [0, FAR], [0, FAR], n_permutations), 1.0)
        apart = p_value(kata, rng, [0] * 18, [FAR] * 20, n_permutations)
        assert_close(apart, 1 / (1 + n_permutations))
    # The estimate is unbiased and has its sign: here the observed one is the smallest, and negative.
    assert_close(p_value(kata, rng, [0, FAR], [0, 0, 0, 0, 0, FAR], 60), 1.0)


def test_share_of_permutations(kata, rng):
    """All ways to share out the pooled rows are equally likely, and those with an equal or larger estimate count."""
    for X, Y, expected in [
        # Two of six ways have two alike in each sample.
        ([0, 0], [FAR, FAR], 1 / 3),
        # One of ten, and four of ten.
        ([0, 0], [FAR, FAR, FAR], 0.1),
        ([FAR, FAR], [FAR, 0, 0], 0.4),
        # Sixteen of 28. By the biased estimate, all.
        ([0, 0], [0, 0, 0, 0, FAR, FAR], 16 / 28),
        # Seven of 84. By the means within alone, all.
        ([FAR, 3 * FAR, 0], [0, 0, 0, 0, 0, 0], 7 / 84),
    ]:
        value = p_value(kata, rng, X, Y, 800)
        assert_close(value, expected, atol=0.1, what="the p-value, which may be off by 0.1,")
        assert_close(value * 801, round(float(value) * 801), what="p * (1 + n_permutations)")


def test_p_value_of_rows(kata, rng):
    """Rows of several columns move together, and gamma counts."""
    # All rows are equally far apart, so all estimates are 0. With columns shuffled apart, some rows would be alike.
    rows = FAR * np.eye(4)
    assert_close(kata.mmd_p_value(rows[:2], rows[2:], 1.0, 60, rng), 1.0)
    X, Y = rng.normal(size=(4, 2)), rng.normal(0.5, size=(5, 2))
    for gamma in (0.1, 3.0):
        table = np.array([[k(a, b, gamma) for b in [*X, *Y]] for a in [*X, *Y]]) - np.eye(9)
        values = []
        for first in combinations(range(9), 4):
            second = [row for row in range(9) if row not in first]
            within = table[np.ix_(first, first)].sum() / 12 + table[np.ix_(second, second)].sum() / 20
            values.append(within - table[np.ix_(first, second)].sum() / 10)
        expected = np.mean(np.array(values) >= values[0] - 1e-12)
        value = kata.mmd_p_value(X, Y, gamma, 400, rng)
        assert_close(value, expected, atol=0.16, what="the p-value, which may be off by 0.16,")


def test_too_few_rows(kata, rng):
    """A sample without rows, or one row for the unbiased estimate, raises ValueError."""
    X, none = column(0, 1, 2), np.empty((0, 1))
    for few in (none, X[:1]):
        for samples in [(few, X), (X, few), (few, few)]:
            with pytest.raises(ValueError):
                kata.squared_mmd(*samples, 0.5)
            with pytest.raises(ValueError):
                kata.mmd_p_value(*samples, 0.5, 9, rng)
    for samples in [(none, X), (X, none), (none, X[:1])]:
        with pytest.raises(ValueError):
            kata.squared_mmd(*samples, 0.5, unbiased=False)


@strict
def test_far_from_the_origin(kata, samples):
    """Rows far from the origin lose no digits: the distance is that of the difference."""
    X, Y = (np.round(rows * 64) / 64 for rows in samples)
    far = 2.0**30
    assert_close(kata.median_gamma(X + far, Y + far), kata.median_gamma(X, Y))
    assert_estimates(kata, X + far, Y + far, 0.5)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int64])
def test_integers(kata, rng, kind):
    """X and Y may be integers of any type: nothing wraps around."""
    X, Y = np.array([[0, 100], [90, 0], [5, 120]]), np.array([[10, 90], [100, 7]])
    assert_estimates(kata, X.astype(kind), Y.astype(kind), 1e-4)
    assert_close(kata.median_gamma(X.astype(kind), Y.astype(kind)), kata.median_gamma(X * 1.0, Y * 1.0))
    assert_close(kata.median_gamma(X.astype(kind), Y + 0.5), kata.median_gamma(X * 1.0, Y + 0.5))
    apart = np.repeat(X[:1], 18, axis=0).astype(kind), np.repeat(X[1:2], 20, axis=0).astype(kind)
    assert_close(kata.mmd_p_value(*apart, 1.0, 19, rng), 0.05)


@strict
def test_ties_up_to_rounding(kata, rng):
    """Estimates that differ by rounding alone are ties: a permutation that swaps the samples counts."""
    # One outlier: every way to share out the rows has the estimate 0.
    assert_close(p_value(kata, rng, [0, 0], [0, 0, FAR, 0], 200, 2.0), 1.0)
    # A pair is alike by t. Estimates are t, if it is in one sample, and -t / 2 otherwise.
    for t, expected in [(2e-13, 1.0), (2e-12, 1 / 3)]:
        value = p_value(kata, rng, [0, math.sqrt(-math.log(t))], [FAR, 3 * FAR], 800)
        assert_close(value, expected, atol=0.1, what="the p-value, which may be off by 0.1,")
    # Two of six ways, and two of twenty.
    for X, Y, expected, off in [([0, 0.7], [2.9, 3.3], 1 / 3, 0.1), ([0.3, 0.7, 1.1], [2.3, 2.9, 3.7], 0.1, 0.07)]:
        value = p_value(kata, rng, X, Y, 800, 0.3)
        assert_close(value, expected, atol=off, what=f"the p-value, which may be off by {off},")


@strict
def test_bad_input(kata, rng):
    """Samples that differ in columns, and a gamma that is not above 0, raise ValueError."""
    X, Y = np.ones((3, 2)), np.zeros((4, 2))
    for bad in (Y[:, :1], np.zeros((4, 3))):
        for samples in [(X, bad), (bad, X)]:
            with pytest.raises(ValueError):
                kata.squared_mmd(*samples, 0.5)
            with pytest.raises(ValueError):
                kata.median_gamma(*samples)
            with pytest.raises(ValueError):
                kata.mmd_p_value(*samples, 0.5, 9, rng)
    for gamma in (0.0, -0.5, np.nan):
        with pytest.raises(ValueError):
            kata.squared_mmd(X, Y, gamma)
        with pytest.raises(ValueError):
            kata.mmd_p_value(X, Y, gamma, 9, rng)


def workload(kata, rng, n):
    """Two samples of unequal sizes and other means, rounded so that some rows are equal."""
    X, Y = rng.normal(size=(n + 3, 2)).round(), rng.normal(0.5, size=(n // 2 + 4, 2)).round(1)
    X[:3] = [[0.0, 0.0], [1.0, -1.0], [2.0, 0.0]]
    gamma = kata.median_gamma(X, Y)
    return (
        gamma,
        kata.squared_mmd(X, Y, 0.5),
        kata.squared_mmd(X, Y, 0.25, unbiased=False),
        kata.mmd_p_value(X, Y, 0.5, 19, rng),
    )


def picture(kata, rng):
    """Draw the estimate among its permutations, and against gamma."""
    X, Y = rng.normal(size=(30, 2)), rng.normal(size=(30, 2)) * [1.0, 0.2]
    pooled, gamma = np.vstack([X, Y]), float(kata.median_gamma(X, Y))
    orders = [rng.permutation(60) for _ in range(200)]
    counts, edges = np.histogram([kata.squared_mmd(pooled[o[:30]], pooled[o[30:]], gamma) for o in orders], bins=20)
    gammas = 2.0 ** np.arange(-6, 7)
    values = [[kata.squared_mmd(X, Y, g, unbiased) for g in gammas] for unbiased in (True, False)]
    return [
        Panel(
            "Estimates of 200 permutations",
            "MMD**2",
            "permutations",
            [
                Bars((edges[1:] + edges[:-1]) / 2, counts, width=float(edges[1] - edges[0])),
                Mark(float(kata.squared_mmd(X, Y, gamma)), "observed"),
            ],
            note="The unbiased estimate is below 0 for about half of them.",
        ),
        Panel(
            "The estimate depends on gamma",
            "gamma",
            "MMD**2",
            [Line(gammas, values[0], "unbiased"), Line(gammas, values[1], "biased"), Mark(gamma, "median heuristic")],
            note="A large gamma compares rows with nothing but themselves.",
            log="x",
        ),
    ]


MISTAKES = {
    "the diagonal counts in the unbiased estimate": (
        "np.fill_diagonal(kernel, 1 - unbiased)",
        "np.fill_diagonal(kernel, 1)",
    ),
    "pairs of a row with itself count in the divisor": (
        "    n, m = x.sum(axis=1), y.sum(axis=1)\n",
        "    n, m = x.sum(axis=1) + 0.5 * unbiased, y.sum(axis=1) + 0.5 * unbiased\n",
    ),
    "the diagonal is always left out": [
        ("np.fill_diagonal(kernel, 1 - unbiased)", "np.fill_diagonal(kernel, 0)"),
        ("(n * (n - unbiased))", "(n * (n - 1))"),
        ("(m * (m - unbiased))", "(m * (m - 1))"),
    ],
    "one size for both samples": ("(m * (m - unbiased))", "(n * (n - unbiased))"),
    "pairs across count once": ("- 2 * (to_x * y)", "- (to_x * y)"),
    "not below 0": (
        "return _estimates(_kernel(X, Y, gamma), in_x[np.newaxis], unbiased).item()",
        "return max(_estimates(_kernel(X, Y, gamma), in_x[np.newaxis], unbiased).item(), 0.0)",
    ),
    "the root": (
        "return _estimates(_kernel(X, Y, gamma), in_x[np.newaxis], unbiased).item()",
        "return abs(_estimates(_kernel(X, Y, gamma), in_x[np.newaxis], unbiased).item()) ** 0.5",
    ),
    "gamma is a bandwidth": ("np.exp(-gamma * _squared", "np.exp(-0.5 / gamma**2 * _squared"),
    "half of gamma": ("np.exp(-gamma *", "np.exp(-gamma / 2 *"),
    "the distance, not its square": (
        "np.exp(-gamma * _squared_distances(_pooled(X, Y)))",
        "np.exp(-gamma * np.sqrt(_squared_distances(_pooled(X, Y))))",
    ),
    "the sum of absolute differences": (
        "np.subtract.outer(column, column) ** 2 for",
        "np.abs(np.subtract.outer(column, column)) for",
    ),
    "the median with the pairs of a row with itself": (
        "_squared_distances(pooled)[np.triu_indices(len(pooled), k=1)]",
        "_squared_distances(pooled)[np.triu_indices(len(pooled))]",
    ),
    "the median of squares": (
        "s = np.median(np.sqrt(_squared_distances(pooled)[np.triu_indices(len(pooled), k=1)]))",
        "s = np.sqrt(np.median(_squared_distances(pooled)[np.triu_indices(len(pooled), k=1)]))",
    ),
    "the median of pairs across": (
        "[np.triu_indices(len(pooled), k=1)]",
        "[: len(X), len(X) :]",
    ),
    "the mean distance": ("s = np.median(np.sqrt", "s = np.mean(np.sqrt"),
    "without the half": ("return float(1 / (2 * s**2))", "return float(1 / s**2)"),
    "a median of 0 is no error": ("    if s == 0:\n        raise", "    if s < 0:\n        raise"),
    "equal rows are no pairs": (
        "s = np.median(np.sqrt(_squared_distances(pooled)[np.triu_indices(len(pooled), k=1)]))",
        "s = np.median((d := np.sqrt(_squared_distances(pooled)))[d > 0]) if (pooled != pooled[0]).any() else 0",
    ),
    "the observed estimate does not count": (
        "np.mean(values > values[0] - 1e-12)",
        "np.mean(values[1:] > values[0] - 1e-12)",
    ),
    "ties do not count": (
        "np.mean(values > values[0] - 1e-12)",
        "(1 + np.sum(values > values[0] + 1e-12)) / len(values)",
    ),
    "the lower side": ("values > values[0] - 1e-12", "values <= values[0] + 1e-12"),
    "two sides": ("values > values[0] - 1e-12", "np.abs(values) > np.abs(values[0]) - 1e-12"),
    "the p-value of the biased estimate": (
        "values = _estimates(_kernel(X, Y, gamma), np.vstack([in_x, shuffled]), unbiased=True)",
        "values = _estimates(_kernel(X, Y, gamma), np.vstack([in_x, shuffled]), unbiased=False)",
    ),
    "each row goes to a sample by a coin": (
        "shuffled = rng.permuted(np.tile(in_x, (n_permutations, 1)), axis=1)",
        "shuffled = rng.random((n_permutations, len(in_x))) < in_x.mean()",
    ),
    "one permutation for all": (
        "rng.permuted(np.tile(in_x, (n_permutations, 1)), axis=1)",
        "np.tile(rng.permuted(in_x), (n_permutations, 1))",
    ),
    "one row is enough": ("if min(len(X), len(Y)) < least:", "if min(len(X), len(Y)) < 1:"),
}

STRICT_MISTAKES = {
    "the square of the sum written out": (
        "return sum(np.subtract.outer(column, column) ** 2 for column in rows.T)",
        (
            "norms = (rows**2).sum(axis=1)\n"
            "    return np.maximum(norms[:, np.newaxis] + norms - 2 * rows @ rows.T, 0) * (1 - np.eye(len(rows)))"
        ),
    ),
    "integers wrap around": (
        "np.vstack([X, Y]).astype(np.float64)",
        "np.vstack([X, Y])",
    ),
    "rounding decides on ties": ("values > values[0] - 1e-12", "values >= values[0]"),
    "any gamma": ("if not gamma > 0:", "if False:"),
    "columns are cut off": (
        "np.vstack([X, Y]).astype",
        "np.vstack([X[:, : Y.shape[1]], Y[:, : X.shape[1]]]).astype",
    ),
}
