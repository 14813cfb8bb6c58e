"""`isotonic_calibration` beside scikit-learn's IsotonicRegression."""

import itertools

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def assert_agrees(reference, rng, x, y, weights=None):
    theirs = IsotonicRegression(out_of_bounds="clip").fit(x, y, sample_weight=weights)
    ours = reference.fit_isotonic(x, y, weights)
    np.testing.assert_array_equal(ours.x, np.unique(x))
    np.testing.assert_allclose(ours.y, theirs.predict(ours.x), **CLOSE)
    queries = np.concatenate([rng.uniform(np.min(x) - 2, np.max(x) + 2, size=30), x])
    np.testing.assert_allclose(reference.predict(ours, queries), theirs.predict(queries), **CLOSE)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("labels", [False, True])
def test_random(reference, rng, weighted, tied, labels):
    for _ in range(60):
        n = int(rng.integers(1, 40))
        x = rng.integers(-4, 5, size=n) / 2 if tied else rng.normal(scale=rng.choice([1e-3, 1.0, 1e4]), size=n)
        y = rng.normal(size=n) + rng.choice([-1, 0, 1]) * x
        if labels:
            y = (y > 0).astype(int)
        assert_agrees(reference, rng, x, y, rng.uniform(0.01, 3.0, size=n) if weighted else None)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([2.0], [3.0]),
        ([1.0, 1.0, 1.0], [1.0, 0.0, 5.0]),
        ([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]),
        ([1.0, 2.0, 3.0], [-5.0, -5.0, 7.0]),
        ([0.3, 0.300001], [1.0, 0.0]),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 5.0, 7.0, 9.0, -24.0]),
    ],
)
def test_edges(reference, rng, x, y):
    assert_agrees(reference, rng, np.array(x), np.array(y))
    assert_agrees(reference, rng, np.array(x), np.array(y), 1e-6 + np.arange(len(x)))


def test_bad_input(reference):
    x = np.array([1.0, 2.0])
    for bad in [(x[:0], x[:0]), (x, x[:1]), (x, x, np.ones(3)), (x, x, np.array([1.0, 0.0]))]:
        with pytest.raises(ValueError, match=r"there are|positive"):
            reference.fit_isotonic(*bad)


def platt(scores, y):
    """Return Platt's curve as a function: each sample counts as a positive and as a negative, by its target."""
    positives = y.sum()
    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))
    model = LogisticRegression(C=1e6).fit(
        np.tile(scores, 2)[:, None],
        np.repeat([1, 0], len(y)),
        sample_weight=np.append(target, 1 - target),
    )
    return lambda new: model.predict_proba(new[:, None])[:, 1]


def draw(rng, n, kind="sigmoid"):
    s = rng.normal(scale=1.5, size=n)
    p = sigmoid(2 * s - 0.5) if kind == "sigmoid" else np.where(s < 0, 0.1, 0.6)
    return s, (rng.random(n) < p).astype(int), p


@pytest.mark.parametrize(
    ("kind", "n", "isotonic", "sigmoidal"),
    [
        ("sigmoid", 200, 0.0047, 0.0012),
        ("sigmoid", 5000, 0.0006, 0.00005),
        ("step", 200, 0.008, 0.022),
        ("step", 5000, 0.0005, 0.020),
    ],
)
def test_claims_of_platt(reference, kind, n, isotonic, sigmoidal):
    """The errors of the first follow-up."""
    errors = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        s, y, _ = draw(rng, n, kind)
        new, _, p = draw(rng, 5000, kind)
        fit = reference.fit_isotonic(s, y)
        errors.append([((q - p) ** 2).mean() for q in (reference.predict(fit, new), platt(s, y)(new))])
    np.testing.assert_allclose(np.mean(errors, axis=0), [isotonic, sigmoidal], rtol=0.15)


def test_claims_of_ranking_and_ends(reference):
    """The numbers of the second and the third follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        s, y, _ = draw(rng, 500)
        new, label, _ = draw(rng, 20_000)
        fit = reference.fit_isotonic(s, y)
        assert 11 <= np.unique(fit.y).size <= 19
        own, fresh = reference.predict(fit, s), reference.predict(fit, new)
        assert 0.004 < roc_auc_score(y, own) - roc_auc_score(y, s) < 0.011
        assert 0.001 < roc_auc_score(label, new) - roc_auc_score(label, fresh) < 0.007
        sure = (fresh == 0) | (fresh == 1)
        assert 0.1 < sure.mean() < 0.38
        assert 4 <= (sure & (fresh != label)).sum() <= 214
    assert abs((1 - 3 / 200) ** 200 - 0.05) < 0.002  # 200 negatives at 3 / 200 each


def rounds(values):
    """Count passes that merge falling pairs, until nothing falls."""
    blocks, count = [(value, 1) for value in values], 0
    while any(a[0] > b[0] for a, b in itertools.pairwise(blocks)):
        count, old, blocks = count + 1, blocks[::-1], []
        while old:
            mean, size = old.pop()
            if old and mean > old[-1][0]:
                right, more = old.pop()
                mean, size = (size * mean + more * right) / (size + more), size + more
            blocks.append((mean, size))
    return count


def test_claim_of_passes():
    """The rounds of the fourth follow-up."""
    for n in (100, 400):
        assert rounds([*range(n - 1), -n * n]) == n - 1


def test_claim_of_proper_scores(reference):
    """The fifth follow-up: no other rising curve has a lower log-loss or Brier score."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        s, y, _ = draw(rng, 40)
        y = y[np.argsort(s)]
        x = np.arange(40.0)
        best = reference.fit_isotonic(x, y).y
        for noise in rng.uniform(0.01, 0.5, size=500):
            other = np.clip(reference.fit_isotonic(x, y + noise * rng.normal(size=40)).y, 0, 1)
            with np.errstate(divide="ignore"):
                loss = [-np.log(np.where(y == 1, p, 1 - p)).sum() for p in (best, other)]
            assert loss[0] < loss[1] + 1e-9
            assert ((best - y) ** 2).sum() < ((other - y) ** 2).sum() + 1e-9


def calibration_error(y, p):
    place = np.searchsorted(np.arange(1, 10) / 10, p)
    return np.abs(np.bincount(place, y - p)).sum() / len(p)


def test_claim_of_calibration_in_sample(reference):
    """The fifth follow-up: the ECE is 0 on the own samples only."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        s, y = rng.normal(size=200), rng.integers(0, 2, size=200)
        new, label = rng.normal(size=20_000), rng.integers(0, 2, size=20_000)
        fit = reference.fit_isotonic(s, y)
        assert calibration_error(y, reference.predict(fit, s)) == pytest.approx(0, abs=1e-12)
        assert 0.015 < calibration_error(label, reference.predict(fit, new)) < 0.11


def peers(reference, rng):
    """Yield a fit and predictions of many samples."""
    x = rng.normal(size=200_000)
    y = (rng.random(200_000) < sigmoid(x)).astype(int)
    fit, model = reference.fit_isotonic(x, y), IsotonicRegression(out_of_bounds="clip").fit(x, y)
    yield Peer(
        "fit, 200,000 samples",
        "IsotonicRegression.fit",
        lambda: reference.fit_isotonic(x, y),
        lambda: IsotonicRegression().fit(x, y),
    )
    yield Peer(
        "predict, 200,000 samples",
        "IsotonicRegression.predict",
        lambda: reference.predict(fit, x),
        lambda: model.predict(x),
    )
