# wrong (core): branches are runs of equal neighbours in x: a value that comes again later opens a new branch
"""Entropy, information gain and gain ratio: how ID3 and C4.5 choose a feature.

The node of such a tree has one branch for each value of a feature. A good feature leaves little uncertainty about the
label. With p_k for the share of class k, n for the number of samples, and v for the branches:

    H(y) = - sum_k p_k * log2(p_k)                                       in bits
    gain = H(y) - sum_v n_v/n * H(y in branch v)
    gain ratio = gain / H(x)                                             x: the branch of each sample

H(x) is called the split information. A feature with many values has a large one, so the ratio is a penalty for
splitting into many branches.

Source: Quinlan, Induction of Decision Trees (1986), on ID3 and on the selection criterion.

Strict
------
- information_gain and gain_ratio raise ValueError if x and y differ in length.
"""

import numpy as np


def entropy(y: np.ndarray, base: float = 2.0) -> float:
    """Return the entropy of the labels.

    Parameters
    ----------
    y : array of shape (n_samples,)
        Class labels: any integers, not only 0, 1, 2, ...
    base : float
        The base of the logarithm, above 1.

    Examples
    --------
    >>> entropy(np.array([7, -1, 7, 4]))
    1.5
    >>> entropy(np.array([7, 7, 7]))
    0.0
    """
    counts = np.unique(np.asarray(y), return_counts=True)[1]
    p = counts / counts.sum()
    return float(max(0.0, -(p * np.log(p)).sum() / np.log(base)))


def information_gain(x: np.ndarray, y: np.ndarray) -> float:
    """Return the gain of splitting the labels y by the feature x, in bits.

    Parameters
    ----------
    x : array of shape (n_samples,)
        The value of the feature: any integers. Each distinct value is a branch.
    y : array of shape (n_samples,)
        Class labels, as in entropy.

    Examples
    --------
    >>> x, y = np.array([5, 5, -2, -2, -2, -2, 9, 9]), np.array([0, 1, 2, 2, 2, 2, 0, 1])
    >>> information_gain(x, y)  # 1.5 - (2/8 * 1 + 4/8 * 0 + 2/8 * 1)
    1.0
    """
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError("x and y differ in length")
    cut = np.flatnonzero(np.diff(x)) + 1
    rest = sum(len(part) / len(y) * entropy(part) for part in np.split(y, cut))
    return float(entropy(y) - rest)


def gain_ratio(x: np.ndarray, y: np.ndarray) -> float:
    """Return the gain ratio of the feature x, or 0 if all samples have the same value of x.

    Parameters
    ----------
    x, y : arrays of shape (n_samples,)
        As in information_gain.

    Examples
    --------
    Both features tell all about y, but the second one has a branch for each sample.

    >>> y = np.array([0, 1, 0, 1])
    >>> gain_ratio(y, y), gain_ratio(np.array([1, 2, 3, 4]), y)
    (1.0, 0.5)
    """
    gain = information_gain(x, y)
    info = entropy(x)
    return float(gain / info) if info > 0 else 0.0
