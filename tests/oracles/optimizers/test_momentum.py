"""The reference beside PyTorch's SGD with momentum."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("shape", [(1,), (5,), (3, 4), (2, 3, 4)])
def test_steps(reference, rng, shape, nesterov):
    step = reference.nesterov_step if nesterov else reference.momentum_step
    for _ in range(25):
        momentum = float(rng.uniform(0.1, 0.99))
        param, velocity = rng.normal(size=shape), np.zeros(shape)
        trained = torch.nn.Parameter(torch.tensor(param))
        optimizer = torch.optim.SGD([trained], lr=1.0, momentum=momentum, nesterov=nesterov)
        for _ in range(6):
            lr = float(10.0 ** rng.uniform(-3, 0))  # a schedule: the rate changes at each step
            grad = rng.normal(size=shape) * rng.integers(0, 2, size=shape)
            optimizer.param_groups[0]["lr"] = lr
            trained.grad = torch.tensor(grad)
            optimizer.step()
            param, velocity = step(param, grad, velocity, lr, momentum)
            np.testing.assert_allclose(param, trained.detach(), **CLOSE)
            np.testing.assert_allclose(velocity, optimizer.state[trained]["momentum_buffer"], **CLOSE)


def test_without_momentum(reference, rng):
    param, grad, velocity = rng.normal(size=(3, 4, 2))
    trained = torch.nn.Parameter(torch.tensor(param))
    trained.grad = torch.tensor(grad)
    torch.optim.SGD([trained], lr=0.3).step()
    for step in (reference.momentum_step, reference.nesterov_step):
        np.testing.assert_allclose(step(param, grad, velocity, 0.3, 0.0).param, trained.detach(), **CLOSE)


def test_whole_numbers(reference, rng):
    whole = rng.integers(-9, 9, size=(3, 4, 2))
    for step in (reference.momentum_step, reference.nesterov_step):
        for have, want in zip(step(*whole, 0.3, 0.5), step(*whole.astype(float), 0.3, 0.5), strict=True):
            np.testing.assert_array_equal(have, want)


def descend(step, curvature, lr, momentum, n_steps):
    """Return the params of descent on curvature * x^2 / 2, from ones."""
    param, velocity, params = np.ones(len(curvature)), np.zeros(len(curvature)), []
    for _ in range(n_steps):
        param, velocity = step(param, curvature * param, velocity, lr, momentum)
        params.append(param)
    return np.array(params)


def test_claims_on_quadratics(reference):
    """691, 95 and 157 steps; swings to -0.60 and -0.39; the limits of the rate."""
    plain, nesterov = reference.momentum_step, reference.nesterov_step
    for step, lr, momentum, steps in [
        (plain, 2 / 101, 0, 691),
        (plain, 4 / 121, 81 / 121, 95),
        (nesterov, 0.01, 9 / 11, 157),
    ]:
        params = descend(step, np.array([1.0, 100.0]), lr, momentum, 700)
        assert 1 + int(np.argmax(np.abs(params).max(axis=1) < 1e-6)) == steps
    one = np.ones(1)
    assert [round(descend(step, one, 0.1, 0.9, 100).min(), 2) for step in (plain, nesterov)] == [-0.60, -0.39]
    for step, inside, outside in [(nesterov, 1.35, 1.36), (plain, 3.79, 3.81)]:
        assert abs(descend(step, one, inside, 0.9, 8_000)[-1]) < 1e-3
        assert abs(descend(step, one, outside, 0.9, 8_000)[-1]) > 1e3


def test_claims_on_velocity(reference):
    """10.0 after 100 gradients of 1 at momentum 0.9; one gradient alone moves by lr and 9 lr more."""
    velocity, param, speed = np.zeros(1), np.zeros(1), np.zeros(1)
    for _ in range(100):
        velocity = reference.momentum_step(np.zeros(1), np.ones(1), velocity, 0.1, 0.9).velocity
    assert round(velocity.item(), 1) == 10.0
    for t in range(201):
        param, speed = reference.momentum_step(param, np.full(1, float(t == 0)), speed, 1.0, 0.9)
        assert t or param.item() == -1.0
    assert round(param.item(), 3) == -10.0


def peers(reference, rng):
    """Yield a step of either kind."""
    param, grad, velocity = rng.normal(size=(3, 1_000_000))
    trained = torch.nn.Parameter(torch.tensor(param))
    trained.grad = torch.tensor(grad)
    for step, nesterov in ((reference.momentum_step, False), (reference.nesterov_step, True)):
        yield Peer(
            f"{step.__name__}, 1,000,000 parameters",
            f"SGD(nesterov={nesterov}).step",
            lambda step=step: step(param, grad, velocity, 0.1, 0.9),
            torch.optim.SGD([trained], lr=0.1, momentum=0.9, nesterov=nesterov).step,
            "In place there; a pure step returns new arrays.",
        )
