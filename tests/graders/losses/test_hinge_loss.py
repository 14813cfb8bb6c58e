import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

SHAPES = [(5, 4), (4, 4), (7, 3), (2, 6)]


@pytest.fixture
def batch(rng):
    """Scores of nine samples and their labels: wrong ones, right ones, and some that lead by less than 1."""
    y = rng.permutation([1, 1, 1, 1, 1, 1, -1, -1, -1])
    return y * rng.permutation([-3.1, -1.2, -0.4, 0.1, 0.35, 0.8, 1.3, 2.0, 5.5]), y


def draw(rng, shape):
    """Return scores whose differences are 0.1 or more away from 0 and from 1, at another level for each sample."""
    steps = rng.permuted(np.tile(np.arange(shape[1]), (shape[0], 1)), axis=1)
    return 0.45 * steps + rng.normal(scale=20.0, size=(shape[0], 1)), rng.integers(0, shape[1], size=shape[0])


def mean_hinge(score, y):
    return sum(max(0.0, 1 - label * each) for each, label in zip(score, y, strict=True)) / len(y)


def mean_multiclass(scores, labels):
    losses = []
    for row, label in zip(scores, labels, strict=True):
        best = max(value for k, value in enumerate(row) if k != label)
        losses.append(max(0.0, 1 + best - row[label]))
    return sum(losses) / len(losses)


def test_hinge(kata, batch):
    """The loss of a sample is 1 - y * score, but not below 0. The loss is the mean over all samples."""
    assert_close(kata.hinge(np.array([0.25, 4.0]), np.array([1, 1])).loss, 0.375)
    assert_close(kata.hinge(np.array([-2.0, 0.5, -3.0, -0.5]), np.array([1, -1, -1, -1])).loss, 5 / 4)
    for n in (9, 4, 1):
        score, y = batch[0][:n], batch[1][:n]
        assert_close(kata.hinge(score, y).loss, mean_hinge(score, y))


def test_gradient_of_hinge(kata, batch):
    """A sample that leads by less than 1, on either side, has the gradient -y / n, and another one 0."""
    grad = kata.hinge(np.array([-2.0, 0.5, -3.0, -0.5]), np.array([1, -1, -1, -1])).grad
    assert_close(grad, [-0.25, 0.25, 0.0, 0.25])
    for n in (9, 4, 1):
        score, y = batch[0][:n], batch[1][:n]
        expected = numerical_gradient(lambda moved: mean_hinge(moved, y), score)  # noqa: B023
        assert_close(kata.hinge(score, y).grad, expected, rtol=1e-6, atol=1e-9)


def test_other_labels(kata):
    """Labels of hinge that are not -1 or 1 raise ValueError: 0 and 1 above all."""
    for y in ([0, 1, 1], [1, 0, -1], [0, 0, 0], [2, 1, -1]):
        with pytest.raises(ValueError):
            kata.hinge(np.array([0.5, -0.5, 2.0]), np.array(y))


def test_multiclass_hinge(kata, rng):
    """The label's score has to lead the best other score by 1; what is missing is the loss. The loss is the mean."""
    # The lead is 3 - 4, 3 - 2 and 0.5 - 0.25.
    scores = np.array([[3.0, 2.5, 4.0], [3.0, 2.0, 0.0], [0.0, 0.5, 0.25]])
    assert_close(kata.multiclass_hinge(scores, np.array([0, 0, 1])).loss, 2.75 / 3)
    for shape in SHAPES:
        case = draw(rng, shape)
        assert_close(kata.multiclass_hinge(*case).loss, mean_multiclass(*case))


def test_gradient_of_multiclass_hinge(kata, rng):
    """Where the lead is less than 1, the label has the gradient -1 / n, the best other class 1 / n, and the rest 0."""
    scores = np.array([[3.0, 2.5, 4.0], [3.0, 1.0, 0.0], [0.0, 0.5, 0.25], [0.0, -1.0, 9.0]])
    expected = [[-0.25, 0.0, 0.25], [0.0, 0.0, 0.0], [0.0, -0.25, 0.25], [0.0, -0.25, 0.25]]
    assert_close(kata.multiclass_hinge(scores, np.array([0, 0, 1, 1])).grad, expected)
    for shape in SHAPES:
        scores, labels = draw(rng, shape)
        expected = numerical_gradient(lambda moved: mean_multiclass(moved, labels), scores)  # noqa: B023
        assert_close(kata.multiclass_hinge(scores, labels).grad, expected, rtol=1e-6, atol=1e-8)


