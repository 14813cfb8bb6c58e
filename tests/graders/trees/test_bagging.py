import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float"}


def defined(votes, masks, y):
    """Hold an election for each row; return the share of right winners."""
    right = []
    for row, label in enumerate(y.tolist()):
        ballots = [int(vote) for vote, out in zip(votes[:, row], masks[:, row], strict=True) if out]
        if ballots:
            most = max(ballots.count(vote) for vote in ballots)
            right.append(label == min(vote for vote in ballots if ballots.count(vote) == most))
    return sum(right) / len(right)


def election(rng, labels, n_trees, n_rows, share):
    """Return random votes for the labels, masks with that share out of bag, and right labels; row 0 has one vote."""
    votes, masks = rng.choice(labels, size=(n_trees, n_rows)), rng.random((n_trees, n_rows)) < share
    masks[:, 0] = np.arange(n_trees) == 0
    return votes, masks, rng.choice(labels, size=n_rows)


def without_ties(votes, masks, y):
    """Leave out the rows on which the two first classes have equally many votes."""
    counts = np.array([((votes == label) & masks).sum(axis=0) for label in sorted({*votes.ravel().tolist(), 0, 1})])
    second, first = np.sort(counts, axis=0)[-2:]
    kept = (first > second) | (first == 0)
    return votes[:, kept], masks[:, kept], y[kept]


def without_unseen(votes, masks, y):
    """Leave out the rows on which nobody votes."""
    kept = masks.any(axis=0)
    return votes[:, kept], masks[:, kept], y[kept]


def drawn(kata, rng, n, times):
    """Return many samples of n rows, one after another."""
    return np.array([kata.bootstrap_indices(n, rng) for _ in range(times)]).astype(int)


def test_sample(kata, rng):
    """A bootstrap sample of n rows has n row indices, which are integers from 0 to n - 1."""
    assert_equal(kata.bootstrap_indices(1, rng), [0])
    for n in (2, 3, 7, 40):
        indices = kata.bootstrap_indices(n, rng)
        assert_equal(indices.shape, (n,))
        assert_equal(KINDS.get(indices.dtype.kind), "int")
        assert_equal([row for row in indices.tolist() if row not in range(n)], [])


def test_drawn_with_replacement(kata, rng):
    """Rows are drawn with replacement: about 63.2 % of them come, each as likely as any other."""
    n = 10_000
    times = np.bincount(kata.bootstrap_indices(n, rng).ravel().astype(int).clip(0, n - 1), minlength=n)
    # A row is drawn k times with probability 1 / (e k!). The bounds are eight standard deviations.
    assert_close(np.mean(times > 0), 1 - np.exp(-1), rtol=0.0, atol=0.04)
    assert_close([np.mean(times == k) for k in (1, 2, 3)], np.exp(-1) / np.array([1, 2, 6]), rtol=0.0, atol=0.04)
    for n, times in [(2, 100), (3, 400)]:
        shares = [np.mean(drawn(kata, rng, n, times) == row) for row in range(n)]
        assert_close(shares, np.full(n, 1 / n), rtol=0.0, atol=8 * ((n - 1) / n**3 / times) ** 0.5)
    stretch = drawn(kata, rng, 1000, 20) // 100
    shares = [np.mean(stretch == each) for each in range(10)]
    assert_close(shares, np.full(10, 0.1), rtol=0.0, atol=8 * (0.09 / 20_000) ** 0.5)
    # Of two rows, half of the samples have both.
    both = np.ptp(drawn(kata, rng, 2, 400), axis=1)
    assert_close(both.mean(), 0.5, rtol=0.0, atol=0.2)


