import numpy as np
import pytest

from katagrad.testing import assert_close, strict


@pytest.fixture
def mixed(rng):
    """Five groups of different size, each with both classes, in any order. Ten scores are distinct within a group."""
    sizes, positives = [2, 3, 7, 5, 9], [1, 2, 2, 4, 3]
    y_true = np.concatenate([np.arange(size) < n for size, n in zip(sizes, positives, strict=True)]).astype(int)
    y_score = np.concatenate([rng.choice(np.arange(-8, 9), size=size, replace=False) / 4 for size in sizes])
    order = rng.permutation(26)
    return y_true[order], y_score[order], np.repeat([4, -3, 0, 1000, 17], sizes)[order]


@pytest.fixture
def tied(rng):
    """Four groups, three scores: the classes tie at the lowest, the highest and the one between."""
    y_true, y_score = np.tile([0, 1], 15), np.repeat([-1.0, 0.5, 2.0], [10, 10, 10])
    y_true[::7], order = 0, rng.permutation(30)
    return y_true[order], y_score[order], np.array([3, 3, 9, 1, 1, 1, 9, 3, 5, 1] * 3)[order]


def areas(y_true, y_score, groups):
    """Return the AUC and the number of rows of each group with both classes."""
    found = []
    for group in set(groups.tolist()):
        rows = groups == group
        pair = y_score[rows & (y_true == 1)], y_score[rows & (y_true == 0)]
        wins = np.greater.outer(*pair) + np.equal.outer(*pair) / 2
        if wins.size:
            found.append((wins.mean(), rows.sum()))
    return found


def weighted_mean(*case):
    found = areas(*case)
    return sum(area * rows for area, rows in found) / sum(rows for _, rows in found)


def grouped(kata, *columns):
    return kata.grouped_auc(*map(np.array, columns))


def test_pairs_within_groups(kata, mixed):
    """A positive is compared with the negatives of its own group only."""
    # Both groups are in perfect order, though the positive of one scores below the negative of the other.
    assert_close(grouped(kata, [1, 0, 1, 0], [2.0, 1.0, 5.0, 4.0], [1, 1, 2, 2]), 1.0)
    assert_close(grouped(kata, [1, 0, 0, 1, 0], [2.0, 1.0, 3.0, 4.0, 5.0], [1, 1, 1, 2, 2]), (3 * 0.5 + 0) / 5)
    # The highest score of one group and the lowest of the next.
    assert_close(grouped(kata, [1, 0, 0, 1], [4.0, 3.0, 1.0, 2.0], [1, 1, 2, 2]), 1.0)
    assert_close(kata.grouped_auc(*mixed), weighted_mean(*mixed))
    # What is added to all scores of a group changes nothing.
    y_true, y_score, groups = mixed
    assert_close(kata.grouped_auc(y_true, y_score + 3.0 * groups, groups), weighted_mean(*mixed))


def test_weights(kata, rng):
    """A group counts by its number of rows: not once, not by its positives, not by its pairs."""
    # AUC 1 from two rows, and 1/4 from six: two positives, four negatives.
    case = [1, 0, 1, 1, 0, 0, 0, 0], [2.0, 1.0, 4.0, 2.0, 3.0, 1.0, 5.0, 6.0], [1, 1, 2, 2, 2, 2, 2, 2]
    assert_close(grouped(kata, *case), (2 * 1 + 6 * 3 / 8) / 8)
    # Groups of equal size with 1 and with 5 positives of 10 rows, then one of 30 rows.
    y_true = np.concatenate([np.arange(10) < 1, np.arange(10) < 5, np.arange(30) < 2]).astype(int)
    groups = np.repeat([6, 2, 4], [10, 10, 30])
    y_score = np.concatenate([rng.permutation(10), np.arange(10)[::-1], rng.permutation(30)]) / 8
    assert_close(kata.grouped_auc(y_true, y_score, groups), weighted_mean(y_true, y_score, groups))


