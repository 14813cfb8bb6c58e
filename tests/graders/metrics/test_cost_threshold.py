import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict

# With up to twelve errors of either kind no two thresholds cost the same: 13 a + 21 b never comes to one number twice.
UNEQUAL_COSTS = [(1.3, 2.1), (2.1, 1.3), (13.0, 2.1), (1.3, 21.0), (1.3e-6, 2.1e-6), (1300.0, 2100.0)]


@pytest.fixture
def distinct(rng):
    """Labels and distinct probabilities, unsorted; the positives tend to have the higher ones."""
    y_true = rng.permutation([0] * 8 + [1] * 6)
    return y_true, np.clip(0.3 + 0.2 * y_true + rng.uniform(-0.29, 0.29, size=14), 0, 1)


@pytest.fixture
def tied(rng):
    """Eight positives and eight negatives with few distinct probabilities, each of which both classes have."""
    y_true, y_prob = np.repeat([0, 1, 0, 1], 4), np.tile([0.1, 0.25, 0.5, 0.9], 4)
    y_prob[8:] = rng.choice(y_prob[:4], size=8)
    order = rng.permutation(16)
    return y_true[order], y_prob[order]


def total_cost(y_true, y_prob, threshold, cost_fp, cost_fn):
    """Return what the errors at a threshold cost, sample by sample."""
    cost = 0.0
    for label, p in zip(y_true.tolist(), y_prob.tolist(), strict=True):
        if p >= threshold and not label:
            cost += cost_fp
        if p < threshold and label:
            cost += cost_fn
    return cost


def assert_best(choice, y_true, y_prob, cost_fp, cost_fn):
    candidates = [np.inf, *sorted(set(y_prob.tolist()), reverse=True)]
    costs = [total_cost(y_true, y_prob, threshold, cost_fp, cost_fn) for threshold in candidates]
    assert_close(choice.cost, min(costs))
    assert_equal(choice.threshold, candidates[int(np.argmin(costs))])


def assert_rejected(kata, y_true, y_prob):
    with pytest.raises(ValueError):
        kata.best_threshold(np.array(y_true), np.array(y_prob), 1.0, 2.0)


def test_bayes_threshold(kata, rng):
    """At the Bayes threshold p, calling a sample positive and calling it negative cost the same on average."""
    for cost_fp, cost_fn, threshold in [
        (1.0, 1.0, 0.5),
        (1.0, 4.0, 0.2),
        (4.0, 1.0, 0.8),
        (0.5, 0.3, 0.625),
        (1.0, 999.0, 0.001),
        (3000.0, 1000.0, 0.75),
        (1e-6, 3e-6, 0.25),
        (1.0, 999_999.0, 1e-6),
    ]:
        assert_close(kata.bayes_threshold(cost_fp, cost_fn), threshold)
    for cost_fp, cost_fn in np.exp(rng.normal(size=(5, 2))).tolist():
        p = kata.bayes_threshold(cost_fp, cost_fn)
        assert_close((1 - p) * cost_fp, p * cost_fn)


def test_lowest_cost(kata, distinct):
    """The best threshold has the lowest total: cost_fp for each false positive, cost_fn for each false negative."""
    y_true, y_prob = np.array([0, 1, 0, 1]), np.array([0.2, 0.4, 0.6, 0.9])
    assert_best(kata.best_threshold(y_true, y_prob, 1.0, 4.0), y_true, y_prob, 1.0, 4.0)
    assert_best(kata.best_threshold(y_true, y_prob, 4.0, 1.0), y_true, y_prob, 4.0, 1.0)
    for costs in UNEQUAL_COSTS:
        assert_best(kata.best_threshold(*distinct, *costs), *distinct, *costs)


def test_threshold_is_reached(kata):
    """A probability that equals the threshold is called positive, and the threshold is one of the probabilities."""
    for y_prob, threshold in [([0.3, 0.7], 0.7), ([0.0, 1.0], 1.0), ([0.123, 0.124], 0.124)]:
        assert_equal(kata.best_threshold(np.array([0, 1]), np.array(y_prob), 1.0, 1.0).threshold, threshold)
    # A threshold of 0 calls both positive: one false positive.
    assert_equal(kata.best_threshold(np.array([1, 0]), np.array([0.0, 0.5]), 1.0, 3.0).threshold, 0.0)