def test_randomness_comes_from_rng(kata):
    """The same state of rng gives the same sample, and another state gives another."""
    once, again, other = (kata.bootstrap_indices(50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert_equal(again, once)
    assert_equal(np.array_equal(np.sort(other), np.sort(once)), False)


def test_out_of_bag(kata, rng):
    """A row is out of bag if the sample lacks it; 200,000 rows take n log n time or less."""
    assert_equal(kata.out_of_bag_mask(np.array([1, 1, 0]), 4), [False, False, True, True])
    assert_equal(kata.out_of_bag_mask(np.array([2, 0, 1]), 3), [False, False, False])
    for n, size in [(5, 5), (9, 9), (9, 4), (4, 9), (30, 30), (6, 1)]:
        indices = rng.integers(n, size=size)
        mask = kata.out_of_bag_mask(indices, n)
        assert_equal(mask, [row not in indices.tolist() for row in range(n)])
        assert_equal(KINDS.get(mask.dtype.kind), "bool")
    rows = rng.permutation(200_000)
    expected = np.zeros(200_000, dtype=bool)
    expected[rows[:80_000]] = True
    assert_equal(kata.out_of_bag_mask(np.concatenate([rows[80_000:], rows[100_000:180_000]]), 200_000), expected)


def test_votes(kata, rng):
    """Only the trees for which a row is out of bag vote on it, and the label with the most of their votes wins."""
    votes, masks = np.array([[1], [0], [0]]), np.array([[True], [False], [False]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([1])), 1.0)
    assert_close(kata.oob_accuracy(votes, ~masks, np.array([1])), 0.0)
    # Most votes need not be more than half of them.
    votes = np.array([[2, 2], [1, 2], [2, 1], [0, 0], [3, 3]])
    assert_close(kata.oob_accuracy(votes, np.ones((5, 2), dtype=bool), np.array([2, 2])), 1.0)
    # Labels are any integers: none is cut off, and none stands for a vote that does not count.
    for label, other in [(-999, -99), (-99, -999), (300, 9999), (9999, 300)]:
        votes, masks = np.array([[label], [other], [label]]), np.ones((3, 1), dtype=bool)
        assert_close(kata.oob_accuracy(votes, masks, np.array([label])), 1.0)
        assert_close(kata.oob_accuracy(votes, masks, np.array([other])), 0.0)
    for labels in ([0, 1], [-1, 0, 1, 40]):
        given = without_ties(*without_unseen(*election(rng, labels, 9, 25, 0.4)))
        assert_close(kata.oob_accuracy(*given), defined(*given))


def test_tied_votes(kata, rng):
    """A tie goes to the smallest label among those with the most votes, in any order of the trees."""
    masks = np.ones((4, 1), dtype=bool)
    for votes in ([3, 8, 8, 3], [8, 3, 3, 8], [9, 3, 4, 8], [8, 4, 3, 9]):
        assert_close(kata.oob_accuracy(np.array(votes)[:, None], masks, np.array([3])), 1.0)
    # A smaller label with fewer votes is not among those tied.
    for votes in ([1, 3, 3, 8, 8], [8, 3, 1, 8, 3]):
        assert_close(kata.oob_accuracy(np.array(votes)[:, None], np.ones((5, 1), dtype=bool), np.array([3])), 1.0)
    # A label of -1 is a label, and does not stand for a vote that does not count.
    for labels in ([0, 1, 2], [-1, 0], [-2, -1, 0]):
        given = without_unseen(*election(rng, labels, 6, 50, 0.5))
        assert_close(kata.oob_accuracy(*given), defined(*given))


def test_rows_in_every_bag(kata, rng):
    """A row that is out of bag for no tree counts neither as right nor as wrong."""
    votes, masks = np.array([[0, 0, 1], [0, 0, 1]]), np.array([[True, False, True], [True, False, False]])
    for label, accuracy in [(1, 1.0), (0, 0.5)]:
        for unseen in (0, 1):
            assert_close(kata.oob_accuracy(votes, masks, np.array([0, unseen, label])), accuracy)
    # The one tree has seen the row in the middle.
    votes, masks = np.array([[1, 2, 3]]), np.array([[True, False, True]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([1, 2, 5])), 0.5)
    for share in (0.1, 0.2):
        given = without_ties(*election(rng, [0, 1, 2], 4, 40, share))
        assert_close(kata.oob_accuracy(*given), defined(*given))


def test_rows_count_alike(kata, rng):
    """The accuracy is the share of right rows: each counts once, whatever its number of votes."""
    votes, masks = np.array([[1, 1], [1, 0], [1, 0]]), np.array([[True, True], [True, False], [True, False]])
    assert_close(kata.oob_accuracy(votes, masks, np.array([1, 0])), 0.5)
    given = without_ties(*without_unseen(*election(rng, [0, 1], 15, 12, 0.4)))
    assert_close(kata.oob_accuracy(*given), defined(*given))
    # A true label that no tree votes for is a row that is wrong, and not one that is left out.
    votes, masks, y = without_unseen(*election(rng, [-40, -3, 12], 6, 30, 0.5))
    y[::5] = 5
    assert_close(kata.oob_accuracy(votes, masks, y), defined(votes, masks, y))


def test_no_row_out_of_bag(kata):
    """ValueError if no row is out of bag for any tree."""
    for n_trees, n_samples in [(1, 1), (2, 3)]:
        votes = np.zeros((n_trees, n_samples), dtype=int)
        with pytest.raises(ValueError):
            kata.oob_accuracy(votes, np.zeros((n_trees, n_samples), dtype=bool), votes[0])


@strict
def test_bad_indices(kata):
    """An index below 0 or above n - 1 raises ValueError."""
    for indices, n in [([0, 3, 1], 3), ([-1, 0, 1], 3), ([2, 7], 2), ([0, 0, -3], 3), ([1], 1)]:
        with pytest.raises(ValueError):
            kata.out_of_bag_mask(np.array(indices), n)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8])
