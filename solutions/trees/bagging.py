"""Bagging: the samples that trees are grown on, and how the trees vote on the rows that they have not seen.

Each tree of a bagged ensemble is grown on a bootstrap sample: n rows drawn from the n rows of the training set, one by
one, each row as likely as any other at every draw, whatever was drawn before. So a row may be drawn several times or
not at all. The rows that a tree's sample lacks are out of bag for that tree: about 1/e of them, 36.8 %, so that a
sample has some 63.2 % of the rows.

For those rows the tree's vote is honest, as on test data. The out-of-bag accuracy classifies each row by the trees
alone for which the row is out of bag, each with one vote, and needs no other data:

- A row's class is the one with the most votes. Where several tie, it is the smallest label among them.
- A row that is out of bag for no tree has no class: it counts neither as right nor as wrong.
- The accuracy is the share of right classes among the rows that have one. Every such row counts the same, however many
  votes it got.

Sources: Breiman (1996), Bagging predictors; Breiman (1996), Out-of-bag estimation; Hastie, Tibshirani and Friedman,
The Elements of Statistical Learning, sections 8.7 and 15.3.1.
"""

from collections import Counter

import numpy as np


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a bootstrap sample of n rows.

    Parameters
    ----------
    n : int, at least 1
        The number of rows.
    rng : np.random.Generator
        The only source of randomness: the same state gives the same sample.

    Returns
    -------
    array of int, of shape (n,)
        Row indices from 0 to n - 1, each as often as it was drawn, in any order.

    Examples
    --------
    >>> bootstrap_indices(1, np.random.default_rng(0))
    array([0])
    >>> indices = bootstrap_indices(1000, np.random.default_rng(0))
    >>> indices.shape
    (1000,)
    >>> 600 < len(np.unique(indices)) < 664
    True
    """
    return rng.integers(n, size=n)


def out_of_bag_mask(indices: np.ndarray, n: int) -> np.ndarray:
    """Tell for each row whether the sample lacks it.

    Should run in n log n time or less: a sample of 200,000 rows in well under a second.

    Parameters
    ----------
    indices : array of int, of any length from 1
        The rows of the sample, in any order, repeats included. A sample may be smaller or larger than n.
    n : int, at least 1
        The number of rows of the training set.

    Returns
    -------
    array of bool, of shape (n,)
        True for the rows that are out of bag.

    Raises
    ------
    ValueError
        If an index is below 0 or above n - 1.

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
    votes : array of shape (n_trees, n_samples)
        The label that each tree gives to each row, in its bag or not. Any whole numbers, of any number of classes.
    masks : array of bool, of shape (n_trees, n_samples)
        True where the row is out of bag for the tree.
    y : array of shape (n_samples,)
        The right labels. Some may get no vote from any tree.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If no row is out of bag for any tree.

    Examples
    --------
    Row 0 gets two votes for 7 and one for 4. Row 1 gets a vote for each, and the smaller label wins. Row 2 is in every
    bag and left out. Of the two that are left, row 0 is right.

    >>> votes = np.array([[7, 7, 7], [7, 4, 7], [4, 7, 7]])
    >>> masks = np.array([[True, True, False], [True, True, False], [True, False, False]])
    >>> oob_accuracy(votes, masks, np.array([7, 7, 7]))
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
