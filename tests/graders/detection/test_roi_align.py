import numpy as np
import pytest

from katagrad.picture import Heat, Panel
from katagrad.testing import assert_close, strict

# Two channels of three rows and four columns, no two values related.
MAP = np.array([[[3.0, 0, 8, 1], [5, 9, 2, 6], [7, 4, 1, 12]], [[-2.0, 11, 4, 0], [1, 1, 13, 5], [6, -8, 10, 3]]])


def values(features, y, x):
    """Weight all cells by how near they are to each point on both axes."""
    _, height, width = features.shape
    inside = (y >= -1) & (y <= height) & (x >= -1) & (x <= width)
    sides = (np.clip(y, 0, height - 1), height), (np.clip(x, 0, width - 1), width)
    near_y, near_x = (np.maximum(1 - abs(at[:, np.newaxis] - np.arange(n)), 0) for at, n in sides)
    return np.einsum("cij,pi,pj->cp", features, near_y, near_x) * inside


def defined(features, boxes, output_size, spatial_scale=1.0, sampling_ratio=2):
    """Average the values at the points of each bin, a box at a time."""
    height, width = output_size
    shape = height, width, sampling_ratio, sampling_ratio
    i, j, k, m = np.indices(shape).reshape(4, -1)
    out = np.zeros((len(boxes), len(features), height, width))
    for n, box in enumerate(boxes):
        x1, y1, x2, y2 = (spatial_scale * c - 0.5 for c in box)
        y = y1 + (y2 - y1) / height * (i + (k + 0.5) / sampling_ratio)
        x = x1 + (x2 - x1) / width * (j + (m + 0.5) / sampling_ratio)
        out[n] = values(features, y, x).reshape(-1, *shape).mean(axis=(3, 4))
    return out


def at(kata, features, *points):
    """Return the values at points (y, x), one column each."""
    y, x = np.array(points, dtype=float).T
    return kata.bilinear(np.asarray(features, dtype=float), y, x)


def align(kata, features, box, output_size=(1, 1), *arguments, **named):
    """Return the features of one box."""
    boxes = np.array([box], dtype=float)
    return kata.roi_align(np.asarray(features, dtype=float), boxes, output_size, *arguments, **named)[0]


def test_interpolation(kata, rng):
    """A value is interpolated linearly in y and in x; at a whole index it is the cell's own."""
    small = [[[0.0, 4.0], [8.0, 16.0]]]
    assert_close(at(kata, small, (0.5, 0.5), (0, 0.25), (0.25, 0), (1, 0.75), (0.25, 0.75)), [[7, 1, 2, 14, 5.75]])
    whole = [(i, j) for i in range(3) for j in range(4)]
    assert_close(at(kata, MAP, *whole), MAP.reshape(2, 12))
    assert_close(at(kata, MAP, (2, 3), (0.5, 2.5), (1, 1 / 3)), [[12, 17 / 4, 5 + 4 / 3], [3, 22 / 4, 1]])
    y, x = rng.uniform(0, 2, size=9), rng.uniform(0, 3, size=9)
    assert_close(kata.bilinear(MAP, y, x), values(MAP, y, x))


def test_edge(kata):
    """A point up to one cell outside counts as the nearest one inside, on each side."""
    assert_close(at(kata, MAP, (-0.5, 1), (2.75, 1), (1, -0.25), (1, 3.5)), [[0, 4, 5, 6], [11, -8, 1, 5]])
    assert_close(at(kata, MAP, (-0.5, 0.5), (1.5, 3.25), (-0.125, -0.75), (2.5, 3.5))[0], [1.5, 9, 3, 12])
    # One cell outside still counts.
    assert_close(at(kata, MAP, (-1, 1), (3, 1), (1, -1), (1, 4), (-1, -1), (3, 4))[0], [0, 4, 5, 6, 3, 12])
    one = np.full((1, 1, 1), 7.0)
    assert_close(at(kata, one, (0, 0), (-0.5, 0.75), (1, -1), (0.25, 0.25)), [[7, 7, 7, 7]])


def test_outside(kata):
    """A point more than one cell outside has the value 0, whatever the other index is."""
    far = [(-1.125, 1), (3.125, 1), (1, -1.125), (1, 4.125), (-9, -9), (2, 40), (-1.125, 2.5), (3.5, 3.75), (-0.5, 4.5)]
    assert_close(at(kata, MAP + 1.0, *far), np.zeros((2, 9)))
    assert_close(at(kata, MAP + 1.0, (-1.0 - 2.0**-20, 1), (1, 4.0 + 2.0**-20), (1, 1)), [[0, 0, 10], [0, 0, 2]])


