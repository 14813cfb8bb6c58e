import numpy as np
import pytest

from katagrad.testing import MismatchError, assert_close, assert_equal, strict

ROWS = np.array([[0.0, -127.0], [0.0, 0.0], [0.3, 1.27]])


@pytest.fixture
def weights(rng):
    """Weights of four channels on each of three axes of other lengths, no two channels of one size."""
    sizes = [10.0 ** rng.permutation(n) for n in (3, 4, 5)]
    return rng.normal(size=(3, 4, 5)) * sizes[0][:, None, None] * sizes[1][:, None] * sizes[2]


def defined(w, slices, n_bits):
    """Return the codes of w, where slices names the slice of each number, and the scale of each slice."""
    top = 2 ** (n_bits - 1) - 1
    scales = {}
    for name in set(np.ravel(slices).tolist()):
        largest = max(abs(w[place]) for place in np.ndindex(w.shape) if slices[place] == name)
        scales[name] = largest / top if largest else 1.0
    codes = np.zeros(w.shape, dtype=int)
    for place in np.ndindex(w.shape):
        codes[place] = round(w[place] / scales[slices[place]])
    return codes, [scales[name] for name in sorted(scales)]


def channels(w, axis):
    """Name the channel of each number."""
    return np.indices(w.shape)[axis]


def groups(w, group_size):
    """Name the group of each number, counted row by row."""
    n_groups = w.shape[1] // group_size
    row, column = np.indices(w.shape)
    return row * n_groups + column // group_size


def assert_integers(actual, expected):
    assert_equal(actual, expected)
    if actual.dtype.kind not in "iu":
        raise MismatchError(actual, expected, f"its type is {actual.dtype}, expected integers")


def assert_quantized(actual, codes, scales):
    """Compare the scales first: whoever has them wrong has the codes wrong too."""
    assert_close(actual.scales, scales)
    assert_integers(actual.codes, codes)


def test_rows(kata, rng):
    """Each row has its own scale, the largest absolute value over 127, and its codes reach 127 or -127."""
    assert_quantized(kata.quantize_per_channel(ROWS), [[0, -127], [0, 0], [30, 127]], [1.0, 1.0, 0.01])
    assert_quantized(
        kata.quantize_per_channel(np.array([[0.0, 2.54], [-1.27, 0.0]])), [[0, 127], [-127, 0]], [0.02, 0.01]
    )
    # Only a row of zeros is special, not one of small numbers.
    small = np.array([[1e-3, -4e-4], [-1e-6, 2.54e-6]])
    assert_quantized(kata.quantize_per_channel(small), [[127, -51], [-50, 127]], [1e-3 / 127, 2e-8])
    for shape in [(3, 5), (1, 4), (6, 1), (4, 4)]:
        w = rng.normal(size=shape) * 10.0 ** rng.permutation(shape[0])[:, np.newaxis]
        codes, scales = defined(w, channels(w, 0), 8)
        assert_quantized(kata.quantize_per_channel(w), codes, scales)


def test_any_axis(kata, weights):
    """Channels may lie along any axis, also counted from the last."""
    assert_quantized(kata.quantize_per_channel(ROWS.T, axis=1), [[0, 0, 30], [-127, 0, 127]], [1.0, 1.0, 0.01])
    assert_quantized(kata.quantize_per_channel(ROWS.T, axis=-1), [[0, 0, 30], [-127, 0, 127]], [1.0, 1.0, 0.01])
    for axis in (0, 1, 2, -1, -2, -3):
        codes, scales = defined(weights, channels(weights, axis), 8)
        assert_quantized(kata.quantize_per_channel(weights, axis), codes, scales)
    vector = weights[0, 0]
    for axis in (0, -1):
        codes, scales = defined(vector, channels(vector, 0), 8)
        assert_quantized(kata.quantize_per_channel(vector, axis), codes, scales)


