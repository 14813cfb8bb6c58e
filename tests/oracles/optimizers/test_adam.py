"""The reference beside PyTorch's Adam and AdamW."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw_options(rng):
    betas = tuple(float(beta) for beta in rng.uniform(0.0, 0.999, size=2))
    return {"lr": float(10.0 ** rng.uniform(-3, 0)), "betas": betas, "eps": float(10.0 ** rng.uniform(-8, 0))}


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3, 4)])
def test_steps(reference, rng, shape, decoupled):
    for _ in range(25):
        options = draw_options(rng)
        if decoupled:
            options["weight_decay"] = float(rng.uniform(0.0, 0.9))
        step = reference.adamw_step if decoupled else reference.adam_step
        param, m, v = rng.normal(size=shape), np.zeros(shape), np.zeros(shape)
        trained = torch.nn.Parameter(torch.tensor(param))
        optimizer = (torch.optim.AdamW if decoupled else torch.optim.Adam)([trained], **options)
        for t in range(1, 7):
            grad = rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 4, size=shape) * rng.integers(0, 2, size=shape)
            trained.grad = torch.tensor(grad)
            optimizer.step()
            param, m, v = step(param, grad, m, v, t, **options)
            np.testing.assert_allclose(param, trained.detach(), **CLOSE)
            np.testing.assert_allclose(m, optimizer.state[trained]["exp_avg"], **CLOSE)
            np.testing.assert_allclose(v, optimizer.state[trained]["exp_avg_sq"], **CLOSE)


@pytest.mark.parametrize("decoupled", [False, True])
def test_defaults(reference, rng, decoupled):
    param, grads = rng.normal(size=(4, 3)), rng.normal(size=(3, 4, 3)) * 1e-8  # of the size of eps, so that it shows
    step = reference.adamw_step if decoupled else reference.adam_step
    trained = torch.nn.Parameter(torch.tensor(param))
    optimizer = (torch.optim.AdamW if decoupled else torch.optim.Adam)([trained])
    m, v = np.zeros((4, 3)), np.zeros((4, 3))
    for t, grad in enumerate(grads, start=1):
        trained.grad = torch.tensor(grad)
        optimizer.step()
        param, m, v = step(param, grad, m, v, t)
        np.testing.assert_allclose(param, trained.detach(), **CLOSE)


@pytest.mark.parametrize("t", [0, -1])
def test_first_number(reference, t):
    for step in (reference.adam_step, reference.adamw_step):
        with pytest.raises(ValueError, match="t = 1"):
            step(np.ones(2), np.ones(2), np.zeros(2), np.zeros(2), t)


def test_whole_numbers(reference, rng):
    whole = rng.integers(0, 9, size=(4, 3, 2))
    for step in (reference.adam_step, reference.adamw_step):
        for have, want in zip(step(*whole, 2), step(*whole.astype(float), 2), strict=True):
            np.testing.assert_array_equal(have, want)


def peers(reference, rng):
    """Yield a step of either kind."""
    param, grad, m, v = *rng.normal(size=(3, 1_000_000)), rng.random(1_000_000)
    trained = torch.nn.Parameter(torch.tensor(param))
    trained.grad = torch.tensor(grad)
    for step, optimizer in ((reference.adam_step, torch.optim.Adam), (reference.adamw_step, torch.optim.AdamW)):
        yield Peer(
            f"{step.__name__}, 1,000,000 parameters",
            f"{optimizer.__name__}.step",
            lambda step=step: step(param, grad, m, v, 3),
            optimizer([trained], lr=1e-3).step,
            "In place there; a pure step returns new arrays.",
        )
