from collections import namedtuple

import numpy as np

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

NAN = np.nan
Split = namedtuple("Split", "threshold gain default_left")  # noqa: PYI024 - the kata's own has its fields


def edges_of(x, n_bins, weights=None):
    """Do what the definition says, with each distinct value for each k."""
    weights = np.ones(len(x)) if weights is None else weights
    values = sorted(set(x[~np.isnan(x)].tolist()))
    if len(values) <= n_bins:
        return values[1:]
    total = sum(weights[~np.isnan(x)])
    edges = set()
    for k in range(1, n_bins):
        edges.update([value for value in values if sum(weights[x < value]) * n_bins >= k * total][:1])
    return sorted(edges)


def summed(x, edges, grad, hess):
    """Ask each bin about each sample."""
    hist = np.zeros((len(edges) + 2, 2))
    for b, (lower, upper) in enumerate(zip([-np.inf, *edges], [*edges, np.inf], strict=True)):
        for value, g, h in zip(x, grad, hess, strict=True):
            if lower <= value < upper:
                hist[b] += g, h
    hist[-1] = grad[np.isnan(x)].sum(), hess[np.isnan(x)].sum()
    return hist


def splits_of(hist, edges, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0):
    """Yield all splits that are allowed, in the order in which ties are decided."""

    def score(sums):
        return sums[0] ** 2 / (sums[1] + reg_lambda) if sums[1] > 0 else 0.0

    for place, threshold in enumerate([*edges, np.inf]):
        for default_left in (False, True):
            on_left = np.arange(len(hist)) <= place
            on_left[-1] = default_left
            left, right = hist[on_left].sum(axis=0), hist[~on_left].sum(axis=0)
            if min(left[1], right[1]) >= min_child_weight:
                gain = (score(left) + score(right) - score(left + right)) / 2 - gamma
                yield Split(threshold, gain, default_left)


def best_of(hist, edges, **penalties):
    """Return the first split of largest gain, and whether no other comes close to it or it to 0."""
    splits = list(splits_of(hist, edges, **penalties))
    best = max(splits, key=lambda split: split.gain, default=Split(0, 0, 0))
    # Without missing values both directions are the same.
    close = sum(split.gain > best.gain - 1e-6 for split in splits if hist[-1].any() or not split.default_left)
    return (best if best.gain > 0 else None), abs(best.gain) > 1e-6 and close == 1


def assert_split(actual, expected):
    if actual is None or expected is None:
        assert_equal(actual, expected)
        return
    assert_equal((actual.threshold, actual.default_left), expected[::2])
    # Wide enough for a small eps beside a denominator.
    assert_close(actual.gain, expected.gain, rtol=1e-7)


def test_edges_of_few_values(kata):
    """If there are at most n_bins distinct values, the edges are all of them but the smallest."""
    x = np.array([3.0, -1.0, 3.0, 0.5, -1.0, 7.0, -1.0])
    for n_bins in (4, 5, 100):
        assert_close(kata.bin_edges(x, n_bins), [0.5, 3.0, 7.0])
        assert_close(kata.bin_edges(np.append(x, [NAN, NAN]), n_bins), [0.5, 3.0, 7.0])
        assert_close(kata.bin_edges(x, n_bins, np.array([1.0, 9.0, 1.0, 0.25, 9.0, 0.5, 9.0])), [0.5, 3.0, 7.0])
    # A missing value is not one of the distinct values.
    assert_close(kata.bin_edges(np.array([1.0] * 9 + [2.0, 3.0, NAN]), 3), [2.0, 3.0])
    for x in ([4.0, 4.0, NAN], [4.0], [NAN, NAN]):
        for n_bins in (1, 2, 3):
            assert_close(kata.bin_edges(np.array(x), n_bins), np.zeros(0))
    assert_close(kata.bin_edges(np.array([1e-6, 3e-6, 2e-6, 1e6, 1e6 + 0.1]), 5), [2e-6, 3e-6, 1e6, 1e6 + 0.1])


def test_edges(kata, rng):
    """Edge k is the smallest value v such that what is below v weighs k / n_bins of all or more."""
    assert_close(kata.bin_edges(rng.permutation(np.arange(1.0, 9)), 4), [3.0, 5.0, 7.0])
    assert_close(kata.bin_edges(rng.permutation(np.arange(1.0, 8)), 4), [3.0, 5.0, 7.0])
    assert_close(kata.bin_edges(rng.permutation(np.arange(1.0, 12)), 2), [7.0])
    # The middle of the values is not that of their range.
    assert_close(kata.bin_edges(rng.permutation([0.001, 0.002, 0.004, 10.0, 1000.0, 5e5]), 2), [10.0])
    assert_close(kata.bin_edges(np.arange(5.0), 1), np.zeros(0))
    for n, n_values, n_bins in [(20, 90, 8), (37, 90, 4), (50, 12, 8), (23, 70, 16), (40, 7, 4), (31, 80, 7)]:
        x = rng.integers(-n_values, n_values, size=n) / 8
        assert_close(kata.bin_edges(x, n_bins), edges_of(x, n_bins))


