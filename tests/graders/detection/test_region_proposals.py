import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

LARGE, MANY = (2.0**19, 2.0**19), {"pre_nms_top_n": 99, "post_nms_top_n": 99}


@pytest.fixture
def image(rng):
    """Sixty anchors around an image of 40 by 60, with deltas that move them across each other and the border."""
    centres, sizes = rng.uniform(-5.0, [65.0, 45.0], size=(60, 2)), rng.choice([4.0, 12.0, 30.0], size=(60, 2))
    anchors = np.hstack([centres - sizes / 2, centres + sizes / 2])
    return rng.random(60), rng.normal(size=(60, 4)) * 0.4, anchors, (40.0, 60.0)


def overlap(a, b):
    """Return the IoU of two boxes."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / either if either else 0.0


def defined(scores, deltas, anchors, image_size, pre=99, post=99, iou=0.7, size=1e-3, low=0.0):
    """Return boxes and scores by the seven steps, one by one, on lists."""
    rows = []
    for score, (dx, dy, dw, dh), (x1, y1, x2, y2) in zip(scores, deltas, anchors, strict=True):
        x, y = (x1 + x2) / 2 + dx * (x2 - x1), (y1 + y2) / 2 + dy * (y2 - y1)
        width, height = (x2 - x1) * math.exp(min(dw, math.log(62.5))), (y2 - y1) * math.exp(min(dh, math.log(62.5)))
        rows.append((score, x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    rows = sorted(rows, key=lambda row: -row[0])[:pre]
    bounds = [image_size[1], image_size[0], image_size[1], image_size[0]]
    rows = [
        (row[0], *(min(max(value, 0.0), bound) for value, bound in zip(row[1:], bounds, strict=True))) for row in rows
    ]
    rows = [row for row in rows if row[3] - row[1] >= size and row[4] - row[2] >= size]
    rows = [row for row in rows if row[0] >= low]
    kept = []
    for row in rows:
        if all(overlap(row[1:], other[1:]) <= iou for other in kept):
            kept.append(row)
    table = np.array(kept[:post]).reshape(-1, 5)
    return table[:, 1:], table[:, 0]


def assert_definition(kata, image, pre=99, post=99, *rest):
    found, (boxes, scores) = kata.propose(*image, pre, post, *rest), defined(*image, pre, post, *rest)
    assert_close(found.scores, scores)
    assert_close(found.boxes, boxes)


def assert_kept(kata, boxes, scores, places, image_size=(100.0, 200.0), clipped=None, **parameters):
    """Compare with places of boxes, in the order of the proposals; the deltas are 0."""
    boxes, scores = np.array(boxes, dtype=float).reshape(-1, 4), np.array(scores, dtype=float)
    found = kata.propose(scores, np.zeros(boxes.shape), boxes, image_size, **{**MANY, **parameters})
    assert_close(found.scores, scores[places])
    assert_close(found.boxes, (boxes if clipped is None else np.array(clipped, dtype=float))[places])


def apart(n):
    """Return n boxes of 8 by 4 that do not touch, from left to right."""
    left = np.arange(n)[:, None] * 10.0
    return left + np.array([0.0, 0.0, 8.0, 4.0]) - left * [0, 1, 0, 1]


def test_boxes(kata, rng):
    """The deltas move the centre by parts of the anchor's size, and scale the size by exp, at most 62.5 times."""
    anchors = np.array([[10.0, 20.0, 14.0, 30.0], [100.0, 50.0, 104.0, 54.0], [60.0, 60.0, 60.5, 61.0]])
    deltas = np.array([[0.5, -0.25, 0.0, math.log(2)], [-1.0, 1.0, math.log(0.5), math.log(1.5)], [0.0, 0.0, 9.0, 4.0]])
    found = kata.propose(np.array([0.9, 0.8, 0.7]), deltas, anchors, (500.0, 1000.0), 9, 9)
    tall = math.exp(4.0) / 2
    expected = [[12.0, 12.5, 16.0, 32.5], [97.0, 53.0, 99.0, 59.0], [44.625, 60.5 - tall, 75.875, 60.5 + tall]]
    assert_close(found.boxes, np.array(expected))
    assert_close(found.scores, np.array([0.9, 0.8, 0.7]))
    # One box at a time: nothing is dropped, and nothing reaches the border.
    for sizes in [(-3.0, 4.1), (4.14, -0.5), (4.2, 1e6), (1e6, 4.1351), (-9.0, 0.0), (0.0, 1e-6)]:
        row = np.array([[*rng.normal(size=2), *sizes]])
        assert_definition(
            kata, (np.array([0.5]), row, np.array([[5e3, 5e3, 5004.0, 5009.0]]), (1e4, 1e4)), 9, 9, 0.7, 1e-6
        )


