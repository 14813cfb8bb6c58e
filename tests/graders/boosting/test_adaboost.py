from collections import namedtuple
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

Ensemble = namedtuple("Ensemble", "features thresholds polarities alphas")  # noqa: PYI024 - the kata's own has its fields


def fitted(X, y, n_rounds):
    """Do what the definition says in fractions, which do not round, and look at every stump in every round.

    The sum of the weights of wrong samples becomes 1/2, and that of the right ones too: so alpha is chosen. Say also
    whether no round had a tie or ended the fit, so that rounding decides nothing.
    """
    columns = [column.tolist() for column in X.T]
    stumps = [
        (feature, (lower + upper) / 2, polarity)
        for feature, column in enumerate(columns)
        for lower, upper in pairwise([-np.inf, *sorted(set(column))])
        for polarity in (1, -1)
    ]
    wrong = [[(p if x > t else -p) != label for x, label in zip(columns[f], y, strict=True)] for f, t, p in stumps]
    weights, taken, clear = [Fraction(1, len(y))] * len(y), [], True
    while len(taken) < n_rounds:
        errors = [sum(weight for weight, is_wrong in zip(weights, row, strict=True) if is_wrong) for row in wrong]
        error = min(errors)
        best = errors.index(error)
        clear = clear and errors.count(error) == 1 and 0 < error < Fraction(1, 2)
        if error == Fraction(1, 2):
            break
        if error == 0:
            taken.append((*stumps[best], 1.0))
            break
        taken.append((*stumps[best], np.log(float((1 - error) / error)) / 2))
        weights = [
            weight / (2 * error if is_wrong else 2 * (1 - error))
            for weight, is_wrong in zip(weights, wrong[best], strict=True)
        ]
    return Ensemble(*np.array(taken).reshape(-1, 4).T), clear


def defined(X, y, n_rounds):
    return fitted(X, y, n_rounds)[0]


