import math

import numpy as np
import pytest

from katagrad.picture import Boxes, Mark, Panel
from katagrad.testing import assert_close, strict

ANCHOR = np.array([[4.0, 2.0]])


@pytest.fixture
def grid(rng):
    """Logits of two anchors and four classes on a grid of 3 rows and 5 columns, and the anchors."""
    return rng.normal(size=(18, 3, 5)), np.array([[30.0, 10.0], [7.0, 24.0]])


def sigmoid(t):
    return 1 / (1 + math.exp(-t))


def defined(logits, anchors, stride):
    """Return boxes and scores, channel by channel, in the order of the statement."""
    channels, height, width = logits.shape
    size, boxes, scores = channels // len(anchors), [], []
    for a, (w, h) in enumerate(anchors):
        for row in range(height):
            for column in range(width):
                t = [float(logits[a * size + k, row, column]) for k in range(size)]
                x, y = stride * (column + sigmoid(t[0])), stride * (row + sigmoid(t[1]))
                w2, h2 = w * math.exp(t[2]) / 2, h * math.exp(t[3]) / 2
                boxes.append([x - w2, y - h2, x + w2, y + h2])
                scores.append([sigmoid(t[4]) * sigmoid(one) for one in t[5:]])
    return np.array(boxes), np.array(scores)


def found_by(grids, anchors, strides, threshold):
    """Return the pairs above the threshold as lists of box, score and label, highest score first."""
    found = []
    for each in zip(grids, anchors, strides, strict=True):
        for box, scores in zip(*defined(*each), strict=True):
            found += [(score, box, label) for label, score in enumerate(scores) if score > threshold]
    found.sort(key=lambda one: -one[0])
    return [one[1] for one in found], [one[0] for one in found], [one[2] for one in found]


def assert_detected(found, boxes, scores, labels):
    assert_close(found.labels, np.array(labels), what="labels")
    assert_close(found.scores, np.array(scores), what="scores")
    assert_close(found.boxes, np.array(boxes, dtype=float).reshape(-1, 4), what="boxes")


def logits_of(*channels):
    """Return logits of one cell."""
    return np.array(channels, dtype=float)[:, None, None]


def test_boxes(kata, grid):
    """Centres are stride * (cell + sigmoid(t)), sizes are those of the anchor times exp(t); boxes are corners."""
    found = kata.decode_grid(logits_of(0.0, math.log(3.0), math.log(2.0), math.log(0.5), 0.0, 0.0), ANCHOR, 8.0)
    # The centre is (4, 6), the size 8 by 1.
    assert_close(found.boxes, [[0.0, 5.5, 8.0, 6.5]])
    logits, anchors = grid
    for stride in (1.0, 8.0, 32.0):
        assert_close(kata.decode_grid(logits, anchors, stride).boxes, defined(logits, anchors, stride)[0])
        one = kata.decode_grid(logits[:9] * 2, anchors[1:], stride)
        assert_close(one.boxes, defined(logits[:9] * 2, anchors[1:], stride)[0])


def test_order(kata):
    """Boxes go by anchor, then by row, then by column of the grid: the column moves x, the row moves y."""
    found = kata.decode_grid(np.zeros((12, 2, 3)), np.array([[4.0, 2.0], [2.0, 6.0]]), 8.0)
    wide = [[2, 3, 6, 5], [10, 3, 14, 5], [18, 3, 22, 5], [2, 11, 6, 13], [10, 11, 14, 13], [18, 11, 22, 13]]
    high = [[3, 1, 5, 7], [11, 1, 13, 7], [19, 1, 21, 7], [3, 9, 5, 15], [11, 9, 13, 15], [19, 9, 21, 15]]
    assert_close(found.boxes, np.array(wide + high, dtype=float))


