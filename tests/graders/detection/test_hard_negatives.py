import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict


@pytest.fixture
def batch(rng):
    """Four images of nine anchors and three classes, with two, one, no and seven positives."""
    labels = np.zeros((4, 9), dtype=int)
    for image, n_positive in enumerate((2, 1, 0, 7)):
        labels[image, rng.permutation(9)[:n_positive]] = rng.integers(1, 3, size=n_positive)
    return rng.normal(0.5, 2.0, size=(4, 9, 3)), labels


def chosen(losses, positives, ratio):
    """Return the places of the marked negatives of one image: again and again the first of the largest."""
    left = [j for j in range(len(losses)) if not positives[j]]
    places = []
    for _ in range(min(ratio * sum(positives), len(left))):
        largest = max(losses[j] for j in left)
        places.append(next(j for j in left if losses[j] == largest))
        left.remove(places[-1])
    return places


def assert_mask(kata, losses, positives, ratio=3):
    """Compare a batch with the definition."""
    losses, positives = np.array(losses), np.array(positives, dtype=bool)
    expected = np.zeros(losses.shape, dtype=bool)
    for image in range(len(losses)):
        expected[image, chosen(losses[image].tolist(), positives[image].tolist(), ratio)] = True
    assert_equal(kata.hard_negative_mask(losses, positives, ratio), expected)


def assert_places(kata, losses, positives, ratio, places):
    """Compare one image with the places worked out by hand."""
    expected = np.isin(np.arange(len(losses)), places)[None]
    assert_equal(kata.hard_negative_mask(np.array([losses]), np.array([positives], dtype=bool), ratio), expected)


def defined_loss(logits, labels, ratio):
    """Return the loss by the definition, anchor by anchor."""
    total, n_positive = 0.0, 0
    for rows, classes in zip(logits.tolist(), labels.tolist(), strict=True):
        losses = [math.log(sum(map(math.exp, row))) - row[label] for row, label in zip(rows, classes, strict=True)]
        positives = [label > 0 for label in classes]
        counted = [j for j in range(len(classes)) if positives[j]] + chosen(losses, positives, ratio)
        total += sum(losses[j] for j in counted)
        n_positive += sum(positives)
    return total / n_positive if n_positive else 0.0


def test_each_image(kata, rng):
    """Each image marks its own negatives with the largest loss: ratio times as many as it has positives."""
    assert_places(kata, [2.0, 5.0, 1.0, 4.0, 3.0], [1, 0, 0, 0, 0], 2, [1, 3])
    losses = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [50.0, 40.0, 30.0, 20.0, 10.0]])
    is_positive = np.array([[False, True, False, False, False], [True, False, False, False, True]])
    expected = np.array([[False, False, False, False, True], [False, True, True, False, False]])
    assert_equal(kata.hard_negative_mask(losses, is_positive, 1), expected)
    for ratio in (1, 2, 3):
        assert_mask(kata, rng.gamma(1.0, size=(5, 11)), rng.random((5, 11)) < 0.2, ratio)


def test_positives(kata, rng):
    """A positive is never marked, however large its loss is; if the negatives do not suffice, all of them are."""
    assert_places(kata, [9.0, 1.0, 8.0, 2.0, 3.0], [1, 0, 1, 0, 0], 1, [3, 4])
    assert_places(kata, [9.0, 1.0, 8.0, 2.0, 3.0], [1, 0, 1, 0, 0], 2, [1, 3, 4])
    assert_places(kata, [9.0, 0.0, 0.0, 2.0], [1, 0, 1, 1], 3, [1])
    assert_places(kata, [0.0, 0.0, 5.0, 0.0], [1, 0, 1, 1], 3, [1])
    assert_places(kata, [4.0, 5.0], [1, 1], 3, [])
    assert_places(kata, [5.0, 5.0, 1.0, 2.0], [1, 1, 0, 0], 1, [2, 3])
    assert_mask(kata, rng.gamma(1.0, size=(5, 11)), rng.random((5, 11)) < 0.7)


def test_no_positives(kata, rng):
    """An image without positives marks nothing, and does not change the others."""
    assert_places(kata, [9.0, 1.0, 8.0], [0, 0, 0], 3, [])
    losses, positives = rng.gamma(1.0, size=(4, 8)), rng.random((4, 8)) < 0.2
    positives[1], positives[2:, 3] = False, True
    assert_mask(kata, losses, positives, 1)
    assert_mask(kata, losses[1:2], positives[1:2])
    assert_mask(kata, [[2.0], [3.0]], [[0], [1]])


