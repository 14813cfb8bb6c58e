"""`iou` beside the definition, by brute force in fractions.

torchvision, which has both functions, does not install beside the PyTorch of these tests. Its definition is the same
but for two things: two boxes without area have NaN there, and inverted boxes are refused by one of its functions only.
"""

from fractions import Fraction

import numpy as np
import pytest

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def length(low, high):
    return max(Fraction(high) - Fraction(low), Fraction(0))


def shares(a, b):
    """Return IoU and GIoU of two boxes, exactly: no fraction rounds, and each float is one."""
    area_a, area_b = length(a[0], a[2]) * length(a[1], a[3]), length(b[0], b[2]) * length(b[1], b[3])
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    around = length(min(a[0], b[0]), max(a[2], b[2])) * length(min(a[1], b[1]), max(a[3], b[3]))
    either = area_a + area_b - both
    iou = both / either if either else Fraction(0)
    return iou, iou - ((around - either) / around if around else 0)


def assert_agrees(reference, a, b):
    expected = [[shares(x, y) for y in b.tolist()] for x in a.tolist()]
    expected = np.array(expected, dtype=float).reshape(len(a), len(b), 2)
    np.testing.assert_allclose(reference.pairwise_iou(a, b), expected[..., 0], **CLOSE)
    np.testing.assert_allclose(reference.pairwise_giou(a, b), expected[..., 1], **CLOSE)


def draw(rng, n, scale=1.0):
    lower = rng.normal(size=(n, 2))
    return np.column_stack([lower, lower + rng.gamma(1.0, size=(n, 2))]) * scale


def test_random_boxes(reference, rng):
    for _ in range(100):
        scale = 10.0 ** rng.integers(-30, 30)
        a, b = draw(rng, int(rng.integers(0, 9)), scale), draw(rng, int(rng.integers(0, 9)), scale)
        assert_agrees(reference, a, b)


def test_whole_coordinates(reference, rng):
    """Boxes that touch, hold one another, are equal, or have no width, no height or neither."""
    for _ in range(100):
        a, b = (np.sort(rng.integers(-3, 4, size=(7, 2, 2)), axis=1).reshape(7, 4) for _ in range(2))
        assert_agrees(reference, a, b)
        assert_agrees(reference, a.astype(float), a.astype(float))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.uint16, np.int32, np.int64, np.float32])
def test_kinds(reference, rng, kind):
    low, high = (0, 10**6) if kind is np.float32 else (np.iinfo(kind).min, np.iinfo(kind).max)
    a, b = (np.sort(rng.uniform(low, high, size=(6, 2, 2)), axis=1).reshape(6, 4).astype(kind) for _ in range(2))
    assert_agrees(reference, a, b)


@pytest.mark.parametrize(
    "corners",
    [
        [0.0, 0.0, 2.0, 2.0],
        [2.0, 0.0, 4.0, 2.0],
        [2.0, 2.0, 4.0, 4.0],
        [0.5, 0.5, 1.0, 1.5],
        [1.0, 1.0, 1.0, 1.0],
        [0.0, 1.0, 5.0, 1.0],
        [9.0, 1.0, 9.0, 1.0],
        [2.0, 0.0, 2.0, 2.0],
    ],
)
def test_edges(reference, corners):
    others = [[0, 0, 2, 2], corners, [1, 1, 1, 1], [0, 1, 5, 1], [7, 1, 8, 1], [-3, -3, -1, -1], [0.1, 0.1, 0.3, 0.3]]
    assert_agrees(reference, np.array([corners]), np.array(others, dtype=float))


def test_closed_forms(reference):
    """The loss of the paper for a box and its copy moved by d of its width: IoU = (1 - d) / (1 + d) up to d = 1."""
    for d in np.linspace(0.0, 3.0, 31):
        a, b = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[d, 0.0, 1.0 + d, 1.0]])
        np.testing.assert_allclose(reference.pairwise_iou(a, b), [[max(1 - d, 0) / (1 + d)]], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(reference.pairwise_giou(a, b), [[(1 - d) / (1 + d)]], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    "bad",
    [
        [[2.0, 0.0, 1.0, 1.0]],
        [[0.0, 2.0, 1.0, 1.0]],
        [[2.0, 2.0, 1.0, 1.0]],
        [[np.nan, 0.0, 1.0, 1.0]],
        [[0.0, 0.0, 1.0, np.inf]],
        [[-np.inf, 0.0, 1.0, 1.0]],
        [0.0, 0.0, 1.0, 1.0],
        [[0.0, 0.0, 1.0]],
        [],
    ],
)
def test_bad_input(reference, bad):
    good = np.array([[0.0, 0.0, 1.0, 1.0]])
    for function in (reference.pairwise_iou, reference.pairwise_giou):
        for a, b in [(np.array(bad), good), (good, np.array(bad))]:
            with pytest.raises(ValueError):
                function(a, b)
