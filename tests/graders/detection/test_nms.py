from fractions import Fraction

import numpy as np
import pytest

from katagrad.picture import Boxes, Panel
from katagrad.testing import assert_equal, strict


def row(*starts, width=4.0):
    """Return boxes of height 2 and one width, which begin at these x."""
    starts = np.array(starts, dtype=float)
    return np.column_stack([starts, np.full(len(starts), 1.0), starts + width, np.full(len(starts), 3.0)])


def length(low, high):
    return max(Fraction(high) - Fraction(low), Fraction(0))


def iou(a, b):
    """Return the IoU of two boxes as a fraction, which does not round."""
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either if either else Fraction(0)


def defined(boxes, scores, iou_threshold):
    """Take the best of what is left, remove what overlaps it too much, and begin again."""
    boxes, left, kept = boxes.tolist(), list(range(len(boxes))), []
    while left:
        best = max(left, key=lambda index: (scores[index], -index))
        kept.append(best)
        left = [index for index in left if index != best and iou(boxes[index], boxes[best]) <= iou_threshold]
    return kept


@pytest.fixture
def crowd(rng):
    """Boxes that overlap much, a little or not at all, in no order, with distinct scores."""
    corners = rng.integers(0, 12, size=(16, 2))
    boxes = np.column_stack([corners, corners + rng.integers(4, [8, 14], size=(16, 2))]).astype(float)
    return boxes, rng.permutation(16) / 16


def test_overlap(kata, crowd):
    """A box is removed where its IoU with a kept box of higher score is above the threshold."""
    # The IoU of neighbours is 3/5; that of the first and the last box 1/3.
    assert_equal(kata.nms(row(0, 1), np.array([0.9, 0.8]), 0.5), [0])
    assert_equal(kata.nms(row(0, 1), np.array([0.9, 0.8]), 0.75), [0, 1])
    assert_equal(kata.nms(row(0, 2), np.array([0.9, 0.8]), 0.5), [0, 1])
    for iou_threshold, kept in [(0.25, [0]), (0.375, [0, 1]), (0.5, [0, 1])]:
        assert_equal(kata.nms(row(0, 2), np.array([0.9, 0.8]), iou_threshold), kept)
    # A box without area overlaps nothing.
    flat = np.array([[0.0, 0.0, 2.0, 2.0], [5.0, 0.0, 5.0, 2.0]])
    assert_equal(kata.nms(flat, np.array([0.9, 0.8]), 0.5), [0, 1])
    # The same far from the origin, left of it, and in small units: the IoU of 3/5 stays.
    for boxes in (row(1000, 1001), row(-3, -2), row(0, 1) / 10_000):
        for iou_threshold, kept in [(0.59, [0]), (0.61, [0, 1])]:
            assert_equal(kata.nms(boxes, np.array([0.9, 0.8]), iou_threshold), kept)
    inside = np.array([[0.0, 0.0, 8.0, 4.0], [1.0, 0.0, 4.0, 4.0]])
    for iou_threshold, kept in [(0.25, [0]), (0.5, [0, 1])]:
        assert_equal(kata.nms(inside, np.array([0.9, 0.8]), iou_threshold), kept)
        assert_equal(kata.nms(inside[::-1], np.array([0.9, 0.8]), iou_threshold), kept)
    boxes, pair = crowd[0], np.array([0.9, 0.8])
    for other in range(1, 6):
        for iou_threshold in (0.125, 0.25, 0.5):
            expected = defined(boxes[[0, other]], pair, iou_threshold)
            assert_equal(kata.nms(boxes[[0, other]], pair, iou_threshold), expected)


def test_order(kata, crowd):
    """The best score goes first, wherever it stands, and the result is indices by falling score."""
    assert_equal(kata.nms(row(0, 1), np.array([0.8, 0.9]), 0.5), [1])
    assert_equal(kata.nms(row(0, 8, 16, 9), np.array([0.1, 0.3, 0.2, 0.4]), 0.5), [3, 2, 0])
    assert_equal(kata.nms(row(0, 1, 2), np.array([-3.0, -1.0, -2.0]), 0.5), [1])
    # However close two scores are, the higher one goes first.
    for scores in ([0.5, 0.500001], [1.2e-6, 1.4e-6], [999_999.95, 999_999.96]):
        assert_equal(kata.nms(row(0, 1), np.array(scores), 0.5), [1])
    assert_equal(kata.nms(row(*range(0, 3200, 8)), np.arange(400.0), 0.5), np.arange(399, -1, -1))
    boxes, scores = crowd
    assert_equal(kata.nms(row(*range(0, 96, 6)), scores, 0.5), np.argsort(-scores))
    assert_equal(kata.nms(boxes, scores, 0.25), defined(boxes, scores, 0.25))


