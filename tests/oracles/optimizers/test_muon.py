"""The reference beside PyTorch's Muon, in bfloat16 as it is and in float64, and SciPy's polar decomposition."""

import numpy as np
import pytest
import torch
from scipy.linalg import polar
from torch.optim._muon import _zeropower_via_newtonschulz

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
SHAPES = [(1, 1), (1, 5), (5, 1), (4, 4), (3, 7), (7, 3), (20, 30)]


@pytest.fixture
def double(monkeypatch):
    """Let PyTorch's own iteration run in float64: it asks for bfloat16."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.double)


def theirs(g, n_steps=5):
    return _zeropower_via_newtonschulz(torch.tensor(g), COEFFICIENTS, n_steps, 1e-7).double().numpy()


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("shape", SHAPES)
def test_newton_schulz(reference, rng, shape):
    for n_steps in (1, 2, 5, 8):
        for _ in range(10):
            g = rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 4)
            np.testing.assert_allclose(reference.newton_schulz(g, n_steps), theirs(g, n_steps), **CLOSE)


@pytest.mark.usefixtures("double")
def test_edges(reference, rng):
    for g in (np.zeros((3, 2)), np.outer(rng.normal(size=4), rng.normal(size=3)), np.eye(3)[:, :2]):
        np.testing.assert_allclose(reference.newton_schulz(g), theirs(g), **CLOSE)
    # PyTorch divides by 1e-7 where the norm is smaller; asked in other units it does not.
    g = rng.normal(size=(4, 3))
    np.testing.assert_allclose(reference.newton_schulz(1e-12 * g), theirs(g), **CLOSE)
    for shape in ((4,), (2, 3, 3)):
        with pytest.raises(ValueError, match="matrix"):
            reference.newton_schulz(np.ones(shape))


def test_bfloat16(reference, rng):
    """PyTorch's answers in bfloat16 are near: it has 8 bits, and five steps magnify rounding errors."""
    for shape in [(4, 4), (8, 3), (16, 64), (64, 16)]:
        for _ in range(20):
            left, _, right = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
            g = left * rng.uniform(0.1, 1.0, size=min(shape)) @ right
            ours = reference.newton_schulz(g)
            assert np.linalg.norm(ours - theirs(g)) < 0.15 * np.linalg.norm(ours)


def test_polar(reference, rng):
    """Twelve steps of any size stay as near to the polar factor as the polynomial allows."""
    for shape in [(6, 6), (9, 4), (4, 9)]:
        left, _, right = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
        g = left * rng.uniform(0.1, 1.0, size=min(shape)) @ right
        factor = polar(g)[0]
        for n_steps in (5, 12):
            assert np.linalg.norm(reference.newton_schulz(g, n_steps) - factor, 2) < 0.32


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("shape", SHAPES)
def test_steps(reference, rng, shape):
    for _ in range(10):
        lr, momentum = float(10.0 ** rng.uniform(-3, 0)), float(rng.uniform(0.0, 0.99))
        decay, n_steps = float(rng.uniform(0.0, 0.9)), int(rng.integers(1, 7))
        param, velocity = rng.normal(size=shape), np.zeros(shape)
        trained = torch.nn.Parameter(torch.tensor(param))
        optimizer = torch.optim.Muon([trained], lr=lr, momentum=momentum, weight_decay=decay, ns_steps=n_steps)
        for _ in range(4):
            grad = rng.normal(size=shape)
            trained.grad = torch.tensor(grad)
            optimizer.step()
            param, velocity = reference.muon_step(param, grad, velocity, lr, momentum, decay, n_steps)
            np.testing.assert_allclose(param, trained.detach(), **CLOSE)
            # PyTorch's buffer is an average: the same direction, 1 - momentum times as long.
            buffer = optimizer.state[trained]["momentum_buffer"]
            np.testing.assert_allclose((1 - momentum) * velocity, buffer, **CLOSE)


@pytest.mark.usefixtures("double")
def test_defaults(reference, rng):
    param, grad = rng.normal(size=(2, 6, 4))
    trained = torch.nn.Parameter(torch.tensor(param))
    trained.grad = torch.tensor(grad)
    torch.optim.Muon([trained]).step()
    np.testing.assert_allclose(reference.muon_step(param, grad, np.zeros((6, 4))).param, trained.detach(), **CLOSE)


