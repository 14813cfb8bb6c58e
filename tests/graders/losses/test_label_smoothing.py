import math

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

LOG_3 = math.log(3)


@pytest.fixture
def batch(rng):
    """Logits of five samples and four classes, and labels that are neither all distinct nor all the likeliest."""
    return rng.normal(scale=2.0, size=(5, 4)), rng.permutation([0, 1, 2, 3, 1])


def target(label, n_classes, smoothing):
    """Return the target of one sample, class by class."""
    return [(1 - smoothing) * (k == label) + smoothing / n_classes for k in range(n_classes)]


def mean_loss(logits, labels, smoothing):
    losses = []
    for row, label in zip(logits, labels, strict=True):
        p = [math.exp(z) / sum(math.exp(other) for other in row) for z in row]
        losses.append(-sum(q * math.log(p_k) for q, p_k in zip(target(label, len(row), smoothing), p, strict=True)))
    return math.fsum(losses) / len(losses)


def assert_gradient(kata, logits, labels, smoothing):
    """Compare as closely as finite differences allow."""
    numerical = numerical_gradient(lambda z: mean_loss(z, labels, smoothing), logits)
    assert_close(kata.smoothed_cross_entropy(logits, labels, smoothing).grad, numerical, rtol=1e-5, atol=1e-8)


def test_loss(kata, rng, batch):
    """The loss is the mean over the samples of -sum_k q_k log(p_k)."""
    # The probabilities are 1/4 and 3/4, the target is 0.9 and 0.1.
    logits = np.array([[0.0, LOG_3]])
    by_hand = 0.9 * math.log(4) + 0.1 * math.log(4 / 3)
    assert_close(kata.smoothed_cross_entropy(logits, np.array([0]), 0.2).loss, by_hand)
    assert_close(kata.smoothed_cross_entropy(*batch, 0.3).loss, mean_loss(*batch, 0.3))
    for n_samples, n_classes in ((1, 3), (7, 2), (3, 3), (2, 6)):
        logits, labels = rng.normal(size=(n_samples, n_classes)), rng.integers(0, n_classes, size=n_samples)
        assert_close(kata.smoothed_cross_entropy(logits, labels, 0.2).loss, mean_loss(logits, labels, 0.2))


def test_target(kata):
    """The share s is spread over all C classes, that of the label too: it has 1 - s + s/C and each other one s/C."""
    # With all p at 1/C the gradient is 1/C less the target.
    grad = kata.smoothed_cross_entropy(np.zeros((1, 4)), np.array([2]), 0.2).grad
    assert_close(0.25 - grad, [[0.05, 0.05, 0.85, 0.05]], what="the target is")
    grad = kata.smoothed_cross_entropy(np.zeros((1, 2)), np.array([1]), 0.5).grad
    assert_close(0.5 - grad, [[0.25, 0.75]], what="the target is")
    # For a few classes, s/C and s/(C - 1) are far apart.
    step = kata.smoothed_cross_entropy(np.array([[0.0, LOG_3]]), np.array([1]), 0.4)
    assert_close(step.loss, 0.8 * math.log(4 / 3) + 0.2 * math.log(4))
    assert_close(step.grad, [[0.05, -0.05]])


def test_gradient(kata, rng, batch):
    """The gradient is that of the mean loss: (p - q) / n."""
    step = kata.smoothed_cross_entropy(np.array([[0.0, LOG_3], [LOG_3, 0.0]]), np.array([0, 0]), 0.2)
    assert_close(step.grad, [[-0.325, 0.325], [-0.075, 0.075]])
    for smoothing in (0.1, 0.35, 0.8):
        assert_gradient(kata, *batch, smoothing)
    for n_samples, n_classes in ((1, 3), (7, 2), (3, 3), (2, 6)):
        logits, labels = rng.normal(size=(n_samples, n_classes)), rng.integers(0, n_classes, size=n_samples)
        assert_gradient(kata, logits, labels, 0.25)


def test_ends_of_the_range(kata, batch):
    """With s = 0 it is plain cross-entropy. With s = 1 the label does not matter."""
    logits, labels = batch
    step = kata.smoothed_cross_entropy(np.array([[0.0, LOG_3]]), np.array([0]), 0.0)
    assert_close(step.loss, math.log(4))
    assert_close(step.grad, [[-0.75, 0.75]])
    step = kata.smoothed_cross_entropy(np.array([[0.0, LOG_3]]), np.array([0]), 1.0)
    assert_close(step.loss, (math.log(4) + math.log(4 / 3)) / 2)
    assert_close(step.grad, [[-0.25, 0.25]])
    for smoothing in (0.0, 1.0):
        assert_close(kata.smoothed_cross_entropy(*batch, smoothing).loss, mean_loss(*batch, smoothing))
        assert_gradient(kata, *batch, smoothing)
    others = (labels + 1) % 4
    expected = kata.smoothed_cross_entropy(logits, labels, 1.0)
    assert_close(kata.smoothed_cross_entropy(logits, others, 1.0).loss, expected.loss)
    assert_close(kata.smoothed_cross_entropy(logits, others, 1.0).grad, expected.grad)


