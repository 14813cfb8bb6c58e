import math
from collections import namedtuple

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, strict

Objective = namedtuple("Objective", "loss grad hess")  # noqa: PYI024 - the kata's own has its fields
FREE = -math.inf


def pseudo_huber_loss(y, margin, delta=1.0):
    return delta**2 * (math.sqrt(1 + ((margin - y) / delta) ** 2) - 1)


def focal_loss(y, margin, gamma=2.0, weight=1.0):
    p = 1 / (1 + math.exp(-margin))
    p_t = p if y == 1 else 1 - p
    return -(weight if y == 1 else 1) * (1 - p_t) ** gamma * math.log(p_t)


def derived(loss, y, margin, *parameters, floor=FREE):
    """Return the losses of samples, with derivatives by differences of five values."""
    h, rows = 0.01, []
    for truth, m in zip(y.tolist(), margin.tolist(), strict=True):
        a, b, c, d, e = (loss(truth, m + k * h, *parameters) for k in (-2, -1, 0, 1, 2))
        rows.append((c, (a - 8 * b + 8 * d - e) / (12 * h), (-a + 16 * b - 30 * c + 16 * d - e) / (12 * h**2)))
    losses, grad, hess = np.array(rows).T
    return Objective(losses, grad, np.maximum(hess, floor))


def assert_objective(actual, expected, rtol=1e-9, atol=1e-12):
    for field in Objective._fields:
        assert_close(getattr(actual, field), getattr(expected, field), rtol, atol)


def test_pseudo_huber(kata, rng):
    """pseudo_huber returns each sample's loss and its two derivatives in the margin, for any delta."""
    # e is 1.5, then 0, -1.5 and 1.5; with delta = 2 the root is 1.25.
    y, margin = np.array([1.0, 3.0, 2.0, 0.5]), np.array([2.5, 3.0, 0.5, 2.0])
    expected = Objective([1.0, 0.0, 1.0, 1.0], [1.2, 0.0, -1.2, 1.2], [0.512, 1.0, 0.512, 0.512])
    assert_objective(kata.pseudo_huber(y, margin, delta=2.0), expected)
    # With delta = 1 and e = 0.75 the root is 1.25, too.
    assert_objective(kata.pseudo_huber(np.array([0.25]), np.array([1.0])), Objective([0.25], [0.6], [0.512]))
    for n, delta in ((1, 1.0), (6, 0.6), (6, 3.0)):
        y, margin = rng.normal(scale=2.0, size=n), 1 + rng.normal(scale=2.0, size=n)
        expected = derived(pseudo_huber_loss, y, margin, delta)
        assert_objective(kata.pseudo_huber(y, margin, delta), expected, rtol=1e-5, atol=1e-6)


def test_residuals_of_any_size(kata):
    """Small residuals cost e**2 / 2. Large ones cost delta * (|e| - delta), and their gradient is delta in size."""
    step = kata.pseudo_huber(np.zeros(3), np.array([3e-5, -1e-3, 1e-6]), delta=2.0)
    assert_objective(step, Objective([4.5e-10, 5e-7, 5e-13], [3e-5, -1e-3, 1e-6], [1, 1, 1]), rtol=1e-6)
    step = kata.pseudo_huber(np.array([1e6, 0.0, 5.0]), np.array([0.0, 4e5, 5.0]), delta=2.0)
    assert_objective(step, Objective([2e6 - 4, 8e5 - 4, 0.0], [-2.0, 2.0, 0.0], [0.0, 0.0, 1.0]), rtol=1e-7)
    # A delta of 1e-5: the root is sqrt(2) and 1e5.
    root = math.sqrt(2)
    step = kata.pseudo_huber(np.zeros(2), np.array([1e-5, 1.0]), delta=1e-5)
    assert_close(step.grad, [1e-5 / root, 1e-5], rtol=1e-7, atol=0)
    assert_close(step.hess, [1 / root**3, 1e-15])
    assert_close(step.loss, [1e-10 * (root - 1), 1e-5 - 1e-10], rtol=1e-7)


