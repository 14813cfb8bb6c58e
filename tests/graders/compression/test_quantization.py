import numpy as np
import pytest

from katagrad.testing import MismatchError, assert_close, assert_equal, strict


def params_defined(x, n_bits, symmetric):
    """Return scale and zero point by the formulas of the statement, in Python's own numbers."""
    low, high = min([0.0, *x.ravel().tolist()]), max([0.0, *x.ravel().tolist()])
    if symmetric:
        return max(-low, high) / (2 ** (n_bits - 1) - 1), 0
    scale = (high - low) / (2**n_bits - 1)
    return scale, round(-(2 ** (n_bits - 1)) - low / scale)


def code_defined(value, scale, zero_point, n_bits):
    """Return the nearest code to a number that is not halfway between two: by looking at all of them."""
    codes = range(-(2 ** (n_bits - 1)), 2 ** (n_bits - 1))
    return min(codes, key=lambda code: abs(scale * (code - zero_point) - value))


def product_defined(a, b, a_zero_point, b_zero_point):
    product = np.zeros((len(a), b.shape[1]), dtype=int)
    for i, j, k in np.ndindex(*product.shape, len(b)):
        product[i, j] += (int(a[i, k]) - a_zero_point) * (int(b[k, j]) - b_zero_point)
    return product


def codes(rng, *shape):
    return rng.integers(-128, 128, size=shape).astype(np.int8)


def assert_params(params, expected):
    assert_close(params.scale, expected[0])
    assert_equal(params.zero_point, expected[1])


def assert_integers(actual, expected):
    assert_equal(actual, expected)
    if actual.dtype.kind not in "iu":
        raise MismatchError(actual, expected, f"its type is {actual.dtype}, expected integers")


def assert_within(actual, middle, distance):
    """Compare with the nearest number that would do, so that only what lies too far off is shown as wrong."""
    assert_close(actual, np.clip(actual, middle - distance, middle + distance))


def test_params(kata, rng):
    """The lowest and the highest code stand for the ends of the range, so the scale is its width over 2^n - 1."""
    assert_params(kata.quantization_params(np.array([4.0, -2.0, 0.3]), n_bits=2), (2.0, -1))
    assert_params(kata.quantization_params(np.array([-1.0, 254.0])), (1.0, -127))
    assert_params(kata.quantization_params(np.array([-1e5, 1.55e5])), (1000.0, -28))
    # The zero point is rounded, not cut off.
    for low, zero_point in [(-0.75, -127), (-1.25, -127), (-254.25, 126)]:
        assert_params(kata.quantization_params(np.array([low, low + 255.0])), (1.0, zero_point))
    for n_bits in (2, 3, 4, 8, 16):
        x = rng.normal(rng.uniform(-1.0, 1.0), 3.0, size=(4, 5))
        assert_params(kata.quantization_params(x, n_bits), params_defined(x, n_bits, symmetric=False))


def test_symmetric_params(kata, rng):
    """If symmetric, the zero point is 0, and the largest size lies 2^(n-1) - 1 steps away, on either side."""
    for x in ([6.0, -1.0], [-6.0, 1.0], [6.0, 1.0], [-6.0, -1.0]):
        assert_params(kata.quantization_params(np.array(x), n_bits=3, symmetric=True), (2.0, 0))
    for n_bits in (2, 3, 4, 8, 16):
        x = rng.normal(rng.uniform(-1.0, 1.0), 3.0, size=(4, 5))
        assert_params(kata.quantization_params(x, n_bits, symmetric=True), params_defined(x, n_bits, symmetric=True))


def test_numbers_on_one_side_of_zero(kata, rng):
    """The range holds 0 even if x does not: the zero point is a code, and 0 comes back as exactly 0."""
    assert_params(kata.quantization_params(np.array([3.0, 1.5]), n_bits=2), (1.0, -2))
    assert_params(kata.quantization_params(np.array([-3.0, -1.5]), n_bits=2), (1.0, 1))
    for x in (rng.uniform(5.0, 6.0, size=9), rng.uniform(-6.0, -5.0, size=9), rng.normal(size=9)):
        params = kata.quantization_params(x)
        assert_params(params, params_defined(x, 8, symmetric=False))
        q = kata.quantize(np.zeros(2), params.scale, params.zero_point)
        assert_equal(q, [params.zero_point] * 2)
        assert_equal(kata.dequantize(q.astype(np.int8), params.scale, params.zero_point), [0.0, 0.0])


