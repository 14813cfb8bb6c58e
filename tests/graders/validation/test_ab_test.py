import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# theta is 6 / 4, and the adjusted values are (2.5, 1.5) and (5.5, 6.5).
Y_SMALL, X_SMALL, TREATED = np.array([1.0, 3.0, 4.0, 8.0]), np.array([0.0, 2.0, 0.0, 2.0]), np.array([0, 0, 1, 1]) == 1


@pytest.fixture
def data(rng):
    """Return a covariate that explains much of y, unequal groups in any order, and chance differences of x."""
    treated = rng.permutation(np.repeat([False, True], [17, 8]))
    x = 3.0 + 2 * rng.normal(size=25)
    return 50.0 + 4 * x + 3 * treated + rng.normal(size=25), x, treated


def upper(z):
    """Return the share of a standard normal distribution above z."""
    return math.erfc(z / math.sqrt(2)) / 2


def quantile(p):
    """Return the z below which p lies, by halving."""
    low, high = -10.0, 10.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - upper(middle) < p else (low, middle)
    return low


def z_of(a, n_a, b, n_b):
    """Return z as the correlation of group and success, sample by sample, times sqrt(n)."""
    group = np.repeat([0.0, 1.0], [n_a, n_b])
    success = np.concatenate([np.arange(n_a) < a, np.arange(n_b) < b]).astype(float)
    return np.corrcoef(group, success)[0, 1] * math.sqrt(n_a + n_b)


def adjusted(y, x, treated):
    """Return theta, effect and standard error by the definition, one sample at a time."""
    n, mean_x, mean_y = len(y), sum(x) / len(x), sum(y) / len(y)
    squares = sum((x[i] - mean_x) ** 2 for i in range(n))
    theta = sum((x[i] - mean_x) * (y[i] - mean_y) for i in range(n)) / squares
    means, variance = [], 0
    for side in (False, True):
        group = [y[i] - theta * (x[i] - mean_x) for i in range(n) if treated[i] == side]
        means.append(sum(group) / len(group))
        variance += sum((value - means[-1]) ** 2 for value in group) / (len(group) - 1) / len(group)
    return theta, means[1] - means[0], math.sqrt(variance)


def test_proportions(kata, rng):
    """The statistic is the difference of shares, B minus A, over a standard error with the pooled variance."""
    # The shares are 0.2 and 0.8, pooled 1/2: 0.6 / sqrt(1/4 * 2 / 10).
    assert_close(kata.two_proportion_z(2, 10, 8, 10).statistic, 0.6 / math.sqrt(0.05))
    # The shares are 1/4 and 3/4, pooled 2/5: 0.5 / sqrt(6/25 * (1/28 + 1/12)).
    assert_close(kata.two_proportion_z(7, 28, 9, 12).statistic, 0.5 / math.sqrt(0.24 * 40 / 336))
    for _ in range(5):
        n_a, n_b = (int(n) for n in rng.integers(5, 60, size=2))
        a, b = int(rng.integers(1, n_a)), int(rng.integers(0, n_b + 1))
        actual = kata.two_proportion_z(a, n_a, b, n_b).statistic
        assert_close(actual, z_of(a, n_a, b, n_b), rtol=1e-7, atol=1e-9)


def test_p_value(kata):
    """The p-value is two-sided, and the statistic keeps its sign."""
    for args in [(40, 100, 30, 100), (30, 100, 40, 100), (1, 4, 5, 9), (520, 10_000, 580, 10_100), (3, 7, 6, 14)]:
        test = kata.two_proportion_z(*args)
        assert_close(test.statistic, z_of(*args), rtol=1e-7, atol=1e-9)
        assert_close(test.p_value, 2 * upper(abs(z_of(*args))), rtol=1e-7)
    assert_close(kata.two_proportion_z(3, 6, 5, 10), [0.0, 1.0])
    large = kata.two_proportion_z(500_000, 1_000_000, 499_000, 1_000_000)
    assert_close(large.statistic, -0.001 / math.sqrt(0.4995 * 0.5005 * 2e-6))
    assert_close(kata.two_proportion_z(1, 1_000_000, 1, 1_000_000), [0.0, 1.0])


