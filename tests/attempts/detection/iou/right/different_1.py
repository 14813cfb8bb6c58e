# different style; both bars
import numpy as np


def _boxes(array):
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError("boxes must have the shape (n, 4)")
    rows = [tuple(row) for row in array.tolist()]
    for x1, y1, x2, y2 in rows:
        if x2 < x1 or y2 < y1:
            raise ValueError("a box has x2 < x1 or y2 < y1")
    return [(x1, y1, x2, y2, (x2 - x1) * (y2 - y1)) for x1, y1, x2, y2 in rows]


def _common(a, b):
    left = a[0] if a[0] > b[0] else b[0]
    right = a[2] if a[2] < b[2] else b[2]
    if right <= left:
        return 0
    low = a[1] if a[1] > b[1] else b[1]
    high = a[3] if a[3] < b[3] else b[3]
    return (right - left) * (high - low) if high > low else 0


def _iou(a, b):
    both = _common(a, b)
    return both / (a[4] + b[4] - both) if both else 0.0


def _giou(a, b):
    both = _common(a, b)
    union = a[4] + b[4] - both
    hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    value = both / union if both else 0.0
    return value - (hull - union) / hull if hull else value


def _table(boxes_a, boxes_b, entry):
    rows, columns = _boxes(boxes_a), _boxes(boxes_b)
    cells = [entry(a, b) for a in rows for b in columns]
    return np.array(cells, dtype=np.float64).reshape(len(rows), len(columns))


def pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    return _table(boxes_a, boxes_b, _iou)


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    return _table(boxes_a, boxes_b, _giou)