def test_number_of_bits(kata, weights):
    """With n bits the codes go from -q_max to q_max, q_max = 2^(n-1) - 1. The default is 8, for groups 4."""
    w = np.array([[3.0, -2.2, 0.9], [-6.0, 0.8, 2.0]])
    assert_quantized(kata.quantize_per_channel(w, n_bits=3), [[3, -2, 1], [-3, 0, 1]], [1.0, 2.0])
    for n_bits in range(2, 9):
        codes, scales = defined(weights, channels(weights, 1), n_bits)
        assert_quantized(kata.quantize_per_channel(weights, 1, n_bits), codes, scales)
        codes, scales = defined(weights[0], groups(weights[0], 1 if n_bits == 5 else 5), n_bits)
        actual = kata.quantize_per_group(weights[0], 1 if n_bits == 5 else 5, n_bits)
        assert_quantized(actual, codes, np.reshape(scales, (4, -1)))


def test_slices_of_zeros(kata, weights):
    """A channel or a group that is all 0 has scale 1 and codes 0. The others are not affected."""
    assert_quantized(kata.quantize_per_channel(np.zeros((2, 3))), np.zeros((2, 3)), [1.0, 1.0])
    assert_quantized(kata.quantize_per_group(np.zeros((2, 4)), 2), np.zeros((2, 4)), np.ones((2, 2)))
    weights[:, 2] = 0.0
    codes, scales = defined(weights, channels(weights, 1), 8)
    assert_quantized(kata.quantize_per_channel(weights, 1), codes, scales)
    w = np.array([[0.0, 0.0, 0.02, 0.07], [-7.0, 0.0, 0.0, 0.0]])
    assert_quantized(kata.quantize_per_group(w, 2), [[0, 0, 2, 7], [-7, 0, 0, 0]], [[1.0, 0.01], [1.0, 1.0]])


def test_back_again(kata, rng):
    """A code stands for the scale of its channel times the code, along any axis, and also if codes are int8."""
    codes, scales = np.array([[1, 2], [3, 4]], dtype=np.int8), np.array([1.0, 0.5])
    assert_close(kata.dequantize_per_channel(codes, scales, axis=1), [[1.0, 1.0], [3.0, 2.0]])
    assert_close(kata.dequantize_per_channel(codes, scales), [[1.0, 2.0], [1.5, 2.0]])
    for kind in (int, np.int8):
        for shape in [(3, 4, 5), (4, 4, 4), (4, 4), (5,)]:
            codes = rng.integers(-127, 128, size=shape).astype(kind)
            for axis in range(-len(shape), len(shape)):
                scales = rng.uniform(0.1, 9.0, size=shape[axis])
                expected = np.zeros(shape)
                for place in np.ndindex(shape):
                    expected[place] = int(codes[place]) * scales[place[axis]]
                assert_close(kata.dequantize_per_channel(codes, scales, axis), expected)


def test_there_and_back(kata, weights):
    """Every number comes back within half the scale of its own channel."""
    actual = kata.quantize_per_channel(ROWS)
    assert_close(kata.dequantize_per_channel(actual.codes, actual.scales), [[0.0, -127.0], [0.0, 0.0], [0.3, 1.27]])
    for axis in (0, 1, -1):
        codes, scales = kata.quantize_per_channel(weights, axis)
        restored = kata.dequantize_per_channel(codes, scales, axis)
        _, expected = defined(weights, channels(weights, axis), 8)
        half = np.array(expected)[channels(weights, axis)] / 2
        assert_close(restored, np.clip(restored, weights - half, weights + half))


