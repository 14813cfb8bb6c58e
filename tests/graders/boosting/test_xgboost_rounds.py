from collections import namedtuple

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, assert_equal, strict

Stumps = namedtuple("Stumps", "base_margin features thresholds left right")  # noqa: PYI024 - the kata's own has its fields


def sigmoid(margin):
    return 1 / (1 + np.exp(-margin))


def leaf(p, y, members, reg_lambda):
    """Return the weight of a leaf, without eta, and its score."""
    grad, hess = (p - y)[members].sum(), (p * (1 - p))[members].sum()
    return -grad / (hess + reg_lambda), grad**2 / (hess + reg_lambda)


def fitted(X, y, n_rounds, eta=0.3, reg_lambda=1.0):
    """Do what the definition says, one threshold after the other.

    Say also whether the largest gain of each round was above 0 and led by so much that rounding decides nothing.
    """
    margin = base_margin = np.log((y == 1).sum() / (y == 0).sum())
    rounds, clear = [], True
    for _ in range(n_rounds):
        p = sigmoid(margin * np.ones(len(y)))
        weight, score = leaf(p, y, np.ones(len(y), dtype=bool), reg_lambda)
        candidates = [(0.0, 0, np.inf, weight, weight)]
        for feature, column in enumerate(X.T):
            values = np.unique(column)
            for threshold in (values[:-1] + values[1:]) / 2:
                sides = [leaf(p, y, side, reg_lambda) for side in (column < threshold, column > threshold)]
                gain = sides[0][1] + sides[1][1] - score
                candidates.append((gain, feature, threshold, sides[0][0], sides[1][0]))
        gain, feature, threshold, left, right = max(candidates, key=lambda each: each[0])
        clear = clear and gain > 1e-6 and sum(each[0] > gain - 1e-7 - 1e-6 * gain for each in candidates) == 1
        margin = margin + eta * np.where(X[:, feature] < threshold, left, right)
        rounds.append((feature, threshold, eta * left, eta * right))
    return Stumps(base_margin, *np.array(rounds).T), clear


def defined(*case, **parameters):
    return fitted(*case, **parameters)[0]


