import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

LARGE = 2.0**17  # areas so large that a 1e-9 beside them is lost: IoUs are exact, however they are computed


def row(*starts, width=4.0):
    """Return boxes of height 2 and one width, which begin at these x: one apart is an IoU of 3/5, two apart 1/3."""
    starts = np.array(starts, dtype=float)
    return np.column_stack([starts, np.full(len(starts), 1.0), starts + width, np.full(len(starts), 3.0)])


def draw(rng, n):
    """Return boxes of which most overlap some other: no two IoUs are equal, and none is at a threshold."""
    corners = rng.uniform(0.0, 7.0, size=(n, 2))
    return np.column_stack([corners, corners + rng.uniform(2.0, [7.0, 5.0], size=(n, 2))])


def length(low, high):
    return max(high - low, 0.0)


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either


def matches(boxes, scores, true_boxes, iou_threshold=0.5):
    """Let one detection after another choose among what is free."""
    taken, free = [-1] * len(boxes), list(range(len(true_boxes)))
    for detection in sorted(range(len(boxes)), key=lambda index: (-scores[index], index)):
        fits = {t: iou(boxes[detection].tolist(), true_boxes[t].tolist()) for t in free}
        best = max(fits, key=lambda t: (fits[t], -t), default=None)
        if best is not None and fits[best] >= iou_threshold:
            taken[detection] = best
            free.remove(best)
    return taken


def area(scores, hits, n_true):
    """Integrate over recall: between (k - 1) / n_true and k / n_true nothing changes."""
    best = [0.0] * n_true
    for threshold in set(scores):
        kept = [hit for score, hit in zip(scores, hits, strict=True) if score >= threshold]
        for k in range(sum(kept)):
            best[k] = max(best[k], sum(kept) / len(kept))
    return sum(best) / n_true


def mean_area(preds, target, iou_threshold=0.5):
    """Match image by image, pool the scores of a class, and take the mean over the classes of the true boxes."""
    areas = []
    for label in {label for truth in target for label in truth["labels"].tolist()}:
        scores, hits, n_true = [], [], 0
        for found, truth in zip(preds, target, strict=True):
            mine, real = found["labels"] == label, truth["boxes"][truth["labels"] == label]
            scores += found["scores"][mine].tolist()
            hits += [t >= 0 for t in matches(found["boxes"][mine], found["scores"][mine], real, iou_threshold)]
            n_true += len(real)
        areas.append(area(scores, hits, n_true))
    return sum(areas) / len(areas)


def detected(boxes, scores, labels):
    return {"boxes": boxes, "scores": np.array(scores, dtype=float), "labels": np.array(labels, dtype=int)}


def true(boxes, labels):
    return {"boxes": boxes, "labels": np.array(labels, dtype=int)}


def draw_images(rng, n_images=4):
    """Return detections and truth of a few images: classes -1, 0 and 5 are true, and 7 is detected only."""
    target = [true(draw(rng, 5), rng.choice([-1, 0, 5], size=5)) for _ in range(n_images)]
    preds = []
    for truth in target:
        near = truth["boxes"] + rng.uniform(0.0, 1.0, size=(5, 4))
        labels = [*truth["labels"], *rng.choice([-1, 0, 5, 7], size=4)]
        preds.append(detected(np.vstack([near, draw(rng, 4)]), rng.integers(0, 20, size=9) / 8, labels))
    return preds, target


def test_threshold(kata):
    """A detection takes a ground truth if their IoU is at least the threshold, 1/2 by default, and is -1 otherwise."""
    score = np.array([0.9])
    assert_equal(kata.match_detections(row(0), score, row(1)), [0])
    assert_equal(kata.match_detections(row(0), score, row(2)), [-1])
    assert_equal(kata.match_detections(row(0), score, row(-9, 2), 0.25), [1])
    assert_equal(kata.match_detections(row(0), score, row(1), 0.75), [-1])
    # A box inside another, of a quarter, a half or three quarters of its area; and its copy.
    for width, share in [(1.0, 0.25), (2.0, 0.5), (3.0, 0.75), (4.0, 1.0)]:
        inside = LARGE * row(0, width=width)
        assert_equal(kata.match_detections(LARGE * row(0), score, inside, share), [0])
        assert_equal(kata.match_detections(LARGE * row(0), score, inside, min(share + 1e-4, 1.0)), [-(share < 1)])
    # In shares of the image sides areas are small, and a box may reach beyond the image.
    assert_equal(kata.match_detections(row(-8) / 1000, score, row(-9) / 1000, 0.59), [0])