def test_tied_probabilities(kata, tied):
    """Tied probabilities are called together, whatever the order of the rows."""
    for y_true in ([0, 1, 1], [1, 1, 0]):
        choice = kata.best_threshold(np.array(y_true), np.array([0.5, 0.5, 0.5]), 3.0, 2.0)
        assert_close(choice.cost, 3.0)
        assert_equal(choice.threshold, 0.5)
    # Two false negatives cost less here than the false positive.
    choice = kata.best_threshold(np.array([0, 1, 1]), np.array([0.5, 0.5, 0.5]), 5.0, 2.0)
    assert_close(choice.cost, 4.0)
    assert_equal(choice.threshold, np.inf)
    for costs in UNEQUAL_COSTS:
        assert_best(kata.best_threshold(*tied, *costs), *tied, *costs)


def test_nothing_and_everything_positive(kata):
    """The threshold may be inf, which calls nothing positive, or the lowest probability, which calls all positive."""
    y_true, y_prob = np.array([0, 0, 1, 0, 1]), np.array([0.7, 0.6, 0.4, 0.9, 0.2])
    nothing = kata.best_threshold(y_true, y_prob, 5.0, 2.0)
    assert_equal(nothing.threshold, np.inf)
    assert_close(nothing.cost, 4.0)
    everything = kata.best_threshold(y_true, y_prob, 1.0, 5.0)
    assert_equal(everything.threshold, 0.2)
    assert_close(everything.cost, 3.0)


def test_several_thresholds_of_lowest_cost(kata, tied):
    """On a tie in cost the highest threshold wins."""
    y_true, y_prob = np.array([1, 0, 1, 0]), np.array([0.8, 0.6, 0.4, 0.2])
    # One error at 0.8, and one at 0.4; both of these cost 1.
    assert_equal(kata.best_threshold(y_true, y_prob, 1.0, 1.0).threshold, 0.8)
    assert_equal(kata.best_threshold(np.array([0, 1]), np.array([0.6, 0.4]), 2.0, 2.0).threshold, np.inf)
    # Costs that are close are no tie.
    close = kata.best_threshold(np.array([0, 1]), np.array([0.6, 0.4]), 999_999.0, 1_000_000.0)
    assert_equal(close.threshold, 0.4)
    for costs in [(1.0, 1.0), (1.0, 2.0), (2.0, 1.0)]:
        assert_best(kata.best_threshold(*tied, *costs), *tied, *costs)


def test_one_class(kata):
    """With negatives alone the threshold is inf, with positives alone the lowest probability if missing them costs."""
    for y_prob in (np.array([0.3, 0.8, 0.6]), np.array([0.3])):
        for label, threshold in [(0, np.inf), (1, 0.3)]:
            choice = kata.best_threshold(np.full(len(y_prob), label), y_prob, 3.0, 2.0)
            assert_equal(choice.threshold, threshold)
            assert_close(choice.cost, 0.0)


def test_free_errors(kata):
    """One cost may be 0. The Bayes threshold is then 0 or 1; the best one is still the highest of the lowest cost."""
    assert_close(kata.bayes_threshold(0.0, 2.5), 0.0)
    assert_close(kata.bayes_threshold(2.5, 0.0), 1.0)
    y_prob = np.array([0.1, 0.3, 0.6, 0.8])
    # Both classes mixed, then apart, then one alone.
    for labels in ([0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]):
        y_true = np.array(labels)
        assert_best(kata.best_threshold(y_true, y_prob, 0.0, 2.5), y_true, y_prob, 0.0, 2.5)
        assert_best(kata.best_threshold(y_true, y_prob, 2.5, 0.0), y_true, y_prob, 2.5, 0.0)


def test_bad_costs(kata):
    """A negative cost, or two costs of 0, raises ValueError."""
    for cost_fp, cost_fn in [(-1.0, 2.0), (2.0, -1.0), (-1.0, -2.0), (0.0, 0.0)]:
        with pytest.raises(ValueError):
            kata.bayes_threshold(cost_fp, cost_fn)
        for labels in ([0, 1], [0, 0], [1, 1]):
            with pytest.raises(ValueError):
                kata.best_threshold(np.array(labels), np.array([0.2, 0.7]), cost_fp, cost_fn)


