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
from functools import cache
from itertools import combinations

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
    if not len(X) == len(y) == len(folds):
        raise ValueError(f"{len(X)} rows need as many targets and folds, not {len(y)} and {len(folds)}")
    distinct = np.unique(folds)
    if len(distinct) < 2:
        raise ValueError("with only one fold, no row is left to train on")
    predictions = np.empty((len(y), len(fits)))
    for fold in distinct:
        inside = folds == fold
        for model, fit in enumerate(fits):
            predictions[inside, model] = fit(X[~inside], y[~inside])(X[inside])
    return predictions


def fit_blend(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the weights of the blend, right to 1e-6 of the largest.

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
    # The minimum is the least-squares fit of those models that have a weight: try all sets of models.
    n_models, least = predictions.shape[1], np.inf
    for size in range(n_models + 1):
        for models in map(list, combinations(range(n_models), size)):
            weights = np.linalg.lstsq(predictions[:, models], y, rcond=None)[0]  # ValueError if lengths differ
            error = np.linalg.norm(y - predictions[:, models] @ weights)
            if (weights >= 0).all() and error < least:
                best, least = np.zeros(n_models), error
                best[models] = weights
    return best


def out_of_fold_predictions_via_sorting(
    fits: list[Callable], X: np.ndarray, y: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Cut the rows, sorted by fold, into one stretch for each fold, and undo the order at the end."""
    if {len(X), len(folds)} != {len(y)}:
        raise ValueError("the lengths differ")
    order = np.argsort(folds)
    stretches = np.split(order, np.flatnonzero(np.diff(folds[order])) + 1)
    if len(stretches) == 1:
        raise ValueError("there is only one fold")
    blocks = []
    for test in stretches:
        train = np.setdiff1d(order, test)
        blocks.append(np.transpose([fit(X[train], y[train])(X[test]) for fit in fits]))
    return np.concatenate(blocks)[np.argsort(order)]


def out_of_fold_predictions_via_lists(
    fits: list[Callable], X: np.ndarray, y: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Finish one model after another, and collect its predictions row by row."""
    rows = list(zip(X, y, folds.tolist(), strict=True))
    numbers = {fold for _, _, fold in rows}
    if len(numbers) == 1:
        raise ValueError("there is only one fold")
    columns = []
    for fit in fits:
        queues = {}
        for number in numbers:
            train = [(x, target) for x, target, fold in rows if fold != number]
            predict = fit(np.array([x for x, _ in train]), np.array([target for _, target in train]))
            queues[number] = iter(predict(np.array([x for x, _, fold in rows if fold == number])))
        columns.append([next(queues[fold]) for _, _, fold in rows])
    return np.array(columns, dtype=float).T


def fit_blend_via_branching(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of the models with negative least-squares weights, at least one has the weight 0: leave out each in turn."""
    n_models = predictions.shape[1]

    @cache
    def blend(models: tuple[int, ...]) -> tuple[float, list[float]]:
        weights = np.zeros(n_models)
        weights[list(models)] = np.linalg.pinv(predictions[:, list(models)]) @ y
        negative = np.flatnonzero(weights < 0).tolist()
        if not negative:
            return float(((y - predictions @ weights) ** 2).sum()), weights.tolist()
        return min(blend(tuple(j for j in models if j != out)) for out in negative)

    return np.array(blend(tuple(range(n_models)))[1])


def fit_blend_via_active_set(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Let the model in that helps most; go towards the least-squares fit until a weight is 0, which goes out again."""
    if len(predictions) != len(y):
        raise ValueError("the lengths differ")
    n_models = predictions.shape[1]
    weights, active = np.zeros(n_models), np.zeros(n_models, dtype=bool)
    while True:
        slope = np.where(active, 0, predictions.T @ (y - predictions @ weights))
        if slope.max() <= 1e-11 * np.abs(predictions.T).sum(axis=1).max() * np.abs(y).max():
            return weights
        active[slope.argmax()] = True
        while True:
            trial = np.zeros(n_models)
            trial[active] = np.linalg.lstsq(predictions[:, active], y, rcond=None)[0]
            out = active & (trial <= 0)
            if not out.any():
                break
            shares = weights[out] / (weights[out] - trial[out])
            weights += shares.min() * (trial - weights)
            active[np.flatnonzero(out)[shares == shares.min()]] = False
            weights[~active] = 0
        weights = trial
