import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel, Points
from katagrad.testing import assert_close, strict


def fit_first(X, y):  # noqa: ARG001 - it learns nothing
    """Score a row by its first feature."""
    return lambda X: np.array(X[:, 0], dtype=float)


def fit_code(X, y):
    """Score a row by a whole number that depends on it and on every training row, with its label."""
    code = sum(7919 * (int(number) + 1) ** 3 * (int(label) + 2) for number, label in zip(X[:, 0], y, strict=True))
    return lambda X: np.array([(code + 271 * int(number) ** 2) % 999_983 + 0.0 for number in X[:, 0]])


def fit_share(X, y):  # noqa: ARG001 - it looks at no feature
    """Score every row by the share of current in training."""
    share = float(np.mean(y))
    return lambda X: np.full(len(X), share)


def fit_memory(X, y):
    """Score a row by its label if it was a training row, and by 1/2 if not."""
    known = {tuple(row): float(label) for row, label in zip(X.tolist(), y.tolist(), strict=True)}
    return lambda X: np.array([known.get(tuple(row), 0.5) for row in X.tolist()])


def fit_means(X, y):
    """Score a row along the difference of the two means."""
    direction = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
    return lambda X: X @ direction


REFERENCE, CURRENT = np.array([[1.0], [2.0], [5.0]]), np.array([[3.0], [4.0], [5.0]])


@pytest.fixture
def data(rng):
    """Seven reference rows and nine current rows, numbered in random order, and folds of unequal sizes."""
    numbers = rng.permutation(16)
    rows = np.column_stack([numbers, rng.normal(size=16)])
    folds = np.concatenate(
        [rng.permutation([4, 4, 4, 4, -7, -7, 90]), rng.permutation([4, -7, -7, 90, 90, 90, 90, 90, 4])]
    )
    return rows[:7], rows[7:], folds


def scored(fit, reference, current, folds):
    """Return the score of each stacked row by the definition, one model a row."""
    X, y, scores = np.vstack([reference, current]), np.array([0] * len(reference) + [1] * len(current)), []
    for row, fold in zip(X, folds, strict=True):
        others = [i for i in range(len(X)) if folds[i] != fold]
        scores.append(fit(X[others], y[others])(row[None])[0])
    return scores


def area(old, new):
    """Return the AUC by counting pairs."""
    return sum((b > a) + (b == a) / 2 for a in old for b in new) / (len(old) * len(new))


def mean_area(fit, reference, current, folds):
    scores, n = np.array(scored(fit, reference, current, folds)), len(reference)
    return np.mean([area(scores[:n][folds[:n] == fold], scores[n:][folds[n:] == fold]) for fold in set(folds.tolist())])


def test_scores(kata, data):
    """A score comes from a model of all rows of the other folds, labelled 0 for reference and 1 for current."""

    def fit(X, y):
        mean = float(X[y == 1].mean())
        return lambda X: X[:, 0] + 100 * mean

    scores = kata.domain_scores(fit, np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]]), np.array([7, 5, 5, 7]))
    assert_close(scores, [301.0, 402.0, 403.0, 304.0])
    assert_close(kata.domain_scores(fit_code, *data), scored(fit_code, *data))
    assert_close(kata.domain_scores(fit_means, *data), scored(fit_means, *data))
    assert_close(kata.domain_scores(fit_memory, *data), np.full(16, 0.5))
    assert_close(kata.domain_scores(fit_share, *data), scored(fit_share, *data))


def test_auc(kata, data):
    """The AUC is the share of pairs in which the current row has the higher score, fold by fold."""
    # Fold 0 has the rows 1, 2 and 3. Fold 1 has 5 against 4 and 5.
    assert_close(kata.domain_auc(fit_first, REFERENCE, CURRENT, np.array([0, 0, 1, 0, 1, 1])), 0.625)
    assert_close(kata.domain_auc(fit_first, CURRENT, REFERENCE, np.array([0, 1, 1, 0, 0, 1])), 0.375)
    for fit in (fit_first, fit_code, fit_means):
        assert_close(kata.domain_auc(fit, *data), mean_area(fit, *data))
    reference, current, folds = data
    assert_close(kata.domain_auc(fit_code, reference[:, :1], current[:, :1], folds), mean_area(fit_code, *data))