def test_many_probabilities(kata, rng):
    """100,000 probabilities take n log n time."""
    # From rank 60,000 up three in four are positive, below that one in four: for costs of 1 and 1 that is the cut.
    rank = rng.permutation(100_000)
    y_true = np.where(rank >= 60_000, rank % 4 != 3, rank % 4 == 0).astype(int)
    choice = kata.best_threshold(y_true, rank / 2**17, 1.0, 1.0)
    assert_equal(choice.threshold, 60_000 / 2**17)
    assert_close(choice.cost, 25_000.0)


@strict
def test_close_probabilities(kata):
    """Probabilities are tied only if they are equal."""
    for gap in (1e-5, 1e-9, 2.0**-52):
        y_prob = 0.5 + np.array([0.0, gap])
        choice = kata.best_threshold(np.array([0, 1]), y_prob, 1.0, 1.0)
        assert_close(choice.cost, 0.0)
        assert_equal(choice.threshold, y_prob[1])


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8], ids=["uint8", "int8"])
def test_integers(kata, kind):
    """Labels may be integers of any type, costs too, and so may the probabilities 0 and 1."""
    y_true, y_prob, whole = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.2, 0.6, 0.7, 0.1]), np.array([1, 0, 1, 1, 0])
    assert_close(kata.bayes_threshold(1, 3), 0.25)
    assert_best(kata.best_threshold(y_true.astype(kind), whole.astype(kind), 1, 5), y_true, whole, 1, 5)
    # Costs, and numbers of samples, that eight bits do not hold.
    assert_best(kata.best_threshold(y_true.astype(kind), y_prob, 300, 500), y_true, y_prob, 300, 500)
    y_true, y_prob = np.tile(y_true, 150), np.tile(y_prob, 150)
    assert_best(kata.best_threshold(y_true.astype(kind), y_prob, 2, 3), y_true, y_prob, 2, 3)


@strict
def test_bad_samples(kata):
    """A label that is not 0 or 1, and a value that is not a probability, raise ValueError."""
    for y_true in ([0, 1, 2], [-1, 1, 1], [0.0, 0.5, 1.0], [0.0, 1.0, np.nan], [0, 1, 1 - 1e-9]):
        assert_rejected(kata, y_true, [0.1, 0.2, 0.3])
    for p in (-0.01, 1.01, -1e-9, 1 + 1e-9, 3.0, np.inf, np.nan):
        assert_rejected(kata, [0, 1, 0], [0.1, p, 0.3])


@strict
def test_lengths(kata):
    """Labels and probabilities of different lengths raise ValueError."""
    for y_true, y_prob in [([0, 1, 1], [0.1, 0.2]), ([0, 1], [0.1, 0.2, 0.3]), ([0, 1], [0.1])]:
        assert_rejected(kata, y_true, y_prob)


def workload(kata, rng, n):
    y_prob = rng.random(n + 1)
    y_true = (rng.random(n + 1) < y_prob).astype(int)
    # Half of the probabilities are rounded, so that some are tied; costs are whole numbers, so that ties are exact.
    y_prob = np.where(rng.random(n + 1) < 0.5, np.round(y_prob, 1), y_prob)
    cost_fp, cost_fn = rng.integers(1, 6, size=2).astype(float).tolist()
    nobody = np.zeros(n + 1, dtype=int)
    return (
        kata.bayes_threshold(cost_fp, cost_fn),
        kata.best_threshold(y_true, y_prob, cost_fp, cost_fn),
        kata.best_threshold(1 - y_true, y_prob, cost_fp, cost_fn),
        kata.best_threshold(nobody, y_prob, cost_fp, cost_fn),
    )


