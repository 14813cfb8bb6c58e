import math
from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Deviations 1/4 three times and -3/4: m_2 = 3/16, m_3 = -3/32, m_4 = 21/256.
SMALL = np.array([1.0, 1.0, 1.0, 0.0])
SKEW, KURT, STATISTIC = -2 / 3**0.5, 7 / 3, 26 / 27


@pytest.fixture(name="x")
def sample(rng):
    """Eleven unequal values, skewed to the right, with a mean far from 0."""
    return 20.0 + rng.permutation(np.array([-6, -5, -5, -3, -2, 0, 1, 2, 5, 11, 20]) + rng.integers(0, 2, size=11))


def defined(x):
    """Return skewness, kurtosis and statistic, from moments in fractions."""
    values = list(map(Fraction, x.tolist()))
    n = len(values)
    mean = sum(values) / n
    m2, m3, m4 = (sum((value - mean) ** k for value in values) / n for k in (2, 3, 4))
    kurtosis = m4 / m2**2
    statistic = Fraction(n, 6) * (m3**2 / m2**3 + (kurtosis - 3) ** 2 / 4)
    return math.copysign(math.sqrt(m3**2 / m2**3), m3), float(kurtosis), float(statistic)


def assert_defined(kata, x, rtol=1e-9):
    skewness, kurtosis, statistic = defined(x)
    assert_close(kata.skewness(x), skewness, rtol=rtol)
    assert_close(kata.kurtosis(x), kurtosis, rtol=rtol)
    assert_close(kata.jarque_bera(x).statistic, statistic, rtol=rtol)
    assert_close(kata.jarque_bera(x).pvalue, math.exp(-statistic / 2), rtol=10 * rtol)


def test_skewness(kata, x):
    """The skewness is m_3 / m_2**1.5: positive for a long tail on the right, negative for one on the left."""
    assert_close(kata.skewness(SMALL), SKEW)
    assert_close(kata.skewness(1 - SMALL), -SKEW)
    assert_close(kata.skewness(x), defined(x)[0])
    assert_close(kata.skewness(-x), -defined(x)[0])
    assert_close(kata.skewness(np.array([3.0, 5.0, 4.0, 9.0, -1.0])), 0.0)


def test_kurtosis(kata, x):
    """The kurtosis is m_4 / m_2**2, and nothing is subtracted."""
    assert_close(kata.kurtosis(SMALL), KURT)
    # The lowest one there is, and 3.
    assert_close(kata.kurtosis(np.array([2.0, 2.0, 5.0, 5.0])), 1.0)
    assert_close(kata.kurtosis(np.array([1.0, -1.0, 0.0, 0.0, 0.0, 0.0])), 3.0)
    assert_close(kata.kurtosis(x), defined(x)[1])
    assert_close(kata.kurtosis(-x), defined(x)[1])


def test_statistic(kata, x):
    """The statistic is n/6 * (skewness**2 + (kurtosis - 3)**2 / 4)."""
    assert_close(kata.jarque_bera(SMALL).statistic, STATISTIC)
    # A kurtosis of 1 and of 3 without any skewness, and a heavy tail of 99 zeros and a one.
    assert_close(kata.jarque_bera(np.array([2.0, 2.0, 5.0, 5.0])).statistic, 2 / 3)
    assert_close(kata.jarque_bera(np.array([1.0, -1.0, 0.0, 0.0, 0.0, 0.0])).statistic, 0.0)
    assert_close(kata.jarque_bera(np.eye(1, 100)[0]).statistic, defined(np.eye(1, 100)[0])[2])
    assert_close(kata.jarque_bera(x).statistic, defined(x)[2])
    assert_close(kata.jarque_bera(-x).statistic, defined(x)[2])


def test_p_value(kata, x):
    """The p-value is the upper tail of the chi-squared distribution with 2 degrees of freedom, at the statistic."""
    assert_close(kata.jarque_bera(SMALL).pvalue, math.exp(-13 / 27))
    assert_close(kata.jarque_bera(np.array([1.0, -1.0, 0.0, 0.0, 0.0, 0.0])).pvalue, 1.0)
    assert_close(kata.jarque_bera(np.eye(1, 100)[0]).pvalue, 0.0)
    skewed = np.array([0.0] * 11 + [1.0] * 2)
    assert_close(kata.jarque_bera(skewed).pvalue, math.exp(-defined(skewed)[2] / 2))
    assert_close(kata.jarque_bera(x).pvalue, math.exp(-defined(x)[2] / 2))


