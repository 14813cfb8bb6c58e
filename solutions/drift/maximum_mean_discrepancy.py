"""Maximum mean discrepancy (MMD): a two-sample test for rows of any dimension.

Rows of one distribution are as similar across two samples as within them:

    k(x, y) = exp(-gamma * ||x - y||**2)
    MMD**2  = mean k(x, x') + mean k(y, y') - 2 * mean k(x, y)

In the unbiased estimate, the means within a sample leave out pairs of a row with itself, and it may be negative. In the
biased one they count, and it is never negative.

Source: Gretton et al., A kernel two-sample test (2012), sections 2.2 and 8.

Strict
------
- Rows far from the origin lose no digits: the distance is that of the difference.
- X and Y may be integers of any type.
- In the p-value, estimates within 1e-12 of each other are ties.
- ValueError if X and Y differ in columns, or gamma is not above 0.
"""

import math
from itertools import combinations, product

import numpy as np


def squared_mmd(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Return the estimate of MMD**2.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (m, d)
        n and m may differ.

    Raises
    ------
    ValueError
        If a sample has no row, or, for the unbiased estimate, only one.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0]])
    >>> squared_mmd(X, X, gamma=np.log(2))
    -0.5
    >>> squared_mmd(X, X, gamma=np.log(2), unbiased=False)
    0.0
    """
    _check(X, Y, gamma, 2 if unbiased else 1)
    in_x = np.arange(len(X) + len(Y)) < len(X)
    return _estimates(_kernel(X, Y, gamma), in_x[np.newaxis], unbiased).item()


def median_gamma(X: np.ndarray, Y: np.ndarray) -> float:
    """Return 1 / (2 * s**2), where s is the median distance between two rows.

    The pairs are those of rows i < j of the pooled sample, within X, within Y and across. Of an even number of
    distances, the median is the mean of the middle two.

    Raises
    ------
    ValueError
        If s is 0.

    Examples
    --------
    >>> median_gamma(np.array([[0.0], [2.0]]), np.array([[3.0], [8.0]]))
    0.03125
    """
    pooled = _pooled(X, Y)
    s = np.median(np.sqrt(_squared_distances(pooled)[np.triu_indices(len(pooled), k=1)]))
    if s == 0:
        raise ValueError("the median distance is 0: more than half of the pairs are of equal rows")
    return float(1 / (2 * s**2))


def mmd_p_value(X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator) -> float:
    """Return the p-value of a permutation test.

    A permutation shuffles the pooled rows: the first n are X, the others Y. With the unbiased estimate:

        p = (1 + permutations with an estimate >= the observed one) / (1 + n_permutations)

    Raises
    ------
    ValueError
        If a sample has fewer than two rows.

    Examples
    --------
    >>> X, Y = np.zeros((9, 2)), np.zeros((4, 2))
    >>> mmd_p_value(X, Y, 1.0, 19, np.random.default_rng(0))
    1.0
    """
    _check(X, Y, gamma, 2)
    in_x = np.arange(len(X) + len(Y)) < len(X)
    shuffled = rng.permuted(np.tile(in_x, (n_permutations, 1)), axis=1)
    # The observed estimate is the first one, which counts itself.
    values = _estimates(_kernel(X, Y, gamma), np.vstack([in_x, shuffled]), unbiased=True)
    return float(np.mean(values > values[0] - 1e-12))


def _check(X: np.ndarray, Y: np.ndarray, gamma: float, least: int) -> None:
    if min(len(X), len(Y)) < least:
        raise ValueError(f"the samples have {len(X)} and {len(Y)} rows, and need {least} at least")
    if not gamma > 0:
        raise ValueError(f"gamma is {gamma}, and has to be above 0")


def _estimates(kernel: np.ndarray, x: np.ndarray, unbiased: bool) -> np.ndarray:
    """Return the estimate for each row of a table that says which of the pooled rows are in X."""
    np.fill_diagonal(kernel, 1 - unbiased)
    y, to_x = ~x, x @ kernel
    n, m = x.sum(axis=1), y.sum(axis=1)
    within_x = (to_x * x).sum(axis=1) / (n * (n - unbiased))
    within_y = ((y @ kernel) * y).sum(axis=1) / (m * (m - unbiased))
    return within_x + within_y - 2 * (to_x * y).sum(axis=1) / (n * m)


def _kernel(X: np.ndarray, Y: np.ndarray, gamma: float) -> np.ndarray:
    """Return the kernel of all pooled rows."""
    return np.exp(-gamma * _squared_distances(_pooled(X, Y)))


def _pooled(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return np.vstack([X, Y]).astype(np.float64)


def _squared_distances(rows: np.ndarray) -> np.ndarray:
    """Return the table of squared distances, one column at a time: no array of rows by rows by columns."""
    return sum(np.subtract.outer(column, column) ** 2 for column in rows.T)


def squared_mmd_via_loop(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Go pair by pair, in plain Python."""
    _check(X, Y, gamma, 2 if unbiased else 1)
    samples, value = np.split(_pooled(X, Y), [len(X)]), 0.0
    for rows in samples:
        pairs = [(i, j) for i in range(len(rows)) for j in range(len(rows)) if i != j or not unbiased]
        value += sum(_similarity(rows[i], rows[j], gamma) for i, j in pairs) / len(pairs)
    across = [_similarity(x, y, gamma) for x, y in product(*samples)]
    return value - 2 * sum(across) / len(across)


