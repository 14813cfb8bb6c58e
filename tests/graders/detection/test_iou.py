import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Two wide, three high; shifted by one to the right it keeps half of its area.
BOX = [1.0, 2.0, 3.0, 5.0]

# Boxes are handed over in this unit. Their areas are so large that a 1e-6 added to a denominator does no harm.
UNIT = 4096.0


@pytest.fixture
def overlapping(rng):
    """Three and five boxes of whole coordinates, not square, around zero: every two of them overlap."""
    boxes = np.column_stack([rng.integers([-4, -9], 0, size=(8, 2)), rng.integers(1, [5, 10], size=(8, 2))])
    return boxes[:3].astype(float), boxes[3:].astype(float)


@pytest.fixture
def boxes(rng):
    """Three and five boxes of whole sides, anywhere around zero."""
    corners = rng.integers(-5, 6, size=(8, 2))
    boxes = np.column_stack([corners, corners + rng.integers(1, [6, 9], size=(8, 2))])
    return boxes[:3].astype(float), boxes[3:].astype(float)


def cells(box):
    """Return the unit squares that a box of whole coordinates is made of."""
    x1, y1, x2, y2 = map(int, box)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


def defined_iou(boxes_a, boxes_b):
    """Count the squares in both boxes and in either, pair by pair."""
    table = np.zeros((len(boxes_a), len(boxes_b)))
    for i, a in enumerate(boxes_a):
        for j, b in enumerate(boxes_b):
            both, either = len(cells(a) & cells(b)), len(cells(a) | cells(b))
            table[i, j] = both / either if either else 0.0
    return table


def defined_giou(boxes_a, boxes_b):
    """Take away the share of squares of the smallest box around both that are in neither."""
    table = defined_iou(boxes_a, boxes_b)
    for i, a in enumerate(boxes_a):
        for j, b in enumerate(boxes_b):
            around = cells([min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])])
            table[i, j] -= len(around - cells(a) - cells(b)) / len(around) if around else 0.0
    return table


def iou(kata, boxes_a, boxes_b, unit=UNIT):
    return kata.pairwise_iou(np.asarray(boxes_a) * unit, np.asarray(boxes_b) * unit)


def giou(kata, boxes_a, boxes_b, unit=UNIT):
    return kata.pairwise_giou(np.asarray(boxes_a) * unit, np.asarray(boxes_b) * unit)


def assert_both(kata, box_a, box_b, expected_iou, expected_giou):
    assert_close(iou(kata, [box_a], [box_b]), [[expected_iou]])
    assert_close(giou(kata, [box_a], [box_b]), [[expected_giou]])


def test_iou(kata, overlapping):
    """The IoU is the area that both boxes cover over the area that either covers, which counts what is in both once."""
    assert_close(iou(kata, [BOX], [[2.0, 2.0, 4.0, 5.0]]), [[3 / 9]])
    assert_close(iou(kata, [BOX], [[2.0, 3.0, 4.0, 6.0]]), [[2 / 10]])
    # Coordinates as shares of an image: fractions, and areas below 1. The tolerance leaves room for an added 1e-6.
    assert_close(iou(kata, [BOX], [[2.0, 3.0, 4.0, 6.0]], 1 / 8), [[2 / 10]], rtol=1e-4)
    assert_close(iou(kata, *overlapping), defined_iou(*overlapping))


def test_pairs(kata, overlapping):
    """Entry [i, j] belongs to box i of the first array and box j of the second: n_a rows and n_b columns."""
    shifted = np.array([BOX, [2.0, 2.0, 4.0, 5.0], [3.0, 2.0, 5.0, 5.0]])
    assert_close(iou(kata, shifted[:2], shifted), [[1, 1 / 3, 0], [1 / 3, 1, 1 / 3]])
    assert_close(giou(kata, shifted, shifted[:2]), [[1, 1 / 3], [1 / 3, 1], [0, 1 / 3]])
    few, many = overlapping
    for a, b in [(few[:1], many), (many, few[:1]), (few, few)]:
        assert_close(iou(kata, a, b), defined_iou(a, b))


