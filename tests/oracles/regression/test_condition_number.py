"""The reference beside NumPy and the definition from the pseudoinverse, and the claims of the follow-ups."""

import numpy as np
import pytest

from tests.bench.peers import Peer
from tests.oracles.claims import within


def defined(X):
    """Return indices and proportions of one column of Z after another, by a loop over the singular vectors."""
    Z = np.column_stack([np.ones(len(X)), X])
    Z = np.column_stack([column / np.sqrt(sum(column**2)) for column in Z.T])
    _, values, rows = np.linalg.svd(Z)
    shares = np.zeros((len(rows), len(rows)))
    # The diagonal of (Z'Z)^-1, without X'X.
    variances = (np.linalg.pinv(Z) ** 2).sum(axis=1)
    for k, row in enumerate(rows):
        for j in range(len(row)):
            shares[k, j] = (row[j] / values[k]) ** 2 / variances[j]
    return values[0] / values, shares


def drawn(rng, n, n_features):
    return rng.normal(size=(n, n_features)) + rng.normal(size=(n, 1)) + 2 * rng.normal(size=n_features)


def test_random(reference, rng):
    for _ in range(200):
        n_features = int(rng.integers(1, 6))
        X = drawn(rng, n_features + int(rng.integers(3, 30)), n_features)
        np.testing.assert_allclose(reference.condition_number(X), np.linalg.cond(X), rtol=1e-9)
        indices, shares = defined(X)
        np.testing.assert_allclose(reference.condition_indices(X), indices, rtol=1e-9)
        np.testing.assert_allclose(reference.variance_proportions(X), shares, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(reference.variance_proportions(X).sum(axis=0), 1)


def test_edges(reference, rng):
    X = drawn(rng, 12, 3)
    whole = np.rint(8 * X).astype(np.int8)
    np.testing.assert_allclose(reference.condition_number(whole), np.linalg.cond(whole.astype(float)), rtol=1e-9)
    np.testing.assert_allclose(reference.condition_indices(whole), defined(whole.astype(float))[0], rtol=1e-9)
    np.testing.assert_allclose(reference.condition_indices(X * [1e-12, 1.0, 1e12]), defined(X)[0], rtol=1e-9)
    assert reference.condition_number(X[:, :1]) == pytest.approx(1, rel=1e-12)
    for dependent in (X[:2], np.zeros((3, 2)), np.column_stack([X, X[:, 0] - X[:, 2]]), np.zeros((1, 1))):
        assert reference.condition_number(dependent) == np.inf
    for dependent in (X[:3], X[:1], np.column_stack([X, np.full(12, 0.1)]), X[:, [0, 1, 0]]):
        indices = reference.condition_indices(dependent)
        assert len(indices) == dependent.shape[1] + 1
        assert np.isinf(indices[-1])
        with pytest.raises(ValueError, match="dependent"):
            reference.variance_proportions(dependent)


@pytest.mark.parametrize("condition", [1e3, 1e7, 1e10])
def test_ill_conditioned(reference, rng, condition):
    left, right = np.linalg.qr(rng.normal(size=(20, 4)))[0], np.linalg.qr(rng.normal(size=(4, 4)))[0]
    X = left * np.geomspace(1, 1 / condition, 4) @ right
    np.testing.assert_allclose(reference.condition_number(X), condition, rtol=1e-14 * condition)


def test_claims_of_reading(reference):
    """The numbers of the first follow-up."""

    def one(rng):
        a, c = rng.normal(size=(2, 200))
        X = np.column_stack([a, a + 0.03 * rng.normal(size=200), c])
        return reference.condition_indices(X)[-1], *reference.variance_proportions(X)[-1]

    within([62, 0, 0.999, 0.999, 0], [76, 0.05, 1, 1, 0.05], one)

    def two(rng):
        a, c = rng.normal(size=(2, 200))
        X = np.column_stack([a, a + 0.03 * rng.normal(size=200), c, c + 0.01 * rng.normal(size=200)])
        return *reference.condition_indices(X)[-2:], *reference.variance_proportions(X)[[3, 3, 4, 4], [1, 2, 3, 4]]

    within([64, 173, 0.95, 0.95, 0.999, 0.999], [78, 246, 1, 1, 1, 1], two)


def test_claims_of_centring(reference):
    """The numbers of the second follow-up."""

    def away(rng):
        x = rng.normal(100, 1, size=(200, 1))
        return reference.condition_indices(x)[-1], reference.condition_indices(x - x.mean())[-1]

    within([184, 1], [229, 1.001], away)
    x = np.arange(10.0, 21.0)[:, None]
    np.testing.assert_allclose(reference.condition_indices(np.hstack([x, x**2]))[-1], 110, atol=0.5)
    np.testing.assert_allclose(reference.condition_indices(np.hstack([x - 15, (x - 15) ** 2]))[-1], 2.6, atol=0.05)


def test_claims_of_closed_form(reference):
    """The numbers of the third follow-up."""

    def digits(rng):
        a, b = rng.normal(size=(2, 40))
        found = []
        for t in (1e-2, 1e-4):
            X = np.column_stack([a, a + t * b])
            y = X @ [3.0, -2.0]
            coefs = np.linalg.solve(X.T @ X, X.T @ y), np.linalg.lstsq(X, y)[0]
            found += [reference.condition_number(X) * t, *(abs(coef - [3.0, -2.0]).max() for coef in coefs)]
        return found

    within([1.4, 0, 0, 1.4, 0, 0], [2.9, 1e-10, 1e-13, 2.9, 1e-6, 1e-11], digits)

    def steps(rng):
        a, b = rng.normal(size=(2, 40))
        found = []
        for t in (0.3, 0.03):
            X = np.column_stack([a, a + t * b])
            smallest, largest = np.linalg.eigvalsh(X.T @ X)
            needed = np.log(1e-3) / np.log(1 - smallest / largest)
            found += [needed, needed / reference.condition_number(X) ** 2]
        return found

    within([150, 6.7, 15_000, 6.9], [620, 6.95, 62_000, 6.95], steps)


def test_claims_of_production(reference):
    """The numbers of the fourth follow-up."""

    def windows(rng):
        return [
            np.mean([reference.condition_indices(rng.normal(size=(n, 10)))[-1] for _ in range(20)]) for n in (20, 200)
        ]

    within([4, 1.4], [5.1, 1.5], windows)

    def outliers(rng):
        a, c = rng.normal(size=(2, 500))
        hidden, made = np.column_stack([a, a + 0.05 * rng.normal(size=500)]), np.column_stack([a, c])
        before = reference.condition_indices(hidden)[-1], reference.condition_indices(made)[-1]
        hidden[0], made[0] = (20, -20), (1_000, 1_000)
        return *before, reference.condition_indices(hidden)[-1], reference.condition_indices(made)[-1]

    within([34, 1, 1, 55], [44, 1.3, 1.25, 80], outliers)


def test_claims_of_units(reference):
    """The numbers of the fifth follow-up."""

    def units(rng):
        X = rng.normal(size=(200, 3)) * [1.0, 100.0, 1e4]
        return reference.condition_number(X), reference.condition_indices(X)[-1]

    within([8_700, 1.1], [11_700, 1.35], units)


def peers(reference, rng):
    """Yield the condition number of a long matrix."""
    X = drawn(rng, 20_000, 20)
    yield Peer("20,000 x 20", "numpy.linalg.cond", lambda: reference.condition_number(X), lambda: np.linalg.cond(X))
