import math

import numpy as np
import pytest

from katagrad.testing import assert_close, stacked_gradient, strict

LOG_3 = math.log(3)
# One triplet with distances of 5 and 2, whose gradients are sums of (0.6, 0.8) and (0, 1).
ANCHOR, POSITIVE, NEGATIVE = np.array([[1.0, 1.0]]), np.array([[4.0, 5.0]]), np.array([[1.0, 3.0]])
SHAPES = ((5, 3), (1, 4), (2, 6), (4, 4), (6, 1))


def defined_triplet(anchor, positive, negative, margin):
    """Return the loss, also of a stack of anchors, of positives or of negatives."""
    near, far = (np.sqrt(((anchor - other) ** 2).sum(axis=-1)) for other in (positive, negative))
    return np.maximum(near - far + margin, 0.0).mean(axis=-1)


def defined_info_nce(a, b, temperature):
    """Return the loss, one sample of either side at a time, at moderate similarities; also of a stack of a or of b."""
    dots = (a[..., :, None, :] * b[..., None, :, :]).sum(axis=-1)
    norms = [np.sqrt((x**2).sum(axis=-1)) for x in (a, b)]
    s = dots / norms[0][..., :, None] / norms[1][..., None, :] / temperature
    total = 0.0
    for own in range(s.shape[-1]):
        for scores in (s[..., own, :], s[..., :, own]):
            total += np.log(np.exp(scores).sum(axis=-1)) - scores[..., own]
    return total / (2 * s.shape[-1])


def draw_triplets(rng, shape, margin):
    """Return triplets on both sides of the hinge if there are several, none at it, and no distance near 0."""
    while True:
        anchor = rng.normal(size=shape)
        positive, negative = anchor + rng.normal(size=(2, *shape))
        near, far = (np.linalg.norm(anchor - other, axis=1) for other in (positive, negative))
        slack = near - far + margin
        mixed = (slack > 0).any() and (len(slack) == 1 or (slack < 0).any())
        if mixed and np.abs(slack).min() > 0.01 and min(near.min(), far.min()) > 0.1:
            return anchor, positive, negative


def draw_pairs(rng, shape):
    """Return two arrays that are alike row by row, with norms from 1 to 4."""
    a = rng.normal(size=shape)
    b = a + rng.normal(size=shape)
    return [x / np.linalg.norm(x, axis=1, keepdims=True) * rng.uniform(1, 4, size=(len(x), 1)) for x in (a, b)]


def assert_gradients(step, loss, arrays):
    """Compare the gradients of a step as closely as finite differences allow."""
    for place, grad in enumerate(step[1:]):

        def moved(x, place=place):
            return loss(*arrays[:place], x, *arrays[place + 1 :])

        assert_close(grad, stacked_gradient(moved, arrays[place]), rtol=1e-5, atol=1e-7)


def assert_all_close(step, loss, grads):
    """Compare with values worked out by hand; an eps in a denominator is nobody's failure."""
    assert_close(step[0], loss, rtol=1e-7)
    for grad, expected in zip(step[1:], grads, strict=True):
        assert_close(grad, expected, rtol=1e-6, atol=1e-7)


def test_triplet_loss(kata, rng):
    """The triplet loss is the mean of max(0, d(a, p) - d(a, n) + margin), with distances that are not squared."""
    assert_close(kata.triplet_loss(ANCHOR, POSITIVE, NEGATIVE, 1.0).loss, 4.0)
    assert_close(kata.triplet_loss(ANCHOR, NEGATIVE, POSITIVE, 3.5).loss, 0.5)
    assert_close(kata.triplet_loss(ANCHOR, NEGATIVE, POSITIVE, 2.5).loss, 0.0)
    for shape, margin in zip(SHAPES, (1.0, 0.3, 0.0, 0.0, 1.0), strict=True):
        arrays = draw_triplets(rng, shape, margin)
        assert_close(kata.triplet_loss(*arrays, margin).loss, defined_triplet(*arrays, margin))
    assert_close(kata.triplet_loss(*arrays).loss, defined_triplet(*arrays, 1.0))