def test_focal(kata, rng):
    """The function focal returns each sample's loss and two derivatives in the margin, for either label, any gamma."""
    # At m = 0 p_t is 1/2: with gamma = 1, L = log(2) / 2, L' = -(1 + log 2) / 4 for a positive, and L'' = 3/8.
    loss, slope = math.log(2) / 2, (1 + math.log(2)) / 4
    step = kata.focal(np.array([1, 0]), np.zeros(2), gamma=1.0)
    assert_objective(step, Objective([loss, loss], [-slope, slope], [0.375, 0.375]))
    for gamma in (0.5, 1.0, 2.0, 3.5):
        y, margin = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0]), rng.uniform(-1.5, 4.0, size=6)
        margin[1::2] *= -1
        expected = derived(focal_loss, y, margin, gamma)
        assert_objective(kata.focal(y, margin, gamma), expected, rtol=1e-5, atol=1e-6)
        order = rng.permutation(6)[:5]
        ours = kata.focal(y[order], margin[order], gamma)
        assert_objective(ours, Objective(*(field[order] for field in expected)), rtol=1e-5, atol=1e-6)
    y, margin = np.array([1, 1, 0]), np.array([-0.5, 1.5, 0.7])
    assert_objective(kata.focal(y, margin), derived(focal_loss, y, margin), rtol=1e-5, atol=1e-6)
    for label in (0, 1):
        y = np.array([label])
        assert_objective(kata.focal(y, margin[:1]), derived(focal_loss, y, margin[:1]), rtol=1e-5, atol=1e-6)


def test_without_gamma(kata, rng):
    """With gamma = 0, focal is the log loss: its derivatives are p - y and p * (1 - p)."""
    y, margin = np.array([1, 1, 0]), np.array([math.log(3), -math.log(3), math.log(4)])
    expected = Objective([math.log(4 / 3), math.log(4), math.log(5)], [-0.25, -0.75, 0.8], [3 / 16, 3 / 16, 0.16])
    assert_objective(kata.focal(y, margin, gamma=0.0), expected)
    y, margin = rng.permutation([0, 1, 1, 0, 1]), rng.normal(scale=3.0, size=5)
    p = 1 / (1 + np.exp(-margin))
    expected = Objective(np.log(1 + np.exp(margin)) - y * margin, p - y, p * (1 - p))
    assert_objective(kata.focal(y, margin, gamma=0.0), expected)


def test_scale_pos_weight(kata, rng):
    """scale_pos_weight multiplies loss, grad and hess of the positives, and of nothing else."""
    loss, slope = math.log(2) / 2, (1 + math.log(2)) / 4
    step = kata.focal(np.array([1, 0]), np.zeros(2), gamma=1.0, scale_pos_weight=4.0)
    assert_objective(step, Objective([4 * loss, loss], [-4 * slope, slope], [1.5, 0.375]))
    y, margin = rng.permutation([0, 1, 1, 0, 0]), rng.normal(size=5)
    for gamma in (0.0, 2.0):
        for weight in (0.3, 25.0):
            expected = derived(focal_loss, y, margin, gamma, weight)
            assert_objective(kata.focal(y, margin, gamma, weight, FREE), expected, rtol=1e-5, atol=1e-5)
    # The floor comes last.
    step = kata.focal(np.array([1, 0, 1]), np.zeros(3), gamma=1.0, scale_pos_weight=0.25, min_hess=0.125)
    assert_objective(
        step, Objective([loss / 4, loss, loss / 4], [-slope / 4, slope, -slope / 4], [0.125, 0.375, 0.125])
    )
    step = kata.focal(np.array([1, 0]), np.zeros(2), gamma=1.0, scale_pos_weight=4.0, min_hess=1.0)
    assert_close(step.hess, [1.5, 1.0])


