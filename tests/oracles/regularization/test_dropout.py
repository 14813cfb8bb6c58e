"""The reference beside PyTorch's dropout: its moments, its ends, and autograd with the mask that was drawn."""

from itertools import product

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


@pytest.mark.parametrize("shape", [(7,), (5, 4), (2, 3, 4), (0, 3), (1, 1)])
def test_autograd(reference, rng, shape):
    """PyTorch differentiates x times the mask, which the reference's own out shows."""
    for p in (0.0, 0.1, 0.5, 0.9):
        for _ in range(20):
            x, grad_out = rng.uniform(1.0, 2.0, size=shape), rng.normal(size=shape)
            step = reference.dropout_forward(x, p, True, rng)
            tensor = torch.tensor(x, requires_grad=True)
            out = tensor * torch.tensor(step.out != 0) / (1 - p)
            (grad,) = torch.autograd.grad(out, tensor, torch.tensor(grad_out))
            np.testing.assert_allclose(step.out, out.detach(), rtol=1e-9)
            np.testing.assert_allclose(reference.dropout_backward(grad_out, step.cache), grad, rtol=1e-9)


@pytest.mark.parametrize(("p", "training"), [(0.0, True), (1.0, True), (0.0, False), (0.3, False), (1.0, False)])
def test_nothing_random(reference, rng, p, training):
    x, grad_out = rng.integers(-2, 3, size=(6, 5)).astype(float), rng.normal(size=(6, 5))
    step = reference.dropout_forward(x, p, training, rng)
    tensor = torch.tensor(x, requires_grad=True)
    out = functional.dropout(tensor, p, training)
    (grad,) = torch.autograd.grad(out, tensor, torch.tensor(grad_out))
    np.testing.assert_array_equal(step.out, out.detach())
    np.testing.assert_array_equal(reference.dropout_backward(grad_out, step.cache), grad)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_moments(reference, rng, p):
    """The share, the value and the spread over rows and columns are those of PyTorch's masks."""
    ours = reference.dropout_forward(np.ones((400, 300)), p, True, rng).out
    torch.manual_seed(int(rng.integers(2**31)))
    theirs = functional.dropout(torch.ones((400, 300), dtype=torch.float64), p, True).numpy()
    np.testing.assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-9)
    for axis in (None, 0, 1):
        one, other = (np.mean(out == 0, axis=axis) for out in (ours, theirs))
        n = 120_000 if axis is None else (400, 300)[axis]
        assert np.mean(one) == pytest.approx(np.mean(other), abs=8 * (2 * p * (1 - p) / 120_000) ** 0.5)
        if axis is not None:
            assert np.var(one) == pytest.approx(p * (1 - p) / n, rel=0.7)
            assert np.var(other) == pytest.approx(p * (1 - p) / n, rel=0.7)


@pytest.mark.parametrize("p", [-0.1, 1.1])
@pytest.mark.parametrize("training", [True, False])
def test_bad_input(reference, rng, p, training):
    for function in (
        reference.dropout_forward,
        lambda x, p, training, _: functional.dropout(torch.tensor(x), p, training),
    ):
        with pytest.raises(ValueError, match="probability"):
            function(np.ones(3), p, training, rng)


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_kinds(reference, rng, kind):
    step = reference.dropout_forward(np.full(50, 200).astype(kind), 0.5, True, rng)
    np.testing.assert_array_equal(step.out, np.where(step.out == 0, 0.0, 400.0))


def test_claim_relu(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, weights = rng.normal(size=(1000, 100)), rng.normal(scale=0.1, size=(100, 50))
        dropped = reference.dropout_forward(x, 0.5, True, rng).out
        assert np.maximum(x @ weights, 0).mean() == pytest.approx(0.40, abs=0.02)
        assert np.maximum(dropped @ weights, 0).mean() == pytest.approx(0.56, abs=0.02)


def test_claim_geometric_mean(rng):
    """Of one softmax layer, with p = 1/2 as all masks are alike then, and with another p by their probability."""
    x, weights = rng.normal(size=3), rng.normal(size=(3, 4))
    for p in (0.5, 0.2):
        logs = np.zeros(4)
        for mask in product([0, 1], repeat=3):
            logits = (x * mask / (1 - p)) @ weights
            logs += np.prod(np.where(mask, 1 - p, p)) * (logits - np.log(np.exp(logits).sum()))
        full = np.exp(x @ weights)
        np.testing.assert_allclose(np.exp(logs) / np.exp(logs).sum(), full / full.sum(), rtol=1e-9)


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_claim_ridge(rng, p):
    X = rng.normal(size=(40, 4)) * [1.0, 2.0, 0.5, 3.0]
    y, w = rng.normal(size=40), rng.normal(size=4)
    expected = 0.0
    for mask in product([0, 1], repeat=4):
        expected += np.prod(np.where(mask, 1 - p, p)) * ((y - (X * mask / (1 - p)) @ w) ** 2).sum()
    penalty = p / (1 - p) * (w**2 * (X**2).sum(axis=0)).sum()
    np.testing.assert_allclose(((y - X @ w) ** 2).sum() + penalty, expected, rtol=1e-9)


def test_claim_variance(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=10_000)
        variance = reference.dropout_forward(x, 0.5, True, rng).out.var()
        assert 1.9 < variance < 2.15
        assert (x / variance**0.5).std() == pytest.approx(0.71, abs=0.02)


def test_claim_training_mode(reference, rng):
    sums = [(reference.dropout_forward(np.ones(100), 0.5, True, rng).out * 0.01).sum() for _ in range(1_000)]
    assert np.std(sums) == pytest.approx(0.1, abs=0.02)
    assert (reference.dropout_forward(np.ones(100), 0.5, False, rng).out * 0.01).sum() == pytest.approx(1.0)
    layer = torch.nn.Dropout(0.5)
    with torch.no_grad():
        assert (layer(torch.ones(200)) == 0).any()
        assert (functional.dropout(torch.ones(200)) == 0).any()
        assert (layer.eval()(torch.ones(200)) == 1).all()


def peers(reference, rng):
    """Yield one large layer in training, forward and backward."""
    x, grad_out = rng.normal(size=(1000, 500)), rng.normal(size=(1000, 500))
    tensor, grad = torch.tensor(x, requires_grad=True), torch.tensor(grad_out)

    def ours():
        step = reference.dropout_forward(x, 0.5, True, rng)
        return reference.dropout_backward(grad_out, step.cache)

    yield Peer(
        "1,000 samples of 500, both passes",
        "functional.dropout of PyTorch, autograd",
        ours,
        lambda: torch.autograd.grad(functional.dropout(tensor, 0.5, True), tensor, grad),
    )