def test_triplet_gradients(kata, rng):
    """The gradients are those of the mean: the anchor is pulled to the positive and pushed from the negative."""
    step = kata.triplet_loss(ANCHOR, POSITIVE, NEGATIVE, 1.0)
    assert_all_close(step, 4.0, ([[-0.6, 0.2]], [[0.6, 0.8]], [[0.0, -1.0]]))
    for shape, margin in zip(SHAPES, (1.0, 0.3, 0.0, 0.5, 1.5), strict=True):
        arrays = draw_triplets(rng, shape, margin)
        step = kata.triplet_loss(*arrays, margin)
        assert_gradients(step, lambda a, p, n, margin=margin: defined_triplet(a, p, n, margin), arrays)
    # The slope of a distance does not depend on how long it is.
    step = kata.triplet_loss(1e-4 * ANCHOR, 1e-4 * POSITIVE, 1e-4 * NEGATIVE, 1.0)
    assert_all_close(step, 1.0003, ([[-0.6, 0.2]], [[0.6, 0.8]], [[0.0, -1.0]]))


def test_inactive_triplets(kata):
    """A triplet at or beyond the margin has gradients of 0, and counts in the mean."""
    # In this unit an eps under a root is lost.
    unit = 2.0**17
    anchor, positive, negative = (unit * np.repeat(x, 4, axis=0) for x in (ANCHOR, NEGATIVE, POSITIVE))
    # Distances of 2 and 5 units: at the hinge with a margin of 3. The last triplet is the other way round.
    positive[3], negative[3] = unit * POSITIVE[0], unit * NEGATIVE[0]
    step = kata.triplet_loss(anchor, positive, negative, 3 * unit)
    rest = np.zeros((3, 2))
    grads = [np.vstack([rest, row]) for row in ([-0.15, 0.05], [0.15, 0.2], [0.0, -0.25])]
    assert_all_close(step, 1.5 * unit, grads)
    step = kata.triplet_loss(anchor[:3], positive[:3], negative[:3], 2 * unit)
    assert_all_close(step, 0.0, (rest, rest, rest))


def test_distance_of_zero(kata):
    """A distance of 0 has the gradient 0: embeddings that have all collapsed cost the margin, without NaN."""
    anchor = np.tile([1.0, 2.0], (4, 1))
    positive, negative = anchor.copy(), anchor.copy()
    positive[1], negative[2], negative[3] = [4.0, 6.0], [1.0, 2.5], [2.0, 2.0]
    step = kata.triplet_loss(anchor, positive, negative, 2.0)
    assert_close(step.loss, (2 + 7 + 1.5 + 1) / 4, rtol=1e-5)
    to_positive = np.array([[0.0, 0.0], [-0.15, -0.2], [0.0, 0.0], [0.0, 0.0]])
    to_negative = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, -0.25], [-0.25, 0.0]])
    for grad, rows in zip(step[1:], (to_positive - to_negative, -to_positive, to_negative), strict=True):
        assert_close(grad, rows, rtol=1e-5, atol=1e-7)


def test_info_nce_loss(kata, rng):
    """InfoNCE is a cross-entropy of the cosines over the temperature, where row i has the label i."""
    # With this temperature the scores are log(3) for the own row and 0 for the other: probabilities of 3/4 and 1/4.
    step = kata.info_nce(np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[5.0, 0.0], [0.0, 1.0]]), 1 / LOG_3)
    assert_close(step.loss, math.log(4 / 3), rtol=1e-6)
    for shape, temperature in zip(SHAPES, (0.3, 1.0, 2.5, 0.3, 1.0), strict=True):
        arrays = draw_pairs(rng, shape)
        expected = defined_info_nce(*arrays, temperature)
        assert_close(kata.info_nce(*arrays, temperature).loss, expected, rtol=1e-6, atol=1e-7)


def test_both_directions(kata):
    """Each a is asked for its b and each b for its a: the loss is the mean over both directions."""
    # The rows of s are (log 3, log 3) and (0, 0), so each a has to guess. Both b look like the first a.
    a, b = np.array([[1.0, 0.0], [0.0, 4.0]]), np.array([[2.0, 0.0], [2.0, 0.0]])
    expected = (2 * math.log(2) + math.log(4 / 3) + math.log(4)) / 4
    assert_close(kata.info_nce(a, b, 1 / LOG_3).loss, expected, rtol=1e-6)
    step = kata.info_nce(b, a, 1 / LOG_3)
    assert_close(step.loss, expected, rtol=1e-6)
    # The weights of the four scores are -3/16 and 5/16, 3/16 and -5/16; what lies along a row is lost.
    assert_close(step.grad_b, [[0.0, 0.0], [-LOG_3 / 32, 0.0]], rtol=1e-6, atol=1e-7)
    assert_close(step.grad_a, [[0.0, 3 * LOG_3 / 32], [0.0, -5 * LOG_3 / 32]], rtol=1e-6, atol=1e-7)


