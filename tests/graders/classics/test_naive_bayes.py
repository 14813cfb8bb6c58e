import math
from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The kata's own have these fields.
Gaussian = namedtuple("Gaussian", "log_prior means variances")  # noqa: PYI024
Multinomial = namedtuple("Multinomial", "log_prior log_prob")  # noqa: PYI024


@pytest.fixture
def labels(rng):
    """Return the classes of twelve samples: six, four and two."""
    return rng.permutation([0] * 2 + [1] * 6 + [2] * 4)


@pytest.fixture
def gaussian(rng):
    """Return a model of three classes and five features."""
    return Gaussian(np.log([0.2, 0.5, 0.3]), rng.normal(size=(3, 5)), rng.uniform(0.3, 4.0, size=(3, 5)))


@pytest.fixture
def multinomial(rng):
    """Return a model of three classes and seven words."""
    return Multinomial(np.log([0.1, 0.6, 0.3]), np.log(rng.dirichlet(np.ones(7), size=3) * 0.98 + 0.02 / 7))


def variance(values):
    """Return the mean of the squared deviations."""
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def posterior(log_joint):
    """Normalise a list of logarithms."""
    top = max(log_joint)
    total = top + math.log(sum(math.exp(each - top) for each in log_joint))
    return [each - total for each in log_joint]


def gaussian_posterior(X, model):
    """Return log P(c | x), one density after the other."""
    found = []
    for x in X.tolist():
        joint = []
        for prior, means, variances in zip(*map(np.ndarray.tolist, model), strict=True):
            densities = [
                -((value - m) ** 2) / (2 * v) - math.log(2 * math.pi * v) / 2
                for value, m, v in zip(x, means, variances, strict=True)
            ]
            joint.append(prior + sum(densities))
        found.append(posterior(joint))
    return found


def multinomial_posterior(X, model):
    """Return log P(c | x), one word after the other."""
    log_prior, log_prob = map(np.ndarray.tolist, model)
    return [
        posterior(
            [
                prior + sum(n * each for n, each in zip(x, row, strict=True))
                for prior, row in zip(log_prior, log_prob, strict=True)
            ]
        )
        for x in X.tolist()
    ]


def test_prior(kata, rng, labels):
    """P(c) is the share of class c, in the order of the labels."""
    X, y = np.array([[2.0], [5.0], [4.0], [7.0], [3.0]]), np.array([1, 0, 1, 2, 1])
    assert_close(kata.fit_gaussian(X, y).log_prior, np.log([0.2, 0.6, 0.2]))
    assert_close(kata.fit_multinomial(X.astype(int), y).log_prior, np.log([0.2, 0.6, 0.2]))
    assert_close(kata.fit_gaussian(rng.normal(size=(12, 2)), labels).log_prior, np.log([1 / 6, 1 / 2, 1 / 3]))
    assert_close(kata.fit_multinomial(rng.poisson(1.0, (12, 2)), labels).log_prior, np.log([1 / 6, 1 / 2, 1 / 3]))


def test_means_and_variances(kata, rng, labels):
    """Means and variances are those of each feature within each class; the divisor is n."""
    X, y = np.array([[1.0, 10.0], [7.0, 0.0], [3.0, 30.0], [7.0, 6.0]]), np.array([0, 1, 0, 1])
    model = kata.fit_gaussian(X, y, 0.0)
    assert_close(model.means, [[2.0, 20.0], [7.0, 3.0]])
    assert_close(model.variances, [[1.0, 100.0], [0.0, 9.0]])
    X = rng.normal(size=(12, 4)) * [1.0, 5.0, 0.1, 2.0] + [3.0, -2.0, 0.0, 1.0]
    model = kata.fit_gaussian(X, labels, 0.0)
    for c in range(3):
        assert_close(model.means[c], [sum(column) / len(column) for column in X[labels == c].T])
        assert_close(model.variances[c], [variance(column.tolist()) for column in X[labels == c].T])


