"""`xgboost_best_split` beside XGBoost itself: the root of a tree that it grows from given derivatives."""

import json

import numpy as np
import pytest
import xgboost

from tests.bench.peers import Peer

# XGBoost works in single precision.
CLOSE = {"rtol": 2e-6, "atol": 2e-6}


def root_split(x, grad, hess, reg_lambda, gamma, min_child_weight, tree_method):
    """Return which samples go left, the default direction and the reported gain; None where the root stays a leaf."""
    parameters = {
        "tree_method": tree_method,
        "max_depth": 1,
        "reg_lambda": reg_lambda,
        "gamma": 2 * gamma,
        "min_child_weight": min_child_weight,
        "base_score": 0.0,
        "max_bin": 512,
        "nthread": 1,
    }
    data = xgboost.DMatrix(x[:, None], label=np.zeros(len(x)))
    booster = xgboost.train(parameters, data, num_boost_round=1, obj=lambda _margin, _data: (grad, hess))
    model = json.loads(booster.save_raw("json").decode())
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    if tree["left_children"][0] == -1:
        return None
    default_left = bool(tree["default_left"][0])
    left = np.where(np.isnan(x), default_left, x < tree["split_conditions"][0])
    return left, default_left, tree["loss_changes"][0]


def assert_agrees(reference, x, grad, hess, penalties=(1.0, 0.0, 1.0), tree_method="exact"):
    split, theirs = reference.best_split(x, grad, hess, *penalties), root_split(x, grad, hess, *penalties, tree_method)
    if split is None or theirs is None:
        assert split is None
        assert theirs is None
        return
    left, default_left, bracket = theirs
    np.testing.assert_allclose(2 * (split.gain + penalties[1]), bracket, **CLOSE)
    # Of several splits of largest gain, another may be taken there: it has to gain as much here.
    sums = [np.array([a[side].sum()]) for side in (left, ~left) for a in (grad, hess)]
    np.testing.assert_allclose(split.gain, reference.split_gain(*sums, *penalties[:2])[0], **CLOSE)
    ours = np.where(np.isnan(x), split.default_left, x < split.threshold)
    if np.array_equal(ours, left) and np.isnan(x).any():
        assert split.default_left == default_left


def draw(rng, n, n_values, share_missing):
    """Return a feature, and derivatives in sixteenths, all of which single precision holds."""
    x = rng.integers(0, n_values, size=n).astype(float)
    x[rng.random(n) < share_missing] = np.nan
    return x, rng.integers(-40, 40, size=n) / 16, rng.integers(1, 30, size=n) / 16


@pytest.mark.parametrize("tree_method", ["exact", "hist"])
@pytest.mark.parametrize("share_missing", [0.0, 0.1, 0.5])
def test_random_derivatives(reference, rng, tree_method, share_missing):
    for _ in range(20):
        n = int(rng.integers(2, 40))
        x, grad, hess = draw(rng, n, 12, share_missing)
        penalties = (
            float(rng.choice([0.0, 1.0, 3.0])),
            float(rng.choice([0.0, 0.3])),
            float(rng.choice([0.5, 1.0, 4.0])),
        )
        assert_agrees(reference, x, grad, hess, penalties, tree_method)


def test_thresholds(reference, rng):
    """The exact method cuts midway too."""
    for _ in range(50):
        x, grad, hess = draw(rng, 30, 100, 0.2)
        split = reference.best_split(x, grad, hess)
        data = xgboost.DMatrix(x[:, None], label=np.zeros(30))
        parameters = {"tree_method": "exact", "max_depth": 1, "base_score": 0.0}
        booster = xgboost.train(parameters, data, num_boost_round=1, obj=lambda _, __, g=grad, h=hess: (g, h))
        theirs = booster.trees_to_dataframe().iloc[0]
        if split is not None and np.isfinite(split.threshold):
            np.testing.assert_allclose([split.threshold, 2 * split.gain], [theirs["Split"], theirs["Gain"]], **CLOSE)


def test_logistic_loss(reference, rng):
    """As in a first round from margins: the derivatives of a log-loss."""
    for _ in range(30):
        x = draw(rng, 60, 40, 0.2)[0]
        p = rng.uniform(0.02, 0.98, size=60)
        grad, hess = p - (rng.random(60) < np.where(x > 20, 0.8, 0.3)), p * (1 - p)
        assert_agrees(reference, x, grad, hess, (1.0, 0.1, 1.0))


