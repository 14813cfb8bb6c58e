import numpy as np
import pytest

from katagrad.picture import Boxes, Panel
from katagrad.testing import assert_equal, strict

UNIT = 2.0**14  # areas so large that a 1e-9 beside them is lost: IoUs are exact, however they are computed


def row(*starts, width=4):
    """Return boxes of one height and width that begin at these x. Width 4: one apart is an IoU of 3/5, three 1/7."""
    starts = np.array(starts, dtype=float)
    return np.column_stack([starts, np.full(len(starts), 1.0), starts + width, np.full(len(starts), 33.0)]) * UNIT


def widths(*values):
    """Return boxes that begin at one place. Of two, the smaller over the larger width is the IoU."""
    return np.vstack([row(0, width=value) for value in values])


def draw(rng, n):
    """Return boxes of which most overlap some other: no two IoUs are equal, and none is at a threshold."""
    corners = rng.uniform(0.0, 12.0, size=(n, 2))
    return np.column_stack([corners, corners + rng.uniform(2.0, [7.0, 5.0], size=(n, 2))])


def length(low, high):
    return max(high - low, 0.0)


def iou(a, b):
    both = length(max(a[0], b[0]), min(a[2], b[2])) * length(max(a[1], b[1]), min(a[3], b[3]))
    either = length(a[0], a[2]) * length(a[1], a[3]) + length(b[0], b[2]) * length(b[1], b[3]) - both
    return both / either


def defined(anchors, truths, low, high):
    """Give each anchor its code by its own best, then come back to the best anchors of each ground truth."""
    table = [[iou(a, t) for t in truths.tolist()] for a in anchors.tolist()]
    own = [max(range(len(truths)), key=lambda t, fits=fits: (fits[t], -t)) for fits in table]
    codes = []
    for fits, t in zip(table, own, strict=True):
        codes.append(t if fits[t] >= high else -1 if fits[t] < low else -2)
    for t in range(len(truths)):
        top = max(fits[t] for fits in table)
        for a, fits in enumerate(table):
            if top > 0 and fits[t] == top:
                codes[a] = own[a]
    return codes


def test_three_kinds(kata):
    """An anchor is positive from high on, background below low, and ignored between: 0.7 and 0.3 by default."""
    # The first anchor is the ground truth itself. The others have an IoU of 3/4, 1/2, 1/4 and 0.
    anchors = np.vstack([widths(4, 3, 2, 1), row(9)])
    truth = row(0)
    assert_equal(kata.assign_anchors(anchors, truth), [0, 0, -2, -1, -1])
    assert_equal(kata.assign_anchors(anchors[::-1], truth), [-1, -1, -2, 0, 0])
    assert_equal(kata.assign_anchors(anchors, truth, 0.2, 0.9), [0, -2, -2, -2, -1])
    assert_equal(kata.assign_anchors(anchors, truth, 0.6, 0.8), [0, -2, -1, -1, -1])
    assert_equal(kata.assign_anchors(anchors, truth, 0.01, 0.02), [0, 0, 0, 0, -1])
    assert_equal(kata.assign_anchors(anchors, truth, high=0.4), [0, 0, 0, -1, -1])


def test_at_the_thresholds(kata):
    """An IoU equal to high is positive, and one equal to low is ignored. If both are equal, no anchor is ignored."""
    anchors, truth = widths(4, 3, 2, 1), row(0)
    for low, high, expected in [
        (0.25, 0.75, [0, 0, -2, -2]),
        (0.5, 0.75, [0, 0, -2, -1]),
        (0.25, 0.5, [0, 0, 0, -2]),
        (0.5, 0.5, [0, 0, 0, -1]),
        (0.75, 1.0, [0, -2, -1, -1]),
        (1.0, 1.0, [0, -1, -1, -1]),
    ]:
        assert_equal(kata.assign_anchors(anchors, truth, low, high), expected)


def test_best_truth(kata):
    """A positive anchor learns the ground truth with its largest IoU, the lower index on a tie."""
    assert_equal(kata.assign_anchors(row(9, 0), row(0, 9)), [1, 0])
    assert_equal(kata.assign_anchors(row(1), row(0, 1, 2), 0.3, 0.5), [1])
    # One to the right of a ground truth and one to the left of another: 7/9 both.
    for truths, expected in [(row(0, 2, width=8), 0), (row(2, 0, width=8), 0), (row(9, 2, 0, width=8), 1)]:
        assert_equal(kata.assign_anchors(row(1, width=8), truths), [expected])
    assert_equal(kata.assign_anchors(row(9, 0, 1), row(0, 9, 9, 0)), [1, 0, -2])
    # IoUs of nearly 1 that differ a little.
    assert_equal(kata.assign_anchors(widths(4), widths(4 + 2.0**-20, 4 + 2.0**-24, 4 + 2.0**-22)), [1])


