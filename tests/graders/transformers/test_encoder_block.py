from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PURE = True

# The kata's own have these fields.
Attention = namedtuple("Attention", "w_q w_k w_v w_o")  # noqa: PYI024
FeedForward = namedtuple("FeedForward", "w_1 b_1 w_2 b_2")  # noqa: PYI024
Norm = namedtuple("Norm", "gamma beta")  # noqa: PYI024
Params = namedtuple("Params", "attention norm_1 feed_forward norm_2")  # noqa: PYI024

# Two features: at eps = 0 a norm gives -1 to the smaller and 1 to the larger. With w_q = 0, attention gives the mean.
ZERO, SAME = np.zeros((2, 2)), np.eye(2)
PLAIN = Norm(np.ones(2), np.zeros(2))
MEAN = Attention(ZERO, ZERO, SAME, SAME)
RELU = FeedForward(SAME, np.zeros(2), SAME, np.zeros(2))
BLOCK = Params(MEAN, PLAIN, RELU, PLAIN)
# No attention and no feed-forward part.
NOTHING, OFF = Attention(ZERO, ZERO, ZERO, ZERO), FeedForward(ZERO, np.zeros(2), ZERO, np.zeros(2))
TOKENS = np.array([[[1.0, 5.0], [3.0, -1.0]]])


def draw(rng, d_model=6, d_ff=5):
    """Draw the parameters of a block: no matrix symmetric, no norm plain, no bias zero."""
    return Params(
        Attention(*rng.normal(scale=0.6, size=(4, d_model, d_model))),
        Norm(rng.normal(size=d_model), rng.normal(size=d_model)),
        FeedForward(
            rng.normal(scale=0.6, size=(d_model, d_ff)),
            rng.normal(size=d_ff),
            rng.normal(scale=0.6, size=(d_ff, d_model)),
            rng.normal(size=d_model),
        ),
        Norm(rng.normal(size=d_model), rng.normal(size=d_model)),
    )


@pytest.fixture
def params(rng):
    """Parameters of a block with d_model = 6 and d_ff = 5."""
    return draw(rng)


def normalised(token, norm, eps):
    mean = sum(token) / len(token)
    var = sum((token - mean) ** 2) / len(token)
    return norm.gamma * (token - mean) / (var + eps) ** 0.5 + norm.beta


def attention(tokens, weights, n_heads, real):
    """Return what attention adds to each token, one token and head at a time."""
    d_head = tokens.shape[1] // n_heads
    q, k, v = (np.array([token @ w for token in tokens]) for w in weights[:3])
    added = []
    for query in q:
        joined = np.zeros(tokens.shape[1])
        for head in range(n_heads):
            own = slice(head * d_head, (head + 1) * d_head)
            scores = np.array([query[own] @ k[j, own] / d_head**0.5 for j in real])
            if len(real):
                powers = np.exp(scores - max(scores))
                joined[own] = sum(p * v[j, own] for p, j in zip(powers, real, strict=True)) / sum(powers)
        added.append(joined @ weights.w_o)
    return np.array(added)


def defined(x, params, n_heads, mask=None, norm_first=False, eps=1e-5):
    """Return what the definition gives, one sequence at a time and token by token."""
    mask = np.ones(x.shape[:2], dtype=bool) if mask is None else mask
    w_1, b_1, w_2, b_2 = params.feed_forward
    out = []
    for tokens, real in zip(x, map(np.flatnonzero, mask), strict=True):
        if norm_first:
            read = np.array([normalised(token, params.norm_1, eps) for token in tokens])
            h = tokens + attention(read, params.attention, n_heads, real)
            read = [normalised(token, params.norm_2, eps) for token in h]
            out.append([a + np.maximum(b @ w_1 + b_1, 0) @ w_2 + b_2 for a, b in zip(h, read, strict=True)])
        else:
            h = tokens + attention(tokens, params.attention, n_heads, real)
            h = [normalised(token, params.norm_1, eps) for token in h]
            out.append([normalised(a + np.maximum(a @ w_1 + b_1, 0) @ w_2 + b_2, params.norm_2, eps) for a in h])
    return np.array(out)


