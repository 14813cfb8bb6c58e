# wrong (core): score ties go to the higher index (stable ascending sort reversed)
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- mean_average_precision
"""Mean average precision (mAP) of an object detector.

In each image, detections are matched to the ground truths of their class. A matched detection is a true positive. Then,
for each class over all images:

    precision(t) = true positives with score >= t / detections with score >= t
    recall(t)    = true positives with score >= t / ground truths
    AP           = integral from r = 0 to 1 of max {precision(t) : recall(t) >= r}        max {} = 0

mAP is the mean of AP over the classes that have a ground truth.

Source: Everingham et al., The PASCAL visual object classes challenge: a retrospective (2015).

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly.
- ValueError if lengths differ, iou_threshold is not in (0, 1], or n_true is less than 1.
"""

import numpy as np


def match_detections(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    """Return the index of the ground truth that each detection takes, or -1, for one image and one class.

    Detections choose by falling score. Each looks at the ground truths that are still free, and takes the one with the
    largest IoU if that is at least iou_threshold. Ties, of scores or of IoUs, go to the lower index.

        IoU(A, B) = area(A and B) / area(A or B)

    Parameters
    ----------
    boxes, true_boxes : arrays of shape (n, 4) and (m, 4)
        Rows x1, y1, x2, y2. n or m may be 0.
    scores : array of shape (n,)

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 4.0, 4.0], [1.0, 0.0, 5.0, 4.0]])
    >>> match_detections(boxes, np.array([0.7, 0.9]), boxes[1:])
    array([-1,  0])
    """
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    true_boxes = np.asarray(true_boxes, dtype=float).reshape(-1, 4)
    scores = np.asarray(scores, dtype=float)
    if len(boxes) != len(scores):
        raise ValueError("lengths differ")
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold")
    taken = np.full(len(boxes), -1)
    if len(boxes) == 0 or len(true_boxes) == 0:
        return taken
    low = np.maximum(boxes[:, None, :2], true_boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], true_boxes[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=2)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    true_area = np.prod(true_boxes[:, 2:] - true_boxes[:, :2], axis=1)
    union = area[:, None] + true_area[None, :] - inter
    iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    free = np.ones(len(true_boxes), dtype=bool)
    for i in np.argsort(scores, kind="stable")[::-1]:
        row = np.where(free, iou[i], -1.0)
        best = int(np.argmax(row))
        if free[best] and row[best] >= iou_threshold:
            taken[i] = best
            free[best] = False
    return taken


def average_precision(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    """Return the AP of one class over all images.

    Parameters
    ----------
    scores, is_true_positive : arrays of shape (n,)
        n may be 0.
    n_true : int
        The number of ground truths, found or not.

    Examples
    --------
    >>> average_precision(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True]), 4)
    0.625
    """
    scores = np.asarray(scores, dtype=float)
    hits = np.asarray(is_true_positive).astype(bool)
    if len(scores) != len(hits) or n_true < 1:
        raise ValueError("bad input")
    if len(scores) == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], hits[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    found = np.cumsum(hits)[ends]
    precision = found / (ends + 1)
    recall = found / n_true
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * envelope))


def mean_average_precision(
    preds: list[dict[str, np.ndarray]], target: list[dict[str, np.ndarray]], iou_threshold: float = 0.5
) -> float:
    """Return the mAP of a list of images.

    Parameters
    ----------
    preds, target : lists with a dict for each image
        Both have "boxes" and "labels" (integers), preds also "scores".

    Raises
    ------
    ValueError
        If no image has a ground truth.

    Examples
    --------
    >>> box = np.array([[0.0, 0.0, 4.0, 4.0]])
    >>> preds = [{"boxes": box, "scores": np.array([0.9]), "labels": np.array([3])}]
    >>> target = [{"boxes": np.tile(box, (2, 1)), "labels": np.array([3, 7])}]
    >>> mean_average_precision(preds, target)
    0.5
    """
    if len(preds) != len(target):
        raise ValueError("lengths differ")
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold")
    classes = sorted({int(label) for t in target for label in np.asarray(t["labels"])})
    if not classes:
        raise ValueError("no ground truth")
    aps = []
    for c in classes:
        scores, hits, n_true = [], [], 0
        for p, t in zip(preds, target):
            mine = np.asarray(p["labels"]) == c
            true = np.asarray(t["labels"]) == c
            n_true += int(true.sum())
            s = np.asarray(p["scores"], dtype=float)[mine]
            b = np.asarray(p["boxes"], dtype=float).reshape(-1, 4)[mine]
            tb = np.asarray(t["boxes"], dtype=float).reshape(-1, 4)[true]
            scores.append(s)
            hits.append(match_detections(b, s, tb, iou_threshold) >= 0)
        aps.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))
    return float(np.mean(aps))