def test_integers(kata, kind):
    """Indices and labels may be integers of any type, and take its least and its largest value."""
    ends = np.iinfo(kind)
    assert_equal(kata.out_of_bag_mask(np.array([3, 0, 3], dtype=kind), 5), [False, True, True, False, True])
    votes = np.array([[ends.max, ends.min], [ends.max, 3], [ends.min, ends.min]], dtype=kind)
    masks = np.array([[True, True], [True, True], [True, False]])
    for right, accuracy in [([ends.max, ends.min], 1.0), ([ends.max, 3], 0.5), ([ends.min, 3], 0.0)]:
        assert_close(kata.oob_accuracy(votes, masks, np.array(right, dtype=kind)), accuracy)


def workload(kata, rng, n):
    """Let a few trees vote for three classes: ties, rows in every bag and labels without a vote are common."""
    n_trees = int(rng.integers(1, 8))
    indices = rng.integers(n, size=(n_trees, n + 1))
    masks = np.array([kata.out_of_bag_mask(sample, n + 1) for sample in indices])
    y = rng.integers(-1, 4, size=n + 1)
    votes = np.where(rng.random((n_trees, n + 1)) < 0.4, y, rng.integers(-1, 2, size=(n_trees, n + 1)))
    masks[0, 0] = True
    # A sample is as random as it is; what any right answer shares is its size.
    return len(kata.bootstrap_indices(n, rng)), masks, kata.oob_accuracy(votes, masks, y)


