from collections import defaultdict, namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

Node = namedtuple("Node", "rows columns question")  # noqa: PYI024 - for this file alone
LABELS = [7, -1, 100_000]


class Asked:
    """Data whose cells all differ, a best_split that answers anything, and a record of what it was asked.

    A cell tells its row and its column, so the record tells which rows and which columns made a node.
    """

    def __init__(self, rng, n_samples, n_features, smallest=2):
        ranks = rng.permuted(np.tile(np.arange(n_samples), (n_features, 1)), axis=1).T
        self.X = (ranks * n_features + rng.permutation(n_features)) / 4 - 3
        self.y = rng.permutation(np.resize(LABELS, n_samples))
        self.place = {value: place for place, value in np.ndenumerate(self.X)}
        # A node of fewer rows is left whole.
        self.smallest = smallest
        self.calls = []

    def best_split(self, X, y):
        """Ask about one column after the other, and send about a third to the left."""
        X, y = np.array(X), np.array(y)
        feature = len(self.calls) % X.shape[1]
        values = np.unique(X[:, feature])
        question = None
        if len(y) >= self.smallest and len(values) > 1:
            question = feature, float(values[: len(values) // 3 + 2][-2:].mean())
        self.calls.append((X, y, question))
        return question

    def fit(self, kata, n_trees, max_features, max_samples, rng):
        """Grow a forest with this best_split."""
        return kata.fit_forest(self.X, self.y, self.best_split, n_trees, max_features, max_samples, rng)

    def nodes(self):
        """Return the nodes that were asked about, but for those whose labels are all equal."""
        nodes = []
        for X, y, question in self.calls:
            places = [[self.place.get(cell, (0, 0)) for cell in row] for row in X.tolist()]
            rows, columns = [row[0][0] for row in places], [column for _, column in places[0]]
            assert_equal(X, self.X[np.ix_(rows, columns)], what="X_node, which has whole rows and drawn columns")
            assert_equal(y, self.y[rows], what="y_node, which belongs to the rows of X_node")
            if len(set(y.tolist())) > 1:
                feature, threshold = question or (None, None)
                nodes.append(Node(sorted(rows), columns, question and (columns[feature], threshold)))
        return nodes

    def trees(self, size):
        """Put the nodes together: each side of a question is a node, or a leaf if its labels are equal."""
        waiting = defaultdict(list)
        for node in self.nodes():
            waiting[tuple(node.rows)].append(node)

        def grown(rows):
            labels = self.y[rows].tolist()
            if len(set(labels)) > 1:
                assert_equal(bool(waiting[tuple(rows)]), True, what="best_split was asked about this side of a split")
                node = waiting[tuple(rows)].pop()
                if node.question:
                    feature, threshold = node.question
                    sides = [[row for row in rows if (self.X[row, feature] > threshold) == above] for above in (0, 1)]
                    return feature, threshold, *map(grown, sides)
            return max(sorted(set(labels)), key=labels.count)

        trees = [grown(list(rows)) for rows in list(waiting) if len(rows) == size for _ in list(waiting[rows])]
        assert_equal(sum(map(len, waiting.values())), 0, what="nodes that are no side of a split")
        return trees


def walk(tree, sample):
    while isinstance(tree, tuple):
        tree = tree[2 + (sample[tree[0]] > tree[1])]
    return tree


def elected(trees, X):
    """Let each tree vote; the smallest label wins a tie."""
    votes = [[walk(tree, sample) for tree in trees] for sample in X.tolist()]
    return [max(sorted(set(ballots)), key=ballots.count) for ballots in votes]


def no_split(*_):
    return None


def points(asked, rng):
    """Return the rows, and new ones that mix their cells."""
    return np.vstack([asked.X, rng.permuted(asked.X, axis=0) + 1 / 16])


def test_trees(kata):
    """Samples with x[feature] <= threshold go left. A leaf predicts its most frequent label, the smallest on a tie."""
    X, y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([5, 5, -7, 2, 2])
    new = np.array([[-9.0], [2.0], [2.1], [4.0], [4.1], [99.0]])
    questions = {5: (0, 2.0), 3: (0, 4.0)}
    for allowed, expected in [
        ([], [2, 2, 2, 2, 2, 2]),
        ([5], [5, 5, 2, 2, 2, 2]),
        ([5, 3], [5, 5, -7, -7, 2, 2]),
    ]:

        def best_split(_, y_node, allowed=allowed):
            return questions[len(y_node)] if len(y_node) in allowed else None

        for n_trees in (1, 4):
            forest = kata.fit_forest(X, y, best_split, n_trees, 1, 5, np.random.default_rng(0))
            assert_equal(kata.predict(forest, new), expected)
    # A value that equals a threshold goes left, whatever its binary form.
    X, y = np.array([[0.7], [0.9], [0.9]]), np.array([1, 4, 4])
    forest = kata.fit_forest(X, y, lambda *_: (0, 0.7), 1, 1, 3, np.random.default_rng(0))
    assert_equal(kata.predict(forest, np.array([[0.7], [0.700001], [0.699999]])), [1, 4, 1])


def test_bootstrap(kata, rng):
    """Without max_samples each tree has a sample of its own: n_samples rows drawn with replacement."""
    asked = Asked(rng, 60, 3, smallest=999)
    asked.fit(kata, 30, 2, None, rng)
    samples = [node.rows for node in asked.nodes()]
    assert_equal([len(rows) for rows in samples], [60] * 30, what="the numbers of rows of 30 trees")
    # Eight standard deviations.
    share = np.mean([len(set(rows)) / 60 for rows in samples])
    assert_close(share, 1 - (1 - 1 / 60) ** 60, 0, 0.06, what="the share of distinct rows in a sample")
    drawn = np.bincount(np.concatenate(samples), minlength=60)
    assert_equal(drawn.min() > 0, True, what="each row is in one of the samples")
    assert_close(drawn.reshape(3, 20).sum(axis=1), np.full(3, 600), 0, 160, what="draws of each third of the rows")
    assert_equal(len(set(map(tuple, samples))), 30, what="the number of different samples")
    # A sample may have one class only: of two rows, the second alone is drawn in one of four samples.
    X, y = np.array([[1.0], [2.0]]), np.array([3, 8])
    votes = []
    for _ in range(80):
        forest = kata.fit_forest(X, y, no_split, 1, 1, None, rng)
        votes += np.asarray(kata.predict(forest, X[:1])).tolist()
    assert_equal(8 in votes, True, what="some of 80 samples have the label 8 only")


def test_max_samples(kata, rng):
    """With max_samples each tree has a sample of its own: that many rows drawn without replacement."""
    for size in (20, 31):
        asked = Asked(rng, 40, 3, smallest=999)
        asked.fit(kata, 25, 2, size, rng)
        samples = [node.rows for node in asked.nodes()]
        assert_equal([len(rows) for rows in samples], [size] * 25, what="the numbers of rows of 25 trees")
        assert_equal([len(set(rows)) for rows in samples], [size] * 25, what="the numbers of distinct rows of 25 trees")
        assert_equal(len(set(map(tuple, samples))), 25, what="the number of different samples")
        assert_equal(len(set(np.concatenate(samples).tolist())), 40, what="the rows that are in one of the samples")
    asked = Asked(rng, 12, 2, smallest=999)
    asked.fit(kata, 4, 1, 12, rng)
    assert_equal([node.rows for node in asked.nodes()], [list(range(12))] * 4)


def test_features_of_a_node(kata, rng):
    """Each node gets max_features distinct columns, and each column as often as any other."""
    for max_features in (1, 3, 5):
        asked = Asked(rng, 40, 5, smallest=10)
        asked.fit(kata, 20, max_features, None, rng)
        columns = [node.columns for node in asked.nodes()]
        assert_equal([len(set(drawn)) for drawn in columns], [max_features] * len(columns))
        assert_equal([len(drawn) for drawn in columns], [max_features] * len(columns))
        often, share = np.bincount(np.concatenate(columns), minlength=5) / len(columns), max_features / 5
        bound = 7 * (share * (1 - share) / len(columns)) ** 0.5
        assert_close(often, np.full(5, share), 0, bound, what="the share of nodes that each column is drawn for")


def test_features_are_drawn_anew(kata, rng):
    """The columns are drawn anew for each node, not for each tree or each level."""
    asked = Asked(rng, 50, 8, smallest=10)
    asked.fit(kata, 12, 3, None, rng)
    nodes = asked.nodes()
    drawn = [frozenset(node.columns) for node in nodes]
    places = {tuple(node.rows): place for place, node in enumerate(nodes)}
    roots = [columns for node, columns in zip(nodes, drawn, strict=True) if len(node.rows) == 50]
    assert_equal(len(set(roots)) > 3, True, what="12 trees begin with more than 3 different draws")
    same = {"a node and one of its sides": [], "the two sides of a node": []}
    for node, columns in zip(nodes, drawn, strict=True):
        if node.question:
            feature, threshold = node.question
            sides = [[row for row in node.rows if (asked.X[row, feature] > threshold) == above] for above in (0, 1)]
            found = [drawn[places[tuple(side)]] for side in sides if tuple(side) in places]
            same["a node and one of its sides"] += [side == columns for side in found]
            same["the two sides of a node"] += [found[0] == found[1]] if len(found) == 2 else []
    # One in 56 would be expected.
    for pair, equal in same.items():
        assert_equal(np.mean(equal) < 0.5, True, what=f"{pair} seldom have the same columns")


def test_sides(kata, rng):
    """The rows of a node are split by the question, whose feature is a column of X_node. Each side is a node."""
    X, y = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]]), np.array([4, 4, 9])

    def best_split(X_node, _):
        return (0, 2.5) if X_node.min() < 2.5 < X_node.max() else None

    # Trees that draw feature 1 predict 4, 4, 9; the others 4, 4, 4. Some of 40 do either.
    votes = [kata.fit_forest(X, y, best_split, 1, 1, 3, np.random.default_rng(seed)) for seed in range(40)]
    answers = {tuple(np.asarray(kata.predict(forest, X)).tolist()) for forest in votes}
    assert_equal(answers == {(4, 4, 4), (4, 4, 9)}, True, what="only the drawn feature is asked about")
    for shape, n_trees, max_features, size in [((40, 4), 5, 2, None), ((30, 3), 4, 1, 25), ((30, 3), 3, 3, 30)]:
        asked = Asked(rng, *shape, smallest=6)
        asked.fit(kata, n_trees, max_features, size, rng)
        assert_equal(len(asked.trees(size or shape[0])), n_trees, what="the number of trees")


