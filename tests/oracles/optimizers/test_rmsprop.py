"""The reference beside PyTorch's RMSprop, plain and centred."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}
BOTH = pytest.mark.parametrize("centered", [False, True])


def start(param, centered, **options):
    trained = torch.nn.Parameter(torch.tensor(param))
    return trained, torch.optim.RMSprop([trained], centered=centered, **options)


def take(reference, centered, state, grad, **options):
    step = reference.centered_rmsprop_step if centered else reference.rmsprop_step
    return step(state[0], grad, *state[1:], **options)


def names(centered):
    return ["grad_avg", "square_avg"] if centered else ["square_avg"]


@BOTH
@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3, 4)])
def test_steps(reference, rng, shape, centered):
    for _ in range(25):
        options = {
            "lr": float(10.0 ** rng.uniform(-3, 0)),
            "alpha": float(rng.uniform(0.05, 0.99)),
            "eps": float(10.0 ** rng.uniform(-8, 0)),
        }
        param = rng.normal(size=shape)
        state = [param, *(np.zeros(shape) for _ in names(centered))]
        trained, optimizer = start(param, centered, **options)
        for _ in range(6):
            grad = rng.normal(size=shape) * 10.0 ** rng.uniform(-3, 3, size=shape) * rng.integers(0, 2, size=shape)
            trained.grad = torch.tensor(grad)
            optimizer.step()
            state = take(reference, centered, state, grad, **options)
            np.testing.assert_allclose(state[0], trained.detach(), **CLOSE)
            for have, name in zip(state[1:], names(centered), strict=True):
                np.testing.assert_allclose(have, optimizer.state[trained][name], **CLOSE)


@BOTH
def test_defaults(reference, rng, centered):
    param, grads = rng.normal(size=(4, 3)), rng.normal(size=(3, 4, 3)) * 1e-7  # of the size of eps, so that it shows
    state = [param, *(np.zeros((4, 3)) for _ in names(centered))]
    trained, optimizer = start(param, centered)
    for grad in grads:
        trained.grad = torch.tensor(grad)
        optimizer.step()
        state = take(reference, centered, state, grad)
        np.testing.assert_allclose(state[0], trained.detach(), **CLOSE)


def test_no_memory(reference, rng):
    param, grad, v = rng.normal(size=(3, 4))
    trained, optimizer = start(param, centered=False, alpha=0.0)
    trained.grad = torch.tensor(grad)
    optimizer.step()
    np.testing.assert_allclose(reference.rmsprop_step(param, grad, v**2, alpha=0.0).param, trained.detach(), **CLOSE)


def test_constant_gradients(reference):
    """PyTorch gives NaN where rounding makes v - m^2 negative; the reference does not."""
    grads = np.arange(1.0, 40.0) / 7
    trained, optimizer = start(np.zeros(39), centered=True, alpha=0.9)
    state = np.zeros(39), np.zeros(39), np.zeros(39)
    for _ in range(1_000):
        trained.grad = torch.tensor(grads)
        optimizer.step()
        state = reference.centered_rmsprop_step(state[0], grads, *state[1:], alpha=0.9)
    assert np.isfinite(state.param).all()
    assert not torch.isfinite(trained).all()


def test_whole_numbers(reference, rng):
    param, grad, m, spread = rng.integers(0, 9, size=(4, 3, 2))
    for centered, state in ((False, (param, spread)), (True, (param, m, m**2 + spread))):
        have = take(reference, centered, state, grad, alpha=0.5)
        want = take(reference, centered, [array.astype(float) for array in state], grad.astype(float), alpha=0.5)
        for a, b in zip(have, want, strict=True):
            np.testing.assert_array_equal(a, b)


def walk(reference, grads, centered=False, **options):
    """Return how far each gradient moves a parameter at lr 1, one after another from 0."""
    state = [np.zeros(1), *(np.zeros(1) for _ in names(centered))]
    way = []
    for grad in grads:
        before, state = state[0], take(reference, centered, state, np.array([grad]), lr=1.0, **options)
        way.append((before - state[0]).item())
    return np.array(way)


def test_claims_of_forgetting(reference):
    """Last step 1.00 lr, Adagrad's 0.03; above 0.5 lr after 77 steps of 1, Adagrad's at 0.001."""
    assert round(walk(reference, np.ones(1_000))[-1], 2) == 1.0
    grads = np.concatenate([np.full(100, 100.0), np.ones(1_000)])
    way = walk(reference, grads, alpha=0.9)[100:]
    assert np.flatnonzero(way > 0.5)[0] + 1 == 77
    assert (way[76:] > 0.5).all()
    for sequence, last in ((np.ones(1_000), 0.032), (grads, 0.001)):
        trained = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
        optimizer = torch.optim.Adagrad([trained], lr=1.0)
        for grad in sequence:
            before = trained.item()
            trained.grad = torch.tensor([grad])
            optimizer.step()
        assert round(before - trained.item(), 3) == last


def test_claims_of_signs(reference):
    """Nine gradients of 0.01 and one of -0.09: a drift of 8 by the sign, of 0.07 and 0.68 by RMSprop."""
    grads = np.tile([0.01] * 9 + [-0.09], 100)
    assert np.sign(grads[-10:]).sum() == 8
    drifts = [round(walk(reference, grads, alpha=alpha)[-10:].sum(), 2) for alpha in (0.99, 0.9)]
    assert drifts == [0.07, 0.68]
    np.testing.assert_allclose(np.abs(walk(reference, grads, alpha=0.0)), 1.0, rtol=1e-5)


def test_claims_of_first_steps(reference):
    """10.0 lr, 1.26 lr at step 100 and 203 lr together."""
    way = walk(reference, np.ones(100))
    assert [round(way[0], 1), round(way[-1], 2), round(way.sum())] == [10.0, 1.26, 203]


def test_claim_of_adam(reference, rng):
    """RMSprop with v divided by 1 - alpha^t is Adam with beta1 = 0."""
    trained = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    optimizer = torch.optim.Adam([trained], lr=0.1, betas=(0.0, 0.9), eps=1e-300)
    param, v = np.zeros(3), np.zeros(3)
    for t in range(1, 6):
        grad = rng.normal(size=3)
        trained.grad = torch.tensor(grad)
        optimizer.step()
        param, v = reference.rmsprop_step(param, grad, v, lr=0.1 * (1 - 0.9**t) ** 0.5, alpha=0.9, eps=1e-300)
        np.testing.assert_allclose(param, trained.detach(), **CLOSE)


def test_claims_of_centring(reference):
    """A constant gradient of 1 at alpha 0.9: 194 lr in step 100 and 37,634 lr in step 200; plain, lr."""
    way = walk(reference, np.ones(200), centered=True, alpha=0.9)
    assert [round(way[99]), round(way[199])] == [194, 37_634]
    assert round(walk(reference, np.ones(200), alpha=0.9)[-1], 3) == 1.0


def test_claims_of_eps(reference):
    """Gradients of 1e-4 and eps 1e-5: 0.91 lr outside the root, 0.03 lr inside."""
    assert round(walk(reference, np.full(2_000, 1e-4), eps=1e-5)[-1], 2) == 0.91
    assert round(1e-4 / (1e-8 + 1e-5) ** 0.5, 2) == 0.03


def peers(reference, rng):
    """Yield a step of either form."""
    param, grad, m = rng.normal(size=(3, 1_000_000))
    v = m**2 + rng.random(1_000_000)
    for centered, state in ((False, (param, v)), (True, (param, m, v))):
        trained, optimizer = start(param, centered)
        trained.grad = torch.tensor(grad)
        yield Peer(
            f"{'centred' if centered else 'plain'}, 1,000,000 parameters",
            "RMSprop.step",
            lambda centered=centered, state=state: take(reference, centered, state, grad),
            optimizer.step,
            "In place there; a pure step returns new arrays.",
        )
