import math

import numpy as np
import pytest

from katagrad.picture import Heat, Line, Mark, Panel
from katagrad.testing import assert_close, strict

# The sine and cosine of angles are right to some 1e-16 of the angle, by whatever way it was computed.
EXACT = {"rtol": 0.0, "atol": 1e-9}


def defined(position, column, d_model):
    """Return one number of the table."""
    angle = position / math.pow(10000, (column - column % 2) / d_model)
    return math.cos(angle) if column % 2 else math.sin(angle)


def table(positions, d_model):
    """Return the rows of some positions."""
    return np.array([[defined(position, column, d_model) for column in range(d_model)] for position in positions])


def test_first_position(kata):
    """Positions are counted from 0, whose sines are 0 and whose cosines are 1, in turn."""
    assert_close(kata.sinusoidal_encoding(1, 2), [[0.0, 1.0]])
    assert_close(kata.sinusoidal_encoding(1, 6), [[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]])
    assert_close(kata.sinusoidal_encoding(7, 4)[0], [0.0, 1.0, 0.0, 1.0])


def test_one_pair(kata):
    """The first pair of columns is the sine and the cosine of the position itself, in radians."""
    expected = np.array([[0.0, 1.0], [math.sin(1), math.cos(1)], [math.sin(2), math.cos(2)]])
    assert_close(kata.sinusoidal_encoding(3, 2), expected, **EXACT)
    assert_close(kata.sinusoidal_encoding(40, 2), table(range(40), 2), **EXACT)
    assert_close(kata.sinusoidal_encoding(40, 8)[:, :2], table(range(40), 2), **EXACT)


def test_pairs(kata):
    """Columns 2i and 2i + 1 are the sine and the cosine of one angle, p / 10000^(2i / d_model)."""
    row = [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)]
    assert_close(kata.sinusoidal_encoding(2, 4)[1], row, **EXACT)
    angles = 3, 0.3, 0.03, 0.003
    row = [wave(angle) for angle in angles for wave in (math.sin, math.cos)]
    assert_close(kata.sinusoidal_encoding(4, 8)[3], row, **EXACT)
    for d_model in (4, 6, 10, 64):
        assert_close(kata.sinusoidal_encoding(30, d_model), table(range(30), d_model), **EXACT)
    # As wide as a large model.
    assert_close(kata.sinusoidal_encoding(3, 1536), table(range(3), 1536), **EXACT)


def test_odd_number_of_columns(kata):
    """If d_model is odd the last column is a sine without its cosine, by the same formula."""
    assert_close(kata.sinusoidal_encoding(3, 1), [[0.0], [math.sin(1)], [math.sin(2)]], **EXACT)
    assert_close(kata.sinusoidal_encoding(1, 1), [[0.0]])
    row = [math.sin(1), math.cos(1), math.sin(10000 ** (-2 / 3))]
    assert_close(kata.sinusoidal_encoding(2, 3)[1], row, **EXACT)
    for d_model in (3, 5, 7, 33):
        assert_close(kata.sinusoidal_encoding(50, d_model), table(range(50), d_model), **EXACT)


