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
    """With powers of two for scales all is exact: halves, saturation, infinity, and the way back."""
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
    halves = np.append(rng.integers(-300, 300, size=50) + 0.5, [np.inf, -np.inf])
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


@pytest.mark.parametrize("x", [[], [1.0, np.nan], [np.inf, 1.0]])
def test_numbers_without_a_scale(reference, x):
    with pytest.raises(ValueError, match="finite"):
        reference.quantization_params(np.array(x))


def test_numbers_without_a_code(reference):
    with pytest.raises(ValueError, match="NaN"):
        reference.quantize(np.array([1.0, np.nan]), 1.0, 0)


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
