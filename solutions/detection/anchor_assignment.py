"""Assign ground truths to anchors: what each anchor of a detector learns in one image.

For each anchor, let best be its largest IoU with any ground truth:

    best >= high          the anchor is positive, and learns that ground truth
    low <= best < high    the anchor is ignored: -2
    best < low            the anchor is background: -1

    IoU(A, B) = area(A and B) / area(A or B)

A ground truth may reach high with no anchor. So its best anchors are positive, too, whatever their IoU.

Sources: Ren et al., Faster R-CNN: towards real-time object detection with region proposal networks (2015), section
3.1.2, for the algorithm; the Matcher of torchvision for the codes -1 and -2.

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly.
- Coordinates may be integers of any type.
- ValueError if low is not above 0, or high is above 1.
"""

import numpy as np


def assign_anchors(anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Return for each anchor the index of the ground truth that it learns, or -1, or -2.

    A positive anchor learns the ground truth with which its own IoU is largest; the lower index on a tie.

    The best anchors of a ground truth are those with the largest IoU with it: all of them on a tie, and none if that
    IoU is 0. Such an anchor also learns its own best ground truth, which may be another one.

    Parameters
    ----------
    anchors, truths : arrays of shape (n, 4) and (m, 4)
        Rows x1, y1, x2, y2. n or m may be 0. Without ground truths, all anchors are background.

    Raises
    ------
    ValueError
        If low > high.

    Examples
    --------
    >>> anchors = np.array([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 1.0, 1.0], [8.0, 0.0, 9.0, 9.0]])
    >>> assign_anchors(anchors, np.array([[0.0, 0.0, 4.0, 4.0], [6.0, 0.0, 9.0, 9.0]]))
    array([ 0, -2, -1,  1])
    """
    _check(low, high)
    iou = _pairwise_iou(anchors, truths)
    if not len(truths):
        return np.full(len(anchors), -1)
    best = iou.max(axis=1)
    kept = ((iou == iou.max(axis=0, initial=0)) & (iou > 0)).any(axis=1)
    return np.select([kept | (best >= high), best >= low], [iou.argmax(axis=1), -2], -1)


def _check(low: float, high: float) -> None:
    if not 0 < low <= high <= 1:
        raise ValueError(f"low is {low} and high is {high}, not 0 < low <= high <= 1")


def _pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the IoU of every box of one array with every box of the other."""
    a, b = boxes_a.astype(np.float64)[:, None], boxes_b.astype(np.float64)
    both = _area(np.maximum(a[..., :2], b[:, :2]), np.minimum(a[..., 2:], b[:, 2:]))
    either = _area(a[..., :2], a[..., 2:]) + _area(b[:, :2], b[:, 2:]) - both
    with np.errstate(invalid="ignore"):  # NaN where neither box has an area: that reaches no threshold and is no best
        return both / either


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners, which is 0 where a side is negative."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def assign_anchors_via_loop(anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Go pair by pair, in plain Python: first for the best of each side, then for the codes."""
    _check(low, high)
    boxes = truths.tolist()
    rows = [[_one_iou(anchor, truth) for truth in boxes] for anchor in anchors.tolist()]
    tops = [max(column) for column in zip(*rows, strict=True)]
    codes = np.full(len(rows), -1)
    for anchor, row in enumerate(rows):
        best = max(row, default=0.0)
        if best >= high or any(value == top > 0 for value, top in zip(row, tops, strict=True)):
            codes[anchor] = row.index(best)
        elif best >= low:
            codes[anchor] = -2
    return codes


def _one_iou(a: list, b: list) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    if width <= 0:
        return 0.0
    # Negative where they are apart in y alone, and no best is.
    both = width * (min(a[3], b[3]) - max(a[1], b[1]))
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def assign_anchors_via_one_truth_at_a_time(
    anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7
) -> np.ndarray:
    """Let one ground truth after another take the anchors that it fits better than those before it."""
    _check(low, high)
    best, owner, kept = np.zeros(len(anchors)), np.zeros(len(anchors), dtype=int), set()
    for index in range(len(truths)):
        iou = _pairwise_iou(anchors, truths[index : index + 1])[:, 0]
        closer = iou > best
        best[closer], owner[closer] = iou[closer], index
        kept.update(np.flatnonzero((iou > 0) & (iou == iou.max(initial=0))).tolist())
    owner[best < high] = -2
    owner[best < low] = -1
    for anchor in kept:
        # Its best ground truth was overwritten by the codes.
        owner[anchor] = _pairwise_iou(anchors[anchor : anchor + 1], truths).argmax()
    return owner
