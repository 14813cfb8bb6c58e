"""`mean_average_precision` beside its definition, by brute force in fractions.

Neither torchvision nor pycocotools is at hand, and both tools differ from the statement as it says: pycocotools reads
precision off at 101 recall levels, and tied detections count one by one.
"""

from fractions import Fraction

import numpy as np
import pytest

CLOSE = {"rtol": 1e-9, "atol": 1e-15}
GOOD = np.array([[0.0, 0.0, 4.0, 4.0]])


def length(low, high):
    return max(Fraction(high) - Fraction(low), Fraction(0))


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either if either else Fraction(0)


def matches(boxes, scores, true_boxes, iou_threshold):
    """Give each detection in turn the first of the best free true boxes."""
    values, taken = scores.tolist(), [-1] * len(scores)
    for detection in sorted(range(len(values)), key=lambda index: (-values[index], index)):
        best = Fraction(0)
        for index, true_box in enumerate(true_boxes.tolist()):
            overlap = iou(boxes[detection].tolist(), true_box)
            if index not in taken[:detection] + taken[detection + 1 :] and overlap >= iou_threshold and overlap > best:
                best, taken[detection] = overlap, index
    return taken


def area(scores, hits, n_true):
    """Integrate the best precision from each recall on, between the recalls that there are."""
    points = []
    for threshold in set(scores):
        kept = [bool(hit) for score, hit in zip(scores, hits, strict=True) if score >= threshold]
        points.append((Fraction(sum(kept), n_true), Fraction(sum(kept), len(kept))))
    total, before = Fraction(0), Fraction(0)
    for recall in sorted({recall for recall, _ in points}):
        total += (recall - before) * max(precision for other, precision in points if other >= recall)
        before = recall
    return total


def mean_area(preds, target, iou_threshold):
    areas = []
    for label in sorted({label for truth in target for label in truth["labels"].tolist()}):
        scores, hits = [], []
        for found, truth in zip(preds, target, strict=True):
            mine, real = found["labels"] == label, truth["boxes"][truth["labels"] == label]
            scores += found["scores"][mine].tolist()
            hits += [t >= 0 for t in matches(found["boxes"][mine], found["scores"][mine], real, iou_threshold)]
        areas.append(area(scores, hits, sum(int((truth["labels"] == label).sum()) for truth in target)))
    return float(sum(areas) / len(areas))


def draw(rng, n, whole):
    if whole:
        return np.sort(rng.integers(0, 5, size=(n, 2, 2)), axis=1).reshape(n, 4)
    lower = rng.random((n, 2))
    return np.column_stack([lower, lower + rng.random((n, 2))])


def draw_scores(rng, n, tied):
    return rng.integers(-3, 3, size=n) if tied else rng.normal(size=n)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_matching(reference, rng, whole, tied):
    """Whole coordinates give equal IoUs, IoUs at the threshold, copies and boxes without area."""
    for _ in range(60):
        n, m = rng.integers(0, 9, size=2)
        boxes, true_boxes, scores = draw(rng, n, whole), draw(rng, m, whole), draw_scores(rng, n, tied)
        for iou_threshold in (1e-9, 0.25, 0.5, 0.75, 1):
            taken = reference.match_detections(boxes, scores, true_boxes, iou_threshold)
            assert taken.dtype.kind == "i"
            assert taken.tolist() == matches(boxes, scores, true_boxes, iou_threshold)


@pytest.mark.parametrize("tied", [True, False])
def test_area(reference, rng, tied):
    for _ in range(300):
        n = int(rng.integers(0, 25))
        scores, hits = draw_scores(rng, n, tied), rng.random(n) < rng.random()
        n_true = max(int(hits.sum()), 1) + int(rng.integers(0, 5))
        actual = reference.average_precision(scores, hits, n_true)
        np.testing.assert_allclose(actual, float(area(scores.tolist(), hits, n_true)), **CLOSE)
        as_numbers = reference.average_precision(scores, hits.astype(np.uint8), n_true)
        np.testing.assert_allclose(as_numbers, actual, **CLOSE)


