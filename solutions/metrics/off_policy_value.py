"""Off-policy evaluation: the value of a new policy, estimated from the log of an old one.

In row i of the log the old policy chose action a_i with probability pscore_i and got reward r_i. The new policy would
choose action a with probability pi[i, a]. An importance weight corrects for the difference:

    w_i = min(pi[i, a_i] / pscore_i, max_weight)

    ips           = mean_i w_i r_i
    snips         = sum_i w_i r_i / sum_i w_i
    doubly_robust = mean_i [sum_a pi[i, a] q[i, a] + w_i (r_i - q[i, a_i])]

q is a model's prediction of the rewards. Without clipping, ips and doubly_robust are unbiased. snips is not, but
usually varies less than ips.

Source: Dudik, Langford and Li, Doubly Robust Policy Evaluation and Learning (2011); Swaminathan and Joachims, The
Self-Normalized Estimator for Counterfactual Learning (2015).

Strict
------
- ValueError if there is no row, lengths or shapes do not fit, a pscore is above 1 or NaN, or an action is not from 0 to
  n_actions - 1.
- Actions, rewards and q may be integers of any type.
"""

import math
import statistics

import numpy as np


def ips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Return the estimate by inverse propensity scores.

    Parameters
    ----------
    reward : array of shape (n_rows,)
        Any real numbers.
    action : array of int of shape (n_rows,)
        From 0 to n_actions - 1.
    pscore : array of shape (n_rows,)
        The old policy's probability of the logged action.
    action_dist : array of shape (n_rows, n_actions)
        pi, the new policy's probabilities. Each row has a sum of 1.
    max_weight : float
        Positive. The default clips nothing.

    Raises
    ------
    ValueError
        If a pscore is 0 or negative: such an action cannot be in the log.

    Examples
    --------
    The weights are 2 and 1.25.

    >>> pi = np.array([[0.5, 0.5], [0.0, 1.0]])
    >>> ips(np.array([4.0, 8.0]), np.array([0, 1]), np.array([0.25, 0.8]), pi)
    9.0
    """
    return float((_weights(reward, action, pscore, action_dist, max_weight) * reward).mean())


def snips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Return the self-normalised estimate. Parameters and errors are those of ips.

    Raises
    ------
    ValueError
        If all weights are 0.

    Examples
    --------
    >>> pi = np.array([[0.5, 0.5], [0.0, 1.0]])
    >>> round(snips(np.array([4.0, 8.0]), np.array([0, 1]), np.array([0.25, 0.8]), pi), 6)  # 18 / 3.25
    5.538462
    """
    weights = _weights(reward, action, pscore, action_dist, max_weight)
    if not weights.any():
        raise ValueError("the new policy takes none of the logged actions: all weights are 0")
    return float((weights * reward).sum() / weights.sum())


def doubly_robust(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    q: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Return the doubly robust estimate. Other parameters and errors are those of ips.

    Parameters
    ----------
    q : array of shape (n_rows, n_actions)
        Predicted rewards.

    Examples
    --------
    The model was too low by 2 in row 0 and by 3 in row 1.

    >>> pi, q = np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([[2.0, 4.0], [9.0, 5.0]])
    >>> doubly_robust(np.array([4.0, 8.0]), np.array([0, 1]), np.array([0.25, 0.8]), pi, q)
    7.875
    """
    weights = _weights(reward, action, pscore, action_dist, max_weight)
    if q.shape != action_dist.shape:
        raise ValueError(f"q has shape {q.shape} and action_dist {action_dist.shape}")
    missed = reward.astype(float) - q[np.arange(len(action)), action]
    return float(((action_dist * q).sum(axis=1) + weights * missed).mean())


def _weights(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float,
) -> np.ndarray:
    n_rows, n_actions = action_dist.shape
    if n_rows == 0 or not reward.shape == action.shape == pscore.shape == (n_rows,):
        raise ValueError(f"shapes {reward.shape}, {action.shape}, {pscore.shape} and {action_dist.shape} do not fit")
    if not ((pscore > 0) & (pscore <= 1)).all():
        raise ValueError("the probability of a logged action is above 0 and at most 1")
    if not ((action >= 0) & (action < n_actions)).all():
        raise ValueError(f"actions go from 0 to {n_actions - 1}")
    return np.minimum(action_dist[np.arange(n_rows), action] / pscore, max_weight)


def _rows(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float,
) -> list[tuple[float, float, int]]:
    """Return weight, reward and action of each row, in plain Python."""
    rows = []
    for r, a, p, pi in zip(reward.tolist(), action.tolist(), pscore.tolist(), action_dist.tolist(), strict=True):
        if not 0 < p <= 1 or a not in range(len(pi)):
            raise ValueError(f"action {a} of {len(pi)}, logged with probability {p}")
        rows.append((min(pi[a] / p, max_weight), r, a))
    return rows


def _selected(action: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return each row's value of its action, by a sum over a mask."""
    if action.shape != values.shape[:1]:
        raise ValueError(f"{action.shape} actions, values of shape {values.shape}")
    chosen = action[:, np.newaxis] == np.arange(values.shape[1])
    if not chosen.any(axis=1).all():
        raise ValueError("a row has an action that there is not")
    return np.where(chosen, values, 0).sum(axis=1)


def ips_via_loop(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Take the mean over the rows, in plain Python: the mean of nothing is a ValueError."""
    return statistics.fmean(weight * r for weight, r, _ in _rows(reward, action, pscore, action_dist, max_weight))


def ips_via_capped_pscore(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Raise the old probability instead of clipping the weight."""
    chosen = _selected(action, action_dist)
    if pscore.shape != reward.shape or len(reward) != len(chosen) or not len(reward):
        raise ValueError("lengths differ, or there is no row")
    if not (pscore.min() > 0 and pscore.max() <= 1):
        raise ValueError("a logging probability is not in (0, 1]")
    return float(chosen / np.maximum(pscore, chosen / max_weight) @ reward / len(reward))


def snips_via_loop(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Let the standard library take the weighted mean: weights that are all 0 are a ValueError to it."""
    weights, rewards, _ = zip(*_rows(reward, action, pscore, action_dist, max_weight), strict=True)
    return statistics.fmean(rewards, weights)


def snips_via_ips(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Divide ips by what ips says about a reward of 1."""
    one = ips_via_capped_pscore(np.ones(reward.shape), action, pscore, action_dist, max_weight)
    if one == 0:
        raise ValueError("all weights are 0")
    return ips_via_capped_pscore(reward, action, pscore, action_dist, max_weight) / one


def doubly_robust_via_loop(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    q: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Correct the model in each row, in plain Python."""
    values = []
    rows = _rows(reward, action, pscore, action_dist, max_weight)
    for (weight, r, a), pi, predicted in zip(rows, action_dist.tolist(), q.tolist(), strict=True):
        values.append(sum(map(math.prod, zip(pi, predicted, strict=True))) + weight * (r - predicted[a]))
    return statistics.fmean(values)


def doubly_robust_via_residuals(
    reward: np.ndarray,
    action: np.ndarray,
    pscore: np.ndarray,
    action_dist: np.ndarray,
    q: np.ndarray,
    max_weight: float = math.inf,
) -> float:
    """Add what the model says about the policy and what ips says about the model's residuals."""
    if q.shape != action_dist.shape or reward.shape != action.shape:
        raise ValueError("q and action_dist, or reward and action, differ in shape")
    residual = reward - 1.0 * _selected(action, q)
    direct = np.einsum("ia,ia->", action_dist, q) / len(q)
    return float(direct + ips_via_capped_pscore(residual, action, pscore, action_dist, max_weight))