def _similarity(x: np.ndarray, y: np.ndarray, gamma: float) -> float:
    return math.exp(-gamma * math.dist(x, y) ** 2)


def squared_mmd_via_witness(X: np.ndarray, Y: np.ndarray, gamma: float, unbiased: bool = True) -> float:
    """Average the witness, the mean similarity to X less that to Y, over X and over Y; then mend the diagonals."""
    _check(X, Y, gamma, 2 if unbiased else 1)
    kernel, n = _kernel(X, Y, gamma), len(X)
    witness = kernel[:, :n].mean(axis=1) - kernel[:, n:].mean(axis=1)
    value = witness[:n].mean() - witness[n:].mean()
    if unbiased:
        # A mean over n * n that counts n ones becomes one over n * (n - 1) that does not.
        for block in (kernel[:n, :n], kernel[n:, n:]):
            value -= (1 - block.mean()) / (len(block) - 1)
    return float(value)


def median_gamma_via_sorting(X: np.ndarray, Y: np.ndarray) -> float:
    """Sort the distances of all pairs in plain Python."""
    ordered = sorted(math.dist(a, b) for a, b in combinations(_pooled(X, Y).tolist(), 2))
    s = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    if s == 0:
        raise ValueError("the median distance is 0")
    return 0.5 / s**2


def median_gamma_via_rotations(X: np.ndarray, Y: np.ndarray) -> float:
    """Compare the pooled rows with themselves, moved round by 1, 2, ...: each pair is met twice."""
    pooled = _pooled(X, Y)
    moved = [np.sqrt(((pooled - np.roll(pooled, k, axis=0)) ** 2).sum(axis=1)) for k in range(1, len(pooled))]
    s = np.median(moved)
    if s == 0:
        raise ValueError("the median distance is 0")
    return float(0.5 / s**2)


def mmd_p_value_via_shuffled_rows(
    X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator
) -> float:
    """Shuffle the rows themselves, and estimate anew each time."""
    observed = squared_mmd(X, Y, gamma)
    pooled, count = _pooled(X, Y), 1
    for _ in range(n_permutations):
        rng.shuffle(pooled)
        count += squared_mmd(pooled[: len(X)], pooled[len(X) :], gamma) > observed - 1e-12
    return count / (1 + n_permutations)


def mmd_p_value_via_moved_mean(
    X: np.ndarray, Y: np.ndarray, gamma: float, n_permutations: int, rng: np.random.Generator
) -> float:
    """Read two of the three means off one kernel table: the sum of all its entries stays, so the third follows."""
    _check(X, Y, gamma, 2)
    kernel, n, m = _kernel(X, Y, gamma), len(X), len(Y)
    total, values = kernel.sum(), []
    for k in range(n_permutations + 1):
        first = np.argsort(rng.random(n + m))[:n] if k else np.arange(n)
        to_first = kernel[first].sum(axis=0)
        within = to_first[first].sum()
        across = to_first.sum() - within
        others = total - within - 2 * across
        values.append(within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m))
    return sum(value > values[0] - 1e-12 for value in values) / len(values)
