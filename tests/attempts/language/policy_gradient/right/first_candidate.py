# candidate, par time, from the stub alone
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
    n = len(rewards)
    adv = np.zeros(n)
    next_value, next_adv = last_value, 0.0
    for t in reversed(range(n)):
        if terminated[t]:
            next_value, next_adv = 0.0, 0.0
        delta = rewards[t] + gamma * next_value - values[t]
        adv[t] = delta + gamma * lam * next_adv
        next_value, next_adv = values[t], adv[t]
    return Advantages(adv, adv + values)


def clipped_objective(logps: np.ndarray, old_logps: np.ndarray, advantages: np.ndarray, clip: float = 0.2) -> Objective:
    r = np.exp(logps - old_logps)
    plain = r * advantages
    clipped = np.clip(r, 1 - clip, 1 + clip) * advantages
    value = float(np.mean(np.minimum(plain, clipped)))
    # d r / d logp = r; the clipped branch is constant where it is the smaller one
    grad = np.where(plain <= clipped, plain, 0.0) / r.size
    return Objective(value, grad)


def group_advantages(rewards: np.ndarray, eps: float = 1e-4) -> np.ndarray:
    mean = rewards.mean(axis=1, keepdims=True)
    std = rewards.std(axis=1, ddof=1, keepdims=True)
    return (rewards - mean) / (std + eps)
