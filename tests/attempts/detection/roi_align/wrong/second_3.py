# wrong (core): a box is widened to at least one cell, as in the version without alignment
"""RoIAlign: the features of a box at a fixed size, without rounding its edges.

Cell [i, j] of a feature map covers i <= y <= i + 1 and j <= x <= j + 1, and its value belongs to its centre. Indices
are positions at which these centres are whole numbers. From the image to an index:

    index = spatial_scale * coordinate - 0.5

The box is cut into a grid of equal bins. A bin has sampling_ratio points along each axis. Point k = 0, 1, ... lies at
the fraction (k + 0.5) / sampling_ratio of the bin. The output is the mean of the bilinear values at all points of the
bin, also those outside of the map.

Source: He et al., Mask R-CNN (2017), section 3; torchvision.ops.roi_align with aligned=True for the conventions.

Strict
------
- Arrays may hold integers of any type.
- ValueError if x2 < x1 or y2 < y1 in a box, or sampling_ratio or an output size is below 1.
"""

import numpy as np


def bilinear(features: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the values at points, given by indices that need not be whole, for each channel.

    The value at (y, x) is interpolated between the four cells around it, linearly in y and in x. A point up to one
    cell outside counts as the nearest one inside: y is clipped to 0 and H - 1, x to 0 and W - 1. Further away the value
    is 0: if y < -1, y > H, x < -1 or x > W.

    Parameters
    ----------
    features : array of shape (C, H, W)
    y, x : arrays of shape (k,)

    Returns
    -------
    array of shape (C, k)

    Examples
    --------
    >>> features = np.array([[[0.0, 4.0], [8.0, 16.0]]])
    >>> bilinear(features, np.array([0.5, 0.0, 1.75, -1.5]), np.array([0.5, 0.25, -0.5, 0.0]))
    array([[7., 1., 8., 0.]])
    """
    f = np.asarray(features, dtype=float)
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float)
    C, H, W = f.shape
    far = (y < -1) | (y > H) | (x < -1) | (x > W)
    y = np.clip(y, 0, H - 1)
    x = np.clip(x, 0, W - 1)
    y0 = np.floor(y).astype(int)
    x0 = np.floor(x).astype(int)
    y1 = np.minimum(y0 + 1, H - 1)
    x1 = np.minimum(x0 + 1, W - 1)
    ly = y - y0
    lx = x - x0
    out = (
        f[:, y0, x0] * (1 - ly) * (1 - lx)
        + f[:, y0, x1] * (1 - ly) * lx
        + f[:, y1, x0] * ly * (1 - lx)
        + f[:, y1, x1] * ly * lx
    )
    return np.where(far, 0.0, out)


def roi_align(
    features: np.ndarray,
    boxes: np.ndarray,
    output_size: tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> np.ndarray:
    """Return the features of each box.

    Parameters
    ----------
    features : array of shape (C, H, W)
    boxes : array of shape (n, 4)
        Rows x1, y1, x2, y2 in the image. n may be 0. A box may be of any size, also 0, and lie outside.
    output_size : tuple of two int
        The numbers of bins in y and in x.

    Returns
    -------
    array of shape (n, C, *output_size)

    Examples
    --------
    >>> features = np.arange(16.0).reshape(1, 4, 4)
    >>> roi_align(features, np.array([[2.0, 0.0, 6.0, 8.0]]), (2, 1), spatial_scale=0.5)
    array([[[[ 3.5],
             [11.5]]]])
    """
    boxes = np.asarray(boxes, dtype=float)
    features = np.asarray(features, dtype=float)
    if sampling_ratio < 1 or min(output_size) < 1:
        raise ValueError("sizes must be at least 1")
    if np.any(boxes[:, 2:] < boxes[:, :2]):
        raise ValueError("box upside down")
    C, H, W = features.shape
    oh, ow = output_size
    s = sampling_ratio
    out = np.zeros((len(boxes), C, oh, ow))
    for i, box in enumerate(boxes):
        x1, y1, x2, y2 = spatial_scale * box - 0.5
        height = max(y2 - y1, 1.0)
        width = max(x2 - x1, 1.0)
        ys = y1 + (np.arange(oh * s) + 0.5) * height / (oh * s)
        xs = x1 + (np.arange(ow * s) + 0.5) * width / (ow * s)
        yy, xx = np.meshgrid(ys, xs, indexing="ij")
        values = bilinear(features, yy.ravel(), xx.ravel())
        out[i] = values.reshape(C, oh, s, ow, s).mean(axis=(2, 4))
    return out
