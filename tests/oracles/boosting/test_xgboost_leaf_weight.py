"""`xgboost_leaf_weight` beside XGBoost itself: leaf weights, Hessian sums and gains, read from dumped trees."""

import json

import numpy as np
import pytest
import xgboost
from scipy import special

# XGBoost takes gradients and gives leaf weights and statistics in single precision, whose eps is 1.2e-7. The sums are
# formed in double precision, so with inputs that single precision holds exactly only the results are rounded.
SINGLE = {"rtol": 1e-6, "atol": 1e-9}
# A gain is a difference of scores, all of them in single precision.
GAIN = {"rtol": 1e-5, "atol": 1e-4}
GRID = 64


def train(rows, settings, objective=None):
    """Boost once, with neither a learning rate nor min_child_weight in the way; return the booster and its tree."""
    fixed = {"learning_rate": 1.0, "min_child_weight": 0.0, "base_score": 0.5, "nthread": 1, "tree_method": "hist"}
    booster = xgboost.train(fixed | settings, rows, 1, obj=objective)
    return booster, json.loads(booster.get_dump(with_stats=True, dump_format="json")[0])


def train_on(grad, hess, settings):
    """Boost once on given derivatives: the trained tree has a feature that tells all rows apart."""
    rows = xgboost.DMatrix(np.arange(float(len(grad)))[:, None])
    booster, tree = train(rows, settings, lambda _margin, _rows: (grad.astype(np.float32), hess.astype(np.float32)))
    return tree, booster.predict(rows, pred_leaf=True).astype(int).ravel()


def nodes(tree):
    yield tree
    for child in tree.get("children", []):
        yield from nodes(child)


def draw_derivatives(rng):
    n = int(rng.integers(2, 60))
    return rng.integers(-5 * GRID, 5 * GRID, size=n) / GRID, rng.integers(1, 2 * GRID, size=n) / GRID


def draw_penalties(rng):
    penalties = rng.integers(1, 2 * GRID, size=3) / GRID * (rng.random(3) < 0.7)
    return dict(zip(("reg_lambda", "reg_alpha", "max_delta_step"), penalties.tolist(), strict=True))


def sums_by_leaf(tree, leaf_of_row, *values):
    leaves = [node["nodeid"] for node in nodes(tree) if "leaf" in node]
    return [np.array([v[leaf_of_row == leaf].sum() for leaf in leaves]) for v in values]


def test_leaves_of_trained_trees(reference, rng):
    for max_depth in (1, 2, 3) * 20:
        penalties, (grad, hess) = draw_penalties(rng), draw_derivatives(rng)
        tree, leaf_of_row = train_on(grad, hess, {"max_depth": max_depth, **penalties})
        grad_sum, hess_sum = sums_by_leaf(tree, leaf_of_row, grad, hess)
        leaves = [node for node in nodes(tree) if "leaf" in node]
        np.testing.assert_allclose(hess_sum, [leaf["cover"] for leaf in leaves], **SINGLE)
        weight = reference.leaf_weight(grad_sum, hess_sum, **penalties)
        np.testing.assert_allclose(weight, [leaf["leaf"] for leaf in leaves], **SINGLE)


def test_scores_of_trained_trees(reference, rng):
    """XGBoost reports twice what a split takes off the score. It prunes by gamma, but does not take it off the gain."""
    for _ in range(60):
        penalties, (grad, hess) = draw_penalties(rng), draw_derivatives(rng)
        # Given both, XGBoost's gain leaves the |w| term out, which its weights take into account.
        penalties[rng.choice(["reg_alpha", "max_delta_step"])] = 0.0
        tree, leaf_of_row = train_on(grad, hess, {"max_depth": 1, **penalties})
        if "leaf" not in tree:
            leaves = sums_by_leaf(tree, leaf_of_row, grad, hess)
            split = reference.structure_score(*leaves, **penalties)
            whole = reference.structure_score(*(values.sum(keepdims=True) for values in leaves), **penalties)
            np.testing.assert_allclose(2 * (whole - split), tree["gain"], **GAIN)


@pytest.mark.parametrize(
    ("grad", "hess"),
    [
        ([1.0], [0.0]),
        ([1.0], [-0.5]),
        ([-1.0], [-3.0]),
        ([1.0, 2.0, 3.0], [0.5, -1.0, 0.2]),
        ([1.0, 2.0, 3.0], [0.5, -0.5, 0.0]),
        ([1.0, 2.0, 3.0], [0.5, -0.25, 0.0]),
        ([2.0, 1.0], [1e-6, 0.0]),
        ([1.5, -1.5], [1.0, 1.0]),
        ([0.5, 0.75], [1.0, 1.0]),
        ([1.25], [1.0]),
        ([9.0], [0.5]),
        ([-9.0], [0.5]),
    ],
)
@pytest.mark.parametrize("reg_alpha", [0.0, 1.25])
@pytest.mark.parametrize("max_delta_step", [0.0, 0.75])
def test_one_leaf(reference, grad, hess, reg_alpha, max_delta_step):
    """Sums without curvature, weights at 0 and weights at a bound."""
    rows, derivatives = xgboost.DMatrix(np.ones((len(grad), 1))), (np.float32(grad), np.float32(hess))
    for reg_lambda in (0.0, 1.0, 4.0):
        penalties = {"reg_lambda": reg_lambda, "reg_alpha": reg_alpha, "max_delta_step": max_delta_step}
        _, tree = train(rows, penalties, lambda _margin, _rows: derivatives)
        weight = reference.leaf_weight(np.array([sum(grad)]), np.array([sum(hess)]), **penalties)
        np.testing.assert_allclose(weight, [tree["leaf"]], **SINGLE)