def test_channels(kata, grid):
    """The channels of the first anchor come first: x, y, width, height, object, classes."""
    logits = np.zeros((14, 1, 1))
    # Anchor 0: an object of class 1. Anchor 1: wide, and no object.
    logits[:7, 0, 0] = [0.0, 0.0, 0.0, 0.0, 20.0, -20.0, 20.0]
    logits[7:, 0, 0] = [0.0, 0.0, math.log(3.0), 0.0, -20.0, 20.0, 20.0]
    found = kata.decode_grid(logits, np.array([[4.0, 2.0], [4.0, 2.0]]), 8.0)
    assert_close(found.boxes, [[2.0, 3.0, 6.0, 5.0], [-2.0, 3.0, 10.0, 5.0]])
    low, high = sigmoid(-20.0), sigmoid(20.0)
    assert_close(found.scores, [[high * low, high * high], [low * high, low * high]])
    logits, anchors = grid
    three = np.concatenate([anchors, [[11.0, 13.0]]])
    for sizes, given in [(anchors, logits), (three, logits), (three, logits[::-1])]:
        found, expected = kata.decode_grid(given, sizes, 4.0), defined(given, sizes, 4.0)
        assert_close(found.boxes, expected[0])
        assert_close(found.scores, expected[1])


def test_scores(kata, grid):
    """The score of a class is sigmoid(t_o) * sigmoid(t_k): classes do not compete."""
    zero, log3 = [0.0] * 4, math.log(3.0)
    assert_close(
        kata.decode_grid(logits_of(*zero, log3, 0.0, log3, log3), ANCHOR, 8.0).scores, [[3 / 8, 9 / 16, 9 / 16]]
    )
    assert_close(kata.decode_grid(logits_of(*zero, -log3, log3), ANCHOR, 8.0).scores, [[3 / 16]])
    assert_close(kata.decode_grid(logits_of(*zero, 0.0, 0.0), ANCHOR, 8.0).scores, [[1 / 4]])
    small = kata.decode_grid(logits_of(*zero, -9.0, -4.0, -5.0), ANCHOR, 8.0).scores
    assert_close(small, [[sigmoid(-9.0) * sigmoid(-4.0), sigmoid(-9.0) * sigmoid(-5.0)]], atol=0.0)
    logits, anchors = grid
    for factor in (1.0, 4.0):
        found = kata.decode_grid(logits * factor, anchors, 8.0).scores
        assert_close(found, defined(logits * factor, anchors, 8.0)[1])


def test_beyond_the_image(kata):
    """Boxes are not clipped: at the border they reach below 0 and beyond the grid."""
    logits = np.zeros((6, 2, 2))
    logits[2:4] = math.log(10.0)
    found = kata.decode_grid(logits, ANCHOR, 8.0)
    assert_close(found.boxes[[0, 3]], [[-16.0, -6.0, 24.0, 14.0], [-8.0, 2.0, 32.0, 22.0]])
    logits[0], logits[1], logits[2:4] = -9.0, 9.0, 0.0
    near, far = 8 * sigmoid(-9.0), 8 * sigmoid(9.0)
    assert_close(kata.decode_grid(logits, ANCHOR, 8.0).boxes[0], [near - 2, far - 1, near + 2, far + 1])


def test_units(kata, grid):
    """Stride and anchors are in one unit, which may be small or large; sizes do not depend on the stride."""
    logits, anchors = grid
    boxes, _ = defined(logits, anchors, 8.0)
    for unit in (2.0**-16, 2.0**14):
        found = kata.decode_grid(logits, anchors * unit, 8.0 * unit).boxes
        assert_close(found / unit, boxes)
    tiny = kata.decode_grid(logits_of(0.0, 0.0, -12.0, 12.0, 0.0, 0.0), ANCHOR, 2.0**-10).boxes
    half = 2.0**-11
    wide, high = 2 * math.exp(-12.0), math.exp(12.0)
    assert_close(tiny, [[half - wide, half - high, half + wide, half + high]], atol=0.0)


def test_detections(kata, grid):
    """All pairs of a box and a class with a score above the threshold are found, highest score first."""
    log3 = math.log(3.0)
    logits = logits_of(0.0, 0.0, 0.0, 0.0, log3, -log3, log3, 0.0)
    box = [2.0, 3.0, 6.0, 5.0]
    assert_detected(kata.detect([logits], [ANCHOR], [8.0], 0.3), [box, box], [9 / 16, 3 / 8], [1, 2])
    assert_detected(kata.detect([logits], [ANCHOR], [8.0], 0.1), [box] * 3, [9 / 16, 3 / 8, 3 / 16], [1, 2, 0])
    logits, anchors = grid
    for threshold in (0.0, 0.1, 0.3, 0.5):
        found = kata.detect([logits * 2], [anchors], [8.0], threshold)
        assert_detected(found, *found_by([logits * 2], [anchors], [8.0], threshold))


