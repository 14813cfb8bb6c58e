from itertools import product

import numpy as np
import pytest

from katagrad.picture import Bars, Panel
from katagrad.testing import assert_close, assert_equal, strict


def chi_square(r, c):
    """Add up chi2 over the pairs of counts, by the definition; dof from the categories that are there."""
    n, m = sum(r), sum(c)
    there = [(a, b) for a, b in zip(r, c, strict=True) if a + b > 0]
    return sum((a * m - b * n) ** 2 / (n * m * (a + b)) for a, b in there), len(there) - 1


def defined(reference, current):
    """Return chi2 and dof of the four parts."""
    reference, current = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    found = [chi_square(reference.sum(axis=axis).tolist(), current.sum(axis=axis).tolist()) for axis in (1, 0)]
    for first, second in [(reference.T, current.T), (reference, current)]:
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        tests = [chi_square(r, c) for r, c in pairs if sum(r) and sum(c)]
        found.append((sum(chi2 for chi2, _ in tests), sum(dof for _, dof in tests)))
    return np.transpose(found)


def holm(parts, level):
    """Return which parts have a p-value that is rejected, one p-value at a time."""
    ordered = sorted((p, k) for k, ps in enumerate(parts) for p in ps if not np.isnan(p))
    moved = [False] * 4
    for place, (p, k) in enumerate(ordered):
        if p > level / (len(ordered) - place):
            break
        moved[k] = True
    return moved


def assert_statistics(kata, reference, current, chi2=None, dof=None):
    expected = defined(reference, current)
    got = kata.shift_statistics(np.array(reference), np.array(current))
    assert_close(got.chi2, expected[0] if chi2 is None else chi2, what="chi2")
    assert_equal(got.dof, expected[1] if dof is None else dof, what="dof")
    return got


def named(x, y, x_given_y, y_given_x):
    """Return the name of the first line that fits."""
    if not (x or y or x_given_y or y_given_x):
        return "none"
    if y and not x_given_y:
        return "label"
    if x and not y_given_x:
        return "covariate"
    return "concept" if y_given_x and not x else "mixed"


def name(kata, p_x, p_y, p_x_given_y, p_y_given_x, *level):
    return kata.name_shift(*(np.array(p, dtype=float) for p in (p_x, p_y, p_x_given_y, p_y_given_x)), *level)


def test_margins(kata):
    """The first two tests compare p(x), by the sums of the rows, and p(y), by those of the columns."""
    # Rows 3 and 1 against 1 and 3: 2 * (8 ** 2 / (16 * 4)). Columns 2 and 2 twice.
    got = kata.shift_statistics(np.array([[2, 1], [0, 1]]), np.array([[0, 1], [2, 1]]))
    assert_close(got.chi2[:2], [2, 0], what="chi2 of p(x) and p(y)")
    got = kata.shift_statistics(np.array([[2, 1, 0], [0, 1, 0]]).T, np.array([[0, 1, 4], [2, 1, 0]]).T)
    # Rows 2, 2 and 0 against 2, 2 and 4; columns 3 and 1 against 5 and 3: the sizes are 4 and 8.
    assert_close(got.chi2[:2], [8**2 / 128 * 2 + 16**2 / 128, 4**2 / (32 * 8) + 4**2 / (32 * 4)], what="chi2")
    assert_equal(got.dof[:2], [2, 1], what="dof of p(x) and p(y)")


def test_conditionals(kata):
    """The last two add up the tests of x within each class, and of y within each bin."""
    # Four times the rows of a bin: p(y | x) stays. Twice the rows of a class: p(x | y) stays.
    table = np.array([[30, 10], [10, 30], [8, 8]])
    for current, stays in [(table * [[4], [1], [2]], 3), (table * [[1, 2]], 2), (table * 3, slice(4))]:
        got = assert_statistics(kata, table, current, dof=[2, 1, 4, 3])
        assert_close(np.asarray(got.chi2)[stays], np.zeros(4)[stays], what="chi2 of a part that stays")
    # In the bins: 3 and 1 against 1 and 3, then 1 and 1 against 2 and 2. In the classes: 3, 1 and 1, 2; 1, 1 and 3, 2.
    found = kata.shift_statistics(np.array([[3, 1], [1, 1]]), np.array([[1, 3], [2, 2]]))
    by_class = 5**2 / (12 * 4) + 5**2 / (12 * 3) + 1**2 / (10 * 4) + 1**2 / (10 * 3)
    assert_close(found.chi2[2:], [by_class, 2], what="chi2 of p(x | y) and p(y | x)")


