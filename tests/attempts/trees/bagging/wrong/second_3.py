# wrong (core): tie broken by the order of a set, not by the smallest label
"""Bagging: bootstrap samples, and the accuracy on the rows that a tree has not seen.

Each tree is trained on a bootstrap sample: n rows drawn from n rows with replacement. The rows that the sample lacks
are out of bag for that tree: about 1/e of them, or 36.8 %.

The out-of-bag accuracy needs no test set. The trees for which a row is out of bag vote on it, and the label with the
most votes wins. A tie goes to the smallest label. A row that is out of bag for no tree is left out. The accuracy is the
share of correct rows among the others.

Source: Breiman, Out-of-bag estimation (1996).
"""

import numpy as np


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a bootstrap sample.

    Parameters
    ----------
    n : int
    rng : np.random.Generator
        The only source of randomness.

    Returns
    -------
    array of n row indices, in any order

    Examples
    --------
    >>> indices = bootstrap_indices(1000, np.random.default_rng(0))
    >>> indices.shape, bool(600 < len(np.unique(indices)) < 664)
    ((1000,), True)
    """
    return rng.integers(0, n, size=n)


def out_of_bag_mask(indices: np.ndarray, n: int) -> np.ndarray:
    """Return True for each row that the sample lacks, in O(n log n) time or less.

    Parameters
    ----------
    indices : array of int of shape (n_drawn,)
        The rows of the sample. n_drawn may differ from n.
    n : int
        The number of rows of the training set.

    Strict
    ------
    - ValueError if an index is below 0 or above n - 1.

    Examples
    --------
    >>> out_of_bag_mask(np.array([3, 0, 3, 2, 0]), 5)
    array([False,  True, False, False,  True])
    """
    indices = np.asarray(indices)
    if indices.size and (indices.min() < 0 or indices.max() > n - 1):
        raise ValueError("index out of range")
    return np.bincount(indices.astype(np.int64), minlength=n) == 0


def oob_accuracy(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    """Return the out-of-bag accuracy of an ensemble.

    Parameters
    ----------
    votes : array of int of shape (n_trees, n_samples)
        The label that each tree predicts for each row. Labels are any integers.
    masks : array of bool of shape (n_trees, n_samples)
        True if the row is out of bag for the tree.
    y : array of int of shape (n_samples,)
        The true labels.

    Raises
    ------
    ValueError
        If no row is out of bag for any tree.

    Examples
    --------
    >>> votes = np.array([[7, 7, 7], [7, 4, 7], [4, 7, 7]])
    >>> masks = np.array([[True, True, False], [True, True, False], [True, False, False]])
    >>> oob_accuracy(votes, masks, np.array([7, 7, 7]))  # 7 wins row 0, 4 wins the tie
    0.5
    """
    votes, masks, y = np.asarray(votes), np.asarray(masks, dtype=bool), np.asarray(y)
    voted = masks.any(axis=0)
    if not voted.any():
        raise ValueError("no row is out of bag")
    correct = []
    for j in np.flatnonzero(voted):
        ballot = votes[masks[:, j], j].tolist()
        correct.append(max(set(ballot), key=ballot.count) == y[j])
    return float(np.mean(correct))