def test_clipping(kata):
    """Boxes are clipped: x to [0, width] and y to [0, height]. image_size is height, then width."""
    boxes = [
        [-8.0, 90.0, 4.0, 120.0],
        [150.0, -5.0, 250.0, 300.0],
        [-9.0, -9.0, 300.0, 300.0],
        [110.0, 20.0, 130.0, 40.0],
    ]
    clipped = [
        [0.0, 90.0, 4.0, 100.0],
        [150.0, 0.0, 200.0, 100.0],
        [0.0, 0.0, 200.0, 100.0],
        [110.0, 20.0, 130.0, 40.0],
    ]
    assert_kept(kata, boxes, [0.4, 0.3, 0.2, 0.1], [0, 1, 2, 3], clipped=clipped)
    # Outside of the image nothing is left of a box, which counts only if min_size is 0.
    outside = [[210.0, 0.0, 220.0, 50.0], [50.0, -9.0, 60.0, -1.0]]
    assert_kept(kata, outside, [0.4, 0.3], [])
    clipped = [[200.0, 0.0, 200.0, 50.0], [50.0, 0.0, 60.0, 0.0]]
    assert_kept(kata, outside, [0.4, 0.3], [0, 1], clipped=clipped, min_size=0.0)
    # IoU is that of clipped boxes.
    boxes = [[-90.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0]]
    assert_kept(kata, boxes, [0.4, 0.3], [0], clipped=[boxes[1]] * 2)


def test_first_cut(kata, image):
    """The highest scores are taken before anything is dropped: what is dropped later is not replaced."""
    boxes = [
        [0.0, 0.0, 10.0, 10.0],
        [300.0, 0.0, 310.0, 10.0],
        [0.0, 0.0, 10.0, 9.0],
        [50.0, 0.0, 60.0, 10.0],
        [70.0, 0.0, 80.0, 9.0],
    ]
    scores = [0.9, 0.8, 0.7, 0.6, 0.5]
    for n, places in [(0, []), (1, [0]), (2, [0]), (3, [0]), (4, [0, 3]), (5, [0, 3, 4]), (6, [0, 3, 4])]:
        assert_kept(kata, boxes, scores, places, pre_nms_top_n=n)
    for n in (1, 10, 59, 60, 61):
        assert_definition(kata, image, n)


def test_small_boxes(kata, image):
    """A box with a side below min_size after clipping is dropped, before NMS: it drops no other box."""
    boxes = [[195.0, 0.0, 230.0, 10.0], [195.0, 0.0, 200.0, 9.0], [20.0, 20.0, 28.0, 24.0], [20.0, 20.0, 28.0, 23.5]]
    clipped = [[195.0, 0.0, 200.0, 10.0], *boxes[1:]]
    for size, places in [(0.0, [0, 2]), (3.5, [0, 2]), (4.0, [0, 2]), (4.5, [0]), (5.0, [0]), (5.5, [])]:
        assert_kept(kata, boxes, [0.4, 0.3, 0.2, 0.1], places, clipped=clipped, min_size=size)
    for size, places in [(4.0, [2]), (3.5, [3])]:
        assert_kept(kata, boxes, [0.4, 0.3, 0.1, 0.2], [0, *places], clipped=clipped, min_size=size)
    # By default a box of 2**-11 by 8 is dropped, and one of 2**-9 by 8 is not.
    narrow = [[50.0, 1.0, 50.0 + 2.0**-11, 9.0], [60.0, 1.0, 68.0, 1.0 + 2.0**-11], [70.0, 1.0, 70.0 + 2.0**-9, 9.0]]
    assert_kept(kata, narrow, [0.4, 0.3, 0.2], [2])
    assert_kept(kata, narrow, [0.4, 0.3, 0.2], [0, 1, 2], min_size=2.0**-12)
    for size in (0.0, 3.0, 11.0):
        assert_definition(kata, image, 99, 99, 0.7, size)


