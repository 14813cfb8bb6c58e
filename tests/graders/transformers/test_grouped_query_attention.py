import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PURE = True

# One token and four query heads of size 1: w_o tells the heads apart.
TOKEN = np.array([[[1.0]]])
PLACES = np.array([[1.0], [10.0], [100.0], [1000.0]])
SHAPES = [(4, 2), (6, 2), (6, 3), (4, 4), (4, 1), (1, 1), (8, 2)]


def draw(rng, n_heads, n_kv_heads, d_head=2, d_model=5):
    """Draw the projections; n_heads * d_head need not be d_model."""
    inner, shared = n_heads * d_head, n_kv_heads * d_head
    shapes = [(d_model, inner), (d_model, shared), (d_model, shared), (inner, d_model)]
    return [rng.normal(scale=0.6, size=shape) for shape in shapes]


def defined(x, w_q, w_k, w_v, w_o, n_heads, n_kv_heads, mask=None):
    """Return what the definition gives, one sequence, head and token at a time."""
    n_sequences, n_tokens, _ = x.shape
    mask = np.ones((n_tokens, n_tokens), dtype=bool) if mask is None else mask
    d_head = w_q.shape[1] // n_heads
    out = np.zeros(x.shape)
    for s in range(n_sequences):
        for h in range(n_heads):
            j = h // (n_heads // n_kv_heads)
            q = [token @ w_q[:, h * d_head : (h + 1) * d_head] for token in x[s]]
            k, v = ([token @ w[:, j * d_head : (j + 1) * d_head] for token in x[s]] for w in (w_k, w_v))
            for i in range(n_tokens):
                seen = np.flatnonzero(mask[i])
                scores = np.array([q[i] @ k[t] / d_head**0.5 for t in seen])
                powers = np.exp(scores - max(scores))
                head = sum(p * v[t] for p, t in zip(powers, seen, strict=True)) / sum(powers)
                out[s, i] += head @ w_o[h * d_head : (h + 1) * d_head]
    return out


def test_groups(kata, rng):
    """Neighbouring query heads share a head of keys and values: head h uses number h // (n_heads / n_kv_heads)."""
    ones = np.ones((1, 4))
    for values, expected in [([[5.0, 7.0]], 7755.0), ([[2.0, 3.0, 5.0, 7.0]], 7532.0), ([[3.0]], 3333.0)]:
        n_kv_heads = len(values[0])
        found = kata.grouped_query_attention(TOKEN, ones, ones[:, :n_kv_heads], np.array(values), PLACES, 4, n_kv_heads)
        assert_close(found, [[[expected]]])
    for n_heads, n_kv_heads in SHAPES:
        x, weights = rng.normal(size=(2, 3, 5)), draw(rng, n_heads, n_kv_heads)
        found = kata.grouped_query_attention(x, *weights, n_heads, n_kv_heads)
        assert_close(found, defined(x, *weights, n_heads, n_kv_heads))


def test_shared_keys(kata, rng):
    """A group shares its keys, too, while each of its heads has queries of its own."""
    # The tokens are 0 and 1, and so are the keys of the first group; those of the second are 0 and 2. The scores of
    # token 1 are 0 for token 0, and log(3), 0, 2 log(3) and 0 for itself.
    x = np.array([[[0.0], [1.0]]])
    w_q, w_k, w_v = np.log([[3.0, 1.0, 3.0, 1.0]]), np.array([[1.0, 2.0]]), np.array([[4.0, 20.0]])
    found = kata.grouped_query_attention(x, w_q, w_k, w_v, PLACES, 4, 2)
    assert_close(found, [[[2.0 + 20.0 + 1000.0 + 10000.0], [3.0 + 20.0 + 1800.0 + 10000.0]]])
    x = rng.normal(size=(1, 4, 6))
    for n_heads, n_kv_heads in [(6, 2), (4, 2)]:
        weights = draw(rng, n_heads, n_kv_heads, d_model=6)
        for place in (0, 1):
            weights[place][:, :2] = 0.0
            found = kata.grouped_query_attention(x, *weights, n_heads, n_kv_heads)
            assert_close(found, defined(x, *weights, n_heads, n_kv_heads))