def test_ties(kata, rng):
    """A tie goes to the lower anchor index, whether at the top, at the cut, or among all."""
    assert_places(kata, [3.0] * 20, np.arange(20) == 19, 7, range(7))
    assert_places(kata, [0.0] * 20, np.arange(20) == 0, 7, range(1, 8))
    assert_places(kata, [1.0, 2.0, 5.0, 2.0, 2.0, 1.0], [0, 0, 0, 0, 0, 1], 3, [1, 2, 3])
    assert_places(kata, [5.0, 5.0, 1.0, 5.0, 1.0, 1.0], [0, 0, 0, 1, 0, 0], 3, [0, 1, 2])
    assert_places(kata, [9.0] + [0.0, 1.0] * 20, np.arange(41) == 0, 10, range(2, 21, 2))
    for ratio in (1, 3, 4):
        assert_mask(kata, rng.integers(0, 3, size=(6, 30)) / 2, rng.random((6, 30)) < 0.15, ratio)


def test_ratio(kata, rng):
    """The ratio is 3 by default, 0 marks nothing, and a negative one raises ValueError."""
    losses, positives = rng.gamma(1.0, size=(3, 12)), np.arange(12) % 7 == [[0], [1], [6]]
    assert_equal(kata.hard_negative_mask(losses, positives), kata.hard_negative_mask(losses, positives, 3))
    for ratio in (0, 1, 3, 4, 11, 1_000_000):
        assert_mask(kata, losses, positives, ratio)
    for bad in (-1, -3):
        with pytest.raises(ValueError):
            kata.hard_negative_mask(losses, positives, bad)


def test_order(kata):
    """Only the order of the losses matters: near 0, below 0, and for large losses that differ little."""
    assert_places(kata, [-5.0, -1.0, -3.0, -2.0, -4.0], [1, 0, 0, 0, 0], 2, [1, 3])
    assert_places(kata, [-5e5, -9e5, -1e6, -8e5], [1, 0, 0, 0], 2, [1, 3])
    assert_places(kata, [1e6, 1e-6, 0.0, 2e-6, 3e-6], [1, 0, 0, 0, 0], 2, [3, 4])
    assert_places(kata, [1e6, 1e6 - 0.2, 1e6 - 0.1, 1e6, 1e6], [0, 0, 0, 0, 1], 2, [0, 3])
    assert_places(kata, [0.0, 1e6 - 0.03, 1e6 - 0.02, 1e6 - 0.01], [1, 0, 0, 0], 1, [3])
    assert_places(kata, [1.0, 0.0, -1e-6, 1e-6], [1, 0, 0, 0], 1, [3])


def test_loss(kata, batch):
    """The loss is the sum over positives and marked negatives, over the number of positives in the whole batch."""
    # Both logits 0: log(2). The first image has one positive and one negative that counts, the second two and one.
    logits, labels = np.zeros((2, 3, 2)), np.array([[0, 1, 0], [1, 1, 0]])
    assert_close(kata.mined_cross_entropy(logits, labels, 1).loss, 5 / 3 * math.log(2))
    assert_close(kata.mined_cross_entropy(logits, labels).loss, 2 * math.log(2))
    # Of two very hard negatives the second is harder: its background has a probability of exp(-50), not of exp(-40).
    logits, labels = np.array([[[0.0, 0.0], [0.0, 40.0], [0.0, 50.0]]]), np.array([[1, 0, 0]])
    assert_close(kata.mined_cross_entropy(logits, labels, 1).loss, math.log(2) + 50.0)
    for ratio in (0, 1, 2, 3, 10):
        assert_close(kata.mined_cross_entropy(*batch, ratio).loss, defined_loss(*batch, ratio))
        assert_close(
            kata.mined_cross_entropy(batch[0][:1], batch[1][:1], ratio).loss,
            defined_loss(batch[0][:1], batch[1][:1], ratio),
        )
    assert_close(kata.mined_cross_entropy(*batch).loss, defined_loss(*batch, 3))


