"""The reference beside a maximiser of SciPy, simulations with a known prior, and the claims of the follow-ups.

Without sampling noise the known prior comes out to rounding.
"""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from tests.oracles.claims import within

OLD = np.array([0.9, 0.1])


def test_definition(reference, rng):
    """Steps and estimates by the formulas of the statement, sample by sample."""
    for _ in range(60):
        n, k = rng.integers(1, 12), rng.integers(2, 6)
        probs, source = rng.dirichlet(np.full(k, 0.6), size=n), rng.dirichlet(np.full(k, 5.0))
        prior, steps = source, int(rng.integers(0, 8))
        likelihoods = []
        for t in range(steps + 1):
            posterior, total = np.zeros((n, k)), 0.0
            for i in range(n):
                joint = [prior[j] * probs[i, j] / source[j] for j in range(k)]
                posterior[i] = np.array(joint) / sum(joint)
                total += np.log(sum(joint)) / n
            likelihoods.append(total)
            if t < steps:
                np.testing.assert_allclose(
                    reference.em_step(probs, 7 * source, prior), posterior.mean(axis=0), rtol=1e-9, atol=1e-15
                )
                prior = posterior.mean(axis=0)
        found = reference.estimate_prior_em(probs, 7 * source, tol=0.0, max_iter=steps)
        np.testing.assert_allclose(found.prior, prior, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(found.log_likelihoods, likelihoods, rtol=1e-9, atol=1e-13)


def test_known_prior_without_noise(reference, rng):
    """Values of x in the shares that the target prior gives them: the maximum is the target prior."""
    for _ in range(20):
        k, values = 3, 6
        likelihood = 0.1 * rng.dirichlet(np.ones(values), size=k) + 0.9 * np.eye(values)[rng.permutation(values)[:k]]
        source = np.array([2, 3, 5]) / 10
        target = rng.permutation([1, 3, 4]) / 8
        in_source = likelihood.T * source
        probs, shares = in_source / in_source.sum(axis=1, keepdims=True), target @ likelihood
        # A step on a sample with these shares, without any rounding to whole samples.
        prior = source
        for _ in range(300):
            prior = shares @ np.array([reference.em_step(row[None], source, prior) for row in probs])
        np.testing.assert_allclose(prior, target, rtol=1e-9)
        np.testing.assert_allclose(
            shares @ np.array([reference.em_step(row[None], source, target) for row in probs]), target, rtol=1e-12
        )


def test_maximum(reference, rng):
    """The likelihood is that of SciPy's maximiser on the simplex, and never falls on the way."""
    for _ in range(20):
        n, k = 40, int(rng.integers(2, 5))
        probs, source = rng.dirichlet(np.full(k, 0.3), size=n), rng.dirichlet(np.full(k, 5.0))
        found = reference.estimate_prior_em(probs, source, tol=1e-10, max_iter=2000)
        assert (np.diff(found.log_likelihoods) > -1e-12).all()
        ratios = probs / source
        best = minimize(
            lambda prior, ratios=ratios: -np.log(np.maximum(ratios @ prior, 1e-12)).mean(),
            np.full(k, 1 / k),
            bounds=[(0, 1)] * k,
            constraints={"type": "eq", "fun": lambda prior: prior.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-12},
        )
        np.testing.assert_allclose(found.log_likelihoods[-1], -best.fun, atol=1e-6)
        np.testing.assert_allclose(found.prior, best.x, atol=2e-3)


def test_edges(reference):
    halves = np.array([0.5, 0.5])
    certain = np.eye(2)[[0, 1, 1, 1]]
    np.testing.assert_allclose(reference.estimate_prior_em(certain, halves, tol=0.0).prior, [0.25, 0.75], rtol=1e-12)
    np.testing.assert_array_equal(reference.em_step(np.full((3, 2), 0.5), halves, np.array([0.0, 1.0])), [0.0, 1.0])
    start = reference.estimate_prior_em(certain, np.array([3.0, 1.0]), max_iter=0)
    np.testing.assert_array_equal(start.prior, [0.75, 0.25])
    np.testing.assert_array_equal(start.log_likelihoods, [0.0])
    for probs, source in [
        (certain[:0], halves),
        (certain, np.ones(3)),
        (-certain, halves),
        (certain * np.nan, halves),
        (certain, np.array([0.0, 1.0])),
    ]:
        with pytest.raises(ValueError):
            reference.estimate_prior_em(probs, source)
    with pytest.raises(ValueError):
        reference.em_step(certain, halves, np.array([0.0, 1.0]))


def draw(rng, share, distance=2.0, n=2_000):
    return rng.normal(distance * (rng.random(n) < share))


def calibrated(x, share, distance=2.0):
    """Return the probabilities of normal classes of unit variance."""
    positive = 1 / (1 + np.exp(distance**2 / 2 - distance * x + np.log(1 / share - 1)))
    return np.column_stack([1 - positive, positive])


def test_claim_of_equal_columns(reference):
    def ratio(rng):
        probs, start = calibrated(draw(rng, 0.5), 0.4), np.array([0.6, 0.1, 0.3])
        probs, source = np.column_stack([probs[:, 0], probs[:, 1] / 2, probs[:, 1] / 2]), np.array([0.6, 0.2, 0.2])
        for _ in range(50):
            start = reference.em_step(probs, source, start)
        return start[2] / start[1]

    within(3 - 1e-9, 3 + 1e-9, ratio)


def test_claims_of_calibration(reference):
    def found(rng):
        probs, priors, classes = calibrated(draw(rng, 0.5), 0.1), [], []
        for power in (1, 2, 0.5):
            bent = probs**power / (probs**power).sum(axis=1, keepdims=True)
            priors.append(reference.estimate_prior_em(bent, OLD, tol=1e-6, max_iter=300).prior[1])
            classes.append(bent.argmax(axis=1))
        return *priors, (classes[0] != classes[1]).sum(), (classes[0] != classes[2]).sum()

    within([0.46, 0.29, 0.99, 0, 0], [0.55, 0.38, 1, 0, 0], found)


def test_claims_of_steps(reference):
    def steps(rng):
        counts = []
        for distance in (4.0, 2.0, 0.5):
            probs = calibrated(draw(rng, 0.5, distance), 0.1, distance)
            best = reference.estimate_prior_em(probs, OLD, tol=1e-6)
            counts.append(len(best.log_likelihoods) - 1)
        early = reference.estimate_prior_em(probs, OLD, tol=1e-3)
        return *counts, best.prior[1] - early.prior[1]

    within([5, 15, 150, 0.01], [8, 20, 200, 0.02], steps)


def test_claims_of_a_rebalanced_classifier(reference):
    def found(rng):
        probs = calibrated(draw(rng, 0.1), 0.5)
        return [reference.estimate_prior_em(probs, source, tol=1e-6).prior[1] for source in (np.full(2, 0.5), OLD)]

    within([0.08, 0.6], [0.14, 0.75], found)


def test_claims_of_a_test(reference):
    def rejected(rng):
        shares = []
        for share in (0.3, 0.4):
            found = []
            for _ in range(100):
                probs = calibrated(draw(rng, share, n=300), 0.3)
                estimate = reference.estimate_prior_em(probs, np.array([0.7, 0.3]), tol=1e-4, max_iter=100)
                found.append(600 * estimate.log_likelihoods[-1] > chi2.ppf(0.95, 1))
            shares.append(np.mean(found))
        return shares

    within([0.0, 0.6], [0.12, 0.9], rejected, seeds=5)