def test_one_truth_once(kata):
    """A ground truth is taken once: a second detection of it is a false positive, even if it fits better."""
    assert_equal(kata.match_detections(row(0, 0), np.array([0.9, 0.8]), row(0)), [0, -1])
    assert_equal(kata.match_detections(row(1, 0), np.array([0.9, 0.8]), row(0)), [0, -1])
    assert_equal(kata.match_detections(row(1, 0, -1), np.array([0.9, 0.8, 0.7]), row(0)), [0, -1, -1])


def test_best_score_first(kata):
    """Detections choose by falling score, the lower index first on a tie; the result is in the order of the rows."""
    assert_equal(kata.match_detections(row(0, 1), np.array([0.8, 0.9]), row(0)), [-1, 0])
    assert_equal(kata.match_detections(row(1, 0), np.array([0.5, 0.5]), row(0)), [0, -1])
    # Close scores are no ties.
    assert_equal(kata.match_detections(row(1, 0), np.array([0.5, 0.5 + 1e-8]), row(0)), [-1, 0])
    assert_equal(kata.match_detections(row(1, 0), np.array([1000.0, 1000.00001]), row(0)), [-1, 0])
    assert_equal(kata.match_detections(row(9, 20, 0, 1), np.array([-2.0, -1.0, -4.0, -3.0]), row(0, 9)), [1, -1, -1, 0])
    # Two scores, and each box twice: a sort that is not stable mixes them up.
    starts, scores = [3 * k for k in range(20)], np.tile([0.5, 0.75], 20)
    assert_equal(kata.match_detections(row(*starts, *starts), scores, row(*starts), 0.9), [*range(20), *[-1] * 20])


def test_best_overlap(kata):
    """A detection takes the largest IoU among the ground truths that are free, the lower index on a tie."""
    score = np.array([0.9])
    assert_equal(kata.match_detections(row(0), score, row(1, 0)), [1])
    assert_equal(kata.match_detections(row(1), score, row(2, 0)), [0])
    assert_equal(kata.match_detections(row(0), score, row(9, 0, 0)), [1])
    assert_equal(kata.match_detections(row(0, 0), np.array([0.8, 0.9]), row(0, 0)), [1, 0])
    # Close IoUs are no ties.
    assert_equal(kata.match_detections(row(0), score, row(1e-5, 0)), [1])
    # If the best one is taken, the next best will do.
    assert_equal(kata.match_detections(row(0, 0), np.array([0.9, 0.8]), row(1, 0)), [1, 0])
    assert_equal(kata.match_detections(row(0, 0, 0), np.array([0.7, 0.9, 0.8]), row(1, 0)), [-1, 1, 0])


def test_matching(kata, rng):
    """Boxes that are apart have the IoU 0; without a ground truth all are -1; and many boxes match as few do."""
    assert_equal(kata.match_detections(row(5), np.array([0.5]), np.array([[0.0, -1.0, 4.0, 0.0]]), 0.01), [-1])
    assert_equal(kata.match_detections(row(0, 1), np.array([0.5, 0.6]), row()), [-1, -1])
    assert_equal(kata.match_detections(row(), np.array([]), row(0, 1)), [])
    # More detections than the hundred an image that COCO counts.
    many = row(*range(0, 1200, 8))
    assert_equal(kata.match_detections(many, np.full(150, 0.5), many[::-1]), range(149, -1, -1))
    for iou_threshold in (0.125, 0.25, 0.5):
        boxes, true_boxes = draw(rng, 12), draw(rng, 9)
        scores = rng.integers(0, 12, size=12) / 8
        expected = matches(boxes, scores, true_boxes, iou_threshold)
        assert_equal(kata.match_detections(boxes, scores, true_boxes, iou_threshold), expected)


def test_area(kata, rng):
    """Precision is out of what the threshold keeps, recall out of all ground truths; AP is 0 if nothing is found."""
    average = kata.average_precision
    assert_close(average(np.array([0.9]), np.array([True]), 1), 1.0)
    assert_close(average(np.array([0.9]), np.array([True]), 4), 0.25)
    assert_close(average(np.array([0.9, 0.8]), np.array([False, True]), 1), 0.5)
    assert_close(average(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), 2), (1 + 2 / 3) / 2)
    assert_close(average(np.array([0.7, 0.8, 0.9]), np.array([True, False, True]), 2), (1 + 2 / 3) / 2)
    assert_close(average(np.array([]), np.array([], dtype=bool), 3), 0.0)
    assert_close(average(np.array([0.9, 0.8]), np.array([False, False]), 3), 0.0)
    # Precision falls all the way, so that there is nothing to interpolate.
    hits = np.repeat([True, False, True, False, True, False], [3, 1, 1, 2, 1, 4])
    order = rng.permutation(12)
    scores = np.arange(12.0)[::-1] - 6
    assert_close(average(scores[order], hits[order], 8), area(scores.tolist(), hits.tolist(), 8))


