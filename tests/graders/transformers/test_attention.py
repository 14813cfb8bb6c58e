import numpy as np
import pytest

from katagrad.picture import Heat, Panel
from katagrad.testing import assert_close, assert_equal, strict

# A query and two keys of size 4: the scores are log(3) and 0, the weights 3/4 and 1/4, and the output is 5.
QUERY = np.array([[2 * np.log(3.0), 0.0, 0.0, 0.0]])
KEYS = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
VALUES = np.array([[4.0], [8.0]])


@pytest.fixture
def problem(rng):
    """q, k and v, none of their sizes alike."""
    return rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))


@pytest.fixture
def batch(rng):
    """q, k and v of two sequences and three heads."""
    return rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(2, 3, 6, 2))


def defined(q, k, v, mask=None):
    """Return out and weights as the definition makes them of moderate scores, one query and one key at a time."""
    weights, out = np.zeros((*q.shape[:-1], k.shape[-2])), np.zeros((*q.shape[:-1], v.shape[-1]))
    permitted = np.ones(weights.shape, dtype=bool)
    if mask is not None:
        permitted[...] = mask
    for place in np.ndindex(q.shape[:-1]):
        keys, values = k[place[:-1]], v[place[:-1]]
        chosen = [j for j in range(len(keys)) if permitted[place][j]]
        powers = {j: np.exp(sum(q[place] * keys[j]) / len(q[place]) ** 0.5) for j in chosen}
        for j in chosen:
            weights[place][j] = powers[j] / sum(powers.values())
            out[place] += weights[place][j] * values[j]
    return out, weights


def assert_attention(actual, expected):
    """Compare the weights first: whoever has them wrong has the output wrong too."""
    assert_close(actual.weights, expected[1])
    assert_close(actual.out, expected[0])


def test_weights(kata, problem):
    """The weights of a query are the softmax, over the keys, of q k^T / sqrt(d_k)."""
    assert_close(kata.attention(QUERY, KEYS, VALUES).weights, [[0.75, 0.25]])
    assert_close(kata.attention(*problem).weights, defined(*problem)[1])
    # As many keys as queries, where a softmax along the wrong axis would fit.
    q, k, v = problem
    assert_close(kata.attention(q, k[:4], v[:4]).weights, defined(q, k[:4], v[:4])[1])
    # Scores of 0 are like any other equal ones.
    assert_close(kata.attention(0 * q, k, v).weights, np.full((4, 6), 1 / 6))
    # A small weight is not cut off. The tolerance is for it alone.
    weights = kata.attention(np.array([[1.0]]), np.array([[0.0], [-20.0]]), np.ones((2, 1))).weights
    assert_close(weights[:, 1], [1 / (1 + np.exp(20.0))], rtol=1e-6, atol=0.0)


def test_output(kata, problem, rng):
    """The output of a query is the sum of the values, each times its weight. Values may have any size d_v."""
    assert_close(kata.attention(QUERY, KEYS, VALUES).out, [[5.0]])
    # The numbers in q, k and v may be large or small.
    for unit in (2.0**10, 2.0**-10):
        assert_close(kata.attention(QUERY * unit, KEYS / unit, -VALUES * unit).out, [[-5.0 * unit]])
    q, k, _ = problem
    for d_v in (1, 2, 3, 7):
        v = rng.normal(size=(6, d_v))
        assert_close(kata.attention(q, k, v).out, defined(q, k, v)[0])


def test_mask(kata, problem, rng):
    """Where mask is False the weight is 0, and the other weights are as if that key were not there."""
    step = kata.attention(QUERY, KEYS, VALUES, np.array([[False, True]]))
    assert_attention(step, ([[8.0]], [[0.0, 1.0]]))
    # Among equal keys the permitted share alike.
    step = kata.attention(np.ones((1, 3)), np.ones((4, 3)), np.eye(4), np.array([[True, False, True, True]]))
    assert_attention(step, ([[1 / 3, 0, 1 / 3, 1 / 3]], [[1 / 3, 0, 1 / 3, 1 / 3]]))
    q, k, v = problem
    mask = rng.random(size=(4, 6)) < 0.5
    mask[:, 2] = True
    assert_attention(kata.attention(q, k, v, mask), defined(q, k, v, mask))


def test_query_without_keys(kata, problem):
    """A query without any permitted key gets zeros, in weights and in out. Other queries are not affected."""
    step = kata.attention(QUERY, KEYS, VALUES, np.array([[False, False]]))
    assert_attention(step, ([[0.0]], [[0.0, 0.0]]))
    q, k, v = problem
    mask = np.array([[True] * 6, [False] * 6, [False] * 5 + [True], [False] * 6])
    assert_attention(kata.attention(q, k, v, mask), defined(q, k, v, mask))
    step = kata.attention(1e3 * q, k, v, np.zeros((4, 6), dtype=bool))
    assert_attention(step, (np.zeros((4, 2)), np.zeros((4, 6))))
    # A single key, for two of four queries.
    mask = np.array([[True], [False], [False], [True]])
    assert_attention(kata.attention(q, k[:1], v[:1], mask), (mask * v[:1], 1.0 * mask))


