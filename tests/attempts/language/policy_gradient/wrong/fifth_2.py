# wrong (core): returns are the discounted rewards (lam = 1), not A + V
from typing import NamedTuple

import numpy as np


class Advantages(NamedTuple):
    advantages: np.ndarray
    returns: np.ndarray


class Objective(NamedTuple):
    value: float
    grad: np.ndarray


def generalized_advantages(rewards, values, terminated, last_value, gamma=0.99, lam=0.95):
    rewards = np.asarray(rewards, dtype=float)
    values = np.asarray(values, dtype=float)
    alive = 1.0 - np.asarray(terminated, dtype=float)
    n = len(rewards)
    next_values = np.append(values[1:], last_value) * alive
    delta = rewards + gamma * next_values - values
    advantages = np.zeros(n)
    returns = np.zeros(n)
    running = 0.0
    ret = last_value
    for t in range(n - 1, -1, -1):
        running = delta[t] + gamma * lam * alive[t] * running
        advantages[t] = running
        ret = rewards[t] + gamma * alive[t] * ret
        returns[t] = ret
    return Advantages(advantages, returns)


def clipped_objective(logps, old_logps, advantages, clip=0.2):
    logps = np.asarray(logps, dtype=float)
    a = np.asarray(advantages, dtype=float)
    r = np.exp(logps - np.asarray(old_logps, dtype=float))
    free = r * a
    held = np.clip(r, 1 - clip, 1 + clip) * a
    value = np.minimum(free, held).mean()
    grad = np.where(free <= held, free, 0.0) / logps.size
    return Objective(float(value), grad)


def group_advantages(rewards, eps=1e-4):
    rewards = np.asarray(rewards, dtype=float)
    d = rewards - rewards.mean(axis=1, keepdims=True)
    std = rewards.std(axis=1, ddof=1, keepdims=True)
    return d / (std + eps)
