from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# A cache stays as it is, so that several continuations can start from it.
PURE = True

# The kata's own have these fields.
Weights = namedtuple("Weights", "w_q w_k w_v w_o")  # noqa: PYI024
Cache = namedtuple("Cache", "keys values")  # noqa: PYI024
# One head of size 1: with w_q = 0 all scores are 0, and a token gets the mean of the values.
ONE, ZERO = np.eye(1), np.zeros((1, 1))
# Two sequences of two tokens. The scores of sequences and heads are thousands apart, with weights that change nothing.
APART, PLAIN = np.array([[[1.0, 50.0], [2.0, 40.0]], [[60.0, 3.0], [50.0, 1.0]]]), Weights(*4 * [np.eye(2)])


@pytest.fixture
def weights(rng):
    """Projections of d_model = 6."""
    return Weights(*(rng.normal(size=(6, 6)) / 2 for _ in range(4)))


def defined(x, weights, n_heads):
    """Return out, keys and values of causal attention, one sequence, head and token at a time."""
    n_sequences, n_tokens, d_model = x.shape
    d_head = d_model // n_heads
    keys, values = np.empty((2, n_sequences, n_heads, n_tokens, d_head))
    heads = np.empty(x.shape)
    for s, tokens in enumerate(x):
        for h in range(n_heads):
            own = slice(h * d_head, (h + 1) * d_head)
            q, keys[s, h], values[s, h] = (tokens @ w[:, own] for w in weights[:3])
            for i in range(n_tokens):
                scores = np.array([q[i] @ keys[s, h, j] / np.sqrt(d_head) for j in range(i + 1)])
                powers = np.exp(scores - scores.max())
                heads[s, i, own] = powers @ values[s, h, : i + 1] / powers.sum()
    return heads @ weights.w_o, keys, values


def empty(n_sequences, n_heads, d_head):
    """Return a cache without tokens."""
    return Cache(np.zeros((n_sequences, n_heads, 0, d_head)), np.zeros((n_sequences, n_heads, 0, d_head)))


def test_prompt(kata, rng, weights):
    """In prefill each token attends to itself and to the tokens before it, in each head by itself."""
    out = kata.prefill(np.array([[[2.0], [6.0], [1.0]]]), Weights(ZERO, ONE, ONE, 2 * ONE), 1).out
    assert_close(out, [[[4.0], [8.0], [6.0]]])
    for n_sequences, n_tokens, n_heads in [(1, 4, 1), (2, 5, 2), (3, 1, 3), (2, 7, 6), (2, 2, 2)]:
        x = rng.normal(size=(n_sequences, n_tokens, 6))
        assert_close(kata.prefill(x, weights, n_heads).out, defined(x, weights, n_heads)[0])
    # Each sequence and head has a softmax of its own.
    assert_close(kata.prefill(APART, PLAIN, 2).out, defined(APART, PLAIN, 2)[0])


def test_cache_of_the_prompt(kata, rng, weights):
    """Prefill returns keys and values of shape (n_sequences, n_heads, n_tokens, d_head)."""
    x = np.array([[[1.0, 2.0]]])
    cache = kata.prefill(x, Weights(np.eye(2), 3 * np.eye(2), 5 * np.eye(2), np.eye(2)), 2).cache
    assert_close(cache.keys, [[[[3.0]], [[6.0]]]])
    assert_close(cache.values, [[[[5.0]], [[10.0]]]])
    for n_sequences, n_tokens, n_heads in [(2, 5, 2), (1, 3, 3), (4, 2, 1), (2, 2, 6)]:
        x = rng.normal(size=(n_sequences, n_tokens, 6))
        cache, (_, keys, values) = kata.prefill(x, weights, n_heads).cache, defined(x, weights, n_heads)
        assert_close(cache.keys, keys)
        assert_close(cache.values, values)


def test_first_token(kata, rng, weights):
    """With an empty cache a token attends to itself only, and becomes the cache."""
    found = kata.decode_step(np.array([[3.0]]), empty(1, 1, 1), Weights(ONE, ONE, 2 * ONE, 10 * ONE), 1)
    assert_close(found.out, [[60.0]])
    assert_close(found.cache.keys, [[[[3.0]]]])
    assert_close(found.cache.values, [[[[6.0]]]])
    x = rng.normal(size=(2, 6))
    assert_close(kata.decode_step(x, empty(2, 3, 2), weights, 3).out, x @ weights.w_v @ weights.w_o)


