# candidate, par time, from the stub alone
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
    target = reward if terminal else reward + gamma * q[next_state].max()
    new = q.copy()
    new[state, action] += alpha * (target - q[state, action])
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
    target = reward if terminal else reward + gamma * q[next_state, next_action]
    new = q.copy()
    new[state, action] += alpha * (target - q[state, action])
    return new


def epsilon_greedy(values: np.ndarray, epsilon: float) -> np.ndarray:
    best = values == values.max()
    return epsilon / len(values) + (1 - epsilon) * best / best.sum()
