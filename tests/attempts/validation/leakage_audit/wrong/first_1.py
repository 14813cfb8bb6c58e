# wrong (core): near_duplicates compares by np.isclose with its default rtol of 1e-5
"""Find leakage: rows and features that tell a model what it could not know in use.

Leakage makes the test score too good. Four kinds can be found in the data:

- test rows that repeat a training row, exactly or nearly;
- test rows of a group (a user, a patient) that is in training, too;
- training rows whose target was known only when the test had begun;
- features that are the target in disguise.

Each function returns indices in rising order: an array of int, which may be empty.

Source: Kaufman, Rosset, Perlich and Stitelman, Leakage in Data Mining: Formulation, Detection, and Avoidance (2012).

Strict
------
- NaN equals NaN in near_duplicates, and no number.
- Groups may be strings. Other arrays may hold integers of any type.
"""

import numpy as np


def _ranks(v):
    """Ranks from 1; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(v, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse.ravel()]


def near_duplicates(train: np.ndarray, test: np.ndarray, tol: float = 0.0) -> np.ndarray:
    """Return the test rows that differ from some training row by at most tol in every feature.

    Parameters
    ----------
    train, test : arrays of shape (n_train, n_features) and (n_test, n_features)
    tol : float
        Inclusive.

    Examples
    --------
    >>> train, test = np.array([[1.0, 5.0], [3.0, 8.0]]), np.array([[1.0, 8.0], [1.5, 4.5]])
    >>> near_duplicates(train, test, tol=0.5)
    array([1])
    """
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    hits = []
    for i, row in enumerate(test):
        close = np.isclose(train, row, atol=tol, equal_nan=True)
        if close.all(axis=1).any():
            hits.append(i)
    return np.array(hits, dtype=int)


def shared_groups(train_groups: np.ndarray, test_groups: np.ndarray) -> np.ndarray:
    """Return the test rows whose group has a row in training.

    Parameters
    ----------
    train_groups, test_groups : arrays of shape (n_train,) and (n_test,)
        The group of each row: any integers.

    Examples
    --------
    >>> shared_groups(np.array([7, 3, 7]), np.array([7, 4, 3, 7]))
    array([0, 2, 3])
    """
    train_groups, test_groups = np.asarray(train_groups), np.asarray(test_groups)
    seen = set(train_groups.tolist())
    return np.array([i for i, g in enumerate(test_groups.tolist()) if g in seen], dtype=int)


def late_rows(train_time: np.ndarray, test_time: np.ndarray, horizon: float = 0.0) -> np.ndarray:
    """Return the training rows whose target is not known before the first test row.

    Parameters
    ----------
    train_time, test_time : arrays of shape (n_train,) and (n_test,)
        When the features of each row are known, in any order.
    horizon : float
        The target of a row at time t is known at t + horizon. That has to be before the earliest test time; the same
        time is late.

    Examples
    --------
    >>> late_rows(np.array([1.0, 4.0, 2.0, 9.0]), np.array([6.0, 5.0]), horizon=3.0)
    array([1, 2, 3])
    """
    train_time, test_time = np.asarray(train_time, dtype=float), np.asarray(test_time, dtype=float)
    return np.flatnonzero(train_time + horizon >= test_time.min())


def leaking_features(X: np.ndarray, y: np.ndarray, threshold: float = 0.95) -> np.ndarray:
    """Return the features whose rank correlation with the target is at least the threshold, up to its sign.

    It is Spearman's: Pearson's correlation of the ranks, where equal values share the mean of their ranks.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        A constant feature does not leak.
    y : array of shape (n_samples,)
        Not constant.
    threshold : float
        Between 0 and 1, both exclusive.

    Examples
    --------
    >>> X = np.array([[9.0, 1.0], [4.0, 3.0], [1.0, 1.0], [0.0, 2.0]])
    >>> leaking_features(X, np.array([1.0, 2.0, 3.0, 4.0]))
    array([0])
    """
    X, y = np.asarray(X), np.asarray(y)
    n = len(y)
    ry = _ranks(y) - (n + 1) / 2
    leaking = []
    for j in range(X.shape[1]):
        rx = _ranks(X[:, j]) - (n + 1) / 2
        sxx = rx @ rx
        if sxx == 0:
            continue
        rho = (rx @ ry) / np.sqrt(sxx * (ry @ ry))
        if abs(rho) >= threshold:
            leaking.append(j)
    return np.array(leaking, dtype=int)
