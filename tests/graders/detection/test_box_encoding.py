import math

import numpy as np
import pytest

from katagrad.picture import Boxes, Line, Mark, Panel
from katagrad.testing import assert_close, strict

# Four wide and eight high, around (2, 4).
ANCHOR = [0.0, 0.0, 4.0, 8.0]

WEIGHTS = (10.0, 5.0, 0.5, 2.0)


@pytest.fixture
def pairs(rng):
    """Six boxes and their anchors, anywhere around zero, of sides from a quarter to eight."""
    lower, sides = rng.integers(-40, 41, size=(12, 2)) / 4, rng.integers(1, 33, size=(12, 2)) / 4
    boxes = np.hstack([lower, lower + sides])
    return boxes[:6], boxes[6:]


def defined_deltas(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    """Write the four formulas down, box by box."""
    rows = []
    for (x1, y1, x2, y2), (xa1, ya1, xa2, ya2) in zip(boxes, anchors, strict=True):
        wa, ha = xa2 - xa1, ya2 - ya1
        dx, dy = ((x1 + x2) / 2 - (xa1 + xa2) / 2) / wa, ((y1 + y2) / 2 - (ya1 + ya2) / 2) / ha
        deltas = dx, dy, math.log((x2 - x1) / wa), math.log((y2 - y1) / ha)
        rows.append([weight * delta for weight, delta in zip(weights, deltas, strict=True)])
    return rows


def encode(kata, boxes, anchors, *weights):
    return kata.encode(np.array(boxes, dtype=float), np.array(anchors, dtype=float), *weights)


def decode(kata, deltas, anchors, *more, **named):
    return kata.decode(np.array(deltas, dtype=float), np.array(anchors, dtype=float), *more, **named)


def test_encode(kata, pairs):
    """The centre moves by dx and dy, in sides of the anchor; dw and dh are the logarithms of the ratios of sides."""
    # The box is 8 by 8 around (5, 6).
    assert_close(encode(kata, [[1.0, 2.0, 9.0, 10.0]], [ANCHOR]), [[0.75, 0.25, math.log(2), 0.0]])
    assert_close(encode(kata, [ANCHOR], [[1.0, 2.0, 9.0, 10.0]]), [[-0.375, -0.25, -math.log(2), 0.0]])
    assert_close(encode(kata, [[-7.0, 1.0, -5.0, 3.0]], [ANCHOR]), [[-2.0, -0.25, -math.log(2), -math.log(4)]])
    assert_close(encode(kata, *pairs), defined_deltas(*pairs))


def test_decode(kata, pairs):
    """The centre moves by multiples dx and dy of the anchor's sides; exp(dw) and exp(dh) are factors of them."""
    assert_close(decode(kata, [[0.75, 0.25, math.log(2), 0.0]], [ANCHOR]), [[1.0, 2.0, 9.0, 10.0]])
    assert_close(decode(kata, [[-0.75, 0.5, -math.log(2), math.log(3)]], [ANCHOR]), [[-2.0, -4.0, 0.0, 20.0]])
    assert_close(decode(kata, [[-3.0, -2.0, 0.0, 0.0]], [[1.0, 2.0, 4.0, 8.0]]), [[-8.0, -10.0, -5.0, -4.0]])
    boxes, anchors = pairs
    assert_close(decode(kata, defined_deltas(boxes, anchors), anchors), boxes)


def test_no_change(kata, pairs):
    """Equal boxes have the deltas 0, and deltas of 0 give the anchor back."""
    boxes, anchors = pairs
    assert_close(encode(kata, [ANCHOR, ANCHOR], [ANCHOR, ANCHOR]), np.zeros((2, 4)))
    assert_close(decode(kata, [[0.0, 0.0, 0.0, 0.0]], [ANCHOR]), [ANCHOR])
    assert_close(encode(kata, boxes, boxes, WEIGHTS), np.zeros((6, 4)))
    assert_close(decode(kata, np.zeros((6, 4)), anchors, WEIGHTS), anchors)
    # One of the four changes, and the others stay.
    for deltas, box in [
        ([1.0, 0.0, 0.0, 0.0], [4.0, 0.0, 8.0, 8.0]),
        ([0.0, 1.0, 0.0, 0.0], [0.0, 8.0, 4.0, 16.0]),
        ([0.0, 0.0, math.log(2), 0.0], [-2.0, 0.0, 6.0, 8.0]),
        ([0.0, 0.0, 0.0, math.log(2)], [0.0, -4.0, 4.0, 12.0]),
    ]:
        assert_close(decode(kata, [deltas], [ANCHOR]), [box])
        assert_close(encode(kata, [box], [ANCHOR]), [deltas])


def test_weights(kata, pairs):
    """Each delta has its own weight: encode multiplies by it, and decode divides by it before anything else."""
    deltas = np.array([0.75, 0.25, math.log(2), math.log(3)])
    box = [1.0, -6.0, 9.0, 18.0]
    for weights in [WEIGHTS, (10.0, 10.0, 5.0, 5.0), (0.25, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1e-6)]:
        assert_close(encode(kata, [box], [ANCHOR], weights), [deltas * weights])
        assert_close(decode(kata, [deltas * weights], [ANCHOR], weights), [box])
    boxes, anchors = pairs
    expected = defined_deltas(boxes, anchors, WEIGHTS)
    assert_close(encode(kata, boxes, anchors, WEIGHTS), expected)
    assert_close(decode(kata, expected, anchors, WEIGHTS), boxes)


def test_cap(kata, rng):
    """A width or height is at most max_scale times the anchor's, around the same centre. There is no lower limit."""
    # 62.5 * 4 = 250 and 62.5 * 8 = 500; the centre moves to (6, 0).
    assert_close(decode(kata, [[1.0, -0.5, 5.0, 0.0]], [ANCHOR]), [[-119.0, -4.0, 131.0, 4.0]])
    assert_close(decode(kata, [[1.0, -0.5, 0.0, 5.0]], [ANCHOR]), [[4.0, -250.0, 8.0, 250.0]])
    # exp(4.1) is 60.3 and stays; exp(4.2) is 66.7.
    half = 2 * math.exp(4.1)
    assert_close(decode(kata, [[0.0, 0.0, 4.1, 4.2]], [ANCHOR]), [[2 - half, -246.0, 2 + half, 254.0]])
    for cap in (0.5, 1.0, 3.0, 1000.0):
        for log in (-7.0, -0.25, 0.0, 0.5, 2.0, 6.0, 9.0, 1e6):
            half = 0.5 * min(math.exp(min(log, 9.0)), cap)
            expected = [[-2 * half, -half, 2 * half, half]]
            assert_close(decode(kata, [[0.0, 0.0, log, log]], [[-1.0, -0.5, 1.0, 0.5]], max_scale=cap), expected)
    # The weights come first: 6.0 / 5.0 is below the limit, and 0.5 / 0.1 above.
    half = 2 * math.exp(1.2)
    weights = (1.0, 1.0, 5.0, 0.1)
    assert_close(decode(kata, [[0.0, 0.0, 6.0, 0.5]], [ANCHOR], weights), [[2 - half, -246.0, 2 + half, 254.0]])
    # Neither overflows, and dx and dy have no limit.
    assert_close(decode(kata, [[0.0, 0.0, 1e6, -1e6]], [ANCHOR]), [[-123.0, 4.0, 127.0, 4.0]])
    assert_close(decode(kata, [[1000.0, -1e5, 0.0, 0.0]], [ANCHOR]), [[4000.0, -800_000.0, 4004.0, -799_992.0]])
    logs = rng.uniform(-12.0, 0.0, size=(4, 2))
    assert_close(
        decode(kata, np.hstack([np.zeros((4, 2)), logs]), [[-1.0, -1.0, 1.0, 1.0]] * 4),
        np.hstack([-np.exp(logs), np.exp(logs)]),
        atol=0.0,
    )


def test_units(kata):
    """Large and small boxes are treated alike, and a small difference counts."""
    box, deltas = np.array([[1.0, 2.0, 9.0, 10.0]]), [[0.75, 0.25, math.log(2), 0.0]]
    for unit in (2.0**-21, 2.0**-10, 2.0**10, 2.0**16):
        anchor = np.array([ANCHOR]) * unit
        assert_close(encode(kata, box * unit, anchor), deltas)
        assert_close(decode(kata, deltas, anchor), box * unit, atol=0.0)
    # Sides of very different sizes.
    flat = [[-(2.0**17), -(2.0**-19), 2.0**17, 2.0**-19]]
    assert_close(encode(kata, flat, [[-1.0, -1.0, 1.0, 1.0]]), [[0.0, 0.0, 17 * math.log(2), -19 * math.log(2)]])
    assert_close(encode(kata, [[-1.0, -1.0, 1.0, 1.0]], flat), [[0.0, 0.0, -17 * math.log(2), 19 * math.log(2)]])
    # A box that is nearly its anchor.
    near = [[1 - 2.0**-18, 1.0, 3.0, 3 + 2.0**-18]]
    small = math.log1p(2.0**-19)
    expected = [[-(2.0**-20), 2.0**-20, small, small]]
    assert_close(encode(kata, near, [[1.0, 1.0, 3.0, 3.0]]), expected, rtol=1e-6, atol=0.0)
    assert_close(decode(kata, expected, [[1.0, 1.0, 3.0, 3.0]]), near)


def test_rows(kata, pairs):
    """Row i belongs to anchor i, for one row, none, or anchors that are repeated."""
    boxes, anchors = pairs
    for rows in ([3], [5, 0, 0, 2], []):
        expected = np.array(defined_deltas(boxes[rows], anchors[rows], WEIGHTS)).reshape(-1, 4)
        assert_close(encode(kata, boxes[rows], anchors[rows], WEIGHTS), expected)
        assert_close(decode(kata, expected, anchors[rows], WEIGHTS), boxes[rows])
    repeated = np.tile(anchors[:1], (6, 1))
    assert_close(encode(kata, boxes, repeated), defined_deltas(boxes, repeated))


def test_no_area(kata):
    """A box or an anchor whose width or height is 0 or negative raises ValueError, wherever it stands."""
    good = [ANCHOR, [1.0, 2.0, 3.0, 5.0]]
    for bad in (
        [1.0, 2.0, 1.0, 5.0],
        [1.0, 2.0, 3.0, 2.0],
        [1.0, 2.0, 1.0, 2.0],
        [3.0, 2.0, 1.0, 5.0],
        [1.0, 5.0, 3.0, 2.0],
        [3.0, 5.0, 1.0, 2.0],
        [0.0, 0.0, 0.0, 0.0],
    ):
        for rows in ([bad, good[1]], [good[1], bad]):
            with pytest.raises(ValueError):
                encode(kata, rows, good)
            with pytest.raises(ValueError):
                encode(kata, good, rows)
            with pytest.raises(ValueError):
                decode(kata, [[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 0.0, 0.0]], rows)
        with pytest.raises(ValueError):
            encode(kata, [bad], [bad])


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.int64])
def test_integers(kata, kind):
    """Boxes and anchors may be integers of any type: no centre or side wraps around."""
    scale = 2**26 if kind in (np.int32, np.int64) else 10
    box, anchor = np.array([[1, 2, 9, 10]]) * scale, np.array([ANCHOR]) * scale
    expected = [[0.75, 0.25, math.log(2), 0.0]]
    assert_close(kata.encode(box.astype(kind), anchor.astype(kind)), expected)
    assert_close(kata.encode(box.astype(kind), anchor), expected)
    assert_close(kata.decode(np.array(expected), anchor.astype(kind)), box)
    for bad in ([[3, 2, 1, 5]], [[1, 2, 1, 5]]):
        with pytest.raises(ValueError):
            kata.encode(np.array(bad, dtype=kind), anchor)
        with pytest.raises(ValueError):
            kata.decode(np.array(expected), np.array(bad, dtype=kind))
    far = np.array([[-120, -100, 120, 100]], dtype=np.int8)
    assert_close(kata.encode(far, far), np.zeros((1, 4)))
    assert_close(kata.decode(np.zeros((1, 4), dtype=int), far), far)


