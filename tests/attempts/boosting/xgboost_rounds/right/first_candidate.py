# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Stumps(NamedTuple):
    base_margin: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


class Stopping(NamedTuple):
    best_iteration: int
    best_score: float
    n_rounds: int


def sigmoid(m):
    return np.exp(-np.logaddexp(0.0, -m))


def fit_xgboost(X: np.ndarray, y: np.ndarray, n_rounds: int, eta: float = 0.3, reg_lambda: float = 1.0) -> Stumps:
    mean = y.mean()
    if mean == 0 or mean == 1:
        raise ValueError("all labels are equal")
    base = float(np.log(mean / (1 - mean)))
    margin = np.full(len(y), base)
    features, thresholds, left, right = [], [], [], []
    for _ in range(n_rounds):
        p = sigmoid(margin)
        grad, hess = p - y, p * (1 - p)
        G, H = grad.sum(), hess.sum()
        w = -eta * G / (H + reg_lambda)
        best, stump = 0.0, (0, np.inf, w, w)
        for j in range(X.shape[1]):
            values = np.unique(X[:, j])
            for t in (values[:-1] + values[1:]) / 2:
                side = X[:, j] < t
                GL, HL = grad[side].sum(), hess[side].sum()
                GR, HR = G - GL, H - HL
                gain = GL**2 / (HL + reg_lambda) + GR**2 / (HR + reg_lambda) - G**2 / (H + reg_lambda)
                if gain > best + 1e-9:
                    best = gain
                    stump = (j, t, -eta * GL / (HL + reg_lambda), -eta * GR / (HR + reg_lambda))
        j, t, a, b = stump
        margin += np.where(X[:, j] < t, a, b)
        features.append(j)
        thresholds.append(t)
        left.append(a)
        right.append(b)
    return Stumps(
        base,
        np.array(features, dtype=int),
        np.array(thresholds, dtype=float),
        np.array(left, dtype=float),
        np.array(right, dtype=float),
    )


def predict_proba(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    if n_rounds is None:
        n_rounds = len(stumps.features)
    margin = np.full(len(X), float(stumps.base_margin))
    for j, t, a, b in list(zip(*stumps[1:]))[:n_rounds]:
        margin += np.where(X[:, j] < t, a, b)
    return sigmoid(margin)


def early_stopping(stumps: Stumps, X: np.ndarray, y: np.ndarray, patience: int) -> Stopping:
    margin = np.full(len(X), float(stumps.base_margin))
    best, best_iteration, trained = np.inf, 0, 0
    for i, (j, t, a, b) in enumerate(zip(*stumps[1:])):
        margin += np.where(X[:, j] < t, a, b)
        loss = np.logaddexp(0.0, np.where(y == 1, -margin, margin)).mean()
        trained = i + 1
        if loss < best:
            best, best_iteration = loss, i
        elif i - best_iteration >= patience:
            break
    return Stopping(best_iteration, float(best), trained)
