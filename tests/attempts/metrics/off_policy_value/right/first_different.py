# different style; both bars
import math

import numpy as np


def _log(reward, action, pscore, action_dist, max_weight, q=None):
    """Check everything; return a list of (weight, reward, action, pi row, q row) of Python numbers."""
    pi = np.asarray(action_dist)
    flat = [np.asarray(a) for a in (reward, action, pscore)]
    if pi.ndim != 2 or any(a.ndim != 1 or len(a) != len(pi) for a in flat):
        raise ValueError("shapes do not fit")
    if len(pi) == 0:
        raise ValueError("no row")
    if q is not None and np.shape(q) != pi.shape:
        raise ValueError("q must have the shape of action_dist")
    predictions = [[0.0] * pi.shape[1]] * len(pi) if q is None else np.asarray(q).tolist()
    rows = []
    for r, a, p, dist, guess in zip(*(x.tolist() for x in flat), pi.tolist(), predictions, strict=True):
        if not 0 < p <= 1:
            raise ValueError("pscore must be above 0 and at most 1")
        if not 0 <= a < len(dist):
            raise ValueError("unknown action")
        a = int(a)
        rows.append((min(dist[a] / p, max_weight), r, a, dist, guess))
    return rows


def ips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    rows = _log(reward, action, pscore, action_dist, max_weight)
    return float(math.fsum(w * r for w, r, *_ in rows) / len(rows))


def snips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    rows = _log(reward, action, pscore, action_dist, max_weight)
    if all(w == 0 for w, *_ in rows):
        raise ValueError("all weights are 0")
    return float(math.fsum(w * r for w, r, *_ in rows) / math.fsum(w for w, *_ in rows))


def doubly_robust(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    q: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    total = []
    for w, r, a, dist, guess in _log(reward, action, pscore, action_dist, max_weight, q):
        corrected = list(guess)
        total.append(w * (r - corrected[a]))
        total.append(math.fsum(p * v for p, v in zip(dist, corrected, strict=True)))
    return float(math.fsum(total) / (len(total) // 2))
