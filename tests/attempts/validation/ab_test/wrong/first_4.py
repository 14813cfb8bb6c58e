# wrong (strict): constant x detected by the sum of squares being exactly 0, which rounding of the mean defeats
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ab_test
"""An A/B test: is B better than A, how many samples does it take, and how to need fewer.

CUPED subtracts from y what a covariate x from before the experiment predicts of it. Phi is the standard normal
distribution function and z_p its quantile.

Sources: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, chapters 3 and 4; Deng et al.,
Improving the Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data (2013).

Strict
------
- ValueError if an n is not positive or successes are not from 0 to n.
- p-values below 1e-16 keep their digits.
- y and x may be integers of any type, and may lie a million standard deviations from zero.
"""

from typing import NamedTuple

import math
from statistics import NormalDist

import numpy as np


class ZTest(NamedTuple):
    """A test and its p-value."""

    statistic: float
    p_value: float


class Cuped(NamedTuple):
    """The adjusted effect of B."""

    theta: float
    effect: float
    standard_error: float


def two_proportion_z(successes_a: int, n_a: int, successes_b: int, n_b: int) -> ZTest:
    """Return (p_b - p_a) / sqrt(p (1 - p) (1 / n_a + 1 / n_b)) and 2 Phi(-|statistic|).

    p_a and p_b are shares of successes, p that of both groups together. If p is 0 or 1, return 0 and 1.

    Examples
    --------
    >>> test = two_proportion_z(40, 100, 30, 100)
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (-1.4825, 0.1382)
    """
    if n_a <= 0 or n_b <= 0 or not 0 <= successes_a <= n_a or not 0 <= successes_b <= n_b:
        raise ValueError("bad counts")
    n_a, n_b, successes_a, successes_b = int(n_a), int(n_b), int(successes_a), int(successes_b)
    total, n = successes_a + successes_b, n_a + n_b
    if total == 0 or total == n:
        return ZTest(0.0, 1.0)
    p = total / n
    q = (n - total) / n
    z = (successes_b * n_a - successes_a * n_b) / (n_a * n_b) / math.sqrt(p * q * (1 / n_a + 1 / n_b))
    return ZTest(z, math.erfc(abs(z) / math.sqrt(2)))


def sample_size(p_a: float, p_b: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the number of samples per group.

        (z_{1 - alpha / 2} + z_power)^2 (p_a (1 - p_a) + p_b (1 - p_b)) / (p_b - p_a)^2, rounded up

    Parameters
    ----------
    p_a, p_b : float
        From 0 to 1, not both at an end.
    alpha : float
        Of the two-sided test, between 0 and 1.
    power : float
        At least 0.5 and below 1.

    Raises
    ------
    ValueError
        If p_a equals p_b.

    Examples
    --------
    >>> sample_size(0.1, 0.12)
    3839
    """
    if p_a == p_b:
        raise ValueError("p_a equals p_b")
    z = NormalDist().inv_cdf(power) - NormalDist().inv_cdf(alpha / 2)
    n = z**2 * (p_a * (1 - p_a) + p_b * (1 - p_b)) / (p_b - p_a) ** 2
    return math.ceil(n)


def cuped(y: np.ndarray, x: np.ndarray, treated: np.ndarray) -> Cuped:
    """Return theta, mean_B - mean_A of y - theta (x - mean x), and sqrt(s_A^2 / n_A + s_B^2 / n_B).

        theta = sum_i (x_i - mean x) (y_i - mean y) / sum_i (x_i - mean x)^2

    Its sums and means run over both groups together. s^2 is the variance of the adjusted values of a group, with
    divisor n - 1. If x is constant, theta is 0.

    Parameters
    ----------
    y, x : arrays of shape (n,)
    treated : boolean array of shape (n,)
        True in group B.

    Raises
    ------
    ValueError
        If a group has fewer than two samples.

    Examples
    --------
    >>> y, x = np.array([1.0, 3.0, 4.0, 8.0]), np.array([0.0, 2.0, 0.0, 2.0])
    >>> fit = cuped(y, x, treated=np.array([False, False, True, True]))
    >>> fit.theta, fit.effect, round(fit.standard_error, 9)
    (1.5, 4.0, 0.707106781)
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    treated = np.asarray(treated, dtype=bool)
    n_b = int(treated.sum())
    n_a = treated.size - n_b
    if min(n_a, n_b) < 2:
        raise ValueError("a group has fewer than two samples")
    dy, dx = y - y.mean(), x - x.mean()
    if dx @ dx == 0:
        theta = 0.0
    else:
        theta = float(dx @ dy / (dx @ dx))
    z = dy - theta * dx
    a, b = z[~treated], z[treated]
    error = math.sqrt(a.var(ddof=1) / n_a + b.var(ddof=1) / n_b)
    return Cuped(theta, float(b.mean() - a.mean()), error)
