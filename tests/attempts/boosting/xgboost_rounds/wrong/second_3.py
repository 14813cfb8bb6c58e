# wrong (core): a loss equal to the lowest counts as a new lowest: the later round is the best one
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

from typing import NamedTuple

import numpy as np


class Stumps(NamedTuple):
    """Four arrays with one entry for each round. left and right are weights."""

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
    n_rounds, eta, reg_lambda : numbers

    Returns
    -------
    Stumps
        A round takes the largest gain. Thresholds are midpoints of neighbouring values. A tie goes to the
        lower feature, then to the lower threshold. If no gain is above 0, the round has one leaf: feature 0, threshold
        inf, and left and right are both its weight.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 0])
    >>> stumps = fit_xgboost(X, y, n_rounds=2)
    >>> stumps.thresholds, stumps.left.round(6)
    (array([2.5, 2.5]), array([-0.109091, -0.101944]))
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if (y == y[0]).all():
        raise ValueError("all labels are equal")
    mean = y.mean()
    base = float(np.log(mean / (1 - mean)))
    margin = np.full(len(y), base)
    features, thresholds, lefts, rights = [], [], [], []
    for _ in range(n_rounds):
        p = _sigmoid(margin)
        grad, hess = p - y, p * (1 - p)
        total_g, total_h = grad.sum(), hess.sum()
        parent = total_g ** 2 / (total_h + reg_lambda)
        weight = -eta * total_g / (total_h + reg_lambda)
        best, choice = 0.0, (0, np.inf, weight, weight)
        for j in range(X.shape[1]):
            values = np.unique(X[:, j])
            for t in (values[:-1] + values[1:]) / 2:
                side = X[:, j] < t
                gl, hl = grad[side].sum(), hess[side].sum()
                gr, hr = grad[~side].sum(), hess[~side].sum()
                gain = gl ** 2 / (hl + reg_lambda) + gr ** 2 / (hr + reg_lambda) - parent
                if gain > best + 1e-9:
                    best = gain
                    choice = (j, t, -eta * gl / (hl + reg_lambda), -eta * gr / (hr + reg_lambda))
        j, t, left, right = choice
        margin = margin + np.where(X[:, j] < t, left, right)
        features.append(j)
        thresholds.append(t)
        lefts.append(left)
        rights.append(right)
    return Stumps(base, np.array(features, dtype=int), np.array(thresholds, dtype=float), np.array(lefts, dtype=float), np.array(rights, dtype=float))


def predict_proba(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    """Return the probability of label 1 from the first n_rounds stumps, or from all.

    Examples
    --------
    >>> stumps = Stumps(0.5, np.array([0]), np.array([2.0]), np.array([-0.5]), np.array([1.5]))
    >>> predict_proba(stumps, np.array([[2.0]])).round(6)
    array([0.880797])
    """
    X = np.asarray(X, dtype=float)
    if n_rounds is None:
        n_rounds = len(stumps.features)
    margin = np.full(len(X), float(stumps.base_margin))
    for j, t, left, right in list(zip(*stumps[1:]))[:n_rounds]:
        margin += np.where(X[:, j] < t, left, right)
    return _sigmoid(margin)


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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    margin = np.full(len(X), float(stumps.base_margin))
    best, best_score, trained = -1, np.inf, 0
    for i, (j, t, left, right) in enumerate(zip(*stumps[1:])):
        margin += np.where(X[:, j] < t, left, right)
        loss = float(np.mean(np.logaddexp(0.0, margin) - y * margin))
        trained = i + 1
        if loss <= best_score:
            best, best_score = i, loss
        elif i - best >= patience:
            break
    return Stopping(best, best_score, trained)


def _sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -z))