MISTAKES = {
    "drawn without replacement": ("rng.integers(n, size=n)", "rng.permutation(n)"),
    "a sample of 63.2 % without replacement": (
        "rng.integers(n, size=n)",
        "np.resize(rng.permutation(n)[: max(1, round(0.632 * n))], n)",
    ),
    "the last row is never drawn": ("rng.integers(n, size=n)", "rng.integers(max(1, n - 1), size=n)"),
    "indices from 1": ("rng.integers(n, size=n)", "rng.integers(1, n + 1, size=n)"),
    "rounded, so that the ends come half as often": (
        "rng.integers(n, size=n)",
        "np.rint(rng.random(n) * (n - 1)).astype(int)",
    ),
    "a permutation with a tenth drawn anew": (
        "rng.integers(n, size=n)",
        "np.where(rng.random(n) < 0.1, rng.integers(n, size=n), rng.permutation(n))",
    ),
    "a stretch of rows from a random start": ("rng.integers(n, size=n)", "(rng.integers(n) + np.arange(n)) % n"),
    "indices as floats": ("rng.integers(n, size=n)", "np.floor(rng.random(n) * n)"),
    "a generator of its own": ("rng.integers(n, size=n)", "np.random.default_rng(0).integers(n, size=n)"),
    "the global generator": ("rng.integers(n, size=n)", "np.random.randint(n, size=n)"),
    "a sample of one row fewer": ("rng.integers(n, size=n)", "rng.integers(n, size=max(1, n - 1))"),
    "in the bag instead of out of it": ("    return mask\n", "    return ~mask\n"),
    "drawn once counts as out of bag": (
        "    mask[indices] = False\n",
        "    mask = np.bincount(indices, minlength=n) < 2\n",
    ),
    "the size of the sample for n": ("np.ones(n, dtype=bool)", "np.ones(len(indices), dtype=bool)"),
    "the largest index for n": ("np.ones(n, dtype=bool)", "np.ones(indices.max() + 1, dtype=bool)"),
    "indices for a mask": ("    return mask\n", "    return np.flatnonzero(mask)\n"),
    "every row is looked for in the whole sample": (
        "    mask[indices] = False\n",
        "    mask[:] = [row not in indices for row in range(n)]\n",
    ),
    "zeros and ones for a mask": ("np.ones(n, dtype=bool)", "np.ones(n, dtype=int)"),
    "all trees vote": ("(votes == label) & masks, axis=0)", "votes == label, axis=0)"),
    "the trees that have seen the row vote": (
        "(votes == label) & masks, axis=0)",
        "(votes == label) & ~masks, axis=0)",
    ),
    "ties go to the largest label": (
        "labels[counts.argmax(axis=0)]",
        "labels[::-1][counts[::-1].argmax(axis=0)]",
    ),
    "ties go to the first tree": (
        "    labels = np.unique(votes)\n",
        "    labels = np.array(list(dict.fromkeys(votes.ravel().tolist())))\n",
    ),
    "a majority is asked for": (
        "winners[voted_on] == y[voted_on])",
        "((winners == y) & (2 * counts.max(axis=0) > masks.sum(axis=0)))[voted_on])",
    ),
    "the median vote": (
        "    winners = labels[counts.argmax(axis=0)]",
        "    winners = np.ma.median(np.ma.array(votes, mask=~masks), axis=0).filled(0)",
    ),
    "a place for a label": ("labels[counts.argmax(axis=0)]", "counts.argmax(axis=0)"),
    "unseen rows are in the mean": ("winners[voted_on] == y[voted_on]", "winners == y"),
    "unseen rows are wrong": (
        "winners[voted_on] == y[voted_on]",
        "(winners == y) & voted_on",
    ),
    "only rows that every tree may vote on": (
        "winners[voted_on] == y[voted_on]",
        "winners[masks.all(axis=0)] == y[masks.all(axis=0)]",
    ),
    "the share of right votes": ("np.mean(winners[voted_on] == y[voted_on])", "np.mean((votes == y)[masks])"),
    "the mean of the trees' accuracies": (
        "np.mean(winners[voted_on] == y[voted_on])",
        "np.mean([np.mean((vote == y)[out]) for vote, out in zip(votes, masks) if out.any()])",
    ),
    "rows weighed by their votes": (
        "np.mean(winners[voted_on] == y[voted_on])",
        "np.average(winners == y, weights=masks.sum(axis=0))",
    ),
    "masked votes count as label 0": (
        "(votes == label) & masks, axis=0)",
        "np.where(masks, votes, 0) == label, axis=0)",
    ),
    "-1 stands for a vote that does not count": (
        "    labels = np.unique(votes)\n",
        "    votes = np.where(masks, votes, -1)\n    labels = np.unique(votes[votes != -1])\n",
    ),
    "labels are 0, 1, 2": ("labels = np.unique(votes)", "labels = np.arange(max(votes.max(), 0) % 1000 + 1)"),
    "nothing to measure gives 0": (
        '        raise ValueError("no row is out of bag: there is nothing to measure the accuracy on")\n',
        "        return 0.0\n",
    ),
    "nothing to measure gives NaN": ("    if not voted_on.any():\n", "    if False:\n"),
}
STRICT_MISTAKES = {
    "negative indices count from the end": ("((indices < 0) | (indices >= n)).any()", "(indices >= n).any()"),
    "n itself is taken for a row": [
        ("(indices >= n)).any()", "(indices > n)).any()"),
        ("    mask = np.ones(n, dtype=bool)", "    mask = np.ones(n + 1, dtype=bool)"),
        ("    return mask\n", "    return mask[:n]\n"),
    ],
}
