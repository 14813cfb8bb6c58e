# wrong (core): tied IoUs go to the higher index (running best starts at the threshold, compared with >=)
"""Mean average precision (mAP) of an object detector."""

import numpy as np


def _iou_row(box, others):
    w = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    h = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    inter = np.clip(w, 0, None) * np.clip(h, 0, None)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    union = area + areas - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)


def _check_threshold(iou_threshold):
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold must be in (0, 1]")


def match_detections(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    """Return the index of the ground truth that each detection takes, or -1.

    >>> boxes = np.array([[0.0, 0.0, 4.0, 4.0], [1.0, 0.0, 5.0, 4.0]])
    >>> match_detections(boxes, np.array([0.7, 0.9]), boxes[1:])
    array([-1,  0])
    """
    _check_threshold(iou_threshold)
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    true_boxes = np.asarray(true_boxes, dtype=float).reshape(-1, 4)
    scores = np.asarray(scores)
    if len(boxes) != len(scores):
        raise ValueError("lengths differ")
    matches = np.full(len(boxes), -1)
    free = np.ones(len(true_boxes), dtype=bool)
    order = sorted(range(len(scores)), key=lambda i: scores[i], reverse=True)  # stable
    for i in order:
        ious = _iou_row(boxes[i], true_boxes)
        best, best_iou = -1, iou_threshold
        for j in range(len(true_boxes)):
            if free[j] and ious[j] >= best_iou:
                best, best_iou = j, ious[j]
        if best >= 0:
            matches[i] = best
            free[best] = False
    return matches


def average_precision(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    """Return the AP of one class over all images.

    >>> average_precision(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True]), 4)
    0.625
    """
    scores = np.asarray(scores)
    hits = np.asarray(is_true_positive).astype(bool)
    if len(scores) != len(hits):
        raise ValueError("lengths differ")
    if n_true < 1:
        raise ValueError("n_true must be at least 1")
    if len(scores) == 0:
        return 0.0
    order = np.argsort(scores, kind="stable")[::-1]
    scores, hits = scores[order], hits[order]
    last = np.append(scores[1:] != scores[:-1], True)  # ends of the groups of tied scores
    n_hits = np.cumsum(hits)[last]
    precision = n_hits / np.arange(1, len(scores) + 1)[last]
    recall = n_hits / n_true
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope))


def mean_average_precision(
    preds: list[dict[str, np.ndarray]], target: list[dict[str, np.ndarray]], iou_threshold: float = 0.5
) -> float:
    """Return the mAP of a list of images.

    >>> box = np.array([[0.0, 0.0, 4.0, 4.0]])
    >>> preds = [{"boxes": box, "scores": np.array([0.9]), "labels": np.array([3])}]
    >>> target = [{"boxes": np.tile(box, (2, 1)), "labels": np.array([3, 7])}]
    >>> mean_average_precision(preds, target)
    0.5
    """
    _check_threshold(iou_threshold)
    if len(preds) != len(target):
        raise ValueError("lengths differ")
    for p, t in zip(preds, target):
        if not len(p["boxes"]) == len(p["scores"]) == len(p["labels"]) or len(t["boxes"]) != len(t["labels"]):
            raise ValueError("lengths differ")
    classes = sorted({int(c) for t in target for c in t["labels"]})
    if not classes:
        raise ValueError("no ground truth")
    aps = []
    for c in classes:
        scores, hits, n_true = [], [], 0
        for p, t in zip(preds, target):
            mine = np.asarray(p["labels"]) == c
            true = np.asarray(t["labels"]) == c
            n_true += int(true.sum())
            s = np.asarray(p["scores"])[mine]
            m = match_detections(np.asarray(p["boxes"])[mine], s, np.asarray(t["boxes"])[true], iou_threshold)
            scores.extend(s.tolist())
            hits.extend((m >= 0).tolist())
        aps.append(average_precision(np.array(scores), np.array(hits, dtype=bool), n_true))
    return float(np.mean(aps))