def test_removed_boxes(kata, crowd):
    """A box that was removed removes nothing: what overlaps it alone is kept."""
    assert_equal(kata.nms(row(0, 1, 2), np.array([0.9, 0.8, 0.7]), 0.5), [0, 2])
    assert_equal(kata.nms(row(0, 1, 2, 3, 4), np.array([0.9, 0.8, 0.7, 0.6, 0.5]), 0.5), [0, 2, 4])
    boxes = crowd[0].copy()
    boxes[:, 1::2] = [0.0, 5.0]
    assert_equal(kata.nms(boxes, crowd[1], 0.25), defined(boxes, crowd[1], 0.25))


def test_all_kept_boxes_count(kata, crowd):
    """A box is held against every box that was kept, not only against the last one."""
    assert_equal(kata.nms(row(0, 8, 1), np.array([0.9, 0.8, 0.7]), 0.5), [0, 1])
    assert_equal(kata.nms(row(20, 0, 8, 16, 9, 1), np.arange(6, 0, -1.0), 0.5), [0, 1, 2, 3])
    boxes, scores = crowd
    for iou_threshold in (0.125, 0.5):
        assert_equal(kata.nms(boxes, scores, iou_threshold), defined(boxes, scores, iou_threshold))


def test_threshold(kata, crowd):
    """A box whose IoU equals the threshold stays: at 0 boxes may touch, at 1 every box is kept, even copies."""
    for share in (0.25, 0.5, 0.75):
        # The second box is inside the first, and has that share of its area.
        boxes = np.array([[0.0, 0.0, 8.0, 4.0], [0.0, 0.0, 8.0 * share, 4.0]])
        for scores in ([0.9, 0.8], [0.8, 0.9]):
            assert_equal(kata.nms(boxes, np.array(scores), share), np.argsort(scores)[::-1])
            assert_equal(kata.nms(boxes, np.array(scores), share - 0.01), np.argsort(scores)[1:])
    for start in (3.5, 3.999):
        assert_equal(kata.nms(row(0, start, 4), np.array([0.9, 0.8, 0.7]), 0.0), [0, 2])
    assert_equal(kata.nms(row(0, 0, 0), np.array([0.7, 0.9, 0.8]), 1.0), [1, 2, 0])
    assert_equal(kata.nms(row(0, 0, 0), np.array([0.7, 0.9, 0.8]), 0.99), [1])
    assert_equal(kata.nms(*crowd, 0), defined(*crowd, 0))


def test_boxes_apart(kata):
    """Boxes that are apart on one axis or on both do not overlap, however large the product of the gaps."""
    boxes = np.array([[0.0, 0.0, 2.0, 3.0], [5.0, 6.0, 6.0, 7.0], [0.0, 6.0, 2.0, 7.0], [-4.0, -5.0, -1.0, -2.0]])
    assert_equal(kata.nms(boxes, np.array([0.9, 0.8, 0.7, 0.6]), 0.0), [0, 1, 2, 3])


def test_ties(kata, rng):
    """Of equal scores the lower index goes first, among two and among many."""
    assert_equal(kata.nms(row(0, 1), np.array([0.5, 0.5]), 0.5), [0])
    assert_equal(kata.nms(row(0, 8, 16), np.array([0.5, 0.7, 0.5]), 0.5), [1, 0, 2])
    boxes, scores = row(*rng.integers(0, 200, size=60)), rng.integers(0, 3, size=60) / 2
    assert_equal(kata.nms(boxes, scores, 0.5), defined(boxes, scores, 0.5))


def test_no_boxes(kata):
    """Without boxes nothing is kept, and a lone box always is."""
    assert_equal(kata.nms(np.empty((0, 4)), np.empty(0), 0.5), [])
    assert_equal(kata.nms(row(3), np.array([0.0]), 0.0), [0])


@strict
def test_exact_threshold(kata):
    """IoUs are compared exactly: one that is 1e-9 above the threshold is above it."""
    for share in (0.25, 0.5, 0.75):
        boxes = np.array([[0.0, 0.0, 8.0, 4.0], [0.0, 0.0, 8.0 * share, 4.0]]) / 1024
        assert_equal(kata.nms(boxes, np.array([0.9, 0.8]), share), [0, 1])
        assert_equal(kata.nms(boxes, np.array([0.9, 0.8]), share - 2.0**-30), [0])