def test_one_class(kata, mixed):
    """A group without a positive or without a negative is left out, its rows too, wherever it stands."""
    case = [1, 0, 1, 1, 0, 0, 1], [1.0, 2.0, 5.0, 3.0, 4.0, 0.5, 3.0], [2, 2, 1, 1, 3, 3, 2]
    assert_close(grouped(kata, *case), 1 / 2)
    y_true, y_score, groups = mixed
    expected = weighted_mean(*mixed)
    for labels, other in [([1] * 9, 7), ([0] * 9, 7), ([0], -90), ([1], 5000), ([1], 7)]:
        longer = (
            np.append(labels, y_true),
            np.append(np.arange(len(labels)) - 2.5, y_score),
            np.append([other] * len(labels), groups),
        )
        assert_close(kata.grouped_auc(*longer), expected)
    # Most groups have one row.
    longer = np.append(y_true, [1, 0] * 20), np.append(y_score, np.zeros(40)), np.append(groups, np.arange(40) + 2000)
    assert_close(kata.grouped_auc(*longer), expected)


def test_no_group_left(kata):
    """If no group has both classes, ValueError is raised."""
    for y_true, groups in [
        ([1, 0], [1, 2]),
        ([1, 1, 1], [1, 1, 2]),
        ([0, 0], [1, 1]),
        ([1], [3]),
        ([0, 1, 1], [1, 2, 2]),
    ]:
        with pytest.raises(ValueError):
            grouped(kata, y_true, np.arange(len(y_true)) / 2, groups)


def test_ties(kata, tied):
    """A tie of a positive and a negative counts half, whatever the order of the rows."""
    for y_true in ([1, 0], [0, 1]):
        assert_close(grouped(kata, y_true, [0.5, 0.5], [1, 1]), 1 / 2)
    # Two pairs of six tie, and two are won.
    case = [0, 1, 0, 1, 0], [0.5, 0.5, 0.1, 0.5, 0.9], [4, 4, 4, 4, 4]
    assert_close(grouped(kata, *case), 3 / 6)
    for rows in (np.s_[:], np.s_[::-1]):
        some = tuple(column[rows] for column in tied)
        assert_close(kata.grouped_auc(*some), weighted_mean(*tied))
    y_true, _, groups = tied
    assert_close(kata.grouped_auc(y_true, np.zeros(30), groups), 1 / 2)
    # Ties across groups are none: these are two perfect groups.
    assert_close(grouped(kata, [1, 0, 1, 0], [2.0, 1.0, 1.0, 0.0], [1, 1, 2, 2]), 1.0)


def test_groups_in_any_order(kata, mixed, rng):
    """Groups may have any numbers, and their rows need not stand together."""
    case = [1, 0, 0, 1, 0], [3.0, 4.0, 2.0, 1.0, 5.0], [7, -1, 7, -1, 7]
    assert_close(grouped(kata, *case), (3 * 1 / 2 + 2 * 0) / 5)
    y_true, y_score, groups = mixed
    for names in ([4, 3, 2, 1, 0], [10**12, -5, 0, 5, 10**12 + 1]):
        renamed = np.array(names)[np.unique(groups, return_inverse=True)[1]]
        assert_close(kata.grouped_auc(y_true, y_score, renamed), weighted_mean(*mixed))
    order = rng.permutation(26)
    assert_close(kata.grouped_auc(*(column[order] for column in mixed)), weighted_mean(*mixed))


def test_one_group(kata, mixed, tied):
    """With one group this is the AUC, also below one half."""
    assert_close(grouped(kata, [1, 0, 0, 0, 1], [1.0, 2.0, 3.0, 0.0, -1.0], [5, 5, 5, 5, 5]), 1 / 6)
    for y_true, y_score, _ in (mixed, tied):
        case = y_true, y_score, np.full(len(y_true), 3)
        assert_close(kata.grouped_auc(*case), weighted_mean(*case))
        assert_close(kata.grouped_auc(1 - y_true, y_score, case[2]), 1 - weighted_mean(*case))