def drawn_without_ties(rng, n, n_features, n_rounds, digits=1):
    """Draw features that know something of the label, until rounding decides nothing."""
    while True:
        y = rng.permutation(np.where(np.arange(n) < n // 2, 1, -1))
        X = (rng.normal(size=(n, n_features)) + y[:, None] / 2).round(digits)
        if fitted(X, y, n_rounds)[1]:
            return X, y


def assert_ensemble(actual, expected):
    assert_close(actual.features, expected.features)
    assert_close(actual.thresholds, expected.thresholds)
    assert_close(actual.polarities, expected.polarities)
    # Wide enough for an eps of 1e-10 beside the error, as many write it.
    assert_close(actual.alphas, expected.alphas, rtol=1e-6)


def labels(signs):
    """Return the labels that a string of signs stands for."""
    return np.array([1 if sign == "+" else -1 for sign in signs])


def numbered(y):
    """Return a feature that numbers the samples from 1."""
    return np.arange(1.0, len(y) + 1)[:, None]


def test_first_round(kata, rng):
    """The first stump has the lowest error of all features, thresholds and polarities."""
    for n_features in (1, 2, 3):
        X, y = drawn_without_ties(rng, 9, n_features, 1)
        for sign in (1, -1):
            ensemble = kata.fit_adaboost(sign * X, y, 1)
            assert_ensemble(ensemble, defined(sign * X, y, 1))
            assert_equal(np.asarray(ensemble.features).dtype.kind in "iu", True)
    # Values may be small and near one another, or large.
    for unit in (2.0**-20, 2.0**10):
        assert_ensemble(kata.fit_adaboost(X * unit, y, 1), defined(X * unit, y, 1))
    # All of 299 midpoints are tried, also far from 0: one sample is wrong.
    y = labels("-" * 123 + "+" * 100 + "-" + "+" * 76)
    for start in (0.0, 1e6):
        expected = Ensemble([0], [start + 123.5], [1], [np.log(299) / 2])
        assert_ensemble(kata.fit_adaboost(start + numbered(y), y, 1), expected)


def test_alpha(kata):
    """The weight of a stump is alpha = log((1 - error) / error) / 2, for any error between 0 and 1/2."""
    for n in (3, 30, 2000):
        y = np.append(-1, np.ones(n - 1))
        expected = Ensemble([0], [-np.inf], [1], [np.log(n - 1) / 2])
        assert_ensemble(kata.fit_adaboost(np.full((n, 1), 3.0), y, 1), expected)
    # Feature j is wrong on j + 1 samples of its own, so each round takes the next, with an error down to 3e-5.
    y = labels("+-" * 50)
    X = np.repeat(y[:, None] * 1.0, 13, axis=1)
    X[np.arange(91), np.repeat(np.arange(13), np.arange(1, 14))] *= -1
    assert_ensemble(kata.fit_adaboost(X, y, 13), defined(X, y, 13))


def test_weights(kata, rng):
    """After each round the weights are multiplied by exp(-alpha y h) and divided by their sum."""
    for n_rounds in (2, 3, 5):
        X, y = drawn_without_ties(rng, 12, 2, n_rounds)
        assert_ensemble(kata.fit_adaboost(X, y, n_rounds), defined(X, y, n_rounds))
    # The vote of three stumps is right about every sample, and the fit goes on.
    y = labels("--+++----")
    assert_ensemble(kata.fit_adaboost(numbered(y), y, 6), defined(numbered(y), y, 6))


def test_repeated_values(kata, rng):
    """Equal values get the same answer: a threshold lies between two values that differ."""
    y, X = labels("-++++"), np.array([[1.0], [1.0], [3.0], [3.0], [4.0]])
    assert_ensemble(kata.fit_adaboost(X, y, 1), Ensemble([0], [-np.inf], [1], [np.log(4) / 2]))
    X = np.array([[1.0], [3.0], [3.0], [3.0], [1.0], [1.0], [3.0]])
    assert_ensemble(kata.fit_adaboost(X, labels("--++--+"), 1), Ensemble([0], [2.0], [1], [np.log(6) / 2]))
    for n_rounds in (1, 2):
        X, y = drawn_without_ties(rng, 13, 2, n_rounds, digits=0)
        assert_ensemble(kata.fit_adaboost(X, y, n_rounds), defined(X, y, n_rounds))


def test_ties(kata):
    """A tie goes to the lower feature, then to the lower threshold."""
    # Errors of quarters and eighths, which do not round.
    for signs in ("-++-", "+--+", "+-+-++++", "-+-----+"):
        y = labels(signs)
        for factors in ([1], [1, -1], [-1, 2, 1]):
            X = numbered(y) * factors
            assert_ensemble(kata.fit_adaboost(X, y, 1), defined(X, y, 1))


def test_one_label_for_all(kata):
    """A threshold of -inf gives all samples one label, the polarity."""
    y = labels("+-+++++")
    assert_ensemble(kata.fit_adaboost(numbered(y), y, 1), Ensemble([0], [-np.inf], [1], [np.log(6) / 2]))
    assert_ensemble(kata.fit_adaboost(numbered(y), -y, 1), Ensemble([0], [-np.inf], [-1], [np.log(6) / 2]))
    X = np.full((5, 1), 7.0)
    assert_ensemble(kata.fit_adaboost(X, labels("--+--"), 1), Ensemble([0], [-np.inf], [-1], [np.log(4) / 2]))
    # A column of one value has this threshold like any other, and comes first.
    X = np.column_stack([X, numbered(X)])
    assert_ensemble(kata.fit_adaboost(X, labels("--+--"), 1), Ensemble([0], [-np.inf], [-1], [np.log(4) / 2]))
    # In the third round the fewer samples weigh more.
    y = labels("+----++")
    for sign in (1, -1):
        assert_ensemble(kata.fit_adaboost(numbered(y), sign * y, 3), defined(numbered(y), sign * y, 3))


def test_no_error(kata):
    """A stump without error is taken with alpha = 1, and ends the fit."""
    for n_left in (2, 3, 5):
        y = labels("-" * n_left + "++++")
        for sign in (1, -1):
            expected = Ensemble([0], [sign * (n_left + 0.5)], [sign], [1.0])
            for n_rounds in (1, 4):
                assert_ensemble(kata.fit_adaboost(sign * numbered(y), y, n_rounds), expected)
        # The second feature alone tells the label.
        X = np.column_stack([np.zeros(len(y)), numbered(y)])
        assert_ensemble(kata.fit_adaboost(X, y, 4), Ensemble([1], [n_left + 0.5], [1], [1.0]))
        for sign in (1, -1):
            expected = Ensemble([0], [-np.inf], [sign], [1.0])
            assert_ensemble(kata.fit_adaboost(numbered(y), sign * np.ones(len(y)), 3), expected)
            assert_ensemble(kata.fit_adaboost(np.array([[7.0, 2.0]]), np.array([sign]), 3), expected)


def test_chance(kata):
    """A lowest error of 1/2 ends the fit, and that stump is not taken; any lower error will do."""
    X, y = np.zeros((1001, 1)), np.repeat([-1, 1], [500, 501])
    assert_ensemble(kata.fit_adaboost(X, y, 1), Ensemble([0], [-np.inf], [1], [np.log(501 / 500) / 2]))
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert_ensemble(kata.fit_adaboost(X, labels("+--+"), 3), Ensemble([], [], [], []))
    assert_ensemble(kata.fit_adaboost(np.full((8, 1), 7.0), labels("+-" * 4), 3), Ensemble([], [], [], []))


def test_vote(kata, rng):
    """The label is the sign of sum_t alpha_t h_t(x), 1 if it is 0; a value at the threshold is not above it."""
    # The last stump has more to say than the two others.
    ensemble = Ensemble(np.array([0, 0, 1]), np.array([0.0, 1.0, 2.0]), np.array([1, 1, -1]), np.array([0.4, 0.5, 1.0]))
    X = np.array([[2.0, 3.0], [2.0, 1.0], [-1.0, 1.0], [0.5, 3.0]])
    assert_equal(kata.predict(ensemble, X), [-1, 1, 1, -1])
    features, polarities = rng.integers(0, 3, size=5), rng.choice([-1, 1], size=5)
    # No sum of these alphas, whatever their signs, is 0.
    ensemble = Ensemble(features, rng.normal(size=5).round(2), polarities, rng.permutation([0.1, 0.2, 0.4, 0.8, 1.6]))
    X = rng.normal(size=(12, 3)).round(2)
    scores = [sum(a * (p if row[f] > t else -p) for f, t, p, a in zip(*ensemble, strict=True)) for row in X]
    assert_equal(kata.predict(ensemble, X), np.where(np.array(scores) > 0, 1, -1))
    ensemble = Ensemble(np.array([0]), np.array([2.0]), np.array([1]), np.array([0.3]))
    assert_equal(kata.predict(ensemble, np.array([[2.0], [2.5], [1.5]])), [-1, 1, -1])
    ensemble = Ensemble(np.array([0, 1]), np.array([2.0, 2.0]), np.array([1, 1]), np.array([0.75, 0.75]))
    assert_equal(kata.predict(ensemble, np.array([[3.0, 1.0], [1.0, 3.0], [1.0, 1.0]])), [1, 1, -1])
    # A sum that is near 0 is not 0.
    ensemble = ensemble._replace(alphas=np.array([0.75, 0.75 + 1e-7]))
    assert_equal(kata.predict(ensemble, np.array([[3.0, 1.0], [1.0, 3.0]])), [-1, 1])
    # All values are above a threshold of -inf.
    ensemble = Ensemble(np.array([0, 1]), np.array([-np.inf, 2.0]), np.array([-1, 1]), np.array([0.5, 0.3]))
    assert_equal(kata.predict(ensemble, np.array([[-1e4, 3.0], [0.0, 1.0], [5.0, 3.0]])), [-1, -1, -1])
    assert_equal(kata.predict(ensemble, np.array([[5.0, 3.0]])), [-1])
    nothing = Ensemble(np.empty(0, dtype=int), np.empty(0), np.empty(0, dtype=int), np.empty(0))
    assert_equal(kata.predict(nothing, np.array([[3.0, 1.0], [1.0, 3.0]])), [1, 1])


@strict
def test_rounded_ties(kata):
    """Errors that differ only by rounding are ties."""
    for signs in ("-++-", "+-+-++", "-+---+--", "-+---++-", "---++-+-"):
        y = labels(signs)
        for factors in ([1], [1, -1], [-1, 2, 1]):
            X = numbered(y) * factors
            assert_ensemble(kata.fit_adaboost(X, y, 5), defined(X, y, 5))
    y = labels("---+++---")
    assert_ensemble(kata.fit_adaboost(numbered(y), y, 3), defined(numbered(y), y, 3))


@strict
def test_close_errors(kata):
    """Errors that are 2e-6 apart are no ties."""
    # Features that are the labels themselves but for some samples; the first has the fewest, 333 of 1,000. These weigh
    # 1/666 each after the first round, the others 1/1334.
    y = np.tile([1.0, -1.0], 500)
    X = np.column_stack([y, y, y])
    X[:333, 0] *= -1
    for feature, of_first, of_others in [(1, 21, 359), (2, 20, 361)]:
        X[:of_first, feature] *= -1
        X[-of_others:, feature] *= -1
    errors = np.array([0.333, 20 / 666 + 361 / 1334])
    expected = Ensemble([0, 2], [0.0, 0.0], [1, 1], np.log((1 - errors) / errors) / 2)
    assert_ensemble(kata.fit_adaboost(X, y, 2), expected)


@strict
def test_rounded_chance(kata):
    """An error of 1/2 ends the fit, even if rounding leaves a little less."""
    for n in (3, 5, 6, 7):
        assert_ensemble(kata.fit_adaboost(np.full((2 * n, 1), 7.0), labels("+-" * n), 3), Ensemble([], [], [], []))
    # Once the stump that answers the same to all is taken, its error is 1/2, and there is no other.
    for n in range(2, 10):
        y = labels("-" * n + "+")
        assert_ensemble(kata.fit_adaboost(np.ones((n + 1, 1)), y, 5), defined(np.ones((n + 1, 1)), y, 5))


@strict
def test_no_stumps(kata):
    """An ensemble without stumps, as fit_adaboost returns it, gives every sample the label 1."""
    X = np.full((8, 2), 7.0)
    assert_equal(kata.predict(kata.fit_adaboost(X, labels("+-" * 4), 3), X[:3]), [1, 1, 1])


@strict
def test_labels(kata):
    """A label that is not -1 or 1 raises ValueError."""
    X = np.arange(4.0)[:, None]
    for y in ([0, 1, 1, 0], [1, 2, 2, 1], [-1, 1, 0, 1], [1.0, -1.0, 0.5, 1.0], [1.0, -1.0, np.nan, 1.0]):
        with pytest.raises(ValueError):
            kata.fit_adaboost(X, np.array(y), 2)


@strict
@pytest.mark.parametrize("kind", [int, np.uint8, np.int8])
def test_integers(kata, kind):
    """Features may be integers of any type: thresholds lie between them."""
    y, X = labels("--+++-"), np.array([[120], [121], [122], [125], [126], [127]])
    assert_ensemble(kata.fit_adaboost(X.astype(kind), y, 1), Ensemble([0], [121.5], [1], [np.log(5) / 2]))
    assert_ensemble(kata.fit_adaboost(X.astype(kind), y, 2), defined(X, y, 2))


def workload(kata, rng, n):
    """Two features that know something of the label, one of few values, and noise; and the votes on other samples."""
    n = max(n, 4)
    X, noise = rng.normal(size=(n, 4)), rng.normal(size=n)
    X[:, 2] = np.round(X[:, 2])
    y = np.where((np.abs(X[:, 0]) < 0.7) ^ (X[:, 2] + 0.3 * noise > 0), 1, -1)
    ensemble = kata.fit_adaboost(X, y, 10)
    return ensemble, kata.predict(ensemble, X + 0.1), kata.predict(ensemble, X)


MISTAKES = {
    "alpha without its half": ("alpha = np.log((1 - error) / error) / 2", "alpha = np.log((1 - error) / error)"),
    "alpha of one book and weights of another": (
        "np.exp(np.where(right, -alpha, alpha))",
        "np.exp(np.where(right, 0.0, alpha))",
    ),
    "weights never change": ("        weights = weights * np.exp(np.where(right, -alpha, alpha))\n", ""),
    "weights of right samples grow": ("np.where(right, -alpha, alpha)", "np.where(right, alpha, -alpha)"),
    "weights do not add up to 1": ("        weights /= weights.sum()\n", ""),
    "weights start anew in each round": (
        "weights = weights * np.exp(np.where(right, -alpha, alpha))",
        "weights = np.exp(np.where(right, -alpha, alpha))",
    ),
    "weights by the vote so far, and not by its margin": (
        "weights = weights * np.exp(np.where(right, -alpha, alpha))",
        "weights = np.where(predict(Ensemble(*map(np.array, zip(*stumps))), X) == y, 1, np.exp(2 * alpha))",
    ),
    "error counts samples": ("error = weights[~right].sum()", "error = (~right).mean()"),
    "alpha is 1 less the error": ("alpha = np.log((1 - error) / error) / 2", "alpha = 1 - error"),
    "base-2 logarithm": ("alpha = np.log((1 - error) / error) / 2", "alpha = np.log2((1 - error) / error) / 2"),
    "polarity 1 only": ("[rising, 1 - rising]", "[rising, np.ones(len(rising))]"),
    "polarity -1 is found and not kept": ("threshold, polarity, alpha))", "threshold, 1, alpha))"),
    "no stump answers the same to all": ("np.full(X.shape[1], -np.inf), values[:-1]]", "values[:1], values[:-1]]"),
    "one more stump that answers the same to all": (
        "np.full(X.shape[1], -np.inf), values[:-1]]",
        "values[0] - 1, values[:-1]]",
    ),
    "thresholds are values of the data": ("(lower / 2 + values / 2)", "lower"),
    "thresholds are values of the data, and a sample at one is above it": [
        ("(lower / 2 + values / 2)", "values.astype(float)"),
        ("X[:, feature] > threshold", "X[:, feature] >= threshold"),
        ("X[:, ensemble.features] >", "X[:, ensemble.features] >="),
    ],
    "equal values are parted": ("np.nonzero((lower < values).T)", "np.nonzero((lower <= values).T)"),
    "another feature is kept": (
        "stumps.append((feature, threshold, polarity, alpha))",
        "stumps.append((candidate % X.shape[1], threshold, polarity, alpha))",
    ),
    "one feature at a time, in turn": (
        "        lowest = errors.min()",
        "        errors[features != len(stumps) % X.shape[1]] = 1\n        lowest = errors.min()",
    ),
    "the last of equal errors": ("np.argwhere(errors < lowest + 1e-9)[0]", "np.argwhere(errors < lowest + 1e-9)[-1]"),
    "lowest threshold before lowest feature": (
        "features, n_left = np.nonzero((lower < values).T)",
        "n_left, features = np.nonzero(lower < values)",
    ),
    "polarity 1 before lower thresholds": (
        "candidate, falling = np.argwhere(errors < lowest + 1e-9)[0]",
        "falling, candidate = np.argwhere(errors.T < lowest + 1e-9)[0]",
    ),
    "one answer to all is that of most samples": (
        "        lowest = errors.min()",
        "        errors[n_left == 0, int(y.sum() > 0)] = 1\n        lowest = errors.min()",
    ),
    "features are floats": ("table[:, 0].astype(int)", "table[:, 0]"),
    "errors have a floor": ("error = weights[~right].sum()", "error = max(weights[~right].sum(), 1e-3)"),
    "no error is an error of 1e-10": [
        ("        if right.all():", "        if False:"),
        ("error = weights[~right].sum()", "error = max(weights[~right].sum(), 1e-10)"),
    ],
    "no error gives an infinite alpha": ("polarity, 1.0))", "polarity, np.inf))"),
    "the fit goes on after a stump without error": (
        "polarity, 1.0))\n            break",
        "polarity, 1.0))\n            continue",
    ),
    "a stump without error is not taken": ("            stumps.append((feature, threshold, polarity, 1.0))\n", ""),
    "a stump no better than chance is taken": (
        "        if lowest > 0.5 - 1e-9:\n            break\n",
        "",
    ),
    "the fit ends at an error of 0.49": ("if lowest > 0.5 - 1e-9:", "if lowest > 0.49:"),
    "every stump has one vote": ("votes @ ensemble.alphas >= 0", "votes.sum(axis=1) >= 0"),
    "the stump of largest alpha decides": (
        "votes @ ensemble.alphas >= 0",
        "(votes * ensemble.alphas)[:, np.argmax(ensemble.alphas) :][:, :1].sum(axis=1) >= 0",
    ),
    "the vote ignores polarity": ("ensemble.polarities, -ensemble.polarities)", "1, -1)"),
    "a sample at a threshold is above it": ("X[:, ensemble.features] > ", "X[:, ensemble.features] >= "),
    "an undecided vote is negative": ("votes @ ensemble.alphas >= 0", "votes @ ensemble.alphas > 0"),
    "an undecided vote is 0": (
        "np.where(votes @ ensemble.alphas >= 0, 1, -1)",
        "np.sign(votes @ ensemble.alphas)",
    ),
    "votes of 0 and 1": ("ensemble.alphas >= 0, 1, -1)", "ensemble.alphas >= 0, 1, 0)"),
}
STRICT_MISTAKES = {
    "features of no stumps are floats": (
        "    return Ensemble(table[:, 0].astype(int)",
        "    if not stumps:\n        return Ensemble(*np.empty((4, 0)))\n    return Ensemble(table[:, 0].astype(int)",
    ),
    "small whole numbers wrap around": (
        "(lower / 2 + values / 2)",
        "np.vstack([lower[:1], (values[1:] + values[:-1]) / 2])",
    ),
    "thresholds of whole numbers are truncated": (
        "(lower / 2 + values / 2)",
        "np.vstack([lower[:1], (lower / 2 + values / 2)[1:].astype(X.dtype)])",
    ),
    "rounding decides": ("np.argwhere(errors < lowest + 1e-9)[0]", "np.argwhere(errors == lowest)[0]"),
    "close errors are equal": ("np.argwhere(errors < lowest + 1e-9)[0]", "np.argwhere(np.isclose(errors, lowest))[0]"),
    "rounding makes a stump better than chance": ("if lowest > 0.5 - 1e-9:", "if lowest >= 0.5:"),
    "labels 0 and 1 pass": ("np.isin(y, (-1, 1))", "np.isin(y, (-1, 0, 1))"),
    "any label passes": ("if not np.isin(y, (-1, 1)).all():", "if False:"),
}
