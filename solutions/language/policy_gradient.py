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

import math
import statistics
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
    weights = np.where(terminated, 0.0, gamma)
    deltas = rewards + weights * np.append(values[1:], last_value) - values
    advantages, following = np.empty(len(deltas)), 0.0
    for t in reversed(range(len(deltas))):
        advantages[t] = following = deltas[t] + weights[t] * lam * following
    return Advantages(advantages, advantages + values)


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
    ratio = np.exp(logps - old_logps)
    plain, clipped = ratio * advantages, np.clip(ratio, 1 - clip, 1 + clip) * advantages
    # A ratio within the bounds makes the two equal, and the derivative of r is r.
    grad = np.where(plain <= clipped, plain, 0.0) / ratio.size
    return Objective(float(np.minimum(plain, clipped).mean()), grad)


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
    centered = rewards - rewards.mean(axis=1, keepdims=True)
    return centered / (rewards.std(axis=1, ddof=1, keepdims=True) + eps)


def generalized_advantages_via_double_loop(
    rewards: np.ndarray,
    values: np.ndarray,
    terminated: np.ndarray,
    last_value: float,
    gamma: float = 0.99,
    lam: float = 0.95,
) -> Advantages:
    """Add up the discounted deltas from each step to the end of its episode, as the definition says."""
    rewards, ends, known = rewards.tolist(), terminated.tolist(), [*values.tolist(), last_value]
    advantages = []
    for start in range(len(rewards)):
        total, discount = 0.0, 1.0
        for t in range(start, len(rewards)):
            if ends[t]:
                total += discount * (rewards[t] - known[t])
                break
            total += discount * (rewards[t] + gamma * known[t + 1] - known[t])
            discount *= gamma * lam
        advantages.append(total)
    return Advantages(np.array(advantages), values + advantages)


def generalized_advantages_via_returns(
    rewards: np.ndarray,
    values: np.ndarray,
    terminated: np.ndarray,
    last_value: float,
    gamma: float = 0.99,
    lam: float = 0.95,
) -> Advantages:
    """Mix, from the last step to the first, the return so far with the value of the next state."""
    returns, next_return, next_value = np.empty(len(rewards)), last_value, last_value
    for t in reversed(range(len(rewards))):
        future = 0.0 if terminated[t] else (1 - lam) * next_value + lam * next_return
        returns[t] = next_return = rewards[t] + gamma * future
        next_value = values[t]
    return Advantages(returns - values, returns)


def generalized_advantages_via_linear_system(
    rewards: np.ndarray,
    values: np.ndarray,
    terminated: np.ndarray,
    last_value: float,
    gamma: float = 0.99,
    lam: float = 0.95,
) -> Advantages:
    """Solve the recursion for all steps at once."""
    goes_on = gamma * ~terminated
    deltas = rewards - values + goes_on * np.concatenate([values[1:], [last_value]])
    advantages = np.linalg.solve(np.eye(len(deltas)) - np.diag(lam * goes_on[:-1], k=1), deltas)
    return Advantages(advantages, advantages + values)


def clipped_objective_via_loop(
    logps: np.ndarray, old_logps: np.ndarray, advantages: np.ndarray, clip: float = 0.2
) -> Objective:
    """Cut each action off at the one bound that the sign of its advantage makes matter."""
    terms, grad = [], []
    for logp, old, advantage in zip(logps.ravel(), old_logps.ravel(), advantages.ravel(), strict=True):
        plain = advantage * math.exp(logp - old)
        term = min(plain, advantage * (1 + math.copysign(clip, advantage)))
        terms.append(term)
        grad.append(plain / logps.size if term == plain else 0.0)
    return Objective(math.fsum(terms) / logps.size, np.array(grad).reshape(logps.shape))


def clipped_objective_via_excess(
    logps: np.ndarray, old_logps: np.ndarray, advantages: np.ndarray, clip: float = 0.2
) -> Objective:
    """Take off the unclipped objective what a move in the wanted direction gains beyond the bound."""
    gain = np.sign(advantages) * np.expm1(logps - old_logps) - clip
    excess = np.abs(advantages) * np.maximum(gain, 0.0)
    surrogate = np.exp(logps - old_logps) * advantages
    return Objective(float((surrogate - excess).mean()), (excess == 0) * surrogate / surrogate.size)


def group_advantages_via_loop(rewards: np.ndarray, eps: float = 1e-4) -> np.ndarray:
    """Treat one prompt at a time, with the statistics of the standard library."""
    advantages = []
    for group in rewards.tolist():
        mean, std = statistics.fmean(group), statistics.stdev(group)
        advantages.append([(reward - mean) / (std + eps) for reward in group])
    return np.array(advantages)


def group_advantages_via_pairs(rewards: np.ndarray, eps: float = 1e-4) -> np.ndarray:
    """Compare each answer with each other: the variance is half the mean squared difference of two."""
    size = rewards.shape[1]
    differences = rewards[:, :, np.newaxis] - rewards[:, np.newaxis, :]
    variances = (differences**2).sum(axis=(1, 2), keepdims=True)[..., 0] / (2 * size * (size - 1))
    return differences.mean(axis=2) / (variances**0.5 + eps)
