from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PURE = True

# The kata's own have these fields.
Attention = namedtuple("Attention", "w_q w_k w_v w_o")  # noqa: PYI024
FeedForward = namedtuple("FeedForward", "w_1 b_1 w_2 b_2")  # noqa: PYI024
Norm = namedtuple("Norm", "gamma beta")  # noqa: PYI024
Params = namedtuple("Params", "self_attention norm_1 cross_attention norm_2 feed_forward norm_3")  # noqa: PYI024

# Two features: at eps = 0 a norm gives -1 to the smaller and 1 to the larger. With w_q = 0, attention gives the mean.
ZERO, SAME = np.zeros((2, 2)), np.eye(2)
PLAIN = Norm(np.ones(2), np.zeros(2))
MEAN = Attention(ZERO, ZERO, SAME, SAME)
RELU = FeedForward(SAME, np.zeros(2), SAME, np.zeros(2))
# No attention and no feed-forward part.
NOTHING, OFF = Attention(ZERO, ZERO, ZERO, ZERO), FeedForward(ZERO, np.zeros(2), ZERO, np.zeros(2))
TOKENS = np.array([[[1.0, 5.0], [3.0, -1.0]]])
MEMORY = np.array([[[2.0, 0.0], [4.0, 0.0], [9.0, 9.0]]])


def draw(rng, d_model=6, d_ff=5):
    """Draw the parameters of a block: no matrix symmetric, no norm plain, no bias zero."""

    def norm():
        return Norm(rng.normal(size=d_model), rng.normal(size=d_model))

    def attention():
        return Attention(*rng.normal(scale=0.6, size=(4, d_model, d_model)))

    inner, outer = rng.normal(scale=0.6, size=(d_model, d_ff)), rng.normal(scale=0.6, size=(d_ff, d_model))
    feed_forward = FeedForward(inner, rng.normal(size=d_ff), outer, rng.normal(size=d_model))
    return Params(attention(), norm(), attention(), norm(), feed_forward, norm())


@pytest.fixture
def params(rng):
    """Parameters of a block with d_model = 6 and d_ff = 5."""
    return draw(rng)


def normalised(token, norm, eps):
    mean = sum(token) / len(token)
    var = sum((token - mean) ** 2) / len(token)
    return norm.gamma * (token - mean) / (var + eps) ** 0.5 + norm.beta


def attention(token, others, weights, n_heads):
    """Return what attention to some others adds to one token, head by head."""
    d_head = len(token) // n_heads
    q, k, v = token @ weights.w_q, [one @ weights.w_k for one in others], [one @ weights.w_v for one in others]
    joined = np.zeros(len(token))
    for head in range(n_heads):
        own = slice(head * d_head, (head + 1) * d_head)
        scores = np.array([q[own] @ key[own] / d_head**0.5 for key in k])
        if len(scores):
            powers = np.exp(scores - max(scores))
            joined[own] = sum(p * value[own] for p, value in zip(powers, v, strict=True)) / sum(powers)
    return joined @ weights.w_o


def defined(x, memory, params, n_heads, mask=None, eps=1e-5):
    """Return what the definition gives, one sequence and token at a time."""
    mask = np.ones(memory.shape[:2], dtype=bool) if mask is None else mask
    w_1, b_1, w_2, b_2 = params.feed_forward
    out = np.empty(x.shape)
    for s, tokens in enumerate(x):
        read = [normalised(token, params.norm_1, eps) for token in tokens]
        real = [memory[s, j] for j in range(memory.shape[1]) if mask[s, j]]
        for i, token in enumerate(tokens):
            y = token + attention(read[i], read[: i + 1], params.self_attention, n_heads)
            z = y + attention(normalised(y, params.norm_2, eps), real, params.cross_attention, n_heads)
            out[s, i] = z + np.maximum(normalised(z, params.norm_3, eps) @ w_1 + b_1, 0) @ w_2 + b_2
    return out