def test_gradient(kata, batch):
    """The gradient is that of the counted anchors, and 0 for the others."""
    logits, labels = np.zeros((1, 4, 2)), np.array([[0, 1, 0, 0]])
    expected = np.array([[[-0.5, 0.5], [0.5, -0.5], [0.0, 0.0], [0.0, 0.0]]])
    assert_close(kata.mined_cross_entropy(logits, labels, 1).grad, expected)
    logits, labels = batch
    for ratio in (0, 1, 3):
        expected = numerical_gradient(lambda z, ratio=ratio: defined_loss(z, labels, ratio), logits)
        assert_close(kata.mined_cross_entropy(logits, labels, ratio).grad, expected, rtol=1e-5, atol=1e-7)


def test_a_batch_without_positives(kata, batch):
    """Without any positive, loss and gradient are 0; without any negative, all anchors count."""
    logits, labels = batch
    found = kata.mined_cross_entropy(logits, 0 * labels)
    assert_close(found.loss, 0.0)
    assert_close(found.grad, np.zeros(logits.shape))
    found = kata.mined_cross_entropy(np.zeros((1, 2, 4)), np.array([[3, 1]]))
    assert_close(found.loss, math.log(4))
    assert_close(found.grad, np.array([[[1.0, 1.0, 1.0, -3.0], [1.0, -3.0, 1.0, 1.0]]]) / 8)


