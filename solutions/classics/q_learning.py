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
    following = 0.0 if terminal else q[next_state].max()
    return _moved(q, state, action, reward + gamma * following, alpha)


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
    following = 0.0 if terminal else q[next_state, next_action]
    return _moved(q, state, action, reward + gamma * following, alpha)


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
    best = values == values.max()
    return epsilon / len(values) + (1 - epsilon) * best / best.sum()


def _moved(q: np.ndarray, state: int, action: int, target: float, alpha: float) -> np.ndarray:
    q = q.astype(float)
    q[state, action] += alpha * (target - q[state, action])
    return q


def q_learning_step_via_mean(
    q: np.ndarray,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminal: bool,
    alpha: float = 0.1,
    gamma: float = 0.99,
) -> np.ndarray:
    """Take the weighted mean of old value and target in plain lists."""
    table = [[float(value) for value in row] for row in q]
    target = reward
    if not terminal:
        target = reward + gamma * max(table[next_state])
    table[state][action] = (1 - alpha) * table[state][action] + alpha * target
    return np.array(table)


def q_learning_step_via_mask(
    q: np.ndarray,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminal: bool,
    alpha: float = 0.1,
    gamma: float = 0.99,
) -> np.ndarray:
    """Add the error to the whole table, times an array that is 1 at one place."""
    here = np.zeros(q.shape)
    here[state, action] = alpha
    best = np.sort(q[next_state])[::-1][0] * gamma * (not terminal)
    return q + here * (reward + best - q)


def sarsa_step_via_mean(
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
    """Take the weighted mean of old value and target in plain lists."""
    table = [[float(value) for value in row] for row in q]
    target = reward if terminal else reward + gamma * table[next_state][next_action]
    table[state][action] = (1 - alpha) * table[state][action] + alpha * target
    return np.array(table)


def sarsa_step_via_flat_index(
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
    """Give each pair of state and action a number, and subtract the share of the error."""
    values = q.ravel() * 1.0
    here, there = np.ravel_multi_index(([state, next_state], [action, 0 if terminal else next_action]), q.shape)
    error = values[here] - reward
    if not terminal:
        error -= gamma * values[there]
    values[here] -= alpha * error
    return values.reshape(q.shape)


def epsilon_greedy_via_loop(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Give each action its part of the exploration, and each best one its part of the rest."""
    numbers = values.tolist()
    top = max(numbers)
    n_best = numbers.count(top)
    return np.array([epsilon / len(numbers) + ((1 - epsilon) / n_best if value == top else 0) for value in numbers])


def epsilon_greedy_via_matrix(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Mix two distributions by a product with (epsilon, 1 - epsilon)."""
    best = np.where(values < np.max(values), 0.0, 1.0)
    mixed = np.stack([np.full(best.shape, 1 / best.size), best / np.count_nonzero(best)])
    return np.array([epsilon, 1 - epsilon]) @ mixed
