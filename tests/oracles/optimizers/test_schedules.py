"""The reference beside PyTorch's StepLR, LinearLR and CosineAnnealingLR."""

import math
import warnings

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, StepLR

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-14}


def rates(make, lr, n_steps):
    """Return what a scheduler of PyTorch gives to the first n_steps steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = make(optimizer)
    given = []
    for _ in range(n_steps):
        given.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return given


def cosine_of(lr, left, min_lr):
    """Return CosineAnnealingLR's closed form, as its chained form adds up rounding errors near the end."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = CosineAnnealingLR(optimizer, left, eta_min=min_lr)
    given = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an explicit step is deprecated, but selects the closed form
        for step in range(left + 1):
            scheduler.step(step)
            given.append(optimizer.param_groups[0]["lr"])
    return given


def test_step_decay(reference, rng):
    for _ in range(60):
        lr, gamma, size = 10.0 ** rng.uniform(-4, 1), rng.uniform(0.05, 1.2), int(rng.integers(1, 12))
        ours = [reference.step_decay(step, lr, size, gamma) for step in range(40)]
        np.testing.assert_allclose(ours, rates(lambda o, s=size, g=gamma: StepLR(o, s, g), lr, 40), **CLOSE)
    ours = [reference.step_decay(step, 2.0, 3) for step in range(10)]
    np.testing.assert_allclose(ours, rates(lambda o: StepLR(o, 3), 2.0, 10), **CLOSE)


def test_warmup(reference, rng):
    # LinearLR may not start at 0: it begins with our step 1, at lr / warmup_steps.
    for _ in range(60):
        lr, warmup = 10.0 ** rng.uniform(-4, 1), int(rng.integers(2, 20))
        theirs = rates(lambda o, w=warmup: LinearLR(o, 1 / w, 1.0, w - 1), lr, warmup)
        ours = [reference.cosine_schedule(step, lr, 100, warmup, lr / 7) for step in range(warmup + 1)]
        np.testing.assert_allclose(ours, [0.0, *theirs], **CLOSE)


def test_cosine(reference, rng):
    for _ in range(60):
        lr, warmup, left = 10.0 ** rng.uniform(-4, 1), int(rng.integers(0, 9)), int(rng.integers(1, 40))
        min_lr = float(rng.choice([0.0, lr, lr * rng.random()]))
        ours = [reference.cosine_schedule(warmup + step, lr, warmup + left, warmup, min_lr) for step in range(left + 1)]
        np.testing.assert_allclose(ours, cosine_of(lr, left, min_lr), **CLOSE)
        chained = rates(lambda o, n=left, low=min_lr: CosineAnnealingLR(o, n, low), lr, left)
        np.testing.assert_allclose(ours[:-1], chained, rtol=1e-7)  # their product of ratios loses digits
        for step in (1, 2, left, 10 * left):
            assert reference.cosine_schedule(warmup + left + step, lr, warmup + left, warmup, min_lr) == min_lr


def test_bad_input(reference):
    for arguments in [(-1, 1.0, 5), (-2, 1.0, 5, 3), (3, 1.0, 5, 5), (0, 1.0, 5, 6)]:
        with pytest.raises(ValueError, match="step"):
            reference.cosine_schedule(*arguments)
    with pytest.raises(ValueError, match="count from 0"):
        reference.step_decay(-1, 1.0, 5)


def test_claims_of_the_end(reference):
    """PyTorch's cosine rises again; Hugging Face's formula is back at lr / 2 at one and a half times the length."""
    theirs = rates(lambda o: CosineAnnealingLR(o, 10), 1.0, 16)
    assert theirs[10] < 1e-12
    assert theirs[15] > 0.4
    progress = 1.5  # of transformers' _get_cosine_schedule_with_warmup_lr_lambda, with its half cycle
    assert round(max(0.0, 0.5 * (1 + math.cos(math.pi * 0.5 * 2 * progress))), 9) == 0.5
    assert reference.cosine_schedule(15, 1.0, 10) == 0.0


def test_claim_of_warmup(reference):
    """On x^4 / 4 from 6 at lr 0.1, three steps pass 10^6; with warm-up, x ends at 0.10."""
    ends = {}
    for warmup in (0, 10, 100):
        x, path = 6.0, []
        for step in range(1_000):
            x -= reference.cosine_schedule(step, 0.1, 1_000, warmup) * x**3
            path.append(abs(x))
            if path[-1] > 1e6:
                break
        ends[warmup] = len(path), round(path[-1], 2)
    assert ends[0][0] == 3
    assert ends[10] == (1_000, 0.1)
    assert ends[100] == (1_000, 0.1)


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_noise(reference, seed):
    """The mean of x^2 ends at 0.046 to 0.058, 0.0034 to 0.0040, 0.0051 to 0.0059, and 0.023 to 0.028 half way."""
    noise = np.random.default_rng(seed).normal(size=(1_000, 1_000))
    bounds = [
        (lambda _: 0.1, 0.0455, 0.0585),
        (lambda step: reference.cosine_schedule(step, 0.1, 1_000), 0.00335, 0.00415),
        (lambda step: reference.cosine_schedule(step, 0.1, 1_000, min_lr=0.01), 0.00505, 0.00595),
        (lambda step: reference.cosine_schedule(step, 0.1, 2_000), 0.0225, 0.0285),
    ]
    for rate, low, high in bounds:
        x = np.ones(1_000)
        for step, draw in enumerate(noise):
            x = x - rate(step) * (x + draw)
        assert low <= (x**2).mean() <= high


def test_claims_of_sums(reference):
    """250 of 1,000 steps end at 0.854; the rates sum to 500 lr; 0.951 or 0.905 of a weight is left."""
    assert round(reference.cosine_schedule(250, 1.0, 1_000), 3) == 0.854
    assert reference.cosine_schedule(1_000, 1.0, 2_000) == pytest.approx(0.5)
    given = np.array([reference.cosine_schedule(step, 0.001, 1_000, 100) for step in range(1_000)])
    assert given.sum() / 0.001 == pytest.approx(500)
    assert [round(float(np.prod(1 - 0.1 * rate)), 3) for rate in (given, np.full(1_000, 0.001))] == [0.951, 0.905]


def peers(reference, rng):  # noqa: ARG001 - nothing is random here
    """Yield the rates of 10,000 steps."""

    def ours():
        return [reference.cosine_schedule(step, 0.1, 10_000, 0, 0.01) for step in range(10_000)]

    def theirs():
        return rates(lambda optimizer: CosineAnnealingLR(optimizer, 10_000, 0.01), 0.1, 10_000)

    yield Peer("10,000 steps", "CosineAnnealingLR.step", ours, theirs)
