import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict


@pytest.fixture
def batch(rng):
    """Logits and labels of shape (4, 3), more negatives than positives."""
    return rng.normal(scale=2.0, size=(4, 3)), rng.permutation([1.0] * 4 + [0.0] * 8).reshape(4, 3)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mean_loss(logits, y, pos_weight=1.0):
    p = sigmoid(logits)
    return np.mean(-pos_weight * y * np.log(p) - (1 - y) * np.log(1 - p))


def gradient(logits, y, pos_weight=1.0):
    p = sigmoid(logits)
    return ((1 - y) * p - pos_weight * y * (1 - p)) / np.size(logits)


def test_loss(kata, batch):
    """The loss is the mean of -y log(p) - (1 - y) log(1 - p) over all elements, for arrays of any shape."""
    assert_close(kata.bce_with_logits(np.array([np.log(3.0)]), np.array([1.0])).loss, np.log(4 / 3))
    assert_close(kata.bce_with_logits(np.array([np.log(3.0)]), np.array([0.0])).loss, np.log(4.0))
    assert_close(kata.bce_with_logits(*batch).loss, mean_loss(*batch))
    logits, y = batch
    for shape in ((12,), (2, 3, 2)):
        assert_close(kata.bce_with_logits(logits.reshape(shape), y.reshape(shape)).loss, mean_loss(*batch))


def test_gradient(kata, batch):
    """The gradient is that of the mean loss: (p - y) divided by the number of elements."""
    assert_close(kata.bce_with_logits(np.array([np.log(3.0)]), np.array([1.0])).grad, [-0.25])
    assert_close(kata.bce_with_logits(np.array([0.0, np.log(3.0)]), np.array([0.0, 0.0])).grad, [0.25, 0.375])
    logits, y = batch
    for shape in ((12,), (4, 3), (2, 3, 2)):
        z, labels = logits.reshape(shape), y.reshape(shape)
        grad = kata.bce_with_logits(z, labels).grad
        assert_close(grad, numerical_gradient(lambda each: mean_loss(each, labels), z), rtol=1e-5, atol=1e-8)  # noqa: B023
        assert_close(grad, gradient(z, labels))


def test_pos_weight(kata, batch):
    """pos_weight multiplies the loss and the gradient of the positives. The mean is still over the elements."""
    step = kata.bce_with_logits(np.array([0.0, 0.0]), np.array([1.0, 0.0]), pos_weight=3.0)
    assert_close(step.loss, 2 * np.log(2.0))
    assert_close(step.grad, [-0.75, 0.25])
    for pos_weight in (0.25, 1.0, 7.5, 1000.0, 0.0):
        step = kata.bce_with_logits(*batch, pos_weight)
        assert_close(step.loss, mean_loss(*batch, pos_weight))
        assert_close(step.grad, gradient(*batch, pos_weight))


def test_probabilities_for_labels(kata, rng):
    """A label may be a probability: it counts as a positive by its share and as a negative by the rest."""
    assert_close(kata.bce_with_logits(np.array([np.log(3.0)]), np.array([0.75])).grad, [0.0])
    logits, y = rng.normal(scale=2.0, size=6), rng.uniform(size=6)
    for pos_weight in (1.0, 2.5):
        step = kata.bce_with_logits(logits, y, pos_weight)
        assert_close(step.loss, mean_loss(logits, y, pos_weight))
        assert_close(step.grad, gradient(logits, y, pos_weight))


