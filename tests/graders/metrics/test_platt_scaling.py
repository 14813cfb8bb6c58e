from typing import NamedTuple

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict


class Platt(NamedTuple):
    """What `predict_proba` takes."""

    slope: float
    intercept: float


def logit(p):
    return np.log(p) - np.log(1 - p)


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def targets_of(y):
    n_pos, n_neg = sum(y == 1), sum(y == 0)
    return np.array([(n_pos + 1) / (n_pos + 2) if label == 1 else 1 / (n_neg + 2) for label in y])


def assert_minimum(kata, scores, y):
    """Check that both derivatives of the mean loss are 0 at the fit, for scores in the unit of their range."""
    fit = kata.fit_platt(scores, y)
    missing = sigmoid(fit.slope * scores + fit.intercept) - targets_of(y)
    assert_close(missing.mean(), 0, atol=3e-6, what="the loss's derivative by the intercept")
    place = (scores - scores.mean()) / np.ptp(scores)
    assert_close(np.mean(missing * place), 0, atol=3e-6, what="the loss's derivative by the slope")


def assert_fit(kata, scores, y, slope, intercept):
    fit = kata.fit_platt(np.array(scores, dtype=float), np.array(y))
    assert_close(fit.slope, slope, rtol=1e-5, atol=1e-5)
    assert_close(fit.intercept, intercept, rtol=1e-5, atol=1e-5)


def test_targets(kata, rng):
    """A positive's target is (n_pos + 1) / (n_pos + 2), and a negative's 1 / (n_neg + 2), also if a class is empty."""
    assert_close(kata.platt_targets(np.array([1, 0, 0, 1, 1])), [0.8, 0.25, 0.25, 0.8, 0.8])
    assert_close(kata.platt_targets(np.array([1, 1])), [0.75, 0.75])
    assert_close(kata.platt_targets(np.array([0, 0, 0, 0])), [1 / 6] * 4)
    assert_close(kata.platt_targets(np.array([1])), [2 / 3])
    y = rng.permutation(np.repeat([0, 1], [11, 4]))
    assert_close(kata.platt_targets(y), targets_of(y))


def test_two_scores(kata):
    """With two distinct scores, each one's probability is the mean of its targets."""
    assert_fit(kata, [0, 1, 0, 1], [0, 1, 0, 1], np.log(9), -np.log(3))
    # Targets: 4/5 and 1/4. At score -2 the mean is that of 1/4, 1/4, 4/5, at score 1 that of 4/5, 4/5.
    low, high = logit((0.25 + 0.25 + 0.8) / 3), logit(0.8)
    slope = (high - low) / 3
    assert_fit(kata, [-2, 1, -2, -2, 1], [0, 1, 0, 1, 1], slope, high - slope)
    # Positives at the lower score: the slope is negative.
    assert_fit(
        kata, [5, 2, 2], [0, 1, 1], (logit(1 / 3) - logit(0.75)) / 3, logit(0.75) - 2 * (logit(1 / 3) - logit(0.75)) / 3
    )
    # The score says nothing: both have the same targets.
    assert_fit(kata, [0, 1, 0, 1], [0, 0, 1, 1], 0.0, 0.0)


def test_minimum(kata, rng):
    """Slope and intercept minimise the cross-entropy to the targets: both derivatives are 0."""
    assert_minimum(kata, np.array([0.5, -1.0, 2.0, 0.0]), np.array([1, 0, 1, 0]))
    for n, slope, intercept in ((7, 1.0, 0.5), (40, 2.0, -3.0), (41, -1.0, 1.0), (300, 0.2, 4.0)):
        scores = rng.normal(size=n) + 1
        y = (rng.random(n) < sigmoid(slope * scores + intercept)).astype(int)
        y[:2] = 0, 1
        assert_minimum(kata, scores, y)
    # A few scores are far away, one of them on the wrong side.
    scores = np.concatenate([rng.normal(size=50), [40.0, -70.0, -30.0]])
    y = (scores + rng.normal(size=53) > 0).astype(int)
    y[-1] = 1
    assert_minimum(kata, scores, y)


