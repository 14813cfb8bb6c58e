"""`xgboost_tree` beside XGBoost itself: trees that it grows from given derivatives, by hist and by exact."""

import json

import numpy as np
import pytest
import xgboost

from tests.bench.peers import Peer

# XGBoost works in single precision.
CLOSE = {"rtol": 5e-5, "atol": 5e-6}
METHODS = ["exact", "hist"]


def trained(X, grad, hess, tree_method, max_depth=6, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0):
    settings = {
        "tree_method": tree_method,
        "max_depth": max_depth,
        "reg_lambda": reg_lambda,
        "gamma": 2 * gamma,
        "min_child_weight": min_child_weight,
        "eta": 1.0,
        "base_score": 0.0,
        "max_bin": 512,
        "nthread": 1,
    }
    data = xgboost.DMatrix(X, label=np.zeros(len(X)))
    return xgboost.train(settings, data, num_boost_round=1, obj=lambda _margin, _data: (grad, hess))


def nodes_of(booster):
    model = json.loads(booster.save_raw("json").decode())
    return model["learner"]["gradient_booster"]["model"]["trees"][0]


def assert_same(reference, X, grad, hess, tree_method, **parameters):
    """Walk down both trees at once. Below another split of the same gain they may differ, so stop there."""
    if tree_method == "exact":
        tree = reference.grow_tree(X, grad, hess, **(parameters | {"gamma": 0.0}))
        tree = reference.prune(tree, parameters.get("gamma", 0.0))
    else:
        tree = reference.grow_tree(X, grad, hess, **parameters)
    booster = trained(X, grad, hess, tree_method, **parameters)
    theirs, compared, same = nodes_of(booster), 0, True
    waiting = [(0, 0, np.arange(len(grad)))]
    for mine, other, rows in waiting:
        node, compared = tree[mine], compared + 1
        assert (node.left < 0) == (theirs["left_children"][other] == -1)
        np.testing.assert_allclose(node.weight, theirs["base_weights"][other], **CLOSE)
        if node.left < 0:
            continue
        np.testing.assert_allclose(2 * node.gain, theirs["loss_changes"][other], **CLOSE)
        x, feature = X[rows, node.feature], theirs["split_indices"][other]
        left = np.where(np.isnan(x), node.default_left, x < node.threshold)
        x, direction = X[rows, feature], bool(theirs["default_left"][other])
        also = np.where(np.isnan(x), direction, x < theirs["split_conditions"][other])
        if feature == node.feature and np.array_equal(left, also):
            assert node.default_left == direction or not np.isnan(x).any()
            waiting.append((node.left, theirs["left_children"][other], rows[left]))
            waiting.append((node.right, theirs["right_children"][other], rows[~left]))
        else:
            same = False
    if same and not np.isnan(X).any():
        np.testing.assert_allclose(reference.predict(tree, X), booster.predict(xgboost.DMatrix(X)), **CLOSE)
    return compared, same


def draw(rng, n, n_features, share_missing=0.0):
    """Return features and derivatives that single precision holds, and sums of which it does not round."""
    X = rng.integers(-512, 512, size=(n, n_features)) / 64
    X[rng.random(X.shape) < share_missing] = np.nan
    effect = np.sign(np.nan_to_num(X[:, 0])) * (np.nan_to_num(X[:, -1]) > 1)
    return X, np.rint(16 * effect + rng.normal(scale=16, size=n)) / 16, rng.integers(1, 30, size=n) / 16


@pytest.mark.parametrize("tree_method", METHODS)
@pytest.mark.parametrize("share_missing", [0.0, 0.1, 0.5])
def test_random(reference, rng, tree_method, share_missing):
    compared = agreed = 0
    for _ in range(25):
        parameters = {
            "max_depth": int(rng.integers(1, 5)),
            "reg_lambda": float(rng.choice([0.5, 1.0, 4.0])),
            "gamma": float(rng.choice([0.0, 0.6, 1.7])),
            "min_child_weight": float(rng.choice([1.0, 3.0, 0.5])),
        }
        case = draw(rng, int(rng.integers(20, 120)), int(rng.integers(1, 5)), share_missing)
        nodes, same = assert_same(reference, *case, tree_method, **parameters)
        compared, agreed = compared + nodes, agreed + same
    assert compared > 60
    assert agreed >= 15