def test_info_nce_gradients(kata, rng):
    """The gradients of InfoNCE are with respect to a and b as given: they go through the normalisation."""
    step = kata.info_nce(np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[5.0, 0.0], [0.0, 1.0]]), 1 / LOG_3)
    grad_a, grad_b = [[0, LOG_3 / 16], [LOG_3 / 24, 0]], [[0, LOG_3 / 40], [LOG_3 / 8, 0]]
    assert_all_close(step, step.loss, (grad_a, grad_b))
    for shape, temperature in zip(SHAPES, (0.3, 1.0, 2.5, 0.5, 0.7), strict=True):
        arrays = draw_pairs(rng, shape)
        # Rows whose length is 1 already have the same gradient as others.
        for pair in (arrays, [x / np.linalg.norm(x, axis=1, keepdims=True) for x in arrays]):
            step = kata.info_nce(*pair, temperature)
            assert_gradients(step, lambda a, b, t=temperature: defined_info_nce(a, b, t), pair)


def test_length_of_rows(kata, rng):
    """The length of a row does not matter to InfoNCE: twice as long, and its gradient is half as large."""
    a, b = draw_pairs(rng, (4, 3))
    factors = np.array([[2.0], [50.0], [0.5], [1.0]])
    step, scaled = kata.info_nce(a, b, 0.5), kata.info_nce(factors * a, b * 4, 0.5)
    assert_close(scaled.loss, step.loss, rtol=1e-6, atol=1e-7)
    assert_close(factors * scaled.grad_a, step.grad_a, rtol=1e-5, atol=1e-7, what="the factor times its gradient is")
    assert_close(4 * scaled.grad_b, step.grad_b, rtol=1e-5, atol=1e-7, what="the factor times its gradient is")


def test_temperature(kata):
    """The cosines are divided by the temperature, 0.07 by default. At 1e-3 nothing overflows."""
    # Cosines of 1 with the other row and of -1 with the own one.
    a, b = np.array([[3.0, 4.0], [-3.0, -4.0]]), np.array([[-6.0, -8.0], [0.6, 0.8]])
    for temperature in (0.01, 1e-3):
        step = kata.info_nce(a, b, temperature)
        assert_close(step.loss, 2 / temperature, rtol=1e-6)
        assert_close(step.grad_a, np.zeros((2, 2)), atol=1e-3)
    # Right angles within the pairs; the second a looks like the first b, and the first a unlike the second b.
    step = kata.info_nce(np.array([[3.0, 0.0], [0.0, 2.0]]), np.array([[0.0, 1.0], [-4.0, 0.0]]), 1e-3)
    assert_close(step.loss, 500.0, rtol=1e-6)
    assert_close(step.grad_a, [[0, -250 / 3], [125, 0]], atol=1e-3)
    assert_close(step.grad_b, [[-250, 0], [0, -62.5]], atol=1e-3)
    step = kata.info_nce(np.eye(2), np.array([[3.0, 4.0], [4.0, 3.0]]))
    assert_close(step.loss, math.log(1 + math.exp(0.2 / 0.07)), rtol=1e-6)


@strict
def test_small_distances(kata):
    """Distances of 1e-6 and norms of 1e-5 count in full: there is no eps."""
    small = 2.0**-20
    step = kata.triplet_loss(small * ANCHOR, small * POSITIVE, small * NEGATIVE, 0.0)
    assert_close(step.loss, 3 * small, atol=0.0)
    assert_close(step.grad_anchor, [[-0.6, 0.2]])
    assert_close(step.grad_positive, [[0.6, 0.8]])
    a, b = np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[5.0, 0.0], [0.0, 1.0]])
    step = kata.info_nce(a / 2**18, b / 2**18, 1 / LOG_3)
    assert_close(step.loss, math.log(4 / 3))
    assert_close(step.grad_a / 2**18, [[0, LOG_3 / 16], [LOG_3 / 24, 0]], what="the unit times the gradient is")


