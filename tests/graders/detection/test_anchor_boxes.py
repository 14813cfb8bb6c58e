from math import sqrt

import numpy as np
import pytest

from katagrad.picture import Boxes, Panel, Points
from katagrad.testing import assert_close, strict


@pytest.fixture
def shapes(rng):
    """Two or three scales and three or four ratios, in any order, not centred on 1."""
    return rng.uniform(2.0, 50.0, size=rng.integers(2, 4)), rng.uniform(0.2, 4.0, size=rng.integers(3, 5))


def boxes_of(kata, grid, stride, scales, ratios):
    """Return the anchors of two lists."""
    return kata.anchor_boxes(grid, stride, np.array(scales), np.array(ratios))


def defined(grid, stride, scales, ratios):
    """Return the anchors by the definition, one after the other."""
    boxes = []
    for i in range(grid[0]):
        for j in range(grid[1]):
            for s in scales:
                for r in ratios:
                    x, y, width, height = (j + 1 / 2) * stride, (i + 1 / 2) * stride, s / sqrt(r), s * sqrt(r)
                    boxes.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
    return np.array(boxes)


def test_one_anchor(kata):
    """With one cell, one scale and one ratio there is one anchor: x1, y1, x2, y2, around the middle of the cell."""
    assert_close(boxes_of(kata, (1, 1), 8.0, [6.0], [1.0]), [[1.0, 1.0, 7.0, 7.0]])
    assert_close(boxes_of(kata, (1, 1), 8.0, [8.0], [1.0]), [[0.0, 0.0, 8.0, 8.0]])
    assert_close(boxes_of(kata, (1, 1), 100.0, [8.0], [4.0]), [[48.0, 42.0, 52.0, 58.0]])


def test_ratios(kata, shapes):
    """An anchor has height / width = r, and the area s**2 whatever the ratio is."""
    # Widths and heights are 8 and 32, 32 and 8, 16 and 16.
    expected = [[42.0, 30.0, 50.0, 62.0], [30.0, 42.0, 62.0, 50.0], [38.0, 38.0, 54.0, 54.0]]
    assert_close(boxes_of(kata, (1, 1), 92.0, [16.0], [4.0, 0.25, 1.0]), expected)
    assert_close(boxes_of(kata, (1, 1), 0.5, [3.0], [9.0]), [[-0.25, -4.25, 0.75, 4.75]])
    scales, ratios = shapes
    sides = boxes_of(kata, (1, 1), 10.0, scales, ratios) @ np.array([[-1.0, 0], [0, -1], [1, 0], [0, 1]])
    assert_close(sides[:, 1] / sides[:, 0], np.tile(ratios, len(scales)), what="height / width")
    assert_close(sides.prod(axis=1), np.repeat(scales**2, len(ratios)), what="the area")


def test_cells(kata):
    """Row and column begin at 0, centres lie half a cell in, rows go with y and columns with x, row by row."""
    # Centres (5, 5), (15, 5), (25, 5), then the second row.
    expected = [[3, 3, 7, 7], [13, 3, 17, 7], [23, 3, 27, 7], [3, 13, 7, 17], [13, 13, 17, 17], [23, 13, 27, 17]]
    assert_close(boxes_of(kata, (2, 3), 10.0, [4.0], [1.0]), expected)
    assert_close(boxes_of(kata, (3, 1), 10.0, [4.0], [1.0]), [[3, 3, 7, 7], [3, 13, 7, 17], [3, 23, 7, 27]])
    assert_close(boxes_of(kata, (1, 3), 7.0, [1.0], [1.0]), [[3, 3, 4, 4], [10, 3, 11, 4], [17, 3, 18, 4]])
    # Three times 0.1 is a little more than 0.3, which makes no fourth cell.
    for grid in [(1, 3), (3, 1)]:
        assert_close(boxes_of(kata, grid, 0.1, [1.0], [1.0]), defined(grid, 0.1, [1.0], [1.0]))