def test_separable(kata, rng):
    """If the scores separate the classes, the slope is finite: it grows with the number of samples."""
    for n in (1, 10, 100):
        assert_fit(kata, np.repeat([-1, 1], n), np.repeat([0, 1], n), np.log(n + 1), 0.0)
    for n_neg, n_pos in ((6, 9), (30, 4)):
        scores = np.concatenate([rng.uniform(-3.0, -1.0, size=n_neg), rng.uniform(0.0, 2.0, size=n_pos)])
        y = np.repeat([0, 1], [n_neg, n_pos])
        order = rng.permutation(y.size)
        assert_minimum(kata, scores[order], y[order])
    # It takes more than a few steps.
    scores = np.arange(1.0, 1001.0)
    assert_minimum(kata, scores, (scores > 500).astype(int))


def test_rare_class(kata, rng):
    """A rare class far away: full Newton steps from the intercept of the class ratio run off to infinity."""
    for n_neg, n_pos, at in ((50, 5, 5), (100, 5, 5), (3, 200, 4)):
        low, high = logit(1 / (n_neg + 2)), logit((n_pos + 1) / (n_pos + 2))
        scores, y = np.repeat([-at, at], [n_neg, n_pos]), np.repeat([0, 1], [n_neg, n_pos])
        assert_fit(kata, scores, y, (high - low) / (2 * at), (high + low) / 2)
    scores = np.concatenate([rng.normal(size=60) - 5, rng.normal(size=5) + 5])
    assert_minimum(kata, scores, np.repeat([0, 1], [60, 5]))


def test_units(kata, rng):
    """Scores may be in any unit and far from 0: the probabilities stay the same."""
    # The two scores differ by 2e-5.
    fit = kata.fit_platt(np.array([1e-5, 3e-5, 1e-5, 3e-5]), np.array([0, 1, 0, 1]))
    assert_close(fit.slope, np.log(9) / 2e-5, rtol=1e-5)
    assert_close(fit.intercept, -np.log(3) - np.log(9) / 2, rtol=1e-5)
    scores = rng.normal(size=30)
    y = (scores + rng.normal(size=30) > 0).astype(int)
    y[:2] = 0, 1
    for scale, shift in ((2e-6, 0.0), (3e5, 0.0), (1.0, 1000.0), (1e-2, -40.0), (-250.0, 1e5), (1e-6, 1.0)):
        assert_minimum(kata, scale * scores + shift, y)
    assert_minimum(kata, 1e6 + np.arange(10.0), np.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1]))


def test_one_class(kata, rng):
    """If all labels are of one class, so are the targets: the slope is 0 and every probability is the target."""
    assert_fit(kata, [0, 1, 5], [1, 1, 1], 0.0, np.log(4))
    assert_fit(kata, [-3, 1], [0, 0], 0.0, -np.log(3))
    assert_fit(kata, rng.normal(size=20) - 3, np.zeros(20, dtype=int), 0.0, -np.log(21))


def test_equal_scores(kata):
    """If all scores are equal, the slope is 0, and the probability is the mean of the targets."""
    assert_fit(kata, [2, 2, 2], [1, 0, 0], 0.0, logit((2 / 3 + 0.5) / 3))
    assert_fit(kata, [0, 0, 0, 0], [1, 0, 1, 1], 0.0, logit((3 * 0.8 + 1 / 3) / 4))
    assert_fit(kata, [-0.3], [1], 0.0, np.log(2))


def test_other_labels(kata):
    """A label that is neither 0 nor 1 raises ValueError: -1 and 1 above all."""
    for y in ([-1, 1, 1], [1, -1, 0], [2, 1, 1], [0, 0, 2], [0.5, 1, 0]):
        with pytest.raises(ValueError):
            kata.platt_targets(np.array(y))
        with pytest.raises(ValueError):
            kata.fit_platt(np.array([0.5, -0.5, 2.0]), np.array(y))


