import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def sums(rng):
    """G and H of eight leaves: G small and large, of either sign; H unequal."""
    return rng.permutation([-9.0, -5.0, -2.5, -0.5, 0.4, 2.0, 6.0, 9.5]), rng.uniform(0.5, 6.0, size=8)


def sigmoid(margin):
    return 1 / (1 + np.exp(-margin))


def added(w, g, h, reg_lambda, reg_alpha):
    return g * w + (h + reg_lambda) * w**2 / 2 + reg_alpha * abs(w)


def best_weight(g, h, reg_lambda, reg_alpha, max_delta_step):
    """Try every place where the minimum can be: the kink at 0, the bounds, and where the slope of a side is 0."""
    flat = [-(g + reg_alpha) / (h + reg_lambda), -(g - reg_alpha) / (h + reg_lambda)]
    places = [0.0, -max_delta_step, max_delta_step, *flat]
    allowed = [w for w in places if max_delta_step == 0 or abs(w) <= max_delta_step]
    return min(allowed, key=lambda w: added(w, g, h, reg_lambda, reg_alpha))


def test_derivatives(kata, rng):
    """The derivatives of the log loss with respect to the margin are grad = p - y and hess = p (1 - p)."""
    y, margin = np.array([0, 1, 1, 0, 1, 0]), np.append([0.0, 0.0, -0.5, 0.5], rng.normal(scale=2.0, size=2))
    p = sigmoid(margin)
    assert_close(kata.logistic_grad_hess(y, margin).grad, p - y)
    assert_close(kata.logistic_grad_hess(y, margin).hess, p * (1 - p))


def test_probabilities_for_labels(kata, rng):
    """A label may be a probability: grad is p - y there too."""
    assert_close(kata.logistic_grad_hess(np.array([0.2]), np.array([0.0])).grad, [0.3])
    assert_close(kata.logistic_grad_hess(np.array([1e-5, 1 - 1e-5]), np.zeros(2)).grad, [0.49999, -0.49999])
    y, margin = rng.uniform(size=5), rng.normal(scale=2.0, size=5)
    p = sigmoid(margin)
    assert_close(kata.logistic_grad_hess(y, margin).grad, p - y)
    assert_close(kata.logistic_grad_hess(y, margin).hess, p * (1 - p))


@strict
def test_other_labels(kata):
    """A label below 0, above 1 or NaN raises ValueError."""
    for y in ([-1.0, 1.0], [0.0, 1.1], [2.0, 0.0], [1.0, np.nan]):
        with pytest.raises(ValueError):
            kata.logistic_grad_hess(np.array(y), np.array([0.5, -0.5]))


def test_large_margins(kata):
    """At margins of 30 to 1000 and of -30 to -1000, grad and hess are finite, and right to 1e-12."""
    for far in (30.0, 300.0, 1000.0):
        step = kata.logistic_grad_hess(np.array([0.0, 1.0, 0.0, 1.0]), np.array([far, far, -far, -far]))
        rest = np.exp(-far)
        assert_close(step.grad, [1.0, -rest, rest, -1.0])
        assert_close(step.hess, [rest, rest, rest, rest])
        assert_close(kata.logistic_grad_hess(np.array([0.25, 0.25]), np.array([far, -far])).grad, [0.75, -0.25])


@strict
def test_precision_at_any_margin(kata):
    """The derivatives are right to nine digits at any margin: 1 - p is tiny there, not 0."""
    margin = np.array([20.0, 40.0, 300.0, 700.0])
    rest = 1 / (1 + np.exp(margin))
    for y, sign in [(np.zeros(4), -1), (np.ones(4), 1)]:
        right, wrong = kata.logistic_grad_hess(y, sign * margin), kata.logistic_grad_hess(y, -sign * margin)
        assert_close(right.grad, -sign * rest, atol=0.0)
        assert_close(right.hess, rest * (1 - rest), atol=0.0)
        assert_close(wrong.grad, -sign * (1 - rest), atol=0.0)
        assert_close(wrong.hess, rest * (1 - rest), atol=0.0)
    # Near the smallest float: the exponential of 715 overflows, that of -715 is not 0 yet.
    rest = np.exp(-715.0)
    step = kata.logistic_grad_hess(np.array([1.0, 0.0]), np.array([715.0, -715.0]))
    assert_close(step.grad, [-rest, rest], atol=0.0)
    assert_close(step.hess, [rest, rest], atol=0.0)