def test_leading_axes(kata, batch, rng):
    """Each entry of the leading axes is a problem of its own. There may be any number of them."""
    for axes in (np.s_[0, 0], np.s_[0], np.s_[:, 0], np.s_[:], np.s_[:, :, np.newaxis]):
        problem = [array[axes] for array in batch]
        assert_attention(kata.attention(*problem), defined(*problem))
    # All sizes alike, where a wrong axis would fit.
    cube = rng.normal(size=(3, 3, 3, 3))
    assert_attention(kata.attention(cube, cube**2, cube + 1), defined(cube, cube**2, cube + 1))


def test_shapes_of_mask(kata, batch, rng):
    """A mask is broadcast to the shape of weights: one for all, for each sequence, head, query or key."""
    for shape in [(4, 6), (6,), (4, 1), (1, 1), (2, 1, 1, 6), (3, 1, 6), (1, 3, 4, 1), (2, 1, 4, 6), (2, 3, 4, 6)]:
        mask = rng.random(size=shape) < 0.6
        mask.flat[-1] = False
        assert_attention(kata.attention(*batch, mask), defined(*batch, mask))
    # All sizes alike, where a wrong axis would fit: for each key, for query and key, for head, query and key.
    cube = rng.normal(size=(3, 3, 3, 3))
    causal = np.tri(3, dtype=bool)
    for mask in (causal[1], causal, np.array([causal, causal[::-1], causal.T])):
        assert_attention(kata.attention(cube, cube - 1, cube + 1, mask), defined(cube, cube - 1, cube + 1, mask))
        problem = cube[0], cube[1], cube[2]
        assert_attention(kata.attention(*problem, mask), defined(*problem, mask))


def test_large_scores(kata, rng):
    """Scores as large as 1e4 neither overflow nor vanish, also if rows lie at different levels."""
    # Two queries and two keys of size 1: the scores are 10,000 apart in one row, and equal in the other.
    q, k, v = np.array([[100.0], [0.0]]), np.array([[100.0], [0.0]]), np.array([[3.0], [5.0]])
    assert_attention(kata.attention(q, k, v), ([[3.0], [4.0]], [[1.0, 0.0], [0.5, 0.5]]))
    assert_attention(kata.attention(-q, k, v), ([[5.0], [4.0]], [[0.0, 1.0], [0.5, 0.5]]))
    # A second number in query and key adds one level to a whole row. Whole numbers, which add no rounding.
    near = rng.integers(-3, 4, size=(3, 2, 4))
    q, k = near[0, :, :1], near[1].reshape(8, 1)
    for level in (1e4, -1e4, 750.0, -750.0):
        far_q = np.column_stack([q, [level * 2**0.5, 0.0]])
        far_k = np.column_stack([k, np.ones(8)])
        v = rng.normal(size=(8, 2))
        expected = defined(np.column_stack([q, [0.0, 0.0]]), far_k, v)
        assert_attention(kata.attention(far_q, far_k, v), expected)


def test_large_scores_of_masked_keys(kata):
    """A masked key has no effect on the others, even if its score is 20,000 above theirs."""
    k, v = np.array([[100.0], [-100.0], [-100.0]]), np.array([[1.0], [2.0], [4.0]])
    step = kata.attention(np.array([[100.0]]), k, v, np.array([[False, True, True]]))
    assert_attention(step, ([[3.0]], [[0.0, 0.5, 0.5]]))
    step = kata.attention(np.array([[-100.0]]), k, v, np.array([[True, False, False]]))
    assert_attention(step, ([[1.0]], [[1.0, 0.0, 0.0]]))


@strict
def test_small_weights(kata):
    """A small weight is right to nine digits: nothing is added, clipped or rounded."""
    far = np.array([0.0, -20.0, -700.0, -50.0])
    weights = kata.attention(np.array([[1.0]]), far[:, np.newaxis], np.ones((4, 1))).weights
    assert_close(weights, [np.exp(far) / np.exp(far).sum()], atol=0.0)


def test_causal_mask(kata):
    """The causal mask is an array of bool in which query i may attend to the keys 0 to i, itself included."""
    assert_equal(kata.causal_mask(1), [[True]])
    assert_equal(kata.causal_mask(2), [[True, False], [True, True]])
    for n in (3, 5, 40):
        mask = kata.causal_mask(n)
        assert_equal(mask, [[key <= query for key in range(n)] for query in range(n)])
        assert_equal(str(mask.dtype), "bool")


