# wrong (core): a split of gain 0 is not taken: None is returned for XOR
"""The best split of a node in a classification tree.

A node asks ``x[feature] <= threshold`` and sends a sample left if that is true. A good question makes both sides
purer. The impurity of a set of labels is its Gini index, and the gain of a split is the impurity that it removes:

    gini = 1 - sum_k p_k**2                                    p_k: share of class k
    gain = gini(all) - n_left/n * gini(left) - n_right/n * gini(right)

Source: Breiman et al., Classification and Regression Trees (1984), chapter 4.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question ``x[feature] <= threshold`` and its gain."""

    feature: int
    threshold: float
    gain: float


def gini(y: np.ndarray) -> float:
    """Return the Gini index of a set of labels.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Class labels: any integers, not only 0, 1, 2, ...

    Examples
    --------
    >>> gini(np.array([7, -1, 7, 7]))
    0.375
    """
    y = np.asarray(y)
    _, counts = np.unique(y, return_counts=True)
    return float(1 - ((counts / len(y)) ** 2).sum())


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    """Return the split with the largest gain.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Class labels, as in gini.
    min_samples_leaf : int
        Each side keeps at least this many samples.

    Returns
    -------
    Split or None
        The threshold is the midpoint of two neighbouring distinct values. A tie goes to the lower feature, then to the
        lower threshold. The largest gain may be 0, as it is for XOR. None if all labels are equal or no split is
        possible.

    Notes
    -----
    O(n_samples log n_samples) for each feature, if there are few classes.

    Strict
    ------
    - Gains within 1e-9 of each other are ties.
    - A midpoint neither overflows (values near 1e308) nor reaches the upper value (adjacent floats).

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 1, 1, 1])
    >>> best_split(X, y)
    Split(feature=0, threshold=1.5, gain=0.375)
    >>> best_split(X, y, min_samples_leaf=2)
    Split(feature=0, threshold=3.0, gain=0.125)
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y)
    n = len(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        return None
    one_hot = np.eye(len(classes))[codes]
    total = one_hot.sum(axis=0)
    parent = 1 - ((total / n) ** 2).sum()
    best = None
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j], kind="stable")
        x, labels = X[order, j], codes[order]
        left = np.cumsum(one_hot[order], axis=0)
        for i in range(1, n):
            if x[i - 1] == x[i]:
                continue
            if i < min_samples_leaf or n - i < min_samples_leaf:
                continue
            l, r = left[i - 1], total - left[i - 1]
            gain = parent - i / n * (1 - ((l / i) ** 2).sum()) - (n - i) / n * (1 - ((r / (n - i)) ** 2).sum())
            if best is None or gain > best.gain + 1e-9:
                best = Split(j, float(x[i - 1] + (x[i] - x[i - 1]) / 2), float(gain))
    return best if best is not None and best.gain > 1e-9 else None