@strict
def test_bad_arrays(kata):
    """Another shape than (n, 4), lengths that differ, and a value that is not finite raise ValueError."""
    one = [ANCHOR]
    for first, second in [
        (ANCHOR, ANCHOR),
        ([ANCHOR[:3]], [ANCHOR[:3]]),
        ([[*ANCHOR, 9.0]], [[*ANCHOR, 9.0]]),
        ([one], [one]),
        ([], []),
        (one, one * 2),
        (one * 2, one),
        (np.empty((0, 4)), one),
        (one, ANCHOR),
    ]:
        for function in (encode, decode):
            with pytest.raises(ValueError):
                function(kata, first, second)
    for place in range(4):
        for value in (np.nan, np.inf, -np.inf):
            bad = [[*ANCHOR[:place], value, *ANCHOR[place + 1 :]]]
            for first, second in [(bad, one), (one, bad)]:
                for function in (encode, decode):
                    with pytest.raises(ValueError):
                        function(kata, first, second)


@strict
def test_bad_parameters(kata):
    """A weight or max_scale that is 0 or negative raises ValueError."""
    for weights in [(0.0, 1.0, 1.0, 1.0), (1.0, -1.0, 1.0, 1.0), (1.0, 1.0, 0.0, 1.0), (1.0, 1.0, 1.0, -2.0)]:
        for function in (encode, decode):
            with pytest.raises(ValueError):
                function(kata, [ANCHOR], [ANCHOR], weights)
    for cap in (0.0, -1.0):
        with pytest.raises(ValueError):
            decode(kata, [[0.0, 0.0, 0.0, 0.0]], [ANCHOR], max_scale=cap)


