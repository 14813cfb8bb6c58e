import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def data(rng):
    """Three features of different size, not centred, and a y that they do not explain."""
    X = rng.normal([1.0, -0.5, 0.0], [1.0, 0.6, 0.3], size=(8, 3))
    return X, X @ [1.0, -2.0, 3.0] + rng.normal(2.0, 1.0, size=8)


def loss(X, y, weights):
    return sum((target - row @ weights) ** 2 for row, target in zip(X, y, strict=True)) / (2 * len(y))


def descended(X, y, lr, n_steps):
    """Return what the definition makes of data: one step, one sample and one feature at a time."""
    weights, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(loss(X, y, weights))
        gradient = np.zeros(X.shape[1])
        for j in range(X.shape[1]):
            gradient[j] = sum((row @ weights - target) * row[j] for row, target in zip(X, y, strict=True)) / len(y)
        weights = weights - lr * gradient
    return weights, losses


def curvatures(X):
    return np.linalg.eigvalsh(X.T @ X / len(X))


def assert_descent(descent, weights, losses, **tolerance):
    assert_close(descent.losses, losses, **tolerance)
    assert_close(descent.weights, weights, **tolerance)


def test_first_step(kata, data):
    """The first step goes from 0 to lr times the mean of y_i x_i, and its loss is half the mean of y_i^2."""
    X, y = np.array([[0.0], [2.0], [2.0], [0.0]]), np.array([0.0, 4.0, 4.0, 0.0])
    assert_descent(kata.fit_gradient_descent(X, y, lr=0.25, n_steps=1), [1.0], [4.0])
    X, y = data
    mean_product = sum(target * row for row, target in zip(X, y, strict=True)) / 8
    assert_descent(kata.fit_gradient_descent(X, y, lr=0.3, n_steps=1), 0.3 * mean_product, [(y**2).mean() / 2])


def test_several_steps(kata, data):
    """Each step uses all samples and starts where the last one ended."""
    X, y = np.array([[0.0], [2.0], [2.0], [0.0]]), np.array([0.0, 4.0, 4.0, 0.0])
    # From 0 half of the way to 2 a step.
    assert_descent(kata.fit_gradient_descent(X, y, lr=0.25, n_steps=3), [1.75], [4.0, 1.0, 0.25])
    # The same in other units: rates of 2500 and 0.000025, and a gradient of 4000.
    for unit, size in [(0.01, 1.0), (100.0, 10.0)]:
        descent = kata.fit_gradient_descent(unit * X, size * y, 0.25 / unit**2, 3)
        assert_descent(descent, [1.75 * size / unit], size**2 * np.array([4.0, 1.0, 0.25]))
    for n_steps in (2, 5):
        assert_descent(kata.fit_gradient_descent(*data, 0.2, n_steps), *descended(*data, 0.2, n_steps))


def test_recorded_losses(kata, data):
    """The losses are those before each step. With n_steps = 0 there are none, and the weights are 0."""
    assert_descent(kata.fit_gradient_descent(*data, lr=0.3, n_steps=0), [0.0] * 3, [])
    before = kata.fit_gradient_descent(*data, lr=0.3, n_steps=6).weights
    assert_close(kata.fit_gradient_descent(*data, lr=0.3, n_steps=7).losses[-1:], [loss(*data, before)])
    # At the minimum the steps go on and change nothing: reached in one step, by an exact fit, and from the start.
    X = np.array([[2.0], [0.0]])
    for y, weight, losses in [
        ([4.0, 3.0], 2.0, [6.25, 2.25, 2.25, 2.25]),
        ([4.0, 0.0], 2.0, [4.0, 0.0, 0.0, 0.0]),
        ([0.0, 3.0], 0.0, [2.25, 2.25, 2.25, 2.25]),
        ([0.0, 0.0], 0.0, [0.0, 0.0, 0.0, 0.0]),
    ]:
        assert_descent(kata.fit_gradient_descent(X, np.array(y), lr=0.5, n_steps=4), [weight], losses)