def logistic_leaf(y, margin, reg_lambda):
    rows = xgboost.DMatrix(np.ones((1, 1)), label=[y], base_margin=[margin])
    return train(rows, {"objective": "binary:logistic", "reg_lambda": reg_lambda})[1]


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
@pytest.mark.parametrize("margin", [-1000.0, -30.0, -9.0, -2.5, -0.5, 0.0, 0.5, 2.5, 9.0, 30.0, 1000.0])
def test_logistic(reference, y, margin):
    """A leaf of one row reveals its hess as the cover, and its grad by a weight of -grad / (hess + 1)."""
    leaf = logistic_leaf(y, margin, 1.0)
    grad, hess = reference.logistic_grad_hess(np.array([y]), np.array([margin]))
    # 1 - p cancels in XGBoost's single precision, and it has a floor of 1e-16 for hess.
    np.testing.assert_allclose(hess, [leaf["cover"]], rtol=1e-6, atol=2e-7)
    np.testing.assert_allclose(grad, [-leaf["leaf"] * (leaf["cover"] + 1)], rtol=1e-6, atol=2e-7)


def test_logistic_in_double_precision(reference, rng):
    margin = np.append(rng.normal(scale=200.0, size=500).clip(-700.0, 700.0), [-1e3, 1e3, -700.0, 700.0, 0.0])
    p, rest = special.expit(margin), special.expit(-margin)
    for y, expected in [(0.0, p), (1.0, -rest)]:
        grad, hess = reference.logistic_grad_hess(np.full(len(margin), y), margin)
        np.testing.assert_allclose(grad, expected, rtol=1e-9)
        np.testing.assert_allclose(hess, p * rest, rtol=1e-9)


def test_logistic_trees(reference, rng):
    for _ in range(40):
        n, reg_lambda = int(rng.integers(2, 60)), float(rng.integers(1, 2 * GRID) / GRID)
        y, margin = rng.integers(0, 2, size=n), rng.normal(scale=2.0, size=n)
        rows = xgboost.DMatrix(rng.normal(size=(n, 2)), label=y, base_margin=margin)
        booster, tree = train(rows, {"objective": "binary:logistic", "max_depth": 2, "reg_lambda": reg_lambda})
        leaf_of_row = booster.predict(rows, pred_leaf=True).astype(int).ravel()
        sums = sums_by_leaf(tree, leaf_of_row, *reference.logistic_grad_hess(y, margin))
        leaves = [node["leaf"] for node in nodes(tree) if "leaf" in node]
        # Here XGBoost makes each gradient in single precision, and what cancels in the sum of a leaf is left over.
        atol = 1e-5 / min(sums[1] + reg_lambda)
        np.testing.assert_allclose(reference.leaf_weight(*sums, reg_lambda), leaves, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("y", [-1.0, 1.1, 2.0])
def test_labels_that_both_refuse(reference, y):
    with pytest.raises(xgboost.core.XGBoostError):
        logistic_leaf(y, 0.0, 1.0)
    with pytest.raises(ValueError):
        reference.logistic_grad_hess(np.array([y]), np.array([0.0]))


def newton(reference, y, margin, reg_lambda=0.0, weight=1.0, **penalties):
    grad, hess = reference.logistic_grad_hess(y, margin)
    sums = [np.array([(weight * values).sum()]) for values in (grad, hess)]
    return reference.leaf_weight(*sums, reg_lambda, **penalties)[0]


def test_claims(reference):
    """The numbers of the follow-ups."""
    y, margin, steps = np.append(np.ones(99), 0.0), 0.0, 0
    assert newton(reference, y, np.zeros(100)) == pytest.approx(1.96)
    while abs(margin - np.log(99)) > 5e-3:
        margin, steps = margin + newton(reference, y, np.full(100, margin)), steps + 1
    assert steps in (6, 7)
    far = np.ones(3), np.full(3, -12.0)
    for reg_lambda, bound, weight in ((0.0, 0.0, 162_756), (1.0, 0.0, 3.0), (1.0, 1.0, 1.0)):
        assert newton(reference, *far, reg_lambda, max_delta_step=bound) == pytest.approx(weight, rel=1e-3)
    sums = np.array([-3.0, -300.0]), np.array([2.0, 200.0])
    np.testing.assert_allclose(reference.leaf_weight(*sums), [1.0, 1.49], atol=0.005)
    np.testing.assert_allclose(reference.leaf_weight(*sums, 0.0), 1.5)
    np.testing.assert_allclose(reference.leaf_weight(*sums, reg_alpha=3.0), [0.0, 1.48], atol=0.005)
    assert reference.logistic_grad_hess(np.ones(1), np.array([40.0])).hess[0] == pytest.approx(4.2e-18, rel=0.02)
    y = np.append(1.0, np.zeros(9))
    for factor, weight in ((1.0, -1.6), (10.0, 0.105), (9.0, 0.0)):
        found = newton(reference, y, np.zeros(10), weight=np.where(y == 1, factor, 1.0))
        assert found == pytest.approx(weight, abs=0.005)