def test_large_logits(kata):
    """With logits as large as 1e4, a wrong prediction costs the logit's size, and the gradient is finite."""
    for z in (1e4, 800.0, 40.0, 20.0):
        for y, sign in ((1.0, -1), (0.0, 1)):
            step = kata.bce_with_logits(np.array([sign * z]), np.array([y]))
            assert_close(step.loss, z + np.exp(-z))
            assert_close(step.grad, [sign / (1 + np.exp(-z))])
            step = kata.bce_with_logits(np.array([-sign * z]), np.array([y]), 3.0)
            assert_close(step.loss, (3 if y else 1) * np.log1p(np.exp(-z)))
            assert_close(step.grad, [(3 if y else 1) * sign / (1 + np.exp(min(z, 700)))])
        assert_close(kata.bce_with_logits(np.array([z]), np.array([0.25]), 2.0).loss, 0.75 * z + 1.25 * np.exp(-z))
        assert_close(kata.bce_with_logits(np.array([-z]), np.array([0.25]), 2.0).loss, 0.5 * z + 1.25 * np.exp(-z))
    assert_close(kata.bce_with_logits(np.array([1e4, -1e4]), np.array([0.25, 0.25]), 2.0).grad, [0.375, -0.25])
    # Large logits of either sign beside small ones, which keep their loss.
    step = kata.bce_with_logits(np.array([1e4, 0.0, np.log(3.0), -1e4]), np.array([1.0, 1.0, 0.0, 0.0]))
    assert_close(step.loss, (np.log(2.0) + np.log(4.0)) / 4)
    assert_close(step.grad, [0.0, -0.125, 0.1875, 0.0])


@strict
def test_small_losses(kata):
    """A small loss is right to nine digits, and not 0."""
    for z in (40.0, 30.0, 15.0, 300.0, 715.0):
        for y, sign in ((1.0, 1), (0.0, -1)):
            assert_close(kata.bce_with_logits(np.array([sign * z]), np.array([y])).loss, np.log1p(np.exp(-z)), atol=0.0)
    loss = kata.bce_with_logits(np.array([40.0, -41.0]), np.array([1.0, 0.0]), 5.0).loss
    assert_close(loss, (5 * np.exp(-40.0) + np.exp(-41.0)) / 2, atol=0.0)


@strict
def test_other_labels(kata):
    """A label below 0, above 1 or NaN raises ValueError."""
    for y in ([-1.0, 1.0], [0.0, 1.01], [2.0, 0.0], [1.0, np.nan]):
        with pytest.raises(ValueError):
            kata.bce_with_logits(np.array([0.5, -0.5]), np.array(y))


def test_shapes(kata):
    """Labels of another shape than the logits raise ValueError, even if the two would broadcast."""
    for shape, other in [((3, 1), (3,)), ((3,), (1,)), ((1,), (3,)), ((4, 3), (3,)), ((2, 3), (3, 2)), ((2,), (3,))]:
        with pytest.raises(ValueError):
            kata.bce_with_logits(np.zeros(shape), np.ones(other))


@strict
@pytest.mark.parametrize("kind", [bool, int, np.uint8])
def test_kinds(kata, kind):
    """Labels may be booleans or integers, and logits integers: nothing is truncated."""
    logits, labels = np.array([2, -1, 0, 3]), np.array([1, 0, 1, 0])
    for pos_weight in (1.0, 2.5):
        step = kata.bce_with_logits(logits, labels.astype(kind), pos_weight)
        assert_close(step.loss, mean_loss(logits, labels, pos_weight))
        assert_close(step.grad, gradient(logits, labels, pos_weight))


def workload(kata, rng, n):
    """Logits near zero, at zero and far from it, with labels of 0, 1 and between."""
    logits = rng.normal(scale=3.0, size=(n, 4))
    logits[::4] *= 1000
    logits[1::5] = logits[1::5].round()
    y = (rng.random((n, 4)) < 0.3).astype(float)
    soft = np.where(rng.random((n, 4)) < 0.5, y, rng.random((n, 4)))
    certain = np.abs(logits) * (2 * y - 1)
    return (
        kata.bce_with_logits(logits, y),
        kata.bce_with_logits(logits, soft, 2.5),
        kata.bce_with_logits(certain[0], y[0] == 1),
    )