def test_var_smoothing(kata, rng, labels):
    """All variances are raised by var_smoothing times the largest variance of a feature in all of X."""
    # The variances of all samples are 5 and 125, and those within the classes 1, 0 and 100, 25.
    X, y = np.array([[1.0, 0.0], [3.0, 20.0], [6.0, 30.0], [6.0, 20.0]]), np.array([0, 0, 1, 1])
    largest = (17.5**2 + 2.5**2 + 12.5**2 + 2.5**2) / 4
    for smoothing in (0.1, 1.0):
        expected = np.array([[1.0, 100.0], [0.0, 25.0]]) + smoothing * largest
        assert_close(kata.fit_gaussian(X, y, smoothing).variances, expected)
    X = rng.normal(size=(12, 3)) * [1.0, 4.0, 0.01]
    X[labels == 1, 2] = 0.5
    largest = max(variance(column.tolist()) for column in X.T)
    own = np.array([[variance(column.tolist()) for column in X[labels == c].T] for c in range(3)])
    assert_close(kata.fit_gaussian(X, labels).variances, own + 1e-9 * largest, atol=1e-15)
    assert_close(kata.fit_gaussian(X, labels, 0.03).variances, own + 0.03 * largest)


def test_gaussian_posterior(kata, rng, gaussian):
    """Add log P(c) and the log-densities of all features, and normalise over the classes."""
    one = Gaussian(np.log([0.75, 0.25]), np.array([[0.0], [4.0]]), np.array([[1.0], [1.0]]))
    # Halfway between the means only the prior decides; the variance does if the means are the same.
    assert_close(kata.gaussian_log_proba(np.array([[2.0]]), one), np.log([[0.75, 0.25]]))
    one = Gaussian(np.log([0.5, 0.5]), np.zeros((2, 1)), np.array([[1.0], [9.0]]))
    assert_close(kata.gaussian_log_proba(np.array([[0.0]]), one), np.log([[0.75, 0.25]]))
    X = rng.normal(size=(9, 5)) * 2
    assert_close(kata.gaussian_log_proba(X, gaussian), gaussian_posterior(X, gaussian), atol=1e-11)
    assert_close(kata.gaussian_log_proba(X[:1], gaussian), gaussian_posterior(X[:1], gaussian), atol=1e-11)
    square = Gaussian(gaussian.log_prior, gaussian.means[:, :3], gaussian.variances[:, :3])
    assert_close(kata.gaussian_log_proba(X[:3, :3], square), gaussian_posterior(X[:3, :3], square), atol=1e-11)


def test_far_away(kata, rng):
    """All densities may be 0 in float64: far from all means, or as the product of many features."""
    model = Gaussian(np.log([0.5, 0.25, 0.25]), np.array([[0.0], [10.0], [10.0]]), np.ones((3, 1)))
    found = kata.gaussian_log_proba(np.array([[105.0], [-95.0], [5.0]]), model)
    assert_close(found, [[-1000.0, *[-math.log(2)] * 2], [0.0, *[-1000 - math.log(2)] * 2], np.log([0.5, 0.25, 0.25])])
    n = 600
    model = Gaussian(np.log([0.3, 0.7]), np.zeros((2, n)), np.full((2, n), 4.0))
    model.means[1, :5] = 0.1
    X = rng.normal(size=(4, n)) * 3
    assert_close(kata.gaussian_log_proba(X, model), gaussian_posterior(X, model), atol=1e-8)


def test_counts_are_smoothed(kata, rng, labels):
    """p_cj is (N_cj + alpha) / (N_c + alpha * n_words); N_c counts all words of the class."""
    X, y = np.array([[2, 1, 0], [0, 1, 0], [0, 0, 4]]), np.array([0, 0, 1])
    assert_close(np.exp(kata.fit_multinomial(X, y).log_prob), [[3 / 7, 3 / 7, 1 / 7], [1 / 7, 1 / 7, 5 / 7]])
    found = kata.fit_multinomial(X, y, 0.5).log_prob
    assert_close(np.exp(found), [[2.5 / 5.5, 2.5 / 5.5, 0.5 / 5.5], [0.5 / 5.5, 0.5 / 5.5, 4.5 / 5.5]])
    X = rng.poisson(1.5, size=(12, 6))
    X[:, 3] = 0
    X[labels == 2, 1] = 0
    for alpha in (1e-3, 0.3, 1.0, 20.0):
        expected = [
            [(sum(word) + alpha) / (X[labels == c].sum() + alpha * 6) for word in X[labels == c].T.tolist()]
            for c in range(3)
        ]
        assert_close(kata.fit_multinomial(X, labels, alpha).log_prob, np.log(expected))


