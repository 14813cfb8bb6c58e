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
    assert reference.max_stable_lr(np.zeros((3, 2))) == np.inf
