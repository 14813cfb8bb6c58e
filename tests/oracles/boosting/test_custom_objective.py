"""`custom_objective` beside PyTorch's autograd, SciPy's pseudo_huber, and XGBoost trained with and without it."""

import numpy as np
import pytest
import torch
import xgboost
from scipy import special
from sklearn.metrics import roc_auc_score
from torch.nn import functional

from tests.bench.peers import Peer

METHODS = ["hist", "exact", "approx"]


def torch_pseudo_huber(margin, y, delta):
    return delta**2 * (torch.sqrt(1 + ((margin - y) / delta) ** 2) - 1)


def torch_focal(margin, y, gamma, weight):
    lead = (2 * y - 1) * margin
    return -(1 + (weight - 1) * y) * torch.exp(gamma * functional.logsigmoid(-lead)) * functional.logsigmoid(lead)


def derived(loss, y, margin, *parameters):
    """Return the loss of each sample, with both derivatives."""
    m = torch.tensor(margin, dtype=torch.float64, requires_grad=True)
    losses = loss(m, torch.tensor(y, dtype=torch.float64), *parameters)
    (grad,) = torch.autograd.grad(losses.sum(), m, create_graph=True)
    (hess,) = torch.autograd.grad(grad.sum(), m)
    return losses.detach().numpy(), grad.detach().numpy(), hess.numpy()


def assert_agree(ours, expected, rtol=1e-9, atol=1e-12):
    for actual, wanted in zip(ours, expected, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=atol)


def test_pseudo_huber(reference, rng):
    for _ in range(200):
        y, margin = rng.normal(scale=3.0, size=(2, int(rng.integers(1, 20))))
        delta = float(rng.choice([0.3, 1.0, 4.0]))
        ours = reference.pseudo_huber(y, margin, delta, -np.inf)
        assert_agree(ours, derived(torch_pseudo_huber, y, margin, delta))
        np.testing.assert_allclose(ours.loss, special.pseudo_huber(delta, margin - y), rtol=1e-9)
        np.testing.assert_allclose(reference.pseudo_huber(y, margin, delta, 0.3).hess, np.maximum(ours.hess, 0.3))
    # SciPy takes care of small residuals as well.
    small = np.array([1e-8, 3e-7, -1e-5])
    loss = reference.pseudo_huber(np.zeros(3), small).loss
    np.testing.assert_allclose(loss, special.pseudo_huber(1.0, small), rtol=1e-9)


def test_focal(reference, rng):
    for _ in range(200):
        n = int(rng.integers(1, 20))
        y, margin = rng.integers(0, 2, size=n), rng.normal(scale=4.0, size=n)
        gamma, weight = float(rng.choice([0.0, 0.5, 1.0, 2.0, 5.0])), float(rng.choice([0.2, 1.0, 30.0]))
        ours = reference.focal(y, margin, gamma, weight, -np.inf)
        expected = derived(torch_focal, y, margin, gamma, weight)
        assert_agree(ours, expected)
        for floor in (1e-16, 0.05):
            hess = reference.focal(y, margin, gamma, weight, floor).hess
            np.testing.assert_allclose(hess, np.maximum(expected[2], floor), rtol=1e-9, atol=1e-12)


def test_edges(reference):
    y, margin = np.array([1, 1, 0, 0]), np.array([1000.0, -1000.0, 1000.0, -1000.0])
    for gamma in (0.0, 0.5, 2.0):
        loss, grad, _ = derived(torch_focal, y, margin, gamma, 3.0)
        ours = reference.focal(y, margin, gamma, 3.0)
        assert_agree(ours, (loss, grad, np.full(4, 1e-16)), atol=1e-14)
    # At 40 the second derivative of autograd has lost its digits. There L is q**3, and each derivative brings a -3; at
    # -40 it is 40 * (1 - 2 * q) and its curvature (5 - 2 * 40) * q.
    one, q = np.array([1]), np.exp(-40.0)
    assert_agree(reference.focal(one, np.array([40.0]), 2.0, 1.0, -np.inf), (q**3, -3 * q**3, 9 * q**3), atol=0)
    assert_agree(reference.focal(one, np.array([-40.0]), 2.0, 1.0, -np.inf), (40.0, -1.0, -75 * q), atol=0)
    for labels in ([-1, 1], [2, 0]):
        with pytest.raises(ValueError, match="label"):
            reference.focal(np.array(labels), np.zeros(2))


