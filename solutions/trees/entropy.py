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

import math
from collections import Counter

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
    shares = np.unique(y, return_counts=True)[1] / len(y)
    return float((shares * np.log(1 / shares)).sum() / np.log(base))


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
    if x.shape != y.shape:
        raise ValueError(f"x has shape {x.shape} and y has shape {y.shape}")
    values, counts = np.unique(x, return_counts=True)
    after = [entropy(y[x == value]) for value in values]
    return entropy(y) - float(counts @ after) / len(y)


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
    gain, split_information = information_gain(x, y), entropy(x)
    return gain / split_information if split_information else 0.0


def entropy_via_counting(y: np.ndarray, base: float = 2.0) -> float:
    """Take log n minus the mean log of the class counts."""
    n = len(y)
    return math.fsum(count * math.log(n / count, base) for count in Counter(y.tolist()).values()) / n


def information_gain_via_joint_entropy(x: np.ndarray, y: np.ndarray) -> float:
    """Subtract the entropy of the pairs (x, y) from the entropies of x and of y."""
    _, pair = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    return entropy(x) + entropy(y) - entropy(pair)


def information_gain_via_independence(x: np.ndarray, y: np.ndarray) -> float:
    """Compare the table of x and y with the table that independence would give (a Kullback-Leibler divergence)."""
    if x.shape != y.shape:
        raise ValueError("x and y differ in length")
    table = np.array([[np.mean((x == value) & (y == label)) for label in np.unique(y)] for value in np.unique(x)])
    independent = np.outer(table.sum(axis=1), table.sum(axis=0))
    seen = table > 0
    return float((table[seen] * np.log2(table[seen] / independent[seen])).sum())


def gain_ratio_via_one_pass(x: np.ndarray, y: np.ndarray) -> float:
    """Count values, labels and pairs in plain Python: of a ratio of entropies the base and n cancel."""
    pairs = list(zip(x.tolist(), y.tolist(), strict=True))
    columns = [pairs, *zip(*pairs, strict=True)]
    both, branches, labels = (
        sum(count * math.log(len(pairs) / count) for count in Counter(column).values()) for column in columns
    )
    return (branches + labels - both) / branches if branches else 0.0