@strict
def test_no_area(kata):
    """A box without area has an IoU of 0 with any other, even with its copy: it stays, and removes nothing."""
    point, line, box = [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 4.0, 1.0], [0.0, 0.0, 4.0, 3.0]
    for first in (point, line):
        for iou_threshold in (0.0, 0.5):
            assert_equal(kata.nms(np.array([first, first]), np.array([0.9, 0.8]), iou_threshold), [0, 1])
            assert_equal(kata.nms(np.array([first, box]), np.array([0.9, 0.8]), iou_threshold), [0, 1])
            assert_equal(kata.nms(np.array([first, box]), np.array([0.8, 0.9]), iou_threshold), [1, 0])


@strict
@pytest.mark.parametrize(
    ("kind", "scale"),
    [(int, 1), (np.uint8, 20), (np.int8, 10), (np.int16, 2500), (np.int32, 150_000)],
    ids=["int", "uint8", "int8", "int16", "int32"],
)
def test_integers(kata, kind, scale):
    """Boxes and scores may be integers of any type: no difference, area or changed sign wraps around."""
    boxes = np.array([[0, 0, 4, 3], [1, 0, 5, 3], [5, 6, 12, 11], [6, 6, 12, 12], [9, 0, 11, 2]])
    scores = np.array([0, 3, 5, 4, 1])
    assert_equal(kata.nms((boxes * scale).astype(kind), scores.astype(kind), 0.5), [2, 1, 4])
    assert_equal(kata.nms((boxes * scale).astype(kind), scores / 7, 0.5), [2, 1, 4])
    assert_equal(kata.nms(boxes.astype(float), scores.astype(kind), 0.5), [2, 1, 4])


@strict
def test_bad_input(kata):
    """Lengths that differ, and a threshold outside of 0 to 1, raise ValueError."""
    for boxes, scores in [(row(0, 1), [0.5]), (row(0), [0.5, 0.6]), (row(), [0.5]), (row(0), [])]:
        with pytest.raises(ValueError):
            kata.nms(boxes, np.array(scores), 0.5)
    for iou_threshold in (-0.1, 1.1, 50):
        with pytest.raises(ValueError):
            kata.nms(row(0, 8), np.array([0.5, 0.6]), iou_threshold)


def workload(kata, rng, n):
    """Boxes of several sizes, more of them in one place as n grows; some scores tied, some boxes without area."""
    corners = rng.integers(0, 12, size=(n + 4, 2))
    boxes = np.column_stack([corners, corners + rng.integers(0, 9, size=(n + 4, 2))])
    scores = rng.random(n + 4).round(1)
    return kata.nms(boxes, scores, 0.25), kata.nms(boxes * 0.37, scores + rng.random(n + 4), 0.51)


def picture(kata, rng):
    objects = np.array([[10.0, 12.0, 40.0, 44.0], [30.0, 20.0, 64.0, 56.0], [70.0, 40.0, 94.0, 84.0]])
    boxes = np.concatenate([each + rng.normal(scale=2.5, size=(4, 4)) for each in objects])
    scores = rng.uniform(0.3, 0.99, size=len(boxes))
    kept = kata.nms(boxes, scores, 0.5)
    loose = kata.nms(boxes, scores, 0.05)
    axes = "x, pixels", "y, pixels"
    texts = [f"{score:.2f}" for score in scores]
    return [
        Panel(f"Before: {len(boxes)} boxes", *axes, [Boxes(boxes)], square=True),
        Panel(
            f"After, threshold 0.5: {len(kept)} boxes",
            *axes,
            [Boxes(boxes, "removed", faint=True), Boxes(boxes[kept], "kept", [texts[i] for i in kept])],
            note="Of each group the box with the highest score stays.",
            square=True,
        ),
        Panel(
            f"After, threshold 0.05: {len(loose)} boxes",
            *axes,
            [Boxes(boxes, "removed", faint=True), Boxes(boxes[loose], "kept", [texts[i] for i in loose])],
            note="With a low threshold a second object goes that only overlaps the first.",
            square=True,
        ),
    ]