def test_thresholds(reference, rng):
    """The exact method cuts midway too."""
    for _ in range(10):
        case = draw(rng, 60, 2, 0.2)
        node = reference.grow_tree(*case, max_depth=1)[0]
        theirs = nodes_of(trained(*case, "exact", max_depth=1))
        if np.isfinite(node.threshold):
            np.testing.assert_allclose(node.threshold, theirs["split_conditions"][0], **CLOSE)


@pytest.mark.parametrize("tree_method", METHODS)
@pytest.mark.parametrize(
    ("x", "grad", "parameters"),
    [
        ([1, 2, np.nan, np.nan], [1, 1, -2, -2], {}),
        ([5, 5, np.nan, np.nan], [1, 1, -2, -2], {}),
        ([1, 2, 4, np.nan], [-3, -1, 3, -2], {"max_depth": 1}),
        ([1, 2, 4, np.nan], [-3, -1, 3, 5], {"max_depth": 1}),
        ([1, 2, 3, 4], [-1, -1, 1, 1], {"min_child_weight": 2.0}),
        ([1, 2, 3, 4], [-1, -1, 1, 1], {"min_child_weight": 2.5}),
        ([1, 2, 3, 4], [-1, -1, 1, 1], {"gamma": 1.25}),
        ([1, 2, 3, 4], [-1, -1, 1, 1], {"gamma": 1.5}),
        ([1, 2, 3, 4], [1, 1, 1, 1], {}),
        ([5, 5, 5, 5], [-1, -1, 1, 1], {}),
        ([np.nan] * 4, [-1, -1, 1, 1], {}),
        ([1, 2, 4, 8], [1, -3, 9, -27], {"max_depth": 2}),
    ],
)
def test_edges(reference, x, grad, parameters, tree_method):
    X, grad = np.array(x, dtype=float)[:, None], np.array(grad, dtype=float)
    assert_same(reference, X, grad, np.ones(4), tree_method, **parameters)


def test_no_depth(reference):
    """At max_depth 0 XGBoost sets no limit; here, and in its own words, the root is a leaf of depth 0."""
    X, grad = np.arange(4.0)[:, None], np.array([-1.0, -1.0, 1.0, 1.0])
    assert reference.grow_tree(X, grad, np.ones(4), max_depth=0) == [(0.0, -1, 0.0, False, -1, -1, 0.0)]
    assert len(nodes_of(trained(X, grad, np.ones(4), "hist", max_depth=0))["left_children"]) > 1


def leaves(tree, place=0):
    node = tree[place]
    return 1 if node.left < 0 else leaves(tree, node.left) + leaves(tree, node.right)


def splits(tree, place=0):
    node = tree[place]
    return [] if node.left < 0 else [node, *splits(tree, node.left), *splits(tree, node.right)]


