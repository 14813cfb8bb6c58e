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
    _, height, width = features.shape
    return ((_weights(y, height) @ features) * _weights(x, width)).sum(axis=2)


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
    _check(boxes, output_size, sampling_ratio)
    # Interpolation and means are taken along each axis by itself.
    in_y, in_x = (
        _weights(_points(boxes[:, axis::2], bins, spatial_scale, sampling_ratio), size)
        .reshape(len(boxes), bins, sampling_ratio, size)
        .mean(axis=2)
        for axis, bins, size in zip((1, 0), output_size, features.shape[1:], strict=True)
    )
    return np.einsum("nhi,cij->nchj", in_y, features) @ in_x.swapaxes(1, 2)[:, np.newaxis]


def _check(boxes: np.ndarray, output_size: tuple[int, int], sampling_ratio: int) -> None:
    if min(*output_size, sampling_ratio) < 1:
        raise ValueError(f"output_size is {output_size} and sampling_ratio {sampling_ratio}, and 1 is the least")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError("a box ends before it begins: x2 < x1 or y2 < y1")


def _points(ends: np.ndarray, bins: int, spatial_scale: float, sampling_ratio: int) -> np.ndarray:
    """Return the indices of the points of each box along one axis."""
    low, high = (spatial_scale * ends - 0.5).T
    n_points = bins * sampling_ratio
    return low[:, np.newaxis] + np.outer(high - low, (np.arange(n_points) + 0.5) / n_points)


def _weights(at: np.ndarray, size: int) -> np.ndarray:
    """Return what each cell of an axis adds to the value at an index: all 0 if that is too far outside."""
    inside = (at >= -1) & (at <= size)
    distance = np.abs(np.clip(at, 0, size - 1)[..., np.newaxis] - np.arange(size))
    return np.maximum(1 - distance, 0) * inside[..., np.newaxis]


def bilinear_via_corners(features: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Look up the four cells around each point."""
    _, height, width = features.shape
    inside = (y >= -1) & (y <= height) & (x >= -1) & (x <= width)
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = y.astype(int), x.astype(int)
    bottom, right = np.ceil(y).astype(int), np.ceil(x).astype(int)
    down, across = y - top, x - left
    upper = (1 - across) * features[:, top, left] + across * features[:, top, right]
    lower = (1 - across) * features[:, bottom, left] + across * features[:, bottom, right]
    return ((1 - down) * upper + down * lower) * inside


def bilinear_via_padding(features: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Repeat the edge once around the map: then only points further away need care."""
    _, height, width = features.shape
    padded = np.pad(features.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    values = np.zeros((len(features), len(y)))
    for k, (row, column) in enumerate(zip((y + 1.0).tolist(), (x + 1.0).tolist(), strict=True)):
        if 0 <= row <= height + 1 and 0 <= column <= width + 1:
            i, j = min(int(row), height), min(int(column), width)
            across = padded[:, i : i + 2, j] + (column - j) * np.diff(padded[:, i : i + 2, j : j + 2])[..., 0]
            values[:, k] = across[:, 0] + (row - i) * (across[:, 1] - across[:, 0])
    return values


def roi_align_via_points(
    features: np.ndarray,
    boxes: np.ndarray,
    output_size: tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> np.ndarray:
    """Interpolate at all points of all boxes at once, then take the means of the bins."""
    _check(boxes, output_size, sampling_ratio)
    (height, width), s = output_size, sampling_ratio
    y = _points(boxes[:, 1::2], height, spatial_scale, s)[:, :, np.newaxis]
    x = _points(boxes[:, 0::2], width, spatial_scale, s)[:, np.newaxis]
    y, x = np.broadcast_arrays(y, x)
    values = bilinear(features, y.ravel(), x.ravel()).reshape(len(features), len(boxes), height, s, width, s)
    return values.mean(axis=(3, 5)).swapaxes(0, 1)


def roi_align_via_loop(
    features: np.ndarray,
    boxes: np.ndarray,
    output_size: tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> np.ndarray:
    """Go box by box and bin by bin."""
    _check(boxes, output_size, sampling_ratio)
    height, width = output_size
    fractions = (np.arange(sampling_ratio) + 0.5) / sampling_ratio
    out = np.empty((len(boxes), len(features), height, width))
    for n, box in enumerate(boxes.tolist()):
        x1, y1, x2, y2 = (spatial_scale * value - 0.5 for value in box)
        for i, j in np.ndindex(height, width):
            y = y1 + (i + fractions) * (y2 - y1) / height
            x = x1 + (j + fractions) * (x2 - x1) / width
            out[n, :, i, j] = bilinear(features, np.repeat(y, sampling_ratio), np.tile(x, sampling_ratio)).mean(axis=1)
    return out