@strict
def test_large_logits(kata):
    """Logits of 1e4 neither overflow nor lose the loss."""
    logits = np.array([[[1e4, 0.0], [0.0, 1e4], [-1e4, 0.0], [1e4, 1e4]]])
    found = kata.mined_cross_entropy(logits, np.array([[1, 0, 0, 0]]), 1)
    assert_close(found.loss, 2e4)
    assert_close(found.grad, np.array([[[1.0, -1.0], [-1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]))


@strict
def test_integers(kata):
    """The arrays may hold integers of any type."""
    is_positive = np.array([[True, False, False, False, False]])
    for kind in (np.uint8, np.int8, np.uint32, np.int64):
        low = -128 if kind is np.int8 else 0
        mask = kata.hard_negative_mask(np.array([[9, low, 7, 3, 100]], dtype=kind), is_positive, 2)
        assert_equal(mask, np.array([[False, False, True, False, True]]))
        logits = np.array([[[0, 100], [100, 100], [100, 0]]], dtype=kind)
        found = kata.mined_cross_entropy(logits, np.array([[1, 0, 0]], dtype=kind), 1)
        assert_close(found.loss, math.log(2))
        assert_close(found.grad, np.array([[[0.0, 0.0], [-0.5, 0.5], [0.0, 0.0]]]))


def workload(kata, rng, n):
    """Three images, one without objects, with ties in the losses that are ranked on their own."""
    labels = np.where(rng.random((3, n + 4)) < 0.1, rng.integers(1, 4, size=(3, n + 4)), 0)
    labels[0, 1], labels[1] = 2, 0
    losses = rng.integers(0, 9, size=(3, n + 4)) / 4
    logits = rng.normal(size=(3, n + 4, 4))
    return kata.hard_negative_mask(losses, labels > 0), *kata.mined_cross_entropy(logits, labels, 2)


MISTAKES = {
    "ties go to the higher index": (
        "order = np.lexsort((-loss.astype(float), is_positive))",
        "order = loss.shape[1] - 1 - np.lexsort((loss[:, ::-1] * -1.0, is_positive[:, ::-1]))",
    ),
    "a sort that is not stable": (
        "order = np.lexsort((-loss.astype(float), is_positive))",
        "order = np.argsort(np.where(is_positive, np.inf, -loss.astype(float)))",
    ),
    "the easiest negatives": ("np.lexsort((-loss", "np.lexsort((loss"),
    "positives take places": (
        "np.lexsort((-loss.astype(float), is_positive))",
        "np.argsort(-loss, axis=1, kind='stable')",
    ),
    "positives take places and are dropped afterwards": [
        ("np.lexsort((-loss.astype(float), is_positive))", "np.argsort(-loss, axis=1, kind='stable')"),
        (
            "return np.argsort(order) < kept[:, None]",
            "return (np.argsort(order) < kept[:, None]) & ~is_positive",
        ),
    ],
    "the loss of a positive is set to 0": (
        "np.lexsort((-loss.astype(float), is_positive))",
        "np.argsort(-np.where(is_positive, 0, loss), axis=1, kind='stable')",
    ),
    "the loss of a positive is set to -1": (
        "np.lexsort((-loss.astype(float), is_positive))",
        "np.argsort(-np.where(is_positive, -1, loss), axis=1, kind='stable')",
    ),
    "positives fill up": (
        "np.minimum(ratio * is_positive.sum(axis=1), (~is_positive).sum(axis=1))",
        "ratio * is_positive.sum(axis=1)",
    ),
    "the positives of the batch": (
        "np.minimum(ratio * is_positive.sum(axis=1), (",
        "np.minimum(ratio * is_positive.sum() // len(loss), (",
    ),
    "at least one negative": (
        "kept = np.minimum(ratio * is_positive.sum(axis=1), (",
        "kept = np.minimum(np.maximum(ratio * is_positive.sum(axis=1), 1), (",
    ),
    "one negative less": ("(order) < kept", "(order) + 1 < kept"),
    "all above the smallest of them": (
        "return np.argsort(order) < kept[:, None]",
        (
            "mask = np.argsort(order) < kept[:, None]\n"
            "    return ~is_positive & (loss >= np.where(mask, loss, np.inf).min(axis=1, keepdims=True))"
        ),
    ),
    "a negative with loss 0 does not count": (
        "return np.argsort(order) < kept[:, None]",
        "return (np.argsort(order) < kept[:, None]) & (loss != 0)",
    ),
    "losses are rounded": ("(-loss.astype(float), is", "(-loss.astype(float).round(5), is"),
    "losses in single precision": ("-loss.astype(float), is", "-loss.astype(np.float32), is"),
    "the size of a loss": ("-loss.astype(float), is", "-abs(loss.astype(float)), is"),
    "a negative ratio is 0": ("if ratio < 0:", "if False:"),
    "the ratio is always 3": ("np.minimum(ratio * is_positive", "np.minimum(3 * is_positive"),
    "a ratio of 0 is the default": (
        "    if ratio < 0:\n        raise ValueError(f",
        "    ratio = ratio or 3\n    if ratio < 0:\n        raise ValueError(f",
    ),
    "divided by all counted anchors": ("    n = max(is_positive.sum(), 1)", "    n = max(counted.sum(), 1)"),
    "divided by all anchors": ("    n = max(is_positive.sum(), 1)", "    n = labels.size"),
    "divided by the images": ("    n = max(is_positive.sum(), 1)", "    n = len(labels)"),
    "a mean over images": (
        "    n = max(is_positive.sum(), 1)",
        "    n = np.maximum(is_positive.sum(axis=1), 1).mean() * len(labels)",
    ),
    "0 / 0 without positives": ("    n = max(is_positive.sum(), 1)", "    n = is_positive.sum()"),
    "negatives alone": ("counted = is_positive | hard", "counted = hard"),
    "hard by the largest logit of an object": (
        "hard_negative_mask(losses, is_positive, ratio)\n    n ",
        "hard_negative_mask(logits[:, :, 1:].max(axis=2), is_positive, ratio)\n    n ",
    ),
    "the ratio is not passed on": (
        "hard_negative_mask(losses, is_positive, ratio)\n    n ",
        "hard_negative_mask(losses, is_positive)\n    n ",
    ),
    "the gradient of every anchor": ("errors * counted[:, :, None] / n", "errors / n"),
    "the gradient is not divided": ("errors * counted[:, :, None] / n", "errors * counted[:, :, None]"),
    "the last class is the background": ("is_positive = labels != 0", "is_positive = labels != logits.shape[2] - 1"),
    "class 1 alone is positive": ("is_positive = labels != 0", "is_positive = labels == 1"),
}

STRICT_MISTAKES = {
    "exp overflows": (
        "shifted = logits - logits.max(axis=2, keepdims=True).astype(float)",
        "shifted = logits.astype(float)",
    ),
    "an eps in the logarithm": (
        "losses = -log_probs[",
        "losses = -np.log(np.exp(log_probs) + 1e-300)[",
    ),
    "unsigned losses wrap around": ("-loss.astype(float)", "-loss"),
    "small logits wrap around": (".max(axis=2, keepdims=True).astype(float)", ".max(axis=2, keepdims=True)"),
}