def drawn(rng, n, n_features, n_rounds, **parameters):
    """Draw features that know something of the label, until no round has a tie."""
    while True:
        y = rng.permutation(np.arange(n) < n // 3).astype(float)
        X = (rng.normal(size=(n, n_features)) + y[:, None]).round(1) * 10.0 ** rng.integers(-2, 3, size=n_features)
        if fitted(X, y, n_rounds, **parameters)[1]:
            return X, y


def assert_stumps(actual, expected):
    # Wide enough for a small eps beside a denominator.
    for field in ("base_margin", "thresholds", "left", "right"):
        assert_close(getattr(actual, field), getattr(expected, field), rtol=1e-7)
    assert_close(actual.features, expected.features)


def numbered(y):
    """Return the labels, and a feature that numbers the samples from 1."""
    y = np.array(y, dtype=float)
    return np.arange(1.0, len(y) + 1)[:, None], y


def test_base_margin(kata):
    """The base margin is the log-odds of the mean label: log(share of ones / share of zeros)."""
    for labels, base_margin in [([0, 1, 1, 1], np.log(3)), ([1, 0], 0.0), ([0] * 299 + [1], -np.log(299))]:
        X, y = numbered(labels)
        assert_close(kata.fit_xgboost(X, y, 1).base_margin, base_margin)
        assert_close(kata.fit_xgboost(X, y.astype(int), 2, eta=0.1, reg_lambda=7.0).base_margin, base_margin)


def test_first_round(kata, rng):
    """The first stump has the largest gain of all. Its weights are -eta * G / (H + reg_lambda)."""
    # Every grad is 1/2 or -1/2 and every hess 1/4. G is 1, then -1, and H 1/2 on either side of the second feature.
    X = np.array([[5.0, 4.0], [5.0, 2.0], [7.0, 2.0], [7.0, 9.0]])
    y = np.array([1.0, 0.0, 0.0, 1.0])
    assert_stumps(kata.fit_xgboost(X, y, 1), Stumps(0.0, [1], [3.0], [-0.2], [0.2]))
    # Equal values stay together: 1/2 / (3/4 + 1) and 1/2 / (1/4 + 1) behind the first.
    X, y = np.array([[1.0], [2.0], [2.0], [2.0]]), np.array([1.0, 1.0, 0.0, 0.0])
    assert_stumps(kata.fit_xgboost(X, y, 1), Stumps(0.0, [0], [1.5], [0.12], [-0.3 / 3.5]))
    for labels in ([0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0]):
        X, y = numbered(labels)
        assert_stumps(kata.fit_xgboost(X, y, 1), defined(X, y, 1))
    for n, n_features in [(9, 1), (6, 7)]:
        X, y = drawn(rng, n, n_features, 1)
        for sign in (1, -1):
            stumps = kata.fit_xgboost(sign * X, y, 1)
            assert_stumps(stumps, defined(sign * X, y, 1))
            assert_equal(np.asarray(stumps.features).dtype.kind in "iu", True)


def test_rounds(kata, rng):
    """Each round takes grad and hess at the margins to which all rounds before have added their weights."""
    X, y = numbered([0, 1])
    # After a step of 0.3 * 0.5 / 1.25 each way.
    p = sigmoid(-0.12)
    weight = 0.3 * p / (p * (1 - p) + 1)
    assert_stumps(kata.fit_xgboost(X, y, 2), Stumps(0.0, [0, 0], [1.5, 1.5], [-0.12, -weight], [0.12, weight]))
    for n_rounds in (2, 5):
        X, y = drawn(rng, 13, 2, n_rounds)
        assert_stumps(kata.fit_xgboost(X, y, n_rounds), defined(X, y, n_rounds))
    # Few positives: most of the samples have a small hess.
    X, y = np.sin(np.arange(100.0))[:, None], np.zeros(100)
    y[[14, 77]] = 1
    assert_stumps(kata.fit_xgboost(X, y, 3), defined(X, y, 3))


def test_parameters(kata, rng):
    """Weights are multiplied by eta, and reg_lambda is in the gain and in the weights. It may be 0."""
    X, y = numbered([0, 1, 1])
    # p = 2/3: G is 2/3 and -2/3, H is 2/9 and 4/9.
    stumps = kata.fit_xgboost(X, y, 1, eta=0.1, reg_lambda=2.0)
    assert_stumps(stumps, Stumps(np.log(2), [0], [1.5], [-0.1 * (2 / 3) / (20 / 9)], [0.1 * (2 / 3) / (22 / 9)]))
    # With more reg_lambda a small leaf of ones gains less. With very much all gains are small, and still above 0.
    X, y = numbered([0, 0, 0, 0, 0, 1, 0, 0, 1, 1])
    for reg_lambda, threshold in [(0.0, 8.5), (0.25, 8.5), (1.0, 5.5), (4.0, 5.5), (3e5, 5.5)]:
        expected = defined(X, y, 2, eta=0.3, reg_lambda=reg_lambda)
        assert_equal(expected.thresholds[0], threshold)
        assert_stumps(kata.fit_xgboost(X, y, 2, reg_lambda=reg_lambda), expected)
    # A second round, off balance, in which a split gains less than the whole scores.
    X, y = np.array([0.0, 0.0, 0.0, 2.0, 2.0, 1.0, 0.0])[:, None], np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    assert_stumps(kata.fit_xgboost(X, y, 2, 1.0, 0.1), defined(X, y, 2, eta=1.0, reg_lambda=0.1))
    for eta, reg_lambda in [(1.0, 1.0), (0.5, 0.0), (0.05, 8.0)]:
        X, y = drawn(rng, 12, 2, 3, eta=eta, reg_lambda=reg_lambda)
        assert_stumps(kata.fit_xgboost(X, y, 3, eta, reg_lambda), defined(X, y, 3, eta=eta, reg_lambda=reg_lambda))


def test_ties(kata):
    """A tie goes to the lower feature, then to the lower threshold."""
    # With as many ones as zeros no number is rounded. The outer two thresholds have the same gain.
    X, y = numbered([0, 1, 0, 1])
    for columns in (X, np.hstack([X, X]), np.hstack([-X, X]), np.hstack([0 * X, 9 - 2 * X, X, 3 * X])):
        stumps, n_constant = kata.fit_xgboost(columns, y, 1), int(columns.shape[1] == 4)
        values = np.unique(columns[:, n_constant])
        assert_close(stumps.features, [n_constant])
        assert_close(stumps.thresholds, [(values[0] + values[1]) / 2])
    # One cut is the best of either feature: it comes late in the order of the first, and early in that of the second.
    X, y = numbered([0, 0, 1, 1, 0, 1])
    for columns, threshold in ((np.hstack([-X, X]), -2.5), (np.hstack([X, -X]), 2.5)):
        stumps = kata.fit_xgboost(columns, y, 1)
        assert_close(stumps.features, [0])
        assert_close(stumps.thresholds, [threshold])


def test_no_gain(kata):
    """If no gain is above 0, all samples are in one leaf, and the next round follows."""
    y = np.array([0.0, 1.0, 1.0, 1.0, 1.0])
    for X in (np.full((5, 2), 3.0), np.repeat([[2.0, -1.0, 0.0]], 5, axis=0)):
        # At the base margin G is 0.
        expected = Stumps(np.log(4), [0, 0], [np.inf, np.inf], [0.0, 0.0], [0.0, 0.0])
        assert_stumps(kata.fit_xgboost(X, y, 2), expected)
        assert_close(kata.predict_proba(kata.fit_xgboost(X, y, 3), X), np.full(5, 0.8))
    # A small reg_lambda and an eta of 1 go too far at first. Then no split pays, but the whole is far off 0.
    X, y = np.array([1.0, 2.0, 1.0, 2.0, 1.0, 0.0, 0.0])[:, None], np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    for columns in (X, np.hstack([np.ones((7, 1)), X])):
        for n_rounds in (2, 4):
            expected = defined(columns, y, n_rounds, eta=1.0, reg_lambda=0.02)
            assert_equal(expected.thresholds[1], np.inf)
            assert_stumps(kata.fit_xgboost(columns, y, n_rounds, eta=1.0, reg_lambda=0.02), expected)
    # Of four corners no single question tells the ones from the zeros.
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    assert_close(kata.predict_proba(kata.fit_xgboost(X, y, 3), X), np.full(4, 0.5))


def test_one_class(kata):
    """Labels that are all equal raise ValueError: their log-odds are infinite."""
    for y in (np.zeros(4), np.ones(4), np.ones(4, dtype=int), np.zeros(1)):
        with pytest.raises(ValueError):
            kata.fit_xgboost(np.arange(len(y) * 1.0)[:, None], y, 3)


def test_predict_proba(kata, rng):
    """The margin is the base margin plus a weight of each of the first n_rounds stumps: left below the threshold."""
    stumps = Stumps(0.5, np.array([0, 1, 0]), np.array([2.0, 3.0, np.inf]), *np.array([[-1, -2, 0.25], [1.5, 4, 7]]))
    X = np.array([[1.0, 1.0], [2.0, 3.0], [2.5, 2.5]])
    assert_close(kata.predict_proba(stumps, X), sigmoid(np.array([-2.25, 6.25, 0.25])))
    assert_close(kata.predict_proba(stumps, X, 2), sigmoid(np.array([-2.5, 6.0, 0.0])))
    assert_close(kata.predict_proba(stumps, X, 1), sigmoid(np.array([-0.5, 2.0, 2.0])))
    assert_close(kata.predict_proba(stumps, X, n_rounds=0), np.full(3, sigmoid(0.5)))
    features, values = rng.integers(0, 4, size=9), rng.normal(size=(3, 9))
    stumps, X = Stumps(-0.7, features, *values), rng.normal(size=(7, 4))
    for n_rounds in (None, 9, 5, 1):
        taken = list(zip(*stumps[1:], strict=True))[:n_rounds]
        margins = [-0.7 + sum(left if row[f] < t else right for f, t, left, right in taken) for row in X]
        assert_close(kata.predict_proba(stumps, X, n_rounds), sigmoid(np.array(margins)))


def stopped(losses, patience):
    """Look back from each round to the first lowest loss so far."""
    for n in range(1, len(losses) + 1):
        best = losses.index(min(losses[:n]))
        if n - 1 - best == patience:
            break
    return best, losses[best], n


def assert_stopping(actual, best_iteration, best_score, n_rounds):
    assert_equal((actual.best_iteration, actual.n_rounds), (best_iteration, n_rounds))
    assert_close(actual.best_score, best_score)


def through(margins):
    """Return stumps after which a sample at 0 has these margins."""
    steps = np.diff(margins, prepend=0.0)
    zeros = np.zeros(len(steps))
    return Stumps(0.0, zeros.astype(int), zeros, zeros - 1, steps)


@pytest.mark.parametrize(
    ("margins", "patience", "expected"),
    [
        ([1.0, -1.0, 2.0, 3.0], 1, (0, 2)),
        ([1.0, -1.0, 2.0, 3.0], 2, (3, 4)),
        ([1.0, 0.5, 0.25, 0.75, 3.0], 3, (0, 4)),
        ([1.0, 0.5, 0.25, 0.75, 3.0], 4, (4, 5)),
        ([1.0, 2.0, 1.5, 3.0, 2.5, 2.25, 4.0], 2, (3, 6)),
        ([3.0, 2.0, 1.0], 5, (0, 3)),
        ([3.0, 2.0, 1.0], 2, (0, 3)),
        ([-1.0, -2.0, -1.5, -1.25, -3.0], 2, (0, 3)),
        ([-1.0], 1, (0, 1)),
        # A loss that is equal is no better.
        ([2.0, 2.0, 2.0, 3.0], 2, (0, 3)),
        ([1.0, 2.0, 2.0, 1.0, 2.0, 5.0], 3, (1, 5)),
        # Better by 4e-7, and by 4e-6.
        ([1.0, 1.000001, 1.000002, 0.5, 0.25, 2.0], 2, (2, 5)),
        ([1.0, 0.0, 1.00001, 0.5, 0.25, 2.0], 2, (2, 5)),
    ],
)
def test_early_stopping(kata, margins, patience, expected):
    """Training stops after `patience` rounds without a loss below the lowest before. best_iteration counts from 0."""
    expected = (expected[0], np.log1p(np.exp(-margins[expected[0]])), expected[1])
    assert_stopping(kata.early_stopping(through(margins), np.zeros((1, 1)), np.array([1]), patience), *expected)
    # The same on the other side, and with the label 0.
    left = through(margins)._replace(left=-np.diff(margins, prepend=0.0), right=np.zeros(len(margins)))
    assert_stopping(kata.early_stopping(left, -np.ones((1, 1)), np.array([0.0]), patience), *expected)


def test_losses(kata, rng):
    """The loss of a round is the mean log loss under the base margin and all stumps up to that round."""
    # The margins of two ones go from -3 and 0 to -6 and 1, and their mean loss from 1.9 to 3.2.
    stumps = Stumps(0.0, np.array([0, 0]), np.array([0.5, 0.5]), np.array([-3.0, -3.0]), np.array([0.0, 1.0]))
    X, y = np.array([[0.0], [1.0]]), np.array([1, 1])
    assert_stopping(kata.early_stopping(stumps, X, y, 1), 0, (np.log1p(np.exp(3)) + np.log(2)) / 2, 2)
    # From a base margin of -3, both rounds go the right way.
    stumps = Stumps(-3.0, np.array([0, 0]), np.full(2, 0.5), np.zeros(2), np.array([2.0, 1.5]))
    best_score = (np.log1p(np.exp(-0.5)) + np.log1p(np.exp(0.5))) / 2
    assert_stopping(kata.early_stopping(stumps, np.array([[1.0], [2.0]]), np.array([1, 0]), 1), 1, best_score, 2)
    for patience in (1, 2, 4):
        X, y = rng.normal(size=(9, 3)), rng.permutation([1, 1, 1, 0, 0, 0, 0, 0, 0])
        stumps = Stumps(-0.4, rng.integers(0, 3, size=15), *rng.normal(scale=0.4, size=(3, 15)))
        losses = []
        for n_rounds in range(1, 16):
            steps = np.where(X[:, stumps.features] < stumps.thresholds, stumps.left, stumps.right)[:, :n_rounds]
            p = sigmoid(-0.4 + steps.sum(axis=1))
            losses.append(-np.log(np.where(y == 1, p, 1 - p)).mean())
        assert_stopping(kata.early_stopping(stumps, X, y, patience), *stopped(losses, patience))


@strict
def test_small_hess(kata):
    """No hess is raised: without reg_lambda, confident samples still take full steps."""
    X, y = numbered([0, 1])
    expected = defined(X, y, 17, eta=1.0, reg_lambda=0.0)
    assert_stumps(kata.fit_xgboost(X, y, 17, eta=1.0, reg_lambda=0.0), expected)


@strict
def test_gain_of_rounding(kata):
    """A gain that is above 0 by rounding alone is 0."""
    # The same labels on both sides, so G is 0 but for rounding.
    for ones, zeros, repeats in [(2, 3, 2), (3, 2, 1), (1, 4, 3), (2, 4, 3), (4, 2, 2), (2, 5, 1)]:
        y = np.tile([1.0] * ones + [0.0] * zeros, 2 * repeats)
        X = np.repeat([1.0, 2.0], len(y) // 2)[:, None]
        for reg_lambda in (0.0, 1.0):
            stumps = kata.fit_xgboost(X, y, 2, reg_lambda=reg_lambda)
            expected = Stumps(np.log(ones / zeros), [0, 0], [np.inf, np.inf], [0.0, 0.0], [0.0, 0.0])
            assert_stumps(stumps, expected)
    # A gain of 2e-7, which is small and no rounding.
    X, y = numbered([0, 1])
    assert_stumps(kata.fit_xgboost(X, y, 1, reg_lambda=2e6), defined(X, y, 1, reg_lambda=2e6))


@strict
def test_rounded_ties(kata, rng):
    """Gains that differ by rounding alone are ties."""
    for _ in range(3):
        X, y = drawn(rng, 12, 1, 5)
        # The second feature separates the same samples, with the sides exchanged.
        assert_stumps(kata.fit_xgboost(np.hstack([X, -X]), y, 5), defined(X, y, 5))


@strict
def test_large_margins(kata):
    """The losses of early_stopping are right at margins such as 1000, and also where p is 1 but for rounding."""
    X, y = np.zeros((1, 1)), np.array([1])
    for margins, patience, expected in [
        ([-1000.0, -900.0, -950.0, 3.0], 1, (1, 900.0, 3)),
        ([40.0, 50.0, 45.0, 60.0], 1, (1, np.exp(-50.0), 3)),
        ([-40.0, -60.0, -50.0, -39.0], 2, (0, 40.0, 3)),
    ]:
        assert_stopping(kata.early_stopping(through(margins), X, y, patience), *expected)
        mirrored = through([-margin for margin in margins])
        assert_stopping(kata.early_stopping(mirrored, X, 1 - y, patience), *expected)


@strict
@pytest.mark.parametrize("kind", [bool, np.uint8, np.int8])
def test_kinds(kata, kind):
    """Features may be integers of any type, and labels booleans too: nothing wraps around or is truncated."""
    X, y = np.array([[120], [121], [124], [125], [127]]), np.array([0, 0, 1, 0, 1])
    features = X.astype(np.int8 if kind is bool else kind)
    assert_stumps(kata.fit_xgboost(features, y.astype(kind), 3), defined(X, y, 3))
    stumps = through([1.0, -1.0, 0.5])
    for label, expected in [(0, (1, np.log1p(np.exp(-1)), 3)), (1, (0, np.log1p(np.exp(-1)), 2))]:
        stopping = kata.early_stopping(stumps, 0 * features[:1], np.array([label]).astype(kind), 1)
        assert_stopping(stopping, *expected)


def workload(kata, rng, n):
    """Four features, one of few values, of which two know something of the label; half of n samples watch."""
    n = max(n, 4)
    X = rng.normal(size=(2 * n, 4))
    X[:, 2] = np.round(X[:, 2])
    y = (X[:, 0] + X[:, 2] + rng.normal(size=2 * n) > 0.5).astype(int)
    y[:2] = 0, 1
    stumps = kata.fit_xgboost(X[:n], y[:n], 10, 0.5, 0.5)
    return (
        stumps,
        kata.predict_proba(stumps, X[n:]),
        kata.predict_proba(stumps, X[n:], 3),
        kata.early_stopping(stumps, X[n:], y[n:], 2),
    )


def picture(kata, rng):
    """Draw what the rounds make of one feature, and the losses that early stopping watches."""
    n = 400
    x = rng.uniform(-3, 3, size=2 * n)
    y = (rng.random(2 * n) < sigmoid(2 * np.sin(1.5 * x))).astype(int)
    stumps = kata.fit_xgboost(x[:n, None], y[:n], 120)
    stopping = kata.early_stopping(stumps, x[n:, None], y[n:], 10)
    grid = np.linspace(-3, 3, 241)
    rounds = np.arange(1, 121)

    def losses(part):
        p = [kata.predict_proba(stumps, x[part, None], t) for t in rounds]
        return [-np.log(np.where(y[part] == 1, each, 1 - each)).mean() for each in p]

    return [
        Panel(
            "Probability of label 1",
            "x",
            "p",
            [
                Line(grid, sigmoid(2 * np.sin(1.5 * grid)), "truth", faint=True),
                *(Line(grid, kata.predict_proba(stumps, grid[:, None], t), f"{t} rounds") for t in (1, 10, 120)),
            ],
            note="Each round adds one step. Many rounds follow single samples.",
        ),
        Panel(
            "Mean log loss",
            "rounds",
            "loss",
            [
                Line(rounds, losses(slice(0, n)), "training"),
                Line(rounds, losses(slice(n, None)), "other samples"),
                Mark(stopping.best_iteration + 1),
            ],
            note="Early stopping takes the rounds up to the mark.",
        ),
    ]


WEIGHTS = "weights = [-eta * grad / (hess + reg_lambda) for grad, hess in (left, right)]"
GAINS = "gains = (children - _score(whole, reg_lambda)).round(9)"
CHILDREN = "children = _score(lefts, reg_lambda) + _score(whole[:, np.newaxis] - lefts, reg_lambda)"
BASE = "base_margin = np.log(mean / (1 - mean))"
SCORE = "return sums[0] ** 2 / (sums[1] + reg_lambda)"
UPDATE = "margin += np.where(X[:, feature] < threshold, *weights)"
TAKEN = "best = gains.argmax()"
PAYS = "if gains.max(initial=0) > 0:"
STEPS = "np.where(X[:, stumps.features] < stumps.thresholds, stumps.left, stumps.right)"
PREDICTED = "margin = stumps.base_margin + _steps(stumps, X)[:, :n_rounds].sum(axis=1)"
LOSSES = "losses = np.logaddexp(0, np.where(y[:, np.newaxis] == 1, -margins, margins)).mean(axis=0)"
STOPPED = "Stopping(best, float(losses[best]), current + 1)"
MISTAKES = {
    "the base margin is 0": (BASE, "base_margin = 0.0"),
    "the base margin is the mean itself": (BASE, "base_margin = mean"),
    "the base margin is the log of the mean": (BASE, "base_margin = np.log(mean)"),
    "the base margin has eta": (BASE, "base_margin = eta * np.log(mean / (1 - mean))"),
    "the base margin is one step from 0": (BASE, "base_margin = 4 * (mean - 0.5)"),
    "the base margin is returned and not used": ("np.full(len(y), base_margin)", "np.zeros(len(y))"),
    "the base margin clips the mean": (
        BASE,
        "mean = np.clip(mean, 0.01, 0.99)\n    base_margin = np.log(mean / (1 - mean))",
    ),
    "one class is no error": ("if not 0 < mean < 1:", "if not 0 <= mean <= 1:"),
    "only a class without ones is an error": ("if not 0 < mean < 1:", "if not 0 < mean <= 1:"),
    "the gradient has the other sign": ("np.stack([p - y, p * (1 - p)])", "np.stack([y - p, p * (1 - p)])"),
    "no second derivative, as in gradient boosting": (
        "np.stack([p - y, p * (1 - p)])",
        "np.stack([p - y, np.ones(len(y))])",
    ),
    "hess is p": ("np.stack([p - y, p * (1 - p)])", "np.stack([p - y, p])"),
    "the splits are found without the second derivative": [
        (
            "        children = _score",
            (
                "        counts = np.cumsum(np.ones((1, *order.shape)), axis=1)[:, last, features]\n"
                "        for_gain = np.vstack([lefts[:1], counts])\n"
                "        all_of_it = np.array([whole[0], len(y)])\n"
                "        children = _score"
            ),
        ),
        (
            "_score(lefts, reg_lambda) + _score(whole[:, np.newaxis] - lefts, reg_lambda)",
            "_score(for_gain, reg_lambda) + _score(all_of_it[:, np.newaxis] - for_gain, reg_lambda)",
        ),
        (GAINS, GAINS.replace("whole", "all_of_it")),
    ],
    "grad and hess of the first round in all rounds": (
        "    for _ in range(n_rounds):\n        p = 1 / (1 + np.exp(-margin))",
        "    p = 1 / (1 + np.exp(-margin))\n    for _ in range(n_rounds):",
    ),
    "the margins forget the rounds before the last": (UPDATE, UPDATE.replace("margin +=", "margin = base_margin +")),
    "the margins move by the weights without eta": (
        UPDATE,
        UPDATE.replace("*weights", "*(weight / eta for weight in weights)"),
    ),
    "eta is left out": (WEIGHTS, WEIGHTS.replace("-eta * ", "-")),
    "eta falls from round to round": (WEIGHTS, WEIGHTS.replace("-eta * ", "-eta / (len(rounds) + 1) * ")),
    "the weights have the wrong sign": (WEIGHTS, WEIGHTS.replace("-eta", "eta")),
    "the weights lack reg_lambda": (WEIGHTS, WEIGHTS.replace("(hess + reg_lambda)", "hess")),
    "the weights have twice reg_lambda": (WEIGHTS, WEIGHTS.replace("reg_lambda", "2 * reg_lambda")),
    "reg_lambda is its default in the weights": (WEIGHTS, WEIGHTS.replace("reg_lambda", "1.0")),
    "the gain lacks reg_lambda": (SCORE, "return sums[0] ** 2 / sums[1]"),
    "reg_lambda is its default in the gain": (SCORE, "return sums[0] ** 2 / (sums[1] + 1.0)"),
    "the gain does not square G": (SCORE, "return np.abs(sums[0]) / (sums[1] + reg_lambda)"),
    "the gain is that of the left side": (CHILDREN, "children = _score(lefts, reg_lambda)"),
    "the gain does not subtract the whole": (GAINS, GAINS.replace(" - _score(whole, reg_lambda)", "")),
    "a split has to gain gamma = 1": (PAYS, "if gains.max(initial=0) > 1:"),
    "a split has to gain 1e-4": (PAYS, "if gains.max(initial=0) > 1e-4:"),
    "each side needs a hess of 1, as by default": (
        "        feature, threshold, left = 0, np.inf, whole",
        (
            "        gains[np.minimum(lefts[1], whole[1] - lefts[1]) < 1] = -np.inf\n"
            "        feature, threshold, left = 0, np.inf, whole"
        ),
    ),
    "a split that loses is made": (PAYS, "if gains.size:"),
    "a round without gain ends the fit": (
        "        feature, threshold, left = 0, np.inf, whole",
        "        if gains.max(initial=0) <= 0:\n            break\n        feature, threshold, left = 0, np.inf, whole",
    ),
    "a round without gain adds nothing": (
        WEIGHTS,
        WEIGHTS + "\n        weights = [weight * bool(threshold < np.inf) for weight in weights]",
    ),
    "the right weight of one leaf is 0": (
        "right = whole - left if threshold < np.inf else whole",
        "right = whole - left",
    ),
    "the last of equal gains": (TAKEN, "best = len(gains) - 1 - gains[::-1].argmax()"),
    "the lower threshold before the lower feature": (
        TAKEN,
        "best = min(np.flatnonzero(gains == gains.max()), key=lambda i: thresholds[i])",
    ),
    "the smallest gain": (TAKEN, "best = np.argmin(gains)"),
    "equal values are parted": (
        "np.nonzero((values[:-1] < values[1:]).T)",
        "np.nonzero((values[:-1] <= values[1:]).T)",
    ),
    "thresholds are values of the data": (
        "values[last, features] / 2 + values[last + 1, features] / 2",
        "values[last, features]",
    ),
    "thresholds are the upper values": (
        "values[last, features] / 2 + values[last + 1, features] / 2",
        "values[last + 1, features]",
    ),
    "only the first feature": (
        "np.nonzero((values[:-1] < values[1:]).T)",
        "np.nonzero((values[:-1] < values[1:]).T[:1])",
    ),
    "labels in sorted order, not in that of the feature": (
        "np.cumsum(sums[:, order], axis=1)",
        "np.cumsum(np.broadcast_to(sums[:, :, np.newaxis], (2, *X.shape)), axis=1)",
    ),
    "features are floats": ("table[:, 0].astype(int)", "table[:, 0]"),
    "one round too few": ("for _ in range(n_rounds):", "for _ in range(n_rounds - 1):"),
    "the sides are exchanged at prediction": (STEPS, STEPS.replace("left, stumps.right", "right, stumps.left")),
    "a value at the threshold goes left": (STEPS, STEPS.replace("<", "<=")),
    "prediction lacks the base margin": (PREDICTED, PREDICTED.replace("stumps.base_margin + ", "")),
    "prediction takes all stumps": (PREDICTED, PREDICTED.replace(":n_rounds", ":")),
    "prediction takes one stump more": (PREDICTED, PREDICTED.replace(":n_rounds", ": n_rounds and n_rounds + 1")),
    "0 rounds are all of them": (PREDICTED, PREDICTED.replace(":n_rounds", ": n_rounds or len(stumps.features)")),
    "prediction takes the stump of that number alone": (
        PREDICTED,
        PREDICTED.replace("[:, :n_rounds]", "[:, (n_rounds or 0) - 1 : n_rounds]"),
    ),
    "prediction is a margin": ("    return 1 / (1 + np.exp(-margin))", "    return margin"),
    "prediction is a label": ("    return 1 / (1 + np.exp(-margin))", "    return (margin > 0).astype(float)"),
    "prediction is the probability of label 0": (
        "    return 1 / (1 + np.exp(-margin))",
        "    return 1 / (1 + np.exp(margin))",
    ),
    "an equal loss is better": ("if loss < losses[best]:", "if loss <= losses[best]:"),
    "a loss has to be better by 1e-5": ("if loss < losses[best]:", "if loss < losses[best] - 1e-5 * bool(current):"),
    "a loss is compared with the one before": ("if loss < losses[best]:", "if loss < losses[current - 1]:"),
    "one round more of patience": ("if current - best == patience:", "if current - best == patience + 1:"),
    "one round less of patience": ("if current - best == patience:", "if current - best == patience - 1:"),
    "rounds without improvement are counted for good": [
        ("    best = 0\n", "    best = worse = 0\n"),
        ("        if current - best == patience:", "        worse += current != best\n        if worse == patience:"),
    ],
    "the best of all rounds": ("        if current - best == patience:\n            break\n", ""),
    "rounds are counted from 1": (STOPPED, "Stopping(best + 1, float(losses[best]), current + 1)"),
    "n_rounds is the last round": (STOPPED, "Stopping(best, float(losses[best]), current)"),
    "n_rounds is what the best model needs": (STOPPED, "Stopping(best, float(losses[best]), best + 1)"),
    "best_iteration is the last round": (STOPPED, "Stopping(current, float(losses[best]), current + 1)"),
    "best_score is the last loss": (STOPPED, "Stopping(best, float(losses[current]), current + 1)"),
    "best_score is the negative loss": (STOPPED, "Stopping(best, -float(losses[best]), current + 1)"),
    "best_score is a sum": (STOPPED, "Stopping(best, float(losses[best]) * len(y), current + 1)"),
    "early stopping watches errors": (LOSSES, "losses = ((margins > 0) != y[:, np.newaxis]).mean(axis=0)"),
    "early stopping watches the Brier score": (
        LOSSES,
        "losses = ((1 / (1 + np.exp(-margins)) - y[:, np.newaxis]) ** 2).mean(axis=0)",
    ),
    "early stopping watches the positives": (
        LOSSES,
        "losses = (y[:, np.newaxis] * np.logaddexp(0, -margins)).mean(axis=0)",
    ),
    "early stopping watches the worst sample": (LOSSES, LOSSES.replace("mean", "max")),
    "early stopping watches the median": (
        LOSSES,
        "losses = np.median(np.logaddexp(0, margins) - y[:, np.newaxis] * margins, axis=0)",
    ),
    "early stopping starts at a margin of 0": ("stumps.base_margin + np.cumsum(", "np.cumsum("),
    "early stopping looks at each stump alone": (
        "np.cumsum(_steps(stumps, X), axis=1)",
        "_steps(stumps, X)",
    ),
    "the loss before the first round counts": (
        "    best = 0\n",
        (
            "    before = np.logaddexp(0, stumps.base_margin) - y * stumps.base_margin\n"
            "    losses = np.append(before.mean(), losses)\n    best = 0\n"
        ),
    ),
}

STRICT_MISTAKES = {
    "the loss of a large margin cancels": (
        LOSSES,
        "losses = (np.logaddexp(0, margins) - y[:, np.newaxis] * margins).mean(axis=0)",
    ),
    "a gain below 1e-6 is none, as in XGBoost": (PAYS, "if gains.max(initial=0) > 1e-6:"),
    "rounding decides": (GAINS, GAINS.replace(".round(9)", "")),
    "rounding decides between ties alone": (
        GAINS,
        GAINS.replace(".round(9)", "") + "\n        gains = gains * (gains > 1e-9)",
    ),
    "rounding makes a split pay": (PAYS, "if (children > _score(whole, reg_lambda)).any():"),
    "probabilities are clipped": (
        LOSSES,
        (
            "p = np.clip(1 / (1 + np.exp(-margins)), 1e-15, 1 - 1e-15)\n"
            "    losses = -np.log(np.where(y[:, np.newaxis] == 1, p, 1 - p)).mean(axis=0)"
        ),
    ),
    "small whole numbers wrap around": (
        "values[last, features] / 2 + values[last + 1, features] / 2",
        "(values[last, features] + values[last + 1, features]) / 2",
    ),
}
