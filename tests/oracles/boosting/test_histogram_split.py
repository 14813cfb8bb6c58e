"""`histogram_split` beside NumPy's quantiles, XGBoost's hist and exact, and LightGBM."""

import json
import re

import lightgbm
import numpy as np
import pytest
import xgboost

from tests.bench.peers import Peer

# XGBoost works in single precision.
CLOSE = {"rtol": 2e-5, "atol": 2e-6}


def cuts_of(x, max_bin, weight=None):
    """Return the edges that XGBoost's hist uses: its cuts without the outer two."""
    data = xgboost.QuantileDMatrix(x[:, None], label=np.zeros(len(x)), weight=weight, max_bin=max_bin, nthread=1)
    return data.get_quantile_cut()[1][1:-1].astype(float)


def root_of(x, grad, hess, tree_method, max_bin, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0):
    """Return threshold, bracket and direction at the root of a tree of XGBoost, None if it is a leaf."""
    settings = {
        "tree_method": tree_method,
        "max_depth": 1,
        "reg_lambda": reg_lambda,
        "gamma": 2 * gamma,
        "min_child_weight": min_child_weight,
        "base_score": 0.0,
        "nthread": 1,
    } | ({"max_bin": max_bin} if tree_method == "hist" else {})
    data = xgboost.DMatrix(x[:, None], label=np.zeros(len(x)))
    booster = xgboost.train(settings, data, 1, obj=lambda _margin, _data: (grad, hess))
    tree = json.loads(booster.save_raw("json").decode())["learner"]["gradient_booster"]["model"]["trees"][0]
    if tree["left_children"][0] == -1:
        return None
    return tree["split_conditions"][0], tree["loss_changes"][0], bool(tree["default_left"][0])


def draw(rng, n, n_values, share_missing=0.0):
    """Return values and derivatives that single precision holds, and sums of which it does not round."""
    x = rng.integers(0, n_values, size=n) / 8
    x[rng.random(n) < share_missing] = np.nan
    return x, rng.integers(-40, 40, size=n) / 16 + (x > n_values / 12), rng.integers(1, 30, size=n) / 16


def test_edges(reference, rng):
    """With many values, an edge is the value above NumPy's weighted quantile without interpolation."""
    for _ in range(300):
        n, n_bins = int(rng.integers(5, 80)), int(rng.choice([2, 4, 8, 16]))
        x = rng.integers(0, 60, size=n) / 8
        x[rng.random(n) < rng.choice([0.0, 0.3])] = np.nan
        weights = rng.integers(1, 9, size=n) / 4
        present = x[~np.isnan(x)]
        values = np.unique(present)
        for weighing in (None, weights):
            weight = None if weighing is None else weighing[~np.isnan(x)]
            edges = reference.bin_edges(x, n_bins, weighing)
            if len(values) <= n_bins:
                np.testing.assert_array_equal(edges, values[1:])
                continue
            quantiles = np.quantile(present, np.arange(1, n_bins) / n_bins, method="inverted_cdf", weights=weight)
            places = np.unique(np.searchsorted(values, quantiles) + 1)
            np.testing.assert_array_equal(edges, values[places[places < len(values)]])


def test_edges_of_xgboost(reference, rng):
    """Few values: the same. Many: XGBoost's sketch may be off by a share, 1 % of all weight at these sizes."""
    for n_values in (1, 2, 5, 12, 40):
        x = draw(rng, 300, n_values)[0]
        np.testing.assert_array_equal(reference.bin_edges(x, 64), cuts_of(x, 64))
    for weight in (None, rng.uniform(0.2, 5.0, size=20_000)):
        x = rng.normal(size=20_000).astype(np.float32).astype(float)
        ours, theirs = reference.bin_edges(x, 32, weight), cuts_of(x, 32, weight)
        assert len(ours) == len(theirs) == 31
        order, mass = np.argsort(x), np.ones(20_000) if weight is None else weight
        below = np.cumsum(mass[order]) / mass.sum()
        ranks = [below[np.searchsorted(x[order], edges)] for edges in (ours, theirs)]
        np.testing.assert_allclose(*ranks, atol=0.01)


def test_histogram(reference, rng):
    for _ in range(100):
        n, n_edges = int(rng.integers(0, 60)), int(rng.integers(0, 12))
        x, grad, hess = draw(rng, n, 40, 0.2)
        edges = np.sort(rng.permutation(48)[:n_edges] / 8)
        hist = reference.histogram(x, edges, grad, hess)
        present = ~np.isnan(x)
        for column, values in enumerate((grad, hess)):
            expected = np.histogram(x[present], np.r_[-np.inf, edges, np.inf], weights=values[present])[0]
            np.testing.assert_allclose(hist[:, column], np.append(expected, values[~present].sum()), atol=1e-12)


