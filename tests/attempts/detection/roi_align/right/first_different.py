# different style; both bars
import numpy as np


def _tents(points, size):
    """Return a matrix (k, size): how much each cell of one axis counts at each point; rows of 0 far outside."""
    points = np.asarray(points, dtype=np.float64)
    inside = (points >= -1) & (points <= size)
    nearest = np.minimum(np.maximum(points, 0.0), size - 1.0)
    weights = np.maximum(0.0, 1.0 - np.abs(nearest[..., None] - np.arange(size)))
    return weights * inside[..., None]


def bilinear(features: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the values at points, given by indices that need not be whole, for each channel."""
    features = np.asarray(features).astype(np.float64)
    rows, cols = _tents(y, features.shape[1]), _tents(x, features.shape[2])
    return ((rows @ features) * cols).sum(axis=2)  # (C, k, W) -> (C, k)


def roi_align(
    features: np.ndarray,
    boxes: np.ndarray,
    output_size: tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = 2,
) -> np.ndarray:
    """Return the features of each box."""
    features = np.asarray(features).astype(np.float64)
    boxes = np.asarray(boxes)
    if np.any(boxes[:, 2] < boxes[:, 0]) or np.any(boxes[:, 3] < boxes[:, 1]):
        raise ValueError("expected x1 <= x2 and y1 <= y2")
    if sampling_ratio < 1 or min(output_size) < 1:
        raise ValueError("expected sampling_ratio and output sizes of at least 1")
    boxes = boxes.astype(np.float64)
    axes = []
    for k, bins in ((1, output_size[0]), (0, output_size[1])):
        start, end = boxes[:, k, None, None], boxes[:, k + 2, None, None]
        fraction = (np.arange(bins)[:, None] * sampling_ratio + np.arange(sampling_ratio) + 0.5) / (bins * sampling_ratio)
        points = spatial_scale * (start + fraction * (end - start)) - 0.5  # (n, bins, sampling_ratio)
        axes.append(_tents(points, features.shape[1 if k else 2]).mean(axis=2))  # (n, bins, size)
    by_rows = axes[0][:, None] @ features  # (n, C, bins, W)
    return by_rows @ axes[1][:, None].transpose(0, 1, 3, 2)
