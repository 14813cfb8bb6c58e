# different style; both bars
"""The Jensen-Shannon divergence: how far two distributions are from their mixture.

With P = p / sum(p), Q = q / sum(q) and M = (P + Q) / 2,

    divergence = sum_k P_k log(P_k / M_k) / 2 + sum_k Q_k log(Q_k / M_k) / 2

Here 0 log 0 = 0, and the logarithm has the given base. The divergence is symmetric and finite, and at most log 2, which
is 1 for base 2. Its square root is a distance: return the divergence, not the root.

Source: Lin, Divergence Measures Based on the Shannon Entropy (1991).

Strict
------
- ValueError if p and q differ in length, a value is negative, base is not above 1, or n_bins is below 1.
- The result is never below 0.
- Arrays may be integers of any type.
"""

import math
from collections import Counter
from fractions import Fraction

import numpy as np


def _excess(t: float) -> float:
    """Return (1 + t) log(1 + t) + (1 - t) log(1 - t), which is not negative, for -1 <= t <= 1."""
    t = abs(t)
    if t >= 1:
        return 2 * math.log(2)
    if t < 0.1:  # its series, without cancellation
        return math.fsum(t ** (2 * k) / (k * (2 * k - 1)) for k in range(1, 10))
    return (1 + t) * math.log1p(t) + (1 - t) * math.log1p(-t)


def jensen_shannon(p: np.ndarray, q: np.ndarray, base: float = 2.0) -> float:
    """Return the divergence of two discrete distributions.

    Parameters
    ----------
    p, q : arrays of shape (n,)
        Counts or probabilities, not negative. They need not sum to 1.
    base : float
        Above 1.

    Raises
    ------
    ValueError
        If p or q sums to 0.

    Examples
    --------
    >>> round(jensen_shannon(np.array([1.0, 1.0]), np.array([7.0, 0.0])), 6)
    0.311278
    """
    p = [float(value) for value in np.asarray(p).tolist()]
    q = [float(value) for value in np.asarray(q).tolist()]
    if len(p) != len(q):
        raise ValueError("p and q differ in length.")
    if any(value < 0 for value in p + q):
        raise ValueError("A value is negative.")
    if not base > 1:
        raise ValueError("base is not above 1.")
    if not any(p) or not any(q):
        raise ValueError("p or q sums to 0.")
    top_p, top_q = max(p), max(q)
    p, q = [value / top_p for value in p], [value / top_q for value in q]
    sum_p, sum_q = math.fsum(p), math.fsum(q)
    # With s = P + Q and t = (P - Q) / s, a term is s/4 ((1 + t) log(1 + t) + (1 - t) log(1 - t)).
    terms = []
    for i, j in zip(p, q):
        P, Q = i / sum_p, j / sum_q
        s = P + Q
        if s > 0:
            terms.append(s / 4 * _excess((P - Q) / s))
    return min(math.fsum(terms), math.log(2)) / math.log(base)


def jensen_shannon_of_samples(reference: np.ndarray, current: np.ndarray, n_bins: int = 10, base: float = 2.0) -> float:
    """Return the divergence of two samples, counted in the same bins.

    The n_bins bins are equally wide, from the least to the largest value of both samples together. A bin includes its
    lower edge; the last one includes its upper edge, too. If all values are equal, the divergence is 0.

    Parameters
    ----------
    reference, current : arrays of shapes (n,) and (m,)
    n_bins : int
        May be 1.
    base : as above

    Raises
    ------
    ValueError
        If a sample is empty.

    Examples
    --------
    >>> reference, current = np.array([0.0, 1.0]), np.array([2.0, 3.0, 4.0, 2.0])
    >>> jensen_shannon_of_samples(reference, current, n_bins=2)  # edges at 0, 2 and 4
    1.0
    """
    samples = np.asarray(reference).tolist(), np.asarray(current).tolist()
    if n_bins < 1:
        raise ValueError("n_bins is below 1.")
    if not base > 1:
        raise ValueError("base is not above 1.")
    if not samples[0] or not samples[1]:
        raise ValueError("A sample is empty.")
    low = Fraction(min(min(sample) for sample in samples))
    high = Fraction(max(max(sample) for sample in samples))
    if low == high:
        return 0.0
    # Bins by their exact numbers, counted sparsely.
    counts = []
    for sample in samples:
        counter = Counter()
        for value, times in Counter(sample).items():
            counter[min((Fraction(value) - low) * n_bins // (high - low), n_bins - 1)] += times
        counts.append(counter)
    bins = sorted(counts[0].keys() | counts[1].keys())
    p, q = (np.array([counter[k] for k in bins]) for counter in counts)
    return jensen_shannon(p, q, base)
