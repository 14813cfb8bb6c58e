"""The reference beside statsmodels' central differences and PyTorch's autograd, and beside exact fractions."""

import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from statsmodels.tools.numdiff import approx_fprime

from tests.bench.peers import Peer


def smooth(rng, shape):
    """Return a function of an array whose entries are coupled, for NumPy and for PyTorch."""
    pairs = rng.normal(size=(math.prod(shape), 5))

    def f(x):
        return float(np.tanh(np.ravel(x) @ pairs).sum() + np.exp(np.ravel(x) @ pairs[:, 0] / 5))

    def same(x):
        z = x.ravel() @ torch.tensor(pairs)
        return torch.tanh(z).sum() + torch.exp(z[0] / 5)

    return f, same


def autograd(f, x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(f(leaf), leaf)
    return grad.numpy()


def exact_error(analytic, numerical):
    """Return the largest relative error in exact arithmetic."""
    pairs = [(Fraction(float(a)), Fraction(float(n))) for a, n in zip(analytic.flat, numerical.flat, strict=True)]
    return float(max(abs(a - n) / (abs(a) + abs(n)) if a != n else Fraction(0) for a, n in pairs))


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 4), (2, 1, 3)])
def test_central_differences(reference, rng, shape):
    for h in (1e-5, 1e-3, 0.1, 1.0):
        f, _ = smooth(rng, shape)
        x = rng.normal(size=shape)
        expected = approx_fprime(x.ravel(), lambda flat, f=f: f(flat.reshape(shape)), epsilon=2 * h, centered=True)
        # Points may differ in the last digit, which the quotient divides by h.
        ours = reference.numerical_gradient(f, x, h)
        np.testing.assert_allclose(ours, np.reshape(expected, shape), rtol=1e-9, atol=1e-13 / h)


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 4), (2, 1, 3)])
def test_autograd(reference, rng, shape):
    """The central difference is an estimate: at h = 1e-4 and 1e-5 about nine digits of it are right."""
    for h in (1e-4, 1e-5):
        f, same = smooth(rng, shape)
        x = rng.normal(size=shape)
        np.testing.assert_allclose(reference.numerical_gradient(f, x, h), autograd(same, x), rtol=1e-5, atol=1e-6)