def test_best_precision_from_there_on(kata, rng):
    """At each recall, the best precision counts that any threshold of that recall or more has."""
    average = kata.average_precision
    assert_close(average(np.array([0.9, 0.8, 0.7]), np.array([False, True, True]), 2), 2 / 3)
    assert_close(
        average(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True]), 3), (1 + 3 / 4 + 3 / 4) / 3
    )
    for _ in range(5):
        scores, hits = rng.permutation(15) / 8 - 1, rng.random(15) < 0.6
        assert_close(average(scores, hits, 15), area(scores.tolist(), hits.tolist(), 15))


def test_tied_scores(kata, rng):
    """A threshold keeps tied detections together, whatever their order."""
    average = kata.average_precision
    for hits in ([True, False], [False, True]):
        assert_close(average(np.array([0.5, 0.5]), np.array(hits), 1), 0.5)
    assert_close(average(np.array([0.9, 0.5, 0.5]), np.array([True, False, True]), 2), (1 + 2 / 3) / 2)
    # Close scores are no ties.
    assert_close(average(np.array([0.1, 0.1 + 1e-8]), np.array([False, True]), 1), 1.0)
    assert_close(average(np.array([1000.0, 1000.00001]), np.array([False, True]), 1), 1.0)
    for _ in range(5):
        scores, hits = rng.integers(0, 5, size=15) / 4, rng.random(15) < 0.5
        assert_close(average(scores, hits, 15), area(scores.tolist(), hits.tolist(), 15))


def test_images(kata):
    """Detections match within their image only, and all images of a class share one curve: no mean over images."""
    mean = kata.mean_average_precision
    preds = [detected(row(0), [0.9], [1]), detected(row(), [], [])]
    assert_close(mean(preds, [true(row(0), [1]), true(row(), [])]), 1.0)
    assert_close(mean(preds, [true(row(), []), true(row(0), [1])]), 0.0)
    # A ground truth counts where nothing is detected, too.
    assert_close(mean(preds, [true(row(0), [1]), true(row(0), [1])]), 0.5)
    # A false positive in an image without ground truth has the second of three scores.
    preds = [detected(row(0), [0.9], [1]), detected(row(0), [0.8], [1]), detected(row(0), [0.7], [1])]
    target = [true(row(0), [1]), true(row(), []), true(row(0), [1])]
    assert_close(mean(preds, target), (1 + 2 / 3) / 2)
    # Three ground truths in one image and one in the other.
    preds = [detected(row(0), [0.9], [1]), detected(row(0), [0.8], [1])]
    assert_close(mean(preds, [true(row(0, 9, 18), [1, 1, 1]), true(row(0), [1])]), 2 / 4)


def test_classes(kata):
    """The mean is over the classes with a ground truth, each alike; a box of another class matches nothing."""
    mean = kata.mean_average_precision
    assert_close(mean([detected(row(0), [0.9], [2])], [true(row(0), [1])]), 0.0)
    # Class 3 has an AP of 1 and class -5, of which nothing is detected, of 0.
    assert_close(mean([detected(row(0), [0.9], [3])], [true(row(0, 9), [3, -5])]), 0.5)
    # Class 3 has three ground truths, of which one is found, and class -5 has one, which is found.
    preds = [detected(row(0, 30), [0.9, 0.8], [3, -5])]
    assert_close(mean(preds, [true(row(0, 9, 18, 30), [3, 3, 3, -5])]), (1 / 3 + 1) / 2)
    # Class 4 is detected, and has no ground truth.
    assert_close(mean([detected(row(0, 9), [0.8, 0.9], [3, 4])], [true(row(0), [3])]), 1.0)
    # A class may be 0, and the only one.
    assert_close(mean([detected(row(0), [0.9], [0])], [true(row(0), [0])]), 1.0)
    # Two classes in one place are no doubles of one another.
    assert_close(mean([detected(row(0, 0), [0.9, 0.8], [3, 4])], [true(row(0, 0), [4, 3])]), 1.0)


