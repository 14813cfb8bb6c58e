# wrong (core): a small constant within the logarithm
import numpy as np


def _prepare(rows, anchors, weights):
    rows = np.asarray(rows, dtype=float)
    anchors = np.asarray(anchors, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.shape != anchors.shape:
        raise ValueError("shapes must be (n, 4)")
    if not (np.isfinite(rows).all() and np.isfinite(anchors).all()):
        raise ValueError("not finite")
    weights = np.asarray(weights, dtype=float)
    if not (weights > 0).all():
        raise ValueError("weights must be positive")
    return rows, anchors, weights


def _centres_sizes(boxes):
    sizes = boxes[:, 2:] - boxes[:, :2]
    if (sizes <= 0).any():
        raise ValueError("width or height not positive")
    return (boxes[:, :2] + boxes[:, 2:]) / 2, sizes


def encode(
    boxes: np.ndarray, anchors: np.ndarray, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> np.ndarray:
    """Return the deltas of each box from its anchor: rows dx, dy, dw, dh."""
    boxes, anchors, weights = _prepare(boxes, anchors, weights)
    c, s = _centres_sizes(boxes)
    ca, sa = _centres_sizes(anchors)
    return np.hstack([(c - ca) / sa, np.log(s / sa + 1e-12)]) * weights


def decode(
    deltas: np.ndarray,
    anchors: np.ndarray,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    max_scale: float = 62.5,
) -> np.ndarray:
    """Return the boxes that have these deltas: rows x1, y1, x2, y2. The inverse of encode, but for max_scale."""
    deltas, anchors, weights = _prepare(deltas, anchors, weights)
    if not max_scale > 0:
        raise ValueError("max_scale must be positive")
    ca, sa = _centres_sizes(anchors)
    d = deltas / weights
    c = ca + d[:, :2] * sa
    s = np.exp(np.minimum(d[:, 2:], np.log(max_scale))) * sa
    return np.hstack([c - s / 2, c + s / 2])
