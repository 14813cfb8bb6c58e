"""The reference beside PyTorch's orthogonal_ and SciPy's ortho_group: the same products, and the same distribution."""

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp, kstest, ortho_group

from tests.bench.peers import Peer

SHAPES = [(1, 1), (5, 5), (7, 3), (3, 7), (1, 9), (9, 1), (64, 32, 3, 3), (8, 2, 5), (2, 3, 1, 2, 2), (300, 200)]


@pytest.mark.parametrize("gain", [1.0, 0.01, 2**0.5, 0.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_products(reference, rng, shape, gain):
    """Ours and PyTorch's have the same products of rows or of columns: gain**2 times the identity."""
    theirs = torch.nn.init.orthogonal_(torch.empty(shape, dtype=torch.float64), gain).numpy()
    for weights in (reference.orthogonal(shape, gain, rng), theirs):
        assert weights.shape == shape
        assert weights.dtype == np.float64
        flat = weights.reshape(shape[0], -1)
        flat = flat if flat.shape[0] >= flat.shape[1] else flat.T
        np.testing.assert_allclose(flat.T @ flat, gain**2 * np.eye(flat.shape[1]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_distribution(reference, rng, size):
    """Entries, their products, traces and determinants are distributed as SciPy's."""
    ours = np.array([reference.orthogonal((size, size), 1.0, rng) for _ in range(4_000)])
    theirs = ortho_group.rvs(size, size=4_000, random_state=rng)
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))[0]
    for drawn in (ours, turned @ ours, ours @ turned):
        for number in (
            lambda w: w[:, 0, 0],
            lambda w: w[:, -1, -1],
            lambda w: w[:, 0, 0] * w[:, 1, 1],
            lambda w: w[:, 0, 1] * w[:, 1, 0],
            # Rounded, since the trace of a reflection of the plane is 0.
            lambda w: np.trace(w, axis1=1, axis2=2).round(9),
            lambda w: np.trace(w @ w, axis1=1, axis2=2).round(9),
        ):
            assert ks_2samp(number(drawn), number(theirs)).pvalue > 1e-9
    assert abs((np.linalg.det(ours) > 0).mean() - 0.5) < 6 * 0.5 / 4_000**0.5


@pytest.mark.parametrize("shape", [(6, 2), (2, 6), (4, 1)])
def test_directions(reference, rng, shape):
    """A row or column of length 1 is uniform on the sphere: an entry's square has a beta distribution."""
    n = max(shape)
    drawn = np.array([reference.orthogonal(shape, 1.0, rng) for _ in range(4_000)])
    for i, j in np.ndindex(shape):
        assert kstest(drawn[:, i, j] ** 2, "beta", (0.5, (n - 1) / 2)).pvalue > 1e-9
        assert abs((drawn[:, i, j] > 0).mean() - 0.5) < 6 * 0.5 / 4_000**0.5


@pytest.mark.parametrize("shape", [(), (7,)])
def test_shapes_that_both_refuse(reference, rng, shape):
    for draw in (lambda: reference.orthogonal(shape, 1.0, rng), lambda: torch.nn.init.orthogonal_(torch.empty(shape))):
        with pytest.raises(ValueError, match=r"2 or more|two axes"):
            draw()


def spectrum(matrix):
    return np.linalg.svd(matrix, compute_uv=False)


def test_claim_product_of_layers(reference):
    """30 layers of 64 units: singular values stay 1, or spread."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        orthogonal = normal = np.eye(64)
        for _ in range(30):
            normal = rng.normal(size=(64, 64)) / 8 @ normal
            orthogonal = reference.orthogonal((64, 64), 1.0, rng) @ orthogonal
        np.testing.assert_allclose(spectrum(orthogonal), 1.0, rtol=1e-9)
        assert 2.5 <= spectrum(normal)[0] <= 13
        assert 1e-5 <= np.median(spectrum(normal)) <= 7e-5


def test_claim_signs_of_a_decomposition():
    """LAPACK chooses signs: Q[0, 0] is negative, and the trace is not 0 on average."""
    for seed in range(20):
        q = np.linalg.qr(np.random.default_rng(seed).normal(size=(2_000, 4, 4)))[0]
        assert (q[:, 0, 0] < 0).all()
        assert -0.9 <= np.trace(q, axis1=1, axis2=2).mean() <= -0.76


def test_claim_other_right_ways(rng):
    """Independent signs repair Q; U of an SVD has the library's signs."""
    normal = rng.normal(size=(4_000, 3, 3))
    theirs = ortho_group.rvs(3, size=4_000, random_state=rng)
    u, _, v = np.linalg.svd(normal)
    signed = np.linalg.qr(normal)[0] * rng.choice([-1, 1], size=(4_000, 1, 3))
    for drawn, right in ((signed, True), (u @ v, True), (u, False)):
        pvalue = ks_2samp(np.trace(drawn, axis1=1, axis2=2), np.trace(theirs, axis1=1, axis2=2)).pvalue
        assert (pvalue > 1e-9) == right


def test_claim_relu_and_tanh(reference):
    """What 30 ReLU layers make of a second moment of 1, and the Jacobians of 10 layers."""
    moments = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(64, 128))
        kept = normal = x / np.sqrt((x**2).mean())
        for _ in range(30):
            kept = np.maximum(kept @ reference.orthogonal((128, 128), 2**0.5, rng).T, 0)
            normal = np.maximum(normal @ rng.normal(size=(128, 128)) / 8, 0)
        moments.append(((kept**2).mean(), (normal**2).mean()))
        h, jacobian = rng.normal(size=128), np.eye(128)
        for _ in range(10):
            weights = reference.orthogonal((128, 128), 2**0.5, rng)
            h = weights @ h
            jacobian = (h > 0)[:, np.newaxis] * weights @ jacobian
            h = np.maximum(h, 0)
        assert (spectrum(jacobian) < 1e-6).mean() > 0.5
        assert 2.5 <= spectrum(jacobian)[0] <= 7
        h, jacobian = 0.1 * rng.normal(size=128), np.eye(128)
        for _ in range(10):
            weights = reference.orthogonal((128, 128), 1.0, rng)
            h = np.tanh(weights @ h)
            jacobian = (1 - h**2)[:, np.newaxis] * weights @ jacobian
        assert spectrum(jacobian).min() >= 0.65
        assert spectrum(jacobian).max() <= 0.98
    kept, normal = np.array(moments).T
    assert 0.04 <= kept.min() <= 0.5 <= np.median(kept) <= 0.9 <= kept.max() <= 5
    assert 0.05 <= normal.min() <= normal.max() <= 11


def test_claim_recurrent(reference, rng):
    """200 linear steps with one matrix."""
    x = rng.normal(size=16)
    for gain, share in ((1.0, 1.0), (0.95, 3.5e-5), (1.05, 17_000)):
        weights, state = reference.orthogonal((16, 16), gain, rng), x
        for _ in range(200):
            state = weights @ state
        np.testing.assert_allclose(np.linalg.norm(state) / np.linalg.norm(x), share, rtol=0.02)


def test_claim_convolution(reference):
    """Singular values of circular convolutions, one matrix for each frequency."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        flat = reference.orthogonal((8, 8, 3, 3), 1.0, rng)
        delta = np.zeros((8, 8, 3, 3))
        delta[:, :, 1, 1] = reference.orthogonal((8, 8), 1.0, rng)
        found, ones = (spectrum(np.fft.fft2(w, (8, 8)).transpose(2, 3, 0, 1)) for w in (flat, delta))
        assert found.min() < 0.05
        assert found.max() >= 1.75
        np.testing.assert_allclose((found**2).mean(), 1.0, rtol=1e-9)
        np.testing.assert_allclose(ones, 1.0, rtol=1e-9)


def peers(reference, rng):
    """Yield the weights of a layer."""
    empty = torch.empty(512, 512, dtype=torch.float64)
    yield Peer(
        "512 x 512",
        "torch.nn.init.orthogonal_",
        lambda: reference.orthogonal((512, 512), 1.0, rng),
        lambda: torch.nn.init.orthogonal_(empty),
    )
