# candidate, par time, from the stub alone
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


def scaler(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    constant = X.min(axis=0) == X.max(axis=0)
    mean = np.where(constant, X[0], mean)
    return mean, np.where(constant, 1.0, deviation)


def run(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, folds: np.ndarray, leaky: bool) -> np.ndarray:
    X = np.asarray(X).astype(float)
    y, folds = np.asarray(y), np.asarray(folds)
    if not len(X) == len(y) == len(folds):
        raise ValueError("lengths differ")
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("need two folds or more")
    scores = []
    for k in numbers:
        test = folds == k
        mean, deviation = scaler(X if leaky else X[~test])
        Z = (X - mean) / deviation
        predict = fit(Z[~test], y[~test])
        scores.append(score(y[test], predict(Z[test])))
    return np.array(scores, dtype=float)


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
    return run(fit, score, X, y, folds, leaky=False)


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
    leaky = run(fit, score, X, y, folds, leaky=True)
    return float(leaky.mean() - cross_validate(fit, score, X, y, folds).mean())
