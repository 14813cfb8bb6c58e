import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal

NOWHERE, EVERYWHERE = [False] * 3, [True] * 3


def assert_rows(indices, n):
    """Check that these are n numbers of rows, fit to index an array of n."""
    assert indices.shape == (n,), f"a sample of {n} rows has {n} numbers"
    assert indices.dtype.kind in "iu", "numbers of rows are whole numbers, fit to index an array"
    assert 0 <= min(indices) <= max(indices) < n, f"numbers of rows are from 0 to {n - 1}"


def defined(votes, masks, y):
    """Return the share of right predictions, row by row."""
    right = []
    for row, label in enumerate(y):
        ballots = [votes[tree, row] for tree in range(len(votes)) if masks[tree, row]]
        most = max((ballots.count(ballot) for ballot in ballots), default=0)
        if ballots:
            right.append(min(ballot for ballot in ballots if ballots.count(ballot) == most) == label)
    return sum(right) / len(right)


def test_sample(kata, rng):
    """A sample is n whole numbers from 0 to n - 1, fit to index an array."""
    assert_equal(kata.bootstrap_indices(1, rng), [0])
    for n in (2, 7, 100):
        assert_rows(kata.bootstrap_indices(n, rng), n)


def test_every_row_alike(kata, rng):
    """Each draw takes each row with the same chance, the first and the last row too."""
    times = np.zeros(10)
    for _ in range(150):
        indices = kata.bootstrap_indices(10, rng)
        assert_rows(indices, 10)
        np.add.at(times, indices, 1)
    # The standard deviation is 12 for a row and 15 for the two at the ends: more than six of those are too many.
    for row in range(10):
        assert abs(times[row] - 150) < 80, f"row {row} came {times[row]:.0f} times in 150 samples of 10, expected 150"
    ends = times[0] + times[-1]
    assert abs(ends - 300) < 100, (
        f"rows 0 and 9 came {ends:.0f} times in 150 samples of 10 rows, where 300 are expected"
    )


def test_with_replacement(kata, rng):
    """Rows are drawn with replacement: a sample may have a row twice, and need not."""
    distinct = [len(set(kata.bootstrap_indices(2, rng).tolist())) for _ in range(40)]
    assert 1 in distinct, "none of 40 samples of 2 rows has a row twice"
    assert 2 in distinct, "none of 40 samples of 2 rows has both rows"


def test_distinct_share(kata, rng):
    """A large sample has 63.2 % of the rows."""
    share = len(np.unique(kata.bootstrap_indices(20_000, rng))) / 20_000
    # The standard deviation is 0.22 %.
    assert abs(share - (1 - np.exp(-1))) < 0.016, f"a sample of 20,000 rows has {share:.1%} of them"


def test_randomness(kata, rng):
    """All randomness comes from rng: the same state draws the same sample, and the next sample is another."""
    seed = int(rng.integers(2**32))
    first, again = np.random.default_rng(seed), np.random.default_rng(seed)
    sample = kata.bootstrap_indices(40, first)
    assert_equal(kata.bootstrap_indices(40, again), sample)
    assert not np.array_equal(kata.bootstrap_indices(40, first), sample), "a second sample is the same as the first"
    assert not np.array_equal(kata.bootstrap_indices(40, rng), sample), "another generator draws the same sample"


def test_out_of_bag(kata, rng):
    """A row is out of bag if it was not drawn: a bool for each of the n rows."""
    mask = kata.out_of_bag_mask(np.array([3, 0, 3, 3]), 4)
    assert_equal(mask, [False, True, True, False])
    assert mask.dtype == bool, "the mask is of bools: it has to select rows"
    for n in (1, 2, 9):
        drawn = rng.integers(n, size=n)
        assert_equal(kata.out_of_bag_mask(drawn, n), [row not in drawn.tolist() for row in range(n)])


def test_other_numbers_of_draws(kata):
    """There may be more draws than rows, fewer, or none."""
    assert_equal(kata.out_of_bag_mask(np.array([1]), 4), [True, False, True, True])
    assert_equal(kata.out_of_bag_mask(np.array([1, 0, 1, 1, 0]), 3), [False, False, True])
    assert_equal(kata.out_of_bag_mask(np.empty(0, dtype=int), 2), [True, True])