def test_threshold(kata, grid):
    """A score that equals the threshold is not above it. Without pairs the arrays have no rows."""
    # A sigmoid of 50 is 1, to the last digit.
    certain = logits_of(0.0, 0.0, 0.0, 0.0, 50.0, 50.0, -1.0)
    assert_detected(kata.detect([certain], [ANCHOR], [8.0], 1.0), [], [], [])
    assert_detected(kata.detect([certain], [ANCHOR], [8.0], 1.0 - 1e-9), [[2.0, 3.0, 6.0, 5.0]], [1.0], [0])
    logits, anchors = grid
    assert_detected(kata.detect([logits - 8, logits - 9], [anchors] * 2, [8.0, 4.0], 0.5), [], [], [])
    # Scores from 1e-5 to 0.1 count if the threshold is small.
    for threshold in (0.0, 1e-6, 1e-3):
        found = kata.detect([logits - 4], [anchors], [8.0], threshold)
        assert_detected(found, *found_by([logits - 4], [anchors], [8.0], threshold))


def test_several_grids(kata, grid):
    """Grids of other shapes, strides and anchors are decoded each with its own, and sorted together."""
    logits, anchors = grid
    fine, coarse = logits, np.roll(logits, 3, axis=0)[:, :2, :2] + 0.25
    single = logits[:9, :1, 1:2] - 0.5
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0], [1]):
        grids = [[fine, coarse, single][k] for k in order]
        boxes = [[anchors, anchors * 4, anchors[:1] * 9][k] for k in order]
        strides = [[8.0, 16.0, 32.0][k] for k in order]
        found = kata.detect(grids, boxes, strides, 0.2)
        assert_detected(found, *found_by(grids, boxes, strides, 0.2))


def test_ties(kata):
    """Tied scores are in the order of the grids, then of the boxes, then of the classes."""
    logits = np.zeros((21, 2, 4))
    anchors = np.array([[4.0, 2.0], [6.0, 2.0], [8.0, 2.0]])
    boxes, _ = defined(logits, anchors, 8.0)
    found = kata.detect([logits], [anchors], [8.0], 0.2)
    assert_detected(found, np.repeat(boxes, 2, axis=0), [0.25] * 48, [0, 1] * 24)
    # The number of pairs has no limit: 264 boxes of 8 classes.
    many = np.zeros((26, 12, 11))
    found = kata.detect([many], [anchors[:2]], [8.0], 0.2)
    every, _ = defined(many, anchors[:2], 8.0)
    assert_detected(found, np.repeat(every, 8, axis=0), [0.25] * 2112, list(range(8)) * 264)
    other = logits[:7, :, :3].copy()
    other[4:, 1, 1] = 50.0
    second, _ = defined(other, anchors[:1], 16.0)
    found = kata.detect([logits, other], [anchors, anchors[:1]], [8.0, 16.0], 0.2)
    places = [4, 4, *np.repeat([0, 1, 2, 3, 5], 2)]
    expected = [*second[places[:2]], *np.repeat(boxes, 2, axis=0), *second[places[2:]]]
    assert_detected(found, expected, [1.0] * 2 + [0.25] * 58, [0, 1] * 30)


@strict
def test_small_scores(kata):
    """Scores near 0 keep their relative precision, and sigmoids of large logits are 0 or 1."""
    zero = [0.0] * 4
    found = kata.decode_grid(logits_of(*zero, -50.0, -40.0, -600.0, 800.0), ANCHOR, 8.0).scores
    assert_close(found, [[math.exp(-90.0), math.exp(-650.0), math.exp(-50.0)]], atol=0.0)
    found = kata.decode_grid(logits_of(-800.0, 800.0, 0.0, 0.0, 800.0, -800.0, 800.0), ANCHOR, 8.0)
    assert_close(found.boxes, [[-2.0, 7.0, 2.0, 9.0]])
    assert_close(found.scores, [[0.0, 1.0]])


@strict
def test_types(kata, grid):
    """Logits may be of any float or integer type, anchors of any integer type."""
    logits, anchors = grid
    for kind in (np.float16, np.float32):
        given = logits.astype(kind)
        found, expected = kata.decode_grid(given, anchors, 8.0), defined(given, anchors, 8.0)
        assert_close(found.boxes, expected[0])
        assert_close(found.scores, expected[1])
    for kind in (np.int8, np.int16, np.int64):
        given = np.clip(logits * 3, -5, 5).astype(kind)
        given[4, 0, 0] = -128
        for sizes in (anchors.astype(np.uint8), (anchors * 4).astype(kind)):
            found, expected = kata.decode_grid(given, sizes, 8.0), defined(given, sizes.tolist(), 8.0)
            assert_close(found.boxes, expected[0])
            assert_close(found.scores, expected[1])