def test_multinomial_posterior(kata, rng, multinomial):
    """Every occurrence of a word counts, and the prior does; without any word only the prior is left."""
    model = Multinomial(np.log([0.5, 0.5]), np.log([[0.75, 0.25], [0.25, 0.75]]))
    assert_close(np.exp(kata.multinomial_log_proba(np.array([[1, 0], [3, 1]]), model)), [[0.75, 0.25], [0.9, 0.1]])
    model = Multinomial(np.log([0.2, 0.8]), model.log_prob)
    assert_close(kata.multinomial_log_proba(np.array([[0, 0], [5, 5]]), model), np.log([[0.2, 0.8]] * 2))
    for n in (1, 3, 7, 10):
        X = rng.poisson(1.2, size=(n, 7))
        X[-1] = 0
        found = kata.multinomial_log_proba(X, multinomial)
        assert_close(found, multinomial_posterior(X, multinomial), atol=1e-11)


def test_long_documents(kata, rng, multinomial):
    """A document may have thousands of words: the product of their probabilities is 0 in float64."""
    model = Multinomial(np.log([0.5, 0.5]), np.log([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]))
    found = kata.multinomial_log_proba(np.array([[2_000, 2_000, 500], [2_000, 3_000, 0], [0, 0, 1]]), model)
    assert_close(found, [[math.log(0.5)] * 2, [-1_000 * math.log(2), 0.0], [math.log(0.5)] * 2], atol=1e-8)
    X = rng.poisson(1_000, size=(3, 7))
    found = kata.multinomial_log_proba(X, multinomial)
    assert_close(found, multinomial_posterior(X, multinomial), atol=1e-8)


def test_fit_and_predict(kata, rng):
    """Both models work on what was fitted: also with one feature, one class or one sample of each class."""
    for n_classes, n_features in [(2, 3), (4, 1), (1, 2), (3, 3)]:
        y = rng.permutation(np.append(np.arange(n_classes), rng.integers(0, n_classes, size=7)))
        X = rng.normal(size=(len(y), n_features)) + y[:, np.newaxis]
        model = kata.fit_gaussian(X, y, 0.1)
        found = kata.gaussian_log_proba(X, model)
        assert_close(found, gaussian_posterior(X, Gaussian(*map(np.asarray, model))), atol=1e-11)
        X = rng.poisson(1.0, size=(len(y), n_features))
        model = kata.fit_multinomial(X, y, 0.5)
        found = kata.multinomial_log_proba(X, model)
        assert_close(found, multinomial_posterior(X, Multinomial(*map(np.asarray, model))), atol=1e-11)
    model = kata.fit_gaussian(np.array([[1.0], [3.0]]), np.array([1, 0]), 0.5)
    assert_close(model.variances, [[0.5], [0.5]])
    # The log-odds are linear: 4 times the distance from the middle.
    expected = [posterior([0.0, 0.0]), posterior([4.0, 0.0])]
    assert_close(kata.gaussian_log_proba(np.array([[2.0], [3.0]]), model), expected)


@strict
def test_small_integers(kata, rng, labels):
    """X may hold integers of any type, whose sums and squares their type does not hold."""
    for kind, low, high in [(np.uint8, 0, 256), (np.int8, -128, 128), (np.int64, -9, 10)]:
        X = rng.integers(low, high, size=(12, 3)).astype(kind)
        X[labels == 0, 0] = [high - 1, low]
        wide = X.astype(float)
        model = kata.fit_gaussian(X, labels)
        largest = max(variance(column.tolist()) for column in wide.T)
        own = [[variance(column.tolist()) + 1e-9 * largest for column in wide[labels == c].T] for c in range(3)]
        assert_close(model.variances, own)
        found = kata.gaussian_log_proba(X, model)
        assert_close(found, gaussian_posterior(wide, Gaussian(*map(np.asarray, model))), atol=1e-10)
        X = np.abs(wide).astype(np.uint8)
        wide = np.abs(wide)
        totals = np.array([wide[labels == c].sum(axis=0) for c in range(3)]) + 1
        model = kata.fit_multinomial(X, labels.astype(np.int8))
        assert_close(model.log_prob, np.log(totals / totals.sum(axis=1, keepdims=True)))
        found = kata.multinomial_log_proba(X, model)
        assert_close(found, multinomial_posterior(wide, Multinomial(*map(np.asarray, model))), atol=1e-9)