def test_post_norm(kata, rng, params):
    """By default each norm follows the sum of a part and what went into it."""
    assert_close(kata.encoder_block(TOKENS, BLOCK, 1, eps=0.0), [[[-1.0, 1.0], [1.0, -1.0]]])
    norm = Norm(np.array([2.0, 3.0]), np.array([0.0, 4.0]))
    assert_close(kata.encoder_block(TOKENS, BLOCK._replace(norm_1=norm), 1, eps=0.0), [[[-1.0, 1.0], [1.0, -1.0]]])
    assert_close(kata.encoder_block(TOKENS, BLOCK._replace(norm_2=norm), 1, eps=0.0), [[[-2.0, 7.0], [2.0, 1.0]]])
    for shape, n_heads in [((1, 4, 6), 1), ((2, 5, 6), 2), ((3, 1, 6), 3)]:
        x = rng.normal(1.0, 2.0, size=shape)
        assert_close(kata.encoder_block(x, params, n_heads), defined(x, params, n_heads))


def test_pre_norm(kata, rng, params):
    """With norm_first each part reads a normalised copy, and its result is added to what is not normalised."""
    found = kata.encoder_block(TOKENS, BLOCK, 1, norm_first=True, eps=0.0)
    assert_close(found, [[[1.0, 6.0], [4.0, -1.0]]])
    # Where both parts are off, the tokens pass unchanged.
    assert_close(kata.encoder_block(TOKENS, Params(NOTHING, PLAIN, OFF, PLAIN), 1, norm_first=True), TOKENS)
    for shape, n_heads in [((1, 4, 6), 1), ((2, 5, 6), 2), ((3, 1, 6), 3)]:
        x = rng.normal(1.0, 2.0, size=shape)
        found = kata.encoder_block(x, params, n_heads, norm_first=True)
        assert_close(found, defined(x, params, n_heads, norm_first=True))


def test_norms(kata, rng, params):
    """A norm is over the features of a token; its variance divides by d_model, and eps is under the root."""
    # Mean 2 and variance 1: with eps = 3 the token is divided by 2. A constant token becomes beta.
    one = Norm(np.array([10.0, 20.0]), np.array([5.0, 0.0]))
    x = np.array([[[1.0, 3.0], [7.0, 7.0]]])
    block = Params(NOTHING, PLAIN, OFF, one)
    assert_close(kata.encoder_block(x, block._replace(norm_1=one, norm_2=PLAIN), 1, eps=0.0)[:, :1], [[[-1.0, 1.0]]])
    block = Params(NOTHING, PLAIN, FeedForward(ZERO, np.zeros(2), ZERO, np.array([1.0, 0.0])), one)
    # (1, 3) becomes (-1/2, 1/2) and, with b_2, (1/2, 1/2); (7, 7) becomes (0, 0) and (1, 0), of variance 1/4.
    root = 3.25**0.5
    assert_close(kata.encoder_block(x, block, 1, eps=3.0), [[[5.0, 0.0], [5 + 5 / root, -10 / root]]])
    x = rng.normal(-2.0, 3.0, size=(2, 3, 6))
    for eps in (0.0, 1e-3, 0.5, 10.0):
        for norm_first in (False, True):
            found = kata.encoder_block(x, params, 2, None, norm_first, eps)
            assert_close(found, defined(x, params, 2, None, norm_first, eps))


def test_attention(kata, rng, params):
    """Head h has the columns h d_head to (h + 1) d_head - 1, and scores are divided by the root of d_head."""
    # The tokens normalised are (-1, 1) and (1, -1). In the first of two heads their scores are +-log(3) / 2.
    w_q = np.diag([np.log(3.0) / 2, 0.0])
    block = Params(Attention(w_q, SAME, SAME, 2 * SAME), PLAIN, OFF, PLAIN)
    found = kata.encoder_block(TOKENS, block, 2, norm_first=True, eps=0.0)
    assert_close(found, [[[0.0, 5.0], [4.0, -1.0]]])
    x = rng.normal(size=(3, 4, 6))
    off = FeedForward(np.zeros((6, 5)), np.zeros(5), np.zeros((5, 6)), np.zeros(6))
    for n_heads in (1, 2, 3, 6):
        for norm_first in (False, True):
            for block in (params, params._replace(feed_forward=off)):
                found = kata.encoder_block(x, block, n_heads, norm_first=norm_first)
                assert_close(found, defined(x, block, n_heads, norm_first=norm_first))