def test_groups(kata, rng):
    """A group is group_size neighbours in a row, and has its own scale; scales have one row for each output."""
    w = np.array([[7.0, -3.2, 0.2, 1.4]])
    assert_quantized(kata.quantize_per_group(w, 2), [[7, -3, 1, 7]], [[1.0, 0.2]])
    assert_quantized(kata.quantize_per_group(w, 4), [[7, -3, 0, 1]], [[1.0]])
    assert_quantized(kata.quantize_per_group(1e-6 * w, 4), [[7, -3, 0, 1]], [[1e-6]])
    for shape, group_size in [
        ((3, 8), 4),
        ((3, 8), 2),
        ((5, 6), 3),
        ((2, 6), 6),
        ((4, 4), 2),
        ((3, 4), 1),
        ((1, 9), 3),
    ]:
        w = rng.normal(size=shape) * 10.0 ** rng.integers(-2, 3, size=shape)
        codes, scales = defined(w, groups(w, group_size), 4)
        actual = kata.quantize_per_group(w, group_size)
        assert_quantized(actual, codes, np.reshape(scales, (shape[0], -1)))


def test_groups_that_do_not_fit(kata):
    """Rows that are not a whole number of groups raise ValueError, even if the whole array is."""
    for shape, group_size in [((2, 6), 4), ((4, 6), 4), ((3, 5), 2), ((2, 3), 6), ((1, 3), 5)]:
        with pytest.raises(ValueError):
            kata.quantize_per_group(np.ones(shape), group_size)


@strict
def test_halves(kata):
    """Halves are rounded to the even integer."""
    halves = np.array([[0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 7.0, 0.0]])
    assert_integers(kata.quantize_per_channel(halves, n_bits=4).codes, [[0, 2, 2, 0, -2, -2, 7, 0]])
    assert_integers(kata.quantize_per_group(halves, 8).codes, [[0, 2, 2, 0, -2, -2, 7, 0]])


@strict
def test_integers(kata):
    """Weights may be integers of any type: nothing wraps around."""
    w = np.array([[-128, 3], [20, 100]])
    for kind in (int, np.int8, np.int16):
        codes, scales = defined(w, channels(w, 0), 8)
        assert_quantized(kata.quantize_per_channel(w.astype(kind)), codes, scales)
        codes, scales = defined(w, groups(w, 2), 4)
        assert_quantized(kata.quantize_per_group(w.astype(kind), 2), codes, np.reshape(scales, (2, 1)))


def workload(kata, rng, n):
    """Weights of a convolution and of a linear layer, with channels of unlike size and some of zeros."""
    w = rng.normal(size=(n, 3, 4)) * np.exp(rng.normal(size=(n, 1, 1)))
    w[::5] = 0.0
    answers = []
    for axis, n_bits in [(0, 8), (1, 4), (-1, 2)]:
        codes, scales = kata.quantize_per_channel(w, axis, n_bits)
        answers += [codes, scales, kata.dequantize_per_channel(codes.astype(np.int8), scales, axis)]
    flat = rng.integers(-9, 10, size=(n, 12)) * 0.5
    flat[::4, :4] = 0.0
    return *answers, kata.quantize_per_group(flat, 4), kata.quantize_per_group(w.reshape(n, 12), 6, 8)