def test_votes(kata, rng):
    """The forest predicts the label that most trees predict, the smallest on a tie."""
    for n_trees in (1, 2, 3, 4, 9):
        asked = Asked(rng, 36, 3, smallest=12)
        forest = asked.fit(kata, n_trees, 2, None, rng)
        new = points(asked, rng)
        assert_equal(kata.predict(forest, new), elected(asked.trees(36), new))
    asked = Asked(rng, 30, 2, smallest=20)
    forest = asked.fit(kata, 6, 1, 24, rng)
    new = points(asked, rng)
    assert_equal(kata.predict(forest, new[::-1]), elected(asked.trees(24), new[::-1]))
    assert_equal(kata.predict(forest, new[3:4]), elected(asked.trees(24), new[3:4]))
    # About 530 votes against 70, more than a byte holds.
    y = np.repeat([5, 2], [89, 11])
    forest = kata.fit_forest(np.arange(100.0)[:, None], y, no_split, 600, 1, 1, np.random.default_rng(0))
    assert_equal(kata.predict(forest, np.array([[1.0]])), [5])


def test_grown_to_the_end(kata, rng):
    """Nodes are split until their labels are equal or best_split has no answer."""
    asked = Asked(rng, 30, 3)
    forest = asked.fit(kata, 3, 2, 30, rng)
    assert_equal(kata.predict(forest, asked.X), asked.y)
    # A sample of one row: each tree is a leaf.
    answers = [kata.predict(asked.fit(kata, 1, 2, 1, rng), asked.X[:5]).tolist() for _ in range(12)]
    assert_equal([len(set(labels)) for labels in answers], [1] * 12)
    assert_equal(len({labels[0] for labels in answers} - set(LABELS)), 0, what="labels that are none of y")
    # One class, a single row, and rows that best_split cannot part.
    for X, y in [(asked.X, np.full(30, -4)), (asked.X[:1], np.array([12]))]:
        forest = kata.fit_forest(X, y, asked.best_split, 3, 2, None, rng)
        assert_equal(kata.predict(forest, asked.X[:4]), np.full(4, y[0]))
    y = np.array([3, 8, 8, 3, 8])
    forest = kata.fit_forest(np.ones((5, 2)), y, asked.best_split, 3, 1, 5, rng)
    assert_equal(kata.predict(forest, asked.X[:4, :2]), np.full(4, 8))


