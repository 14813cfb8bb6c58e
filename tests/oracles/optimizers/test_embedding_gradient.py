"""The reference beside PyTorch's embedding, with dense and with sparse gradients."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
SHAPES = pytest.mark.parametrize("shape", [(), (1,), (9,), (0,), (3, 4), (2, 0), (2, 3, 4)])


def differentiate(table, ids, grad_out, padding_id, *, sparse):
    """Return PyTorch's output and its gradient for the table."""
    trained = torch.tensor(table, requires_grad=True)
    out = torch.nn.functional.embedding(torch.tensor(ids), trained, padding_idx=padding_id, sparse=sparse)
    out.backward(torch.tensor(grad_out))
    return out.detach().numpy(), trained.grad


@SHAPES
def test_random(reference, rng, shape):
    for _ in range(40):
        n_rows, dim = (int(size) for size in rng.integers(1, 7, size=2))
        table, ids = rng.normal(size=(n_rows, dim)), np.asarray(rng.integers(0, n_rows, size=shape))
        grad_out = rng.normal(size=(*shape, dim)) * rng.integers(0, 2, size=(*shape, dim))
        # PyTorch does not look for padding in a single id.
        padding_id = None if shape == () or rng.random() < 0.3 else int(rng.integers(0, n_rows))
        out, dense = differentiate(table, ids, grad_out, padding_id, sparse=False)
        np.testing.assert_array_equal(reference.embedding_forward(table, ids), out)
        np.testing.assert_allclose(reference.embedding_backward(grad_out, ids, n_rows, padding_id), dense, **CLOSE)
        gradient = differentiate(table, ids, grad_out, padding_id, sparse=True)[1].coalesce()
        sparse = reference.sparse_embedding_backward(grad_out, ids, padding_id)
        np.testing.assert_array_equal(sparse.rows, gradient.indices()[0])
        np.testing.assert_allclose(sparse.grads, gradient.values(), **CLOSE)


def test_cancelling_ids(reference):
    ids, grad_out = np.array([6, 2, 6]), np.array([[4.0], [0.0], [-4.0]])
    gradient = differentiate(np.zeros((8, 1)), ids, grad_out, None, sparse=True)[1].coalesce()
    sparse = reference.sparse_embedding_backward(grad_out, ids)
    assert sparse.rows.tolist() == gradient.indices()[0].tolist() == [2, 6]
    assert sparse.grads.tolist() == gradient.values().tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("ids", [[-1], [0, 3]])
def test_out_of_range(reference, ids):
    with pytest.raises(ValueError, match="3 rows"):
        reference.embedding_forward(np.zeros((3, 2)), np.array(ids))
    with pytest.raises(IndexError):
        torch.nn.functional.embedding(torch.tensor(ids), torch.zeros(3, 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_whole_numbers(reference, rng, dtype):
    ids, grad_out = rng.integers(0, 9, size=(4, 5)).astype(dtype), rng.integers(-9, 9, size=(4, 5, 2)).astype(np.int8)
    floats = grad_out.astype(float), ids.astype(int)
    have, want = reference.embedding_backward(grad_out, ids, 9), reference.embedding_backward(*floats, 9)
    np.testing.assert_array_equal(have, want)
    have, want = reference.sparse_embedding_backward(grad_out, ids), reference.sparse_embedding_backward(*floats)
    for a, b in zip(have, want, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("seed", range(200))
def test_claims_of_frequency(reference, seed):
    """8,192 ids by 1 / rank over 10,000 rows: 2,300 to 2,600 rows, of which the first has 760 to 920 lookups."""
    odds = 1 / np.arange(1, 10_001)
    ids = np.random.default_rng(seed).choice(10_000, size=8_192, p=odds / odds.sum())
    sparse = reference.sparse_embedding_backward(np.ones((8_192, 1)), ids)
    assert 2_300 <= len(sparse.rows) <= 2_600
    assert 760 <= sparse.grads[0].item() <= 920
    assert sparse.rows[0] == 0


def test_claims_of_norm_and_padding(reference):
    """Two lookups of one row have a norm of 2, the parts one of 1.41; padding_id 0 is not None."""
    grad_out, ids = np.ones((2, 1)), np.array([0, 0])
    assert np.linalg.norm(reference.sparse_embedding_backward(grad_out, ids).grads) == 2.0
    assert round(np.linalg.norm(grad_out), 2) == 1.41
    dense = [reference.embedding_backward(grad_out, ids, 2, padding_id).tolist() for padding_id in (0, None)]
    assert dense == [[[0.0], [0.0]], [[2.0], [0.0]]]


def test_claims_of_size():
    """400 MB and 3.2 billion products for 1,000 one-hot rows of 50,000; 32 GB for 200,000 of 20,000."""
    assert [1_000 * 50_000 * 8, 1_000 * 50_000 * 64, 1_000 * 64] == [400_000_000, 3_200_000_000, 64_000]
    assert [200_000 * 20_000 * 8, 1_000_000 * 64 * 4, 4_096 * 64 * 4] == [32_000_000_000, 256_000_000, 1_048_576]


def peers(reference, rng):
    """Yield the lookup and both gradients of a batch of 64 sequences."""
    table, ids = rng.normal(size=(50_000, 64)), rng.integers(0, 50_000, size=(64, 256))
    grad_out, functional = rng.normal(size=(64, 256, 64)), torch.nn.functional
    tensors = torch.tensor(ids), torch.tensor(table)
    yield Peer(
        "16,384 ids in 50,000 x 64",
        "functional.embedding",
        lambda: reference.embedding_forward(table, ids),
        lambda: functional.embedding(*tensors),
        "The ids are checked in passes of their own.",
    )
    for sparse, name in ((False, "embedding_dense_backward"), (True, "embedding_sparse_backward, coalesced")):
        trained = torch.tensor(table, requires_grad=True)
        out, weights = functional.embedding(tensors[0], trained, sparse=sparse), torch.tensor(grad_out)

        def differentiate_again(trained=trained, out=out, weights=weights, sparse=sparse):
            (gradient,) = torch.autograd.grad(out, trained, weights, retain_graph=True)
            return gradient.coalesce() if sparse else gradient

        ours = reference.sparse_embedding_backward if sparse else reference.embedding_backward
        sizes = () if sparse else (50_000,)
        yield Peer(
            f"{'sparse' if sparse else 'dense'} gradient of 16,384 ids in 50,000 x 64",
            name,
            lambda ours=ours, sizes=sizes: ours(grad_out, ids, *sizes),
            differentiate_again,
            "np.add.at adds one number at a time.",
        )