def test_next_token(kata, rng, weights):
    """The new token attends to the cached tokens and to itself; its key and value come last."""
    cache = Cache(np.array([[[[2.0], [6.0]]]]), np.array([[[[20.0], [60.0]]]]))
    found = kata.decode_step(np.array([[1.0]]), cache, Weights(ZERO, ONE, 10 * ONE, ONE), 1)
    assert_close(found.out, [[30.0]])
    assert_close(found.cache.keys, [[[[2.0], [6.0], [1.0]]]])
    assert_close(found.cache.values, [[[[20.0], [60.0], [10.0]]]])
    for n_sequences, n_tokens, n_heads in [(1, 4, 1), (2, 5, 2), (3, 2, 3), (2, 7, 6), (6, 3, 2)]:
        x = rng.normal(size=(n_sequences, n_tokens, 6))
        out, keys, values = defined(x, weights, n_heads)
        cache = Cache(keys[:, :, :-1].copy(), values[:, :, :-1].copy())
        found = kata.decode_step(x[:, -1], cache, weights, n_heads)
        assert_close(found.out, out[:, -1])
        assert_close(found.cache.keys, keys)
        assert_close(found.cache.values, values)
    # Each sequence and head has a softmax of its own.
    out, keys, values = defined(APART, PLAIN, 2)
    cache = Cache(keys[:, :, :1].copy(), values[:, :, :1].copy())
    assert_close(kata.decode_step(APART[:, 1], cache, PLAIN, 2).out, out[:, 1])


def test_token_by_token(kata, rng, weights):
    """Decoding from an empty cache gives what causal attention gives at each position."""
    x = rng.normal(size=(2, 6, 6))
    out, keys, _ = defined(x, weights, 2)
    cache = empty(2, 2, 3)
    for i in range(6):
        step = kata.decode_step(x[:, i], cache, weights, 2)
        assert_close(step.out, out[:, i])
        cache = step.cache
    assert_close(cache.keys, keys)


def test_after_the_prompt(kata, rng, weights):
    """Decoding goes on from the cache of prefill."""
    x = rng.normal(size=(3, 8, 6))
    out, _, values = defined(x, weights, 3)
    cache = kata.prefill(x[:, :5], weights, 3).cache
    for i in range(5, 8):
        step = kata.decode_step(x[:, i], cache, weights, 3)
        assert_close(step.out, out[:, i])
        cache = step.cache
    assert_close(cache.values, values)


def test_given_cache_counts(kata, rng, weights):
    """Earlier tokens act through the given keys and values alone, whatever they were made of."""
    keys, values = rng.normal(size=(2, 1, 2, 4, 3))
    x = rng.normal(size=(1, 6))
    found = kata.decode_step(x, Cache(keys, values), weights, 2)
    q, k, v = (x @ w for w in weights[:3])
    heads = []
    for h in range(2):
        own = slice(3 * h, 3 * h + 3)
        powers = np.exp(np.vstack([keys[0, h], k[:, own]]) @ q[0, own] / np.sqrt(3))
        heads.append(powers @ np.vstack([values[0, h], v[:, own]]) / powers.sum())
    assert_close(found.out, np.concatenate(heads)[np.newaxis] @ weights.w_o)


def test_two_continuations(kata, rng, weights):
    """Two tokens that continue the same cache know nothing of each other."""
    x = rng.normal(size=(1, 5, 6))
    cache = kata.prefill(x[:, :3], weights, 2).cache
    kata.decode_step(x[:, 4], cache, weights, 2)
    assert_close(kata.decode_step(x[:, 3], cache, weights, 2).out, defined(x[:, :4], weights, 2)[0][:, -1])


def test_large_scores(kata):
    """Scores of 1e4 neither overflow nor vanish, even if a later token has a larger one."""
    weights = Weights(100 * ONE, 100 * ONE, ONE, ONE)
    assert_close(kata.prefill(np.array([[[1.0], [-1.0]]]), weights, 1).out, [[[1.0], [-1.0]]])
    cache = Cache(np.array([[[[100.0], [-100.0], [-50.0]]]]), np.array([[[[7.0], [8.0], [9.0]]]]))
    assert_close(kata.decode_step(np.array([[-1.0]]), cache, weights, 1).out, [[3.5]])
    # The scores are -2500; -5000, -1e4; 5000, 1e4, -1e4. Later tokens would have 5000 and 1e4.
    weights = Weights(-100 * ONE, 100 * ONE, ONE, ONE)
    assert_close(kata.prefill(np.array([[[0.5], [1.0], [-1.0]]]), weights, 1).out, [[[0.5], [0.5], [1.0]]])
    cache = Cache(np.array([[[[100.0]]]]), np.array([[[[7.0]]]]))
    assert_close(kata.decode_step(np.array([[1.0]]), cache, weights, 1).out, [[4.0]])


@strict
def test_small_integers(kata, rng):
    """Tokens and weights may be whole numbers, whose products their type does not hold."""
    weights = Weights(*(rng.integers(-20, 21, size=(6, 6)) for _ in range(4)))
    x = rng.integers(-3, 4, size=(2, 3, 6))
    step = kata.prefill(x, weights, 2)
    assert_close(step.out, defined(x.astype(float), weights, 2)[0])
    assert_equal(np.shape(kata.decode_step(x[:, 0], step.cache, weights, 2).out), (2, 6), what="the shape of out")


