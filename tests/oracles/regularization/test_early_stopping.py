"""The reference beside the callbacks of XGBoost and LightGBM, PyTorch's plateaus, and the loop of Keras."""

import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from lightgbm.basic import EvalResult
from lightgbm.callback import CallbackEnv, EarlyStopException

from tests.bench.peers import Peer


class Model:
    """What XGBoost's callback writes the best iteration to."""

    def __init__(self):
        self.best = None

    def num_boosted_rounds(self):
        """Say that training starts afresh."""
        return 0

    def set_attr(self, *, best_score, best_iteration):  # noqa: ARG002 - the name is XGBoost's
        """Keep the best iteration, which comes as text."""
        self.best = int(best_iteration)


def by_xgboost(losses, patience, min_delta):
    model = Model()
    stopping = xgboost.callback.EarlyStopping(rounds=patience, min_delta=min_delta, maximize=False)
    stopping.before_training(model)
    for epoch in range(len(losses)):
        if stopping.after_iteration(model, epoch, {"validation": {"loss": losses[: epoch + 1].tolist()}}):
            return epoch, model.best
    return None, model.best


def by_lightgbm(losses, patience, min_delta):
    stopping = lightgbm.early_stopping(patience, verbose=False, min_delta=min_delta)
    for epoch, loss in enumerate(losses.tolist()):
        # As if there were more epochs to come: LightGBM's last one ends with an exception, too.
        result = EvalResult("validation", "loss", loss, maximize=False)
        env = CallbackEnv(None, {}, epoch, 0, len(losses) + 1, [result])
        try:
            stopping(env)
        except EarlyStopException as stop:
            return epoch, stop.best_iteration
    return None, stopping.best_iter[0]


def by_keras(losses, patience, min_delta):
    """Repeat what Keras' callback does at the end of each epoch."""
    best, best_epoch, wait = np.inf, 0, 0
    for epoch, loss in enumerate(losses.tolist()):
        wait += 1
        if loss + min_delta < best:
            best, best_epoch, wait = loss, epoch, 0
        elif wait >= patience and epoch > 0:
            return epoch, best_epoch
    return None, best_epoch