@pytest.mark.parametrize(
    "other",
    [
        [5.0, 2.0, 7.0, 5.0],
        [1.0, 9.0, 3.0, 12.0],
        [5.0, 9.0, 7.0, 12.0],
        [-4.0, -4.0, 0.0, 0.0],
        [3.0, 2.0, 5.0, 5.0],
        [3.0, 5.0, 5.0, 8.0],
    ],
    ids=["beside", "above", "across", "across, below", "shared edge", "shared corner"],
)
def test_apart(kata, boxes, other):
    """Boxes that are apart on one axis, or on both, or that only touch, have an IoU of 0."""
    assert_close(iou(kata, [BOX], [other]), [[0.0]])
    assert_close(iou(kata, [other], [BOX]), [[0.0]])
    assert_close(iou(kata, *boxes), defined_iou(*boxes))


def test_giou(kata, boxes):
    """The GIoU is the IoU minus the share of the smallest box around both that neither covers."""
    assert_close(giou(kata, [BOX], [[2.0, 3.0, 4.0, 6.0]]), [[2 / 10 - 2 / 12]])
    # 18 squares around, 6 of them between the two.
    assert_close(giou(kata, [BOX], [[5.0, 2.0, 7.0, 5.0]]), [[-6 / 18]])
    assert_close(giou(kata, [BOX], [[5.0, 2.0, 7.0, 5.0]], 1 / 8), [[-6 / 18]], rtol=1e-4)
    assert_close(giou(kata, *boxes), defined_giou(*boxes))


def test_inside(kata):
    """For a box inside another, IoU and GIoU are its share of the area; for equal boxes they are 1."""
    assert_both(kata, BOX, BOX, 1.0, 1.0)
    assert_both(kata, [1.0, 2.0, 2.0, 4.0], BOX, 2 / 6, 2 / 6)
    assert_both(kata, [-1.0, 0.0, 4.0, 6.0], BOX, 6 / 30, 6 / 30)
    # One pixel of a large image.
    assert_both(kata, [7.0, 9.0, 8.0, 10.0], [0.0, 0.0, 4096.0, 1024.0], 2.0**-22, 2.0**-22)


def test_no_area(kata):
    """A fraction whose denominator is 0 counts as 0: boxes without area have an IoU of 0, even equal ones."""
    point, line = [2.0, 3.0, 2.0, 3.0], [0.0, 4.0, 7.0, 4.0]
    assert_both(kata, point, point, 0.0, 0.0)
    assert_both(kata, line, line, 0.0, 0.0)
    assert_both(kata, line, [3.0, 4.0, 9.0, 4.0], 0.0, 0.0)
    assert_both(kata, [4.0, 0.0, 4.0, 7.0], [4.0, 5.0, 4.0, 9.0], 0.0, 0.0)
    assert_both(kata, point, BOX, 0.0, 0.0)
    # The box around both is all empty, or has 42 squares of which 12 are covered.
    assert_both(kata, point, line, 0.0, -1.0)
    assert_both(kata, line, [0.0, -1.0, 3.0, 1.0], 0.0, -29 / 35)


def test_no_boxes(kata, boxes):
    """Without boxes there are no entries: an array of shape (0, 4) gives the table no rows, or no columns."""
    none, some = np.empty((0, 4)), boxes[0]
    for function in (kata.pairwise_iou, kata.pairwise_giou):
        assert_close(function(none, some), np.empty((0, 3)))
        assert_close(function(some, none), np.empty((3, 0)))
        assert_close(function(none, none), np.empty((0, 0)))


def assert_refused(kata, bad):
    for function in (kata.pairwise_iou, kata.pairwise_giou):
        with pytest.raises(ValueError):
            function(np.array([BOX, BOX]), np.array(bad))
        with pytest.raises(ValueError):
            function(np.array(bad), np.array([BOX, BOX]))


def test_inverted_boxes(kata):
    """A box with x2 < x1 or y2 < y1 raises ValueError, in either array, wherever it stands."""
    inverted = [[3.0, 2.0, 1.0, 5.0], [1.0, 5.0, 3.0, 2.0], [3.0, 5.0, 1.0, 2.0]]
    # Also by little, below 0, and with a side of 0, where the area does not tell.
    inverted += [[1.0, 2.0, 1 - 1e-6, 5.0], [-1.0, -4.0, -2.0, -3.0], [3.0, 2.0, 1.0, 2.0], [1.0, 5.0, 1.0, 2.0]]
    for bad in inverted:
        assert_refused(kata, [bad])
        assert_refused(kata, [BOX, bad])
        assert_refused(kata, [bad, BOX])
    # Beside no boxes at all, too.
    none, bad = np.empty((0, 4)), np.array(inverted[:1])
    for function in (kata.pairwise_iou, kata.pairwise_giou):
        for boxes_a, boxes_b in [(none, bad), (bad, none)]:
            with pytest.raises(ValueError):
                function(boxes_a, boxes_b)