def workload(kata, rng, n):
    """Prefill two prompts of n tokens, and decode two more of each."""
    weights = Weights(*(rng.normal(size=(6, 6)) for _ in range(4)))
    found = [kata.prefill(rng.normal(size=(2, n, 6)), weights, 3)]
    for _ in range(2):
        found.append(kata.decode_step(rng.normal(size=(2, 6)), found[-1].cache, weights, 3))
    return found


MISTAKES = {
    "no causal mask in prefill": ("np.where(np.tri(x.shape[1]), scores, -np.inf)", "scores * 1.0"),
    "a mask that hides the token itself": (
        "np.where(np.tri(x.shape[1]), scores, -np.inf)",
        "np.where(np.tri(x.shape[1], k=-1, dtype=bool) | (np.arange(x.shape[1]) == 0), scores, -np.inf)",
    ),
    "masked scores 0 instead of -inf": ("np.tri(x.shape[1]), scores, -np.inf)", "np.tri(x.shape[1]), scores, 0.0)"),
    "masked scores lowered by 1e4": (
        "np.where(np.tri(x.shape[1]), scores, -np.inf)",
        "scores - 1e4 * (1 - np.tri(x.shape[1]))",
    ),
    "the largest score of later tokens, too": (
        "return Step(_merged(_softmax(scores) @ values)",
        (
            "scores = q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])\n"
            "    powers = np.exp(scores - scores.max(axis=-1, keepdims=True)) * np.tri(x.shape[1])\n"
            "    return Step(_merged(powers / powers.sum(axis=-1, keepdims=True) @ values)"
        ),
    ),
    "the new token does not see itself": (
        "weighted = _softmax(q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])) @ values",
        (
            "old = (keys, values) if keys.shape[2] == 1 else (keys[:, :, :-1], values[:, :, :-1])\n"
            "    weighted = _softmax(q @ old[0].swapaxes(-1, -2) / np.sqrt(q.shape[-1])) @ old[1]"
        ),
    ),
    "the new token in front": (
        "for pair in ((cache.keys, k), (cache.values, v))",
        "for pair in ((k, cache.keys), (v, cache.values))",
    ),
    "keys and values swapped in the cache": (
        "weighted.reshape(x.shape) @ weights.w_o, Cache(keys, values))",
        "weighted.reshape(x.shape) @ weights.w_o, Cache(values, keys))",
    ),
    "the cache is not extended": (
        "weighted.reshape(x.shape) @ weights.w_o, Cache(keys, values))",
        "weighted.reshape(x.shape) @ weights.w_o, cache)",
    ),
    "only the new token in the cache": (
        "weighted.reshape(x.shape) @ weights.w_o, Cache(keys, values))",
        "weighted.reshape(x.shape) @ weights.w_o, Cache(k, v))",
    ),
    "scores not scaled when decoding": (
        "_softmax(q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])) @ values",
        "_softmax(q @ keys.swapaxes(2, 3)) @ values",
    ),
    "scaled by d_model": (
        "_softmax(q @ keys.swapaxes(2, 3) / np.sqrt(q.shape[-1])) @ values",
        "_softmax(q @ keys.swapaxes(2, 3) / np.sqrt(x.shape[-1])) @ values",
    ),
    "w_o forgotten when decoding": (
        "weighted.reshape(x.shape) @ weights.w_o",
        "weighted.reshape(x.shape)",
    ),
    "w_k for the values": (
        "    q, k, v = (_heads(x[:, np.newaxis] @ w, n_heads) for w in weights[:3])",
        "    q, k, v = (_heads(x[:, np.newaxis] @ w, n_heads) for w in (weights.w_q, weights.w_k, weights.w_k))",
    ),
    "heads interleaved": (
        "projected.reshape(*projected.shape[:2], n_heads, -1).swapaxes(1, 2)",
        "projected.reshape(*projected.shape[:2], -1, n_heads).swapaxes(1, 3).swapaxes(2, 3)",
    ),
    "heads split without swapping axes": (
        "projected.reshape(*projected.shape[:2], n_heads, -1).swapaxes(1, 2)",
        "projected.reshape(len(projected), n_heads, projected.shape[1], -1)",
    ),
    "heads merged without swapping axes": (
        "heads.swapaxes(1, 2).reshape(heads.shape[0]",
        "heads.reshape(heads.shape[0]",
    ),
    "a softmax that overflows": ("np.exp(scores - scores.max(axis=-1, keepdims=True))", "np.exp(scores)"),
    "scores clipped": (
        "    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))",
        "    powers = np.where(np.isneginf(scores), 0.0, np.exp(np.clip(scores, -700, 700)))",
    ),
    "softmax over the queries": ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=-2, keepdims=True)"),
    "the given cache changed": (
        "weighted = _softmax(q",
        "cache.keys[:, :, :1] += 1e-3\n    weighted = _softmax(q",
    ),
}