def test_no_variance(kata):
    """With successes only, or none, the statistic is 0 and the p-value 1. One group may have all of them."""
    for args in [(0, 10, 0, 20), (10, 10, 20, 20), (0, 1, 0, 1), (1, 1, 1, 1), (0, 3, 0, 100_000)]:
        assert_close(kata.two_proportion_z(*args), [0.0, 1.0])
    # Pooled 1/2 of 2 and of 20, and 1/20 of 20.
    assert_close(kata.two_proportion_z(0, 1, 1, 1).statistic, math.sqrt(2))
    assert_close(kata.two_proportion_z(10, 10, 0, 10).statistic, -math.sqrt(20))
    assert_close(kata.two_proportion_z(0, 10, 1, 10).statistic, z_of(0, 10, 1, 10), rtol=1e-7)
    rare = kata.two_proportion_z(1, 1_000_000, 3, 1_000_000)
    assert_close(rare.statistic, 2e-6 / math.sqrt(2e-6 * (1 - 2e-6) * 2e-6))


def test_sample_size(kata):
    """The sample size has both variances apart, half of alpha and all of the power, and is rounded up."""
    # (1.95996 + 0.84162)^2 (0.09 + 0.1056) / 0.02^2 = 3838.1
    assert_equal(kata.sample_size(0.1, 0.12), 3839)
    for p_a, p_b in [(0.12, 0.1), (0.5, 0.6), (0.02, 0.03), (0.3, 0.1), (0.25, 0.75), (0.001, 0.0012)]:
        for alpha, power in [(0.05, 0.8), (0.01, 0.9), (0.1, 0.95), (0.05, 0.5), (0.2, 0.999)]:
            z = quantile(1 - alpha / 2) + quantile(power)
            n = z**2 * (p_a * (1 - p_a) + p_b * (1 - p_b)) / (p_b - p_a) ** 2
            actual = kata.sample_size(p_a, p_b, alpha=alpha, power=power)
            assert_equal(actual, math.ceil(n))


def test_sample_size_ends(kata):
    """One share may be 0 or 1, the sample size may be 1, and equal shares raise ValueError."""
    # 7.8489 * 0.09 / 0.1^2 = 70.64, and 7.8489 * 0.25 / 0.5^2 = 7.85
    for (p_a, p_b), expected in [((0.0, 0.1), 71), ((0.9, 1.0), 71), ((1.0, 0.5), 8), ((0.5, 0.0), 8)]:
        assert_equal(kata.sample_size(p_a, p_b), expected)
    # 7.8489 * 0.1375 / 0.85^2 = 1.49, and 7.8489 * 0.0198 / 0.98^2 = 0.16
    assert_equal(kata.sample_size(0.9, 0.05), 2)
    assert_equal(kata.sample_size(0.01, 0.99), 1)
    for p in (0.1, 0.5, 0.0):
        with pytest.raises(ValueError):
            kata.sample_size(p, p)


def test_cuped(kata, data):
    """Theta comes from both groups together, and the effect is B minus A of adjusted values."""
    assert_close(kata.cuped(Y_SMALL, X_SMALL, TREATED), [1.5, 4.0, math.sqrt(0.5)])
    assert_close(kata.cuped(Y_SMALL, X_SMALL, ~TREATED), [1.5, -4.0, math.sqrt(0.5)])
    y, x, treated = data
    assert_close(kata.cuped(y, x, treated), adjusted(y, x, treated), rtol=1e-7, atol=1e-9)
    assert_close(kata.cuped(-y, x, treated), adjusted(-y, x, treated), rtol=1e-7, atol=1e-9)
    assert_close(kata.cuped(y, 1e-6 * x, treated), adjusted(y, 1e-6 * x, treated), rtol=1e-7, atol=1e-9)