def test_number_of_positions(kata, rng):
    """A position has the same row however many follow it."""
    assert_close(kata.sinusoidal_encoding(2, 2)[1], [math.sin(1), math.cos(1)], **EXACT)
    n_positions, d_model = int(rng.integers(20, 60)), int(rng.integers(2, 20))
    longest = table(range(n_positions), d_model)
    for shorter in (1, 2, n_positions // 2, n_positions):
        assert_close(kata.sinusoidal_encoding(shorter, d_model), longest[:shorter], **EXACT)


def test_distance(kata):
    """If d_model is even, the product of two rows depends on their distance alone."""
    encoding = kata.sinusoidal_encoding(3, 2)
    assert_close((encoding * encoding).sum(axis=1), [1.0, 1.0, 1.0])
    assert_close(encoding[0] @ encoding[2], math.cos(2))
    assert_close(encoding[1:] @ encoding[1:].T, [[1.0, math.cos(1)], [math.cos(1), 1.0]])
    encoding = kata.sinusoidal_encoding(60, 6)
    rates = [10000 ** (-2 * pair / 6) for pair in range(3)]
    expected = [[sum(math.cos((p - q) * rate) for rate in rates) for q in range(60)] for p in range(60)]
    assert_close(encoding @ encoding.T, expected, **EXACT)


def test_far_positions(kata, rng):
    """Positions in the thousands, and beyond 10,000, are right too."""
    encoding = kata.sinusoidal_encoding(5000, 6)
    assert_close(encoding[[4000, 4999]], table([4000, 4999], 6), **EXACT)
    some = rng.integers(1000, 5000, size=20)
    assert_close(encoding[some], table(some.tolist(), 6), **EXACT)
    assert_close(kata.sinusoidal_encoding(2000, 5)[-1], table([1999], 5)[0], **EXACT)
    assert_close(kata.sinusoidal_encoding(9000, 3)[[5000, 8999]], table([5000, 8999], 3), **EXACT)
    far = [10_000, 10_001, 16_384, 19_999]
    assert_close(kata.sinusoidal_encoding(20_000, 4)[far], table(far, 4), **EXACT)


@strict
def test_empty_tables(kata):
    """Fewer than one position or column raises ValueError."""
    for n_positions, d_model in [(0, 4), (3, 0), (0, 0), (-1, 4), (3, -2), (-5, -1), (0, 3), (1, -1)]:
        with pytest.raises(ValueError):
            kata.sinusoidal_encoding(n_positions, d_model)


def workload(kata, rng, n):
    """Tables of even, odd and random width."""
    return tuple(kata.sinusoidal_encoding(n, d_model) for d_model in (1, 2, 16, 17, int(rng.integers(3, 40))))


def picture(kata, rng):
    table = kata.sinusoidal_encoding(60, 64)
    middle = int(rng.integers(25, 35))
    positions = np.arange(60)
    return [
        Panel(
            "The encoding",
            "column",
            "position",
            [Heat(table, "value")],
            note="Columns to the left turn fast, those to the right slowly, like the hands of a clock.",
        ),
        Panel(
            f"Dot products with position {middle}",
            "position",
            "dot product",
            [Line(positions, table @ table[middle], "d_model 64"), Mark(middle)],
            note="It depends on the distance only, so it is the same on both sides.",
        ),
    ]


MISTAKES = {
    "sines in the first half, cosines in the second": (
        "    return table\n\n\ndef sinusoidal_encoding_via_rotation",
        "    return np.hstack([table[:, 0::2], table[:, 1::2]])\n\n\ndef sinusoidal_encoding_via_rotation",
    ),
    "cosines first": [
        ("table[:, 0::2] = np.sin(angles)", "table[:, 0::2] = np.cos(angles)"),
        ("table[:, 1::2] = np.cos(", "table[:, 1::2] = np.sin("),
    ],
    "sines only": ("table[:, 1::2] = np.cos(", "table[:, 1::2] = np.sin("),
    "an angle of its own for each column": (
        "table[:, 1::2] = np.cos(angles[:, : d_model // 2])",
        "table[:, 1::2] = np.cos(np.outer(np.arange(n_positions), 10000.0 ** (-np.arange(1, d_model, 2) / d_model)))",
    ),
    "i for 2i in the exponent": ("-np.arange(0, d_model, 2) / d_model", "-np.arange(0, d_model, 2) / 2 / d_model"),
    "twice 2i in the exponent": ("-np.arange(0, d_model, 2) / d_model", "-np.arange(0, d_model, 2) * 2 / d_model"),
    "rates that end at 1/10000 exactly, as in tensor2tensor": (
        "-np.arange(0, d_model, 2) / d_model",
        "-np.arange(0, d_model, 2) / max(d_model - 2 + d_model % 2, 1)",
    ),
    "multiplied by the power instead of divided": ("10000.0 ** (-np", "10000.0 ** (np"),
    "exp without the logarithm of 10000": ("10000.0 ** (-np", "np.exp(-np"),
    "base 1000": ("10000.0 ** (-np", "1000.0 ** (-np"),
    "positions from 1": ("np.outer(np.arange(n_positions), rates)", "np.outer(np.arange(1, n_positions + 1), rates)"),
    "positions as a share of the whole": (
        "np.outer(np.arange(n_positions), rates)",
        "np.outer(np.arange(n_positions) / n_positions, rates)",
    ),
    "positions in turns instead of radians": (
        "np.outer(np.arange(n_positions), rates)",
        "2 * np.pi * np.outer(np.arange(n_positions), rates)",
    ),
    "odd d_model rounded up in the exponent": (
        "-np.arange(0, d_model, 2) / d_model",
        "-np.arange(0, d_model, 2) / (d_model + d_model % 2)",
    ),
    "odd d_model rounded down in the exponent": (
        "-np.arange(0, d_model, 2) / d_model",
        "-np.arange(0, d_model, 2) / max(d_model // 2 * 2, 1)",
    ),
    "odd d_model fails": ("np.cos(angles[:, : d_model // 2])", "np.cos(angles)"),
    "zeros in the last column of odd d_model": (
        "    return table\n\n\ndef sinusoidal_encoding_via_rotation",
        "    table[:, d_model // 2 * 2 :] = 0\n    return table\n\n\ndef sinusoidal_encoding_via_rotation",
    ),
    "single precision": (
        "    table = np.empty((n_positions, d_model))\n",
        "    angles = angles.astype(np.float32)\n    table = np.empty((n_positions, d_model))\n",
    ),
    "a table of whole numbers": ("np.empty((n_positions, d_model))", "np.empty((n_positions, d_model), dtype=int)"),
    "no more than 5000 positions": (
        "np.outer(np.arange(n_positions), rates)",
        "np.outer(np.minimum(np.arange(n_positions), 4999), rates)",
    ),
}

STRICT_MISTAKES = {
    "no positions pass": (
        '    if n_positions < 1 or d_model < 1:\n        raise ValueError(f"',
        '    if n_positions < 0 or d_model < 1:\n        raise ValueError(f"',
    ),
    "no columns pass": (
        '    if n_positions < 1 or d_model < 1:\n        raise ValueError(f"',
        '    if n_positions < 1 or d_model < 0:\n        raise ValueError(f"',
    ),
}
