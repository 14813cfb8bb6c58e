# different style; both bars
"""Anchor boxes: the boxes that a detector starts from, one of each shape at each cell of a feature map."""

import itertools
import math

import numpy as np


def anchor_boxes(grid: tuple[int, int], stride: float, scales: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Return the anchors of a feature map, neither rounded nor clipped to the image."""
    rows, columns = int(grid[0]), int(grid[1])
    stride = float(stride)
    scales = [float(scale) for scale in scales]
    roots = []
    for ratio in ratios:
        ratio = float(ratio)
        roots.append(math.sqrt(ratio) if ratio > 0 else math.nan)
    if min(rows, columns) < 0:
        raise ValueError("rows and columns must not be negative")
    if not all(0 < value < math.inf for value in (stride, *scales, *roots)):
        raise ValueError("stride, scales and ratios must be positive and finite")
    found = [
        ((j + 0.5) * stride - s / q / 2, (i + 0.5) * stride - s * q / 2, (j + 0.5) * stride + s / q / 2, (i + 0.5) * stride + s * q / 2)
        for i, j, s, q in itertools.product(range(rows), range(columns), scales, roots)
    ]
    return np.array(found, dtype=np.float64).reshape(len(found), 4)
