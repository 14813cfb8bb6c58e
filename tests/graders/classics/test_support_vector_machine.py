import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PAIR = np.array([[1.0], [4.0]]), np.array([-1, 1])
LABELS = np.array([-1, 1, -1, -1, 1, -1, -1, 1, -1, -1, -1, 1])
# Steps on pairs of samples come near the optimum slowly: at C = 10 after some hundreds, at C = 50 after some thousands.
SLOW = (
    np.array([[-2.0, -1.0], [1.0, 0.0], [4.0, 3.0], [-3.0, 3.0], [-2.0, -3.0], [-1.0, -3.0], [0.0, 0.0]]),
    np.array([1, -1, 1, -1, 1, -1, 1]),
)


@pytest.fixture
def overlapping(rng):
    """Two features away from zero, and four positives among twelve samples, which no line tells apart for sure."""
    return rng.normal([2.0, -1.0], size=(12, 2)) + 0.6 * LABELS[:, None], LABELS


def primal(X, y, coef, intercept, C):
    losses = [np.maximum(0, 1 - label * (np.dot(row, coef) + intercept)) for row, label in zip(X, y, strict=True)]
    return sum(w * w for w in coef) / 2 + C * sum(losses)


def dual(X, y, alpha):
    gram = [[np.dot(a, b) for b in X] for a in X]
    n = range(len(y))
    return sum(alpha) - sum(alpha[i] * alpha[j] * y[i] * y[j] * gram[i][j] for i in n for j in n) / 2


def assert_optimal(fit, X, y, C, tol=1e-6):
    """Check the constraints, and that the gap is as small as was asked for: then no other fit is better."""
    assert_close(np.clip(fit.alpha, 0, C) - fit.alpha, np.zeros(len(y)), atol=1e-8, what="alpha leaves 0 to C by")
    assert_close(np.dot(fit.alpha, y), 0.0, atol=1e-8, what="the sum of alpha_i * y_i")
    assert_close(fit.coef, np.dot(fit.alpha * y, X), rtol=1e-8, atol=1e-8)
    loss = primal(X, y, fit.coef, fit.intercept, C)
    gap = loss - dual(X, y, fit.alpha)
    assert_close(np.maximum(gap - tol * loss, 0.0), 0.0, atol=1e-10, what="the gap exceeds tol * P by")


def test_gap(kata, rng):
    """The gap is P(coef, intercept) - D(alpha), for any weights and any feasible alpha, of any C."""
    # P = 1/2 + 3 * (3 + 0): at w = 1 and b = 1 the negative at 1 scores 2. D = 1/2 + 1/2 - (3 / 2)^2 / 2.
    args = np.array([1.0]), 1.0, np.array([0.5, 0.5])
    assert_close(kata.duality_gap(*PAIR, *args, 3.0), 9.5 - (1 - 1.125))
    for n, d, C in [(5, 3, 0.7), (8, 1, 2.0), (2, 4, 1.0)]:
        X, y = rng.normal(1.0, size=(n, d)), np.resize([1, -1, -1], n)
        alpha = np.where(y > 0, (y < 0).sum(), (y > 0).sum()) * rng.uniform(0.1, 1.0) * C / n
        w, b = rng.normal(size=d), rng.normal()
        expected = primal(X, y, w, b, C) - dual(X, y, alpha)
        assert_close(kata.duality_gap(X, y, w, float(b), alpha, C), expected)