def workload(kata, rng, n):
    """Boxes near their anchors, some equal to them, and predictions of which a few are far off."""
    lower, sides = rng.uniform(0.0, 500.0, size=(n, 2)), rng.uniform(8.0, 200.0, size=(n, 2))
    anchors = np.hstack([lower, lower + sides]).round()
    boxes = anchors + rng.normal(scale=1.5, size=(n, 4)) * (rng.random((n, 1)) < 0.8)
    deltas = rng.normal(scale=3.0, size=(n, 4))
    weights = 10.0, 10.0, 5.0, 5.0
    return (
        kata.encode(boxes, anchors),
        kata.encode(boxes, anchors, weights),
        kata.decode(deltas, anchors),
        kata.decode(deltas, anchors, weights, 1.5),
    )


def picture(kata, rng):
    anchors = np.array([[10.0, 14.0, 34.0, 62.0], [54.0, 40.0, 90.0, 64.0]])
    boxes = np.array([[18.0, 6.0, 54.0, 66.0], [50.0, 10.0, 94.0, 52.0]]) + rng.integers(-3, 4, size=(2, 4))
    deltas = kata.encode(boxes, anchors)
    parts = np.vstack([kata.decode(share * deltas, anchors) for share in (1 / 3, 2 / 3)])
    logs = np.linspace(-3.0, 8.0, 111)
    rows = np.zeros((2, len(logs), 4))
    rows[:, :, 2] = logs
    anchor = np.tile([0.0, 0.0, 10.0, 10.0], (len(logs), 1))
    widths = [kata.decode(rows[0], anchor, max_scale=cap) @ [-1.0, 0.0, 1.0, 0.0] for cap in (62.5, 1e6)]
    texts = [f"dx {one[0]:.2f}, dw {one[2]:.2f}" for one in deltas]
    return [
        Panel(
            "From the anchor to the box",
            "x, pixels",
            "y, pixels",
            [
                Boxes(anchors, "anchor", faint=True),
                Boxes(parts, "a third, two thirds", faint=True),
                Boxes(boxes, "box", texts),
            ],
            note="A part of the deltas is a part of the way: the sides change by equal factors.",
            square=True,
        ),
        Panel(
            "The width that dw gives, anchor 10 wide",
            "dw",
            "width, pixels",
            [
                Line(logs, widths[1], "without a limit", faint=True),
                Line(logs, widths[0], "max_scale 62.5"),
                Mark(0.0, "anchor"),
            ],
            note="Above the limit dw changes nothing; below it, every step of dw is one factor.",
            log="y",
        ),
    ]


