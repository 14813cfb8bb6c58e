"""The reference beside PyTorch's scaled_dot_product_attention with autograd."""

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.bench.peers import Peer


def draw(rng, leading=(2, 3)):
    n_queries, n_keys, d_k, d_v = (int(size) for size in rng.integers(1, 9, size=4))
    sizes = (n_queries, d_v), (n_queries, d_k), (n_keys, d_k), (n_keys, d_v)
    return tuple(rng.normal(scale=2.0, size=(*leading, *size)) for size in sizes)


def assert_agree(reference, grad_out, q, k, v, mask=None, rtol=1e-9, atol=1e-11):
    tensors = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (q, k, v)]
    given = None if mask is None else torch.tensor(mask)
    out = scaled_dot_product_attention(*tensors, given)
    expected = torch.autograd.grad(out, tensors, torch.tensor(grad_out, dtype=torch.float64))
    grads = reference.attention_backward(grad_out, q, k, v, mask)
    for ours, theirs in zip(grads, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol, atol)
    return grads


@pytest.mark.parametrize("leading", [(), (2,), (2, 3), (2, 1, 3)], ids=str)
def test_random_problems(reference, rng, leading):
    for _ in range(50):
        assert_agree(reference, *draw(rng, leading))


def test_masks(reference, rng):
    for _ in range(200):
        grad_out, q, k, v = draw(rng)
        shape = np.array([2, 3, q.shape[-2], k.shape[-2]])
        shape[rng.random(4) < 0.3] = 1
        mask = rng.random(size=shape) < rng.uniform()
        # A query without keys is a test of its own.
        mask[..., 0] |= ~mask.any(axis=-1)
        assert_agree(reference, grad_out, q, k, v, mask)


def test_query_without_keys(reference, rng):
    """PyTorch gives zeros, too."""
    for _ in range(20):
        problem = draw(rng)
        mask = rng.random(size=(problem[1].shape[-2], problem[2].shape[-2])) < 0.5
        mask[-1] = False
        grads = assert_agree(reference, *problem, mask)
        assert not grads.grad_q[..., -1, :].any()


def test_causal_mask(reference, rng):
    for n in range(1, 9):
        problem = rng.normal(size=(4, 3, n, 4))
        assert_agree(reference, *problem, np.tri(n, dtype=bool))


def test_large_scores(reference, rng):
    for _ in range(50):
        grad_out, q, k, v = draw(rng)
        largest = np.abs(q @ np.swapaxes(k, -1, -2)).max() / np.sqrt(q.shape[-1])
        # A score of 10,000 is itself rounded by some 1e-12, which is a relative error of its power.
        assert_agree(reference, grad_out, q * (1e4 / largest), k, v, rtol=1e-7, atol=1e-6)


def test_large_scores_of_masked_keys(reference):
    k, v = np.array([[100.0], [-100.0], [-100.0]]), np.array([[1.0], [2.0], [4.0]])
    mask = np.array([[False, True, True]])
    grads = assert_agree(reference, np.array([[1.0]]), np.array([[100.0]]), k, v, mask)
    np.testing.assert_allclose(grads.grad_k, [[0.0], [-50.0], [50.0]], rtol=1e-12)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        assert_agree(reference, *rng.integers(-2, 3, size=(4, 2, 4, 5)))


def test_many_keys(reference, rng):
    grad_out, q = rng.normal(size=(2, 8, 3))
    assert_agree(reference, grad_out, q, *rng.normal(size=(2, 8_000, 3)))


def test_sizes_that_do_not_fit(reference, rng):
    grad_out, q, k, v = (rng.normal(size=size) for size in ((4, 2), (4, 3), (6, 3), (6, 2)))
    for problem in [
        (grad_out, q[:, :2], k, v),
        (grad_out, q, k[:5], v),
        (grad_out, q, k, v[:1]),
        (grad_out[:1], q, k, v),
        (grad_out[:, :1], q, k, v),
    ]:
        with pytest.raises(ValueError):
            reference.attention_backward(*problem)
        # PyTorch finds sizes of q, k and v in the forward pass, and of grad_out in the backward pass.
        with pytest.raises(RuntimeError):
            assert_agree(reference, *problem)
    for shape in [(6, 4), (3, 6), (4,), (2, 4, 6)]:
        with pytest.raises(ValueError):
            reference.attention_backward(grad_out, q, k, v, np.ones(shape, dtype=bool))


def test_claim_size_of_the_jacobians():
    assert round(1_000 * 1_000**2 * 8 / 2**30, 1) == 7.5


def test_claim_single_key(reference, rng):
    grads = reference.attention_backward(*(rng.normal(size=size) for size in ((5, 2), (5, 3), (1, 3), (1, 2))))
    np.testing.assert_allclose(grads.grad_q, 0, atol=1e-15)
    np.testing.assert_allclose(grads.grad_k, 0, atol=1e-15)


def test_claim_mean_without_weights(rng):
    grad_out, q, k, v = rng.normal(size=(4, 6, 4))
    powers = np.exp(q @ k.T / 2)
    weights = powers / powers.sum(axis=1, keepdims=True)
    mean = (weights * (grad_out @ v.T)).sum(axis=1)
    np.testing.assert_allclose(mean, (grad_out * (weights @ v)).sum(axis=1), rtol=1e-9, atol=1e-12)


def test_claim_bias_of_keys(reference, rng):
    for _ in range(50):
        problem = draw(rng)
        mask = rng.random(size=(problem[1].shape[-2], problem[2].shape[-2])) < 0.5
        grads = reference.attention_backward(*problem, mask)
        np.testing.assert_allclose(grads.grad_k.sum(axis=-2), 0, atol=1e-12)


def test_claim_saturation(reference):
    ones = np.array([[1.0], [0.0]])

    def slope(q):
        return reference.attention_backward(np.array([[1.0]]), np.array([[q]]), ones, ones).grad_q.item()

    assert slope(0.0) == pytest.approx(0.25)
    assert slope(10.0) == pytest.approx(4.5e-5, rel=0.02)
    assert abs(slope(40.0)) < 1e-15


def peers(reference, rng):
    """Yield the gradients of a small batch."""
    grad_out, q, k, v = rng.normal(size=(4, 2, 8, 128, 64))
    tensors = [torch.tensor(array, requires_grad=True) for array in (q, k, v)]
    grad = torch.tensor(grad_out)
    yield Peer(
        "2 x 8 heads, 128 tokens of 64, both ways",
        "scaled_dot_product_attention, autograd",
        lambda: reference.attention_backward(grad_out, q, k, v),
        lambda: torch.autograd.grad(scaled_dot_product_attention(*tensors), tensors, grad),
    )
