import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict


@pytest.fixture
def blobs(rng):
    """Thirty samples around three far centres, in random order."""
    return rng.permutation(np.repeat([[0.0, 0.0], [80.0, 10.0], [-20.0, 90.0]], 10, axis=0) + rng.normal(size=(30, 2)))


def defined(X, centers, n_iter):
    """Return labels, centres and inertia by the definition, one sample at a time."""
    centers = [np.array(center) for center in centers]

    def assigned():
        return np.array([np.argmin([((x - center) ** 2).sum() for center in centers]) for x in X])

    for _ in range(n_iter):
        labels = assigned()
        for j in set(labels.tolist()):
            centers[j] = X[labels == j].sum(axis=0) / (labels == j).sum()
    labels = assigned()
    return labels, np.array(centers), sum(((x - centers[j]) ** 2).sum() for x, j in zip(X, labels, strict=True))


def test_rows(kata, rng, blobs):
    """The drawn centres are k different rows of X, also if rows repeat."""
    X = np.array([[0.0], [0.0], [0.0], [7.0]])
    for _ in range(5):
        assert_close(np.sort(kata.kmeans_plus_plus(X, 2, rng), axis=0), [[0.0], [7.0]])
    X = np.repeat(rng.normal(size=(6, 3)), [1, 9, 2, 1, 5, 3], axis=0)
    for k in (1, 4, 6):
        centers = np.asarray(kata.kmeans_plus_plus(X, k, rng))
        assert_equal(centers.shape, (k, 3), what="the shape of the centres")
        assert_equal(len(np.unique(centers, axis=0)), k, what="the number of different centres")
        found = [bool((center == X).all(axis=1).any()) for center in centers]
        assert_equal(found, [True] * k, what="whether each centre is a row of X")
    centers = kata.kmeans_plus_plus(blobs, 30, rng)
    assert_close(np.sort(centers, axis=0), np.sort(blobs, axis=0), what="with k = n_samples, the sorted centres")


def test_first_center(kata, rng):
    """The first centre is drawn uniformly from all samples."""
    X = np.arange(10.0)[:, np.newaxis]
    found = {float(kata.kmeans_plus_plus(X[:3], 1, rng)[0, 0]) for _ in range(40)}
    assert_equal(sorted(found), [0.0, 1.0, 2.0], what="the first of three rows in 40 draws")
    first = [float(kata.kmeans_plus_plus(X, k, rng)[0, 0]) for k in [1, 2] * 30]
    assert_equal(sum(x < 5 for x in first) > 8, True, what="whether the first half of the rows comes up in 60 draws")
    assert_equal(sum(x >= 5 for x in first) > 8, True, what="whether the second half of the rows comes up in 60 draws")
    assert_equal(len(set(first)) > 5, True, what="whether more than 5 of 10 rows come up in 60 draws")


def test_repeated_rows(kata, rng):
    """A row that occurs more often is drawn more often, as the first centre and later."""
    X = np.repeat([[0.0], [7.0]], [99, 1], axis=0)
    first = sum(kata.kmeans_plus_plus(X, 1, rng)[0, 0] == 0 for _ in range(60))
    assert_equal(first > 48, True, what="whether 0 is the first centre in more than 48 of 60 draws (expected: 59)")
    X = np.repeat([[0.0], [1.0], [5.0]], [2000, 100, 1], axis=0)
    second = sum(kata.kmeans_plus_plus(X, 2, rng)[1, 0] == 1 for _ in range(30))
    assert_equal(second >= 8, True, what="whether 1 is the second centre in at least 8 of 30 draws (expected: 23)")


def test_one_draw(kata, rng):
    """A further centre is drawn once: it is not the best of several draws."""
    angles = np.arange(12) * np.pi / 6
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    X = np.concatenate([np.zeros((40, 2)), ring, [[8**0.5, 0.0]]])
    far = sum(bool((kata.kmeans_plus_plus(X, 2, rng)[1] == X[-1]).all()) for _ in range(800))
    assert_equal(
        far < 350, True, what="whether the far sample is second in fewer than 350 of 800 draws (expected: 264)"
    )


