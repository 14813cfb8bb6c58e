import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

DRAWS = 400


def gram(matrix):
    """Return the products of all pairs of columns, pair by pair."""
    return np.array([[sum(a * b for a, b in zip(u, v, strict=True)) for v in matrix.T] for u in matrix.T])


def draw_many(kata, rng, shape):
    """Return DRAWS matrices of gain 1."""
    return np.array([kata.orthogonal(shape, 1.0, rng) for _ in range(DRAWS)])


def assert_half(found, what):
    """Check shares of DRAWS that are 1/2 on average, to six standard deviations."""
    assert_close(found, np.full(np.shape(found), 0.5), rtol=0.0, atol=3 / DRAWS**0.5, what=what)


def test_shape(kata, rng):
    """The weights have the given shape, of two axes or more."""
    for shape in [(3, 4), (4, 3), (3, 3), (1, 1), (2, 3, 5), (5, 2, 3, 4), (12, 2, 3, 1)]:
        assert_equal(np.shape(kata.orthogonal(shape, 1.0, rng)), shape)


def test_tall(kata, rng):
    """With more rows than columns the columns are orthogonal to each other, and each has the length gain."""
    for n_rows, n_columns in [(2, 1), (3, 2), (7, 3), (12, 11)]:
        weights = kata.orthogonal((n_rows, n_columns), 1.0, rng)
        assert_close(gram(weights), np.eye(n_columns), rtol=0.0, atol=1e-8, what="W.T @ W is")


def test_wide(kata, rng):
    """With more columns than rows the rows are orthogonal to each other, and each has the length gain."""
    for n_rows, n_columns in [(1, 2), (2, 3), (3, 7), (11, 12)]:
        weights = kata.orthogonal((n_rows, n_columns), 1.0, rng)
        assert_close(gram(weights.T), np.eye(n_rows), rtol=0.0, atol=1e-8, what="W @ W.T is")


def test_square(kata, rng):
    """A square matrix keeps the length of every vector, and so does its transpose."""
    assert_close(np.abs(kata.orthogonal((1, 1), 1.0, rng)), [[1.0]])
    for size in (2, 3, 10):
        weights, x = kata.orthogonal((size, size), 1.0, rng), rng.normal(size=size)
        for matrix in (weights, weights.T):
            assert_close(gram(matrix), np.eye(size), rtol=0.0, atol=1e-8)
            assert_close(np.linalg.norm(matrix @ x), np.linalg.norm(x), rtol=1e-8)


def test_gain(kata, rng):
    """Every singular value is gain, which may be 0."""
    for gain in (2.0, 0.01, math.sqrt(2), 0.0):
        for shape in [(3, 5), (5, 3), (4, 4), (2, 3, 2)]:
            flat = kata.orthogonal(shape, gain, rng).reshape(shape[0], -1)
            assert_close(np.linalg.svd(flat)[1], np.full(min(flat.shape), gain), rtol=1e-8)


def test_convolution(kata, rng):
    """The kernel and the input channels of a convolution are flattened into columns, and n_out is the rows."""
    for shape in [(4, 2, 3), (3, 2, 3, 4), (24, 2, 3, 2), (12, 2, 3, 2), (2, 1, 2, 1, 3)]:
        flat = kata.orthogonal(shape, 2.0, rng).reshape(shape[0], -1)
        if flat.shape[0] <= flat.shape[1]:
            flat = flat.T
        assert_close(gram(flat), 4 * np.eye(flat.shape[1]), rtol=0.0, atol=1e-8)


def test_signs(kata, rng):
    """Each entry is positive half of the time: no sign is chosen by the decomposition."""
    for shape in [(4, 2), (2, 3)]:
        weights = draw_many(kata, rng, shape)
        assert_half((weights > 0).mean(axis=0), what="how often each entry is positive:")
        # Nor do two entries agree in sign more often than not.
        flat = weights.reshape(DRAWS, -1)
        agree = [np.mean(flat[:, i] * flat[:, j] > 0) for i in range(flat.shape[1]) for j in range(i)]
        assert_half(agree, what="how often two entries have one sign:")