def test_votes_that_count(kata, rng):
    """A row is judged by the trees that have it out of bag, and by no others: the class of most votes is predicted."""
    votes = np.array([[0, 0], [0, 0], [1, 1]])
    masks = np.array([[False, True], [False, True], [True, True]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([1, 0])), 1.0)
    assert_close(kata.oob_accuracy(votes, masks, np.array([0, 0])), 0.5)
    # Three votes a row, so that two classes cannot tie.
    votes, y = rng.integers(0, 2, size=(5, 8)), rng.integers(0, 2, size=8)
    masks = rng.permuted(np.tile([True, True, True, False, False], (8, 1)), axis=1).T
    assert_close(kata.oob_accuracy(votes, masks, y), defined(votes, masks, y))


def test_rows_in_every_bag(kata, rng):
    """A row that is in every bag counts neither as right nor as wrong."""
    votes = np.array([[2, 2, 2, 0], [2, 0, 2, 0]])
    masks = np.array([[True, True, False, False], [False, False, False, False]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([2, 2, 2, 2])), 1.0)
    assert_close(kata.oob_accuracy(votes, masks, np.array([2, 0, 2, 0])), 0.5)
    votes, y, masks = rng.integers(0, 2, size=(3, 9)), rng.integers(0, 2, size=9), rng.random(size=(3, 9)) < 0.3
    masks[:, 0], masks[:, 1] = EVERYWHERE, NOWHERE
    assert_close(kata.oob_accuracy(votes, masks, y), defined(votes, masks, y))


def test_ties(kata, rng):
    """Where several classes have the most votes, the smallest of them is predicted, whoever voted first."""
    votes = np.array([[5, -2, 5], [-2, 5, 3], [7, 7, 5], [7, 7, 3]])
    masks = np.array([[True, True, True], [True, True, True], [False, False, True], [False, False, True]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([-2, -2, 3])), 1.0)
    assert_close(kata.oob_accuracy(votes, masks, np.array([5, 5, 5])), 0.0)
    votes, y, masks = rng.integers(0, 3, size=(6, 15)), rng.integers(0, 3, size=15), rng.random(size=(6, 15)) < 0.7
    masks[0, 0] = True
    assert_close(kata.oob_accuracy(votes, masks, y), defined(votes, masks, y))


def test_classes(kata, rng):
    """Classes are any whole numbers, and the true class may be one that nobody votes for."""
    votes = np.array([[10**9, -5, 3], [10**9, -5, 3], [-5, 10**9, 3]])
    masks = np.ones((3, 3), dtype=bool)
    assert_close(kata.oob_accuracy(votes, masks, np.array([10**9, -5, 7])), 2 / 3)
    assert_close(kata.oob_accuracy(votes, masks, np.array([2, 2, 2])), 0.0)
    votes, y = rng.choice([-40, -3, 0, 8, 1000], size=(7, 6)), rng.choice([-40, -3, 8, 5], size=6)
    masks = rng.random(size=(7, 6)) < 0.6
    masks[0, 0] = True
    assert_close(kata.oob_accuracy(votes, masks, y), defined(votes, masks, y))


def test_nothing_to_judge(kata):
    """If no row is out of any bag, ValueError is raised."""
    with pytest.raises(ValueError):
        kata.oob_accuracy(np.array([[1, 1, 0]]), np.array([NOWHERE]), np.array([1, 1, 0]))
    with pytest.raises(ValueError):
        kata.oob_accuracy(np.array([[0, 0, 0], [0, 0, 0]]), np.array([NOWHERE, NOWHERE]), np.array([1, 0, 1]))


def workload(kata, rng, n):
    """Return a sample's mask, and the accuracy of nine trees that are right more often than not, of four classes."""
    mask = kata.out_of_bag_mask(rng.integers(n, size=n), n)
    y = rng.integers(-1, 3, size=n)
    votes = np.where(rng.random(size=(9, n)) < 0.4, y, rng.integers(-1, 3, size=(9, n)))
    masks = rng.random(size=(9, n)) < 0.37
    masks[0, 0] = True
    return np.sort(kata.bootstrap_indices(1, rng)), mask, kata.oob_accuracy(votes, masks, y)


