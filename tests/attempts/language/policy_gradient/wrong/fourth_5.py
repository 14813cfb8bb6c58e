# wrong (core): ratio of probabilities, 0/0 for low log-probabilities
"""Policy gradients for language models: advantages, and the clipped objective of PPO.

An advantage says how much better an action was than expected. PPO estimates it from a value function V (GAE):

    delta_t = reward_t + gamma * V(s_{t+1}) - V(s_t)
    A_t     = delta_t + gamma * lam * A_{t+1}           V(s_{t+1}) and A_{t+1} are 0 after the end of an episode

GRPO compares the answers to one prompt instead. Both maximise

    r = exp(logp - old_logp)
    objective = mean of min(r * A, clip(r, 1 - clip, 1 + clip) * A)

Sources: Schulman et al., Generalized Advantage Estimation (2016), section 3, and Proximal Policy Optimization (2017),
section 3; Shao et al., DeepSeekMath (2024), section 4.1. The divisor of std is that of TRL's GRPOTrainer.
"""

from typing import NamedTuple

import numpy as np


class Advantages(NamedTuple):
    """Arrays of shape (n_steps,). The returns are A_t + V(s_t), the targets of the value function."""

    advantages: np.ndarray
    returns: np.ndarray


class Objective(NamedTuple):
    """The objective and its gradient with respect to logps."""

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
    """Return the advantages of consecutive steps, which may hold several episodes.

    Parameters
    ----------
    rewards, values : arrays of shape (n_steps,)
        values[t] is V(s_t).
    terminated : array of bool of shape (n_steps,)
        True if step t ends its episode; step t + 1 begins another.
    last_value : float
        V of the state after the last step.
    gamma, lam : float
        From 0 to 1.

    Examples
    --------
    >>> rewards, values, ends = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), np.array([False, True, False])
    >>> generalized_advantages(rewards, values, ends, last_value=4.0, gamma=0.5, lam=0.5).advantages
    array([0.75, 1.  , 3.  ])
    """
    rewards = np.asarray(rewards, dtype=float)
    values = np.asarray(values, dtype=float)
    terminated = np.asarray(terminated, dtype=bool)
    n = len(rewards)
    advantages = np.zeros(n)
    next_value, carry = float(last_value), 0.0
    for t in range(n - 1, -1, -1):
        if terminated[t]:
            next_value, carry = 0.0, 0.0
        carry = rewards[t] + gamma * next_value - values[t] + gamma * lam * carry
        advantages[t] = carry
        next_value = values[t]
    returns = advantages + values
    return Advantages(advantages, returns)


def clipped_objective(logps: np.ndarray, old_logps: np.ndarray, advantages: np.ndarray, clip: float = 0.2) -> Objective:
    """Return the clipped objective, to be maximised, and its gradient.

    Parameters
    ----------
    logps, old_logps, advantages : arrays of one shape
        Log-probabilities may be as low as -1e4; the two differ by at most 10.
    clip : float
        Between 0 and 1. At r = 1 - clip or 1 + clip, either one-sided derivative is right.

    Examples
    --------
    >>> advantages = np.array([1.0, -1.0, 1.0, -1.0])
    >>> value, grad = clipped_objective(np.log([2.0, 2.0, 0.5, 0.5]), np.zeros(4), advantages)
    >>> round(value, 6)  # the mean of 1.2, -2, 0.5, -0.8
    -0.275
    >>> grad
    array([ 0.   , -0.5  ,  0.125,  0.   ])
    """
    logps = np.asarray(logps, dtype=float)
    old_logps = np.asarray(old_logps, dtype=float)
    advantages = np.asarray(advantages, dtype=float)
    ratio = np.exp(logps) / np.exp(old_logps)
    plain = ratio * advantages
    clipped = np.clip(ratio, 1 - clip, 1 + clip) * advantages
    value = float(np.minimum(plain, clipped).mean())
    grad = np.where(plain <= clipped, plain, 0.0) / plain.size
    return Objective(value, grad)


def group_advantages(rewards: np.ndarray, eps: float = 1e-4) -> np.ndarray:
    """Return (reward - mean) / (std + eps), with mean and std of the group of one prompt.

    Parameters
    ----------
    rewards : array of shape (n_prompts, group_size)
        group_size >= 2.
    eps : float
        Positive.

    Returns
    -------
    array of shape (n_prompts, group_size)
        std divides by group_size - 1.

    Examples
    --------
    >>> group_advantages(np.array([[0.0, 4.0], [7.0, 7.0]])).round(4)
    array([[-0.7071,  0.7071],
           [ 0.    ,  0.    ]])
    """
    rewards = np.asarray(rewards, dtype=float)
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    std = rewards.std(axis=1, ddof=1, keepdims=True)
    return centred / (std + eps)