def picture(kata, rng):
    y_prob = rng.uniform(size=300)
    y_true = (rng.random(300) < y_prob).astype(int)
    thresholds = np.linspace(0, 1, 101)
    series = []
    for cost_fp, cost_fn in ((1.0, 4.0), (2.0, 1.0)):
        costs = [
            cost_fp * np.sum((y_true == 0) & (y_prob >= t)) + cost_fn * np.sum((y_true == 1) & (y_prob < t))
            for t in thresholds
        ]
        best, bayes = kata.best_threshold(y_true, y_prob, cost_fp, cost_fn), kata.bayes_threshold(cost_fp, cost_fn)
        name = f"fp {cost_fp:g}, fn {cost_fn:g}: Bayes {bayes:.2f}"
        series += [Line(thresholds, costs, name), Points([best.threshold], [best.cost], f"best: {best.threshold:.2f}")]
    return [
        Panel(
            "Cost by threshold",
            "threshold",
            "total cost",
            series,
            note="The probabilities are calibrated, so the best threshold is near that of Bayes.",
        )
    ]


MISTAKES = {
    "the costs swapped": ("return cost_fp / (cost_fp + cost_fn)", "return cost_fn / (cost_fp + cost_fn)"),
    "odds for a probability": (
        "return cost_fp / (cost_fp + cost_fn)",
        "return min(cost_fp / cost_fn, 1.0) if cost_fn else 1.0",
    ),
    "always one half": ("return cost_fp / (cost_fp + cost_fn)", "return 0.5"),
    "a free error is refused": (
        "if cost_fp < 0 or cost_fn < 0 or cost_fp == cost_fn == 0:",
        "if cost_fp <= 0 or cost_fn <= 0:",
    ),
    "a negative cost passes": ("if cost_fp < 0 or cost_fn < 0 or", "if cost_fp + cost_fn < 0 or"),
    "two costs of 0 pass": (
        " or cost_fp == cost_fn == 0:",
        ":\n        raise ValueError\n    if False:",
    ),
    "the costs of the errors swapped": (
        "cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)",
        "cost_fn * fp + cost_fp * (tp[-1] - tp), np.inf)",
    ),
    "the costs are ignored": ("cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)", "fp + (tp[-1] - tp), np.inf)"),
    "false positives alone": ("cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)", "cost_fp * fp, np.inf)"),
    "right decisions cost too": (
        "cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)",
        "cost_fp * fp + cost_fn * tp, np.inf)",
    ),
    "rates for numbers": (
        "cost_fp * fp + cost_fn * (tp[-1] - tp), np.inf)",
        "cost_fp * fp / max(fp[-1], 1) + cost_fn * (1 - tp / max(tp[-1], 1)), np.inf)",
    ),
    "the mean cost": ("float(costs[best]))\n\n\ndef _check", "float(costs[best]) / len(y_true))\n\n\ndef _check"),
    "the Bayes threshold, calibrated or not": (
        "    best = np.argmin(costs)  # the first",
        "    best = np.flatnonzero(last_of_ties & (thresholds >= cost_fp / (cost_fp + cost_fn)))[-1]  # the first",
    ),
    "the best Youden index": (
        "    best = np.argmin(costs)  # the first",
        "    best = np.argmax(np.where(last_of_ties, tp / max(tp[-1], 1) - fp / max(fp[-1], 1), -2))  # the first",
    ),
    "one threshold a row": ("np.append(thresholds[1:] != thresholds[:-1], True)", "np.ones(len(thresholds), bool)"),
    "a threshold before its ties are called": (
        "np.append(thresholds[1:] != thresholds[:-1], True)",
        "np.append(True, thresholds[1:] != thresholds[:-1])",
    ),
    "a threshold has to be passed": (
        "Choice(float(thresholds[best]), float(costs[best]))\n\n\ndef _check",
        "Choice(float(np.append(thresholds, 0.0)[best + 1]), float(costs[best]))\n\n\ndef _check",
    ),
    "a threshold halfway to the next probability": (
        "Choice(float(thresholds[best]), float(costs[best]))\n\n\ndef _check",
        "Choice(float(np.append(thresholds, 0.0)[best : best + 2].mean()), float(costs[best]))\n\n\ndef _check",
    ),
    "something is always positive": (
        "    best = np.argmin(costs)  # the first",
        "    costs[0] = np.inf\n    best = np.argmin(costs)  # the first",
    ),
    "something is always negative": (
        "    best = np.argmin(costs)  # the first",
        "    costs[-1] = np.inf\n    best = np.argmin(costs)  # the first",
    ),
    "nothing positive is a threshold of 1": ("np.append(np.inf, y_prob[order])", "np.append(1.0, y_prob[order])"),
    "the lowest of several": (
        "    best = np.argmin(costs)  # the first",
        "    best = np.flatnonzero(costs == costs.min())[-1]  # the first",
    ),
    "the highest cost": (
        "    best = np.argmin(costs)  # the first",
        "    best = np.argmax(np.where(last_of_ties, costs, -1))  # the first",
    ),
    "thresholds to the percent": (
        "    order = np.argsort(y_prob)[::-1]\n",
        "    y_prob = np.round(y_prob, 2)\n    order = np.argsort(y_prob)[::-1]\n",
    ),
    "indices for thresholds": (
        "Choice(float(thresholds[best]), float(costs[best]))\n\n\ndef _check",
        "Choice(float(best), float(costs[best]))\n\n\ndef _check",
    ),
    "every threshold looks at every sample": (
        "    order = np.argsort(y_prob)[::-1]\n",
        (
            "    found = []\n"
            "    for t in np.append(np.unique(y_prob), np.inf):\n"
            "        fp, missed = (~positive & (y_prob >= t)).sum(), (positive & (y_prob < t)).sum()\n"
            "        found.append((cost_fp * fp + cost_fn * missed, -t))\n"
            "    return Choice(-min(found)[1], min(found)[0])\n"
            "    order = np.argsort(y_prob)[::-1]\n"
        ),
    ),
    "costs cut to whole numbers": (
        "costs = np.where(last_of_ties, cost_fp * fp",
        "cost_fp, cost_fn = int(cost_fp), int(cost_fn)\n    costs = np.where(last_of_ties, cost_fp * fp",
    ),
    "one class is refused": (
        "    positive = y_true == 1\n",
        "    positive = y_true == 1\n    if positive.all() or not positive.any():\n        raise ValueError\n",
    ),
}