def test_newton_step(kata, sums):
    """Without reg_alpha and max_delta_step a weight is -G / (H + reg_lambda), and reg_lambda is 1 by default."""
    assert_close(kata.leaf_weight(np.array([3.0]), np.array([2.0])), [-1.0])
    grad_sum, hess_sum = sums
    assert_close(kata.leaf_weight(*sums), -grad_sum / (hess_sum + 1))
    assert_close(kata.leaf_weight(*sums, reg_lambda=0.25), -grad_sum / (hess_sum + 0.25))
    assert_close(kata.leaf_weight(*sums, reg_lambda=0.0), -grad_sum / hess_sum)
    for size in (1e-5, 1e4):
        assert_close(kata.leaf_weight(size * grad_sum, hess_sum), -size * grad_sum / (hess_sum + 1))


def test_alpha(kata):
    """reg_alpha moves G towards 0, and no further than 0, before the division."""
    grad_sum, hess_sum = np.array([-6.0, -2.0, -1.0, 0.0, 1.5, 2.0, 3.0]), np.array([1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 3.5])
    weight = kata.leaf_weight(grad_sum, hess_sum, reg_lambda=0.5, reg_alpha=2.0)
    assert_close(weight, [4.0 / 2.0, 0, 0, 0, 0, 0, -1.0 / 4.0])
    weight = kata.leaf_weight(np.array([-0.75, -0.25, 0.125, 0.5]), np.array([1.0, 2.0, 3.0, 0.25]), reg_alpha=0.25)
    assert_close(weight, [0.25, 0, 0, -0.2])
    # A G that reg_alpha all but cancels.
    weight = kata.leaf_weight(np.array([1000 + 2.0**-10, -1000 - 2.0**-10]), np.ones(2), reg_alpha=1000.0)
    assert_close(weight, [-(2.0**-11), 2.0**-11])


def test_bound(kata, sums):
    """max_delta_step clips weights on either side, with or without reg_alpha. 0 means no bound."""
    grad_sum, hess_sum = np.array([-8.0, -1.0, 1.0, 8.0]), np.array([1.0, 3.0, 3.0, 0.6])
    assert_close(kata.leaf_weight(grad_sum, hess_sum, max_delta_step=0.7), [0.7, 0.25, -0.25, -0.7])
    assert_close(kata.leaf_weight(grad_sum, hess_sum, max_delta_step=3.0), [3.0, 0.25, -0.25, -3.0])
    assert_close(kata.leaf_weight(grad_sum, hess_sum, max_delta_step=0.0), [4.0, 0.25, -0.25, -5.0])
    for size in (1.0, 1e-4, 1e3):
        grad_sum, hess_sum, alpha, bound = size * sums[0], sums[1], 1.2 * size, 0.9 * size
        expected = [best_weight(g, h, 0.3, alpha, bound) for g, h in zip(grad_sum, hess_sum, strict=True)]
        weight = kata.leaf_weight(grad_sum, hess_sum, reg_lambda=0.3, reg_alpha=alpha, max_delta_step=bound)
        assert_close(weight, expected)


def test_no_curvature(kata):
    """If H is 0 or negative the weight is 0, for any reg_lambda."""
    grad_sum, hess_sum = np.array([2.0, 2.0, -2.0, -2.0, 0.0]), np.array([3.0, 0.0, -0.5, -4.0, 0.0])
    for reg_lambda in (1.0, 0.0, 7.0):
        weight = -2.0 / (3.0 + reg_lambda)
        assert_close(kata.leaf_weight(grad_sum, hess_sum, reg_lambda), [weight, 0, 0, 0, 0])
        assert_close(kata.leaf_weight(grad_sum, hess_sum, reg_lambda, 0.0, 0.1), [max(weight, -0.1), 0, 0, 0, 0])
    # A little curvature is curvature.
    assert_close(kata.leaf_weight(np.array([1.0, -2.0]), np.array([1e-4, 1e-4]), 1.0), [-1 / 1.0001, 2 / 1.0001])
    assert_close(kata.leaf_weight(np.array([2e-4, -3e-6]), np.array([1e-4, 1e-6]), 0.0), [-2.0, 3.0])


@strict
def test_tiny_curvature(kata):
    """Any H above 0 makes a weight, also a tiny one; and H + reg_lambda may be 0 where H is negative."""
    assert_close(kata.leaf_weight(np.array([1.0]), np.array([1e-18]), 0.0), [-1e18])
    assert_close(kata.leaf_weight(np.array([-2.0]), np.array([-4.0]), 4.0), [0.0])