def test_repeated_values(kata, rng):
    """Equal values share a bin. Equal edges count once, and no edge is laid where no value is large enough."""
    x = np.array([0.0] * 12 + [1.0, 2.0, 3.0, 4.0])
    # The shares 4, 8 and 12 all lie in the twelve zeros.
    assert_close(kata.bin_edges(rng.permutation(x), 4), [1.0])
    assert_close(kata.bin_edges(rng.permutation(-x), 4), [0.0])
    x = np.array([1.0, 2.0, 3.0] + [9.0] * 7)
    assert_close(kata.bin_edges(rng.permutation(x), 2), edges_of(x, 2))
    assert_close(edges_of(x, 2), np.zeros(0))
    x = np.array([1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0])
    for n_bins in (2, 4):
        assert_close(kata.bin_edges(rng.permutation(x), n_bins), edges_of(x, n_bins))


def test_missing_values_of_edges(kata, rng):
    """Missing values are not counted."""
    x = np.array([NAN, 8.0, 1.0, NAN, 5.0, 2.0, 6.0, NAN, NAN, 3.0, 7.0, 4.0, NAN])
    assert_close(kata.bin_edges(x, 4), [3.0, 5.0, 7.0])
    weights = np.where(np.isnan(x), 100.0, 0.5)
    assert_close(kata.bin_edges(x, 4, weights), [3.0, 5.0, 7.0])
    x = rng.integers(0, 60, size=30) / 4
    x[rng.random(30) < 0.4] = NAN
    assert_close(kata.bin_edges(x, 8), edges_of(x, 8))


def test_weights_of_edges(kata, rng):
    """With weights, a value counts as much as it weighs: a whole weight as that many samples."""
    x, weights = np.array([4.0, 1.0, 3.0, 2.0, 5.0]), np.array([1.0, 4.0, 1.0, 1.0, 1.0])
    # Below 2 are 4 of 8, and that is 2/4 of all, too.
    assert_close(kata.bin_edges(x, 4, weights), [2.0, 4.0])
    assert_close(kata.bin_edges(x, 2, weights), [2.0])
    # Below 3 is a little less than half of all.
    assert_close(kata.bin_edges(np.array([1.0, 2.0, 3.0]), 2, np.array([1e6, 1.0, 1e6 + 3.0])), np.zeros(0))
    for n, n_bins in [(15, 4), (30, 8), (24, 16)]:
        x, weights = rng.integers(0, 40, size=n) / 4, rng.integers(1, 9, size=n)
        assert_close(kata.bin_edges(x, n_bins, weights.astype(float)), edges_of(np.repeat(x, weights), n_bins))
        assert_close(kata.bin_edges(x, n_bins, weights / 64), edges_of(np.repeat(x, weights), n_bins))


def test_histogram(kata, rng):
    """Row b holds G and H of the samples with edges[b - 1] <= x < edges[b]; the last row those of the missing."""
    x, grad, hess = (
        np.array([9.0, 2.0, NAN, 1.0, 7.0, 6.5, NAN]),
        np.array([1.0, 2, 4, 8, -16, 32, 64]),
        np.arange(7.0) / 2,
    )
    expected = [[8, 1.5], [34, 3], [-16, 2], [1, 0], [68, 4]]
    assert_close(kata.histogram(x, np.array([2.0, 7.0, 9.0]), grad, hess), expected)
    # Empty bins, no missing value, no edge, and no sample.
    assert_close(kata.histogram(x[:2], np.array([2.0, 7.0, 8.0, 20.0]), grad[:2], hess[:2])[:, 0], [0, 2, 0, 1, 0, 0])
    assert_close(kata.histogram(x, np.zeros(0), grad, hess), [[27, 6.5], [68, 4]])
    assert_close(kata.histogram(x[:0], np.array([2.0, 7.0]), grad[:0], hess[:0]), np.zeros((4, 2)))
    for n, n_edges in [(30, 5), (8, 12), (50, 1)]:
        x, edges = rng.integers(0, 12, size=n) / 2, np.sort(rng.permutation(20)[:n_edges] / 2 - 1)
        x[rng.random(n) < 0.2] = NAN
        grad, hess = rng.normal(size=n), rng.uniform(size=n)
        assert_close(kata.histogram(x, edges, grad, hess), summed(x, edges, grad, hess))


