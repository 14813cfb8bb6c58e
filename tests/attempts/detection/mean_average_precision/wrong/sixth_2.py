# wrong (core): AP: detections of equal score counted one after the other
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


def _iou(a, b):
    a, b = a[:, None], b[None]
    inter = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0).prod(axis=-1)
    union = (a[..., 2:] - a[..., :2]).prod(axis=-1) + (b[..., 2:] - b[..., :2]).prod(axis=-1) - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)


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
    boxes, true_boxes = np.asarray(boxes, dtype=float).reshape(-1, 4), np.asarray(true_boxes, dtype=float).reshape(-1, 4)
    scores = np.asarray(scores)
    if len(boxes) != len(scores):
        raise ValueError("boxes and scores must have the same length")
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold must lie in (0, 1]")
    taken = np.full(len(boxes), -1)
    if not len(boxes) or not len(true_boxes):
        return taken
    iou = _iou(boxes, true_boxes)
    for i in sorted(range(len(scores)), key=lambda i: -float(scores[i])):
        j = int(iou[i].argmax())
        if iou[i, j] >= iou_threshold:
            taken[i] = j
            iou[:, j] = -1.0
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
    scores, hit = np.asarray(scores, dtype=float), np.asarray(is_true_positive, dtype=bool)
    if len(scores) != len(hit):
        raise ValueError("scores and is_true_positive must have the same length")
    if n_true < 1:
        raise ValueError("n_true must be at least 1")
    if len(scores) == 0:
        return 0.0
    order = np.argsort(-scores, kind="stable")
    tp = np.cumsum(hit[order])
    precision = tp / np.arange(1, len(tp) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(tp, prepend=0) * best) / n_true)


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
        raise ValueError("preds and target must have the same length")
    if not 0 < iou_threshold <= 1:
        raise ValueError("iou_threshold must lie in (0, 1]")
    for p, t in zip(preds, target):
        if not len(p["boxes"]) == len(p["scores"]) == len(p["labels"]) or len(t["boxes"]) != len(t["labels"]):
            raise ValueError("boxes, scores and labels of an image must have the same length")
    classes = sorted({int(c) for t in target for c in t["labels"]})
    if not classes:
        raise ValueError("no image has a ground truth")
    aps = []
    for c in classes:
        scores, hits, n_true = [], [], 0
        for p, t in zip(preds, target):
            mine, true = np.asarray(p["labels"]) == c, np.asarray(t["labels"]) == c
            s = np.asarray(p["scores"], dtype=float)[mine]
            match = match_detections(
                np.asarray(p["boxes"])[mine], s, np.asarray(t["boxes"])[true], iou_threshold
            )
            scores.append(s)
            hits.append(match >= 0)
            n_true += int(true.sum())
        aps.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))
    return float(np.mean(aps))