def test_directions(kata):
    """Along an eigenvector with eigenvalue c, each step multiplies the distance by 1 - lr c."""
    # Four samples, and two features that are not correlated: of curvature 4 and 1/4.
    X = np.array([[2.0, 0.5], [2.0, -0.5], [-2.0, 0.5], [-2.0, -0.5]])
    y = X @ [3.0, -8.0]
    for lr, n_steps in [(0.1, 4), (0.45, 30)]:
        weights = kata.fit_gradient_descent(X, y, lr, n_steps).weights
        assert_close(weights, [3 - 3 * (1 - 4 * lr) ** n_steps, -8 + 8 * (1 - lr / 4) ** n_steps], rtol=1e-8)


def test_convergence(kata, rng):
    """With enough steps the weights are those of least squares without an intercept."""
    # Of curvatures 2, 1 and 1/2: what is to go shrinks by a quarter or more a step.
    X = np.linalg.qr(rng.normal(1.0, 1.0, size=(8, 3)))[0] * np.sqrt([16.0, 8.0, 4.0])
    y = X @ [1.0, -2.0, 3.0] + rng.normal(2.0, 1.0, size=8)
    weights = np.linalg.solve(X.T @ X, X.T @ y)
    descent = kata.fit_gradient_descent(X, y, 0.5, 100)
    assert_close(descent.weights, weights)
    assert_close(descent.losses[-1:], [loss(X, y, weights)])


def test_more_features_than_samples(kata, rng):
    """With more features than samples, the weights reach the shortest exact fit."""
    X, y = np.eye(3, 6) + 0.1 * rng.normal(size=(3, 6)), rng.normal(size=3)
    shortest = X.T @ np.linalg.solve(X @ X.T, y)
    descent = kata.fit_gradient_descent(X, y, 2.0, 150)
    assert_descent(descent, shortest, descended(X, y, 2.0, 150)[1], rtol=1e-6, atol=1e-9)


def test_divergence(kata, data):
    """Nothing is clipped or stopped: with lr just above the bound the losses grow."""
    X, y = data
    values, vectors = np.linalg.eigh(X.T @ X / 8)
    goal = vectors.T @ np.linalg.lstsq(X, y)[0]
    # The last one grows past 1e60: it is 49 times as large after each step.
    for share, n_steps in [(0.98, 200), (1.02, 200), (25.0, 40)]:
        lr = share * 2 / values[-1]
        weights = vectors @ (goal - goal * (1 - lr * values) ** n_steps)
        before = vectors @ (goal - goal * (1 - lr * values) ** (n_steps - 1))
        descent = kata.fit_gradient_descent(X, y, lr, n_steps)
        assert_close(descent.losses[-1:], [loss(X, y, before)], rtol=1e-6)
        assert_close(descent.weights, weights, rtol=1e-6, atol=1e-6)


def test_bound_of_few_features(kata):
    """The bound is 2 over the largest eigenvalue of X'X / n_samples."""
    assert_close(kata.max_stable_lr(np.array([[0.0], [2.0]])), 1.0)
    x, z = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, -1.0, 1.0, 1.0])
    assert_close(kata.max_stable_lr(x[:, None]), 2 * 4 / 30)
    # The larger root of t^2 - (30 + 4) t + (30 * 4 - 6^2), of products of the two features.
    assert_close(kata.max_stable_lr(np.column_stack([x, z])), 2 * 4 / (17 + (17**2 - 84) ** 0.5))
    # Features that are not correlated, of curvature 1/4 and 4: the steepest direction is one of the two axes.
    X = np.array([[0.5, 2.0], [0.5, -2.0], [-0.5, 2.0], [-0.5, -2.0]])
    for shaped in (X, X[:, ::-1]):
        assert_close(kata.max_stable_lr(shaped), 0.5)
    # As steep as can be where one feature rises while the other falls.
    for X in (np.column_stack([x, -x]), np.column_stack([x, 0.5 - x, np.zeros(4)])):
        assert_close(kata.max_stable_lr(X), 2 / curvatures(X)[-1])


def test_bound_of_many_features(kata, data, rng):
    """The bound holds for any shape of X, also with more features than samples."""
    X, _ = data
    for shaped in (X, X[:2], 0.1 * X, 0.001 * X, 50.0 * X.T, rng.normal(size=(3, 9))):
        assert_close(kata.max_stable_lr(shaped), 2 / curvatures(shaped)[-1])


@strict
def test_close_eigenvalues(kata):
    """The bound is right to nine digits, also if the two largest eigenvalues are close."""
    assert_close(kata.max_stable_lr(np.array([[9.95, 0.0], [0.0, 10.0]])), 2 * 2 / 100)


