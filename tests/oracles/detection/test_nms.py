"""`nms` beside the definition, by brute force in fractions.

torchvision does not install beside the PyTorch of these tests.
"""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest


def length(low, high):
    return max(Fraction(high) - Fraction(low), Fraction(0))


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either if either else Fraction(0)


def defined(boxes, scores, iou_threshold):
    """Best first, keep each box that no kept one overlaps by more than the threshold."""
    rows, values, kept = boxes.tolist(), scores.tolist(), []
    for index in sorted(range(len(rows)), key=lambda index: (-values[index], index)):
        if all(iou(rows[index], rows[other]) <= iou_threshold for other in kept):
            kept.append(index)
    return kept


def assert_agrees(reference, boxes, scores, iou_threshold):
    kept = reference.nms(boxes, scores, iou_threshold)
    assert kept.dtype.kind == "i"
    assert kept.tolist() == defined(boxes, scores, iou_threshold)


def draw(rng, n, size=1.0):
    lower = rng.random((n, 2))
    return np.column_stack([lower, lower + rng.random((n, 2)) * size])


def test_random_boxes(reference, rng):
    for _ in range(100):
        n = int(rng.integers(0, 25))
        boxes, scores = draw(rng, n, rng.choice([0.2, 0.6, 2.0])), rng.normal(size=n)
        assert_agrees(reference, boxes * 10.0 ** rng.integers(-20, 20), scores, rng.random())


def test_ties_and_equal_overlaps(reference, rng):
    """Whole coordinates, so that IoUs equal the threshold, boxes repeat, touch and have no area; few scores."""
    for _ in range(60):
        n = int(rng.integers(1, 15))
        boxes = np.sort(rng.integers(0, 5, size=(n, 2, 2)), axis=1).reshape(n, 4)
        scores = rng.integers(-2, 2, size=n)
        for iou_threshold in (0, 0.25, 0.5, 0.75, 1):
            assert_agrees(reference, boxes, scores, iou_threshold)
            assert_agrees(reference, boxes.astype(float) / 8, scores / 3, float(iou_threshold))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.uint16, np.int32, np.int64, np.float32])
def test_kinds(reference, rng, kind):
    low, high = (0, 10**6) if kind is np.float32 else (np.iinfo(kind).min, np.iinfo(kind).max)
    boxes = np.sort(rng.uniform(low, high, size=(12, 2, 2)), axis=1).reshape(12, 4).astype(kind)
    scores = rng.uniform(low, high, size=12).astype(kind)
    scores[:3] = low, high, low
    for iou_threshold in (0.0, 0.1, 0.3):
        assert_agrees(reference, boxes, scores, iou_threshold)


def test_what_is_kept_and_why(reference, rng):
    """No two kept boxes overlap too much, and each removed one overlaps a kept one of no lower score too much."""
    boxes, scores = draw(rng, 60), rng.random(60)
    kept = reference.nms(boxes, scores, 0.3).tolist()
    assert all(iou(boxes[i], boxes[j]) <= 0.3 for i, j in combinations(kept, 2))
    for index in set(range(60)) - set(kept):
        assert any(iou(boxes[index], boxes[i]) > 0.3 and scores[i] >= scores[index] for i in kept)


@pytest.mark.parametrize(
    ("n_boxes", "scores", "iou_threshold"),
    [
        (2, [0.5], 0.5),
        (1, [0.5, 0.6], 0.5),
        (0, [0.5], 0.5),
        (1, [], 0.5),
        (1, [np.nan], 0.5),
        (2, [0.5, np.inf], 0.5),
        (2, [-np.inf, 0.5], 0.5),
        (1, [0.5], -0.01),
        (1, [0.5], 1.01),
        (1, [0.5], np.nan),
    ],
)
def test_bad_input(reference, rng, n_boxes, scores, iou_threshold):
    with pytest.raises(ValueError):
        reference.nms(draw(rng, n_boxes), np.array(scores), iou_threshold)
