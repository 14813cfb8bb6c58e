from math import log2

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Wide enough for an eps of 1e-10 in the logarithm, as some write it, and too narrow for one of 1e-9 at a rare class.
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def uncertainty(y):
    """Add up the surprise of each sample, log2(1 / share of its class), and take the mean."""
    labels = y.tolist()
    return sum(log2(len(labels) / labels.count(label)) for label in labels) / len(labels)


def removed(x, y):
    """Return what knowing the branch removes of the mean surprise."""
    branches = [y[x == value] for value in set(x.tolist())]
    return uncertainty(y) - sum(len(branch) * uncertainty(branch) for branch in branches) / len(y)


def draw(rng, n):
    """Return a feature with some values that are rare, and labels that depend on it, both in any integers."""
    value = np.minimum(rng.geometric(0.4, size=n), 4) - 1
    label = (value + rng.integers(0, 3, size=n) * (rng.random(n) < 0.6)) % 5
    return np.array([40, -7, 3, 0])[value], np.array([-2, 9, 0, 5, 31])[label]


def test_entropy(kata, rng):
    """The entropy is the sum of -p_k log2(p_k) over the classes."""
    for y, bits in [([0, 1], 1.0), ([7, -1, 7, 4], 1.5), ([3, 0, 9, -2], 2.0), ([1, 1, 1, 0], 2 - 0.75 * log2(3))]:
        assert_close(kata.entropy(np.array(y)), bits, **CLOSE)
    for n in (5, 31):
        y = draw(rng, n)[1]
        assert_close(kata.entropy(y), uncertainty(y), **CLOSE)


def test_base(kata, rng):
    """The logarithm has the given base, by default 2."""
    assert_close(kata.entropy(np.array([0, 1, 2, 2]), base=4.0), 0.75, **CLOSE)
    y = np.append(draw(rng, 20)[1], [100, 101])
    for base in (2.0, np.e, 10.0, 1.5):
        assert_close(kata.entropy(y, base), uncertainty(y) / log2(base), **CLOSE)


def test_any_labels(kata):
    """Labels and values are any integers: negative, large, and with gaps."""
    y = np.array([-3, -3, 10**9, 10**9, 10**9, 10**9, 10**9 + 1, -(10**9)])
    assert_close(kata.entropy(y), 1.75, **CLOSE)
    x = np.array([10**9, 10**9, -8, -8, -8, -8, -9, -9])
    assert_close(kata.information_gain(x, y), 1.5, **CLOSE)
    assert_close(kata.gain_ratio(x, y), 1.0, **CLOSE)
    assert_close(kata.gain_ratio(y, x), 1.5 / 1.75, **CLOSE)


def test_information_gain(kata, rng):
    """The gain is H(y) minus the entropy of each branch, weighted by the branch's share of the samples."""
    x, y = np.array([5, 5, -2, -2, -2, -2, 9, 9]), np.array([0, 1, 2, 2, 2, 2, 0, 1])
    assert_close(kata.information_gain(x, y), 1.5 - (2 / 8 + 2 / 8), **CLOSE)
    for n in (7, 40):
        x, y = draw(rng, n)
        assert_close(kata.information_gain(x, y), removed(x, y), **CLOSE)
    order = rng.permutation(n)
    assert_close(kata.information_gain(x[order], y[order]), removed(x, y), **CLOSE)
    # Values and labels that could be taken for one another, or for a pair of others.
    for pair in (
        ([1, 1, 11, 11], [11, 11, 1, 1]),
        ([3, 3, 3, 3, 4, 4], [-1, -2, -1, -2, -1, -1]),
        ([0, 1, 10], [10, 0, 1]),
    ):
        x, y = map(np.array, pair)
        assert_close(kata.information_gain(x, y), removed(x, y), **CLOSE)
        assert_close(kata.information_gain(y, x), removed(y, x), **CLOSE)


def test_gain_ratio(kata, rng):
    """The gain ratio is the gain divided by the entropy of x."""
    y = np.array([0, 1, 0, 1, 2, 2, 2, 2])
    assert_close(kata.gain_ratio(np.arange(8), y), 0.5, **CLOSE)
    x, y = np.array([8, 8, 8, 8, 8, 8, 8, 2]), np.array([1, 1, 1, 1, 0, 0, 0, 0])
    assert_close(kata.gain_ratio(x, y), 0.137925 / 0.543564, rtol=1e-5)
    for n in (7, 40):
        x, y = draw(rng, n)
        x[:2] = 40, -7
        assert_close(kata.gain_ratio(x, y), removed(x, y) / uncertainty(x), **CLOSE)


