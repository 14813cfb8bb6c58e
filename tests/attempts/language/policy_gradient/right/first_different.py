# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Advantages(NamedTuple):
    advantages: np.ndarray
    returns: np.ndarray


class Objective(NamedTuple):
    value: float
    grad: np.ndarray


def generalized_advantages(
    rewards: np.ndarray,
    values: np.ndarray,
    terminated: np.ndarray,
    last_value: float,
    gamma: float = 0.99,
    lam: float = 0.95,
) -> Advantages:
    """Sum forward: each delta is handed back to the earlier steps of its episode, decayed, as in TD(lambda) traces."""
    rewards = np.asarray(rewards, dtype=np.float64)
    values = np.asarray(values, dtype=np.float64)
    ends = np.asarray(terminated).astype(bool)
    following = np.append(values[1:], float(last_value))[: len(values)]
    deltas = rewards - values + np.where(ends, 0.0, gamma * following)
    advantages = np.zeros(len(rewards))
    trace = np.zeros(len(rewards))  # the weight of the current delta in the advantage of each step
    for t, delta in enumerate(deltas):
        trace[t] = 1.0
        advantages += trace * delta
        trace *= 0.0 if ends[t] else gamma * lam
    return Advantages(advantages, advantages + values)


def clipped_objective(logps: np.ndarray, old_logps: np.ndarray, advantages: np.ndarray, clip: float = 0.2) -> Objective:
    """Go element by element, by the sign of A: the min is a cap on r if A > 0, a floor if A < 0."""
    logps = np.asarray(logps, dtype=np.float64)
    old = np.asarray(old_logps, dtype=np.float64).ravel().tolist()
    gains = np.asarray(advantages, dtype=np.float64).ravel().tolist()
    terms, grad = [], []
    for new_logp, old_logp, gain in zip(logps.ravel().tolist(), old, gains, strict=True):
        ratio = math.exp(new_logp - old_logp)
        if gain > 0 and ratio > 1 + clip:
            terms.append((1 + clip) * gain)
            grad.append(0.0)
        elif gain < 0 and ratio < 1 - clip:
            terms.append((1 - clip) * gain)
            grad.append(0.0)
        else:
            terms.append(ratio * gain)
            grad.append(ratio * gain / logps.size)
    return Objective(math.fsum(terms) / logps.size, np.array(grad).reshape(logps.shape))


def group_advantages(rewards: np.ndarray, eps: float = 1e-4) -> np.ndarray:
    out = []
    for group in np.asarray(rewards, dtype=np.float64).tolist():
        mean = math.fsum(group) / len(group)
        centred = [reward - mean for reward in group]
        std = math.sqrt(math.fsum(c * c for c in centred) / (len(group) - 1))
        out.append([c / (std + eps) for c in centred])
    return np.array(out, dtype=np.float64).reshape(np.shape(rewards))
