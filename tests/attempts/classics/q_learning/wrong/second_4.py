# wrong (core): maximum starts at 0, wrong if all values of next_state are negative
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- q_learning
"""Tabular Q-learning and SARSA, and the probabilities of an epsilon-greedy policy.

q[s, a] estimates the return of action a in state s: the sum of all rewards from there on, discounted by gamma a step.
After a step from s by a with reward r to s', move it towards a target:

    q[s, a]  <-  q[s, a] + alpha * (target - q[s, a])

    Q-learning:    target = r + gamma * max over b of q[s', b]
    SARSA:         target = r + gamma * q[s', a']                 a': the action that is taken next

Nothing follows a terminal state: there target = r, whatever q says of s'.

Q-learning is off-policy: it learns the value of the greedy policy, while another one acts. SARSA is on-policy.

All functions return new arrays and leave their arguments as they were.

Source: Sutton and Barto, Reinforcement Learning (2018), sections 2.2, 6.4 and 6.5.

Strict
------
- After a terminal state next_action may be out of range.
"""

import numpy as np


def q_learning_step(
    q: np.ndarray,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminal: bool,
    alpha: float = 0.1,
    gamma: float = 0.99,
) -> np.ndarray:
    """Return the table after one step of Q-learning.

    Parameters
    ----------
    q : array of shape (n_states, n_actions)
    state, action : int
        Where the step began, and what was done.
    reward : float
    next_state : int
        It may be the same state.
    terminal : bool
        True if next_state is terminal.
    alpha, gamma : float
        The learning rate and the discount, from 0 to 1.

    Examples
    --------
    >>> q = np.array([[4.0, 0.0], [2.0, 6.0]])
    >>> q_learning_step(q, 0, 0, 2.0, 1, terminal=False, alpha=0.5, gamma=0.5)
    array([[4.5, 0. ],
           [2. , 6. ]])
    >>> q_learning_step(q, 0, 0, 2.0, 1, terminal=True, alpha=0.5, gamma=0.5)
    array([[3., 0.],
           [2., 6.]])
    """
    new = np.array(q, dtype=float)
    best = 0.0
    if not terminal:
        for value in new[next_state]:
            best = max(best, value)
    future = gamma * best
    new[state, action] += alpha * (reward + future - new[state, action])
    return new


def sarsa_step(
    q: np.ndarray,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    next_action: int,
    terminal: bool,
    alpha: float = 0.1,
    gamma: float = 0.99,
) -> np.ndarray:
    """Return the table after one step of SARSA. next_action is a'; after a terminal state it means nothing.

    Examples
    --------
    >>> q = np.array([[4.0, 0.0], [2.0, 6.0]])
    >>> sarsa_step(q, 0, 0, 2.0, 1, 0, terminal=False, alpha=0.5, gamma=0.5)
    array([[3.5, 0. ],
           [2. , 6. ]])
    """
    new = np.array(q, dtype=float)
    following = 0.0 if terminal else gamma * new[next_state, next_action]
    new[state, action] += alpha * (reward + following - new[state, action])
    return new


def epsilon_greedy(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the probability of each action under an epsilon-greedy policy.

    With probability epsilon the action is drawn uniformly from all actions, the best one included. Otherwise it is the
    best one; if several are best, each of them is equally likely.

    Parameters
    ----------
    values : array of shape (n_actions,)
        q of one state.
    epsilon : float
        From 0 to 1.

    Examples
    --------
    >>> epsilon_greedy(np.array([1.0, 5.0, 5.0, 0.0]), epsilon=0.2)
    array([0.05, 0.45, 0.45, 0.05])
    """
    values = np.asarray(values, dtype=float)
    best = values == values.max()
    return epsilon / len(values) + (1 - epsilon) * best / best.sum()
