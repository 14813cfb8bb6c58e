"""The statistics beside SciPy's `chi2_contingency`, Holm beside statsmodels, and the claims of the follow-ups."""

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency
from statsmodels.stats.multitest import multipletests

from tests.oracles.claims import within


def of_lines(r, c):
    """Return chi2 and dof of two lines of counts."""
    table = np.stack([r, c])
    table = table[:, table.any(axis=0)]
    found = chi2_contingency(table, correction=False)
    return found.statistic, found.dof


def assert_agrees(reference, old, new):
    lines = [([old.sum(axis=axis)], [new.sum(axis=axis)]) for axis in (1, 0)]
    expected = []
    for r_lines, c_lines in [*lines, (old.T, new.T), (old, new)]:
        pairs = [of_lines(r, c) for r, c in zip(r_lines, c_lines, strict=True) if r.any() and c.any()]
        expected.append(np.sum([(0.0, 0), *pairs], axis=0))
    ours = reference.shift_statistics(old, new)
    np.testing.assert_allclose(ours.chi2, np.array(expected)[:, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(ours.dof, np.array(expected)[:, 1])


def test_tables(reference, rng):
    """Random tables, most with bins or classes that are empty in one table or in both."""
    for _ in range(60):
        shape = rng.integers(1, 6, size=2)
        old, new = rng.integers(0, rng.choice([3, 60]), size=(2, *shape)) * (rng.random((2, *shape)) < 0.8)
        if old.any() and new.any():
            assert_agrees(reference, old, new)


def test_kinds(reference):
    old, new = np.array([[100, 20, 0], [0, 90, 120]]), np.array([[10, 0, 0], [90, 100, 7]])
    for kind in (np.int8, np.uint8, np.int32):
        ours = reference.shift_statistics(old.astype(kind), new.astype(kind))
        np.testing.assert_allclose(ours.chi2, reference.shift_statistics(old, new).chi2, rtol=1e-12)
    assert_agrees(reference, old * 10**7, new * 10**7)


def test_bad_tables(reference):
    table = np.array([[3, 1], [2, 4]])
    for bad in (table * 0, table[:1], table - 2):
        for pair in [(table, bad), (bad, table)]:
            with pytest.raises(ValueError):
                reference.shift_statistics(*pair)


def named(moved):
    """Look the name up in the table of the sixteen cases, one digit for each part."""
    key = "".join(str(int(one)) for one in moved)
    names = {"none": "0000", "label": "0100 0101 1100 1101", "covariate": "1000 1010 1110", "concept": "0001 0011 0111"}
    return next((name for name, keys in names.items() if key in keys.split()), "mixed")


def test_names(reference, rng):
    for _ in range(30):  # statsmodels collects garbage in each call, which takes most of the time
        parts = [rng.random(int(k)) ** 6 for k in rng.integers(0, 4, size=4)]
        parts = [np.where(rng.random(len(one)) < 0.2, np.nan, one) for one in parts]
        level = rng.choice([0.05, 0.2])
        p_values = np.concatenate(parts)
        there = ~np.isnan(p_values)
        rejected = np.zeros(len(p_values), dtype=bool)
        if there.any():
            rejected[there] = multipletests(p_values[there], alpha=level, method="holm")[0]
        which = np.repeat(np.arange(4), [len(one) for one in parts])
        moved = [rejected[which == k].any() for k in range(4)]
        assert reference.name_shift(*parts, level) == named(moved)


@pytest.mark.parametrize("bad", [-0.01, 1.01])
def test_bad_p_values(reference, bad):
    for place in range(4):
        with pytest.raises(ValueError):
            reference.name_shift(*(np.array([bad if k == place else 0.5]) for k in range(4)))


P_X, P_Y_GIVEN_X = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.2, 0.4, 0.6, 0.8])
JOINT = np.column_stack([P_X * (1 - P_Y_GIVEN_X), P_X * P_Y_GIVEN_X])


def p_values(reference, rng, moved, n):
    """Draw two tables, and return the p-values of the four parts."""
    tables = [rng.multinomial(n, (joint / joint.sum()).ravel()).reshape(4, 2) for joint in (JOINT, moved)]
    found = reference.shift_statistics(*tables)
    return chi2.sf(found.chi2, found.dof)


def share(reference, rng, moved, n, name, runs=50):
    """Return in how many of the runs a shift gets a name."""
    names = [reference.name_shift(*p_values(reference, rng, moved, n)[:, np.newaxis]) for _ in range(runs)]
    return names.count(name) / runs


def test_claims_of_names(reference):
    covariate, label = JOINT * [[0.5], [0.8], [1.2], [3.0]], JOINT * [[0.6, 2.0]]

    def right(rng):
        return [share(reference, rng, *one) for one in [(covariate, 2_000, "covariate"), (label, 2_000, "label")]]

    within([0.8, 0.8], [1, 1], right, seeds=5)


def test_claim_of_power(reference):
    concept = np.column_stack([P_X * (0.9 - P_Y_GIVEN_X), P_X * (P_Y_GIVEN_X + 0.1)])

    def concept_and_label(rng):
        found = [reference.name_shift(*p_values(reference, rng, concept, 2_000)[:, np.newaxis]) for _ in range(50)]
        others = [name for name in found if name != "concept"]
        return found.count("concept") / 50, others.count("label") / len(others)

    within([0.3, 0.5], [0.75, 1], concept_and_label, seeds=5)


def test_claims_of_false_alarms(reference):
    def alarms(rng):
        found = [p_values(reference, rng, JOINT, 2_000) for _ in range(200)]
        names = [reference.name_shift(*one[:, np.newaxis]) for one in found]
        return np.mean([one.min() <= 0.05 for one in found]), 1 - names.count("none") / 200

    within([0.09, 0.01], [0.21, 0.09], alarms, seeds=4)


def test_claims_of_size(reference):
    small = JOINT * [[0.9, 1.1]]

    def shares(rng):
        return share(reference, rng, small, 200, "none"), share(reference, rng, small, 20_000, "label")

    within([0.7, 0.85], [1, 1], shares, seeds=4)
