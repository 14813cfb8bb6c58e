# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Platt(NamedTuple):
    slope: float
    intercept: float


def platt_targets(y_true: np.ndarray) -> np.ndarray:
    y_true = np.asarray(y_true)
    if not np.all((y_true == 0) | (y_true == 1)):
        raise ValueError("labels must be 0 or 1")
    positive = y_true == 1
    n_pos = np.sum(positive)
    n_neg = len(y_true) - n_pos
    return np.where(positive, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def fit_platt(scores: np.ndarray, y_true: np.ndarray) -> Platt:
    t = platt_targets(y_true)
    s = np.asarray(scores, dtype=float)
    if np.all(s == s[0]):
        m = t.mean()
        return Platt(0.0, float(np.log(m / (1 - m))))
    mu, sd = s.mean(), s.std()
    Z = np.column_stack([(s - mu) / sd, np.ones(len(s))])

    def loss(beta):
        z = Z @ beta
        return np.sum(np.logaddexp(0, z) - t * z)

    beta = np.zeros(2)
    current = loss(beta)
    for _ in range(100):
        p = _sigmoid(Z @ beta)
        gradient = Z.T @ (p - t)
        hessian = Z.T @ (Z * (p * (1 - p))[:, None]) + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-10 and loss(beta - size * step) > current:
            size /= 2
        if size <= 1e-10:
            break
        beta = beta - size * step
        current = loss(beta)
        if np.max(np.abs(size * step)) < 1e-12:
            break
    slope = beta[0] / sd
    return Platt(float(slope), float(beta[1] - slope * mu))


def predict_proba(fit: Platt, scores: np.ndarray) -> np.ndarray:
    return _sigmoid(fit.slope * np.asarray(scores, dtype=float) + fit.intercept)
