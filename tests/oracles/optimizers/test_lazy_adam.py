"""The reference beside PyTorch's Adam on the rows looked up, and beside its SparseAdam."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw_options(rng):
    betas = tuple(float(beta) for beta in rng.uniform(0.0, 0.999, size=2))
    return {"lr": float(10.0 ** rng.uniform(-3, 0)), "betas": betas, "eps": float(10.0 ** rng.uniform(-8, 0))}


def draw_lookups(rng, n_rows, dim):
    rows = rng.integers(0, n_rows, size=int(rng.integers(0, 12)))
    grads = rng.normal(size=(len(rows), dim)) * 10.0 ** rng.uniform(-3, 3, size=(len(rows), dim))
    return rows, grads * rng.integers(0, 2, size=grads.shape)


def test_adam_on_touched_rows(reference, rng):
    """Each row is a parameter of its own for Adam, which knows the number of the step."""
    for _ in range(40):
        options = draw_options(rng)
        n_rows, dim = (int(size) for size in rng.integers(1, 6, size=2))
        table, m, v = rng.normal(size=(n_rows, dim)), np.zeros((n_rows, dim)), np.zeros((n_rows, dim))
        trained = [torch.nn.Parameter(torch.tensor(row)) for row in table]
        optimizer = torch.optim.Adam(trained, **options)
        for param in trained:
            zeros = torch.zeros(dim, dtype=torch.float64)
            optimizer.state[param] = {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
        for t in range(1, 7):
            rows, grads = draw_lookups(rng, n_rows, dim)
            before = table, m, v
            table, m, v = reference.sparse_adam_step(table, rows, grads, m, v, t, **options)
            for row, param in enumerate(trained):
                param.grad = torch.tensor(grads[rows == row].sum(axis=0)) if row in rows else None
                optimizer.state[param]["step"].fill_(t - 1)
            optimizer.step()
            np.testing.assert_allclose(table, torch.stack(trained).detach(), **CLOSE)
            states = [optimizer.state[param] for param in trained]
            np.testing.assert_allclose(m, torch.stack([state["exp_avg"] for state in states]), **CLOSE)
            np.testing.assert_allclose(v, torch.stack([state["exp_avg_sq"] for state in states]), **CLOSE)
            untouched = np.setdiff1d(np.arange(n_rows), rows)
            for new, old in zip((table, m, v), before, strict=True):
                assert new[untouched].tobytes() == old[untouched].tobytes()


def test_sparse_adam(reference, rng):
    """SparseAdam's eps stands beside the uncorrected root: over sqrt(1 - beta2^t) it is the reference's."""
    for _ in range(40):
        options = draw_options(rng)
        n_rows, dim = (int(size) for size in rng.integers(1, 6, size=2))
        table, m, v = rng.normal(size=(n_rows, dim)), np.zeros((n_rows, dim)), np.zeros((n_rows, dim))
        embedding = torch.nn.Embedding.from_pretrained(torch.tensor(table), freeze=False, sparse=True)
        optimizer = torch.optim.SparseAdam(embedding.parameters(), **options)
        for t in range(1, 7):
            rows, grads = draw_lookups(rng, n_rows, dim)
            optimizer.zero_grad()
            (embedding(torch.tensor(rows)) * torch.tensor(grads)).sum().backward()
            optimizer.step()
            eps = options["eps"] / (1 - options["betas"][1] ** t) ** 0.5
            table, m, v = reference.sparse_adam_step(table, rows, grads, m, v, t, **options | {"eps": eps})
            np.testing.assert_allclose(table, embedding.weight.detach(), **CLOSE)
            state = optimizer.state[embedding.weight]
            np.testing.assert_allclose(m, state["exp_avg"], **CLOSE)
            np.testing.assert_allclose(v, state["exp_avg_sq"], **CLOSE)


def test_defaults(reference, rng):
    """With every row in every step it is Adam; gradients of the size of eps show eps."""
    table, grads, zeros = rng.normal(size=(4, 3)), rng.normal(size=(3, 4, 3)) * 1e-8, np.zeros((4, 3))
    trained = torch.nn.Parameter(torch.tensor(table))
    optimizer = torch.optim.Adam([trained])
    m = v = zeros
    for t, grad in enumerate(grads, start=1):
        trained.grad = torch.tensor(grad)
        optimizer.step()
        table, m, v = reference.sparse_adam_step(table, np.arange(4), grad, m, v, t)
        np.testing.assert_allclose(table, trained.detach(), **CLOSE)


@pytest.mark.parametrize("t", [0, -1])
def test_first_number(reference, t):
    with pytest.raises(ValueError, match="t = 1"):
        reference.sparse_adam_step(np.ones((2, 1)), np.array([0]), np.ones((1, 1)), *np.zeros((2, 2, 1)), t)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        table, grads, m, v = rng.integers(0, 9, size=(4, 4, 2))
        rows = rng.integers(0, 4, size=4)
        have = reference.sparse_adam_step(table, rows, grads, m, v, 2, lr=1)
        want = reference.sparse_adam_step(table * 1.0, rows, grads * 1.0, m * 1.0, v * 1.0, 2, lr=1.0)
        for a, b in zip(have, want, strict=True):
            np.testing.assert_array_equal(a, b)


def walk(reference, grads, first=1, lazy=False):
    """Return how far each gradient moves a row at lr 1, from m = v = 0; lazy skips the gradients of 0."""
    row = m = v = np.zeros((1, 1))
    way = []
    for t, grad in enumerate(grads, start=first):
        before = row
        if grad or not lazy:
            row, m, v = reference.sparse_adam_step(row, np.array([0]), np.array([[grad]]), m, v, t, lr=1.0)
        way.append((before - row).item())
    return np.array(way)


def test_claims_of_one_gradient(reference):
    """1.0 lazy and 6.0 dense from t = 1; 3.2 and 31.8 from t = 100,000, of which 50 steps go 0.995."""
    grads = [1.0] + [0.0] * 999
    assert [round(walk(reference, grads, lazy=lazy).sum(), 1) for lazy in (True, False)] == [1.0, 6.0]
    late = walk(reference, grads, first=100_000)
    assert [round(late[0], 1), round(late.sum(), 1)] == [3.2, 31.8]
    assert round(late[1:51].sum() / late[1:].sum(), 3) == 0.995
    assert round(late[1:].sum() / late[0], 2) == 9.05
    assert round(0.9 / 0.999**0.5, 4) == 0.9005


def test_claim_of_rare_gradients(reference):
    """A gradient of 1 in every hundredth of 10,000 steps: 9.8 lr dense and 3.2 lr lazy in the last 100."""
    grads = (np.arange(1, 10_001) % 100 == 0) * 1.0
    ways = [walk(reference, grads, lazy=lazy) for lazy in (False, True)]
    assert [round(way[-100:].sum(), 1) for way in ways] == [9.8, 3.2]


def test_claims_of_late_rows(reference):
    """The first lookup goes 1.0, 2.5 and 3.2 at t = 1, 1,000 and 100,000."""
    ways = [walk(reference, [1.0], first=t).item() for t in (1, 1_000, 100_000)]
    assert [round(way, 1) for way in ways] == [1.0, 2.5, 3.2]


def test_claims_of_eps(reference):
    """At eps 0.1: -0.909 here and -0.240 in SparseAdam."""
    zeros, rows = np.zeros((1, 1)), np.array([0])
    step = reference.sparse_adam_step(zeros, rows, np.ones((1, 1)), zeros, zeros, 1, lr=1.0, eps=0.1)
    embedding = torch.nn.Embedding.from_pretrained(torch.tensor(zeros), freeze=False, sparse=True)
    optimizer = torch.optim.SparseAdam(embedding.parameters(), lr=1.0, eps=0.1)
    embedding(torch.tensor(rows)).sum().backward()
    optimizer.step()
    assert [round(step.table.item(), 3), round(embedding.weight.item(), 3)] == [-0.909, -0.240]


def peers(reference, rng):
    """Yield a step of an embedding table."""
    table, rows = rng.normal(size=(50_000, 32)), rng.integers(0, 50_000, size=20_000)
    grads, m, v = rng.normal(size=(20_000, 32)), np.zeros((50_000, 32)), np.ones((50_000, 32))
    sparse = torch.nn.Parameter(torch.tensor(table))
    places, values = torch.tensor(rows)[None], torch.tensor(grads)
    sparse.grad = torch.sparse_coo_tensor(places, values, sparse.shape, check_invariants=True)
    yield Peer(
        "20,000 lookups in 50,000 x 32",
        "SparseAdam.step",
        lambda: reference.sparse_adam_step(table, rows, grads, m, v, 3),
        torch.optim.SparseAdam([sparse], lr=0.1).step,
        "In place there; a pure step returns new arrays.",
    )