@strict
def test_bad_channels(kata, grid):
    """Channels that are not n_anchors * (5 + n_classes), with at least one class, raise ValueError."""
    logits, anchors = grid
    for bad in (logits[:17], logits[:13], logits[:10], logits[:8], logits[:2]):
        with pytest.raises(ValueError):
            kata.decode_grid(bad, anchors, 8.0)
    for bad in (logits[:5], logits[:4], logits[:1]):
        with pytest.raises(ValueError):
            kata.decode_grid(bad, anchors[:1], 8.0)


def workload(kata, rng, n):
    """Two grids, one twice as fine as the other, with logits that repeat, and a threshold that few pairs pass."""
    side = n // 16 + 1
    grids = [rng.normal(size=(24, side * k, side * k + k)).round(1) for k in (1, 2)]
    for each in grids:
        each[4::8] -= 1.0
    anchors = [rng.integers(20, 90, size=(3, 2)) / 2, rng.integers(4, 30, size=(3, 2)) / 2]
    return kata.decode_grid(grids[0], anchors[0], 16.0), kata.detect(grids, anchors, [16.0, 8.0], 0.3)


def picture(kata, rng):
    anchors = np.array([[40.0, 20.0], [18.0, 44.0]])
    flat = kata.decode_grid(np.zeros((12, 3, 4)), anchors, 32.0).boxes
    logits = np.concatenate([rng.normal(scale=0.6, size=(4, 3, 4)), np.full((2, 3, 4), -4.0)] * 2)
    logits[4:6, 1, 1], logits[10:12, 1, 2], logits[10:12, 0, 3] = 3.0, 4.0, 2.5
    found = kata.detect([logits], [anchors], [32.0], 0.5)
    axes = "x, pixels", "y, pixels"
    lines = [*(Mark(32.0 * k) for k in range(5)), *(Mark(32.0 * k, level=True) for k in range(4))]
    return [
        Panel(
            "Logits of 0",
            *axes,
            [*lines, Boxes(flat, "all cells", faint=True), Boxes(flat[[5, 18]], "two anchors")],
            note="Each cell holds a box of each anchor, in its middle.",
            square=True,
        ),
        Panel(
            "Scores above 0.5",
            *axes,
            [*lines, Boxes(found.boxes, "found", [f"{score:.2f}" for score in found.scores])],
            note="A centre stays in its cell; a box may be larger than that.",
            square=True,
        ),
    ]


