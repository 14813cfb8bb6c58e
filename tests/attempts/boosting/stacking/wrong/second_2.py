# wrong (core): folds are taken to be numbered from 0, so rows of a fold with a negative number keep a prediction of 0
"""Stacking: combine several models, with weights learnt on predictions for rows that they have not seen.

Out of fold: to predict the rows of one fold, each model is trained on the rows of all other folds. So no row is
predicted by a model that was trained on it.

The blend of m models is the weighted sum of their predictions, sum_j w_j p_j. The weights minimise the squared error

    sum_i (y_i - sum_j w_j p_ij)^2        subject to        w_j >= 0 for all j

There is no intercept, and the weights need not sum to 1. The least-squares weights with the negative ones set to 0 are
not the minimum.

Source: Wolpert, Stacked generalization (1992); Breiman, Stacked regressions (1996).

Strict
------
- ValueError if X, y and folds, or predictions and y, differ in length.
- fit_blend: two models may be equal, and one may predict 0 everywhere. Then any weights of the smallest error will do.
- Each fit is called exactly once for each fold.
"""

from collections.abc import Callable

import numpy as np


def out_of_fold_predictions(fits: list[Callable], X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the prediction of each model for each row, out of fold.

    Parameters
    ----------
    fits : list of functions
        One for each model. ``fit(X, y)`` trains on some rows and returns a function ``predict(X)``, which returns an
        array of shape (n_rows,).
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    folds : array of int of shape (n_samples,)
        The fold of each row: any integers, not only 0, 1, 2, ...

    Returns
    -------
    array of shape (n_samples, n_models)

    Raises
    ------
    ValueError
        If there is only one fold.

    Examples
    --------
    The model predicts the mean of its training targets.

    >>> fits = [lambda X, y: lambda X: np.full(len(X), y.mean())]
    >>> X, y = np.zeros((4, 1)), np.array([0.0, 8.0, 2.0, 4.0])
    >>> out_of_fold_predictions(fits, X, y, np.array([0, 1, 0, 0]))
    array([[8.],
           [2.],
           [8.],
           [8.]])
    """
    X = np.asarray(X)
    y = np.asarray(y)
    folds = np.asarray(folds)
    if not len(X) == len(y) == len(folds):
        raise ValueError("lengths differ")
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("at least two folds")
    out = np.zeros((len(X), len(fits)))
    for name in range(folds.max() + 1):
        if not np.any(folds == name):
            continue
        test = folds == name
        for j, fit in enumerate(fits):
            out[test, j] = fit(X[~test], y[~test])(X[test])
    return out


def fit_blend(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the weights of the blend, right to 1e-6.

    Parameters
    ----------
    predictions : array of shape (n_samples, n_models)
        At most 8 models.
    y : array of shape (n_samples,)

    Examples
    --------
    Without the constraint the weights would be 2 and -1.

    >>> fit_blend(np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 0.0]))
    array([0.5, 0. ])
    """
    P = np.asarray(predictions, dtype=float)
    y = np.asarray(y, dtype=float)
    if len(P) != len(y):
        raise ValueError("lengths differ")
    m = P.shape[1]
    best = np.zeros(m)
    best_error = y @ y
    for mask in range(1, 2**m):
        use = [j for j in range(m) if mask >> j & 1]
        w = np.linalg.lstsq(P[:, use], y, rcond=None)[0]
        if np.any(w < 0):
            continue
        error = ((y - P[:, use] @ w) ** 2).sum()
        if error < best_error:
            best_error = error
            best = np.zeros(m)
            best[use] = w
    return best