def test_three_parts(kata, rng, params):
    """Self-attention, cross-attention, feed-forward: each reads a normalised copy and is added."""
    block = Params(MEAN, PLAIN, MEAN, PLAIN, RELU, PLAIN)
    # Self-attention makes (0, 6) and (3, -1), cross-attention (3, 6) and (6, -1).
    found = kata.decoder_block(TOKENS, MEMORY[:, :2], block, 1, eps=0.0)
    assert_close(found, [[[3.0, 7.0], [7.0, -1.0]]])
    # Where all parts are off, the tokens pass unchanged.
    assert_close(kata.decoder_block(TOKENS, MEMORY, Params(NOTHING, PLAIN, NOTHING, PLAIN, OFF, PLAIN), 1), TOKENS)
    for n_sequences, n_tokens, n_memory, n_heads in [(1, 4, 3, 1), (2, 3, 5, 2), (3, 1, 1, 3), (2, 4, 4, 6)]:
        x, memory = rng.normal(1.0, 2.0, (n_sequences, n_tokens, 6)), rng.normal(size=(n_sequences, n_memory, 6))
        assert_close(kata.decoder_block(x, memory, params, n_heads), defined(x, memory, params, n_heads))


def test_causal(kata, rng, params):
    """In self-attention a token sees itself and the tokens before it."""
    block = Params(MEAN, PLAIN, NOTHING, PLAIN, OFF, PLAIN)
    x = np.array([[[1.0, 5.0], [3.0, -1.0], [8.0, 9.0]]])
    # The tokens normalised are (-1, 1), (1, -1) and (-1, 1).
    expected = [[[0.0, 6.0], [3.0, -1.0], [8 - 1 / 3, 9 + 1 / 3]]]
    assert_close(kata.decoder_block(x, MEMORY, block, 1, eps=0.0), expected)
    x, memory = rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 3, 6))
    whole = kata.decoder_block(x, memory, params, 2)
    assert_close(whole, defined(x, memory, params, 2))
    for n in (1, 3):
        changed = x.copy()
        changed[:, n:] = rng.normal(size=(2, 5 - n, 6))
        assert_close(kata.decoder_block(changed, memory, params, 2)[:, :n], whole[:, :n])


def test_cross_attention(kata, rng, params):
    """In cross-attention queries come from the tokens, keys and values from the memory, of any length."""
    # Normalised, the tokens are (-1, 1) and (1, -1): the scores are -+log(3) and 0, of the values (8, 0) and (0, 4).
    weights = Attention(np.diag([np.log(3.0) * 2**0.5, 0.0]), SAME / 8, SAME, SAME)
    memory = np.array([[[8.0, 0.0], [0.0, 4.0]]])
    found = kata.decoder_block(TOKENS, memory, Params(NOTHING, PLAIN, weights, PLAIN, OFF, PLAIN), 1, eps=0.0)
    assert_close(found, [[[3.0, 8.0], [9.0, 0.0]]])
    off = params._replace(feed_forward=FeedForward(np.zeros((6, 5)), np.zeros(5), np.zeros((5, 6)), np.zeros(6)))
    for n_tokens, n_memory in [(1, 4), (4, 1), (2, 7), (7, 2), (3, 3)]:
        x, memory = rng.normal(size=(2, n_tokens, 6)), rng.normal(size=(2, n_memory, 6))
        for block in (params, off):
            assert_close(kata.decoder_block(x, memory, block, 3), defined(x, memory, block, 3))


def test_memory_as_it_is(kata, rng, params):
    """Each token attends to the whole memory, which is not normalised."""
    block = Params(NOTHING, PLAIN, MEAN, PLAIN, OFF, PLAIN)
    assert_close(kata.decoder_block(TOKENS, MEMORY, block, 1, eps=0.0), [[[6.0, 8.0], [8.0, 2.0]]])
    x = rng.normal(size=(2, 4, 6))
    for n_memory in (4, 5):
        memory = rng.normal(3.0, 2.0, size=(2, n_memory, 6))
        assert_close(kata.decoder_block(x, memory, params, 2), defined(x, memory, params, 2))


def test_heads(kata, rng, params):
    """Head h has the columns h d_head to (h + 1) d_head - 1, and scores are divided by the root of d_head."""
    # Heads of size 1, and only the first tells the memory apart: by scores of -+log(3) and 0.
    weights = Attention(np.diag([np.log(3.0), 0.0]), SAME / 8, SAME, SAME)
    memory = np.array([[[8.0, 0.0], [0.0, 4.0]]])
    found = kata.decoder_block(TOKENS, memory, Params(NOTHING, PLAIN, weights, PLAIN, OFF, PLAIN), 2, eps=0.0)
    assert_close(found, [[[3.0, 7.0], [9.0, 1.0]]])
    x, memory = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 5, 6))
    for n_heads in (1, 2, 3, 6):
        assert_close(kata.decoder_block(x, memory, params, n_heads), defined(x, memory, params, n_heads))


