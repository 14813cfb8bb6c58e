import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

UNIT = 2.0**14  # areas so large that a 1e-9 beside them is lost: IoUs are exact, however they are computed


def row(*starts, width=4.0):
    """Return boxes of one height and width that begin at these x. Width 4: one apart is an IoU of 3/5, two 1/3."""
    starts = np.array(starts, dtype=float)
    return np.column_stack([starts, np.full(len(starts), 1.0), starts + width, np.full(len(starts), 33.0)]) * UNIT


def widths(*values):
    """Return boxes that begin at one place. Of two, the smaller over the larger width is the IoU."""
    return np.vstack([row(0, width=value) for value in values])


def draw(rng, n):
    """Return boxes of which most overlap some other: no two IoUs are equal, and none is at a threshold."""
    corners = rng.uniform(0.0, 7.0, size=(n, 2))
    return np.column_stack([corners, corners + rng.uniform(2.0, [7.0, 5.0], size=(n, 2))])


def length(low, high):
    return max(high - low, 0.0)


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either


def defined(boxes, scores, factor, min_score=0.001):
    """Take the best of what is left, and multiply the others by a factor of their IoU with it."""
    rows, left = boxes.tolist(), dict(enumerate(scores.tolist()))
    indices, values = [], []
    while left:
        best = max(left, key=lambda index: (left[index], -index))
        if left[best] < min_score:
            break
        indices.append(best)
        values.append(left.pop(best))
        for index in left:
            left[index] *= factor(iou(rows[best], rows[index]))
    return indices, values


def assert_kept(kata, boxes, scores, indices, values, *arguments, rtol=1e-9, **named):
    got = kata.soft_nms(boxes, np.array(scores, dtype=float), *arguments, **named)
    assert_equal(got.indices, indices, what="indices")
    assert_close(got.scores, values, rtol=rtol, atol=0.0, what="scores")


def test_gaussian(kata, rng):
    """By default a score is multiplied by exp(-IoU**2 / sigma), with sigma 0.5."""
    assert_kept(kata, row(0, 1), [0.9, 0.8], [0, 1], [0.9, 0.8 * math.exp(-0.72)])
    assert_kept(kata, row(0, 2), [0.9, 0.8], [0, 1], [0.9, 0.8 * math.exp(-2 / 9)])
    for sigma in (0.1, 0.5, 1.0, 4.0):
        expected = [0.9, 0.8 * math.exp(-0.36 / sigma)]
        assert_kept(kata, row(0, 1), [0.9, 0.8], [0, 1], expected, "gaussian", sigma)
        boxes, scores = draw(rng, 9), rng.uniform(0.1, 1, size=9)
        expected = defined(boxes, scores, lambda x, sigma=sigma: math.exp(-(x**2) / sigma))
        assert_kept(kata, boxes, scores, *expected, sigma=sigma)
    # A small IoU counts, too: there is no threshold.
    assert_kept(kata, widths(4, 2.0**-8), [0.9, 0.8], [0, 1], [0.9, 0.8 * math.exp(-(2.0**-19))])


def test_linear(kata, rng):
    """The linear factor is 1 - IoU from the threshold on, 0.3 by default, and 1 below it."""
    assert_kept(kata, row(0, 1), [0.9, 0.8], [0, 1], [0.9, 0.8 * 0.4], "linear")
    assert_kept(kata, row(0, 2), [0.9, 0.75], [0, 1], [0.9, 0.5], "linear")
    assert_kept(kata, row(0, 3), [0.9, 0.8], [0, 1], [0.9, 0.8], "linear")
    for width in (1, 2, 3):
        for linear_threshold, factor in [(width / 4, 1 - width / 4), (width / 4 + 0.01, 1), (0.1, 1 - width / 4)]:
            expected = [0.9, 0.8 * factor]
            named = {"method": "linear", "linear_threshold": linear_threshold}
            assert_kept(kata, widths(4, width), [0.9, 0.8], [0, 1], expected, **named)
    for linear_threshold in (0.0, 0.15, 0.5):
        boxes, scores = draw(rng, 9), rng.uniform(0.1, 1, size=9)
        expected = defined(boxes, scores, lambda x, t=linear_threshold: 1 - x if x >= t else 1)
        assert_kept(kata, boxes, scores, *expected, "linear", 0.5, linear_threshold)