def test_constants(kata):
    """If all is 0, scale and zero point are 1 and 0; any other constant spans the range from 0 to itself."""
    for n_bits, symmetric in [(8, False), (8, True), (4, False)]:
        assert_params(kata.quantization_params(np.zeros((2, 3)), n_bits, symmetric), (1.0, 0))
    for value in (3.0, -3.0, 1e-3):
        x = np.full(4, value)
        for symmetric in (False, True):
            params = kata.quantization_params(x, symmetric=symmetric)
            assert_params(params, params_defined(x, 8, symmetric))
            q = kata.quantize(x, params.scale, params.zero_point)
            assert_close(kata.dequantize(q, params.scale, params.zero_point), x)


def test_codes(kata, rng):
    """The code of a number is its ratio to the scale, rounded, plus the zero point."""
    assert_integers(kata.quantize(np.array([0.0, 1.0, -1.0, 2.8]), scale=0.5, zero_point=3), [3, 5, 1, 9])
    ratios, rounded = np.array([2.25, -2.75, 0.75, -0.25]), np.array([2, -3, 1, 0])
    for scale, zero_point in [(1.0, 3), (0.25, -7), (8.0, 100), (1000.0, -28)]:
        assert_integers(kata.quantize(ratios * scale, scale, zero_point), rounded + zero_point)
    for n_bits, zero_point in [(2, -1), (3, 2), (4, 0), (8, -128), (8, 17), (8, 127), (10, -300)]:
        scale = rng.uniform(0.1, 3.0)
        x = rng.normal(0.0, 2**n_bits * scale / 2, size=(3, 7))
        expected = [[code_defined(value, scale, zero_point, n_bits) for value in row] for row in x]
        assert_integers(kata.quantize(x, scale, zero_point, n_bits), expected)


def test_saturation(kata):
    """Below the lowest code is the lowest code, above the highest is the highest, however far."""
    far = np.array([130.0, -130.0, 500.0, -500.0, 1e6, -1e6])
    for scale, zero_point in [(1.0, 0), (0.5, 1), (0.5, -2)]:
        assert_integers(kata.quantize(far, scale, zero_point), [127, -128] * 3)
    assert_integers(
        kata.quantize(np.array([124.0, 125.0, -130.0, -131.0, -132.0]), 1.0, 3), [127, 127, -127, -128, -128]
    )
    assert_integers(kata.quantize(np.array([1e6, -1e6]), 1e-5, 3), [127, -128])
    for n_bits, ends in [(2, [1, -2]), (4, [7, -8]), (16, [32767, -32768])]:
        assert_integers(kata.quantize(np.array([1e5, -1e5]), 1.0, 0, n_bits), ends)
    # A ratio that leaves 16 bits until the zero point is added.
    for sign in (1, -1):
        assert_integers(kata.quantize(np.array([sign * 40_000.0]), 1.0, sign * -20_000, 16), [sign * 20_000])


def test_fine_scale(kata):
    """With 16 bits a small array has a small scale, and its codes reach both ends."""
    x = np.array([-0.001, 0.001])
    params = kata.quantization_params(x, n_bits=16)
    assert_close(params.scale, 0.002 / 65535)
    assert_integers(kata.quantize(x, 0.002 / 65535, 0, n_bits=16), [-32768, 32767])
    # A scale has no lower bound, neither 1e-8 nor 1e-10.
    x = np.array([-1e-6, 2e-6])
    params = kata.quantization_params(x, n_bits=16)
    assert_close(params.scale, 3e-6 / 65535, atol=0.0)
    assert_equal(params.zero_point, -10923)
    assert_integers(kata.quantize(x, 3e-6 / 65535, -10923, n_bits=16), [-32768, 32767])
    assert_close(kata.quantization_params(x, n_bits=16, symmetric=True).scale, 2e-6 / 32767, atol=0.0)


