import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict


@pytest.fixture
def batch(rng):
    """Logits and labels of shape (4, 3), more negatives than positives."""
    return rng.normal(scale=2.0, size=(4, 3)), rng.permutation([1.0] * 4 + [0.0] * 8).reshape(4, 3)


def mean_loss(logits, y, gamma=2.0, alpha=0.25):
    p = 1 / (1 + np.exp(-logits))
    p_t, alpha_t = np.where(y == 1, p, 1 - p), np.where(y == 1, alpha, 1 - alpha)
    return np.mean(-alpha_t * (1 - p_t) ** gamma * np.log(p_t))


def gradient(logits, y, *parameters):
    return numerical_gradient(lambda z: mean_loss(z, y, *parameters), logits)


def assert_gradient(actual, expected):
    """Compare as closely as finite differences allow."""
    assert_close(actual, expected, rtol=1e-5, atol=1e-8)


def test_loss(kata, batch):
    """The loss is the mean of -alpha_t (1 - p_t)^gamma log(p_t) over all elements, for arrays of any shape."""
    # The odds are 3 to 1 for the label.
    cost = np.log(4 / 3)
    assert_close(kata.focal_loss(np.array([np.log(3.0)]), np.array([1.0]), 1.0, 0.5).loss, cost / 4 / 2)
    assert_close(kata.focal_loss(np.array([-np.log(3.0)]), np.array([0.0]), 2.0, 0.5).loss, cost / 16 / 2)
    logits, y = batch
    for shape in ((4, 3), (12,), (2, 3, 2)):
        assert_close(kata.focal_loss(logits.reshape(shape), y.reshape(shape), 2.0, 0.5).loss, mean_loss(*batch, 2, 0.5))


def test_alpha(kata, batch):
    """Positives have the weight alpha and negatives 1 - alpha, in the loss and in the gradient."""
    for y, share in ((1.0, 0.8), (0.0, 0.2)):
        assert_close(kata.focal_loss(np.array([0.0]), np.array([y]), 1.0, 0.8).loss, share * np.log(2) / 2)
    for alpha in (0.25, 0.8, 0.0, 1.0):
        step = kata.focal_loss(*batch, 2.0, alpha)
        assert_close(step.loss, mean_loss(*batch, 2.0, alpha))
        assert_gradient(step.grad, gradient(*batch, 2.0, alpha))
    # A batch of one class, such as an image without an object.
    for label in (0.0, 1.0):
        y = np.full((4, 3), label)
        step = kata.focal_loss(batch[0], y, 2.0, 0.8)
        assert_close(step.loss, mean_loss(batch[0], y, 2.0, 0.8))
        assert_gradient(step.grad, gradient(batch[0], y, 2.0, 0.8))


def test_gamma(kata, batch):
    """The power of 1 - p_t is gamma, an integer or not, in the loss and in the gradient."""
    for gamma, factor in ((3.0, 1 / 8), (0.5, 0.5**0.5)):
        assert_close(kata.focal_loss(np.array([0.0]), np.array([1.0]), gamma, 0.5).loss, factor * np.log(2) / 2)
    # An easy element counts, too: 1 - p_t is 1 / (1 + exp(8)).
    easy = kata.focal_loss(np.array([8.0]), np.array([1.0]), 1.0, 0.5)
    assert_close(easy.loss, np.log1p(np.exp(-8)) / (1 + np.exp(8)) / 2)
    for gamma in (1.0, 0.5, 2.7, 5.0):
        step = kata.focal_loss(*batch, gamma, 0.5)
        assert_close(step.loss, mean_loss(*batch, gamma, 0.5))
        assert_gradient(step.grad, gradient(*batch, gamma, 0.5))


def test_defaults(kata, batch):
    """By default gamma is 2 and alpha is 0.25."""
    step = kata.focal_loss(*batch)
    assert_close(step.loss, mean_loss(*batch, 2.0, 0.25))
    assert_gradient(step.grad, gradient(*batch, 2.0, 0.25))


def test_no_focus(kata, batch):
    """With gamma = 0 it is the weighted cross-entropy: its gradient is alpha (p - 1) or (1 - alpha) p."""
    assert_close(kata.focal_loss(np.array([0.0]), np.array([1.0]), 0.0, 0.25).grad, [-0.125])
    # An easy element counts, too.
    step = kata.focal_loss(np.array([-12.0]), np.array([0.0]), 0.0, 0.25)
    assert_close(step.loss, 0.75 * np.log1p(np.exp(-12)))
    assert_close(step.grad, [0.75 / (1 + np.exp(12))])
    # A prediction that is far wrong, where p_t is 0 in floating point.
    for z, label, share in ((-800.0, 1.0, 0.25), (800.0, 0.0, 0.75)):
        step = kata.focal_loss(np.array([z]), np.array([label]), 0.0, 0.25)
        assert_close(step.loss, share * 800)
        assert_close(step.grad, [-share if label else share])
    logits, y = batch
    p = 1 / (1 + np.exp(-logits))
    for alpha in (0.25, 0.6):
        step = kata.focal_loss(*batch, 0.0, alpha)
        assert_close(step.loss, np.mean(-alpha * y * np.log(p) - (1 - alpha) * (1 - y) * np.log(1 - p)))
        assert_close(step.grad, np.where(y == 1, alpha * (p - 1), (1 - alpha) * p) / 12)


