"""`mean_average_precision` beside its definition, by brute force in fractions.

pycocotools and torchvision are no oracles: pycocotools reads precision off at 101 recall levels, counts tied detections
one by one and takes the last of equal IoUs.
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


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16, np.int32])
def test_kinds(reference, rng, kind):
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
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


@pytest.mark.parametrize("scores", [[], [0.5, 0.6]])
def test_lengths(reference, scores):
    with pytest.raises(ValueError):
        reference.match_detections(GOOD, np.array(scores), GOOD)
    with pytest.raises(ValueError):
        reference.average_precision(np.array(scores), np.array([True]), 3)


@pytest.mark.parametrize("iou_threshold", [0, -1, 1.001])
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
    for n_true in (0, -1):
        with pytest.raises(ValueError):
            reference.average_precision(np.array([0.5]), np.array([False]), n_true)
    for preds, target in [([found], [none]), ([], []), ([found], [truth, truth]), ([found, found], [truth])]:
        with pytest.raises(ValueError):
            reference.mean_average_precision(preds, target)


def average(reference, hits, n_true):
    return reference.average_precision(-np.arange(float(len(hits))), np.array(hits, dtype=bool), n_true)


def test_claim_low_false_positives_cost_nothing(reference, rng):
    hits = rng.random(50) < 0.6
    assert average(reference, [*hits, *[False] * 1000], 40) == pytest.approx(average(reference, hits, 40))


def test_claim_cut_offs(reference):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        scores = rng.beta(0.5, 2, size=20_000)
        hits = rng.random(20_000) < scores
        for cut, area_, precision in [(0.5, 0.27, 0.66), (0.3, 0.41, 0.51), (0.1, 0.51, 0.34), (0.0, 0.54, 0.20)]:
            kept = scores >= cut
            actual = reference.average_precision(scores[kept], hits[kept], round(hits.sum() / 0.9))
            assert actual == pytest.approx(area_, abs=0.02)
            assert hits[kept].mean() == pytest.approx(precision, abs=0.02)


@pytest.mark.parametrize(
    ("size", "noise", "at_half", "averaged"),
    [
        (100, 3, (0.999, 1), (0.82, 0.86)),
        (100, 6, (0.99, 1), (0.63, 0.67)),
        (30, 3, (0.97, 1), (0.41, 0.46)),
        (30, 6, (0.36, 0.54), (0.07, 0.12)),
    ],
)
def test_claim_tight_boxes(reference, size, noise, at_half, averaged):
    left = 1000.0 * np.arange(400)
    truth = np.column_stack([left, 0 * left, left + size, 0 * left + size])
    for seed in range(3):
        rng = np.random.default_rng(seed)
        boxes, scores = truth + rng.normal(scale=noise, size=truth.shape), rng.random(400)
        values = [
            reference.average_precision(scores, reference.match_detections(boxes, scores, truth, level) >= 0, 400)
            for level in np.linspace(0.5, 0.95, 10)
        ]
        assert at_half[0] <= values[0] <= at_half[1]
        assert averaged[0] <= np.mean(values) <= averaged[1]


def test_claim_recall_levels(reference):
    for hits, exact, eleven, hundred in [([1, 0, 1], 0.833, 0.848, 0.835), ([1], 0.500, 0.545, 0.505)]:
        recall = np.cumsum(hits) / 2
        precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
        assert average(reference, hits, 2) == pytest.approx(exact, abs=5e-4)
        for levels, said in [(11, eleven), (101, hundred)]:
            read = [precision[recall >= r - 1e-12].max(initial=0) for r in np.linspace(0, 1, levels)]
            assert np.mean(read) == pytest.approx(said, abs=5e-4)


def test_claim_doubles_and_ties(reference):
    assert average(reference, [True, False] * 10, 10) == pytest.approx(0.61, abs=0.005)
    assert average(reference, [True] * 10 + [False] * 10, 10) == 1
    assert reference.average_precision(np.full(10, 0.5), np.arange(10) < 5, 5) == 0.5


@pytest.mark.parametrize(("n_true", "low", "high"), [(3, 0.25, 0.30), (100, 0.045, 0.056)])
def test_claim_rare_classes(reference, n_true, low, high):
    for seed in range(5):
        rng, values = np.random.default_rng(seed), []
        for _ in range(400):
            found = int(rng.binomial(n_true, 0.7))
            scores = np.append(rng.beta(4, 2, size=found), rng.beta(2, 4, size=n_true))
            values.append(reference.average_precision(scores, np.arange(len(scores)) < found, n_true))
        assert low <= np.std(values) <= high
