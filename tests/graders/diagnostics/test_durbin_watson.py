from fractions import Fraction

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The steps are 2, 0 and -2, the deviations from the mean -1, 1, 1 and -1.
SMALL = np.array([1.0, 3.0, 3.0, 1.0])


@pytest.fixture(name="e")
def residuals(rng):
    """Eleven whole numbers in no order, with a mean that is not 0."""
    return 3.0 + rng.permutation(np.array([-7, -6, -5, -2, -1, 1, 3, 4, 6, 9, 15]) + rng.integers(0, 2, size=11))


def defined_durbin_watson(e):
    values = list(map(Fraction, e.tolist()))
    steps = [values[t] - values[t - 1] for t in range(1, len(values))]
    return float(sum(step**2 for step in steps) / sum(value**2 for value in values))


def defined_autocorrelation(e, n_lags):
    values = list(map(Fraction, e.tolist()))
    n = len(values)
    mean = sum(values) / n
    total = sum((value - mean) ** 2 for value in values)
    return [
        float(sum((values[t] - mean) * (values[t - k] - mean) for t in range(k, n)) / total) for k in range(n_lags + 1)
    ]


def defined_ljung_box(e, n_lags):
    n, r = len(e), defined_autocorrelation(e, n_lags)
    return n * (n + 2) * sum(r[k] ** 2 / (n - k) for k in range(1, n_lags + 1))


def test_durbin_watson(kata, e):
    """The sum of squared steps is divided by the sum of all squared residuals."""
    assert_close(kata.durbin_watson(SMALL), 8 / 20)
    assert_close(kata.durbin_watson(np.array([1.0, -1.0, 2.0, 0.0])), 17 / 6)
    assert_close(kata.durbin_watson(np.array([2.0, -1.0])), 9 / 5)
    assert_close(kata.durbin_watson(e), defined_durbin_watson(e))
    assert_close(kata.durbin_watson(e - e.mean()), defined_durbin_watson(e - e.mean()))


def test_no_mean(kata, e):
    """Durbin-Watson takes the residuals as they are: no mean is subtracted, and equal residuals give 0."""
    assert_close(kata.durbin_watson(np.array([2.0, 2.0, 2.0])), 0.0)
    assert_close(kata.durbin_watson(np.array([0.0, 0.0, 3.0, 0.0])), 2.0)
    assert_close(kata.durbin_watson(e + 100), defined_durbin_watson(e + 100))


def test_autocorrelation(kata, e):
    """The autocorrelations are those of the deviations from the mean of all residuals, over their sum of squares."""
    assert_close(kata.autocorrelation(SMALL, 2), [1.0, -1 / 4, -1 / 2])
    assert_close(kata.autocorrelation(np.array([1.0, 2.0, 3.0, 6.0]), 3), [1.0, 1 / 7, -3 / 14, -3 / 7])
    for n_lags in (1, 4):
        assert_close(kata.autocorrelation(e, n_lags), defined_autocorrelation(e, n_lags))
    assert_close(kata.autocorrelation(e - 50, 4), defined_autocorrelation(e, 4))
    # Nearly equal is not equal.
    assert_close(kata.autocorrelation(1000 + SMALL / 1024, 2), [1.0, -1 / 4, -1 / 2])


def test_lags(kata, e):
    """Lag 0 comes first and is 1. The last lag is n_lags, which may be 0 or n - 1."""
    assert_close(kata.autocorrelation(SMALL, 0), [1.0])
    assert_close(kata.autocorrelation(SMALL, 3), [1.0, -1 / 4, -1 / 2, 1 / 4])
    assert_close(kata.autocorrelation(np.array([4.0, 1.0]), 1), [1.0, -1 / 2])
    assert_close(kata.autocorrelation(e, 10), defined_autocorrelation(e, 10))


def test_ljung_box(kata, e):
    """The statistic is n (n + 2) times the sum of r_k**2 / (n - k), from lag 1 to n_lags."""
    # 24 (1/16 / 3 + 1/4 / 2).
    assert_close(kata.ljung_box(SMALL, 2).statistic, 3.5)
    assert_close(kata.ljung_box(SMALL, 1).statistic, 0.5)
    assert_close(kata.ljung_box(SMALL, 3).statistic, 5.0)
    for n_lags in (1, 2, 5, 10):
        assert_close(kata.ljung_box(e, n_lags).statistic, defined_ljung_box(e, n_lags))


def test_degrees_of_freedom(kata, e):
    """The degrees of freedom are n_lags - model_df. The statistic does not depend on model_df."""
    assert_equal(kata.ljung_box(SMALL, 2).dof, 2)
    for n_lags, model_df in [(2, 1), (5, 2), (5, 0), (10, 3)]:
        box = kata.ljung_box(e, n_lags, model_df)
        assert_equal(box.dof, n_lags - model_df)
        assert_close(box.statistic, defined_ljung_box(e, n_lags))


