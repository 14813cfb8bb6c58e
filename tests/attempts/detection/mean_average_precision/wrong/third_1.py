# wrong (core): detections of a class in images without a ground truth of that class are skipped, not counted as false positives
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
    if len(boxes) != len(scores) or not 0 < iou_threshold <= 1:
        raise ValueError("lengths or threshold")
    match = np.full(len(boxes), -1)
    free = np.ones(len(true_boxes), dtype=bool)
    area_true = (true_boxes[:, 2] - true_boxes[:, 0]) * (true_boxes[:, 3] - true_boxes[:, 1])
    for i in np.argsort(-scores, kind="stable"):
        b = boxes[i]
        w = np.minimum(b[2], true_boxes[:, 2]) - np.maximum(b[0], true_boxes[:, 0])
        h = np.minimum(b[3], true_boxes[:, 3]) - np.maximum(b[1], true_boxes[:, 1])
        inter = np.maximum(w, 0) * np.maximum(h, 0)
        union = (b[2] - b[0]) * (b[3] - b[1]) + area_true - inter
        best, best_iou = -1, iou_threshold
        for j in range(len(true_boxes)):
            if not free[j]:
                continue
            iou = inter[j] / union[j] if union[j] > 0 else 0.0
            if iou > best_iou or (best < 0 and iou == best_iou):
                best, best_iou = j, iou
        if best >= 0:
            match[i] = best
            free[best] = False
    return match


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
    hit = np.asarray(is_true_positive, dtype=bool)
    if len(scores) != len(hit) or n_true < 1:
        raise ValueError("lengths or n_true")
    order = np.argsort(-scores, kind="stable")
    scores, hit = scores[order], hit[order]
    tp = np.cumsum(hit)
    precision = tp / np.arange(1, len(tp) + 1)
    recall = tp / n_true
    last = np.append(scores[1:] != scores[:-1], True)[: len(scores)]
    precision, recall = precision[last], recall[last]
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
    labels = np.unique(np.concatenate([np.zeros(0, dtype=int)] + [np.asarray(t["labels"]).ravel() for t in target]))
    if len(labels) == 0:
        raise ValueError("no ground truth")
    aps = []
    for c in labels:
        scores, hits, n_true = [], [], 0
        for p, t in zip(preds, target):
            mine = np.asarray(p["labels"]) == c
            theirs = np.asarray(t["labels"]) == c
            n_true += int(theirs.sum())
            if not theirs.any():
                continue
            s = np.asarray(p["scores"])[mine]
            m = match_detections(np.asarray(p["boxes"])[mine], s, np.asarray(t["boxes"])[theirs], iou_threshold)
            scores.append(s)
            hits.append(m >= 0)
        aps.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))
    return float(np.mean(aps))
