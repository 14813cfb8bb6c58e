# wrong (core): stops on a relative deviance change of 3e-6: coefficients are not yet at 1e-6
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
    for _ in range(500):
        root = np.sqrt(mu)
        step = np.linalg.lstsq(root[:, None] * A, (y - mu) / root, rcond=None)[0]
        for _ in range(60):
            with np.errstate(all="ignore"):
                new_mu = np.exp(A @ (beta + step))
                new_deviance = poisson_deviance(y, new_mu)
            if new_deviance <= deviance * (1 + 1e-12) + 1e-12:
                break
            step = step / 2
        else:
            break
        beta = beta + step
        done = abs(deviance - new_deviance) <= 3e-6 * (new_deviance + 0.1)
        mu, deviance = new_mu, new_deviance
        if done:
            break
    coef = beta[1:] / spread
    return PoissonFit(float(beta[0] - coef @ center), coef, deviance)
