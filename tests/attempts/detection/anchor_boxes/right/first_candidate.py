# candidate, par time, from the stub alone
"""Anchor boxes: the boxes that a detector starts from, one of each shape at each cell of a feature map."""

import numpy as np


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
    x = (np.arange(columns) + 0.5) * stride
    y = (np.arange(rows) + 0.5) * stride
    half_width = (scales[:, None] / np.sqrt(ratios) / 2).ravel()
    half_height = (scales[:, None] * np.sqrt(ratios) / 2).ravel()
    boxes = np.empty((rows, columns, len(half_width), 4))
    boxes[..., 0] = x[None, :, None] - half_width
    boxes[..., 1] = y[:, None, None] - half_height
    boxes[..., 2] = x[None, :, None] + half_width
    boxes[..., 3] = y[:, None, None] + half_height
    return boxes.reshape(-1, 4)