OTHERS = "others = tuple(k for k in range(w.ndim) if k != axis % w.ndim)"
TOP = "largest / (2 ** (n_bits - 1) - 1)"
CODES = "np.rint(w / np.expand_dims(scales, others)).astype(int)"
GROUPED = "np.rint(groups / scales[:, :, np.newaxis]).astype(int).reshape(w.shape)"
MISTAKES = {
    "one scale for the whole array": (
        "scales = _scales(np.abs(w, dtype=float).max(axis=others), n_bits)",
        "scales = _scales(np.full(w.shape[axis], np.abs(w).max()), n_bits)",
    ),
    "the maximum along the axis of the channels": (OTHERS, "others = (axis % w.ndim,)"),
    "a negative axis is not understood": (OTHERS, "others = tuple(k for k in range(w.ndim) if k != axis)"),
    "always the first axis": (OTHERS, "others = tuple(range(1, w.ndim))"),
    "matrices only": (OTHERS, "others = (1 - axis % w.ndim,)"),
    "the largest value, not the largest absolute one": (
        "np.abs(w, dtype=float).max(axis=others)",
        "w.max(axis=others)",
    ),
    "one code more": (TOP, "largest / 2 ** (n_bits - 1)"),
    "steps over the whole range": (TOP, "2 * largest / (2**n_bits - 1)"),
    "always eight bits": (TOP, "largest / 127"),
    "0 / 0 in a slice of zeros": ("np.where(largest > 0, " + TOP + ", 1.0)", TOP),
    "an eps in the scale": ("np.where(largest > 0, " + TOP + ", 1.0)", TOP + " + 1e-8"),
    "scales are at least 1e-7": (
        "np.where(largest > 0, " + TOP + ", 1.0)",
        "np.where(largest > 0, np.maximum(" + TOP + ", 1e-7), 1.0)",
    ),
    "a slice of zeros gets the scale 0": ("np.where(largest > 0, " + TOP + ", 1.0)", "np.maximum(" + TOP + ", 1e-300)"),
    "scales that keep the other axes": (CODES + ", scales)", CODES + ", np.expand_dims(scales, others))"),
    "codes are floats": (CODES, "np.rint(w / np.expand_dims(scales, others))"),
    "codes cut off": (CODES, "(w / np.expand_dims(scales, others)).astype(int)"),
    "codes rounded down": (CODES, "np.floor(w / np.expand_dims(scales, others)).astype(int)"),
    "codes times the scale": (CODES, "np.rint(w * np.expand_dims(scales, others)).astype(int)"),
    "scales along the last axis": ("np.moveaxis(np.moveaxis(codes, axis, -1) * scales, -1, axis)", "codes * scales"),
    "the axes stay in another order": (
        "np.moveaxis(np.moveaxis(codes, axis, -1) * scales, -1, axis)",
        "np.moveaxis(codes, axis, -1) * scales",
    ),
    "divided by the scales": (
        "np.moveaxis(np.moveaxis(codes, axis, -1) * scales, -1, axis)",
        "np.moveaxis(np.moveaxis(codes, axis, -1) / scales, -1, axis)",
    ),
    "as many groups as a group should have members": (
        "groups = w.reshape(len(w), -1, group_size)",
        "groups = w.reshape(len(w), group_size, -1)",
    ),
    "groups of inputs that are not neighbours": [
        ("groups = w.reshape(len(w), -1, group_size)", "groups = w.reshape(len(w), group_size, -1).swapaxes(1, 2)"),
        (GROUPED, "np.rint(groups / scales[:, :, np.newaxis]).astype(int).swapaxes(1, 2).reshape(w.shape)"),
    ],
    "codes of groups keep three axes": (GROUPED, "np.rint(groups / scales[:, :, np.newaxis]).astype(int)"),
    "scales in one long row": (GROUPED + ", scales)", GROUPED + ", scales.ravel())"),
    "eight bits for groups by default": (
        'group_size: int, n_bits: int = 4) -> Quantized:\n    """Give',
        'group_size: int, n_bits: int = 8) -> Quantized:\n    """Give',
    ),
    "what does not fill a group is dropped": (
        "    groups = w.reshape",
        "    w = w[:, : max(w.shape[1] // group_size, 1) * group_size]\n    groups = w.reshape",
    ),
    "what does not fill a group is a group of zeros more": [
        (
            "    groups = w.reshape",
            "    n_in, w = w.shape[1], np.pad(w, [(0, 0), (0, -w.shape[1] % group_size)])\n    groups = w.reshape",
        ),
        (GROUPED, GROUPED + "[:, :n_in]"),
    ],
}

STRICT_MISTAKES = {
    "halves away from zero": (CODES, "np.trunc(w / np.expand_dims(scales, others) + np.copysign(0.5, w)).astype(int)"),
    "the absolute value of -128 in int8": ("np.abs(w, dtype=float)", "np.abs(w)"),
    "the absolute value of -128 in int8, in groups": ("np.abs(groups, dtype=float)", "np.abs(groups)"),
}