def test_best_anchors(kata):
    """The best anchor of each ground truth is positive, whatever its IoU: between low and high, below low, tiny."""
    for width in (2, 1, 2.0**-6, 2.0**-12):
        assert_equal(kata.assign_anchors(widths(width), row(0)), [0])
        assert_equal(kata.assign_anchors(row(9, 0, width=width), row(0)), [-1, 0])
    assert_equal(kata.assign_anchors(widths(2, 3, 1), row(0), 0.8, 0.9), [-1, 0, -1])
    assert_equal(kata.assign_anchors(widths(1, 2, 1.5), row(0)), [-1, 0, -2])
    # Three ground truths: the IoUs of their best anchors are 1, 3/5 and 1/7.
    assert_equal(kata.assign_anchors(row(0, 11, 23, 2), row(0, 10, 20)), [0, 1, 2, -2])
    assert_equal(kata.assign_anchors(row(0, 11, 23, 2), row(20, 0, 10)), [1, 2, 0, -2])
    # Anchors that fit nearly alike are not tied: the better one is kept.
    for width in (1, 2):
        for first in (width + 2.0**-20, width - 2.0**-20):
            expected = [0, -1 - (width == 2)]
            assert_equal(
                kata.assign_anchors(widths(first, width), row(0)), expected if first > width else expected[::-1]
            )


def test_tied_anchors(kata):
    """Anchors that are tied for the best of a ground truth are all positive, wherever they stand."""
    assert_equal(kata.assign_anchors(row(1, -1), row(0)), [0, 0])
    assert_equal(kata.assign_anchors(row(2, 3, 9, -2, 2), row(0)), [0, -1, -1, 0, 0])
    assert_equal(kata.assign_anchors(row(3, -3, 3, 9), row(9, 0)), [1, 1, 1, 0])
    # Half of the ground truth, and twice of it.
    assert_equal(kata.assign_anchors(widths(1, 2, 8, 10), row(0)), [-1, 0, 0, -2])


def test_own_best_truth(kata):
    """The best anchor of a ground truth learns its own best ground truth, even if that is another one."""
    # The one anchor is best for both; it is 1/7 of the first and 1/3 of the second.
    assert_equal(kata.assign_anchors(row(0), row(-3, 2)), [1])
    assert_equal(kata.assign_anchors(row(0), row(2, -3)), [0])
    # The first anchor is best for the ground truth at -3 only. Its own best is the one at 2, which has a better anchor.
    assert_equal(kata.assign_anchors(row(0, 2), row(-3, 2)), [1, 1])
    assert_equal(kata.assign_anchors(row(2, 0), row(2, -3)), [0, 0])
    # The better one has 3/5, and is kept, too.
    assert_equal(kata.assign_anchors(row(0, 3), row(-3, 2)), [1, 1])
    # A perfect anchor is no less positive for being the best of another ground truth.
    assert_equal(kata.assign_anchors(row(0, 1, 9), row(-3, 0)), [1, -2, -1])
    # Between two ground truths on which it has the same IoU.
    assert_equal(kata.assign_anchors(row(0), row(3, -3)), [0])
    assert_equal(kata.assign_anchors(row(0), row(0, 0, 0)), [0])


def test_truths_out_of_reach(kata):
    """A ground truth that overlaps no anchor has no best anchor, and the other ground truths have theirs."""
    assert_equal(kata.assign_anchors(row(0, 1, 9), row(0, 30)), [0, -2, -1])
    assert_equal(kata.assign_anchors(row(0, 1, 9), row(30, 0)), [1, -2, -1])
    assert_equal(kata.assign_anchors(row(9, 1, 3), row(-20, 0, 30)), [-1, 1, -1])
    assert_equal(kata.assign_anchors(row(0, 9), row(20, 30)), [-1, -1])
    # Boxes that only touch, and boxes that are apart on both axes.
    assert_equal(kata.assign_anchors(row(0, 8), row(4)), [-1, -1])
    assert_equal(kata.assign_anchors(np.array([[5.0, 5.0, 7.0, 8.0]]), np.array([[1.0, 1.0, 3.0, 2.0]])), [-1])


def test_nothing(kata):
    """Without ground truths all anchors are background; without anchors the result is empty."""
    assert_equal(kata.assign_anchors(row(0, 1, 9), row()), [-1, -1, -1])
    assert_equal(kata.assign_anchors(row(), row(0, 1)), [])
    assert_equal(kata.assign_anchors(row(), row()), [])