def test_children(reference, rng):
    """Both children, by subtraction, have the histograms that are added up."""
    for _ in range(100):
        x, grad, hess = draw(rng, int(rng.integers(1, 60)), 40, 0.2)
        edges, left = reference.bin_edges(x, 8), rng.random(len(x)) < rng.random()
        children = reference.child_histograms(reference.histogram(x, edges, grad, hess), x, edges, grad, hess, left)
        for child, side in zip(children, (left, ~left), strict=True):
            np.testing.assert_allclose(child, reference.histogram(x[side], edges, grad[side], hess[side]), atol=1e-12)


def assert_root(reference, case, edges, penalties, theirs):
    x = case[0]
    split = reference.best_histogram_split(reference.histogram(x, edges, *case[1:]), edges, *penalties)
    if split is None or theirs is None:
        assert split is None
        assert theirs is None
        return
    threshold, bracket, direction = theirs
    np.testing.assert_allclose(2 * (split.gain + penalties[1]), bracket, **CLOSE)
    sides = [
        np.where(np.isnan(x), left, x < at)
        for at, left in [(threshold, direction), (split.threshold, split.default_left)]
    ]
    # Another split of the same gain may be taken there.
    if np.array_equal(*sides):
        if threshold in edges:
            np.testing.assert_allclose(split.threshold, threshold, **CLOSE)
        assert split.default_left == direction or not np.isnan(x).any()
    else:
        whole = reference.histogram(sides[0].astype(float), np.array([0.5]), *case[1:])
        again = reference.best_histogram_split(whole, np.array([0.5]), *penalties)
        np.testing.assert_allclose(again.gain, split.gain, **CLOSE)


@pytest.mark.parametrize("share_missing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("max_bin", [4, 16, 256])
def test_roots_of_hist(reference, rng, share_missing, max_bin):
    """From the edges that XGBoost has, the same split."""
    for _ in range(20):
        case = draw(rng, int(rng.integers(20, 400)), 300, share_missing)
        penalties = (
            float(rng.choice([0.5, 1.0, 4.0])),
            float(rng.choice([0.0, 0.3, 2.0])),
            float(rng.choice([0.5, 1.0, 8.0])),
        )
        edges = cuts_of(case[0], max_bin)
        assert_root(reference, case, edges, penalties, root_of(*case, "hist", max_bin, *penalties))


@pytest.mark.parametrize("tree_method", ["exact", "hist"])
@pytest.mark.parametrize("share_missing", [0.0, 0.3])
def test_few_values(reference, rng, tree_method, share_missing):
    """With a bin for each value, hist and exact find the same split as we do."""
    for _ in range(20):
        case = draw(rng, int(rng.integers(4, 100)), 12, share_missing)
        penalties = (1.0, 0.1, 1.0)
        edges = reference.bin_edges(case[0], 255)
        assert_root(reference, case, edges, penalties, root_of(*case, tree_method, 256, *penalties))


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
        ([np.nan] * 4, [-1, -1, 1, 1], (1.0, 0.0, 1.0)),
    ],
)
def test_edge_cases(reference, x, grad, penalties):
    case = np.array(x, dtype=float), np.array(grad, dtype=float), np.ones(4)
    edges = reference.bin_edges(case[0], 8)
    for tree_method in ("exact", "hist"):
        assert_root(reference, case, edges, penalties, root_of(*case, tree_method, 256, *penalties))


def grown_by_lightgbm(x, y, max_bin, weight=None, leaves=2, n_rounds=1):
    settings = {
        "objective": "regression",
        "num_leaves": leaves,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 1.0,
        "reg_lambda": 1.0,
        "num_threads": 1,
        "verbose": -1,
    }
    data = lightgbm.Dataset(
        x[:, None], label=y, weight=weight, params={"max_bin": max_bin, "min_data_in_bin": 1, "verbose": -1}
    )
    booster = lightgbm.train(settings, data, n_rounds)
    thresholds = " ".join(re.findall(r"\nthreshold=(.*)", booster.model_to_string())).split()
    return booster, sorted(set(map(float, thresholds)))


