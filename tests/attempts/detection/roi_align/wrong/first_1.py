# wrong (core): a point exactly one cell below or to the right of the last one counts as outside
import numpy as np


def bilinear(features: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the values at points, given by indices that need not be whole, for each channel."""
    features = np.asarray(features, dtype=float)
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float)
    _, h, w = features.shape
    outside = (y < -1) | (y >= h) | (x < -1) | (x >= w)
    y = np.clip(y, 0, h - 1)
    x = np.clip(x, 0, w - 1)
    y0 = np.floor(y).astype(int)
    x0 = np.floor(x).astype(int)
    y1 = np.minimum(y0 + 1, h - 1)
    x1 = np.minimum(x0 + 1, w - 1)
    ty = y - y0
    tx = x - x0
    top = features[:, y0, x0] * (1 - tx) + features[:, y0, x1] * tx
    bottom = features[:, y1, x0] * (1 - tx) + features[:, y1, x1] * tx
    return np.where(outside, 0.0, top * (1 - ty) + bottom * ty)


def roi_align(
    features: np.ndarray,
    boxes: np.ndarray,
    output_size: tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> np.ndarray:
    """Return the features of each box."""
    features = np.asarray(features, dtype=float)
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    rows, cols = output_size
    s = sampling_ratio
    if s < 1 or rows < 1 or cols < 1:
        raise ValueError("sampling_ratio and output_size must be at least 1")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError("x2 < x1 or y2 < y1")
    out = np.zeros((len(boxes), len(features), rows, cols))
    for i, box in enumerate(boxes):
        left, top = spatial_scale * box[:2] - 0.5
        width, height = spatial_scale * (box[2:] - box[:2])
        y = top + (np.arange(rows * s) + 0.5) / (rows * s) * height
        x = left + (np.arange(cols * s) + 0.5) / (cols * s) * width
        yy, xx = np.meshgrid(y, x, indexing="ij")
        values = bilinear(features, yy.ravel(), xx.ravel())
        out[i] = values.reshape(-1, rows, s, cols, s).mean(axis=(2, 4))
    return out