def test_hand_worked_fits(kata):
    """Only the samples that carry the margin have an alpha; C bounds it from above."""
    fit = kata.fit_svm(*PAIR, 1.0, 1e-10)
    assert_close(fit.coef, [2 / 3], rtol=1e-4)
    assert_close(fit.intercept, -5 / 3, rtol=1e-4)
    assert_close(fit.alpha, [2 / 9, 2 / 9], rtol=1e-4)
    # In a thousandth of the unit, w is a thousandth, and alpha a millionth.
    fit = kata.fit_svm(1000 * PAIR[0], PAIR[1], 1.0)
    assert_close(fit.coef, [2 / 3 / 1000], rtol=0.01)
    assert_close(fit.alpha, [2e-6 / 9, 2e-6 / 9], rtol=0.01, atol=0)
    X, y = np.array([[0.0], [1.0], [3.0], [7.0]]), np.array([-1, -1, 1, 1])
    fit = kata.fit_svm(X, y, 50.0, 1e-10)
    assert_close(fit.coef, [1.0], rtol=1e-4)
    assert_close(fit.intercept, -2.0, rtol=1e-4)
    assert_close(fit.alpha, [0.0, 0.5, 0.5, 0.0], rtol=1e-4, atol=1e-4)
    # At C = 1/10 both alphas of the pair are C, the slope is 3/10, and several intercepts are best.
    fit = kata.fit_svm(*PAIR, 0.1)
    assert_close(fit.alpha, [0.1, 0.1], rtol=1e-4)
    assert_close(fit.coef, [0.3], rtol=1e-4)
    assert_optimal(fit, *PAIR, 0.1)


def test_overlapping_classes(kata, overlapping):
    """The gap is at most tol * P, alpha meets its constraints, and coef belongs to alpha, for small and large C."""
    X, y = np.array([[0.0], [2.0], [1.0]]), np.array([-1, 1, 1])
    # With alpha (a, 0, a), D = 2 a - a^2 / 2: a is C up to 2.
    for C, slope in [(0.4, 0.4), (3.0, 2.0)]:
        assert_close(kata.fit_svm(X, y, C, 1e-10).coef, [slope], rtol=1e-4)
    for C in (0.02, 0.3, 1.0):
        assert_optimal(kata.fit_svm(*overlapping, C), *overlapping, C)
    X, y = overlapping
    assert_optimal(kata.fit_svm(X, -y, 0.5), X, -y, 0.5)
    assert_optimal(kata.fit_svm(X, y.astype(float)), X, y, 1.0)


def test_free_intercept(kata, overlapping):
    """The intercept has no penalty: moving all samples changes the intercept and leaves coef."""
    X, y = PAIR
    fit = kata.fit_svm(X + 10.0, y, 1.0, 1e-10)
    assert_close(fit.coef, [2 / 3], rtol=1e-4)
    assert_close(fit.intercept, -5 / 3 - 20 / 3, rtol=1e-4)
    X, y = overlapping
    far = X + np.array([15.0, -8.0])
    fit, moved = kata.fit_svm(X, y, 0.3, 1e-9), kata.fit_svm(far, y, 0.3, 1e-9)
    assert_optimal(moved, far, y, 0.3, 1e-9)
    assert_close(moved.coef, fit.coef, rtol=1e-3, atol=1e-3)


def test_every_alpha_at_a_bound(kata):
    """If every alpha is 0 or C, no sample lies on the margin; the intercept is still one of least loss."""
    # Two positives against five negatives: all of the rarer class at C, and as much of the other.
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [3.5], [4.0], [6.0]]), np.array([-1, -1, -1, 1, -1, -1, 1])
    for C in (0.01, 0.05):
        fit = kata.fit_svm(X, y, C)
        assert_close(fit.alpha[y > 0], [C, C], rtol=1e-3)
        assert_optimal(fit, X, y, C)
        assert_optimal(kata.fit_svm(X, -y, C), X, -y, C)
    X, y = np.array([[0.0, 1.0], [2.0, 5.0], [1.0, 1.0], [4.0, 4.0]]), np.array([-1, 1, -1, 1])
    fit = kata.fit_svm(X, y, 0.01)
    assert_close(fit.alpha, [0.01] * 4, rtol=1e-3)
    assert_optimal(fit, X, y, 0.01)


def test_repeated_rows(kata, overlapping):
    """Rows may repeat, with the same label or the other."""
    # All four samples at one point: nothing tells them apart, and w is 0.
    X, y = np.full((4, 2), 3.0), np.array([1, -1, 1, 1])
    fit = kata.fit_svm(X, y)
    assert_close(fit.coef, [0.0, 0.0], atol=1e-6)
    assert_optimal(fit, X, y, 1.0)
    X, y = overlapping
    X, y = np.concatenate([X, X[:3], X[3:6]]), np.concatenate([y, y[:3], -y[3:6]])
    assert_optimal(kata.fit_svm(X, y, 0.3), X, y, 0.3)
    assert_optimal(kata.fit_svm(np.round(X), y, 0.2), np.round(X), y, 0.2)