def test_child_histograms(kata, rng):
    """The two histograms are those of the samples that go left and of the others, missing values too."""
    x, grad, hess = np.array([1.0, 2.0, 5.0, NAN, NAN]), np.array([-1.0, 2, 4, 8, 16]), np.array([1.0, 0.5, 2, 1, 3])
    edges = np.array([2.0, 4.0])
    parent = [[-1, 1], [2, 0.5], [4, 2], [24, 4]]
    left, right = kata.child_histograms(np.array(parent), x, edges, grad, hess, np.array([1, 1, 0, 1, 0], dtype=bool))
    assert_close(left, [[-1, 1], [2, 0.5], [0, 0], [8, 1]])
    assert_close(right, [[0, 0], [0, 0], [4, 2], [16, 3]])
    for n, n_left in [(20, 3), (20, 16), (20, 10), (9, 0), (9, 9), (1, 1)]:
        x, edges = rng.integers(0, 9, size=n) / 2, np.array([0.5, 2.0, 3.5])
        x[rng.random(n) < 0.2] = NAN
        grad, hess, goes_left = rng.normal(size=n), rng.uniform(size=n), rng.permutation(n) < n_left
        children = kata.child_histograms(summed(x, edges, grad, hess), x, edges, grad, hess, goes_left)
        for child, side in zip(children, (goes_left, ~goes_left), strict=True):
            assert_close(child, summed(x[side], edges, grad[side], hess[side]), atol=1e-10)


def test_subtraction(kata):
    """The child with fewer samples, or the left one, is added up. The other is the parent's histogram minus it."""
    x, grad, hess, edges = np.array([1.0, 2.0, 5.0]), np.array([-1.0, 2, 4]), np.array([0.25, 0.25, 8]), np.array([2.0])
    # A parent that is more than its samples shows which child is a difference.
    parent = np.array([[-1, 0.25], [6, 8.25], [0, 0]]) + 100
    for goes_left, n_left in [([1, 0, 0], 1), ([1, 1, 0], 2), ([0, 0, 1], 1), ([0, 0, 0], 0), ([1, 1, 1], 3)]:
        side = np.array(goes_left, dtype=bool)
        smaller = side if n_left < 2 else ~side
        added = summed(x[smaller], edges, grad[smaller], hess[smaller])
        expected = [added, parent - added] if n_left < 2 else [parent - added, added]
        children = kata.child_histograms(parent.copy(), x, edges, grad, hess, side)
        assert_close(children[0], expected[0])
        assert_close(children[1], expected[1])
    # More samples in fewer bins.
    three, ones, side = np.array([1.0, 2.5, 1.0, 5.0, 1.0]), np.ones(5), np.array([True, False, True, False, True])
    left, right = kata.child_histograms(parent.copy(), three, edges, ones, ones, side)
    assert_close(right, [[0, 0], [2, 2], [0, 0]])
    assert_close(left, parent - [[0, 0], [2, 2], [0, 0]])
    side = np.array([False, True, True, False])
    x, grad, hess = np.append(x, NAN), np.append(grad, 1.0), np.append(hess, 16.0)
    left, right = kata.child_histograms(parent.copy(), x, edges, grad, hess, side)
    assert_close(left, [[0, 0], [6, 8.25], [0, 0]])
    assert_close(right, parent - [[0, 0], [6, 8.25], [0, 0]])