def test_whole_numbers(reference, rng):
    whole = rng.integers(1, 9, size=(3, 4, 3))
    for have, want in zip(reference.muon_step(*whole), reference.muon_step(*whole.astype(float)), strict=True):
        np.testing.assert_array_equal(have, want)


def polynomial(s, n_steps, a=3.4445, b=-4.7750, c=2.0315):
    for _ in range(n_steps):
        s = a * s + b * s**3 + c * s**5
    return s


def test_claims_of_the_polynomial(reference):
    """From 0.002 on, five steps end in 0.68 to 1.21; 0.01 goes to 0.70, and to 0.23 by the convergent quintic."""
    s = np.geomspace(0.002, 1.0, 100_001)
    assert polynomial(s, 5).min() > 0.68
    assert polynomial(s, 5).max() < 1.21
    assert round(3.4445**5) == 485
    assert [round(polynomial(0.01, 5), 2), round(polynomial(0.01, 5, 1.875, -1.25, 0.375), 2)] == [0.7, 0.23]
    for n_steps in (5, 10):
        lifted = polynomial(np.linspace(0.01, 1.0, 100_001), n_steps)
        assert lifted.min() > 0.68
        assert lifted.max() < 1.14
    diagonal = np.diag(reference.newton_schulz(np.diag([0.6, 0.8]), 5))
    np.testing.assert_allclose(diagonal, polynomial(np.array([0.6, 0.8]), 5), **CLOSE)


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_singular_values(reference, seed):
    """64 values from 1 to 0.01 end in 0.68 to 1.21; of 256 x 256 normal entries the smallest ends below 0.3."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(64, 64)))[0] for _ in range(2))
    lifted = np.linalg.svd(reference.newton_schulz(left * np.geomspace(1.0, 0.01, 64) @ right), compute_uv=False)
    assert 0.68 < lifted[-1] < lifted[0] < 1.21
    smallest = np.linalg.svd(reference.newton_schulz(rng.normal(size=(256, 256))), compute_uv=False)[-1]
    assert 0.0 < smallest < 0.3


def test_claims_of_size(reference, rng):
    """The root mean square is about 0.056 at 256 x 256 and 0.030 at 256 x 1,024; U V' has the largest product."""
    for shape, size in [((256, 256), 0.056), ((256, 1_024), 0.030)]:
        root = np.sqrt(np.mean(reference.newton_schulz(rng.normal(size=shape)) ** 2))
        assert abs(root - size) < 0.0015
    g = rng.normal(size=(5, 4))
    left, s, right = np.linalg.svd(g, full_matrices=False)
    np.testing.assert_allclose(np.vdot(left @ right, g), s.sum())
    for _ in range(50):
        other = rng.normal(size=(5, 4))
        assert np.vdot(other / np.linalg.norm(other, 2), g) < s.sum()
    # Shampoo with the statistics of one gradient.
    roots = [np.linalg.pinv(gram) for gram in (g @ g.T, g.T @ g)]
    values, vectors = zip(*map(np.linalg.eigh, roots), strict=True)
    first, second = (v * np.maximum(w, 0) ** 0.25 @ v.T for w, v in zip(values, vectors, strict=True))
    np.testing.assert_allclose(first @ g @ second, left @ right, atol=1e-6)


def test_claims_of_cost(reference, rng):
    """bfloat16 differs by 1 to 2 % of the norm on 64 x 64; 20,000 x 10 is iterated on its small side."""
    assert 20_000**2 * 8 == 3.2e9
    assert reference.newton_schulz(rng.normal(size=(20_000, 10))).shape == (20_000, 10)
    assert round(5 * 4_096 / 4e6, 3) == 0.005
    for _ in range(20):
        g = rng.normal(size=(64, 64))
        ours = reference.newton_schulz(g)
        assert 0.01 < np.linalg.norm(ours - theirs(g)) / np.linalg.norm(ours) < 0.02


def peers(reference, rng):
    """Yield the orthogonalization of a square and a tall matrix, and a step."""
    for shape in ((512, 512), (2_048, 256)):
        g = rng.normal(size=shape)
        tensor = torch.tensor(g)
        yield Peer(
            f"newton_schulz, {shape[0]} x {shape[1]}",
            "torch.optim._muon, bfloat16",
            lambda g=g: reference.newton_schulz(g),
            lambda tensor=tensor: _zeropower_via_newtonschulz(tensor, COEFFICIENTS, 5, 1e-7),
            "bfloat16 there, float64 here.",
        )