def test_tolerance(kata, overlapping):
    """The fit goes on until the gap is at most tol * P, which is 1e-6 * P unless given."""
    fit = kata.fit_svm(*PAIR, tol=1e-10)
    assert_optimal(fit, *PAIR, 1.0, 1e-10)
    assert_optimal(kata.fit_svm(*overlapping), *overlapping, 1.0)
    X = np.array([[0.0, 0.0], [-1.0, 0.0], [-1.0, 1.0], [0.0, 1.0], [2.0, 3.0], [1.0, 0.0], [2.0, 3.0], [0.0, 1.0]])
    y = np.resize([1, -1], 8)
    for tol in (1e-2, 1e-4, 1e-9):
        assert_optimal(kata.fit_svm(X, y, 1.0, tol), X, y, 1.0, tol)
    # So loose that a fit within tol of a third more than P would do.
    for tol in (0.12, 0.56):
        assert_optimal(kata.fit_svm(X, y, 10.0, tol), X, y, 10.0, tol)
    assert_optimal(kata.fit_svm(*SLOW, 10.0), *SLOW, 10.0)
    # Far apart, so that w is small, and P about 1e-5.
    X = 100 * np.array([[3.0, -2, 3], [-2, 1, 1], [0, 1, 0], [4, 1, -3], [-1, -2, 1], [-4, -1, -2]])
    y = np.array([1, -1, -1, 1, -1, -1])
    assert_optimal(kata.fit_svm(X, y), X, y, 1.0)


def test_separable(kata, rng):
    """With a large C and classes that a line tells apart, the samples are on the margin or beyond it."""
    X = np.array([[0.0, 0.0], [1.0, 0.0], [-3.0, -1.0], [1.0, 2.0], [0.0, 2.0], [4.0, 5.0]])
    y = np.array([-1, -1, -1, 1, 1, 1])
    fit = kata.fit_svm(X, y, 50.0, 1e-10)
    assert_close(fit.coef, [0.0, 1.0], rtol=1e-4, atol=1e-4)
    assert_close(fit.intercept, -1.0, rtol=1e-4)
    X = rng.uniform(-1.0, 1.0, size=(10, 2)) + 3 * np.resize([1, -1], 10)[:, None]
    y = np.resize([1, -1], 10)
    assert_optimal(kata.fit_svm(X, y, 10.0), X, y, 10.0)


@strict
def test_bad_input(kata):
    """fit_svm raises ValueError if a label is not -1 or 1, a class is missing, or C is not positive."""
    X, y = np.array([[0.0], [1.0], [3.0]]), np.array([-1, 1, 1])
    for labels in ([0, 1, 1], [-1, 1, 2], [1, 1, 1], [-1, -1, -1]):
        with pytest.raises(ValueError):
            kata.fit_svm(X, np.array(labels))
    for C in (0.0, -1.0):
        with pytest.raises(ValueError):
            kata.fit_svm(X, y, C)


@strict
def test_many_steps(kata):
    """The fit goes on for as many steps as it takes, at C = 50 too."""
    assert_optimal(kata.fit_svm(*SLOW, 50.0), *SLOW, 50.0)


@strict
def test_integers(kata):
    """X may hold integers: nothing is truncated."""
    X, y = np.array([[0], [2], [5], [9]]), np.array([-1, -1, 1, 1])
    assert_close(kata.duality_gap(X, y, np.array([0.5]), -1.5, np.array([0.0, 0.2, 0.2, 0.0]), 1.0), 0.5 + 0.125 - 0.22)
    assert_optimal(kata.fit_svm(X, y), X, y, 1.0)


