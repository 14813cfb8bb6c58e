"""The reference beside scikit-learn: its forest's samples, and its bagging classifier's own out-of-bag accuracy."""

import numpy as np
import pytest
from scipy.stats import chisquare, ks_2samp
from sklearn.ensemble import BaggingClassifier
from sklearn.ensemble._forest import _generate_sample_indices, _generate_unsampled_indices
from sklearn.linear_model import Perceptron
from sklearn.tree import DecisionTreeClassifier

pytestmark = pytest.mark.filterwarnings("ignore:Some inputs do not have OOB scores", "ignore:invalid value")


def fitted(rng, model, n_trees, n_classes=3, n_samples=60):
    """Return a fitted ensemble of scikit-learn, its votes and masks, and the labels."""
    y = rng.permutation(np.arange(n_samples) % n_classes)
    X = rng.normal(size=(n_samples, 3)) + y[:, None] * 0.7
    ensemble = BaggingClassifier(model, n_trees, oob_score=True, random_state=int(rng.integers(2**31))).fit(X, y)
    votes = np.array([tree.predict(X) for tree in ensemble.estimators_])
    return ensemble, votes, y


@pytest.mark.parametrize("model", [DecisionTreeClassifier(), Perceptron()], ids=["tree", "no probabilities"])
def test_oob_accuracy(reference, rng, model):
    """A tree grown to the end gives probabilities of 0 and 1, and what gives none votes: both are votes."""
    for n_trees in (1, 2, 3, 5, 8, 13, 30):
        for n_classes in (2, 3, 5):
            ensemble, votes, y = fitted(rng, model, n_trees, n_classes)
            masks = np.array([reference.out_of_bag_mask(sample, len(y)) for sample in ensemble.estimators_samples_])
            ours = reference.oob_accuracy(votes, masks, y)
            # scikit-learn warns of rows that are in every bag, and counts them as class 0; here they are left out.
            never = ~masks.any(axis=0)
            theirs = (ensemble.oob_score_ * len(y) - (y[never] == 0).sum()) / (~never).sum()
            assert ours == pytest.approx(theirs, rel=1e-12)


def test_any_labels(reference, rng):
    """Labels keep their order, so that ties go the same way."""
    names = np.array([-(10**12), -3, 0, 7, 10**9])
    for n_trees in (1, 2, 4, 7):
        ensemble, votes, y = fitted(rng, DecisionTreeClassifier(), n_trees, 5)
        masks = np.array([reference.out_of_bag_mask(sample, len(y)) for sample in ensemble.estimators_samples_])
        expected = reference.oob_accuracy(votes, masks, y)
        assert reference.oob_accuracy(names[votes], masks, names[y]) == expected


def test_no_row_out_of_bag(reference):
    """scikit-learn counts every row as class 0 there; here it is an error."""
    with pytest.raises(ValueError, match="no row is out of bag"):
        reference.oob_accuracy(np.zeros((2, 3), dtype=int), np.zeros((2, 3), dtype=bool), np.zeros(3, dtype=int))


def test_out_of_bag_mask(reference, rng):
    for _ in range(200):
        n, size, state = int(rng.integers(1, 60)), int(rng.integers(1, 90)), int(rng.integers(2**31))
        mask = reference.out_of_bag_mask(_generate_sample_indices(state, n, size, None), n)
        assert mask.dtype == bool
        np.testing.assert_array_equal(np.flatnonzero(mask), _generate_unsampled_indices(state, n, size, None))


@pytest.mark.parametrize("index", [-1, 4])
def test_indices_of_no_row(reference, index):
    with pytest.raises(ValueError, match="not a row"):
        reference.out_of_bag_mask(np.array([0, index, 2]), 4)


def test_bootstrap_indices_are_uniform(reference, rng):
    for n in (2, 3, 7, 50):
        drawn = np.concatenate([reference.bootstrap_indices(n, rng) for _ in range(4000)])
        assert drawn.dtype == np.int64
        assert chisquare(np.bincount(drawn, minlength=n)).pvalue > 1e-9


def test_numbers_of_distinct_rows(reference, rng):
    """They have one distribution with those of scikit-learn's samples; their mean is n (1 - (1 - 1/n)^n)."""
    n = 40
    ours = [len(set(reference.bootstrap_indices(n, rng).tolist())) for _ in range(4000)]
    theirs = [len(set(_generate_sample_indices(int(rng.integers(2**31)), n, n, None).tolist())) for _ in range(4000)]
    assert ks_2samp(ours, theirs).pvalue > 1e-9
    # The standard deviation of a number is 2, of the mean 0.03: eight of them.
    assert np.mean(ours) == pytest.approx(n * (1 - (1 - 1 / n) ** n), abs=0.25)


