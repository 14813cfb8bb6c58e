# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- anchor_boxes
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
    raise NotImplementedError
