"""`anchor_boxes` beside torchvision's generator of anchors, written out, and the claims of the follow-ups.

torchvision does not install beside the PyTorch of these tests. Its definition puts ratios before scales, centres at
j * stride, and rounds the corners of the anchors around 0. Here its steps are repeated in PyTorch without the rounding,
with the centres half a stride further and with the order that the kata asks for.
"""

from fractions import Fraction

import numpy as np
import pytest
import torch

from tests.oracles.claims import within

RATIOS = np.array([0.5, 1.0, 2.0])
STRIDES = (8, 16, 32, 64, 128)


def by_shifts(grid, stride, scales, ratios):
    """Return anchors in torchvision's steps: base anchors around 0, then shifts of the grid."""
    scales, ratios = torch.tensor(scales, dtype=torch.float64), torch.tensor(ratios, dtype=torch.float64)
    h_ratios = torch.sqrt(ratios)
    w_ratios = 1 / h_ratios
    ws, hs = (w_ratios[:, None] * scales[None, :]).T.reshape(-1), (h_ratios[:, None] * scales[None, :]).T.reshape(-1)
    base = torch.stack([-ws, -hs, ws, hs], dim=1) / 2
    shifts_x = torch.arange(grid[1], dtype=torch.float64) * stride + stride / 2
    shifts_y = torch.arange(grid[0], dtype=torch.float64) * stride + stride / 2
    shift_y, shift_x = (shift.reshape(-1) for shift in torch.meshgrid(shifts_y, shifts_x, indexing="ij"))
    shifts = torch.stack([shift_x, shift_y, shift_x, shift_y], dim=1)
    return (shifts.view(-1, 1, 4) + base.view(1, -1, 4)).reshape(-1, 4).numpy()


def pairwise_iou(a, b):
    """Return the IoU of each box of a with each of b."""
    lower, upper = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    both = (upper - lower).clip(0).prod(axis=2)
    area_a, area_b = ((x[:, 2:] - x[:, :2]).prod(axis=1) for x in (a, b))
    return both / (area_a[:, None] + area_b - both)


def assert_agrees(reference, grid, stride, scales, ratios):
    ours = reference.anchor_boxes(grid, stride, scales, ratios)
    size = stride + (scales.max() if scales.size else 0)
    np.testing.assert_allclose(ours, by_shifts(grid, stride, scales, ratios), rtol=1e-9, atol=1e-9 * size)


def test_random(reference, rng):
    for _ in range(200):
        grid = tuple(rng.integers(0, 7, size=2).tolist())
        scales = 10.0 ** rng.uniform(-6, 6, size=rng.integers(0, 4))
        ratios = 10.0 ** rng.uniform(-2, 2, size=rng.integers(0, 5))
        assert_agrees(reference, grid, 10.0 ** rng.uniform(-3, 3), scales, ratios)


def test_exactly(reference):
    """Where every root is a whole number nothing rounds: the formula in fractions."""
    expected = []
    for i in range(3):
        for j in range(2):
            for s in (3, 12, 3):
                for root in (Fraction(1, 2), Fraction(4), Fraction(1)):
                    x, y = (j + Fraction(1, 2)) * 7, (i + Fraction(1, 2)) * 7
                    expected.append([x - s / root / 2, y - s * root / 2, x + s / root / 2, y + s * root / 2])
    ours = reference.anchor_boxes((3, 2), 7.0, np.array([3.0, 12.0, 3.0]), np.array([0.25, 16.0, 1.0]))
    np.testing.assert_array_equal(ours, np.array(expected, dtype=float))


def test_edges(reference):
    one = np.array([1.0])
    for kind in (np.int8, np.uint8, np.int16, np.int64):
        assert_agrees(reference, (2, 3), 5, np.array([100, 3], dtype=kind), np.array([2, 100, 1], dtype=kind))
    for grid, scales, ratios in [
        ((0, 2), one, one),
        ((2, 0), one, one),
        ((2, 2), one[:0], one),
        ((2, 2), one, one[:0]),
    ]:
        assert reference.anchor_boxes(grid, 8.0, scales, ratios).shape == (0, 4)
    for bad in (0.0, -1.0, np.nan, np.inf):
        for arguments in [(bad, one, one), (8.0, np.array([1.0, bad]), one), (8.0, one, np.array([bad, 1.0]))]:
            with pytest.raises(ValueError):
                reference.anchor_boxes((2, 2), *arguments)
    for grid in [(-1, 2), (2, -1)]:
        with pytest.raises(ValueError):
            reference.anchor_boxes(grid, 8.0, one, one)


def test_claims_of_scales_and_ratios(reference):
    """The numbers of the first two follow-ups: boxes beside an anchor, moved, larger or of another ratio."""

    def moved(_):
        best = []
        for scale in (1.0, 2.0, 3.0, 4.0):
            anchors = reference.anchor_boxes((9, 9), 1.0, np.array([scale]), np.array([1.0]))
            best.append(pairwise_iou(anchors[[40]] + 0.5, anchors).max())
        return best

    within([0.14, 0.39, 0.53, 0.62], [0.145, 0.395, 0.535, 0.625], moved, seeds=1)

    def alike(scales, ratios):
        boxes = reference.anchor_boxes((1, 1), 1.0, np.array(scales), np.array(ratios))
        return pairwise_iou(boxes[:1], boxes[1:])[0]

    def sizes(_):
        return *alike([1.0, 2**0.5], [1.0]), *alike([1.0, 2 ** (1 / 6)], [1.0])

    within([0.495, 0.79], [0.505, 0.80], sizes, seeds=1)
    within([0.54, 0.405, 0.33], [0.55, 0.415, 0.34], lambda _: alike([1.0], [1.0, 2.0, 3.0, 4.0]), seeds=1)

    def between(_):
        anchors = reference.anchor_boxes((1, 1), 1.0, np.array([1.0]), RATIOS)
        boxes = reference.anchor_boxes((1, 1), 1.0, np.array([1.0]), 2 ** np.linspace(-1, 1, 201))
        return pairwise_iou(boxes, anchors).max(axis=1).min()

    within(0.725, 0.735, between, seeds=1)


def test_claims_of_counts(reference):
    """The numbers of the third follow-up."""
    levels = [reference.anchor_boxes((640 // s, 640 // s), s, np.array([4.0, 5.04, 6.35]) * s, RATIOS) for s in STRIDES]
    anchors = np.concatenate(levels)
    assert len(anchors) == 76_725

    def positives(rng):
        sides = rng.uniform(40, 400, size=(100, 1))
        corners = rng.random((100, 2)) * (640 - sides)
        near = pairwise_iou(np.column_stack([corners, corners + sides]), anchors) >= 0.5
        return near.sum(axis=1).mean()

    within(35, 45, positives, seeds=4)


def test_claims_of_borders(reference):
    """The numbers of the fourth follow-up."""
    anchors = reference.anchor_boxes((40, 60), 16.0, np.array([128.0, 256.0, 512.0]), RATIOS)
    inside = (anchors[:, :2] >= 0).all(axis=1) & (anchors[:, 2:] <= [960, 640]).all(axis=1)
    assert (len(anchors), inside.sum()) == (21_600, 8_268)
