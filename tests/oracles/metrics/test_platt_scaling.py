"""`platt_scaling` beside statsmodels' binomial GLM, and scikit-learn's CalibratedClassifierCV, which stops early."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from tests.bench.peers import Peer


def targets_of(y):
    n_pos = np.sum(y)
    return np.where(y == 1, (n_pos + 1) / (n_pos + 2), 1 / (len(y) - n_pos + 2))


def calibrated(model):
    return CalibratedClassifierCV(FrozenEstimator(model), method="sigmoid")


def glm(scores, y):
    """Return intercept and slope by iteratively reweighted least squares on scores of mean 0 and spread 1."""
    center, scale = scores.mean(), scores.std()
    design = sm.add_constant((scores - center) / scale)
    params = sm.GLM(targets_of(y), design, family=sm.families.Binomial()).fit(tol=1e-15, maxiter=100).params
    return params[1] / scale, params[0] - params[1] / scale * center


def draw(rng, n):
    scores = rng.normal(size=n)
    y = (rng.random(n) < expit(rng.choice([-1.0, 1.0, 5.0]) * scores - rng.choice([0.0, 2.0]))).astype(int)
    return rng.choice([1e-5, 1.0, 1e5]) * (scores + rng.choice([0.0, 50.0])), y


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.DomainWarning")
def test_random(reference, rng):
    for _ in range(150):
        scores, y = draw(rng, int(rng.integers(2, 60)))
        fit = reference.fit_platt(scores, y)
        slope, intercept = glm(scores, y)
        p = reference.predict_proba(fit, scores)
        np.testing.assert_allclose(p, expit(slope * scores + intercept), rtol=1e-9)
        np.testing.assert_allclose(p.sum(), targets_of(y).sum(), rtol=1e-10)
        place = (scores - scores.mean()) / scores.std()
        np.testing.assert_allclose(p @ place, targets_of(y) @ place, rtol=1e-9, atol=1e-9)


def test_scikit_learn(reference, rng):
    """Its slope is the negative, and its solver stops at a gradient of 1e-6."""
    for n in (30, 200):
        scores = rng.normal(size=n)
        y = np.append([0, 1], rng.random(n - 2) < expit(2 * scores[2:])).astype(int)
        model = LogisticRegression().fit(scores[:, None], y)
        sigmoid = calibrated(model).fit(scores[:, None], y).calibrated_classifiers_[0].calibrators[0]
        fit = reference.fit_platt(model.decision_function(scores[:, None]), y)
        np.testing.assert_allclose([-sigmoid.a_, -sigmoid.b_], fit, rtol=1e-3, atol=1e-4)


def test_edges(reference):
    """Separable scores, a rare class far away, one class, equal scores."""

    def assert_fit(scores, y, slope, intercept):
        fit = reference.fit_platt(np.array(scores, dtype=float), np.array(y))
        np.testing.assert_allclose(fit, (slope, intercept), rtol=1e-9, atol=1e-9)

    assert_fit(np.repeat([-1, 1], 10), np.repeat([0, 1], 10), np.log(11), 0)
    assert_fit(np.repeat([-5, 5], [50, 5]), np.repeat([0, 1], [50, 5]), np.log(6 * 51) / 10, np.log(6 / 51) / 2)
    assert_fit([0, 1, 5], [1, 1, 1], 0, np.log(4))
    assert_fit([0, 1, 5], [0, 0, 0], 0, -np.log(4))
    assert_fit([2, 2, 2], [1, 0, 0], 0, np.log((7 / 18) / (11 / 18)))


def test_targets_and_probabilities(reference, rng):
    y = rng.integers(0, 2, size=50)
    np.testing.assert_allclose(reference.platt_targets(y), targets_of(y), rtol=1e-15)
    scores = np.append(rng.normal(size=50), [1e4, -1e4])
    fit = reference.fit_platt(scores[:50], y)
    np.testing.assert_allclose(
        reference.predict_proba(fit, scores), expit(fit.slope * scores + fit.intercept), rtol=1e-12, atol=1e-300
    )


def test_bad_input(reference):
    for y in ([-1, 1], [0, 2], [0.5, 1], [np.nan, 1], []):
        with pytest.raises(ValueError, match=r"label|sample"):
            reference.platt_targets(np.array(y))
    with pytest.raises(ValueError, match="labels"):
        reference.fit_platt(np.zeros(2), np.ones(3))


def newton(scores, targets, weights, steps):
    """Take full Newton steps."""
    X, weights = np.column_stack([scores, np.ones(len(scores))]), np.array(weights, dtype=float)
    for _ in range(steps):
        p = expit(X @ weights)
        weights -= np.linalg.solve(X.T * (p * (1 - p)) @ X, X.T @ (p - targets))
    return weights


def test_claims_of_targets(reference):
    """The slopes of the first follow-up."""
    for n, slope in ((10, 2.40), (100, 4.62)):
        fit = reference.fit_platt(np.repeat([-1.0, 1.0], n), np.repeat([0, 1], n))
        assert fit.slope == pytest.approx(np.log(n + 1))
        assert fit.slope == pytest.approx(slope, abs=0.005)
    scores, y = np.repeat([-1.0, 1.0], 10), np.repeat([0, 1], 10)
    for steps, slope in ((5, 6), (10, 11), (15, 16), (20, 21)):
        assert newton(scores, y, (0, 0), steps)[0] == pytest.approx(slope, abs=0.3)


def lin_lin_weng(scores, y):
    """Run the algorithm of the paper's appendix: None if its line search fails."""
    targets, X = targets_of(y), np.column_stack([scores, np.ones(len(scores))])
    weights = np.array([0.0, np.log((y.sum() + 1) / (len(y) - y.sum() + 1))])

    def loss(at):
        return (np.logaddexp(0, X @ at) - targets * (X @ at)).sum()

    for _ in range(100):
        p = expit(X @ weights)
        gradient = X.T @ (p - targets)
        if np.abs(gradient).max() < 1e-5:
            return tuple(weights)
        step, share = np.linalg.solve(X.T * (p * (1 - p)) @ X + 1e-12 * np.eye(2), gradient), 1.0
        while loss(weights - share * step) >= loss(weights) - 1e-4 * share * gradient @ step:
            share /= 2
            if share < 1e-10:
                return None
        weights = weights - share * step
    return None


