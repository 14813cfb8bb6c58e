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

import numpy as np


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
    values = np.concatenate([a, b]).astype(float)
    shares = np.concatenate([_shares(a, a_weights), -_shares(b, b_weights)])
    order = np.argsort(values)
    excess = np.cumsum(shares[order])[:-1]  # F_a - F_b from each value to the next
    return float(np.abs(excess) @ np.diff(values[order]))


def _shares(sample: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Return the share of each value."""
    weights = np.ones(len(sample)) if weights is None else weights
    if len(weights) != len(sample):
        raise ValueError(f"{len(sample)} values have {len(weights)} weights")
    if not (np.isfinite(sample).all() and np.isfinite(weights).all()):
        raise ValueError("a value or a weight is not finite")
    if (weights < 0).any() or not weights.any():
        raise ValueError("a sample is empty, or its weights are negative or all 0")
    return weights / weights.sum()


def wasserstein_1d_via_quantiles(
    a: np.ndarray, b: np.ndarray, a_weights: np.ndarray | None = None, b_weights: np.ndarray | None = None
) -> float:
    """Integrate the distance of the quantiles over the level, from each jump of one of them to the next."""
    quantiles, tops = [], []
    for sample, weights in [(a, a_weights), (b, b_weights)]:
        order = np.argsort(sample)
        quantiles.append(sample[order].astype(float))
        tops.append(np.cumsum(_shares(sample, weights)[order]))
    levels = np.sort(np.concatenate([[0.0], *tops]))
    middles = (levels[1:] + levels[:-1]) / 2
    places = [np.minimum(np.searchsorted(top, middles), len(top) - 1) for top in tops]
    return float(np.abs(quantiles[0][places[0]] - quantiles[1][places[1]]) @ np.diff(levels))


def wasserstein_1d_via_moving(
    a: np.ndarray, b: np.ndarray, a_weights: np.ndarray | None = None, b_weights: np.ndarray | None = None
) -> float:
    """Move what is left of the lowest value to what is still open at the lowest place, one move at a time."""
    have = sorted(zip(a.tolist(), _shares(a, a_weights).tolist(), strict=True), reverse=True)
    want = sorted(zip(b.tolist(), _shares(b, b_weights).tolist(), strict=True), reverse=True)
    cost, (value, left), (place, open_) = 0.0, have.pop(), want.pop()
    for _ in range(len(a) + len(b)):
        moved = min(left, open_)
        cost += moved * abs(value - place)
        left, open_ = left - moved, open_ - moved
        if left == 0 and have:
            value, left = have.pop()
        elif open_ == 0 and want:
            place, open_ = want.pop()
    return cost
