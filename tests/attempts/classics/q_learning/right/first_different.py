# different style; both bars
import numpy as np


def _blend(q, state, action, alpha, target):
    """A table of floats whose one entry is the weighted mean of the old value and the target."""
    table = [[float(value) for value in row] for row in np.asarray(q).tolist()]
    alpha = float(alpha)
    table[state][action] = (1.0 - alpha) * table[state][action] + alpha * target
    return np.array(table)


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
    target = float(reward)
    if not terminal:
        best = float("-inf")
        for value in q[next_state]:
            best = max(best, float(value))
        target += float(gamma) * best
    return _blend(q, state, action, alpha, target)


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
    target = float(reward)
    if not terminal:
        target += float(gamma) * float(q[next_state, next_action])
    return _blend(q, state, action, alpha, target)


def epsilon_greedy(values: np.ndarray, epsilon: float) -> np.ndarray:
    values = np.asarray(values).tolist()  # Python's numbers: integers are compared exactly
    epsilon = float(epsilon)
    top = max(values)
    share = (1.0 - epsilon) / values.count(top)
    probabilities = []
    for value in values:
        probability = epsilon / len(values)
        if value == top:
            probability += share
        probabilities.append(probability)
    return np.array(probabilities)