MISTAKES = {
    "logarithm of the probability": [
        ("tail + np.maximum(-logits, 0)", "-np.log(1 / (1 + np.exp(-logits)))"),
        ("tail + np.maximum(logits, 0)", "-np.log(1 - 1 / (1 + np.exp(-logits)))"),
    ],
    "probabilities clipped": (
        "    tail =",
        "    logits = np.clip(logits, -np.log(1e7), np.log(1e7))\n    tail =",
    ),
    "logits clipped": ("    tail =", "    logits = np.clip(logits, -500, 500)\n    tail ="),
    "an eps in the logarithm": ("np.log1p(np.exp(-np.abs(logits)))", "np.log1p(np.exp(-np.abs(logits)) + 1e-9)"),
    "softplus written as its overflow": ("tail + np.maximum(logits, 0)", "np.log1p(np.exp(logits))"),
    "pos_weight ignored": ("pull, push = pos_weight * y, 1 - y", "pull, push = y, 1 - y"),
    "pos_weight weighs the negatives": (
        "pull, push = pos_weight * y, 1 - y",
        "pull, push = y, pos_weight * (1 - y)",
    ),
    "pos_weight weighs both": (
        "pull, push = pos_weight * y, 1 - y",
        "pull, push = pos_weight * y, pos_weight * (1 - y)",
    ),
    "pos_weight missing from the gradient": ("- pull * np.exp", "- y * np.exp"),
    "p - y, which pos_weight does not fit": (
        "push * np.exp(-positive) - pull * np.exp(-negative)",
        "np.exp(-positive) - pull",
    ),
    "the whole element weighed, as for labels 0 and 1": (
        "pull, push = pos_weight * y, 1 - y",
        "pull, push = np.where(y > 0, pos_weight, 1) * y, np.where(y > 0, pos_weight, 1) * (1 - y)",
    ),
    "divided by the sum of the weights": (
        "(pull * positive + push * negative).mean()",
        "(pull * positive + push * negative).sum() / (pull + push).sum()",
    ),
    "the loss is a sum": ("push * negative).mean()", "push * negative).sum()"),
    "mean over the batch axis only": ("push * negative).mean()", "push * negative).sum() / len(y)"),
    "the gradient is that of the sum": ("grad / logits.size)", "grad)"),
    "the gradient is divided by rows": ("grad / logits.size)", "grad / len(logits))"),
    "the gradient for the probability": (
        "grad / logits.size)",
        "grad / logits.size / np.maximum(np.exp(-positive - negative), 1e-300))",
    ),
    "labels rounded to classes": (
        "pull, push = pos_weight * y, 1 - y",
        "y = y >= 0.5\n    pull, push = pos_weight * y, 1 - y",
    ),
    "labels that are no classes are refused": ("(y >= 0) & (y <= 1)", "(y == 0) | (y == 1)"),
    "shapes may broadcast": (
        "if logits.shape != y.shape:\n        raise ValueError(f",
        "if len(logits) != len(y):\n        raise ValueError(f",
    ),
    "shapes may broadcast where they are as large": (
        "if logits.shape != y.shape:\n        raise ValueError(f",
        "if logits.size != y.size:\n        raise ValueError(f",
    ),
}

STRICT_MISTAKES = {
    "exponents kept above -700": ("np.exp(-np.abs(logits))", "np.exp(-np.minimum(np.abs(logits), 700))"),
    "1 + a tiny number is 1": ("np.log1p(np.exp(-np.abs(logits)))", "np.log(1 + np.exp(-np.abs(logits)))"),
    "the cost of a negative as that of a positive plus the logit": (
        "tail + np.maximum(logits, 0)",
        "tail + np.maximum(-logits, 0) + logits",
    ),
    "labels of -1 and 1 pass, as for hinge": ("(y >= 0) & (y <= 1)", "(y >= -1) & (y <= 1)"),
    "a NaN label passes": ("if not ((y >= 0) & (y <= 1)).all():", "if ((y < 0) | (y > 1)).any():"),
    "gradient in the kind of the logits": (
        "grad / logits.size)",
        "(grad / logits.size).astype(logits.dtype))",
    ),
}
