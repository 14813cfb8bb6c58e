"""The reference beside PyTorch's Adagrad, with dense gradients and with the sparse ones of an embedding."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw_options(rng):
    return {"lr": float(10.0 ** rng.uniform(-3, 1)), "eps": float(10.0 ** rng.uniform(-10, 0))}


@pytest.mark.parametrize("shape", [(1,), (5,), (3, 4), (2, 3, 4)])
def test_dense_steps(reference, rng, shape):
    for _ in range(25):
        options, begun = draw_options(rng), float(rng.choice([0.0, 0.1, 2.0]))
        param, accumulator = rng.normal(size=shape), np.full(shape, begun)
        trained = torch.nn.Parameter(torch.tensor(param))
        optimizer = torch.optim.Adagrad([trained], initial_accumulator_value=begun, **options)
        for _ in range(6):
            grad = rng.normal(size=shape) * 10.0 ** rng.uniform(-6, 6, size=shape) * rng.integers(0, 2, size=shape)
            trained.grad = torch.tensor(grad)
            optimizer.step()
            param, accumulator = reference.adagrad_step(param, grad, accumulator, **options)
            np.testing.assert_allclose(param, trained.detach(), **CLOSE)
            np.testing.assert_allclose(accumulator, optimizer.state[trained]["sum"], **CLOSE)


def test_sparse_steps(reference, rng):
    for _ in range(50):
        options, begun = draw_options(rng), float(rng.choice([0.0, 0.1, 2.0]))
        n_rows, dim = (int(size) for size in rng.integers(1, 9, size=2))
        table, accumulator = rng.normal(size=(n_rows, dim)), np.full((n_rows, dim), begun)
        embedding = torch.nn.Embedding.from_pretrained(torch.tensor(table), freeze=False, sparse=True)
        optimizer = torch.optim.Adagrad(embedding.parameters(), initial_accumulator_value=begun, **options)
        for _ in range(6):
            rows = rng.integers(0, n_rows, size=int(rng.integers(0, 20)))
            grads = rng.normal(size=(len(rows), dim))
            optimizer.zero_grad()
            (embedding(torch.tensor(rows)) * torch.tensor(grads)).sum().backward()
            optimizer.step()
            before = table, accumulator
            table, accumulator = reference.adagrad_sparse_step(table, rows, grads, accumulator, **options)
            np.testing.assert_allclose(table, embedding.weight.detach(), **CLOSE)
            np.testing.assert_allclose(accumulator, optimizer.state[embedding.weight]["sum"], **CLOSE)
            untouched = np.setdiff1d(np.arange(n_rows), rows)
            assert table[untouched].tobytes() == before[0][untouched].tobytes()
            assert accumulator[untouched].tobytes() == before[1][untouched].tobytes()


def test_defaults(reference, rng):
    grads = rng.normal(size=(4, 3)) * 1e-10  # of the size of eps, so that it shows
    param = torch.nn.Parameter(torch.zeros(4, 3, dtype=torch.float64))
    optimizer = torch.optim.Adagrad([param])
    param.grad = torch.tensor(grads)
    optimizer.step()
    zeros = np.zeros((4, 3))
    np.testing.assert_allclose(reference.adagrad_step(zeros, grads, zeros).param, param.detach(), rtol=1e-9)
    sparse = reference.adagrad_sparse_step(zeros, np.arange(4), grads, zeros)
    np.testing.assert_allclose(sparse.table, param.detach(), rtol=1e-9)


def test_cancelling_duplicates(reference):
    rows, grads = np.array([1, 1, 1]), np.array([[4.0], [-6.0], [2.0]])
    table, accumulator = reference.adagrad_sparse_step(np.ones((2, 1)), rows, grads, np.zeros((2, 1)))
    assert table.tolist() == [[1.0], [1.0]]
    assert accumulator.tolist() == [[0.0], [0.0]]


def test_whole_numbers(reference, rng):
    for _ in range(20):
        table, grads, accumulator = rng.integers(0, 9, size=(3, 4, 2))
        rows = rng.integers(0, 4, size=4)
        actual = reference.adagrad_sparse_step(table, rows, grads, accumulator, lr=1, eps=1)
        expected = reference.adagrad_sparse_step(table * 1.0, rows, grads * 1.0, accumulator * 1.0, lr=1.0, eps=1.0)
        for have, want in zip(actual, expected, strict=True):
            np.testing.assert_array_equal(have, want)


def walk(reference, grads, begun=0.0):
    """Return how far each gradient moves a parameter at lr 1, one after another from 0, and the accumulator."""
    param, accumulator, way = np.zeros(1), np.array([begun]), []
    for grad in grads:
        step = reference.adagrad_step(param, np.array([grad]), accumulator, lr=1.0)
        way.append((param - step.param).item())
        param, accumulator = step
    return np.array(way), accumulator.item()


def test_claims_of_rare_and_constant_gradients(reference):
    """Last steps 0.03 and 0.32 lr; 18.6 lr in 100 steps and 199 lr in 10,000; from 0.1, 0.03 lr for 0.01."""
    often, rare = walk(reference, np.ones(1_000))[0], walk(reference, np.arange(1, 1_001) % 100 == 0)[0]
    assert (round(often[-1], 2), round(rare[-1], 2)) == (0.03, 0.32)
    way, accumulator = walk(reference, np.ones(10_000))
    assert (round(way[:100].sum(), 1), round(way.sum()), accumulator) == (18.6, 199, 10_000)
    assert [round(walk(reference, [0.01], begun)[0].item(), 2) for begun in (0.0, 0.1)] == [1.0, 0.03]


def test_claim_duplicates(reference):
    """100 lookups with gradient 1: one step of lr and 10,000, one after another 18.6 lr and 100."""
    zeros = np.zeros((1, 1))
    step = reference.adagrad_sparse_step(zeros, np.zeros(100, dtype=int), np.ones((100, 1)), zeros, lr=1.0)
    assert (round(step.table.item(), 6), step.accumulator.item()) == (-1.0, 10_000)
    way, accumulator = walk(reference, np.ones(100))
    assert (round(way.sum(), 1), accumulator) == (18.6, 100)


def peers(reference, rng):
    """Yield a dense step, and a sparse one of an embedding table."""
    param, grad = rng.normal(size=1_000_000), rng.normal(size=1_000_000)
    accumulator = np.ones(1_000_000)
    dense = torch.nn.Parameter(torch.tensor(param))
    dense.grad = torch.tensor(grad)
    yield Peer(
        "1,000,000 parameters",
        "Adagrad.step",
        lambda: reference.adagrad_step(param, grad, accumulator, 0.1),
        torch.optim.Adagrad([dense], lr=0.1).step,
        "In place there; a pure step returns new arrays.",
    )
    table, rows = rng.normal(size=(50_000, 32)), rng.integers(0, 50_000, size=20_000)
    grads, sums = rng.normal(size=(20_000, 32)), np.ones((50_000, 32))
    sparse = torch.nn.Parameter(torch.tensor(table))
    places, values = torch.tensor(rows)[None], torch.tensor(grads)
    sparse.grad = torch.sparse_coo_tensor(places, values, sparse.shape, check_invariants=True)
    yield Peer(
        "20,000 lookups in 50,000 x 32",
        "Adagrad.step, sparse",
        lambda: reference.adagrad_sparse_step(table, rows, grads, sums, 0.1),
        torch.optim.Adagrad([sparse], lr=0.1).step,
        "In place there; a pure step returns new arrays.",
    )
