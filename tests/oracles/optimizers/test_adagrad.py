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