def test_probabilities(kata, rng):
    """The probability is 1 / (1 + exp(-(slope * score + intercept)))."""
    assert_close(kata.predict_proba(Platt(np.log(3), 0.0), np.array([1.0, 0.0, -1.0])), [0.75, 0.5, 0.25])
    assert_close(kata.predict_proba(Platt(-2.0, 3.0), np.array([1.5, 1.5 + np.log(3)])), [0.5, 0.1])
    assert_close(kata.predict_proba(Platt(0.0, np.log(4)), np.array([7.0])), [0.8])
    scores = rng.normal(size=9)
    assert_close(kata.predict_proba(Platt(1.7, -0.4), scores), 1 / (1 + np.exp(-(1.7 * scores - 0.4))))


def test_far_scores(kata):
    """Scores of 1e4 and more have the probability 0 or 1."""
    far = np.array([1e4, -1e4, 1e6, -1e6])
    assert_close(kata.predict_proba(Platt(1.0, 0.0), far), [1.0, 0.0, 1.0, 0.0])
    assert_close(kata.predict_proba(Platt(-3.0, 50.0), far), [0.0, 1.0, 0.0, 1.0])
    assert_close(kata.predict_proba(Platt(1e-4, -1.0), far[:2]), [0.5, 1 / (1 + np.exp(2))])


@strict
def test_flat_loss(kata):
    """Half a Newton step may lower the loss and still lead astray: it has to fall by a share of what was expected."""
    for n_neg, n_pos in ((1000, 10), (400, 10), (7, 900)):
        low, high = logit(1 / (n_neg + 2)), logit((n_pos + 1) / (n_pos + 2))
        scores, y = np.repeat([-5, 5], [n_neg, n_pos]), np.repeat([0, 1], [n_neg, n_pos])
        assert_fit(kata, scores, y, (high - low) / 10, (high + low) / 2)


@strict
def test_no_sample(kata):
    """No sample, and scores of another length than the labels, raise ValueError."""
    with pytest.raises(ValueError):
        kata.platt_targets(np.zeros(0, dtype=int))
    for n_scores, n_labels in ((0, 0), (0, 2), (1, 2), (2, 1), (3, 2), (2, 3)):
        with pytest.raises(ValueError):
            kata.fit_platt(np.arange(float(n_scores)), np.arange(n_labels) % 2)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, bool, int])
def test_kinds(kata, kind):
    """Labels may be integers of any type or booleans, and scores integers."""
    y = np.repeat([0, 1], 150).astype(kind)
    assert_close(kata.platt_targets(y), np.repeat([1 / 152, 151 / 152], 150))
    scores = np.repeat([0, 120], 150).astype(np.int8 if kind is bool else kind)
    fit = kata.fit_platt(scores, y)
    assert_close(fit.slope, np.log(151) / 60, rtol=1e-5)
    assert_close(fit.intercept, -np.log(151), rtol=1e-5)
    assert_close(kata.predict_proba(Platt(2.0, -239.0), scores[-2:]), [1 / (1 + np.exp(-1))] * 2)


@strict
def test_bad_labels(kata):
    """NaN and fractions are no labels."""
    for y in ([0.0, np.nan, 1.0], [0.5, 1.0, 0.0]):
        with pytest.raises(ValueError):
            kata.platt_targets(np.array(y))


def workload(kata, rng, n):
    """Scores of n samples, some of them equal, with a rare class half of the time."""
    scores = np.round(rng.normal(scale=2.0, size=n), int(rng.integers(0, 4)))
    y = (rng.random(n) < sigmoid(1.5 * scores - rng.choice([0.0, 3.0]))).astype(int)
    fit = kata.fit_platt(scores, y)
    return kata.platt_targets(y), fit, kata.predict_proba(Platt(*fit), scores)


