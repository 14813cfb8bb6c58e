import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict


@pytest.fixture
def batch(rng):
    """Logits of five samples and four classes, and labels that are neither all distinct nor all the likeliest."""
    return rng.normal(scale=2.0, size=(5, 4)), rng.permutation([0, 1, 2, 3, 1])


def probabilities(row):
    """Return what the definition makes of a few moderate logits, or of -inf."""
    powers = [np.exp(z) for z in row]
    return np.array([power / sum(powers) for power in powers])


def mean_loss(logits, labels):
    return np.mean([-np.log(probabilities(row)[label]) for row, label in zip(logits, labels, strict=True)])


def gradient(logits, labels):
    """Return (p - 1) / n at the labels and p / n elsewhere."""
    rows = [probabilities(row) for row in logits]
    for row, label in zip(rows, labels, strict=True):
        row[label] -= 1
    return np.array(rows) / len(rows)


def test_softmax(kata, rng):
    """Softmax divides the exponential of each logit by their sum."""
    assert_close(kata.softmax(np.array([0.0, np.log(3.0)])), [0.25, 0.75])
    for row in (np.array([2.0]), rng.normal(scale=3.0, size=5)):
        assert_close(kata.softmax(row), probabilities(row))


def test_axis(kata, rng):
    """Probabilities sum to 1 along the given axis, and along the last one by default."""
    assert_close(kata.softmax(np.zeros((2, 3)), axis=0), np.full((2, 3), 0.5))
    for shape in ((2, 3), (3, 3), (2, 3, 4)):
        logits = rng.normal(scale=2.0, size=shape)
        assert_close(kata.softmax(logits), np.apply_along_axis(probabilities, -1, logits))
        for axis in range(-len(shape), len(shape)):
            assert_close(kata.softmax(logits, axis), np.apply_along_axis(probabilities, axis, logits))


def test_softmax_of_large_logits(kata, rng):
    """Logits as large as 1e4 neither overflow nor vanish, also if slices lie at different levels."""
    row = rng.normal(scale=2.0, size=3)
    for level in (1e4, -1e4, 800.0, -800.0):
        far = row + level
        assert_close(kata.softmax(far), probabilities(far - level))
    assert_close(kata.softmax(np.array([1e4, -1e4, 1e4])), [0.5, 0, 0.5])
    levels = np.array([[-9e3], [9e3], [0.0]])
    near = (row + levels) - levels
    assert_close(kata.softmax(row + levels), [probabilities(z) for z in near])
    assert_close(kata.softmax((row + levels).T, axis=0), np.transpose([probabilities(z) for z in near]))


@strict
def test_small_probabilities(kata):
    """A small probability is right to nine digits: nothing is added, clipped or rounded."""
    for level in (0.0, 1e3, -1e4):
        far = np.array([0.0, -20.0, -700.0, -50.0])
        assert_close(kata.softmax(level + far), np.exp(far) / np.exp(far).sum(), atol=0.0)


def test_classes_ruled_out(kata, rng):
    """A logit of -inf has probability 0, and the other probabilities are as if it were not there."""
    assert_close(kata.softmax(np.array([3.0, -np.inf])), [1.0, 0.0], atol=0.0)
    logits = rng.normal(size=(3, 4))
    logits[0, 2] = logits[2, 0] = logits[2, 3] = -np.inf
    assert_close(kata.softmax(logits), [probabilities(row) for row in logits])
    # Of what is left, all may lie far below zero.
    for level in (-9e3, -1e4):
        assert_close(kata.softmax(np.array([-np.inf, level, level])), [0, 0.5, 0.5])


def test_loss(kata, batch):
    """The loss is the mean over the batch of -log of the probability of each sample's label."""
    assert_close(kata.cross_entropy(np.array([[0.0, np.log(3.0)]]), np.array([0])).loss, np.log(4.0))
    assert_close(kata.cross_entropy(np.zeros((2, 5)), np.array([4, 4])).loss, np.log(5.0))
    assert_close(kata.cross_entropy(*batch).loss, mean_loss(*batch))