def test_negative_scores(kata, rng):
    """Only differences between scores count: all of a sample may be negative or large."""
    scores, labels = np.array([[-5.0, -7.0, -4.5], [-9.0, -9.5, -12.0]]), np.array([0, 1])
    step = kata.multiclass_hinge(scores, labels)
    assert_close(step.loss, 1.5)
    assert_close(step.grad, [[-0.5, 0.0, 0.5], [0.5, -0.5, 0.0]])
    for level in (-1e5, 1e5):
        far = kata.multiclass_hinge(scores + level, labels)
        assert_close(far.loss, 1.5)
        assert_close(far.grad, step.grad)
    scores, labels = draw(rng, (6, 3))
    assert_close(kata.multiclass_hinge(scores - 500, labels).loss, mean_multiclass(scores - 500, labels))


def test_at_the_corner(kata):
    """A sample that leads by exactly 1 costs nothing, and its gradient is 0."""
    step = kata.hinge(np.array([1.0, -1.0, -1.0, 0.75]), np.array([1, -1, 1, 1]))
    assert_close(step.loss, 2.25 / 4)
    assert_close(step.grad, [0.0, 0.0, -0.25, -0.25])
    # The label stands before and after its rival.
    scores = np.array([[2.0, 1.0, -3.0], [1.0, 2.0, -3.0], [0.0, 2.5, 3.5], [4.0, 3.0, 3.0], [0.0, 0.0, 0.25]])
    step = kata.multiclass_hinge(scores, np.array([0, 1, 2, 0, 2]))
    assert_close(step.loss, 0.75 / 5)
    assert_close(step.grad, [[0.0, 0.0, 0.0]] * 4 + [[0.2, 0.0, -0.2]])


def test_ties(kata, rng):
    """Of several best other classes the lowest index alone has the gradient 1 / n, also if the label ties with them."""
    scores = np.array([[2.0, 3.0, 3.0, 3.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.5, 0.0, 0.5, 0.75]])
    step = kata.multiclass_hinge(scores, np.array([0, 0, 3, 3]))
    assert_close(step.loss, (2 + 1 + 1 + 0.75) / 4)
    expected = np.array([[-1, 1, 0, 0], [-1, 1, 0, 0], [1, 0, 0, -1], [1, 0, 0, -1]]) / 4
    assert_close(step.grad, expected)
    # Scores that are all equal, as at the start of a training.
    step = kata.multiclass_hinge(np.zeros((3, 3)), np.array([0, 1, 2]))
    assert_close(step.loss, 1.0)
    assert_close(step.grad, np.array([[-1, 1, 0], [1, -1, 0], [1, 0, -1]]) / 3)
    scores, labels = rng.integers(0, 3, size=(8, 40)).astype(float), rng.integers(0, 40, size=8)
    expected = np.zeros((8, 40))
    for i, label in enumerate(labels):
        rival = max((k for k in range(40) if k != label), key=lambda k: (scores[i, k], -k))
        if scores[i, label] < scores[i, rival] + 1:
            expected[i, label], expected[i, rival] = -1 / 8, 1 / 8
    assert_close(kata.multiclass_hinge(scores, labels).grad, expected)


def test_two_classes(kata, batch):
    """With two classes, multiclass_hinge is hinge of the difference of the scores."""
    score, y = batch
    scores = np.stack([np.full(9, 0.5), score + 0.5], axis=1)
    ours, theirs = kata.multiclass_hinge(scores, (y + 1) // 2), kata.hinge(score, y)
    assert_close(ours.loss, mean_hinge(score, y))
    assert_close(ours.grad, np.stack([-np.asarray(theirs.grad), theirs.grad], axis=1))


def test_large_scores(kata):
    """A wrong sample costs in proportion to its score, and its gradient does not grow."""
    step = kata.hinge(np.array([-1e6, 1e6]), np.array([1, 1]))
    assert_close(step.loss, (1e6 + 1) / 2)
    assert_close(step.grad, [-0.5, 0.0])
    step = kata.multiclass_hinge(np.array([[1e6, 0.0, -1e6], [0.0, 1e6, 0.0]]), np.array([2, 1]))
    assert_close(step.loss, (2e6 + 1) / 2)
    assert_close(step.grad, [[0.5, 0.0, -0.5], [0.0, 0.0, 0.0]])
    # Large scores that lead by less than 1.
    step = kata.multiclass_hinge(np.array([[1e5, 1e5 + 0.5, 0.0], [4e5 + 0.75, 4e5, 1.0]]), np.array([1, 0]))
    assert_close(step.loss, 0.375)
    assert_close(step.grad, [[0.5, -0.5, 0.0], [-0.5, 0.5, 0.0]])


@strict
def test_shapes(kata):
    """Labels of another shape than the samples have raise ValueError."""
    for shape, other in [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (1,)), ((2,), (3,))]:
        with pytest.raises(ValueError):
            kata.hinge(np.zeros(shape), np.ones(other))
    for shape in [(1,), (2,), (3, 1), (3, 4)]:
        with pytest.raises(ValueError):
            kata.multiclass_hinge(np.zeros((3, 4)), np.ones(shape, dtype=int))