def test_order(kata):
    """The next box is the one with the highest score by now, not by the scores at the start."""
    assert_kept(kata, row(0, 1, 9), [0.9, 0.8, 0.7], [0, 2, 1], [0.9, 0.7, 0.8 * math.exp(-0.72)])
    assert_kept(kata, row(9, 0, 1, 10), [0.5, 0.9, 0.8, 0.7], [1, 3, 2, 0], [0.9, 0.7, 0.32, 0.2], "linear")
    # The second box has lost so much to the first that the third is taken before it, and lowers it once more.
    assert_kept(kata, row(0, 1, 2), [1.0, 0.8, 0.75], [0, 2, 1], [1.0, 0.5, 0.8 * 0.4 * 0.4], "linear")
    # Scores that nearly agree are no ties.
    close = [0.5, 0.5 + 2.0**-30]
    assert_kept(kata, row(0, 9), close, [1, 0], close[::-1], rtol=1e-12)


def test_factors_multiply(kata):
    """A box loses a factor to each box that is taken before it, and none to those that are taken after it."""
    scores = [1.0, 0.75, 0.5]
    assert_kept(kata, row(0, 2, 1), scores, [0, 1, 2], [1.0, 0.5, 0.5 * 0.4 * 0.4], "linear")
    e1, e2 = math.exp(-0.72), math.exp(-2 / 9)
    assert_kept(kata, row(0, 2, 1), scores, [0, 1, 2], [1.0, 0.75 * e2, 0.5 * e1 * e1])
    assert_kept(kata, row(1, 0, 2), [0.5, 0.75, 1.0], [2, 1, 0], [1.0, 0.75 * e2, 0.5 * e1 * e1])
    # A chain: the middle box of three loses to one side only, the last one to the middle alone.
    assert_kept(kata, row(0, 3, 6), [1.0, 0.9, 0.5], [0, 1, 2], [1.0, 0.9 * 6 / 7, 0.5 * 6 / 7], "linear", 0.5, 0.1)
    assert_kept(kata, row(0, 0, 0), [1.0, 1.0, 1.0], [0, 1, 2], [1.0, math.exp(-2), math.exp(-4)])


def test_ties(kata):
    """A tie goes to the lower index, at the start and after scores were lowered."""
    assert_kept(kata, row(0, 1), [0.5, 0.5], [0, 1], [0.5, 0.2], "linear")
    assert_kept(kata, row(9, 18, 0, 27), [0.5, 0.75, 0.5, 0.5], [1, 0, 2, 3], [0.75, 0.5, 0.5, 0.5])
    # The boxes on both sides lose the same.
    assert_kept(kata, row(-2, 0, 2), [0.75, 1.0, 0.75], [1, 0, 2], [1.0, 0.5, 0.5], "linear")
    # A box comes down to the score of another, which has a lower or a higher index.
    assert_kept(kata, row(30, 0, 2), [0.5, 1.0, 0.75], [1, 0, 2], [1.0, 0.5, 0.5], "linear")
    assert_kept(kata, row(2, 0, 30), [0.75, 1.0, 0.5], [1, 0, 2], [1.0, 0.5, 0.5], "linear")
    starts = [6 * k for k in range(40)]
    assert_kept(
        kata,
        row(*starts) / 8,
        np.tile([0.25, 0.75], 20),
        [*range(1, 40, 2), *range(0, 40, 2)],
        np.repeat([0.75, 0.25], 20),
    )


def test_min_score(kata):
    """A box is taken only if its score is at least min_score at that time: 0.001 by default."""
    assert_kept(kata, row(0, 9, 18), [0.002, 0.001, 0.000999], [0, 1], [0.002, 0.001])
    assert_kept(kata, row(0, 1, 9), [0.9, 0.8, 0.7], [0, 2], [0.9, 0.7], min_score=0.5)
    assert_kept(kata, row(0, 1), [1.0, 0.75], [0], [1.0], "linear", min_score=0.375)
    assert_kept(kata, row(0, 2), [1.0, 0.75], [0, 1], [1.0, 0.5], "linear", min_score=0.5)
    assert_kept(kata, row(0, 9), [0.4, 0.3], [], [], min_score=0.5)
    # Scores of 1e-6, and copies, whose linear factor is 0.
    assert_kept(kata, row(0, 9, 18), [1e-6, 3e-6, 2e-6], [1, 2], [3e-6, 2e-6], min_score=1.5e-6)
    assert_kept(kata, row(0, 0), [0.9, 0.8], [0], [0.9], "linear")
    assert_kept(kata, row(0, 9, 0), [0.9, 0.0, 0.8], [0, 1, 2], [0.9, 0.0, 0.0], "linear", min_score=0.0)
    # A box that is dropped lowers no other.
    assert_kept(kata, row(0, 1, 3), [0.9, 0.25, 0.2], [0, 2], [0.9, 0.2], "linear", min_score=0.15)