def test_cells(kata):
    """A box over the whole map with one bin a cell gives the map: the centre of a cell is half a cell in."""
    assert_close(align(kata, MAP, [0, 0, 4, 3], (3, 4), sampling_ratio=1), MAP)
    assert_close(align(kata, MAP, [1, 2, 2, 3], sampling_ratio=1), MAP[:, 2:, 1:2])
    assert_close(align(kata, MAP, [1, 0, 3, 2], (2, 2), sampling_ratio=1), MAP[:, :2, 1:3])
    # Between two cells, and between four.
    assert_close(align(kata, MAP, [0, 0, 2, 1], sampling_ratio=1)[0], [[1.5]])
    assert_close(align(kata, MAP, [0, 0, 2, 2], sampling_ratio=1)[0], [[17 / 4]])
    # With two points a side, the points of a box of two by two cells are the four centres.
    assert_close(align(kata, MAP, [2, 1, 4, 3]), [[[21 / 4]], [[31 / 4]]])


def test_points(kata, rng):
    """A bin is the mean over sampling_ratio points along each axis, 2 by default, in the middles of equal parts."""
    squares = np.arange(9.0) ** 2 * np.ones((1, 5, 1))
    box = [0.5, 0, 8.5, 5]
    # The bin goes from index 0 to 8: the points are 4; 2 and 6; 1, 3, 5 and 7.
    for sampling_ratio, expected in [(1, 16), (2, 20), (4, 21)]:
        assert_close(align(kata, squares, box, (1, 1), 1.0, sampling_ratio), [[[expected]]])
        assert_close(align(kata, squares.swapaxes(1, 2), [0, 0.5, 5, 8.5], (1, 1), 1.0, sampling_ratio), [[[expected]]])
    assert_close(align(kata, squares, box), [[[20]]])
    for sampling_ratio in (1, 2, 3, 5):
        boxes = rng.uniform([-1, -1, 2, 2], [1, 1, 4, 3], size=(3, 4))
        expected = defined(MAP, boxes, (2, 3), 1.0, sampling_ratio)
        assert_close(kata.roi_align(MAP, boxes, (2, 3), sampling_ratio=sampling_ratio), expected)


def test_scale(kata, rng):
    """Boxes are in units of the image: first times spatial_scale, then half a cell less."""
    box = np.array([0.5, 0.25, 3.5, 2.75])
    expected = align(kata, MAP, box, (2, 2))
    for stride in (2, 16, 0.5):
        assert_close(align(kata, MAP, box * stride, (2, 2), 1 / stride), expected)
        assert_close(align(kata, MAP, [0, 0, 4 * stride, 3 * stride], (3, 4), 1 / stride, 1), MAP)
    boxes = rng.uniform([-9, -9, 20, 20], [9, 9, 40, 40], size=(4, 4))
    assert_close(kata.roi_align(MAP, boxes, (3, 2), 0.1, 3), defined(MAP, boxes, (3, 2), 0.1, 3))


def test_layout(kata, rng):
    """The result is (boxes, channels, bins in y, bins in x); boxes are x1, y1, x2, y2, each by itself."""
    features = rng.normal(size=(3, 7, 5))
    boxes = np.array([[0.5, 1, 4, 6], [3, 0, 4.5, 2], [0.5, 1, 4, 6], [1, 3, 2, 7]])
    for output_size in [(4, 2), (1, 3), (2, 1), (3, 3)]:
        expected = defined(features, boxes, output_size)
        assert_close(kata.roi_align(features, boxes, output_size), expected)
    assert_close(kata.roi_align(features, boxes[::-1], output_size), expected[::-1])
    assert_close(kata.roi_align(features, boxes[:0], (4, 2)), np.zeros((0, 3, 4, 2)))
    assert_close(kata.roi_align(features[1:2] * 1e6, boxes, (2, 2)), defined(features[1:2] * 1e6, boxes, (2, 2)))


def test_small_boxes(kata):
    """A box smaller than a cell keeps its size, and one without width or height has all points in one line."""
    ramp = np.arange(8.0) * np.ones((1, 8, 1)) + 10 * np.arange(8.0)[:, np.newaxis]
    # Index 3 to 3.25 in x and 2 to 2.5 in y.
    assert_close(align(kata, ramp, [3.5, 2.5, 3.75, 3.0], (1, 2)), [[[25.5625, 25.6875]]])
    assert_close(align(kata, ramp, [3.5, 2.5, 3.5, 4.5], (2, 2)), [[[28, 28], [38, 38]]])
    assert_close(align(kata, ramp, [3.5, 2.5, 5.5, 2.5], (2, 2)), [[[23.5, 24.5], [23.5, 24.5]]])
    assert_close(align(kata, ramp, [3.5, 2.5, 3.5, 2.5], (2, 1), sampling_ratio=3), [[[23], [23]]])
    tiny = align(kata, ramp, [3.5, 2.5, 3.5 + 2.0**-16, 2.5], (1, 2), sampling_ratio=1)
    assert_close(np.diff(tiny), [[[2.0**-17]]], rtol=1e-6, atol=0.0, what="the difference of the two bins")
    # Two points a 64th of a cell before and behind a centre, between cells that are 0.
    peak = np.zeros((1, 3, 3))
    peak[0, 1, 1] = 8.0
    near, lower = 2.0**-5, 8 - 2.0**-3
    assert_close(align(kata, peak, [1.5 - near, 1.5, 1.5 + near, 1.5]), [[[lower]]])
    assert_close(align(kata, peak, [1.5, 1.5 - near, 1.5, 1.5 + near]), [[[lower]]])


