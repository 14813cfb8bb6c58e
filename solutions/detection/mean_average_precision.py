"""Mean average precision of an object detector.

A detector returns boxes, each with a class and a score; the truth is boxes with classes. Three steps turn them into one
number.

Matching. Within one image and one class, detections choose in the order of falling score, of equal scores the one of
lower index first. Each looks at the true boxes that are not yet taken, and of those at the one with which its
intersection over union is largest, of equal ones the one of lower index. It takes that box if this IoU is at least the
threshold, and else none. So a true box is taken once: a second detection of it is a false positive, like every one that
takes none.

Average precision. Over all images, a score threshold t keeps the detections of a class whose score is at least t, so
tied ones come together:

    precision(t) = true positives kept / detections kept             recall(t) = true positives kept / true boxes

Precision at a recall level r is the highest precision of any threshold whose recall is at least r, and 0 where no
threshold reaches r. Average precision is the area under that, from recall 0 to 1:

    AP = integral over r from 0 to 1 of max { precision(t) : recall(t) >= r }

The mean is over the classes that have a true box in some image, each counting the same.

The IoU of two boxes is |A and B| / |A or B|, in continuous coordinates: a box from x1 to x2 is x2 - x1 wide. Where
|A or B| is 0 it counts as 0.

Tools differ in details. COCO matches as above, and reads the precision off at 101 recall levels. The PASCAL VOC
challenge, since 2010, takes the area as above, but there a detection looks at its best true box only, taken or not.
COCO and VOC both count tied detections one by one, in the order in which they come.

Sources: Everingham et al., The PASCAL visual object classes challenge: a retrospective (2015); Lin et al., Microsoft
COCO: common objects in context (2014), and the code of its evaluation, pycocotools.
"""

import numpy as np


def match_detections(
    boxes: np.ndarray, scores: np.ndarray, true_boxes: np.ndarray, iou_threshold: float = 0.5
) -> np.ndarray:
    """Return which true box each detection takes, within one image and one class.

    Parameters
    ----------
    boxes : array of shape (n_detections, 4)
        One box a row: x1, y1, x2, y2 with x1 <= x2 and y1 <= y2. Finite floats or integers, small and unsigned ones
        too. None at all is the shape (0, 4).
    scores : array of shape (n_detections,)
        Finite numbers of any sign and size, floats or integers, unsigned ones too. Scores are tied when they are equal.
    true_boxes : array of shape (n_true, 4)
        As `boxes`.
    iou_threshold : float above 0, at most 1

    Returns
    -------
    array of int of shape (n_detections,)
        For each detection, in the order given, the index of the true box that it takes, or -1 for a false positive.

    Raises
    ------
    ValueError
        If boxes and scores differ in length; if a score is NaN or infinite; if iou_threshold is 0 or less, above 1 or
        NaN.

    Examples
    --------
    The last detection fits best and chooses first. The first one is too late, and the second overlaps too little.

    >>> boxes = np.array([[0.0, 0.0, 4.0, 4.0], [9.0, 0.0, 13.0, 4.0], [1.0, 0.0, 5.0, 4.0]])
    >>> true_boxes = np.array([[12.0, 0.0, 16.0, 4.0], [1.0, 0.0, 5.0, 4.0]])
    >>> match_detections(boxes, np.array([0.7, 0.8, 0.9]), true_boxes)
    array([-1, -1,  1])
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
    """Return the average precision of one class, over all images.

    Parameters
    ----------
    scores : array of shape (n_detections,)
        Finite numbers, as `match_detections` takes them, in any order. There may be none.
    is_true_positive : array of shape (n_detections,)
        Whether each detection took a true box: booleans, or 0 and 1.
    n_true : int, at least 1
        How many true boxes there are, found or not.

    Returns
    -------
    float
        From 0 to 1: 0 where nothing was found, 1 where every true box was found with a score above those of all false
        positives.

    Raises
    ------
    ValueError
        If scores and is_true_positive differ in length; if a score is NaN or infinite; if n_true is less than 1, or
        less than the number of true positives.

    Examples
    --------
    Half of the true boxes are found at precision 1, a quarter at 3/4, and the last quarter never.

    >>> scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    >>> average_precision(scores, np.array([True, True, False, True, False]), 4)
    0.6875

    Of two tied detections neither comes before the other.

    >>> average_precision(np.array([0.5, 0.5]), np.array([True, False]), 1)
    0.5
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
    """Return the mean over classes of the average precision of a detector's answers on a list of images.

    Parameters
    ----------
    preds : list with a dict for each image
        What was detected: "boxes" of shape (n, 4), "scores" of shape (n,), as `match_detections` takes them, and
        "labels" of shape (n,), whole numbers that name the classes. n differs from image to image and may be 0.
        Within an image the three agree in length, which need not be checked.
    target : list with a dict for each image
        What is there, image by image in the same order: "boxes" of shape (m, 4) and "labels" of shape (m,). m may be 0:
        what is detected in such an image is a false positive like any other.
    iou_threshold : float above 0, at most 1

    Returns
    -------
    float
        The mean of the average precision over the classes that have a true box in some image. A class of which nothing
        is detected counts as 0. A class that is detected, but has no true box anywhere, counts for nothing.

    Raises
    ------
    ValueError
        If preds and target differ in length; if no image has a true box; if iou_threshold is 0 or less, above 1 or
        NaN.

    Examples
    --------
    Class 3 is found. Class 7 is found in the first image, with half the score of a false positive in the second.

    >>> box = np.array([[0.0, 0.0, 4.0, 4.0]])
    >>> preds = [
    ...     {"boxes": np.tile(box, (2, 1)), "scores": np.array([0.8, 0.3]), "labels": np.array([3, 7])},
    ...     {"boxes": box, "scores": np.array([0.6]), "labels": np.array([7])},
    ... ]
    >>> target = [
    ...     {"boxes": np.tile(box, (2, 1)), "labels": np.array([7, 3])},
    ...     {"boxes": np.empty((0, 4)), "labels": np.array([], dtype=int)},
    ... ]
    >>> mean_average_precision(preds, target)
    0.75
    """
    if len(preds) != len(target):
        raise ValueError(f"there are {len(preds)} images with detections and {len(target)} with true boxes")
    classes = {label for image in target for label in image["labels"].tolist()}
    if not classes:
        raise ValueError("no image has a true box")
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


