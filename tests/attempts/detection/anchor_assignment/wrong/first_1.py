# wrong (core): low == high is refused
import numpy as np


def assign_anchors(anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Return for each anchor the index of the ground truth that it learns, or -1, or -2."""
    if low >= high:
        raise ValueError("low > high")
    if low <= 0 or high > 1:
        raise ValueError("thresholds")
    a = np.asarray(anchors, dtype=float).reshape(-1, 4)
    t = np.asarray(truths, dtype=float).reshape(-1, 4)
    labels = np.full(len(a), -1)
    if len(a) == 0 or len(t) == 0:
        return labels
    lt = np.maximum(a[:, None, :2], t[None, :, :2])
    rb = np.minimum(a[:, None, 2:], t[None, :, 2:])
    inter = np.prod(np.clip(rb - lt, 0, None), axis=2)
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_t = (t[:, 2] - t[:, 0]) * (t[:, 3] - t[:, 1])
    union = area_a[:, None] + area_t[None] - inter
    iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)

    best = iou.max(axis=1)
    arg = iou.argmax(axis=1)
    labels[best >= low] = -2
    top = iou.max(axis=0)
    forced = ((iou == top) & (top > 0)).any(axis=1)
    positive = (best >= high) | forced
    labels[positive] = arg[positive]
    return labels