def test_gradient(kata, batch):
    """The gradient is that of the mean loss: the factor (1 - p_t)^gamma depends on the logit too."""
    # d/dz of (1 - p) (-log p) at p = 1/2 is -p (1 - p) log 2 - (1 - p)^2.
    slope = -(np.log(2) + 1) / 4
    assert_close(kata.focal_loss(np.array([0.0]), np.array([1.0]), 1.0, 0.5).grad, [slope / 2])
    step = kata.focal_loss(np.array([0.0, 0.0]), np.array([0.0, 1.0]), 1.0, 0.75)
    assert_close(step.grad, [-slope / 8, slope * 3 / 8])
    logits, y = batch
    for shape in ((4, 3), (12,), (2, 3, 2)):
        z, labels = logits.reshape(shape), y.reshape(shape)
        assert_gradient(kata.focal_loss(z, labels, 1.5, 0.4).grad, gradient(z, labels, 1.5, 0.4))


def assert_far(kata, z, gamma):
    for y, sign, weight in ((1.0, 1, 0.3), (0.0, -1, 0.7)):
        wrong = kata.focal_loss(np.array([-sign * z]), np.array([y]), gamma, 0.3)
        assert_close(wrong.loss, weight * z)
        assert_close(wrong.grad, [-sign * weight])
        right = kata.focal_loss(np.array([sign * z]), np.array([y]), gamma, 0.3)
        assert_close(right.loss, 0.0)
        assert_close(right.grad, [0.0])