def workload(kata, rng, n):
    """Fit overlapping classes, then separate ones, each with some alphas between 0 and C: there is one optimum."""
    n = min(n, 40) + 4
    y = np.resize([1, -1, -1, 1, -1], n)
    X = rng.normal(size=(n, 2)) + y[:, None] * [1.0, 0.0] + 2.0
    fits = [kata.fit_svm(X, y, 20.0, 1e-9), kata.fit_svm(X + 5.0 * y[:, None], y, 1.0, 1e-9)]
    gaps = [kata.duality_gap(X, y, w, 0.5, np.full(n, 0.1), 1.0) for w in (np.zeros(2), np.array([1.0, -2.0]))]
    return gaps, [np.round(fit.coef, 3) for fit in fits]


# A wrong step may never close the gap: what is wrong shall be seen, not the clock.
START = "    _check(y, C)\n    coef, alpha"
BOUNDED = [
    (START, "    _check(y, C)\n    budget = 300\n    coef, alpha"),
    (
        "        # P = D + gap, which is at most D / (1 - tol).\n        if gap <=",
        "        budget -= 1\n        if budget == 0 or gap <=",
    ),
]
HINGE = "np.maximum(0, 1 - y * (X @ coef + intercept))"
ROOM = "room = min(C - alpha[i] if y[i] > 0 else alpha[i], alpha[j] if y[j] > 0 else C - alpha[j])"
STEP = "        step = min(room, (target[i] - target[j]) / max(apart @ apart, 1e-300))\n"
RESULT = "            return Svm(coef, float(intercept), alpha)\n        apart"

