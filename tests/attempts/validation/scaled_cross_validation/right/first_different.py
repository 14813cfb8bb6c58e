# different style; both bars
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

import math
from dataclasses import dataclass
from collections.abc import Callable

import numpy as np


@dataclass
class _Moments:
    """What is known of one feature in some rows: enough to merge with that of other rows."""

    n: int
    mean: float
    squares: float  # the sum of squared deviations from the mean
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> "_Moments":
        low, high = min(values), max(values)
        if low == high:
            return cls(len(values), low, 0.0, low, high)
        mean = low + math.fsum(value - low for value in values) / len(values)
        return cls(len(values), mean, math.fsum((value - mean) ** 2 for value in values), low, high)

    @classmethod
    def merged(cls, parts: list["_Moments"]) -> "_Moments":
        n = sum(part.n for part in parts)
        low, high = min(part.low for part in parts), max(part.high for part in parts)
        mean = low + math.fsum(part.n * (part.mean - low) for part in parts) / n
        squares = math.fsum(part.squares + part.n * (part.mean - mean) ** 2 for part in parts)
        return cls(n, mean, squares, low, high)

    def scale(self) -> tuple[float, float]:
        if self.low == self.high:
            return self.low, 1.0
        return self.mean, math.sqrt(self.squares / self.n)


def _scores(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray, leaky: bool) -> np.ndarray:
    X, y, folds = np.asarray(X).astype(float), np.asarray(y), np.asarray(folds)
    if not len(X) == len(y) == len(folds):
        raise ValueError("Lengths differ.")
    rows: dict[int, list[int]] = {}
    for i, fold in enumerate(folds.tolist()):
        rows.setdefault(fold, []).append(i)
    if len(rows) < 2:
        raise ValueError("There is only one fold.")
    moments = {fold: [_Moments.of(column) for column in X[at].T.tolist()] for fold, at in rows.items()}
    result = []
    for fold in sorted(rows):
        used = [moments[other] for other in rows if leaky or other != fold]
        scales = [_Moments.merged([parts[j] for parts in used]).scale() for j in range(X.shape[1])]
        mean, deviation = np.array(scales, dtype=float).reshape(-1, 2).T
        train = sorted(i for other, at in rows.items() if other != fold for i in at)
        test = rows[fold]
        predict = fit((X[train] - mean) / deviation, y[train])
        result.append(float(score(y[test], predict((X[test] - mean) / deviation))))
    return np.array(result)


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
    return _scores(fit, score, X, y, folds, leaky=False)


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
    leaky, honest = (_scores(fit, score, X, y, folds, way) for way in (True, False))
    return float(leaky.mean() - honest.mean())