def test_imbalance(kata):
    """A difference of x between the groups is taken off the effect."""
    y, x = np.array([1.0, 2.0, 4.0, 6.0, 5.0]), np.array([0.0, 1.0, 3.0, 4.0, 7.0])
    for group in ([0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [1, 0, 1, 0, 0]):
        treated = np.array(group) == 1
        assert_close(kata.cuped(y, x, treated), adjusted(y, x, treated))
    # All of y is x: the effect is gone, with all of its variance.
    assert_close(kata.cuped(3 * x, x, np.array([0, 1, 0, 0, 1]) == 1), [3.0, 0.0, 0.0], atol=1e-6)
    for slope in (0.1, -0.3, 0.7, 1.1):
        x = np.array([0.1, 0.4, 0.7, 0.9, 1.3, 2.3])
        assert_close(kata.cuped(slope * x + 0.2, x, np.arange(6) < 3), [slope, 0.0, 0.0], atol=1e-6)


def test_useless_covariate(kata, data):
    """A covariate that is constant has theta 0, and one that is unrelated to y changes nothing."""
    y, x, treated = data
    for constant in (0.0, 3.0, -2.0):
        theta, effect, error = kata.cuped(y, np.full(25, constant), treated)
        assert_close(theta, 0.0)
        assert_close(effect, y[treated].mean() - y[~treated].mean(), rtol=1e-7)
        assert_close(error**2, y[treated].var(ddof=1) / 8 + y[~treated].var(ddof=1) / 17, rtol=1e-7)
    assert_close(kata.cuped(np.full(25, 2.0), x, treated), [0.0, 0.0, 0.0], atol=1e-9)
    unrelated = np.array([1.0, -1.0, 2.0, -2.0, 0.0, 0.0])
    assert_close(
        kata.cuped(np.array([1.0, 1.0, 4.0, 4.0, 0.0, 8.0]), unrelated, unrelated == 0), [0.0, 1.5, math.sqrt(16.75)]
    )
    # Units may be small or large.
    for unit in (2.0**-19, 2.0**17):
        theta, effect, error = kata.cuped(Y_SMALL * unit, X_SMALL, TREATED)
        assert_close(np.array([theta, effect, error]) / unit, [1.5, 4.0, math.sqrt(0.5)])
        theta, effect, error = kata.cuped(Y_SMALL, X_SMALL * unit, TREATED)
        assert_close([theta * unit, effect, error], [1.5, 4.0, math.sqrt(0.5)])


def test_few_samples(kata):
    """A group of fewer than two samples raises ValueError; two are enough."""
    y, x = np.array([1.0, 5.0, 2.0, 4.0, 4.0, 9.0]), np.array([0.0, 3.0, 1.0, 1.0, 5.0, 6.0])
    for group in ([1, 0, 0, 1, 0, 0], [0, 1, 1, 1, 0, 1]):
        treated = np.array(group) == 1
        assert_close(kata.cuped(y, x, treated), adjusted(y, x, treated))
    for treated in ([1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1], [0] * 6, [1] * 6):
        with pytest.raises(ValueError):
            kata.cuped(y, x, np.array(treated) == 1)


@strict
def test_bad_counts(kata):
    """An n that is not positive, or successes that are not from 0 to n, raise ValueError."""
    for args in [(0, 0, 1, 5), (1, 5, 0, 0), (6, 5, 1, 5), (1, 5, 6, 5), (-1, 5, 1, 5), (1, 5, -1, 5), (-2, -5, 1, 5)]:
        with pytest.raises(ValueError):
            kata.two_proportion_z(*args)


@strict
def test_small_p_values(kata):
    """A p-value below 1e-16 keeps its digits."""
    for args in [(100, 1_000, 300, 1_000), (900, 1_000, 300, 1_000)]:
        p = 2 * upper(abs(z_of(*args)))
        assert_close(kata.two_proportion_z(*args).p_value / p, 1.0, rtol=1e-6)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, kind):
    """The arrays y and x may be integers of any type."""
    y, x = 15 * Y_SMALL, 60 * X_SMALL
    assert_close(kata.cuped(y.astype(kind), x.astype(kind), TREATED), adjusted(y, x, TREATED))


