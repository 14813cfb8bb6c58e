"""The reference beside PyTorch: autograd of the whole batch, clip_grad_norm_, and GradScaler."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def loss_of(weights, X, y):
    return torch.nn.functional.mse_loss(torch.tensor(X) @ weights, torch.tensor(y))


def micro_gradients(param, X, y, sizes, scale):
    """Return what autograd gives for scale times the mean loss of each micro-batch."""
    grads, ends = [], np.cumsum(sizes)
    for start, end in zip(ends - sizes, ends, strict=True):
        weights = torch.nn.Parameter(torch.tensor(param))
        (scale * loss_of(weights, X[start:end], y[start:end])).backward()
        grads.append(weights.grad.numpy())
    return grads


def test_whole_batch(reference, rng):
    for _ in range(100):
        sizes = rng.integers(1, 6, size=int(rng.integers(1, 5))).tolist()
        n, scale = sum(sizes), float(2.0 ** rng.integers(-3, 17))
        lr, max_norm = rng.uniform(0.01, 1.0), float(10.0 ** rng.uniform(-2, 2))
        X, y, param = rng.normal(size=(n, 4)), rng.normal(size=n), rng.normal(size=4)
        grads = micro_gradients(param, X, y, sizes, scale)
        weights = torch.nn.Parameter(torch.tensor(param))
        loss_of(weights, X, y).backward()
        np.testing.assert_allclose(reference.accumulated_gradient(grads, sizes, scale), weights.grad, **CLOSE)
        norm = float(torch.nn.utils.clip_grad_norm_([weights], max_norm))
        # PyTorch divides by norm + 1e-6 on purpose; the kata adds nothing.
        weights.grad *= min(1.0, max_norm / norm) / min(1.0, max_norm / (norm + 1e-6))
        torch.optim.SGD([weights], lr=lr).step()
        step = reference.accumulated_step(param, grads, sizes, scale, lr, max_norm)
        np.testing.assert_allclose(step.param, weights.detach(), **CLOSE)
        assert not step.skipped


def test_grad_scaler(reference, rng):
    """A run of steps, some with overflow, beside GradScaler: the params, the skips and the scales."""
    for interval in (1, 2, 3, 7):
        weights = torch.nn.Parameter(torch.tensor(rng.normal(size=3)))
        optimizer = torch.optim.SGD([weights], lr=0.1)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=interval)
        param, scale, streak = weights.detach().numpy().copy(), 1024.0, 0
        for _ in range(60):
            true = rng.normal(size=3)
            if rng.random() < 0.3:
                true[rng.integers(3)] = rng.choice([np.inf, -np.inf, np.nan])
            optimizer.zero_grad()
            scaler.scale((weights * torch.tensor(true)).sum()).backward()
            scaler.step(optimizer)
            scaler.update()
            halves = [scale * true * share for share in (0.5, 1.25)]  # of 1 sample and of 2, which average to true
            step = reference.accumulated_step(param, halves, [1, 2], scale, 0.1, 1e6)
            assert step.skipped == (not np.isfinite(true).all())
            param = step.param
            scale, streak = reference.next_scale(scale, streak, step.skipped, interval)
            np.testing.assert_allclose(param, weights.detach(), **CLOSE)
            assert scale == scaler.get_scale()
            assert streak == scaler.state_dict()["_growth_tracker"]


def test_defaults(reference):
    scaler = torch.amp.GradScaler("cpu")
    assert scaler.get_growth_interval() == 2_000
    assert (1 / scaler.get_backoff_factor(), scaler.get_growth_factor()) == (2.0, 2.0)
    assert reference.next_scale(4.0, 1_999, skipped=False) == (8.0, 0)


@pytest.mark.parametrize("scale", [1.0, 2.0**20])
def test_half_precision(reference, rng, scale):
    grads = [(60_000 * rng.random(4)).astype(np.float16) for _ in range(3)]
    exact = [grad.astype(float) for grad in grads]
    for function, arguments in (
        (reference.accumulated_gradient, ([50, 3, 9], scale)),
        (lambda *given: reference.accumulated_step(np.ones(4), *given).param, ([50, 3, 9], scale, 0.1, 0.02)),
    ):
        np.testing.assert_allclose(function(grads, *arguments), function(exact, *arguments), **CLOSE)


def test_edges(reference):
    opposed = [np.array([3.0]), np.array([-1.5])]
    assert reference.accumulated_step(np.ones(1), opposed, [1, 2], 1.0, 0.1, 1.0) == (np.ones(1), False)
    whole = reference.accumulated_step(np.array([10]), [np.array([8]), np.array([4])], [3, 1], 2, 0.1, 2.5)
    np.testing.assert_allclose(whole.param, [9.75])


def test_claims_of_weights(reference):
    """0.01 instead of 0.5; clipping each first gives (0.72, -0.67)."""
    assert reference.accumulated_gradient([np.ones(1), np.zeros(1)], [10, 990]).tolist() == [0.01]
    opposed = [np.array([3_000.0, 6_000.0]), np.array([3_000.0, -9_000.0])]
    step = reference.accumulated_step(np.zeros(2), opposed, [1, 2], 1_000.0, 1.0, 2.0)
    np.testing.assert_allclose(step.param, [-1.2, 1.6])
    each = [2_000 * grad / np.linalg.norm(grad) for grad in opposed]
    step = reference.accumulated_step(np.zeros(2), each, [1, 2], 1_000.0, 1.0, 2.0)
    assert step.param.round(2).tolist() == [-0.72, 0.67]


def test_claims_of_float16():
    """1e-8 is 0, and comes back to 0.1 % through a scale; an update below 1/512 is rounded away in bfloat16."""
    assert np.float16(1e-8) == 0
    assert round(float(np.finfo(np.float16).smallest_subnormal), 9) == 6.0e-8
    scaled = np.float16(1e-8 * 65_536)
    assert round(float(scaled), 5) == 6.6e-4
    assert abs(np.float32(scaled) / 65_536 / 1e-8 - 1) < 1e-3
    one = torch.tensor(1.0, dtype=torch.bfloat16)
    assert (one + 0.99 / 256 / 2).item() == 1.0
    assert (one + 1.01 / 256).item() > 1.0


def test_claims_of_the_scale(reference):
    """From 65,536 the first 7 steps are skipped; then one in 2,001."""
    scale, streak, skips = 65_536.0, 0, []
    for step in range(20_100):
        grad = np.array([np.inf if scale > 1_000 else scale])
        skipped = reference.accumulated_step(np.zeros(1), [grad], [1], scale, 0.1, 1.0).skipped
        if skipped:
            skips.append(step)
        scale, streak = reference.next_scale(scale, streak, skipped)
        assert step != 6 or scale == 512
    assert skips[:7] == list(range(7))
    assert set(np.diff(skips[6:]).tolist()) == {2_001}


def peers(reference, rng):
    """Yield a step from eight micro-batches."""
    param, grads, sizes = rng.normal(size=1_000_000), list(rng.normal(size=(8, 1_000_000))), [3, 1, 4, 1, 5, 9, 2, 6]
    weights = torch.nn.Parameter(torch.tensor(param))
    optimizer, total = torch.optim.SGD([weights], lr=1e-3), sum(sizes)
    tensors = list(map(torch.tensor, grads))

    def theirs():
        weights.grad = torch.zeros_like(weights)
        for grad, size in zip(tensors, sizes, strict=True):
            weights.grad.add_(grad, alpha=size / total)
        torch.nn.utils.clip_grad_norm_([weights], 1.0)
        optimizer.step()

    yield Peer(
        "8 micro-batches, 1,000,000 parameters",
        "add_, clip_grad_norm_, SGD.step",
        lambda: reference.accumulated_step(param, grads, sizes, 1.0, 1e-3, 1.0),
        theirs,
        "In place there; a pure step returns new arrays.",
    )
