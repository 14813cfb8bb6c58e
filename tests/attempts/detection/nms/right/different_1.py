# different style; both bars
import heapq

import numpy as np


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    if not 0 <= iou_threshold <= 1:
        raise ValueError("iou_threshold must lie in [0, 1]")
    threshold = float(iou_threshold)
    rows, marks = np.asarray(boxes).tolist(), np.asarray(scores).tolist()
    if len(rows) != len(marks):
        raise ValueError("boxes and scores differ in length")
    heap = [(-s, i) for i, s in enumerate(marks)]
    heapq.heapify(heap)
    kept, alive = [], []
    while heap:
        i = heapq.heappop(heap)[1]
        x1, y1, x2, y2 = rows[i]
        area = (x2 - x1) * (y2 - y1)
        for a1, b1, a2, b2, other in alive:
            if a1 >= x2 or a2 <= x1 or b1 >= y2 or b2 <= y1:
                continue
            both = ((a2 if a2 < x2 else x2) - (a1 if a1 > x1 else x1)) * (
                (b2 if b2 < y2 else y2) - (b1 if b1 > y1 else y1)
            )
            union = area + other - both
            if union > 0 and both / union > threshold:
                break
        else:
            kept.append(i)
            alive.append((x1, y1, x2, y2, area))
    return np.array(kept, dtype=int)
