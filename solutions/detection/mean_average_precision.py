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
    _check(boxes, scores, iou_threshold)
    iou = _pairwise_iou(boxes, true_boxes)
    within_reach = np.where(iou >= iou_threshold, iou, 0)
    taken = np.full(len(boxes), -1)
    for detection in _by_score(scores):
        if within_reach[detection].any():
            taken[detection] = within_reach[detection].argmax()
            within_reach[:, taken[detection]] = 0
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
    _check_counts(scores, is_true_positive, n_true)
    _, group = np.unique(scores, return_inverse=True)
    # Counts by distinct score, then added up from the highest one down.
    true = np.bincount(group, weights=is_true_positive)[::-1]
    precision = np.cumsum(true) / np.cumsum(np.bincount(group)[::-1])
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float((true * best_from_here).sum() / n_true)


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
    _check_lengths(preds, target)
    classes = {label for image in target for label in image["labels"].tolist()}
    if not classes:
        raise ValueError("no image has a ground truth")
    precisions = []
    for label in classes:
        scores, hits, n_true = [], [], 0
        for image, truth in enumerate(target):
            mine, real = preds[image]["labels"] == label, truth["labels"] == label
            scores.append(preds[image]["scores"][mine])
            taken = match_detections(preds[image]["boxes"][mine], scores[-1], truth["boxes"][real], iou_threshold)
            hits.append(taken >= 0)
            n_true += int(real.sum())
        precisions.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))
    return float(np.mean(precisions))


def _check_lengths(a: np.ndarray | list, b: np.ndarray | list) -> None:
    if len(a) != len(b):
        raise ValueError(f"the lengths differ: {len(a)} and {len(b)}")


def _check(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> None:
    _check_lengths(boxes, scores)
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"iou_threshold is {iou_threshold}, and must be above 0 and at most 1")


def _check_counts(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> None:
    _check_lengths(scores, is_true_positive)
    if n_true < 1:
        raise ValueError(f"n_true is {n_true}, and must be at least 1")


def _by_score(scores: np.ndarray) -> np.ndarray:
    """Return the indices by falling score, ties by lower index."""
    return np.argsort(-scores.astype(np.float64), kind="stable")


def _pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the IoU of every box of one array with every box of the other."""
    a, b = boxes_a.astype(np.float64)[:, None], boxes_b.astype(np.float64)
    both = _area(np.maximum(a[..., :2], b[:, :2]), np.minimum(a[..., 2:], b[:, 2:]))
    either = _area(a[..., :2], a[..., 2:]) + _area(b[:, :2], b[:, 2:]) - both
    with np.errstate(invalid="ignore"):  # NaN where neither box has an area: that reaches no threshold
        return both / either


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners, which is 0 where a side is negative."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def match_detections_via_loop(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    """Let each detection look at every ground truth that is free, in plain Python."""
    _check(boxes, scores, iou_threshold)
    free, values = dict(enumerate(true_boxes.tolist())), scores.tolist()
    taken = np.full(len(values), -1)
    for detection in sorted(range(len(values)), key=values.__getitem__, reverse=True):
        x1, y1, x2, y2 = boxes[detection].tolist()
        best = 0.0
        for index, (left, bottom, right, top) in free.items():
            # Negative where they are apart on one axis at least, and no threshold is.
            both = max(min(x2, right) - max(x1, left), 0) * (min(y2, top) - max(y1, bottom))
            iou = both and both / ((x2 - x1) * (y2 - y1) + (right - left) * (top - bottom) - both)
            if iou >= iou_threshold and iou > best:
                best, taken[detection] = iou, index
        free.pop(taken[detection], None)
    return taken


def match_detections_via_pairs(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    """Sort the pairs that overlap enough by rank, then IoU, then index; take a pair if both sides are free."""
    _check(boxes, scores, iou_threshold)
    iou, order = _pairwise_iou(boxes, true_boxes), _by_score(scores).tolist()
    rank = {detection: place for place, detection in enumerate(order)}
    pairs = sorted((rank[d], -iou[d, t], t) for d, t in np.argwhere(iou >= iou_threshold).tolist())
    taken, owner = np.full(len(order), -1), {}
    for place, _, truth in pairs:
        if truth not in owner and taken[order[place]] == -1:
            owner[truth] = taken[order[place]] = truth
    return taken


def average_precision_via_recall_levels(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    """Average over the ground truths: the k-th counts the best precision at k true positives or more."""
    _check_counts(scores, is_true_positive, n_true)
    kept = [is_true_positive[scores >= threshold] for threshold in scores]
    counts = [(int(hits.sum()), len(hits)) for hits in kept]
    best = [max((true / all_ for true, all_ in counts if true >= k), default=0.0) for k in range(1, n_true + 1)]
    return float(np.mean(best))


def average_precision_via_walking_back(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> float:
    """Begin with all detections, drop the lowest score again and again, and keep the best precision seen."""
    _check_counts(scores, is_true_positive, n_true)
    rows = sorted(zip(scores.tolist(), is_true_positive.tolist(), strict=True), reverse=True)
    true, best, area = sum(hit for _, hit in rows), 0.0, 0.0
    while rows:
        best = max(best, true / len(rows))
        lowest = rows[-1][0]
        while rows and rows[-1][0] == lowest:
            hit = rows.pop()[1]
            true -= hit
            area += hit * best
    return area / n_true


def mean_average_precision_via_records(
    preds: list[dict[str, np.ndarray]], target: list[dict[str, np.ndarray]], iou_threshold: float = 0.5
) -> float:
    """Go through the images once, and append each detection to the records of its class."""
    _check_lengths(preds, target)
    n_true, records = {}, {}
    for image, truth in enumerate(target):
        found = preds[image]
        for label in truth["labels"].tolist():
            n_true[label] = n_true.get(label, 0) + 1
        for label in {*found["labels"].tolist(), *truth["labels"].tolist()}:
            mine, real = np.flatnonzero(found["labels"] == label), np.flatnonzero(truth["labels"] == label)
            scores = found["scores"][mine]
            taken = match_detections(found["boxes"][mine], scores, truth["boxes"][real], iou_threshold)
            records.setdefault(label, []).extend(zip(scores.tolist(), (taken >= 0).tolist(), strict=True))
    if not n_true:
        raise ValueError("there is no ground truth")
    total = 0.0
    for label, count in n_true.items():
        scores, hits = np.array(records[label]).reshape(-1, 2).T
        total += average_precision(scores, hits, count)
    return total / len(n_true)