@strict
@pytest.mark.parametrize("unit", [2.0**10, 2.0**-10], ids=["large", "small"])
def test_units(kata, boxes, unit):
    """The unit of the coordinates does not matter: nothing is added to a side or to a denominator."""
    assert_close(iou(kata, [BOX], [[2.0, 3.0, 4.0, 6.0]], unit), [[2 / 10]])
    assert_close(giou(kata, [BOX], [[2.0, 3.0, 4.0, 6.0]], unit), [[2 / 10 - 2 / 12]])
    assert_close(iou(kata, *boxes, unit), defined_iou(*boxes))
    assert_close(giou(kata, *boxes, unit), defined_giou(*boxes))


@strict
@pytest.mark.parametrize(
    ("kind", "scale"),
    [(int, 1), (np.uint8, 20), (np.int8, 10), (np.int16, 2500), (np.int32, 150_000)],
    ids=["int", "uint8", "int8", "int16", "int32"],
)
def test_integers(kata, kind, scale):
    """Coordinates may be integers of any type: no side or area wraps around, and no inverted box passes."""
    a = np.array([[1, 2, 3, 5], [0, 0, 2, 2]])
    b = np.array([[2, 2, 4, 5], [8, 3, 12, 10], [4, 9, 8, 10]])
    assert_close(kata.pairwise_iou((a * scale).astype(kind), (b * scale).astype(kind)), defined_iou(a, b))
    assert_close(kata.pairwise_giou((a * scale).astype(kind), (b * scale).astype(kind)), defined_giou(a, b))
    assert_close(kata.pairwise_iou((a * scale).astype(kind), (b * scale).astype(float)), defined_iou(a, b))
    assert_refused(kata, np.array([BOX, [3, 2, 1, 5]], dtype=kind))


@strict
def test_shapes(kata):
    """An array of any other shape than (n, 4) raises ValueError."""
    for bad in (BOX, [BOX[:3]], [[*BOX, 5.0]], [[BOX, BOX]], [], np.empty((0, 3))):
        assert_refused(kata, bad)