def test_floor(kata):
    """Where the second derivative is below min_hess, hess is min_hess. That of focal may be negative."""
    y, margin = np.array([1, 1, 1, 0, 0, 0]), np.array([-4.0, -2.0, 0.5, 4.0, 2.0, -3.0])
    free = derived(focal_loss, y, margin)
    step = kata.focal(y, margin, min_hess=FREE)
    assert_close(step.hess[[0, 3]], [-0.046703, -0.046703], atol=1e-6)
    assert_objective(step, free, rtol=1e-5, atol=1e-7)
    assert_objective(kata.focal(y, margin), free._replace(hess=np.maximum(free.hess, 0)), rtol=1e-5, atol=1e-7)
    assert_close(kata.focal(y, margin).hess[[0, 3]], [0.0, 0.0])
    for floor in (0.05, 1e-3, 1e-6, -0.03):
        expected = free._replace(hess=np.maximum(free.hess, floor))
        assert_objective(kata.focal(y, margin, min_hess=floor), expected, rtol=1e-5, atol=1e-7)
        assert_close(kata.focal(y, margin, min_hess=floor).hess[[0, 3]], [floor, floor])
    # A residual of 0.75 has a root of 1.25.
    y, margin = np.zeros(3), np.array([0.75, 1e3, -1e4])
    assert_close(kata.pseudo_huber(y, margin, 1.0, min_hess=0.01).hess, [0.512, 0.01, 0.01])
    assert_close(kata.pseudo_huber(y, margin, 1.0, min_hess=1.0).hess, [1.0, 1.0, 1.0])
    step, floored = kata.pseudo_huber(y, margin, 1.0, min_hess=FREE), kata.pseudo_huber(y, margin, 1.0, min_hess=1.0)
    assert_close(step.hess, [0.512, 1e-9, 1e-12], rtol=1e-5, atol=0)
    assert_objective(floored, Objective(step.loss, step.grad, [1.0] * 3))


def test_large_margins(kata):
    """At a margin of 1000 all of focal is finite: a wrong sample costs its margin, and its gradient is 1 in size."""
    y, margin = np.array([1, 1, 0, 0]), np.array([1000.0, -1000.0, 1000.0, -1000.0])
    for gamma in (2.0, 1.0, 0.5, 0.0):
        expected = Objective([0.0, 1000.0, 1000.0, 0.0], [0.0, -1.0, 1.0, 0.0], [0.0] * 4)
        assert_objective(kata.focal(y, margin, gamma), expected)
    assert_close(kata.focal(y, margin, 2.0, 3.0).loss, [0.0, 3000.0, 1000.0, 0.0])
    assert_close(kata.focal(y, margin, 2.0, 3.0).grad, [0.0, -3.0, 1.0, 0.0])


def test_second_order_loss(kata, rng):
    """Each sample has loss + grad * step + hess * step**2 / 2. It misses the loss by about the cube of the step."""
    objective = Objective(np.array([1.0, 4.0, 0.5]), np.array([-3.0, 2.0, 0.0]), np.array([0.5, 1.0, -2.0]))
    assert_close(kata.second_order_loss(objective, np.array([2.0, 2.0, 3.0])), [-4.0, 10.0, -8.5])
    assert_close(kata.second_order_loss(objective, np.array([0.0, -1.0, 0.0])), [1.0, 2.5, 0.5])
    for n in (1, 6):
        loss, grad, hess, step = rng.normal(size=(4, n))
        expected = [loss[i] + grad[i] * step[i] + hess[i] * step[i] ** 2 / 2 for i in range(n)]
        assert_close(kata.second_order_loss(Objective(loss, grad, hess), step), expected)
    for objective, loss, m in ((kata.pseudo_huber, pseudo_huber_loss, 0.7), (kata.focal, focal_loss, -1.0)):
        expansion = objective(np.zeros(1), np.array([m]))
        missed = [
            loss(0.0, m + step) - float(kata.second_order_loss(expansion, np.array([step]))[0]) for step in (0.02, 0.01)
        ]
        what = "half the step divides the error by"
        assert_close(missed[0] / missed[1], 8.0, rtol=0.05, what=what)


