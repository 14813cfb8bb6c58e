import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

EPS = 2.0**-52


@pytest.fixture
def predicted(rng):
    """Labels and probabilities of eleven samples, unsorted: four positives, and not centred at a half."""
    prob = np.append(rng.uniform(0.01, 0.4, size=8), [0.6, 0.8, 0.97])
    return rng.permutation([1] * 4 + [0] * 7), rng.permutation(prob)


def cost(label, p):
    likelihood = p if label == 1 else 1 - p
    return -math.log(min(max(likelihood, EPS), 1 - EPS))


def defined(y_true, prob):
    return sum(cost(label, p) for label, p in zip(y_true, prob, strict=True)) / len(y_true)


def defined_ratio(y_true, prob):
    q = sum(y_true.tolist()) / len(y_true)
    return defined(y_true, prob) / (-q * math.log(q) - (1 - q) * math.log(1 - q))


def assert_rejected(kata, y_true, prob):
    for function in (kata.log_loss, kata.normalized_entropy):
        with pytest.raises(ValueError):
            function(np.array(y_true), np.array(prob))


def test_log_loss(kata, predicted, rng):
    """A sample costs -log of the probability that was given to its label. The loss is the mean over all samples."""
    # The labels had the probabilities 1/4 and 1/2.
    assert_close(kata.log_loss(np.array([1, 0]), np.array([0.25, 0.5])), 1.5 * math.log(2))
    assert_close(kata.log_loss(np.array([1]), np.array([0.125])), 3 * math.log(2))
    assert_close(kata.log_loss(np.array([0]), np.array([0.875])), 3 * math.log(2))
    assert_close(kata.log_loss(*predicted), defined(*predicted))
    for n in (2, 5, 40):
        y_true, prob = rng.integers(0, 2, size=n), rng.uniform(0.02, 0.9, size=n)
        assert_close(kata.log_loss(y_true, prob), defined(y_true, prob))


def test_certain_and_wrong(kata):
    """A prediction of exactly 0 or 1 is clipped by 2**-52: if it is wrong, it costs 36.04."""
    assert_close(kata.log_loss(np.array([1]), np.array([0.0])), 52 * math.log(2))
    assert_close(kata.log_loss(np.array([0]), np.array([1.0])), 52 * math.log(2))
    y_true, prob = np.array([1, 0, 1, 0, 1]), np.array([0.5, 1.0, 0.0, 0.75, 1.0])
    assert_close(kata.log_loss(y_true, prob), (1 + 52 + 52 + 2) * math.log(2) / 5)
    assert_close(kata.normalized_entropy(y_true, prob), defined_ratio(y_true, prob))


def test_certain_and_right(kata):
    """A prediction of exactly 0 or 1 that is right costs nothing, and there is no NaN."""
    assert_close(kata.log_loss(np.array([1, 0]), np.array([1.0, 0.0])), 0.0)
    assert_close(kata.normalized_entropy(np.array([1, 0, 0]), np.array([1.0, 0.0, 0.0])), 0.0)
    assert_close(kata.log_loss(np.array([1, 0, 0, 1]), np.array([1.0, 0.0, 0.5, 0.5])), math.log(2) / 2)


def test_small_probabilities(kata):
    """Probabilities near 0 and near 1 count as they are."""
    assert_close(kata.log_loss(np.array([1, 1]), np.array([1e-6, 1e-5])), 5.5 * math.log(10))
    assert_close(kata.log_loss(np.array([0, 0]), np.array([1 - 1e-6, 1 - 1e-5])), 5.5 * math.log(10), rtol=1e-8)
    # What is nearly right costs little, but not nothing.
    y_true, prob = np.array([0, 0, 1, 0]), np.array([1e-5, 3e-6, 1 - 2e-5, 2e-6])
    costs = [-math.log1p(-p) for p in (1e-5, 3e-6, 2e-5, 2e-6)]
    assert_close(kata.log_loss(y_true, prob), sum(costs) / 4, rtol=1e-7)
    y_true = np.append(1, np.zeros(999, dtype=int))
    for p in (1e-4, 1e-3, 2e-3):
        prob = np.full(1000, p)
        assert_close(kata.log_loss(y_true, prob), -math.log(p) / 1000 - 0.999 * math.log1p(-p))
        assert_close(kata.normalized_entropy(y_true, prob), defined_ratio(y_true, prob))