def test_squared_distances(kata, rng):
    """A further centre is drawn in proportion to the squared distance, not to the distance, nor the farthest one."""
    angles = rng.uniform(0, 2 * np.pi, size=1000)
    disc = np.sqrt(rng.uniform(size=(1000, 1))) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    X = np.concatenate([disc, [[200.0, 0.0]]])
    far = sum(bool((kata.kmeans_plus_plus(X, 2, rng) == [200.0, 0.0]).all(axis=1).any()) for _ in range(30))
    assert_equal(
        far >= 20, True, what="whether the far sample is among 2 centres in at least 20 of 30 draws (expected: 29)"
    )
    X = np.concatenate([np.zeros((500, 11)), np.eye(11) * np.r_[np.ones(10), 1.5]])
    far = sum(bool((kata.kmeans_plus_plus(X, 2, rng)[1] == X[-1]).all()) for _ in range(30))
    assert_equal(far <= 20, True, what="whether the farthest sample is second in at most 20 of 30 draws (expected: 5)")


def test_nearest_center_counts(kata, rng):
    """The distance that counts is that to the nearest of all centres so far."""
    X = np.array([[0.0, 0.0], [0.0, 1e-4], [500.0, 0.0], [500.0, 1e-4], [0.0, 500.0], [0.0, 500.0001]])
    for _ in range(12):
        centers = kata.kmeans_plus_plus(X, 3, rng)
        assert_equal(sorted(np.round(centers).tolist()), [[0.0, 0.0], [0.0, 500.0], [500.0, 0.0]])


def test_one_round(kata, rng):
    """A round assigns all samples to the nearest centre and then moves the centres to their means."""
    found = kata.lloyd(np.array([[0.0], [1.0], [5.0]]), np.array([[0.0], [1.0]]), 1)
    assert_equal(found.labels, [0, 0, 1])
    assert_close(found.centers, [[0.0], [3.0]])
    assert_close(found.inertia, 5.0)
    for n, k, n_features in [(20, 3, 2), (15, 4, 1), (9, 2, 5), (12, 1, 3)]:
        X = rng.normal(size=(n, n_features)) + 2
        start = X[rng.choice(n, size=k, replace=False)] + 0.1
        for value, expected in zip(kata.lloyd(X, start, 1), defined(X, start, 1), strict=True):
            assert_close(value, expected)


def test_several_rounds(kata, rng):
    """Rounds follow each other, and labels and inertia belong to the last centres."""
    X = np.array([[0.0], [1.0], [2.0], [10.0], [11.0]])
    found = kata.lloyd(X, np.array([[0.0], [1.0]]), 2)
    assert_close(found.centers, [[1.0], [10.5]])
    assert_equal(found.labels, [0, 0, 0, 1, 1])
    assert_close(found.inertia, 2.5)
    # Far from 0 the centres still move, by less than a millionth of their size.
    X = 1e5 + np.arange(8.0)[:, np.newaxis]
    for value, expected in zip(kata.lloyd(X, X[:2], 20), defined(X, X[:2], 20), strict=True):
        assert_close(value, expected)
    for n_iter in (0, 2, 3, 30):
        X = rng.normal(size=(40, 2))
        start = rng.normal(size=(4, 2))
        for value, expected in zip(kata.lloyd(X, start, n_iter), defined(X, start, n_iter), strict=True):
            assert_close(value, expected)