@pytest.mark.parametrize("whole", [True, False])
def test_mean(reference, rng, whole):
    """Images without detections or without truth, classes that are only detected, and classes that never are."""
    for _ in range(40):
        preds, target = [], []
        for _ in range(int(rng.integers(1, 6))):
            n, m = rng.integers(0, 8, size=2)
            truth = draw(rng, m, whole)
            near = np.vstack([truth, draw(rng, n, whole)]) if rng.random() < 0.8 else draw(rng, n, whole)
            labels = rng.integers(-1, 4, size=len(near))
            scores = draw_scores(rng, len(near), rng.random() < 0.5).astype(float)
            preds.append({"boxes": near, "scores": scores, "labels": labels})
            target.append({"boxes": truth, "labels": rng.integers(-2, 3, size=m)})
        if not any(len(truth["labels"]) for truth in target):
            continue
        for iou_threshold in (0.25, 0.5, 0.75):
            actual = reference.mean_average_precision(preds, target, iou_threshold)
            np.testing.assert_allclose(actual, mean_area(preds, target, iou_threshold), **CLOSE)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.int32, np.int64, np.float32])
def test_kinds(reference, rng, kind):
    low, high = (0, 10**6) if kind is np.float32 else (np.iinfo(kind).min, np.iinfo(kind).max)
    boxes, true_boxes = (
        np.sort(rng.uniform(low, high, size=(9, 2, 2)), axis=1).reshape(9, 4).astype(kind) for _ in range(2)
    )
    scores = np.array([low, high, 1, 1, 0, 5, 3, 2, low], dtype=kind)
    taken = reference.match_detections(boxes, scores, true_boxes, 0.1)
    assert taken.tolist() == matches(boxes, scores, true_boxes, 0.1)
    np.testing.assert_allclose(
        reference.average_precision(scores, taken >= 0, 9), float(area(scores.tolist(), taken >= 0, 9)), **CLOSE
    )


def test_the_default_threshold_is_one_half(reference):
    for height, share in [(2.0, 1.0), (1.9, 0.0)]:
        preds = [{"boxes": GOOD * [1, 1, 1, height / 4], "scores": np.array([0.5]), "labels": np.array([1])}]
        assert reference.mean_average_precision(preds, [{"boxes": GOOD, "labels": np.array([1])}]) == share


@pytest.mark.parametrize("scores", [[], [0.5, 0.6], [np.nan], [np.inf], [-np.inf]])
def test_bad_scores(reference, scores):
    with pytest.raises(ValueError):
        reference.match_detections(GOOD, np.array(scores), GOOD)
    with pytest.raises(ValueError):
        reference.average_precision(np.array(scores), np.array([True]), 3)


@pytest.mark.parametrize("iou_threshold", [0, -1, 1.001, np.nan])
def test_bad_thresholds(reference, iou_threshold):
    target = [{"boxes": GOOD, "labels": np.array([1])}]
    nothing = {"boxes": GOOD[:0], "scores": np.array([]), "labels": np.array([], dtype=int)}
    with pytest.raises(ValueError):
        reference.match_detections(GOOD, np.array([0.5]), GOOD, iou_threshold)
    for found in (nothing, {"boxes": GOOD, "scores": np.array([0.5]), "labels": np.array([1])}):
        with pytest.raises(ValueError):
            reference.mean_average_precision([found], target, iou_threshold)


def test_bad_counts(reference):
    found = {"boxes": GOOD, "scores": np.array([0.5]), "labels": np.array([1])}
    truth, none = {"boxes": GOOD, "labels": np.array([1])}, {"boxes": GOOD[:0], "labels": np.array([], dtype=int)}
    for hits, n_true in [([False], 0), ([True], 0), ([False], -1)]:
        with pytest.raises(ValueError):
            reference.average_precision(np.array([0.5]), np.array(hits), n_true)
    for preds, target in [([found], [none]), ([], []), ([found], [truth, truth]), ([found, found], [truth])]:
        with pytest.raises(ValueError):
            reference.mean_average_precision(preds, target)