def test_back_again(kata, rng):
    """A code stands for its difference from the zero point, times the scale, even where that leaves int8, or int16."""
    q = np.array([-128, 3, 127], dtype=np.int8)
    assert_close(kata.dequantize(q, scale=0.5, zero_point=3), [-65.5, 0.0, 62.0])
    assert_close(kata.dequantize(q, scale=1000.0, zero_point=3), [-131e3, 0.0, 124e3])
    for zero_point in (-128, 0, 127):
        for kind in (np.int8, np.int32, int):
            q = codes(rng, 3, 4).astype(kind)
            expected = [[0.3 * (code - zero_point) for code in row] for row in q.tolist()]
            assert_close(kata.dequantize(q, 0.3, zero_point), expected)
    # Sixteen bits: a difference of 65,535.
    for kind in (np.int16, np.int32, int):
        assert_close(kata.dequantize(np.array([32767], dtype=kind), 0.5, -32768), [32767.5])


@pytest.mark.parametrize("symmetric", [False, True], ids=["asymmetric", "symmetric"])
def test_there_and_back(kata, rng, symmetric):
    """What the range was chosen for comes back within half a step, and needs no code beyond n bits."""
    for n_bits in (2, 5, 8, 12):
        x = rng.normal(rng.uniform(-2.0, 2.0), size=(5, 6))
        scale, zero_point = kata.quantization_params(x, n_bits, symmetric)
        q = kata.quantize(x, scale, zero_point, n_bits)
        assert_equal(q, np.clip(q, -(2 ** (n_bits - 1)) + symmetric, 2 ** (n_bits - 1) - 1))
        assert_within(kata.dequantize(q, scale, zero_point), x, scale / 2)


def test_product(kata, rng):
    """The product is that of the differences from the zero points, entry by entry as the sum over k says."""
    a, b = np.array([[-128, 127]], dtype=np.int8), np.array([[5], [127]], dtype=np.int8)
    assert_integers(kata.int8_matmul(a, b, a_zero_point=0, b_zero_point=7), [[15496]])
    for a_zero_point, b_zero_point in [(0, 0), (5, 0), (0, -9), (-128, 127), (127, 100)]:
        a, b = codes(rng, 3, 4), codes(rng, 4, 5)
        expected = product_defined(a, b, a_zero_point, b_zero_point)
        assert_integers(kata.int8_matmul(a, b, a_zero_point, b_zero_point), expected)


def test_long_sums(kata, rng):
    """Long sums are exact, up to 32,768 terms of 255 times 255: int32 holds them, and single precision does not."""
    for k in (1, 3, 32768):
        a, b = np.full((1, k), 127, dtype=np.int8), np.full((k, 1), -128, dtype=np.int8)
        assert_integers(kata.int8_matmul(a, a.T, -128, -128), [[k * 255 * 255]])
        assert_integers(kata.int8_matmul(a, b, -128, 127), [[-k * 255 * 255]])
    # Without zero points the codes' own sum is that large, too. It is odd.
    a = np.full((1, 32767), 127, dtype=np.int8)
    assert_integers(kata.int8_matmul(a, a.T, 0, 0), [[32767 * 127 * 127]])
    a, b = codes(rng, 2, 5001), codes(rng, 5001, 3)
    sums = [[sum((a[i].astype(int) + 128) * (b[:, j].astype(int) - 120)) for j in range(3)] for i in range(2)]
    assert_integers(kata.int8_matmul(a, b, -128, 120), sums)


def test_product_of_numbers(kata, rng):
    """Times both scales, the product of codes is the product of what they stand for."""
    x, y = rng.normal(size=(3, 6)), rng.uniform(0.0, 4.0, size=(6, 2))
    p, r = kata.quantization_params(x, symmetric=True), kata.quantization_params(y)
    a = kata.quantize(x, p.scale, p.zero_point).astype(np.int8)
    b = kata.quantize(y, r.scale, r.zero_point).astype(np.int8)
    product = kata.int8_matmul(a, b, p.zero_point, r.zero_point)
    assert_close(p.scale * r.scale * product, p.scale * r.scale * product_defined(a, b, p.zero_point, r.zero_point))
    # Half a step in every factor, and half a step times half a step.
    bound = (np.abs(x).sum(axis=1, keepdims=True) * r.scale + np.abs(y).sum(axis=0) * p.scale) / 2
    bound += 6 * p.scale * r.scale / 4
    assert_within(p.scale * r.scale * product, x @ y, bound)