def test_norms_and_feed_forward(kata, rng):
    """Each norm is over a token's features, with eps under the root; the feed-forward part has any width."""
    # (1, 3) has mean 2 and variance 1: with eps = 3 the third norm gives (-1/2, 1/2) * (10, 20) + (5, 0).
    part = FeedForward(SAME, np.array([1.0, -4.0]), SAME, np.array([0.0, 100.0]))
    norm = Norm(np.array([10.0, 20.0]), np.array([5.0, 0.0]))
    block = Params(NOTHING, PLAIN, NOTHING, PLAIN, part, norm)
    found = kata.decoder_block(np.array([[[1.0, 3.0], [7.0, 7.0]]]), MEMORY, block, 1, eps=3.0)
    assert_close(found, [[[2.0, 109.0], [13.0, 107.0]]])
    x, memory = rng.normal(-2.0, 3.0, size=(2, 3, 6)), rng.normal(size=(2, 4, 6))
    for d_ff, eps in [(1, 0.0), (6, 1e-3), (9, 0.5), (5, 10.0)]:
        block = draw(rng, d_ff=d_ff)
        assert_close(kata.decoder_block(x, memory, block, 2, None, eps), defined(x, memory, block, 2, None, eps))


def test_memory_mask(kata, rng, params):
    """Tokens attend to those entries of their own sequence's memory whose mask is True."""
    block = Params(MEAN, PLAIN, MEAN, PLAIN, RELU, PLAIN)
    found = kata.decoder_block(TOKENS, MEMORY, block, 1, np.array([[True, True, False]]), eps=0.0)
    assert_close(found, [[[3.0, 7.0], [7.0, -1.0]]])
    for n_sequences, n_tokens, n_memory in [(2, 4, 5), (3, 3, 3), (1, 5, 2), (4, 1, 4)]:
        x, memory = rng.normal(size=(n_sequences, n_tokens, 6)), rng.normal(size=(n_sequences, n_memory, 6))
        ends = np.arange(n_memory) < rng.integers(1, n_memory, size=(n_sequences, 1))
        holes = rng.random(size=(n_sequences, n_memory)) < 0.5
        holes[:, rng.integers(0, n_memory)] = True
        for mask in (ends, holes, ~ends, np.ones((n_sequences, n_memory), dtype=bool)):
            found = kata.decoder_block(x, memory, params, 3, mask)
            assert_close(found, defined(x, memory, params, 3, mask))


def test_only_padding(kata, rng, params):
    """Where a sequence's memory is only padding, cross-attention adds 0. Other sequences are as usual."""
    block = Params(MEAN, PLAIN, MEAN, PLAIN, RELU, PLAIN)
    found = kata.decoder_block(TOKENS, MEMORY, block, 1, np.array([[False] * 3]), eps=0.0)
    assert_close(found, [[[0.0, 7.0], [4.0, -1.0]]])
    x, memory = rng.normal(size=(3, 4, 6)), rng.normal(size=(3, 5, 6))
    mask = np.array([[True, True, False, False, True], [False] * 5, [True] * 5])
    assert_close(kata.decoder_block(x, memory, params, 2, mask), defined(x, memory, params, 2, mask))


def test_large_scores(kata):
    """Scores of 1e4 neither overflow nor vanish, even if the largest is masked."""
    sharp = Attention(np.diag([1e4 * 2**0.5, 0.0]), SAME, SAME, SAME)
    # In self-attention the second token's scores are -10,000 for the first token, and 10,000.
    block = Params(sharp, PLAIN, NOTHING, PLAIN, OFF, PLAIN)
    assert_close(kata.decoder_block(TOKENS, MEMORY, block, 1, eps=0.0), [[[0.0, 6.0], [4.0, -2.0]]])
    # The first token's scores are -10,000 times the first number of the memory.
    memory = np.array([[[1.0, 10.0], [-1.0, 20.0], [0.5, 30.0]]])
    block = Params(NOTHING, PLAIN, sharp, PLAIN, OFF, PLAIN)
    assert_close(kata.decoder_block(TOKENS, memory, block, 1, eps=0.0), [[[0.0, 25.0], [4.0, 9.0]]])
    found = kata.decoder_block(TOKENS, memory, block, 1, np.array([[True, False, False]]), eps=0.0)
    assert_close(found, [[[2.0, 15.0], [4.0, 9.0]]])
    # Rows whose scores have one sign: -10,000, -5,000 and -20,000 for the first token.
    memory = np.array([[[1.0, 10.0], [0.5, 20.0], [2.0, 30.0]]])
    assert_close(kata.decoder_block(TOKENS, memory, block, 1, eps=0.0), [[[1.5, 25.0], [5.0, 29.0]]])