def test_score(kata, sums):
    """Each leaf adds G w + (H + reg_lambda) w^2 / 2 + reg_alpha |w| + gamma to the score, at its weight w."""
    leaf = np.array([3.0]), np.array([2.0])
    for parameters, expected in [
        ({}, -1.5),  # at w = -1
        ({"reg_lambda": 4.0}, -0.75),  # at w = -1/2
        ({"reg_alpha": 1.5}, -0.375),  # at w = -1/2
        ({"max_delta_step": 0.6}, -1.26),  # at w = -0.6
        ({"gamma": 0.25}, -1.25),
    ]:
        assert_close(kata.structure_score(*leaf, **parameters), expected)
    for size in (1e-3, 1e3):
        assert_close(kata.structure_score(np.array([3.0 * size]), np.array([2.0])), -1.5 * size**2)
    grad_sum, hess_sum = sums
    assert_close(kata.structure_score(*sums), -(grad_sum**2 / (hess_sum + 1)).sum() / 2)
    for reg_lambda, reg_alpha, max_delta_step, gamma in [(0.3, 1.2, 0, 0), (0.3, 0, 0.9, 0), (2.5, 1.2, 0.4, 0.7)]:
        penalties = reg_lambda, reg_alpha, max_delta_step
        leaves = [(best_weight(g, h, *penalties), g, h) for g, h in zip(*sums, strict=True)]
        expected = sum(added(*leaf, reg_lambda, reg_alpha) + gamma for leaf in leaves)
        assert_close(kata.structure_score(*sums, *penalties, gamma), expected)


def test_score_of_leaves_at_zero(kata):
    """A leaf of weight 0 adds gamma and nothing else."""
    grad_sum, hess_sum = np.array([3.0, 2.0, -2.0, 0.5]), np.array([1.0, 0.0, -4.0, 1.0])
    assert_close(kata.structure_score(grad_sum, hess_sum, gamma=0.4), -9 / 4 - 0.25 / 4 + 4 * 0.4)
    assert_close(kata.structure_score(grad_sum, hess_sum, 1.0, 0.5, gamma=0.4), -6.25 / 4 + 4 * 0.4)
    # No H is negative.
    assert_close(kata.structure_score(np.array([3.0, 2.0]), np.array([1.0, 0.0]), gamma=0.4), -9 / 4 + 2 * 0.4)
    # Every weight is 0: by reg_alpha, by G, by H.
    for g, h, reg_alpha in [
        ([0.5, -0.25], [1.0, 2.0], 0.5),
        ([0.0, 0.0], [1.0, 2.0], 0.0),
        ([3.0, 2.0], [0.0, -1.0], 0.0),
    ]:
        assert_close(kata.structure_score(np.array(g), np.array(h), 1.0, reg_alpha, gamma=0.4), 2 * 0.4)


@strict
def test_integers(kata):
    """Sums, margins and labels may be integers: nothing is truncated."""
    grad_sum, hess_sum = np.array([1, -3]), np.array([2, 1])
    assert_close(kata.leaf_weight(grad_sum, hess_sum), [-1 / 3, 3 / 2])
    assert_close(kata.leaf_weight(grad_sum, hess_sum, 2, 2, 1), [0, 1 / 3])
    assert_close(kata.structure_score(grad_sum, hess_sum), -1 / 6 - 9 / 4)
    for y in (np.array([1, 0]), np.array([True, False])):
        assert_close(kata.logistic_grad_hess(y, np.array([2, -1])).grad, sigmoid(np.array([2.0, -1.0])) - [1, 0])


def workload(kata, rng, n):
    step = kata.logistic_grad_hess(rng.integers(0, 2, size=n), rng.normal(scale=4.0, size=n))
    # Some leaves are empty, some have lost their curvature, and some lie where reg_alpha or max_delta_step sets in.
    grad_sum = np.where(rng.random(n) < 0.5, rng.integers(-4, 5, size=n), rng.normal(scale=4.0, size=n))
    hess_sum = np.where(rng.random(n) < 0.5, rng.integers(-1, 4, size=n), rng.uniform(0.0, 4.0, size=n))
    penalties = rng.choice([0.0, 0.5, 1.0, 2.0], size=3).tolist()
    return (
        step,
        kata.leaf_weight(grad_sum, hess_sum, *penalties),
        kata.structure_score(grad_sum, hess_sum, *penalties, 0.3),
    )