MISTAKES = {
    "rows shuffled, not drawn with replacement": ("rng.integers(n, size=n)", "rng.permutation(n)"),
    "the last row is never drawn": ("rng.integers(n, size=n)", "rng.integers(max(n - 1, 1), size=n)"),
    "rows are numbered from 1": ("rng.integers(n, size=n)", "rng.integers(1, n + 1, size=n)"),
    "the first and last row come half as often": (
        "rng.integers(n, size=n)",
        "np.rint(rng.random(n) * (n - 1)).astype(int)",
    ),
    "63.2 % of the rows, each once": (
        "rng.integers(n, size=n)",
        "rng.choice(n, size=max(round(0.632 * n), 1), replace=False)",
    ),
    "63.2 % of the rows, and some of them again": (
        "    return rng.integers(n, size=n)",
        "    drawn = rng.choice(n, size=max(round(0.632 * n), 1), replace=False)\n    return np.resize(drawn, n)",
    ),
    "one row drawn, n times": ("rng.integers(n, size=n)", "np.full(n, rng.integers(n))"),
    "row numbers are floats": ("rng.integers(n, size=n)", "np.floor(n * rng.random(n))"),
    "a fixed seed": ("rng.integers(n, size=n)", "np.random.default_rng(0).integers(n, size=n)"),
    "NumPy's global generator": ("rng.integers(n, size=n)", "np.random.randint(n, size=n)"),
    "the rows in the bag": ("mask[indices] = False\n    return mask", "mask[indices] = False\n    return ~mask"),
    "as many rows as draws": ("np.ones(n, dtype=bool)", "np.ones(len(indices), dtype=bool)"),
    "row numbers instead of a mask": ("return mask\n", "return np.flatnonzero(mask)\n"),
    "a mask of numbers": ("np.ones(n, dtype=bool)", "np.ones(n, dtype=int)"),
    "every tree votes": ("((votes == label) & masks)", "(votes == label)"),
    "trees vote on the rows of their bag": ("(votes == label) & masks)", "(votes == label) & ~masks)"),
    "rows in every bag count as wrong": (
        "(predicted == y)[judged].mean()",
        "((predicted == y) & judged).mean()",
    ),
    "rows in every bag are judged by all trees": [
        ("    classes = np.unique(votes)", "    masks = masks | ~judged\n    classes = np.unique(votes)"),
        ("(predicted == y)[judged].mean()", "(predicted == y).mean()"),
    ],
    "rows in every bag are predicted the smallest class": (
        "(predicted == y)[judged].mean()",
        "(predicted == y).mean()",
    ),
    "each vote counts by itself": ("(predicted == y)[judged].mean()", "(votes == y)[masks].mean()"),
    "the mean of the trees' accuracies": (
        "(predicted == y)[judged].mean()",
        "np.mean([(vote == y)[mask].mean() for vote, mask in zip(votes, masks) if mask.any()])",
    ),
    "the largest of tied classes": ("np.unique(votes)\n", "np.unique(votes)[::-1]\n"),
    "the first of tied classes to be voted for": (
        "    classes = np.unique(votes)\n",
        "    classes = np.array(list(dict.fromkeys(votes.ravel().tolist())))\n",
    ),
    "a tie has no prediction": (
        "(predicted == y)[judged].mean()",
        "((predicted == y) & ((counts == counts.max(axis=0)).sum(axis=0) == 1))[judged].mean()",
    ),
    "votes are averaged and rounded": (
        "(predicted == y)[judged].mean()",
        "(np.rint((votes * masks).sum(axis=0)[judged] / masks.sum(axis=0)[judged]) == y[judged]).mean()",
    ),
    "places for classes": ("classes[counts.argmax(axis=0)]", "counts.argmax(axis=0)"),
    "only the classes of y can win": ("np.unique(votes)\n", "np.unique(y)\n"),
    "nothing to judge is an accuracy of 0": (
        '        raise ValueError("no row is out of any bag: there is nothing to judge")',
        "        return 0.0",
    ),
    "nothing to judge is NaN": (
        '        raise ValueError("no row is out of any bag: there is nothing to judge")',
        "        return float(np.nan)",
    ),
}