MISTAKES = {
    "offsets without a sigmoid": ("np.arange(width) + _sigmoid(t[:, 0])", "np.arange(width) + t[:, 0]"),
    "sizes by a sigmoid": ("np.exp(t[:, k + 2]) / 2", "_sigmoid(t[:, k + 2]) / 2"),
    "sizes as YOLOv5 has them": ("np.exp(t[:, k + 2]) / 2", "(2 * _sigmoid(t[:, k + 2])) ** 2 / 2"),
    "offsets as YOLOv5 has them": (
        "np.arange(width) + _sigmoid(t[:, 0])",
        "np.arange(width) - 0.5 + 2 * _sigmoid(t[:, 0])",
    ),
    "sizes as changes of the anchor": ("np.exp(t[:, k + 2]) / 2", "(1 + t[:, k + 2]) / 2"),
    "logits of sizes cut off": ("np.exp(t[:, k + 2]) / 2", "np.exp(np.minimum(t[:, k + 2], 4)) / 2"),
    "rows and columns swapped": [
        ("stride * (np.arange(width) + ", "stride * (np.arange(height)[:, None] + "),
        ("stride * (np.arange(height)[:, None] + _sigmoid(t[:, 1]", "stride * (np.arange(width) + _sigmoid(t[:, 1]"),
    ],
    "half a cell added": ("np.arange(width) + _sigmoid", "np.arange(width) + 0.5 + _sigmoid"),
    "boxes in cells, not in pixels": ("    x = stride * (", "    x = ("),
    "the offset alone in cells": (
        "stride * (np.arange(width) + _sigmoid(t[:, 0]))",
        "stride * np.arange(width) + _sigmoid(t[:, 0])",
    ),
    "anchors taken to be in cells": ("(anchors[:, k, None, None]", "(stride * anchors[:, k, None, None]"),
    "heights before widths": ("(anchors[:, k, None, None]", "(anchors[:, 1 - k, None, None]"),
    "centres and sizes": (
        "np.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=-1)",
        "np.stack([x, y, 2 * half_width, 2 * half_height], axis=-1)",
    ),
    "centres taken for corners": (
        "np.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=-1)",
        "np.stack([x, y, x + 2 * half_width, y + 2 * half_height], axis=-1)",
    ),
    "the whole size on each side": ("np.exp(t[:, k + 2]) / 2", "np.exp(t[:, k + 2])"),
    "boxes clipped at 0": ("Decoded(boxes.reshape(-1, 4)", "Decoded(np.maximum(boxes, 0).reshape(-1, 4)"),
    "boxes clipped at the grid": (
        "Decoded(boxes.reshape(-1, 4)",
        "Decoded(np.minimum(boxes, stride * np.array([width, height] * 2)).reshape(-1, 4)",
    ),
    "channels by kind, then by anchor": (
        "reshape(len(anchors), -1, height, width)",
        "reshape(-1, len(anchors), height, width).swapaxes(0, 1)",
    ),
    "the anchor moves fastest": [
        ("boxes.reshape(-1, 4)", "np.moveaxis(boxes, 0, 2).reshape(-1, 4)"),
        ("scores.reshape(-1, scores.shape[-1])", "np.moveaxis(scores, 0, 2).reshape(-1, scores.shape[-1])"),
    ],
    "column by column": ("boxes.reshape(-1, 4)", "boxes.swapaxes(1, 2).reshape(-1, 4)"),
    "scores reshaped without moving the axis": (
        "np.moveaxis(_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:]), 1, -1)",
        "(_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:])).reshape(len(anchors), height, width, -1)",
    ),
    "a softmax over classes": (
        "_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:])",
        "_sigmoid(t[:, 4:5]) * np.exp(t[:, 5:]) / np.exp(t[:, 5:]).sum(axis=1, keepdims=True)",
    ),
    "scores without the object": ("_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:])", "_sigmoid(t[:, 5:])"),
    "a sigmoid of the sum": ("_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:])", "_sigmoid(t[:, 4:5] + t[:, 5:])"),
    "the object among the classes": ("_sigmoid(t[:, 5:])", "_sigmoid(t[:, 4:])"),
    "the best class of a box only": (
        "np.nonzero(scores > threshold)",
        "np.nonzero((scores > threshold) & (np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None]))",
    ),
    "a score equal to the threshold": ("np.nonzero(scores > threshold)", "np.nonzero(scores >= threshold)"),
    "lowest score first": ('np.argsort(-found, kind="stable")', 'np.argsort(found, kind="stable")'),
    "ties in reverse": ('np.argsort(-found, kind="stable")', 'np.argsort(found, kind="stable")[::-1]'),
    "ties in any order": ('np.argsort(-found, kind="stable")', "np.argsort(-found)"),
    "no order": ('np.argsort(-found, kind="stable")', "np.arange(len(found))"),
    "labels that stay where they were": ("found[order], labels[order]", "found[order], labels"),
    "labels from 1": ("found[order], labels[order]", "found[order], labels[order] + 1"),
    "the first stride for all grids": (
        "zip(grids, anchors, strides, strict=True)]\n    boxes, scores",
        "zip(grids, anchors, [strides[0]] * len(grids))]\n    boxes, scores",
    ),
    "the first anchors for all grids": (
        "zip(grids, anchors, strides, strict=True)]\n    boxes, scores",
        "zip(grids, [anchors[0]] * len(grids), strides)]\n    boxes, scores",
    ),
}

STRICT_MISTAKES = {
    "precision of the logits": ("logits.astype(np.float64)", "logits"),
    "a sigmoid from 1": ("return 1 / (1 + np.exp(-t))", "return 1 - 1 / (1 + np.exp(t))"),
    "a sigmoid by tanh": ("return 1 / (1 + np.exp(-t))", "return (1 + np.tanh(t / 2)) / 2"),
    "an exp that overflows": ("return 1 / (1 + np.exp(-t))", "return np.exp(t) / (1 + np.exp(t))"),
    "any channels pass": ("if t.shape[1] < 6:", "if False:"),
}
