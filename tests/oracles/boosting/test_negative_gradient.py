"""`negative_gradient` beside PyTorch's autograd, and leaf values beside scikit-learn's and XGBoost's trees."""

import numpy as np
import pytest
import torch
import xgboost
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor
from torch.nn import functional

from tests.bench.peers import Peer

LOSSES = {
    "squared_error": lambda f, y, _delta: functional.mse_loss(f, y, reduction="none") / 2,
    "absolute_error": lambda f, y, _delta: functional.l1_loss(f, y, reduction="none"),
    "huber": lambda f, y, delta: functional.huber_loss(f, y, delta=delta, reduction="none"),
    "log_loss": lambda f, y, _delta: functional.binary_cross_entropy_with_logits(f, y, reduction="none"),
}
# XGBoost works in single precision.
CLOSE = {"rtol": 3e-6, "atol": 1e-6}


def draw(rng, loss, n):
    """Return targets and predictions; a third of the residuals are whole, among them 0 and delta."""
    prediction = rng.normal(scale=3.0, size=n).round(2)
    if loss == "log_loss":
        return rng.integers(0, 2, size=n).astype(float), prediction
    residual = np.where(rng.random(n) < 0.3, rng.integers(-2, 3, size=n), rng.normal(scale=3.0, size=n))
    return prediction + residual, prediction


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient(reference, rng, loss):
    for _ in range(100):
        y, prediction = draw(rng, loss, int(rng.integers(1, 20)))
        delta = float(rng.choice([0.5, 1.0, 2.0]))
        f = torch.tensor(prediction, requires_grad=True)
        (grad,) = torch.autograd.grad(LOSSES[loss](f, torch.tensor(y), delta).sum(), f)
        ours = reference.negative_gradient(loss, y, prediction, delta)
        np.testing.assert_allclose(ours, -grad, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
def test_leaves_minimise(reference, rng, loss):
    """A mean and a median are as good as any value; one step of huber and log_loss near the minimum lowers the loss."""
    for _ in range(50):
        y, prediction = draw(rng, loss, int(rng.integers(1, 20)))
        prediction = prediction / 3

        def total(value):
            moved = torch.tensor(prediction + value)  # noqa: B023
            return LOSSES[loss](moved, torch.tensor(y), 1.0).sum().item()  # noqa: B023

        value = reference.leaf_value(loss, y, prediction)
        if loss in ("squared_error", "absolute_error"):
            assert total(value) <= min(map(total, np.linspace(value - 3, value + 3, 201))) + 1e-9
        elif loss == "huber":
            assert total(value) <= total(np.median(y - prediction)) + 1e-9
        else:
            step = 1e-6
            slope = (total(step) - total(-step)) / (2 * step)
            curvature = (total(1e-3) - 2 * total(0.0) + total(-1e-3)) / 1e-6
            np.testing.assert_allclose(value, -slope / curvature, rtol=1e-3, atol=1e-6)


def leaves(tree, X):
    """Yield the rows and the value of each leaf."""
    places = tree.apply(X.astype(np.float32))
    for leaf in np.unique(places):
        yield places == leaf, tree.value[leaf].item()


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
def test_regressor(reference, rng, loss):
    """Leaves of odd size: of an even number, scikit-learn's median is the lower of the two in the middle."""
    lower = 0
    for _ in range(30):
        X, y = rng.normal(size=(40, 3)), rng.normal(scale=5.0, size=40)
        model = GradientBoostingRegressor(loss=loss, n_estimators=1, max_depth=2).fit(X, y)
        start = model.init_.predict(X).ravel()
        delta = float(np.quantile(np.abs(y - start), 0.9, method="inverted_cdf"))
        for rows, value in leaves(model.estimators_[0, 0].tree_, X):
            if loss == "squared_error" or rows.sum() % 2:
                ours = reference.leaf_value(loss, y[rows], start[rows], delta)
                np.testing.assert_allclose(value, ours, rtol=1e-9, atol=1e-12)
            elif loss == "absolute_error":
                ordered = np.sort(y[rows] - start[rows])
                assert value == pytest.approx(ordered[rows.sum() // 2 - 1])
                lower += value < reference.leaf_value(loss, y[rows], start[rows]) - 1e-9
    assert lower > 0 or loss != "absolute_error"


def test_classifier(reference, rng):
    for _ in range(30):
        X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, size=40)
        model = GradientBoostingClassifier(n_estimators=2, learning_rate=0.7, max_depth=2).fit(X, y)
        log_odds = np.full(40, np.log(y.mean() / (1 - y.mean())))
        for tree in model.estimators_[:, 0]:
            moved = log_odds.copy()
            for rows, value in leaves(tree.tree_, X):
                ours = reference.leaf_value("log_loss", y[rows], log_odds[rows])
                np.testing.assert_allclose(value, ours, rtol=1e-9, atol=1e-12)
                moved[rows] += 0.7 * value
            log_odds = moved


def grow(X, y, margin, **settings):
    """Return what one tree of XGBoost adds to each prediction, and in which leaf it is."""
    data = xgboost.DMatrix(X, label=y, base_margin=margin)
    parameters = {"eta": 1.0, "reg_lambda": 0.0, "min_child_weight": 0.0, "base_score": 0.5, "nthread": 1, **settings}
    booster = xgboost.train(parameters, data, 1)
    return booster.predict(data, output_margin=True) - margin, booster.predict(data, pred_leaf=True).ravel()


@pytest.mark.parametrize("tree_method", ["exact", "hist", "approx"])
def test_xgboost_log_loss(reference, rng, tree_method):
    for _ in range(20):
        X, y = rng.integers(0, 6, size=(50, 2)).astype(float), rng.integers(0, 2, size=50).astype(float)
        margin = rng.normal(size=50).astype(np.float32)
        added, places = grow(X, y, margin, objective="binary:logistic", tree_method=tree_method, max_depth=2)
        for leaf in np.unique(places):
            rows = places == leaf
            ours = reference.leaf_value("log_loss", y[rows], margin[rows].astype(float))
            np.testing.assert_allclose(added[rows], ours, rtol=1e-4, atol=1e-5)  # margins have been subtracted again


@pytest.mark.parametrize("tree_method", ["exact", "hist", "approx"])
def test_xgboost_absolute_error(reference, rng, tree_method):
    """The fifth follow-up: medians, but not with the exact method."""
    for n in (30, 31, 40):
        X, y = rng.normal(size=(n, 1)), rng.normal(scale=20.0, size=n)
        zero = np.zeros(n, dtype=np.float32)
        settings = {"objective": "reg:absoluteerror", "tree_method": tree_method, "max_depth": 1, "reg_lambda": 1.0}
        added, places = grow(X, y, zero, **settings)
        assert np.unique(places).size == 2
        for leaf in np.unique(places):
            rows = places == leaf
            signs = reference.negative_gradient("absolute_error", y[rows], zero[rows]).sum() / (rows.sum() + 1)
            expected = signs if tree_method == "exact" else reference.leaf_value("absolute_error", y[rows], zero[rows])
            np.testing.assert_allclose(added[rows], expected, **CLOSE)
            assert tree_method != "exact" or abs(signs) <= 1


def test_edges(reference):
    y, log_odds = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1000.0, 1000.0, -1000.0, -1000.0])
    f = torch.tensor(log_odds, requires_grad=True)
    (grad,) = torch.autograd.grad(LOSSES["log_loss"](f, torch.tensor(y), 1.0).sum(), f)
    np.testing.assert_allclose(reference.negative_gradient("log_loss", y, log_odds), -grad, atol=1e-14)
    assert reference.leaf_value("log_loss", y, log_odds) == 0.0
    assert reference.leaf_value("absolute_error", np.array([1.0, 2.0, 4.0, 9.0]), np.zeros(4)) == 3.0
    assert reference.negative_gradient("absolute_error", np.zeros(1), np.zeros(1)) == 0.0
    for loss, labels, message in [("quantile", [0.0, 1.0], "loss"), ("log_loss", [-1.0, 1.0], "labels")]:
        for function in (reference.negative_gradient, reference.leaf_value):
            with pytest.raises(ValueError, match=message):
                function(loss, np.array(labels), np.zeros(2))