def test_apart(kata):
    """Boxes that are apart on either axis, or only touch, keep their scores. There may be one box, or none."""
    apart = np.array([[0.0, 0.0, 2.0, 2.0], [3.0, 0.0, 5.0, 2.0], [0.0, 3.0, 2.0, 5.0], [6.0, 6.0, 9.0, 9.0]])
    touching = np.array([[0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 4.0, 2.0], [0.0, 2.0, 2.0, 4.0], [2.0, 2.0, 4.0, 4.0]])
    for boxes in (apart, touching):
        for method in ("gaussian", "linear"):
            assert_kept(kata, boxes, [0.6, 0.9, 0.7, 0.8], [1, 3, 2, 0], [0.9, 0.8, 0.7, 0.6], method)
    assert_kept(kata, row(5), [0.9], [0], [0.9])
    assert_kept(kata, row(), [], [], [])


def test_many(kata, rng):
    """The answer is right for many boxes, and for scores of any size."""
    boxes, scores = draw(rng, 40), rng.permutation(40) / 4 + 0.25
    expected = defined(boxes, scores, lambda x: math.exp(-2 * x**2), 0.01)
    assert_kept(kata, boxes, scores, *expected, min_score=0.01)
    expected = defined(boxes, scores, lambda x: 1 - x if x >= 0.3 else 1, 0.5)
    assert_kept(kata, boxes, scores, *expected, "linear", min_score=0.5)


def test_unknown_method(kata):
    """A method that is not "gaussian" or "linear" raises ValueError."""
    for method in ("hard", "Gaussian", ""):
        for boxes in (row(0, 1), row(0), row()):
            with pytest.raises(ValueError):
                kata.soft_nms(boxes, np.full(len(boxes), 0.5), method)


@strict
def test_exact(kata):
    """IoUs are compared exactly, also those of small boxes; boxes without area have the IoU 0."""
    for width in (1, 2, 3):
        small = widths(4, width) * 2.0**-24
        expected = [0.9, 0.8 * (1 - width / 4)]
        assert_kept(kata, small, [0.9, 0.8], [0, 1], expected, "linear", linear_threshold=width / 4)
        assert_kept(kata, small, [0.9, 0.8], [0, 1], [0.9, 0.8 * math.exp(-(width**2) / 8)], rtol=1e-12)
    for method in ("gaussian", "linear"):
        assert_kept(kata, row(0, 0, width=0.0), [0.9, 0.8], [0, 1], [0.9, 0.8], method)


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8, np.int16])
def test_integers(kata, kind):
    """Boxes and scores may be integers of any type: nothing wraps around or is rounded."""
    left = 100 if kind is np.int8 else 0
    boxes = (np.array([[0, 0, 200, 100], [0, 0, 100, 100], [0, 150, 200, 200]]) - left).astype(kind)
    got = kata.soft_nms(boxes, np.array([5, 3, 2], dtype=kind), "linear")
    assert_equal(got.indices, [0, 2, 1])
    assert_close(got.scores, [5, 2, 1.5])


@strict
def test_bad_input(kata):
    """Lengths that differ, a score that is negative or NaN, and a sigma that is not above 0 raise ValueError."""
    for scores in ([0.5], [0.5, 0.6, 0.7], []):
        with pytest.raises(ValueError):
            kata.soft_nms(row(0, 9), np.array(scores))
    for bad in (-0.5, np.nan):
        with pytest.raises(ValueError):
            kata.soft_nms(row(0, 9), np.array([0.5, bad]))
    for sigma in (0.0, -0.5, np.nan):
        with pytest.raises(ValueError):
            kata.soft_nms(row(0, 9), np.array([0.5, 0.6]), sigma=sigma)