def objective(loss, *parameters):
    """Return what xgboost.train takes, from one of the two functions."""

    def derivatives(margin, data):
        _, grad, hess = loss(data.get_label().astype(float), margin.astype(float), *parameters)
        return grad, hess

    return derivatives


def margins(X, y, n_rounds=5, obj=None, weight=None, **settings):
    data = xgboost.DMatrix(X, label=y, weight=weight)
    parameters = {"max_depth": 2, "nthread": 1, **settings}
    return xgboost.train(parameters, data, n_rounds, obj=obj).predict(data, output_margin=True)


@pytest.fixture
def imbalanced(rng):
    X = rng.normal(size=(400, 2))
    return X, (X[:, 0] + rng.normal(size=400) > 1.5).astype(float)


@pytest.mark.parametrize("tree_method", METHODS)
def test_xgboost_logistic(reference, imbalanced, tree_method):
    """Gamma 0 and scale_pos_weight, beside the library's own objective, in single precision."""
    name = {"objective": "binary:logistic", "base_score": 0.5, "tree_method": tree_method}
    theirs, obj = margins(*imbalanced, scale_pos_weight=3.0, **name), objective(reference.focal, 0.0, 3.0)
    np.testing.assert_allclose(margins(*imbalanced, obj=obj, **name), theirs, atol=2e-6)
    if tree_method != "approx":
        unnamed = margins(*imbalanced, obj=obj, base_score=0.0, tree_method=tree_method)
        np.testing.assert_allclose(unnamed, theirs, atol=2e-6)


@pytest.mark.parametrize("tree_method", METHODS)
def test_xgboost_pseudo_huber(reference, tree_method):
    """As the library's own; with approx only if its name is given, too: the name says that the Hessian varies."""
    rng = np.random.default_rng(0)  # other cuts make other trees, but not on every draw
    X, y = rng.normal(size=(400, 2)), 3 * rng.normal(size=400)
    name = {"objective": "reg:pseudohubererror"}
    for delta in (1.0, 2.5):
        obj, settings = objective(reference.pseudo_huber, delta), {"tree_method": tree_method, "base_score": 0.0}
        theirs = margins(X, y, huber_slope=delta, **name, **settings)
        np.testing.assert_allclose(margins(X, y, obj=obj, **name, **settings), theirs, atol=1e-5)
        unnamed = margins(X, y, obj=obj, **settings)
        if tree_method == "approx":
            assert np.abs(unnamed - theirs).max() > 0.1
        else:
            np.testing.assert_allclose(unnamed, theirs, atol=1e-5)


@pytest.mark.parametrize("tree_method", METHODS)
def test_claims_of_what_is_left_out(reference, imbalanced, rng, tree_method):
    """The third follow-up: the start, and the weights."""
    obj, settings = objective(reference.focal, 0.0), {"tree_method": tree_method, "base_score": 0.0}
    plain = margins(*imbalanced, obj=obj, **settings)
    assert np.array_equal(margins(*imbalanced, obj=obj, scale_pos_weight=3.0, **settings), plain)
    weight = rng.uniform(0.2, 5.0, size=400)
    if tree_method == "exact":  # the others weigh their cuts
        assert np.array_equal(margins(*imbalanced, obj=obj, weight=weight, **settings), plain)
    single = np.zeros((400, 1)), imbalanced[1]
    unweighted = margins(*single, obj=obj, **settings)
    assert np.array_equal(margins(*single, obj=obj, weight=weight, **settings), unweighted)
    start = margins(*imbalanced, 1, obj=obj, tree_method=tree_method, eta=1e-7)
    np.testing.assert_allclose(start, 0.5, atol=1e-5)
    data = xgboost.DMatrix(imbalanced[0], label=imbalanced[1])
    predicted = xgboost.train({"tree_method": tree_method}, data, 20, obj=obj).predict(data)
    assert predicted.min() < 0