@strict
def test_origin(kata, data):
    """The values of y and x may lie a million standard deviations from zero."""
    y, x, treated = data
    expected = adjusted(y, x, treated)
    assert_close(kata.cuped(y + 8e6, x - 2e6, treated), expected, rtol=1e-6, atol=1e-6)


@strict
def test_constant(kata, data):
    """A constant covariate has theta 0, even if its mean is rounded."""
    y, _, treated = data
    for constant in (0.1, 1 / 3, 1e6 / 7):
        assert_close(kata.cuped(y, np.full(25, constant), treated).theta, 0.0)


def workload(kata, rng, n):
    """Run a test, plan one, and analyse a metric with its covariate."""
    treated = np.append([True, True, False, False], rng.random(n) < 0.5)
    x = np.rint(3 * rng.normal(size=n + 4))
    y = 2 + x + treated + rng.normal(size=n + 4)
    size = 50 + 10 * n
    successes = [int(count) for count in rng.binomial(size, [0.3, 0.4])]
    p_a, p_b = 0.1 + 0.05 * rng.random(), 0.2 + 0.05 * rng.random()
    return (
        kata.two_proportion_z(successes[0], size, successes[1], size + n),
        kata.sample_size(float(p_a), float(p_b), 0.05, 0.9),
        kata.cuped(y, x, treated),
    )


POOLED = "math.sqrt(p * (1 - p) * (1 / n_a + 1 / n_b))"
P_VALUE = "math.erfc(abs(statistic) / math.sqrt(2))"
SIZE = "return math.ceil(z**2 * (p_a * (1 - p_a) + p_b * (1 - p_b)) / (p_b - p_a) ** 2)"
SPREAD = "(p_a * (1 - p_a) + p_b * (1 - p_b))"
THETA = "theta = (x @ y) / (x @ x) if np.ptp(x) > 0 else 0.0"
VARIANCE = "variance = sum(group.var(ddof=1) / len(group) for group in groups)"
EFFECT = "float(groups[1].mean() - groups[0].mean())"
SOME = """u = x - WHERE
    theta = (u @ y) / (u @ u) if np.ptp(x) > 0 else 0.0"""
