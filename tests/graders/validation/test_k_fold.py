import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal


@pytest.fixture
def y(rng):
    """17 rows of four classes, which are neither 0, 1, 2, 3 nor in any order: 5, 5, 4 and 3 rows."""
    return rng.permutation(np.repeat([7, -2, 40, 3], [5, 5, 4, 3]))


@pytest.fixture
def groups(rng):
    """23 rows of seven groups, whose rows are far apart: 8, 5, 4, 2, 2, 1 and 1 rows."""
    return rng.permutation(np.repeat(rng.permutation(50)[:7] * 3 - 20, [8, 5, 4, 2, 2, 1, 1]))


def assert_deals(folds, n, k):
    """Check that there are k folds, that every row is tested once, and that it is trained on wherever it is not."""
    assert_equal(len(folds), k)
    for fold in folds:
        assert_equal((fold.train.ndim, fold.test.ndim), (1, 1))
        assert_equal([rows.dtype.kind in "iu" for rows in fold], [True, True], what="the arrays are of int")
        assert_equal(np.sort(fold.train), sorted(set(range(n)) - set(fold.test.tolist())))
    assert_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(n))


def assert_even(folds, n, k):
    """Check that the sizes of the test sets differ by at most one, and come to n."""
    assert_equal(sorted(fold.test.size for fold in folds), [(n + place) // k for place in range(k)])


def labels_of(rows, y):
    """Return the labels of those rows that there are."""
    return [y[int(row)].item() for row in rows.ravel().tolist() if 0 <= row < len(y)]


def assert_shares(folds, y, k):
    """Check that the numbers of rows of each class differ by at most one between the test sets."""
    labels = [labels_of(fold.test, y) for fold in folds]
    for label in sorted(set(y.tolist())):
        total = y.tolist().count(label)
        assert_equal(sorted(part.count(label) for part in labels), [(total + place) // k for place in range(k)])


def assert_whole(folds, groups):
    """Check that no group is on both sides of a fold."""
    for fold in folds:
        assert_equal(sorted(set(labels_of(fold.train, groups)) & set(labels_of(fold.test, groups))), [])


def sizes_by_dealing(groups, k):
    """Return the sizes of the test sets once each group, the largest first, has gone to the smallest of them."""
    sizes = [0] * k
    for size in sorted((groups.tolist().count(group) for group in set(groups.tolist())), reverse=True):
        sizes = [sizes[0] + size, *sizes[1:]]
        sizes.sort()
    return sizes


def fold_numbers(folds, n):
    """Return the number of the fold in which each row is tested, -1 where it is in none."""
    found = {row: number for number, fold in enumerate(folds) for row in fold.test.ravel().tolist()}
    return np.array([found.get(row, -1) for row in range(n)])


def assert_shuffled(folds, rows, n):
    """Check that neighbours among the rows meet in one of two test sets as often as not."""
    numbers = fold_numbers(folds, n)[rows]
    # Eight standard deviations, which chance never comes to.
    assert_close(np.mean(numbers[1:] == numbers[:-1]), 0.5, rtol=0.0, atol=4 / (len(rows) - 1) ** 0.5)


def test_every_row_is_tested_once(kata, rng, y, groups):
    """Every row is tested in exactly one of the k folds, and trained on in all others."""
    for n, k in [(2, 2), (6, 3), (7, 3), (11, 4), (12, 5), (5, 5)]:
        assert_deals(kata.k_fold(n, k, rng), n, k)
    for k in (2, 3):
        assert_deals(kata.stratified_k_fold(np.array([1, 0, 1, 0, 0, 1, 1]), k, rng), 7, k)
        assert_deals(kata.stratified_k_fold(y, k, rng), len(y), k)
    for k in (2, 4, 7):
        assert_deals(kata.group_k_fold(groups, k), len(groups), k)


def test_sizes(kata, rng):
    """The sizes of the test sets differ by at most one, and no row is left over."""
    for n, k in [(6, 3), (7, 3), (8, 3), (11, 4), (14, 5), (19, 10), (5, 5), (20, 20)]:
        assert_even(kata.k_fold(n, k, rng), n, k)


def test_dealt_at_random(kata, rng):
    """Rows are dealt at random: any split can come up, and with two folds neighbours meet half of the time."""
    assert_shuffled(kata.k_fold(1000, 2, rng), np.arange(1000), 1000)
    # Of three rows, each is the only one of its test set at times: that one never is has a chance of 2e-13.
    deals = [[fold.test.ravel().tolist() for fold in kata.k_fold(3, 2, rng)] for _ in range(75)]
    alone = {tuple(min(tests, key=len, default=[])) for tests in deals}
    assert_equal(sorted(alone), [(0,), (1,), (2,)], what="of three rows, alone in a test set at times are")


def test_classes(kata, rng, y):
    """Between stratified test sets, the number of rows of each class differs by at most one."""
    for labels in (
        np.array([0, 0, 0, 0, 1, 1, 1, 1]),
        np.array([1, 0, 1, 0, 1, 0, 1, 1, 1]),
        y,
        np.sort(y),
        np.full(5, 7),
    ):
        for k in (2, 3):
            assert_shares(kata.stratified_k_fold(labels, k, rng), labels, k)


def test_stratified_sizes(kata, rng, y):
    """The sizes of stratified test sets differ by at most one too: no fold gets the odd row of every class."""
    for labels, k in [(np.repeat([0, 1, 2], 3), 2), (np.repeat([0, 1, 2, 3], 5), 4), (y, 2), (y, 3)]:
        folds = kata.stratified_k_fold(labels, k, rng)
        assert_even(folds, len(labels), k)
        assert_shares(folds, labels, k)


def test_classes_are_dealt_at_random(kata, rng):
    """Within a class rows are dealt at random too: with two folds, neighbours are tested together half of the time."""
    for labels in (np.repeat([0, 1], [600, 500]), np.tile([0, 1], 500)):
        folds = kata.stratified_k_fold(labels, 2, rng)
        for label in (0, 1):
            assert_shuffled(folds, np.flatnonzero(labels == label), len(labels))
    # Of three rows of a class, each is as often the one apart from the two others.
    numbers = fold_numbers(kata.stratified_k_fold(np.repeat(np.arange(300), 3), 2, rng), 900).reshape(300, 3)
    for place in range(3):
        apart = (numbers == numbers[:, [place]]).sum(axis=1) == 1
        # Eight standard deviations.
        assert_close(np.mean(apart), 1 / 3, rtol=0.0, atol=8 * (2 / 9 / 300) ** 0.5)


def test_classes_are_dealt_apart(kata, rng):
    """Each class is dealt by itself: with two folds, rows of two classes are tested together half of the time."""
    numbers = fold_numbers(kata.stratified_k_fold(np.repeat([0, 1], 500), 2, rng), 1000)
    together = np.mean(numbers[:500] == numbers[500:])
    assert_close(together, 0.5, rtol=0.0, atol=4 / 500**0.5, what="the share of such pairs in one test set is")


def test_randomness_comes_from_rng(kata):
    """All randomness comes from rng: the same state gives the same folds, another state gives others."""
    y = np.repeat([0, 1, 2], [50, 30, 20])
    for deal in (lambda seed: kata.k_fold(100, 4, seed), lambda seed: kata.stratified_k_fold(y, 4, seed)):
        once, again, other = (fold_numbers(deal(np.random.default_rng(seed)), 100) for seed in (1, 1, 2))
        assert_equal(again, once)
        assert_equal(np.array_equal(other, once), False)


def test_groups_stay_together(kata, groups):
    """No group is both trained on and tested in one fold."""
    for rows, k in [(np.array([5, 7, 5, 9, 5, 7]), 2), (np.arange(4), 2), (groups, 2), (groups, 4), (groups, 7)]:
        assert_whole(kata.group_k_fold(rows, k), rows)


def test_group_sizes(kata, groups):
    """The largest group goes first, each group to the fold with the fewest test rows so far."""
    one_large = np.repeat([1, 2, 3, 4], [1, 1, 1, 3])
    by_turns = np.repeat([6, 5, 4, 3, 2, 1], [6, 5, 4, 3, 2, 1])
    for rows, k in [(one_large, 2), (by_turns, 2), (by_turns, 3), (groups, 2), (groups, 3), (groups, 4), (groups, 7)]:
        folds = kata.group_k_fold(rows, k)
        assert_equal(sorted(fold.test.size for fold in folds), sizes_by_dealing(rows, k))


def test_names(kata, rng, y, groups):
    """Classes and groups may be strings as well as numbers."""
    names = np.array([f"class {label}" for label in y])
    assert_shares(kata.stratified_k_fold(names, 3, rng), names, 3)
    users = np.array([f"user {group}" for group in groups])
    folds = kata.group_k_fold(users, 3)
    assert_whole(folds, users)
    assert_equal(sorted(fold.test.size for fold in folds), sizes_by_dealing(users, 3))


def test_bad_k(kata, rng, y, groups):
    """A k below 2, or above the rows, the rows of the smallest class, or the groups, raises ValueError."""
    for n, k in [(5, 1), (5, 0), (5, -1), (5, 6), (2, 3), (1, 1)]:
        with pytest.raises(ValueError):
            kata.k_fold(n, k, rng)
    for labels, k in [
        (y, 1),
        (y, 4),
        (y, 6),
        (np.array([0, 0, 0, 1, 2, 2]), 2),
        (np.array([1, 1, 1]), 4),
        (np.arange(3), 1),
    ]:
        with pytest.raises(ValueError):
            kata.stratified_k_fold(labels, k, rng)
    one = np.array([4, 4, 4, 4])
    for rows, k in [(groups, 1), (groups, 0), (groups, 8), (one, 1), (one, 2), (np.array([4, 6, 4, 6]), 3)]:
        with pytest.raises(ValueError):
            kata.group_k_fold(rows, k)


def workload(kata, rng, n):
    n, k = n + 8, int(rng.integers(2, 5))
    y = np.append(np.repeat([0, 1], 4), rng.choice([0, 1, 1], size=n - 8))
    groups = np.append(np.arange(4), np.minimum(rng.geometric(0.15, size=n - 4), 12))
    # Folds are as random as they are; what any right answer shares are the sizes of their parts.
    plain, stratified, grouped = kata.k_fold(n, k, rng), kata.stratified_k_fold(y, k, rng), kata.group_k_fold(groups, k)
    return (
        sorted(len(fold.test) for fold in plain),
        sorted(len(fold.train) for fold in plain),
        sorted(len(fold.test) for fold in stratified),
        sorted(int(y[fold.test].sum()) for fold in stratified),
        sorted(len(fold.test) for fold in grouped),
        [len(set(groups[fold.train].tolist()) & set(groups[fold.test].tolist())) for fold in grouped],
    )


MISTAKES = {
    "rows in their order": ("rng.permutation(n) % k, k)", "np.arange(n) % k, k)"),
    "stretches in their order": ("rng.permutation(n) % k, k)", "np.arange(n) * k // n, k)"),
    "the rows of each round dealt at random": (
        "rng.permutation(n) % k, k)",
        "np.concatenate([rng.permutation(k) for _ in range(n // k + 1)])[:n], k)",
    ),
    "folds are shuffled, rows are not": (
        "rng.permutation(n) % k, k)",
        "rng.permutation(k)[np.arange(n) * k // n], k)",
    ),
    "stretches rolled by a random number": (
        "rng.permutation(n) % k, k)",
        "np.roll(np.arange(n) * k // n, rng.integers(n)), k)",
    ),
    "a generator of its own": ("rng.permutation(n) % k, k)", "np.random.default_rng(0).permutation(n) % k, k)"),
    "the global generator": ("rng.permutation(n) % k, k)", "np.random.permutation(n) % k, k)"),
    "a fold drawn for each row": ("rng.permutation(n) % k, k)", "rng.integers(k, size=n), k)"),
    "each test set drawn from all rows": (
        "    return _folds(rng.permutation(n) % k, k)\n",
        (
            "    tests = [rng.choice(n, n // k, replace=False) for _ in range(k)]\n"
            "    return [Fold(np.setdiff1d(np.arange(n), test), test) for test in tests]\n"
        ),
    ),
    "the last fold gets what is left": (
        "rng.permutation(n) % k, k)",
        "np.minimum(rng.permutation(n) // (n // k), k - 1), k)",
    ),
    "what is left is never tested": (
        "rng.permutation(n) % k, k)",
        "np.where((rows := rng.permutation(n)) < n // k * k, rows % k, -1), k)",
    ),
    "trained on what is tested": ("Fold(np.flatnonzero(fold_of != fold), np", "Fold(np.arange(len(fold_of)), np"),
    "train and test swapped": (
        "Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))",
        "Fold(np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold))",
    ),
    "masks for indices": (
        "Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))",
        "Fold(fold_of != fold, fold_of == fold)",
    ),
    "indices from 1": (
        "Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))",
        "Fold(np.flatnonzero(fold_of != fold) + 1, np.flatnonzero(fold_of == fold) + 1)",
    ),
    "one fold missing": ("for fold in range(k)]\n\n\ndef k_fold_via", "for fold in range(k - 1)]\n\n\ndef k_fold_via"),
    "always five folds": ("rng.permutation(n) % k, k)", "rng.permutation(n) % 5, 5)"),
    "classes ignored": ("shuffled[np.argsort(y[shuffled])]", "shuffled"),
    "rows of a class in their order": ("shuffled = rng.permutation(len(y))", "shuffled = np.arange(len(y))"),
    "each class begins at the first fold": (
        "    fold_of[by_class] = np.arange(len(y)) % k\n",
        (
            "    for label in np.unique(y):\n"
            "        fold_of[by_class[y[by_class] == label]] = np.arange((y == label).sum()) % k\n"
        ),
    ),
    "classes are 0 and 1": (
        "    fold_of[by_class] = np.arange(len(y)) % k\n",
        (
            "    fold_of[:] = 0\n"
            "    for label in (0, 1):\n"
            "        fold_of[by_class[y[by_class] == label]] = np.arange((y == label).sum()) % k\n"
        ),
    ),
    "rows taken for ordered by class": (
        "    fold_of[by_class] = np.arange(len(y)) % k\n",
        "    fold_of[:] = np.arange(len(y)) % k\n",
    ),
    "stretches of each class": (
        "    fold_of[by_class] = np.arange(len(y)) % k\n",
        "    fold_of[by_class] = np.arange(len(y)) * k // len(y)\n",
    ),
    "only the largest class has to reach k": ("return_counts=True)[1].min()", "return_counts=True)[1].max()"),
    "one class is refused": (
        "    shuffled = rng.permutation(len(y))\n",
        "    if len(set(y.tolist())) < 2:\n        raise ValueError\n    shuffled = rng.permutation(len(y))\n",
    ),
    "k is held against all rows": ("np.unique(y, return_counts=True)[1].min()", "len(y)"),
    "groups ignored": ("_folds(fold_of_group[group], k)", "_folds(np.arange(len(groups)) % k, k)"),
    "groups dealt in turn": ("np.argmin(rows_so_far)\n", "largest % k\n"),
    "groups of any size count alike": ("+= size[largest]", "+= 1"),
    "groups in their order": ("np.argsort(-size)", "range(len(size))"),
    "the smallest group first": ("np.argsort(-size)", "np.argsort(size)"),
    "a group is a number of a fold": ("_folds(fold_of_group[group], k)", "_folds(groups % k, k)"),
    "to the fullest fold": ("np.argmin(rows_so_far)\n", "np.argmax(rows_so_far)\n"),
    "k is held against rows, not groups": ("if not 2 <= k <= len(size):", "if not 2 <= k <= len(groups):"),
    "one fold passes": ("if not 2 <= k <= n:", "if not 1 <= k <= n:"),
    "more folds than rows pass": ("if not 2 <= k <= n:", "if k < 2:"),
    "one fold per row is refused": ("if not 2 <= k <= n:", "if not 2 <= k < n:"),
}
