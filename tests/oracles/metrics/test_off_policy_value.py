"""`off_policy_value` beside the exact value: all logs of a small bandit, and NumPy's einsum on random input."""

import itertools

import numpy as np
import pytest

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw(rng, n, n_actions):
    pscore = rng.uniform(1e-3, 1.0, size=n)
    return rng.normal(size=n), rng.integers(0, n_actions, size=n), pscore, rng.dirichlet(np.full(n_actions, 0.5), n)


def by_einsum(reward, action, pscore, action_dist, q, max_weight):
    chosen = np.eye(action_dist.shape[1])[action]
    weights = np.clip(np.einsum("ia,ia,i->i", chosen, action_dist, 1 / pscore), None, max_weight)
    residuals = reward - np.einsum("ia,ia->i", chosen, q)
    robust = np.einsum("ia,ia->i", action_dist, q) + weights * residuals
    return (weights * reward).mean(), np.average(reward, weights=weights), robust.mean()


def test_random(reference, rng):
    for _ in range(200):
        parts = draw(rng, int(rng.integers(1, 40)), int(rng.integers(1, 6)))
        q, limit = rng.normal(size=parts[3].shape), float(rng.choice([0.2, 1.0, 5.0, np.inf]))
        found = (
            reference.ips(*parts, limit),
            reference.snips(*parts, limit),
            reference.doubly_robust(*parts, q, limit),
        )
        np.testing.assert_allclose(found, by_einsum(*parts, q, limit), **CLOSE)


def test_all_logs(reference, rng):
    """Over all logs of two rows, weighted by their probability, ips and doubly_robust have the value as their mean."""
    for _ in range(10):
        old, new = rng.dirichlet(np.ones(3), size=2), rng.dirichlet(np.ones(3), size=2)
        new[0] = [0.0, 1.0, 0.0]
        share, reward = rng.dirichlet(np.ones(2)), rng.normal(size=2)
        chance, q = rng.random((2, 3)), rng.normal(size=(2, 3))
        value = share @ (new * (reward[0] * (1 - chance) + reward[1] * chance)).sum(axis=1)
        means = np.zeros(2)
        rows = list(itertools.product(range(2), range(3), range(2)))
        for log in itertools.product(rows, rows):
            x, a, outcome = np.array(log).T
            probability = np.prod(share[x] * old[x, a] * np.where(outcome, chance[x, a], 1 - chance[x, a]))
            parts = reward[outcome], a, old[x, a], new[x]
            means += probability * np.array([reference.ips(*parts), reference.doubly_robust(*parts, q[x])])
        np.testing.assert_allclose(means, value, **CLOSE)


def test_edges(reference):
    """No overlap, logging probability 0 and bad input."""
    pi, half = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5])
    parts = np.array([1.0, 2.0]), np.array([0, 1]), half, pi
    assert reference.ips(*parts) == 0
    assert reference.doubly_robust(*parts, np.array([[9.0, 1.0], [4.0, 9.0]])) == 2.5
    with pytest.raises(ValueError, match="weights are 0"):
        reference.snips(*parts)
    for k, bad in (
        (0, np.ones(3)),
        (1, np.array([0, 2])),
        (1, np.array([0, -1])),
        (2, np.array([0.0, 1.0])),
        (2, np.array([0.5, 1.1])),
        (3, pi[:1]),
    ):
        broken = [bad if i == k else part for i, part in enumerate(parts)]
        for function in (reference.ips, reference.snips):
            with pytest.raises(ValueError, match=r"shapes|actions|probability"):
                function(*broken)
    with pytest.raises(ValueError, match="q has shape"):
        reference.doubly_robust(*parts, np.zeros((2, 3)))


MEAN = np.random.default_rng(123).uniform(0.1, 0.9, size=(5, 4))