def test_sizes_of_heads(kata, rng):
    """d_head is the number of columns of w_q over n_heads, whatever d_model is; scores are divided by its root."""
    # One head of size 4 for tokens of size 1: the score of token 1 for itself is 4 log(3) / 2.
    x, ones = np.array([[[0.0], [1.0]]]), np.ones((1, 4))
    w_o = np.array([[1.0], [0.0], [0.0], [0.0]])
    found = kata.grouped_query_attention(x, ones * np.log(3.0), ones, 10 * ones, w_o, 1, 1)
    assert_close(found, [[[5.0], [9.0]]])
    for d_head, d_model in [(1, 4), (3, 4), (4, 4), (5, 20), (2, 3)]:
        x, weights = rng.normal(size=(2, 3, d_model)), draw(rng, 4, 2, d_head, d_model)
        assert_close(kata.grouped_query_attention(x, *weights, 4, 2), defined(x, *weights, 4, 2))


def test_sequences(kata, rng):
    """Each sequence attends within itself, also where there are as many sequences, heads and tokens."""
    for shape, n_heads, n_kv_heads in [((1, 1), 4, 2), ((3, 1), 2, 1), ((1, 6), 6, 3), ((4, 4), 4, 2), ((2, 2), 4, 2)]:
        x, weights = rng.normal(size=(*shape, 5)), draw(rng, n_heads, n_kv_heads)
        found = kata.grouped_query_attention(x, *weights, n_heads, n_kv_heads)
        assert_close(found, defined(x, *weights, n_heads, n_kv_heads))


def test_mask(kata, rng):
    """Where mask[i, j] is False, token i does not see token j in any head."""
    x, zero, one = np.array([[[2.0], [6.0]]]), np.zeros((1, 2)), np.ones((1, 1))
    mask = np.array([[True, False], [True, True]])
    found = kata.grouped_query_attention(x, zero, one, one, np.array([[1.0], [10.0]]), 2, 1, mask)
    assert_close(found, [[[22.0], [44.0]]])
    for n_heads, n_kv_heads in SHAPES:
        for n_tokens in (1, 2, 4, 6):
            x, weights = rng.normal(size=(2, n_tokens, 5)), draw(rng, n_heads, n_kv_heads)
            for mask in (np.tri(n_tokens, dtype=bool), rng.random((n_tokens, n_tokens)) < 0.5):
                mask[np.arange(n_tokens), rng.integers(0, n_tokens, size=n_tokens)] = True
                found = kata.grouped_query_attention(x, *weights, n_heads, n_kv_heads, mask)
                assert_close(found, defined(x, *weights, n_heads, n_kv_heads, mask))


def test_large_scores(kata):
    """Scores of 1e4 neither overflow nor vanish, even if the largest is masked."""
    # Token 0 has scores 1e4 and -1e4 in the first head, 0 in the second; token 1 has the opposite of the first.
    x, w_q, one = np.array([[[1.0], [-1.0]]]), np.array([[1e4, 0.0]]), np.ones((1, 1))
    w_o = np.array([[1.0], [10.0]])
    assert_close(kata.grouped_query_attention(x, w_q, one, one, w_o, 2, 1), [[[1.0], [-1.0]]])
    mask = np.array([[False, True], [True, True]])
    assert_close(kata.grouped_query_attention(x, w_q, one, one, w_o, 2, 1, mask), [[[-11.0], [-1.0]]])
    # The first head has scores 1e4 and 5000, and 5000 and 2500; the second has their negatives.
    x, w_q = np.array([[[1.0], [0.5]]]), np.array([[1e4, -1e4]])
    assert_close(kata.grouped_query_attention(x, w_q, one, one, w_o, 2, 1), [[[6.0], [6.0]]])


def test_pooled_heads(kata, rng):
    """Head j of the pooled matrix is the mean of the heads of its group."""
    w = np.array([[1.0, 10.0, 3.0, 30.0, 5.0, 50.0, 9.0, 90.0]])
    assert_close(kata.pool_kv_heads(w, 4, 2), [[2.0, 20.0, 7.0, 70.0]])
    assert_close(kata.pool_kv_heads(w, 8, 2), [[11.0, 38.5]])
    assert_close(kata.pool_kv_heads(w, 4, 1), [[4.5, 45.0]])
    assert_close(kata.pool_kv_heads(w, 4, 4), w)
    for n_heads, n_kv_heads, d_head, d_model in [(6, 2, 3, 5), (6, 3, 1, 2), (4, 2, 4, 16), (8, 2, 2, 1)]:
        w = rng.normal(size=(d_model, n_heads * d_head))
        heads = [w[:, h * d_head : (h + 1) * d_head] for h in range(n_heads)]
        group = n_heads // n_kv_heads
        expected = [sum(heads[j * group : (j + 1) * group]) / group for j in range(n_kv_heads)]
        assert_close(kata.pool_kv_heads(w, n_heads, n_kv_heads), np.hstack(expected))