def test_all_randomness_is_from_rng(kata, rng):
    """Two generators that begin alike give the same weights, and the same generator gives others the next time."""
    for shape in [(3, 3), (4, 2), (2, 3, 2)]:
        for seed in rng.integers(10**6, size=12).tolist():
            first, second = (np.random.default_rng(seed) for _ in range(2))
            weights = kata.orthogonal(shape, 1.0, first)
            assert_close(kata.orthogonal(shape, 1.0, second), weights)
            moved = np.abs(kata.orthogonal(shape, 1.0, first) - weights).max()
            assert_equal(bool(moved > 1e-6), True, what="whether the next draw is another one:")


def test_determinant(kata, rng):
    """The determinant of a square matrix is positive half of the time: there are reflections and rotations."""
    for size in (2, 3):
        weights = draw_many(kata, rng, (size, size))
        assert_half(np.mean(np.linalg.det(weights) > 0), what="how often the determinant is positive:")


def test_directions(kata, rng):
    """All directions are equally likely: the mean of w**2 is 1 / n, that of w**4 is 3 / (n * (n + 2))."""
    weights = draw_many(kata, rng, (4, 3))
    moments = [math.prod((2 * k - 1) / (2 * k + 2) for k in range(1, half + 1)) for half in (1, 2, 4)]
    for power, mean, square in ((2, moments[0], moments[1]), (4, moments[1], moments[2])):
        atol = 6 * ((square - mean**2) / DRAWS) ** 0.5  # six standard deviations
        assert_close((weights**power).mean(axis=0), np.full((4, 3), mean), rtol=0.0, atol=atol)
    # Long columns and rows show what was drawn: 3 on average for normal numbers, 1.8 for uniform ones.
    for shape in [(200, 2), (2, 200)]:
        weights = np.array([kata.orthogonal(shape, 1.0, rng) for _ in range(40)])
        found = 200**2 * (weights**4).mean()
        assert_close(found, 3 * 200 / 202, rtol=0.0, atol=0.3, what="n**2 * mean of w**4, for n = 200, is")


def test_randomness_comes_from_rng(kata):
    """All randomness comes from rng: the same state gives the same weights, another state or a second call others."""
    generator = np.random.default_rng(1)
    once, second = (kata.orthogonal((4, 3), 1.0, generator) for _ in range(2))
    again, other = (kata.orthogonal((4, 3), 1.0, np.random.default_rng(seed)) for seed in (1, 2))
    assert_equal(again, once)
    for different in (second, other):
        assert_equal(bool((once == different).any()), False)


@strict
def test_shapes_of_one_axis(kata, rng):
    """A shape of fewer than two axes raises ValueError."""
    for shape in [(5,), ()]:
        with pytest.raises(ValueError):
            kata.orthogonal(shape, 1.0, rng)


def workload(kata, rng, n):
    """Draw tall, wide and square weights and kernels. What any right answers share is their products."""
    tall, wide, square = (kata.orthogonal(shape, 2.0, rng) for shape in [(n + 3, n), (n, n + 3), (n, n)])
    kernels = kata.orthogonal((3, n, 2, 2), 0.5, rng)
    flat = kernels.reshape(3, -1)
    return tall.T @ tall, wide @ wide.T, square.T @ square, flat @ flat.T, kernels.shape


