"""`xgboost_rounds` beside XGBoost itself: stumps, margins of each round, and early stopping."""

import json

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier

from tests.bench.peers import Peer

# XGBoost works in single precision, and the errors of a round go on to the next.
CLOSE = {"rtol": 2e-4, "atol": 2e-5}
METHODS = ["exact", "hist", "approx"]


@pytest.fixture
def rng():
    """Draw the same in each run: under other seeds two splits may tie, and single precision decides."""
    return np.random.default_rng(0)


def trained(X, y, n_rounds, eta=0.3, reg_lambda=1.0, tree_method="exact", **others):
    settings = {
        "objective": "binary:logistic",
        "tree_method": tree_method,
        "max_depth": 1,
        "eta": eta,
        "reg_lambda": reg_lambda,
        "min_child_weight": 0,
        "nthread": 1,
    }
    return xgboost.train(settings, xgboost.DMatrix(X, label=y), n_rounds, **others)


def base_score(booster):
    return float(json.loads(booster.save_config())["learner"]["learner_model_param"]["base_score"].strip("[]"))


def logit(p):
    return np.log(p / (1 - p))


def assert_agree(reference, X, y, n_rounds, eta, reg_lambda, tree_method):
    ours = reference.fit_xgboost(X, y, n_rounds, eta, reg_lambda)
    theirs = trained(X, y, n_rounds, eta, reg_lambda, tree_method)
    np.testing.assert_allclose(ours.base_margin, logit(base_score(theirs)), **CLOSE)
    for t in range(1, n_rounds + 1):
        p = theirs.predict(xgboost.DMatrix(X), iteration_range=(0, t))
        np.testing.assert_allclose(reference.predict_proba(ours, X, t), p, **CLOSE)
    return ours, theirs


def draw(rng, n, n_features):
    """Return features that single precision holds, and labels that depend on two of them."""
    X = rng.integers(-64, 65, size=(n, n_features)) / 16
    y = (X[:, 0] + rng.normal(size=n) > np.abs(X[:, -1]) - 0.5).astype(float)
    y[:2] = 0, 1
    return X, y


@pytest.mark.parametrize("tree_method", METHODS)
def test_random(reference, rng, tree_method):
    for eta, reg_lambda in [(0.3, 1.0), (1.0, 0.25), (0.1, 5.0), (0.5, 0.0)]:
        for _ in range(5):
            X, y = draw(rng, int(rng.integers(30, 80)), int(rng.integers(1, 5)))
            assert_agree(reference, X, y, 6, eta, reg_lambda, tree_method)


def test_stumps(reference, rng):
    """The exact method cuts midway too."""
    for _ in range(10):
        X, y = draw(rng, 60, 3)
        ours, theirs = assert_agree(reference, X, y, 5, 0.3, 1.0, "exact")
        table = theirs.trees_to_dataframe()
        roots, leaves = table[table.Node == 0], table[table.Feature == "Leaf"]
        assert [f"f{feature}" for feature in ours.features] == list(roots.Feature)
        np.testing.assert_allclose(ours.thresholds, roots.Split, **CLOSE)
        np.testing.assert_allclose(np.column_stack([ours.left, ours.right]).ravel(), leaves.Gain, **CLOSE)


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OVERSHOT = np.array([1.0, 2.0, 1.0, 2.0, 1.0, 0.0, 0.0])[:, None]


@pytest.mark.parametrize("tree_method", METHODS)
@pytest.mark.parametrize(
    ("X", "y", "eta", "reg_lambda"),
    [
        (CORNERS, [0, 1, 1, 0], 0.3, 1.0),
        (np.full((5, 2), 3.0), [0, 1, 1, 1, 1], 0.3, 1.0),
        (OVERSHOT, [1, 1, 1, 1, 1, 1, 0], 1.0, 0.02),
        (np.array([[1.0], [2.0]]), [0, 1], 0.3, 1.0),
        (np.arange(1.0, 11)[:, None], [0, 0, 0, 0, 0, 1, 0, 0, 1, 1], 0.3, 0.25),
        (np.sin(np.arange(100.0)).round(3)[:, None], np.isin(np.arange(100), [14, 77]), 0.3, 1.0),
    ],
    ids=["XOR", "constant", "no gain and G off 0", "two samples", "reg_lambda in the gain", "few positives"],
)
def test_edges(reference, X, y, eta, reg_lambda, tree_method):
    assert_agree(reference, X, np.array(y, dtype=float), 4, eta, reg_lambda, tree_method)


