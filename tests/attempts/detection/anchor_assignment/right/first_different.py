# different style; both bars
from fractions import Fraction

import numpy as np


def _integers(*boxes):
    """Return the rows of all arrays as exact Python integers on one common grid."""
    rows = [[[v.as_integer_ratio() for v in row] for row in np.asarray(b).tolist()] for b in boxes]
    scale = max((d for b in rows for row in b for _, d in row), default=1)  # powers of two
    return [[tuple(n * (scale // d) for n, d in row) for row in b] for b in rows]


def assign_anchors(anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Return for each anchor the index of the ground truth that it learns, or -1, or -2."""
    if not 0 < low <= high <= 1:
        raise ValueError("expected 0 < low <= high <= 1")
    lo, hi = Fraction(*_ratio(low)), Fraction(*_ratio(high))
    a_rows, t_rows = _integers(anchors, truths)
    best = [(Fraction(0), -1)] * len(a_rows)  # of each anchor: its largest IoU, and with which truth
    forced = set()
    by_left = sorted(range(len(a_rows)), key=lambda i: a_rows[i][0])
    for j, (u1, v1, u2, v2) in enumerate(t_rows):
        top, winners = Fraction(0), []
        for i in by_left:
            x1, y1, x2, y2 = a_rows[i]
            if x1 >= u2:
                break  # all further anchors begin to the right of the truth
            w, h = min(x2, u2) - max(x1, u1), min(y2, v2) - max(y1, v1)
            if w <= 0 or h <= 0:
                continue
            both = w * h
            iou = Fraction(both, (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - both)
            if iou > best[i][0]:
                best[i] = (iou, j)
            if iou > top:
                top, winners = iou, [i]
            elif iou == top:
                winners.append(i)
        forced.update(winners)
    out = []
    for i, (iou, j) in enumerate(best):
        if i in forced or iou >= hi:
            out.append(j)
        else:
            out.append(-2 if iou >= lo else -1)
    return np.array(out, dtype=np.int64)


def _ratio(x):
    x = x.item() if isinstance(x, np.generic) else x
    return x.as_integer_ratio()