@strict
def test_integers(kata, rng, params):
    """Tokens, memory and matrices may be integers: nothing is truncated."""
    x, memory = rng.integers(-3, 4, size=(2, 3, 6)), rng.integers(-3, 4, size=(2, 5, 6))
    weights = [Attention(*rng.integers(-1, 2, size=(4, 6, 6))) for _ in range(2)]
    block = params._replace(self_attention=weights[0], cross_attention=weights[1])
    assert_close(kata.decoder_block(x, memory, block, 2), defined(x, memory, block, 2))


def workload(kata, rng, n):
    """Decode beside a padded memory, a whole one, and one with ties and a sequence of padding only."""
    params = draw(rng)
    x, memory = rng.normal(size=(2, n, 6)), rng.normal(size=(2, n // 2 + 3, 6))
    mask = np.arange(n // 2 + 3) < np.array([[n // 2 + 3], [n // 3 + 1]])
    small = rng.integers(-1, 2, size=(3, n // 4 + 2, 6)).astype(float)
    kept = rng.integers(-1, 2, size=(3, n // 4 + 2, 6)).astype(float)
    real = rng.random(size=kept.shape[:2]) < 0.7
    real[1] = False
    return [
        kata.decoder_block(x, memory, params, 2, mask),
        kata.decoder_block(x, memory, params, 1, eps=0.1),
        kata.decoder_block(small, kept, params, 6, real),
        kata.decoder_block(small, kept, params, 3),
    ]


CROSS = "_attend(_normalised(x, params.norm_2, eps), memory, params.cross_attention, n_heads, real)"
SPLIT = "projected.reshape(*projected.shape[:2], n_heads, -1).swapaxes(1, 2)"
MISTAKES = {
    "no causal mask": ("causal = np.tri(x.shape[1])", "causal = None"),
    "a causal mask that hides the token itself": (
        "causal = np.tri(x.shape[1])",
        "causal = np.tri(x.shape[1], k=-1)",
    ),
    "a causal mask the other way round": (
        "causal = np.tri(x.shape[1])",
        "causal = np.tri(x.shape[1]).T",
    ),
    "causal in the memory, too": (
        "    read = _norm",
        "    real = np.tri(x.shape[1], memory.shape[1]) * (1 if real is None else real)\n    read = _norm",
    ),
    "causal in the memory where the lengths are equal": (
        "    read = _norm",
        "    real = causal if real is None and x.shape == memory.shape else real\n    read = _norm",
    ),
    "cross-attention before self-attention": [
        ("    read = _norm", "    x = x + " + CROSS + "\n    read = _norm"),
        ("    x = x + " + CROSS + "\n    return", "    return"),
    ],
    "cross-attention beside self-attention": [
        ("    read = _norm", "    crossed = " + CROSS + "\n    read = _norm"),
        ("    x = x + " + CROSS + "\n    return", "    x = x + crossed\n    return"),
    ],
    "no cross-attention": ("    x = x + " + CROSS + "\n", ""),
    "queries from the memory": (
        "zip((a, b, b), params[:3], strict=True)",
        "zip((b, a, a) if a.shape == b.shape else (a, b, b), params[:3], strict=True)",
    ),
    "values from the tokens": (
        "zip((a, b, b), params[:3], strict=True)",
        "zip((a, b, a) if a.shape == b.shape else (a, b, b), params[:3], strict=True)",
    ),
    "keys and values of the tokens and of the memory together": (
        "_normalised(x, params.norm_2, eps), memory, params.cross_attention, n_heads, real)",
        """_normalised(x, params.norm_2, eps), np.concatenate([memory, x], axis=1), params.cross_attention, n_heads,
        np.pad(np.broadcast_to(real is None or real, (len(x), 1, 1, memory.shape[1])), [(0, 0)] * 3 + [(0, x.shape[1])],
        constant_values=True))""",
    ),
    "the memory normalised": (
        "_attend(_normalised(x, params.norm_2, eps), memory,",
        "_attend(_normalised(x, params.norm_2, eps), _normalised(memory, params.norm_2, eps),",
    ),
    "one set of projections for both": ("memory, params.cross_attention", "memory, params.self_attention"),
    "post-norm": [
        (
            """    read = _normalised(x, params.norm_1, eps)
    x = x + _attend(read, read, params.self_attention, n_heads, causal)
""",
            "    x = _normalised(x + _attend(x, x, params.self_attention, n_heads, causal), params.norm_1, eps)\n",
        ),
        (
            "    x = x + " + CROSS + "\n",
            "    x = _normalised(x + _attend(x, memory, params.cross_attention, n_heads, real), params.norm_2, eps)\n",
        ),
        (
            "    return x + _feed_forward(_normalised(x, params.norm_3, eps), params.feed_forward)",
            "    return _normalised(x + _feed_forward(x, params.feed_forward), params.norm_3, eps)",
        ),
    ],
    "normalised queries, but plain keys and values": ("_attend(read, read,", "_attend(read, x,"),
    "cross-attention reads tokens that are not normalised": (
        "_attend(_normalised(x, params.norm_2, eps), memory,",
        "_attend(x, memory,",
    ),
    "no residual connection past cross-attention": ("    x = x + _attend(_norm", "    x = _attend(_norm"),
    "the residual connections start from the normalised tokens": (
        "    x = x + _attend(read, read,",
        "    x = read + _attend(read, read,",
    ),
    "norms 2 and 3 exchanged": [
        ("_attend(_normalised(x, params.norm_2", "_attend(_normalised(x, params.norm_3"),
        ("_feed_forward(_normalised(x, params.norm_3", "_feed_forward(_normalised(x, params.norm_2"),
    ],
    "normalised over the tokens": [
        ("a - a.mean(axis=-1", "a - a.mean(axis=1"),
        ("(centred**2).mean(axis=-1", "(centred**2).mean(axis=1"),
    ],
    "variance over d_model - 1": (
        "(centred**2).mean(axis=-1, keepdims=True)",
        "(centred**2).sum(axis=-1, keepdims=True) / max(a.shape[-1] - 1, 1)",
    ),
    "eps outside the root": (
        "np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)",
        "(np.sqrt((centred**2).mean(axis=-1, keepdims=True)) + eps)",
    ),
    "eps fixed at 1e-5": (".mean(axis=-1, keepdims=True) + eps)", ".mean(axis=-1, keepdims=True) + 1e-5)"),
    "beta forgotten": (".mean(axis=-1, keepdims=True) + eps) + norm.beta", ".mean(axis=-1, keepdims=True) + eps)"),
    "mask read as PyTorch's module does, True for padding": (
        "else memory_mask[:, np.newaxis, np.newaxis]",
        "else ~memory_mask[:, np.newaxis, np.newaxis]",
    ),
    "mask ignored": ("None if memory_mask is None else", "None if True else"),
    "mask of the first sequence for all": (
        "else memory_mask[:, np.newaxis, np.newaxis]",
        "else memory_mask[:1, np.newaxis, np.newaxis]",
    ),
    "a memory of padding gets NaN": (
        "np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)",
        "scores.max(axis=-1, keepdims=True)",
    ),
    "masked scores are -1e9: a mean of padding where there is nothing else": (", -np.inf)", ", -1e9)"),
    "masked scores are 0": (", -np.inf)", ", 0.0)"),
    "powers of the scores as they are": (
        "np.exp(scores - np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min))",
        "np.exp(scores)",
    ),
    "scores not scaled": (" / np.sqrt(q.shape[-1])\n", "\n"),
    "scores over the root of d_model": ("np.sqrt(q.shape[-1])", "np.sqrt(a.shape[-1])"),
    "heads split without swapping axes": (
        SPLIT,
        "projected.reshape(len(projected), n_heads, projected.shape[1], -1)",
    ),
    "heads interleaved": [
        (SPLIT, "np.moveaxis(projected.reshape(*projected.shape[:2], -1, n_heads), 3, 1)"),
        ("(weights @ v).swapaxes(1, 2).reshape(a.shape)", "np.moveaxis(weights @ v, 1, 3).reshape(a.shape)"),
    ],
    "heads joined without swapping axes": ("(weights @ v).swapaxes(1, 2).reshape", "(weights @ v).reshape"),
    "w_o forgotten": (".reshape(a.shape) @ params.w_o", ".reshape(a.shape)"),
    "no activation": ("np.maximum(a @ params.w_1 + params.b_1, 0) @", "(a @ params.w_1 + params.b_1) @"),
    "the tokens are changed in place": (
        "    x = x + _attend(read, read, params.self_attention, n_heads, causal)",
        "    x += _attend(read, read, params.self_attention, n_heads, causal)",
    ),
}