def test_mean_over_folds(kata):
    """All folds count the same, and scores of different folds are not compared."""
    # Fold 0: four pairs, AUC 1. Fold 1: one pair, AUC 0. Fold 2: two pairs, AUC 1.
    reference, current = np.array([[1.0], [2.0], [9.0], [14.0]]), np.array([[3.0], [4.0], [8.0], [15.0], [25.0]])
    folds = np.array([0, 0, 1, 2, 0, 0, 1, 2, 2])
    assert_close(kata.domain_auc(fit_first, reference, current, folds), 2 / 3)
    # A model that only knows the share of current in training has ties in each fold. Its shares are 2/4, 4/6 and 4/8.
    assert_close(kata.domain_auc(fit_share, reference, current, folds), 0.5)
    assert_close(kata.domain_auc(fit_memory, reference, current, folds), 0.5)


def test_below_one_half(kata):
    """An AUC below 1/2 stays as it is, down to 0."""
    reference, current = np.array([[5.0], [6.0], [7.0], [8.0]]), np.array([[1.0], [2.0], [6.5]])
    assert_close(kata.domain_auc(fit_first, reference, current, np.array([3, 1, 3, 1, 3, 1, 1])), (0 + 1 / 4) / 2)
    assert_close(kata.domain_auc(fit_first, reference, current[:2], np.array([3, 1, 3, 1, 3, 1])), 0.0)


def test_ties(kata):
    """A tied pair counts 1/2. Scores that are close are no tie."""
    folds = np.array([0, 0, 1, 0, 1, 1])
    assert_close(kata.domain_auc(fit_first, np.ones((3, 1)), np.ones((3, 1)), folds), 0.5)
    assert_close(
        kata.domain_auc(fit_first, np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [3.0], [4.0]]), folds), 0.75
    )
    for large, small in [(1.0, 1e-6), (0.0, 1e-6), (1e6, 0.1), (-1e6, 0.1)]:
        low, high = np.full((3, 1), large), np.full((3, 1), large + small)
        assert_close(kata.domain_auc(fit_first, low, high, folds), 1.0)
        assert_close(kata.domain_auc(fit_first, high, low, folds), 0.0)


def test_bad_folds(kata):
    """A single fold, and a fold without a row of one domain, raise ValueError."""
    for folds in (
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 1, 1, 1],
        [0, 1, 0, 0, 1, 2],
        [2, 1, 0, 0, 1, 1],
    ):
        for function in (kata.domain_auc, kata.domain_scores):
            with pytest.raises(ValueError):
                function(fit_first, REFERENCE, CURRENT, np.array(folds))


def defined(probs, share, clip):
    """Return the weights by the definition."""
    ratios = [min(clip, p * (1 - share) / ((1 - p) * share)) if p < 1 else clip for p in probs]
    return np.array(ratios) * len(ratios) / sum(ratios)


def test_weights(kata, rng):
    """The ratio is p / (1 - p), divided by the odds of current in training. Weights have a mean of 1."""
    # The ratios are 1/4, 1 and 4 with a share of 0.8, and 1, 4 and 16 with 0.5.
    probs = np.array([0.5, 0.8, 16 / 17])
    assert_close(kata.importance_weights(probs, 0.8), np.array([0.25, 1.0, 4.0]) / 1.75)
    assert_close(kata.importance_weights(probs, 0.5, clip=100.0), np.array([1.0, 4.0, 16.0]) / 7)
    assert_close(kata.importance_weights(np.array([0.3]), 0.5), [1.0])
    probs = rng.uniform(0.05, 0.95, size=12)
    for share, clip in [(0.3, 1e6), (0.7, 1e6), (0.5, 1.5), (0.9, 0.2), (0.05, 20.0)]:
        assert_close(kata.importance_weights(probs, share, clip), defined(probs, share, clip))


