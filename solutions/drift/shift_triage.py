"""Name a dataset shift by the parts of p(x, y) that have moved.

    p(x, y) = p(x) p(y | x) = p(y) p(x | y)

A table counts rows by bin of x and by class y. The chi-square statistic compares the counts r_k of the reference with
the counts c_k of the current rows, over the categories k that have a row in either:

    n = sum_k r_k,    m = sum_k c_k,    dof = number of categories - 1
    chi2 = sum_k (r_k * m - c_k * n)**2 / (n * m * (r_k + c_k))

For p(x) and p(y), r and c are sums of the table over the other axis. For p(y | x), chi2 and dof are added up over the
bins that are empty in neither table; for p(x | y), over such classes.

Sources: Moreno-Torres et al., A unifying view on dataset shift in classification (2012), section 4; Holm, A simple
sequentially rejective multiple test procedure (1979).

Strict
------
- Counts may be integers of any type, up to 10**9: nothing overflows.
- ValueError if shapes differ, a count is negative, or a p-value is not from 0 to 1.
"""

from typing import NamedTuple

import numpy as np


class ShiftStatistics(NamedTuple):
    """chi2 and dof of p(x), p(y), p(x | y) and p(y | x), in this order."""

    chi2: np.ndarray
    dof: np.ndarray


