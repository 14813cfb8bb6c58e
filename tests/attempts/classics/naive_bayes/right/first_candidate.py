# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Gaussian(NamedTuple):
    log_prior: np.ndarray
    means: np.ndarray
    variances: np.ndarray


class Multinomial(NamedTuple):
    log_prior: np.ndarray
    log_prob: np.ndarray


def normalise(joint):
    m = joint.max(axis=1, keepdims=True)
    return joint - m - np.log(np.exp(joint - m).sum(axis=1, keepdims=True))


def fit_gaussian(X: np.ndarray, y: np.ndarray, var_smoothing: float = 1e-9) -> Gaussian:
    n_classes = int(y.max()) + 1
    prior = np.array([(y == c).mean() for c in range(n_classes)])
    means = np.array([X[y == c].mean(axis=0) for c in range(n_classes)])
    variances = np.array([X[y == c].var(axis=0) for c in range(n_classes)])
    variances = variances + var_smoothing * X.var(axis=0).max()
    return Gaussian(np.log(prior), means, variances)


def gaussian_log_proba(X: np.ndarray, model: Gaussian) -> np.ndarray:
    joint = []
    for log_prior, mean, var in zip(*model):
        log_density = -0.5 * (np.log(2 * np.pi * var) + (X - mean) ** 2 / var)
        joint.append(log_prior + log_density.sum(axis=1))
    return normalise(np.array(joint).T)


def fit_multinomial(X: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> Multinomial:
    n_classes = int(y.max()) + 1
    prior = np.array([(y == c).mean() for c in range(n_classes)])
    counts = np.array([X[y == c].sum(axis=0) for c in range(n_classes)]) + alpha
    log_prob = np.log(counts) - np.log(counts.sum(axis=1, keepdims=True))
    return Multinomial(np.log(prior), log_prob)


def multinomial_log_proba(X: np.ndarray, model: Multinomial) -> np.ndarray:
    return normalise(X @ model.log_prob.T + model.log_prior)
