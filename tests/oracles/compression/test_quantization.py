"""The reference beside PyTorch: its observers, its quantised tensors, its fake quantisation and its integer product.

PyTorch keeps scales and quotients in single precision, so scales agree to 1e-6 only. Codes are whole numbers and must
be the same, but where the quotient lies within single precision of halfway between two.
"""

import numpy as np
import pytest
import torch
from torch.ao.quantization import MinMaxObserver

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated")

TINY = 1e-35  # PyTorch holds the scale above a minimum of our choosing


def observed(x, n_bits, symmetric):
    """Return what PyTorch's observer makes of an array; a symmetric range leaves out the lowest code."""
    observer = MinMaxObserver(
        dtype=torch.qint8,
        qscheme=torch.per_tensor_symmetric if symmetric else torch.per_tensor_affine,
        quant_min=-(2 ** (n_bits - 1)) + symmetric,
        quant_max=2 ** (n_bits - 1) - 1,
        eps=TINY,
    )
    observer(torch.tensor(x, dtype=torch.float32))
    scale, zero_point = observer.calculate_qparams()
    return scale.item(), zero_point.item()


def draw(rng):
    """Return numbers about 0, or on one side of it, that single precision holds."""
    x = rng.normal(rng.choice([-9.0, -1.0, 0.0, 1.0, 9.0]), size=int(rng.integers(1, 40)))
    return x.astype(np.float32).astype(float) * 2.0 ** rng.integers(-20, 20)


def assert_params_agree(reference, x, n_bits, symmetric):
    params = reference.quantization_params(x, n_bits, symmetric)
    scale, zero_point = observed(x, n_bits, symmetric)
    assert params.scale == pytest.approx(scale, rel=1e-6, abs=0.0)
    exact = -(2.0 ** (n_bits - 1)) - min(x.min(), 0.0) / params.scale
    if symmetric or abs(exact % 1 - 0.5) > 1e-3:
        assert params.zero_point == zero_point


@pytest.mark.parametrize("symmetric", [False, True], ids=["asymmetric", "symmetric"])
@pytest.mark.parametrize("n_bits", [2, 3, 4, 7, 8])
def test_random_params(reference, rng, n_bits, symmetric):
    for _ in range(60):
        assert_params_agree(reference, draw(rng), n_bits, symmetric)


@pytest.mark.parametrize("symmetric", [False, True], ids=["asymmetric", "symmetric"])
def test_constants(reference, symmetric):
    for value in (3.0, -3.0, 1e-3, 0.1, -0.1):
        assert_params_agree(reference, np.full(4, value), 8, symmetric)
    # Where all is 0, PyTorch returns its minimum, which stands for nothing; ours is 1. Both map 0 to 0 and back.
    assert reference.quantization_params(np.zeros(4), 8, symmetric) == (1.0, 0)
    assert observed(np.zeros(4), 8, symmetric)[0] == pytest.approx(TINY, rel=1e-6, abs=0.0)


def test_halfway_zero_points(reference):
    for low in (-0.5, -1.5, -2.5, -3.5, -254.5):
        x = np.array([low, low + 255.0])
        assert reference.quantization_params(x) == observed(x, 8, symmetric=False)


def test_whole_numbers(reference, rng):
    for _ in range(40):
        assert_params_agree(reference, rng.integers(-99, 100, size=9), 8, symmetric=bool(rng.integers(2)))


def test_random_codes(reference, rng):
    for _ in range(200):
        scale, zero_point = float(rng.uniform(0.01, 2.0)), int(rng.integers(-128, 128))
        x = draw(rng)
        quotient = np.abs(x / scale) % 1
        # Beyond all codes halfway does not matter; within them, single precision is far better than 1e-3.
        x = x[(np.abs(quotient - 0.5) > 1e-3) | (np.abs(x / scale) > 1e3)]
        expected = torch.quantize_per_tensor(torch.tensor(x, dtype=torch.float32), scale, zero_point, torch.qint8)
        q = reference.quantize(x, scale, zero_point)
        np.testing.assert_array_equal(q, expected.int_repr())
        back = reference.dequantize(q.astype(np.int8), scale, zero_point)
        np.testing.assert_allclose(back, expected.dequantize(), rtol=1e-6)