def test_one_class(kata):
    """Log loss holds for labels of one class. Normalized entropy does not: ValueError."""
    prob = np.array([0.5, 0.25, 0.125])
    assert_close(kata.log_loss(np.array([1, 1, 1]), prob), 2 * math.log(2))
    assert_close(kata.log_loss(np.array([0, 0, 0]), 1 - prob), 2 * math.log(2))
    for y_true in ([1, 1, 1], [0, 0, 0]):
        for values in (prob, np.array([1.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.0])):
            with pytest.raises(ValueError):
                kata.normalized_entropy(np.array(y_true), values)


def test_normalized_entropy(kata, predicted, rng):
    """Normalized entropy is the log loss over the entropy of the share of positives in y_true."""
    # The entropy at 1/4 is (2 + 3 * (2 - log2(3))) / 4 bits.
    entropy = (2 - 0.75 * math.log2(3)) * math.log(2)
    y_true = np.array([0, 1, 0, 0])
    assert_close(kata.normalized_entropy(y_true, np.array([0.5, 0.5, 0.5, 0.5])), math.log(2) / entropy)
    assert_close(kata.normalized_entropy(y_true, np.array([0.5, 0.5, 0.0, 0.0])), math.log(2) / 2 / entropy)
    assert_close(kata.normalized_entropy(*predicted), defined_ratio(*predicted))
    for n, n_pos in [(2, 1), (9, 8), (50, 3)]:
        y_true, prob = rng.permutation(np.arange(n) < n_pos).astype(int), rng.uniform(0.02, 0.9, size=n)
        assert_close(kata.normalized_entropy(y_true, prob), defined_ratio(y_true, prob))


def test_constant_prediction(kata):
    """A constant at the share of positives has the normalized entropy 1, and any other constant has more."""
    for n, n_pos in [(4, 1), (5, 4), (2, 1), (200, 1), (1000, 997)]:
        y_true = (np.arange(n) % n < n_pos).astype(int)
        assert_close(kata.normalized_entropy(y_true, np.full(n, n_pos / n)), 1.0)
    assert_close(kata.normalized_entropy(np.array([0, 1]), np.array([0.75, 0.75])), 2 - math.log2(3) / 2)


def test_worse_than_constant(kata):
    """A model that is worse than the constant has a normalized entropy above 1."""
    assert_close(kata.normalized_entropy(np.array([0, 1]), np.array([0.875, 0.125])), 3.0)
    assert_close(kata.normalized_entropy(np.array([0, 1, 1, 0]), np.array([0.75, 0.25, 0.5, 0.5])), 1.5)


def test_scores_that_are_not_probabilities(kata):
    """A value below 0 or above 1 raises ValueError."""
    for score in (-2.5, -0.01, 1.01, 3.0):
        assert_rejected(kata, [0, 1, 0], [0.1, score, 0.3])
        assert_rejected(kata, [1, 0, 1], [0.1, score, 0.3])


@strict
def test_beyond_eps(kata):
    """Probabilities below 2**-52 are clipped as 0 is, and those just above it are not."""
    assert_close(kata.log_loss(np.array([1, 1]), np.array([1e-300, 1e-17])), 52 * math.log(2))
    assert_close(kata.log_loss(np.array([1, 1]), np.array([1e-15, 1e-14])), 14.5 * math.log(10))


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_integers(kata, kind):
    """Labels may be integers of any type, and so may the probabilities 0 and 1."""
    # 150 times as many rows have the same mean, and more positives than eight bits can count.
    for times in (1, 150):
        y_true, prob = np.tile([1, 0, 0, 1, 1], times).astype(kind), np.tile([0.5, 0.5, 0.25, 0.25, 0.75], times)
        assert_close(kata.log_loss(y_true, prob), defined(y_true, prob))
        assert_close(kata.normalized_entropy(y_true, prob), defined_ratio(y_true, prob))
        whole = np.tile([1, 1, 0, 1, 0], times).astype(kind)
        assert_close(kata.log_loss(y_true, whole), 2 * 52 * math.log(2) / 5)
        assert_close(kata.normalized_entropy(y_true, whole), defined_ratio(y_true, whole))


@strict
def test_bad_values(kata):
    """A label that is not 0 or 1, and a probability that is NaN or just outside 0 to 1, raise ValueError."""
    for y_true in ([0, 1, 2], [-1, 1, 1], [0.0, 0.5, 1.0], [0.0, 1.0, np.nan], [0, 1, 1 - 1e-9]):
        assert_rejected(kata, y_true, [0.1, 0.2, 0.3])
    for p in (-1e-9, 1 + 1e-9, np.inf, -np.inf, np.nan):
        assert_rejected(kata, [0, 1, 0], [0.1, p, 0.3])