def test_boxes_that_reach_out(kata, rng):
    """Points outside of the map count in the mean: as the edge up to one cell away, and as 0 beyond."""
    ones = np.ones((1, 4, 4))
    # Index -4.5 to 3.5 in x: of eight points, the first four at -4, -3, -2 and -1.
    assert_close(align(kata, ones, [-4, 0, 4, 4], (1, 4)), [[[0, 0.5, 1, 1]]])
    assert_close(align(kata, ones, [0, -4, 4, 4], (4, 1)), [[[0], [0.5], [1], [1]]])
    assert_close(align(kata, ones, [0, 0, 8, 8], (2, 2), sampling_ratio=4), [[[1, 0.25], [0.25, 0.0625]]])
    assert_close(align(kata, ones, [9, 0, 12, 4], (2, 2)), np.zeros((1, 2, 2)))
    assert_close(align(kata, ones, [-9, -9, -7, -7], (2, 2)), np.zeros((1, 2, 2)))
    # Boxes beside the map, with all points less than one cell outside.
    for box, cell in [
        ([-0.5, 1, 0, 2], MAP[:, 1, 0]),
        ([1, -0.5, 2, 0], MAP[:, 0, 1]),
        ([4, 1, 4.5, 2], MAP[:, 1, 3]),
        ([1, 3, 2, 3.5], MAP[:, 2, 1]),
    ]:
        assert_close(align(kata, MAP, box, sampling_ratio=1)[:, 0, 0], cell)
    corners = rng.uniform(-3, 4, size=(6, 2))
    boxes = np.column_stack([corners, corners + rng.uniform(0, 6, size=(6, 2))])
    assert_close(kata.roi_align(MAP, boxes, (3, 2)), defined(MAP, boxes, (3, 2)))


@strict
def test_integers(kata):
    """Arrays may hold integers of any type: nothing wraps around or is rounded."""
    features = np.array([[[100, 20, 0], [0, 90, 120]]])
    boxes = np.array([[0, 0, 3, 2], [10, 0, 90, 100], [1, 1, 120, 2]])
    expected = defined(features.astype(float), boxes.tolist(), (2, 2), 0.25)
    y, x, half = np.array([0, 1, 1, 0]), np.array([0, 2, 3, 100]), np.array([0.5])
    long = np.arange(300.0).reshape(1, 1, 300)
    for kind in (np.uint8, np.int8, np.int16, np.int64):
        assert_close(kata.roi_align(features.astype(kind), boxes.astype(kind), (2, 2), 0.25), expected)
        assert_close(kata.bilinear(features.astype(kind), y.astype(kind), x.astype(kind)), [[100, 120, 120, 0]])
        assert_close(kata.bilinear(features.astype(kind), half, half), [[52.5]])
        assert_close(kata.bilinear(long, np.zeros(2, dtype=kind), np.array([3, 120], dtype=kind)), [[3, 120]])


@strict
def test_bad_input(kata):
    """A box that ends before it begins, and a sampling_ratio or an output size below 1, raise ValueError."""
    good = [0.0, 0.0, 2.0, 2.0]
    for bad in ([2.0, 0.0, 1.0, 2.0], [0.0, 2.0, 2.0, 1.0]):
        for boxes in ([bad], [good, bad]):
            with pytest.raises(ValueError):
                kata.roi_align(MAP, np.array(boxes), (2, 2))
    for output_size, sampling_ratio in [((0, 2), 2), ((2, 0), 2), ((-1, 2), 2), ((2, 2), 0), ((2, 2), -1)]:
        with pytest.raises(ValueError):
            kata.roi_align(MAP, np.array([good]), output_size, 1.0, sampling_ratio)


def workload(kata, rng, n):
    """Boxes of many sizes on a map at stride 4, some of them reaching out of it."""
    features = rng.normal(size=(3, 9, 12))
    corners = rng.uniform(-8, 40, size=(n, 2)).round()
    boxes = np.column_stack([corners, corners + rng.integers(0, 30, size=(n, 2))])
    y, x = rng.uniform(-2, 10, size=n), rng.uniform(-2, 13, size=n).round()
    return kata.bilinear(features, y, x), kata.roi_align(features, boxes, (3, 2), 0.25)


