# Fill in what raises NotImplementedError. NumPy and the standard library only; arguments stay as they were;
# whole numbers are numbers too. To grade: nox -s grade -- bagging
"""Bagging: bootstrap samples, and what the rows that they leave out are good for.

Bagging fits every tree of an ensemble to a bootstrap sample of its own: of the n training rows, n are drawn with
replacement. Each draw takes each row with chance 1/n, whatever the other draws took. A row that a sample misses is out
of bag for that tree. The chance of that is (1 - 1/n)^n, which nears 1/e: a large sample has 63.2 % of the rows, some
of them several times, and leaves 36.8 % out.

For a tree, its out-of-bag rows are as good as new. The out-of-bag accuracy has each training row judged by the trees
that have not seen it, and by no others: they vote, the class of most votes is the prediction, and the accuracy is the
share of right predictions.

Sources: Breiman, Bagging Predictors (1996); Breiman, Out-of-Bag Estimation (1996); Hastie, Tibshirani and Friedman, The
Elements of Statistical Learning, sections 8.7 and 15.3.1.
"""

import numpy as np


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a bootstrap sample.

    Parameters
    ----------
    n : int, at least 1
        Number of rows to draw from, and number of draws.
    rng : numpy.random.Generator
        Where all randomness comes from: generators in the same state draw the same sample, and the next sample of one
        generator is another.

    Returns
    -------
    array of int, of shape (n,)
        The numbers of the rows drawn, from 0 to n - 1, in any order: it may be that of the draws, or a sorted one.

    Examples
    --------
    >>> indices = bootstrap_indices(1000, np.random.default_rng(0))
    >>> indices.shape, len(np.unique(indices))
    ((1000,), 649)
    """
    raise NotImplementedError


def out_of_bag_mask(indices: np.ndarray, n: int) -> np.ndarray:
    """Say which rows a sample leaves out.

    Parameters
    ----------
    indices : array of int, of shape (n_draws,)
        The rows drawn, from 0 to n - 1, in any order and with repetitions. n_draws may differ from n, and may be 0.
    n : int, at least 1
        Number of rows that there are.

    Returns
    -------
    array of bool, of shape (n,)
        True for each row that was not drawn.

    Examples
    --------
    >>> out_of_bag_mask(np.array([3, 0, 3, 3]), 5)
    array([False,  True,  True, False,  True])
    """
    raise NotImplementedError


def oob_accuracy(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    """Return the out-of-bag accuracy of an ensemble.

    Parameters
    ----------
    votes : array of shape (n_trees, n_samples)
        The class that each tree predicts for each training row, in its bag or not. Classes are any whole numbers.
    masks : array of bool, of shape (n_trees, n_samples)
        For each tree, which rows are out of its bag.
    y : array of shape (n_samples,)
        The rows' true classes. Some may be one that no tree votes for.

    Returns
    -------
    float
        The share of right predictions among the rows that are out of bag for at least one tree. A row that is in every
        bag has no prediction: it counts neither as right nor as wrong. Where several classes have the most votes, the
        smallest of them is predicted.

    Raises
    ------
    ValueError
        If no row is out of any bag.

    Examples
    --------
    Row 0 is judged by the last two trees, which are right. Row 1 has a vote for 4 and one for 7: 4 is predicted. Row 2
    has one vote, a wrong one, and row 3 has none.

    >>> votes = np.array([[7, 4, 4, 4], [4, 7, 7, 4], [4, 7, 4, 4]])
    >>> masks = np.array([[False, True, False, False], [True, True, True, False], [True, False, False, False]])
    >>> round(oob_accuracy(votes, masks, np.array([4, 4, 4, 4])), 6)
    0.666667
    """
    raise NotImplementedError
