"""The reference beside simulations in which the priors are known.

Without sampling noise the known prior comes out to rounding; with it, as near as its standard error.
"""

import numpy as np
import pytest

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw_conditional(rng, n_classes, parts):
    """Return how each class is predicted, in whole parts: mostly right, so that the matrix is well conditioned."""
    errors = rng.multinomial(parts // 3, np.full(n_classes, 1 / n_classes), size=n_classes)
    return errors + np.diag(parts - errors.sum(axis=1))


def test_known_prior_without_noise(reference, rng):
    for _ in range(300):
        n_classes = int(rng.integers(1, 8))
        conditional = draw_conditional(rng, n_classes, 60)
        source, target = rng.integers(1, 50, size=n_classes), rng.integers(0, 20, size=n_classes)
        target[0] += 1
        predictions = rng.permutation(np.repeat(np.arange(n_classes), target @ conditional))
        confusion = source[:, None] * conditional
        for scaled in (confusion, confusion.astype(float), confusion / confusion.sum()):
            shift = reference.estimate_label_shift(scaled, predictions)
            np.testing.assert_allclose(shift.target_prior, target / target.sum(), **CLOSE)
            expected = (target / target.sum()) / (source / source.sum())
            np.testing.assert_allclose(shift.weights, expected, rtol=1e-9, atol=1e-10)


def test_simulated_samples(reference, rng):
    """A classifier that cuts a normal feature at 1, and classes of which one grows from 20 % to 70 %."""
    n = 400_000

    def draw(prior):
        y = (rng.random(n) < prior).astype(int)
        return y, (rng.normal(size=n) + 2 * y > 1).astype(int)

    y, predicted = draw(0.2)
    confusion = np.array([[((y == i) & (predicted == j)).sum() for j in (0, 1)] for i in (0, 1)])
    _, in_target = draw(0.7)
    shift = reference.estimate_label_shift(confusion, in_target)
    # The standard error of the prior is about sqrt(0.24 / 400,000) / 0.68, or 0.001, from the target's sample.
    np.testing.assert_allclose(shift.target_prior, [0.3, 0.7], atol=0.01)
    np.testing.assert_allclose(shift.weights, [0.3 / 0.8, 0.7 / 0.2], atol=0.05)


def test_clipping(reference, rng):
    """Any shares of predictions: the solution by the joint matrix, as in the paper, clipped and rescaled."""
    clipped = 0
    for _ in range(300):
        n_classes = int(rng.integers(2, 6))
        confusion = draw_conditional(rng, n_classes, 60) * rng.integers(1, 9, size=(n_classes, 1))
        predictions = rng.choice(n_classes, p=rng.dirichlet(np.full(n_classes, 0.3)), size=40)
        shares = np.array([(predictions == j).mean() for j in range(n_classes)])
        source = confusion.sum(axis=1) / confusion.sum()
        weights = np.linalg.inv((confusion / confusion.sum()).T) @ shares
        clipped += (weights < 0).any()
        prior = np.where(weights < 0, 0.0, weights * source)
        shift = reference.estimate_label_shift(confusion, predictions)
        np.testing.assert_allclose(shift.target_prior, prior / prior.sum(), **CLOSE)
        np.testing.assert_allclose(shift.weights, prior / prior.sum() / source, rtol=1e-9, atol=1e-10)
    assert clipped > 50


def test_bayes_rule(reference, rng):
    """For values of x with known p(x | y), the posterior under one prior becomes that under the other."""
    for _ in range(200):
        n_classes, n_values = rng.integers(1, 7, size=2)
        likelihood = rng.dirichlet(np.ones(n_values), size=n_classes)
        source, target = rng.dirichlet(np.ones(n_classes), size=2)
        if source.min() < 1e-6:
            continue
        if n_classes > 2:
            target[0] = 0.0
        in_source, in_target = ((likelihood.T * prior) for prior in (source, target))
        probs = in_source / in_source.sum(axis=1, keepdims=True)
        expected = in_target / in_target.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(reference.reweight(probs, source, target), expected, **CLOSE)
        np.testing.assert_allclose(reference.reweight(probs, 37 * source, 5 * target), expected, **CLOSE)


def test_calibration_after_a_shift(reference, rng):
    """Probabilities that are reweighted by the estimated prior are calibrated in the target."""
    n = 400_000

    def draw(prior):
        y = (rng.random(n) < prior).astype(int)
        x = rng.normal(size=n) + 2 * y
        positive = 1 / (1 + np.exp(-(2 * x - 2 + np.log(0.2 / 0.8))))
        return y, np.column_stack([1 - positive, positive])

    y, probs = draw(0.2)
    predicted = probs.argmax(axis=1)
    confusion = np.array([[((y == i) & (predicted == j)).sum() for j in (0, 1)] for i in (0, 1)])
    y, probs = draw(0.6)
    shift = reference.estimate_label_shift(confusion, probs.argmax(axis=1))
    corrected = reference.reweight(probs, confusion.sum(axis=1), shift.target_prior)[:, 1]
    for low in (0.1, 0.3, 0.5, 0.7, 0.9):
        inside = np.abs(corrected - low) < 0.05
        # Some ten thousand samples: the standard error is below 0.005.
        assert y[inside].mean() == pytest.approx(corrected[inside].mean(), abs=0.03)
    assert probs[:, 1].mean() < 0.55 < corrected.mean() < 0.65


@pytest.mark.parametrize(
    ("confusion", "predictions"),
    [
        ([[9.0, 0.0], [4.0, 0.0]], [0, 1]),
        ([[30.0, 10.0], [6.0, 2.0]], [0, 1]),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [0, 1]),
        ([[7.0, 2.0, 1.0], [1.0, 1.0, 8.0], [14.0, 4.0, 2.0]], [0, 1]),
        ([[9.0, 1.0], [0.0, 0.0]], [0, 1]),
        ([[9.0, -1.0], [1.0, 4.0]], [0, 1]),
        ([[9.0, np.nan], [1.0, 4.0]], [0, 1]),
        ([[9.0, np.inf], [1.0, 4.0]], [0, 1]),
        ([[9.0, 1.0], [1.0, 4.0]], []),
        ([[9.0, 1.0], [1.0, 4.0]], [0, 2]),
        ([[9.0, 1.0], [1.0, 4.0]], [-1, 0]),
    ],
)
def test_bad_estimates(reference, confusion, predictions):
    with pytest.raises(ValueError):
        reference.estimate_label_shift(np.array(confusion), np.array(predictions, dtype=int))


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_singular_up_to_rounding(reference, rng, n_classes):
    for _ in range(100):
        conditional = rng.dirichlet(np.ones(n_classes), size=n_classes)
        conditional[0] = rng.dirichlet(np.ones(n_classes - 1)) @ conditional[1:]
        confusion = conditional * rng.uniform(0.5, 5.0, size=(n_classes, 1))
        with pytest.raises(ValueError):
            reference.estimate_label_shift(confusion, np.array([0, 1]))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ([0.0, 1.0], [0.5, 0.5]),
        ([-0.5, 1.5], [0.5, 0.5]),
        ([0.5, 0.5], [-0.5, 1.5]),
        ([0.5, 0.5], [0.0, 1.0]),
        ([1.0], [0.5, 0.5]),
        ([0.5, 0.5], [1.0]),
        ([0.3, 0.3, 0.4], [0.3, 0.3, 0.4]),
    ],
)
def test_bad_priors(reference, source, target):
    """The fourth is bad for its second sample, which can only be of the class that is missing."""
    with pytest.raises(ValueError):
        reference.reweight(np.array([[0.4, 0.6], [1.0, 0.0]]), np.array(source), np.array(target))