def test_repeated_sample(kata, x):
    """A sample taken three times has the same skewness and kurtosis, and three times the statistic."""
    assert_close(kata.skewness(np.tile(SMALL, 3)), SKEW)
    assert_close(kata.kurtosis(np.tile(SMALL, 3)), KURT)
    assert_close(kata.jarque_bera(np.tile(SMALL, 3)).statistic, 3 * STATISTIC)
    assert_defined(kata, np.repeat(x, 3))


@pytest.mark.parametrize("unit", [2.0**-18, 2.0**12], ids=["small", "large"])
def test_units(kata, x, unit):
    """The unit and the origin of the values do not matter, however small their variance is."""
    assert_close(kata.skewness(SMALL * unit), SKEW)
    assert_close(kata.kurtosis(SMALL * unit), KURT)
    assert_close(kata.jarque_bera(SMALL * unit).statistic, STATISTIC)
    assert_close(kata.skewness(SMALL * unit * 2.0**-30), SKEW)
    assert_defined(kata, x * unit, rtol=1e-8)
    assert_defined(kata, (x - 20) * unit)
    # A mean of 860 standard deviations.
    assert_defined(kata, np.array([500.0, 500.3, 499.2, 500.1, 501.0]), rtol=1e-6)


def test_few_values(kata):
    """Two unequal values are enough: the skewness is 0 and the kurtosis 1."""
    two = np.array([3.0, 7.0])
    assert_close(kata.skewness(two), 0.0)
    assert_close(kata.kurtosis(two), 1.0)
    assert_close(kata.jarque_bera(two).statistic, 1 / 3)
    assert_defined(kata, np.array([3.0, 7.0, 4.0]))


def test_constant(kata):
    """Values that are all equal raise ValueError."""
    for values in ([7.0, 7.0, 7.0, 7.0], [0.0, 0.0, 0.0], [-2.0, -2.0], [5.0]):
        for function in (kata.skewness, kata.kurtosis, kata.jarque_bera):
            with pytest.raises(ValueError):
                function(np.array(values))


@strict
def test_constant_up_to_rounding(kata):
    """Equal values raise ValueError, also if rounding makes their computed variance more than 0."""
    for value in (0.1, 0.3, 1e6 / 7):
        for n in (3, 6, 10, 12):
            for function in (kata.skewness, kata.kurtosis, kata.jarque_bera):
                with pytest.raises(ValueError):
                    function(np.full(n, value))


@strict
def test_small_pvalue(kata):
    """A small p-value is exact in its first digits, too."""
    # Skewness 5.2 and kurtosis 28, of 30 values: a statistic of 919.
    far = np.append(np.zeros(29), 1.0)
    assert_close(kata.jarque_bera(far).pvalue, math.exp(-defined(far)[2] / 2), rtol=1e-6, atol=0)


@strict
def test_origin(kata, x):
    """The values may lie a million standard deviations from 0."""
    assert_close(kata.skewness(SMALL + 2.0**19), SKEW, rtol=1e-6)
    assert_close(kata.kurtosis(SMALL + 2.0**19), KURT, rtol=1e-6)
    assert_defined(kata, x + 1e6, rtol=1e-6)
    assert_defined(kata, 8 + x * 2.0**-20, rtol=1e-6)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, x, kind):
    """The values may be integers of any type: nothing wraps around or is truncated."""
    assert_close(kata.skewness(SMALL.astype(kind)), SKEW)
    assert_close(kata.kurtosis(SMALL.astype(kind)), KURT)
    whole = (3 * x - 30).astype(kind)
    assert_defined(kata, whole)


def workload(kata, rng, n):
    """Take normal values, skewed ones, and counts with ties."""
    samples = rng.normal(3.0, 2.0, size=n + 4), rng.exponential(size=n + 4), np.append(rng.poisson(2.0, size=n), [0, 1])
    return tuple((kata.skewness(x), kata.kurtosis(x), kata.jarque_bera(x)) for x in samples)


