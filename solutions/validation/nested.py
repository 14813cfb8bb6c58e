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
    if not len(X) == len(y) == len(folds):
        raise ValueError(f"{len(X)} rows, {len(y)} targets and {len(folds)} folds differ")
    distinct = np.unique(folds)
    if len(distinct) < 2:
        raise ValueError("two folds at least are needed, so that rows are left to train on")
    scores = [[_held_out(fit, score, X, y, value, folds == fold) for fold in distinct] for value in grid]
    means = np.mean(scores, axis=1)
    return Search(int(np.argmax(means)), means)


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
    if not len(X) == len(y) == len(outer) == len(inner):
        raise ValueError(f"{len(X)} rows, {len(y)} targets, {len(outer)} outer and {len(inner)} inner folds differ")
    scores, best = [], []
    for fold in np.unique(outer):
        test = outer == fold
        winner = grid_search(fit, score, X[~test], y[~test], grid, inner[~test]).best
        scores.append(_held_out(fit, score, X, y, grid[winner], test))
        best.append(winner)
    return Nested(np.array(scores), np.array(best))


def _held_out(fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, value: float, test: np.ndarray) -> float:
    """Return the score on the test rows of a model that was trained on the others."""
    return score(y[test], fit(X[~test], y[~test], value)(X[test]))


def grid_search_via_sorting(
    fit: Callable, score: Callable, X: np.ndarray, y: np.ndarray, grid: np.ndarray, folds: np.ndarray
) -> Search:
    """Cut the rows, sorted by fold, into one stretch a fold, and add up the scores of one stretch after another."""
    order = np.argsort(folds)
    stretches = np.split(order, np.flatnonzero(np.diff(folds[order])) + 1)
    if len(stretches) < 2 or {len(X), len(folds)} != {len(y)}:
        raise ValueError("one fold only, or lengths that differ")
    totals = np.zeros(len(grid))
    for test in stretches:
        train = np.setdiff1d(order, test)
        for candidate, value in enumerate(grid):
            totals[candidate] += score(y[test], fit(X[train], y[train], value)(X[test]))
    return Search(int(totals.argmax()), totals / len(stretches))


def nested_score_via_lists(
    fit: Callable,
    score: Callable,
    X: np.ndarray,
    y: np.ndarray,
    grid: np.ndarray,
    outer: np.ndarray,
    inner: np.ndarray,
) -> Nested:
    """Write both loops out, with lists of rows, and look for the winner on the way."""
    if not len(X) == len(y) == len(outer) == len(inner):
        raise ValueError("lengths that differ")
    folds, scores, best = np.column_stack([outer, inner]).tolist(), [], []

    def scored(value: float, train: list[int], test: list[int]) -> float:
        return score(y[test], fit(X[train], y[train], value)(X[test]))

    for number in sorted(set(outer.tolist())):
        train = [row for row, (one, _) in enumerate(folds) if one != number]
        parts = [[row for row in train if folds[row][1] == part] for part in set(inner[train].tolist())]
        if len(parts) < 2:
            raise ValueError("one inner fold at most")
        highest = -np.inf
        for candidate, value in enumerate(grid):
            total = sum(scored(value, [row for row in train if row not in part], part) for part in parts)
            if total > highest:
                highest, winner = total, candidate
        scores.append(scored(grid[winner], train, [row for row in range(len(y)) if row not in train]))
        best.append(winner)
    return Nested(np.array(scores), np.array(best))
