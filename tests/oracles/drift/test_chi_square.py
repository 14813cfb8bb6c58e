"""The reference beside SciPy, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy import stats

from tests.oracles.claims import within


def same(ours, r, c):
    kept = (r.astype(float) + c) > 0
    table = np.array([r[kept], c[kept]], dtype=float)
    theirs = stats.chi2_contingency(table, correction=False)
    np.testing.assert_allclose(ours.statistic, theirs.statistic, rtol=1e-9, atol=1e-9)
    assert ours.dof == theirs.dof
    # In whole numbers, since an expected count of 5 is not below 5.
    sizes, seen = table.sum(axis=1).astype(int).tolist(), table.sum(axis=0).astype(int).tolist()
    assert ours.n_small == sum(size * count < 5 * sum(sizes) for size in sizes for count in seen)
    return theirs


def test_random(reference, rng):
    for _ in range(200):
        k = int(rng.integers(1, 12))
        r, c = rng.integers(0, 20, size=k), rng.integers(0, int(rng.choice([3, 60])), size=k)
        if r.any() and c.any():
            ours = reference.chi_square(r, c)
            theirs = same(ours, r, c)
            if ours.dof:
                np.testing.assert_allclose(reference.p_value(ours.statistic, ours.dof), theirs.pvalue, rtol=1e-8)


def test_edges(reference):
    for r, c in [([7], [3]), ([0, 7, 0], [0, 2, 0]), ([10, 6], [0, 16]), ([3, 0], [0, 5]), ([9, 7], [0, 16])]:
        for kind in (int, np.int8, np.uint64):
            same(reference.chi_square(np.array(r, dtype=kind), np.array(c, dtype=kind)), np.array(r), np.array(c))
    large = np.array([10**12, 9 * 10**11]), np.array([10**12, 10**12])
    same(reference.chi_square(*large), *large)
    for r, c in [([0, 0], [1, 2]), ([1, 2], [0, 0])]:
        with pytest.raises(ValueError, match="empty"):
            reference.chi_square(np.array(r), np.array(c))
    for r, c in [([1, 2, 3], [1, 2]), ([3, -1], [2, 2])]:
        with pytest.raises(ValueError, match=r"count|shape"):
            reference.chi_square(np.array(r), np.array(c))


def test_p_value(reference, rng):
    for _ in range(300):
        dof = int(rng.integers(1, 60))
        statistic = rng.uniform(0, 4 * dof)
        np.testing.assert_allclose(reference.p_value(statistic, dof), stats.chi2.sf(statistic, dof), rtol=1e-9)
    for statistic, dof in [(10_400.0, 9_999), (9_700.0, 10_000), (1e-6, 1), (1e-6, 4), (900.0, 3), (0.0, 3), (0.0, 2)]:
        np.testing.assert_allclose(reference.p_value(statistic, dof), stats.chi2.sf(statistic, dof), rtol=1e-9)
    assert reference.p_value(0.0, 0) == 1


def p_values(r, c):
    """Return the p-values of tables along the last axis."""
    seen, n_r, n_c = r + c, r.sum(axis=-1), c.sum(axis=-1)
    squares = (c / n_c[..., None] - r / n_r[..., None]) ** 2
    statistic = n_r * n_c * np.divide(squares, seen, out=np.zeros_like(squares), where=seen > 0).sum(axis=-1)
    return stats.chi2.sf(statistic, (seen > 0).sum(axis=-1) - 1)


def test_helper(reference, rng):
    r, c = rng.integers(0, 9, size=(2, 3, 7))
    ours = [reference.chi_square(a, b) for a, b in zip(r, c, strict=True)]
    np.testing.assert_allclose(p_values(r, c), [reference.p_value(one.statistic, one.dof) for one in ours])


def test_claims_of_size(reference):
    """The numbers of the first follow-up."""
    for n, statistic, p in [(10_000, 2.0, 0.16), (1_000_000, 200.0, 2e-45)]:
        test = reference.chi_square(np.array([n // 2, n // 2]), np.array([51 * n // 100, 49 * n // 100]))
        np.testing.assert_allclose(test.statistic, statistic, rtol=1e-3)
        np.testing.assert_allclose(reference.p_value(test.statistic, 1), p, rtol=0.05)
        np.testing.assert_allclose((test.statistic / (2 * n)) ** 0.5, 0.01, rtol=1e-3)

    def alarms(rng):
        p = p_values(*rng.multinomial(1_000, np.full(5, 0.2), size=(2, 100, 100)))
        return (p < 0.05).any(axis=1).mean(), (p < 0.05 / 100).any(axis=1).mean()

    within([0.97, 0], [1, 0.09], alarms)


def test_claims_of_small_counts():
    """The numbers of the second follow-up."""

    def few(rng):
        shares = 1 / np.arange(1, 51)
        return (p_values(*rng.multinomial(50, shares / shares.sum(), size=(2, 2_000))) < 0.05).mean()

    within(0, 0.01, few)

    def unequal(rng):
        shares = [0.001] * 20 + [0.98]
        p = p_values(rng.multinomial(10_000, shares, size=2_000), rng.multinomial(50, shares, size=2_000))
        return (p < 0.05).mean(), (p < 0.001).mean()

    within([0.21, 0.095], [0.26, 0.13], unequal)


def test_claims_of_bins():
    """The numbers of the third follow-up."""

    def found(rng):
        a, b = rng.normal(size=(300, 200)), rng.normal(0.3, 1, size=(300, 200))
        edges = np.quantile(a, np.arange(1, 10) / 10, axis=1).T
        r, c = ((sample[:, :, None] > edges[:, None]).sum(axis=2) for sample in (a, b))
        r, c = ((bins[:, :, None] == np.arange(10)).sum(axis=1) for bins in (r, c))
        first = np.argsort(np.concatenate([a, b], axis=1), axis=1) < 200
        distance = abs(np.where(first, 1, -1).cumsum(axis=1)).max(axis=1) / 200
        return (p_values(r, c) < 0.05).mean(), (distance > 1.358 * np.sqrt(2 / 200)).mean()

    within([0.38, 0.64], [0.51, 0.76], found)