def test_claim_gamma(reference):
    """The numbers of the first follow-up."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    X = np.repeat(corners, [25, 25, 25, 30], axis=0)
    y = np.logical_xor(*X.T).astype(float)
    grad, hess = y.mean() - y, np.ones(105)
    assert len(reference.grow_tree(X, grad, hess, 2, gamma=1.0)) == 1
    grown = reference.grow_tree(X, grad, hess, 2)
    assert len(splits(reference.prune(grown, 1.0))) == 3
    for tree_method, n_nodes in [("exact", 7), ("hist", 1), ("approx", 1)]:
        settings = {"tree_method": tree_method, "max_depth": 2, "gamma": 2, "nthread": 1}
        booster = xgboost.train(settings, xgboost.DMatrix(X, label=y), 1)
        assert len(booster.trees_to_dataframe()) == n_nodes


@pytest.mark.parametrize("seed", range(10))
def test_claims_of_noise(reference, seed):
    """The numbers of the second and of the last follow-up."""
    rng = np.random.default_rng(seed)
    X, hess = np.column_stack([rng.integers(0, 2, size=1000).astype(float), rng.normal(size=1000)]), np.ones(1000)
    y = X[:, 0] + rng.normal(size=1000)
    found = splits(reference.grow_tree(X, y.mean() - y, hess))
    counts = [sum(node.feature == feature for node in found) for feature in (0, 1)]
    gains = [sum(node.gain for node in found if node.feature == feature) for feature in (0, 1)]
    assert counts[0] == 1
    assert 25 <= counts[1] <= 42
    assert 88 < gains[0] < 149
    assert 31 < gains[1] < 65.5
    X, y = rng.normal(size=(1000, 5)), rng.normal(size=1000)
    tree = reference.grow_tree(X, -y, hess)
    assert 27 <= leaves(tree) <= 55
    assert 0.74 < np.mean((y - reference.predict(tree, X)) ** 2) / np.mean(y**2) < 0.91
    for parameters, least, most in [
        ({"max_depth": 3}, 7, 8),
        ({"min_child_weight": 50}, 7, 15),
        ({"gamma": 5.0}, 1, 3),
        ({"gamma": 10.0}, 1, 1),
    ]:
        assert least <= leaves(reference.grow_tree(X, -y, hess, **parameters)) <= most
    assert leaves(reference.prune(tree, 5.0)) <= 8


@pytest.mark.parametrize(("tree_method", "left"), [("exact", True), ("hist", False)])
def test_claim_direction_without_missing_values(reference, tree_method, left):
    X, grad = np.arange(8.0)[:, None], np.repeat([1.0, -1.0], 4)
    theirs = nodes_of(trained(X, grad, np.ones(8), tree_method, max_depth=1))
    assert bool(theirs["default_left"][0]) == left
    assert not reference.grow_tree(X, grad, np.ones(8), max_depth=1)[0].default_left


@pytest.mark.parametrize("seed", range(20))
def test_claim_best_first(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 3))
    y = np.where(X[:, 0] > 1, 3 * np.sin(3 * X[:, 1]), 0) + 0.3 * rng.normal(size=1000)
    data, errors = xgboost.DMatrix(X, label=y), []
    for policy in ({"grow_policy": "depthwise", "max_depth": 3}, {"grow_policy": "lossguide", "max_leaves": 8}):
        settings = {"tree_method": "hist", "eta": 1.0, "nthread": 1, "max_depth": 0} | policy
        booster = xgboost.train(settings, data, 1)
        assert (booster.trees_to_dataframe().Feature == "Leaf").sum() == 8
        errors.append(np.mean((booster.predict(data) - y) ** 2))
    assert 0.55 < errors[1] / errors[0] < 0.95


def test_claim_policy_of_exact():
    """Exact ignores, or refuses, the limit of leaves: it grows depth by depth."""
    X = np.random.default_rng(0).normal(size=(200, 2))
    settings = {"tree_method": "exact", "grow_policy": "lossguide", "max_leaves": 3, "max_depth": 3, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(X, label=X[:, 0] * X[:, 1]), 1)
    assert (booster.trees_to_dataframe().Feature == "Leaf").sum() > 3


def peers(reference, rng):
    """Yield one tree of depth 6 on 20,000 samples of ten features."""
    X, grad, hess = rng.normal(size=(20_000, 10)), rng.normal(size=20_000), rng.uniform(0.1, 1.0, size=20_000)
    yield Peer(
        "20,000 samples of 10 features, depth 6",
        "xgboost.train, exact, one round",
        lambda: reference.grow_tree(X, grad, hess),
        lambda: trained(X, grad, hess, "exact"),
        "Single precision there, and a compiled loop.",
    )
