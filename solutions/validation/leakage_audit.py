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

import math

import numpy as np


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
    near = np.ones((len(test), len(train)), dtype=bool)
    for a, b in zip(test.T.astype(float), train.T, strict=True):
        near &= (abs(a[:, np.newaxis] - b) <= tol) | (np.isnan(a)[:, np.newaxis] & np.isnan(b))
    return np.flatnonzero(near.any(axis=1))


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
    return np.flatnonzero(np.isin(test_groups, train_groups))


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
    target = _centred_ranks(y)
    found = []
    for column in X.T:
        ranks = _centred_ranks(column)
        size = np.linalg.norm(ranks) * np.linalg.norm(target)
        found.append(size and abs(ranks @ target) >= threshold * size)
    return np.flatnonzero(found)


def _centred_ranks(values: np.ndarray) -> np.ndarray:
    """Return for each value how many are smaller, less how many are larger: twice the rank, less its mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (2 * np.cumsum(count) - count - len(values))[place]


def near_duplicates_via_loop(train: np.ndarray, test: np.ndarray, tol: float = 0.0) -> np.ndarray:
    """Compare one pair of rows at a time, in plain numbers."""

    def near(a: list[float], b: list[float]) -> bool:
        return all(abs(p - q) <= tol or (math.isnan(p) and math.isnan(q)) for p, q in zip(a, b, strict=True))

    rows = train.tolist()
    return np.flatnonzero([any(near(row, other) for other in rows) for row in test.tolist()])


def near_duplicates_via_filtering(train: np.ndarray, test: np.ndarray, tol: float = 0.0) -> np.ndarray:
    """Go through the test rows, and drop the training rows that are too far away, feature by feature."""
    found = []
    for row in test.astype(float):
        left = train
        for j, value in enumerate(row):
            column = left[:, j]
            left = left[np.isnan(column) if np.isnan(value) else np.abs(column - value) <= tol]
        found.append(len(left))
    return np.flatnonzero(found)


def shared_groups_via_set(train_groups: np.ndarray, test_groups: np.ndarray) -> np.ndarray:
    """Look each group up in the set of those in training."""
    known = set(train_groups.tolist())
    return np.flatnonzero([group in known for group in test_groups.tolist()])


def shared_groups_via_pairs(train_groups: np.ndarray, test_groups: np.ndarray) -> np.ndarray:
    """Compare all pairs of rows."""
    return np.unique(np.nonzero(test_groups[:, np.newaxis] == train_groups)[0])


def late_rows_via_pairs(train_time: np.ndarray, test_time: np.ndarray, horizon: float = 0.0) -> np.ndarray:
    """Look for a test row that is not after the target is known."""
    known = np.add.outer(train_time, np.full(len(test_time), horizon))
    return np.flatnonzero((known >= test_time).any(axis=1))


def late_rows_via_sorting(train_time: np.ndarray, test_time: np.ndarray, horizon: float = 0.0) -> np.ndarray:
    """Sort the times at which targets are known, and cut at the first test time."""
    known = train_time + horizon
    order = np.argsort(known)
    return np.sort(order[np.searchsorted(known[order], min(test_time)) :])


def leaking_features_via_counting(X: np.ndarray, y: np.ndarray, threshold: float = 0.95) -> np.ndarray:
    """Count the smaller and the equal values of each, and ask NumPy for the correlation."""

    def ranks(values: list[float]) -> list[float]:
        ordered = sorted(values)
        return [ordered.index(value) + ordered.count(value) / 2 for value in values]

    target = ranks(y.tolist())
    # That of a constant feature is 0 / 0, NaN, which is not above any threshold.
    with np.errstate(invalid="ignore"):
        found = [np.corrcoef(ranks(column), target)[0, 1] for column in X.T.tolist()]
    return np.flatnonzero(np.abs(found) >= threshold)


def leaking_features_via_pairs(X: np.ndarray, y: np.ndarray, threshold: float = 0.95) -> np.ndarray:
    """Correlate the signs of differences, summed for each sample: that is a rank, too."""
    table = np.column_stack([X, y]).astype(float)
    ranks = np.sign(table[:, np.newaxis] - table).sum(axis=1)
    products = ranks.T @ ranks
    size = np.sqrt(np.diag(products))[:-1] * np.sqrt(products[-1, -1])
    return np.flatnonzero((np.abs(products[-1, :-1]) >= threshold * size) & size.astype(bool))