def by_torch(losses, patience, min_delta):
    """Stop where the rate is reduced. PyTorch's patience is one epoch longer."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=patience - 1, threshold=min_delta, threshold_mode="abs"
    )
    best = 0
    for epoch, loss in enumerate(losses.tolist()):
        plateau.step(loss)
        if optimizer.param_groups[0]["lr"] < 1:
            return epoch, best
        best = epoch if plateau.num_bad_epochs == 0 else best
    return None, best


LIBRARIES = [by_xgboost, by_lightgbm, by_keras, by_torch]


@pytest.mark.parametrize("library", LIBRARIES)
def test_random(reference, rng, library):
    """Losses with plateaus and without; steps of 1/8, and so min_delta, are met exactly."""
    for _ in range(300):
        n = rng.integers(1, 40)
        losses = rng.integers(0, 12, size=n) / 4 - np.arange(n) // rng.integers(2, 9) / 8
        losses = losses if rng.random() < 0.7 else rng.normal(size=n)
        patience, min_delta = int(rng.integers(1, 9)), float(rng.choice([0.0, 0.125, 0.25, 1.0]))
        assert reference.early_stopping(losses, patience, min_delta) == library(losses, patience, min_delta)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("losses", "patience", "min_delta"),
    [
        ([6.0, 3.0, 5.0, 3.5, 4.0, 1.0], 3, 0.0),
        ([6.0, 3.0, 5.0, 3.5, 4.0, 1.0], 4, 0.0),
        ([2.0], 1, 0.0),
        ([2.0, 2.0], 1, 0.0),
        ([2.0, 1.0, 1.0, 1.0], 2, 0.0),
        ([2.0, 1.5, 1.0], 2, 1.0),
        ([2.0, np.nan, np.nan, 1.0], 2, 0.0),
        ([2.0, np.nan, 1.0, np.nan, np.nan], 2, 0.0),
    ],
)
def test_edges(reference, library, losses, patience, min_delta):
    losses = np.array(losses)
    assert reference.early_stopping(losses, patience, min_delta) == library(losses, patience, min_delta)


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_kinds(reference, rng, kind):
    for _ in range(50):
        losses = rng.integers(0, 9, size=20).astype(kind)
        assert reference.early_stopping(losses, 3, 1.0) == by_keras(losses, 3, 1.0)


def test_first_loss_is_nan(reference):
    """PyTorch starts at infinity, too; it counts the NaN itself as an epoch without an improvement, so 3 is enough."""
    for losses in (np.array([np.nan, 3.0, 2.0, 2.5]), np.array([np.nan, np.nan, 5.0, 6.0, 7.0])):
        assert reference.early_stopping(losses, 3) == by_torch(losses, 3, 0.0)
    assert reference.early_stopping(np.full(4, np.nan), 2) == (2, 0)


@pytest.mark.parametrize(
    ("losses", "patience", "min_delta"), [([], 1, 0.0), ([1.0], 0, 0.0), ([1.0], 1, -0.5), ([1.0], 1, np.nan)]
)
def test_bad_input(reference, losses, patience, min_delta):
    with pytest.raises(ValueError, match="at least"):
        reference.early_stopping(np.array(losses), patience, min_delta)


@pytest.mark.parametrize(("n", "lowest"), [(10, 0.85), (50, 0.78), (200, 0.72)])
def test_claim_lowest_of_many(n, lowest):
    found = [np.random.default_rng(seed).normal(1.0, 0.1, size=n).min() for seed in range(2_000)]
    assert np.mean(found) == pytest.approx(lowest, abs=0.006)


@pytest.mark.parametrize(
    ("patience", "min_delta", "stop", "excess"),
    [(1, 0.0, 2, 0.48), (5, 0.0, 14, 0.30), (20, 0.0, 59, 0.02), (20, 0.2, 40, 0.15)],
)
def test_claim_patience(reference, patience, min_delta, stop, excess):
    above = ((np.arange(200) - 40) / 40) ** 2 / 2
    noise = [np.random.default_rng(seed).normal(0.0, 0.1, size=200) for seed in range(1_000)]
    found = [reference.early_stopping(0.5 + above + each, patience, min_delta) for each in noise]
    assert np.median([each.stop_epoch for each in found]) == pytest.approx(stop, abs=1)
    assert np.mean([above[each.best_epoch] for each in found]) == pytest.approx(excess, abs=0.006)


def test_claim_ridge(rng):
    """Steps from 0 reach 1 - (1 - lr s)^t of the least-squares solution; ridge with 1 / (lr t) is never far away."""
    x = np.logspace(-4, 4, 10_001)
    assert 0.2035 < np.abs(1 - np.exp(-x) - x / (1 + x)).max() < 0.204
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    values, vectors = np.linalg.eigh(X.T @ X / 50)
    weights, solution = np.zeros(3), np.linalg.lstsq(X, y)[0]
    for _ in range(20):
        weights -= 0.1 * X.T @ (X @ weights - y) / 50
    np.testing.assert_allclose(vectors.T @ weights, (1 - (1 - 0.1 * values) ** 20) * (vectors.T @ solution), rtol=1e-9)
    ridge = np.linalg.solve(X.T @ X / 50 + 0.5 * np.eye(3), X.T @ y / 50)
    np.testing.assert_allclose(vectors.T @ ridge, values / (values + 0.5) * (vectors.T @ solution), rtol=1e-9)


def test_claim_models():
    """What boosting keeps and predicts with after an early stop."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(400, 5))
        y = X[:, 0] + rng.normal(size=400)
        train, valid = xgboost.DMatrix(X[:200], y[:200]), xgboost.DMatrix(X[200:], y[200:])
        booster = xgboost.train(
            {"tree_method": "hist"}, train, 200, evals=[(valid, "valid")], early_stopping_rounds=5, verbose_eval=False
        )
        best, kept = booster.best_iteration, booster.num_boosted_rounds()
        assert kept == best + 6
        np.testing.assert_array_equal(booster.predict(valid), booster.predict(valid, iteration_range=(0, kept)))
        assert (booster.predict(valid) != booster.predict(valid, iteration_range=(0, best + 1))).any()
        model = xgboost.XGBRegressor(n_estimators=200, tree_method="hist", early_stopping_rounds=5)
        model.fit(X[:200], y[:200], eval_set=[(X[200:], y[200:])], verbose=False)
        booster, best = model.get_booster(), model.best_iteration
        assert booster.num_boosted_rounds() == best + 6
        np.testing.assert_array_equal(model.predict(X[200:]), booster.predict(valid, iteration_range=(0, best + 1)))
        light = lightgbm.train(
            {"verbose": -1},
            lightgbm.Dataset(X[:200], y[:200]),
            200,
            valid_sets=[lightgbm.Dataset(X[200:], y[200:])],
            callbacks=[lightgbm.early_stopping(5, verbose=False)],
        )
        expected = light.predict(X[200:], num_iteration=light.best_iteration)
        np.testing.assert_array_equal(light.predict(X[200:]), expected)
        assert (light.predict(X[200:], num_iteration=light.best_iteration - 1) != expected).any()


def test_claim_nan_and_patience(reference):
    losses = np.array([np.nan, 3.0, 2.0, 1.0])
    for library in (by_xgboost, by_lightgbm):
        assert library(losses, 3, 0.0) == (3, 0)
    assert reference.early_stopping(losses, 3) == (None, 3)
    # by_torch gives PyTorch a patience that is one less, and stops at the same epoch.
    losses = np.array([1.0, 2.0, 3.0, 4.0])
    assert by_torch(losses, 2, 0.0) == by_keras(losses, 2, 0.0) == (2, 0)
    assert by_keras(losses, 0, 0.0) == by_keras(losses, 1, 0.0) == (1, 0)


def test_claim_state_dict():
    """The best weights need a copy."""
    layer = torch.nn.Linear(2, 1)
    kept = layer.state_dict()
    with torch.no_grad():
        layer.weight += 1
    assert torch.equal(kept["weight"], layer.weight)


def peers(reference, rng):
    """Yield a run of 10,000 epochs that never stops."""
    losses = np.linspace(2.0, 1.0, 10_000) + 0.01 * rng.normal(size=10_000)
    yield Peer(
        "10,000 epochs",
        "PyTorch's ReduceLROnPlateau, step by step",
        lambda: reference.early_stopping(losses, 10_000),
        lambda: by_torch(losses, 10_000, 0.0),
    )