@strict
def test_shapes(kata):
    """Arrays of different shapes raise ValueError, even if they would broadcast."""
    for odd in (np.ones((1, 3)), np.ones((2, 1)), np.ones(3), np.ones((3, 3)), np.ones((2, 4))):
        for place in range(3):
            arrays = [np.ones((2, 3)) * factor for factor in (1.0, 2.0, 4.0)]
            arrays[place] = odd
            with pytest.raises(ValueError):
                kata.triplet_loss(*arrays)
        with pytest.raises(ValueError):
            kata.info_nce(np.ones((2, 3)), odd)
        with pytest.raises(ValueError):
            kata.info_nce(odd, np.ones((2, 3)))


@strict
def test_integers(kata):
    """The arrays may hold integers of any type: nothing is truncated, and nothing overflows."""
    for kind, factor in ((np.int64, 1), (np.int8, 20), (np.uint8, 50)):
        arrays = [
            np.array(rows, kind) * kind(factor) for rows in ([[1, 1], [0, 2]], [[4, 5], [0, 1]], [[1, 3], [2, 0]])
        ]
        floats = [array.astype(float) for array in arrays]
        step = kata.triplet_loss(*arrays, 1)
        assert_close(step.loss, defined_triplet(*floats, 1.0))
        assert_gradients(step, lambda a, p, n: defined_triplet(a, p, n, 1.0), floats)
        step = kata.info_nce(*arrays[:2], 1)
        assert_close(step.loss, defined_info_nce(*floats[:2], 1.0))
        assert_gradients(step, lambda a, b: defined_info_nce(a, b, 1.0), floats[:2])


def workload(kata, rng, n):
    """Embeddings of pairs, some of them equal, some collapsed, and triplets on both sides of the hinge."""
    a = rng.normal(size=(n, 8))
    positive, negative = a + 0.3 * rng.normal(size=(n, 8)), a + 0.4 * rng.normal(size=(n, 8))
    positive[::4], negative[::8] = a[::4], a[::8]
    return kata.triplet_loss(a, positive, negative, 0.2), kata.info_nce(3 * a, positive)


