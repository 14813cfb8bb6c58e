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
