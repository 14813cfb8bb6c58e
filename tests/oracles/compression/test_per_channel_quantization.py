"""The reference beside PyTorch's observers and fake quantisation with one scale for each channel."""

import numpy as np
import pytest
import torch
from torch.ao.quantization import PerChannelMinMaxObserver

from tests.bench.peers import Peer


def observed(w, axis, n_bits):
    """Return the codes and the scales that PyTorch chooses, in single precision."""
    top = 2 ** (n_bits - 1) - 1
    observer = PerChannelMinMaxObserver(
        ch_axis=axis, dtype=torch.qint8, qscheme=torch.per_channel_symmetric, quant_min=-top, quant_max=top, eps=1e-30
    )
    x = torch.tensor(w, dtype=torch.float32)
    observer(x)
    scales, zero_points = observer.calculate_qparams()
    restored = torch.fake_quantize_per_channel_affine(x, scales, zero_points.int(), axis, -top, top)
    shape = [1] * w.ndim
    shape[axis] = -1
    return torch.round(restored / scales.reshape(shape)).int().numpy(), scales.numpy(), restored.numpy()


def spread(rng, shape, axis, n_bits):
    """Return weights that are away from halves, so that single precision finds the same codes."""
    top = 2 ** (n_bits - 1) - 1
    codes = rng.integers(-top, top + 1, size=shape) + rng.uniform(-0.4, 0.4, size=shape)
    # The largest of each channel is a code exactly.
    first = np.zeros(len(shape), dtype=int)
    for k in range(shape[axis]):
        first[axis] = k
        codes[tuple(first)] = top * rng.choice([-1, 1])
    scale_shape = [1] * len(shape)
    scale_shape[axis] = -1
    return np.clip(codes, -top, top) * np.exp(rng.normal(size=shape[axis])).reshape(scale_shape)


@pytest.mark.parametrize("n_bits", [2, 4, 8])
def test_random_channels(reference, rng, n_bits):
    for _ in range(60):
        shape = tuple(rng.integers(1, 6, size=rng.integers(2, 5)).tolist())
        axis = int(rng.integers(len(shape)))
        w = spread(rng, shape, axis, n_bits)
        codes, scales, restored = observed(w, axis, n_bits)
        ours = reference.quantize_per_channel(w, axis, n_bits)
        np.testing.assert_allclose(ours.scales, scales, rtol=1e-6)
        np.testing.assert_array_equal(ours.codes, codes)
        np.testing.assert_allclose(reference.dequantize_per_channel(ours.codes, ours.scales, axis), restored, rtol=1e-5)
        negative = reference.quantize_per_channel(w, axis - len(shape), n_bits)
        np.testing.assert_array_equal(negative.codes, codes)


def test_random_groups(reference, rng):
    """A group is a row of an array that has been cut into groups."""
    for _ in range(60):
        n_out, n_groups, size = (int(n) for n in rng.integers(1, 6, size=3))
        rows = spread(rng, (n_out * n_groups, size), 0, 4)
        codes, scales, _ = observed(rows, 0, 4)
        ours = reference.quantize_per_group(rows.reshape(n_out, -1), size)
        np.testing.assert_allclose(ours.scales, scales.reshape(n_out, n_groups), rtol=1e-6)
        np.testing.assert_array_equal(ours.codes, codes.reshape(n_out, -1))


def test_in_double_precision(reference, rng):
    """Scales and values, from the largest of each channel as PyTorch finds it in float64."""
    w = rng.normal(size=(4, 3, 5)) * np.exp(rng.normal(size=(1, 3, 1)))
    scales = torch.tensor(w).abs().amax(dim=(0, 2)) / 127
    expected = torch.round(torch.tensor(w) / scales[:, None]) * scales[:, None]
    ours = reference.quantize_per_channel(w, 1)
    np.testing.assert_allclose(ours.scales, scales, rtol=1e-9)
    np.testing.assert_allclose(reference.dequantize_per_channel(ours.codes, ours.scales, 1), expected, rtol=1e-9)


def test_zeros_and_halves(reference):
    """PyTorch gives a channel of zeros a tiny scale, where ours is 1; the codes are 0 in both."""
    w = np.array([[0.0, 0.0, 0.0], [2.5, -0.5, 7.0], [1.5, 3.5, -7.0]])
    codes, scales, _ = observed(w, 0, 4)
    ours = reference.quantize_per_channel(w, 0, 4)
    np.testing.assert_array_equal(ours.codes, codes)
    np.testing.assert_allclose(ours.scales[1:], scales[1:])
    assert ours.scales[0] == 1.0


def relative(restored, w, axis=None):
    return np.linalg.norm(restored - w, axis=axis) / np.linalg.norm(w, axis=axis)


def through(reference, w, axis, n_bits):
    codes, scales = reference.quantize_per_channel(w, axis, n_bits)
    return reference.dequantize_per_channel(codes, scales, axis)


def in_groups(reference, w, size):
    codes, scales = reference.quantize_per_group(w, size)
    return codes * np.repeat(scales, size, axis=1)


@pytest.mark.parametrize("seed", range(20))
def test_claim_rows(reference, seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(64, 256)) * np.exp(rng.normal(size=(64, 1)))
    for n_bits, one, each in [(4, (0.56, 1.0), (0.11, 0.13)), (8, (0.03, 0.41), (0.006, 0.0075))]:
        whole = through(reference, w.reshape(1, -1), 0, n_bits).reshape(w.shape)
        assert one[0] <= np.median(relative(whole, w, 1)) <= one[1]
        assert each[0] < np.median(relative(through(reference, w, 0, n_bits), w, 1)) < each[1]


def test_claim_scale_before_the_sum(reference, rng):
    w, x = rng.normal(size=(5, 8)), rng.normal(size=(3, 8))
    codes, scales = reference.quantize_per_channel(w)
    np.testing.assert_allclose(x @ (codes * scales[:, None]).T, (x @ codes.T) * scales, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_claim_groups(reference, seed):
    w = np.random.default_rng(seed).standard_t(5, size=(64, 1024))
    assert 0.24 < relative(through(reference, w, 0, 4), w) < 0.30
    assert 0.16 < relative(in_groups(reference, w, 128), w) < 0.18
    assert 0.11 < relative(in_groups(reference, w, 32), w) < 0.13
    scales = 2.0 ** np.ceil(np.log2(reference.quantize_per_group(w, 32).scales))
    coarse = np.repeat(scales, 32, axis=1)
    assert 0.17 < relative(np.rint(w / coarse) * coarse, w) < 0.19


@pytest.mark.parametrize("seed", range(20))
def test_claim_activations(reference, seed):
    x = np.random.default_rng(seed).normal(size=(256, 512))
    x[:, :4] *= 50
    one = through(reference, x.reshape(1, -1), 0, 8).reshape(x.shape)
    for restored, low, high in [
        (one, 0.32, 0.56),
        (through(reference, x, 0, 8), 0.14, 0.18),
        (through(reference, x, 1, 8), 0.006, 0.008),
    ]:
        assert low < np.median(relative(restored[:, 4:], x[:, 4:], 1)) < high


def peers(reference, rng):
    """Yield the codes of a matrix for which the scales are known to PyTorch."""
    w = rng.normal(size=(1_024, 1_024))
    x = torch.tensor(w)
    yield Peer(
        "1,024 x 1,024",
        "abs, amax and round",
        lambda: reference.quantize_per_channel(w),
        lambda: torch.round(x / (x.abs().amax(dim=1, keepdim=True) / 127)).to(torch.int8),
        "Codes of eight bytes here.",
    )
