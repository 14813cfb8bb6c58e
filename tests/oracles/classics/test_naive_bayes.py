"""The reference beside scikit-learn's GaussianNB and MultinomialNB."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB, MultinomialNB

from tests.bench.peers import Peer


def classes(rng, n):
    """Return labels of up to five classes that all occur."""
    n_classes = int(rng.integers(1, 6))
    return rng.permutation(np.append(np.arange(n_classes), rng.integers(0, n_classes, size=n)))


def assert_gaussian(reference, X, y, new, var_smoothing):
    theirs = GaussianNB(var_smoothing=var_smoothing).fit(X, y)
    ours = reference.fit_gaussian(X, y, var_smoothing)
    np.testing.assert_allclose(np.exp(ours.log_prior), theirs.class_prior_, rtol=1e-9)
    np.testing.assert_allclose(ours.means, theirs.theta_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.variances, theirs.var_, rtol=1e-9)
    found = reference.gaussian_log_proba(new, ours)
    np.testing.assert_allclose(found, theirs.predict_log_proba(new), rtol=1e-9, atol=1e-9)


def assert_multinomial(reference, X, y, new, alpha):
    theirs = MultinomialNB(alpha=alpha).fit(X, y)
    ours = reference.fit_multinomial(X, y, alpha)
    np.testing.assert_allclose(ours.log_prior, theirs.class_log_prior_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.log_prob, theirs.feature_log_prob_, rtol=1e-9, atol=1e-12)
    found = reference.multinomial_log_proba(new, ours)
    np.testing.assert_allclose(found, theirs.predict_log_proba(new), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("var_smoothing", [1e-9, 1e-3, 0.5])
def test_gaussian(reference, rng, var_smoothing):
    for _ in range(50):
        y = classes(rng, int(rng.integers(2, 40)))
        X = rng.normal(size=(len(y), int(rng.integers(1, 8)))) + y[:, np.newaxis]
        new = rng.normal(size=(5, X.shape[1]))
        assert_gaussian(reference, X, y, new, var_smoothing)


def test_constant_within_a_class(reference, rng):
    y = np.array([0, 0, 1, 1, 1, 2])
    X = rng.normal(size=(6, 3))
    X[y == 1, 0] = 0.25
    assert_gaussian(reference, X, y, rng.normal(size=(4, 3)), 0.01)


def test_no_smoothing_of_variances(reference, rng):
    y = np.repeat([0, 1], 5)
    assert_gaussian(reference, rng.normal(size=(10, 3)), y, rng.normal(size=(4, 3)), 0.0)


def test_far_from_zero(reference, rng):
    X, y = rng.normal(size=(60, 3)), np.repeat([0, 1, 2], 20)
    near, far = reference.fit_gaussian(X, y), reference.fit_gaussian(X + 1e5, y)
    np.testing.assert_allclose(far.variances, near.variances, rtol=1e-9)


def test_whole_numbers(reference, rng):
    y = np.repeat([0, 1], 10)
    X = rng.integers(0, 256, size=(20, 4)).astype(np.uint8)
    wide = X.astype(float)
    ours, expected = reference.fit_gaussian(X, y), GaussianNB().fit(wide, y)
    np.testing.assert_allclose(ours.variances, expected.var_, rtol=1e-9)
    assert_multinomial(reference, X, y, X[:5], 1.0)


@pytest.mark.parametrize("alpha", [1e-3, 0.5, 1.0, 30.0])
def test_multinomial(reference, rng, alpha):
    for _ in range(50):
        y = classes(rng, int(rng.integers(2, 40)))
        X = rng.poisson(0.7, size=(len(y), int(rng.integers(2, 9))))
        assert_multinomial(reference, X, y, rng.poisson(2.0, size=(6, X.shape[1])), alpha)


def test_unseen_words_and_empty_documents(reference):
    X, y = np.array([[2, 0, 0], [0, 0, 1], [0, 0, 0]]), np.array([0, 1, 1])
    assert_multinomial(reference, X, y, np.array([[0, 0, 0], [0, 5, 0], [1_000, 0, 2_000]]), 0.5)


def posterior(reference, x, copies):
    means = np.repeat([[0.0], [1.0]], copies, axis=1)
    model = reference.Gaussian(np.log([0.5, 0.5]), means, np.ones((2, copies)))
    return float(np.exp(reference.gaussian_log_proba(np.full((1, copies), x), model))[0, 1])


def test_claim_copies(reference):
    assert posterior(reference, 1.5, 1) == pytest.approx(0.731, abs=5e-4)
    assert posterior(reference, 1.5, 10) == pytest.approx(0.99995, abs=1e-5)


def test_claim_linear(reference, rng):
    line = rng.normal(size=3) + np.linspace(-2, 2, 9)[:, np.newaxis] * rng.normal(size=3)
    means, variances = rng.normal(size=(2, 3)), rng.uniform(0.5, 2.0, size=(2, 3))
    for own, is_linear in [(np.tile(variances[0], (2, 1)), True), (variances, False)]:
        log_p = reference.gaussian_log_proba(line, reference.Gaussian(np.log([0.4, 0.6]), means, own))
        second = np.diff(log_p[:, 1] - log_p[:, 0], n=2)
        assert (np.abs(second).max() < 1e-9) == is_linear


def test_claim_alpha(reference):
    counts, y = np.array([[1, 999], [0, 1000]]), np.array([0, 1])
    for alpha, expected in [(1.0, 0.69), (1e-10, 23.0)]:
        log_p = reference.multinomial_log_proba(np.array([[1, 0]]), reference.fit_multinomial(counts, y, alpha))
        assert log_p[0, 0] - log_p[0, 1] == pytest.approx(expected, abs=0.05)


def test_claim_floor(reference):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = np.arange(1_000) % 2
        train, test = (np.column_stack([rng.normal(scale=1e6, size=1_000), rng.normal(4.0 * y - 2)]) for _ in range(2))
        found = {}
        for smoothing in (0.0, 1e-9):
            log_p = reference.gaussian_log_proba(test, reference.fit_gaussian(train, y, smoothing))
            found[smoothing] = np.mean(log_p.argmax(axis=1) == y)
        assert 0.96 < found[0.0] < 0.99
        assert found[1e-9] < 0.75


def test_claim_prior(reference, rng):
    X, y = rng.normal(size=(20, 2)), np.arange(20) % 2
    model = reference.fit_gaussian(X, y)
    log_p = [
        reference.gaussian_log_proba(X, model._replace(log_prior=np.log(prior))) for prior in ([0.5, 0.5], [0.9, 0.1])
    ]
    odds = [each[:, 0] - each[:, 1] for each in log_p]
    np.testing.assert_allclose(odds[1] - odds[0], np.log(9.0), rtol=1e-9)


def peers(reference, rng):
    """Yield both models, fitted and applied."""
    y = rng.integers(0, 10, size=5_000)
    X, counts = rng.normal(size=(5_000, 30)), rng.poisson(0.5, size=(5_000, 1_000))
    yield Peer(
        "5,000 x 30, 10 classes",
        "GaussianNB",
        lambda: reference.gaussian_log_proba(X, reference.fit_gaussian(X, y)),
        lambda: GaussianNB().fit(X, y).predict_log_proba(X),
    )
    yield Peer(
        "5,000 x 1,000 counts, 10 classes",
        "MultinomialNB",
        lambda: reference.multinomial_log_proba(counts, reference.fit_multinomial(counts, y)),
        lambda: MultinomialNB().fit(counts, y).predict_log_proba(counts),
    )