MISTAKES = {
    "unpooled variance in the test": (
        POOLED,
        "math.sqrt(1e-12 + sum(s / n * (1 - s / n) / n for s, n in ((successes_a, n_a), (successes_b, n_b))))",
    ),
    "mean of shares as pooled": (
        "p = (successes_a + successes_b) / (n_a + n_b)",
        "p = (successes_a / n_a + successes_b / n_b) / 2",
    ),
    "a floor under the variance": (POOLED, "math.sqrt(max(p * (1 - p), 1e-5) * (1 / n_a + 1 / n_b))"),
    "continuity correction": ("(successes_b / n_b -", "(successes_b / n_b - 0.5 / n_b -"),
    "A minus B": (
        "statistic = (successes_b / n_b - successes_a / n_a)",
        "statistic = (successes_a / n_a - successes_b / n_b)",
    ),
    "absolute statistic": ("return ZTest(statistic,", "return ZTest(abs(statistic),"),
    "one-sided": (P_VALUE, P_VALUE + " / 2"),
    "lower tail": (P_VALUE, "1 + math.erf(statistic / math.sqrt(2))"),
    "erfc without the root": (P_VALUE, "math.erfc(abs(statistic))"),
    "no special case": ("if p in (0, 1):", "if p == 2:"),
    "special case for a share": ("if p in (0, 1):", "if p in (0, 1) or successes_a == 0:"),
    "p-value 0 without variance": ("return ZTest(0.0, 1.0)", "return ZTest(0.0, 0.0)"),
    "one-sided alpha": ("inv_cdf(1 - alpha / 2)", "inv_cdf(1 - alpha)"),
    "half the power": ("inv_cdf(power)", "inv_cdf(0.5 + power / 2)"),
    "power left out": (" + NormalDist().inv_cdf(power)", ""),
    "pooled sample size": (SPREAD, "((p_a + p_b) * (1 - (p_a + p_b) / 2))"),
    "pooled under the null": (
        SIZE,
        """mean, normal = (p_a + p_b) / 2, NormalDist()
    root = normal.inv_cdf(1 - alpha / 2) * (2 * mean * (1 - mean)) ** 0.5
    root += normal.inv_cdf(power) * (p_a * (1 - p_a) + p_b * (1 - p_b)) ** 0.5
    return math.ceil((root / (p_b - p_a)) ** 2)""",
    ),
    "variance of A twice": (SPREAD, "(2 * p_a * (1 - p_a))"),
    "total of both groups": (SIZE, SIZE.replace("return", "return 2 *")),
    "rounded": (SIZE, SIZE.replace("math.ceil", "round")),
    "one more": (SIZE, SIZE.replace("return", "return 1 +")),
    "at least 2": (SIZE, SIZE.replace("return math.ceil", "return max(2, math.ceil") + ")"),
    "at least 30": (SIZE, SIZE.replace("return math.ceil", "return max(30, math.ceil") + ")"),
    "equal shares pass": ("if p_a == p_b:", "if p_a == p_b and p_a > 0:"),
    "the inverse slope": (THETA, THETA.replace("(x @ x)", "(y @ y)")),
    "correlation as theta": (THETA, THETA.replace("(x @ x)", "np.sqrt((x @ x) * (y @ y) + (y @ y == 0))")),
    "theta of A alone": (THETA, SOME.replace("WHERE", "x[~treated].mean()").replace("u @ ", "u * ~treated @ ")),
    "theta within groups": (THETA, SOME.replace("WHERE", "np.where(treated, x[treated].mean(), x[~treated].mean())")),
    "theta is 1": (THETA, "theta = 1.0 if np.ptp(x) > 0 else 0.0"),
    "theta is not negative": (THETA, "theta = max((x @ y) / (x @ x), 0.0) if np.ptp(x) > 0 else 0.0"),
    "eps in theta": (THETA, "theta = (x @ y) / (x @ x + 1e-8)"),
    "x is not centred for theta": ("x, y = x - x.mean(), y - y.mean()", "x, y = 1.0 * x, y - y.mean()"),
    "constants are not handled": (THETA, "theta = (x @ y) / (x @ x)"),
    "x is centred in each group": (
        "left = y - theta * x",
        "left = y - theta * (x - np.where(treated, x[treated].mean(), x[~treated].mean()))",
    ),
    "plus theta": ("left = y - theta * x", "left = y + theta * x"),
    "no adjustment": ("left = y - theta * x", "left = y"),
    "divisor n": ("ddof=1", "ddof=0"),
    "pooled standard deviation": (
        VARIANCE,
        """pooled = sum(((group - group.mean()) ** 2).sum() for group in groups) / (len(y) - 2)
    variance = pooled / len(groups[0]) + pooled / len(groups[1])""",
    ),
    "variance of all together": (VARIANCE, "variance = left.var(ddof=1) * sum(1 / len(group) for group in groups)"),
    "no division by n": (VARIANCE, "variance = sum(group.var(ddof=1) for group in groups)"),
    "the error is a variance": ("math.sqrt(variance))", "variance)"),
    "effect A minus B": (EFFECT, "float(groups[0].mean() - groups[1].mean())"),
    "one sample passes": ("len(y) - treated.sum()) < 2:", "len(y) - treated.sum()) < 1:"),
    "two samples refused": ("len(y) - treated.sum()) < 2:", "len(y) - treated.sum()) < 3:"),
    "only B is counted": ("min(treated.sum(), len(y) - treated.sum()) < 2", "treated.sum() < 2"),
}

STRICT_MISTAKES = {
    "counts are not checked": ("if not (0 <= successes_a", "if False and not (0 <= successes_a"),
    "1 - Phi": (P_VALUE, "2 * (1 - NormalDist().cdf(abs(statistic)))"),
    "constant by its sum of squares": (THETA, "theta = (x @ y) / (x @ x) if x @ x > 0 else 0.0"),
    "deviations truncated": ("x, y = x - x.mean(),", "x, y = x - x.mean().astype(x.dtype),"),
}
