"""The reference beside SciPy's entropy, scikit-learn's mutual_info_score, and Quinlan's table of Saturday mornings."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, mutual_info_score

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-13}
# Outlook (sunny, overcast, rain), temperature (hot, mild, cool), humidity (high, normal), windy, class (N, P).
SATURDAYS = np.array(
    """
    0 0 0 0 0 | 0 0 0 1 0 | 1 0 0 0 1 | 2 1 0 0 1 | 2 2 1 0 1 | 2 2 1 1 0 | 1 2 1 1 1
    0 1 0 0 0 | 0 2 1 0 1 | 2 1 1 0 1 | 0 1 1 1 1 | 1 1 0 1 1 | 1 0 1 0 1 | 2 1 0 1 0
    """.replace("|", " ").split(),
    dtype=int,
).reshape(14, 5)


def scipy_entropy(y, base=2):
    return stats.entropy(np.unique(y, return_counts=True)[1], base=base)


def assert_agrees(reference, x, y):
    gain, split_information = mutual_info_score(x, y) / np.log(2), scipy_entropy(x)
    np.testing.assert_allclose(reference.information_gain(x, y), gain, **CLOSE)
    if split_information > 0:
        np.testing.assert_allclose(reference.gain_ratio(x, y), gain / split_information, **CLOSE)
    else:
        assert reference.gain_ratio(x, y) == 0


def test_random(reference, rng):
    for _ in range(100):
        n, base = rng.integers(1, 60), rng.uniform(1.2, 12.0)
        x, y = rng.integers(-3, rng.integers(-1, 9), size=n), rng.choice([-(10**12), 0, 4, 10**9], size=n)
        np.testing.assert_allclose(reference.entropy(y, base), scipy_entropy(y, base), **CLOSE)
        assert_agrees(reference, x, y)
        assert_agrees(reference, y, x)


def test_edges(reference):
    """One class, one branch, one sample, a branch for each sample, and a rare class."""
    same, other, rare = np.full(6, 7), np.array([0, 1, 1, 2, 0, 0]), np.arange(100_000) == 5
    for x, y in [(same, other), (other, same), (same[:1], same[:1]), (np.arange(6), other), (rare * 1, rare * 1)]:
        assert_agrees(reference, x, y)
    assert reference.entropy(same) == reference.entropy(same, 10.0) == 0


def test_lengths(reference):
    for function in (reference.information_gain, reference.gain_ratio):
        with pytest.raises(ValueError, match="shape"):
            function(np.arange(3), np.arange(4))


def test_published(reference):
    """The figures of Quinlan (1986), whose last digit may be off by one: he rounds on the way."""
    *features, y = SATURDAYS.T
    assert reference.entropy(y) == pytest.approx(0.940, abs=0.0005)
    gains = [reference.information_gain(x, y) for x in features]
    ratios = [reference.gain_ratio(x, y) for x in features]
    np.testing.assert_allclose(gains, [0.246, 0.029, 0.151, 0.048], rtol=0, atol=0.0011)
    np.testing.assert_allclose(ratios, [0.156, 0.019, 0.151, 0.049], rtol=0, atol=0.0011)
    assert reference.entropy(features[0]) == pytest.approx(1.578, abs=0.0011)


@pytest.mark.parametrize("seed", range(20))
def test_claim_many_values(reference, seed):
    rng = np.random.default_rng(seed)
    bounds = {2: (0.006, 0.009, 0.006, 0.009), 10: (0.06, 0.08, 0.0, 1.0), 50: (0.39, 0.43, 0.075, 0.082)}
    for n_values, (low, high, low_ratio, high_ratio) in bounds.items():
        pairs = [(rng.integers(0, n_values, size=100), rng.integers(0, 2, size=100)) for _ in range(200)]
        assert low < np.mean([reference.information_gain(*pair) for pair in pairs]) < high
        assert low_ratio < np.mean([reference.gain_ratio(*pair) for pair in pairs]) < high_ratio


def test_claim_uneven_split(reference):
    y = np.repeat([0, 1], 50)
    useful, lone = np.where(np.arange(100) % 10 < 3, 1 - y, y), (np.arange(100) == 0) * 1
    assert reference.gain_ratio(useful, y) == pytest.approx(0.119, abs=0.0005)
    assert reference.gain_ratio(lone, y) == pytest.approx(0.125, abs=0.0005)
    assert reference.information_gain(lone, y) == pytest.approx(0.010, abs=0.0005)
    assert reference.information_gain(np.arange(100), y) == reference.entropy(y)


@pytest.mark.parametrize("seed", range(10))
def test_claim_same_threshold_as_gini(reference, seed):
    rng, same = np.random.default_rng(seed), 0
    n_left = np.arange(1, 100)

    def left(impurity, ones):
        first = np.cumsum(ones)[:-1]
        return n_left * impurity(first / n_left) + (100 - n_left) * impurity((ones.sum() - first) / (100 - n_left))

    for _ in range(200):
        x = rng.normal(size=100)
        y = (rng.random(100) < 1 / (1 + np.exp(-2 * x)))[np.argsort(x)]
        by_entropy = left(lambda p: stats.entropy([p, 1 - p]), y)
        cut = int(by_entropy.argmin())
        same += cut == left(lambda p: p * (1 - p), y).argmin()
        # The best threshold lies between two classes.
        assert y[cut] != y[cut + 1]
        gain = reference.information_gain((np.arange(100) <= cut) * 1, y * 1)
        np.testing.assert_allclose(gain, reference.entropy(y * 1) - by_entropy[cut] / 100 / np.log(2), **CLOSE)
    assert 0.74 < same / 200 < 0.90


def test_claim_mutual_information(reference, rng):
    for _ in range(20):
        x, y = rng.integers(0, 4, size=50), rng.integers(0, 3, size=50)
        gain = reference.information_gain(x, y)
        np.testing.assert_allclose(gain, reference.information_gain(y, x), **CLOSE)
        np.testing.assert_allclose(reference.gain_ratio(x, y) * reference.entropy(x), gain, **CLOSE)
        one_hot = np.eye(3)[y]
        shares = np.array([one_hot[x == value].mean(axis=0) for value in range(4)])[x]
        overall = np.tile(one_hot.mean(axis=0), (50, 1))
        fall = log_loss(y, overall, labels=range(3)) - log_loss(y, shares, labels=range(3))
        np.testing.assert_allclose(fall, gain * np.log(2), rtol=1e-9, atol=1e-12)
        chi_squared = stats.chi2_contingency(
            np.array([[np.sum((x == a) & (y == b)) for b in range(3)] for a in range(4)]), lambda_="log-likelihood"
        )
        np.testing.assert_allclose(chi_squared.statistic, 2 * 50 * gain * np.log(2), **CLOSE)


@pytest.mark.parametrize("seed", range(20))
def test_claim_too_low_on_average(reference, seed):
    rng = np.random.default_rng(seed)
    assert 2.69 < np.mean([reference.entropy(rng.integers(0, 8, size=20)) for _ in range(500)]) < 2.74
    assert 7 / (2 * 20 * np.log(2)) == pytest.approx(0.25, abs=0.005)


def peers(reference, rng):
    """Yield entropy and gain of many samples."""
    x, y = rng.integers(0, 20, size=200_000), rng.integers(0, 5, size=200_000)
    yield Peer("entropy, 200,000 samples", "entropy", lambda: reference.entropy(y), lambda: scipy_entropy(y))
    ours, theirs = (lambda: reference.information_gain(x, y)), (lambda: mutual_info_score(x, y))
    yield Peer("gain, 200,000 samples, 20 x 5", "mutual_info_score", ours, theirs)
