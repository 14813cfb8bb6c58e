"""`soft_nms` beside the algorithm of Bodla et al., with IoUs in fractions, and the claims of the follow-ups."""

import math
from fractions import Fraction

import numpy as np
import pytest

from tests.oracles.claims import within


def length(low, high):
    return max(Fraction(high) - Fraction(low), Fraction(0))


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either if either else Fraction(0)


def defined(boxes, scores, method, sigma, linear_threshold, min_score):
    """Follow the figure of the paper: D and S of what is found, B of what is left."""
    B, S, found = boxes.tolist(), scores.astype(float).tolist(), []
    rest = list(range(len(B)))
    while rest:
        m = min(rest, key=lambda i: (-S[i], i))
        rest.remove(m)
        found.append((m, S[m]))
        for i in rest:
            share = iou(B[m], B[i])
            if method == "gaussian":
                S[i] *= math.exp(-(float(share) ** 2) / sigma)
            elif share >= linear_threshold:
                S[i] *= float(1 - share)
    found = [(i, score) for i, score in found if score >= min_score]
    return [i for i, _ in found], [score for _, score in found]


def assert_agrees(reference, boxes, scores, method, sigma=0.5, linear_threshold=0.3, min_score=0.001):
    kept = reference.soft_nms(boxes, scores, method, sigma, linear_threshold, min_score)
    indices, values = defined(boxes, scores, method, sigma, linear_threshold, min_score)
    assert kept.indices.dtype.kind == "i"
    assert kept.indices.tolist() == indices
    np.testing.assert_allclose(kept.scores, values, rtol=1e-9)


@pytest.mark.parametrize("method", ["gaussian", "linear"])
def test_random(reference, rng, method):
    for _ in range(50):
        n = int(rng.integers(0, 16))
        lower = rng.random((n, 2))
        boxes = np.column_stack([lower, lower + rng.random((n, 2)) * 0.7]) * 10.0 ** rng.integers(-3, 6)
        sigma, threshold, least = rng.uniform(0.05, 2), rng.random(), rng.choice([0, 0.001, 0.3])
        assert_agrees(reference, boxes, rng.random(n), method, sigma, threshold, least)


@pytest.mark.parametrize("kind", [float, np.uint8, np.int16])
def test_ties_and_equal_overlaps(reference, rng, kind):
    """Whole coordinates: IoUs equal the threshold, boxes repeat, touch and have no area; scores are few."""
    for _ in range(50):
        n = int(rng.integers(1, 8))
        boxes = np.sort(rng.integers(0, 5, size=(n, 2, 2)), axis=1).reshape(n, 4).astype(kind) * 20
        scores = 2.0 ** rng.integers(0, 2, size=n)
        for threshold in (0, 0.25, 0.5, 1):
            # Factors of halves and quarters: no score is rounded.
            if all(iou(a, b).denominator in (1, 2, 4) for a in boxes.tolist() for b in boxes.tolist()):
                assert_agrees(reference, boxes, scores, "linear", 0.5, threshold, 0.25)
        assert_agrees(reference, boxes[:2], scores[:2].astype(kind), "gaussian")


@pytest.mark.parametrize(
    ("scores", "method", "sigma"),
    [([0.5], "gaussian", 0.5), ([0.5, 0.5], "hard", 0.5), ([0.5, -0.1], "linear", 0.5), ([0.5, 0.5], "gaussian", 0.0)],
)
def test_bad_input(reference, scores, method, sigma):
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [2.0, 0.0, 3.0, 1.0]])
    with pytest.raises(ValueError):
        reference.soft_nms(boxes, np.array(scores), method, sigma)


def hard(boxes, scores, threshold):
    """Return what plain NMS keeps."""
    kept = []
    overlaps = table(boxes)
    for index in np.argsort(-scores):
        if all(overlaps[index, other] <= threshold for other in kept):
            kept.append(index)
    return np.array(kept)


def table(boxes):
    lower, upper = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    both, areas = np.maximum(upper - lower, 0).prod(axis=-1), (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return both / (areas[:, None] + areas - both)


def average_precision(answers, n_true):
    """Take the first answer for a person as right, over all images, and the best precision from each recall on."""
    rows = sorted(((score, image, who) for image, one in enumerate(answers) for who, score in one), reverse=True)
    seen, hits = set(), []
    for _, image, who in rows:
        hits.append((image, who) not in seen)
        seen.add((image, who))
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return (np.maximum.accumulate(precision[::-1])[::-1] * hits).sum() / n_true


def test_claims_of_crowds(reference):
    def crowd(rng):
        answers, shown = {0.3: [], 0.5: [], "soft": []}, 0
        for _ in range(15):
            left = np.cumsum(rng.uniform(8, 40, size=12))
            person = np.repeat(np.arange(12), 6)
            people = np.column_stack([left, 0 * left, left + 40, 0 * left + 80])
            boxes = people[person] + rng.normal(scale=2.5, size=(72, 4))
            scores = rng.beta(6, 2, size=72)
            for threshold in (0.3, 0.5):
                kept = hard(boxes, scores, threshold)
                answers[threshold].append(list(zip(person[kept], scores[kept], strict=True)))
            soft = reference.soft_nms(boxes, scores)
            answers["soft"].append(list(zip(person[soft.indices], soft.scores, strict=True)))
            shown += (soft.scores >= 0.2).sum() / 180
        return [*(average_precision(one, 180) for one in answers.values()), shown]

    within([0.66, 0.84, 0.98, 1.2], [0.82, 0.97, 1, 1.5], crowd, seeds=5)


def test_claims_of_factors(reference):
    boxes = np.array([[0.0, 0.0, 10.0, 1.0], [0.0, 0.0, 3.0, 1.0], [0.0, 0.0, 5.0, 1.0], [0.0, 0.0, 9.0, 1.0]])
    for other, expected in [(0, 0.14), (1, 0.84), (2, 0.61), (3, 0.20)]:
        pair = boxes[[0, other]]
        assert reference.soft_nms(pair, np.array([1.0, 0.999])).scores[1] / 0.999 == pytest.approx(expected, abs=0.005)