STRICT_MISTAKES = {
    "whole numbers divided to the floor": (
        "return cost_fp / (cost_fp + cost_fn)",
        "return cost_fp // (cost_fp + cost_fn) if isinstance(cost_fp, int) else cost_fp / (cost_fp + cost_fn)",
    ),
    "close probabilities are tied": (
        "np.append(thresholds[1:] != thresholds[:-1], True)",
        "np.append(~np.isclose(thresholds[1:], thresholds[:-1]), True)",
    ),
    "labels near 0 or 1 pass": (
        "(positive | (y_true == 0)).all()",
        "(np.isclose(y_true, 1) | np.isclose(y_true, 0)).all()",
    ),
    "a little outside of 0 to 1 passes": (
        "((y_prob >= 0) & (y_prob <= 1)).all()",
        "((y_prob > -1e-6) & (y_prob < 1 + 1e-6)).all()",
    ),
    "positives counted in eight bits": (
        "np.append(0, np.cumsum(called[order])) for called in (positive, ~positive))",
        (
            "np.append(0, np.cumsum(called[order], dtype=np.uint8 if y_true.dtype == np.uint8 else int)).astype(int)\n"
            "        for called in (positive, ~positive))"
        ),
    ),
    "a cost in eight bits": (
        "costs = np.where(last_of_ties, cost_fp * fp",
        "cost_fn = (cost_fn * np.ones_like(y_true[:1]))[0]\n    costs = np.where(last_of_ties, cost_fp * fp",
    ),
    "any label but 1 is negative": ("(positive | (y_true == 0)).all()", "True"),
    "scores outside of 0 to 1 pass": ("((y_prob >= 0) & (y_prob <= 1)).all()", "not np.isnan(y_prob).any()"),
    "a NaN probability passes": (
        "if not ((y_prob >= 0) & (y_prob <= 1)).all():",
        "if (y_prob < 0).any() or (y_prob > 1).any():",
    ),
    "surplus labels are ignored": ("if len(y_true) != len(y_prob):", "if len(y_true) < len(y_prob):"),
}