@pytest.mark.parametrize("z", [100.0, 800.0, 1e4])
def test_large_logits(kata, z):
    """With logits as large as 1e4, a wrong prediction costs alpha_t times the logit's size, a right one nothing."""
    assert_far(kata, z, 2.0)
    # With gamma = 1 the slope of the factor has the power 0 of a 1 - p_t of 0.
    assert_far(kata, z, 1.0)
    # Small logits beside large ones.
    logits, y = np.array([1.0, -z, z, z, -0.5]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    step, small = kata.focal_loss(logits, y, 2.0, 0.3), (logits[[0, 4]], y[[0, 4]], 2.0, 0.3)
    assert_close(step.loss, (z + 2 * mean_loss(*small)) / 5)
    first, last = 2 * gradient(*small)
    assert_gradient(step.grad, np.array([first, -0.3, 0.0, 0.7, last]) / 5)


@strict
@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_large_logits_with_a_small_gamma(kata, gamma):
    """With gamma below 1 the gradient is finite, too, where 1 - p_t is 0."""
    for z in (40.0, 100.0, 800.0, 1e4):
        assert_far(kata, z, gamma)


@strict
def test_easy_elements(kata):
    """An easy element costs what the formula says: 1 - p_t is not kept away from 0."""
    for z, gamma in ((10.0, 2.0), (17.0, 0.5), (25.0, 0.0)):
        p_t, miss = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
        cost = np.log1p(np.exp(-z))
        for y, sign in ((1.0, 1), (0.0, -1)):
            step = kata.focal_loss(np.array([sign * z]), np.array([y]), gamma, 0.5)
            assert_close(step.loss, miss**gamma * cost / 2)
            assert_close(step.grad, [-sign * miss**gamma * (miss + gamma * p_t * cost) / 2])


@strict
def test_other_labels(kata):
    """A label that is not 0 or 1 raises ValueError."""
    for y in ([-1.0, 1.0], [0.0, 0.5], [2.0, 0.0], [1.0, np.nan]):
        with pytest.raises(ValueError):
            kata.focal_loss(np.array([0.5, -0.5]), np.array(y))


@strict
def test_shapes(kata):
    """Labels of another shape than the logits raise ValueError, even if the two would broadcast."""
    for shape, other in [((3, 1), (3,)), ((3,), (1,)), ((1,), (3,)), ((4, 3), (3,)), ((2, 3), (3, 2)), ((2,), (3,))]:
        with pytest.raises(ValueError):
            kata.focal_loss(np.zeros(shape), np.ones(other))


@strict
@pytest.mark.parametrize("kind", [bool, int, np.uint8])
def test_kinds(kata, kind):
    """Labels may be booleans or integers, and logits integers: nothing is truncated."""
    logits, labels = np.array([2, -1, 0, 3]), np.array([1, 0, 1, 0])
    step = kata.focal_loss(logits, labels.astype(kind), 1, 0.4)
    assert_close(step.loss, mean_loss(logits, labels, 1, 0.4))
    assert_gradient(step.grad, gradient(logits, labels, 1, 0.4))


def workload(kata, rng, n):
    """Logits near zero, at zero and far from it, most of them easy negatives."""
    y = (rng.random((n, 4)) < 0.1).astype(int)
    logits = rng.normal(scale=2.0, size=(n, 4)) + 4 * y - 3
    logits[::4] *= 1000
    logits[1::5] = logits[1::5].round()
    return (
        kata.focal_loss(logits, y),
        kata.focal_loss(logits, y, 0.5, 0.6),
        kata.focal_loss(-logits[0], y[0] == 1, 0.0, 0.5),
    )


MISTAKES = {
    "alpha weighs the negatives": ("np.where(positive, alpha, 1 - alpha)", "np.where(positive, 1 - alpha, alpha)"),
    "alpha weighs both classes": ("np.where(positive, alpha, 1 - alpha)", "alpha"),
    "the negatives weigh 1": ("np.where(positive, alpha, 1 - alpha)", "np.where(positive, alpha, 1.0)"),
    "alpha forgotten": ("np.where(positive, alpha, 1 - alpha)", "np.ones(y.shape)"),
    "alpha fixed at its default": ("np.where(positive, alpha, 1 - alpha)", "np.where(positive, 0.25, 0.75)"),
    "gamma fixed at its default": ("    z_t, weight =", "    gamma = 2.0\n    z_t, weight ="),
    "gamma is a whole number": ("    z_t, weight =", "    gamma = int(gamma)\n    z_t, weight ="),
    "the power is of p_t": ("np.exp(gamma * log_miss)", "np.exp(-gamma * cost)"),
    "the power is of 1 - p, whatever the label": (
        "np.exp(gamma * log_miss)",
        "np.exp(-gamma * np.logaddexp(0, logits))",
    ),
    "the factor taken for a constant": ("(miss + gamma * np.exp(-cost) * cost)", "miss"),
    "gamma forgotten in the product rule": ("gamma * np.exp(-cost) * cost)", "np.exp(-cost) * cost)"),
    "the factor's slope of the wrong sign": ("(miss + gamma *", "(miss - gamma *"),
    "the gradient for p_t instead of the logit": (
        "-focus * (miss + gamma * np.exp(-cost) * cost)",
        "-focus / np.exp(-cost) - gamma * miss ** (gamma - 1) * cost",
    ),
    "the negatives' gradient not turned round": ("np.where(positive, weight, -weight)", "weight"),
    "the gradient without alpha": ("np.where(positive, weight, -weight)", "np.where(positive, 1, -1)"),
    "logarithm of the probability": ("tail + np.maximum(-z_t, 0)", "-np.log(1 / (1 + np.exp(-z_t)))"),
    "probabilities clipped": ("    tail =", "    z_t = np.clip(z_t, -np.log(1e7), np.log(1e7))\n    tail ="),
    "easy elements left out": ("np.exp(gamma * log_miss)", "np.exp(gamma * log_miss) * (miss > 1e-3)"),
    "an eps in the logarithm": ("tail + np.maximum(-z_t, 0)", "-np.log(np.exp(-tail - np.maximum(-z_t, 0)) + 1e-8)"),
    "the loss is a sum": ("focus * cost).mean()", "focus * cost).sum()"),
    "the loss is divided by the positives": (
        "(weight * focus * cost).mean()",
        "(weight * focus * cost).sum() / max(positive.sum(), 1)",
    ),
    "the loss is divided by the weights": (
        "(weight * focus * cost).mean()",
        "(weight * focus * cost).sum() / weight.sum()",
    ),
    "mean over the batch axis only": ("(weight * focus * cost).mean()", "(weight * focus * cost).sum() / len(y)"),
    "the gradient is that of the sum": (" * slope / logits.size", " * slope"),
    "the gradient is divided by rows": (" * slope / logits.size", " * slope / len(logits)"),
}

STRICT_MISTAKES = {
    "the slope of the power, as it is written in books": (
        "-focus * (miss + gamma * np.exp(-cost) * cost)",
        "-focus * miss - gamma * miss ** (gamma - 1) * miss * np.exp(-cost) * cost",
    ),
    "1 - p_t kept away from 0": (
        "= np.exp(log_miss), np.exp(gamma * log_miss)",
        "= np.exp(log_miss), np.maximum(np.exp(log_miss), 1e-7) ** gamma",
    ),
    "every other label is a negative": (
        "if not (positive | (y == 0)).all():",
        "if not (positive | (y <= 0)).all():",
    ),
    "probabilities for labels": ("if not (positive | (y == 0)).all():", "if not ((y >= 0) & (y <= 1)).all():"),
    "shapes may broadcast": (
        "if logits.shape != y.shape:\n        raise ValueError(f",
        "if len(logits) != len(y):\n        raise ValueError(f",
    ),
    "integer labels cut the weights": (
        "np.where(positive, alpha, 1 - alpha)",
        "np.where(positive, alpha, 1 - alpha).astype(y.dtype)",
    ),
}