def test_many(kata, rng):
    """The codes are right for many anchors and ground truths, at several thresholds."""
    for low, high in [(0.3, 0.7), (0.1, 0.3), (0.4, 0.5), (0.25, 0.25)]:
        for n, m in [(20, 4), (6, 9), (15, 1)]:
            anchors, truths = draw(rng, n), draw(rng, m)
            assert_equal(kata.assign_anchors(anchors, truths, low, high), defined(anchors, truths, low, high))


def test_thresholds_out_of_order(kata):
    """A low above high raises ValueError."""
    for low, high in [(0.7, 0.3), (0.5, 0.49)]:
        for anchors, truths in [(row(0, 1), row(0)), (row(0), row())]:
            with pytest.raises(ValueError):
                kata.assign_anchors(anchors, truths, low, high)


@strict
def test_exact(kata):
    """IoUs are compared exactly, also those of small boxes; boxes without area have the IoU 0."""
    for small in (2.0**-24, 2.0**-34):
        anchors, truth = widths(4, 3, 2, 1) * small, row(0) * small
        assert_equal(kata.assign_anchors(anchors, truth, 0.5, 0.75), [0, 0, -2, -1])
    assert_equal(kata.assign_anchors(widths(4, 4 - 2.0**-38), row(0), 1.0, 1.0), [0, -1])
    assert_equal(kata.assign_anchors(widths(4, 0), np.vstack([row(9, width=0), row(0)])), [1, -1])
    assert_equal(kata.assign_anchors(row(0, 3, width=0), row(0, width=0)), [-1, -1])


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8, np.int16])
def test_integers(kata, kind):
    """Coordinates may be integers of any type: no side or area wraps around."""
    # Wider than int8 holds, and of an area that int16 does not hold.
    left = 100 if kind is np.int8 else 0
    anchors = np.array([[0, 0, 200, 100], [0, 0, 150, 100], [0, 0, 100, 100], [0, 0, 30, 90]]) - left
    truths = np.array([[150, 10, 220, 60], [0, 0, 200, 100]]) - left
    assert_equal(kata.assign_anchors(anchors.astype(kind), truths.astype(kind)), [1, 1, -2, -1])
    assert_equal(kata.assign_anchors(anchors.astype(kind), truths.astype(float)), [1, 1, -2, -1])
    assert_equal(kata.assign_anchors(anchors.astype(float), truths.astype(kind)), [1, 1, -2, -1])
    # The last anchor alone, which is small in the other two.
    assert_equal(kata.assign_anchors(anchors.astype(kind), anchors[3:].astype(float)), [-1, -1, -1, 0])
    assert_equal(kata.assign_anchors(anchors[3:].astype(float), anchors[:1].astype(kind), 0.01, 0.5), [0])
    assert_equal(kata.assign_anchors(anchors[2:].astype(float), anchors[:1].astype(kind)), [0, -1])


@strict
def test_thresholds_out_of_range(kata):
    """A low that is not above 0, and a high above 1, raise ValueError."""
    for low, high in [(0, 0.5), (-0.1, 0.5), (0.3, 1.01), (1.5, 2)]:
        for anchors, truths in [(row(0, 1), row(0)), (row(0), row())]:
            with pytest.raises(ValueError):
                kata.assign_anchors(anchors, truths, low, high)