@strict
@pytest.mark.parametrize("kind", [int, np.int8], ids=["int64", "int8"])
def test_integers(kata, kind):
    """X and y may be integers of any type."""
    X, y = np.array([[1, 0], [2, 1], [0, 1]]), np.array([1, 2, 4])
    for lr in (0.25, 1.0):
        descent = kata.fit_gradient_descent(X.astype(kind), y.astype(kind), lr, 4)
        assert_descent(descent, *descended(X, y, lr, 4))
    X, y = np.array([[100, 3], [90, 50]]), np.array([100, 90])
    assert_close(kata.max_stable_lr(X.astype(kind)), 2 / curvatures(X)[-1])
    assert_descent(kata.fit_gradient_descent(X.astype(kind), y.astype(kind), 1e-4, 3), *descended(X, y, 1e-4, 3))


def workload(kata, rng, n):
    """Take a hundred steps on features of unequal size within the bound, and ten beyond; few samples, too."""
    X = (rng.normal(size=(n, 5)) + rng.normal(size=(n, 1))) * [1.0, 1.0, 0.5, 0.5, 2.0]
    X[:, 4] = np.rint(X[:, 4])
    y = 1 + X @ rng.normal(size=5) + rng.normal(size=n)
    lr = kata.max_stable_lr(X)
    few = kata.fit_gradient_descent(X[:3], y[:3], 0.05, 20)
    return lr, kata.fit_gradient_descent(X, y, 0.7 * lr, 100), kata.fit_gradient_descent(X, y, 1.3 * lr, 10), few


