# wrong (core): nearly equal scores (np.isclose) count as a tie, the first wins
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- nested
"""Nested cross-validation: score a model that chooses its own hyperparameter.

The best cross-validated score of a grid search is too good, since it was used to choose. Nested cross-validation has
two loops. For each outer fold:

1. Search the grid by cross-validation on the outer training rows alone, in the inner folds.
2. Fit the winner on all outer training rows.
3. Score it on the outer test rows.

``fit(X, y, value)`` trains with one value of the hyperparameter and returns a function ``predict(X)``.
``score(y_true, y_pred)`` returns a number; higher is better.

Source: Varma and Simon, Bias in error estimation when using cross-validation for model selection (2006).

Strict
------
- ValueError if lengths differ.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Search(NamedTuple):
    """The index of the winner in the grid, and the mean score of each candidate."""

    best: int
    scores: np.ndarray


class Nested(NamedTuple):
    """The score on the test rows and the index of the winner, for each outer fold."""

    scores: np.ndarray
    best: np.ndarray


def grid_search(
    fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, grid: np.ndarray, folds: np.ndarray
) -> Search:
    """Return the candidate with the highest mean score. The first in the grid wins an exact tie.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    grid : array of shape (n_candidates,)
        Values of the hyperparameter.
    folds : array of int of shape (n_samples,)
        The fold that tests each row: any integers. All folds count the same in the mean.

    Raises
    ------
    ValueError
        If there is only one fold.

    Examples
    --------
    >>> fit = lambda X, y, value: lambda X: np.full(len(X), value * y.mean())
    >>> score = lambda y_true, y_pred: -abs(y_true - y_pred).mean()
    >>> X, y = np.zeros((3, 1)), np.array([4.0, 6.0, 2.0])
    >>> grid_search(fit, score, X, y, np.array([1.0, 0.5]), np.array([7, 7, 3]))
    Search(best=1, scores=array([-3.  , -2.25]))
    """
    X, y, grid, folds = np.asarray(X), np.asarray(y), np.asarray(grid), np.asarray(folds)
    if not len(X) == len(y) == len(folds):
        raise ValueError("lengths differ")
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("only one fold")
    table = np.empty((len(names), len(grid)))
    for i, name in enumerate(names):
        test = folds == name
        train = ~test
        for j, value in enumerate(grid):
            predict = fit(X[train], y[train], value)
            table[i, j] = score(y[test], predict(X[test]))
    scores = table.mean(axis=0)
    return Search(int(np.flatnonzero(np.isclose(scores, scores.max()))[0]), scores)


def nested_score(
    fit: Callable,
    score: Callable,
    X: np.ndarray,
    y: np.ndarray,
    grid: np.ndarray,
    outer: np.ndarray,
    inner: np.ndarray,
) -> Nested:
    """Return the scores of nested cross-validation, the outer folds in ascending order of their numbers.

    Parameters
    ----------
    outer, inner : arrays of int of shape (n_samples,)
        The outer and the inner fold of each row. Inner folds without a row among the outer training rows do not count.
        The other parameters are those of grid_search.

    Raises
    ------
    ValueError
        If there is only one outer fold, or only one inner fold among some outer training rows.

    Examples
    --------
    >>> fit = lambda X, y, value: lambda X: np.full(len(X), value * y.mean())
    >>> score = lambda y_true, y_pred: -abs(y_true - y_pred).mean()
    >>> X, y, folds = np.zeros((3, 1)), np.array([4.0, 6.0, 2.0]), np.arange(3)
    >>> nested_score(fit, score, X, y, np.array([1.0, 0.5]), outer=folds, inner=folds)
    Nested(scores=array([-2. , -4.5, -3. ]), best=array([1, 1, 0]))
    """
    X, y, grid, outer, inner = (np.asarray(a) for a in (X, y, grid, outer, inner))
    if not len(X) == len(y) == len(outer) == len(inner):
        raise ValueError("lengths differ")
    names = np.unique(outer)
    if len(names) < 2:
        raise ValueError("only one outer fold")
    scores, best = [], []
    for name in names:
        test = outer == name
        train = ~test
        winner = grid_search(fit, score, X[train], y[train], grid, inner[train]).best
        predict = fit(X[train], y[train], grid[winner])
        scores.append(score(y[test], predict(X[test])))
        best.append(winner)
    return Nested(np.array(scores, dtype=float), np.array(best))