def nearest_in_bag(distance, in_bag):
    """Return the nearest row in the bag, by sample and by place."""
    near = np.argsort(distance, axis=1, kind="stable")
    return near[np.arange(len(near)), in_bag[:, near].argmax(axis=2)]


def in_bags(reference, rng, n, n_trees):
    samples = np.array([reference.bootstrap_indices(n, rng) for _ in range(n_trees)])
    return samples, ~np.array([reference.out_of_bag_mask(sample, n) for sample in samples])


@pytest.mark.parametrize("seed", range(10))
def test_claim_variance_falls_and_bias_stays(reference, seed):
    rng, grid = np.random.default_rng(seed), np.linspace(0, 1, 21)
    fits = {"neighbour": [], "bagged neighbour": [], "line": [], "bagged line": []}
    for _ in range(100):
        x = rng.random(50)
        y = np.sin(2 * np.pi * x) + rng.normal(scale=0.5, size=50)
        samples, in_bag = in_bags(reference, rng, 50, 100)
        distance = np.abs(grid[:, None] - x)
        fits["neighbour"].append(y[distance.argmin(axis=1)])
        fits["bagged neighbour"].append(y[nearest_in_bag(distance, in_bag)].mean(axis=0))
        fits["line"].append(np.polyval(np.polyfit(x, y, 1), grid))
        means = x[samples].mean(axis=1), y[samples].mean(axis=1)
        dx, dy = x[samples] - means[0][:, None], y[samples] - means[1][:, None]
        slopes = (dx * dy).sum(axis=1) / (dx**2).sum(axis=1)
        fits["bagged line"].append((means[1][:, None] + slopes[:, None] * (grid - means[0][:, None])).mean(axis=0))
    variance = {name: np.var(each, axis=0).mean() for name, each in fits.items()}
    bias = {name: ((np.mean(each, axis=0) - np.sin(2 * np.pi * grid)) ** 2).mean() for name, each in fits.items()}
    assert 0.22 <= variance["neighbour"] <= 0.28
    assert 0.10 <= variance["bagged neighbour"] <= 0.14
    for name in ("line", "bagged line"):
        assert 0.23 <= bias[name] <= 0.25
        assert 0.01 <= variance[name] <= 0.03


@pytest.mark.parametrize("seed", range(10))
def test_claim_votes_a_row(reference, seed):
    rng = np.random.default_rng(seed)
    votes = {n_trees: (~in_bags(reference, rng, 1000, n_trees)[1]).sum(axis=0) for n_trees in (5, 10, 25)}
    assert abs(votes[25].mean() - 9.2) < 0.2
    assert 0.002 <= np.mean(votes[10] == 0) <= 0.025
    assert 0.07 <= np.mean(votes[5] == 0) <= 0.14


@pytest.mark.parametrize("seed", range(10))
def test_claim_copies_leak(reference, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(200, 2)), rng.integers(0, 2, size=200)
    for times, low, high in [(1, 0.42, 0.58), (2, 0.97, 1.0)]:
        rows, labels = np.tile(X, (times, 1)), np.tile(y, times)
        _, in_bag = in_bags(reference, rng, len(labels), 100)
        votes = labels[nearest_in_bag(((rows[:, None] - rows) ** 2).sum(axis=2), in_bag)]
        assert low <= reference.oob_accuracy(votes, ~in_bag, labels) <= high


@pytest.mark.parametrize("seed", range(3))
def test_claim_trees_correlate(reference, seed):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(1000, 20))
    means = np.array([[row[reference.bootstrap_indices(20, rng)].mean() for _ in range(50)] for row in data])
    assert abs(np.corrcoef(means[:, 0], means[:, 1])[0, 1] - 0.51) < 0.08
    assert abs(means[:, 0].var() * 20 - 1.95) < 0.3
    assert abs(means.mean(axis=1).var() * 20 - 1.02) < 0.15


@pytest.mark.parametrize("seed", range(20))
def test_claim_the_tie_rule_favours_a_label(reference, seed):
    rng = np.random.default_rng(seed)
    for n_trees, low, high in [(10, 0.57, 0.63), (100, 0.50, 0.57)]:
        votes, masks = rng.integers(0, 2, size=(n_trees, 2000)), rng.random((n_trees, 2000)) < np.exp(-1)
        assert low <= reference.oob_accuracy(votes, masks, np.zeros(2000, dtype=int)) <= high
