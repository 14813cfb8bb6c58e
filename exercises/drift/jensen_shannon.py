# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- jensen_shannon
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
    raise NotImplementedError


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
    raise NotImplementedError
