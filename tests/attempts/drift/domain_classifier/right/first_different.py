# different style; both bars
"""Drift by a domain classifier: how well it tells current rows from reference rows, and the weights that follow."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np


def _groups(n_reference, n_current, folds):
    """Stacked indices by fold, as {fold: (reference rows, current rows)}."""
    names = np.asarray(folds).ravel().tolist()
    if len(names) != n_reference + n_current:
        raise ValueError("folds has another length")
    groups = {}
    for i, name in enumerate(names):
        groups.setdefault(name, ([], []))[i >= n_reference].append(i)
    if len(groups) < 2 or not all(low and high for low, high in groups.values()):
        raise ValueError("two folds at least, each with rows of both domains")
    return groups


def _score_groups(fit, reference, current, folds):
    """Yield the rows and scores of each fold: reference rows, then current ones, or in order of the stack."""
    reference, current = np.asarray(reference), np.asarray(current)
    groups = _groups(len(reference), len(current), folds)
    X = np.vstack([reference, current])
    y = (np.arange(len(X)) >= len(reference)).astype(int)
    for low, high in groups.values():
        held = low + high  # ascending: all reference rows come first
        train = np.delete(np.arange(len(X)), held)
        predict = fit(X[train], y[train])
        yield low, high, np.asarray(predict(X[held])).reshape(len(held)).tolist()


def domain_scores(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the cross-fitted score of each stacked row."""
    found = {}
    for low, high, scores in _score_groups(fit, reference, current, folds):
        found.update(zip(low + high, scores))
    return np.array([found[i] for i in range(len(found))], dtype=np.float64)


def domain_auc(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean over the folds of the AUC of each fold. Parameters as in domain_scores."""
    aucs = []
    for low, high, scores in _score_groups(fit, reference, current, folds):
        below = sorted(scores[: len(low)])
        # twice the wins: rows below, and rows below or level
        wins = sum(bisect_left(below, s) + bisect_right(below, s) for s in scores[len(low) :])
        aucs.append(wins / (2 * len(low) * len(high)))
    return math.fsum(aucs) / len(aucs)


def importance_weights(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Return weights for reference rows: density ratios, clipped, then divided by their mean."""
    if not 0 < current_share < 1 or not clip > 0:
        raise ValueError("bad current_share or clip")
    ratios = []
    for p in np.asarray(probs).tolist():
        if not 0 <= p <= 1:
            raise ValueError("p must be from 0 to 1")
        ratios.append(clip if p == 1 else min(clip, p / (1 - p) * ((1 - current_share) / current_share)))
    total = math.fsum(ratios)
    if not total > 0:
        raise ValueError("all ratios are 0")
    return np.array([ratio * len(ratios) / total for ratio in ratios])