@pytest.mark.parametrize("unit", [1e-6, 2.0**12], ids=["small", "large"])
def test_units(kata, e, unit):
    """The unit of the residuals does not matter, and neither does the sign."""
    assert_close(kata.durbin_watson(SMALL * unit), 0.4)
    assert_close(kata.autocorrelation(-SMALL * unit, 2), [1.0, -1 / 4, -1 / 2])
    assert_close(kata.ljung_box(SMALL * unit, 2).statistic, 3.5)
    assert_close(kata.durbin_watson(-e * unit), defined_durbin_watson(e))
    assert_close(kata.autocorrelation(e * unit, 4), defined_autocorrelation(e, 4))
    assert_close(kata.ljung_box(-e * unit, 4).statistic, defined_ljung_box(e, 4))


def test_patterns(kata):
    """A trend is correlated positively, and alternating signs negatively."""
    signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    assert_close(kata.durbin_watson(signs), 20 / 6)
    assert_close(kata.autocorrelation(signs, 3), [1.0, -5 / 6, 4 / 6, -3 / 6])
    assert_close(kata.ljung_box(signs, 2).statistic, 48 * (25 / 36 / 5 + 16 / 36 / 4))
    trend = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert_close(kata.durbin_watson(trend), 4 / 10)
    assert_close(kata.autocorrelation(trend, 2), [1.0, 4 / 10, -1 / 10])
    # One after the other nothing, and every second value opposite.
    fours = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
    assert_close(kata.ljung_box(fours, 2).statistic, 80 * (1 / 64 / 7 + 36 / 64 / 6))


def test_undefined(kata):
    """Residuals that are all 0 raise ValueError in each function, and other equal ones in all but durbin_watson."""
    for function in (kata.durbin_watson, lambda e: kata.autocorrelation(e, 1), lambda e: kata.ljung_box(e, 1)):
        with pytest.raises(ValueError):
            function(np.zeros(4))
    for value in (7.0, -2.0):
        for function in (lambda e: kata.autocorrelation(e, 2), lambda e: kata.ljung_box(e, 2)):
            with pytest.raises(ValueError):
                function(np.full(4, value))


@strict
def test_undefined_up_to_rounding(kata):
    """Equal residuals raise ValueError, also if rounding makes their computed variance more than 0."""
    for value in (0.1, 0.3, 1e6 / 7):
        for n in (3, 6, 10, 12):
            for function in (kata.autocorrelation, kata.ljung_box):
                with pytest.raises(ValueError):
                    function(np.full(n, value), 2)


@strict
def test_lags_out_of_range(kata, e):
    """An n_lags that is negative, or not below n, raises ValueError. So does a dof below 1."""
    for values, n_lags in [(SMALL, 4), (SMALL, 7), (SMALL, -1), (e, 11), (e, -2)]:
        for function in (kata.autocorrelation, kata.ljung_box):
            with pytest.raises(ValueError):
                function(values, n_lags)
    for n_lags, model_df in [(0, 0), (2, 2), (2, 3)]:
        with pytest.raises(ValueError):
            kata.ljung_box(e, n_lags, model_df)


@strict
@pytest.mark.parametrize("kind", [int, np.int8, np.uint8], ids=["int64", "int8", "uint8"])
def test_integers(kata, e, kind):
    """Residuals may be integers of any type: nothing wraps around or is truncated."""
    assert_close(kata.durbin_watson(SMALL.astype(kind)), 0.4)
    assert_close(kata.autocorrelation(SMALL.astype(kind), 2), [1.0, -1 / 4, -1 / 2])
    whole = (5 * e + 20).astype(kind)
    assert_close(kata.durbin_watson(whole), defined_durbin_watson(whole))
    assert_close(kata.autocorrelation(whole, 4), defined_autocorrelation(whole, 4))
    assert_close(kata.ljung_box(whole, 4).statistic, defined_ljung_box(whole, 4))


def workload(kata, rng, n):
    """Take noise, a random walk, and counts with ties."""
    noise = rng.normal(size=n + 4)
    counts = np.append(rng.integers(0, 4, size=n + 2), [0, 3])
    return tuple(
        (kata.durbin_watson(e), kata.autocorrelation(e, 3), kata.ljung_box(e, 3), kata.ljung_box(e, 2, 1))
        for e in (noise, noise.cumsum(), counts)
    )