MISTAKES = {
    "the gradient of the sum": ("weights - lr / len(X) * (residual @ X)", "weights - lr * (residual @ X)"),
    "the gradient of the mean square, without its half": (
        "weights - lr / len(X) * (residual @ X)",
        "weights - 2 * lr / len(X) * (residual @ X)",
    ),
    "divided by the number of features": ("lr / len(X) * (residual @ X)", "lr / X.shape[1] * (residual @ X)"),
    "the loss without its half": ("residual @ residual / (2 * len(X))", "residual @ residual / len(X)"),
    "the loss of the sum": ("residual @ residual / (2 * len(X))", "residual @ residual / 2"),
    "the loss after each step": (
        (
            "        losses[step] = residual @ residual / (2 * len(X))\n"
            "        weights = weights - lr / len(X) * (residual @ X)\n"
        ),
        (
            "        weights = weights - lr / len(X) * (residual @ X)\n"
            "        residual = X @ weights - y\n"
            "        losses[step] = residual @ residual / (2 * len(X))\n"
        ),
    ),
    "the last loss as well": (
        "    return Descent(weights, losses)",
        "    return Descent(weights, np.append(losses, ((X @ weights - y) ** 2).mean() / 2))",
    ),
    "the last step is not taken": (
        "        weights = weights - lr / len(X) * (residual @ X)\n",
        "        if step < n_steps - 1:\n            weights = weights - lr / len(X) * (residual @ X)\n",
    ),
    "an intercept beside the weights": (
        "    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)\n",
        (
            "    X, y = X - X.mean(axis=0), y - y.mean()\n"
            "    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)\n"
        ),
    ),
    "one sample a step": (
        "weights = weights - lr / len(X) * (residual @ X)",
        "weights = weights - lr * residual[step % len(X)] * X[step % len(X)]",
    ),
    "each feature moves before the next looks": (
        "        weights = weights - lr / len(X) * (residual @ X)\n",
        (
            "        for j in range(X.shape[1]):\n"
            "            weights[j] -= lr / len(X) * ((X @ weights - y) @ X[:, j])\n"
        ),
    ),
    "momentum": (
        "weights = weights - lr / len(X) * (residual @ X)",
        "gradient = (gradient * 0.9 if step else 0) + residual @ X\n        weights = weights - lr / len(X) * gradient",
    ),
    "a falling learning rate": ("weights - lr / len(X)", "weights - lr / (1 + 0.01 * step) / len(X)"),
    "stops when the loss no longer falls": (
        "        losses[step] = residual @ residual / (2 * len(X))\n",
        (
            "        losses[step] = residual @ residual / (2 * len(X))\n"
            "        if step and losses[step] >= losses[step - 1]:\n"
            "            return Descent(weights, losses[: step + 1])\n"
        ),
    ),
    "stops when the gradient is small": (
        "        weights = weights - lr / len(X) * (residual @ X)\n",
        (
            "        if np.linalg.norm(residual @ X) > 1e-3:\n"
            "            weights = weights - lr / len(X) * (residual @ X)\n"
        ),
    ),
    "the gradient is clipped": ("* (residual @ X)", "* np.clip(residual @ X, -100.0, 100.0)"),
    "weights start at one": ("np.zeros(X.shape[1]), np.empty", "np.ones(X.shape[1]), np.empty"),
    "jumps to the least squares": (
        "    return Descent(weights, losses)",
        "    return Descent(np.linalg.lstsq(X, y)[0] if n_steps > 100 else weights, losses)",
    ),
    "the bound is 1 over the curvature": ("float(2 * len(X) / np", "float(1 * len(X) / np"),
    "the bound forgets the number of samples": (
        "float(2 * len(X) / np",
        "float(2 / np",
    ),
    "the bound divides by the number of features": ("float(2 * len(X) / np", "float(2 * X.shape[1] / np"),
    "a singular value for an eigenvalue": ("np.linalg.norm(X, ord=2) ** 2", "np.linalg.norm(X, ord=2)"),
    "the sum of all curvatures": ("np.linalg.norm(X, ord=2) ** 2", "np.linalg.norm(X) ** 2"),
    "the steepest single feature": ("np.linalg.norm(X, ord=2) ** 2", "(X**2).sum(axis=0).max()"),
    "the smallest curvature": ("np.linalg.norm(X, ord=2)", "np.linalg.norm(X, ord=-2)"),
    "the curvature of the centred features": ("np.linalg.norm(X, ord=2)", "np.linalg.norm(X - X.mean(axis=0), ord=2)"),
    "a power iteration from ones": (
        "    return float(2 * len(X) / np.linalg.norm(X, ord=2) ** 2)\n",
        (
            "    direction = np.ones(X.shape[1])\n"
            "    for _ in range(1000):\n"
            "        direction = X.T @ (X @ direction)\n"
            "        direction /= np.linalg.norm(direction) or 1\n"
            "    return float(2 / ((X @ direction) ** 2).mean())\n"
        ),
    ),
    "a power iteration that ends too soon": (
        "    return float(2 * len(X) / np.linalg.norm(X, ord=2) ** 2)\n",
        (
            "    direction = np.arange(1.0, X.shape[1] + 1)\n"
            "    for _ in range(5):\n"
            "        direction = X.T @ (X @ direction)\n"
            "        direction /= np.linalg.norm(direction) or 1\n"
            "    return float(2 / ((X @ direction) ** 2).mean())\n"
        ),
    ),
    "stops at a huge loss": (
        "        weights = weights - lr / len(X) * (residual @ X)\n",
        "        if losses[step] < 1e12:\n            weights = weights - lr / len(X) * (residual @ X)\n",
    ),
    "the learning rate is held near the bound": (
        "    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)\n",
        "    lr = min(lr, 2 * max_stable_lr(X))\n    weights, losses = np.zeros(X.shape[1]), np.empty(n_steps)\n",
    ),
    "the step goes up the gradient": ("weights - lr / len(X)", "weights + lr / len(X)"),
    "1 over the largest singular value": ("2 * len(X) / np.linalg.norm(X, ord=2) ** 2", "1 / np.linalg.norm(X, ord=2)"),
}

STRICT_MISTAKES = {
    "losses of the kind of X": ("np.empty(n_steps)", "np.empty(n_steps, X.dtype)"),
    "steps rounded to the kind of X": (
        "weights = weights - lr / len(X) * (residual @ X)",
        "weights = (weights - lr / len(X) * (residual @ X)).astype(X.dtype)",
    ),
    "a power iteration that takes two steep directions for one": (
        "    return float(2 * len(X) / np.linalg.norm(X, ord=2) ** 2)\n",
        (
            "    direction = np.arange(1.0, X.shape[1] + 1)\n"
            "    for _ in range(200):\n"
            "        direction = X.T @ (X @ direction)\n"
            "        direction /= np.linalg.norm(direction) or 1\n"
            "    return float(2 / ((X @ direction) ** 2).mean())\n"
        ),
    ),
}
