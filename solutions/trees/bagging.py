"""Bagging: bootstrap samples, and the accuracy on the rows that a tree has not seen.

Each tree is trained on a bootstrap sample: n rows drawn from n rows with replacement. The rows that the sample lacks
are out of bag for that tree: about 1/e of them, or 36.8 %.

The out-of-bag accuracy needs no test set. The trees for which a row is out of bag vote on it, and the label with the
most votes wins. A tie goes to the smallest label. A row that is out of bag for no tree is left out. The accuracy is the
share of correct rows among the others.

Source: Breiman, Out-of-bag estimation (1996).
"""

from collections import Counter

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
    return rng.integers(n, size=n)


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
    if ((indices < 0) | (indices >= n)).any():
        raise ValueError(f"an index is not a row: rows are numbered from 0 to {n - 1}")
    mask = np.ones(n, dtype=bool)
    mask[indices] = False
    return mask


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
    voted_on = masks.any(axis=0)
    if not voted_on.any():
        raise ValueError("no row is out of bag: there is nothing to measure the accuracy on")
    labels = np.unique(votes)
    counts = np.array([np.count_nonzero((votes == label) & masks, axis=0) for label in labels])
    winners = labels[counts.argmax(axis=0)]  # argmax takes the first of several, and labels ascend
    return float(np.mean(winners[voted_on] == y[voted_on]))


def bootstrap_indices_via_counts(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how often each row comes, and repeat the rows in their order."""
    return np.repeat(np.arange(n), rng.multinomial(n, np.full(n, 1 / n)))


def bootstrap_indices_via_drawing(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one row after another, by the place of a number between 0 and 1."""
    return np.array([int(n * rng.random()) for _ in range(n)])


def out_of_bag_mask_via_counts(indices: np.ndarray, n: int) -> np.ndarray:
    """Count how often each row was drawn."""
    counts = np.bincount(indices, minlength=n)  # which raises ValueError for negative ones
    if len(counts) > n:
        raise ValueError("an index is too large")
    return counts == 0


def out_of_bag_mask_via_set(indices: np.ndarray, n: int) -> np.ndarray:
    """Look each row up among those drawn."""
    drawn, rows = set(indices.tolist()), range(n)
    if not drawn.issubset(rows):
        raise ValueError("an index is not a row")
    return np.array([row not in drawn for row in rows])


def oob_accuracy_via_counters(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    """Count the votes row by row, in plain Python."""
    right = []
    for row, label in enumerate(y.tolist()):
        counts = Counter(vote for vote, out in zip(votes[:, row].tolist(), masks[:, row], strict=True) if out)
        if counts:
            right.append(label == min(counts, key=lambda vote: (-counts[vote], vote)))
    if not right:
        raise ValueError("no row is out of bag")
    return sum(right) / len(right)


def oob_accuracy_via_agreement(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    """Ask of each vote how many others it agrees with: those of the winner agree with most."""
    if not masks.any():
        raise ValueError("no row is out of bag")
    support = ((votes[:, None] == votes) & masks).sum(axis=1) * masks
    leading = (support == support.max(axis=0)) & masks
    winners = np.where(leading, votes, np.iinfo(votes.dtype).max).min(axis=0)
    return float(np.average(winners == y, weights=masks.any(axis=0)))
