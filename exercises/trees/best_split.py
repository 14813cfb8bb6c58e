# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- best_split
"""The best split of a node in a classification tree.

A node asks one question, x[feature] <= threshold, and sends a sample left if the answer is yes and right if it is no.
A good question leaves each side as pure as can be. The impurity of a set of labels is its Gini index,

    gini = 1 - sum over the classes of p_k^2

where p_k is the share of class k. It is the chance that two labels, drawn from the set with replacement, differ. The
gain of a split is the impurity that it takes away, each side weighted by its share of the n samples:

    gain = gini(all) - n_left / n * gini(left) - n_right / n * gini(right)

Sources: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), chapter 4; Hastie, Tibshirani
and Friedman, The Elements of Statistical Learning, section 9.2.3.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """A question, x[feature] <= threshold, and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    """Return the Gini index of a set of labels.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Class labels: any whole numbers, of any number of classes. At least one.

    Returns
    -------
    float
        0 where all labels are equal, 1 - 1/k where k classes are equally frequent.

    Examples
    --------
    >>> gini(np.array([0, 0, 1, 1]))
    0.5
    >>> gini(np.array([7, -1, 7, 7]))
    0.375
    """
    raise NotImplementedError


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    """Return the split of largest gain.

    Should run in n log n time per feature where classes are few: 30,000 samples in well under a second.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one feature. Finite float64 numbers of any size, or integers, unsigned ones too, of at most 2^53.
    y : array of shape (n_samples,)
        Labels, as `gini` takes them.
    min_samples_leaf : int, at least 1
        Each side of a split must keep at least this many samples.

    Returns
    -------
    Split or None
        A threshold lies midway between two neighbours among the distinct values of its feature. (Should the midpoint
        round to the upper one, the threshold is the lower one: otherwise both would go left.)

        Of several splits of largest gain, the one of the lowest feature is returned, and of those the one of the lowest
        threshold. Rounding must not decide: gains that differ by rounding alone count as equal, and gains that are 1e-9
        or more apart do not.

        The largest gain may be 0, and such a split is returned like any other: a tree needs it to learn XOR. None is
        returned only where all labels are equal, or where no threshold leaves min_samples_leaf samples on either side.

    Examples
    --------
    >>> X = np.array([[1.0, 5.0], [2.0, 1.0], [4.0, 3.0], [5.0, 2.0]])
    >>> best_split(X, np.array([0, 0, 1, 1]))
    Split(feature=0, threshold=3.0, gain=0.5)

    With three labels of one class, 3.0 is no longer the best place.

    >>> X, y = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 1, 1, 1])
    >>> best_split(X, y)
    Split(feature=0, threshold=1.5, gain=0.375)
    >>> best_split(X, y, min_samples_leaf=2)
    Split(feature=0, threshold=3.0, gain=0.125)

    >>> best_split(X, y, min_samples_leaf=3) is None
    True
    """
    raise NotImplementedError