def test_clip(kata):
    """Ratios are clipped before they are divided by their mean. The default is 10, and a ratio at clip stays."""
    # The ratios are 1/4, 1 and infinite.
    assert_close(kata.importance_weights(np.array([0.5, 0.8, 1.0]), 0.8, clip=2.5), [0.2, 0.8, 2.0])
    # With a share of 1/3 they are 2, 8 and 32.
    probs = np.array([0.5, 0.8, 16 / 17])
    assert_close(kata.importance_weights(probs, 1 / 3), np.array([2.0, 8.0, 10.0]) * 3 / 20)
    assert_close(kata.importance_weights(probs, 1 / 3, 8.0), np.array([2.0, 8.0, 8.0]) / 6)
    assert_close(kata.importance_weights(probs, 1 / 3, 1.0), [1.0, 1.0, 1.0])
    assert_close(kata.importance_weights(probs, 1 / 3, 0.125), [1.0, 1.0, 1.0])
    assert_close(kata.importance_weights(np.ones(3), 0.25), [1.0, 1.0, 1.0])
    # Only with the share is the first one clipped.
    assert_close(kata.importance_weights(np.array([0.75, 0.5]), 0.25, clip=4.0), np.array([4.0, 3.0]) / 3.5)


def test_extreme_probabilities(kata):
    """A row of p = 0 has the weight 0, and small probabilities count as they are."""
    assert_close(kata.importance_weights(np.array([0.0, 0.5, 0.75]), 0.5), [0.0, 0.75, 2.25], atol=0.0)
    assert_close(kata.importance_weights(np.array([0.0, 1.0]), 0.5), [0.0, 2.0], atol=0.0)
    assert_close(kata.importance_weights(np.array([0.0, 0.0, 1e-6]), 0.5), [0.0, 0.0, 3.0], atol=0.0)
    probs = np.array([1e-6, 2e-6, 5e-6, 1e-4])
    for share in (0.5, 1e-6, 1 - 2.0**-20):
        assert_close(kata.importance_weights(probs, share, 1e6), defined(probs, share, 1e6), atol=0.0)
    probs = 1 - 2.0 ** -np.array([20.0, 19.0, 10.0, 1.0])
    assert_close(kata.importance_weights(probs, 0.5, 1e6), defined(probs, 0.5, 1e6), atol=0.0)


@strict
def test_length_of_folds(kata):
    """Folds of another length raise ValueError."""
    for folds in ([0, 1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0], [0, 1], []):
        for function in (kata.domain_auc, kata.domain_scores):
            with pytest.raises(ValueError):
                function(fit_first, REFERENCE, CURRENT, np.array(folds, dtype=int))


@strict
def test_bad_weights(kata):
    """A bad probability, share or clip, and ratios that are all 0, raise ValueError."""
    good = np.array([0.25, 0.5])
    for bad in (-0.25, 1.5, np.nan):
        with pytest.raises(ValueError):
            kata.importance_weights(np.array([0.5, bad]), 0.5)
    for share in (0.0, 1.0, -0.5, 1.5, 2.0, np.nan):
        with pytest.raises(ValueError):
            kata.importance_weights(good, share)
        with pytest.raises(ValueError):
            kata.importance_weights(np.array([0.5, 1.0]), share)
    for clip in (0.0, -0.5, -1.0, np.nan):
        with pytest.raises(ValueError):
            kata.importance_weights(good, 0.5, clip)
    with pytest.raises(ValueError):
        kata.importance_weights(np.zeros(3), 0.5)


@strict
def test_integers(kata):
    """Rows, folds and probabilities may be integers of any type."""
    for kind in (np.int8, np.uint8, np.int64):
        folds = np.array([200, 200, 100, 200, 100, 100]).astype(kind)
        assert_close(kata.domain_auc(fit_first, REFERENCE.astype(kind), CURRENT.astype(kind), folds), 0.625)
        assert_close(kata.importance_weights(np.array([0, 1, 1, 0], dtype=kind), 0.5), [0.0, 2.0, 2.0, 0.0])