def workload(kata, rng, n):
    """Boxes that overlap, touch, repeat one another and have no area, and the same as whole numbers."""
    corners = rng.integers(0, 10, size=(n + 7, 2))
    boxes = np.column_stack([corners, corners + rng.integers(0, 6, size=(n + 7, 2))])
    shifted = boxes[: n // 2 + 3] + rng.normal(size=(n // 2 + 3, 1)).round(1)
    return (
        kata.pairwise_iou(boxes, shifted),
        kata.pairwise_giou(shifted, boxes),
        kata.pairwise_giou(boxes[:5].astype(np.uint8), boxes[:0]),
    )


MISTAKES = {
    "widths and heights counted in pixels": ("np.maximum(upper - lower, 0)", "np.maximum(upper - lower + 1, 0)"),
    "sides that are negative not cut off": ("np.maximum(upper - lower, 0).prod", "(upper - lower).prod"),
    "the product cut off, not the sides": (
        "np.maximum(upper - lower, 0).prod(axis=-1)",
        "np.maximum((upper - lower).prod(axis=-1), 0)",
    ),
    "absolute sides": ("np.maximum(upper - lower, 0)", "np.abs(upper - lower)"),
    "what is in both counted twice": (
        " + _area(lower_b, upper_b) - intersection, hull",
        " + _area(lower_b, upper_b), hull",
    ),
    "the smaller box for the union": (
        "_area(lower_a, upper_a) + _area(lower_b, upper_b) - intersection",
        "np.minimum(_area(lower_a, upper_a), _area(lower_b, upper_b))",
    ),
    "the box around both for the union": (
        "_share(intersection, union)\n\n\ndef pairwise_giou(",
        "_share(intersection, _)\n\n\ndef pairwise_giou(",
    ),
    "Dice for Jaccard": (
        "return _share(intersection, union)\n",
        "return _share(2 * intersection, union + intersection)\n",
    ),
    "boxes given by corner and size": (
        "return boxes.astype(np.float64)",
        "return boxes @ np.array([[1.0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]])",
    ),
    "y before x in one of the arrays": (
        "_checked(boxes_b)\n    (lower_a",
        "_checked(boxes_b)[:, [1, 0, 3, 2]]\n    (lower_a",
    ),
    "boxes of one place compared": (
        "a, b = _checked(boxes_a)[:, None], _checked(boxes_b)",
        "a, b = _checked(boxes_a), _checked(boxes_b)",
    ),
    "rows and columns swapped": (
        "a, b = _checked(boxes_a)[:, None], _checked(boxes_b)",
        "a, b = _checked(boxes_a), _checked(boxes_b)[:, None]",
    ),
    "0 / 0 left as NaN": (
        "part / np.where(whole > 0, whole, 1)",
        "part / whole",
    ),
    "equal boxes without area are alike": (
        "return part / np.where(whole > 0, whole, 1)",
        "return np.where(whole > 0, part / whole, 1)",
    ),
    "GIoU over the union": ("_share(hull - union, hull)", "_share(hull - union, union)"),
    "GIoU less what is in neither, not its share": ("_share(hull - union, hull)", "(hull - union)"),
    "GIoU less what is outside of both": ("_share(hull - union, hull)", "_share(hull - intersection, hull)"),
    "GIoU of boxes apart only": (
        "_share(intersection, union) - _share(hull - union, hull)",
        "_share(intersection, union) - np.where(intersection > 0, 0, _share(hull - union, hull))",
    ),
    "GIoU not below 0": (
        "_share(intersection, union) - _share(hull - union, hull)",
        "np.maximum(_share(intersection, union) - _share(hull - union, hull), 0)",
    ),
    "GIoU as a loss": (
        "_share(intersection, union) - _share(hull - union, hull)",
        "1 - _share(intersection, union) + _share(hull - union, hull)",
    ),
    "DIoU for GIoU": [
        ("_share(hull - union, hull)", "_share((apart**2).sum(axis=-1), (sides**2).sum(axis=-1))"),
        (
            "    intersection, union, hull = _areas(boxes_a, boxes_b)\n",
            (
                "    intersection, union, hull = _areas(boxes_a, boxes_b)\n"
                "    a, b = boxes_a[:, None].astype(float), boxes_b\n"
                "    apart = (a - b).reshape(*hull.shape, 2, 2).mean(axis=-2)\n"
                "    sides = np.maximum(a, b)[..., 2:] - np.minimum(a, b)[..., :2]\n"
            ),
        ),
    ],
    "corners sorted instead of refused": [
        ("if (boxes[:, 2:] < boxes[:, :2]).any():", "if False:"),
        (
            "return boxes.astype(np.float64)",
            "return np.sort(boxes.astype(np.float64).reshape(-1, 2, 2), axis=1).reshape(-1, 4)",
        ),
    ],
    "boxes without area refused": ("(boxes[:, 2:] < boxes[:, :2])", "(boxes[:, 2:] <= boxes[:, :2])"),
    "boxes that are both inverted refused only": (
        "(boxes[:, 2:] < boxes[:, :2]).any()",
        "(boxes[:, 2:] < boxes[:, :2]).all(axis=1).any()",
    ),
    "no boxes refused": (
        "boxes.ndim != 2 or boxes.shape[1] != 4",
        "boxes.ndim != 2 or boxes.shape[1] != 4 or not len(boxes)",
    ),
    "the first array alone is checked": ("_checked(boxes_b)\n    (lower_a", "boxes_b.astype(float)\n    (lower_a"),
}

STRICT_MISTAKES = {
    "unsigned boxes are never inverted": (
        "(boxes[:, 2:] < boxes[:, :2]).any()",
        "(boxes[:, 2:] - boxes[:, :2] < 0).any()",
    ),
    "any shape will do for no boxes": [
        ("or boxes.shape[1] != 4:", "or (len(boxes) and boxes.shape[1] != 4):"),
        ("return boxes.astype(np.float64)", "return boxes.astype(np.float64).reshape(-1, 4)"),
    ],
    "a little added to the denominator": (
        "part / np.where(whole > 0, whole, 1)",
        "part / (whole + 1e-9)",
    ),
    "small integers wrap around": ("return boxes.astype(np.float64)", "return boxes"),
}