@strict
def test_sizes_that_do_not_fit(kata, problem, batch):
    """Arrays q and k that differ in d_k raise ValueError, and so do k and v that differ in n_keys."""
    q, k, v = problem
    for wrong in [
        (QUERY[:, :3], KEYS, VALUES),
        (QUERY, KEYS, np.ones((3, 1))),
        (q[:, :2], k, v),
        (q, k[:, :1], v),
        (q[:, :1], k, v),
        (q, k[:5], v),
        (q, k, v[:5]),
        (q, k, v[:1]),
        (q, k[:1], v),
    ]:
        with pytest.raises(ValueError):
            kata.attention(*wrong)
    q, k, v = batch
    for wrong in [
        (q[..., :2], k, v),
        (q, k[..., :1], v),
        (q, k[..., :5, :], v),
        (q, k, v[..., :5, :]),
        (q, k, v[..., :1, :]),
    ]:
        with pytest.raises(ValueError):
            kata.attention(*wrong)


@strict
def test_mask_that_does_not_fit(kata, problem, batch):
    """A mask that does not broadcast to the shape of weights raises ValueError, a larger one too."""
    for shape in [(2, 1), (2, 2), (1, 1, 2)]:
        with pytest.raises(ValueError):
            kata.attention(QUERY, KEYS, VALUES, np.ones(shape, dtype=bool))
    for shape in [(6, 4), (3, 6), (4,), (2, 4, 6)]:
        with pytest.raises(ValueError):
            kata.attention(*problem, np.ones(shape, dtype=bool))
    # One for each of two sequences, which lacks the axes of the three heads and four queries, or of the heads.
    for shape in [(2, 6), (2, 4, 6)]:
        with pytest.raises(ValueError):
            kata.attention(*batch, np.ones(shape, dtype=bool))


@strict
def test_integers(kata):
    """q, k and v may be integers: nothing is truncated."""
    q, k, v = np.array([[1, 0], [2, -1]]), np.array([[1, 1], [0, -1], [-1, 0]]), np.array([[5], [0], [-2]])
    mask = np.array([[True, True, False], [False, True, True]])
    assert_attention(kata.attention(q, k, v), defined(q, k, v))
    assert_attention(kata.attention(q, k, v, mask), defined(q, k, v, mask))


def workload(kata, rng, n):
    """Causal self-attention, and two heads with hidden keys, queries without any, ties and large scores."""
    tokens = rng.normal(size=(n, 4))
    causal = kata.causal_mask(n)
    n_keys = n // 2 + 1
    q, k = rng.integers(-2, 3, size=(2, n, 3)) * [[[1.0]], [[4e3]]], rng.integers(-1, 2, size=(2, n_keys, 3))
    mask = rng.random(size=(2, n, n_keys)) < 0.5
    mask[:, ::5] = False
    v = rng.normal(size=(2, n_keys, 2))
    masked = kata.attention(tokens, tokens, tokens, causal), kata.attention(q, k, v, mask)
    return causal, *masked, kata.attention(q, k, v)


def picture(kata, rng):
    words = ["the", "cat", "sat", "on", "the", "mat"]
    vectors = {word: rng.normal(size=8) for word in words}
    tokens = 1.3 * np.array([vectors[word] for word in words])
    maps = {"Causal": kata.causal_mask(len(words)), "Without a mask": None}
    return [
        Panel(
            f"{name}: weights of self-attention",
            "key",
            "query",
            [Heat(kata.attention(tokens, tokens, tokens, mask).weights, "weight", rows=words, columns=words)],
            note=note,
        )
        for (name, mask), note in zip(
            maps.items(),
            (
                "A token attends to itself and those before it. Each row sums to 1.",
                "Both 'the' have one vector: same weights.",
            ),
            strict=True,
        )
    ]


