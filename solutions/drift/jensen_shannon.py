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

import numpy as np


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
    if not base > 1:
        raise ValueError(f"the base is {base}, and has to be above 1")
    both = np.array([p, q], dtype=float)
    totals = both.sum(axis=1, keepdims=True)
    if (both < 0).any() or not totals.all():
        raise ValueError("a value is negative, or all are 0")
    both /= totals
    ratios = np.divide(both, both.mean(axis=0), out=np.ones_like(both), where=both > 0)
    return float(max(0.0, (both * np.log(ratios)).sum() / 2 / np.log(base)))


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
    if n_bins < 1:
        raise ValueError(f"{n_bins} bins are too few")
    both = np.concatenate([reference, current])
    edges = np.linspace(both.min(), both.max(), n_bins + 1)
    # Inner edges alone: what equals one goes up, and the largest value stays in the last bin.
    numbers = (np.searchsorted(edges[1:-1], sample, side="right") for sample in (reference, current))
    return jensen_shannon(*(np.bincount(each, minlength=n_bins) for each in numbers), base)


def jensen_shannon_via_entropies(p: np.ndarray, q: np.ndarray, base: float = 2.0) -> float:
    """Subtract the mean of both entropies from the entropy of the mixture."""
    if len(p) != len(q) or base <= 1 or min(p.min(), q.min()) < 0 or not p.any() or not q.any():
        raise ValueError("no two distributions, or no base")
    p, q = p / p.sum(), q / q.sum()
    divergence = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    return float(np.clip(divergence / np.log(base), 0, None))


def _entropy(p: np.ndarray) -> float:
    kept = p[p > 0]
    return -float(kept @ np.log(kept))


def jensen_shannon_via_posteriors(p: np.ndarray, q: np.ndarray, base: float = 2.0) -> float:
    """Ask what a value says about where it is from: log 2, less the mean entropy of the two posteriors."""
    if len(p) != len(q) or not base > 1 or (np.append(p, q) < 0).any():
        raise ValueError("no two distributions, or no base")
    totals, said = (float(np.sum(p)), float(np.sum(q))), 0.0
    if 0 in totals:
        raise ValueError("all values are 0")
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        shares = a / totals[0], b / totals[1]
        for share in shares:
            if share > 0:
                said += share / 2 * np.log(2 * share / sum(shares))
    return max(float(said / np.log(base)), 0.0)


def jensen_shannon_of_samples_via_comparisons(
    reference: np.ndarray, current: np.ndarray, n_bins: int = 10, base: float = 2.0
) -> float:
    """Count how many values have reached each edge: a bin holds those that reached its lower edge alone."""
    low, high = (float(find([find(reference), find(current)])) for find in (min, max))
    counts = []
    for sample in (reference, current):
        reached = [int(np.sum(sample >= low + (high - low) * k / n_bins)) for k in range(n_bins)]
        counts.append(-np.diff([*reached, 0]))
    return jensen_shannon(counts[0], counts[1], base)


def jensen_shannon_of_samples_via_numbers(
    reference: np.ndarray, current: np.ndarray, n_bins: int = 10, base: float = 2.0
) -> float:
    """Work out the number of the bin of each value, and count in one table."""
    if n_bins < 1:
        raise ValueError("n_bins is below 1")
    both = np.append(reference, current).astype(float)
    distance, width = both - both.min(), np.ptp(both)
    numbers = (
        np.minimum(np.floor(distance * n_bins / width), n_bins - 1).astype(int) if width else np.zeros(len(both), int)
    )
    counts = np.zeros((2, n_bins))
    np.add.at(counts, (np.repeat([0, 1], [len(reference), len(current)]), numbers), 1)
    return jensen_shannon(counts[0], counts[1], base)