def test_gradient(kata, batch):
    """The gradient is that of the mean loss: (p - 1) / n at the label and p / n elsewhere."""
    assert_close(kata.cross_entropy(np.array([[0.0, np.log(3.0)]]), np.array([0])).grad, [[-0.75, 0.75]])
    # A single class is certain: softmax, not a sigmoid.
    step = kata.cross_entropy(np.array([[3.0], [-2.0]]), np.array([0, 0]))
    assert_close(step.loss, 0.0)
    assert_close(step.grad, [[0.0], [0.0]])
    logits, labels = batch
    grad = kata.cross_entropy(logits, labels).grad
    assert_close(grad, numerical_gradient(lambda z: mean_loss(z, labels), logits), rtol=1e-5, atol=1e-8)
    assert_close(grad, gradient(logits, labels))


def test_large_logits(kata):
    """With logits as large as 1e4, the loss is the distance to the largest logit, and the gradient is finite."""
    for logits, label, loss, grad in [
        ([1e4, 0.0, 0.0], 1, 1e4, [1, -1, 0]),
        ([-1e4, 1e4, 0.0], 0, 2e4, [-1, 1, 0]),
        ([-1e4, 1e4, 0.0], 1, 0.0, [0, 0, 0]),
        ([-1e4, -1e4, -1e4 - 800], 2, 800 + np.log(2), [0.5, 0.5, -1]),
        ([1e3, 0.0, -50.0], 1, 1e3, [1, -1, 0]),
    ]:
        step = kata.cross_entropy(np.array([logits]), np.array([label]))
        assert_close(step.loss, loss)
        assert_close(step.grad, [grad])
    # Two samples, each at a level of its own.
    step = kata.cross_entropy(np.array([[1e4, 1e4], [-1e4, -1e4]]), np.array([0, 1]))
    assert_close(step.loss, np.log(2.0))
    assert_close(step.grad, [[-0.25, 0.25], [0.25, -0.25]])


@strict
def test_labels_and_classes_ruled_out(kata):
    """A class at -inf leaves the loss finite, unless it is the label: then the loss is inf."""
    logits, labels = np.array([[0.0, -np.inf, 0.0], [1.0, 1.0, 1.0]]), np.array([2, 0])
    step = kata.cross_entropy(logits, labels)
    assert_close(step.loss, (np.log(2) + np.log(3)) / 2)
    assert_close(step.grad, gradient(logits, labels))
    labels = np.array([1, 0])
    step = kata.cross_entropy(logits, labels)
    assert_close(step.loss, np.inf)
    assert_close(step.grad, gradient(logits, labels))


@strict
def test_labels_that_are_no_class(kata):
    """A label that is negative or as large as the number of classes raises ValueError."""
    for labels in ([0, 3], [3, 0], [-1, 1], [2, -3], [-100, 0], [7, 7]):
        with pytest.raises(ValueError):
            kata.cross_entropy(np.ones((2, 3)), np.array(labels))


@strict
def test_number_of_labels(kata):
    """Labels that are not one for each sample raise ValueError."""
    for labels in ([1], [1, 0, 1, 0], [1, 0], [[0], [1], [1]], [[0, 1], [0, 1], [1, 0]]):
        with pytest.raises(ValueError):
            kata.cross_entropy(np.ones((3, 2)), np.array(labels))


@strict
def test_integers(kata):
    """Logits may be integers: nothing is truncated."""
    logits, labels = np.array([[1, 0, -2], [3, 3, 1]]), np.array([0, 2])
    assert_close(kata.softmax(logits), [probabilities(row) for row in logits])
    assert_close(kata.cross_entropy(logits, labels).loss, mean_loss(logits, labels))
    assert_close(kata.cross_entropy(logits, labels).grad, gradient(logits, labels))


def workload(kata, rng, n):
    """Logits near each other, tied, far apart and ruled out."""
    labels = rng.integers(0, 7, size=n)
    logits = rng.normal(scale=3.0, size=(n, 7)) + rng.choice([-1e4, 0.0, 1e4], size=(n, 1))
    logits[::3] = logits[::3].round()
    logits[1::5, 4] -= 2e3
    logits[::4, 2] = -np.inf
    finite = np.where(labels == 2, 5, labels)
    return kata.softmax(logits), kata.softmax(logits[:, :2], axis=0), kata.cross_entropy(logits, finite)