RATIO = "float((np.diff(e) ** 2).sum() / (e**2).sum())"
LAGGED = "d[k:] @ d[: n - k] for k in range(n_lags + 1)"
ALL = f"np.array([{LAGGED}]) / (d @ d)"
CENTRED = "d = residuals - residuals.mean()"
BOX = "n * (n + 2) * (squares / (n - lags)).sum()"
SQUARES = "squares = autocorrelation(residuals, n_lags)[1:] ** 2"
CONSTANT = "if residuals.min() == residuals.max():"
MISTAKES = {
    "2 (1 - r_1) for Durbin-Watson": (RATIO, "float(2 * (1 - e[1:] @ e[:-1] / (e @ e)))"),
    "the mean subtracted in Durbin-Watson": (RATIO, "float((np.diff(e) ** 2).sum() / ((e - e.mean()) ** 2).sum())"),
    "the first square left out below": (RATIO, RATIO.replace("(e**2)", "(e[1:] ** 2)")),
    "means of the squares": (RATIO, RATIO.replace("sum", "mean")),
    "sizes of the steps": (RATIO, "float(abs(np.diff(e)).sum() / abs(e).sum())"),
    "the ends meet": (RATIO, "float(((e - np.roll(e, 1)) ** 2).sum() / (e**2).sum())"),
    "the first step from 0": (RATIO, "float((np.diff(e, prepend=0.0) ** 2).sum() / (e**2).sum())"),
    "a little added to the squares": (RATIO, RATIO.replace("(e**2).sum()", "((e**2).sum() + 1e-12)")),
    "equal residuals refused by Durbin-Watson": ("if not e.any():", "if not np.diff(e).any():"),
    "zeros pass": ("if not e.any():", "if e.size == 0:"),
    "any zero refused": ("if not e.any():", "if not e.all():"),
    "no mean subtracted": (CENTRED, "d = residuals.astype(float)"),
    "the median subtracted": (CENTRED, "d = residuals - np.median(residuals)"),
    "each lag divided by its number of terms": (
        ALL,
        "np.array([d[k:] @ d[: n - k] / (n - k) for k in range(n_lags + 1)]) / (d @ d / n)",
    ),
    "Pearson's correlation of each lag": (
        ALL,
        (
            "np.array([d[k:] @ d[: n - k] / max((d[k:] @ d[k:] * (d[: n - k] @ d[: n - k])) ** 0.5, 1e-300)"
            " for k in range(n_lags + 1)])"
        ),
    ),
    "each part about its own mean": (
        LAGGED,
        "(d[k:] - d[k:].mean()) @ (d[: n - k] - d[: n - k].mean()) for k in range(n_lags + 1)",
    ),
    "the series goes round": (LAGGED, "d @ np.roll(d, k) for k in range(n_lags + 1)"),
    "the last lag is missing": (LAGGED, LAGGED.replace("n_lags + 1", "max(n_lags, 1)")),
    "one lag more": (LAGGED, LAGGED.replace("n_lags + 1", "n_lags + 2")),
    "lag 0 is missing": [(LAGGED, LAGGED.replace("range(", "range(1, ")), (SQUARES, SQUARES.replace("[1:]", ""))],
    "covariances": (ALL, f"np.array([{LAGGED}]) / n"),
    "a little added to the variance": (ALL, ALL.replace("(d @ d)", "(d @ d + 1e-12)")),
    "no autocorrelation is negative": (ALL, f"abs({ALL})"),
    "n - 1 lags are too many": ("if not 0 <= n_lags < n:", "if not 0 <= n_lags < n - 1:"),
    "no lag is too few": ("if not 0 <= n_lags < n:", "if not 0 < n_lags < n:"),
    "a constant passes": (CONSTANT, "if n == 0:"),
    "small is constant": (CONSTANT, "if residuals.var() < 1e-8:"),
    "Box and Pierce": (BOX, "n * squares.sum()"),
    "n instead of n + 2": (BOX, BOX.replace("n + 2", "n")),
    "not divided by n - k": (BOX, "(n + 2) * squares.sum()"),
    "n - k off by one": (BOX, BOX.replace("n - lags", "n - lags + 1")),
    "autocorrelations not squared": (SQUARES, SQUARES.replace(" ** 2", "")),
    "lag 0 counts": (BOX, BOX + " + n + 2"),
    "the last lag only": (BOX, BOX.replace(".sum()", "[-1]")),
    "n_lags for the degrees of freedom": (".sum()), n_lags - model_df)", ".sum()), n_lags)"),
    "degrees of freedom of the residuals": (".sum()), n_lags - model_df)", ".sum()), n - n_lags - model_df)"),
    "the lags of the model left out of the sum": (BOX, BOX.replace(".sum()", "[model_df:].sum()")),
}

STRICT_MISTAKES = {
    "a constant known by its deviations": (CONSTANT, "if not (residuals - residuals.mean()).any():"),
    "lags beyond the series pass": ("if not 0 <= n_lags < n:", "if n_lags < 0:"),
    "no dof is enough": ("if n_lags - model_df < 1:", "if n_lags - model_df < 0:"),
    "bytes wrap around": ("e = residuals.astype(float)", "e = residuals"),
    "deviations truncated": (CENTRED, CENTRED.replace("mean()", "mean().astype(residuals.dtype)")),
}