MISTAKES = {
    "the best hundred boxes only": (
        "left = _by_score(scores)\n    while",
        "left = _by_score(scores)[:100]\n    while",
    ),
    "an IoU equal to the threshold is removed": ("boxes[left]) <= iou_threshold", "boxes[left]) < iou_threshold"),
    "what overlaps little is removed": ("boxes[left]) <= iou_threshold", "boxes[left]) > iou_threshold"),
    "the threshold fixed at one half": ("boxes[left]) <= iou_threshold", "boxes[left]) <= 0.5"),
    "the lowest score first": ("np.argsort(-scores.", "np.argsort(scores."),
    "the order of the rows for that of scores": (
        "left = _by_score(scores)\n    while",
        "left = np.arange(len(scores))\n    while",
    ),
    "the result in the order of the rows": (
        "    return np.array(kept, dtype=int)\n\n\ndef _check",
        "    return np.sort(np.array(kept, dtype=int))\n\n\ndef _check",
    ),
    "places in the order for indices": (
        "boxes, kept = boxes.astype(np.float64), []\n    left = _by_score(scores)",
        "boxes, kept = boxes[_by_score(scores)].astype(np.float64), []\n    left = np.arange(len(boxes))",
    ),
    "a mask for indices": (
        "    return np.array(kept, dtype=int)\n\n\ndef _check",
        "    return np.isin(np.arange(len(boxes)), kept)\n\n\ndef _check",
    ),
    "boxes for indices": (
        "    return np.array(kept, dtype=int)\n\n\ndef _check",
        "    return boxes[np.array(kept, dtype=int)]\n\n\ndef _check",
    ),
    "ties by higher index": (
        'np.argsort(-scores.astype(np.float64), kind="stable")',
        'np.argsort(scores, kind="stable")[::-1]',
    ),
    "a sort that does not keep ties in order": (
        'np.argsort(-scores.astype(np.float64), kind="stable")',
        "np.argsort(-scores.astype(float))",
    ),
    "a removed box removes others": (
        "    while len(left):\n        best, left = left[0], left[1:]\n        kept.append(best)\n",
        (
            "    everything = left\n    while len(everything):\n"
            "        best, everything = everything[0], everything[1:]\n"
            "        if best in left:\n            kept.append(best)\n"
        ),
    ),
    "held against the last kept box only": (
        "        kept.append(best)\n        left = left[_iou(boxes[best], boxes[left]) <= iou_threshold]\n",
        (
            "        if not kept or _iou(boxes[best], boxes[kept[-1:]])[0] <= iou_threshold:\n"
            "            kept.append(best)\n"
        ),
    ),
    "the best box alone removes others": (
        "        left = left[_iou(boxes[best], boxes[left]) <= iou_threshold]\n",
        ("        if len(kept) == 1:\n            left = left[_iou(boxes[best], boxes[left]) <= iou_threshold]\n"),
    ),
    "the share of the smaller box for the IoU": (
        "either = _area(box[:2], box[2:]) + _area(others[:, :2], others[:, 2:]) - both",
        "either = np.minimum(_area(box[:2], box[2:]), _area(others[:, :2], others[:, 2:]))",
    ),
    "the share of the other box for the IoU": (
        "either = _area(box[:2], box[2:]) + _area(others[:, :2], others[:, 2:]) - both",
        "either = _area(others[:, :2], others[:, 2:])",
    ),
    "what is in both counted twice": (
        "_area(others[:, :2], others[:, 2:]) - both",
        "_area(others[:, :2], others[:, 2:])",
    ),
    "widths and heights counted in pixels": ("np.maximum(upper - lower, 0)", "np.maximum(upper - lower + 1, 0)"),
    "negative sides not cut off": ("np.maximum(upper - lower, 0).prod", "(upper - lower).prod"),
    "the product cut off, not the sides": (
        "np.maximum(upper - lower, 0).prod(axis=-1)",
        "np.maximum((upper - lower).prod(axis=-1), 0)",
    ),
    "the ends of the thresholds refused": ("not 0 <= iou_threshold <= 1", "not 0 < iou_threshold < 1"),
}

STRICT_MISTAKES = {
    "a little slack for the threshold": ("boxes[left]) <= iou_threshold", "boxes[left]) <= iou_threshold + 1e-9"),
    "0 / 0 left as NaN, which is not below a threshold": ("both / np.where(either > 0, either, 1)", "both / either"),
    "a little added to the denominator": ("both / np.where(either > 0, either, 1)", "both / (either + 1e-9)"),
    "small integers wrap around": ("boxes, kept = boxes.astype(np.float64), []", "kept = []"),
    "surplus boxes are ignored": ("len(boxes) != len(scores)", "len(boxes) < len(scores)"),
    "a threshold in percent": ("not 0 <= iou_threshold <= 1", "not 0 <= iou_threshold <= 100"),
    "unsigned scores wrap around": ("-scores.astype(np.float64)", "-scores"),
}