MISTAKES = {
    "the exponential of the margin overflows": (
        "np.exp(np.minimum(margin, 0)) / scale, np.exp(-np.maximum(margin, 0)) / scale",
        "np.exp(margin) / (1 + np.exp(margin)), 1 / (1 + np.exp(margin))",
    ),
    "the margin is taken for a probability": (
        "np.exp(np.minimum(margin, 0)) / scale, np.exp(-np.maximum(margin, 0)) / scale",
        "margin, 1 - margin",
    ),
    "grad is the residual y - p": ("(1 - y) * p - y * q, p * q", "y * q - (1 - y) * p, p * q"),
    "labels are cut to 0 and 1": ("(1 - y) * p - y * q, p * q", "np.where(y > 0.5, -q, p), p * q"),
    "hess is 1, as in gradient boosting": ("(1 - y) * p - y * q, p * q", "(1 - y) * p - y * q, np.ones(len(y))"),
    "the weight goes uphill": ("- grad_sum\n    weight", "- grad_sum\n    pull = -pull\n    weight"),
    "reg_alpha is ignored": ("np.clip(grad_sum, -reg_alpha, reg_alpha) - grad_sum", "-grad_sum"),
    "reg_alpha drops small G and leaves the rest": (
        "np.clip(grad_sum, -reg_alpha, reg_alpha) - grad_sum",
        "np.where(np.abs(grad_sum) > reg_alpha, -grad_sum, 0)",
    ),
    "reg_alpha goes past 0": (
        "np.clip(grad_sum, -reg_alpha, reg_alpha) - grad_sum",
        "reg_alpha * np.sign(grad_sum) - grad_sum",
    ),
    "reg_alpha shrinks the weight": [
        ("np.clip(grad_sum, -reg_alpha, reg_alpha) - grad_sum", "-grad_sum"),
        (
            "    return np.clip(weight,",
            "    weight = weight - np.clip(weight, -reg_alpha, reg_alpha)\n    return np.clip(weight,",
        ),
    ],
    "reg_lambda is its default": ("np.divide(pull, hess_sum + reg_lambda,", "np.divide(pull, hess_sum + 1.0,"),
    "reg_lambda rescues a negative H": ("where=hess_sum > 0", "where=hess_sum + reg_lambda > 0"),
    "H of 0 takes a step": ("where=hess_sum > 0", "where=(hess_sum >= 0) & (hess_sum + reg_lambda > 0)"),
    "H has a floor": ("where=hess_sum > 0", "where=hess_sum > 1e-3"),
    "a bound of 0 holds every weight at 0": (" if max_delta_step > 0 else weight", ""),
    "the bound is on one side": (
        "np.clip(weight, -max_delta_step, max_delta_step)",
        "np.minimum(weight, max_delta_step)",
    ),
    "the bound is on G": (
        "np.clip(weight, -max_delta_step, max_delta_step)",
        "np.clip(pull, -max_delta_step, max_delta_step) / (hess_sum + reg_lambda)",
    ),
    "the score is that of unbounded weights": (
        "weight = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step)\n    quadratic",
        "weight = leaf_weight(grad_sum, hess_sum, reg_lambda, reg_alpha)\n    quadratic",
    ),
    "the score in its textbook form, whatever the parameters": (
        "quadratic = grad_sum * weight + (hess_sum + reg_lambda) * weight**2 / 2",
        "return float((gamma - grad_sum**2 / (hess_sum + reg_lambda) / 2).sum())",
    ),
    "the score is what XGBoost reports, without its half": (
        "weight**2 / 2\n",
        "weight**2 / 2\n    quadratic = 2 * quadratic\n",
    ),
    "the score is a gain": ("+ reg_alpha * np.abs(weight) + gamma", "* -1 - reg_alpha * np.abs(weight) - gamma"),
    "the score leaves reg_lambda out": ("(hess_sum + reg_lambda) * weight**2 / 2\n", "hess_sum * weight**2 / 2\n"),
    "the score leaves reg_alpha out": ("quadratic + reg_alpha * np.abs(weight) + gamma", "quadratic + gamma"),
    "gamma is paid once a tree": ("np.abs(weight) + gamma).sum()", "np.abs(weight)).sum() + gamma"),
    "a leaf of weight 0 is free": ("np.abs(weight) + gamma).sum()", "np.abs(weight) + gamma * (weight != 0)).sum()"),
}

STRICT_MISTAKES = {
    "1 - p is subtracted, and lost": ("(1 - y) * p - y * q, p * q", "p - y, p * (1 - p)"),
    "hess is right and grad is cancelled": ("(1 - y) * p - y * q, p * q", "p - y, p * q"),
    "margins are clipped to 30": ("    scale = 1", "    margin = np.clip(margin, -30, 30)\n    scale = 1"),
    "margins are clipped to 700": ("    scale = 1", "    margin = np.clip(margin, -700, 700)\n    scale = 1"),
    "hess has a floor": ("(1 - y) * p - y * q, p * q", "(1 - y) * p - y * q, np.maximum(p * q, 1e-16)"),
    "labels -1 and 1 pass": ("((y >= 0) & (y <= 1)).all()", "(np.abs(y) <= 1).all()"),
    "a NaN label passes": ("not ((y >= 0) & (y <= 1)).all()", "((y < 0) | (y > 1)).any()"),
    "the weights are whole numbers": ("out=np.zeros(len(pull))", "out=np.zeros_like(pull), casting='unsafe'"),
}