def picture(kata, rng):
    """Draw the fit to few samples that the scores separate, and to many that overlap."""
    at = np.linspace(-4.0, 4.0, 161)
    few, many = np.array([-2.0, -1.5, -1.0, 0.5, 1.0, 2.5]), 1.5 * rng.normal(size=400)
    panels = []
    for title, scores, y, note in (
        (
            "Six samples, separable",
            few,
            (few > 0).astype(int),
            "To fit the labels themselves, the curve would become a step. The targets hold it back.",
        ),
        (
            "400 samples",
            many,
            (rng.random(400) < sigmoid(2 * many - 1)).astype(int),
            "With many samples the targets are almost the labels.",
        ),
    ):
        order = np.argsort(scores)
        fit = kata.fit_platt(scores, y)
        lines = [
            Points(scores[order], kata.platt_targets(y)[order], "targets", faint=True),
            Line(at, kata.predict_proba(Platt(*fit), at), f"slope {fit.slope:.2f}, intercept {fit.intercept:.2f}"),
        ]
        panels.append(Panel(title, "score", "probability", lines, note=note))
    return panels


WHERE = "return np.where(y_true == 1, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))"
FIT = "    targets = platt_targets(y_true)\n"
CENTER = "center, scale = float(scores.mean()), float(scores.std())"
COLUMNS = "X = np.column_stack([(scores - center) / scale, np.ones(len(scores))])"
HALVE = "while loss(weights - step) > loss(weights) - gradient @ step / 4 + rounding:"
EQUAL = "    if (scores == scores[0]).all():\n"
LABELS = "if not ((y_true == 0) | (y_true == 1)).all():"
LOOP = "while gap > rounding:"
RETURN = "return Platt(float(weights[0] / scale), float(weights[1] - weights[0] / scale * center))"
PROBA = "return np.exp(-np.logaddexp(0, -(fit.slope * scores + fit.intercept)))"
MISTAKES = {
    "targets of the other class's number": (
        "return np.where(y_true == 1,",
        "n_pos, n_neg = n_neg, n_pos\n    return np.where(y_true == 1,",
    ),
    "targets swapped": (WHERE, WHERE.replace("== 1", "== 0")),
    "targets of all samples": (WHERE, WHERE.replace("n_pos +", "len(y_true) +").replace("n_neg +", "len(y_true) +")),
    "one added, not two": (WHERE, WHERE.replace("n_pos + 2", "n_pos + 1").replace("n_neg + 2", "n_neg + 1")),
    "the positives' target is a share of all": (WHERE, WHERE.replace("(n_pos + 2)", "(len(y_true) + 2)")),
    "the negatives' target is 0": (WHERE, WHERE.replace("1 / (n_neg + 2)", "0.0")),
    "targets are labels": (WHERE, "return y_true.astype(float)"),
    "the fit is to labels": (FIT, FIT + "    targets = np.clip(y_true, 1e-6, 1 - 1e-6)\n"),
    "an empty class is refused": (LABELS, "if set(y_true.tolist()) != {0, 1}:"),
    "any label passes": (LABELS, "if False:"),
    "a label of -1 is a negative": (LABELS, "if not np.isin(y_true, [-1, 0, 1]).all():"),
    "positive is what is above 0": (LABELS, "if (y_true < 0).any():"),
    "Platt's signs": (
        RETURN,
        RETURN.replace("Platt(float(weights[0]", "Platt(-float(weights[0]").replace(", float(", ", -float("),
    ),
    "no intercept": (COLUMNS, COLUMNS.replace("np.ones(", "1e-9 * np.ones(")),
    "the intercept stays that of the class ratio": (
        "gradient = X.T @ (p - targets)",
        "gradient = X.T @ (p - targets) * [1, 0]",
    ),
    "the slope stays 1": (
        "weights = weights - step",
        "weights = np.array([scale, weights[1] - step[1]])\n        break",
    ),
    "a ridge penalty on the slope": [
        ("gradient = X.T @ (p - targets)", "gradient = X.T @ (p - targets) + [weights[0], 0]"),
        ("@ X, gradient)", "@ X + np.diag([1, 0]), gradient)"),
        (HALVE, "while False:"),
    ],
    "a small ridge penalty on both": [
        ("gradient = X.T @ (p - targets)", "gradient = X.T @ (p - targets) + 1e-3 * weights"),
        ("@ X, gradient)", "@ X + 1e-3 * np.eye(2), gradient)"),
        (HALVE, "while False:"),
    ],
    "one Newton step": (LOOP, "for _ in range(1):"),
    "three Newton steps": (LOOP, "for _ in range(3):"),
    "full Newton steps": (HALVE, "while False:"),
    "twenty gradient steps": [
        (LOOP, "for _ in range(20):"),
        ("step = np.linalg.solve(X.T * (p * (1 - p)) @ X, gradient)", "step = gradient / len(scores)"),
    ],
    "a thousand gradient steps on scores as they are": [
        (CENTER, "center, scale = 0.0, 1.0"),
        (LOOP, "for _ in range(1000):"),
        ("step = np.linalg.solve(X.T * (p * (1 - p)) @ X, gradient)", "step = 0.1 * gradient / len(scores)"),
        (HALVE, "while False:"),
    ],
    "least squares of the log-odds": (
        "    while gap >",
        "    weights, gap = np.linalg.lstsq(X, np.log(targets / (1 - targets)), rcond=None)[0], 0\n    while gap >",
    ),
    "least squares of the targets": (
        "    while gap >",
        "    weights, gap = np.linalg.lstsq(X, targets, rcond=None)[0], 0\n    while gap >",
    ),
    "stopped at a loose tolerance": (LOOP, "while gap > 1e-2 * len(scores):"),
    "the unit of the slope not undone": (
        RETURN,
        RETURN.replace("Platt(float(weights[0] / scale)", "Platt(float(weights[0])"),
    ),
    "the center not undone": (RETURN, RETURN.replace("weights[1] - weights[0] / scale * center", "weights[1]")),
    "a floor under the spread": (COLUMNS, COLUMNS.replace("/ scale,", "/ max(scale, 1e-3),")),
    "nearly equal scores are equal": (EQUAL, "    if np.allclose(scores, scores[0]):\n"),
    "equal scores are not looked at": (EQUAL, "    if False:\n"),
    "equal scores give the positives' share": (
        "return Platt(0.0, start)",
        "return Platt(0.0, float(np.log(y_true.mean() / (1 - y_true.mean()))))",
    ),
    "equal scores have the probability 1/2": ("return Platt(0.0, start)", "return Platt(0.0, 0.0)"),
    "slopes below 0 are cut off": (
        RETURN,
        RETURN.replace("float(weights[0] / scale)", "max(0.0, float(weights[0] / scale))"),
    ),
    "exp overflows": (
        PROBA,
        "return np.exp(fit.slope * scores + fit.intercept) / (1 + np.exp(fit.slope * scores + fit.intercept))",
    ),
    "the wrong sign in exp": (
        PROBA,
        PROBA.replace("-(fit.slope * scores + fit.intercept)", "fit.slope * scores + fit.intercept"),
    ),
    "the intercept left out of the probability": (PROBA, PROBA.replace(" + fit.intercept", "")),
    "the intercept within the product": (
        PROBA,
        PROBA.replace("fit.slope * scores + fit.intercept", "fit.slope * (scores + fit.intercept)"),
    ),
}

STRICT_MISTAKES = {
    "no sample": ("    if len(y_true) == 0:\n", "    if False:\n"),
    "lengths are not looked at": ("if len(scores) != len(y_true):", "if len(scores) < len(y_true):"),
    "positives counted in eight bits": ("n_pos = np.count_nonzero(y_true)", "n_pos = y_true.sum(dtype=y_true.dtype)"),
    "a NaN label passes": (
        LABELS,
        "if (y_true < 0).any() or (y_true > 1).any() or ((y_true > 0) & (y_true < 1)).any():",
    ),
    "a fraction passes": (LABELS, "if not ((y_true >= 0) & (y_true <= 1)).all() or ((y_true % 1 != 0).all()):"),
}