@pytest.mark.parametrize("n_bits", [2, 4, 8, 12, 16])
def test_exact_scales(reference, rng, n_bits):
    """With powers of two for scales all is exact: halves, saturation, and the way back."""
    bottom, top = -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1
    for _ in range(50):
        scale, zero_point = 2.0 ** rng.integers(-9, 9), int(rng.integers(bottom, top + 1))
        x = np.append(rng.integers(-(2 ** (n_bits + 2)), 2 ** (n_bits + 2), size=50) / 2, [1e9, -1e9]) * scale
        # Like ONNX, PyTorch's fake quantisation rounds before it adds the zero point.
        expected = torch.fake_quantize_per_tensor_affine(torch.tensor(x), scale, zero_point, bottom, top)
        q = reference.quantize(x, scale, zero_point, n_bits)
        assert bottom <= q.min()
        assert q.max() <= top
        np.testing.assert_array_equal(reference.dequantize(q, scale, zero_point), expected)


def test_even_zero_points(reference, rng):
    """PyTorch's quantised tensors round the sum instead: the same for an even zero point, not for an odd one."""
    halves = np.append(rng.integers(-300, 300, size=50) + 0.5, [1e6, -1e6])
    for zero_point in (-128, -4, 0, 6):
        expected = torch.quantize_per_tensor(torch.tensor(halves, dtype=torch.float32), 1.0, zero_point, torch.qint8)
        np.testing.assert_array_equal(reference.quantize(halves, 1.0, zero_point), expected.int_repr())
    half = torch.tensor([0.5])
    assert torch.quantize_per_tensor(half, 1.0, 3, torch.qint8).int_repr().item() == 4
    assert torch.fake_quantize_per_tensor_affine(half, 1.0, 3, -128, 127).item() == 0.0
    np.testing.assert_array_equal(reference.quantize(half.numpy(), 1.0, 3), [3])


def pytorch_product(a, b):
    """Multiply codes as they are, in PyTorch's integers."""
    return torch._int_mm(torch.tensor(a), torch.tensor(b))  # noqa: SLF001 - it has no public name


def numbers(codes, zero_point):
    """Return what PyTorch takes codes of scale 1/2 for, which is exact."""
    x = torch.tensor(0.5 * (codes.astype(np.float32) - zero_point))
    quantized = torch.quantize_per_tensor(x, 0.5, zero_point, torch.qint8)
    np.testing.assert_array_equal(quantized.int_repr(), codes)
    return quantized.dequantize().double()


def test_products(reference, rng):
    for _ in range(60):
        n, k, m = rng.integers(1, 40, size=3)
        a, b = (rng.integers(-128, 128, size=shape).astype(np.int8) for shape in [(n, k), (k, m)])
        a_zero_point, b_zero_point = (int(zero_point) for zero_point in rng.integers(-128, 128, size=2))
        np.testing.assert_array_equal(reference.int8_matmul(a, b, 0, 0), pytorch_product(a, b))
        p, q = numbers(a, a_zero_point), numbers(b, b_zero_point)
        np.testing.assert_array_equal(0.25 * reference.int8_matmul(a, b, a_zero_point, b_zero_point), p @ q)


def test_longest_sum(reference):
    a, b = np.full((1, 32768), 127, np.int8), np.full((32768, 1), -128, np.int8)
    assert reference.int8_matmul(a, b, -128, 127).item() == -32768 * 255 * 255
    assert reference.int8_matmul(a, a.T, -128, -128).item() == 32768 * 255 * 255
    product = pytorch_product(a, b)
    np.testing.assert_array_equal(reference.int8_matmul(a, b, 0, 0), product)


def test_bad_numbers(reference):
    for x in ([1.0, np.nan], [np.inf, 1.0], [-np.inf]):
        with pytest.raises(ValueError, match="NaN or infinity"):
            reference.quantization_params(np.array(x))
        with pytest.raises(ValueError, match="NaN or infinity"):
            reference.quantize(np.array(x), 1.0, 0)
    with pytest.raises(ValueError, match="empty"):
        reference.quantization_params(np.array([]))


def there_and_back(reference, x, n_bits=8, symmetric=True, chosen_for=None):
    """Return the codes of x and the numbers that they stand for."""
    params = reference.quantization_params(x if chosen_for is None else chosen_for, n_bits, symmetric)
    codes = reference.quantize(x, *params, n_bits)
    return codes, reference.dequantize(codes, *params)


def rms(x):
    return np.sqrt((x**2).mean())


