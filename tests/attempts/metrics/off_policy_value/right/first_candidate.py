# candidate, par time, from the stub alone
import math

import numpy as np


def _weights(action, pscore, action_dist, max_weight):
    if np.any(pscore <= 0):
        raise ValueError("pscore must be positive")
    rows = np.arange(len(action))
    return np.minimum(action_dist[rows, action] / pscore, max_weight)


def ips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    w = _weights(action, pscore, action_dist, max_weight)
    return float(np.mean(w * reward))


def snips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    w = _weights(action, pscore, action_dist, max_weight)
    total = w.sum()
    if total == 0:
        raise ValueError("all weights are 0")
    return float((w * reward).sum() / total)


def doubly_robust(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    q: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    w = _weights(action, pscore, action_dist, max_weight)
    direct = (action_dist * q).sum(axis=1)
    residual = reward - q[np.arange(len(action)), action]
    return float(np.mean(direct + w * residual))