def drawn(rng, n_edges, missing=True, empty=0, **penalties):
    """Draw a histogram until no other split comes close to the best one."""
    while True:
        edges = np.sort(rng.permutation(80)[:n_edges]) / 4 - 8
        hist = np.column_stack([rng.integers(-64, 65, size=n_edges + 2), rng.integers(4, 40, size=n_edges + 2)]) / 16
        hist[-1] *= missing
        hist[: empty // 2] = 0
        if best_of(hist, edges, **penalties)[1]:
            return hist, edges


def test_best_split(kata, rng):
    """A split at edges[b] has the bins 0 to b on its left. The one with the largest gain is returned."""
    hist, edges = np.array([[-4.0, 1.0], [5.0, 2.0], [1.0, 1.0], [0.0, 0.0]]), np.array([2.0, 7.0])
    # The scores are 8 and 9, and 4/5 of both together.
    assert_split(kata.best_histogram_split(hist, edges), Split(2.0, 8.1, False))
    assert_split(kata.best_histogram_split(hist[[1, 2, 0, 3]], edges), Split(7.0, 8.1, False))
    assert_split(kata.best_histogram_split(hist, edges, reg_lambda=0.0), Split(2.0, (16 + 12 - 1) / 2, False))
    for n_edges, reg_lambda in [(1, 1.0), (4, 0.0), (7, 1.0), (7, 3.0), (20, 0.5)]:
        case = drawn(rng, n_edges, missing=False, reg_lambda=reg_lambda)
        expected = best_of(*case, reg_lambda=reg_lambda)[0]
        assert_split(kata.best_histogram_split(*case, reg_lambda), expected)


def test_missing_values(kata, rng):
    """Missing values go to the side with the larger gain. At the threshold inf they are parted from all others."""
    edges = np.array([2.0, 7.0])
    for missing, default_left in [([-2.0, 1.0], True), ([3.0, 1.0], False)]:
        hist = np.array([[-4.0, 1.0], [5.0, 2.0], [1.0, 1.0], missing])
        expected = best_of(hist, edges)[0]
        assert_equal((expected.threshold, expected.default_left), (2.0, default_left))
        assert_split(kata.best_histogram_split(hist, edges), expected)
    # 36 / 5 + 36 / 4, halved.
    hist = np.array([[-2.0, 1.0], [-3.0, 2.0], [-1.0, 1.0], [6.0, 3.0]])
    assert_split(kata.best_histogram_split(hist, edges), Split(np.inf, 8.1, False))
    assert_split(kata.best_histogram_split(np.array([[-6.0, 4.0], [6.0, 3.0]]), np.zeros(0)), Split(np.inf, 8.1, False))
    assert_equal(kata.best_histogram_split(np.array([[-6.0, 4.0], [0.0, 0.0]]), np.zeros(0)), None)
    assert_equal(kata.best_histogram_split(np.array([[0.0, 0.0], [-6.0, 4.0]]), np.zeros(0)), None)
    for n_edges in (1, 3, 6, 6, 12):
        case = drawn(rng, n_edges)
        assert_split(kata.best_histogram_split(*case), best_of(*case)[0])


def test_gamma(kata, rng):
    """The gain is net of gamma, and None is returned if no gain is above 0."""
    hist, edges = np.array([[-2.0, 1.0], [2.0, 1.0], [0.0, 0.0]]), np.array([5.0])
    assert_split(kata.best_histogram_split(hist, edges, 1.0, 1.5), Split(5.0, 0.5, False))
    for gamma in (2.0, 2.5):
        assert_equal(kata.best_histogram_split(hist, edges, gamma=gamma), None)
    assert_split(kata.best_histogram_split(hist / [500, 1], edges), Split(5.0, 0.004**2 / 2, False))
    # Bins of equal samples lose by a split, since reg_lambda counts twice.
    assert_equal(kata.best_histogram_split(np.array([[2.0, 3.0]] * 4), np.arange(2.0)), None)
    for gamma in (0.25, 1.0, 40.0):
        case = drawn(rng, 6, gamma=gamma)
        assert_split(kata.best_histogram_split(*case, gamma=gamma), best_of(*case, gamma=gamma)[0])


def test_min_child_weight(kata, rng):
    """Each side has at least the H min_child_weight, with the missing values that it gets."""
    hist, edges = np.array([[-9.0, 0.5], [1.0, 0.25], [1.0, 2.0], [1.0, 1.25], [0.0, 0.0]]), np.array([2.0, 3.0, 6.0])
    for least, threshold in [(0.25, 2.0), (0.5, 2.0), (0.75, 3.0), (1.0, 6.0), (1.25, 6.0)]:
        expected = best_of(hist, edges, min_child_weight=least)[0]
        assert_equal(expected.threshold, threshold)
        assert_split(kata.best_histogram_split(hist, edges, 1.0, 0.0, least), expected)
    assert_split(kata.best_histogram_split(hist, edges), best_of(hist, edges)[0])
    assert_equal(kata.best_histogram_split(hist, edges, min_child_weight=1.5), None)
    for least in (0.0, 1.5, 4.0):
        case = drawn(rng, 5, min_child_weight=least)
        assert_split(
            kata.best_histogram_split(*case, min_child_weight=least), best_of(*case, min_child_weight=least)[0]
        )


def test_ties(kata):
    """A tie goes to the lower threshold, then to missing values on the right."""
    # Sums of whole numbers do not round. An empty bin between two others makes two edges equally good.
    for rows, found in [
        ([[-2, 1], [0, 0], [0, 0], [2, 1], [0, 0]], (1.0, False)),
        ([[1, 1], [-1, 1], [-1, 1], [1, 1], [0, 0]], (1.0, False)),
        ([[-2, 1], [2, 1], [0, 0], [0, 0], [0, 1]], (1.0, False)),
        ([[0, 0], [-2, 1], [3, 1], [-2, 1], [-2, 1]], (2.0, True)),
        ([[1, 1], [0, 0], [0, 0], [0, 1], [-1, 1]], (1.0, False)),
        ([[0, 0], [1, 1], [1, 1], [0, 0], [-2, 2]], (1.0, True)),
        ([[1, 1], [0, 0], [1, 1], [0, 0], [-2, 2]], (3.0, False)),
    ]:
        hist, edges = np.array(rows, dtype=float), np.array([1.0, 2.0, 3.0])
        splits = list(splits_of(hist, edges))
        expected = next(split for split in splits if split.gain == max(split.gain for split in splits))
        assert_equal(expected[::2], found)
        assert_split(kata.best_histogram_split(hist, edges), expected)


def test_few_values(kata, rng):
    """With a bin for each value, no other threshold could gain more: the split is that of all samples one by one."""
    while True:
        x = rng.integers(0, 9, size=40) / 2
        x[rng.random(40) < 0.2] = NAN
        grad, hess = rng.integers(-32, 33, size=40) / 16, rng.integers(2, 20, size=40) / 16
        values = sorted(set(x[~np.isnan(x)].tolist()))
        every = [((x < t) | (np.isnan(x) & left), t, left) for t in values[1:] for left in (False, True)]
        splits = []
        for side, threshold, default_left in [*every, (~np.isnan(x), np.inf, False)]:
            sums = [[values[on].sum() for values in (grad, hess)] for on in (side, ~side, side | ~side)]
            scores = [g * g / (h + 1) if h >= 1 else -np.inf for g, h in sums]
            splits.append(((scores[0] + scores[1] - scores[2]) / 2, threshold, default_left))
        splits.sort(reverse=True)
        if splits[0][0] > splits[1][0] + 1e-6:
            break
    edges = kata.bin_edges(x, 255)
    split = kata.best_histogram_split(kata.histogram(x, edges, grad, hess), edges)
    assert_split(split, Split(splits[0][1], splits[0][0], splits[0][2]))


@strict
def test_whole_weights(kata):
    """With whole weights no edge is moved by rounding, whatever n_bins is."""
    for n_bins in range(2, 31):
        for times in (1, 3, 7):
            x = np.arange(float(n_bins * times * 2)) / 7
            assert_close(kata.bin_edges(x, n_bins), x[2 * times :: 2 * times])
            weights = np.tile([1.0, 5.0], n_bins * times)
            assert_close(kata.bin_edges(x, n_bins, weights), x[2 * times :: 2 * times])


@strict
def test_rounded_gains(kata):
    """Gains that differ by rounding alone are ties, and rounding makes no split pay."""
    for rows in ([[0.3, 0.8], [-0.9, 0.8], [0.1, 0.2], [0.1, 0.2], [-0.9, 0.8], [0.3, 0.8], [0, 0]],):
        for scale in (1.0, 0.7, 0.3, 1.1, 0.9):
            hist, edges = scale * np.array(rows, dtype=float), np.arange(5.0)
            splits = list(splits_of(hist, edges, min_child_weight=0.1))
            first = next(split for split in splits if split.gain > max(split.gain for split in splits) - 1e-9)
            assert_split(kata.best_histogram_split(hist, edges, min_child_weight=0.1), first)
            assert_split(kata.best_histogram_split(hist[[5, 4, 3, 2, 1, 0, 6]], edges, min_child_weight=0.1), first)
    for n in (2, 3, 5, 6, 7, 10):
        hist = np.array([[0.7, 3.0]] * n + [[0.0, 0.0]])
        assert_equal(kata.best_histogram_split(hist, np.arange(n - 1.0), reg_lambda=0.0), None)
    hist = np.array([[-0.1, 1.0], [-0.6, 1.0], [0.3, 1.0], [0.4, 1.0], [0.2, 1.0]])
    split = best_of(hist, np.arange(3.0))[0]
    assert_equal(kata.best_histogram_split(hist, np.arange(3.0), gamma=split.gain - 1e-12), None)
    close = kata.best_histogram_split(hist, np.arange(3.0), gamma=split.gain - 1e-7)
    assert_equal(close is None, False, what="there is no split with a gain of 1e-7")
    assert_equal((close.threshold, close.default_left), split[::2])


@strict
def test_no_curvature(kata):
    """The score is 0 unless H is above 0. After subtractions the H of an empty bin may be a little below."""
    edges = np.array([1.0, 2.0, 4.0])
    for rows in (
        [[0, 0], [0, 0], [-2, 1], [3, 1], [0, 0]],
        [[-2, 0], [1, 0], [3, 1], [-1, 2], [0, 0]],
        [[1e-17, -1e-17], [-1, 1], [2, 1], [0, 1], [0, 0]],
        [[-2, 1], [2, 1], [0, 1], [1e-17, -1e-17], [3, 0]],
        [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0]],
    ):
        hist = np.array(rows, dtype=float)
        for reg_lambda in (0.0, 1.0):
            penalties = {"reg_lambda": reg_lambda, "min_child_weight": 0.0}
            splits = list(splits_of(hist, edges, **penalties))
            best = max([split.gain for split in splits], default=0.0)
            expected = next((split for split in splits if split.gain > best - 1e-9), None) if best > 1e-9 else None
            assert_split(kata.best_histogram_split(hist, edges, **penalties), expected)


