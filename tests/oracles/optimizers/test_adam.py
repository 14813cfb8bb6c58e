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


def walk(step, grads, **options):
    """Return the params after each of the gradients, from 0."""
    param = m = v = np.zeros(np.shape(grads[0]))
    params = []
    for t, grad in enumerate(grads, start=1):
        param, m, v = step(param, np.asarray(grad, dtype=float), m, v, t, **options)
        params.append(param)
    return np.array(params)


def test_claims_of_bias(reference):
    """Uncorrected steps: 3.16 lr, 6.57 lr in step 12, 1.26 lr in step 1,000; corrected 0.001 for any gradient."""
    m = v = np.zeros(1)
    steps = []
    for t in range(1, 1_001):
        _, m, v = reference.adam_step(np.ones(1), np.ones(1), m, v, t)
        steps.append((m / np.sqrt(v)).item())
    assert [round(steps[0], 2), round(max(steps), 2), round(steps[-1], 2)] == [3.16, 6.57, 1.26]
    assert steps.index(max(steps)) == 11
    np.testing.assert_allclose(walk(reference.adam_step, [[1.0, 1_000.0]])[0], [-0.001, -0.001], rtol=1e-6)


def test_claim_of_decay(reference):
    """In the gradient, decay leaves 0.904 and 0.997; decoupled, 0.903 for both."""
    joined = apart = np.ones(2)
    m = v = m_apart = v_apart = np.zeros(2)
    for t in range(1, 1_001):
        grad = np.array([1.0, 100.0]) * (1 if t % 2 else -1)
        joined, m, v = reference.adam_step(joined, grad + 0.1 * joined, m, v, t)
        apart, m_apart, v_apart = reference.adamw_step(apart, grad, m_apart, v_apart, t, weight_decay=0.1)
    assert joined.round(3).tolist() == [0.904, 0.997]
    assert apart.round(3).tolist() == [0.903, 0.903]


def test_claims_of_rare_gradients(reference):
    """One gradient moves by 1.0 and then to 6.0; every hundredth by 90 dense and 35 lazy."""
    way = walk(reference.adam_step, [1.0] + [0.0] * 199, lr=1.0)
    assert [round(way[0].item(), 2), round(way[-1].item(), 1)] == [-1.0, -6.0]
    dense = walk(reference.adam_step, np.arange(1, 1_001) % 100 == 0, lr=1.0)[-1]
    lazy = m = v = np.zeros(1)
    for t in range(100, 1_001, 100):
        lazy, m, v = reference.adam_step(lazy, np.ones(1), m, v, t, lr=1.0)
    assert [round(dense.item()), round(lazy.item())] == [-90, -35]


def test_claims_of_scale(reference, rng):
    """A gradient of eps takes half a step; the scale of the loss does not matter."""
    assert round(walk(reference.adam_step, [1e-8], lr=1.0).item(), 6) == -0.5
    grads = rng.normal(size=(20, 3))
    small, large = (walk(reference.adam_step, scale * grads, eps=1e-12) for scale in (1, 1_000))
    np.testing.assert_allclose(small, large, rtol=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_claim_of_noise(reference, seed):
    """On noise the root mean square of a step is 0.21 to 0.25 lr at step 400."""
    grads = np.random.default_rng(seed).normal(size=(400, 1_000))
    params = walk(reference.adam_step, grads, lr=1.0)
    assert 0.21 <= np.sqrt(((params[-1] - params[-2]) ** 2).mean()) <= 0.25


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