def logistic(x, prior):
    """Return the probabilities of normal classes two standard deviations apart."""
    positive = 1 / (1 + np.exp(-(2 * x - 2 + np.log(prior / (1 - prior)))))
    return np.column_stack([1 - positive, positive])


def crossed(y, predicted):
    return np.bincount(2 * y + predicted, minlength=4).reshape(2, 2)


def log_loss(probs, y):
    return -np.log(probs[np.arange(len(y)), y]).mean()


def sample(rng, prior, distance=2.0, n=20_000):
    y = (rng.random(n) < prior).astype(int)
    return y, rng.normal(distance * y)


OLD = np.array([0.9, 0.1])


def test_claim_covariate_shift(reference):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y, x = sample(rng, 0.1)
        probs = logistic(rng.normal(1.0, size=20_000), 0.1)
        y_target = (rng.random(20_000) < probs[:, 1]).astype(int)
        shift = reference.estimate_label_shift(crossed(y, logistic(x, 0.1).argmax(axis=1)), probs.argmax(axis=1))
        assert y_target.mean() == pytest.approx(0.20, abs=0.01)
        assert 0.24 < shift.target_prior[1] < 0.29
        assert log_loss(probs, y_target) == pytest.approx(0.34, abs=0.015)
        assert log_loss(reference.reweight(probs, OLD, shift.target_prior), y_target) == pytest.approx(0.42, abs=0.02)