def test_empty_categories(kata):
    """A category that one table lacks counts in chi2 and dof, one that both lack does not."""
    # Bins 0 and 2 in the reference, 0 and 1 in the current rows: three categories of p(x).
    assert_statistics(kata, [[4, 4], [0, 0], [4, 4]], [[4, 4], [4, 4], [0, 0]], [16, 0, 16, 0], [2, 1, 4, 1])
    assert_statistics(kata, [[4, 4], [0, 0], [4, 4]], [[4, 4], [0, 0], [4, 4]], [0] * 4, [1, 1, 2, 2])
    # A bin that one class alone has is no category of the other, nor has it two classes.
    assert_statistics(kata, [[4, 4], [0, 3], [2, 2]], [[1, 5], [0, 4], [3, 3]], None, [2, 1, 3, 2])
    # A class that is new, one that is gone, and one that neither has.
    assert_statistics(kata, [[3, 0, 5, 0], [1, 0, 7, 0]], [[2, 6, 0, 0], [4, 4, 0, 0]])
    assert_statistics(kata, [[0, 0, 5], [1, 0, 7]], [[2, 0, 0], [4, 0, 6]], None, [1, 1, 2, 2])


def test_nothing_in_common(kata):
    """Bins and classes that only one table has add nothing to the conditionals: without others, chi2 and dof are 0."""
    assert_statistics(kata, [[4, 4], [0, 0]], [[0, 0], [2, 6]], None, [1, 1, 2, 0])
    assert_statistics(kata, [[4, 0], [4, 0]], [[0, 5], [0, 3]], None, [1, 1, 0, 2])
    assert_statistics(kata, [[7]], [[3]], [0] * 4, [0] * 4)
    assert_statistics(kata, [[4, 2, 6]], [[8, 1, 0]])
    assert_statistics(kata, [[4], [2], [6]], [[8], [1], [0]])
    assert_statistics(kata, [[1, 0], [0, 0]], [[0, 0], [0, 1]], [2, 2, 0, 0], [1, 1, 0, 0])


def test_tables(kata, rng):
    """The statistics are right for tables of other shapes and sizes, small counts and large ones."""
    for shape in [(4, 3), (2, 5), (6, 2)]:
        for largest in (3, 40, 3000):
            reference, current = rng.integers(0, largest, size=(2, *shape)) * rng.integers(1, 4, size=(2, 1, shape[1]))
            reference[0, 0], current[-1, -1] = 1, 2
            assert_statistics(kata, reference, current)


def test_no_rows(kata):
    """A table without rows raises ValueError."""
    some, none = np.array([[3, 1], [0, 2]]), np.zeros((2, 2), dtype=int)
    for reference, current in [(some, none), (none, some), (none, none)]:
        with pytest.raises(ValueError):
            kata.shift_statistics(reference, current)


def test_names(kata):
    """The name is that of the first line that fits, for each of the sixteen cases."""
    for moved in product([False, True], repeat=4):
        assert_equal(name(kata, *([0.0001 if one else 0.7] for one in moved)), named(*moved))


def test_holm(kata):
    """The k-th smallest of m p-values is compared with level / (m - k + 1), and the first that is larger ends it."""
    # 0.05 / 4 = 0.0125, 0.05 / 3 = 0.0167, then 0.025 and 0.05.
    assert_equal(name(kata, [0.012], [0.5], [0.5], [0.5]), "covariate")
    assert_equal(name(kata, [0.013], [0.5], [0.5], [0.5]), "none")
    assert_equal(name(kata, [0.5], [0.5], [0.5], [0.012]), "concept")
    assert_equal(name(kata, [0.016], [0.5], [0.5], [0.012]), "mixed")
    assert_equal(name(kata, [0.017], [0.5], [0.5], [0.012]), "concept")
    assert_equal(name(kata, [0.012], [0.016], [0.024], [0.5]), "covariate")
    assert_equal(name(kata, [0.012], [0.016], [0.026], [0.5]), "label")
    assert_equal(name(kata, [0.012], [0.016], [0.024], [0.049]), "mixed")
    # The smallest is too large, though the others would do by themselves.
    assert_equal(name(kata, [0.013], [0.014], [0.015], [0.016]), "none")
    assert_equal(name(kata, [0.02], [0.03], [0.04], [0.045]), "none")
    assert_equal(name(kata, [0.04], [0.012], [0.04], [0.04]), "label")
    # Equal to what they are compared with; and tied.
    assert_equal(name(kata, [2.0**-6], [0.5], [0.5], [0.5], 2.0**-4), "covariate")
    assert_equal(name(kata, [2.0**-6], [0.9], [0.9], [2.0**-5], 2.0**-4), "covariate")
    assert_equal(name(kata, [0.0125 / 2] * 2, [0.0125 / 2], [0.9], [0.9]), "label")