def test_equal_heads(kata, rng):
    """Where the heads of each group have the same keys and values, pooling them leaves attention as it was."""
    n_heads, n_kv_heads, d_head = 6, 2, 2
    w_q, w_k, w_v, w_o = draw(rng, n_heads, n_kv_heads)
    wide = [np.hstack([w[:, h // 3 * d_head : (h // 3 + 1) * d_head] for h in range(n_heads)]) for w in (w_k, w_v)]
    x = rng.normal(size=(2, 4, 5))
    expected = defined(x, w_q, *wide, w_o, n_heads, n_heads)
    pooled = [kata.pool_kv_heads(w, n_heads, n_kv_heads) for w in wide]
    assert_close(kata.grouped_query_attention(x, w_q, *pooled, w_o, n_heads, n_kv_heads), expected)


def test_uneven_groups(kata, rng):
    """ValueError if n_heads is not a multiple of n_kv_heads."""
    for n_heads, n_kv_heads in [(4, 3), (3, 2), (2, 4), (12, 8)]:
        weights = draw(rng, n_heads, n_kv_heads)
        with pytest.raises(ValueError):
            kata.grouped_query_attention(rng.normal(size=(2, 3, 5)), *weights, n_heads, n_kv_heads)
        with pytest.raises(ValueError):
            kata.pool_kv_heads(rng.normal(size=(5, 24)), n_heads, n_kv_heads)


@strict
def test_integers(kata, rng):
    """Tokens and matrices may be integers: nothing is truncated."""
    x = rng.integers(-3, 4, size=(2, 3, 4))
    w_q, w_k, w_v, w_o = (rng.integers(-2, 3, size=shape) for shape in [(4, 8), (4, 4), (4, 4), (8, 4)])
    found = kata.grouped_query_attention(x, w_q, w_k, w_v, w_o, 4, 2)
    assert_close(found, defined(x, w_q, w_k, w_v, w_o, 4, 2))
    assert_close(kata.pool_kv_heads(np.array([[1, 2, 4, 5]]), 4, 2), [[1.5, 4.5]])


def workload(kata, rng, n):
    """Attend causally in groups, pool a multi-head layer, and attend with ties and large scores."""
    x, weights = rng.normal(size=(2, n, 5)), draw(rng, 6, 2)
    w_q, w_k, w_v, w_o = draw(rng, 4, 4)
    pooled = [kata.pool_kv_heads(w, 4, 2) for w in (w_k, w_v)]
    small = rng.integers(-1, 2, size=(3, n // 3 + 1, 5)) * np.array([1.0, 1.0, 30.0])[:, np.newaxis, np.newaxis]
    return [
        kata.grouped_query_attention(x, *weights, 6, 2, np.tri(n, dtype=bool)),
        kata.grouped_query_attention(x, w_q, *pooled, w_o, 4, 2),
        *pooled,
        kata.grouped_query_attention(small, *(w.round() for w in draw(rng, 4, 1, 3)), 4, 1),
    ]


QUERIES = "(x @ w_q).reshape(n_sequences, n_tokens, n_kv_heads, n_heads // n_kv_heads, -1).transpose(0, 2, 3, 1, 4)"
MISTAKES = {
    "groups tiled instead of repeated: head h uses number h % n_kv_heads": [
        (
            QUERIES,
            "(x @ w_q).reshape(n_sequences, n_tokens, n_heads // n_kv_heads, n_kv_heads, -1).transpose(0, 3, 2, 1, 4)",
        ),
        ("heads.transpose(0, 3, 1, 2, 4)", "heads.transpose(0, 3, 2, 1, 4)"),
    ],
    "the heads joined group by group the other way round": (
        "heads.transpose(0, 3, 1, 2, 4)",
        "heads.transpose(0, 3, 2, 1, 4)",
    ),
    "the queries of a group averaged": (
        "    scores = q @",
        "    q = np.broadcast_to(q.mean(axis=2, keepdims=True), q.shape)\n    scores = q @",
    ),
    "multi-query: all use the first head": (
        "    scores = q @",
        "    k, v = k[:, :1], v[:, :1]\n    scores = q @",
    ),
    "keys shared, but values of the first head for all": ("    scores = q @", "    v = v[:, :1]\n    scores = q @"),
    "d_head from d_model": ("np.sqrt(q.shape[-1])", "np.sqrt(x.shape[-1] / n_heads)"),
    "scores over the root of all columns": ("np.sqrt(q.shape[-1])", "np.sqrt(w_q.shape[1])"),
    "scores over the root of the columns of w_k": ("np.sqrt(q.shape[-1])", "np.sqrt(w_k.shape[1])"),
    "scores over the root of d_model": ("np.sqrt(q.shape[-1])", "np.sqrt(x.shape[-1])"),
    "scores not scaled": (" / np.sqrt(q.shape[-1])\n", "\n"),
    "mask ignored": ("    if mask is not None:", "    if False:"),
    "mask the other way round: True is forbidden": ("np.where(mask,", "np.where(~mask,"),
    "mask transposed": ("np.where(mask,", "np.where(mask.T,"),
    "always causal": ("    if mask is not None:", "    mask = np.tri(n_tokens, dtype=bool)\n    if mask is not None:"),
    "masked scores are 0": ("scores, -np.inf)", "scores, 0.0)"),
    "masked scores are -1e3": ("scores, -np.inf)", "scores, -1e3)"),
    "masked after the softmax": [
        ("    if mask is not None:\n        scores = np.where(mask, scores, -np.inf)\n", ""),
        (
            "heads = powers / powers.sum(axis=-1, keepdims=True) @ v",
            "heads = powers / powers.sum(axis=-1, keepdims=True) * (1 if mask is None else mask) @ v",
        ),
    ],
    "scores clipped": (
        "np.sqrt(q.shape[-1])\n    if mask is not None:\n",
        "np.sqrt(q.shape[-1])\n    scores = np.clip(scores, -700, 700)\n    if mask is not None:\n",
    ),
    "powers of the scores as they are": ("np.exp(scores - scores.max(axis=-1, keepdims=True))", "np.exp(scores)"),
    "one maximum for all rows": ("scores.max(axis=-1, keepdims=True)", "scores.max()"),
    "softmax over the queries": ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=-2, keepdims=True)"),
    "softmax over a whole group": ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=(2, 4), keepdims=True)"),
    "heads joined without swapping axes": ("heads.transpose(0, 3, 1, 2, 4).reshape", "heads.reshape"),
    "w_k for the values": ("for w in (w_k, w_v))", "for w in (w_k, w_k))"),
    "keys and values exchanged": ("for w in (w_k, w_v))", "for w in (w_v, w_k))"),
    "pooled over distant heads": (
        "w.reshape(len(w), n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=2)",
        "w.reshape(len(w), n_heads // n_kv_heads, n_kv_heads, -1).mean(axis=1)",
    ),
    "pooled within the heads": (
        "w.reshape(len(w), n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=2)",
        "w.reshape(len(w), n_kv_heads, -1, n_heads // n_kv_heads).mean(axis=3)",
    ),
    "pooled over the rows": (
        "w.reshape(len(w), n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=2).reshape(len(w), -1)",
        "w.reshape(n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=1).reshape(len(w), -1)",
    ),
    "a sum instead of a mean": (".mean(axis=2)", ".sum(axis=2)"),
    "the first head of each group": (".mean(axis=2)", "[:, :, 0]"),
    "uneven groups accepted in pooling": (
        "    _refuse_uneven(n_heads, n_kv_heads)\n    return w",
        "    n_heads -= n_heads % n_kv_heads\n    return w[:, : len(w[0]) // 24 * 24]",
    ),
    "uneven groups are an assertion": (
        '        raise ValueError(f"{n_heads} query heads cannot share {n_kv_heads} key-value heads evenly")',
        '        raise AssertionError(f"{n_heads} query heads cannot share {n_kv_heads} key-value heads evenly")',
    ),
}