THIRD = "float((_standardised(x) ** 3).mean())"
FOURTH = "float((_standardised(x) ** 4).mean())"
STAT = "x.size / 6 * (skewness(x) ** 2 + (kurtosis(x) - 3) ** 2 / 4)"
SPREAD = "return centred / np.sqrt((centred**2).mean())"
GUARD = "if x.min() == x.max():"
RAW_FOURTH = "(x**4 - 4 * x.mean() * x**3 + 6 * x.mean() ** 2 * x**2 - 3 * x.mean() ** 4).mean()"
MISTAKES = {
    "excess kurtosis": [(FOURTH, FOURTH[:-1] + " - 3)"), (STAT, STAT.replace("(kurtosis(x) - 3)", "kurtosis(x)"))],
    "3 subtracted twice": (FOURTH, FOURTH[:-1] + " - 3)"),
    "kurtosis not compared with 3": (STAT, STAT.replace("(kurtosis(x) - 3)", "kurtosis(x)")),
    "variance divided by n - 1": (SPREAD, "return centred / np.std(x, ddof=1)"),
    "adjusted skewness": (THIRD, THIRD[:-1] + " * (x.size * (x.size - 1)) ** 0.5 / max(x.size - 2, 1))"),
    "third moment divided by n - 1": (THIRD, "float((_standardised(x) ** 3).sum() / (x.size - 1))"),
    "fourth moment divided by n - 1": (FOURTH, "float((_standardised(x) ** 4).sum() / (x.size - 1))"),
    "size of the skewness only": (THIRD, f"abs({THIRD})"),
    "skewness of the wrong sign": (THIRD, f"-{THIRD}"),
    "skewness by mean and median": (THIRD, "float(3 * np.median(-_standardised(x)))"),
    "skewness not squared": (STAT, STAT.replace("skewness(x) ** 2", "abs(skewness(x))")),
    "excess not squared": (STAT, STAT.replace("(kurtosis(x) - 3) ** 2", "abs(kurtosis(x) - 3)")),
    "only a heavy tail counts": (STAT, STAT.replace("kurtosis(x) - 3", "max(kurtosis(x) - 3, 0)")),
    "no 1/4 before the excess": (STAT, STAT.replace(" / 4", "")),
    "24 in the wrong place": (STAT, STAT.replace("/ 4", "/ 24")),
    "n left out": (STAT, STAT.replace("x.size / 6", "1 / 6")),
    "n - 1 in the statistic": (STAT, STAT.replace("x.size", "(x.size - 1)")),
    "moments about 0": ("centred = x - x.mean()", "centred = x.astype(float)"),
    "moments about the median": ("centred = x - x.mean()", "centred = x - np.median(x)"),
    "the fourth moment from powers of x": (FOURTH, f"float({RAW_FOURTH} / (x.var() + 0 * _standardised(x)[0]) ** 2)"),
    "divided by the variance": (SPREAD, "return centred / (centred**2).mean()"),
    "a little added to the standard deviation": (SPREAD, "return centred / (1e-12 + np.sqrt((centred**2).mean()))"),
    "one degree of freedom": ("math.exp(-statistic / 2)", "math.erfc(math.sqrt(statistic / 2))"),
    "the density for the tail": ("math.exp(-statistic / 2)", "math.exp(-statistic / 2) / 2"),
    "the lower tail": ("math.exp(-statistic / 2)", "1 - math.exp(-statistic / 2)"),
    "p-value without the half": ("math.exp(-statistic / 2)", "math.exp(-statistic)"),
    "a constant passes": (GUARD, "if x.size == 0:"),
    "small is constant": (GUARD, "if x.var() < 1e-8:"),
    "few values refused": (GUARD, GUARD.replace("if ", "if x.size < 3 or ")),
}

STRICT_MISTAKES = {
    "a constant known by its deviations": (GUARD, "if ((x - x.mean()) ** 2).sum() == 0:"),
    "nearly equal is equal": (GUARD, "if np.isclose(x, x[0]).all():"),
    "variance as mean of squares less square of mean": (
        SPREAD,
        "return centred / np.sqrt((x * 1.0 * x).mean() - x.mean() ** 2)",
    ),
    "deviations truncated to the kind of x": ("centred = x - x.mean()", "centred = (x - x.mean()).astype(x.dtype)"),
}