@pytest.mark.parametrize("seed", range(5))
def test_claim_clipping(reference, seed):
    x = np.random.default_rng(seed).normal(size=10_000)
    for n_bits, all_, clipped in [(4, (0.14, 0.20), (0.105, 0.115)), (8, (0.0075, 0.011), (0.04, 0.057))]:
        assert all_[0] < rms(there_and_back(reference, x, n_bits)[1] - x) < all_[1]
        _, back = there_and_back(reference, x, n_bits, chosen_for=np.clip(x, -2.5, 2.5))
        assert clipped[0] < rms(back - x) < clipped[1]


@pytest.mark.parametrize("seed", range(5))
def test_claim_outliers(reference, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=1000)
    codes, back = there_and_back(reference, x)
    assert 140 < len(set(codes)) < 205
    assert 0.006 < rms(back - x) < 0.0105
    codes, back = there_and_back(reference, np.append(x, 100.0))
    assert 9 <= len(set(codes[:-1])) <= 11
    assert 0.21 < rms(back[:-1] - x) < 0.24
    rows = np.array([x, 100 * rng.normal(size=1000)])
    assert 0.6 < rms(there_and_back(reference, rows)[1][0] - x) / rms(x) < 0.85
    assert 0.006 < rms(there_and_back(reference, x)[1] - x) / rms(x) < 0.011


@pytest.mark.parametrize("seed", range(5))
def test_claim_asymmetric(reference, seed):
    x = np.maximum(np.random.default_rng(seed).normal(size=10_000), 0.0)
    for symmetric, n_codes, error in [(True, (85, 120), (0.005, 0.008)), (False, (160, 225), (0.0025, 0.004))]:
        codes, back = there_and_back(reference, x, symmetric=symmetric)
        assert n_codes[0] < len(set(codes)) < n_codes[1]
        assert error[0] < rms(back - x) < error[1]


@pytest.mark.parametrize(("n_bits", "low", "high"), [(8, 0.008, 0.014), (4, 0.16, 0.23)])
def test_claim_product(reference, n_bits, low, high):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        a, b = rng.normal(size=(32, 512)), np.maximum(rng.normal(size=(512, 32)), 0.0)
        p, r = reference.quantization_params(a, n_bits, symmetric=True), reference.quantization_params(b, n_bits)
        codes = [reference.quantize(x, *params, n_bits).astype(np.int8) for x, params in [(a, p), (b, r)]]
        product = p.scale * r.scale * reference.int8_matmul(*codes, p.zero_point, r.zero_point)
        assert low < rms(product - a @ b) / rms(a @ b) < high


@pytest.mark.parametrize("seed", range(5))
def test_claim_six_decibels_a_bit(reference, seed):
    x = np.random.default_rng(seed).uniform(-1.0, 1.0, size=10_000)
    for n_bits, ratio in [(8, 48), (7, 42), (4, 23.5)]:
        back = there_and_back(reference, x, n_bits, symmetric=False)[1]
        assert 20 * np.log10(rms(x) / rms(back - x)) == pytest.approx(ratio, abs=0.4)


@pytest.mark.parametrize("seed", range(5))
def test_claim_groups(reference, seed):
    weights = np.random.default_rng(seed).standard_t(5, size=(32, 128))
    assert 0.24 < rms(there_and_back(reference, weights, 4)[1] - weights) / rms(weights) < 0.55
    grouped = np.array([there_and_back(reference, row, 4)[1] for row in weights])
    assert 0.15 < rms(grouped - weights) / rms(weights) < 0.2


def peers(reference, rng):
    """Yield the codes of many numbers, and a product of codes."""
    x = rng.normal(size=1_000_000)
    a, b = rng.integers(-128, 128, size=(2, 256, 256)).astype(np.int8)
    single, whole = torch.tensor(x, dtype=torch.float32), [torch.tensor(codes).int() for codes in (a, b)]
    yield Peer(
        "quantize, 1,000,000 numbers",
        "quantize_per_tensor, float32",
        lambda: reference.quantize(x, 0.05, 3),
        lambda: torch.quantize_per_tensor(single, 0.05, 3, torch.qint8),
        "One vectorised pass in single precision there.",
    )
    yield Peer(
        "int8_matmul, 256 x 256 x 256",
        "int32 matmul",
        lambda: reference.int8_matmul(a, b, 3, -5),
        lambda: (whole[0] - 3) @ (whole[1] + 5),
    )