def workload(kata, rng, n):
    """Split a feature of many values and one of few, some of them missing, some of them heavy; and both children."""
    n = max(n, 6)
    x = np.where(rng.random(n) < 0.3, 0.0, rng.normal(size=n).round(2))
    x[rng.random(n) < 0.1] = NAN
    few, weights = rng.integers(0, 5, size=n).astype(float), rng.integers(1, 9, size=n) / 4
    grad, hess = np.where(x > 0.4, 1.0, -0.5) + rng.normal(size=n), rng.uniform(0.1, 1.0, size=n)
    edges = kata.bin_edges(x, 8, weights)
    hist = kata.histogram(x, edges, grad, hess)
    goes_left = x < rng.choice([-0.7, 0.1, 0.6])
    children = kata.child_histograms(hist, x, edges, grad, hess, goes_left)
    of_few = kata.bin_edges(few, 255)
    return (
        edges,
        hist,
        children,
        kata.bin_edges(x, 4),
        kata.best_histogram_split(hist, edges, 0.5, 0.01, 0.5),
        kata.best_histogram_split(np.asarray(children[0]), edges),
        kata.best_histogram_split(kata.histogram(few, of_few, grad, hess), of_few),
    )


def picture(kata, rng):
    """Draw the gain at every edge for few and for many bins, and where the edges of a skewed feature lie."""
    x = np.exp(rng.normal(size=2000))
    grad, hess = np.where(x > 1.7, -1.0, 0.4) + rng.normal(size=2000), np.ones(2000)
    lines = []
    for n_bins in (8, 64):
        edges = kata.bin_edges(x, n_bins)
        hist = kata.histogram(x, edges, grad, hess)
        left = np.cumsum(hist[:-1], axis=0)[:-1]
        right = hist.sum(axis=0) - left
        gains = (left[:, 0] ** 2 / (left[:, 1] + 1) + right[:, 0] ** 2 / (right[:, 1] + 1)) / 2
        lines.append(Line(edges, gains - hist[:, 0].sum() ** 2 / (hist[:, 1].sum() + 1) / 2, f"{n_bins} bins"))
    edges = kata.bin_edges(x, 32)
    width = np.linspace(x.min(), x.max(), 33)[1:-1]
    counts = [kata.histogram(x, np.asarray(each), grad, hess)[:-1, 1] for each in (edges, width)]
    return [
        Panel("Gain at each edge", "threshold", "gain", lines, note="Few bins miss the peak by a little."),
        Panel(
            "Samples in each of 32 bins, a skewed feature",
            "bin",
            "samples",
            [Line(np.arange(32), counts[0], "equal weight"), Line(np.arange(32), counts[1], "equal width")],
            note="Bins of equal width leave most of the samples in a few.",
        ),
    ]


