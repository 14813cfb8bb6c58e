import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# Two tokens of size 2. With no scores to tell them apart, each gets the mean of both.
TOKENS = np.array([[1.0, 10.0], [3.0, 30.0]])
ZERO, SAME = np.zeros((2, 2)), np.eye(2)


@pytest.fixture
def weights(rng):
    """w_q, w_k, w_v and w_o for tokens of size 6: neither symmetric nor alike."""
    return rng.normal(scale=0.6, size=(4, 6, 6))


@pytest.fixture
def x(rng):
    """Five tokens of size 6."""
    return rng.normal(size=(5, 6))


def softmax(scores):
    powers = np.exp(scores)
    return powers / sum(powers)


def defined(x, w_q, w_k, w_v, w_o, n_heads, mask=None):
    """Return what the definition makes of moderate scores, one sequence, head and token at a time."""
    *leading, n_tokens, d_model = x.shape
    permitted = np.ones((*leading, n_heads, n_tokens, n_tokens), dtype=bool)
    if mask is not None:
        permitted[...] = mask
    d_head = d_model // n_heads
    out = np.zeros(x.shape)
    for place in np.ndindex(*leading):
        q, k, v = (np.array([token @ w for token in x[place]]) for w in (w_q, w_k, w_v))
        for token in range(n_tokens):
            joined = []
            for head in range(n_heads):
                own = range(head * d_head, (head + 1) * d_head)
                chosen = np.flatnonzero(permitted[place][head, token])
                scores = [sum(q[token, c] * k[j, c] for c in own) / d_head**0.5 for j in chosen]
                share = softmax(np.array(scores))
                joined += [sum(share * v[chosen, c]) for c in own]
            out[place][token] = np.array(joined) @ w_o
    return out