def test_low_scores(kata, image):
    """A score below score_threshold is dropped, and one that is equal to it is not."""
    scores = [0.25, 0.75, 0.5, 0.5 - 1e-6, 0.0]
    for low, places in [(0.0, [1, 2, 3, 0, 4]), (0.5, [1, 2]), (0.500001, [1]), (1.0, []), (-1.0, [1, 2, 3, 0, 4])]:
        assert_kept(kata, apart(5), scores, places, score_threshold=low)
    assert_kept(kata, apart(5), [0.5, -0.5, -1e-6, 1e-6, 0.0], [0, 3, 4])
    assert_kept(kata, apart(5), [-3.0, -1.0, -2.0, 4.0, -5.0], [3, 1, 2], score_threshold=-2.0)
    for low in (0.2, 0.9):
        assert_definition(kata, image, 40, 99, 0.3, 1e-3, low)


def test_overlaps(kata, image):
    """NMS drops a box if its IoU with a kept box is above the threshold, and not if it is equal."""
    unit, size = 2.0**14, {"image_size": LARGE}
    half = unit * np.array([[0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 4.0, 2.0]])
    assert_kept(kata, half, [0.9, 0.8, 0.7], [0, 1], iou_threshold=0.5, **size)
    assert_kept(kata, half, [0.9, 0.8, 0.7], [0], iou_threshold=0.5 - 1e-6, **size)
    assert_kept(kata, half, [0.9, 0.8, 0.7], [0, 1, 2], iou_threshold=1.0, **size)
    assert_kept(kata, half, [0.7, 0.8, 0.9], [2, 1], **size)
    # The second box overlaps with both others, by 7/9. It is dropped, so it does not drop the third.
    chain = [[0.0, 0.0, 8.0, 8.0], [1.0, 0.0, 9.0, 8.0], [2.0, 0.0, 10.0, 8.0]]
    assert_kept(kata, chain, [0.9, 0.8, 0.7], [0, 2])
    assert_kept(kata, chain, [0.8, 0.9, 0.7], [1])
    # Boxes that touch do not overlap; nor do boxes without area.
    touching = [[0.0, 0.0, 8.0, 8.0], [8.0, 0.0, 16.0, 8.0], [0.0, 8.0, 8.0, 16.0], [7.0, 7.0, 9.0, 9.0]]
    assert_kept(kata, touching, [0.9, 0.8, 0.7, 0.6], [0, 1, 2], iou_threshold=0.0)
    assert_kept(kata, [[5.0, 1.0, 5.0, 9.0]] * 2, [0.9, 0.8], [0, 1], min_size=0.0, iou_threshold=0.0)
    for iou in (0.0, 0.1, 0.3, 0.5, 0.9):
        assert_definition(kata, image, 99, 99, iou)


def test_last_cut(kata, image):
    """The first post_nms_top_n boxes are kept after NMS; there may be fewer, or none."""
    boxes = [[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 9.0], [50.0, 0.0, 60.0, 10.0], [70.0, 0.0, 80.0, 9.0]]
    for n, places in [(0, []), (1, [0]), (2, [0, 2]), (3, [0, 2, 3]), (4, [0, 2, 3])]:
        assert_kept(kata, boxes, [0.9, 0.8, 0.7, 0.6], places, post_nms_top_n=n)
    assert_kept(kata, np.empty((0, 4)), [], [])
    for n in (1, 5, 60):
        assert_definition(kata, image, 50, n, 0.4)


def test_order(kata, image):
    """Proposals come by falling score. A tie goes to the lower index, in the first cut and in NMS."""
    assert_kept(kata, apart(6), [0.1, 0.5, 0.3, 0.9, 0.2, 0.4], [3, 1, 5, 2, 4, 0])
    assert_kept(kata, apart(20), [0.5] * 20, range(20))
    assert_kept(kata, apart(20), [0.5] * 20, range(7), pre_nms_top_n=7)
    assert_kept(kata, apart(6), [0.1, 0.5, 0.1, 0.9, 0.1, 0.5], [3, 1, 5, 0], pre_nms_top_n=4)
    assert_kept(kata, apart(6), [0.1, 0.5, 0.1, 0.9, 0.1, 0.5], [3, 1], post_nms_top_n=2)
    assert_kept(kata, [[0.0, 0.0, 8.0, 4.0 - i / 32] for i in range(20)], [0.5] * 20, [0])
    assert_kept(kata, apart(4), [1e6 - 0.2, 1e6, 1e6 - 0.1, 1e-6], [1, 2, 0, 3])
    assert_kept(kata, apart(4), [2e-6, 1e-6, 0.0, 3e-6], [3, 0, 1, 2])
    scores, *rest = image
    for levels in (2, 5):
        assert_definition(kata, (np.floor(scores * levels) / levels, *rest), 45, 12, 0.4)