def test_no_round(kata):
    """With n_iter = 0 the centres stay, and samples are assigned to them."""
    found = kata.lloyd(np.array([[1.0, 0.0], [9.0, 2.0]]), np.array([[10.0, 0.0], [0.0, 0.0], [3.0, 0.0]]), 0)
    assert_equal(found.labels, [1, 0])
    assert_close(found.centers, [[10.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
    assert_close(found.inertia, 6.0)


def test_empty_cluster(kata):
    """A centre without samples stays where it is, and may win samples later."""
    found = kata.lloyd(np.array([[0.0], [2.0]]), np.array([[1.0], [50.0]]), 3)
    assert_close(found.centers, [[1.0], [50.0]])
    assert_equal(found.labels, [0, 0])
    X, start = np.array([[0.0], [1.0], [30.0], [31.0]]), np.array([[2.0], [-40.0], [-7.0]])
    for n_iter in (1, 2, 5):
        for value, expected in zip(kata.lloyd(X, start, n_iter), defined(X, start, n_iter), strict=True):
            assert_close(value, expected)
    # The centre in the middle moves, loses all samples, and wins others again from where it is.
    X, start = np.array([[9.0], [25.0], [10.0], [11.0], [13.0], [22.0]]), np.array([[3.0], [22.0], [26.0]])
    for n_iter in (1, 2, 3, 10):
        for value, expected in zip(kata.lloyd(X, start, n_iter), defined(X, start, n_iter), strict=True):
            assert_close(value, expected)


def test_ties(kata):
    """A sample between two centres belongs to the one with the lower index."""
    found = kata.lloyd(np.array([[0.0], [2.0], [4.0]]), np.array([[4.0], [0.0]]), 0)
    assert_equal(found.labels, [1, 0, 0])
    found = kata.lloyd(np.array([[0.0], [2.0], [4.0]]), np.array([[4.0], [0.0]]), 1)
    assert_close(found.centers, [[3.0], [0.0]])
    assert_equal(kata.lloyd(np.array([[3.0], [1.0]]), np.array([[3.0], [1.0], [1.0], [3.0]]), 4).labels, [0, 1])


@strict
def test_whole_numbers(kata, rng):
    """Samples and centres may be whole numbers; means are not."""
    X = np.array([[0], [1], [5]])
    assert_close(kata.lloyd(X, np.array([[0], [4]]), 1).centers, [[0.5], [5.0]])
    X = rng.integers(0, 100, size=(30, 2)).astype(np.uint8)
    for value, expected in zip(kata.lloyd(X, X[:3], 2), defined(X.astype(float), X[:3].astype(float), 2), strict=True):
        assert_close(value, expected)
    X = np.array([[255]] * 50 + [[254], [0]], dtype=np.uint8)
    far = sum(bool((kata.kmeans_plus_plus(X, 2, rng) == 0).any()) for _ in range(24))
    assert_equal(far >= 20, True, what="whether 0 is among 2 centres in at least 20 of 24 draws (expected: 24)")


def workload(kata, rng, n):
    """Draw centres of n samples and improve them; other starts share samples, tie or stay empty."""
    X = rng.normal(size=(n, 2)) + rng.choice([0.0, 8.0], size=(n, 1))
    kata.kmeans_plus_plus(X, 3, rng)
    grid = rng.integers(0, 4, size=(n, 2)).astype(float)
    return (
        kata.lloyd(X, X[:3], 5),
        kata.lloyd(grid, np.array([[1.0, 1.0], [3.0, 1.0], [2.0, 2.0], [90.0, 0.0]]), 2),
        kata.lloyd(X, np.array([[0.0, 0.0]]), 1),
    )


def picture(kata, rng):
    X = np.concatenate([rng.normal(scale=0.8, size=(60, 2)) + center for center in ([0, 0], [5, 1], [2, 5])])
    start = kata.kmeans_plus_plus(X, 3, rng)
    found = kata.lloyd(X, start, 20)
    rounds = np.arange(9)
    starts = {"k-means++": start, "three neighbours": X[np.argsort(X[:, 0])[:3]]}
    return [
        Panel(
            "Clusters from k-means++",
            "first feature",
            "second feature",
            [
                *(Points(*X[found.labels == label].T, f"cluster {label}") for label in range(3)),
                Points(*start.T, "start", large=True),
                Points(*found.centers.T, "centre", large=True),
            ],
        ),
        Panel(
            "Inertia by round of Lloyd's algorithm",
            "rounds",
            "inertia",
            [
                Line(rounds, [kata.lloyd(X, each, int(n)).inertia for n in rounds], name)
                for name, each in starts.items()
            ],
            note="It never rises. A bad start takes longer, and may end in a worse place.",
        ),
    ]


MISTAKES = {
    "the first centre is one of the distinct rows": (
        "centers = [X[rng.integers(len(X))]]",
        "distinct = np.unique(X, axis=0)\n    centers = [distinct[rng.integers(len(distinct))]]",
    ),
    "repeated rows weigh once": (
        "    squares = np.full(len(X), np.inf)",
        "    X = np.unique(X, axis=0)\n    squares = np.full(len(X), np.inf)",
    ),
    "the best of two draws": (
        "        centers.append(X[rng.choice(len(X), p=squares / squares.sum())])",
        (
            "        drawn = rng.choice(len(X), size=2, p=squares / squares.sum())\n"
            "        left = [np.minimum(squares, ((X - X[i]) ** 2).sum(axis=1)).sum() for i in drawn]\n"
            "        centers.append(X[drawn[np.argmin(left)]])"
        ),
    ),
    "the rounds end once the centres are close to those before": (
        "        labels = _squares(X, centers).argmin(axis=1)\n",
        (
            "        labels = _squares(X, centers).argmin(axis=1)\n"
            "        if np.allclose(centers, [X[labels == j].mean(axis=0) if (labels == j).any() else centers[j]\n"
            "                                 for j in range(len(centers))]):\n"
            "            break\n"
        ),
    ),
    "a centre without samples goes back to its start": (
        "        for j in np.unique(labels):",
        (
            "        start = centers.copy() if _ == 0 else start\n"
            "        centers = np.where(np.isin(np.arange(len(centers)), labels)[:, None], centers, start)\n"
            "        for j in np.unique(labels):"
        ),
    ),
    "the first sample is the first centre": ("centers = [X[rng.integers(len(X))]]", "centers = [X[0]]"),
    "distances, not their squares": ("p=squares / squares.sum()", "p=squares**0.5 / (squares**0.5).sum()"),
    "uniform draws": ("rng.choice(len(X), p=squares / squares.sum())", "rng.choice(len(X))"),
    "the farthest sample": ("rng.choice(len(X), p=squares / squares.sum())", "squares.argmax()"),
    "only the last centre counts": (
        "squares = np.minimum(squares, ((X - centers[-1]) ** 2).sum(axis=1))",
        "squares = ((X - centers[-1]) ** 2).sum(axis=1)",
    ),
    "only the first centre counts": ("((X - centers[-1]) ** 2)", "((X - centers[0]) ** 2)"),
    "the farthest of the centres counts": (
        "    squares = np.full(len(X), np.inf)\n    while len(centers) < k:\n        squares = np.minimum(",
        "    squares = np.zeros(len(X))\n    while len(centers) < k:\n        squares = np.maximum(",
    ),
    "one centre too many": ("while len(centers) < k:", "while len(centers) <= k:"),
    "random points for samples": (
        "    return np.array(centers)",
        "    return np.array(centers) + rng.normal(size=(k, X.shape[1]))",
    ),
    "an empty cluster becomes NaN": ("for j in np.unique(labels):", "for j in range(len(centers)):"),
    "an empty cluster moves to the origin": (
        "        for j in np.unique(labels):\n            centers[j] = X[labels == j].mean(axis=0)",
        (
            "        for j in range(len(centers)):\n"
            "            centers[j] = X[labels == j].sum(axis=0) / max((labels == j).sum(), 1)"
        ),
    ),
    "an empty cluster is removed": (
        "    for _ in range(n_iter):\n        labels",
        (
            "    for _ in range(n_iter):\n"
            "        centers = centers[np.unique(_squares(X, centers).argmin(axis=1))]\n        labels"
        ),
    ),
    "labels from before the last move": (
        "    return Clusters(squares.argmin(axis=1), centers",
        "    return Clusters(labels if n_iter else squares.argmin(axis=1), centers",
    ),
    "inertia from before the last move": [
        (
            "    for _ in range(n_iter):\n",
            "    before = _squares(X, centers)\n    for _ in range(n_iter):\n        before = _squares(X, centers)\n",
        ),
        ("float(squares.min(axis=1).sum())", "float(before.min(axis=1).sum())"),
    ],
    "inertia as a mean": ("float(squares.min(axis=1).sum())", "float(squares.min(axis=1).mean())"),
    "inertia of distances": ("float(squares.min(axis=1).sum())", "float(np.sqrt(squares.min(axis=1)).sum())"),
    "the median for the mean": ("X[labels == j].mean(axis=0)", "np.median(X[labels == j], axis=0)"),
    "the mean over all features": ("X[labels == j].mean(axis=0)", "X[labels == j].mean()"),
    "Manhattan distance": ("[((X - center) ** 2).sum(axis=1) for", "[np.abs(X - center).sum(axis=1) for"),
    "one round only": ("    for _ in range(n_iter):\n", "    for _ in range(min(n_iter, 1)):\n"),
    "always one round": ("    for _ in range(n_iter):\n", "    for _ in range(max(n_iter, 1)):\n"),
    "the higher index on a tie": (
        "labels = _squares(X, centers).argmin(axis=1)",
        "labels = len(centers) - 1 - _squares(X, centers)[:, ::-1].argmin(axis=1)",
    ),
    "stopped too soon": (
        "        for j in np.unique(labels):\n",
        "        if len(np.unique(labels)) < len(centers):\n            break\n        for j in np.unique(labels):\n",
    ),
}

STRICT_MISTAKES = {
    "differences of bytes": ("    X = X.astype(float)\n    centers = [X[rng", "    centers = [X[rng"),
    "means cut to whole numbers": ("np.array(centers, dtype=float)", "np.array(centers)"),
}