def test_classes_that_a_branch_lacks(kata):
    """A class that a branch lacks adds 0 to its entropy, as 0 log 0 = 0."""
    x, y = np.array([1, 1, 1, 2, 2, 3]), np.array([0, 0, 0, 1, 1, 2])
    assert_close(kata.information_gain(x, y), uncertainty(y), **CLOSE)
    assert_close(kata.gain_ratio(x, y), 1.0, **CLOSE)
    x = np.array([1, 1, 2, 2, 2, 2])
    assert_close(kata.information_gain(x, y), removed(x, y), **CLOSE)


def test_one_class_or_one_branch(kata):
    """Equal labels have the entropy 0 and any gain is 0. With one branch gain and ratio are 0."""
    same, other = np.array([4, 4, 4, 4]), np.array([1, 2, 2, 0])
    for y in (same, same[:1], 0 * same):
        assert_close(kata.entropy(y), 0.0, **CLOSE)
    for x, y in [(same, other), (other, same), (same, same), (other[:1], other[:1]), (0 * same, other)]:
        assert_close(kata.information_gain(x, y), 0.0, **CLOSE)
        assert_close(kata.gain_ratio(x, y), 0.0, **CLOSE)


def test_useless_feature(kata):
    """The gain is 0 if all branches have the same shares, as for one feature of an XOR."""
    x, y = np.array([0, 0, 1, 1, 2, 2, 2, 2]), np.array([0, 1, 1, 0, 1, 0, 0, 1])
    assert_close(kata.information_gain(x, y), 0.0, **CLOSE)
    assert_close(kata.gain_ratio(x, y), 0.0, **CLOSE)
    assert_close(kata.information_gain(2 * np.array([0, 0, 1, 1]) + y[:4], y[:4] + 3), 1.0, **CLOSE)


