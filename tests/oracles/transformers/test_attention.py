"""The reference beside PyTorch's scaled_dot_product_attention."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer


def draw(rng, leading=(2, 3)):
    n_queries, n_keys, d_k, d_v = (int(size) for size in rng.integers(1, 9, size=4))
    sizes = (n_queries, d_k), (n_keys, d_k), (n_keys, d_v)
    return tuple(rng.normal(scale=2.0, size=(*leading, *size)) for size in sizes)


def assert_agree(reference, q, k, v, mask=None, rtol=1e-9, atol=1e-12):
    """Compare out with PyTorch's, and weights with what it makes of the unit vectors."""
    step = reference.attention(q, k, v, mask)
    given = None if mask is None else torch.tensor(mask)
    queries, keys, values = (torch.tensor(array, dtype=torch.float64) for array in (q, k, v))
    units = torch.eye(k.shape[-2], dtype=torch.float64).expand(*k.shape[:-1], -1)
    out = scaled_dot_product_attention(queries, keys, values, given)
    weights = scaled_dot_product_attention(queries, keys, units, given)
    np.testing.assert_allclose(step.weights, weights, rtol, atol)
    np.testing.assert_allclose(step.out, out, rtol, atol)
    return step


@pytest.mark.parametrize("leading", [(), (2,), (2, 3), (2, 1, 3)], ids=str)
def test_random_problems(reference, rng, leading):
    for _ in range(50):
        assert_agree(reference, *draw(rng, leading))


def test_masks(reference, rng):
    for _ in range(200):
        q, k, v = draw(rng)
        shape = np.array([2, 3, q.shape[-2], k.shape[-2]])
        shape[rng.random(4) < 0.3] = 1
        assert_agree(reference, q, k, v, rng.random(size=shape) < rng.uniform())


def test_query_without_keys(reference, rng):
    q, k, v = draw(rng)
    mask = rng.random(size=(q.shape[-2], k.shape[-2])) < 0.5
    mask[-1] = False
    step = assert_agree(reference, q, k, v, mask)
    assert not step.weights[..., -1, :].any()
    assert not step.out[..., -1, :].any()


def test_causal_mask(reference, rng):
    for n in range(1, 9):
        x = rng.normal(size=(3, n, 4))
        step = assert_agree(reference, x, x, x, reference.causal_mask(n))
        tokens = torch.tensor(x)
        causal = scaled_dot_product_attention(tokens, tokens, tokens, is_causal=True)
        np.testing.assert_allclose(step.out, causal, rtol=1e-9, atol=1e-12)


def test_large_scores(reference, rng):
    for _ in range(50):
        q, k, v = draw(rng)
        largest = np.abs(q @ np.swapaxes(k, -1, -2)).max() / np.sqrt(q.shape[-1])
        # A score of 10,000 is itself rounded by some 1e-12, which is a relative error of its power.
        assert_agree(reference, q * (1e4 / largest), k, v, rtol=1e-8, atol=1e-10)


def test_large_scores_of_masked_keys(reference):
    k, v = np.array([[100.0], [-100.0], [-100.0]]), np.array([[1.0], [2.0], [4.0]])
    step = assert_agree(reference, np.array([[100.0]]), k, v, np.array([[False, True, True]]))
    np.testing.assert_allclose(step.out, [[3.0]], rtol=1e-12)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        q, k, v = rng.integers(-2, 3, size=(3, 2, 4, 5))
        assert_agree(reference, q, k, v)


def test_sizes_that_do_not_fit(reference, rng):
    q, k, v = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    for problem in [(q[:, :2], k, v), (q, k[:, :1], v), (q, k[:5], v), (q, k, v[:1])]:
        with pytest.raises(RuntimeError):
            scaled_dot_product_attention(*(torch.tensor(array) for array in problem))
        with pytest.raises(ValueError):
            reference.attention(*problem)
    for shape in [(6, 4), (3, 6), (4,), (2, 4, 6)]:
        # PyTorch lets a mask with more axes than q enlarge the result; here it may not.
        if len(shape) < 3:
            with pytest.raises(RuntimeError):
                scaled_dot_product_attention(*map(torch.tensor, (q, k, v)), torch.ones(shape, dtype=torch.bool))
        with pytest.raises(ValueError):
            reference.attention(q, k, v, np.ones(shape, dtype=bool))


def peers(reference, rng):
    """Yield the attention of a small batch."""
    q, k, v = rng.normal(size=(3, 2, 8, 128, 64))
    tensors = [torch.tensor(array) for array in (q, k, v)]
    yield Peer(
        "2 x 8 heads, 128 tokens of 64",
        "scaled_dot_product_attention",
        lambda: reference.attention(q, k, v),
        lambda: scaled_dot_product_attention(*tensors),
    )