def test_level(kata):
    """The level is 0.05 by default, and may be any other."""
    for level, expected in [(0.01, "none"), (0.03, "label"), (0.05, "covariate"), (0.2, "mixed")]:
        assert_equal(name(kata, [0.02], [0.006], [0.012], [0.06], level), expected)
    assert_equal(name(kata, [0.02], [0.006], [0.012], [0.06]), "covariate")
    assert_equal(name(kata, [1e-6], [3e-6], [0.5], [0.5], 1e-5), "label")
    assert_equal(name(kata, [1e-6], [3e-6], [0.5], [0.5], 5e-6), "covariate")
    assert_equal(name(kata, [1e-6], [3e-6], [0.5], [0.5], 3e-6), "none")


def test_several_tests(kata, rng):
    """A part has moved if one of its p-values is rejected among all of them. Parts may have any number of tests."""
    assert_equal(name(kata, [0.9, 0.001, 0.8], [0.3], [0.04, 0.2], [0.7]), "covariate")
    # With 20 features, 0.05 / 23 = 0.00217 is the limit.
    many = [0.5] * 19
    assert_equal(name(kata, [*many, 0.0022], [0.5], [0.5], [0.5]), "none")
    assert_equal(name(kata, [*many, 0.0021], [0.5], [0.5], [0.5]), "covariate")
    assert_equal(name(kata, many, [0.5], [0.5], [0.5, 0.0021]), "concept")
    assert_equal(name(kata, [0.001] * 4, [0.5], [0.5], [0.04]), "covariate")
    assert_equal(name(kata, [0.001] * 4, [0.5], [0.9], [0.016]), "mixed")
    assert_equal(name(kata, [], [0.02], [], [0.9]), "label")
    assert_equal(name(kata, [], [], [], []), "none")
    assert_equal(name(kata, [0.0], [1.0], [1.0], [0.0]), "mixed")
    for _ in range(10):
        parts = [0.1 * rng.random(int(k)) ** rng.choice([1, 2]) for k in rng.integers(0, 4, size=4)]
        assert_equal(name(kata, *parts, 0.1), named(*holm(parts, 0.1)))


def test_missing(kata):
    """NaN is left out: it does not count among the p-values."""
    nan = np.nan
    assert_equal(name(kata, [0.02, nan], [nan], [nan], [0.9]), "covariate")
    assert_equal(name(kata, [nan], [0.012], [nan, 0.5, nan], [0.5, 0.5]), "label")
    assert_equal(name(kata, [nan], [nan], [nan], [nan]), "none")
    assert_equal(name(kata, [nan, 0.03], [nan], [nan], [0.9]), "none")


@strict
def test_integers(kata):
    """Counts may be integers of any type: nothing wraps around."""
    reference, current = np.array([[100, 20, 0], [0, 90, 120]]), np.array([[10, 0, 0], [90, 100, 7]])
    for kind, factor in [(np.uint8, 1), (np.int8, 1), (np.int32, 10**6), (np.int64, 10**6)]:
        assert_statistics(kata, (reference * factor).astype(kind), (current * factor).astype(kind))


@strict
def test_bad_input(kata):
    """Tables of other shapes, a negative count, and a p-value that is not between 0 and 1 raise ValueError."""
    table = np.array([[3, 1], [2, 4]])
    for bad in (table[:1], table[:, :1], np.array([[3, 1, 0], [2, 4, 0]]), np.array([[3, -1], [2, 4]])):
        for pair in [(table, bad), (bad, table)]:
            with pytest.raises(ValueError):
                kata.shift_statistics(*pair)
    for bad, places in [(-0.1, range(4)), (1.1, range(4)), (np.inf, [2])]:
        for place in places:
            p_values = [[0.5, bad] if k == place else [0.5] for k in range(4)]
            with pytest.raises(ValueError):
                name(kata, *p_values)