def test_mean(kata, rng):
    """The mAP is right for many images, classes and thresholds, 1/2 by default."""
    one_apart = [detected(row(0), [0.9], [1])], [true(row(1), [1])]
    assert_close(kata.mean_average_precision(*one_apart), 1.0)
    assert_close(kata.mean_average_precision(*one_apart, 0.75), 0.0)
    two_apart = [detected(row(0), [0.9], [1])], [true(row(2), [1])]
    assert_close(kata.mean_average_precision(*two_apart), 0.0)
    assert_close(kata.mean_average_precision(*two_apart, 0.25), 1.0)
    preds, target = draw_images(rng)
    for iou_threshold in (0.5, 0.25, 0.75):
        expected = mean_area(preds, target, iou_threshold)
        assert_close(kata.mean_average_precision(preds, target, iou_threshold), expected)


def test_no_truth(kata):
    """If no image has a ground truth, there is no mAP: ValueError."""
    for found in ([detected(row(0), [0.5], [1])], [detected(row(), [], [])], []):
        with pytest.raises(ValueError):
            kata.mean_average_precision(found, [true(row(), []) for _ in found])


@strict
def test_exact_threshold(kata):
    """IoUs are compared exactly, also those of small boxes; boxes without area have the IoU 0."""
    score = np.array([0.9])
    for width, share in [(1.0, 0.25), (2.0, 0.5), (3.0, 0.75), (4.0, 1.0)]:
        assert_equal(kata.match_detections(row(0), score, row(0, width=width), share), [0])
    assert_equal(kata.match_detections(row(0), score, row(0, width=4.0 + 2.0**-38), 1.0), [-1])
    assert_equal(kata.match_detections(row(0, width=0.0), score, row(0, width=0.0), 0.01), [-1])


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8])
def test_integers(kata, kind):
    """Boxes, scores and truth values may be integers of any type: nothing wraps around."""
    # The first box lies one beside a ground truth; the others are wider than int8 holds, and the last is too high.
    left = np.array([100, 0, 100, 0]) if kind is np.int8 else 0
    boxes = (np.array([[0, 0, 100, 2], [0, 10, 200, 30], [0, 40, 200, 60]]) - left).astype(kind)
    true_boxes = (np.array([[101, 1, 201, 3], [10, 10, 200, 30], [0, 40, 200, 48]]) - left).astype(kind)
    scores = np.array([0, 3, 2], dtype=kind)
    assert_equal(kata.match_detections(boxes, scores, true_boxes), [-1, 1, -1])
    assert_equal(kata.match_detections(boxes[[1, 1]], scores[:2], true_boxes), [-1, 1])
    hits = np.array([1, 0, 1], dtype=kind)
    assert_close(kata.average_precision(np.array([0, 2, 3], dtype=kind), hits, 2), (1 + 2 / 3) / 2)
    preds = [{"boxes": boxes, "scores": scores, "labels": np.ones(3, dtype=np.uint8)}]
    target = [{"boxes": true_boxes, "labels": np.ones(3, dtype=np.uint8)}]
    assert_close(kata.mean_average_precision(preds, target), 1 / 3)


@strict
def test_bad_thresholds(kata):
    """A threshold that is not above 0 and at most 1 raises ValueError, for one image and for all."""
    for iou_threshold in (0, -0.5, 1.01):
        with pytest.raises(ValueError):
            kata.match_detections(row(0), np.array([0.5]), row(0), iou_threshold)
        with pytest.raises(ValueError):
            kata.mean_average_precision([detected(row(0), [0.5], [1])], [true(row(0), [1])], iou_threshold)


@strict
def test_lengths(kata):
    """Boxes, scores and true positives, or two lists of images, that differ in length raise ValueError."""
    for scores in ([0.5], [0.5, 0.6, 0.7]):
        with pytest.raises(ValueError):
            kata.match_detections(row(0, 9), np.array(scores), row(0))
        with pytest.raises(ValueError):
            kata.average_precision(np.array(scores), np.array([True, False]), 2)
    found, truth = detected(row(0), [0.5], [1]), true(row(0), [1])
    for preds, target in [([found], [truth, truth]), ([found, found], [truth]), ([], [truth])]:
        with pytest.raises(ValueError):
            kata.mean_average_precision(preds, target)