WEIGHT = "weight = (slack > 0)[:, np.newaxis] / len(anchor)"
LENGTH = "length = np.linalg.norm(difference, axis=1)"
UNIT = "difference / np.maximum(length, np.finfo(float).tiny)[:, np.newaxis]"
TRACE = "loss = -np.trace(by_row + by_column) / (2 * n_samples)"
GRAD_S = "grad_s = (np.exp(by_row) + np.exp(by_column) - 2 * np.eye(n_samples)) / (2 * n_samples)"
THROUGH = "return (grad - (grad * unit).sum(axis=1, keepdims=True) * unit) / norm"
MISTAKES = {
    "squared distances": [
        (LENGTH, "length = (difference**2).sum(axis=1)"),
        (UNIT, "2 * difference"),
    ],
    "an eps in the distance, as PyTorch has it": (LENGTH, "difference = difference + 1e-6\n    " + LENGTH),
    "the gradient of the squared distance": (UNIT, "2 * difference"),
    "NaN at a distance of 0": (UNIT, "difference / length[:, np.newaxis]"),
    "a distance kept above 1e-3": (
        LENGTH,
        "length = np.maximum(np.linalg.norm(difference, axis=1), 1e-3)",
    ),
    "the mean over the active triplets": (
        "float(np.maximum(slack, 0).mean())",
        "float(np.maximum(slack, 0).sum() / max((slack > 0).sum(), 1))",
    ),
    "the gradient's mean over the active triplets": (
        WEIGHT,
        "weight = (slack > 0)[:, np.newaxis] / max((slack > 0).sum(), 1)",
    ),
    "the sum over the triplets": ("float(np.maximum(slack, 0).mean())", "float(np.maximum(slack, 0).sum())"),
    "the hinge after the mean": ("float(np.maximum(slack, 0).mean())", "float(max(slack.mean(), 0))"),
    "no hinge": ("float(np.maximum(slack, 0).mean())", "float(slack.mean())"),
    "inactive triplets have a gradient": (WEIGHT, "weight = np.ones((len(anchor), 1)) / len(anchor)"),
    "a gradient at the hinge": (WEIGHT, "weight = (slack >= 0)[:, np.newaxis] / len(anchor)"),
    "the gradient of the sum": (WEIGHT, "weight = (slack > 0)[:, np.newaxis] * 1.0"),
    "positive and negative swapped": ("slack = near - far + margin", "slack = far - near + margin"),
    "the margin subtracted": ("slack = near - far + margin", "slack = near - far - margin"),
    "a margin of 0 taken for none given": (
        "slack = near - far + margin",
        "slack = near - far + (margin or 1.0)",
    ),
    "the anchor is pulled only": ("weight * (to_positive - to_negative),", "weight * to_positive,"),
    "the anchor's push of the wrong sign": (
        "weight * (to_positive - to_negative),",
        "weight * (to_positive + to_negative),",
    ),
    "rows not normalised": ("u, v = a / norm_a, b / norm_b", "u, v = a * 1.0, b * 1.0"),
    "normalised over the samples": (
        "np.linalg.norm(x, axis=1, keepdims=True) for x",
        "np.linalg.norm(x, axis=0, keepdims=True) for x",
    ),
    "only a normalised": ("u, v = a / norm_a, b / norm_b", "u, v = a / norm_a, b * 1.0"),
    "the gradient with respect to the normalised rows": (THROUGH, "return grad"),
    "the gradient divided by the norm only": (THROUGH, "return grad / norm"),
    "the gradient not divided by the norm": (
        THROUGH,
        "return grad - (grad * unit).sum(axis=1, keepdims=True) * unit",
    ),
    "one direction only": [
        (TRACE, "loss = -np.trace(by_row) / n_samples"),
        (GRAD_S, "grad_s = (np.exp(by_row) - np.eye(n_samples)) / n_samples"),
    ],
    "one direction in the loss": (TRACE, "loss = -np.trace(by_row) / n_samples"),
    "one direction in the gradient": (GRAD_S, "grad_s = (np.exp(by_row) - np.eye(n_samples)) / n_samples"),
    "the sum of both directions": (TRACE, "loss = -np.trace(by_row + by_column) / n_samples"),
    "multiplied by the temperature": ("s = u @ v.T / temperature", "s = u @ v.T * temperature"),
    "the gradient without the temperature": (
        "grad_s @ v / temperature, grad_s.T @ u / temperature",
        "grad_s @ v, grad_s.T @ u",
    ),
    "the gradient of b without the transpose": ("grad_s.T @ u / temperature", "grad_s @ u / temperature"),
    "exponentials as they are": (
        "shifted = s - s.max(axis=axis, keepdims=True)",
        "shifted = s",
    ),
    "logarithm of the probability": (
        "return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))",
        "return np.log(np.exp(shifted) / np.exp(shifted).sum(axis=axis, keepdims=True))",
    ),
    "the own row left out of the denominator": (
        "return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))",
        "return shifted - np.log((np.exp(shifted) * (1 - np.eye(len(s)))).sum(axis=axis, keepdims=True) + 1e-300)",
    ),
    "one array's views as negatives, too": (
        TRACE,
        (
            "within = np.exp(u @ u.T / temperature).sum(axis=1) - np.exp(1 / temperature)\n"
            "    loss = (np.log(np.exp(s).sum(axis=1) + within) - np.diag(s)).mean()"
        ),
    ),
}

STRICT_MISTAKES = {
    "small integers overflow": (
        "    anchor = anchor.astype(float)  # differences of small integers would overflow\n",
        "",
    ),
    "an eps under the root": (LENGTH, "length = np.sqrt((difference**2).sum(axis=1) + 1e-12)"),
    "an eps beside the norm": (
        "np.linalg.norm(x, axis=1, keepdims=True) for x",
        "np.linalg.norm(x, axis=1, keepdims=True) + 1e-8 for x",
    ),
    "the arrays of a triplet may broadcast": (
        "if not anchor.shape == positive.shape == negative.shape:",
        "if len(anchor) != len(positive):",
    ),
    "the arrays of pairs may broadcast": ("if a.shape != b.shape:", "if a.ndim != b.ndim:"),
}
