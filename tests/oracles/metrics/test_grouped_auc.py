"""`grouped_auc` beside scikit-learn's roc_auc_score of each group."""

import numpy as np
import pytest
from sklearn import metrics

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-15}


def expected(y_true, y_score, groups):
    found = []
    for group in np.unique(groups):
        rows = groups == group
        if len(np.unique(y_true[rows])) == 2:
            found.append((metrics.roc_auc_score(y_true[rows], y_score[rows]), rows.sum()))
    areas, weights = zip(*found, strict=True)
    return np.average(areas, weights=weights)


def draw(rng, n, n_groups):
    """Return labels and groups, of which at least one has both classes."""
    y_true, groups = (rng.random(n) < rng.choice([0.1, 0.5, 0.9])).astype(int), rng.integers(-3, n_groups, size=n)
    y_true[:2], groups[:2] = [0, 1], 0
    return y_true, groups


def clicks(seed):
    """Return labels, the users' part and the items' part of the score, and users, as the follow-ups say."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(2000), 20)
    bias, item = rng.normal(-1, 1.5, size=2000)[user], rng.normal(size=40_000)
    y_true = rng.random(40_000) < 1 / (1 + np.exp(-bias - item / 2))
    return y_true.astype(int), bias, item, user


def test_random(reference, rng):
    for _ in range(60):
        n = int(rng.integers(2, 80))
        y_true, groups = draw(rng, n, int(rng.integers(1, 15)))
        y_score = rng.normal(scale=10.0 ** rng.integers(-20, 20), size=n)
        for scores in (y_score, rng.choice(y_score, size=n), np.zeros(n)):
            ours = reference.grouped_auc(y_true, scores, groups)
            np.testing.assert_allclose(ours, expected(y_true, scores, groups), **CLOSE)


@pytest.mark.parametrize("score_kind", [np.uint8, np.int8, np.int64, np.float32])
@pytest.mark.parametrize("label_kind", [bool, np.uint8, np.float64])
def test_kinds(reference, rng, score_kind, label_kind):
    y_true, groups = draw(rng, 60, 5)
    y_score = rng.integers(0, 20, size=60)
    ours = reference.grouped_auc(y_true.astype(label_kind), y_score.astype(score_kind), groups.astype(str))
    np.testing.assert_allclose(ours, expected(y_true, y_score, groups), **CLOSE)


@pytest.mark.parametrize(
    ("y_true", "y_score", "groups"),
    [
        ([0, 1], [0.5, 0.5], [3, 3]),
        ([1, 0, 1, 0], [8e307, -8e307, -8e307, 8e307], [1, 1, 2, 2]),
        ([1, 0, 1, 0], [0.0, -0.0, 5e-324, 0.0], [1, 1, 2, 2]),
        ([1, 1, 0, 0, 1], [0.5, 0.1, 0.2, 0.3, 0.4], [9, 8, 7, 6, 6]),
        ([1, 0, 0, 1, 1, 0], [2.0, 3.0, 1.0, 0.5, 9.0, 0.4], [8, 8, 8, 5, 3, 5]),
    ],
)
def test_edges(reference, y_true, y_score, groups):
    case = np.array(y_true), np.array(y_score), np.array(groups)
    np.testing.assert_allclose(reference.grouped_auc(*case), expected(*case), **CLOSE)


@pytest.mark.parametrize(
    ("y_true", "y_score", "groups"),
    [
        ([], [], []),
        ([0, 1], [0.1, 0.2], [1, 2]),
        ([1, 1], [0.1, 0.2], [1, 1]),
        ([0, 1], [0.1, 0.2], [1]),
        ([0, 1, 1], [0.1, 0.2], [1, 1]),
        ([0, 1, 2], [0.1, 0.2, 0.3], [1, 1, 1]),
        ([0, 1, 1], [0.1, 0.2, np.nan], [1, 1, 1]),
        ([0, 1, 1], [0.1, 0.2, -np.inf], [1, 1, 2]),
    ],
)
def test_bad_input(reference, y_true, y_score, groups):
    with pytest.raises(ValueError, match=r"group|label|score"):
        reference.grouped_auc(np.array(y_true), np.array(y_score), np.array(groups))


def test_claims_of_curves(reference):
    """The numbers of the first two follow-ups."""
    for seed in range(20):
        y_true, bias, item, user = clicks(seed)
        both, times = bias + item / 2, np.where(y_true == 1, 1, 10)
        more = np.repeat(y_true, times), np.repeat(both, times)
        np.testing.assert_allclose(metrics.roc_auc_score(*more), metrics.roc_auc_score(y_true, both), rtol=1e-9)
        assert 0.69 < metrics.average_precision_score(y_true, both) < 0.72
        assert 0.23 < metrics.average_precision_score(*more) < 0.28
        assert 0.59 < metrics.roc_auc_score(y_true, item) < 0.61
        assert 0.81 < metrics.roc_auc_score(y_true, both) < 0.83
        assert 0.79 < metrics.roc_auc_score(y_true, bias) < 0.82
        grouped = [reference.grouped_auc(y_true, score, user) for score in (item, both, bias)]
        assert 0.62 < grouped[0] < 0.66
        np.testing.assert_allclose(grouped, [grouped[0], grouped[0], 0.5], rtol=1e-9)


def test_claims_of_weights(reference):
    """The numbers of the third follow-up."""
    y_true, groups = np.append(np.arange(100) % 2, [1, 0]), np.append(np.zeros(100), [1, 1])
    case = y_true, np.append(np.zeros(100), [1, 0]), groups
    assert reference.grouped_auc(*case) == pytest.approx(0.51, abs=5e-4)
    assert np.mean([reference.grouped_auc(*(each[groups == g] for each in case)) for g in (0, 1)]) == 0.75


def test_claims_of_users(reference):
    """The numbers of the last two follow-ups."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        clicked = rng.random((20_000, 10)) < 0.05
        assert 0.59 < np.mean(clicked.all(axis=1) | ~clicked.any(axis=1)) < 0.61
        y_true = (rng.random(2000) < 0.3).astype(int)
        assert 0.73 < reference.grouped_auc(y_true, y_true + rng.normal(size=2000), np.repeat(np.arange(500), 4)) < 0.80
        y_true, _, item, user = clicks(seed)
        for score, low, high in [(item, 0.625, 0.66), (item.round(), 0.61, 0.64), (np.sign(item), 0.58, 0.61)]:
            assert low < reference.grouped_auc(y_true, score, user) < high


def peers(reference, rng):
    """Yield many rows of many groups."""
    y_true, groups = draw(rng, 20_000, 500)
    y_score = rng.normal(size=20_000)
    yield Peer(
        "20,000 rows, 503 groups",
        "roc_auc_score of each group",
        lambda: reference.grouped_auc(y_true, y_score, groups),
        lambda: expected(y_true, y_score, groups),
    )
