# different style; both bars
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

import math
from fractions import Fraction
from statistics import NormalDist
from typing import NamedTuple

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
        raise ValueError("n must be positive, and successes from 0 to n")
    s_a, size_a, s_b, size_b = int(successes_a), int(n_a), int(successes_b), int(n_b)
    s, size = s_a + s_b, size_a + size_b
    if s == 0 or s == size:
        return ZTest(0.0, 1.0)
    # statistic^2 is the chi-square of the table of counts, in exact integers until the division
    determinant = s_b * size_a - s_a * size_b
    chi_square = Fraction(determinant**2 * size, size_a * size_b * s * (size - s))
    statistic = math.copysign(math.sqrt(chi_square), determinant)
    return ZTest(statistic, math.erfc(math.sqrt(chi_square / 2)))


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
    quantile = NormalDist().inv_cdf
    a, b = Fraction(float(p_a)), Fraction(float(p_b))
    z = Fraction(quantile(power) - quantile(alpha / 2))  # z_{1 - alpha / 2} from the tail that keeps its digits
    return math.ceil(z * z * (a * (1 - a) + b * (1 - b)) / (b - a) ** 2)


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
    groups = [bool(t) for t in treated]
    size_b = sum(groups)
    size_a = len(groups) - size_b
    if min(size_a, size_b) < 2:
        raise ValueError("each group needs two samples")

    def centred(values: list) -> list:
        shifted = [v - values[0] for v in values]  # 0 for a constant, and exact for Python's integers
        mean = math.fsum(shifted) / len(shifted)
        return [v - mean for v in shifted]

    dy, dx = centred(np.asarray(y).tolist()), centred(np.asarray(x).tolist())
    square = math.fsum(v * v for v in dx)
    theta = math.fsum(v * w for v, w in zip(dx, dy)) / square if any(dx) else 0.0

    def moments(group: bool) -> tuple[float, float]:
        """The mean, and the variance by updates (Welford)."""
        count, mean, squares = 0, 0.0, 0.0
        for t, v, w in zip(groups, dx, dy):
            if t == group:
                value = w - theta * v
                count += 1
                step = value - mean
                mean += step / count
                squares += step * (value - mean)
        return mean, squares / (count - 1)

    mean_a, var_a = moments(False)
    mean_b, var_b = moments(True)
    return Cuped(theta, mean_b - mean_a, math.sqrt(var_a / size_a + var_b / size_b))