def test_claims_of_newton(reference):
    """The numbers of the first follow-up."""
    y, best = np.repeat([1, 0], [10, 90]), np.log(1 / 9)
    for hess, rounds in ((None, 3), (1.0, 50), (0.25, 10)):
        margin, found = 0.0, []
        for _ in range(60):
            step = reference.focal(y, np.full(100, margin), 0.0)
            margin -= step.grad.sum() / (step.hess.sum() if hess is None else 100 * hess)
            found.append(abs(margin - best) < 0.01)
        assert found.index(True) + 1 == rounds
    at, missed = reference.pseudo_huber(np.zeros(1), np.array([0.7])), []
    for step in (0.2, 0.1):
        truth = reference.pseudo_huber(np.zeros(1), np.array([0.7 + step])).loss
        missed.append(abs(truth - reference.second_order_loss(at, np.array([step])))[0])
    assert missed == pytest.approx([0.00098, 0.000126], rel=0.01)
    assert 7.5 < missed[0] / missed[1] < 8.5


@pytest.mark.parametrize("tree_method", METHODS)
def test_claims_of_negative_curvature(reference, tree_method):
    """The numbers of the second follow-up."""
    margin = np.linspace(-20, 5, 25_001)
    hess = reference.focal(np.ones(25_001), margin, 2.0, 1.0, -np.inf).hess
    crossing = margin[hess < 0].max()
    assert crossing == pytest.approx(-2.79, abs=0.005)
    assert 1 / (1 + np.exp(-crossing)) == pytest.approx(0.058, abs=0.0005)
    assert (hess[margin < crossing] < 0).all()
    assert (hess.min(), margin[hess.argmin()]) == pytest.approx((-0.047, -3.85), abs=0.005)
    X, y = np.arange(50.0)[:, np.newaxis], np.ones(50)
    settings = {"tree_method": tree_method, "base_score": -4.0, "eta": 1.0, "reg_lambda": 1.0}
    for floor, expected in ((-np.inf, -4.0), (1e-16, 50.3), (0.1, 5.1)):
        found = margins(X, y, 1, obj=objective(reference.focal, 2.0, 1.0, floor), min_child_weight=0, **settings)
        assert found == pytest.approx(np.full(50, expected), abs=0.05)
    found = margins(X, y, 1, obj=objective(reference.focal, 2.0, 1.0, 0.001), **settings)
    assert found == pytest.approx(np.full(50, -4.0))


@pytest.mark.parametrize(("tree_method", "expected"), [("hist", 1.0), ("approx", 1.0), ("exact", 0.4)])
def test_claims_of_mixed_curvature(tree_method, expected):
    """The second follow-up: the exact method leaves out samples of negative hess, with their grad."""
    grad, hess = np.full(4, -1.0), np.array([2.0, 2.0, -0.5, -0.5])
    settings = {"tree_method": tree_method, "base_score": 0.0, "eta": 1.0, "reg_lambda": 1.0, "min_child_weight": 0}
    found = margins(np.zeros((4, 1)), np.zeros(4), 1, obj=lambda _margin, _data: (grad, hess), **settings)
    assert found == pytest.approx(np.full(4, expected))


def test_claims_of_checks(reference):
    """The fourth follow-up: what a wrong grad or hess does to the error of the expansion."""

    def ratio(grad_factor, hess_factor):
        loss, grad, hess = reference.focal(np.ones(1), np.array([-1.0]))
        wrong = reference.Objective(loss, grad_factor * grad, hess_factor * hess)
        missed = [
            reference.focal(np.ones(1), np.array([-1.0 + step])).loss
            - reference.second_order_loss(wrong, np.array([step]))
            for step in (0.002, 0.001)
        ]
        return (missed[0] / missed[1])[0]

    assert [ratio(1, 1), ratio(1, 1.5), ratio(1.5, 1)] == pytest.approx([8, 4, 2], rel=0.02)


