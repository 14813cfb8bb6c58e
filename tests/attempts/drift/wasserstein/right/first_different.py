# different style; both bars
"""The Wasserstein distance between two weighted samples: how far values have to move, on average.

Each sample is a distribution. A value has the share w_i / sum(w) of its sample, where weights are 1 if none are given:

    F(x) = sum of the shares of all values <= x
    W    = integral over x of |F_a(x) - F_b(x)|

W is the smallest cost of turning one distribution into the other if moving a share s by a distance d costs s * d. It
has the unit of the values.

Source: Vallender, Calculation of the Wasserstein distance between probability distributions on the line (1973).

Strict
------
- Values and weights may be integers of any type.
- ValueError if a value or a weight is not finite, or a sample and its weights differ in length.
"""

import math

import numpy as np


def _checked(x, w):
    """Return values and weights as lists of Python numbers."""
    x = np.asarray(x).tolist()
    w = [1] * len(x) if w is None else np.asarray(w).tolist()
    if not x:
        raise ValueError("a sample is empty")
    if len(x) != len(w):
        raise ValueError("a sample and its weights differ in length")
    if not all(math.isfinite(v) for v in x + w):
        raise ValueError("values and weights must be finite")
    if min(w) < 0:
        raise ValueError("a weight is negative")
    return x, w


def _as_integers(numbers):
    """Return integers n_i and a power of two u such that numbers[i] == n_i / u."""
    ratios = [v.as_integer_ratio() for v in numbers]
    unit = max(d for _, d in ratios)
    return [n * (unit // d) for n, d in ratios], unit


def wasserstein_1d(
    a: np.ndarray, b: np.ndarray, a_weights: np.ndarray | None = None, b_weights: np.ndarray | None = None
) -> float:
    """Return W, exactly: no bins, no grid of quantiles, no tolerance.

    Small distances count, whether the values are small or large: 1e6 and 1e6 + 0.1 are 0.1 apart.

    Parameters
    ----------
    a, b : arrays of shapes (n,) and (m,)
        In any order, and of any sizes. Values may be tied, within a sample and across.
    a_weights, b_weights : arrays of shapes (n,) and (m,), or None
        Non-negative, of any total. A value of weight 0 does not count. One sample may have weights and the other none.

    Raises
    ------
    ValueError
        If a sample is empty, a weight is negative, or the weights of a sample are all 0.

    Notes
    -----
    O(N log N) time, where N = n + m.

    Examples
    --------
    >>> wasserstein_1d(np.array([3.0, 0.0]), np.array([1.0]))
    1.5
    >>> wasserstein_1d(np.array([0.0, 1.0]), np.array([0.0, 1.0]), a_weights=np.array([3.0, 1.0]))
    0.25
    """
    # Move mass greedily from the lowest values up, in exact integer arithmetic: every float is an integer over a power
    # of two. Mass is scaled so that both samples have the total total_a * total_b.
    xa, wa = _checked(a, a_weights)
    xb, wb = _checked(b, b_weights)
    values, unit = _as_integers(xa + xb)
    wa, _ = _as_integers(wa)
    wb, _ = _as_integers(wb)
    total_a, total_b = sum(wa), sum(wb)
    if total_a == 0 or total_b == 0:
        raise ValueError("the weights of a sample are all 0")
    supply = sorted((v, w * total_b) for v, w in zip(values[: len(xa)], wa) if w)
    demand = sorted((v, w * total_a) for v, w in zip(values[len(xa) :], wb) if w)

    cost = i = j = 0
    left, wanted = supply[0][1], demand[0][1]
    while True:
        moved = min(left, wanted)
        cost += moved * abs(supply[i][0] - demand[j][0])
        left -= moved
        wanted -= moved
        if left == 0:
            i += 1
            if i == len(supply):
                break
            left = supply[i][1]
        if wanted == 0:
            j += 1
            wanted = demand[j][1]
    try:
        return cost / (total_a * total_b * unit)  # int / int is rounded once
    except OverflowError:
        return math.inf
