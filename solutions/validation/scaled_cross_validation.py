"""Cross-validation with scaling inside the folds, and what scaling outside of them changes.

Whatever is fitted to data is part of the model, the scaler too. So for each fold:

1. Compute the mean and the standard deviation of each feature on the training rows. Divide by n, not by n - 1.
2. Standardise with these numbers, training rows and test rows alike: z = (x - mean) / deviation.
3. Train on the training rows, predict the test rows, and score.

A feature that is constant among the training rows has no scale: use 1 for its deviation.

``fit(X, y)`` trains and returns a function ``predict(X)``. ``score(y_true, y_pred)`` returns a number. Targets are
never scaled.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 7.10.2.

Strict
------
- Constant means that all values are equal, even if rounding gives them a deviation above 0.
- Features may lie a million deviations from zero.
- X may hold integers.
- ValueError if lengths differ.
"""

from collections.abc import Callable

import numpy as np


def cross_validate(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the score of each fold, in ascending order of their numbers.

    Parameters
    ----------
    fit, score : functions
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    folds : array of int of shape (n_samples,)
        The fold that tests each row: any integers.

    Raises
    ------
    ValueError
        If there is only one fold.

    Examples
    --------
    Trained on 10 and 14, the test rows are -5.5 and -4.5. Trained on 1 and 3, they are 8 and 12.

    >>> fit, score = lambda X, y: lambda X: X[:, 0], lambda y_true, y_pred: y_pred.sum()
    >>> X = np.array([[1.0], [3.0], [10.0], [14.0]])
    >>> cross_validate(fit, score, X, np.zeros(4), np.array([0, 0, 1, 1]))
    array([-10.,  20.])
    """
    if not len(X) == len(y) == len(folds):
        raise ValueError(f"{len(X)} rows, {len(y)} targets and {len(folds)} folds differ")
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("with only one fold, no row is left to train on")
    scores = []
    for number in numbers:
        test = folds == number
        mean, scale = _scaler(X[~test])
        predict = fit((X[~test] - mean) / scale, y[~test])
        scores.append(score(y[test], predict((X[test] - mean) / scale)))
    return np.array(scores)


def scaling_leak(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean score of the leaky way minus the mean score of cross_validate.

    The leaky way computes mean and deviation once, on all rows, and standardises them before the folds. Nothing else
    differs. Every fold counts the same in a mean. The parameters are those of cross_validate.

    Examples
    --------
    With the data above, the sums of the leaky way are -1.9 and 1.9.

    >>> fit, score = lambda X, y: lambda X: X[:, 0], lambda y_true, y_pred: y_pred.sum()
    >>> X = np.array([[1.0], [3.0], [10.0], [14.0]])
    >>> round(scaling_leak(fit, score, X, np.zeros(4), np.array([0, 0, 1, 1])), 9)
    -5.0
    """
    inside = cross_validate(fit, score, X, y, folds)
    mean, scale = _scaler(X)
    Z = (X - mean) / scale
    outside = [score(y[test], fit(Z[~test], y[~test])(Z[test])) for test in (folds == number for number in set(folds))]
    return float(np.mean(outside) - np.mean(inside))


def _scaler(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the scale of each column."""
    return X.mean(axis=0), np.where((X[:1] == X).all(axis=0), 1.0, X.std(axis=0))


def cross_validate_via_pipeline(
    fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Cross-validate a model that scales by itself, so that the loop sees nothing of it."""
    return _plain(_scaling(fit), score, X, y, folds)


def scaling_leak_via_pipeline(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> float:
    """Cross-validate the plain model on rows that a scaler of all rows has seen, and the model that scales."""
    Z = _scaling(lambda *_: lambda rows: rows)(X, y)(X)
    leaky, honest = _plain(fit, score, Z, y, folds), _plain(_scaling(fit), score, X, y, folds)
    return float(sum(leaky - honest) / len(honest))


def _scaling(fit: Callable) -> Callable:
    """Return a fit that scales before it trains, and whose predictions scale first."""

    def fit_scaled(X: np.ndarray, y: np.ndarray) -> Callable:
        centre, scales = X.sum(axis=0) / len(X), []
        for column, middle in zip(X.T, centre, strict=True):
            varies = len(set(column.tolist())) > 1
            scales.append(np.sqrt(sum((column - middle) ** 2) / len(column)) if varies else 1.0)
        predict = fit((X - centre) / scales, y)
        return lambda rows: predict((rows - centre) / scales)

    return fit_scaled


def _plain(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    if len(X) != len(y) or len(y) != len(folds) or len(set(folds.tolist())) < 2:
        raise ValueError("one fold, or lengths that differ")
    scores = []
    for number in np.unique(folds):
        train, test = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        scores.append(score(y[test], fit(X[train], y[train])(X[test])))
    return np.array(scores)