def test_randomness_comes_from_rng(kata):
    """The same state of rng gives the same forest, and another state gives another."""
    records = []
    for seed in (1, 1, 2):
        asked = Asked(np.random.default_rng(0), 30, 6, smallest=10)
        asked.fit(kata, 3, 2, None, np.random.default_rng(seed))
        records.append([(node.rows, sorted(node.columns)) for node in asked.nodes()])
    assert_equal(records[0] == records[1], True, what="two forests from one state of rng are the same")
    assert_equal(records[0] == records[2], False, what="forests from two states of rng are the same")


@strict
def test_equal_labels(kata, rng):
    """best_split is not called for a node whose labels are all equal."""
    asked = Asked(rng, 30, 3)
    asked.fit(kata, 4, 2, None, rng)
    assert_equal(sum(len(set(y.tolist())) == 1 for _, y, _ in asked.calls), 0, what="calls for equal labels")


@strict
def test_out_of_range(kata, rng):
    """ValueError if max_features or max_samples is below 1, or above the number of features or samples."""
    asked = Asked(rng, 8, 3)
    for max_features, max_samples in [(0, None), (4, None), (-1, 8), (2, 0), (2, 9), (2, -1)]:
        with pytest.raises(ValueError):
            asked.fit(kata, 2, max_features, max_samples, rng)


