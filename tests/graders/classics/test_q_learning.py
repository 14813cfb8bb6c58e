import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Tables are new arrays: a learner who keeps old ones must not find them changed.
PURE = True

Q = np.array([[4.0, 0.0, 1.0], [2.0, 6.0, -1.0]])
HALF = {"alpha": 0.5, "gamma": 0.5}


@pytest.fixture
def q(rng):
    """Return a table of five states and three actions, with values of either sign."""
    return rng.normal(size=(5, 3)) * 4


def moved(q, state, action, target, alpha):
    """Return the table with one entry moved towards a target."""
    expected = np.array(q)
    expected[state, action] = (1 - alpha) * expected[state, action] + alpha * target
    return expected


def test_best_action(kata, q, rng):
    """Q-learning moves q[s, a] towards r + gamma * max of q[s'], and nothing else."""
    assert_close(kata.q_learning_step(Q, 0, 1, 1.0, 1, False, **HALF), [[4.0, 2.0, 1.0], [2.0, 6.0, -1.0]])
    for _ in range(6):
        (state, following), action = rng.choice(5, size=2, replace=False).tolist(), int(rng.integers(3))
        reward, alpha, gamma = float(rng.normal()), float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.9))
        expected = moved(q, state, action, reward + gamma * max(q[following]), alpha)
        assert_close(kata.q_learning_step(q, state, action, reward, following, False, alpha, gamma), expected)


def test_next_action(kata, q, rng):
    """SARSA moves q[s, a] towards r + gamma * q[s', a'], whether a' is the best or not."""
    assert_close(kata.sarsa_step(Q, 0, 1, 1.0, 1, 0, False, **HALF), [[4.0, 1.0, 1.0], [2.0, 6.0, -1.0]])
    assert_close(kata.sarsa_step(Q, 1, 1, 1.0, 0, 2, False, **HALF), [[4.0, 0.0, 1.0], [2.0, 3.75, -1.0]])
    for _ in range(6):
        (state, following), (action, after) = (
            rng.choice(5, size=2, replace=False).tolist(),
            rng.integers(3, size=2).tolist(),
        )
        reward, alpha, gamma = float(rng.normal()), float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.9))
        expected = moved(q, state, action, reward + gamma * q[following, after], alpha)
        assert_close(kata.sarsa_step(q, state, action, reward, following, after, False, alpha, gamma), expected)


def test_terminal_state(kata, q):
    """After a terminal state the target is the reward alone, whatever q holds for that state."""
    assert_close(kata.q_learning_step(Q, 0, 0, 1.0, 1, True, **HALF), [[2.5, 0.0, 1.0], [2.0, 6.0, -1.0]])
    assert_close(kata.sarsa_step(Q, 0, 0, 1.0, 1, 1, True, **HALF), [[2.5, 0.0, 1.0], [2.0, 6.0, -1.0]])
    for reward in (-2.0, 0.0, 3.0):
        expected = moved(q, 2, 1, reward, 0.3)
        assert_close(kata.q_learning_step(q, 2, 1, reward, 4, True, 0.3, 0.8), expected)
        assert_close(kata.sarsa_step(q, 2, 1, reward, 4, 0, True, 0.3, 0.8), expected)


def test_same_state(kata, q):
    """A step may lead back to its own state: the target uses the table from before the step."""
    table = np.array([[1.0, 3.0]])
    assert_close(kata.q_learning_step(table, 0, 1, 2.0, 0, False, **HALF), [[1.0, 3.25]])
    assert_close(kata.sarsa_step(table, 0, 0, 2.0, 0, 0, False, **HALF), [[1.75, 3.0]])
    assert_close(kata.q_learning_step(q, 3, 0, 1.5, 3, False, 0.2, 0.9), moved(q, 3, 0, 1.5 + 0.9 * max(q[3]), 0.2))


