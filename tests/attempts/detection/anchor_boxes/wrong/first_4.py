# wrong (core): the middles of the cells are kept for later calls of that size, but are multiplied in place by the stride
"""Anchor boxes: the boxes that a detector starts from, one of each shape at each cell of a feature map."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=None)
def _middles(count):
    return np.arange(count) + 0.5


def anchor_boxes(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Return the anchors of a feature map, neither rounded nor clipped to the image."""
    rows, columns = grid
    scales = np.asarray(scales, dtype=float)
    ratios = np.asarray(ratios, dtype=float)
    if rows < 0 or columns < 0:
        raise ValueError("rows and columns must not be negative")
    for values in (np.array([stride], dtype=float), scales, ratios):
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError("stride, scales and ratios must be positive and finite")
    x, y = _middles(columns), _middles(rows).copy()
    x *= stride
    y *= stride
    half_width = (scales[:, None] / np.sqrt(ratios) / 2).ravel()
    half_height = (scales[:, None] * np.sqrt(ratios) / 2).ravel()
    boxes = np.empty((rows, columns, len(half_width), 4))
    boxes[..., 0] = x[None, :, None] - half_width
    boxes[..., 1] = y[:, None, None] - half_height
    boxes[..., 2] = x[None, :, None] + half_width
    boxes[..., 3] = y[:, None, None] + half_height
    return boxes.reshape(-1, 4)