def test_order(kata):
    """Anchors are ordered by row, then column, then scale, then ratio: the ratio changes fastest."""
    first = [[0, 3, 8, 5], [3, 0, 5, 8], [-4, 2, 12, 6], [2, -4, 6, 12]]
    second = [[8, 3, 16, 5], [11, 0, 13, 8], [4, 2, 20, 6], [10, -4, 14, 12]]
    assert_close(boxes_of(kata, (1, 2), 8.0, [4.0, 8.0], [0.25, 4.0]), first + second)
    assert_close(boxes_of(kata, (1, 1), 8.0, [8.0, 4.0], [4.0, 0.25]), first[::-1])


def test_definition(kata, rng, shapes):
    """The anchors of any grid are those of the formula, for any number of scales and ratios."""
    scales, ratios = shapes
    rows, columns = (int(side) for side in rng.integers(2, 6, size=2))
    for grid in [(rows, columns), (rows, rows + 1), (columns + 1, columns), (1, columns), (rows, 1)]:
        stride = float(rng.uniform(3.0, 20.0))
        assert_close(kata.anchor_boxes(grid, stride, scales, ratios), defined(grid, stride, scales, ratios))
        assert_close(kata.anchor_boxes(grid, stride, ratios, scales), defined(grid, stride, ratios, scales))
        assert_close(kata.anchor_boxes(grid, stride, scales[:1], ratios), defined(grid, stride, scales[:1], ratios))


def test_repeats(kata):
    """Scales and ratios keep their order, and one that occurs twice gives two anchors."""
    assert_close(boxes_of(kata, (1, 1), 4.0, [2.0, 2.0], [1.0]), [[1, 1, 3, 3]] * 2)
    wide, square = [0.0, 1.5, 4.0, 2.5], [1.0, 1.0, 3.0, 3.0]
    assert_close(boxes_of(kata, (1, 1), 4.0, [2.0], [1.0, 0.25, 1.0, 0.25]), [square, wide, square, wide])
    expected = defined((2, 2), 3.0, [5.0, 1.0, 5.0], [2.0, 2.0, 0.5])
    assert_close(boxes_of(kata, (2, 2), 3.0, [5.0, 1.0, 5.0], [2.0, 2.0, 0.5]), expected)


def test_as_they_are(kata):
    """Anchors are neither rounded nor clipped: sides may be fractions, and corners lie outside of the image."""
    assert_close(boxes_of(kata, (1, 2), 1.5, [0.5], [1.0]), [[0.5, 0.5, 1.0, 1.0], [2.0, 0.5, 2.5, 1.0]])
    assert_close(boxes_of(kata, (2, 1), 2.0, [16.0], [1.0]), [[-7, -7, 9, 9], [-7, -5, 9, 11]])
    assert_close(boxes_of(kata, (1, 1), 3.0, [2.0], [1.0]), [[0.5, 0.5, 2.5, 2.5]])


def test_sizes(kata):
    """Any positive stride, scale and ratio will do, small or large; what differs a little differs."""
    small, large = 2.0**-19, 2.0**19
    for unit in (small, large):
        expected = np.array([[1.0, -2.0, 3.0, 6.0], [5.0, -2.0, 7.0, 6.0]]) * unit
        assert_close(boxes_of(kata, (1, 2), 4 * unit, [4 * unit], [4.0]), expected, atol=0.0)
    # Widths of 2**9 and 2**-9, and the other way round.
    narrow, flat = 2.0**18, 2.0**-18
    expected = [[0.5 - 2.0**-10, 0.5 - 2.0**8, 0.5 + 2.0**-10, 0.5 + 2.0**8]]
    assert_close(boxes_of(kata, (1, 1), 1.0, [1.0], [narrow]), expected)
    assert_close(boxes_of(kata, (1, 1), 1.0, [1.0], [flat]), np.array(expected)[:, [1, 0, 3, 2]])
    near = [1.0 + 2.0**-20, 1.0 + 2.0**-19]
    assert_close(boxes_of(kata, (1, 1), 1.0, near, near), defined((1, 1), 1.0, near, near))


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64])
def test_integers(kata, kind):
    """Scales and ratios may be integers of any type."""
    scales, ratios = np.array([100, 7], dtype=kind), np.array([1, 3, 100], dtype=kind)
    expected = defined((2, 1), 200.0, [100.0, 7.0], [1.0, 3.0, 100.0])
    assert_close(kata.anchor_boxes((2, 1), 200.0, scales, ratios), expected)
    assert_close(kata.anchor_boxes((2, 1), 200.0, scales, ratios.astype(float)), expected)
    assert_close(kata.anchor_boxes((2, 1), 200.0, scales.astype(float), ratios), expected)