def thirds(X, _):
    """Split the only column, whatever the labels: what a workload asks has to be the same each time."""
    values = np.unique(np.asarray(X)[:, 0])
    return (0, float(values[: len(values) // 3 + 2][-2:].mean())) if len(values) > 1 else None


def workload(kata, rng, n):
    """Forests of which nothing is random: all rows, all columns, of which the first is the only one that splits."""
    n = max(n, 4)
    X, y = np.round(rng.normal(size=(n, 1)), 1), rng.choice(LABELS, size=n)
    new = np.round(rng.normal(size=(n, 1)), 1)
    one = kata.fit_forest(X, y, thirds, 3, 1, n, rng)
    few = kata.fit_forest(X, y, lambda X, y: thirds(X, y) if len(y) > n // 2 else None, 2, 1, n, rng)
    return kata.predict(one, X), kata.predict(one, new), kata.predict(few, new)


SAMPLE = "rng.choice(n_samples, size=size, replace=max_samples is None)"
TREES = f"[grow({SAMPLE}) for _ in range(n_trees)]"
DRAW = "columns = rng.choice(n_features, size=max_features, replace=False)"
SPLIT = "split = best_split(X[np.ix_(rows, columns)], y[rows]) if len(labels) > 1 else None"
LEAF = "return labels[counts.argmax()]"
QUESTION = "feature, threshold = columns[split[0]], split[1]"
SIDES = "grow(rows[goes_left]), grow(rows[~goes_left])"
VOTES = "votes = np.array([_vote(tree, X) for tree in forest])"
GROW = "    def grow(rows: np.ndarray) -> object:\n"
WINNER = "return labels[counts.argmax(axis=0)]"
# What a leaf holds for each label is added up over the trees.
SUMS = (
    "leaves = [_vote(tree, X) for tree in forest]\n"
    "    labels = np.array(sorted({label for column in leaves for leaf in column for label in leaf}))\n"
    "    sums = [[sum(leaf.get(int(k), 0) for leaf in row) for row in zip(*leaves, strict=True)] for k in labels]\n"
    "    return labels[np.array(sums).round(9).argmax(axis=0)]"
)
MISTAKES = {
    "all rows for each tree": (SAMPLE, "np.arange(n_samples) if max_samples is None else " + SAMPLE),
    "a permutation for a bootstrap sample": (SAMPLE, SAMPLE.replace("max_samples is None", "False")),
    "one sample for all trees": (TREES, f"[grow(rows) for rows in [{SAMPLE}] * n_trees]"),
    "the rows that were drawn, each once": (SAMPLE, f"np.unique({SAMPLE})"),
    "rows of the second half never come": (SAMPLE, f"{SAMPLE} // (2 - (max_samples is not None))"),
    "max_samples with replacement": (SAMPLE, SAMPLE.replace("max_samples is None", "True")),
    "max_samples ignored": (SAMPLE, "rng.choice(n_samples, size=n_samples)"),
    "the first max_samples rows": (SAMPLE, f"{SAMPLE} if max_samples is None else np.arange(size)"),
    "features of the tree, not of the node": [
        (GROW, "    def grow(rows: np.ndarray, columns: np.ndarray) -> object:\n"),
        (DRAW, "pass"),
        (SIDES, "grow(rows[goes_left], columns), grow(rows[~goes_left], columns)"),
        (TREES, f"[grow({SAMPLE}, rng.choice(n_features, size=max_features, replace=False)) for _ in range(n_trees)]"),
    ],
    "features of the forest": [
        (DRAW, "pass"),
        (GROW, f"    {DRAW}\n\n{GROW}"),
    ],
    "both sides share their features": [
        (GROW, "    def grow(rows: np.ndarray, columns: np.ndarray) -> object:\n"),
        (DRAW, "following = rng.choice(n_features, size=max_features, replace=False)"),
        (SIDES, "grow(rows[goes_left], following), grow(rows[~goes_left], following)"),
        (TREES, f"[grow({SAMPLE}, rng.choice(n_features, size=max_features, replace=False)) for _ in range(n_trees)]"),
    ],
    "features with replacement": (DRAW, DRAW.replace("False", "True")),
    "the first features": (DRAW, "columns = np.arange(max_features)"),
    "all features": (DRAW, "columns = np.arange(n_features)"),
    "neighbouring features": (
        DRAW,
        "columns = rng.integers(n_features - max_features + 1) + np.arange(max_features)",
    ),
    "features from elsewhere than rng": (DRAW, DRAW.replace("rng.choice", "np.random.default_rng().choice")),
    "rows from elsewhere than rng": (SAMPLE, SAMPLE.replace("rng.choice", "np.random.default_rng().choice")),
    "the same draw in each node": (DRAW, DRAW.replace("rng.choice", "np.random.default_rng(0).choice")),
    "the feature is not looked up among the drawn ones": (QUESTION, "feature, threshold = split"),
    "the feature is looked up the wrong way round": (
        QUESTION,
        "feature, threshold = np.argsort(columns, kind='stable')[split[0]], split[1]",
    ),
    "labels of the whole data": (SPLIT, SPLIT.replace("y[rows])", "y[: len(rows)])")),
    "rows are not repeated": (
        SPLIT,
        SPLIT.replace(
            "best_split(X[np.ix_(rows, columns)], y[rows])",
            "best_split(X[np.ix_(np.unique(rows), columns)], y[np.unique(rows)])",
        ),
    ),
    "a new sample for each node": [
        (
            "labels, counts = np.unique(y[rows], return_counts=True)",
            "rows = rng.choice(rows, size=len(rows))\n        labels, counts = np.unique(y[rows], return_counts=True)",
        ),
    ],
    "trees of one split": [
        (GROW, GROW.replace("np.ndarray)", "np.ndarray, depth: int = 0)")),
        (SPLIT, SPLIT.replace("len(labels) > 1", "depth == 0 and len(labels) > 1")),
        (SIDES, "grow(rows[goes_left], 1), grow(rows[~goes_left], 1)"),
    ],
    "only the left side is split": (SIDES, "grow(rows[goes_left]), y[rows[~goes_left]].min()"),
    "a node of few rows is a leaf": (SPLIT, SPLIT.replace("len(labels) > 1", "len(labels) > 1 and len(rows) > 5")),
    "the sides are swapped": (SIDES, "*(grow(rows[goes_left]), grow(rows[~goes_left]))[::-1]"),
    "a sample at the threshold goes right": (
        "np.where(X[:, feature] <= threshold",
        "np.where(X[:, feature] < threshold",
    ),
    "a leaf predicts its mean": (LEAF, "return y[rows].mean()"),
    "a leaf predicts its rarest label": (LEAF, "return labels[counts.argmin()]"),
    "a leaf's tie goes to the largest label": (LEAF, "return labels[len(counts) - 1 - counts[::-1].argmax()]"),
    "a leaf counts each row once": (
        LEAF,
        LEAF.replace("counts.argmax()", "np.unique(y[np.unique(rows)], return_counts=True)[1].argmax()"),
    ),
    "the first tree alone": (VOTES, "votes = np.array([_vote(tree, X) for tree in forest[:1]])"),
    "the mean of the votes": (WINNER, "return votes.mean(axis=0)"),
    "the median of the votes": (WINNER, "return np.sort(votes, axis=0)[(len(votes) - 1) // 2]"),
    "a label needs more than half of the votes": (
        WINNER,
        "return np.where(2 * counts.max(axis=0) > len(votes), labels[counts.argmax(axis=0)], labels[0])",
    ),
    "a tie of votes goes to the largest label": (
        WINNER,
        "return labels[len(labels) - 1 - counts[::-1].argmax(axis=0)]",
    ),
    "a tie of votes goes to the first tree": (
        WINNER,
        "return np.array([max(column.tolist(), key=column.tolist().count) for column in votes.T])",
    ),
    "one winner for all rows": (WINNER, "return np.full(len(X), labels[counts.sum(axis=1).argmax()])"),
    "leaves add up their counts": [
        (LEAF, "return {int(label): int(count) for label, count in zip(labels, counts, strict=True)}"),
        (VOTES, SUMS),
    ],
    "leaves add up their shares": [
        (LEAF, "return {int(label): count / len(rows) for label, count in zip(labels, counts, strict=True)}"),
        (VOTES, SUMS),
    ],
    "one tree too few": (TREES, TREES.replace("range(n_trees)", "range(max(n_trees - 1, 1))")),
}
STRICT_MISTAKES = {
    "equal labels are split as well": [(SPLIT, SPLIT.replace("len(labels) > 1", "len(rows) > 1"))],
    "no column at all": ("1 <= max_features <=", "0 <= max_features <="),
    "a max_samples of 0 means all": (
        "if max_samples is None else max_samples\n",
        "if not max_samples else max_samples\n",
    ),
}