def workload(kata, rng, n):
    """Three features, one of which has moved, and probabilities with a few at the ends."""
    reference, current = rng.normal(size=(n + 4, 3)).round(1), rng.normal([0.7, 0, 0], size=(n + 2, 3)).round(1)
    folds = np.append(np.arange(n + 4) % 3, rng.permutation(n + 2) % 3)
    probs = rng.uniform(size=n + 3)
    probs[:3] = 0.0, 1.0, 0.5
    return (
        kata.domain_scores(fit_means, reference, current, folds),
        kata.domain_auc(fit_means, reference, current, folds),
        kata.importance_weights(probs, 0.4, 3.0),
    )


def picture(kata, rng):
    def fit(X, y):
        first, last = X[y == 0], X[y == 1]
        return lambda X: X @ (last.mean(axis=0) - first.mean(axis=0))

    shifts, n = np.linspace(0, 2, 9), 60
    reference = rng.normal(size=(n, 4))
    folds = np.tile(np.arange(n) % 5, 2)
    held_out, seen = [], []
    for shift in shifts:
        current = rng.normal(size=(n, 4)) + np.array([shift, 0, 0, 0])
        held_out.append(kata.domain_auc(fit, reference, current, folds))
        scores = fit(np.vstack([reference, current]), np.repeat([0, 1], n))(np.vstack([reference, current]))
        seen.append((scores[n:] > scores[:n, None]).mean())
    x = np.linspace(-3, 3, 61)
    probs = 1 / (1 + np.exp(1 - 2 * x[:, None]) * np.array([0.25, 1.0]))
    return [
        Panel(
            "AUC by the shift of one feature of four",
            "shift in standard deviations",
            "AUC",
            [
                Points(shifts, held_out, "cross-fitted", large=True),
                Line(shifts, seen, "on the training rows", faint=True),
            ],
            note="Without a shift, the AUC on the training rows is above 1/2 all the same.",
        ),
        Panel(
            "Weights of reference rows",
            "x",
            "weight",
            [
                Line(x, kata.importance_weights(probs[:, 1], 0.5, 10.0), "share 0.5, clip 10"),
                Line(x, kata.importance_weights(probs[:, 1], 0.5, 3.0), "share 0.5, clip 3"),
                Line(x, kata.importance_weights(probs[:, 0], 0.8, 3.0), "share 0.8, clip 3", faint=True),
                Mark(1.0, "weight 1", level=True),
            ],
            note="Current rows are at larger x. If the share is taken into account, it does not change the weights.",
        ),
    ]


