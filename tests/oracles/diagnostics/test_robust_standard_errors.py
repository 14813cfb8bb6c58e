"""The reference beside statsmodels, which takes the intercept as a column."""

import numpy as np
import pytest
from statsmodels.api import OLS

from tests.bench.peers import Peer

KINDS = ("HC0", "HC1", "HC2", "HC3")


def assert_agree(reference, X, y, kinds=KINDS):
    fit = OLS(y, np.column_stack([np.ones(len(X)), X])).fit()
    np.testing.assert_allclose(reference.standard_errors(X, y), fit.bse, rtol=1e-9)
    for kind in kinds:
        actual = reference.sandwich_standard_errors(X, y, kind)
        np.testing.assert_allclose(actual, getattr(fit, f"{kind}_se"), rtol=1e-9)


def drawn(rng, n_samples, n_features):
    X = rng.normal(size=(n_samples, n_features)) + rng.normal(size=(n_samples, 1))
    return X, 3 + X @ rng.normal(size=n_features) + rng.normal(size=n_samples) * np.exp(X[:, 0])


def test_random_data(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 7))
        assert_agree(reference, *drawn(rng, n_features + int(rng.integers(4, 40)), n_features))


def test_whole_numbers(reference, rng):
    for _ in range(50):
        assert_agree(reference, rng.integers(-9, 10, size=(15, 2)), rng.integers(-9, 10, size=15))


def test_units_and_origins(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 3)
        units, move = 2.0 ** rng.integers(-30, 30, size=3), 1e6 * rng.normal(size=3)
        # In other units or from another origin statsmodels loses digits itself: it is asked about the plain data.
        assert_agree(reference, X, y)
        functions = [reference.standard_errors]
        functions += [lambda X, y, kind=kind: reference.sandwich_standard_errors(X, y, kind) for kind in KINDS]
        for function in functions:
            plain = function(X, y)
            np.testing.assert_allclose(function(X * units, y * 8.0), plain * 8.0 / np.append(1, units), rtol=1e-9)
            # A million spreads from zero, the input itself keeps no more than ten digits of the spread.
            np.testing.assert_allclose(function(X + move, y - 1e6)[1:], plain[1:], rtol=1e-6)


def test_intercept_far_from_the_data(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 2)
        assert_agree(reference, X + 10.0 * rng.normal(size=2), y)


def test_leverage_one(reference, rng):
    for _ in range(50):
        X, y = drawn(rng, 15, 2)
        marked = np.column_stack([X, np.arange(15) == 4])
        fit = OLS(y, np.column_stack([np.ones(15), marked])).fit()
        np.testing.assert_allclose(reference.standard_errors(marked, y), fit.bse, rtol=1e-9)
        for kind in ("HC0", "HC1"):
            actual = reference.sandwich_standard_errors(marked, y, kind)
            np.testing.assert_allclose(actual, getattr(fit, f"{kind}_se"), rtol=1e-9)
        # statsmodels divides what rounding leaves of 0 by what it leaves of 0.
        for kind in ("HC2", "HC3"):
            with pytest.raises(ValueError):
                reference.sandwich_standard_errors(marked, y, kind)


def test_few_samples(reference, rng):
    for n_features in (1, 2, 5):
        X, y = drawn(rng, n_features + 1, n_features)
        with pytest.raises(ValueError):
            reference.standard_errors(X, y)
        for kind in KINDS:
            with pytest.raises(ValueError):
                reference.sandwich_standard_errors(X, y, kind)


def test_other_kinds(reference, rng):
    for kind in ("HC4", "hc3", "nonrobust", ""):
        with pytest.raises(ValueError):
            reference.sandwich_standard_errors(*drawn(rng, 9, 2), kind)


def peers(reference, rng):
    """Yield the standard errors of a middling table, the fit included."""
    X, y = drawn(rng, 20_000, 5)
    design = np.column_stack([np.ones(20_000), X])
    yield Peer(
        "HC3, 20,000 x 5",
        "OLS.fit().HC3_se",
        lambda: reference.sandwich_standard_errors(X, y, "HC3"),
        lambda: OLS(y, design).fit().HC3_se,
    )