FEW = "if len(values) <= n_bins:"
OF_FEW = "        return values[1:]\n"
BELOW = "below = np.cumsum(np.bincount(group, weights[present]))"
PLACES = "places = np.searchsorted(n_bins * below, np.arange(1, n_bins) * below[-1])"
EDGES = "return values[1:][np.unique(places[places < len(values) - 1])]"
BINS = 'bins = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="right"))'
SUMS = "return np.column_stack([np.bincount(bins, sums, len(edges) + 2) for sums in (grad, hess)])"
ADD_LEFT = "add_left = 2 * np.count_nonzero(goes_left) <= len(x)"
CHILDREN = "return (added, parent - added) if add_left else (parent - added, added)"
SCORE = "np.divide(G**2, H + reg_lambda, out=np.zeros(G.shape), where=H > 0)"
LEFT = "left = np.cumsum(hist[:-1], axis=0)[:, np.newaxis] + hist[-1] * [[0], [1]]"
GAINS = "gains = (score(left) + score(right) - score(whole)) / 2 - gamma"
RULED_OUT = "gains[np.minimum(left, right)[..., 1] < min_child_weight] = -np.inf"
BEST = "place, default_left = divmod(int(gains.round(9).argmax()), 2)"
RESULT = "Split(float(np.append(edges, np.inf)[place]), gain, bool(default_left)) if round(gain, 9) > 0 else None"
MISTAKES = {
    "few values are treated as many": (FEW, "if len(values) < 2:"),
    "as many values as bins are treated as many": (FEW, "if len(values) < n_bins:"),
    "the smallest value is an edge": (OF_FEW, "        return values\n"),
    "the largest value is no edge": (OF_FEW, "        return values[1:-1]\n"),
    "edges of few values are midpoints": (OF_FEW, "        return (values[1:] + values[:-1]) / 2\n"),
    "edges are midpoints": (
        EDGES,
        "return ((values[1:] + values[:-1]) / 2)[np.unique(places[places < len(values) - 1])]",
    ),
    "edges are the values below": (EDGES, "return values[np.unique(places[places < len(values) - 1])]"),
    "bins of equal width": (EDGES, "return np.linspace(values[0], values[-1], n_bins + 1)[1:-1]"),
    "bins of equally many distinct values": (BELOW, "below = np.arange(1.0, len(values) + 1)"),
    "quantiles between the values": (EDGES, "return np.unique(np.quantile(x[present], np.arange(1, n_bins) / n_bins))"),
    "quantiles of distinct values": (
        EDGES,
        "return np.quantile(values, np.arange(1, n_bins) / n_bins, method='higher')",
    ),
    "one bin too many": (PLACES, "n_bins += 1\n    " + PLACES),
    "one bin too few": (PLACES, "n_bins -= 1\n    " + PLACES),
    "an edge above the share only": (PLACES, PLACES.replace("below[-1])", "below[-1], side='right')")),
    "the share of what is up to the value": (EDGES, "return values[np.unique(places)]"),
    "equal edges are repeated": (EDGES, "return values[1:][places[places < len(values) - 1]]"),
    "an edge at the largest value for shares that nothing reaches": (
        EDGES,
        "return values[1:][np.unique(np.minimum(places, len(values) - 2))]",
    ),
    "the first edge is the smallest value": (
        EDGES,
        "return values[np.append(0, np.unique(places[places < len(values) - 1]) + 1)]",
    ),
    "weights are ignored": (BELOW, "below = np.cumsum(np.bincount(group))"),
    "weights of few values decide, too": (
        FEW,
        "if len(set(weights)) == 1 and len(values) <= n_bins:",
    ),
    "weights in the order of the samples": (BELOW, "below = np.cumsum(weights[present])[: len(values)]"),
    "weights are rounded": (BELOW, "below = np.cumsum(np.bincount(group, np.rint(weights[present])))"),
    "weights of missing values shift the others": (
        BELOW,
        "below = np.cumsum(np.bincount(group, weights[: len(group)]))",
    ),
    "missing values count": (PLACES, PLACES.replace("below[-1]", "weights.sum()")),
    "missing values are 0": ("    present = ~np.isnan(x)\n", "    x = np.nan_to_num(x)\n    present = ~np.isnan(x)\n"),
    "values of one bin differ by more than 1e-5": (
        "np.unique(x[present], return_inverse=True)",
        "np.unique(x[present].round(5), return_inverse=True)",
    ),
    "a value at an edge is below it": (BINS, BINS.replace(', side="right"', "")),
    "the missing values are in the last bin": (BINS, BINS.replace("len(edges) + 1", "len(edges)")),
    "the missing values are in the first bin": (BINS, BINS.replace("len(edges) + 1", "0")),
    "the missing values are left out": (BINS, BINS + "\n    grad, hess = grad * ~np.isnan(x), hess * ~np.isnan(x)"),
    "the histogram ends at the last full bin": (SUMS, SUMS.replace(", len(edges) + 2", "")),
    "counts for H": (SUMS, SUMS.replace("(grad, hess)", "(grad, np.ones(len(x)))")),
    "H before G": (SUMS, SUMS.replace("(grad, hess)", "(hess, grad)")),
    "means in the bins": (
        SUMS,
        SUMS.replace(
            "np.bincount(bins, sums, len(edges) + 2)",
            "np.bincount(bins, sums, len(edges) + 2) / np.maximum(np.bincount(bins, None, len(edges) + 2), 1)",
        ),
    ),
    "the last of the samples in a bin counts": (
        SUMS,
        "hist = np.zeros((len(edges) + 2, 2))\n    hist[bins] += np.column_stack([grad, hess])\n    return hist",
    ),
    "the histogram has a row each for G and H": (SUMS, SUMS.replace("np.column_stack", "np.stack")),
    "the left child is always added up": (ADD_LEFT, "add_left = True"),
    "the right child is always added up": (ADD_LEFT, "add_left = False"),
    "the larger child is added up": (ADD_LEFT, ADD_LEFT.replace("<=", ">")),
    "the right child is added up on a tie": (ADD_LEFT, ADD_LEFT.replace("<=", "<")),
    "the child with less H is added up": (ADD_LEFT, "add_left = 2 * hess[goes_left].sum() <= hess.sum()"),
    "the child with fewer bins is added up": (ADD_LEFT, "add_left = len(set(x[goes_left])) <= len(set(x[~goes_left]))"),
    "both children are added up": (
        CHILDREN,
        ("return tuple(histogram(x[on], edges, grad[on], hess[on]) for on in (goes_left, ~goes_left))"),
    ),
    "the children are exchanged": (CHILDREN, "return (parent - added, added) if add_left else (added, parent - added)"),
    "the difference has the wrong sign": (CHILDREN, CHILDREN.replace("parent - added", "added - parent")),
    "a difference is not below 0": (CHILDREN, CHILDREN.replace("parent - added", "np.maximum(parent - added, 0)")),
    "H of a difference is absolute, and G too": (
        CHILDREN,
        CHILDREN.replace("parent - added", "np.abs(parent - added)"),
    ),
    "the missing values of both children stay with the parent": (CHILDREN, "added[-1] = 0\n    " + CHILDREN),
    "the gain is not halved": (GAINS, GAINS.replace(" / 2", "")),
    "gamma is halved too": (GAINS, "gains = (score(left) + score(right) - score(whole) - gamma) / 2"),
    "gamma is ignored": (GAINS, GAINS.replace(" - gamma", "")),
    "gamma decides, and is not part of the gain": (RESULT, RESULT.replace("gain, bool", "gain + gamma, bool")),
    "the gain lacks the whole": (GAINS, GAINS.replace(" - score(whole)", "")),
    "reg_lambda is ignored": (SCORE, SCORE.replace("H + reg_lambda", "H")),
    "reg_lambda is its default": (SCORE, SCORE.replace("reg_lambda", "1.0")),
    "G is not squared": (SCORE, SCORE.replace("G**2", "np.abs(G)")),
    "the whole lacks the missing values": ("whole = left[-1, 1]", "whole = left[-1, 0]"),
    "missing values always go left": (GAINS, GAINS + "\n    gains[:, 0] = -1"),
    "missing values always go right": (GAINS, GAINS + "\n    gains[:, 1] = -1"),
    "missing values on the left are on the right, too": ("right = whole - left", "right = whole - left[:, :1]"),
    "missing values are never parted from the others": (GAINS, GAINS + "\n    gains[-1] = -1"),
    "the first bin is never alone": (GAINS, GAINS + "\n    gains[0] = -1"),
    "the last bin is never alone": (GAINS, GAINS + "\n    gains[-2:] = -1"),
    "the missing bin is one like the others": (
        LEFT,
        "left = np.repeat(np.cumsum(hist[:-1], axis=0)[:, np.newaxis], 2, axis=1)\n    left[-1, 1] += hist[-1]",
    ),
    "a bin belongs to the right of its upper edge": (
        LEFT,
        LEFT.replace(
            "np.cumsum(hist[:-1], axis=0)",
            "(np.cumsum(hist[:-1], axis=0) - hist[:-1] * (np.arange(len(edges) + 1) < len(edges))[:, np.newaxis])",
        ),
    ),
    "the threshold is the next edge": (
        RESULT,
        RESULT.replace("np.append(edges, np.inf)[place]", "np.append(edges, [np.inf, np.inf])[place + 1]"),
    ),
    "the threshold is the number of the bin": (
        RESULT,
        RESULT.replace("float(np.append(edges, np.inf)[place])", "float(place)"),
    ),
    "the threshold of the missing values is the last edge": (
        RESULT,
        RESULT.replace(
            "np.append(edges, np.inf)[place]", "np.append(edges, edges[-1:] if len(edges) else np.inf)[place]"
        ),
    ),
    "default_left is turned round": (RESULT, RESULT.replace("bool(default_left)", "not default_left")),
    "min_child_weight is ignored": (RULED_OUT, "gains[np.isnan(gains)] = -np.inf"),
    "min_child_weight is its default": (RULED_OUT, RULED_OUT.replace("min_child_weight", "1.0")),
    "min_child_weight strictly": (RULED_OUT, RULED_OUT.replace("<", "<=")),
    "min_child_weight on the left only": (RULED_OUT, RULED_OUT.replace("np.minimum(left, right)", "left")),
    "min_child_weight on the right only": (RULED_OUT, RULED_OUT.replace("np.minimum(left, right)", "right")),
    "min_child_weight does not see missing values": (
        RULED_OUT,
        "gains[np.minimum(left[:, :1], right[:, 1:])[..., 1] < min_child_weight] = -np.inf"
        if False
        else "gains[(np.minimum(left[:, 0], right[:, 1])[:, 1] < min_child_weight)] = -np.inf",
    ),
    "a split that loses is returned": (RESULT, RESULT.replace("round(gain, 9) > 0", "gain > -np.inf")),
    "a gain of 0 pays": (RESULT, RESULT.replace("> 0", ">= 0")),
    "a gain below 1e-4 is none": (RESULT, RESULT.replace("round(gain, 9) > 0", "gain > 1e-4")),
    "the last of equal gains": (BEST, "place, default_left = np.argwhere(gains.round(9) == gains.round(9).max())[-1]"),
    "missing values on the left on a tie": (
        BEST,
        BEST + "\n    default_left = int(gains[place, 1].round(9) >= gains[place, 0].round(9))",
    ),
    "the direction before the threshold": (
        BEST,
        "default_left, place = divmod(int(gains.T.round(9).argmax()), len(gains))",
    ),
}

STRICT_MISTAKES = {
    "the score of no H is NaN": (SCORE, "G**2 / (H + reg_lambda)"),
    "shares are rounded": (PLACES, "places = np.searchsorted(below, np.arange(1, n_bins) * (1 / n_bins) * below[-1])"),
    "rounding decides between ties": (BEST, BEST.replace(".round(9)", "")),
    "rounding makes a split pay": (RESULT, RESULT.replace("round(gain, 9) > 0", "gain > 0")),
}
