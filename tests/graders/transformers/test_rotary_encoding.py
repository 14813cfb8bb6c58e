import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict

both_layouts = pytest.mark.parametrize("interleaved", [True, False], ids=["interleaved", "halves"])


def defined(x, positions, base, interleaved):
    """Turn one pair at a time."""
    d = x.shape[-1]
    out = np.empty(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        for i in range(d // 2):
            a, b = (2 * i, 2 * i + 1) if interleaved else (i, i + d // 2)
            angle = positions[place[-1]] * base ** (-2 * i / d)
            token = x[place]
            out[(*place, a)] = token[a] * math.cos(angle) - token[b] * math.sin(angle)
            out[(*place, b)] = token[a] * math.sin(angle) + token[b] * math.cos(angle)
    return out


def test_first_position(kata, rng):
    """A token at position 0 stays as it is."""
    assert_close(kata.rotary(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([0])), [[1.0, 2.0, 3.0, 4.0]])
    x = rng.normal(size=(3, 6))
    for interleaved in (True, False):
        assert_close(kata.rotary(x, np.zeros(3, dtype=int), 10000.0, interleaved), x)


def test_one_pair(kata):
    """A pair (a, b) turns from the first axis towards the second, by the position in radians."""
    cos, sin = math.cos(1), math.sin(1)
    assert_close(kata.rotary(np.array([[1.0, 0.0]]), np.array([1])), [[cos, sin]])
    assert_close(kata.rotary(np.array([[0.0, 1.0]]), np.array([1])), [[-sin, cos]])
    found = kata.rotary(np.array([[3.0, -2.0], [3.0, -2.0]]), np.array([1, 2]), interleaved=False)
    assert_close(found, [[3 * cos + 2 * sin, 3 * sin - 2 * cos], defined(np.array([[3.0, -2.0]]), [2], 7.0, True)[0]])


def test_neighbors(kata, rng):
    """By default x[2i] and x[2i + 1] are a pair, with the rate base^(-2i / d), and base is 10000."""
    found = kata.rotary(np.array([[1.0, 0.0, 0.0, 1.0]]), np.array([2]), 100.0, True)
    assert_close(found, [[math.cos(2), math.sin(2), -math.sin(0.2), math.cos(0.2)]])
    assert_close(kata.rotary(np.array([[1.0, 0.0, 1.0, 0.0]]), np.array([100]))[0, 2:], [math.cos(1), math.sin(1)])
    for n, d, base in [(1, 4, 10000.0), (5, 6, 10000.0), (4, 10, 500.0), (3, 16, 3.0)]:
        x, positions = rng.normal(size=(n, d)), np.arange(n)
        assert_close(kata.rotary(x, positions, base, True), defined(x, positions, base, True))


def test_halves(kata, rng):
    """In halves, x[i] and x[i + d/2] are a pair, and stay where they were."""
    found = kata.rotary(np.array([[1.0, 0.0, 0.0, 1.0]]), np.array([2]), 100.0, False)
    assert_close(found, [[math.cos(2), -math.sin(0.2), math.sin(2), math.cos(0.2)]])
    for n, d, base in [(1, 4, 10000.0), (5, 6, 10000.0), (4, 10, 500.0), (3, 16, 3.0)]:
        x, positions = rng.normal(size=(n, d)), np.arange(n)
        assert_close(kata.rotary(x, positions, base, False), defined(x, positions, base, False))


@both_layouts
def test_any_positions(kata, rng, interleaved):
    """Positions may begin anywhere, also below 0, and come in any order."""
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    expected = [[math.cos(p), math.sin(p)] for p in (7, 3, -2)]
    assert_close(kata.rotary(x, np.array([7, 3, -2]), 10000.0, interleaved), expected)
    x = rng.normal(size=(6, 8))
    positions = rng.integers(0, 3000, size=6)
    assert_close(
        kata.rotary(x, positions, 10000.0, interleaved), defined(x, positions, 10000.0, interleaved), atol=1e-10
    )


@both_layouts
def test_leading_axes(kata, rng, interleaved):
    """Leading axes are the same for all tokens, and positions run along the last axis but one."""
    x = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    expected = [[[math.cos(5), math.sin(5)]], [[-math.sin(5), math.cos(5)]]]
    assert_close(kata.rotary(x, np.array([5]), 10000.0, interleaved), expected)
    for shape in [(2, 3, 4), (4, 4, 6), (2, 3, 5, 4), (5, 2, 1, 3, 2)]:
        x, positions = rng.normal(size=shape), rng.integers(0, 50, size=shape[-2])
        assert_close(kata.rotary(x, positions, 100.0, interleaved), defined(x, positions, 100.0, interleaved))


@both_layouts
def test_relative_positions(kata, rng, interleaved):
    """The dot product of a query and a key depends on the difference of their positions only."""
    q, k = rng.normal(size=(2, 1, 8))
    scores = [
        (
            kata.rotary(q, np.array([p]), 50.0, interleaved) @ kata.rotary(k, np.array([p + 4]), 50.0, interleaved).T
        ).item()
        for p in (0, 1, 30)
    ]
    expected = (q @ defined(k, [4], 50.0, interleaved).T).item()
    assert_close(np.array(scores), [expected] * 3, atol=1e-10, what="the dot products at distance 4")


def test_odd_size(kata, rng):
    """An odd d raises ValueError."""
    for d in (1, 3, 7):
        for interleaved in (True, False):
            with pytest.raises(ValueError):
                kata.rotary(rng.normal(size=(2, d)), np.arange(2), 10000.0, interleaved)


@strict
def test_whole_numbers(kata, rng):
    """Tokens may hold whole numbers, which turned ones are not."""
    x = np.array([[1, 0, 0, 1]])
    assert_close(kata.rotary(x, np.array([2]), 100.0), [[math.cos(2), math.sin(2), -math.sin(0.2), math.cos(0.2)]])
    x = rng.integers(-100, 100, size=(2, 3, 4)).astype(np.int8)
    positions = np.array([1, 200, 30], dtype=np.uint8)
    assert_close(kata.rotary(x, positions, 100.0, False), defined(x.astype(float), positions.tolist(), 100.0, False))


def workload(kata, rng, n):
    """Turn n tokens of two heads in both layouts."""
    x, positions = rng.normal(size=(2, n, 8)), rng.integers(0, 2 * n, size=n)
    return kata.rotary(x, positions), kata.rotary(x, positions, 100.0, False)


def picture(kata, rng):
    q, k = rng.normal(size=(2, 32))
    distances = np.arange(60)
    lines = []
    for first in (0, 100):
        turned = kata.rotary(np.tile(k, (60, 1)), first + distances)
        query = kata.rotary(q[None], np.array([first]))[0]
        lines.append((distances, turned @ query, f"query at position {first}"))
    pairs = kata.rotary(np.tile([1.0, 0.0], (12, 4)), np.arange(12))
    return [
        Panel(
            "Dot product of a query and a key",
            "position of the key minus that of the query",
            "dot product",
            [Line(*lines[0]), Points(*lines[1])],
            note="Only the difference of the positions counts: line and points agree.",
        ),
        Panel(
            "The pair (1, 0) at positions 0 to 11",
            "a",
            "b",
            [Points(*pairs[:, 2 * i : 2 * i + 2].T * (1 + 0.15 * i), f"pair {i}") for i in range(4)],
            note="Pair 0 turns fastest. Each pair is drawn on a circle of its own.",
            square=True,
        ),
    ]


MISTAKES = {
    "turned the other way": ("np.sin(angles)\n    first", "-np.sin(angles)\n    first"),
    "in place: the second line reads what the first wrote": [
        ("    out = np.empty(x.shape)\n", "    out = x = x.astype(float)\n"),
    ],
    "halves for interleaved": ("if interleaved else (np", "if not interleaved else (np"),
    "always interleaved": ("if interleaved else (np", "if True else (np"),
    "always halves": ("if interleaved else (np", "if False else (np"),
    "interleaved, but put back in halves": (
        "    return out\n\n\ndef rotary_via_complex",
        (
            "    return np.concatenate([out[..., 0::2], out[..., 1::2]], -1) if interleaved else out\n"
            "\n\ndef rotary_via_complex"
        ),
    ),
    "i for 2i in the exponent": ("-np.arange(0, d, 2) / d", "-np.arange(d // 2) / d"),
    "rates that end at 1 / base": ("-np.arange(0, d, 2) / d", "-np.arange(0, d, 2) / max(d - 2, 1)"),
    "positions multiplied by base": ("base ** (-np", "base ** (np"),
    "base always 10000": ("base ** (-np", "10000.0 ** (-np"),
    "positions counted from 0 in every call": ("np.outer(positions, base", "np.outer(np.arange(len(positions)), base"),
    "positions from 1": ("np.outer(positions, base", "np.outer(positions + 1, base"),
    "positions along the first axis": (
        "    cos, sin = np.cos(angles), np.sin(angles)\n",
        (
            "    if x.ndim > 2 and x.shape[0] == len(positions):\n"
            "        angles = angles.reshape(len(positions), *[1] * (x.ndim - 2), -1)\n"
            "    cos, sin = np.cos(angles), np.sin(angles)\n"
        ),
    ),
    "one rate for all pairs": ("base ** (-np.arange(0, d, 2) / d)", "base ** (-0.0 * np.arange(0, d, 2))"),
    "a sinusoidal encoding added": (
        "    out[first] = x[first] * cos - x[second] * sin\n    out[second] = x[first] * sin + x[second] * cos\n",
        "    out[first] = x[first] + sin\n    out[second] = x[second] + cos\n",
    ),
    "an odd size loses its last number": (
        '    if d % 2:\n        raise ValueError(f"d is {d}: an odd number of numbers cannot be split into pairs")\n',
        "    x, d = x[..., : d // 2 * 2], d // 2 * 2\n",
    ),
}

STRICT_MISTAKES = {
    "the type of x kept": ("np.empty(x.shape)", "np.empty_like(x)"),
}