@strict
def test_nothing(kata):
    """Without rows, columns, scales or ratios there are no anchors: shape (0, 4)."""
    for grid in [(0, 3), (3, 0), (0, 0)]:
        assert_close(boxes_of(kata, grid, 8.0, [4.0, 2.0], [1.0]), np.empty((0, 4)))
    assert_close(boxes_of(kata, (2, 3), 8.0, [], [1.0]), np.empty((0, 4)))
    assert_close(boxes_of(kata, (2, 3), 8.0, [4.0], []), np.empty((0, 4)))
    assert_close(boxes_of(kata, (0, 3), 8.0, [], []), np.empty((0, 4)))


@strict
def test_bad_input(kata):
    """A negative grid, and a stride, scale or ratio that is not positive and finite, raise ValueError."""
    for grid in [(-1, 2), (2, -1), (-1, -1), (0, -1)]:
        with pytest.raises(ValueError):
            boxes_of(kata, grid, 8.0, [4.0], [1.0])
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError):
            boxes_of(kata, (2, 3), bad, [4.0], [1.0])
        for values in ([bad], [bad, 2.0], [2.0, bad]):
            with pytest.raises(ValueError):
                boxes_of(kata, (2, 3), 8.0, values, [1.0])
            with pytest.raises(ValueError):
                boxes_of(kata, (2, 3), 8.0, [4.0], values)


