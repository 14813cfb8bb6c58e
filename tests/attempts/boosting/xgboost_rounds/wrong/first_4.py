# wrong (core): a loss counts as lower only if it is lower by more than 1e-6 (a min_delta that the statement does not have).
# shown by: s = Stumps(0.0, np.zeros(4, dtype=int), np.zeros(4), np.zeros(4), np.array([1.0, 1e-6, 1e-6, 1e-6])); early_stopping(s, np.array([[5.0]]), np.array([1]), patience=2); right Stopping(best_iteration=3, best_score=0.31326088069484354, n_rounds=4), this Stopping(best_iteration=0, best_score=0.31326168751822286, n_rounds=3)
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


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _best_split(X, grad, hess, reg_lambda):
    G, H = grad.sum(), hess.sum()
    both = G**2 / (H + reg_lambda)
    best, split = 1e-9, None
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j], kind="stable")
        x = X[order, j]
        GL, HL = np.cumsum(grad[order])[:-1], np.cumsum(hess[order])[:-1]
        gains = GL**2 / (HL + reg_lambda) + (G - GL) ** 2 / (H - HL + reg_lambda) - both
        for i in np.flatnonzero(x[1:] > x[:-1]):
            if gains[i] > best + (1e-9 if split else 0.0):
                best, split = gains[i], (j, x[i] / 2 + x[i + 1] / 2)
    return split


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
    if np.all(y == y[0]):
        raise ValueError("all labels are equal")
    base = float(np.log(y.sum() / (1 - y).sum()))
    margin = np.full(len(y), base)
    features = np.zeros(n_rounds, dtype=int)
    thresholds = np.full(n_rounds, np.inf)
    left, right = np.zeros(n_rounds), np.zeros(n_rounds)
    for t in range(n_rounds):
        p = _sigmoid(margin)
        grad = p - y
        hess = p * (1 - p)
        split = _best_split(X, grad, hess, reg_lambda)
        if split is None:
            left[t] = right[t] = -eta * grad.sum() / (hess.sum() + reg_lambda)
            margin = margin + left[t]
            continue
        features[t], thresholds[t] = split
        goes = X[:, split[0]] < split[1]
        left[t] = -eta * grad[goes].sum() / (hess[goes].sum() + reg_lambda)
        right[t] = -eta * grad[~goes].sum() / (hess[~goes].sum() + reg_lambda)
        margin = margin + np.where(goes, left[t], right[t])
    return Stumps(base, features, thresholds, left, right)


def predict_proba(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    """Return the probability of label 1 from the first n_rounds stumps, or from all.

    Examples
    --------
    >>> stumps = Stumps(0.5, np.array([0]), np.array([2.0]), np.array([-0.5]), np.array([1.5]))
    >>> predict_proba(stumps, np.array([[2.0]])).round(6)
    array([0.880797])
    """
    X = np.asarray(X, dtype=float)
    k = len(stumps.features) if n_rounds is None else n_rounds
    margin = np.full(len(X), float(stumps.base_margin))
    for f, t, a, b in zip(stumps.features[:k], stumps.thresholds[:k], stumps.left[:k], stumps.right[:k]):
        margin += np.where(X[:, f] < t, a, b)
    return _sigmoid(margin)


def early_stopping(stumps: Stumps, X: np.ndarray, y: np.ndarray, patience: int) -> Stopping:
    """Return where training stops if it watches other samples, X and y.

    The loss of a round is their mean log loss under the stumps up to that one. Training stops once the last `patience`
    losses are no lower than the lowest before, or after the last stump. (XGBoost's Booster then predicts with all
    n_rounds, XGBClassifier with best_iteration + 1.)

    Examples
    --------
    >>> stumps = Stumps(0.0, np.zeros(3, dtype=int), np.zeros(3), np.zeros(3), np.array([0.0, -1.0, 2.0]))
    >>> early_stopping(stumps, np.array([[5.0]]), np.array([1]), patience=1)
    Stopping(best_iteration=0, best_score=0.6931471805599453, n_rounds=2)
    """
    X = np.asarray(X, dtype=float)
    y = np.asarray(y)
    margin = np.full(len(X), float(stumps.base_margin))
    best, best_loss, n = 0, np.inf, 0
    for f, t, a, b in zip(stumps.features, stumps.thresholds, stumps.left, stumps.right):
        margin += np.where(X[:, f] < t, a, b)
        loss = float(np.mean(np.logaddexp(0.0, np.where(y == 1, -margin, margin))))
        n += 1
        if loss < best_loss - 1e-6:
            best, best_loss = n - 1, loss
        elif n - 1 - best >= patience:
            break
    return Stopping(best, best_loss, n)