def test_one_head(kata, x, weights):
    """With one head it is attention among the projected tokens, and w_o projects the result."""
    assert_close(kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 1), [[2.0, 20.0], [2.0, 20.0]])
    for size in (1e3, 1e-6):
        assert_close(
            kata.multi_head_attention(size * TOKENS, ZERO, SAME, SAME, SAME, 1), size * np.array([[2.0, 20.0]] * 2)
        )
    # Of the tokens (1, 0) and (0, 1) the projections are their matrices. The first token has scores 0 and log(3), so
    # weights 1/4 and 3/4, of the values 4 and 8; w_o takes the result to the other column.
    w_q, w_k = np.diag([2**0.5 * np.log(3.0), 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    w_v, w_o = np.array([[4.0, 0.0], [8.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    assert_close(kata.multi_head_attention(SAME, w_q, w_k, w_v, w_o, 1), [[0.0, 7.0], [0.0, 6.0]])
    assert_close(kata.multi_head_attention(x, *weights, 1), defined(x, *weights, 1))


def test_scale(kata, rng):
    """Scores are divided by the square root of d_head, not of d_model."""
    # Heads of size 1. In the first the values are 4 and 8, and the first token has scores log(3) and 0.
    x = np.array([[1.0, 4.0], [0.0, 8.0]])
    w_q, w_v = np.diag([np.log(3.0), 0.0]), np.array([[0.0, 0.0], [1.0, 0.0]])
    assert_close(kata.multi_head_attention(x, w_q, SAME, w_v, SAME, 2), [[5.0, 0.0], [6.0, 0.0]])
    # Scores of 25 and 0: the small weight is that of a large value, 800,000.
    small, far = 1 / (1 + np.exp(25.0)), np.array([[1.0, 4.0], [0.0, 8e5]])
    out = kata.multi_head_attention(far, np.diag([25.0, 0.0]), SAME, w_v, SAME, 2)
    assert_close(out, [[4 + (8e5 - 4) * small, 0.0], [400_002.0, 0.0]])
    x, weights = rng.normal(size=(3, 8)), rng.normal(scale=0.5, size=(4, 8, 8))
    for n_heads in (1, 2, 4, 8):
        assert_close(kata.multi_head_attention(x, *weights, n_heads), defined(x, *weights, n_heads))


def test_layout_of_heads(kata, x, weights):
    """Head h has the columns h d_head to (h + 1) d_head - 1 of q, k and v, and the same place in the joined result."""
    # Two heads of size 2: by its mask the first sees both tokens, the second only the token itself.
    tokens = np.array([[1.0, 2.0, 3.0, 4.0], [3.0, 6.0, 5.0, 8.0]])
    mask = np.array([[[True, True], [True, True]], [[True, False], [False, True]]])
    out = kata.multi_head_attention(tokens, np.zeros((4, 4)), np.eye(4), np.eye(4), np.eye(4), 2, mask)
    assert_close(out, [[2.0, 4.0, 3.0, 4.0], [2.0, 4.0, 5.0, 8.0]])
    for n_heads in (2, 3, 6):
        for w_o in (np.eye(6), weights[3]):
            out = kata.multi_head_attention(x, *weights[:3], w_o, n_heads)
            assert_close(out, defined(x, *weights[:3], w_o, n_heads))


def test_sequences(kata, rng, weights):
    """Each sequence of the leading axes attends within itself. There may be any number of axes."""
    batch = rng.normal(size=(2, 4, 5, 6))
    for x in (batch[0, 0], batch[0], batch[:, :1], batch, batch[:, np.newaxis]):
        assert_close(kata.multi_head_attention(x, *weights, 3), defined(x, *weights, 3))
    # As many sequences, heads and tokens as each other, where a wrong axis would fit.
    cube = rng.normal(size=(3, 3, 6))
    assert_close(kata.multi_head_attention(cube, *weights, 3), defined(cube, *weights, 3))


def test_mask(kata, x, weights, rng):
    """Where mask[i, j] is False, token i does not see token j in any head."""
    mask = np.array([[True, False], [True, True]])
    assert_close(kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 2, mask), [[1.0, 10.0], [2.0, 20.0]])
    for mask in (np.tri(5, dtype=bool), (rng.random(size=(5, 5)) < 0.5) | np.eye(5, dtype=bool)):
        assert_close(kata.multi_head_attention(x, *weights, 2, mask), defined(x, *weights, 2, mask))


def test_shapes_of_mask(kata, weights, rng):
    """A mask is broadcast to (..., n_heads, n_tokens, n_tokens): one for all, for each sequence, head or token."""
    # The second head sees the token itself only.
    mask = np.array([[[True, True], [True, True]], [[True, False], [False, True]]])
    assert_close(kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 2, mask), [[2.0, 10.0], [2.0, 30.0]])
    # One entry for each token that attends, and one for each head.
    out = kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 2, np.array([[True], [False]]))
    assert_close(out, [[2.0, 20.0], [0.0, 0.0]])
    out = kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 2, np.array([[[True]], [[False]]]))
    assert_close(out, [[2.0, 0.0], [2.0, 0.0]])
    # Two sequences and two heads, where the axes could be mistaken for one another.
    x = rng.normal(size=(2, 5, 6))
    for shape in [(5, 5), (5,), (2, 5, 5), (2, 1, 5), (2, 1, 5, 5), (2, 1, 1, 5), (2, 2, 5, 5)]:
        mask = rng.random(size=shape) < 0.6
        mask[..., rng.integers(0, 5)] = True
        mask[..., rng.integers(0, 5)] = False
        mask[..., 0] |= ~mask.any(axis=-1)
        assert_close(kata.multi_head_attention(x, *weights, 2, mask), defined(x, *weights, 2, mask))
    # Two leading axes, which a mask may have as they are, or broadcast.
    x = rng.normal(size=(2, 3, 4, 6))
    for shape in [(4, 4), (2, 4, 4), (3, 1, 4, 4), (2, 1, 1, 4, 4), (2, 3, 1, 1, 4), (2, 3, 2, 4, 4)]:
        mask = rng.random(size=shape) < 0.6
        mask[..., 0] = True
        assert_close(kata.multi_head_attention(x, *weights, 2, mask), defined(x, *weights, 2, mask))


def test_token_without_keys(kata, x, weights):
    """A head gives zeros to a token that may attend to no token in it. The other heads are not affected."""
    mask = np.array([[False, False], [True, True]])
    assert_close(kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 1, mask), [[0.0, 0.0], [2.0, 20.0]])
    nothing = np.zeros((2, 2), dtype=bool)
    assert_close(kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 1, nothing), [[0.0, 0.0], [0.0, 0.0]])
    # One token, which may not see itself.
    assert_close(kata.multi_head_attention(TOKENS[:1], ZERO, SAME, SAME, SAME, 2, nothing[:1, :1]), [[0.0, 0.0]])
    # Two sequences, of which the second may be seen by no token.
    pair, seen = np.stack([TOKENS, TOKENS]), np.array([True, False]).reshape(2, 1, 1, 1)
    expected = [[[2.0, 20.0], [2.0, 20.0]], [[0.0, 0.0], [0.0, 0.0]]]
    assert_close(kata.multi_head_attention(pair, ZERO, SAME, SAME, SAME, 2, seen), expected)
    mask = np.ones((2, 5, 5), dtype=bool)
    mask[0, 1] = mask[1, 2:4] = False
    mask[:, 4] = False
    assert_close(kata.multi_head_attention(x, *weights, 2, mask), defined(x, *weights, 2, mask))