def _check(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> None:
    """Refuse detections that cannot be matched."""
    if len(boxes) != len(scores):
        raise ValueError(f"there are {len(boxes)} boxes and {len(scores)} scores")
    if not np.isfinite(scores).all():
        raise ValueError("a score is NaN or infinite")
    if not 0 < iou_threshold <= 1:
        raise ValueError(f"iou_threshold is a number above 0 and at most 1, not {iou_threshold}")


def _check_counts(scores: np.ndarray, is_true_positive: np.ndarray, n_true: int) -> None:
    """Refuse counts that have no precision or no recall."""
    if len(scores) != len(is_true_positive):
        raise ValueError(f"there are {len(scores)} scores and {len(is_true_positive)} true or false positives")
    if not np.isfinite(scores).all():
        raise ValueError("a score is NaN or infinite")
    if n_true < max(1, is_true_positive.sum()):
        raise ValueError(f"n_true is {n_true}: it is at least 1, and no less than the true positives")


def _by_score(scores: np.ndarray) -> np.ndarray:
    """Return the indices by falling score and, where scores are tied, rising."""
    # Twice reversed, so that ties stay in order and no unsigned score changes its sign.
    return len(scores) - 1 - np.argsort(scores[::-1], kind="stable")[::-1]


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
    """Let each detection look at every true box that is free, in plain Python."""
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
    """Sort all pairs that overlap enough by rank, falling IoU and index, and take each whose two sides are free."""
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
    """Average over the true boxes: the k-th counts the best precision among thresholds that keep k true positives."""
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
    """Go through the images once, and enter each detection and each true box into the account of its class."""
    if len(preds) != len(target):
        raise ValueError("preds and target differ in length")
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
        raise ValueError("there is no true box")
    total = 0.0
    for label, count in n_true.items():
        scores, hits = np.array(records[label]).reshape(-1, 2).T
        total += average_precision(scores, hits, count)
    return total / len(n_true)
