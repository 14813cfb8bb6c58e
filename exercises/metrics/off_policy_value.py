# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- off_policy_value
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