def picture(kata, rng):
    """Draw a feature map with a box, and what the box looks like at two sizes."""
    i, j = np.mgrid[:12, :16] + 0.5
    features = np.exp(-((i - 5) ** 2 + (j - 8.4) ** 2) / 6) + 0.03 * rng.normal(size=i.shape)
    box = np.array([[5.3, 2.2, 11.1, 7.6]])
    outputs = [kata.roi_align(features[np.newaxis], box, (size, size), 1.0, 2)[0, 0] for size in (3, 14)]
    return [
        Panel("Feature map", "x", "y", [Heat(features, "value")]),
        *(
            Panel(f"The box in {len(out)} by {len(out)} bins", "bin in x", "bin in y", [Heat(out, "value")])
            for out in outputs
        ),
    ]


MISTAKES = {
    "without the half cell": ("* ends - 0.5", "* ends"),
    "half a cell less before the scale": (
        "spatial_scale * ends - 0.5",
        "spatial_scale * (ends - 0.5)",
    ),
    "half a cell more": ("* ends - 0.5", "* ends + 0.5"),
    "no scale": ("spatial_scale * ends", "ends"),
    "edges of the box rounded": (
        "spatial_scale * ends - 0.5",
        "np.round(spatial_scale * ends) - 0.5",
    ),
    "a box has a cell at least": ("np.outer(high - low,", "np.outer(np.maximum(high - low, 1),"),
    "points at the beginning of their parts": ("(np.arange(n_points) + 0.5)", "np.arange(n_points)"),
    "points from edge to edge": (
        "(np.arange(n_points) + 0.5) / n_points",
        "np.linspace(0, 1, n_points)",
    ),
    "one point in a bin": (
        "    # Interpolation and",
        "    sampling_ratio = 1\n    # Interpolation and",
    ),
    "two points in a bin, whatever is asked for": (
        "    # Interpolation and",
        "    sampling_ratio = 2\n    # Interpolation and",
    ),
    "the largest value of a bin": ("        .mean(axis=2)\n", "        .max(axis=2)\n"),
    "the sum of a bin": ("        .mean(axis=2)\n", "        .sum(axis=2)\n"),
    "bins in x first": (
        "    return np.einsum(",
        "    features, in_y, in_x = features.swapaxes(1, 2), in_x, in_y\n    return np.einsum(",
    ),
    "y before x in a box": ("zip((1, 0), output_size", "zip((0, 1), output_size"),
    "width before height in the output size": ("zip((1, 0), output_size", "zip((1, 0), output_size[::-1]"),
    "channels before boxes": [
        ("return np.einsum", "return (np.einsum"),
        ("in_x.swapaxes(1, 2)[:, np.newaxis]\n", "in_x.swapaxes(1, 2)[:, np.newaxis]).swapaxes(0, 1)\n"),
    ],
    "x before y": (
        "    _, height, width = features.shape\n    return ((",
        "    _, height, width = features.shape\n    x, y = y, x\n    return ((",
    ),
    "the nearest cell": (
        "np.maximum(1 - distance, 0) * inside",
        "(distance <= 0.5) * inside",
    ),
    "zeros around the map": (
        "np.clip(at, 0, size - 1)[..., np.newaxis]",
        "at[..., np.newaxis]",
    ),
    "the edge goes on for ever": ("    inside = (at >= -1) & (at <= size)\n", "    inside = (at >= -np.inf)\n"),
    "outside of the cells is 0": ("(at >= -1) & (at <= size)", "(at >= -0.5) & (at <= size - 0.5)"),
    "outside of the centres is 0": ("(at >= -1) & (at <= size)", "(at >= 0) & (at <= size - 1)"),
    "one cell outside is 0": ("(at >= -1) & (at <= size)", "(at > -1) & (at < size)"),
    "clipped to the size": ("np.clip(at, 0, size - 1)", "np.clip(at, 0, size)"),
    "clipped on one side": ("np.clip(at, 0, size - 1)", "np.maximum(at, 0)"),
}

STRICT_MISTAKES = {
    "the type of the features": (
        "* _weights(x, width)).sum(axis=2)",
        "* _weights(x, width)).sum(axis=2).astype(features.dtype)",
    ),
    "the type of the boxes": (
        "(spatial_scale * ends - 0.5).T",
        "(spatial_scale * ends - 0.5).astype(ends.dtype).T",
    ),
    "boxes that end before they begin": ("if (boxes[:, 2:] < boxes[:, :2]).any():", "if False:"),
    "any number of bins and points": ("if min(*output_size, sampling_ratio) < 1:", "if False:"),
}