@strict
def test_lengths(kata):
    """Lengths that differ, and no sample, raise ValueError."""
    for y_true, prob in [([0, 1, 1], [0.1, 0.2]), ([0, 1], [0.1, 0.2, 0.3]), ([0, 1], [0.1]), ([1], [0.1, 0.2])]:
        assert_rejected(kata, y_true, prob)
    assert_rejected(kata, np.zeros(0), np.zeros(0))


def workload(kata, rng, n):
    """Clicks: few positives, small probabilities, and some predictions of exactly 0 or 1."""
    y_true = rng.permutation(np.arange(n) % 8 == 0).astype(int)
    prob = rng.beta(1.0, 6.0, size=n)
    prob = np.where(rng.random(n) < 0.1, prob.round(), prob)
    return kata.log_loss(y_true, prob), kata.normalized_entropy(y_true, prob)


def picture(kata, rng):  # noqa: ARG001 - nothing in it is random
    """Draw the cost of one sample, and the normalized entropy of constants at three base rates."""
    at = np.linspace(0.002, 0.998, 250)
    constants = np.linspace(0.01, 0.75, 75)
    shares = [(10, "1 in 10 positive"), (4, "1 in 4"), (2, "1 in 2")]
    lines = []
    for n, label in shares:
        y_true = (np.arange(n) == 0).astype(int)
        lines.append(Line(constants, [kata.normalized_entropy(y_true, np.full(n, p)) for p in constants], label))
    return [
        Panel(
            "What one sample costs",
            "predicted probability of a positive",
            "log loss",
            [Line(at, [kata.log_loss(np.array([k]), np.array([p])) for p in at], f"label {k}") for k in (1, 0)],
            note="Near the wrong end the cost grows without bound; only clipping stops it, at 36.04.",
        ),
        Panel(
            "A constant prediction",
            "the constant",
            "normalized entropy",
            [*lines, Line([0, 1], [1, 1], "1", faint=True)],
            note="Each curve is lowest at its own base rate, where it is 1.",
        ),
    ]