def test_default(kata, batch):
    """By default smoothing is 0.1."""
    step = kata.smoothed_cross_entropy(*batch)
    assert_close(step.loss, mean_loss(*batch, 0.1))
    assert_close(step.grad, kata.smoothed_cross_entropy(*batch, 0.1).grad)


def test_minimum(kata):
    """At logits of log(q) the gradient is 0, and the loss is the entropy of q: it does not go down to 0."""
    # Ten classes and s = 0.1: the label has 0.91, each other class 0.01.
    q = np.array(target(3, 10, 0.1))
    level = np.array([[5.0], [-2.0]])
    step = kata.smoothed_cross_entropy(np.log(q) + level, np.array([3, 3]), 0.1)
    assert_close(step.loss, -0.91 * math.log(0.91) - 0.09 * math.log(0.01))
    assert_close(step.grad, np.zeros((2, 10)), what="the gradient at the minimum is")
    # Farther out the loss rises again.
    farther = kata.smoothed_cross_entropy(2 * np.log(q) + level, np.array([3, 3]), 0.1)
    assert_close(farther.grad, (np.tile(q**2 / (q**2).sum(), (2, 1)) - q) / 2)


def test_large_logits(kata):
    """With logits as large as 1e4 the loss is finite and exact, also for samples at different levels."""
    for logits, label, loss, grad in [
        # Targets of 0.85 and 0.05.
        ([1e4, 0.0, 0.0, 0.0], 0, 0.15 * 1e4, [0.15, -0.05, -0.05, -0.05]),
        ([1e4, 0.0, 0.0, 0.0], 1, 0.95 * 1e4, [0.95, -0.85, -0.05, -0.05]),
        ([-1e4, 1e4, 0.0, 0.0], 0, 0.85 * 2e4 + 0.1 * 1e4, [-0.85, 0.95, -0.05, -0.05]),
        ([0.0, -800.0, -800.0, 0.0], 0, 80 + math.log(2), [-0.35, -0.05, -0.05, 0.45]),
        ([-1e4, -1e4, -1e4, -1e4], 2, math.log(4), [0.2, 0.2, -0.6, 0.2]),
        ([9e3, 9e3 - 50, 9e3, 9e3], 3, 0.05 * 50 + math.log(3), [17 / 60, -0.05, 17 / 60, -31 / 60]),
    ]:
        step = kata.smoothed_cross_entropy(np.array([logits]), np.array([label]), 0.2)
        assert_close(step.loss, loss)
        assert_close(step.grad, [grad], atol=1e-11)
    step = kata.smoothed_cross_entropy(np.array([[1e4, 1e4], [-1e4, -1e4]]), np.array([0, 1]), 0.2)
    assert_close(step.loss, math.log(2))
    assert_close(step.grad, [[-0.2, 0.2], [0.2, -0.2]])


@strict
def test_labels_that_are_no_class(kata):
    """A label that is negative or as large as the number of classes raises ValueError."""
    for labels in ([0, 3], [3, 0], [-1, 1], [2, -3], [-100, 0], [7, 7]):
        with pytest.raises(ValueError):
            kata.smoothed_cross_entropy(np.ones((2, 3)), np.array(labels), 0.1)


@strict
def test_number_of_labels(kata):
    """Labels that are not one for each sample raise ValueError."""
    for labels in ([1], [1, 0, 1, 0], [1, 0], [[0], [1], [1]], [[0, 1], [0, 1], [1, 0]]):
        with pytest.raises(ValueError):
            kata.smoothed_cross_entropy(np.ones((3, 2)), np.array(labels), 0.1)


@strict
def test_integers(kata):
    """The arrays may hold integers of any type: nothing is truncated, and nothing overflows."""
    logits, labels = np.array([[1, 0, -2], [3, 3, 1]]), np.array([0, 2])
    assert_close(kata.smoothed_cross_entropy(logits, labels, 0.2).loss, mean_loss(logits, labels, 0.2))
    assert_gradient(kata, logits, labels, 0.2)
    for kind, far in ((np.int8, [[100, -100, 90], [-3, 1, -120]]), (np.uint8, [[200, 0, 190], [7, 9, 2]])):
        step = kata.smoothed_cross_entropy(np.array(far, dtype=kind), labels.astype(kind), 0.2)
        floats = np.array(far, dtype=float)
        assert_close(step.loss, mean_loss(floats, labels, 0.2))
        expected = kata.smoothed_cross_entropy(floats, labels, 0.2)
        assert_close(step.grad, expected.grad)


def workload(kata, rng, n):
    """Logits near each other, tied and far apart."""
    labels = rng.integers(0, 7, size=n)
    logits = rng.normal(scale=3.0, size=(n, 7)) + rng.choice([-1e4, 0.0, 1e4], size=(n, 1))
    logits[::3] = logits[::3].round()
    logits[1::5, 4] -= 2e3
    return [kata.smoothed_cross_entropy(logits, labels, *smoothing) for smoothing in ((), (0.3,), (0.0,))]