def test_close_scores(kata):
    """Only equal scores are tied: not small ones, and not large ones that are nearly the same."""
    y_true, groups = [1, 0, 1, 0, 0], [3, 3, 800, 800, 800]
    small = [2.000e-6, 2.001e-6, 1.000e-6, 0.999e-6, 1.002e-6]
    large = [123456.7, 123456.71, 1e5 + 0.02, 1e5 + 0.01, 1e5 + 0.03]
    # They differ by a part in 1e8.
    nearly = [1e6 - 0.02, 1e6 - 0.01, 2e-6, 1.99999998e-6, 2.00000002e-6]
    for y_score in (small, large, nearly):
        assert_close(grouped(kata, y_true, y_score, groups), (2 * 0 + 3 * 1 / 2) / 5)
    # Groups differ in scale.
    y_score = [2.0e-6, 2.1e-6, 1e6, 1e6 - 0.5, 1e6 + 0.5]
    assert_close(grouped(kata, y_true, y_score, groups), (2 * 0 + 3 * 1 / 2) / 5)


def test_many_rows(kata, rng):
    """A large group takes O(n log n) time, and many small ones are treated as they are alone."""
    n = 100_000
    y_true, order = np.arange(n) % 2, rng.permutation(n)
    assert_close(kata.grouped_auc(y_true[order], np.arange(n)[order] // 2 * 1.0, np.full(n, 3)), 1 / 2)
    # Of each three rows of a group the positive stands first, or last.
    groups = np.repeat(np.arange(1000), 3)
    y_score = np.tile([2.0, 1.0, 0.0, 0.0, 1.0, 2.0, 1.0, 0.5, 0.0, 1.0, 2.0, 0.5], 250)
    order = rng.permutation(3000)
    ours = kata.grouped_auc(np.tile([1, 0, 0], 1000)[order], y_score[order], groups[order])
    assert_close(ours, (1 + 0 + 1 + 1 / 2) / 4)


@strict
def test_bad_input(kata):
    """Other lengths, labels that are not 0 or 1, and scores that are NaN or infinite, raise ValueError."""
    fine = [1, 0, 1, 0], [0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2]
    for place, bad in [
        (0, [1, 0, 1]),
        (0, [1, 0, 1, 0, 1]),
        (1, [0.1, 0.2, 0.3]),
        (1, [0.1]),
        (2, [1, 1, 2]),
        (2, [1]),
        (0, [1, 0, 2, 0]),
        (0, [1, 0, -1, 1]),
        (0, [1.0, 0.0, 0.5, 1.0]),
        (0, [1.0, 0.0, np.nan, 1.0]),
        (1, [0.1, np.nan, 0.3, 0.4]),
        (1, [0.1, 0.2, np.inf, 0.4]),
        (1, [-np.inf, 0.2, 0.3, 0.4]),
    ]:
        case = list(fine)
        case[place] = bad
        with pytest.raises(ValueError):
            grouped(kata, *case)
    # Also in a group that is left out.
    with pytest.raises(ValueError):
        grouped(kata, [1, 0, 1], [0.1, 0.2, np.nan], [1, 1, 2])
    with pytest.raises(ValueError):
        grouped(kata, [1, 0, 3], [0.1, 0.2, 0.3], [1, 1, 2])
    with pytest.raises(ValueError):
        kata.grouped_auc(np.array([], dtype=int), np.array([]), np.array([], dtype=int))


@strict
@pytest.mark.parametrize("kind", [np.uint8, np.int8, int])
def test_whole_scores(kata, kind):
    """Scores may be integers of any type, and groups strings."""
    y_true, y_score = np.array([1, 0, 0, 1, 0]), np.array([100, 127, 0, 0, 120]).astype(kind)
    assert_close(kata.grouped_auc(y_true, y_score, np.array([9, 9, 9, 4, 4])), (3 / 2 + 0) / 5)
    names = np.array(["ann", "ann", "ann", "bob", "bob"])
    assert_close(kata.grouped_auc(y_true.astype(kind), y_score, names), (3 / 2 + 0) / 5)
    # More than 127 positives of one group.
    y_true = np.repeat([1, 0], 150).astype(kind)
    assert_close(kata.grouped_auc(y_true, np.arange(300) % 2 * 1.0, np.full(300, 5, dtype=kind)), 1 / 2)


@strict
def test_huge_scores(kata):
    """Scores may be as large as 1e308."""
    case = [1, 0, 1, 0, 0], [1e308, -1e308, -1e308, 1e308, -1.1e308], [1, 1, 2, 2, 2]
    assert_close(grouped(kata, *case), (2 * 1 + 3 * 1 / 2) / 5)


def workload(kata, rng, n):
    """About n / 4 groups of uneven size, some of one class; scores of which half are rounded, so that they tie."""
    groups = rng.integers(0, max(n // 4, 1), size=n + 2) * rng.integers(1, 3, size=n + 2)
    y_true = (rng.random(n + 2) < 0.4).astype(int)
    groups[:2], y_true[:2] = 0, [0, 1]
    y_score = rng.normal(size=n + 2)
    return kata.grouped_auc(y_true, np.where(rng.random(n + 2) < 0.5, y_score.round(), y_score), groups)


UNIQUE = "at, value = (np.unique(each, return_inverse=True)[1] for each in (groups, y_score))"
RANK = "rank = (np.cumsum(ties) - (ties - 1) / 2)[cell]"
CELLS = "at * len(value) + value"
WON = "won = np.bincount(at, positive * rank_in_group) - n_pos * (n_pos + 1) / 2"
BOTH = "both = pairs > 0"
LEFT = "if not both.any():"
MEAN = "return float(np.average(won[both] / pairs[both], weights=n_rows[both]))"
AUC = "won[both] / pairs[both]"
LENGTHS = "if not len(y_true) == len(y_score) == len(groups):"
CUT = "y_true, y_score, groups = y_true[:n], y_score[:n], groups[:n]"
MISTAKES = {
    "one AUC over all rows": (UNIQUE, f"groups = np.zeros(len(groups))\n    {UNIQUE}"),
    "every group counts once": (MEAN, f"return float(np.mean({AUC}))"),
    "weights are the positives": (MEAN, MEAN.replace("n_rows[both]", "n_pos[both]")),
    "weights are the negatives": (MEAN, MEAN.replace("n_rows[both]", "(n_rows - n_pos)[both]")),
    "weights are the pairs": (MEAN, "return float(won[both].sum() / pairs[both].sum())"),
    "weights are square roots": (MEAN, MEAN.replace("n_rows[both]", "np.sqrt(n_rows[both])")),
    "rows of groups left out count below": (MEAN, f"return float(({AUC} * n_rows[both]).sum() / len(y_true))"),
    "one class counts one half": (
        MEAN,
        "return float(np.average(np.where(both, won / np.where(both, pairs, 1), 0.5), weights=n_rows))",
    ),
    "one class counts 0": (
        MEAN,
        "return float(np.average(np.where(both, won / np.where(both, pairs, 1), 0.0), weights=n_rows))",
    ),
    "one class counts 1": (
        MEAN,
        "return float(np.average(np.where(both, won / np.where(both, pairs, 1), 1.0), weights=n_rows))",
    ),
    "one class gives NaN": [(LEFT, "if False:"), (MEAN, "return float(np.average(won / pairs, weights=n_rows))")],
    "one class is refused": (LEFT, "if not both.all():"),
    "groups without positives alone are left out": [
        (BOTH, "both = n_pos > 0"),
        (MEAN, MEAN.replace("pairs[both]", "np.maximum(pairs[both], 1)")),
    ],
    "groups without negatives alone are left out": [
        (BOTH, "both = n_pos < n_rows"),
        (MEAN, MEAN.replace("pairs[both]", "np.maximum(pairs[both], 1)")),
    ],
    "no group left gives one half": (LEFT, f"{LEFT}\n        return 0.5\n    if False:"),
    "no group left gives 0": (LEFT, f"{LEFT}\n        return 0.0\n    if False:"),
    "no group left gives NaN": (LEFT, f"{LEFT}\n        return float('nan')\n    if False:"),
    "a tie is won": (RANK, "rank = np.cumsum(ties)[cell]"),
    "a tie is lost": (RANK, "rank = (np.cumsum(ties) - ties + 1)[cell]"),
    "ties in the order of the rows": (
        RANK,
        f"{RANK}\n    rank[np.lexsort((y_score, groups))] = np.arange(1.0, len(rank) + 1)",
    ),
    "close scores are tied": (UNIQUE, f"y_score = y_score.round(6)\n    {UNIQUE}"),
    "scores in single precision": (UNIQUE, f"y_score = y_score.astype(np.float32)\n    {UNIQUE}"),
    "scores and groups in one number": [
        (CELLS, "10000.0 * at + y_score"),
    ],
    "the ranks of all rows": ("rank_in_group = rank -", "rank_in_group = rank - 0 *"),
    "ranks not within the group": (
        WON,
        (
            "order = np.argsort(y_score, kind='stable').argsort(kind='stable')\n"
            "    won = np.bincount(at, positive * (order + 1)) - n_pos * (n_pos + 1) / 2"
        ),
    ),
    "ranks from 0": (WON, WON.replace("positive * rank_in_group", "positive * (rank_in_group - 1)")),
    "negatives win": (WON, f"{WON}\n    won = n_pos * (n_rows - n_pos) - won"),
    "an AUC below one half is turned over": (MEAN, MEAN.replace(AUC, f"np.maximum({AUC}, 1 - {AUC})")),
    "groups are runs of rows": (
        UNIQUE,
        f"groups = np.cumsum(np.diff(groups, prepend=groups[0]) != 0)\n    {UNIQUE}",
    ),
    "groups from 0 on": (UNIQUE, f"groups = np.maximum(groups, 0)\n    {UNIQUE}"),
    "an eps in the pairs": (MEAN, MEAN.replace("pairs[both]", "(pairs[both] + 1e-6)")),
    "a median over the groups": (MEAN, f"return float(np.median(np.repeat({AUC}, n_rows[both])))"),
    "every positive looks at every negative": (
        MEAN,
        (
            "table = [y_score[(groups == group) & (y_true == 1)][:, np.newaxis] for group in np.unique(groups)]\n"
            "    other = [y_score[(groups == group) & (y_true == 0)] for group in np.unique(groups)]\n"
            "    wins = [((a > b) + (a == b) / 2).mean() for a, b, z in zip(table, other, both, strict=True) if z]\n"
            "    return float(np.average(wins, weights=n_rows[both]))"
        ),
    ),
}

STRICT_MISTAKES = {
    "surplus rows are ignored": [
        (LENGTHS, "if False:"),
        (UNIQUE, f"n = min(map(len, (y_true, y_score, groups)))\n    {CUT}\n    {UNIQUE}"),
    ],
    "groups may broadcast": [
        (LENGTHS, "if len(y_true) != len(y_score):"),
        (UNIQUE, f"groups = np.broadcast_to(groups, y_true.shape)\n    {UNIQUE}"),
    ],
    "any label but 1 is negative": ("if not np.isin(y_true, [0, 1]).all():", "if False:"),
    "labels of -1 pass": ("np.isin(y_true, [0, 1])", "np.isin(y_true, [-1, 0, 1])"),
    "NaN is sorted like a score": ("if not np.isfinite(y_score).all():", "if np.isinf(y_score).any():"),
    "infinite scores pass": ("if not np.isfinite(y_score).all():", "if np.isnan(y_score).any():"),
}
