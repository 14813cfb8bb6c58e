"""The reference beside PyTorch: autograd of the penalty, SGD with weight_decay, and SGD on decayed weights."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from tests.bench.peers import Peer


def torch_steps(param, grads, lr, momentum, coupled, decay):
    """Take a step for each gradient. Decoupled decay scales the weights first, as PyTorch's AdamW does."""
    weights = torch.tensor(param, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=lr, momentum=momentum, weight_decay=coupled)
    for grad in grads:
        with torch.no_grad():
            weights.mul_(1 - lr * decay)
        weights.grad = torch.tensor(grad)
        optimizer.step()
        state = optimizer.state[weights]
    velocity = state["momentum_buffer"].numpy() if momentum else grads[-1] + coupled * np.nan
    return weights.detach().numpy(), velocity


def run(step, param, grads, lr, momentum, strength):
    state = param, np.zeros(param.shape)
    for grad in grads:
        state = step(state[0], grad, state[1], lr, momentum, strength)
    return state


@pytest.mark.parametrize("kind", [float, np.int8, np.int64])
def test_penalty(reference, rng, kind):
    """At 0 PyTorch's slope of abs is 0, too."""
    for _ in range(100):
        shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
        w = (rng.integers(-120, 120, size=shape) * (rng.random(shape) < 0.7)).astype(kind)
        if kind is float:
            w = w * rng.choice([1e-6, 1e-2, 1.0])
        l1, l2 = rng.choice([0.0, 0.3, 2.0], size=2)
        tensor = torch.tensor(w, dtype=torch.float64, requires_grad=True)
        expected = l1 * tensor.abs().sum() + l2 / 2 * (tensor**2).sum()
        expected.backward()
        found = reference.penalty(w, float(l1), float(l2))
        np.testing.assert_allclose(found.value, expected.item(), rtol=1e-12)
        np.testing.assert_allclose(found.subgradient, tensor.grad, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_steps(reference, rng, momentum):
    for _ in range(30):
        shape = tuple(rng.integers(1, 5, size=rng.integers(1, 4)))
        param, grads = rng.normal(size=shape), rng.normal(size=(5, *shape))
        lr, strength = rng.uniform(0.01, 0.5), rng.choice([0.0, 0.01, 0.5])
        for step, coupled, decay in [
            (reference.sgd_l2_step, strength, 0.0),
            (reference.sgd_decay_step, 0.0, strength),
        ]:
            found = run(step, param, grads, lr, momentum, strength)
            weights, velocity = torch_steps(param, grads, lr, momentum, coupled, decay)
            np.testing.assert_allclose(found[0], weights, rtol=1e-9, atol=1e-14)
            if momentum:
                np.testing.assert_allclose(found[1], velocity, rtol=1e-9, atol=1e-14)


def test_claim_decay_and_penalty(reference):
    """The numbers of the first follow-up."""
    nothing = np.zeros((500, 1))
    for step, left in [(reference.sgd_l2_step, 0.004), (reference.sgd_decay_step, 0.61)]:
        found = run(step, np.ones(1), nothing, 0.1, 0.9, 0.01)
        assert found[0][0] == pytest.approx(left, rel=0.06)
    for momentum, end in [(0.0, 0.5), (0.5, 0.667), (0.9, 0.909)]:
        for step, strength, expected in [
            (reference.sgd_l2_step, 1.0, 0.5),
            (reference.sgd_decay_step, 1.0, end),
            (reference.sgd_decay_step, 1 / (1 - momentum), 0.5),
        ]:
            param, velocity = np.zeros(1), np.zeros(1)
            for _ in range(3000):
                param, velocity = step(param, param - 1, velocity, 0.1, momentum, strength)
            assert param[0] == pytest.approx(expected, abs=5e-4)


def test_claim_zeros(reference):
    """The numbers of the second follow-up."""
    for lr, most in [(0.1, 0.125), (0.01, 0.013)]:
        w, sizes = np.ones(1), []
        for _ in range(2000):
            w = w - lr * (w - 0.3 + reference.penalty(w, 1.0, 0.0).subgradient)
            sizes.append(abs(w[0]))
        assert max(sizes[1000:]) == pytest.approx(most, rel=0.01)
        assert min(sizes) > 0
    w, path = 1.0, []
    for _ in range(50):
        moved = w - 0.1 * (w - 0.3)
        w = np.sign(moved) * max(abs(moved) - 0.1, 0)
        path.append(w)
    assert np.flatnonzero(np.array(path) != 0).tolist() == list(range(8))


def test_claim_biases_and_norms(reference, rng):
    """The numbers of the third follow-up."""
    y = rng.normal(size=100)
    y += 10 - y.mean()
    bias, velocity = np.zeros(1), np.zeros(1)
    for _ in range(500):
        bias, velocity = reference.sgd_l2_step(bias, bias - y.mean(), velocity, 0.1, 0.5, 1.0)
    assert bias[0] == pytest.approx(5)
    X, target = torch.tensor(rng.normal(size=(50, 4))), torch.tensor(rng.normal(size=50))
    found = []
    start = rng.normal(size=4)
    for factor in (1, 10):
        w = torch.tensor(factor * start, requires_grad=True)
        z = X @ w
        loss = (((z - z.mean()) / z.std()) ** 3 - target).abs().mean()
        loss.backward()
        found.append((loss.item(), w.grad.numpy()))
    assert found[0][0] == pytest.approx(found[1][0])
    np.testing.assert_allclose(found[0][1], 10 * found[1][1], rtol=1e-9)


def test_claim_translation(reference, rng):
    """The numbers of the fourth follow-up."""
    X = rng.normal(size=(50, 3))
    y = X @ [1.0, -2.0, 0.5] + rng.normal(size=50)
    model = Ridge(alpha=5.0).fit(X, y)
    grad = X.T @ (model.predict(X) - y) / 50
    np.testing.assert_allclose(grad, -reference.penalty(model.coef_, 0.0, 5.0 / 50).subgradient, atol=1e-9)
    labels = (y > 0).astype(int)
    model = LogisticRegression(C=0.5, tol=1e-10).fit(X, labels)
    grad = X.T @ (model.predict_proba(X)[:, 1] - labels) / 50
    expected = -reference.penalty(model.coef_[0], 0.0, 1 / (0.5 * 50)).subgradient
    np.testing.assert_allclose(grad, expected, atol=1e-6)


def peers(reference, rng):
    """Yield the penalty of a million weights, with its subgradient."""
    w = rng.normal(size=1_000_000)
    tensor = torch.tensor(w, requires_grad=True)

    def by_torch():
        return torch.autograd.grad(0.3 * tensor.abs().sum() + 0.2 * (tensor**2).sum(), tensor)

    yield Peer("penalty, 1,000,000 weights", "PyTorch, autograd", lambda: reference.penalty(w, 0.3, 0.4), by_torch)