def test_large_scores(kata):
    """Scores as large as 1e4 neither overflow nor vanish, also if a masked score is above the others."""
    # One head sees 10,000 and 0, or their negatives, in the row of the first token, and 0 twice in the second's.
    x, w_v = np.array([[100.0, 1.0], [0.0, 1.0]]), np.diag([0.01, 1.0])
    for sign, first in [(1.0, 1.0), (-1.0, 0.0)]:
        w_q = np.diag([sign, 0.0])
        assert_close(kata.multi_head_attention(x, w_q, SAME, w_v, SAME, 2), [[first, 1.0], [0.5, 1.0]])
    # Rows whose scores have one sign and are far apart: 10,000 and 5,000, or 5,000 and 2,500, or their negatives.
    x, one = np.array([[100.0], [50.0]]), np.eye(1)
    for sign, best in [(1.0, 100.0), (-1.0, 50.0)]:
        assert_close(kata.multi_head_attention(x, sign * one, one, one, one, 1), [[best], [best]])
    # A row at the level of -10,000 throughout, and one whose largest score is masked.
    x = np.array([[-100.0, 4.0], [100.0, 0.0], [100.0, 2.0]])
    w_q, w_v = np.diag([2**0.5, 0.0]), np.diag([0.0, 1.0])
    mask = np.array([[False, True, True], [True, False, False], [True, True, True]])
    assert_close(kata.multi_head_attention(x, w_q, SAME, w_v, SAME, 1, mask), [[0.0, 1.0], [0.0, 4.0], [0.0, 1.0]])


def test_heads_that_do_not_divide(kata, x, weights):
    """ValueError if d_model is not a multiple of n_heads."""
    with pytest.raises(ValueError):
        kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, 3)
    for n_heads in (4, 5, 7, 12):
        with pytest.raises(ValueError):
            kata.multi_head_attention(x, *weights, n_heads)
    # Also where there is nothing to divide: one token, tokens of zeros, several sequences, a mask without a True.
    for tokens, mask in [(x[:1], None), (0 * x, None), (x[np.newaxis], None), (x, np.zeros((5, 5), dtype=bool))]:
        with pytest.raises(ValueError):
            kata.multi_head_attention(tokens, *weights, 4, mask)


@strict
def test_heads_that_are_not_positive(kata, x, weights):
    """ValueError if n_heads is 0 or negative."""
    for n_heads in (0, -1, -2, -3):
        with pytest.raises(ValueError):
            kata.multi_head_attention(TOKENS, ZERO, SAME, SAME, SAME, n_heads)
        with pytest.raises(ValueError):
            kata.multi_head_attention(x, *weights, n_heads)


@strict
def test_integers(kata):
    """Tokens and matrices may be integers: nothing is truncated."""
    x = np.array([[1, 0, 2, -1], [0, 1, 1, 1], [-1, 2, 0, 1]])
    w_q, w_k, w_v, w_o = (np.roll(np.diag([1, 0, 1, -1]) + np.tri(4, k=-2, dtype=int), n, axis=0) for n in range(4))
    for n_heads in (1, 2, 4):
        out = kata.multi_head_attention(x, w_q, w_k, w_v, w_o, n_heads)
        assert_close(out, defined(x, w_q, w_k, w_v, w_o, n_heads))