def test_claims_of_units(reference):
    """The numbers of the fifth follow-up."""
    assert reference.pseudo_huber(np.zeros(1000), np.full(1000, 1000.0)).hess.sum() == pytest.approx(1e-6, rel=1e-3)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.uniform(size=(1000, 1))
        y = 1000 * (np.sin(6 * X[:, 0]) + 0.05 * rng.normal(size=1000))
        for tree_method in ("hist", "exact"):
            settings = {"objective": "reg:pseudohubererror", "tree_method": tree_method, "max_depth": 3}
            r2 = [
                1 - ((margins(X, y, 100, huber_slope=slope, **settings) - y) ** 2).mean() / y.var()
                for slope in (1.0, 1000.0)
            ]
            assert -2.85 < r2[0] < 1e-6
            assert r2[1] > 0.995


def test_claims_of_constants(reference):
    """The numbers of the sixth follow-up on constants."""

    def constant(n_positives, gamma, weight):
        y, margin = np.repeat([1, 0], [n_positives, 100 - n_positives]), 0.0
        for _ in range(200):
            step = reference.focal(y, np.full(100, margin), gamma, weight)
            margin -= step.grad.sum() / step.hess.sum()
        return margin

    for n_positives, expected in ((1, 0.15), (10, 0.31), (30, 0.42)):
        assert 1 / (1 + np.exp(-constant(n_positives, 2.0, 1.0))) == pytest.approx(expected, abs=0.005)
        assert constant(n_positives, 0.0, 10.0) == pytest.approx(np.log(10 * n_positives / (100 - n_positives)))


@pytest.mark.parametrize("tree_method", ["hist", "exact"])
def test_claims_of_imbalance(reference, tree_method):
    """The numbers of the sixth follow-up on trees."""
    bounds = {(0.0, 1.0): (0.9, 1.055), (2.0, 1.0): (2.25, 2.65), (0.0, 10.0): (3.05, 3.65)}
    for seed in range(10):
        rng = np.random.default_rng(seed)
        samples = []
        for _ in range(2):
            X = rng.normal(size=(4000, 3))
            odds = -3.2 + 1.5 * X[:, 0] + X[:, 1]
            samples.append((X, (rng.random(4000) < 1 / (1 + np.exp(-odds))).astype(float)))
        (X, y), (new, truth) = samples
        base_score = float(np.log(y.mean() / (1 - y.mean())))
        settings = {"tree_method": tree_method, "max_depth": 3, "eta": 0.1, "base_score": base_score, "nthread": 1}
        for (gamma, weight), (low, high) in bounds.items():
            obj = objective(reference.focal, gamma, weight, 0.01)
            model = xgboost.train(settings, xgboost.DMatrix(X, label=y), 60, obj=obj)
            margin = model.predict(xgboost.DMatrix(new)).astype(float)
            assert 0.83 < roc_auc_score(truth, margin) < 0.875
            assert low < (1 / (1 + np.exp(-margin))).mean() / truth.mean() < high


def peers(reference, rng):
    """Yield both objectives on a large batch."""
    margin = rng.normal(size=200_000)
    y, label = rng.normal(size=200_000), rng.integers(0, 2, size=200_000)
    cases = [("pseudo_huber", torch_pseudo_huber, y, (1.5,)), ("focal", torch_focal, label, (2.0, 3.0))]
    for name, loss, target, parameters in cases:
        yield Peer(
            f"{name}, 200,000 samples",
            "the formula in PyTorch, autograd twice",
            lambda name=name, target=target, parameters=parameters: getattr(reference, name)(
                target, margin, *parameters
            ),
            lambda loss=loss, target=target, parameters=parameters: derived(loss, target, margin, *parameters),
        )