FITTED = "scores[test] = fit(X[~test], y[~test])(X[test])"
AREA = "areas.append(((new > old) + 0.5 * (new == old)).mean())"
MEAN = "return float(np.mean(areas))"
RATIOS = "ratios = np.minimum(odds * (1 - current_share) / current_share, clip)"
NORMAL = "return ratios / ratios.mean()"
MISTAKES = {
    "trained on all rows": (FITTED, "scores[test] = fit(X, y)(X[test])"),
    "trained on the fold itself": (FITTED, "scores[test] = fit(X[test], y[test])(X[test])"),
    "trained on the next fold alone": (
        FITTED,
        (
            "part = folds == [*folds[folds > fold], folds.min()][0]\n"
            "        scores[test] = fit(X[part], y[part])(X[test])"
        ),
    ),
    "the reference is labelled 1": ("np.repeat([0, 1], [", "np.repeat([1, 0], ["),
    "labels of -1 and 1": ("np.repeat([0, 1], [", "np.repeat([-1, 1], ["),
    "scores in the order of the folds": (
        "    return scores\n\n\ndef domain_auc",
        "    return np.concatenate([scores[folds == fold] for fold in np.unique(folds)])\n\n\ndef domain_auc",
    ),
    "ranks for scores": (
        "    return scores\n\n\ndef domain_auc",
        "    return scores.argsort().argsort() / 1.0\n\n\ndef domain_auc",
    ),
    "all folds pooled": (
        MEAN,
        "return float(((scores[n:] > scores[:n, None]) + 0.5 * (scores[n:] == scores[:n, None])).mean())",
    ),
    "folds weighted by their pairs": (
        MEAN,
        (
            "pairs = [(folds[:n] == fold).sum() * (folds[n:] == fold).sum() for fold in np.unique(folds)]\n"
            "    return float(np.average(areas, weights=pairs))"
        ),
    ),
    "folds weighted by their rows": (
        MEAN,
        "return float(np.average(areas, weights=np.unique(folds, return_counts=True)[1]))",
    ),
    "the median of the folds": (MEAN, "return float(np.median(areas))"),
    "the best fold": (MEAN, "return float(np.max(areas))"),
    "ties count 0": (AREA, "areas.append((new > old).mean())"),
    "ties count 1": (AREA, "areas.append((new >= old).mean())"),
    "close scores are ties": (
        AREA,
        "areas.append(np.where(np.isclose(new, old), 0.5, new > old).mean())",
    ),
    "the AUC of the reference": (AREA, "areas.append(((new < old) + 0.5 * (new == old)).mean())"),
    "never below one half": (MEAN, "return float(max(np.mean(areas), 1 - np.mean(areas)))"),
    "each fold never below one half": (MEAN, "return float(np.mean(np.maximum(areas, 1 - np.array(areas))))"),
    "a single fold passes": ("if len(numbers) < 2:", "if len(numbers) < 1:"),
    "folds without reference pass": (
        "not np.array_equal(np.unique(folds[y == 0]), np.unique(folds[y == 1]))",
        "len(np.unique(folds[y == 1])) < len(numbers)",
    ),
    "folds without current pass": (
        "not np.array_equal(np.unique(folds[y == 0]), np.unique(folds[y == 1]))",
        "len(np.unique(folds[y == 0])) < len(numbers)",
    ),
    "the share left out": (RATIOS, "ratios = np.minimum(odds, clip)"),
    "the share upside down": (RATIOS, "ratios = np.minimum(odds * current_share / (1 - current_share), clip)"),
    "the share without odds": (RATIOS, "ratios = np.minimum(odds / current_share, clip)"),
    "the ratio upside down": ("odds = probs / (1 - probs)", "odds = (1 - probs) / probs"),
    "the probability as weight": (RATIOS, "ratios = np.minimum(probs * (1 - current_share) / current_share, clip)"),
    "not clipped": (RATIOS, "ratios = np.minimum(odds * (1 - current_share) / current_share, 1e300)"),
    "clipped last": (
        NORMAL,
        (
            "ratios = np.minimum(odds, 1e9) * (1 - current_share) / current_share\n"
            "    return np.minimum(ratios / ratios.mean(), clip)"
        ),
    ),
    "the odds are clipped": (RATIOS, "ratios = np.minimum(odds, clip) * (1 - current_share) / current_share"),
    "ratios above clip are 0": (
        RATIOS,
        "ratios = odds * (1 - current_share) / current_share\n    ratios = np.where(ratios <= clip, ratios, 0)",
    ),
    "clipped from below, too": (RATIOS, RATIOS + "\n    ratios = np.maximum(ratios, 1 / clip)"),
    "probabilities kept off 0 and 1": (
        "        odds = probs",
        "        probs = np.clip(probs, 1e-3, 1 - 1e-3)\n        odds = probs",
    ),
    "weights that add up to 1": (NORMAL, "return ratios / ratios.sum()"),
    "divided by the largest": (NORMAL, "return ratios / ratios.max()"),
    "not divided": (NORMAL, "return ratios / 1.0"),
}

STRICT_MISTAKES = {
    "folds of another length": ("if len(folds) != len(y):", "if False:"),
    "any probability passes": ("if not ((probs >= 0) & (probs <= 1)).all():", "if False:"),
    "any share passes": ("if not 0 < current_share < 1:", "if False:"),
    "any clip passes": ("if not clip > 0:", "if False:"),
    "ratios that are all 0 give NaN": ("if not ratios.any():", "if False:"),
}