@pytest.mark.parametrize(
    ("distance", "low", "high", "clipped"),
    [(1.9889, 0.019, 0.023, 0.0), (0.5067, 0.078, 0.097, 0.06), (0.2009, 0.165, 0.2, 0.25)],
)
def test_claim_accuracy_and_noise(reference, distance, low, high, clipped):
    for seed in range(3):
        rng, priors = np.random.default_rng(seed), []
        for _ in range(400):
            y = np.repeat([0, 1], 1000)
            _, x_target = sample(rng, 0.2, distance, n=2000)
            confusion = crossed(y, (rng.normal(distance * y) > distance / 2).astype(int))
            shift = reference.estimate_label_shift(confusion, (x_target > distance / 2).astype(int))
            priors.append(shift.target_prior[1])
        assert low < np.std(priors) < high
        assert np.mean(np.array(priors) == 0) <= clipped


def expectation_maximisation(reference, probs, steps=100):
    prior = OLD
    for _ in range(steps):
        prior = reference.reweight(probs, OLD, prior).mean(axis=0)
    return prior[1]


def test_claim_from_ten_to_fifty_percent(reference):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        (y, x), (y_target, x_target) = sample(rng, 0.1), sample(rng, 0.5)
        probs = logistic(x_target, 0.1)
        predicted = probs.argmax(axis=1)
        shift = reference.estimate_label_shift(crossed(y, logistic(x, 0.1).argmax(axis=1)), predicted)
        corrected = reference.reweight(probs, OLD, shift.target_prior)
        assert predicted.mean() == pytest.approx(0.24, abs=0.01)
        assert probs[:, 1].mean() == pytest.approx(0.265, abs=0.01)
        assert shift.target_prior[1] == pytest.approx(0.5, abs=0.04)
        assert log_loss(probs, y_target) == pytest.approx(0.62, abs=0.02)
        assert log_loss(corrected, y_target) == pytest.approx(0.36, abs=0.015)
        assert (predicted == y_target).mean() == pytest.approx(0.72, abs=0.015)
        assert (corrected.argmax(axis=1) == y_target).mean() == pytest.approx(0.84, abs=0.015)
        assert expectation_maximisation(reference, probs) == pytest.approx(0.5, abs=0.02)
        too_sure = probs**2 / (probs**2).sum(axis=1, keepdims=True)
        assert expectation_maximisation(reference, too_sure) == pytest.approx(0.33, abs=0.02)


def test_claim_noise_of_two_estimates(reference):
    solved, maximised = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        (y, x), (_, x_target) = sample(rng, 0.1, n=2000), sample(rng, 0.5, n=2000)
        probs = logistic(x_target, 0.1)
        shift = reference.estimate_label_shift(crossed(y, logistic(x, 0.1).argmax(axis=1)), probs.argmax(axis=1))
        solved.append(shift.target_prior[1])
        maximised.append(expectation_maximisation(reference, probs, steps=60))
    assert 0.038 < np.std(solved) < 0.052
    assert 0.012 < np.std(maximised) < 0.018