def test_negative_values(kata):
    """The best action may have a negative value."""
    table = np.array([[0.0, 0.0], [-8.0, -4.0]])
    assert_close(kata.q_learning_step(table, 0, 0, 1.0, 1, False, **HALF), [[-0.5, 0.0], [-8.0, -4.0]])
    assert_close(kata.sarsa_step(table, 0, 0, 1.0, 1, 0, False, **HALF), [[-1.5, 0.0], [-8.0, -4.0]])


def test_rates(kata, q):
    """By default alpha is 0.1 and gamma 0.99; either may be 0 or 1."""
    table = np.array([[10.0], [20.0]])
    assert_close(kata.q_learning_step(table, 0, 0, 1.0, 1, False), [[9.0 + 0.1 + 1.98], [20.0]])
    assert_close(kata.sarsa_step(table, 0, 0, 1.0, 1, 0, False), [[9.0 + 0.1 + 1.98], [20.0]])
    for alpha, gamma in [(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0), (1.0, 1.0)]:
        expected = moved(q, 1, 2, 0.7 + gamma * max(q[0]), alpha)
        assert_close(kata.q_learning_step(q, 1, 2, 0.7, 0, False, alpha, gamma), expected)
        assert_close(kata.sarsa_step(q, 1, 2, 0.7, 0, int(q[0].argmax()), False, alpha, gamma), expected)


def test_exploration(kata, rng):
    """Every action gets epsilon / n_actions, and the best one 1 - epsilon on top."""
    assert_close(kata.epsilon_greedy(np.array([1.0, 5.0, 3.0, 0.0]), 0.2), [0.05, 0.85, 0.05, 0.05])
    assert_close(kata.epsilon_greedy(np.array([-3.0, -1.0]), 0.5), [0.25, 0.75])
    assert_close(kata.epsilon_greedy(np.array([1e5, 1e5 + 0.5, 3.0]), 0.3), [0.1, 0.8, 0.1])
    for epsilon in (0.0, 0.1, 1.0):
        values = rng.normal(size=5)
        expected = np.full(5, epsilon / 5)
        expected[values.tolist().index(max(values))] += 1 - epsilon
        assert_close(kata.epsilon_greedy(values, epsilon), expected)


def test_ties(kata):
    """If several actions are best, they share 1 - epsilon equally."""
    assert_close(kata.epsilon_greedy(np.array([1.0, 5.0, 5.0, 0.0]), 0.2), [0.05, 0.45, 0.45, 0.05])
    assert_close(kata.epsilon_greedy(np.zeros(3), 0.3), [1 / 3] * 3)
    assert_close(kata.epsilon_greedy(np.array([-2.0, -2.0, -7.0]), 0.0), [0.5, 0.5, 0.0])


@strict
def test_no_next_action(kata):
    """After a terminal state next_action may be out of range."""
    for nothing in (3, -9):
        table = kata.sarsa_step(Q, 0, 0, 1.0, 1, nothing, True, **HALF)
        assert_close(table, [[2.5, 0.0, 1.0], [2.0, 6.0, -1.0]])


@strict
def test_whole_numbers(kata):
    """A table of whole numbers does not cut the new value off."""
    table = np.array([[4, 0], [2, 7]])
    assert_close(kata.q_learning_step(table, 0, 1, 1, 1, False, **HALF), [[4.0, 2.25], [2.0, 7.0]])
    assert_close(kata.sarsa_step(table, 0, 0, 2, 1, 1, False, **HALF), [[4.75, 0.0], [2.0, 7.0]])
    assert_close(kata.epsilon_greedy(np.array([3, 3, 1]), 0.5), [5 / 12, 5 / 12, 1 / 6])


def workload(kata, rng, n):
    """Take some steps of both rules on a table of n states, and the policy of a state with ties."""
    q = rng.normal(size=(n, 4))
    for _ in range(3):
        state, following = rng.integers(n, size=2).tolist()
        action, after = rng.integers(4, size=2).tolist()
        terminal = bool(rng.random() < 0.3)
        q = np.asarray(kata.q_learning_step(q, state, action, float(rng.normal()), following, terminal, 0.4, 0.8))
        q = np.asarray(kata.sarsa_step(q, state, action, float(rng.normal()), following, after, terminal, 0.3, 0.7))
    return q, kata.epsilon_greedy(rng.integers(-2, 3, size=n).astype(float), 0.25)