def softmax(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


NEW = softmax(6 * MEAN)
VALUE = (NEW * MEAN).sum(axis=1).mean()


def logged(seed, n, old, written=None):
    """Draw a log: contexts, and the four parts of it."""
    rng = np.random.default_rng(seed)
    context = rng.integers(0, 5, size=n)
    action = (np.cumsum(old[context], axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    reward = (rng.random(n) < MEAN[context, action]).astype(float)
    pscore = (old if written is None else written)[context, action]
    return context, (reward, action, pscore, NEW[context])


def weights_of(parts):
    _, action, pscore, action_dist = parts
    return action_dist[np.arange(len(action)), action] / pscore


def test_claim_of_business_value(reference):
    """The first follow-up: clicks and margin prefer different items."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        item = rng.integers(0, 2, size=20_000)
        click = rng.random(item.size) < np.array([0.1, 0.04])[item]
        for reward, best in ((1.0 * click, 0), (click * np.array([1.0, 4.0])[item], 1)):
            shows = [np.tile(np.eye(2)[k], (item.size, 1)) for k in range(2)]
            values = [reference.ips(reward, item, np.full(item.size, 0.5), show) for show in shows]
            assert np.argmax(values) == best


def test_claims_of_estimators(reference):
    """The errors of the second follow-up."""
    found = []
    for seed in range(1000):
        context, parts = logged(seed, 100, softmax(-3 * MEAN))
        q = np.minimum(MEAN + 0.1, 1)[context]
        more = (parts[0] + 10, *parts[1:])
        found.append(
            [
                reference.ips(*parts),
                reference.snips(*parts),
                reference.doubly_robust(*parts, q),
                (parts[3] * q).sum(axis=1).mean(),
                reference.ips(*more),
                reference.snips(*more),
            ]
        )
    found = np.array(found)
    np.testing.assert_allclose(found.std(axis=0)[:3], [0.18, 0.10, 0.10], atol=0.01)
    np.testing.assert_allclose(found.mean(axis=0)[:4] - VALUE, [0, 0, 0, 0.1], atol=0.015)
    np.testing.assert_allclose(found.std(axis=0)[4:], [2.1, found[:, 1].std()], atol=0.1)


def test_claims_of_clipping(reference):
    """The errors of the third follow-up."""
    old = softmax(-6 * MEAN)
    for limit, error, bias in ((np.inf, 0.25, 0), (20, 0.22, -0.10), (10, 0.29, -0.26), (3, 0.52, -0.51)):
        found = np.array([reference.ips(*logged(seed, 200, old)[1], limit) for seed in range(1000)]) - VALUE
        assert abs(np.sqrt((found**2).mean()) - error) < 0.015
        assert abs(found.mean() - bias) < 0.015


def test_claims_of_support(reference):
    """The estimates of the fourth follow-up."""
    old = softmax(-3 * MEAN) * (MEAN.max(axis=1, keepdims=True) > MEAN)
    old /= old.sum(axis=1, keepdims=True)
    found = []
    for seed in range(200):
        _, parts = logged(seed, 1000, old)
        found.append((reference.ips(*parts), reference.snips(*parts), weights_of(parts).mean()))
    np.testing.assert_allclose([VALUE, *np.mean(found, axis=0)[:2]], [0.71, 0.26, 0.63], atol=0.006)
    assert np.min(found, axis=0)[2] > 0.34
    assert np.max(found, axis=0)[2] < 0.47


def test_claims_of_wrong_propensities(reference):
    """The estimates of the fifth follow-up."""
    old, written, found, right = softmax(-3 * MEAN), softmax(-2 * MEAN), [], []
    for seed in range(200):
        context, parts = logged(seed, 1000, old, written)
        robust = reference.doubly_robust(*parts, MEAN[context])
        found.append((reference.ips(*parts), reference.snips(*parts), robust, weights_of(parts).mean()))
        right.append(weights_of(logged(seed, 1000, old)[1]).mean())
    np.testing.assert_allclose(np.mean(found, axis=0)[:3], [0.53, 0.70, 0.71], atol=0.006)
    assert np.min(found, axis=0)[3] > 0.64
    assert np.max(found, axis=0)[3] < 0.85 < min(right)
    assert max(right) < 1.14


def peers(reference, rng):
    """Yield the doubly robust estimate of a long log."""
    parts = draw(rng, 200_000, 10)
    q = rng.normal(size=(200_000, 10))
    yield Peer(
        "200,000 rows, 10 actions",
        "one-hot and einsum in NumPy",
        lambda: reference.doubly_robust(*parts, q),
        lambda: by_einsum(*parts, q, np.inf),
    )