def test_rare(kata):
    """One label in 100,000, one small branch or a small gain are no exception."""
    n = 100_000
    rare = np.zeros(n, dtype=int)
    rare[n // 3] = 1
    bits = (log2(n) + (n - 1) * log2(n / (n - 1))) / n
    assert_close(kata.entropy(rare), bits, **CLOSE)
    assert_close(kata.information_gain(rare, rare), bits, **CLOSE)
    assert_close(kata.gain_ratio(rare, rare), 1.0, rtol=1e-5)
    # Half of the labels are 1, and the rare branch has a single one of them: the gain is tiny, the ratio is not.
    half = np.arange(n) % 2
    gain = 1 - (n - 1) / n * sum(share * log2(1 / share) for share in (0.5 * n / (n - 1), (0.5 * n - 1) / (n - 1)))
    assert_close(kata.information_gain(rare, half), gain, **CLOSE)
    assert_close(kata.gain_ratio(rare, half), gain / bits, rtol=1e-5)
    # The branches differ by one label of 1,000: a gain of 7.2e-7.
    x, y = np.repeat([0, 1], 1000), np.repeat([0, 1, 0, 1], [500, 500, 499, 501])
    assert_close(kata.information_gain(x, y), 7.213483622647843e-07, rtol=1e-4, atol=0)
    assert_close(kata.gain_ratio(x, y), 7.213483622647843e-07, rtol=1e-4, atol=0)


@strict
def test_lengths(kata):
    """ValueError if x and y differ in length."""
    for n, m in [(3, 4), (4, 3), (1, 4), (4, 1)]:
        for function in (kata.information_gain, kata.gain_ratio):
            with pytest.raises(ValueError):
                function(np.arange(n), np.arange(m))


def workload(kata, rng, n):
    """Labels of several classes, a feature with few values and one with many."""
    n = max(n, 4)
    x, y = draw(rng, n)
    return kata.entropy(y), kata.information_gain(rng.integers(0, n // 2, size=n), y), kata.gain_ratio(x, y)


SHARES = "shares = np.unique(y, return_counts=True)[1] / len(y)"
ENTROPY = "(shares * np.log(1 / shares)).sum() / np.log(base)"
AFTER = "after = [entropy(y[x == value]) for value in values]"
GAIN = "return entropy(y) - float(counts @ after) / len(y)"
SPLIT = "gain, split_information = information_gain(x, y), entropy(x)"
RATIO = "return gain / split_information if split_information else 0.0"
MISTAKES = {
    "no minus": (ENTROPY, "(shares * np.log(shares)).sum() / np.log(base)"),
    "natural logarithm": (ENTROPY, "(shares * np.log(1 / shares)).sum()"),
    "always in bits": (ENTROPY, "(shares * np.log2(1 / shares)).sum()"),
    "multiplied by the logarithm of the base": (ENTROPY, "(shares * np.log2(1 / shares)).sum() * np.log2(base)"),
    "scaled to 1 at equal shares": (ENTROPY, "(shares * np.log(1 / shares)).sum() / np.log(max(len(shares), 2))"),
    "the sum of the logarithms": (ENTROPY, "np.log(1 / shares).sum() / np.log(base)"),
    "mean over the classes": (ENTROPY, "(shares * np.log(1 / shares)).mean() / np.log(base)"),
    "counts for shares": (SHARES, "shares = np.unique(y, return_counts=True)[1]"),
    "two classes only": (SHARES, "p = np.mean(y == y[0])\n    shares = np.array([p, 1 - p] if p < 1 else [1.0])"),
    "Gini": (ENTROPY, "1 - (shares**2).sum()"),
    "negative labels, counted by bincount": (
        SHARES,
        "shares = np.bincount(y) / len(y)\n    shares = shares[shares > 0]",
    ),
    "0 log 0 is not a number": [
        (
            SHARES,
            (
                "return _over(y, np.unique(y), base)\n\n\ndef _over(y, classes, base):\n"
                "    shares = (classes[:, np.newaxis] == y).mean(axis=1)"
            ),
        ),
        (AFTER, "after = [_over(y[x == value], np.unique(y), 2.0) for value in values]"),
    ],
    "labels smoothed by Laplace": (
        SHARES,
        "shares = np.unique(y, return_counts=True)[1] + 1\n    shares = shares / shares.sum()",
    ),
    "an eps of 1e-9 in the logarithm": (ENTROPY, "(shares * -np.log(shares + 1e-9)).sum() / np.log(base)"),
    "rare classes are left out": (SHARES, SHARES + "\n    shares = shares[shares > 1e-3]"),
    "branches not weighted": (GAIN, "return entropy(y) - float(np.mean(after))"),
    "branches added up": (GAIN, "return entropy(y) - float(np.sum(after))"),
    "weighted by the number of samples": (GAIN, "return entropy(y) - float(counts @ after)"),
    "the entropy that is left": (GAIN, "return float(counts @ after) / len(y)"),
    "the sign turned": (GAIN, "return float(counts @ after) / len(y) - entropy(y)"),
    "two branches: the first value and the rest": [
        (
            "values, counts = np.unique(x, return_counts=True)",
            "x = x != x[0]\n    values, counts = np.unique(x, return_counts=True)",
        ),
    ],
    "the best branch alone": (GAIN, "return entropy(y) - float(np.min(after))"),
    "branches of one sample are left out of the mean": (
        GAIN,
        "return entropy(y) - float(counts @ after) / max(counts[counts > 1].sum(), 1)",
    ),
    "values as indices of branches": (
        "values, counts = np.unique(x, return_counts=True)",
        "counts = np.bincount(x)\n    values = np.flatnonzero(counts)\n    counts = counts[values]",
    ),
    "the ratio is the gain": (SPLIT, "gain, split_information = information_gain(x, y), 1.0"),
    "split information of the labels": (SPLIT, "gain, split_information = information_gain(x, y), entropy(y)"),
    "split information from the number of branches": (
        SPLIT,
        "gain, split_information = information_gain(x, y), np.log2(len(np.unique(x)))",
    ),
    "split information in nats": (SPLIT, "gain, split_information = information_gain(x, y), entropy(x, np.e)"),
    "one branch divides by 0": (RATIO, "return float(np.divide(gain, split_information))"),
    "the gain if there is one branch": (RATIO, "return gain / split_information if split_information else np.nan"),
    "an eps in the denominator": (RATIO, "return gain / (split_information + 1e-6)"),
    "a floor of the split information": (RATIO, "return gain / max(split_information, 0.01)"),
    "a small split information counts as 0": (
        RATIO,
        "return gain / split_information if split_information > 1e-3 else 0.0",
    ),
    "small gains are 0": (SPLIT, SPLIT + "\n    gain = gain if gain > 1e-4 else 0.0"),
    "a ratio of 1 for an ID": (
        RATIO,
        "return gain / split_information if len(x) > len(np.unique(x)) > 1 else float(len(x) > 1)",
    ),
}
STRICT_MISTAKES = {
    "lengths are not compared": ("if x.shape != y.shape:", "if len(x) == 0:"),
    "one length is compared": ("if x.shape != y.shape:", "if len(x) > len(y):"),
}