MISTAKES = {
    "close values are tied": ("best = values == values.max()", "best = np.isclose(values, values.max())"),
    "a terminal state counts": (
        "following = 0.0 if terminal else q[next_state].max()",
        "following = q[next_state].max()",
    ),
    "a terminal state counts in SARSA": (
        "following = 0.0 if terminal else q[next_state, next_action]",
        "following = q[next_state, next_action]",
    ),
    "terminal steps not learned": (
        "    following = 0.0 if terminal else q[next_state].max()\n",
        "    if terminal:\n        return q * 1.0\n    following = q[next_state].max()\n",
    ),
    "the reward dropped at the end": (
        "    return _moved(q, state, action, reward + gamma * following, alpha)\n\n\ndef sarsa",
        "    return _moved(q, state, action, (not terminal) * reward + gamma * following, alpha)\n\n\ndef sarsa",
    ),
    "the best action of the old state": ("q[next_state].max()", "q[state].max()"),
    "the largest of the whole table": ("q[next_state].max()", "q.max()"),
    "the index for the value": ("q[next_state].max()", "q[next_state].argmax()"),
    "no negative values": ("q[next_state].max()", "max(q[next_state].max(), 0.0)"),
    "SARSA takes the maximum": ("else q[next_state, next_action]", "else q[next_state].max()"),
    "SARSA takes the old action again": ("else q[next_state, next_action]", "else q[next_state, action]"),
    "gamma times the reward": (
        "    return _moved(q, state, action, reward + gamma * following, alpha)\n\n\ndef sarsa",
        "    return _moved(q, state, action, gamma * (reward + following), alpha)\n\n\ndef sarsa",
    ),
    "gamma left out": (
        "    return _moved(q, state, action, reward + gamma * following, alpha)\n\n\ndef sarsa",
        "    return _moved(q, state, action, reward + following, alpha)\n\n\ndef sarsa",
    ),
    "the old value not subtracted": ("alpha * (target - q[state, action])", "alpha * target"),
    "replaced by the target": ("q[state, action] += alpha * (target - q[state, action])", "q[state, action] = target"),
    "alpha on the old value": (
        "q[state, action] += alpha * (target - q[state, action])",
        "q[state, action] = alpha * q[state, action] + (1 - alpha) * target",
    ),
    "all actions of the state": ("q[state, action] += alpha", "q[state] += alpha"),
    "in place": ("    q = q.astype(float)\n    q[state", "    q[state"),
    "1 - epsilon for the best one": (
        "epsilon / len(values) + (1 - epsilon) * best / best.sum()",
        "np.where(best, (1 - epsilon) / best.sum(), epsilon / max(len(values) - best.sum(), 1))",
    ),
    "the first of the best ones": ("best = values == values.max()", "best = np.arange(len(values)) == values.argmax()"),
    "ties not shared": ("(1 - epsilon) * best / best.sum()", "(1 - epsilon) * best"),
    "epsilon and 1 - epsilon swapped": (
        "epsilon / len(values) + (1 - epsilon) * best",
        "(1 - epsilon) / len(values) + epsilon * best",
    ),
    "a softmax": (
        "    return epsilon / len(values) + (1 - epsilon) * best / best.sum()",
        "    powers = np.exp((values - values.max()) / max(epsilon, 1e-9))\n    return powers / powers.sum()",
    ),
}

STRICT_MISTAKES = {
    "the next action is looked up after a terminal state": (
        "following = 0.0 if terminal else q[next_state, next_action]",
        "following = (not terminal) * q[next_state, next_action]",
    ),
    "the type of the table kept": ("    q = q.astype(float)\n    q[state", "    q = q.copy()\n    q[state"),
}