def picture(kata, rng):
    width, depth = 40, 30
    layers, products, spectra = np.arange(depth + 1), np.eye(width)[np.newaxis].repeat(2, axis=0), [np.ones((2, width))]
    for _ in range(depth):
        normal = rng.normal(scale=width**-0.5, size=(width, width))
        products = np.array([kata.orthogonal((width, width), 1.0, rng), normal]) @ products
        spectra.append(np.linalg.svd(products, compute_uv=False))
    # Rounded: what differs beyond is not the weights.
    orthogonal, normal = np.maximum(np.array(spectra), 1e-8).round(8).swapaxes(0, 1)
    drawn = np.array([kata.orthogonal((2, 2), 1.0, rng) for _ in range(100)])
    angles = np.linspace(0, 2 * np.pi, 100)
    return [
        Panel(
            "Singular values of a product of layers",
            "number of layers",
            "singular value",
            [
                Line(layers, orthogonal[:, 0], "orthogonal, all"),
                Line(layers, normal[:, 0], "normal, largest"),
                Line(layers, normal[:, width // 2], "normal, median"),
                Line(layers, normal[:, -1], "normal, least"),
            ],
            note="Normal weights keep the mean square of a signal, yet most directions die, and a few grow.",
            log="y",
        ),
        Panel(
            "First column of 100 weights of 2 by 2",
            "first entry",
            "second entry",
            [
                Line(np.cos(angles), np.sin(angles), "length 1", faint=True),
                Points(drawn[:, 0, 0], drawn[:, 1, 0], "a draw"),
            ],
            note="All directions are equally likely. If one half is empty, a decomposition has chosen the signs.",
        ),
    ]


DRAWN = "rng.normal(size=(max(sides), min(sides)))"
QR = "    q, r = np.linalg.qr(rng.normal(size=(max(sides), min(sides))))\n"
SIGNS = "    q *= np.sign(np.diag(r))\n"
TURN = "    if sides[0] < sides[1]:\n        q = q.T\n"
SIDES = "    sides = shape[0], math.prod(shape[1:])\n    q, r"
SIGNS_COMMENT = (
    "    # Only with a positive diagonal of R is the decomposition unique, and then Q turns with the normal matrix.\n"
)
OUT = "gain * q.reshape(shape)"
MISTAKES = {
    "the Q of the decomposition as it is": (SIGNS, ""),
    "signs of Q's diagonal for R's": (SIGNS, "    q *= np.sign(np.diag(q))\n"),
    "one random sign for all": (SIGNS, "    q *= rng.choice([-1, 1])\n"),
    "only rotations": (SIGNS, SIGNS + "    q[:, 0] *= np.linalg.det(q) if sides[0] == sides[1] else 1.0\n"),
    "the singular vectors of one side": (
        QR + SIGNS_COMMENT + SIGNS,
        "    q = np.linalg.svd(rng.normal(size=(max(sides), min(sides))), full_matrices=False)[0]\n",
    ),
    "no transpose for a wide shape": (TURN, ""),
    "a wide matrix decomposed as it is": [
        (DRAWN + ")\n    # Only", "rng.normal(size=sides))\n    # Only"),
        (SIGNS, "    q *= np.sign(np.diag(r))[: q.shape[1]]\n"),
        (TURN, "    q = np.resize(q, sides)\n"),
    ],
    "orthogonal but not of length 1": (SIGNS, "    q = q * np.diag(r)\n"),
    "lengths of 1 but not orthogonal": (
        SIGNS,
        "    q = rng.normal(size=q.shape)\n    q /= np.linalg.norm(q, axis=0)\n",
    ),
    "gain squared": (OUT, "gain**2 * q.reshape(shape)"),
    "the root of gain": (OUT, "gain**0.5 * q.reshape(shape)"),
    "gain forgotten": (OUT, "q.reshape(shape)"),
    "gain 0 is 1": (OUT, "(gain or 1.0) * q.reshape(shape)"),
    "scaled to the variance of Xavier": (OUT, "gain * math.sqrt(2 * max(sides) / sum(sides)) * q.reshape(shape)"),
    "n_in before n_out": [
        (SIDES, SIDES.replace("shape[0]", "shape[1]").replace("shape[1:]", "(shape[0], *shape[2:])"))
    ],
    "the last axis is n_out": (
        SIDES,
        SIDES.replace("shape[0], math.prod(shape[1:])", "math.prod(shape[:-1]), shape[-1]"),
    ),
    "numbers between 0 and 1, not normal ones": (
        DRAWN + ")\n    # Only",
        "rng.random(size=(max(sides), min(sides))))\n    # Only",
    ),
    "numbers between -1 and 1, not normal ones": (
        DRAWN + ")\n    # Only",
        "rng.uniform(-1, 1, size=(max(sides), min(sides))))\n    # Only",
    ),
    "a shuffled identity with random signs": (
        QR + SIGNS_COMMENT + SIGNS,
        "    q = rng.permutation(np.eye(max(sides)))[:, : min(sides)] * rng.choice([-1.0, 1.0], size=min(sides))\n",
    ),
    "a generator of its own": (
        "    # Only",
        "    rng = np.random.default_rng(0)\n    q, r = np.linalg.qr(rng.normal(size=q.shape))\n    # Only",
    ),
    "the global generator": ("    # Only", "    q, r = np.linalg.qr(np.random.normal(size=q.shape))\n    # Only"),
    "single precision": (OUT, "(gain * q.reshape(shape)).astype(np.float32)"),
}

STRICT_MISTAKES = {
    "a bias is one row": (
        "if len(shape) < 2:\n        raise ValueError(f",
        "if len(shape) < 1:\n        raise ValueError(f",
    ),
}
