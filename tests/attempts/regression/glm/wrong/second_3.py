# wrong (core): step halved only on overflow, not when the deviance rises; 25 iterations then end too early
from typing import NamedTuple

import numpy as np


class PoissonFit(NamedTuple):
    intercept: float
    coef: np.ndarray
    deviance: float


def poisson_deviance(y, mu):
    y = np.asarray(y, dtype=float)
    mu = np.asarray(mu, dtype=float)
    log_term = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mu), 0.0)
    return float(2 * np.sum(log_term - y + mu))


def fit_poisson(X, y):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    if np.any(y < 0) or not np.any(y > 0):
        raise ValueError("y must not be negative, nor all 0")
    center = X.mean(axis=0)
    spread = (X - center).std(axis=0)
    A = np.column_stack([np.ones(len(y)), (X - center) / spread])
    beta = np.zeros(A.shape[1])
    beta[0] = np.log(y.mean())
    mu = np.exp(A @ beta)
    deviance = poisson_deviance(y, mu)
    for _ in range(25):
        root = np.sqrt(mu)
        step = np.linalg.lstsq(root[:, None] * A, (y - mu) / root, rcond=None)[0]
        for _ in range(60):
            with np.errstate(all="ignore"):
                new_mu = np.exp(A @ (beta + step))
                new_deviance = poisson_deviance(y, new_mu)
            if np.isfinite(new_deviance):
                break
            step = step / 2
        else:
            break
        beta = beta + step
        mu, deviance = new_mu, new_deviance
        if np.max(np.abs(step)) <= 1e-12 * np.max(np.abs(beta)):
            break
    coef = beta[1:] / spread
    return PoissonFit(float(beta[0] - coef @ center), coef, deviance)
