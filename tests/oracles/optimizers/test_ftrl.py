"""The reference beside PyTorch's Adagrad, which it is without penalties, and beside SciPy's minimum of (1)."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar


def objective(w, total, sigma, used, ridge, l1):
    return total * w + ((sigma * (w - used) ** 2).sum() + ridge * w**2) / 2 + l1 * abs(w)


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3, 4)])
def test_without_penalties(reference, rng, shape):
    for _ in range(25):
        alpha, beta = (float(10.0 ** rng.uniform(-2, 1)) for _ in range(2))
        z, n, weights = np.zeros((3, *shape))
        trained = torch.nn.Parameter(torch.zeros(shape, dtype=torch.float64))
        optimizer = torch.optim.Adagrad([trained], lr=alpha, eps=beta)
        for _ in range(6):
            grad = rng.normal(size=shape) * rng.integers(0, 2, size=shape)
            trained.grad = torch.tensor(grad)
            optimizer.step()
            z, n, weights = reference.ftrl_step(z, n, weights, grad, alpha, beta, 0.0, 0.0)
            np.testing.assert_allclose(weights, trained.detach(), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(n, optimizer.state[trained]["sum"], rtol=1e-9, atol=1e-12)


def test_leader(reference, rng):
    for _ in range(25):
        alpha, beta, l1, l2 = rng.uniform(0.1, 2.0, size=4)
        z, n, weights = np.zeros((3, 1))
        grads, sigmas, used = [], [], []
        for _ in range(6):
            grad = rng.normal(scale=2.0, size=1)
            used.append(weights.item())
            grads.append(grad.item())
            sigmas.append((np.hypot(np.sqrt(n), grad) - np.sqrt(n)).item() / alpha)
            z, n, weights = reference.ftrl_step(z, n, weights, grad, alpha, beta, l1, l2)
            past = sum(grads), np.array(sigmas), np.array(used), beta / alpha + l2, l1
            found = minimize_scalar(objective, args=past, bounds=(-50, 50), method="bounded", options={"xatol": 1e-9})
            # A search by values alone finds the place of a minimum to the root of a rounding error and no better.
            np.testing.assert_allclose(weights.item(), found.x, rtol=1e-5, atol=1e-6)
            # At a minimum the slope is 0, or its two sides bracket 0, which is exact.
            slope = z.item() + ((beta + np.sqrt(n.item())) / alpha + l2) * weights.item()
            if weights.item() == 0:
                assert abs(z.item()) <= l1
            else:
                assert slope + l1 * np.sign(weights.item()) == pytest.approx(0.0, abs=1e-9)


def test_edges(reference):
    z, n, weights, grad = np.array([[1.0, -1.0, 8.0], [1.0, 1.0, 4.0], [0.0, 0.0, 7.0], [0.5, -1.0, 0.0]])
    step = reference.ftrl_step(z, n, weights, grad, 0.5, 1.0, 2.0, 0.0)
    assert step.z.tolist() == [1.5, -2.0, 8.0]
    assert step.n.tolist() == [1.25, 2.0, 4.0]
    assert step.weights.tolist() == [0.0, 0.0, -1.0]


def test_whole_numbers(reference, rng):
    whole = rng.integers(0, 9, size=(4, 3, 2))
    for have, want in zip(
        reference.ftrl_step(*whole, 2, 1, 3, 1), reference.ftrl_step(*whole.astype(float), 2, 1, 3, 1), strict=True
    ):
        np.testing.assert_array_equal(have, want)


def zeros_after(reference, seed, l1, *, by_subgradient=False):
    """Return how many of 100 weights are 0 after 5,000 rows of logistic regression, and whether the true five stay."""
    rng = np.random.default_rng(seed)
    x, true = (rng.random((5_000, 100)) < 0.1).astype(float), np.append([2.0, -2.0, 2.0, -2.0, 2.0], np.zeros(95))
    y = rng.random(5_000) < 1 / (1 + np.exp(-x @ true))
    z, n, weights = np.zeros((3, 100))
    for row, label in zip(x, y, strict=True):
        grad = (1 / (1 + np.exp(-row @ weights)) - label) * row
        if by_subgradient:
            grad = grad + l1 * np.sign(weights) / 5_000
        z, n, weights = reference.ftrl_step(z, n, weights, grad, 0.5, 1.0, 0.0 if by_subgradient else l1, 0.0)
    return int((weights == 0).sum()), bool(weights[:5].all())


@pytest.mark.parametrize("seed", range(10))
def test_claim_of_zeros(reference, seed):
    """40 to 70 zeros at l1 = 5 and 57 to 85 at l1 = 10; none by the subgradient."""
    for l1, low, high in [(5.0, 40, 70), (10.0, 57, 85)]:
        zeros, stay = zeros_after(reference, seed, l1)
        assert low <= zeros <= high
        assert stay
    if seed < 2:
        assert zeros_after(reference, seed, 10.0, by_subgradient=True)[0] == 0