@strict
def test_labels_that_are_no_class(kata):
    """A label of multiclass_hinge that is no class, and a fraction or NaN as a label of hinge, raise ValueError."""
    for labels in ([0, 3], [0, -1], [-3, 0]):
        with pytest.raises(ValueError):
            kata.multiclass_hinge(np.zeros((2, 3)), np.array(labels))
    for y in ([1.0, np.nan], [0.5, -1.0], [1.5, -1.0]):
        with pytest.raises(ValueError):
            kata.hinge(np.zeros(2), np.array(y))


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Scores and labels may be integers of any type: nothing wraps around or is truncated."""
    step = kata.hinge(np.array([100, 0, 127]).astype(kind), np.array([1, 1, 1]).astype(kind))
    assert_close(step.loss, 1 / 3)
    assert_close(step.grad, [0.0, -1 / 3, 0.0])
    scores = np.array([[0, 50, 127], [3, 3, 3], [0, 50, 127], [0, 0, 0]]).astype(kind)
    step = kata.multiclass_hinge(scores, np.array([1, 2, 2, 1]).astype(kind))
    assert_close(step.loss, (78 + 1 + 0 + 1) / 4)
    assert_close(step.grad, np.array([[0, -1, 1], [1, 0, -1], [0, 0, 0], [1, -1, 0]]) / 4)


def workload(kata, rng, n):
    """Scores of n samples, some of them on the corner or tied, for two classes and for four."""
    y = rng.choice([-1, 1], size=n)
    score = np.where(rng.random(n) < 0.3, rng.integers(-2, 3, size=n), 2 * rng.normal(size=n) + y)
    labels = rng.integers(0, 4, size=n)
    scores = rng.normal(scale=2.0, size=(n, 4))
    scores[::3] = rng.integers(-1, 3, size=scores[::3].shape)
    return (
        kata.hinge(score, y),
        kata.multiclass_hinge(scores, labels),
        kata.multiclass_hinge(scores[:, :2], labels // 2),
    )


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Draw the loss of one sample against its lead, and what each of three scores is told."""
    lead = np.linspace(-2.0, 3.0, 201)
    losses = [kata.hinge(lead[[i]], np.array([1])).loss for i in range(lead.size)]
    best = np.linspace(-3.0, 3.0, 121)
    scores = [np.array([[0.0, at, -0.5]]) for at in best]
    steps = [kata.multiclass_hinge(each, np.array([0])) for each in scores]
    return [
        Panel(
            "Loss against y * score",
            "y * score",
            "loss",
            [
                Line(lead, losses, "hinge"),
                Line(lead, np.log2(1 + np.exp(-lead)), "logistic, over log 2"),
                Line(lead, (lead < 0).astype(float), "mistake", faint=True),
            ],
            note="Beyond 1 the hinge is exactly 0: the sample no longer counts.",
        ),
        Panel(
            "Three classes: label 0, scores (0, s, -0.5)",
            "s, the score of class 1",
            "loss, gradients",
            [
                Line(best, [step.loss for step in steps], "loss"),
                *(Line(best, [float(step.grad[0, k]) for step in steps], f"gradient of class {k}") for k in range(3)),
                Mark(-0.5),
            ],
            note="Only the best of the other classes has a gradient: left of the mark it is class 2.",
        ),
    ]