def picture(kata, rng):
    del rng
    gaps = np.linspace(-2, 12, 141)
    label, lines, marks = np.array([0]), [], []
    for smoothing in (0.0, 0.1, 0.3):
        losses = []
        for gap in gaps:
            logits = np.zeros((1, 10))
            logits[0, 0] = gap
            losses.append(kata.smoothed_cross_entropy(logits, label, smoothing).loss)
        lines.append(Line(gaps, losses, f"s = {smoothing}"))
        if smoothing:
            marks.append(Mark(float(np.log1p(10 * (1 - smoothing) / smoothing)), f"best for s = {smoothing}"))
    return [
        Panel(
            "Loss of one sample, ten classes",
            "logit of the label, the others are 0",
            "loss",
            [*lines, *marks],
            note="Without smoothing the loss falls for ever. With it there is a best gap, and the loss stays above 0.",
        )
    ]


SPREAD = "targets = np.full(logits.shape, smoothing / n_classes)\n"
OWN = "targets[np.arange(n_samples), labels] += 1 - smoothing"
LOG_P = "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
LOSS = "float(-(targets * log_p).sum() / n_samples)"
GRAD = "(np.exp(log_p) - targets) / n_samples)\n\n\ndef smoothed_cross_entropy_via_two"
MISTAKES = {
    "spread over the other classes": [
        (SPREAD, "targets = np.full(logits.shape, smoothing / (n_classes - 1))\n"),
        (OWN, "targets[np.arange(n_samples), labels] = 1 - smoothing"),
    ],
    "the label's own share forgotten": (OWN, "targets[np.arange(n_samples), labels] = 1 - smoothing"),
    "the label keeps its 1": (OWN, "targets[np.arange(n_samples), labels] += 1"),
    "spread over the samples": (SPREAD, "targets = np.full(logits.shape, smoothing / n_samples)\n"),
    "the whole share for each class": (SPREAD, "targets = np.full(logits.shape, smoothing)\n"),
    "1 - s for s": [
        (SPREAD, "targets = np.full(logits.shape, (1 - smoothing) / n_classes)\n"),
        (OWN, "targets[np.arange(n_samples), labels] += smoothing"),
    ],
    "smoothing fixed at its default": ("    targets = np.full", "    smoothing = 0.1\n    targets = np.full"),
    "a smoothing of 0 taken for no smoothing given": (
        "    targets = np.full",
        "    smoothing = smoothing or 0.1\n    targets = np.full",
    ),
    "no smoothing by default": (
        'smoothing: float = 0.1) -> LossGrad:\n    """Return',
        'smoothing: float = 0.0) -> LossGrad:\n    """Return',
    ),
    "the gradient of plain cross-entropy": (
        GRAD,
        GRAD.replace("- targets", "- (targets == targets.max(axis=1, keepdims=True))"),
    ),
    "the gradient scaled by 1 - s": (
        GRAD,
        "(1 - smoothing) * (np.exp(log_p) - targets) / n_samples)\n\n\ndef smoothed_cross_entropy_via_two",
    ),
    "the gradient of the sum": (GRAD, "np.exp(log_p) - targets)\n\n\ndef smoothed_cross_entropy_via_two"),
    "the gradient turned round": (
        GRAD,
        "(targets - np.exp(log_p)) / n_samples)\n\n\ndef smoothed_cross_entropy_via_two",
    ),
    "the mean over all entries": (LOSS, "float(-(targets * log_p).mean())"),
    "the sum over the batch": (LOSS, "float(-(targets * log_p).sum())"),
    "the loss of the label alone": (LOSS, "float(-(targets * log_p).max(axis=1).sum() / n_samples)"),
    "the divergence from the target, without its entropy": (
        LOSS,
        "float((targets * (np.log(np.maximum(targets, 1e-300)) - log_p)).sum() / n_samples)",
    ),
    "logarithm of the probability": (
        LOG_P,
        "log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))",
    ),
    "an eps in the logarithm": (
        LOG_P,
        "log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True) + 1e-12)",
    ),
    "probabilities clipped": (
        LOG_P,
        "log_p = np.log(np.clip(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True), 1e-15, 1))",
    ),
    "exponentials of the logits as they are": (
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "shifted = logits",
    ),
    "one maximum for the whole batch": ("logits.max(axis=1, keepdims=True)", "logits.max()"),
    "softmax over the samples": (LOG_P, "log_p = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))"),
    "a maximum that starts at 0": (
        "logits.max(axis=1, keepdims=True)",
        "logits.max(axis=1, keepdims=True, initial=0.0)",
    ),
}

STRICT_MISTAKES = {
    "small integers overflow": (
        "    logits = logits.astype(float)  # differences of small integers would overflow\n",
        "",
    ),
    "labels counted from the end": (
        "if not ((labels >= 0) & (labels < n_classes)).all():",
        "if not (labels < n_classes).all():",
    ),
    "labels not checked": ("if not ((labels >= 0) & (labels < n_classes)).all():", "if False:"),
    "labels may broadcast": ("if labels.shape != (n_samples,):", "if labels.ndim != 1 or len(labels) > n_samples:"),
}
