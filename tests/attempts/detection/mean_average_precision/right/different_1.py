# different style; both bars
from collections import defaultdict
from math import fsum

import numpy as np


def _boxes(array):
    rows = np.asarray(array)
    if rows.size == 0:
        return []
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ValueError("boxes must have four columns")
    return rows.tolist()


def _on_grid(*lists):
    """Put all coordinates on one integer grid, on which areas are exact. IoU does not depend on the unit."""
    ratios = [[[v.as_integer_ratio() for v in row] for row in rows] for rows in lists]
    unit = max((below for rows in ratios for row in rows for _, below in row), default=1)  # all are powers of two
    return [[[above * (unit // below) for above, below in row] for row in rows] for rows in ratios]


def _area(x1, y1, x2, y2):
    return max(x2 - x1, 0) * max(y2 - y1, 0)


def _check_threshold(iou_threshold):
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold must be in (0, 1]")


def match_detections(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    _check_threshold(iou_threshold)
    boxes, true_boxes, scores = _boxes(boxes), _boxes(true_boxes), np.ravel(scores).tolist()
    if len(boxes) != len(scores):
        raise ValueError("boxes and scores differ in length")
    boxes, true_boxes = _on_grid(boxes, true_boxes)
    free = {g: (box, _area(*box)) for g, box in enumerate(true_boxes)}
    taken = [-1] * len(boxes)
    for d in sorted(range(len(boxes)), key=scores.__getitem__, reverse=True):  # stable: ties keep the lower index
        a, area = boxes[d], _area(*boxes[d])
        best, best_shared, best_joint = -1, 0, 1
        for g, (b, true_area) in free.items():
            shared = _area(max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
            if shared:
                joint = area + true_area - shared
                if shared * best_joint > best_shared * joint:
                    best, best_shared, best_joint = g, shared, joint
        # The quotient of two integers is rounded once, so an IoU of 4/5 reaches a threshold of 0.8.
        if best >= 0 and best_shared / best_joint >= iou_threshold:
            taken[d] = best
            del free[best]
    return np.array(taken, dtype=int)


def average_precision(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    scores, hits = np.ravel(scores).tolist(), np.ravel(is_true_positive).tolist()
    if len(scores) != len(hits):
        raise ValueError("lengths differ")
    if not n_true >= 1:
        raise ValueError("n_true must be at least 1")
    n_true = int(n_true)
    tally = defaultdict(lambda: [0, 0])
    for score, hit in zip(scores, hits):
        cell = tally[score]
        cell[0] += bool(hit)
        cell[1] += 1
    # From the lowest score up: the best precision so far holds for the recalls that the current score adds.
    found, shown = sum(map(bool, hits)), len(hits)
    best, pieces = 0.0, []
    for score in sorted(tally):
        best = max(best, found / shown)
        gained, seen = tally[score]
        pieces.append((min(found, n_true) - min(found - gained, n_true)) * best)
        found -= gained
        shown -= seen
    return fsum(pieces) / n_true


def mean_average_precision(
    preds: list[dict[str, np.ndarray]], target: list[dict[str, np.ndarray]], iou_threshold: float = 0.5
) -> float:
    _check_threshold(iou_threshold)
    if len(preds) != len(target):
        raise ValueError("preds and target differ in length")
    n_true, evidence = defaultdict(int), defaultdict(list)
    for shown, wanted in zip(preds, target):
        piles = defaultdict(lambda: ([], [], []))
        boxes, labels, scores = _boxes(shown["boxes"]), np.ravel(shown["labels"]).tolist(), np.ravel(shown["scores"])
        if not len(boxes) == len(labels) == len(scores):
            raise ValueError("lengths differ in preds")
        for box, label, score in zip(boxes, labels, scores.tolist()):
            piles[label][0].append(box)
            piles[label][1].append(score)
        boxes, labels = _boxes(wanted["boxes"]), np.ravel(wanted["labels"]).tolist()
        if len(boxes) != len(labels):
            raise ValueError("lengths differ in target")
        for box, label in zip(boxes, labels):
            n_true[label] += 1
            piles[label][2].append(box)
        for label, (own, confidence, truths) in piles.items():
            taken = match_detections(_table(own), confidence, _table(truths), iou_threshold)
            evidence[label] += zip(confidence, (taken >= 0).tolist())
    if not n_true:
        raise ValueError("no image has a ground truth")
    results = []
    for label, count in n_true.items():
        confidence, hits = zip(*evidence[label]) if evidence[label] else ((), ())
        results.append(average_precision(confidence, hits, count))
    return fsum(results) / len(results)


def _table(rows):
    return np.array(rows).reshape(-1, 4)
