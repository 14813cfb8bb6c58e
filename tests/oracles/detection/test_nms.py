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
        assert_agrees(reference, boxes * 10.0 ** rng.integers(-3, 6), scores, rng.random())


def test_ties_and_equal_overlaps(reference, rng):
    """Whole coordinates, so that IoUs equal the threshold, boxes repeat, touch and have no area; few scores."""
    for _ in range(60):
        n = int(rng.integers(1, 15))
        boxes = np.sort(rng.integers(0, 5, size=(n, 2, 2)), axis=1).reshape(n, 4)
        scores = rng.integers(-2, 2, size=n)
        for iou_threshold in (0, 0.25, 0.5, 0.75, 1):
            assert_agrees(reference, boxes, scores, iou_threshold)
            assert_agrees(reference, boxes.astype(float) / 8, scores / 3, float(iou_threshold))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.uint16, np.int32])
def test_kinds(reference, rng, kind):
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
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
        (1, [0.5], -0.01),
        (1, [0.5], 1.01),
    ],
)
def test_bad_input(reference, rng, n_boxes, scores, iou_threshold):
    with pytest.raises(ValueError):
        reference.nms(draw(rng, n_boxes), np.array(scores), iou_threshold)


def test_claim_two_people(reference):
    boxes = np.array([[0.0, 0.0, 4.0, 2.0], [1.0, 0.0, 5.0, 2.0]])
    assert iou(*boxes.tolist()) == Fraction(3, 5)
    assert [len(reference.nms(boxes, np.array([0.9, 0.8]), threshold)) for threshold in (0.5, 0.7)] == [1, 2]


@pytest.mark.parametrize(
    ("iou_threshold", "lost", "doubles"),
    [
        (0.3, (0.24, 0.32), (0, 0.001)),
        (0.5, (0.08, 0.15), (0, 0.01)),
        (0.7, (0.003, 0.012), (0.18, 0.29)),
        (0.9, (0, 0.001), (4.9, 5.3)),
    ],
)
def test_claim_crowd(reference, iou_threshold, lost, doubles):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        found = kept = 0
        for _ in range(40):
            left = np.cumsum(rng.uniform(5, 40, size=12))
            people = np.column_stack([left, 0 * left, left + 40, 0 * left + 80])
            person = np.repeat(np.arange(12), 8)
            boxes = people[person] + rng.normal(scale=2.5, size=(96, 4))
            answers = person[reference.nms(boxes, rng.random(96), iou_threshold)]
            found, kept = found + len(set(answers)), kept + len(answers)
        assert lost[0] <= 1 - found / 480 <= lost[1]
        assert doubles[0] <= (kept - found) / 480 <= doubles[1]


def test_claim_cost(reference):
    """Most boxes stay, so that the pairs grow with the square of the number."""
    for n, share in [(500, 0.95), (2000, 0.80)]:
        rng = np.random.default_rng(0)
        corners = rng.uniform(0, 1000, size=(n, 2))
        boxes = np.column_stack([corners, corners + rng.uniform(20, 100, size=(n, 2))])
        assert len(reference.nms(boxes, rng.random(n), 0.5)) / n == pytest.approx(share, abs=0.02)


def test_claim_digits_of_single_precision():
    assert np.spacing(np.float32(80 * 4096 - 1)) == 1 / 32