def test_whole_numbers(reference, rng):
    x = rng.integers(-3, 4, size=(2, 3))
    f, _ = smooth(rng, (2, 3))
    assert (reference.numerical_gradient(f, x) == reference.numerical_gradient(f, x.astype(float))).all()
    first, second = rng.integers(-2, 3, size=(2, 50))
    assert reference.gradient_error(first, second) == pytest.approx(exact_error(first, second), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_errors(reference, rng, scale):
    for _ in range(200):
        shape = tuple(rng.integers(1, 5, size=int(rng.integers(1, 4))))
        analytic = scale * rng.normal(size=shape) * (rng.random(shape) < 0.8)
        for numerical in (analytic * rng.uniform(0.9, 1.1, size=shape), scale * rng.normal(size=shape), 0 * analytic):
            expected = exact_error(analytic, numerical)
            assert reference.gradient_error(analytic, numerical) == pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert reference.gradient_error(numerical, analytic) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_edges(reference):
    assert reference.gradient_error(np.zeros(3), np.zeros(3)) == 0
    assert reference.gradient_error(np.zeros(3), np.array([0.0, 0.0, 1e-9])) == 1
    assert math.isnan(reference.gradient_error(np.array([1.0, np.nan]), np.array([2.0, np.nan])))
    with pytest.raises(ValueError, match="shape"):
        reference.gradient_error(np.zeros(3), np.zeros((3, 1)))


def error_at_one(reference, h, f=math.exp):
    """Return the error of the central difference of exp at 1."""
    return reference.gradient_error(
        np.array([math.e]), reference.numerical_gradient(lambda x: f(x[0]), np.array([1.0]), h)
    )


def test_claims_of_the_step(reference):
    for h, low, high in [(0.1, 8e-4, 9e-4), (1e-3, 8e-8, 9e-8), (1e-5, 0, 3e-11), (1e-8, 2e-10, 4e-9)]:
        assert low <= error_at_one(reference, h) <= high
    assert 1e-5 <= error_at_one(reference, 1e-12) <= 1e-4
    assert 1e-7 <= error_at_one(reference, 1e-5, lambda x: math.exp(x) + 1e6) <= 5e-7

    def single(x):
        return float(np.exp(np.float32(x)))

    errors = {h: error_at_one(reference, h, single) for h in (0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)}
    assert min(errors, key=errors.get) == 0.01
    assert 4e-6 <= errors[0.01] <= 1e-5
    assert 1e-3 <= errors[1e-5] <= 4e-3
    assert np.exp(1 + 1e-20j).imag / 1e-20 == pytest.approx(math.e, rel=1e-15)


def relu_network(seed):
    """Return the loss of a network with one hidden layer in its first weights, its gradient, and the weights."""
    rng = np.random.default_rng(seed)
    X, second = rng.normal(size=(200, 10)), rng.normal(size=(1, 20))
    weights, target = rng.normal(size=(20, 10)), rng.normal(size=(200, 1))

    def f(weights):
        return float(((np.maximum(X @ weights.T, 0) @ second.T - target) ** 2).mean() / 2)

    z = X @ weights.T
    missed = np.maximum(z, 0) @ second.T - target
    return f, ((missed @ second) * (z > 0)).T @ X / 200, weights


def test_claims_of_kinks(reference):
    slope = reference.numerical_gradient(lambda x: max(x[0], 0.0), np.array([-3e-6]))
    np.testing.assert_allclose(slope, 0.35, rtol=1e-6)
    coarse, fine = [], []
    for seed in range(20):
        f, gradient, weights = relu_network(seed)
        coarse.append(reference.gradient_error(gradient, reference.numerical_gradient(f, weights, 1e-3)))
        fine.append(reference.gradient_error(gradient, reference.numerical_gradient(f, weights)))
    assert 3e-3 < np.median(coarse) < 3e-2
    assert max(coarse) > 0.9
    assert max(fine) < 1e-5


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_norms(reference, seed):
    analytic = np.random.default_rng(seed).normal(size=10_000)
    numerical = analytic.copy()
    analytic[0], numerical[0] = 1e-3, -1e-3
    ratio = np.linalg.norm(analytic - numerical) / (np.linalg.norm(analytic) + np.linalg.norm(numerical))
    assert 0.9e-5 < ratio < 1.1e-5
    assert reference.gradient_error(analytic, numerical) == 1


def test_claim_of_directions(reference):
    for n_wrong, low, high in [(1, 1e-3, 5e-3), (10_000, 1 / 3 - 1e-6, 1 / 3 + 1e-6)]:
        errors = []
        for seed in range(200):
            rng = np.random.default_rng(seed)
            gradient, direction = rng.normal(size=(2, 10_000))
            wrong = gradient * (1 + (np.arange(10_000) < n_wrong))
            along = reference.numerical_gradient(lambda t, g=gradient, v=direction: g @ (t[0] * v), np.zeros(1), 1e-2)
            errors.append(reference.gradient_error(np.array([wrong @ direction]), along))
        assert low < np.median(errors) < high


def test_claims_of_gradcheck():
    defaults = inspect.signature(torch.autograd.gradcheck).parameters
    assert (defaults["atol"].default, defaults["rtol"].default) == (1e-5, 1e-3)

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(_, x):
            return 1e-6 * x

        @staticmethod
        def backward(_, grad):
            return -1e-6 * grad

    assert torch.autograd.gradcheck(Wrong.apply, torch.ones(3, dtype=torch.float64, requires_grad=True))


def peers(reference, rng):
    """Yield the numerical gradient of a function of 200 entries."""
    f, _ = smooth(rng, (200,))
    x = rng.normal(size=200) / 20
    yield Peer(
        "200 entries",
        "approx_fprime, centered",
        lambda: reference.numerical_gradient(f, x),
        lambda: approx_fprime(x, f, epsilon=2e-5, centered=True),
    )