@strict
def test_units(kata):
    """Nothing is added to an area or a side: boxes may be as small as 1e-4."""
    small = np.array([[0.0, 0.0, 8.0, 8.0], [1.0, 0.0, 9.0, 8.0], [16.0, 0.0, 24.0, 8.0]]) * 2.0**-16
    assert_kept(kata, small, [0.9, 0.8, 0.7], [0, 2], min_size=2.0**-14)


@strict
def test_integers(kata):
    """The arrays may hold integers of any type."""
    anchors = [[0, 0, 100, 60], [2, 0, 102, 60], [110, 100, 126, 124], [90, 100, 100, 124]]
    for kind in (np.uint8, np.int8, np.int32, np.int64):
        scores, deltas = np.array([7, 0, 100, 3], dtype=kind), np.array([[0, 0, 0, 0]] * 3 + [[1, 1, 0, 1]], dtype=kind)
        arrays = scores, deltas, np.array(anchors, dtype=kind)
        boxes, expected = defined(*(each.tolist() for each in arrays), (300, 320))
        found = kata.propose(*arrays, (300, 320), 9, 9)
        assert_close(found.boxes, boxes)
        assert_close(found.scores, expected)


@strict
def test_lengths(kata):
    """Scores, deltas and anchors of different lengths raise ValueError."""
    for lengths in [(3, 2, 2), (2, 3, 2), (2, 2, 3), (1, 2, 2), (2, 1, 2), (2, 2, 1), (0, 1, 1)]:
        scores, *rows = (np.ones((n, 4)) for n in lengths)
        with pytest.raises(ValueError):
            kata.propose(scores[:, 0], *rows, (10.0, 10.0), 9, 9)


