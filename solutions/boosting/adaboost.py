"""AdaBoost: a weighted vote of decision stumps.

A stump asks a question about one feature and answers with a label. Labels and polarities are -1 or 1:

    h(x) = polarity if x[feature] > threshold else -polarity

Each sample has a weight, at first 1/n. A round takes the stump with the lowest error and updates the weights:

    error = sum of the weights of all samples with h(x_i) != y_i
    alpha = log((1 - error) / error) / 2
    w_i  <- w_i * exp(-alpha * y_i * h(x_i)), then divided by the sum of all w

The prediction is the sign of sum_t alpha_t * h_t(x).

Sources: Freund and Schapire (1997), section 4; Schapire and Singer (1999) for this form of alpha.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    """The stumps in the order of their rounds: four arrays with one entry for each stump. features holds integers."""

    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def fit_adaboost(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Fit an ensemble of stumps.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        -1 or 1.
    n_rounds : int
        At least 1.

    Returns
    -------
    Ensemble
        A threshold is -inf, which gives all samples one label, or the midpoint of two neighbouring distinct values.
        A tie goes to the lower feature, then to the lower threshold.

        A stump without error is taken with alpha = 1 and ends the fit. A lowest error of 1/2 also ends the fit, and
        that stump is not taken. So there may be fewer stumps than n_rounds.

    Strict
    ------
    - Errors within 1e-9 of each other are ties, and an error within 1e-9 of 1/2 is 1/2.
    - predict takes an Ensemble without stumps as it is returned here.
    - ValueError if a label is not -1 or 1.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([-1, -1, 1, -1, 1])
    >>> ensemble = fit_adaboost(X, y, n_rounds=2)
    >>> ensemble.thresholds, ensemble.polarities, ensemble.alphas.round(6)
    (array([2.5, 4.5]), array([1., 1.]), array([0.693147, 0.972955]))
    """
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("y has a label that is neither -1 nor 1")
    order = np.argsort(X, axis=0)
    values = np.take_along_axis(X, order, axis=0)
    lower = np.vstack([np.full(X.shape[1], -np.inf), values[:-1]])
    # The candidates, by feature and by threshold; n_left samples are not above one.
    features, n_left = np.nonzero((lower < values).T)
    thresholds = (lower / 2 + values / 2)[n_left, features]
    weights = np.full(len(y), 1 / len(y))
    stumps = []
    for _ in range(n_rounds):
        # A stump of polarity 1 is wrong about the positives on its left and the negatives on its right.
        signed = (weights * y)[order]
        on_left = np.cumsum(signed, axis=0) - signed
        rising = weights[y == -1].sum() + on_left[n_left, features]
        errors = np.column_stack([rising, 1 - rising])
        lowest = errors.min()
        if lowest > 0.5 - 1e-9:
            break
        candidate, falling = np.argwhere(errors < lowest + 1e-9)[0]
        feature, threshold, polarity = features[candidate], thresholds[candidate], 1 - 2 * falling
        right = np.where(X[:, feature] > threshold, polarity, -polarity) == y
        if right.all():
            stumps.append((feature, threshold, polarity, 1.0))
            break
        error = weights[~right].sum()
        alpha = np.log((1 - error) / error) / 2
        stumps.append((feature, threshold, polarity, alpha))
        weights = weights * np.exp(np.where(right, -alpha, alpha))
        weights /= weights.sum()
    table = np.array(stumps).reshape(-1, 4)
    return Ensemble(table[:, 0].astype(int), *table[:, 1:].T)


def predict(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    """Return the label of each sample, 1 if the sum is 0. The ensemble may have no stumps.

    Examples
    --------
    >>> ensemble = Ensemble(np.array([0, 1]), np.array([2.5, 0.0]), np.array([1, -1]), np.array([0.7, 0.2]))
    >>> predict(ensemble, np.array([[1.0, 3.0], [2.5, -3.0], [3.0, 3.0]]))
    array([-1, -1,  1])
    """
    votes = np.where(X[:, ensemble.features] > ensemble.thresholds, ensemble.polarities, -ensemble.polarities)
    return np.where(votes @ ensemble.alphas >= 0, 1, -1)


def fit_adaboost_via_table(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Tabulate where each stump is wrong; new weights of wrong samples, and of right ones, add up to 1/2."""
    if set(y.tolist()) - {-1, 1}:
        raise ValueError("y has a label that is neither -1 nor 1")
    candidates = []
    for feature, column in enumerate(X.T):
        values = np.unique(column).astype(float)
        for threshold in [-np.inf, *(values[:-1] + values[1:]) / 2]:
            candidates += [(feature, threshold, 1), (feature, threshold, -1)]
    wrong = np.vstack([np.where(X[:, f] > t, p, -p) != y for f, t, p in candidates])
    taken, alphas, weights = [], [], np.ones(len(y)) / len(y)
    while len(taken) < n_rounds:
        best = int((wrong @ weights).round(10).argmin())
        error = wrong[best] @ weights
        if error.round(10) == 0.5:
            break
        taken.append(candidates[best])
        alphas.append(np.arctanh(1 - 2 * error) if error else 1.0)
        if error == 0:
            break
        weights = weights / np.where(wrong[best], 2 * error, 2 * (1 - error))
    features, thresholds, polarities = np.array(taken).reshape(-1, 3).T
    return Ensemble(features.astype(int), thresholds, polarities, np.array(alphas))


def fit_adaboost_via_margins(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Keep each sample's margin, y times the sum of alpha h: its weight is exp(-margin), over the sum of all."""
    if not all(label in (-1, 1) for label in y):
        raise ValueError("y has a label that is neither -1 nor 1")
    margins, stumps = [0.0] * len(y), []
    for _ in range(n_rounds):
        unscaled = [np.exp(-margin) for margin in margins]
        weights = [weight / sum(unscaled) for weight in unscaled]
        lowest, best = 0.5, None
        for feature, column in enumerate(X.T.tolist()):
            for lower, upper in pairwise([-np.inf, *sorted(set(column))]):
                for polarity in (1, -1):
                    answers = [polarity if x > lower else -polarity for x in column]
                    agreement = [label * answer for label, answer in zip(y, answers, strict=True)]
                    error = sum(weight for weight, sign in zip(weights, agreement, strict=True) if sign < 0)
                    if error < lowest - 1e-9:
                        lowest, best = error, (feature, lower / 2 + upper / 2, polarity, agreement)
        if best is None:
            break
        *stump, agreement = best
        alpha = (np.log1p(-lowest) - np.log(lowest)) / 2 if lowest else 1.0
        stumps.append((*stump, alpha))
        if not lowest:
            break
        margins = [margin + alpha * sign for margin, sign in zip(margins, agreement, strict=True)]
    features, *others = ([stump[field] for stump in stumps] for field in range(4))
    return Ensemble(np.array(features, dtype=int), *map(np.array, others))


def predict_via_loop(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    """Let each sample go from stump to stump."""
    labels = []
    for sample in X:
        score = 0.0
        for feature, threshold, polarity, alpha in zip(*ensemble, strict=True):
            answer = polarity if sample[feature] > threshold else -polarity
            score += alpha * answer
        labels.append(-1 if score < 0 else 1)
    return np.array(labels)
