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
        scale = 10.0 ** rng.integers(-3, 6)
        a, b = draw(rng, int(rng.integers(0, 9)), scale), draw(rng, int(rng.integers(0, 9)), scale)
        assert_agrees(reference, a, b)


def test_whole_coordinates(reference, rng):
    """Boxes that touch, hold one another, are equal, or have no width, no height or neither."""
    for _ in range(100):
        a, b = (np.sort(rng.integers(-3, 4, size=(7, 2, 2)), axis=1).reshape(7, 4) for _ in range(2))
        assert_agrees(reference, a, b)
        assert_agrees(reference, a.astype(float), a.astype(float))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.uint16, np.int32])
def test_kinds(reference, rng, kind):
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
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


def one(function, a, b):
    return function(np.array([a], dtype=float), np.array([b], dtype=float)).item()


def test_claim_boxes_apart(reference):
    for moved, expected in [(3, -0.20), (6, -0.50), (12, -0.71)]:
        other = [moved, 0, moved + 2, 1]
        assert one(reference.pairwise_iou, [0, 0, 2, 1], other) == 0
        assert one(reference.pairwise_giou, [0, 0, 2, 1], other) == pytest.approx(expected, abs=0.005)
    for inside in ([0, 0, 2, 2], [4, 4, 6, 6]):
        assert one(reference.pairwise_giou, inside, [0, 0, 10, 10]) == pytest.approx(0.04)


def test_claim_two_pixels_and_sizes(reference):
    for size, expected in [(100, 0.92), (10, 0.47)]:
        moved = [2, 2, size + 2, size + 2]
        assert one(reference.pairwise_iou, [0, 0, size, size], moved) == pytest.approx(expected, abs=0.005)
    for other in ([0, 0, 100, 50], [0, 0, 100 * 2**0.5, 100 * 2**0.5]):
        assert one(reference.pairwise_iou, [0, 0, 100, 100], other) == pytest.approx(0.5)


def test_claim_pixels(reference):
    """Counted in pixels, x2 and y2 are one larger."""
    for size, moved, continuous, pixels in [(4, 2, 0.333, 0.429), (100, 50, 0.333, 0.338)]:
        a, b = np.array([0, 0, size, size]), np.array([moved, 0, moved + size, size])
        assert one(reference.pairwise_iou, a, b) == pytest.approx(continuous, abs=5e-4)
        last = np.array([0, 0, 1, 1])
        assert one(reference.pairwise_iou, a + last, b + last) == pytest.approx(pixels, abs=5e-4)


def test_claim_corner_and_size_read_as_corners(reference):
    """The silent case: a valid box, but the wrong one."""
    assert one(reference.pairwise_iou, [10, 10, 50, 50], [10, 10, 60, 60]) == pytest.approx(0.64)
