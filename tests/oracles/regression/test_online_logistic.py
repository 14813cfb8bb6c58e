"""The reference beside SGDClassifier of scikit-learn, one sample at a time, and the claims of the follow-ups."""

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from tests.oracles.claims import within


def library(X, y, lr, delay=0):
    model = SGDClassifier(loss="log_loss", penalty=None, learning_rate="constant", eta0=lr)
    losses, known = [], False
    for t in range(len(X)):
        margin = model.decision_function(X[t : t + 1])[0] if known else 0.0
        losses.append(np.logaddexp(0, margin) - y[t] * margin)
        if t >= delay:
            model.partial_fit(X[t - delay : t - delay + 1], y[t - delay : t - delay + 1], classes=[0, 1])
            known = True
    return np.array(losses), *((model.coef_[0], model.intercept_[0]) if known else (np.zeros(X.shape[1]), 0.0))


def same(ours, theirs):
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-11)


def drawn(rng, n, n_features):
    X = rng.normal(size=(n, n_features))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X.sum(axis=1)))).astype(int)


def test_random(reference, rng):
    for delay in (0, 0, 1, 3, 10, 29, 30, 50):
        X, y = drawn(rng, 30, int(rng.integers(1, 6)))
        lr = rng.uniform(0.05, 1)
        same(reference.progressive_log_loss(X, y, lr, delay), library(X, y, lr, delay))


def test_sparse(reference, rng):
    for _ in range(5):
        X, y = drawn(rng, 30, 6)
        X *= rng.random(X.shape) < 0.4
        rows = [{10**15 - 7 * j: value for j, value in enumerate(row) if value} for row in X.tolist()]
        ours = reference.progressive_log_loss_sparse(rows, y, 0.3)
        weights = np.array([ours.weights.get(10**15 - 7 * j, 0.0) for j in range(6)])
        same((ours.losses, weights, ours.intercept), library(X, y, 0.3))
    empty = reference.progressive_log_loss_sparse([{}, {}], np.array([1, 0]), 0.3)
    same((empty.losses, [0.0], empty.intercept), library(np.zeros((2, 1)), np.array([1, 0]), 0.3))


def test_edges(reference, rng):
    X, y = drawn(rng, 10, 3)
    same(reference.progressive_log_loss(X, y, 0.0), (np.full(10, np.log(2)), np.zeros(3), 0.0))
    same(
        reference.progressive_log_loss(np.rint(30 * X).astype(np.int8), y == 1, 1e-3), library(np.rint(30 * X), y, 1e-3)
    )
    with pytest.raises(ValueError, match="label"):
        reference.progressive_log_loss(X, 2 * y - 1, 0.1)
    with pytest.raises(ValueError, match="label"):
        reference.progressive_log_loss_sparse([{}] * 10, 2 * y - 1, 0.1)
    with pytest.raises(ValueError, match="before"):
        reference.progressive_log_loss(X, y, 0.1, -1)


def streams(X, y, lr, delay=0, first=False):
    """Return the losses of streams x steps x features, without an intercept."""
    weights, losses = np.zeros((len(X), X.shape[2])), np.zeros(y.shape)

    def learn(s):
        wrong = 1 / (1 + np.exp(-(weights * X[:, s]).sum(axis=1))) - y[:, s]
        weights[...] -= lr * wrong[:, None] * X[:, s]

    for t in range(y.shape[1]):
        if first:
            learn(t)
        margin = (weights * X[:, t]).sum(axis=1)
        losses[:, t] = np.logaddexp(0, margin) - y[:, t] * margin
        if not first and t >= delay:
            learn(t - delay)
    return losses


def related(rng, n, change):
    X, weights = rng.normal(size=(20, n, 5)), rng.normal(size=(20, 1, 5))
    margin = (X * 2 * weights / np.linalg.norm(weights, axis=2, keepdims=True)).sum(axis=2)
    margin[:, change:] *= -1
    return X, (rng.random(margin.shape) < 1 / (1 + np.exp(-margin))).astype(float)


def test_helper(reference, rng):
    X, y = related(rng, 40, 20)
    with_ones = np.concatenate([X, np.ones((20, 40, 1))], axis=2)
    for delay in (0, 4):
        ours = reference.progressive_log_loss(X[0], y[0], 0.3, delay).losses
        np.testing.assert_allclose(streams(with_ones, y, 0.3, delay)[0], ours)


def test_claims_of_the_order():
    """The numbers of the first follow-up."""

    def claim(rng):
        X, y = rng.normal(size=(20, 300, 20)), rng.integers(0, 2, size=(20, 300))
        return streams(X, y, 0.05).mean(), streams(X, y, 0.05, first=True).mean()

    within([0.745, 0.5], [0.77, 0.52], claim)


def test_claims_of_the_rate():
    """The numbers of the second follow-up."""

    def claim(rng):
        X, y = related(rng, 1_000, 500)
        runs = [streams(X, y, lr) for lr in (0.01, 0.1, 1.0)]
        return [
            [run[:, steps].mean() for run in runs] for steps in (slice(300, 500), slice(500, 600), slice(800, None))
        ]

    low = [[0.515, 0.46, 0.74], [0.94, 0.795, 0.86], [0.58, 0.455, 0.74]]
    within(low, [[0.55, 0.515, 0.87], [0.98, 0.86, 1.005], [0.61, 0.51, 0.845]], claim)


def test_claims_of_the_delay():
    """The numbers of the third follow-up."""

    def claim(rng):
        X, y = related(rng, 1_000, 500)
        return [streams(X, y, 0.1, delay).mean() for delay in (0, 50, 200)]

    within([0.51, 0.58, 0.79], [0.54, 0.61, 0.82], claim)


@pytest.mark.filterwarnings("ignore:overflow")
def test_claims_of_scaling():
    """The numbers of the fourth follow-up."""

    def claim(rng):
        X, y = related(rng, 500, 500)
        large = X * [1, 1, 1, 1, 100]
        return streams(X, y, 0.1).mean(), streams(large, y, 1e-5).mean(), -streams(large, y, 0.1).mean()

    within([0.48, 0.635, -1_000], [0.51, 0.69, -150], claim)