def shift_statistics(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Return the statistics of the four parts. A sum of nothing is 0.

    Parameters
    ----------
    reference, current : arrays of int of shape (n_bins, n_classes)
        A bin or class may be empty.

    Raises
    ------
    ValueError
        If a table has no row.

    Examples
    --------
    >>> found = shift_statistics(np.array([[30, 10], [10, 30]]), np.array([[15, 5], [15, 45]]))
    >>> found.chi2.round(2), found.dof
    (array([10.67,  2.54,  8.27,  0.  ]), array([1, 1, 2, 2]))
    """
    _check(reference, current)
    r, c = (table.astype(np.float64) for table in (reference, current))
    sums = [(r.sum(axis=axis)[np.newaxis], c.sum(axis=axis)[np.newaxis]) for axis in (1, 0)]
    chi2, dof = zip(*(_compared(*pair) for pair in [*sums, (r.T, c.T), (r, c)]), strict=True)
    return ShiftStatistics(np.array(chi2), np.array(dof))


def name_shift(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Return the first name that fits.

        "none"         no part has moved
        "label"        p(y) has moved, and p(x | y) has not
        "covariate"    p(x) has moved, and p(y | x) has not
        "concept"      p(y | x) has moved, and p(x) has not
        "mixed"        otherwise

    A part has moved if Holm's procedure, over all p-values together, rejects one of its own. In rising order, the k-th
    of m is rejected if it is at most level / (m - k + 1). The first that is not ends it.

    Parameters
    ----------
    p_x, p_y, p_x_given_y, p_y_given_x : arrays of shapes (n_tests,)
        Any number of p-values, also none. NaN is a missing test: leave it out.

    Examples
    --------
    >>> name_shift(np.array([0.001, 0.2]), np.array([0.3]), np.array([0.04]), np.array([0.7]))
    'covariate'
    """
    parts = [p_x, p_y, p_x_given_y, p_y_given_x]
    p_values = np.concatenate(parts)
    part = np.repeat(np.arange(4), [len(one) for one in parts])[~np.isnan(p_values)]
    p_values = p_values[~np.isnan(p_values)]
    if ((p_values < 0) | (p_values > 1)).any():
        raise ValueError("a p-value is not between 0 and 1")
    order = np.argsort(p_values)
    passed = p_values[order] <= level / np.arange(len(order), 0, -1)
    rejected = order[np.logical_and.accumulate(passed)]
    return _name(*np.isin(np.arange(4), part[rejected]).tolist())


def _name(x: bool, y: bool, x_given_y: bool, y_given_x: bool) -> str:
    """Return the name by which parts have moved."""
    if not (x or y or x_given_y or y_given_x):
        return "none"
    if y and not x_given_y:
        return "label"
    if x and not y_given_x:
        return "covariate"
    return "concept" if y_given_x and not x else "mixed"


def _check(reference: np.ndarray, current: np.ndarray) -> None:
    if reference.shape != current.shape:
        raise ValueError(f"the tables have shapes {reference.shape} and {current.shape}")
    if (reference < 0).any() or (current < 0).any():
        raise ValueError("a count is negative")
    if not (reference.any() and current.any()):
        raise ValueError("a table has no row")


def _compared(r: np.ndarray, c: np.ndarray) -> tuple[float, int]:
    """Return chi2 and dof, added up over the lines of two tables that have counts in both."""
    there = r.any(axis=1) & c.any(axis=1)
    r, c = r[there], c[there]
    n, m, both = r.sum(axis=1, keepdims=True), c.sum(axis=1, keepdims=True), r + c
    chi2 = (r * m - c * n) ** 2 / (n * m * np.maximum(both, 1))
    return chi2.sum(), np.count_nonzero(both) - len(both)


def shift_statistics_via_expected(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Compare each count with what it would be if both samples had the pooled shares, in plain Python."""
    _check(reference, current)
    tables = [table.tolist() for table in (reference.T, current.T, reference, current)]
    sums = [[[sum(row) for row in tables[k]]] for k in (2, 3, 0, 1)]
    lines = sums + tables
    found = []
    for r_lines, c_lines in zip(lines[::2], lines[1::2], strict=True):
        chi2, dof = 0.0, 0
        for r, c in zip(r_lines, c_lines, strict=True):
            if not (sum(r) and sum(c)):
                continue
            pairs = [(a, b) for a, b in zip(r, c, strict=True) if a + b]
            share = sum(r) / (sum(r) + sum(c))
            chi2 += sum((a - share * (a + b)) ** 2 / (share * (a + b)) for a, b in pairs)
            chi2 += sum((b - (1 - share) * (a + b)) ** 2 / ((1 - share) * (a + b)) for a, b in pairs)
            dof += len(pairs) - 1
        found.append((chi2, dof))
    chi2, dof = zip(*found, strict=True)
    return ShiftStatistics(np.array(chi2), np.array(dof))


def shift_statistics_via_shares(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Compare shares: chi2 is the sum of n * m * (p - q)**2 over the pooled counts."""
    _check(reference, current)
    both = np.stack([reference, current]).astype(np.float64)
    found = []
    for tables in (both.sum(axis=2)[:, np.newaxis], both.sum(axis=1)[:, np.newaxis], both.swapaxes(1, 2), both):
        sizes = tables.sum(axis=2, keepdims=True)
        there = (sizes > 0).all(axis=0)[:, 0]
        p, q = (tables / np.where(sizes > 0, sizes, 1))[:, there]
        pooled = tables.sum(axis=0)[there]
        terms = sizes.prod(axis=0)[there] * (p - q) ** 2
        found.append((terms[pooled > 0] @ (1 / pooled[pooled > 0]), np.count_nonzero(pooled) - np.count_nonzero(there)))
    chi2, dof = zip(*found, strict=True)
    return ShiftStatistics(np.array(chi2), np.array(dof))


def name_shift_via_adjusted(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Compare the least adjusted p-value of each part with the level, and look the answer up."""
    parts = zip("xyab", (p_x, p_y, p_x_given_y, p_y_given_x), strict=True)
    ordered = sorted((p, part) for part, all_ in parts for p in all_[~np.isnan(all_)].tolist())
    if any(not 0 <= p <= 1 for p, _ in ordered):
        raise ValueError("a p-value is not between 0 and 1")
    least, adjusted = {}, 0.0
    for k, (p, part) in enumerate(ordered):
        adjusted = max(adjusted, p * (len(ordered) - k))
        least.setdefault(part, adjusted)
    moved = {part for part, value in least.items() if value <= level}
    rules = [("none", "", "xyab"), ("label", "y", "a"), ("covariate", "x", "b"), ("concept", "b", "x")]
    fits = [name for name, needs, without in rules if {*needs} <= moved and not {*without} & moved]
    return [*fits, "mixed"][0]


def name_shift_via_removing(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Cross off the smallest p-value that is left, as long as it is small enough for their number."""
    parts = [one[~np.isnan(one)] for one in (p_x, p_y, p_x_given_y, p_y_given_x)]
    if any(((one < 0) | (one > 1)).any() for one in parts):
        raise ValueError("a p-value is not between 0 and 1")
    moved = [False] * 4
    for left in range(sum(map(len, parts)), 0, -1):
        part = min(range(4), key=lambda k: parts[k].min(initial=2.0))
        if parts[part].min() > level / left:
            break
        moved[part] = True
        parts[part] = np.delete(parts[part], parts[part].argmin())
    return _name(*moved)
