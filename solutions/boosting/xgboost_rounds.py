"""XGBoost for two classes: rounds of stumps, and early stopping.

A margin is the log-odds of label 1: p = 1 / (1 + exp(-margin)). All start at base_margin, the log-odds of the mean
label. Each round finds one stump at the margins so far. G and H are sums of grad and hess over a leaf:

    grad   = p - y,  hess = p * (1 - p)
    score  = G**2 / (H + reg_lambda)
    gain   = score of left + score of right - score of both together
    weight = -eta * G / (H + reg_lambda)

A sample goes left if x[feature] < threshold. The weight of its leaf is added to its margin.

Source: Chen and Guestrin, XGBoost (2016), sections 2.2 and 2.3.

Strict
------
- Gains within 1e-9 of each other are ties, and a gain below 1e-9 is 0.
- Losses are right at any margin.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Stumps(NamedTuple):
    """Four arrays, one entry for each round. left and right are weights."""

    base_margin: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


class Stopping(NamedTuple):
    """The round of lowest loss, counted from 0, its loss, and how many rounds are trained."""

    best_iteration: int
    best_score: float
    n_rounds: int


def fit_xgboost(X: np.ndarray, y: np.ndarray, n_rounds: int, eta: float = 0.3, reg_lambda: float = 1.0) -> Stumps:
    """Fit n_rounds stumps. ValueError if all labels are equal.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,), of 0 and 1
    n_rounds, eta, reg_lambda : positive numbers; reg_lambda may be 0

    Returns
    -------
    Stumps
        A round takes the largest gain. Thresholds are midpoints of neighbouring values. A tie goes to the
        lower feature, then to the lower threshold. If no gain is above 0, the round has one leaf: feature 0, threshold
        inf, left and right both its weight.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 0])
    >>> stumps = fit_xgboost(X, y, n_rounds=2)
    >>> stumps.thresholds, stumps.left.round(6)
    (array([2.5, 2.5]), array([-0.109091, -0.101944]))
    """
    mean = y.mean()
    if not 0 < mean < 1:
        raise ValueError(f"all labels are {mean}: their log-odds are not finite")
    order = np.argsort(X, axis=0)
    values = np.take_along_axis(X, order, axis=0)
    # The candidates, by feature and by threshold.
    features, last = np.nonzero((values[:-1] < values[1:]).T)
    thresholds = values[last, features] / 2 + values[last + 1, features] / 2
    base_margin = np.log(mean / (1 - mean))
    margin, rounds = np.full(len(y), base_margin), []
    for _ in range(n_rounds):
        p = 1 / (1 + np.exp(-margin))
        sums = np.stack([p - y, p * (1 - p)])
        whole = sums.sum(axis=1)
        lefts = np.cumsum(sums[:, order], axis=1)[:, last, features]
        children = _score(lefts, reg_lambda) + _score(whole[:, np.newaxis] - lefts, reg_lambda)
        gains = (children - _score(whole, reg_lambda)).round(9)
        feature, threshold, left = 0, np.inf, whole
        if gains.max(initial=0) > 0:
            best = gains.argmax()
            feature, threshold, left = features[best], thresholds[best], lefts[:, best]
        right = whole - left if threshold < np.inf else whole
        weights = [-eta * grad / (hess + reg_lambda) for grad, hess in (left, right)]
        margin += np.where(X[:, feature] < threshold, *weights)
        rounds.append((feature, threshold, *weights))
    table = np.array(rounds).reshape(-1, 4)
    return Stumps(float(base_margin), table[:, 0].astype(int), *table[:, 1:].T)


def _score(sums: np.ndarray, reg_lambda: float) -> np.ndarray:
    return sums[0] ** 2 / (sums[1] + reg_lambda)


def predict_proba(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    """Return the probability of label 1 from the first n_rounds stumps, or all.

    Examples
    --------
    >>> stumps = Stumps(0.5, np.array([0]), np.array([2.0]), np.array([-0.5]), np.array([1.5]))
    >>> predict_proba(stumps, np.array([[2.0]])).round(6)
    array([0.880797])
    """
    margin = stumps.base_margin + _steps(stumps, X)[:, :n_rounds].sum(axis=1)
    return 1 / (1 + np.exp(-margin))


def _steps(stumps: Stumps, X: np.ndarray) -> np.ndarray:
    """Return what each round adds to the margin of each sample."""
    return np.where(X[:, stumps.features] < stumps.thresholds, stumps.left, stumps.right)


def early_stopping(stumps: Stumps, X: np.ndarray, y: np.ndarray, patience: int) -> Stopping:
    """Return where training stops if it watches other samples, X and y.

    The loss of a round is their mean log loss under the stumps up to that one. Training stops after `patience` rounds
    in a row without a new lowest loss, or after the last stump. (XGBoost's Booster then predicts with all n_rounds,
    XGBClassifier with best_iteration + 1.)

    Examples
    --------
    >>> stumps = Stumps(0.0, np.zeros(3, dtype=int), np.zeros(3), np.zeros(3), np.array([0.0, -1.0, 2.0]))
    >>> early_stopping(stumps, np.array([[5.0]]), np.array([1]), patience=1)
    Stopping(best_iteration=0, best_score=0.6931471805599453, n_rounds=2)
    """
    margins = stumps.base_margin + np.cumsum(_steps(stumps, X), axis=1)
    losses = np.logaddexp(0, np.where(y[:, np.newaxis] == 1, -margins, margins)).mean(axis=0)
    best = 0
    for current, loss in enumerate(losses):
        if loss < losses[best]:
            best = current
        if current - best == patience:
            break
    return Stopping(best, float(losses[best]), current + 1)


def fit_xgboost_via_masks(
    X: np.ndarray, y: np.ndarray, n_rounds: int, eta: float = 0.3, reg_lambda: float = 1.0
) -> Stumps:
    """Tabulate once which samples each candidate sends left, and which right; two products give the sums of a round."""
    positives = np.count_nonzero(y)
    margin = base_margin = math.log(positives) - math.log(len(y) - positives)  # a ValueError at 0
    features, thresholds = [0], [np.inf]
    for feature, column in enumerate(X.T):
        values = np.unique(column)
        thresholds += list(values[:-1] / 2 + values[1:] / 2)
        features += [feature] * (len(values) - 1)
    left = X[:, features] < thresholds
    sides = np.stack([left, ~left])
    sides[:, :, 0] = True  # The first candidate is the whole, on both sides.
    taken, weights = [], []
    for _ in range(n_rounds):
        p = np.broadcast_to(np.exp(-np.logaddexp(0, -margin)), len(y))
        G, H = (p - y) @ sides, (p * (1 - p)) @ sides
        scores = (G**2 / (H + reg_lambda)).sum(axis=0)
        scores[0] /= 2
        taken.append(scores.round(9).argmax())
        weights.append(-eta * G[:, taken[-1]] / (H[:, taken[-1]] + reg_lambda))
        margin = margin + np.where(left[:, taken[-1]], *weights[-1])
    return Stumps(base_margin, np.array(features)[taken], np.array(thresholds)[taken], *np.array(weights).T)


def fit_xgboost_via_loop(
    X: np.ndarray, y: np.ndarray, n_rounds: int, eta: float = 0.3, reg_lambda: float = 1.0
) -> Stumps:
    """Treat one sample and one threshold at a time, in plain Python."""
    labels, columns = y.tolist(), X.T.tolist()
    if len(set(labels)) == 1:
        raise ValueError("all labels are equal")
    base_margin = math.log(sum(labels) / (len(labels) - sum(labels)))
    margins, rounds = [base_margin] * len(labels), []
    for _ in range(n_rounds):
        p = [1 / (1 + math.exp(-margin)) for margin in margins]

        def leaf(members: list[bool], p: list[float] = p) -> tuple[float, float]:
            inside = [(q, label) for q, label, member in zip(p, labels, members, strict=True) if member]
            grad_sum, hess_sum = math.fsum(q - label for q, label in inside), math.fsum(q * (1 - q) for q, _ in inside)
            weight = -grad_sum / (hess_sum + reg_lambda)
            return weight, -weight * grad_sum

        everybody = [True] * len(labels)
        weight, score = leaf(everybody)
        most, chosen = score + 1e-9, (0, math.inf, weight, weight)
        for feature, column in enumerate(columns):
            for lower, upper in pairwise(sorted(set(column))):
                threshold = lower / 2 + upper / 2
                left, right = leaf([x < threshold for x in column]), leaf([x > threshold for x in column])
                if left[1] + right[1] > most:
                    most, chosen = left[1] + right[1] + 1e-9, (feature, threshold, left[0], right[0])
        feature, threshold, left, right = chosen
        rounds.append((feature, threshold, eta * left, eta * right))
        for i, x in enumerate(columns[feature]):
            margins[i] += eta * left if x < threshold else eta * right
    features, *others = ([entry[field] for entry in rounds] for field in range(4))
    return Stumps(base_margin, np.array(features, dtype=int), *map(np.array, others))


def predict_proba_via_loop(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    """Let each sample go from stump to stump; the last margin becomes a probability."""
    base_margin, *fields = stumps
    probabilities = []
    for sample in X.tolist():
        margin = base_margin
        for feature, threshold, left, right in list(zip(*fields, strict=True))[:n_rounds]:
            margin += left if sample[feature] < threshold else right
        probabilities.append(math.exp(min(margin, 0)) / (math.exp(min(margin, 0)) + math.exp(-max(margin, 0))))
    return np.array(probabilities)


def predict_proba_via_odds(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    """Multiply the odds of label 0 by a factor for each stump."""
    odds = np.full(len(X), np.exp(-stumps.base_margin))
    for t in range(len(stumps.features) if n_rounds is None else n_rounds):
        above = X[:, stumps.features[t]] >= stumps.thresholds[t]
        odds *= np.exp(-np.array([stumps.left[t], stumps.right[t]]))[above.astype(int)]
    return 1 / (1 + odds)


def early_stopping_via_windows(stumps: Stumps, X: np.ndarray, y: np.ndarray, patience: int) -> Stopping:
    """Stop at the first round whose last `patience` losses are not below the minimum before; then look back."""
    signs = 1 - 2 * y.astype(float)
    losses = []
    for n in range(1, len(stumps.features) + 1):
        margin = stumps.base_margin + np.where(
            X[:, stumps.features[:n]] < stumps.thresholds[:n], stumps.left[:n], stumps.right[:n]
        ).sum(axis=1)
        losses.append(float(np.logaddexp(0, signs * margin).mean()))
        if n > patience and min(losses[-patience:]) >= min(losses[:-patience]):
            break
    return Stopping(losses.index(min(losses)), min(losses), len(losses))