def test_feed_forward(kata, rng):
    """The feed-forward part is max(0, z w_1 + b_1) w_2 + b_2 for each token by itself, of any width."""
    # The token normalised is (-1, 1). The hidden units are -1 + 3 and -1 - 2.
    part = FeedForward(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([3.0, -2.0]), 10 * SAME, np.array([0.0, 1.0]))
    block = Params(NOTHING, PLAIN, part, PLAIN)
    found = kata.encoder_block(TOKENS[:, :1], block, 1, norm_first=True, eps=0.0)
    assert_close(found, [[[21.0, 6.0]]])
    for d_ff in (1, 6, 9):
        block, x = draw(rng, d_ff=d_ff), rng.normal(size=(2, 3, 6))
        for norm_first in (False, True):
            found = kata.encoder_block(x, block, 2, norm_first=norm_first)
            assert_close(found, defined(x, block, 2, norm_first=norm_first))


def test_mask(kata, rng, params):
    """Tokens attend to those of their own sequence whose mask is True. Padding gets an output like the others."""
    mask = np.array([[True, False]])
    found = kata.encoder_block(TOKENS, BLOCK, 1, mask, norm_first=True, eps=0.0)
    assert_close(found, [[[0.0, 7.0], [3.0, 0.0]]])
    for shape in [(2, 4, 6), (3, 3, 6), (1, 5, 6)]:
        x = rng.normal(size=shape)
        ends = np.arange(shape[1]) < rng.integers(1, shape[1], size=(shape[0], 1))
        holes = rng.random(size=shape[:2]) < 0.5
        holes[:, rng.integers(0, shape[1])] = True
        for mask in (ends, holes, ~ends, np.ones(shape[:2], dtype=bool)):
            for norm_first in (False, True):
                found = kata.encoder_block(x, params, 3, mask, norm_first)
                assert_close(found, defined(x, params, 3, mask, norm_first))


def test_only_padding(kata, rng, params):
    """Where a sequence has only padding, attention adds 0 to its tokens. Other sequences are as usual."""
    mask = np.array([[False, False]])
    found = kata.encoder_block(TOKENS, BLOCK, 1, mask, norm_first=True, eps=0.0)
    assert_close(found, [[[1.0, 6.0], [4.0, -1.0]]])
    x = rng.normal(size=(3, 4, 6))
    mask = np.array([[True, True, False, False], [False] * 4, [True] * 4])
    for norm_first in (False, True):
        found = kata.encoder_block(x, params, 2, mask, norm_first)
        assert_close(found, defined(x, params, 2, mask, norm_first))


def test_large_scores(kata):
    """Scores of 1e4 neither overflow nor vanish, even if the largest is masked."""
    # With w_k = 0 but in one feature, and two features normalised to -1 and 1, the scores are +-10,000.
    for sign, first in [(1.0, [[0.0, 6.0], [4.0, -2.0]]), (-1.0, [[2.0, 4.0], [2.0, 0.0]])]:
        weights = Attention(np.diag([sign * 1e4 * 2**0.5, 0.0]), SAME, SAME, SAME)
        found = kata.encoder_block(TOKENS, Params(weights, PLAIN, OFF, PLAIN), 1, norm_first=True, eps=0.0)
        assert_close(found, [first])
    # The first feature is 2 or 4 after the norm: rows of 400 and 800, and of 800 and 1,600, or their negatives.
    for sign, found in [(1.0, [[5.0, 4.0], [7.0, -2.0]]), (-1.0, [[3.0, 6.0], [5.0, 0.0]])]:
        weights = Attention(np.diag([sign * 100 * 2**0.5, 0.0]), SAME, SAME, SAME)
        params = Params(weights, Norm(np.ones(2), np.array([3.0, 0.0])), OFF, PLAIN)
        assert_close(kata.encoder_block(TOKENS, params, 1, norm_first=True, eps=0.0), [found])
    # The first token's scores are 10,000, which is masked, and -10,000.
    weights = Attention(np.diag([1e4 * 2**0.5, 0.0]), SAME, SAME, SAME)
    mask = np.array([[False, True]])
    found = kata.encoder_block(TOKENS, Params(weights, PLAIN, OFF, PLAIN), 1, mask, norm_first=True, eps=0.0)
    assert_close(found, [[[2.0, 4.0], [4.0, -2.0]]])