@pytest.mark.parametrize(
    ("x", "grad", "penalties"),
    [
        ([1, 2, np.nan, np.nan], [1, 1, -2, -2], (1.0, 0.0, 1.0)),
        ([5, 5, np.nan, np.nan], [1, 1, -2, -2], (1.0, 0.0, 1.0)),
        ([1, 2, 3, 4], [-1, -1, 1, 1], (1.0, 0.0, 2.0)),
        ([1, 2, 3, 4], [-1, -1, 1, 1], (1.0, 0.0, 2.5)),
        ([1, 2, 3, 4], [-1, -1, 1, 1], (1.0, 1.25, 1.0)),
        ([1, 2, 3, 4], [-1, -1, 1, 1], (1.0, 1.5, 1.0)),
        ([5, 5, 5, 5], [-1, -1, 1, 1], (1.0, 0.0, 1.0)),
        ([1, 2, 3, 4], [1, 1, 1, 1], (1.0, 0.0, 1.0)),
        ([1, 2, 3, 4], [1, 1, 1, 1], (0.0, 0.0, 1.0)),
        ([np.nan] * 4, [-1, -1, 1, 1], (1.0, 0.0, 1.0)),
    ],
    ids=[
        "present against missing",
        "one value against missing",
        "just heavy enough",
        "too light",
        "pays",
        "does not pay",
        "one value",
        "all alike",
        "all alike, without reg_lambda",
        "all missing",
    ],
)
def test_edges(reference, x, grad, penalties):
    for tree_method in ("exact", "hist"):
        assert_agrees(
            reference, np.array(x, dtype=float), np.array(grad, dtype=float), np.ones(4), penalties, tree_method
        )


def test_claim_min_child_weight(reference):
    """The 20 largest of 1,000 are positive, and the model is sure of every sample."""
    x, p = np.arange(1000.0), np.full(1000, 0.02)
    grad, hess = p - (x >= 980), p * (1 - p)
    assert reference.best_split(x, grad, hess).threshold == 947.5
    assert reference.best_split(x, grad, hess, min_child_weight=0.3).threshold == 979.5
    assert hess[980:].sum() == pytest.approx(0.39, abs=0.003)


@pytest.mark.parametrize("seed", range(5))
def test_claim_filled_in(reference, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=300)
    grad = np.where(x > 0.7, 1.0, -1.0) + rng.normal(size=300)
    x[x > 0.7] = np.nan
    split = reference.best_split(x, grad, np.ones(300))
    filled = reference.best_split(np.where(np.isnan(x), np.nanmedian(x), x), grad, np.ones(300))
    # At inf, or behind nearly all present values.
    assert split.threshold > 0.6
    assert not split.default_left
    assert 80 < split.gain < 190
    assert 15 < filled.gain < 65


@pytest.mark.parametrize("tree_method", ["exact", "hist"])
def test_claim_no_extrapolation(tree_method):
    x = np.linspace(0, 1, 500)[:, None]
    model = xgboost.XGBRegressor(tree_method=tree_method, n_jobs=1).fit(x, 2 * x[:, 0])
    assert model.predict(np.array([[2.0]]))[0] == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(("tree_method", "nodes"), [("exact", 7), ("hist", 1)])
def test_claim_growth(tree_method, nodes):
    """A split that does not pay is made by the exact method alone, and kept if one below it pays."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    rows = np.repeat(corners, [25, 25, 25, 30], axis=0)
    target = np.logical_xor(*rows.T).astype(float)
    settings = {"tree_method": tree_method, "max_depth": 2, "gamma": 1, "nthread": 1}
    tree = xgboost.train(settings, xgboost.DMatrix(rows, label=target), 1).trees_to_dataframe()
    assert len(tree) == nodes


@pytest.mark.parametrize(("tree_method", "left"), [("exact", True), ("hist", False)])
def test_claim_direction_without_missing_values(tree_method, left):
    data = xgboost.DMatrix(np.arange(8.0)[:, None], label=np.repeat([0.0, 1.0], 4))
    booster = xgboost.train({"tree_method": tree_method, "max_depth": 1, "nthread": 1}, data, 1)
    model = json.loads(booster.save_raw("json").decode())
    assert bool(model["learner"]["gradient_booster"]["model"]["trees"][0]["default_left"][0]) == left


def peers(reference, rng):
    """Yield the split of a root by one feature, beside a tree of depth one."""
    x, grad, hess = rng.normal(size=100_000), rng.normal(size=100_000), rng.uniform(0.1, 1.0, size=100_000)
    data = xgboost.DMatrix(x[:, None], label=np.zeros(100_000))
    settings = {"tree_method": "exact", "max_depth": 1, "nthread": 1}
    yield Peer(
        "100,000 samples",
        "xgboost.train, exact, one round of depth 1",
        lambda: reference.best_split(x, grad, hess, 1.0, 0.0, 1.0),
        lambda: xgboost.train(settings, data, 1, obj=lambda _margin, _data: (grad, hess)),
        "Single precision there, and a compiled loop.",
    )
