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


def test_claim_weights_take_122_mib():
    assert round(np.empty((4_000, 4_000)).nbytes / 2**20) == 122


def test_claim_division_by_the_root(reference, rng):
    """An undivided score is that of q times sqrt(d_k)."""
    for _ in range(5):
        q, k = rng.normal(size=(1_000, 512)), rng.normal(size=(64, 512))
        assert (q @ k.T).std() == pytest.approx(22.6, abs=0.5)
        divided, undivided = (reference.attention(scale * q, k, k).weights for scale in (1, 512**0.5))
        assert 0.10 <= divided.max(axis=-1).mean().round(2) <= 0.11
        assert 0.92 <= undivided.max(axis=-1).mean().round(2) <= 0.94
        slope, small = ((w * (1 - w)).sum(axis=-1).mean() for w in (divided, undivided))
        assert slope == pytest.approx(0.96, abs=0.005)
        assert 0.09 <= small.round(2) <= 0.12


def test_claim_mask_after_the_softmax(reference, rng):
    sums = []
    for _ in range(400):
        q, k = rng.normal(size=(2, 50, 16))
        sums.append((reference.attention(q, k, k).weights * reference.causal_mask(50))[0].sum())
    assert np.mean(sums) == pytest.approx(0.02, abs=0.005)


def test_claim_scores_lowered_by_1e9(rng):
    def softmax(scores):
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    scores = rng.normal(size=(20, 8))
    np.testing.assert_allclose(softmax(scores - 1e9), softmax(scores), rtol=1e-6)
    lowered = scores.astype(np.float32) - np.float32(1e9)
    np.testing.assert_array_equal(softmax(lowered), np.full((20, 8), 1 / 8))


def test_claim_two_halves_of_the_keys(reference, rng):
    q, k, v = rng.normal(size=(3, 10, 4))
    totals = [np.exp(q @ half.T / 2).sum(axis=-1, keepdims=True) for half in (k[:5], k[5:])]
    outs = [reference.attention(q, k[half], v[half]).out for half in (np.s_[:5], np.s_[5:])]
    merged = sum(t * out for t, out in zip(totals, outs, strict=True)) / sum(totals)
    np.testing.assert_allclose(merged, reference.attention(q, k, v).out, rtol=1e-12)


def test_claim_order(reference, rng):
    x, p = rng.normal(size=(10, 4)), rng.permutation(10)
    out = reference.attention(x, x, x).out
    np.testing.assert_allclose(reference.attention(x[p], x[p], x[p]).out, out[p], rtol=1e-12)
    np.testing.assert_allclose(reference.attention(x, x[p], x[p]).out, out, rtol=1e-12)


def test_claim_last_row_of_causal_attention(reference, rng):
    q, k, v = rng.normal(size=(3, 10, 4))
    causal = reference.attention(q, k, v, reference.causal_mask(10)).out
    np.testing.assert_allclose(reference.attention(q[-1:], k, v).out, causal[-1:], rtol=1e-12)


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