def test_labels(kata):
    """A label of focal that is not 0 or 1 raises ValueError."""
    for y in ([-1, 1, 1], [1, 2, 0], [0.5, 0.0, 1.0]):
        with pytest.raises(ValueError):
            kata.focal(np.array(y), np.array([0.5, -0.5, 2.0]))


@strict
def test_digits(kata):
    """Nothing cancels: all fields have nine correct digits, however small. By default no hess is below 1e-16."""
    step = kata.pseudo_huber(np.zeros(2), np.array([1e-8, -3e-7]))
    assert_objective(step, Objective([5e-17, 4.5e-14], [1e-8, -3e-7], [1.0, 1.0]), atol=0)
    for m in (18.0, 40.0, 300.0):
        # Near p_t = 1: with q = 1 - p_t, L is about q**3, and each derivative multiplies by -3.
        q = math.exp(-m)
        step = kata.focal(np.array([1, 0]), np.array([m, -m]), 2.0, 1.0, FREE)
        bound = 20 * q + 1e-9
        assert_objective(step, Objective([q**3] * 2, [-3 * q**3, 3 * q**3], [9 * q**3] * 2), rtol=bound, atol=0)
        # Near p_t = 0: p * (1 - p) times 5 - 2 * m, below 0.
        step = kata.focal(np.array([1, 0]), np.array([-m, m]), 2.0, 1.0, FREE)
        assert_objective(step, Objective([m] * 2, [-1.0, 1.0], [(5 - 2 * m) * q] * 2), rtol=40 * m * q + 1e-9, atol=0)
    assert_close(kata.focal(np.array([1, 1]), np.array([-4.0, 40.0])).hess, [1e-16, 1e-16], atol=0)
    assert_close(kata.pseudo_huber(np.zeros(1), np.array([1e6])).hess, [1e-16], atol=0)


@strict
def test_shapes(kata):
    """Targets of another shape than the margins raise ValueError, even if they would broadcast."""
    for shape, other in [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (1,)), ((1,), (3,)), ((2,), (3,))]:
        for objective in (kata.pseudo_huber, kata.focal):
            with pytest.raises(ValueError):
                objective(np.ones(shape), np.zeros(other))


@strict
def test_parameters(kata):
    """A delta that is not positive, or a negative gamma, raises ValueError."""
    for value in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError):
            kata.pseudo_huber(np.ones(2), np.zeros(2), delta=value)
    for value in (-1e-6, -2.0, math.nan):
        with pytest.raises(ValueError):
            kata.focal(np.ones(2), np.zeros(2), gamma=value)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Arrays may hold integers of any type: nothing wraps around or is truncated."""
    y, margin = np.array([100, 0, 3]).astype(kind), np.array([0, 127, 2]).astype(kind)
    expected = kata.pseudo_huber(y.astype(float), margin.astype(float), 2.0)
    assert_close(expected.grad[2], -1 / math.sqrt(1.25))
    assert_objective(kata.pseudo_huber(y, margin, 2.0), expected)
    y, margin = np.array([0, 1, 0, 1]).astype(kind), np.array([3, 0, 1, 2]).astype(kind)
    ours = kata.focal(y, margin, 2.0, 1.5)
    assert_objective(ours, derived(focal_loss, y, margin.astype(float), 2.0, 1.5, floor=1e-16), rtol=1e-5, atol=1e-6)
    objective = Objective(np.array([1.0, 4.0]), np.array([3.0, 100.0]), np.array([1.0, 3.0]))
    assert_close(kata.second_order_loss(objective, np.array([20, 1]).astype(kind)), [261.0, 105.5])


def workload(kata, rng, n):
    """Residuals and log-odds of n samples, some of them far off, and what a step of a tree would change."""
    y, margin = 2 * rng.standard_t(2, size=n), rng.normal(size=n)
    label, odds = rng.integers(0, 2, size=n), rng.normal(scale=3.0, size=n).round(1)
    huber, focal = kata.pseudo_huber(y, margin, 1.5), kata.focal(label, odds, 2.0, 3.0, 0.01)
    step = rng.normal(size=n)
    return huber, focal, kata.second_order_loss(huber, step), kata.second_order_loss(focal, step)


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Draw focal's curvature against the margin, and a loss with its parabola at a margin that is wrong."""
    margin = np.linspace(-8.0, 5.0, 131)
    positive = np.ones(margin.size)
    gammas = (0.0, 1.0, 2.0, 5.0)
    start = -3.5
    far = np.linspace(-5.0, 5.0, 101)
    expansions = [kata.focal(np.ones(far.size), np.full(far.size, start), min_hess=low) for low in (-np.inf, 0.05)]
    return [
        Panel(
            "The curvature of a positive under focal",
            "margin",
            "second derivative",
            [
                *(Line(margin, kata.focal(positive, margin, g, min_hess=-np.inf).hess, f"gamma {g:g}") for g in gammas),
                Mark(0.0),
            ],
            note="With gamma above 0 it is negative on the far left: wrong and sure of it.",
        ),
        Panel(
            "The loss of a positive, and (1) at -3.5",
            "margin + step",
            "loss",
            [
                Line(far, kata.focal(np.ones(far.size), far).loss, "focal, gamma 2"),
                Line(far, kata.second_order_loss(expansions[0], far - start), "(1), no floor"),
                Line(far, kata.second_order_loss(expansions[1], far - start), "(1), min_hess 0.05"),
            ],
            note="Without a floor the parabola opens downwards, and has no minimum to step to.",
        ),
    ]


