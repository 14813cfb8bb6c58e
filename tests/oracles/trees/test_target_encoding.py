"""The reference beside scikit-learn's TargetEncoder, fitted on the other folds and by its own cross fitting."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-13}


def fitted(categories, y, smoothing, target_type="continuous"):
    return TargetEncoder(smooth=smoothing, target_type=target_type).fit(categories[:, None], y)


def splits(folds):
    return [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)]


def drawn(rng):
    """Return categories, many of them rare and some negative, targets, folds of any number, and a smoothing."""
    n = int(rng.integers(4, 60))
    categories = rng.zipf(1.7, size=n) % 40 - 3
    folds = rng.permutation(np.append([-5, 11], rng.choice([-5, 0, 3, 11], size=n - 2)))
    return categories, 5 + rng.normal(size=n), folds, rng.choice([0.0, 0.5, 1.0, 20.0])


def test_new_rows(reference, rng):
    names = np.array([f"level {number}" for number in range(-10, 50)])
    for _ in range(200):
        categories, y, _, smoothing = drawn(rng)
        new = rng.integers(-8, 45, size=30)
        expected = fitted(categories, y, smoothing).transform(new[:, None])[:, 0]
        np.testing.assert_allclose(reference.target_encode(categories, y, new, smoothing), expected, **CLOSE)
        strings = names[categories + 10], names[new + 10]
        np.testing.assert_allclose(reference.target_encode(strings[0], y, strings[1], smoothing), expected, **CLOSE)


def test_out_of_fold(reference, rng):
    for _ in range(200):
        categories, y, folds, smoothing = drawn(rng)
        expected = np.empty(len(y))
        for train, test in splits(folds):
            encoder = fitted(categories[train], y[train], smoothing)
            expected[test] = encoder.transform(categories[test][:, None])[:, 0]
        ours = reference.target_encode_out_of_fold(categories, y, folds, smoothing)
        np.testing.assert_allclose(ours, expected, **CLOSE)
        encoder = TargetEncoder(smooth=smoothing, target_type="continuous", cv=splits(folds))
        np.testing.assert_allclose(ours, encoder.fit_transform(categories[:, None], y)[:, 0], **CLOSE)


def test_two_classes(reference, rng):
    for _ in range(50):
        categories, y, _, smoothing = drawn(rng)
        labels = (y > np.median(y)).astype(int)
        expected = fitted(categories, labels, smoothing, "binary").transform(categories[:, None])[:, 0]
        ours = reference.target_encode(categories, labels, categories, smoothing)
        np.testing.assert_allclose(ours, expected, **CLOSE)


def test_edges(reference):
    """One row, a category unseen without smoothing, a fold that has a category to itself, and errors."""
    one, y = np.array([4]), np.array([2.5])
    np.testing.assert_allclose(reference.target_encode(one, y, np.array([4, 9]), 0.0), [2.5, 2.5])
    categories, y, folds = np.array(["u", "u", "v", "v"]), np.array([8.0, 4.0, 1.0, 3.0]), np.array([1, 1, 1, 2])
    expected = TargetEncoder(smooth=0.0, target_type="continuous", cv=splits(folds)).fit_transform(
        categories[:, None], y
    )
    np.testing.assert_allclose(reference.target_encode_out_of_fold(categories, y, folds, 0.0), expected[:, 0])
    with pytest.raises(ValueError, match="only one fold"):
        reference.target_encode_out_of_fold(categories, y, np.ones(4, dtype=int), 1.0)
    with pytest.raises(ValueError, match="4 categories"):
        reference.target_encode_out_of_fold(categories, y, folds[:3], 1.0)
    with pytest.raises(ValueError, match="length"):
        reference.target_encode(categories, y[:3], categories, 1.0)
    with pytest.raises(ValueError, match="smoothing"):
        reference.target_encode(categories, y, categories, -1.0)


@pytest.mark.parametrize("seed", range(10))
def test_claim_in_sample(reference, seed):
    """300 categories without meaning beside one useful feature, 1,000 rows to train and 1,000 to test."""
    rng = np.random.default_rng(seed)
    categories, x = rng.integers(0, 300, size=2000), rng.normal(size=2000)
    y = (rng.random(2000) < 1 / (1 + np.exp(-x))).astype(float)
    train, test = slice(1000), slice(1000, None)
    new = reference.target_encode(categories[train], y[train], categories[test], 0.0)
    in_sample = reference.target_encode(categories[train], y[train], categories[train], 0.0)
    out_of_fold = reference.target_encode_out_of_fold(categories[train], y[train], rng.permutation(1000) % 5, 0.0)
    assert 0.48 < np.corrcoef(in_sample, y[train])[0, 1] < 0.6
    assert abs(np.corrcoef(out_of_fold, y[train])[0, 1]) < 0.13
    areas = []
    for encoding in (in_sample, out_of_fold):
        seen, unseen = np.column_stack([x[train], encoding]), np.column_stack([x[test], new])
        model = LogisticRegression(C=1e6).fit(seen, y[train])
        areas += [roc_auc_score(y[train], model.predict_proba(seen)[:, 1])]
        areas += [roc_auc_score(y[test], model.predict_proba(unseen)[:, 1])]
    assert 0.83 < areas[0] < 0.9
    assert 0.57 < areas[1] < 0.65
    assert 0.7 < areas[2] < 0.79
    assert 0.69 < areas[3] < 0.79


@pytest.mark.parametrize("seed", range(10))
def test_claim_leave_one_out(reference, seed):
    rng = np.random.default_rng(seed)
    categories, y = rng.integers(0, 20, size=1000), rng.integers(0, 2, size=1000).astype(float)
    for folds, low, high in ((np.arange(1000), 1.0, 1.0), (rng.permutation(1000) % 5, 0.58, 0.67)):
        X = np.column_stack([categories, reference.target_encode_out_of_fold(categories, y, folds, 0.0)])
        tree = DecisionTreeClassifier(max_leaf_nodes=60, random_state=0).fit(X, y)
        assert low <= tree.score(X, y) <= high


@pytest.mark.parametrize("seed", range(10))
def test_claim_smoothing(reference, seed):
    """Category means of variance 1/4 and noise of variance 1: the best smoothing is 4."""
    rng = np.random.default_rng(seed)
    means = rng.normal(scale=0.5, size=400)
    categories = np.repeat(np.arange(400), rng.integers(1, 21, size=400))
    y = means[categories] + rng.normal(size=categories.size)
    for smoothing, low, high in (
        (0.0, 0.12, 0.26),
        (1.0, 0.09, 0.14),
        (4.0, 0.07, 0.1),
        (16.0, 0.09, 0.14),
        (100.0, 0.12, 0.26),
    ):
        encoding = reference.target_encode(categories, y, np.arange(400), smoothing)
        assert low < ((encoding - means) ** 2).mean() < high


@pytest.mark.parametrize("seed", range(10))
def test_claim_one_category(reference, seed):
    rng = np.random.default_rng(seed)
    one, y = np.zeros(50, dtype=int), rng.normal(size=50)
    for n_folds, low, high in ((50, -1.0 - 1e-9, -1.0 + 1e-9), (5, -0.7, -0.02)):
        encoding = reference.target_encode_out_of_fold(one, y, np.arange(50) % n_folds, 0.0)
        assert low <= np.corrcoef(encoding, y)[0, 1] <= high


def peers(reference, rng):
    """Yield the out-of-fold encoding of a wide column, and new rows."""
    categories, y, folds = rng.integers(0, 5000, size=100_000), rng.normal(size=100_000), np.arange(100_000) % 5
    column, cut = categories[:, None], splits(folds)
    encoder, ready = TargetEncoder(smooth=10.0, target_type="continuous", cv=cut), fitted(categories, y, 10.0)
    yield Peer(
        "100,000 rows, 5,000 categories, 5 folds",
        "TargetEncoder.fit_transform",
        lambda: reference.target_encode_out_of_fold(categories, y, folds, 10.0),
        lambda: encoder.fit_transform(column, y),
    )
    yield Peer(
        "100,000 rows, fit and encode",
        "TargetEncoder.fit, transform",
        lambda: reference.target_encode(categories, y, categories, 10.0),
        lambda: ready.fit(column, y).transform(column),
    )
