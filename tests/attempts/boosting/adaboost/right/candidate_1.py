# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    """The stumps in the order of their rounds: four arrays with one entry for each stump. features holds integers."""

    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def fit_adaboost(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    n, d = X.shape
    w = np.full(n, 1.0 / n)

    candidates = []  # (feature, threshold, answers at polarity 1)
    for j in range(d):
        values = np.unique(X[:, j])
        for t in np.concatenate([[-np.inf], (values[:-1] + values[1:]) / 2]):
            candidates.append((j, t, np.where(X[:, j] > t, 1, -1)))

    features, thresholds, polarities, alphas = [], [], [], []
    for _ in range(n_rounds):
        best_err = np.inf
        for j, t, h in candidates:
            for p in (1.0, -1.0):
                err = w[p * h != y].sum()
                if err < best_err - 1e-12:
                    best_err, best = err, (j, t, p, h)
        if best_err >= 0.5 - 1e-9:
            break
        j, t, p, h = best
        alpha = 1.0 if best_err == 0 else 0.5 * np.log((1 - best_err) / best_err)
        features.append(j)
        thresholds.append(t)
        polarities.append(p)
        alphas.append(alpha)
        if best_err == 0:
            break
        w = w * np.exp(-alpha * y * p * h)
        w /= w.sum()

    return Ensemble(np.array(features, dtype=int), np.array(thresholds), np.array(polarities), np.array(alphas))


def predict(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    total = np.zeros(len(X))
    for j, t, p, a in zip(*ensemble):
        total += a * np.where(X[:, j] > t, p, -p)
    return np.where(total >= 0, 1, -1)