MISTAKES = {
    "probabilities kept away from 0": (
        "return powers / powers.sum(axis=axis, keepdims=True)",
        "return np.clip(powers / powers.sum(axis=axis, keepdims=True), 1e-12, 1)",
    ),
    "exponents kept above -710": (
        "np.exp(logits - logits.max(axis=axis, keepdims=True))",
        "np.exp(np.maximum(logits - logits.max(axis=axis, keepdims=True), -710))",
    ),
    "exponentials of the logits as they are": (
        "np.exp(logits - logits.max(axis=axis, keepdims=True))",
        "np.exp(logits)",
    ),
    "one maximum for the whole array": ("logits.max(axis=axis, keepdims=True)", "logits.max()"),
    "the largest absolute value for the maximum": (
        "logits.max(axis=axis, keepdims=True)",
        "np.abs(logits).max(axis=axis, keepdims=True)",
    ),
    "the axis is always the last": [
        ("logits.max(axis=axis, keepdims=True)", "logits.max(axis=-1, keepdims=True)"),
        ("powers.sum(axis=axis, keepdims=True)", "powers.sum(axis=-1, keepdims=True)"),
    ],
    "the sum without keepdims, right on square arrays at best": (
        "return powers / powers.sum(axis=axis, keepdims=True)",
        "return powers / powers.sum(axis=axis)",
    ),
    "an eps in the denominator": (
        "return powers / powers.sum(axis=axis, keepdims=True)",
        "return powers / (powers.sum(axis=axis, keepdims=True) + 1e-8)",
    ),
    "-inf replaced by a large number, too small a one": (
        "    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))",
        (
            "    logits = np.nan_to_num(logits, neginf=-1e3)\n"
            "    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))"
        ),
    ),
    "single precision": (
        "    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))",
        "    powers = np.exp((logits - logits.max(axis=axis, keepdims=True)).astype(np.float32))",
    ),
    "logarithm of the probability": (
        "np.log(total) - shifted[own]",
        "-np.log(softmax(logits)[own])",
    ),
    "logarithm of the probability with an eps": (
        "np.log(total) - shifted[own]",
        "-np.log(softmax(logits)[own] + 1e-12)",
    ),
    "the loss is a sum": ("shifted[own]).mean()", "shifted[own]).sum()"),
    "the mean is over classes too": ("shifted[own]).mean()", "shifted[own]).mean() / n_classes"),
    "the gradient is that of the sum": ("grad / n_samples)", "grad)"),
    "the gradient is divided by the classes": ("grad / n_samples)", "grad / n_classes)"),
    "the gradient of the negative loss": ("grad / n_samples)", "-grad / n_samples)"),
    "softmax for the gradient": ("    grad[own] -= 1\n", ""),
    "the likeliest class for the label": (
        "own = np.arange(n_samples), labels",
        "own = np.arange(n_samples), logits.argmax(axis=1)",
    ),
}

STRICT_MISTAKES = {
    "a product with one-hot rows, where 0 meets -inf": (
        "np.log(total) - shifted[own]",
        "np.log(total) - (np.eye(n_classes)[labels] * shifted).sum(axis=1)",
    ),
    "gradient in the kind of the logits": (
        "grad / n_samples)",
        "(grad / n_samples).astype(logits.dtype))",
    ),
    "a negative label counts from the last class": ("(labels >= 0) & (labels < n_classes)", "(labels < n_classes)"),
    "the number of classes is a label": ("(labels < n_classes)", "(labels <= n_classes)"),
    "labels in a column, which pair off with every sample": (
        "labels.shape != (n_samples,)",
        "len(labels) != n_samples",
    ),
    "one label for all samples": (
        "labels.shape != (n_samples,)",
        "labels.shape not in [(n_samples,), (1,)]",
    ),
}