def test_claim_of_splits(reference):
    """The numbers of the first follow-up: where least squares and XGBoost cut."""
    x = np.repeat([0.0, 1.0, 2.0], [10, 20, 20])[:, np.newaxis]
    y = np.concatenate([np.arange(10) < 2, np.arange(20) % 2, np.arange(20) % 10 < 3]).astype(float)
    margin = np.repeat([-4.0, 0.0], [10, 40])
    assert [y[:10].sum(), y[10:30].sum(), y[30:].sum()] == [2, 10, 6]
    stump = DecisionTreeRegressor(max_depth=1).fit(x, reference.negative_gradient("log_loss", y, margin))
    assert stump.tree_.threshold[0] == 1.5
    for tree_method in ("exact", "hist"):
        _, places = grow(x, y, margin, objective="binary:logistic", tree_method=tree_method, max_depth=1)
        assert places[0] != places[10] == places[30]


def test_claims_of_the_mean(reference):
    """The numbers of the second follow-up."""
    for unit in (1, 1000):
        y = unit * np.array([3.0, 5.0, 100.0])
        assert reference.negative_gradient("absolute_error", y, np.zeros(3)).mean() == 1
        assert reference.leaf_value("absolute_error", y, np.zeros(3)) == 5 * unit
    y = np.repeat([1.0, 0.0], [99, 1])
    assert reference.negative_gradient("log_loss", y, np.zeros(100)).mean() == pytest.approx(0.49)
    assert reference.leaf_value("log_loss", y, np.zeros(100)) == pytest.approx(1.96)