MISTAKES = {
    "scores not scaled": ("@ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])", "@ np.swapaxes(k, -1, -2)"),
    "scores over d_k without the root": ("/ np.sqrt(k.shape[-1])", "/ k.shape[-1]"),
    "scores over the root of d_v": ("/ np.sqrt(k.shape[-1])", "/ np.sqrt(v.shape[-1])"),
    "scores over the root of the number of keys": ("/ np.sqrt(k.shape[-1])", "/ np.sqrt(k.shape[-2])"),
    "scores times the root": ("/ np.sqrt(k.shape[-1])", "* np.sqrt(k.shape[-1])"),
    "softmax over the queries": [
        ("scores.max(axis=-1, keepdims=True)", "scores.max(axis=-2, keepdims=True)"),
        ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=-2, keepdims=True)"),
    ],
    "all axes of k turned round": ("np.swapaxes(k, -1, -2)", "k.T"),
    "no more than two leading axes": (
        "scores = q @ np.swapaxes(k, -1, -2)",
        "scores = np.einsum({2: 'qd,kd->qk', 3: 'bqd,bkd->bqk', 4: 'bhqd,bhkd->bhqk'}[q.ndim], q, k)",
    ),
    "mask read the other way round": ("np.broadcast_to(mask, scores.shape)", "~np.broadcast_to(mask, scores.shape)"),
    "mask times the scores": (
        "np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)",
        "np.broadcast_to(mask, scores.shape) * scores",
    ),
    "masked after the softmax, and not weighted anew": [
        (
            "scores = np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)",
            "mask = np.broadcast_to(mask, scores.shape)",
        ),
        ("(weights @ v, weights)\n\n\ndef causal_mask(", "(masked @ v, masked)\n\n\ndef causal_mask("),
        ("-1, keepdims=True), 1.0)\n", "-1, keepdims=True), 1.0)\n    masked = weights * (mask is None or mask)\n"),
    ],
    "a masked score is lowered by too little": (
        "np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)",
        "np.where(np.broadcast_to(mask, scores.shape), scores, scores - 1e4)",
    ),
    "a masked score is -1e9, so that a query without keys gets the mean of all": ("scores, -np.inf)", "scores, -1e9)"),
    "a masked score is 1e9 lower, so that a query without keys sees through the mask": (
        "np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)",
        "scores - 1e9 * ~np.broadcast_to(mask, scores.shape)",
    ),
    "masked scores at -1e4, and the weights masked again": [
        ("scores, -np.inf)", "scores, -1e4)"),
        (
            "    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
            (
                "    weights = weights * (True if mask is None else mask)\n"
                "    return Attention(weights @ v, weights)\n\n\ndef causal_mask("
            ),
        ),
    ],
    "a query without keys gets NaN": (
        "np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)",
        "scores.max(axis=-1, keepdims=True)",
    ),
    "powers of the scores as they are": ("np.exp(scores - top)\n    #", "np.exp(scores)\n    #"),
    "one maximum for all rows": ("scores.max(axis=-1, keepdims=True)", "scores.max()"),
    "the maximum over masked keys as well": [
        ("np.sqrt(k.shape[-1])\n", "np.sqrt(k.shape[-1])\n    top = scores.max(axis=-1, keepdims=True)\n"),
        ("    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)\n", ""),
        (
            "np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)",
            "np.maximum(powers.sum(axis=-1, keepdims=True), 1e-300)",
        ),
    ],
    "an eps in the denominator": (
        "np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)",
        "(powers.sum(axis=-1, keepdims=True) + 1e-8)",
    ),
    "single precision": ("powers = np.exp(scores - top)", "powers = np.exp((scores - top).astype(np.float32))"),
    "powers returned for weights": (
        "    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
        "    return Attention(weights @ v, powers)\n\n\ndef causal_mask(",
    ),
    "a token does not attend to itself": ("return np.tri(n, dtype=bool)", "return np.tri(n, k=-1, dtype=bool)"),
    "a token attends to those after it": ("return np.tri(n, dtype=bool)", "return np.tri(n, dtype=bool).T"),
    "a token attends to those after it only": ("return np.tri(n, dtype=bool)", "return ~np.tri(n, dtype=bool)"),
    "a mask of numbers": ("return np.tri(n, dtype=bool)", "return np.tri(n)"),
}

STRICT_MISTAKES = {
    "weights kept away from 0": (
        "    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
        "    weights = np.maximum(weights, 1e-30)\n    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
    ),
    "output truncated to the kind of v": (
        "    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
        "    return Attention((weights @ v).astype(v.dtype), weights)\n\n\ndef causal_mask(",
    ),
    "a mask may enlarge the result": ("np.where(np.broadcast_to(mask, scores.shape), scores", "np.where(mask, scores"),
    "a mask of three axes taken for one of each sequence": (
        "        scores = np.where(np.broadcast_to(mask",
        (
            "        mask = mask[:, None] if mask.ndim == 3 < scores.ndim and len(mask) != scores.shape[1] else mask\n"
            "        scores = np.where(np.broadcast_to(mask"
        ),
    ),
    "a mask of two axes taken for the hidden keys of each sequence": (
        "        scores = np.where(np.broadcast_to(mask",
        (
            "        hides_keys = mask.shape == (len(scores), scores.shape[-1]) and scores.ndim == 4\n"
            "        mask = mask[:, None, None] if hides_keys else mask\n"
            "        scores = np.where(np.broadcast_to(mask"
        ),
    ),
    "values beyond the keys ignored": (
        "    return Attention(weights @ v, weights)\n\n\ndef causal_mask(",
        "    return Attention(weights @ v[..., : k.shape[-2], :], weights)\n\n\ndef causal_mask(",
    ),
}