def test_lightgbm(reference, rng):
    """Few values: the gain, not halved, and the same samples on the left."""
    for _ in range(20):
        x = rng.integers(1, 12, size=100).astype(float)
        y = rng.normal(size=100) + (x > 6)
        y = (y - y.mean()).astype(np.float32).astype(float)
        booster, (threshold,) = grown_by_lightgbm(x, y, 255)
        edges = reference.bin_edges(x, 255)
        split = reference.best_histogram_split(reference.histogram(x, edges, -y, np.ones(100)), edges)
        np.testing.assert_array_equal(x < split.threshold, x <= threshold)
        bracket = booster.dump_model()["tree_info"][0]["tree_structure"]["split_gain"]
        np.testing.assert_allclose(2 * split.gain, bracket, rtol=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_claim_bins(reference, seed):
    rng = np.random.default_rng(seed)
    x, place = rng.normal(size=10_000), rng.normal()
    grad = -((x > place) + rng.normal(size=10_000))
    gains = []
    for n_bins in (8, 32, 255, 10_000):
        edges = reference.bin_edges(x, n_bins)
        hist = reference.histogram(x, edges, grad - grad.mean(), np.ones(10_000))
        gains.append(reference.best_histogram_split(hist, edges).gain)
    assert gains[0] >= 0.49 * gains[3]
    assert gains[1] >= 0.87 * gains[3]
    assert 0.94 * gains[3] <= gains[2] <= gains[3]


@pytest.mark.parametrize("seed", range(20))
def test_claim_subtraction(reference, seed):
    rng = np.random.default_rng(seed)
    x, other = rng.integers(0, 200, size=10_000).astype(float), rng.random(10_000)
    grad, hess = rng.normal(size=10_000), rng.uniform(0.05, 0.25, size=10_000)
    edges = reference.bin_edges(x, 255)
    left = other < 0.6
    larger = reference.child_histograms(reference.histogram(x, edges, grad, hess), x, edges, grad, hess, left)[0]
    below = x[left] < 120
    rest = reference.child_histograms(larger, x[left], edges, grad[left], hess[left], below)[0][120:200]
    assert np.abs(rest).max() < 1.5e-14
    assert (rest[:, 1] != 0).mean() > 0.6
    assert 0.28 < (rest[:, 1] < 0).mean() < 0.475


@pytest.mark.parametrize("seed", range(5))
def test_claim_width(reference, seed):
    x = np.exp(2 * np.random.default_rng(seed).normal(size=10_000))
    edges = np.linspace(x.min(), x.max(), 256)[1:-1]
    counts = reference.histogram(x, edges, x, np.ones(10_000))[:-1, 1]
    assert 0.73 < counts.max() / 10_000 < 0.9
    assert 0.7 < (counts == 0).mean() < 0.85
    counts = reference.histogram(x, reference.bin_edges(x, 255), x, np.ones(10_000))[:-1, 1]
    assert set(counts) == {39, 40}


@pytest.mark.parametrize("seed", range(10))
def test_claim_heavy_value(reference, seed):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(10_000) < 0.9, 0.0, rng.uniform(1, 2, size=10_000))
    assert len(reference.bin_edges(x, 8)) == 1
    assert 25 <= len(reference.bin_edges(x, 255)) <= 27
    assert (cuts_of(x, 8) > 1).sum() >= 6
    assert (np.array(grown_by_lightgbm(x, np.floor(10 * x), 8, leaves=8, n_rounds=20)[1]) > 1).sum() >= 6


def test_claim_weights(reference):
    x = np.arange(10_000.0)
    weight = np.where(x < 1000, 9.0, 1.0)
    below = np.append(0, np.cumsum(weight)) / weight.sum()
    ours, theirs = reference.bin_edges(x, 8, weight), cuts_of(x, 8, weight)
    np.testing.assert_allclose(below[theirs.astype(int)], below[ours.astype(int)], atol=0.02)
    assert ((theirs > 200) & (theirs < 1200)).sum() == 4
    y, settings = np.floor(x / 100), {"leaves": 8, "n_rounds": 20}
    with_weights, without = (grown_by_lightgbm(x, y, 8, each, **settings)[1] for each in (weight, None))
    # The trees need not use all edges: without weights, none parts the value 0 from the others.
    assert set(without) == set(with_weights[1:])
    assert len(without) == 6


def peers(reference, rng):
    """Yield edges, histogram and split of one feature of 100,000 values."""
    x, grad, hess = rng.normal(size=100_000), rng.normal(size=100_000), rng.uniform(0.1, 1.0, size=100_000)
    data = xgboost.QuantileDMatrix(x[:, None], label=np.zeros(100_000), nthread=1)
    edges = reference.bin_edges(x, 255)
    settings = {"tree_method": "hist", "max_depth": 1, "nthread": 1}
    yield Peer(
        "histogram and split, 100,000 values in 255 bins",
        "xgboost.train, hist, one round of depth 1",
        lambda: reference.best_histogram_split(reference.histogram(x, edges, grad, hess), edges),
        lambda: xgboost.train(settings, data, 1, obj=lambda _margin, _data: (grad, hess)),
        "Bins are found once there, and for each call here.",
    )
    yield Peer(
        "edges of 255 bins, 100,000 values",
        "numpy.quantile, inverted_cdf",
        lambda: reference.bin_edges(x, 255),
        lambda: np.unique(np.quantile(x, np.arange(1, 255) / 255, method="inverted_cdf")),
        "It only has to find 254 places; here equal values are merged, and weighted.",
    )
