"""The reference beside statsmodels, which takes the intercept as a column."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.outliers_influence import OLSInfluence

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")


def assert_agree(reference, X, y, rows=slice(None), rtol=1e-9):
    """Compare every measure, on the rows that have one in statsmodels."""
    oracle = OLSInfluence(OLS(y, np.column_stack([np.ones(len(X)), X])).fit())
    pairs = [
        (reference.leverage(X), oracle.hat_matrix_diag),
        (reference.studentized_residuals(X, y, external=False), oracle.resid_studentized_internal),
        (reference.studentized_residuals(X, y, external=True), oracle.resid_studentized_external),
        (reference.cooks_distance(X, y), oracle.cooks_distance[0]),
    ]
    for actual, expected in pairs:
        np.testing.assert_allclose(actual[rows], expected[rows], rtol=rtol, atol=1e-12)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples)


def test_random_data(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 7))
        assert_agree(reference, *drawn(rng, n_features + int(rng.integers(5, 40)), n_features))


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agree(reference, rng.integers(-9, 10, size=(15, 2)), rng.integers(-9, 10, size=15))


def test_outliers(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 20, 2)
        # What is left of the sum without the outlier has lost as many digits as the outlier adds to it.
        assert_agree(reference, X, y + 500.0 * (np.arange(20) == 7), rtol=1e-8)


def test_units_and_origins(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 3)
        powers = 2.0 ** rng.integers(-30, 30, size=3)
        # In other units or from another origin statsmodels loses digits itself: it is asked about the plain data.
        for moved, moved_y, rtol in [(X * powers, y * 2.0**20, 1e-9), (X + 1e6 * rng.normal(size=3), y - 1e6, 1e-6)]:
            for external in (False, True):
                expected = reference.studentized_residuals(X, y, external)
                actual = reference.studentized_residuals(moved, moved_y, external)
                np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-8 if rtol > 1e-9 else 1e-12)
            np.testing.assert_allclose(reference.leverage(moved), reference.leverage(X), rtol=rtol)
            actual, expected = reference.cooks_distance(moved, moved_y), reference.cooks_distance(X, y)
            np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-8 if rtol > 1e-9 else 1e-12)
        assert_agree(reference, X, y)


def test_leverage_one(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 2)
        marked = np.column_stack([X, np.arange(15) == 4])
        # Of the marked sample statsmodels says what rounding makes of 0 / 0.
        assert_agree(reference, marked, y, rows=np.arange(15) != 4)
        assert reference.leverage(marked)[4] == pytest.approx(1)
        for measure in (
            reference.studentized_residuals(marked, y, external=False),
            reference.studentized_residuals(marked, y, external=True),
            reference.cooks_distance(marked, y),
        ):
            assert np.flatnonzero(np.isnan(measure)).tolist() == [4]


def test_few_samples(reference, rng):
    for n_features in (1, 2, 5):
        X, y = drawn(rng, n_features + 2, n_features)
        oracle = OLSInfluence(OLS(y, np.column_stack([np.ones(len(X)), X])).fit())
        internal = reference.studentized_residuals(X, y, external=False)
        np.testing.assert_allclose(internal, oracle.resid_studentized_internal, rtol=1e-9)
        with pytest.raises(ValueError):
            reference.studentized_residuals(X, y, external=True)
        np.testing.assert_allclose(reference.leverage(X[:-1]), 1)
        for external in (False, True):
            with pytest.raises(ValueError):
                reference.studentized_residuals(X[:-1], y[:-1], external)
        with pytest.raises(ValueError):
            reference.cooks_distance(X[:-1], y[:-1])


def line_with_a_wrong_row(seed):
    """Return x = 0, ..., 19 and y = 2 x + noise, the last y typed as 0."""
    x = np.arange(20.0)[:, None]
    y = 2 * x[:, 0] + np.random.default_rng(seed).normal(size=20)
    y[-1] = 0.0
    return x, y


def test_claim_a_wrong_row(reference):
    for seed in range(20):
        x, y = line_with_a_wrong_row(seed)
        distance = np.sort(reference.cooks_distance(x, y))
        assert 1.35 < np.polyfit(x[:, 0], y, 1)[0] < 1.65
        assert 1.9 < distance[-1] < 2.1
        assert 0.03 < distance[-2] < 0.15
        assert -4.3 < reference.studentized_residuals(x, y, external=False)[-1] < -4.1
        assert -65 < reference.studentized_residuals(x, y, external=True)[-1] < -20


def test_claim_far_rows(reference):
    for seed in range(20):
        x, y = line_with_a_wrong_row(seed)
        x[-1] = 100.0
        line = np.polyfit(x[:, 0], y, 1)
        residual = y - np.polyval(line, x[:, 0])
        np.testing.assert_allclose([line[0], residual[-1], max(residual)], [-0.05, -13.0, 19.0], rtol=0.25)
        assert -95 < reference.studentized_residuals(x, y, external=True)[-1] < -30
        np.testing.assert_allclose(reference.cooks_distance(x, y)[-1], 130, rtol=0.02)
        x[-2], y[-2] = 100.0, 0.0
        np.testing.assert_allclose(reference.studentized_residuals(x, y, external=True)[-2:], -0.7, atol=0.05)
        np.testing.assert_allclose(reference.cooks_distance(x, y)[-2:], 0.23, atol=0.03)


def test_claim_leave_one_out(reference):
    for seed in range(5):
        rng, squares = np.random.default_rng(seed), []
        for _ in range(200):
            X, noise = rng.normal(size=(20, 5)), rng.normal(size=20)
            design = np.column_stack([np.ones(20), X])
            e = noise - design @ np.linalg.lstsq(design, noise)[0]
            squares.append([(e**2).mean(), ((e / (1 - reference.leverage(X))) ** 2).mean()])
        np.testing.assert_allclose(np.mean(squares, axis=0), [0.70, 1.50], atol=0.15)


def test_claim_rules_of_thumb(reference, rng):
    """On clean data, the means over 200 sets; and of 500 sets Bonferroni at 0.025 / n rejects near 5 %."""
    counts, largest = [], []
    for _ in range(500):
        X, y = rng.normal(size=(100, 3)), rng.normal(size=100)
        external = np.abs(reference.studentized_residuals(X, y, external=True))
        distance = reference.cooks_distance(X, y)
        counts.append([(reference.leverage(X) > 0.08).sum(), (external > 2).sum(), (distance > 0.04).sum()])
        largest.append(external.max())
    np.testing.assert_allclose(np.mean(counts, axis=0), [7, 5, 6], atol=0.7)
    np.testing.assert_allclose(np.mean(largest), 2.85, atol=0.1)
    rejected = [(np.array(largest) > stats.t.ppf(1 - level / 100, 95)).mean() for level in (0.025, 0.05)]
    assert rejected[0] < 0.08
    assert rejected[0] < rejected[1] < 0.16


def peers(reference, rng):
    """Yield the measures of a middling table; statsmodels is handed the fit."""
    X, y = drawn(rng, 5_000, 5)
    fit = OLS(y, np.column_stack([np.ones(5_000), X])).fit()
    yield Peer(
        "leverage, 5,000 x 5",
        "OLSInfluence.hat_matrix_diag",
        lambda: reference.leverage(X),
        lambda: OLSInfluence(fit).hat_matrix_diag,
        "The fit has a pseudo-inverse ready there.",
    )
    yield Peer(
        "external residuals, 5,000 x 5",
        "OLSInfluence.resid_studentized_external",
        lambda: reference.studentized_residuals(X, y, external=True),
        lambda: OLSInfluence(fit).resid_studentized_external,
    )
    yield Peer(
        "Cook's distance, 5,000 x 5",
        "OLSInfluence.cooks_distance",
        lambda: reference.cooks_distance(X, y),
        lambda: OLSInfluence(fit).cooks_distance,
    )
