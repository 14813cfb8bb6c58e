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
    classes, label = np.unique(y, return_inverse=True)
    if len(classes) == 1:
        return None
    n_left = np.arange(1, len(y))
    n_right = n_left[::-1]
    is_class = np.eye(len(classes))[label]
    best = None
    for feature, column in enumerate(X.T):
        order = np.argsort(column)
        values = column[order]
        left = np.cumsum(is_class[order], axis=0)[:-1]
        right = is_class.sum(axis=0) - left
        kept = (left**2).sum(axis=1) / n_left + (right**2).sum(axis=1) / n_right
        gain = gini(y) - (1 - kept / len(y))
        allowed = (values[:-1] < values[1:]) & (np.minimum(n_left, n_right) >= min_samples_leaf)
        gain[~allowed] = -np.inf
        if allowed.any() and (best is None or gain.max() > best.gain + 1e-9):
            cut = int(np.argmax(gain > gain.max() - 1e-9))
            best = Split(feature, _between(float(values[cut]), float(values[cut + 1])), float(gain[cut]))
    return best


def _between(lower: float, upper: float) -> float:
    """Return a threshold that sends the lower value left and the upper one right."""
    middle = lower / 2 + upper / 2  # the sum might overflow
    return middle if middle < upper else lower


def gini_via_complements(y: np.ndarray) -> float:
    """Add up, over the classes, the chance to draw one and then another."""
    shares = [np.mean(y == label) for label in set(y.tolist())]
    return float(sum(share * (1 - share) for share in shares))


def best_split_via_shares(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    """Count by distinct value; the gain is n_left n_right / n^2 times the squared distance of the sides' shares."""
    classes, label = np.unique(y, return_inverse=True)
    splits = []
    for feature in range(X.shape[1]):
        values, place = np.unique(X[:, feature], return_inverse=True)
        counts = np.bincount(place * len(classes) + label, minlength=len(values) * len(classes))
        left = np.cumsum(counts.reshape(len(values), -1), axis=0)[:-1]
        right = np.bincount(label) - left
        n_left, n_right = left.sum(axis=1), right.sum(axis=1)
        distance = ((left.T / n_left - right.T / n_right) ** 2).sum(axis=0)
        gains = n_left * n_right / len(y) ** 2 * distance
        splits += [
            Split(feature, _between(*values[cut : cut + 2].astype(float).tolist()), float(gains[cut]))
            for cut in np.flatnonzero((n_left >= min_samples_leaf) & (n_right >= min_samples_leaf))
        ]
    if len(classes) == 1 or not splits:
        return None
    largest = max(split.gain for split in splits)
    return next(split for split in splits if split.gain > largest - 1e-9)


def best_split_via_moving(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> Split | None:
    """Move one sample after another to the left, and keep the sums of squared counts up to date."""
    n_samples, best = len(y), None
    totals = {label: y.tolist().count(label) for label in set(y.tolist())}
    if len(totals) == 1:
        return None
    whole = sum(count**2 for count in totals.values())
    for feature, column in enumerate(X.T.tolist()):
        pairs = sorted(zip(column, y.tolist(), strict=True))
        left, right = dict.fromkeys(totals, 0), dict(totals)
        squares_left, squares_right = 0, whole
        for n_left, (value, label) in enumerate(pairs[:-1], start=1):
            squares_left += 2 * left[label] + 1
            squares_right -= 2 * right[label] - 1
            left[label] += 1
            right[label] -= 1
            n_right, following = n_samples - n_left, pairs[n_left][0]
            gain = (squares_left / n_left + squares_right / n_right - whole / n_samples) / n_samples
            parted = value < following and n_left >= min_samples_leaf <= n_right
            if parted and (best is None or gain > best.gain + 1e-9):
                best = Split(feature, _between(value, following), gain)
    return best