MISTAKES = {
    "the gap's hinge without its margin": (
        HINGE,
        "np.maximum(0, -y * (X @ coef + intercept))",
    ),
    "the gap without the intercept": ("1 - y * (X @ coef + intercept)", "1 - y * (X @ coef)"),
    "the gap penalises the intercept": ("float(coef @ coef / 2 + C", "float((coef @ coef + intercept**2) / 2 + C"),
    "the mean of the losses": ("(X @ coef + intercept)).sum()", "(X @ coef + intercept)).mean()"),
    "no half in the primal": ("float(coef @ coef / 2 +", "float(coef @ coef +"),
    "no half in the dual": ("+ dual_coef @ dual_coef / 2)", "+ dual_coef @ dual_coef)"),
    "the dual without labels": ("(alpha * y) @ X\n    return", "alpha @ X\n    return"),
    "the dual's sign of the square": ("+ dual_coef @ dual_coef / 2)", "- dual_coef @ dual_coef / 2)"),
    "the dual's square is that of the given weights": ("+ dual_coef @ dual_coef / 2)", "+ coef @ coef / 2)"),
    "C is left out of the gap": ("+ C * loss", "+ loss"),
    "squared hinge": ("(X @ coef + intercept)).sum()", "(X @ coef + intercept)).__pow__(2).sum()"),
    "a hard margin, whatever C": [
        *BOUNDED,
        (ROOM, "room = min(np.inf if y[i] > 0 else alpha[i], alpha[j] if y[j] > 0 else np.inf)"),
    ],
    "alphas may be negative": [*BOUNDED, (ROOM, "room = min(C - alpha[i], C - alpha[j])")],
    "C over the number of samples": (
        "    _check(y, C)\n    coef, alpha",
        "    _check(y, C)\n    C = C / len(y)\n    coef, alpha",
    ),
    "the intercept is penalised": (
        START,
        (
            "    _check(y, C)\n"
            "    padded = np.column_stack([X, np.ones(len(y))]) * y[:, None]\n"
            "    alpha = np.zeros(len(y))\n"
            "    for i in np.resize(np.arange(len(y)), 4000):\n"
            "        gain = 1 - padded[i] @ (alpha @ padded)\n"
            "        alpha[i] = np.clip(alpha[i] + gain / (padded[i] @ padded[i]), 0, C)\n"
            "    return Svm((alpha @ padded)[:-1], float((alpha @ padded)[-1]), alpha)\n"
            "    coef, alpha"
        ),
    ),
    "the intercept is penalised, and set anew afterwards": (
        START,
        (
            "    _check(y, C)\n"
            "    padded = np.column_stack([X, np.ones(len(y))]) * y[:, None]\n"
            "    alpha = np.zeros(len(y))\n"
            "    for i in np.resize(np.arange(len(y)), 4000):\n"
            "        gain = 1 - padded[i] @ (alpha @ padded)\n"
            "        alpha[i] = np.clip(alpha[i] + gain / (padded[i] @ padded[i]), 0, C)\n"
            "    coef = (alpha * y) @ X\n"
            "    best = min(y - X @ coef, key=lambda b: np.maximum(0, 1 - y * (X @ coef + b)).sum())\n"
            "    return Svm(coef, float(best), alpha)\n"
            "    coef, alpha"
        ),
    ),
    "no intercept": (RESULT, RESULT.replace("float(intercept)", "0.0")),
    "the intercept from samples inside the margin too": (
        RESULT,
        RESULT.replace("float(intercept)", "float((y - X @ coef)[alpha > 1e-9].mean())"),
    ),
    "the intercept from the samples on the margin, if any": (
        RESULT,
        RESULT.replace("float(intercept)", "float((y - X @ coef)[(alpha > 1e-9) & (alpha < C - 1e-9)].mean())"),
    ),
    "the intercept of the other sign": (RESULT, RESULT.replace("float(intercept)", "float(-intercept)")),
    "the step not divided by the distance": [*BOUNDED, (STEP, "        step = min(room, target[i] - target[j])\n")],
    "alphas moved without their labels": [
        *BOUNDED,
        ("alpha[i] += y[i] * step", "alpha[i] += step"),
        ("alpha[j] -= y[j] * step", "alpha[j] += step"),
    ],
    "only pairs of different labels": [
        *BOUNDED,
        ("np.where(y > 0, alpha < C, alpha > 0), np.where", "(y > 0) & (alpha < C), np.where"),
        ("np.where(y > 0, alpha > 0, alpha < C)\n", "(y < 0) & (alpha < C)\n"),
    ],
    "equal rows of different labels divide by 0": [
        *BOUNDED,
        (STEP, "        step = min((target[i] - target[j]) / (apart @ apart), room) if (apart @ apart) else 0.0\n"),
    ],
    "a hundred steps of descent on the hinge": (
        START,
        (
            "    _check(y, C)\n"
            "    coef, intercept = np.zeros(X.shape[1]), 0.0\n"
            "    for t in range(1, 101):\n"
            "        inside = y * (X @ coef + intercept) < 1\n"
            "        coef = coef - 0.1 / t * (coef - C * (y * inside) @ X)\n"
            "        intercept += 0.1 / t * C * (y * inside).sum()\n"
            "    return Svm(coef, float(intercept), C * inside)\n"
            "    coef, alpha"
        ),
    ),
    "ten steps, whatever is left": [(before, after.replace("300", "10")) for before, after in BOUNDED],
    "three hundred steps, whatever is left": BOUNDED,
    "the gap is relative to no less than 1": (
        "if gap <= tol * (gap + alpha.sum() - coef @ coef / 2):\n            return Svm(coef, float",
        "if gap <= tol * max(1, gap + alpha.sum() - coef @ coef / 2):\n            return Svm(coef, float",
    ),
    "a gap of tol itself is enough, ten thousand times over": ("if gap <= tol * (gap", "if gap <= 1e4 * tol * (gap"),
    "tol is its default": ("if gap <= tol * (gap", "if gap <= 1e-6 * (gap"),
}

STRICT_MISTAKES = {
    "labels 0 and 1 are taken": ("if set(y.tolist()) != {-1, 1}:", "if set(y.tolist()) not in ({-1, 1}, {0, 1}):"),
    "one class is enough": ("if set(y.tolist()) != {-1, 1}:", "if not set(y.tolist()) <= {-1, 1}:"),
    "C may be 0": ("if not C > 0:", "if not C >= 0:"),
    "two thousand steps, whatever is left": [(before, after.replace("300", "2000")) for before, after in BOUNDED],
}
