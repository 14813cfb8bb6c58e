"""Anchor boxes: the boxes that a detector starts from, one of each shape at each cell of a feature map.

A cell of the feature map covers stride by stride pixels of the image, and its anchors stand around its middle. For the
cell in row i and column j, a scale s and a ratio r:

    centre = ((j + 1/2) * stride, (i + 1/2) * stride)        x, y
    width  = s / sqrt(r)
    height = s * sqrt(r)                                     height / width = r, area = s**2

Sources: Ren et al., Faster R-CNN: towards real-time object detection with region proposal networks (2015), section
3.1.1; Liu et al., SSD: single shot multibox detector (2016), section 2.2, for the centres.
"""

import numpy as np


def anchor_boxes(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Return the anchors of a feature map, neither rounded nor clipped to the image.

    Parameters
    ----------
    grid : two integers
        Rows and columns of the feature map.
    stride : float
    scales, ratios : arrays of shapes (n_scales,) and (n_ratios,)
        Each scale is combined with each ratio. They keep their order and may repeat.

    Returns
    -------
    array of shape (rows * columns * n_scales * n_ratios, 4)
        Rows x1, y1, x2, y2, ordered by row, then column, then scale, then ratio.

    Strict
    ------
    - scales and ratios may hold integers of any type.
    - Rows, columns, n_scales and n_ratios may be 0.
    - ValueError if rows or columns are negative, or if stride, a scale or a ratio is not positive and finite.

    Examples
    --------
    >>> anchor_boxes((1, 2), 8.0, np.array([16.0]), np.array([1.0, 4.0]))
    array([[ -4.,  -4.,  12.,  12.],
           [  0., -12.,   8.,  20.],
           [  4.,  -4.,  20.,  12.],
           [  8., -12.,  16.,  20.]])
    """
    _check(grid, stride, scales, ratios)
    scale, root = scales[:, None], np.sqrt(ratios.astype(float))
    halves = np.stack([scale / root, scale * root], axis=-1).reshape(-1, 2) / 2
    y, x = ((np.arange(cells) + 0.5) * stride for cells in grid)
    centres = np.stack(np.meshgrid(x, y), axis=-1)[:, :, None]
    return np.concatenate([centres - halves, centres + halves], axis=-1).reshape(-1, 4)


def _check(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> None:
    """Refuse what makes no boxes."""
    if min(grid) < 0:
        raise ValueError(f"a grid has no negative side, but got {grid}")
    for name, values in [("stride", np.array([stride])), ("scales", scales), ("ratios", ratios)]:
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"{name} must be positive and finite")


def anchor_boxes_via_loop(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Write one box after the other."""
    _check(grid, stride, scales, ratios)
    boxes = []
    for i in range(grid[0]):
        for j in range(grid[1]):
            for scale in scales.tolist():
                for ratio in ratios.tolist():
                    width, height = scale / ratio**0.5, scale * ratio**0.5
                    left, top = (j + 0.5) * stride - width / 2, (i + 0.5) * stride - height / 2
                    boxes.append([left, top, left + width, top + height])
    return np.array(boxes).reshape(-1, 4)


def anchor_boxes_via_places(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Read row, column, scale and ratio of every box off its place in the order."""
    _check(grid, stride, scales, ratios)
    i, j, s, r = np.indices((*grid, len(scales), len(ratios))).reshape(4, -1)
    height = np.sqrt(scales[s].astype(float) ** 2 * ratios[r])
    width = height / ratios[r]
    x, y = stride * j + stride / 2, stride * i + stride / 2
    return np.column_stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def anchor_boxes_via_shifts(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Lay the anchors of the first cell, and move copies of them along each row and down each column."""
    _check(grid, stride, scales, ratios)
    stretch = np.sqrt(ratios.astype(float))
    width, height = np.divide.outer(scales.astype(float), stretch), np.multiply.outer(scales.astype(float), stretch)
    first = np.stack([stride - width, stride - height, stride + width, stride + height], axis=-1) / 2
    along = np.arange(grid[1])[:, None] * np.array([stride, 0, stride, 0])
    down = np.arange(grid[0])[:, None] * np.array([0, stride, 0, stride])
    moves = (down[:, None] + along).reshape(-1, 1, 4)
    return (moves + first.reshape(1, -1, 4)).reshape(-1, 4)
