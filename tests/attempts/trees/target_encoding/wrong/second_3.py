# wrong (core): the encoding is clipped to [0, 1], as if targets were always 0 and 1
"""Target encoding: replace each category by the mean target of its rows, shrunk towards the mean of all rows.

For a category with n_c training rows, whose targets add up to s_c,

    encoding_c = (s_c + smoothing * prior) / (n_c + smoothing)

where the prior is the mean target of all training rows. A category without a training row gets the prior.

A row must not see its own target. So the training rows themselves are encoded out of fold: the rows of one fold take
the rows of all other folds for their training rows. Counts, sums and the prior come from those alone.

Source: Micci-Barreca, A preprocessing scheme for high-cardinality categorical attributes (2001).

Strict
------
- ValueError if lengths differ or smoothing < 0.
"""

import numpy as np


def target_encode(train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float) -> np.ndarray:
    """Return the encoding of each of the categories, as for new rows.

    Parameters
    ----------
    train_categories : array of shape (n_train,)
        Integers or strings, in any order.
    y : array of shape (n_train,)
        The targets: any numbers, for example 0 and 1.
    categories : array of shape (n,)
        Some may be unseen in training.
    smoothing : float
        At least 0.

    Examples
    --------
    >>> train, y = np.array(["a", "a", "a", "b"]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> target_encode(train, y, np.array(["b", "a", "z"]), smoothing=1.0)
    array([0.75 , 0.375, 0.5  ])
    """
    c = np.asarray(train_categories)
    y = np.asarray(y, dtype=float)
    new = np.asarray(categories)
    if len(c) != len(y):
        raise ValueError("lengths differ")
    if smoothing < 0:
        raise ValueError("smoothing < 0")
    prior = y.mean()
    out = np.full(len(new), prior)
    for v in np.unique(new):
        rows = c == v
        n = rows.sum()
        if n:
            out[new == v] = (y[rows].sum() + smoothing * prior) / (n + smoothing)
    return np.clip(out, 0.0, 1.0)


def target_encode_out_of_fold(categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float) -> np.ndarray:
    """Return the encoding of each training row, from the rows of the other folds.

    Parameters
    ----------
    categories, y : arrays of shape (n_train,)
        As in target_encode.
    folds : array of int of shape (n_train,)
        The fold of each row: any integers, not only 0, 1, 2, ...
    smoothing : float

    Raises
    ------
    ValueError
        If there is only one fold.

    Examples
    --------
    The prior is 0.5 for rows 0 and 2, and 1 for rows 1 and 3.

    >>> categories, y = np.array(["a", "a", "b", "b"]), np.array([1.0, 0.0, 1.0, 1.0])
    >>> target_encode_out_of_fold(categories, y, np.array([0, 1, 0, 1]), smoothing=1.0)
    array([0.25, 1.  , 0.75, 1.  ])
    """
    c = np.asarray(categories)
    y = np.asarray(y, dtype=float)
    folds = np.asarray(folds)
    if not len(c) == len(y) == len(folds):
        raise ValueError("lengths differ")
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("only one fold")
    out = np.empty(len(y))
    for f in names:
        held = folds == f
        out[held] = target_encode(c[~held], y[~held], c[held], smoothing)
    return out