@strict
def test_n_true(kata):
    """An n_true below 1 raises ValueError."""
    for n_true in (0, -1):
        with pytest.raises(ValueError):
            kata.average_precision(np.array([0.5, 0.6]), np.array([False, False]), n_true)


def workload(kata, rng, n):
    preds, target = draw_images(rng, n_images=n // 8 + 2)
    boxes, true_boxes, scores = draw(rng, n + 3), draw(rng, n // 2 + 2), rng.integers(0, n + 3, size=n + 3) / 8
    taken = kata.match_detections(boxes, scores, true_boxes, 0.25)
    hits = rng.random(n + 3) < 0.5
    return (
        taken,
        kata.match_detections(boxes, scores, true_boxes),
        kata.average_precision(scores, hits, int(hits.sum()) + 2),
        kata.mean_average_precision(preds, target),
        kata.mean_average_precision(preds, target, 0.3),
    )


MISTAKES = {
    "an unstable sort": ('np.float64), kind="stable")', "np.float64))"),
    "COCO's hundred detections at most": (
        "for detection in _by_score(scores):\n        if",
        "for detection in _by_score(scores)[:100]:\n        if",
    ),
    "the threshold strictly": ("iou >= iou_threshold, iou, 0)", "iou > iou_threshold, iou, 0)"),
    "the threshold fixed at one half": ("iou >= iou_threshold, iou, 0)", "iou >= 0.5, iou, 0)"),
    "a ground truth taken many times": ("            within_reach[:, taken[detection]] = 0\n", ""),
    "a best ground truth that is taken is the end of it": (
        "        if within_reach[detection].any():\n",
        "        if within_reach[detection].any() and iou[detection].argmax() == within_reach[detection].argmax():\n",
    ),
    "in the order of the rows": (
        "for detection in _by_score(scores):\n        if",
        "for detection in range(len(scores)):\n        if",
    ),
    "the lowest score first": ("np.argsort(-scores.astype", "np.argsort(scores.astype"),
    "the best fit first": (
        "for detection in _by_score(scores):\n        if",
        "for detection in _by_score(within_reach.max(axis=1, initial=0)):\n        if",
    ),
    "ties by higher index": (
        'np.argsort(-scores.astype(np.float64), kind="stable")',
        'np.argsort(scores, kind="stable")[::-1]',
    ),
    "the first ground truth within reach, not the best": (
        "taken[detection] = within_reach[detection].argmax()",
        "taken[detection] = np.flatnonzero(within_reach[detection])[0]",
    ),
    "the last of equal ground truthes": (
        "taken[detection] = within_reach[detection].argmax()",
        "taken[detection] = len(true_boxes) - 1 - within_reach[detection][::-1].argmax()",
    ),
    "ground truthes choose, not detections": (
        "    for detection in _by_score(scores):\n        if within_reach[detection].any():\n",
        (
            "    for truth in range(len(true_boxes)):\n"
            "        if within_reach[:, truth].any():\n"
            "            taken[within_reach[:, truth].argmax()] = truth\n"
            "            within_reach[within_reach[:, truth].argmax()] = 0\n"
            "    for detection in []:\n        if within_reach[detection].any():\n"
        ),
    ),
    "in the order of the scores, not of the rows": (
        "    return taken\n\n\ndef average_precision(",
        "    return taken[_by_score(scores)]\n\n\ndef average_precision(",
    ),
    "a flag for an index": (
        "    return taken\n\n\ndef average_precision(",
        "    return taken >= 0\n\n\ndef average_precision(",
    ),
    "negative sides not cut off": ("np.maximum(upper - lower, 0)", "(upper - lower)"),
    "widths and heights counted in pixels": ("np.maximum(upper - lower, 0)", "np.maximum(upper - lower + 1, 0)"),
    "precision as it is, not the best from there on": (
        "best_from_here = np.maximum.accumulate(precision[::-1])[::-1]",
        "best_from_here = precision",
    ),
    "the best precision up to there": (
        "best_from_here = np.maximum.accumulate(precision[::-1])[::-1]",
        "best_from_here = np.maximum.accumulate(precision)",
    ),
    "trapezoids": (
        "return float((true * best_from_here).sum() / n_true)",
        "return float((true * (best_from_here + np.append(1, best_from_here)[:-1]) / 2).sum() / n_true)",
    ),
    "eleven recall levels": (
        "return float((true * best_from_here).sum() / n_true)",
        (
            "recall = np.cumsum(true) / n_true\n"
            "    return float(np.mean([precision[recall >= r].max(initial=0) for r in np.linspace(0, 1, 11)]))"
        ),
    ),
    "a hundred and one recall levels": (
        "return float((true * best_from_here).sum() / n_true)",
        (
            "recall = np.cumsum(true) / n_true\n"
            "    return float(np.mean([precision[recall >= r].max(initial=0) for r in np.linspace(0, 1, 101)]))"
        ),
    ),
    "recall of what was found": ("best_from_here).sum() / n_true)", "best_from_here).sum() / max(true.sum(), 1))"),
    "tied detections one by one": (
        "_, group = np.unique(scores, return_inverse=True)",
        "group = np.argsort(np.argsort(scores, kind='stable'), kind='stable')",
    ),
    "thresholds rise": [
        ("weights=is_true_positive)[::-1]", "weights=is_true_positive)"),
        ("np.cumsum(np.bincount(group)[::-1])", "np.cumsum(np.bincount(group))"),
    ],
    "matched across images": (
        "mine, real = preds[image]",
        (
            "truth = {key: np.concatenate([one[key] for one in target]) for key in truth}\n"
            "            mine, real = preds[image]"
        ),
    ),
    "ground truths count only where something is detected": (
        "n_true += int(real.sum())",
        "n_true += int(real.sum()) * bool(mine.any())",
    ),
    "close scores are tied": (
        "np.unique(scores, return_inverse=True)",
        "np.unique(scores.round(6), return_inverse=True)",
    ),
    "a mean over images": [
        (
            "            n_true += int(real.sum())\n",
            (
                "            if real.any():\n"
                "                precisions.append(average_precision(scores[-1], hits[-1], int(real.sum())))\n"
            ),
        ),
        ("        precisions.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))\n", ""),
    ],
    "images without a ground truth are skipped": (
        "            scores.append(",
        "            if not real.any():\n                continue\n            scores.append(",
    ),
    "images without detections are skipped": (
        "            scores.append(",
        "            if not mine.any():\n                continue\n            scores.append(",
    ),
    "labels of the detections are ignored": (
        'preds[image]["labels"] == label, truth',
        'preds[image]["labels"] == preds[image]["labels"], truth',
    ),
    "classes of the detections": (
        'for image in target for label in image["labels"].tolist()}',
        'for image in preds for label in image["labels"].tolist()}',
    ),
    "a class that is only detected counts 0": (
        "return float(np.mean(precisions))",
        'return sum(precisions) / len(classes.union(*(image["labels"].tolist() for image in preds)))',
    ),
    "a class that is not detected counts for nothing": (
        "        precisions.append(",
        "        if not len(np.concatenate(scores)):\n            continue\n        precisions.append(",
    ),
    "classes weighed by their ground truthes": (
        "        precisions.append(average_precision(np.concatenate(scores), np.concatenate(hits), n_true))\n",
        "        precisions += [average_precision(np.concatenate(scores), np.concatenate(hits), n_true)] * n_true\n",
    ),
    "all classes on one curve": (
        'classes = {label for image in target for label in image["labels"].tolist()}',
        (
            'classes = {True for image in target for label in image["labels"]}\n'
            '    preds = [image | {"labels": image["labels"] > -9} for image in preds]\n'
            '    target = [image | {"labels": image["labels"] > -9} for image in target]'
        ),
    ),
    "the threshold not passed on": (
        'truth["boxes"][real], iou_threshold)\n            hits',
        'truth["boxes"][real])\n            hits',
    ),
    "no ground truth gives 0": ('raise ValueError("no image has a ground truth")', "return 0.0"),
}

STRICT_MISTAKES = {
    "COCO's slack for the threshold": (
        "    within_reach = np.where(",
        "    iou_threshold = min(iou_threshold, 1 - 1e-10)\n    within_reach = np.where(",
    ),
    "a small number in the denominator": ("return both / either", "return both / (either + 1e-9)"),
    "small integers wrap around": (
        "boxes_a.astype(np.float64)[:, None], boxes_b.astype(np.float64)",
        "boxes_a[:, None], boxes_b",
    ),
    "unsigned scores wrap around": ("-scores.astype(np.float64)", "-scores"),
    "n_true of 0 gives NaN": ("if n_true < 1:", "if n_true < 0:"),
    "surplus images are ignored": ("    _check_lengths(preds, target)\n    classes", "    classes"),
    "a threshold of 0": ("not 0 < iou_threshold <= 1", "not 0 <= iou_threshold <= 1"),
}
