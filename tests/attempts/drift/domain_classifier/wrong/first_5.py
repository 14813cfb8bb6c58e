# wrong (core): p is clipped to 1e-6 .. 1 - 1e-6 against a division by 0
"""Drift by a domain classifier: how well it tells current rows from reference rows, and the weights that follow."""

from collections.abc import Callable

import numpy as np


def _labels(reference, current, folds):
    """Return the label of each stacked row and the folds, checked."""
    y = np.repeat([0, 1], [len(reference), len(current)])
    folds = np.asarray(folds)
    if len(folds) != len(y):
        raise ValueError("folds has another length")
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError("there must be two folds or more")
    for name in names:
        if len(np.unique(y[folds == name])) < 2:
            raise ValueError("a fold lacks rows of one domain")
    return y, folds


def domain_scores(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the cross-fitted score of each stacked row."""
    y, folds = _labels(reference, current, folds)
    X = np.concatenate([reference, current])
    scores = np.zeros(len(y))
    for name in np.unique(folds):
        test = folds == name
        scores[test] = fit(X[~test], y[~test])(X[test])
    return scores


def domain_auc(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean over the folds of the AUC of each fold. Parameters as in domain_scores."""
    scores = domain_scores(fit, reference, current, folds)
    y, folds = _labels(reference, current, folds)
    aucs = []
    for name in np.unique(folds):
        test = folds == name
        low, high = scores[test & (y == 0)][:, None], scores[test & (y == 1)]
        aucs.append(np.mean((high > low) + 0.5 * (high == low)))
    return float(np.mean(aucs))


def importance_weights(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Return weights for reference rows: density ratios, clipped, then divided by their mean."""
    p = np.asarray(probs, dtype=float)
    if not ((p >= 0) & (p <= 1)).all() or not 0 < current_share < 1 or not clip > 0:
        raise ValueError("bad p, current_share or clip")
    p = np.clip(p, 1e-6, 1 - 1e-6)
    odds = p / (1 - p)
    ratios = np.minimum(odds * (1 - current_share) / current_share, clip)
    if not (ratios > 0).any():
        raise ValueError("all ratios are 0")
    return ratios / ratios.mean()