def test_claims_of_newton(reference):
    """The steps of the second follow-up."""
    scores, y = np.repeat([-5.0, 5.0], [50, 5]), np.repeat([0, 1], [50, 5])
    start, fit = (0, np.log(6 / 51)), reference.fit_platt(scores, y)
    targets = targets_of(y)
    np.testing.assert_allclose(newton(scores, targets, start, 1), [0.89, 1.39], atol=0.006)
    np.testing.assert_allclose(newton(scores, targets, start, 2), [-3.9, -23], atol=0.2)
    try:
        lost = np.abs(newton(scores, targets, start, 4)).min() > 1e6
    except np.linalg.LinAlgError:
        lost = True
    assert lost
    np.testing.assert_allclose(newton(scores, targets, (0, 0), 7), fit, rtol=1e-6)
    assert lin_lin_weng(scores, y) == pytest.approx(fit, rel=1e-6)
    scores, y = np.repeat([-5.0, 5.0], [1000, 10]), np.repeat([0, 1], [1000, 10])
    assert lin_lin_weng(scores, y) is None
    assert reference.fit_platt(scores, y).slope == pytest.approx(0.93, abs=0.005)


def test_claims_of_training_scores(reference):
    """The slopes and losses of the third follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        samples = []
        for n in (100, 1000, 20_000):
            y = rng.integers(0, 2, size=n)
            X = rng.normal(size=(n, 40))
            X[:, 0] += 0.75 * (2 * y - 1)
            samples.append((sm.add_constant(X), y))
        weights = np.linalg.lstsq(samples[0][0], 2 * samples[0][1] - 1, rcond=None)[0]
        (train, y_train), (held, y_held), (new, y_new) = [(X @ weights, y) for X, y in samples]
        for fit, slopes, losses in (
            (reference.fit_platt(train, y_train), (3.5, 5.3), (0.72, 1.26)),
            (reference.fit_platt(held, y_held), (0.6, 1.6), (0.56, 0.65)),
        ):
            assert slopes[0] < fit.slope < slopes[1]
            p = reference.predict_proba(fit, new)
            assert losses[0] < -np.log(np.where(y_new == 1, p, 1 - p)).mean() < losses[1]


def test_claims_of_the_curve(reference):
    """The slope and the error of the fourth follow-up."""
    for seed in range(20):
        for spread in (1, 3):
            rng = np.random.default_rng(seed)
            y = rng.integers(0, 2, size=20_000)
            scores = np.where(y == 1, 1 + rng.normal(size=y.size), -1 + spread * rng.normal(size=y.size))
            fit = reference.fit_platt(scores, y)
            log_odds = np.log(spread) - (scores - 1) ** 2 / 2 + (scores + 1) ** 2 / (2 * spread**2)
            error = np.sqrt(np.mean((expit(log_odds) - reference.predict_proba(fit, scores)) ** 2))
            if spread == 1:
                assert abs(fit.slope - 2) < 0.1
            else:
                assert 0.22 < error < 0.24


def test_claims_of_the_base_rate(reference):
    """The means of the fifth follow-up."""
    shift = np.log(0.05 / 0.95)
    assert shift == pytest.approx(-2.94, abs=0.005)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = (rng.random(2000) < 0.5).astype(int)
        fit = reference.fit_platt(rng.normal(size=2000) + 2 * y - 1, y)
        new = rng.normal(size=20_000) + 2 * (rng.random(20_000) < 0.05) - 1
        assert 0.24 < reference.predict_proba(fit, new).mean() < 0.28
        corrected = fit._replace(intercept=fit.intercept + shift)
        assert 0.044 < reference.predict_proba(corrected, new).mean() < 0.053


def peers(reference, rng):
    """Yield a fit to many samples."""
    scores = rng.normal(size=100_000)
    y = (rng.random(scores.size) < expit(2 * scores - 1)).astype(int)
    model = LogisticRegression().fit(scores[:, None], y)
    yield Peer(
        "100,000 samples",
        "CalibratedClassifierCV",
        lambda: reference.fit_platt(scores, y),
        lambda: calibrated(model).fit(scores[:, None], y),
    )