def workload(kata, rng, n):
    """Attend causally in one sequence, and in a batch with hidden tokens, rows without any, ties and large scores."""
    weights = rng.normal(scale=0.7, size=(4, 6, 6))
    x = rng.normal(size=(n, 6))
    small = rng.integers(-1, 2, size=(2, n // 3 + 2, 6)) * np.array([1.0, 30.0])[:, np.newaxis, np.newaxis]
    mask = rng.random(size=(2, 3, 1, small.shape[1])) < 0.7
    mask[1, 2] = False
    return (
        kata.multi_head_attention(x, *weights, 2, np.tri(n, dtype=bool)),
        kata.multi_head_attention(small, *weights, 3, mask),
        kata.multi_head_attention(small, *weights.round(), 1),
    )


MISTAKES = {
    "scores not scaled": (" / np.sqrt(q.shape[-1])\n    if mask", "\n    if mask"),
    "scores over the root of d_model": ("/ np.sqrt(q.shape[-1])\n    if", "/ np.sqrt(x.shape[-1])\n    if"),
    "scores over d_head without the root": ("/ np.sqrt(q.shape[-1])\n    if", "/ q.shape[-1]\n    if"),
    "heads interleaved, every n_heads-th column": [
        (
            "np.swapaxes((x @ w).reshape(*x.shape[:-1], n_heads, -1), -2, -3)",
            "np.moveaxis((x @ w).reshape(*x.shape[:-1], -1, n_heads), -1, -3)",
        ),
        (
            "np.swapaxes(weights @ v, -2, -3).reshape(x.shape) @ w_o",
            "np.moveaxis(weights @ v, -3, -1).reshape(x.shape) @ w_o",
        ),
    ],
    "tokens cut up for heads: reshaped without swapping axes": (
        "np.swapaxes((x @ w).reshape(*x.shape[:-1], n_heads, -1), -2, -3)",
        "(x @ w).reshape(*x.shape[:-2], n_heads, x.shape[-2], -1)",
    ),
    "heads joined without swapping axes back": (
        "np.swapaxes(weights @ v, -2, -3).reshape(x.shape)",
        "(weights @ v).reshape(x.shape)",
    ),
    "attention among the heads of one token": [
        (
            "np.swapaxes((x @ w).reshape(*x.shape[:-1], n_heads, -1), -2, -3)",
            "(x @ w).reshape(*x.shape[:-1], n_heads, -1)",
        ),
        ("np.swapaxes(weights @ v, -2, -3).reshape(x.shape)", "(weights @ v).reshape(x.shape)"),
        ("    if mask is not None:\n        scores = np.where(mask, scores, -np.inf)\n", ""),
    ],
    "heads in reverse order": (
        "np.swapaxes(weights @ v, -2, -3).reshape(x.shape)",
        "np.swapaxes(weights @ v, -2, -3)[..., ::-1, :].reshape(x.shape)",
    ),
    "w_o forgotten": (".reshape(x.shape) @ w_o", ".reshape(x.shape)"),
    "w_o transposed, as PyTorch keeps it": (".reshape(x.shape) @ w_o", ".reshape(x.shape) @ w_o.T"),
    "projections transposed, as PyTorch keeps them": ("np.swapaxes((x @ w).", "np.swapaxes((x @ w.T)."),
    "keys projected by w_q": ("heads(w_q), heads(w_k), heads(w_v)", "heads(w_q), heads(w_q), heads(w_v)"),
    "values projected by w_k": ("heads(w_q), heads(w_k), heads(w_v)", "heads(w_q), heads(w_k), heads(w_k)"),
    "queries and keys exchanged": ("heads(w_q), heads(w_k), heads(w_v)", "heads(w_k), heads(w_q), heads(w_v)"),
    "heads averaged instead of joined": (
        "np.swapaxes(weights @ v, -2, -3).reshape(x.shape)",
        "np.tile((weights @ v).mean(axis=-3), n_heads)",
    ),
    "one head only": ("    def heads(w: np", "    n_heads = 1\n\n    def heads(w: np"),
    "softmax over the queries": [
        ("top = np.maximum(scores.max(axis=-1", "top = np.maximum(scores.max(axis=-2"),
        ("np.maximum(powers.sum(axis=-1", "np.maximum(powers.sum(axis=-2"),
    ],
    "mask read as PyTorch's module does, True for forbidden": ("np.where(mask, scores,", "np.where(~mask, scores,"),
    "mask ignored": ("    if mask is not None:\n        scores = np", "    if False:\n        scores = np"),
    "a mask of three axes taken for one of each sequence": (
        "    if mask is not None:\n        scores = np",
        "    if mask is not None:\n        mask = mask[:, None] if mask.ndim == 3 else mask\n        scores = np",
    ),
    "mask of the first head for all": (
        "    if mask is not None:\n        scores = np",
        "    if mask is not None:\n        mask = mask[..., :1, :, :] if mask.ndim > 2 else mask\n        scores = np",
    ),
    "mask ignored where there are several leading axes": (
        "    if mask is not None:\n        scores = np",
        "    if mask is not None and x.ndim < 4:\n        scores = np",
    ),
    "a mask has one leading axis at most": (
        "    if mask is not None:\n        scores = np",
        "    if mask is not None:\n        mask = mask[0] if mask.ndim > 4 else mask\n        scores = np",
    ),
    "a masked score is -1e9": ("np.where(mask, scores, -np.inf)", "np.where(mask, scores, -1e9)"),
    "masked scores at -1e4, and the weights masked again": [
        ("np.where(mask, scores, -np.inf)", "np.where(mask, scores, -1e4)"),
        ("np.swapaxes(weights @ v, -2, -3)", "np.swapaxes((weights if mask is None else weights * mask) @ v, -2, -3)"),
    ],
    "one or no leading axis": (
        "    def heads(w: np",
        "    if x.ndim > 3:\n        x = x.reshape(-1, *x.shape[-2:])\n\n    def heads(w: np",
    ),
    "a token without keys gets NaN": (
        "top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)",
        "top = scores.max(axis=-1, keepdims=True)",
    ),
    "powers of the scores as they are": ("powers = np.exp(scores - top)\n    # ", "powers = np.exp(scores)\n    # "),
    "scores clipped": (
        "np.sqrt(q.shape[-1])\n    if mask is not None:\n",
        "np.sqrt(q.shape[-1])\n    scores = np.clip(scores, -700, 700)\n    if mask is not None:\n",
    ),
    "one maximum for all rows": (
        "top = np.maximum(scores.max(axis=-1, keepdims=True)",
        "top = np.maximum(scores.max()",
    ),
    "features that are left over are dropped": [
        ("    def heads(w: np", "    d_head = x.shape[-1] // n_heads\n\n    def heads(w: np"),
        ("(x @ w).reshape(*x.shape[:-1], n_heads, -1)", "heads_of(x @ w, n_heads, d_head)"),
        (".reshape(x.shape) @ w_o", ".reshape(*x.shape[:-1], -1) @ w_o[: n_heads * d_head]"),
        (
            "import numpy as np\n",
            """import numpy as np


def heads_of(x, n_heads, d_head):
    return x[..., : n_heads * d_head].reshape(*x.shape[:-1], n_heads, d_head)
""",
        ),
    ],
    "an assertion in place of a ValueError": (
        "    def heads(w: np",
        "    assert n_heads > 0 and x.shape[-1] % n_heads == 0\n\n    def heads(w: np",
    ),
}

STRICT_MISTAKES = {
    "no heads end in a division by zero": (
        "    def heads(w: np",
        "    if x.shape[-1] % n_heads:\n        raise ValueError\n\n    def heads(w: np",
    ),
    "truncated to the kind of x": (
        "np.swapaxes(weights @ v, -2, -3).reshape(x.shape) @ w_o",
        "np.swapaxes(weights @ v, -2, -3).reshape(x.shape).astype(x.dtype) @ w_o",
    ),
}