@strict
def test_halves(kata):
    """Halves are rounded to the even integer, in the zero point and in the ratio before the zero point is added."""
    for low, zero_point in [(-0.5, -128), (-1.5, -126), (-2.5, -126), (-254.5, 126)]:
        assert_params(kata.quantization_params(np.array([low, low + 255.0])), (1.0, zero_point))
    ratios, rounded = np.array([0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5]), np.array([0, 2, 2, 4, 0, -2, -2])
    for scale, zero_point in [(1.0, 0), (1.0, 3), (0.25, -7), (8.0, 100)]:
        assert_integers(kata.quantize(ratios * scale, scale, zero_point), rounded + zero_point)


@strict
def test_integers(kata):
    """The numbers may be integers of any type: no ratio is cut off, and no range wraps around."""
    x = np.array([[-2, 7], [3, 0]])
    x_small, x_unsigned = np.array([-128, 127], dtype=np.int8), np.array([3, 200], dtype=np.uint8)
    for symmetric in (False, True):
        assert_params(kata.quantization_params(x, 4, symmetric), params_defined(x, 4, symmetric))
        for small in (x_small, x_unsigned):
            assert_params(kata.quantization_params(small, 8, symmetric), params_defined(small, 8, symmetric))
    assert_integers(kata.quantize(x, 0.75, 1, 4), [[-2, 7], [5, 1]])
    assert_integers(kata.quantize(x, 2, -1, 4), [[-2, 3], [1, -1]])
    assert_integers(kata.quantize(x_unsigned, 1.0, -100), [-97, 100])


@strict
def test_bad_numbers(kata):
    """A NaN, an infinite number, and an empty array in quantization_params raise ValueError."""
    for x in ([1.0, np.nan], [np.inf, 1.0], [0.0, -np.inf]):
        for symmetric in (False, True):
            with pytest.raises(ValueError):
                kata.quantization_params(np.array(x), symmetric=symmetric)
        with pytest.raises(ValueError):
            kata.quantize(np.array(x), 1.0, 0)
    for empty in (np.array([]), np.zeros((3, 0))):
        with pytest.raises(ValueError):
            kata.quantization_params(empty)


def workload(kata, rng, n):
    """Weights and activations, with ties and outliers, to a few bits and back, and their product."""
    weights, activations = rng.normal(size=(4, n + 1)), np.maximum(rng.normal(0.5, size=(n + 1, 3)), 0.0)
    fine = kata.quantization_params(activations)
    coarse = kata.quantization_params(weights, 4, symmetric=True)
    a = kata.quantize(weights, coarse.scale, coarse.zero_point, 4)
    b = kata.quantize(activations, fine.scale, fine.zero_point)
    shifted = kata.quantization_params(weights, 5)
    ties = kata.quantize(rng.integers(-40, 40, size=n) * 0.5, 1.0, int(rng.integers(-9, 10)), 5)
    product = kata.int8_matmul(a.astype(np.int8), b.astype(np.int8), coarse.zero_point, fine.zero_point)
    square = kata.int8_matmul(b.T.astype(np.int8), b.astype(np.int8), fine.zero_point, 3)
    return fine, coarse, shifted, a, b, ties, kata.dequantize(b, fine.scale, fine.zero_point), product, square