CLIP = "p = np.clip(prob, EPS, 1 - EPS)"
MEAN = "return float(-np.log(np.where(positive, p, 1 - p)).mean())"
BASE = "y_true.mean()\n"
ONE_CLASS = "if base_rate in (0, 1):"
RATIO = "return loss / log_loss(y_true, np.full(len(y_true), base_rate))"
RANGE = "if not ((prob >= 0) & (prob <= 1)).all():"
LABELS = "if not ((y_true == 0) | (y_true == 1)).all():"
MISTAKES = {
    "not clipped": (CLIP, "p = prob"),
    "not clipped, and NaN counts nothing": [
        (CLIP, "p = prob"),
        (MEAN, "return float(np.nansum(-y_true * np.log(p) - (1 - y_true) * np.log(1 - p)) / len(p))"),
    ],
    "infinite costs become large numbers": [
        (CLIP, "p = prob"),
        (MEAN, "return float(-np.nan_to_num(np.log(np.where(positive, p, 1 - p))).mean())"),
    ],
    "clipped by 1e-15": (CLIP, "p = np.clip(prob, 1e-15, 1 - 1e-15)"),
    "clipped by 1e-7": (CLIP, "p = np.clip(prob, 1e-7, 1 - 1e-7)"),
    "clipped by the eps of float32": (CLIP, "p = np.clip(prob, 2.0**-23, 1 - 2.0**-23)"),
    "only 0 is clipped": (CLIP, "p = np.maximum(prob, EPS)"),
    "only 1 is clipped": (CLIP, "p = np.minimum(prob, 1 - EPS)"),
    "1e-7 is added": [(CLIP, "p = prob"), (MEAN, MEAN.replace("1 - p)", "1 - p) + 1e-7"))],
    "the logarithm is clipped at -100": [
        (CLIP, "p = prob"),
        (MEAN, "return float(-np.maximum(np.log(np.where(positive, p, 1 - p)), -100).mean())"),
    ],
    "certain predictions are left out": (
        CLIP,
        "inside = (prob > 0) & (prob < 1)\n    p, positive = prob[inside], positive[inside]",
    ),
    "only positives cost": (MEAN, "return float(-(positive * np.log(p)).mean())"),
    "only negatives cost": (MEAN, "return float(-(~positive * np.log(1 - p)).mean())"),
    "mean over the positives": (MEAN, "return float(-np.log(p[positive]).mean())"),
    "a sum": (MEAN, MEAN.replace("mean()", "sum()")),
    "the sign is missing": (MEAN, MEAN.replace("-np.log", "np.log")),
    "bits": (MEAN, MEAN.replace("np.log(", "np.log2(")),
    "labels turned round": (MEAN, MEAN.replace("p, 1 - p", "1 - p, p")),
    "each class counts half": (
        MEAN,
        (
            "costs = -np.log(np.where(positive, p, 1 - p))\n"
            "    return float(np.mean([costs[positive == k].mean() for k in np.unique(positive)]))"
        ),
    ),
    "the logarithm of the mean": (MEAN, "return float(-np.log(np.where(positive, p, 1 - p).mean()))"),
    "squared errors": (MEAN, "return float(((p - y_true) ** 2).mean())"),
    "rounded to four places": (MEAN, MEAN.replace("return ", "return round(") + ", 4)"),
    "one class has no log loss": (
        MEAN,
        "if positive.all() or not positive.any():\n        raise ValueError('one class')\n    " + MEAN,
    ),
    "one class has the loss 0": (MEAN, "if len(set(y_true.tolist())) == 1:\n        return 0.0\n    " + MEAN),
    "logits pass": (RANGE, "if np.isnan(prob).any():"),
    "negative values pass": (RANGE, "if not (prob <= 1).all():"),
    "values above 1 pass": (RANGE, "if not (prob >= 0).all():"),
    "the base rate is the mean prediction": (BASE, "prob.mean()\n"),
    "the base rate is one half": [(BASE, "0.5\n"), (ONE_CLASS, "if y_true.mean() in (0, 1):")],
    "divided by the base rate": (RATIO, "return loss / base_rate"),
    "divided by the variance of the labels": (RATIO, "return loss / (base_rate * (1 - base_rate))"),
    "half of the entropy": (RATIO, "return loss / (-base_rate * np.log(base_rate))"),
    "entropy in bits": (RATIO, "return loss / log_loss(y_true, np.full(len(y_true), base_rate)) * np.log(2)"),
    "turned upside down": (RATIO, "return log_loss(y_true, np.full(len(y_true), base_rate)) / loss if loss else 0.0"),
    "the gain, not the rest": (RATIO, RATIO.replace("return ", "return 1 - ")),
    "the difference": (RATIO, RATIO.replace("loss / ", "loss - ")),
    "no more than 1": (RATIO, RATIO.replace("return loss", "return min(1.0, loss") + ")"),
    "a base rate no lower than 1 %": (BASE, "np.clip(y_true.mean(), 0.01, 0.99)\n"),
    "a smoothed base rate": [
        (BASE, "(y_true.sum() + 1) / (len(y_true) + 2)\n"),
        (ONE_CLASS, "if y_true.mean() in (0, 1):"),
    ],
    "one class gives a huge ratio": (ONE_CLASS, "if False:"),
    "no positive goes unnoticed": (ONE_CLASS, "if base_rate == 1:"),
    "no negative goes unnoticed": (ONE_CLASS, "if base_rate == 0:"),
    "one class is 0": (
        f'{ONE_CLASS}\n        raise ValueError("y_true needs at least one positive and one negative")',
        f"{ONE_CLASS}\n        return 0.0",
    ),
}

STRICT_MISTAKES = {
    "only exact 0 and 1 are clipped": (CLIP, "p = np.where(prob == 0, EPS, np.where(prob == 1, 1 - EPS, prob))"),
    "other labels pass": (LABELS, "if False:"),
    "labels -1 and 1 pass": (LABELS, "if not np.isin(y_true, [-1, 0, 1]).all():"),
    "NaN passes": (RANGE, "if (prob < 0).any() or (prob > 1).any():"),
    "values just outside pass": (RANGE, "if not ((prob >= -1e-8) & (prob <= 1 + 1e-8)).all():"),
    "one probability for all": (
        "if len(y_true) != len(prob) or len(prob) == 0:",
        "if len(prob) not in (1, len(y_true)) or len(prob) == 0:",
    ),
    "no sample is NaN": (" or len(prob) == 0:", ":"),
}