def workload(kata, rng, n):
    """Boxes of whole coordinates, some of them twice, with scores that tie."""
    corners = rng.integers(0, 12, size=(n, 2))
    boxes = np.column_stack([corners, corners + rng.integers(1, 7, size=(n, 2))]).astype(float)
    boxes, scores = np.vstack([boxes, boxes[: n // 4]]), rng.integers(1, 9, size=n + n // 4) / 8
    return (
        kata.soft_nms(boxes, scores),
        kata.soft_nms(boxes, scores, "gaussian", 0.25, min_score=0.1),
        kata.soft_nms(boxes, scores, "linear", linear_threshold=0.25),
    )


def picture(kata, rng):
    """Draw what becomes of a second box, against its IoU with the first, and of the boxes of a crowd."""
    shares = np.linspace(0.01, 0.99, 99)
    left = []
    for method in ("gaussian", "linear"):
        values = [
            np.max(kata.soft_nms(widths(1, x), np.array([1.0, 0.99]), method).scores[1:], initial=0) for x in shares
        ]
        left.append(np.array(values) / 0.99)
    people = np.repeat([0.0, 25.0, 60.0], [6, 6, 6]) + rng.normal(0, 2, size=18)
    scores = rng.uniform(0.4, 1.0, size=18)
    boxes = np.column_stack([people, 0 * people, people + 40, 0 * people + 90])
    kept = kata.soft_nms(boxes, scores)
    return [
        Panel(
            "The factor of one overlap",
            "IoU",
            "factor",
            [Line(shares, left[0], "gaussian"), Line(shares, left[1], "linear")],
            note="The linear one jumps at its threshold.",
        ),
        Panel(
            "Six boxes for each of three people",
            "left edge",
            "score",
            [Points(people, scores, "before", faint=True), Points(people[kept.indices], kept.scores, "after")],
            note="One box of each person keeps a high score.",
        ),
    ]


MISTAKES = {
    "the order of the scores at the start": (
        "best = left[current[left].argmax()]",
        "best = left[scores[left].argmax()]",
    ),
    "factors replace one another": (
        "current[left] *= _factor(",
        "current[left] = scores[left] * _factor(",
    ),
    "the smallest factor alone": (
        "current[left] *= _factor(_iou(boxes[best], boxes[left]), method, sigma, linear_threshold)",
        (
            "factor = _factor(_iou(boxes[best], boxes[left]), method, sigma, linear_threshold)\n"
            "        current[left] = np.minimum(current[left], scores[left] * factor)"
        ),
    ),
    "scores as they were": ("return Kept(kept, current[kept])", "return Kept(kept, scores[kept] * 1.0)"),
    "the overlap is not squared": ("np.exp(-(iou**2) / sigma)", "np.exp(-iou / sigma)"),
    "sigma is a standard deviation": ("np.exp(-(iou**2) / sigma)", "np.exp(-(iou**2) / (2 * sigma**2))"),
    "sigma has no effect": ("np.exp(-(iou**2) / sigma)", "np.exp(-(iou**2) / 0.5)"),
    "a threshold for the Gaussian, too": (
        "return np.exp(-(iou**2) / sigma)",
        "return np.where(iou >= linear_threshold, np.exp(-(iou**2) / sigma), 1)",
    ),
    "multiplied by the overlap": ("iou >= linear_threshold, 1 - iou, 1)", "iou >= linear_threshold, iou, 1)"),
    "linear everywhere": ("np.where(iou >= linear_threshold, 1 - iou, 1)", "1 - iou"),
    "the threshold strictly": ("iou >= linear_threshold, 1", "iou > linear_threshold, 1"),
    "hard suppression": ("np.where(iou >= linear_threshold, 1 - iou, 1)", "np.where(iou >= linear_threshold, 0, 1)"),
    "min_score strictly": ("if current[best] < min_score:", "if current[best] <= min_score:"),
    "min_score without effect": ("if current[best] < min_score:", "if current[best] < 0.001:"),
    "min_score at the start alone": (
        "    left, kept = np.arange(len(boxes)), np.array([], dtype=int)\n",
        "    left, kept = np.flatnonzero(scores >= min_score), np.array([], dtype=int)\n    min_score = 0\n",
    ),
    "ties to the higher index": ("left[current[left].argmax()]", "left[len(left) - 1 - current[left][::-1].argmax()]"),
    "close scores are ties": ("left[current[left].argmax()]", "left[current[left].round(6).argmax()]"),
    "rows move up when one is taken": (
        "        left = left[left != best]\n",
        "        left[left == best] = left[0]\n        left = left[1:]\n",
    ),
    "indices in order": ("return Kept(kept, current[kept])", "return Kept(np.sort(kept), current[np.sort(kept)])"),
    "a box lowers itself": (
        "        kept = np.append(kept, best)\n",
        "        kept = np.append(kept, best)\n        current[best] *= _factor(np.ones(1), method, sigma, 2.0)[0]\n",
    ),
    "the product cut off, not the sides": (
        "np.maximum(upper - lower, 0).prod(axis=-1)",
        "np.maximum((upper - lower).prod(axis=-1), 0)",
    ),
    "any other method is linear": ('if method not in ("gaussian", "linear"):', "if False:"),
}

STRICT_MISTAKES = {
    "a little added to the denominator": ("both / np.where(either > 0, either, 1)", "both / (either + 1e-9)"),
    "0 / 0 left as NaN": ("both / np.where(either > 0, either, 1)", "both / either"),
    "small integers wrap around": (
        "boxes, current = boxes.astype(np.float64), scores.astype(np.float64)\n    left",
        "current = scores.astype(np.float64)\n    left",
    ),
    "negative scores": ("if not (scores >= 0).all():", "if False:"),
    "lengths that differ": ("if len(boxes) != len(scores):", "if len(boxes) > len(scores):"),
    "any sigma": ("if not sigma > 0:", "if False:"),
}