ERROR = "error = np.subtract(margin, y, dtype=float)"
ROOT = "root = np.hypot(1, error / delta)"
HUBER_LOSS = "error * (error / (1 + root))"
HUBER_GRAD = "error / root, np"
HUBER_HESS = "np.maximum(root**-3.0, min_hess)"
SIGN = "sign = np.where(y == 1, 1.0, -1.0)"
COST = "cost, log_q = np.logaddexp(0, -sign * margin), -np.logaddexp(0, sign * margin)"
EASING = "easing = np.where(y == 1, scale_pos_weight, 1.0) * np.exp(gamma * log_q)"
GRAD = "grad = easing * (-gamma * p * cost - q)"
HESS = "hess = easing * p * (gamma * (gamma * p - q) * cost + (2 * gamma + 1) * q)"
RETURN = "return Objective(easing * cost, sign * grad, np.maximum(hess, min_hess))"
EXPANSION = "return objective.loss + step * (objective.grad + objective.hess * step / 2)"
LABELS = "    if not ((y == 0) | (y == 1)).all():"
MISTAKES = {
    "the residual the other way round": (ERROR, "error = np.subtract(y, margin, dtype=float)"),
    "delta is always 1": (ROOT, "root = np.hypot(1, error)"),
    "a root without its 1": (ROOT, "root = np.maximum(np.abs(error / delta), 1)"),
    "pseudo_huber without the -1": (HUBER_LOSS, "delta**2 * root"),
    "pseudo_huber over delta**2": (HUBER_LOSS, "(root - 1)"),
    "pseudo_huber over delta": (HUBER_LOSS, "delta * (root - 1)"),
    "the loss of squared error": (HUBER_LOSS, "error**2 / 2"),
    "a mean of pseudo_huber": (HUBER_LOSS, "np.full(error.shape, (error * (error / (1 + root))).mean())"),
    "the gradient of huber": (HUBER_GRAD, "np.clip(error, -delta, delta), np"),
    "the gradient of a mean": (HUBER_GRAD, "error / root / len(y), np"),
    "the gradient over delta": (HUBER_GRAD, "error / delta / root, np"),
    "the gradient of squared error": (HUBER_GRAD, "error, np"),
    "the curvature of huber": (HUBER_HESS, "np.maximum(np.abs(error) < delta, min_hess)"),
    "a curvature of 1": (HUBER_HESS, "np.ones(error.shape)"),
    "the weight 1 / root as a curvature": (HUBER_HESS, "np.maximum(root**-1.0, min_hess)"),
    "a curvature of root**-1.5": (HUBER_HESS, "np.maximum(root**-1.5, min_hess)"),
    "a curvature over delta**2": (HUBER_HESS, "np.maximum(root**-3.0 / delta**2, min_hess)"),
    "pseudo_huber without a floor": (HUBER_HESS, "root**-3.0"),
    "pseudo_huber adds the floor": (HUBER_HESS, "root**-3.0 + min_hess"),
    "labels are turned round": (SIGN, "sign = np.where(y == 1, -1.0, 1.0)"),
    "positives only": (SIGN, "sign = np.ones(y.shape)"),
    "p_t to the power of gamma": (EASING, EASING.replace("gamma * log_q", "-gamma * cost")),
    "gamma is 2": (EASING, EASING.replace("gamma *", "2 *")),
    "focal with an alpha": (
        EASING,
        EASING.replace(
            "scale_pos_weight, 1.0", "scale_pos_weight / (1 + scale_pos_weight), 1 / (1 + scale_pos_weight)"
        ),
    ),
    "scale_pos_weight is forgotten": (EASING, EASING.replace("scale_pos_weight", "1.0")),
    "scale_pos_weight for all": (EASING, EASING.replace("scale_pos_weight, 1.0", "scale_pos_weight, scale_pos_weight")),
    "scale_pos_weight for negatives": (EASING, EASING.replace("scale_pos_weight, 1.0", "1.0, scale_pos_weight")),
    "scale_pos_weight not in the loss": (RETURN, RETURN.replace("easing * cost", "np.exp(gamma * log_q) * cost")),
    "scale_pos_weight not in grad": (
        RETURN,
        RETURN.replace("sign * grad", "sign * grad / np.where(y == 1, scale_pos_weight, 1)"),
    ),
    "scale_pos_weight not in hess": (HESS, HESS.replace("easing *", "np.exp(gamma * log_q) *")),
    "scale_pos_weight squared in hess": (
        HESS,
        HESS.replace("easing *", "easing * np.where(y == 1, scale_pos_weight, 1) *"),
    ),
    "scale_pos_weight multiplies the floor": (
        RETURN,
        RETURN.replace("min_hess)", "np.where(y == 1, scale_pos_weight, 1.0) * min_hess)"),
    ),
    "the gradient takes the factor for a constant": (GRAD, "grad = -easing * q"),
    "the gradient of the margin that is turned": (RETURN, RETURN.replace("sign * grad", "grad")),
    "the curvature is turned as well": (RETURN, RETURN.replace("np.maximum(hess", "np.maximum(sign * hess")),
    "the negative gradient": (RETURN, RETURN.replace("sign * grad", "-sign * grad")),
    "the gradient in the probability": (
        RETURN,
        RETURN.replace("sign * grad", "sign * grad / np.maximum(p * q, 1e-300)"),
    ),
    "the gradient is a mean": (RETURN, RETURN.replace("sign * grad", "sign * grad / len(y)")),
    "the loss is a mean": (RETURN, RETURN.replace("easing * cost", "np.full(y.shape, (easing * cost).mean())")),
    "the curvature takes the factor for a constant": (HESS, "hess = easing * p * q"),
    "the curvature of log loss": (HESS, "hess = np.where(y == 1, scale_pos_weight, 1.0) * p * q"),
    "no 2 in the product rule": (HESS, HESS.replace("(2 * gamma + 1)", "(gamma + 1)")),
    "the factor's own curvature is missing": (HESS, "hess = easing * p * (2 * gamma + 1) * q"),
    "the factor's curvature without its second term": (
        HESS,
        HESS.replace("gamma * (gamma * p - q)", "gamma * gamma * p"),
    ),
    "a squared gradient as curvature": (HESS, "hess = grad**2"),
    "focal without a floor": (RETURN, RETURN.replace("np.maximum(hess, min_hess)", "hess")),
    "the size of a negative curvature": (RETURN, RETURN.replace("np.maximum(hess,", "np.maximum(np.abs(hess),")),
    "the floor is added": (
        RETURN,
        RETURN.replace("np.maximum(hess, min_hess)", "np.maximum(hess, 0) + max(min_hess, 0)"),
    ),
    "the floor is for negative curvatures alone": (
        RETURN,
        RETURN.replace("np.maximum(hess, min_hess)", "np.where(hess < 0, np.maximum(hess, min_hess), hess)"),
    ),
    "the floor is at least 0": (RETURN, RETURN.replace("min_hess)", "max(min_hess, 0))")),
    "the floor is at least 1e-6": (RETURN, RETURN.replace("min_hess)", "max(min_hess, 1e-6))")),
    "the floor is a ceiling": (RETURN, RETURN.replace("np.maximum", "np.minimum")),
    "no floor means no gradient": (RETURN, RETURN.replace("sign * grad", "sign * grad * (hess > min_hess)")),
    "margins are probabilities": (COST, "cost, log_q = -np.log(np.abs(margin)), -np.logaddexp(0, sign * margin)"),
    "exponentials overflow": (
        COST,
        "cost, log_q = np.log(1 + np.exp(-sign * margin)), -np.log(1 + np.exp(sign * margin))",
    ),
    "probabilities are clipped": (
        COST,
        COST + "\n    cost, log_q = np.minimum(cost, -np.log(1e-7)), np.maximum(log_q, np.log(1e-7))",
    ),
    "an eps in the logarithm": (COST, COST + "\n    cost = -np.log(np.exp(-cost) + 1e-8)"),
    "labels are not looked at": (LABELS, "    if y.size == 0:"),
    "labels of -1 and 1 pass": (LABELS, LABELS.replace("(y == 0)", "(y == 0) | (y == -1)")),
    "labels may be probabilities": (LABELS, LABELS.replace("((y == 0) | (y == 1))", "((y >= 0) & (y <= 1))")),
    "no half": (EXPANSION, EXPANSION.replace(" / 2", "")),
    "no curvature": (EXPANSION, EXPANSION.replace(" + objective.hess * step / 2", "")),
    "what changes alone": (EXPANSION, EXPANSION.replace("objective.loss + ", "")),
    "a step against the gradient": (EXPANSION, EXPANSION.replace("(objective.grad", "(-objective.grad")),
    "negative curvature is left out": (EXPANSION, EXPANSION.replace("objective.hess", "np.maximum(objective.hess, 0)")),
    "the step is not squared": (EXPANSION, EXPANSION.replace("objective.hess * step / 2", "objective.hess / 2")),
    "the sum over the samples": (
        EXPANSION,
        "value = " + EXPANSION.removeprefix("return ") + "\n    return np.full(value.shape, value.sum())",
    ),
}
STRICT_MISTAKES = {
    "1 is subtracted from the root": (HUBER_LOSS, "delta**2 * (root - 1)"),
    "1 - p_t by a subtraction": ("np.exp(log_q)", "1 - np.exp(-cost)"),
    "a floor of 0": (RETURN, RETURN.replace("min_hess)", "0.0 if min_hess == 1e-16 else min_hess)")),
    "small integers wrap around": (ERROR, "error = margin - y"),
    "y may broadcast": (
        "    if y.shape != margin.shape:\n        raise ValueError(f",
        "    if y.size != margin.size and 1 not in (y.size, margin.size):\n        raise ValueError(f",
    ),
    "delta of 0 passes": ("if not delta > 0:", "if not delta >= 0:"),
    "small steps wrap around": (
        EXPANSION,
        "return objective.loss + step * objective.grad + step**2 * objective.hess / 2",
    ),
    "any gamma passes": ("if not gamma >= 0:", "if gamma is None:"),
}