def workload(kata, rng, n):
    """Anchors of a few shapes on a grid, ground truths of whole coordinates, some twice and one out of reach."""
    centres = rng.integers(0, 12, size=(n, 1, 2)) * 2.0
    half = np.array([[2, 1], [1, 2], [2, 2]])
    anchors = np.concatenate([centres - half, centres + half], axis=2)
    corners = rng.integers(0, 20, size=(n // 8 + 2, 2))
    truths = np.column_stack([corners, corners + rng.integers(1, 6, size=corners.shape)]).astype(float)
    truths = np.vstack([truths, truths[:1], [[90.0, 90.0, 95.0, 93.0]]])
    anchors = anchors.reshape(-1, 4)
    return kata.assign_anchors(anchors, truths, 0.25, 0.5)


def picture(kata, rng):
    """Draw the anchors that three ground truths of different sizes get."""
    x, y = np.meshgrid(np.arange(8.0, 128, 16), np.arange(8.0, 96, 16))
    centres = np.column_stack([x.ravel(), y.ravel()])[:, np.newaxis]
    half = np.array([[12, 12], [17, 8.5], [8.5, 17]])
    anchors = np.concatenate([centres - half, centres + half], axis=2).reshape(-1, 4)
    truths = np.array([[27.0, 26.0, 53.0, 53.0], [79.0, 20.0, 89.0, 34.0], [60.0, 56.0, 110.0, 84.0]]) + rng.uniform(
        -1, 1
    )
    codes = np.asarray(kata.assign_anchors(anchors, truths))
    kinds = [("Positive anchors", codes >= 0), ("Ignored anchors", codes == -2)]
    notes = ["Two ground truths reach 0.7 with no anchor: they have their best ones.", "They add nothing to the loss."]
    texts = ["0", "1", "2"]
    return [
        Panel(
            title,
            "x",
            "y",
            [
                Boxes(truths, "ground truths", texts),
                Boxes(anchors[rows], "anchors", list(map(str, codes[rows])), faint=True),
            ],
            note=note,
            square=True,
        )
        for (title, rows), note in zip(kinds, notes, strict=True)
    ]


MISTAKES = {
    "high strictly": ("kept | (best >= high)", "kept | (best > high)"),
    "low strictly": ("best >= low]", "best > low]"),
    "the codes swapped": ("[iou.argmax(axis=1), -2], -1)", "[iou.argmax(axis=1), -1], -2)"),
    "no anchor is ignored": ("[iou.argmax(axis=1), -2], -1)", "[iou.argmax(axis=1), -1], -1)"),
    "fixed thresholds": ("kept | (best >= high), best >= low", "kept | (best >= 0.7), best >= 0.3"),
    "best anchors are not kept": ("[kept | (best >= high), ", "[best >= high, "),
    "one best anchor of a ground truth": (
        "((iou == iou.max(axis=0, initial=0)) & (iou > 0)).any(axis=1)",
        "np.isin(np.arange(len(anchors)), iou.argmax(axis=0)[iou.max(axis=0) > 0] if len(anchors) else [])",
    ),
    "the best anchor of all": ("iou.max(axis=0, initial=0)", "iou.max(initial=0)"),
    "every anchor is its own best": ("iou.max(axis=0, initial=0)", "iou.max(axis=1, keepdims=True)"),
    "close IoUs are ties": (
        "(iou == iou.max(axis=0, initial=0))",
        "np.isclose(iou, iou.max(axis=0, initial=0))",
    ),
    "a best anchor has to reach low": ("& (iou > 0)).any", "& (iou >= low)).any"),
    "a best anchor has to reach 1e-3": ("& (iou > 0)).any", "& (iou > 1e-3)).any"),
    "a ground truth out of reach keeps all anchors": (" & (iou > 0)).any", ").any"),
    "a kept anchor learns the ground truth that keeps it": (
        "    return np.select([kept | (best >= high), best >= low], [iou.argmax(axis=1), -2], -1)",
        (
            "    fits = (iou == iou.max(axis=0, initial=0)) & (iou > 0)\n"
            "    owner = np.where(kept, fits.argmax(axis=1), iou.argmax(axis=1))\n"
            "    return np.select([kept | (best >= high), best >= low], [owner, -2], -1)"
        ),
    ),
    "ties to the higher index": ("[iou.argmax(axis=1), -2]", "[len(truths) - 1 - iou[:, ::-1].argmax(axis=1), -2]"),
    "the best of the rounded IoUs": ("[iou.argmax(axis=1), -2]", "[iou.round(6).argmax(axis=1), -2]"),
    "without ground truths all are ignored": ("np.full(len(anchors), -1)", "np.full(len(anchors), -2)"),
    "what is in both counted twice": (
        "_area(b[:, :2], b[:, 2:]) - both\n",
        "_area(b[:, :2], b[:, 2:])\n",
    ),
    "the share of the anchor that is covered": (
        "either = _area(a[..., :2], a[..., 2:]) + _area(b[:, :2], b[:, 2:]) - both",
        "either = _area(a[..., :2], a[..., 2:]) + 0 * both",
    ),
    "the product cut off, not the sides": (
        "np.maximum(upper - lower, 0).prod(axis=-1)",
        "np.maximum((upper - lower).prod(axis=-1), 0)",
    ),
    "thresholds out of order swapped": (
        "    _check(low, high)\n    iou =",
        "    low, high = min(low, high), max(low, high)\n    _check(low, high)\n    iou =",
    ),
}

STRICT_MISTAKES = {
    "any thresholds in order": ("if not 0 < low <= high <= 1:", "if low > high:"),
    "a little added to the denominator": ("return both / either", "return both / (either + 1e-9)"),
    "equal boxes without area are alike": ("return both / either", "return np.where(either > 0, both / either, 1)"),
    "small integers wrap around": (
        "a, b = boxes_a.astype(np.float64)[:, None], boxes_b.astype(np.float64)",
        "a, b = boxes_a[:, None], boxes_b",
    ),
}