MEAN = "np.maximum(short, 0).mean()), np.where"
BINARY = "np.where(short > 0, -sign, 0) / score.size)"
LABELS = "if not ((y == 1) | (y == -1)).all():"
MANY = "np.maximum(short, 0).mean()), grad)"
SHORT = "short = 1 + others[rows, rival] - scores[rows, labels]"
PULL = "pull = (short > 0) / n_samples"
RIVAL = "grad[rows, rival] = pull"
OWN = "grad[rows, labels] -= pull"
WESTON_WATKINS = [
    (SHORT, "short = np.maximum(1 + others - scores[rows, labels][:, np.newaxis], 0)"),
    (RIVAL, "grad[:] = pull"),
    (OWN, "grad[rows, labels] = -grad.sum(axis=1)"),
]
MISTAKES = {
    "labels of 0 and 1 pass": (LABELS, "if not ((y == 1) | (y == -1) | (y == 0)).all():"),
    "labels are not looked at": (LABELS, "if y.size == 0:"),
    "a sample on the right side costs nothing": [
        ("short = 1 - sign * score", "short = np.where(sign * score > 0, 0, 1 - sign * score)"),
    ],
    "no margin, as in the perceptron": ("short = 1 - sign * score", "short = -sign * score"),
    "the loss not cut off at 0": [(MEAN, "short.mean()), np.where")],
    "hinge squared": [(MEAN, "(np.maximum(short, 0) ** 2).mean()), np.where")],
    "hinge is a sum": (MEAN, "np.maximum(short, 0).sum()), np.where"),
    "hinge averaged over the samples that miss": (
        MEAN,
        "np.maximum(short, 0).sum() / max((short > 0).sum(), 1)), np.where",
    ),
    "the gradient of hinge is that of the sum": (BINARY, "np.where(short > 0, -sign, 0))"),
    "the gradient of hinge has the wrong sign": (BINARY, "np.where(short > 0, sign, 0) / score.size)"),
    "the gradient of hinge without the label": (BINARY, "np.where(short > 0, -1, 0) / score.size)"),
    "a gradient beyond the margin as well": (BINARY, "-sign / score.size)"),
    "a gradient for wrong samples only": (BINARY, "np.where(short > 1, -sign, 0) / score.size)"),
    "a gradient at the corner": (BINARY, "np.where(short >= 0, -sign, 0) / score.size)"),
    "half a gradient at the corner": (BINARY, "-sign * (np.sign(short) + 1) / 2 / score.size)"),
    "Weston and Watkins": [*WESTON_WATKINS, (MANY, "short.sum(axis=1).mean()), grad)")],
    "Weston and Watkins over the classes": [*WESTON_WATKINS, (MANY, "short.mean()), grad / n_classes)")],
    "the label among the others": ("others[rows, labels] = -np.inf", "pass"),
    "the label's score set to 0 for the others": ("others[rows, labels] = -np.inf", "others[rows, labels] = 0"),
    "one against the rest": [
        (
            SHORT,
            (
                "signs = 2 * (np.arange(n_classes) == labels[:, np.newaxis]) - 1\n"
                "    short = (1 - signs * scores).max(axis=1)"
            ),
        ),
    ],
    "no margin between classes": (SHORT, SHORT.replace("1 + ", "")),
    "the second best, not the best": (
        "rival = others.argmax(axis=1)",
        "rival = np.argsort(-others, axis=1, kind='stable')[:, min(1, n_classes - 2)]",
    ),
    "the last of tied others": (
        "rival = others.argmax(axis=1)",
        "rival = n_classes - 1 - others[:, ::-1].argmax(axis=1)",
    ),
    "tied others share the gradient": [
        (
            RIVAL,
            (
                "best = others == others.max(axis=1, keepdims=True)\n"
                "    grad[:] = best / best.sum(axis=1, keepdims=True) * pull[:, np.newaxis]"
            ),
        ),
        (OWN, "grad[rows, labels] = -grad.sum(axis=1)"),
    ],
    "tied others all have the gradient": [
        (RIVAL, "grad[:] = (others == others.max(axis=1, keepdims=True)) * pull[:, np.newaxis]"),
        (OWN, "grad[rows, labels] = -grad.sum(axis=1)"),
    ],
    "a gradient at the corner of many": (PULL, PULL.replace("> 0", ">= 0")),
    "the largest with the margin added, by argmax": [
        ("others[rows, labels] = -np.inf", "others = others + 1\n    others[rows, labels] -= 1"),
        (SHORT, "short = others[rows, rival] - scores[rows, labels]"),
        (RIVAL, "np.add.at(grad, (rows, rival), 1 / n_samples)"),
        (OWN, "np.add.at(grad, (rows, labels), -1 / n_samples)"),
    ],
    "the label has no gradient": (OWN, "pass"),
    "the best other has no gradient": (OWN, OWN + "\n    grad[rows, rival] = 0"),
    "the gradient of many is that of the sum": (PULL, "pull = 1.0 * (short > 0)"),
    "the gradient of many over all entries": (PULL, PULL.replace("n_samples", "scores.size")),
    "multiclass_hinge is a sum": (MANY, "np.maximum(short, 0).sum()), grad)"),
    "multiclass_hinge over all entries": (MANY, "np.maximum(short, 0).sum() / scores.size), grad)"),
    "multiclass_hinge not cut off at 0": (MANY, "short.mean()), grad)"),
}

STRICT_MISTAKES = {
    "labels may broadcast": (
        "    if score.shape != y.shape:\n        raise ValueError(f",
        "    if len(score) < len(y):\n        raise ValueError(f",
    ),
    "labels from the end": (
        "if not ((labels >= 0) & (labels < n_classes)).all():",
        "if not (labels < n_classes).all():",
    ),
    "one label for all samples": ("if labels.shape != (n_samples,):", "if labels.shape not in [(n_samples,), (1,)]:"),
    "a NaN label passes": (LABELS, "if (np.abs(y) > 1).any() or (np.abs(y) < 1).any():"),
    "unsigned labels turn round": ("sign = y.astype(float)", "sign = y"),
    "bytes wrap around": (SHORT, "short = 1 + scores[rows, rival] - scores[rows, labels]"),
}
