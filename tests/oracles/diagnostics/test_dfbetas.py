"""The reference beside statsmodels, which refits without each sample and takes the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

from tests.bench.peers import Peer


def influence(X, y):
    return OLSInfluence(OLS(y, np.column_stack([np.ones(len(X)), X])).fit())


def assert_agree(reference, X, y):
    oracle = influence(X, y)
    np.testing.assert_allclose(
        reference.leave_one_out_coefficients(X, y), oracle.params_not_obsi, rtol=1e-9, atol=1e-11
    )
    if len(X) > X.shape[1] + 2:
        # s_(i) of a sample far off has lost digits: a difference in the reference, refits in statsmodels.
        np.testing.assert_allclose(reference.dfbetas(X, y), oracle.dfbetas, rtol=1e-8, atol=1e-10)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def test_random(reference, rng):
    for _ in range(100):
        n_features = int(rng.integers(1, 6))
        assert_agree(reference, *drawn(rng, n_features + int(rng.integers(6, 30)), n_features))


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agree(reference, rng.integers(-9, 10, size=(15, 2)), rng.integers(-9, 10, size=15))


def test_few_samples(reference):
    X = np.array([[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [4.0, 5.0], [2.0, 7.0]])
    y = np.array([2.0, 5.0, 1.0, 4.0, 4.5])
    assert_agree(reference, X, y)
    assert_agree(reference, X[:4], y[:4])
    with pytest.raises(ValueError, match="few"):
        reference.dfbetas(X[:4], y[:4])
    with pytest.raises(ValueError, match="leverage 1"):
        reference.leave_one_out_coefficients(X[:3], y[:3])


@pytest.mark.filterwarnings("ignore:The design matrix is rank-deficient")
def test_leverage_one(reference, rng):
    """The claim of the third follow-up: statsmodels returns numbers for a fit that is not determined."""
    for _ in range(20):
        X = np.column_stack([rng.normal(size=15), np.arange(15) == 4])
        y = rng.normal(size=15)
        oracle = influence(X, y)
        np.testing.assert_allclose(oracle.params_not_obsi[4, 2], 0, atol=1e-9)
        assert np.isfinite(oracle.dfbetas[4]).all()
        for function in (reference.dfbetas, reference.leave_one_out_coefficients):
            with pytest.raises(ValueError, match="sample 4 has leverage 1"):
                function(X, y)


def test_claim_one_coefficient(reference):
    """The numbers of the first follow-up."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(50, 2))
        y = X.sum(axis=1) + rng.normal(size=50)
        X[-1], y[-1] = [0.0, 5.0], 15.0
        moves = reference.dfbetas(X, y)[-1]
        assert abs(moves[1]) < 2
        assert 4.5 < moves[2] < 8.4


def test_claim_clean_data(reference):
    """The numbers of the second follow-up."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        moves = np.abs(reference.dfbetas(rng.normal(size=(100, 3)), rng.normal(size=100)))
        assert 16 <= (moves > 0.2).sum() <= 36
        assert 11 <= (moves > 0.2).any(axis=1).sum() <= 21
        assert (moves > 1).sum() <= 1


def test_claim_masking(reference):
    """The numbers of the fourth follow-up."""
    for seed in range(40):
        x = np.arange(20.0)[:, None]
        y = 2 * x[:, 0] + np.random.default_rng(seed).normal(size=20)
        x[-1], y[-1] = 100.0, 0.0
        assert -320 < reference.dfbetas(x, y)[-1, 1] < -130
        x[-2], y[-2] = 100.0, 0.0
        np.testing.assert_allclose(reference.dfbetas(x, y)[-2:, 1], -0.63, atol=0.01)
        assert np.polyfit(x[:, 0], y, 1)[0] < 0.1


def peers(reference, rng):
    """Yield a middling table; statsmodels is handed the fit."""
    X, y = drawn(rng, 500, 5)
    yield Peer(
        "500 x 5",
        "OLSInfluence.dfbetas",
        lambda: reference.dfbetas(X, y),
        lambda: influence(X, y).dfbetas,
        "A loop of refits there.",
    )