def test_claims_of_newton(reference):
    """The numbers of the third follow-up."""
    y = np.repeat([1.0, 0.0], [99, 1])

    def path(start, rate, n_steps):
        log_odds = [start]
        for _ in range(n_steps):
            log_odds.append(log_odds[-1] + rate * reference.leaf_value("log_loss", y, np.full(100, log_odds[-1])))
        return log_odds[1:]

    steps = path(0.0, 1.0, 6)
    assert [round(each, 2) for each in steps[:3]] == [1.96, 3.01, 3.83]
    assert steps[5] == pytest.approx(np.log(99), abs=0.005)
    assert abs(steps[4] - np.log(99)) > 0.01
    steps = path(-3.0, 1.0, 4)
    assert steps[0] == pytest.approx(17.9, abs=0.05)
    assert steps[1:] == pytest.approx([-573_194.6] * 3, abs=0.5)
    assert all(4.55 < each < 4.6 for each in path(-4.0, 0.1, 100)[59:])


def test_claims_of_outliers(reference):
    """The numbers of the fourth follow-up."""
    bounds = {"squared_error": (4.78, 5.11), "absolute_error": (-0.225, 0.3), "huber": (-0.18, 0.23)}
    for seed in range(20):
        residual = np.random.default_rng(seed).normal(size=100)
        residual[:5] = 100
        for loss, (low, high) in bounds.items():
            assert low < reference.leaf_value(loss, residual, np.zeros(100), 1.345) < high
    for seed in range(5):
        rng = np.random.default_rng(seed)
        values = {loss: [] for loss in bounds}
        for _ in range(2000):
            residual = rng.normal(size=100)
            for loss, found in values.items():
                found.append(reference.leaf_value(loss, residual, np.zeros(100), 1.345))
        mean, median, huber = (np.var(found) for found in values.values())
        assert 1.4 < median / mean < 1.7
        assert 1.02 < huber / mean < 1.12


def peers(reference, rng):
    """Yield gradients of a large batch, and a leaf."""
    prediction = rng.normal(size=200_000)
    y = (rng.random(200_000) < 0.5).astype(float)
    tensor, target = torch.tensor(prediction, requires_grad=True), torch.tensor(y)
    for loss in ("huber", "log_loss"):
        yield Peer(
            f"negative_gradient, {loss}, 200,000 samples",
            "the same loss in PyTorch, autograd",
            lambda loss=loss: reference.negative_gradient(loss, y, prediction),
            lambda loss=loss: torch.autograd.grad(LOSSES[loss](tensor, target, 1.0).sum(), tensor),
        )
