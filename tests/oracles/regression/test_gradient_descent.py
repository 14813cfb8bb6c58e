"""`gradient_descent` beside the closed form of its steps, and on both sides of the bound."""

import numpy as np
import pytest

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def closed_form(X, y, lr, n_steps):
    """Return the weights after n_steps, by the eigenvectors of the Hessian: the sum of a geometric series each."""
    curvatures, directions = np.linalg.eigh(X.T @ X / len(X))
    pull = directions.T @ (X.T @ y / len(X))
    series = [sum((1 - lr * c) ** np.arange(n_steps)) for c in curvatures]
    return directions @ (lr * np.array(series) * pull)


def loss(X, y, weights):
    return np.mean((X @ weights - y) ** 2) / 2


@pytest.mark.parametrize("shape", [(30, 4), (4, 4), (5, 9), (1, 3), (7, 1)])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_steps(reference, rng, shape, share):
    for _ in range(20):
        X, y = rng.normal(0.5, 1.0, size=shape), rng.normal(1.0, 1.0, size=shape[0])
        lr = share * reference.max_stable_lr(X)
        n_steps = int(rng.integers(1, 60))
        descent = reference.fit_gradient_descent(X, y, lr, n_steps)
        np.testing.assert_allclose(descent.weights, closed_form(X, y, lr, n_steps), **CLOSE)
        losses = [loss(X, y, closed_form(X, y, lr, t)) for t in range(n_steps)]
        np.testing.assert_allclose(descent.losses, losses, **CLOSE)


def test_goal(reference, rng):
    """Many steps lead to least squares, the shortest where there are several."""
    for shape in [(50, 4), (5, 20)]:
        X, y = rng.normal(size=shape), rng.normal(size=shape[0])
        descent = reference.fit_gradient_descent(X, y, 0.5 * reference.max_stable_lr(X), 20_000)
        np.testing.assert_allclose(descent.weights, np.linalg.lstsq(X, y)[0], **CLOSE)


@pytest.mark.parametrize("shape", [(30, 4), (5, 9), (7, 1)])
def test_bound(reference, rng, shape):
    """Past the bound by 1 % the losses grow by 1.02 squared a step in the end; before it they never rise."""
    X = rng.normal(0.5, 1.0, size=shape)
    y = X @ rng.normal(1.0, 1.0, size=shape[1]) + rng.normal(size=shape[0])
    bound = reference.max_stable_lr(X)
    assert (np.diff(reference.fit_gradient_descent(X, y, 0.999 * bound, 500).losses) <= 1e-12).all()
    losses = reference.fit_gradient_descent(X, y, 1.01 * bound, 2_000).losses
    np.testing.assert_allclose(losses[-1] / losses[-2], 1.02**2, rtol=1e-6)


def test_bound_is_that_of_the_hessian(reference, rng):
    for _ in range(100):
        X = rng.normal(rng.normal(size=4), 10.0 ** rng.integers(-5, 5), size=(int(rng.integers(1, 20)), 4))
        expected = 2 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]
        np.testing.assert_allclose(reference.max_stable_lr(X), expected, rtol=1e-9)


def test_claim_ill_conditioned(reference):
    """Over 20 seeds, 100,000 steps end at (2.2, -1.2) to (3.0, -2.0) for coef (3, -2); lstsq has eleven digits."""
    for seed in range(20):
        a, b = np.random.default_rng(seed).normal(size=(2, 40))
        X = np.column_stack([a, a + 0.01 * b])
        y = X @ [3.0, -2.0]
        lr = 0.5 * reference.max_stable_lr(X)
        curvatures, directions = np.linalg.eigh(X.T @ X / 40)
        weights = directions @ ((1 - (1 - lr * curvatures) ** 100_000) * (directions.T @ [3.0, -2.0]))
        assert 2.2 < weights[0] < 3.0
        assert -2.0 < weights[1] < -1.2
        np.testing.assert_allclose(np.linalg.lstsq(X, y)[0], [3.0, -2.0], rtol=1e-11)


@pytest.mark.parametrize(("scale", "low", "high"), [(1, 2, 8), (10, 500, 950), (100, 50_000, 95_000)])
def test_claim_steps_to_a_millionth(reference, scale, low, high):
    """Over 20 seeds, by the closed form of the loss after t steps."""
    for seed in range(20):
        X = np.random.default_rng(seed).normal(size=(200, 2)) * [1, scale]
        goal, lr = np.array([1.0, 1.0 / scale]), 0.5 * reference.max_stable_lr(X)
        curvatures, directions = np.linalg.eigh(X.T @ X / 200)

        def share(t, c=curvatures, rate=lr, part=directions.T @ goal):
            return (c * (part * (1 - rate * c) ** t) ** 2).sum() / (c * part**2).sum()

        assert share(low - 1) > 1e-6 > share(high)


def test_claim_centring(rng):
    X = rng.normal(10, 1, size=(100_000, 2))
    assert 190 < np.linalg.cond(X.T @ X) < 210


def test_claim_shortest_fit(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(5, 20)), rng.normal(size=5)
        weights = reference.fit_gradient_descent(X, y, 0.5 * reference.max_stable_lr(X), 2_000).weights
        np.testing.assert_allclose(weights, np.linalg.pinv(X) @ y, rtol=1e-10)


def test_claim_noise_floor():
    """Over four of the 20 seeds: 0.06 to 0.14 at lr 0.1, 0.006 to 0.012 at lr 0.01, below 0.002 with a decay."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1000, 3))
        y = X @ [1.0, -2.0, 3.0] + rng.normal(size=1000)
        lowest = loss(X, y, np.linalg.lstsq(X, y)[0])
        for lr, decay, low, high in [(0.1, 0, 0.06, 0.14), (0.01, 0, 0.006, 0.012), (0.1, 0.005, 0, 0.002)]:
            weights, excess = np.zeros(3), []
            for step, i in enumerate(rng.integers(1000, size=20_000)):
                weights = weights - lr / (1 + decay * step) * (X[i] @ weights - y[i]) * X[i]
                if step >= 18_000 and step % 50 == 0:
                    excess.append(loss(X, y, weights) - lowest)
            assert low < np.mean(excess) < high