def workload(kata, rng, n):
    """Tables with empty bins, and p-values of which some tie and some are missing."""
    reference, current = rng.integers(0, 9, size=(2, n // 2 + 2, 3))
    reference[0], current[1], reference[-1] = 0, 0, 1
    current[0] = 2
    p_values = [rng.choice([0.0001, 0.002, 0.03, 0.5, np.nan], size=n // 4 + 1) for _ in range(4)]
    return (
        kata.shift_statistics(reference, current),
        kata.name_shift(*p_values, 0.2),
    )


def picture(kata, rng):
    """Draw chi2 over dof of the four parts, for three kinds of shift."""
    p_x, p_y_given_x = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.2, 0.4, 0.6, 0.8])
    joint = np.column_stack([p_x * (1 - p_y_given_x), p_x * p_y_given_x])
    shifts = {
        "Covariate shift": joint * [[0.5], [0.8], [1.2], [3.0]],
        "Label shift": joint * [[0.6, 2.0]],
        "Concept shift": np.column_stack([p_x * (1 - p_y_given_x[::-1]), p_x * p_y_given_x[::-1]]),
    }
    reference = rng.multinomial(2_000, joint.ravel()).reshape(4, 2)
    panels = []
    for title, moved in shifts.items():
        current = rng.multinomial(2_000, (moved / moved.sum()).ravel()).reshape(4, 2)
        found = kata.shift_statistics(reference, current)
        ratio = np.asarray(found.chi2) / np.maximum(found.dof, 1)
        panels.append(
            Panel(
                title,
                "p(x), p(y), p(x | y), p(y | x)",
                "chi2 / dof",
                [Bars(np.arange(4), ratio)],
                note="Of a part that has not moved, the bar is near 1.",
            )
        )
    return panels


MISTAKES = {
    "the reference taken as known": ("(n * m * np.maximum(both, 1))", "(n * m * np.maximum(r, 1))"),
    "samples of one size": (
        "(r * m - c * n) ** 2 / (n * m * np.maximum(both, 1))",
        "(r - c) ** 2 / np.maximum(both, 1)",
    ),
    "shares instead of counts": (
        "chi2 = (r * m - c * n) ** 2 / (n * m *",
        "chi2 = (r * m - c * n) ** 2 / (n * m * (n + m) *",
    ),
    "the continuity correction": (
        "(r * m - c * n) ** 2",
        "np.maximum(np.abs(r * m - c * n) - (n + m) / 2, 0) ** 2",
    ),
    "categories that one table lacks dropped": (
        "n, m, both = r.sum(axis=1, keepdims=True), c.sum(axis=1, keepdims=True), r + c",
        "n, m, both = r.sum(axis=1, keepdims=True), c.sum(axis=1, keepdims=True), (r + c) * (r > 0) * (c > 0)",
    ),
    "dof of categories that are not there": ("np.count_nonzero(both) - len(both)", "both.size - len(both)"),
    "one dof for each part": ("np.count_nonzero(both) - len(both)", "np.count_nonzero(both) - 1"),
    "lines that one table lacks count": ("r.any(axis=1) & c.any(axis=1)", "r.any(axis=1) | c.any(axis=1)"),
    "the conditionals swapped": ("(r.T, c.T), (r, c)", "(r, c), (r.T, c.T)"),
    "the margins swapped": ("for axis in (1, 0)]", "for axis in (0, 1)]"),
    "the largest test of a conditional": ("return chi2.sum(),", "return chi2.sum(axis=1).max(initial=0),"),
    "a table without rows": (
        "    if not (reference.any() and current.any()):",
        "    if not (reference.any() or current.any()):",
    ),
    "no correction": ("level / np.arange(len(order), 0, -1)", "level"),
    "Bonferroni": ("level / np.arange(len(order), 0, -1)", "level / max(len(order), 1)"),
    "Holm over four": ("level / np.arange(len(order), 0, -1)", "level / np.maximum(4 - np.arange(len(order)), 1)"),
    "Benjamini and Hochberg": [
        ("level / np.arange(len(order), 0, -1)", "level * np.arange(1, len(order) + 1) / max(len(order), 1)"),
        ("np.logical_and.accumulate(passed)", "np.logical_or.accumulate(passed[::-1])[::-1]"),
    ],
    "goes on after the first that is too large": ("order[np.logical_and.accumulate(passed)]", "order[passed]"),
    "in the order of the arguments": ("order = np.argsort(p_values)", "order = np.arange(len(p_values))"),
    "smaller than the limit": ("p_values[order] <= level", "p_values[order] < level"),
    "the level fixed": ("p_values[order] <= level /", "p_values[order] <= 0.05 /"),
    "missing tests count": (
        "level / np.arange(len(order), 0, -1)",
        "level / (np.arange(len(order), 0, -1) + sum(map(len, parts)) - len(order))",
    ),
    "covariate shift before label shift": (
        "if y and not x_given_y:",
        "if y and not x_given_y and not (x and not y_given_x):",
    ),
    "label shift whenever p(y) moves": ("if y and not x_given_y:", "if y:"),
    "covariate shift whenever p(x) moves": ("if x and not y_given_x:", "if x:"),
    "concept shift whenever p(y | x) moves": (
        'return "concept" if y_given_x and not x else',
        'return "concept" if y_given_x else',
    ),
    "concept shift for the rest": ('return "concept" if y_given_x and not x else', 'return "concept" if not x else'),
}

STRICT_MISTAKES = {
    "counts wrap around": (
        "r, c = (table.astype(np.float64) for table in (reference, current))",
        "r, c = reference, current",
    ),
    "any number is a p-value": ("if ((p_values < 0) | (p_values > 1)).any():", "if False:"),
    "negative counts": ("if (reference < 0).any() or (current < 0).any():", "if False:"),
    "shapes that broadcast": ("if reference.shape != current.shape:", "if False:"),
}
