"""`assign_anchors` beside the definition of torchvision's `Matcher`, by brute force in fractions, and the claims.

torchvision does not install beside the PyTorch of these tests. Its Matcher keeps every anchor for a ground truth that
overlaps none, and refuses an image without ground truths; both are left out here, as the statement says.
"""

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


def matched(anchors, truths, low, high):
    """Follow the Matcher step by step, with allow_low_quality_matches."""
    if not len(truths) or not len(anchors):
        return [-1] * len(anchors)
    quality = [[iou(t, a) for a in anchors.tolist()] for t in truths.tolist()]
    columns = list(zip(*quality, strict=True))
    all_matches = [column.index(max(column)) for column in columns]
    matches = list(all_matches)
    for a, column in enumerate(columns):
        if max(column) < low:
            matches[a] = -1
        elif max(column) < high:
            matches[a] = -2
    for line in quality:
        for a, value in enumerate(line):
            if value == max(line) and value > 0:
                matches[a] = all_matches[a]
    return matches


def assert_agrees(reference, anchors, truths, low, high):
    found = reference.assign_anchors(anchors, truths, low, high)
    assert found.dtype.kind == "i"
    assert found.tolist() == matched(anchors, truths, low, high)


def draw(rng, n, size):
    corners = rng.random((n, 2)) * 3
    return np.column_stack([corners, corners + rng.random((n, 2)) * size])


def test_random(reference, rng):
    for _ in range(100):
        n, m = rng.integers(0, [14, 6])
        anchors, truths = draw(rng, n, 2.0), draw(rng, m, rng.choice([0.3, 2.0]))
        unit = 10.0 ** rng.integers(-3, 6)
        low, high = np.sort(rng.uniform(0.01, 1, size=2))
        assert_agrees(reference, anchors * unit, truths * unit, low, high)


def test_ties_and_equal_overlaps(reference, rng):
    """Whole coordinates: IoUs equal the thresholds, boxes repeat, touch and have no area, some are out of reach."""
    for _ in range(150):
        n, m = rng.integers(0, [9, 5])
        anchors, truths = (np.sort(rng.integers(0, 5, size=(k, 2, 2)), axis=1).reshape(k, 4) for k in (n, m))
        for low, high in [(0.25, 0.5), (0.5, 0.5), (0.25, 1), (1, 1), (0.125, 0.75)]:
            assert_agrees(reference, anchors, truths, low, high)
            assert_agrees(reference, anchors.astype(float) * 8, truths.astype(np.uint8) * 8, low, high)


def test_defaults(reference):
    """0.3 and 0.7, beside a perfect anchor."""
    widths = np.array([1.0, 0.71, 0.69, 0.31, 0.29])
    anchors = np.column_stack([0 * widths, 0 * widths, widths, 1 + 0 * widths])
    assert reference.assign_anchors(anchors, anchors[:1]).tolist() == [0, 0, -2, -2, -1]


@pytest.mark.parametrize(("low", "high"), [(0.7, 0.3), (0, 0.5), (-1, 0.5), (0.5, 1.01), (np.nan, 0.5)])
def test_bad_thresholds(reference, low, high):
    for m in (0, 1):
        with pytest.raises(ValueError):
            reference.assign_anchors(np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([[0.0, 0.0, 1.0, 1.0]])[:m], low, high)


def grid():
    """Return anchors of three sides and three ratios, at stride 16 in an image of 256 by 256."""
    at = np.arange(8.0, 256, 16)
    centres = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 1, 2)
    half = np.array([[s / r**0.5, s * r**0.5] for s in (32, 64, 128) for r in (0.5, 1, 2)]) / 2
    return np.concatenate([centres - half, centres + half], axis=2).reshape(-1, 4)


def objects(rng, n, smallest, largest):
    sides = rng.uniform(smallest, largest, size=(n, 2))
    corners = rng.uniform(0, 256 - sides)
    return np.column_stack([corners, corners + sides])


def best_of(anchors, truths):
    """Return the largest IoU of each ground truth."""
    lower = np.maximum(anchors[:, None, :2], truths[:, :2])
    both = np.maximum(np.minimum(anchors[:, None, 2:], truths[:, 2:]) - lower, 0).prod(axis=-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (anchors, truths)]
    return (both / (areas[0][:, None] + areas[1] - both)).max(axis=0)


def test_claim_of_small_objects():
    anchors = grid()

    def reached(rng):
        best = [best_of(anchors, objects(rng, 200, *sides)) for sides in [(10, 24), (24, 48), (48, 100)]]
        return [*((one >= 0.7).mean() for one in best), best[0].mean()]

    within([0, 0.05, 0.30, 0.25], [0, 0.20, 0.55, 0.30], reached, seeds=10)


def test_claim_of_balance(reference):
    anchors = grid()
    assert len(anchors) == 2304

    def shares(rng):
        codes = [reference.assign_anchors(anchors, objects(rng, 5, 24, 100)) for _ in range(20)]
        return (np.array(codes) >= 0).mean(), (np.array(codes) == -1).mean()

    within([0.002, 0.89], [0.004, 0.93], shares)
