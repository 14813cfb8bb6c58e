# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- mean_average_precision
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
