"""`matrix_factorization` beside scikit-learn's Ridge, the normal equations of the whole problem, and PyTorch."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from torch.nn.functional import logsigmoid

from tests.bench.peers import Peer


def draw(rng, n_users=7, n_items=5, n_factors=3):
    observed = rng.random((n_users, n_items)) < 0.6
    ratings = rng.normal(1.0, 2.0, size=(n_users, n_items))
    return ratings, observed, rng.normal(size=(n_items, n_factors))


def ridge(ratings, observed, items, reg):
    """Fit scikit-learn's Ridge to one user after another."""
    users = np.zeros((len(ratings), items.shape[1]))
    for user, (row, seen) in zip(users, zip(ratings, observed, strict=True), strict=True):
        if seen.any():
            user[:] = Ridge(alpha=reg, fit_intercept=False, solver="cholesky").fit(items[seen], row[seen]).coef_
    return users


def test_solve_users(reference, rng):
    for n_factors in (1, 3, 6):
        for reg in (1e-2, 1.0, 30.0):
            ratings, observed, items = draw(rng, n_factors=n_factors)
            observed[0] = False
            users = reference.solve_users(np.where(observed, ratings, np.nan), observed, items, reg)
            np.testing.assert_allclose(users, ridge(ratings, observed, items, reg), rtol=1e-8, atol=1e-10)
            assert not users[0].any()


def test_fit_als(reference, rng):
    for n_sweeps in (1, 4):
        ratings, observed, start = draw(rng)
        observed[:, 1] = False
        items = start
        for _ in range(n_sweeps):
            users = ridge(ratings, observed, items, 0.7)
            items = ridge(ratings.T, observed.T, users, 0.7)
        fit = reference.fit_als(ratings, observed, start, 0.7, n_sweeps)
        np.testing.assert_allclose(fit.users, users, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(fit.items, items, rtol=1e-7, atol=1e-9)


def test_full_matrix(reference, rng):
    """With everything observed, ALS ends at the singular vectors, with sqrt(max(singular value - reg, 0))."""
    ratings = rng.normal(size=(6, 4)) * 3
    fit = reference.fit_als(ratings, np.ones((6, 4), dtype=bool), rng.normal(size=(4, 4)), 1.0, 3_000)
    left, values, right = np.linalg.svd(ratings, full_matrices=False)
    expected = (left * np.maximum(values - 1.0, 0)) @ right
    np.testing.assert_allclose(fit.users @ fit.items.T, expected, atol=1e-3)


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_bpr(reference, rng, scale):
    """With a scale of 30 the sigmoid is 0 or 1 to rounding."""
    for _ in range(20):
        users, items = scale * rng.normal(size=(3, 4)), scale * rng.normal(size=(5, 4))
        u, (i, j) = int(rng.integers(3)), (int(k) for k in rng.choice(5, size=2, replace=False))
        p, q = torch.tensor(users, requires_grad=True), torch.tensor(items, requires_grad=True)
        squares = (p[u] ** 2).sum() + (q[i] ** 2).sum() + (q[j] ** 2).sum()
        (-logsigmoid(p[u] @ (q[i] - q[j])) + 0.3 / 2 * squares).backward()
        step = reference.bpr_step(users, items, u, i, j, 0.1, 0.3)
        np.testing.assert_allclose(step.users, users - 0.1 * p.grad.numpy(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(step.items, items - 0.1 * q.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_claim_missing_ratings(reference):
    right, wrong = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        ratings = rng.normal(size=(60, 2)) @ rng.normal(size=(2, 40)) + 0.1 * rng.normal(size=(60, 40))
        observed, items = rng.random((60, 40)) < 0.5, rng.normal(size=(40, 2))
        zeros = np.where(observed, ratings, 0.0)
        for errors, seen in [(right, observed), (wrong, np.ones_like(observed))]:
            fit = reference.fit_als(zeros, seen, items, 0.5, 50)
            errors.append(np.sqrt(np.mean((ratings - fit.users @ fit.items.T)[~observed] ** 2)))
    low, high = np.sort(right)[[0, 16]]
    assert 0.10 <= low <= high <= 0.15
    assert 0.6 <= min(wrong) <= max(wrong) <= 1.25


def test_claim_counts(reference):
    for n, plain in [(1, 2.0), (4, 3.2), (16, 64 / 17)]:
        ratings, seen, items = np.full((1, n), 4.0), np.ones((1, n), dtype=bool), np.ones((n, 1))
        np.testing.assert_allclose(reference.solve_users(ratings, seen, items, 1.0), [[plain]])
        np.testing.assert_allclose(reference.solve_users(ratings, seen, items, float(n)), [[2.0]])


def test_claim_zeros_do_not_move(reference, rng):
    ratings, observed, items = draw(rng)
    fit = reference.fit_als(ratings, observed, 0 * items, 0.1, 3)
    assert not fit.users.any()
    assert not fit.items.any()


def test_claim_slope(reference):
    for difference, share in [(0.0, 0.5), (2.0, 0.12), (6.0, 0.0025)]:
        users, items = np.array([[1.0, difference]]), np.array([[0.0, 1.0], [0.0, 0.0]])
        step = reference.bpr_step(users, items, 0, 0, 1, 1.0, 0.0)
        assert (step.users - users)[0, 1] == pytest.approx(share, rel=0.02)


def peers(reference, rng):
    """Yield the users of a small service, one regression each."""
    ratings, observed, items = draw(rng, 400, 200, 10)
    yield Peer(
        "400 users, 200 items, 10 factors",
        "Ridge, user by user",
        lambda: reference.solve_users(ratings, observed, items, 0.5),
        lambda: ridge(ratings, observed, items, 0.5),
    )