def workload(kata, rng, n):
    """Draw anchors of three sizes around a few objects, with tied scores and boxes that leave the image."""
    centres = rng.uniform(0.0, [90.0, 50.0], size=(max(n // 8, 1), 2))[rng.integers(0, max(n // 8, 1), size=n + 5)]
    sizes = rng.choice([8.0, 16.0, 32.0], size=(n + 5, 2))
    anchors = np.hstack([centres - sizes / 2, centres + sizes / 2])
    scores, deltas = rng.random(n + 5).round(2), rng.normal(size=(n + 5, 4)) * 0.2
    return kata.propose(scores, deltas, anchors, (50.0, 90.0), n, n // 2, 0.6, 4.0, 0.05)


FIT = "fit = (boxes[:, 2:] - boxes[:, :2] >= min_size).all(axis=1) & (scores >= score_threshold)"
LAST = "return Proposals(boxes[alive][:post_nms_top_n], scores[alive][:post_nms_top_n])"

MISTAKES = {
    "the centre moves by pixels": ("+ deltas[:, :2] * (upper - lower)", "+ deltas[:, :2]"),
    "the corner moves, not the centre": ("centres = (lower + upper) / 2 +", "centres = lower +"),
    "sizes are not exponentials": ("np.exp(np.minimum(deltas[:, 2:], math.log(62.5)))", "(1 + deltas[:, 2:])"),
    "sizes without a limit": ("np.minimum(deltas[:, 2:], math.log(62.5))", "np.minimum(deltas[:, 2:], 700)"),
    "a limit on small sizes, too": (
        "np.minimum(deltas[:, 2:], math.log(62.5))",
        "np.clip(deltas[:, 2:], -math.log(62.5), math.log(62.5))",
    ),
    "a limit of 4": ("math.log(62.5)", "4"),
    "width before height": ("height, width = image_size\n    return", "width, height = image_size\n    return"),
    "clipped to the last pixel": (
        "[width, height, width, height])\n",
        "[width - 1, height - 1, width - 1, height - 1])\n",
    ),
    "not clipped": ("_clip(boxes[best], image_size), scores[best]", "boxes[best], scores[best]"),
    "clipped at the end": [
        ("_clip(boxes[best], image_size), scores[best]", "boxes[best], scores[best]"),
        (LAST, "return Proposals(_clip(boxes[alive][:post_nms_top_n], image_size), scores[alive][:post_nms_top_n])"),
    ],
    "boxes that cross the border are dropped": (
        "_clip(boxes[best], image_size), scores[best]",
        (
            "boxes[best], scores[best]\n    inside = (_clip(boxes, image_size) == boxes).all(axis=1)\n"
            "    boxes, scores = boxes[inside], scores[inside]"
        ),
    ),
    "small boxes are dropped before clipping": [
        ("boxes, scores = _clip(boxes[best], image_size), scores[best]", "boxes, scores = boxes[best], scores[best]"),
        ("boxes, scores = boxes[fit], scores[fit]", "boxes, scores = _clip(boxes[fit], image_size), scores[fit]"),
    ],
    "small boxes are dropped after NMS": [
        (FIT, "fit = scores >= score_threshold"),
        (
            LAST,
            (
                "alive &= (boxes[:, 2:] - boxes[:, :2] >= min_size).all(axis=1)\n"
                "    return Proposals(boxes[alive][:post_nms_top_n], scores[alive][:post_nms_top_n])"
            ),
        ),
    ],
    "a box is small if both sides are": (">= min_size).all(axis=1)", ">= min_size).any(axis=1)"),
    "a side of min_size is too small": (">= min_size).all", "> min_size).all"),
    "min_size is an area": (
        "(boxes[:, 2:] - boxes[:, :2] >= min_size).all(axis=1)",
        "(_area(boxes[:, :2], boxes[:, 2:]) >= min_size)",
    ),
    "boxes without area are always dropped": (
        "(boxes[:, 2:] - boxes[:, :2] >= min_size).all(axis=1)",
        "(boxes[:, 2:] - boxes[:, :2] >= max(min_size, 1e-6)).all(axis=1)",
    ),
    "a score at the threshold is dropped": ("(scores >= score_threshold)", "(scores > score_threshold)"),
    "no threshold on scores": (" & (scores >= score_threshold)", ""),
    "the first cut fills up": [
        ("[:pre_nms_top_n]\n    boxes, scores = _clip", "\n    boxes, scores = _clip"),
        (
            "boxes, scores = boxes[fit], scores[fit]",
            "boxes, scores = boxes[fit][:pre_nms_top_n], scores[fit][:pre_nms_top_n]",
        ),
    ],
    "the first cut is of small boxes only": [
        ("[:pre_nms_top_n]\n    boxes, scores = _clip", "\n    boxes, scores = _clip"),
        (
            "    alive = np.ones(",
            "    boxes, scores = boxes[:pre_nms_top_n], scores[:pre_nms_top_n]\n    alive = np.ones(",
        ),
    ],
    "the last cut before NMS": (
        "    alive = np.ones(",
        "    boxes, scores = boxes[:post_nms_top_n], scores[:post_nms_top_n]\n    alive = np.ones(",
    ),
    "no last cut": (LAST, "return Proposals(boxes[alive], scores[alive])"),
    "a dropped box drops others": (
        "        if alive[place]:\n            alive",
        "        if True:\n            alive",
    ),
    "an IoU at the threshold is dropped": (
        "<= iou_threshold\n    return Proposals",
        "< iou_threshold\n    return Proposals",
    ),
    "the share of the smaller box": (
        "    return both / np.where(either > 0, either, 1)",
        (
            "    smaller = np.minimum(_area(box[:2], box[2:]), _area(others[:, :2], others[:, 2:]))\n"
            "    return both / np.where(smaller > 0, smaller, 1)"
        ),
    ),
    "sides in pixels": ("np.maximum(upper - lower, 0).prod(axis=-1)", "np.maximum(upper - lower + 1, 0).prod(axis=-1)"),
    "ties go to the higher index": (
        'np.argsort(-scores, kind="stable")[:pre',
        'np.argsort(scores, kind="stable")[::-1][:pre',
    ),
    "a sort that is not stable": ('np.argsort(-scores, kind="stable")[:pre', "np.argsort(-scores)[:pre"),
    "scores in single precision": (
        "scores.astype(float)\n    best",
        "scores.astype(np.float32).astype(float)\n    best",
    ),
    "in the order of the anchors": (
        LAST,
        (
            "back = np.argsort(best[fit][alive][:post_nms_top_n])\n"
            "    return Proposals(boxes[alive][:post_nms_top_n][back], scores[alive][:post_nms_top_n][back])"
        ),
    ),
}

STRICT_MISTAKES = {
    "an eps in the denominator": ("both / np.where(either > 0, either, 1)", "both / (either + 1e-7)"),
    "unsigned scores wrap around": ("scores.astype(float)\n    best", "scores\n    best"),
    "small coordinates wrap around": ("np.hsplit(anchors.astype(float), 2)", "np.hsplit(anchors, 2)"),
    "lengths are not compared": ("if not len(scores) == len(deltas) == len(anchors):", "if False:"),
}