@strict
def test_integers(kata, rng, params):
    """Tokens and matrices may be integers: nothing is truncated."""
    x = rng.integers(-3, 4, size=(2, 3, 6))
    weights = Attention(*rng.integers(-1, 2, size=(4, 6, 6)))
    block = params._replace(attention=weights)
    for norm_first in (False, True):
        found = kata.encoder_block(x, block, 2, norm_first=norm_first)
        assert_close(found, defined(x, block, 2, norm_first=norm_first))


def workload(kata, rng, n):
    """Encode a batch with padding both ways, one without, and one with ties and a sequence of padding only."""
    params = draw(rng)
    x = rng.normal(size=(2, n, 6))
    mask = np.arange(n) < np.array([[n], [n // 2 + 1]])
    small = rng.integers(-1, 2, size=(3, n // 4 + 2, 6)).astype(float)
    real = rng.random(size=small.shape[:2]) < 0.7
    real[1] = False
    return [
        kata.encoder_block(x, params, 2, mask),
        kata.encoder_block(x, params, 3, mask, norm_first=True),
        kata.encoder_block(x, params, 1, eps=0.1),
        kata.encoder_block(small, params, 6, real, norm_first=True),
        kata.encoder_block(small, params, 6, real),
    ]


STEP = "x + part(_normalised(x, norm, eps)) if norm_first else _normalised(x + part(x), norm, eps)"
SPLIT = "(z @ w).reshape(*z.shape[:2], n_heads, -1).swapaxes(1, 2)"
MISTAKES = {
    "always post-norm": (STEP, "_normalised(x + part(x), norm, eps)"),
    "always pre-norm": (STEP, "x + part(_normalised(x, norm, eps))"),
    "norm_first read the other way round": ("if norm_first else", "if not norm_first else"),
    "pre-norm adds to the normalised tokens": (
        "x + part(_normalised(x, norm, eps)) if",
        "_normalised(x, norm, eps) + part(_normalised(x, norm, eps)) if",
    ),
    "post-norm normalises the part alone": (
        "else _normalised(x + part(x), norm, eps)",
        "else x + _normalised(part(x), norm, eps)",
    ),
    "no residual connection in pre-norm": ("x = x + part(_normalised(x,", "x = part(_normalised(x,"),
    "no residual connection in post-norm": ("_normalised(x + part(x), norm", "_normalised(part(x), norm"),
    "one norm for both parts": ("params.feed_forward), params.norm_2)", "params.feed_forward), params.norm_1)"),
    "norms exchanged": [
        ("n_heads, mask), params.norm_1)", "n_heads, mask), params.norm_2)"),
        ("params.feed_forward), params.norm_2)", "params.feed_forward), params.norm_1)"),
    ],
    "a final norm after pre-norm, too": (
        "    return x\n\n\ndef _normalised",
        "    return _normalised(x, params.norm_2, eps) if norm_first else x\n\n\ndef _normalised",
    ),
    "the parts side by side": (
        "    for part, norm in parts:\n        x = x + part(",
        """    if norm_first:
        return x + sum(part(_normalised(x, norm, eps)) for part, norm in parts)
    for part, norm in parts:
        x = x + part(""",
    ),
    "normalised over the tokens": [
        ("z - z.mean(axis=-1", "z - z.mean(axis=1"),
        ("(centred**2).mean(axis=-1", "(centred**2).mean(axis=1"),
    ],
    "normalised over tokens and features": [
        ("z - z.mean(axis=-1", "z - z.mean(axis=(1, 2)"),
        ("(centred**2).mean(axis=-1", "(centred**2).mean(axis=(1, 2)"),
    ],
    "variance over d_model - 1": (
        "(centred**2).mean(axis=-1, keepdims=True)",
        "(centred**2).sum(axis=-1, keepdims=True) / max(z.shape[-1] - 1, 1)",
    ),
    "eps outside the root": (
        "np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)",
        "(np.sqrt((centred**2).mean(axis=-1, keepdims=True)) + eps)",
    ),
    "eps fixed at 1e-5": (".mean(axis=-1, keepdims=True) + eps)", ".mean(axis=-1, keepdims=True) + 1e-5)"),
    "RMS norm: the mean stays": ("centred = z - z.mean(axis=-1, keepdims=True)", "centred = z"),
    "gamma and beta forgotten": (
        "norm.gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) + norm.beta",
        "centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)",
    ),
    "mask read as PyTorch's module does, True for padding": ("np.where(mask[", "np.where(~mask["),
    "mask ignored": ("    if mask is not None:\n", "    if False:\n"),
    "padding queries are masked, not padding keys": (
        "mask[:, np.newaxis, np.newaxis], scores",
        "mask[:, np.newaxis, :, np.newaxis], scores",
    ),
    "masked scores are 0": ("scores, -np.inf)", "scores, 0.0)"),
    "masked scores are -1e4": ("scores, -np.inf)", "scores, -1e4)"),
    "masked scores are -1e9: a mean of padding where there is nothing else": ("scores, -np.inf)", "scores, -1e9)"),
    "a sequence of padding gets NaN": (
        "np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)",
        "scores.max(axis=-1, keepdims=True)",
    ),
    "padding gets zeros": (
        "    return x\n\n\ndef _normalised",
        "    return x if mask is None else x * mask[..., np.newaxis]\n\n\ndef _normalised",
    ),
    "values of padding set to 0, scores not masked": (
        "    if mask is not None:\n        scores = np.where(mask[:, np.newaxis, np.newaxis], scores, -np.inf)\n",
        "    if mask is not None:\n        v = v * mask[:, np.newaxis, :, np.newaxis]\n",
    ),
    "causal": (
        "    if mask is not None:\n",
        "    scores = np.where(np.tri(z.shape[1]), scores, -np.inf)\n    if mask is not None:\n",
    ),
    "powers of the scores as they are": (
        "np.exp(scores - np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min))",
        "np.exp(scores)",
    ),
    "softmax over the queries": (
        "powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)",
        "powers / np.maximum(powers.sum(axis=-2, keepdims=True), 1e-300)",
    ),
    "scores not scaled": (" / np.sqrt(q.shape[-1])\n", "\n"),
    "scores over the root of d_model": ("np.sqrt(q.shape[-1])", "np.sqrt(z.shape[-1])"),
    "heads interleaved": [
        (SPLIT, "np.moveaxis((z @ w).reshape(*z.shape[:2], -1, n_heads), 3, 1)"),
        ("(weights @ v).swapaxes(1, 2).reshape(z.shape)", "np.moveaxis(weights @ v, 1, 3).reshape(z.shape)"),
    ],
    "heads split without swapping axes": (SPLIT, "(z @ w).reshape(len(z), n_heads, z.shape[1], -1)"),
    "heads joined without swapping axes": ("(weights @ v).swapaxes(1, 2).reshape", "(weights @ v).reshape"),
    "one head only": (SPLIT, "(z @ w).reshape(*z.shape[:2], 1, -1).swapaxes(1, 2)"),
    "w_o forgotten": (".reshape(z.shape) @ params.w_o", ".reshape(z.shape)"),
    "GELU instead of ReLU": (
        "np.maximum(z @ params.w_1 + params.b_1, 0) @",
        "(lambda a: a / (1 + np.exp(-1.702 * a)))(z @ params.w_1 + params.b_1) @",
    ),
    "no activation": ("np.maximum(z @ params.w_1 + params.b_1, 0) @", "(z @ params.w_1 + params.b_1) @"),
    "an activation after the second layer": (
        "np.maximum(z @ params.w_1 + params.b_1, 0) @ params.w_2 + params.b_2",
        "np.maximum(np.maximum(z @ params.w_1 + params.b_1, 0) @ params.w_2 + params.b_2, 0)",
    ),
    "b_1 forgotten": ("z @ params.w_1 + params.b_1", "z @ params.w_1"),
    "b_2 forgotten": ("@ params.w_2 + params.b_2", "@ params.w_2"),
    "the tokens are changed in place": (
        "x = x + part(_normalised(x, norm, eps)) if norm_first else _normalised(x + part(x), norm, eps)",
        "x[:] = x + part(_normalised(x, norm, eps)) if norm_first else _normalised(x + part(x), norm, eps)",
    ),
}
