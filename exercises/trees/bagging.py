# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- bagging
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