@strict
def test_far_from_zero(kata, rng, labels):
    """A feature may lie far from 0: variances and probabilities stay exact."""
    X = rng.integers(-9, 10, size=(12, 3)).astype(float)
    X[labels == 0] = [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]
    near, far = kata.fit_gaussian(X, labels), kata.fit_gaussian(X + 1e6, labels)
    assert_close(far.variances, near.variances)
    model = Gaussian(*map(np.asarray, near))
    moved = Gaussian(model.log_prior, model.means.round(3) + 2.0**20, model.variances)
    model = Gaussian(model.log_prior, moved.means - 2.0**20, model.variances)
    assert_close(kata.gaussian_log_proba(X + 2.0**20, moved), gaussian_posterior(X, model), atol=1e-10)


def workload(kata, rng, n):
    """Fit both models to n samples of four classes, some of them equal, and classify them and others."""
    y = rng.permutation(np.arange(n) % 4)
    X = rng.normal(size=(n, 5)) * [1.0, 3.0, 0.1, 1.0, 10.0] + y[:, np.newaxis]
    X[: n // 4] = X[: n // 4].round()
    X[y == 1, 2] = 7.0
    counts = rng.poisson(0.8, size=(n, 6))
    counts[0] = 0
    real, words = kata.fit_gaussian(X, y, 0.01), kata.fit_multinomial(counts, y, 0.5)
    return (
        real,
        words,
        kata.fit_gaussian(X, y),
        kata.fit_multinomial(counts, y),
        kata.gaussian_log_proba(np.vstack([X, 100 * X]), real),
        kata.multinomial_log_proba(np.vstack([counts, 900 * counts]), words),
    )


FLOOR = "variances + var_smoothing * X.var(axis=0).max()"
MOMENTS = "means[c], variances[c] = group.mean(axis=0), group.var(axis=0)"
JOINT = "log_prior - (squares + np.log(variances)).sum(axis=2) / 2"
SQUARES = "squares = (X[:, np.newaxis] - means) ** 2 / variances"
COUNTS = "X[y == c].sum(axis=0) for c in range(y.max() + 1)]) + alpha"
SHARES = "np.log(counts / counts.sum(axis=1, keepdims=True))"
WORDS = "X @ model.log_prob.T + model.log_prior"
TOP = "below = log_joint - log_joint.max(axis=1, keepdims=True)"
NORM = "return below - np.log(np.exp(below).sum(axis=1, keepdims=True))"

MISTAKES = {
    "the divisor n - 1": (MOMENTS, MOMENTS.replace("var(axis=0)", "var(axis=0, ddof=min(1, len(group) - 1))")),
    "standard deviations": (MOMENTS, MOMENTS.replace("group.var", "group.std")),
    "no floor": (FLOOR, "variances"),
    "var_smoothing itself is the floor": (FLOOR, "variances + var_smoothing"),
    "a floor for each feature": (FLOOR, FLOOR.replace(".max()", "")),
    "the floor is a minimum": (FLOOR, "np.maximum(variances, var_smoothing * X.var(axis=0).max())"),
    "the largest variance within a class": (FLOOR, FLOOR.replace("X.var(axis=0).max()", "variances.max()")),
    "the variance of all of X": (FLOOR, FLOOR.replace("X.var(axis=0).max()", "X.var()")),
    "var_smoothing fixed": (FLOOR, FLOOR.replace("var_smoothing", "1e-9")),
    "one variance for all classes": (FLOOR, "0 * " + FLOOR.replace("+", "+ np.var(X - means[y], axis=0) +")),
    "a uniform prior": ("np.log(np.bincount(y) / len(y))", "-np.log(np.full(y.max() + 1, y.max() + 1.0))"),
    "smoothed prior": ("np.log(np.bincount(y) / len(y))", "np.log((np.bincount(y) + 1) / (len(y) + y.max() + 1))"),
    "no prior in the Gaussian model": (JOINT, JOINT.replace("log_prior -", "-")),
    "no prior in the multinomial model": (WORDS, "X @ model.log_prob.T"),
    "no normalising constant of the density": (JOINT, "log_prior - squares.sum(axis=2) / 2"),
    "log of the variance counted twice": (JOINT, "log_prior - squares.sum(axis=2) / 2 - np.log(variances).sum(axis=1)"),
    "no half": (JOINT, "log_prior - (squares + np.log(variances)).sum(axis=2)"),
    "divided by the variance squared": (SQUARES, SQUARES.replace("/ variances", "/ variances**2")),
    "an eps in the variance": (SQUARES, SQUARES.replace("/ variances", "/ (variances + 1e-6)")),
    "densities multiplied": (
        f"return _normalized({JOINT})",
        (
            "joint = np.exp(log_prior) * np.prod(np.exp(-squares / 2) / np.sqrt(variances), axis=2)\n"
            '    with np.errstate(all="ignore"):\n'
            "        return np.log(joint / joint.sum(axis=1, keepdims=True))"
        ),
    ),
    "densities kept away from 0": (
        f"return _normalized({JOINT})",
        (
            f"joint = np.exp({JOINT}) + 1e-300\n"
            '    with np.errstate(all="ignore"):\n'
            "        return np.log(joint / joint.sum(axis=1, keepdims=True))"
        ),
    ),
    "documents counted, not words": (COUNTS, COUNTS.replace("X[y == c]", "(X[y == c] > 0)")),
    "no smoothing": (COUNTS, COUNTS.replace("+ alpha", "+ 1e-300")),
    "alpha fixed at 1": (COUNTS, COUNTS.replace("+ alpha", "+ 1.0")),
    "alpha in the numerator only": (SHARES, "np.log(counts / (counts - alpha).sum(axis=1, keepdims=True))"),
    "alpha once in the denominator": (SHARES, "np.log(counts / ((counts - alpha).sum(axis=1, keepdims=True) + alpha))"),
    "divided by the number of documents": (
        SHARES,
        "np.log(counts / (np.bincount(y)[:, np.newaxis] + alpha * X.shape[1]))",
    ),
    "shares of a word among the classes": (SHARES, SHARES.replace("axis=1", "axis=0")),
    "a word counts once": (WORDS, WORDS.replace("X @", "(X > 0) @")),
    "absent words count, as in Bernoulli": (
        WORDS,
        WORDS + " + (X == 0) @ np.log1p(-np.minimum(np.exp(model.log_prob.T), 0.999))",
    ),
    "not normalised": (NORM, "return log_joint"),
    "normalised over the samples": (NORM, NORM.replace("axis=1", "axis=0")),
    "probabilities, not logarithms": (NORM, "return np.exp(below) / np.exp(below).sum(axis=1, keepdims=True)"),
    "exponentials of the log-joint as it is": (
        TOP,
        'below = log_joint\n    np.seterr(divide="ignore", invalid="ignore")',
    ),
    "one maximum for all samples": (
        TOP,
        'below = log_joint - log_joint.max()\n    np.seterr(divide="ignore", invalid="ignore")',
    ),
    "logarithm of the normalised probabilities": (
        NORM,
        (
            'with np.errstate(divide="ignore"):\n'
            "        return np.log(np.exp(below) / np.exp(below).sum(axis=1, keepdims=True))"
        ),
    ),
}

STRICT_MISTAKES = {
    "the mean of the squares less the square of the mean": (
        MOMENTS,
        MOMENTS.replace("group.var(axis=0)", "(group * 1.0 * group).mean(axis=0) - group.mean(axis=0) ** 2"),
    ),
    "the square expanded": (
        SQUARES,
        "squares = (X[:, np.newaxis] * 1.0 * X[:, np.newaxis] - 2 * X[:, np.newaxis] * means + means**2) / variances",
    ),
    "counts summed in their own type": (COUNTS, COUNTS.replace("sum(axis=0)", "sum(axis=0, dtype=X.dtype)")),
}
