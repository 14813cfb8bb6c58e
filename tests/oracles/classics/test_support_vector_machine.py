"""`support_vector_machine` beside scikit-learn's SVC with a linear kernel."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC

from tests.bench.peers import Peer


def draw(rng, n=20, n_features=2):
    y = np.resize([1, -1, -1], n)
    return rng.normal([2.0, -1.0, 0.0][:n_features], size=(n, n_features)) + 0.7 * y[:, None], y


def loss(X, y, coef, intercept, C):
    return coef @ coef / 2 + C * np.maximum(0, 1 - y * (X @ coef + intercept)).sum()


def fitted(X, y, C):
    """Fit LIBSVM, whose kernel in single precision may keep it from a tol of 1e-10 for ever: then it comes near."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return SVC(kernel="linear", C=C, tol=1e-10, max_iter=200_000).fit(X, y)


def assert_agree(reference, X, y, C, tol=1e-10):
    """Compare the loss, which is unique, and the weights; and the gap of scikit-learn's own solution."""
    ours, theirs = reference.fit_svm(X, y, C, tol), fitted(X, y, C)
    expected = loss(X, y, theirs.coef_[0], theirs.intercept_[0], C)
    # LIBSVM keeps its kernel in single precision: it is never better than ours, and at most so much worse.
    best = loss(X, y, ours.coef, ours.intercept, C)
    assert best <= expected * (1 + 1e-9)
    assert best == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(ours.coef, theirs.coef_[0], rtol=1e-3, atol=2e-4)
    alpha = np.zeros(len(y))
    alpha[theirs.support_] = np.abs(theirs.dual_coef_[0])
    gap = reference.duality_gap(X, y, theirs.coef_[0], theirs.intercept_[0], alpha, C)
    assert abs(gap) <= 1e-6 * expected
    dual = alpha.sum() - theirs.coef_[0] @ theirs.coef_[0] / 2
    assert gap == pytest.approx(expected - dual, rel=1e-9, abs=1e-9 * expected)
    return ours


def test_random(reference, rng):
    for C in (0.01, 0.1, 0.5):
        for n_features in (1, 2, 3):
            for _ in range(5):
                assert_agree(reference, *draw(rng, 20, n_features), C)


def test_edges(reference, rng):
    """Rows that repeat with either label, every alpha at C, a margin that is hard, and one point."""
    X, y = draw(rng)
    assert_agree(reference, np.concatenate([X, X]), np.concatenate([y, np.where(np.arange(20) < 4, -y, y)]), 0.1)
    X, y = np.array([[0.0, 1.0], [2.0, 5.0], [1.0, 1.0], [4.0, 4.0]]), np.array([-1, 1, -1, 1])
    np.testing.assert_allclose(assert_agree(reference, X, y, 0.01).alpha, 0.01)
    assert_agree(reference, X, y, 100.0)
    assert_agree(reference, np.full((4, 2), 3.0), np.array([1, -1, 1, 1]), 1.0)


@pytest.mark.parametrize("C", [0.0, -1.0])
def test_bad_input(reference, C):
    X, y = np.array([[0.0], [1.0]]), np.array([-1, 1])
    with pytest.raises(ValueError, match="positive"):
        reference.fit_svm(X, y, C)
    with pytest.raises(ValueError, match="labels"):
        reference.fit_svm(X, np.array([1, 1]))


def shifted_by_7(rng, n=40):
    y = np.resize([1, -1], n)
    return rng.normal(size=(n, 2)) + 0.7 * y[:, None], y


def test_claim_support_vectors(reference):
    few, many = [], []
    for seed in range(20):
        X, y = shifted_by_7(np.random.default_rng(seed))
        fit = reference.fit_svm(X, y, 0.1, 1e-9)
        kept = fit.alpha > 1e-6
        np.testing.assert_allclose(reference.fit_svm(X[kept], y[kept], 0.1, 1e-9).coef, fit.coef, atol=1e-3)
        many.append((reference.fit_svm(X, y, 0.01, 1e-9).alpha > 1e-6).sum())
        few.append((reference.fit_svm(X, y, 1.0, 1e-7).alpha > 1e-6).sum())
    assert 28 <= min(many) <= max(many) <= 40
    assert 5 <= min(few) <= max(few) <= 24


def test_claim_shift(reference):
    for seed in range(20):
        X, y = shifted_by_7(np.random.default_rng(seed))
        here, there = reference.fit_svm(X, y, 0.3, 1e-9), reference.fit_svm(X + 10, y, 0.3, 1e-9)
        np.testing.assert_allclose(there.coef, here.coef, atol=1e-3)


def test_claim_gap_at_zero(reference, rng):
    X, y = shifted_by_7(rng)
    assert reference.duality_gap(X, y, np.zeros(2), 0.0, np.zeros(40), 0.3) == pytest.approx(0.3 * 40)


def peers(reference, rng):
    """Yield a fit of a hundred samples."""
    X, y = draw(rng, 100)
    yield Peer(
        "100 samples, 2 features",
        "SVC(kernel='linear')",
        lambda: reference.fit_svm(X, y, 0.1),
        lambda: SVC(kernel="linear", C=0.1).fit(X, y),
        "LIBSVM is compiled",
    )