MISTAKES = {
    "0 need not lie in the range": (
        "float(x.min(initial=0)), float(x.max(initial=0))",
        "float(x.min()), float(x.max())",
    ),
    "one step for each code": ("scale = (high - low) / (top - bottom)", "scale = (high - low) / (top - bottom + 1)"),
    "the zero point of unsigned codes": ("round(bottom - low / scale)", "round(-low / scale)"),
    "the zero point is cut off, not rounded": ("round(bottom - low / scale)", "int(bottom - low / scale)"),
    "a scale of 0 for zeros": ("    if low == high:\n        return Params(1.0, 0)\n", ""),
    "a constant has no range": ("if low == high:", "if x.min() == x.max():"),
    "symmetric down to the lowest code": ("max(-low, high) / top", "max(-low, high) / -bottom"),
    "symmetric by the highest number": ("max(-low, high) / top", "high / top"),
    "symmetric asked for in vain": (
        "    if symmetric:\n        return Params(max(",
        "    if False:\n        return Params(max(",
    ),
    "always eight bits": ("-(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1", "-128, 127"),
    "codes are floats": (").astype(int)", ")"),
    "rounded down": ("np.rint(x / scale) + zero_point", "np.floor(x / scale) + zero_point"),
    "cut off": ("np.rint(x / scale) + zero_point", "np.trunc(x / scale) + zero_point"),
    "the zero point is taken off": ("np.rint(x / scale) + zero_point", "np.rint(x / scale) - zero_point"),
    "times the scale": ("np.rint(x / scale) + zero_point", "np.rint(x * scale) + zero_point"),
    "saturated before the zero point is added": (
        "np.clip(np.rint(x / scale) + zero_point, *_end_codes(n_bits)).astype(int)",
        "(np.clip(np.rint(x / scale), *_end_codes(n_bits)) + zero_point).astype(int)",
    ),
    "codes wrap around": (
        "np.clip(np.rint(x / scale) + zero_point, *_end_codes(n_bits)).astype(int)",
        "np.clip(np.rint(x / scale) + zero_point, -1e9, 1e9).astype(np.int8)",
    ),
    "the lowest code is never used": (
        "*_end_codes(n_bits)).astype(int)",
        "_end_codes(n_bits)[0] + 1, _end_codes(n_bits)[1]).astype(int)",
    ),
    "differences in int8": ("scale * (q.astype(float) - zero_point)", "scale * (q - zero_point)"),
    "differences in int16": ("scale * (q.astype(float) - zero_point)", "scale * (q.astype(np.int16) - zero_point)"),
    "the zero point forgotten on the way back": (
        "scale * (q.astype(float) - zero_point)",
        "scale * q.astype(float)",
    ),
    "the zero point taken off in numbers, not in codes": (
        "scale * (q.astype(float) - zero_point)",
        "scale * q.astype(float) - zero_point",
    ),
    "products and sums in int8": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "(a - a_zero_point) @ (b - b_zero_point)",
    ),
    "sums in int16": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "(a.astype(np.int16) - a_zero_point) @ (b.astype(np.int16) - b_zero_point)",
    ),
    "sums in single precision": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "((a.astype(np.float32) - a_zero_point) @ (b.astype(np.float32) - b_zero_point)).astype(np.int32)",
    ),
    "sums left as floats": ("(b.astype(float) - b_zero_point)).astype(np.int32)", "(b.astype(float) - b_zero_point))"),
    "differences in int8, sums in int32": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "(a - np.int8(a_zero_point)).astype(np.int32) @ (b - np.int8(b_zero_point)).astype(np.int32)",
    ),
    "zero points forgotten in the product": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "a.astype(np.int32) @ b.astype(np.int32)",
    ),
    "zero points taken off the product": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "a.astype(np.int32) @ b.astype(np.int32) - a_zero_point * b_zero_point * a.shape[1]",
    ),
    "zero points swapped": (
        "((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)",
        "(a.astype(np.int32) - b_zero_point) @ (b.astype(np.int32) - a_zero_point)",
    ),
}

STRICT_MISTAKES = {
    "the range in the type of small integers": (
        "float(x.min(initial=0)), float(x.max(initial=0))",
        "x.min(initial=0), x.max(initial=0)",
    ),
    "the zero point is rounded half up": (
        "round(bottom - low / scale)",
        "int(np.floor(bottom - low / scale + 0.5))",
    ),
    "rounded half away from zero": (
        "np.rint(x / scale) + zero_point",
        "np.trunc(x / scale + np.copysign(0.5, x)) + zero_point",
    ),
    "rounded after the zero point is added": ("np.rint(x / scale) + zero_point", "np.rint(x / scale + zero_point)"),
    "infinite numbers pass": ("not np.isfinite(x).all()", "np.isnan(x).any()"),
    "a NaN has a code": ("not np.isfinite(x).all()", "np.isinf(x).any()"),
    "an empty array has a scale": ("if x.size == 0:", "if False:"),
    "emptiness by the number of rows": ("if x.size == 0:", "if len(x) == 0:"),
}