def test_one_class(reference):
    """XGBoost clips the probability; a margin of -13.8 is arbitrary, so the statement asks for an error."""
    with pytest.raises(ValueError, match="labels"):
        reference.fit_xgboost(np.arange(5.0)[:, None], np.zeros(5), 2)
    booster = trained(np.arange(5.0)[:, None], np.zeros(5), 2)
    margin = booster.predict(xgboost.DMatrix(np.zeros((1, 1))), output_margin=True)
    np.testing.assert_allclose(margin, [-13.8], atol=0.1)


def test_early_stopping(reference, rng):
    for patience in (1, 3, 10):
        for _ in range(8):
            (X, y), (X_other, y_other) = draw(rng, 60, 3), draw(rng, 60, 3)
            watched = [(xgboost.DMatrix(X_other, label=y_other), "other")]
            settings = {"evals": watched, "early_stopping_rounds": patience, "verbose_eval": False}
            booster = trained(X, y, 40, 0.5, **settings)
            stumps = reference.fit_xgboost(X, y, 40, 0.5)
            stopping = reference.early_stopping(stumps, X_other, y_other, patience)
            assert stopping.best_iteration == booster.best_iteration
            assert stopping.n_rounds == booster.num_boosted_rounds()
            np.testing.assert_allclose(stopping.best_score, booster.best_score, **CLOSE)


@pytest.mark.parametrize("tree_method", ["exact", "hist"])  # approx proposes other thresholds in later rounds
def test_rounds_of_prediction(reference, rng, tree_method):
    """After early stopping the Booster predicts with all its rounds, and XGBClassifier with those up to the best."""
    (X, y), (X_other, y_other) = draw(rng, 60, 3), draw(rng, 60, 3)
    model = xgboost.XGBClassifier(
        n_estimators=40,
        max_depth=1,
        learning_rate=0.5,
        min_child_weight=0,
        tree_method=tree_method,
        early_stopping_rounds=5,
        n_jobs=1,
    ).fit(X, y, eval_set=[(X_other, y_other)], verbose=False)
    stumps = reference.fit_xgboost(X, y, 40, 0.5)
    best_iteration, _, n_rounds = reference.early_stopping(stumps, X_other, y_other, 5)
    assert best_iteration + 1 < n_rounds < 40
    best = reference.predict_proba(stumps, X, best_iteration + 1)
    np.testing.assert_allclose(best, model.predict_proba(X)[:, 1], **CLOSE)
    every = model.get_booster().predict(xgboost.DMatrix(X))
    np.testing.assert_allclose(reference.predict_proba(stumps, X, n_rounds), every, **CLOSE)


def loss(y, p):
    return -np.log(np.where(y == 1, p, 1 - p)).mean()


@pytest.fixture(scope="module", params=range(10))
def thirds(request):
    """Draw the data of the follow-ups: rows to train, to watch and to test."""
    rng = np.random.default_rng(request.param)
    X = rng.normal(size=(1500, 10))
    margin = 2 * np.sin(2 * X[:, 0]) + 1.5 * np.abs(X[:, 1]) + X[:, 2] - 1.2
    y = (rng.random(1500) < 1 / (1 + np.exp(-margin))).astype(int)
    return np.split(X, 3), np.split(y, 3), request.param


