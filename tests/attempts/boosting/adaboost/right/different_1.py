# different style; both bars
import math
from bisect import bisect_right
from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def _exact(values):
    """Python numbers: integers stay integers, so nothing wraps around."""
    return [v if isinstance(v, (int, float)) else float(v) for v in np.asarray(values).tolist()]


def _between(a, b):
    """A float t with a <= t < b, the midpoint if a float can hold it."""
    mid = (a + b) / 2
    if math.isinf(mid):
        mid = a / 2 + b / 2
    if mid != mid:
        mid = 0.0
    if mid >= b:
        mid = math.nextafter(mid, -math.inf) if isinstance(a, int) else a
    return float(mid)


def fit_adaboost(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    X = np.asarray(X)
    labels = _exact(y)
    for label in labels:
        if label != 1 and label != -1:
            raise ValueError("labels must be -1 or 1")
    labels = [1 if label == 1 else -1 for label in labels]
    n, p = X.shape

    # For each feature: the groups of samples between neighbouring thresholds, in order.
    plans = []
    for j in range(p):
        column = _exact(X[:, j])
        groups = {}
        for i, v in enumerate(column):
            groups.setdefault(v, []).append(i)
        keys = sorted(groups)
        cuts = [-math.inf] + [_between(a, b) for a, b in zip(keys, keys[1:])]
        plans.append((column, [groups[k] for k in keys], cuts))

    stumps = []
    w = [1.0 / n] * n if n else []
    while len(stumps) < n_rounds and n and p:
        negative = math.fsum(w[i] for i in range(n) if labels[i] < 0)
        signed = [wi if s > 0 else -wi for wi, s in zip(w, labels)]
        table = []
        lowest = math.inf
        for j, (_, members, cuts) in enumerate(plans):
            error = negative
            for k, t in enumerate(cuts):
                if k:
                    for i in members[k - 1]:
                        error += signed[i]
                table.append((error, j, t))
                lowest = min(lowest, error, 1.0 - error)
        if lowest >= 0.5 - 1e-9:
            break
        limit = lowest + 1e-9
        _, j, t, polarity = next(
            (e, j, t, 1 if e <= limit else -1) for e, j, t in table if e <= limit or 1.0 - e <= limit
        )
        wrong = [(polarity if v > t else -polarity) != s for v, s in zip(plans[j][0], labels)]
        miss = math.fsum(wi for wi, bad in zip(w, wrong) if bad)
        if miss <= 0.0:
            stumps.append((j, t, polarity, 1.0))
            break
        hit = math.fsum(wi for wi, bad in zip(w, wrong) if not bad)
        stumps.append((j, t, polarity, 0.5 * (math.log(hit) - math.log(miss))))
        # exp(-+alpha) and the normalisation together give each of the two groups half of the weight.
        w = [0.5 * (wi / miss) if bad else 0.5 * (wi / hit) for wi, bad in zip(w, wrong)]

    return Ensemble(
        np.array([s[0] for s in stumps], dtype=int),
        np.array([s[1] for s in stumps], dtype=float),
        np.array([s[2] for s in stumps], dtype=float),
        np.array([s[3] for s in stumps], dtype=float),
    )


def predict(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    X = np.asarray(X)
    n = X.shape[0]
    by_feature = {}
    for j, t, s, a in zip(*(_exact(part) for part in ensemble)):
        by_feature.setdefault(int(j), []).append((t, s * a))
    votes = [[] for _ in range(n)]
    for j, stumps in by_feature.items():
        stumps.sort()
        cuts = [t for t, _ in stumps]
        plus = [v for _, v in stumps]
        for i, value in enumerate(_exact(X[:, j])):
            # thresholds strictly below the value say "above"
            below = bisect_right(cuts, value)
            while below and not value > cuts[below - 1]:
                below -= 1
            votes[i].extend(plus[:below])
            votes[i].extend(-v for v in plus[below:])
    return np.array([1 if math.fsum(v) >= 0 else -1 for v in votes], dtype=int)