MISTAKES = {
    "offsets in units of the box": ("centres - anchor_centres) / anchor_sizes", "centres - anchor_centres) / sizes"),
    "offsets in pixels": ("(centres - anchor_centres) / anchor_sizes", "centres - anchor_centres"),
    "offsets of the corner, not the centre": (
        "return (boxes[:, :2] + boxes[:, 2:]) / 2, sizes",
        "return boxes[:, :2], sizes",
    ),
    "ratios without a logarithm": ("np.log(sizes / anchor_sizes)])", "sizes / anchor_sizes - 1])"),
    "the logarithm of the inverse ratio": ("np.log(sizes / anchor_sizes)])", "np.log(anchor_sizes / sizes)])"),
    "a logarithm to base 2": ("np.log(sizes / anchor_sizes)])", "np.log2(sizes / anchor_sizes)])"),
    "boxes and anchors swapped": (
        "(anchor_centres, anchor_sizes) = _centred(boxes), _centred(anchors)",
        "(anchor_centres, anchor_sizes) = _centred(anchors), _centred(boxes)",
    ),
    "pixels counted: a side is one longer": (
        "sizes = boxes[:, 2:] - boxes[:, :2]\n",
        "sizes = boxes[:, 2:] - boxes[:, :2] + 1\n",
    ),
    "a little added to a side": (
        "sizes = boxes[:, 2:] - boxes[:, :2]\n",
        "sizes = boxes[:, 2:] - boxes[:, :2] + 1e-9 * (boxes[:, 2:] > boxes[:, :2])\n",
    ),
    "small sides are taken for 0": ("(sizes > 0).all()", "(sizes > 1e-5).all()"),
    "small deltas are rounded away": (
        "np.hstack([offsets, np.log(sizes / anchor_sizes)])",
        "np.round(np.hstack([offsets, np.log(sizes / anchor_sizes)]), 8)",
    ),
    "sides of 0 pass": ("not (sizes > 0).all()", "not (sizes >= 0).all()"),
    "sides of 0 are raised to a floor": (
        "    if not (sizes > 0).all():",
        "    sizes = np.maximum(sizes, 1e-6)\n    if not (sizes > 0).all():",
    ),
    "corners in the wrong order are sorted": (
        "sizes = boxes[:, 2:] - boxes[:, :2]\n",
        "sizes = np.abs(boxes[:, 2:] - boxes[:, :2])\n",
    ),
    "boxes without any positive side are refused only": ("(sizes > 0).all()", "(sizes > 0).any(axis=1).all()"),
    "encode divides by the weights": (
        "np.log(sizes / anchor_sizes)]) * _positive(weights)",
        "np.log(sizes / anchor_sizes)]) / _positive(weights)",
    ),
    "decode multiplies by the weights": ("deltas / _positive(weights)", "deltas * _positive(weights)"),
    "decode without weights": ("deltas / _positive(weights)", "deltas + 0 * _positive(weights)"),
    "no limit": ("np.exp(np.minimum(deltas[:, 2:], np.log(_positive(max_scale))))", "np.exp(deltas[:, 2:])"),
    "the limit always 62.5": ("np.log(_positive(max_scale))", "np.log(62.5 + 0 * _positive(max_scale))"),
    "the limit on the logarithm itself": ("np.log(_positive(max_scale))", "_positive(max_scale)"),
    "the limit on both ends": (
        "np.minimum(deltas[:, 2:], np.log(_positive(max_scale)))",
        "np.clip(deltas[:, 2:], -np.abs(np.log(_positive(max_scale))), np.log(_positive(max_scale)))",
    ),
    "the limit before the weights": (
        "    (anchor_centres, anchor_sizes), deltas = _centred(anchors), deltas / _positive(weights)",
        (
            "    deltas = np.hstack([deltas[:, :2], np.minimum(deltas[:, 2:], np.log(_positive(max_scale)))])\n"
            "    (anchor_centres, anchor_sizes), deltas = _centred(anchors), deltas / _positive(weights)"
        ),
    ),
    "all four deltas limited": (
        "_centred(anchors), deltas / _positive(weights)",
        "_centred(anchors), np.minimum(deltas / _positive(weights), np.log(_positive(max_scale)))",
    ),
    "the box moves with the limit": (
        "    return np.hstack([centres - sizes / 2, centres + sizes / 2])",
        (
            "    lower = centres - anchor_sizes * np.exp(np.minimum(deltas[:, 2:], 500)) / 2\n"
            "    return np.hstack([lower, lower + sizes])"
        ),
    ),
    "offsets in units of the new size": (
        "deltas[:, :2] * anchor_sizes",
        "deltas[:, :2] * anchor_sizes * np.exp(deltas[:, 2:])",
    ),
    "centre and size returned": (
        "np.hstack([centres - sizes / 2, centres + sizes / 2])",
        "np.hstack([centres, sizes])",
    ),
    "boxes cut off at the border of the image": (
        "np.hstack([centres - sizes / 2, centres + sizes / 2])",
        "np.maximum(np.hstack([centres - sizes / 2, centres + sizes / 2]), 0)",
    ),
    "1 + dw for exp(dw)": (
        "np.exp(np.minimum(deltas[:, 2:], np.log(_positive(max_scale))))",
        "np.minimum(1 + deltas[:, 2:], _positive(max_scale))",
    ),
}

STRICT_MISTAKES = {
    "integers wrap around": ("    boxes = boxes.astype(np.float64)\n", ""),
    "one box for many anchors": (" or rows.shape != anchors.shape", ""),
    "any number passes": ("if not (np.isfinite(rows).all() and np.isfinite(anchors).all()):", "if False:"),
    "weights of 0": ("if not (factors > 0).all():", "if False:"),
}