def test_claim_rounds(reference, thirds):
    """The numbers of the first and of the last follow-up."""
    X, y, _ = thirds
    best, tested = {}, {}
    for eta, n_rounds in [(1.0, 110), (0.2, 360), (0.1, 640)]:
        stumps = reference.fit_xgboost(X[0], y[0], n_rounds, eta)
        stopping = reference.early_stopping(stumps, X[1], y[1], 50)
        assert stopping.n_rounds < n_rounds
        best[eta] = stopping.best_iteration + 1
        tested[eta] = loss(y[2], reference.predict_proba(stumps, X[2], best[eta]))
        if eta == 1:
            assert 0.01 < loss(y[2], reference.predict_proba(stumps, X[2], stopping.n_rounds)) - tested[1.0] < 0.07
    assert 1.7 < best[0.1] / best[0.2] < 2.6
    assert abs(tested[0.1] - tested[0.2]) < 0.006
    assert 0 < tested[1.0] - tested[0.1] < 0.05


def test_claim_forest(reference, thirds):
    X, y, seed = thirds
    stumps = reference.fit_xgboost(X[0], y[0], 200, 0.1)
    forest = RandomForestClassifier(300, random_state=seed).fit(X[0], y[0])
    ours = loss(y[2], reference.predict_proba(stumps, X[2]))
    theirs = loss(y[2], np.clip(forest.predict_proba(X[2])[:, 1], 1e-3, 1 - 1e-3))
    assert 0.465 < ours < 0.545
    assert 0.505 < theirs < 0.565
    assert theirs > ours + 0.01


def test_claim_breakdowns(reference, rng):
    X, y = draw(rng, 80, 1)
    stumps = reference.fit_xgboost(X, y, 30)
    far, edge = reference.predict_proba(stumps, 10 * np.array([[X.max()]])), np.array([[X.max()]])
    np.testing.assert_array_equal(far, reference.predict_proba(stumps, edge))
    X, y = np.repeat(CORNERS, 25, axis=0), np.repeat([0, 1, 1, 0], 25)
    np.testing.assert_allclose(reference.predict_proba(reference.fit_xgboost(X, y, 20), X), 0.5, atol=1e-12)


@pytest.mark.parametrize("tree_method", METHODS)
def test_claim_base_score(tree_method):
    """The numbers of the follow-up, and the weighted mean."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10_000, 5)), (rng.random(10_000) < 0.01).astype(float)
    data = xgboost.DMatrix(X, label=y)
    settings = {"objective": "binary:logistic", "tree_method": tree_method, "max_depth": 1, "nthread": 1}
    booster = xgboost.train(settings | {"base_score": 0.5}, data, 15)
    means = [booster.predict(data, iteration_range=(0, t)).mean() for t in (1, 5, 10, 15)]
    np.testing.assert_allclose(means[:3], [0.36, 0.11, 0.03], atol=0.006)
    assert means[3] > 1.2 * y.mean()
    booster = xgboost.train(settings, data, 15)
    for t in (1, 5, 10, 15):
        np.testing.assert_allclose(booster.predict(data, iteration_range=(0, t)).mean(), y.mean(), rtol=0.02)
    weight = rng.integers(1, 5, size=10_000)
    booster = xgboost.train(settings, xgboost.DMatrix(X, label=y, weight=weight), 1)
    np.testing.assert_allclose(base_score(booster), np.average(y, weights=weight), rtol=1e-5)
    booster = xgboost.train(settings | {"scale_pos_weight": 30}, data, 1)
    p, q = 30 * y.sum(), (1 - y).sum()
    np.testing.assert_allclose(logit(base_score(booster)), 2 * (p - q) / (p + q), rtol=1e-5)


def peers(reference, rng):
    """Yield ten rounds on 20,000 samples of ten features."""
    X = rng.normal(size=(20_000, 10))
    y = (X[:, 0] + rng.normal(size=20_000) > 0).astype(int)
    yield Peer(
        "20,000 samples of 10 features, 10 rounds",
        "xgboost.train, exact, depth 1",
        lambda: reference.fit_xgboost(X, y, 10),
        lambda: trained(X, y, 10),
        "Single precision there, and a compiled loop.",
    )