def workload(kata, rng, n):
    """Anchors of several rows and columns with a few shapes, some of them twice, and one cell with many."""
    scales, ratios = rng.uniform(1.0, 40.0, size=3).round(1), np.array([0.5, 1.0, 2.0, 1.0])
    many = rng.uniform(0.1, 9.0, size=n + 2)
    return (
        kata.anchor_boxes((n // 4 + 1, n // 3 + 2), 7.5, scales, ratios),
        kata.anchor_boxes((1, 1), 16.0, many, many[: n // 2 + 1]),
    )


def picture(kata, rng):
    scales, ratios = np.array([24.0, 40.0]), np.array([0.5, 1.0, 2.0])
    boxes = kata.anchor_boxes((4, 6), 16.0, scales, ratios).reshape(4, 6, 2, 3, 4)
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    cell = boxes[rng.integers(1, 3), rng.integers(1, 5)]
    image, axes = [[0.0, 0.0, 96.0, 64.0]], ("x, pixels", "y, pixels")
    texts = [f"ratio {ratio:g}" for ratio in ratios]
    return [
        Panel(
            "The anchors of one cell",
            *axes,
            [
                Boxes(image, "image", faint=True),
                Boxes(cell[0], "scale 24"),
                Boxes(cell[1], "scale 40", texts),
            ],
            note="Three ratios of one scale have the same area.",
            square=True,
        ),
        Panel(
            "The anchor of scale 24 and ratio 1 at each cell",
            *axes,
            [
                Boxes(image, "image", faint=True),
                Boxes(boxes[:, :, 0, 1].reshape(-1, 4), "anchors"),
                Points(centres[:, :, 0, 1, 0].ravel(), centres[:, :, 0, 1, 1].ravel(), "centres"),
            ],
            note="Half a cell in: as much lies beyond the left border as beyond the right one.",
            square=True,
        ),
    ]


MISTAKES = {
    "centres at the corner of a cell": ("(np.arange(cells) + 0.5)", "np.arange(cells)"),
    "centres half a cell too far": ("(np.arange(cells) + 0.5)", "(np.arange(cells) + 1)"),
    "centres in the middle of the last pixel": (
        "(np.arange(cells) + 0.5) * stride",
        "np.arange(cells) * stride + (stride - 1) / 2",
    ),
    "half a pixel in, not half a cell": ("(np.arange(cells) + 0.5) * stride", "np.arange(cells) * stride + 0.5"),
    "width over height": (
        "np.stack([scale / root, scale * root], axis=-1)",
        "np.stack([scale * root, scale / root], axis=-1)",
    ),
    "the ratio without its root": ("np.sqrt(ratios.astype(float))", "ratios.astype(float)"),
    "the scale for the width": ("[scale / root, scale * root]", "[scale + 0 * root, scale * root**2]"),
    "the scale for the height": ("[scale / root, scale * root]", "[scale / root**2, scale + 0 * root]"),
    "the scale for the longer side": (
        "[scale / root, scale * root]",
        "[scale / np.maximum(root**2, 1), scale * np.minimum(root**2, 1)]",
    ),
    "scales are areas": ("scale, root = scales[:, None]", "scale, root = np.sqrt(scales)[:, None]"),
    "scales in units of the stride": ("scale, root = scales[:, None]", "scale, root = scales[:, None] * stride"),
    "full sides on each side of the centre": (".reshape(-1, 2) / 2", ".reshape(-1, 2)"),
    "ratios before scales": (
        ".reshape(-1, 2) / 2",
        ".swapaxes(0, 1).reshape(-1, 2) / 2",
    ),
    "one scale for each ratio": (
        "np.stack([scale / root, scale * root], axis=-1).reshape(-1, 2) / 2",
        "np.stack([scale[:, 0] / root, scale[:, 0] * root], axis=-1) / 2",
    ),
    "column by column": ("np.meshgrid(x, y)", 'np.meshgrid(x, y, indexing="ij")'),
    "rows taken for x": ("    y, x = (", "    x, y = ("),
    "shapes before cells": (
        "np.concatenate([centres - halves, centres + halves], axis=-1).reshape(-1, 4)",
        "np.concatenate([centres - halves, centres + halves], axis=-1).transpose(2, 0, 1, 3).reshape(-1, 4)",
    ),
    "y before x": (
        "[centres - halves, centres + halves]",
        "[(centres - halves)[..., ::-1], (centres + halves)[..., ::-1]]",
    ),
    "centre and size": ("[centres - halves, centres + halves]", "[centres + 0 * halves, 2 * halves + 0 * centres]"),
    "corner and size": ("[centres - halves, centres + halves]", "[centres - halves, 2 * halves + 0 * centres]"),
    "the last pixel is inside": ("centres + halves]", "centres + halves - 1]"),
    "rounded": (
        "return np.concatenate([centres - halves, centres + halves], axis=-1)",
        "return np.round(np.concatenate([centres - halves, centres + halves], axis=-1))",
    ),
    "sizes rounded": (".reshape(-1, 2) / 2", ".reshape(-1, 2).round() / 2"),
    "clipped to the image on one side": (
        "return np.concatenate([centres - halves, centres + halves], axis=-1)",
        "return np.maximum(0, np.concatenate([centres - halves, centres + halves], axis=-1))",
    ),
    "clipped to the image on the other side": (
        "[centres - halves, centres + halves]",
        "[centres - halves, np.minimum(centres + halves, np.array(grid[::-1]) * stride)]",
    ),
    "scales sorted, once each": ("scale, root = scales", "scale, root = np.unique(scales)"),
    "ratios sorted, once each": ("np.sqrt(ratios.astype", "np.sqrt(np.unique(ratios).astype"),
    "a little added to the ratio": ("np.sqrt(ratios.astype(float))", "np.sqrt(ratios.astype(float) + 1e-6)"),
    "ratios cut off": ("np.sqrt(ratios.astype(float))", "np.sqrt(ratios.astype(float).clip(1e-3, 1e3))"),
    "at least a pixel wide": (".reshape(-1, 2) / 2", ".reshape(-1, 2).clip(1e-3) / 2"),
    "a square grid": ("for cells in grid)", "for cells in (grid[0], grid[0]))"),
}

STRICT_MISTAKES = {
    "half precision for small integers": ("np.sqrt(ratios.astype(float))", "np.sqrt(ratios)"),
    "no grid at all raises": ("if min(grid) < 0:", "if min(grid) <= 0:"),
    "a negative grid is empty": ("if min(grid) < 0:", "if False:"),
    "zero passes": ("(values > 0)", "(values >= 0)"),
    "infinity passes": ("(np.isfinite(values) & (values > 0))", "(values > 0)"),
    "NaN passes": (
        "if not (np.isfinite(values) & (values > 0)).all():",
        "if (values <= 0).any() or np.isinf(values).any():",
    ),
    "the stride is not checked": ('[("stride", np.array([stride])), ("scales"', '[("scales"'),
}
