"""Drift by a domain classifier: how well it tells current rows from reference rows, and the weights that follow.

Stack the reference rows, labelled 0, and the current rows, labelled 1. On its own training rows a model finds
differences where there are none, so cross-fit: a score comes from a model of all rows of the other folds.

``fit(X, y)`` trains and returns ``predict(X)``, which returns a score for each row. ``folds`` has the fold of each
stacked row, reference rows first, by any numbers. ValueError if there is only one fold or a fold lacks rows of one
domain.

Sources: Lopez-Paz and Oquab, Revisiting classifier two-sample tests (2017); Bickel, Brückner and Scheffer,
Discriminative learning under covariate shift (2009).

Strict
------
- ValueError if folds has another length.
"""

from collections.abc import Callable

import numpy as np


def domain_scores(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the cross-fitted score of each stacked row.

    Parameters
    ----------
    fit : function
    reference, current : arrays of shapes (n_reference, n_features) and (n_current, n_features)
    folds : array of int

    Examples
    --------
    >>> fit = lambda X, y: lambda X_new: X_new[:, 0] + 100 * X[y == 1].mean()
    >>> reference, current = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
    >>> domain_scores(fit, reference, current, folds=np.array([7, 5, 5, 7]))
    array([301., 402., 403., 304.])
    """
    X, y = np.concatenate([reference, current]), np.repeat([0, 1], [len(reference), len(current)])
    scores = np.empty(len(X))
    for fold in _numbers(y, folds):
        test = folds == fold
        scores[test] = fit(X[~test], y[~test])(X[test])
    return scores


def domain_auc(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean over the folds of the AUC of each fold. Parameters as in domain_scores.

    The AUC of a fold is the share of its pairs of a reference row and a current row in which the current row has the
    higher score. A tie counts 1/2. All folds count the same.

    Examples
    --------
    >>> fit = lambda X, y: lambda X_new: X_new[:, 0]
    >>> reference, current = np.array([[1.0], [2.0], [5.0]]), np.array([[3.0], [4.0], [5.0]])
    >>> domain_auc(fit, reference, current, folds=np.array([0, 0, 1, 0, 1, 1]))  # the mean of 1 and 1/4
    0.625
    """
    scores, n = domain_scores(fit, reference, current, folds), len(reference)
    areas = []
    for fold in np.unique(folds):
        old, new = scores[:n][folds[:n] == fold, None], scores[n:][folds[n:] == fold]
        areas.append(((new > old) + 0.5 * (new == old)).mean())
    return float(np.mean(areas))


def importance_weights(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Return weights for reference rows: density ratios, clipped, then divided by their mean.

        ratio = p / (1 - p) * (1 - current_share) / current_share          p: P(current | row)

    Parameters
    ----------
    probs : array of shape (n_reference,)
        p of each row, from 0 to 1.
    current_share : float
        The share of current rows in training.
    clip : float
        The largest ratio, also for p = 1.

    Strict
    ------
    - ValueError if p is outside of [0, 1], current_share outside of (0, 1), clip not positive, or all ratios 0.

    Examples
    --------
    >>> importance_weights(np.array([0.5, 0.8, 1.0]), current_share=0.8, clip=2.5)  # the ratios are 1/4, 1 and inf
    array([0.2, 0.8, 2. ])
    """
    _check(probs, current_share, clip)
    with np.errstate(divide="ignore"):  # infinite odds are clipped
        odds = probs / (1 - probs)
    ratios = np.minimum(odds * (1 - current_share) / current_share, clip)
    if not ratios.any():
        raise ValueError("no reference row looks like current: all ratios are 0")
    return ratios / ratios.mean()


def _numbers(y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the distinct folds in ascending order."""
    if len(folds) != len(y):
        raise ValueError(f"{len(y)} rows have {len(folds)} folds")
    numbers = np.unique(folds)
    if len(numbers) < 2:
        raise ValueError("with fewer than two folds, no row is left to train on")
    if not np.array_equal(np.unique(folds[y == 0]), np.unique(folds[y == 1])):
        raise ValueError("a fold has rows of one domain alone")
    return numbers


def _check(probs: np.ndarray, current_share: float, clip: float) -> None:
    if not ((probs >= 0) & (probs <= 1)).all():
        raise ValueError("a probability is outside of [0, 1]")
    if not 0 < current_share < 1:
        raise ValueError(f"the share of current is {current_share}, not between 0 and 1")
    if not clip > 0:
        raise ValueError(f"clip is {clip}, not above 0")


def domain_scores_via_rows(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Keep a model for each fold, and ask it for one row after another."""
    rows = [(row, 0) for row in reference] + [(row, 1) for row in current]
    _numbers(np.array([label for _, label in rows]), folds)
    models = {}
    for fold in set(folds.tolist()):
        X, y = zip(*[pair for pair, other in zip(rows, folds, strict=True) if other != fold], strict=True)
        models[fold] = fit(np.array(X), np.array(y))
    return np.array([models[fold](row[None]).item() for (row, _), fold in zip(rows, folds.tolist(), strict=True)])


def domain_scores_via_each_domain(
    fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Split each domain by itself, and put the scores together in the end."""
    n = len(reference)
    numbers = _numbers(np.append(np.zeros(n), np.ones(len(current))), folds)
    parts = [(reference, folds[:n]), (current, folds[n:])]
    scores = [[0.0] * len(rows) for rows, _ in parts]
    for fold in numbers:
        train = [rows[places != fold] for rows, places in parts]
        predict = fit(np.vstack(train), np.append(np.zeros(len(train[0])), np.ones(len(train[1]))))
        for (rows, places), found in zip(parts, scores, strict=True):
            for place, score in zip(np.flatnonzero(places == fold), predict(rows[places == fold]), strict=True):
                found[place] = float(score)
    return np.array(scores[0] + scores[1])


def domain_auc_via_ranks(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Sum the ranks of current in each fold, the mean rank for ties."""
    scores = domain_scores(fit, reference, current, folds)
    is_new = np.arange(len(scores)) >= len(reference)
    total, numbers = 0.0, np.unique(folds)
    for fold in numbers:
        _, place, counts = np.unique(scores[folds == fold], return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
        new = is_new[folds == fold]
        n_new = new.sum()
        total += (ranks[new].sum() - n_new * (n_new + 1) / 2) / (n_new * (len(new) - n_new))
    return float(total / len(numbers))


def domain_auc_via_bisection(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Look up in the sorted reference scores of a fold how many are below each current score."""
    scores = domain_scores(fit, reference, current, folds)
    old, new = np.split(scores, [len(reference)])
    areas = {}
    for fold in set(folds.tolist()):
        ranked = np.sort(old[folds[: len(old)] == fold])
        ours = new[folds[len(old) :] == fold]
        below = np.searchsorted(ranked, ours, side="left") + np.searchsorted(ranked, ours, side="right")
        areas[fold] = below.sum() / (2 * len(ranked) * len(ours))
    return float(sum(areas.values()) / len(areas))


def importance_weights_via_loop(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Go row by row, in plain Python."""
    _check(probs, current_share, clip)
    prior_odds = current_share / (1 - current_share)
    ratios = [min(p / (1 - p) / prior_odds, clip) if p < 1 else clip for p in probs.tolist()]
    total = sum(ratios)
    if total == 0:
        raise ValueError("no reference row looks like current: all ratios are 0")
    return np.array([ratio * len(ratios) / total for ratio in ratios])


def importance_weights_via_inverse(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Multiply p by 1 / (1 - p), for which clip gives an upper end."""
    _check(probs, current_share, clip)
    prior_odds = current_share / (1 - current_share)
    top = 1 + clip * prior_odds
    inverse = np.array([1 / (1 - p) if (1 - p) * top > 1 else top for p in probs])
    ratios = np.where(inverse == top, clip, probs * inverse / prior_odds)
    if (ratios == 0).all():
        raise ValueError("no reference row looks like current: all ratios are 0")
    return ratios / (ratios.sum() / len(ratios))
