"""The reference on a small grid beside dynamic programming, whose fixed points both rules have."""

import numpy as np
import pytest

from tests.bench.peers import Peer

# Five states in a row; the actions go left and right. The last state is terminal, and entering it pays 1; a step costs.
N_STATES, GAMMA, COST = 5, 0.9, 0.04


def step(state, action):
    """Return reward, next state, and whether that is terminal."""
    following = min(max(state + (1 if action else -1), 0), N_STATES - 1)
    ended = following == N_STATES - 1
    return (1.0 if ended else -COST), following, ended


def solved(policy):
    """Return the action values of a policy, or of the best one for None, by sweeps until nothing changes."""
    q = np.zeros((N_STATES, 2))
    for _ in range(500):
        new = np.zeros(q.shape)
        for state in range(N_STATES - 1):
            for action in range(2):
                reward, following, ended = step(state, action)
                value = q[following].max() if policy is None else policy[following] @ q[following]
                new[state, action] = reward + GAMMA * value * (not ended)
        q = new
    return q


def test_q_learning_finds_the_optimum(reference, rng):
    q = np.zeros((N_STATES, 2))
    for _ in range(4_000):
        state, action = int(rng.integers(N_STATES - 1)), int(rng.integers(2))
        reward, following, ended = step(state, action)
        q = reference.q_learning_step(q, state, action, reward, following, ended, 0.5, GAMMA)
    np.testing.assert_allclose(q, solved(None), rtol=1e-9, atol=1e-9)


def test_optimum_is_a_fixed_point(reference):
    q = solved(None)
    for state in range(N_STATES - 1):
        for action in range(2):
            reward, following, ended = step(state, action)
            after = reference.q_learning_step(q, state, action, reward, following, ended, 0.3, GAMMA)
            np.testing.assert_allclose(after, q, rtol=1e-9, atol=1e-12)


def test_sarsa_averages_to_the_value_of_its_policy(reference):
    """The steps of SARSA, weighted with the policy's probabilities of a', leave its values where they are."""
    policy = np.stack([reference.epsilon_greedy(values, 0.2) for values in solved(None)])
    q = solved(policy)
    for state in range(N_STATES - 1):
        for action in range(2):
            reward, following, ended = step(state, action)
            mean = sum(
                policy[following, after]
                * reference.sarsa_step(q, state, action, reward, following, after, ended, 0.3, GAMMA)
                for after in range(2)
            )
            np.testing.assert_allclose(mean, q, rtol=1e-9, atol=1e-12)


def test_probabilities(reference, rng):
    for _ in range(50):
        values, epsilon = rng.integers(-2, 3, size=int(rng.integers(1, 7))).astype(float), float(rng.random())
        shares = reference.epsilon_greedy(values, epsilon)
        assert shares.sum() == pytest.approx(1)
        assert (shares >= epsilon / len(values) - 1e-12).all()


def test_claim_constant_rate(reference):
    rng = np.random.default_rng(0)
    ends = {"constant": [], "falling": []}
    for name, rates in [("constant", [0.1] * 100), ("falling", [1 / t for t in range(1, 101)])]:
        for _ in range(600):
            q = np.zeros((1, 1))
            for alpha in rates:
                q = reference.q_learning_step(q, 0, 0, rng.normal(), 0, True, alpha, 0.9)
            ends[name].append(q[0, 0])
    assert 0.20 < np.std(ends["constant"]) < 0.26
    assert 0.085 < np.std(ends["falling"]) < 0.115


def test_claim_overestimation(rng):
    assert rng.normal(size=(5_000, 10)).max(axis=1).mean() == pytest.approx(1.54, abs=0.05)


def peers(reference, rng):
    """Yield a step on a large table, beside the same step in place."""
    q = rng.normal(size=(500, 10))

    def in_place(table=q.copy()):  # noqa: B008
        table[3, 2] += 0.1 * (1.0 + 0.9 * table[4].max() - table[3, 2])

    yield Peer(
        "500 states, 10 actions", "in place", lambda: reference.q_learning_step(q, 3, 2, 1.0, 4, False), in_place
    )
