import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

# A query and two keys of size 4, both scores 0: the weights are 1/2 and 1/2, and the output is 6.
QUERY = np.array([[0.0, 2.0, 0.0, 0.0]])
KEYS = np.array([[1.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0]])
VALUES = np.array([[4.0], [8.0]])
GRAD_OUT = np.array([[1.0]])
NOTHING = np.zeros((1, 4)), np.zeros((2, 4))


@pytest.fixture
def draw(rng):
    """Return a function that draws grad_out, q, k and v, by default none of their sizes alike."""

    def sizes(*leading, n_queries=4, n_keys=6, d_k=3, d_v=2):
        shapes = (n_queries, d_v), (n_queries, d_k), (n_keys, d_k), (n_keys, d_v)
        return tuple(rng.normal(size=(*leading, *shape)) for shape in shapes)

    return sizes


def attended(q, k, v, mask=None):
    """Return out as the definition makes it of moderate scores."""
    powers = np.exp(q @ k.T / q.shape[-1] ** 0.5) * (1 if mask is None else mask)
    return powers @ v / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300)


def defined(grad_out, q, k, v, mask=True):
    """Return the gradients through the whole Jacobian of each query's softmax, w_i ((i is j) - w_j)."""
    root = q.shape[-1] ** 0.5
    scores = np.where(mask, np.einsum("...qd,...kd->...qk", q, k) / root, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-1e6))
    weights = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    jacobians = weights[..., np.newaxis] * (np.eye(k.shape[-2]) - weights[..., np.newaxis, :])
    grad_scores = np.einsum("...qij,...qd,...jd->...qi", jacobians, grad_out, v)
    grad_q = np.einsum("...qk,...kd->...qd", grad_scores, k) / root
    grad_k = np.einsum("...qk,...qd->...kd", grad_scores, q) / root
    return grad_q, grad_k, np.einsum("...qk,...qd->...kd", weights, grad_out)


def assert_gradients(actual, expected, rtol=1e-9, atol=1e-11):
    """Compare grad_v first: it needs the weights only."""
    for have, want in zip(actual[::-1], expected[::-1], strict=True):
        assert_close(have, want, rtol, atol)


def test_values(kata, draw):
    """The gradient of a value is the sum of grad_out over the queries, each times the weight of that value."""
    assert_close(kata.attention_backward(GRAD_OUT, QUERY, KEYS, VALUES).grad_v, [[0.5], [0.5]])
    for problem in (draw(), draw(n_queries=6), draw(n_queries=1, d_v=5), draw(n_keys=1)):
        assert_close(kata.attention_backward(*problem).grad_v, defined(*problem)[2])


def test_queries_and_keys(kata, draw):
    """The gradients of q and k go through the softmax, in which each score moves all weights of its row."""
    grads = kata.attention_backward(GRAD_OUT, QUERY, KEYS, VALUES)
    assert_close(grads.grad_q, [[1.0, 0.0, 0.0, 0.0]])
    assert_close(grads.grad_k, [[0.0, -1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    # A single key has weight 1 whatever its score.
    grads = kata.attention_backward(GRAD_OUT, QUERY, KEYS[1:], VALUES[1:])
    assert_gradients(grads, (np.zeros((1, 4)), np.zeros((1, 4)), [[1.0]]))
    for problem in (draw(), draw(n_queries=1), draw(n_queries=5, n_keys=2, d_k=1, d_v=7), draw(d_k=8, d_v=1)):
        assert_gradients(kata.attention_backward(*problem), defined(*problem))
    # All sizes alike, where a wrong transpose would fit.
    problem = draw(n_queries=3, n_keys=3, d_k=3, d_v=3)
    assert_gradients(kata.attention_backward(*problem), defined(*problem))


def test_finite_differences(kata, draw, rng):
    """The gradients agree with finite differences of the loss sum(grad_out * out), with and without a mask."""
    grad_out, *arrays = draw()
    mask = rng.random(size=(4, 6)) < 0.5
    mask[0] = False
    for chosen in (None, mask):
        grads = kata.attention_backward(grad_out, *arrays, chosen)
        for place in (2, 1, 0):

            def loss(value, place=place, chosen=chosen):
                return (grad_out * attended(*arrays[:place], value, *arrays[place + 1 :], chosen)).sum()

            assert_close(grads[place], numerical_gradient(loss, arrays[place]), rtol=1e-5, atol=1e-7)


def test_mask(kata, draw, rng):
    """For a query, a masked key and its value do not count, and get no gradient from it."""
    grads = kata.attention_backward(GRAD_OUT, QUERY, KEYS, VALUES, np.array([[False, True]]))
    assert_gradients(grads, (*NOTHING, [[0.0], [1.0]]))
    problem = draw()
    mask = rng.random(size=(4, 6)) < 0.5
    mask[:, 2], mask[:, 5] = True, False
    assert_gradients(kata.attention_backward(*problem, mask), defined(*problem, mask))
    many = draw(n_queries=150, n_keys=3)
    mask = rng.random(size=(150, 3)) < 0.5
    assert_gradients(kata.attention_backward(*many, mask), defined(*many, mask))
    square = draw(n_queries=5, n_keys=5)
    causal = np.tri(5, dtype=bool)
    assert_gradients(kata.attention_backward(*square, causal), defined(*square, causal))


def test_query_without_keys(kata, draw):
    """A query without any permitted key passes no gradient on and gets none. Other queries are not affected."""
    grads = kata.attention_backward(GRAD_OUT, QUERY, KEYS, VALUES, np.array([[False, False]]))
    assert_gradients(grads, (*NOTHING, np.zeros((2, 1))))
    problem = draw()
    mask = np.array([[True] * 6, [False] * 6, [False] * 5 + [True], [False] * 6])
    assert_gradients(kata.attention_backward(*problem, mask), defined(*problem, mask))
    grad_out, q, k, v = problem
    grads = kata.attention_backward(grad_out, 1e3 * q, k, v, np.zeros((4, 6), dtype=bool))
    assert_gradients(grads, (np.zeros((4, 3)), np.zeros((6, 3)), np.zeros((6, 2))))


def test_leading_axes(kata, draw):
    """Each entry of the leading axes is a problem of its own. There may be any number of them."""
    for leading in [(2,), (2, 3), (1, 3), (2, 1, 3)]:
        problem = draw(*leading)
        assert_gradients(kata.attention_backward(*problem), defined(*problem))
    # All sizes alike, where a wrong axis would fit.
    problem = draw(3, 3, n_queries=3, n_keys=3, d_k=3, d_v=3)
    assert_gradients(kata.attention_backward(*problem), defined(*problem))


def test_shapes_of_mask(kata, draw, rng):
    """A mask is broadcast to the shape of weights: one for all, for each sequence, head, query or key."""
    problem = draw(2, 3)
    for shape in [(4, 6), (6,), (4, 1), (1, 1), (2, 1, 1, 6), (3, 1, 6), (1, 3, 4, 1), (2, 1, 4, 6), (2, 3, 4, 6)]:
        mask = rng.random(size=shape) < 0.6
        mask.flat[-1] = False
        assert_gradients(kata.attention_backward(*problem, mask), defined(*problem, mask))


def test_large_scores(kata, rng):
    """Scores as large as 1e4 do not overflow, also if rows lie at different levels or a masked key is far above."""
    # Two queries and two keys of size 1: the scores are 10,000 apart in one row, and equal in the other.
    q, k, v = np.array([[100.0], [0.0]]), np.array([[100.0], [0.0]]), np.array([[3.0], [5.0]])
    grads = kata.attention_backward(np.array([[1.0], [2.0]]), q, k, v)
    # A score of 10,000 is itself rounded by 1e-12, which is a relative error of its weight.
    loose = {"rtol": 1e-7, "atol": 1e-7}
    assert_gradients(grads, ([[0.0], [-100.0]], np.zeros((2, 1)), [[2.0], [1.0]]), **loose)
    # A second number in query and key adds one level to a whole row.
    near = rng.integers(-3, 4, size=(2, 6, 1))
    near[0, 0], near[1, :2] = 2, [[-1], [2]]
    for level in (1e4, -1e4, 750.0, -750.0):
        q = np.column_stack([near[0, :2], [level * 2**0.5, 0.0]])
        k = np.column_stack([near[1], np.ones(6)])
        grad_out, v = rng.normal(size=(2, 3)), rng.normal(size=(6, 3))
        expected = defined(grad_out, q, k, v)
        assert_gradients(kata.attention_backward(grad_out, q, k, v), expected, **loose)
    k, v = np.array([[100.0], [-100.0], [-100.0]]), np.array([[1.0], [2.0], [4.0]])
    mask = np.array([[False, True, True]])
    grads = kata.attention_backward(GRAD_OUT, np.array([[100.0]]), k, v, mask)
    assert_gradients(grads, ([[0.0]], [[0.0], [-50.0], [50.0]], [[0.0], [0.5], [0.5]]), **loose)


@strict
def test_many_keys(kata, rng):
    """Memory grows with n_queries * n_keys: the Jacobians of 8 queries over 8,000 keys do not fit."""
    grad_out, q = rng.normal(size=(2, 8, 1))
    k, v = rng.normal(size=(2, 8_000, 1))
    powers = np.exp(q * k.T)
    weights = powers / powers.sum(axis=1, keepdims=True)
    # With one number in a value, the gradient of a score is weight * grad_out * (value - mean).
    pull = weights * grad_out * (v.T - weights @ v)
    expected = pull @ k, pull.T @ q, weights.T @ grad_out
    assert_gradients(kata.attention_backward(grad_out, q, k, v), expected, rtol=1e-7)


@strict
def test_sizes_that_do_not_fit(kata, draw):
    """Arrays that differ in d_k, d_v, n_queries or n_keys where they have to agree raise ValueError."""
    for leading in ((), (2, 3)):
        grad_out, q, k, v = draw(*leading)
        for wrong in [
            (grad_out, q[..., :2], k, v),
            (grad_out, q, k[..., :1], v),
            (grad_out, q, k[..., :5, :], v),
            (grad_out, q, k, v[..., :5, :]),
            (grad_out, q, k, v[..., :1, :]),
            (grad_out, q, k[..., :1, :], v),
            (grad_out[..., :3, :], q, k, v),
            (grad_out[..., :1, :], q, k, v),
            (grad_out[..., :1], q, k, v),
            (grad_out, q, k, v[..., :1]),
        ]:
            with pytest.raises(ValueError):
                kata.attention_backward(*wrong)


@strict
def test_mask_that_does_not_fit(kata, draw):
    """A mask that does not broadcast to the shape of weights raises ValueError, a larger one too."""
    for shape in [(6, 4), (3, 6), (4,), (2, 4, 6)]:
        with pytest.raises(ValueError):
            kata.attention_backward(*draw(), np.ones(shape, dtype=bool))
    for shape in [(2, 6), (2, 4, 6)]:
        with pytest.raises(ValueError):
            kata.attention_backward(*draw(2, 3), np.ones(shape, dtype=bool))


@strict
def test_integers(kata, rng):
    """The arrays may hold integers: nothing is truncated."""
    grad_out, q, k, v = rng.integers(-2, 3, size=(4, 3, 3))
    k[1] = k[0] + 1
    grads = kata.attention_backward(grad_out, q, k, v)
    assert_gradients(grads, defined(grad_out, q, k, v))
    assert_equal([np.asarray(grad).dtype.kind for grad in grads], ["f"] * 3, what="the kinds of the gradients")


def workload(kata, rng, n):
    """Causal self-attention, and two heads with hidden keys, queries without any, ties and large scores."""
    tokens, grad_out = rng.normal(size=(2, n, 4))
    n_keys = n // 2 + 1
    q, k = rng.integers(-2, 3, size=(2, n, 3)) * [[[1.0]], [[500.0]]], rng.integers(-1, 2, size=(2, n_keys, 3))
    mask = rng.random(size=(2, n, n_keys)) < 0.5
    mask[:, ::5] = False
    v, grad_heads = rng.normal(size=(2, n_keys, 2)), rng.normal(size=(2, n, 2))
    causal = kata.attention_backward(grad_out, tokens, tokens, tokens, np.tri(n, dtype=bool))
    return causal, kata.attention_backward(grad_heads, q, k, v, mask)


SCORES = "_softmax(_masked(q @ np.swapaxes(k, -1, -2) * scale, mask))"
THROUGH = "weights * (grad_weights - mean) * scale"
MISTAKES = {
    "no scale, neither there nor back": ("scale = 1 / np.sqrt(k.shape[-1])\n", "scale = 1.0\n"),
    "the scale forgotten on the way back": (THROUGH, "weights * (grad_weights - mean)"),
    "the scale on the way back twice": (THROUGH, "weights * (grad_weights - mean) * scale**2"),
    "the scale on the way back only": (SCORES, "_softmax(_masked(q @ np.swapaxes(k, -1, -2), mask))"),
    "the scale from d_v": ("scale = 1 / np.sqrt(k.shape[-1])\n", "scale = 1 / np.sqrt(v.shape[-1])\n"),
    "the diagonal of the Jacobian alone": (THROUGH, "weights * (1 - weights) * grad_weights * scale"),
    "the softmax left out": (THROUGH, "grad_weights * scale"),
    "the weights, but not the mean": (THROUGH, "weights * grad_weights * scale"),
    "a plain mean in place of the weighted one": (
        "(grad_out * (weights @ v)).sum(axis=-1, keepdims=True)",
        "grad_weights.mean(axis=-1, keepdims=True)",
    ),
    "the sum in place of the mean": (
        "(grad_out * (weights @ v)).sum(axis=-1, keepdims=True)",
        "grad_weights.sum(axis=-1, keepdims=True)",
    ),
    "the mean over the queries": (
        "(grad_out * (weights @ v)).sum(axis=-1, keepdims=True)",
        "(weights * grad_weights).sum(axis=-2, keepdims=True)",
    ),
    "the mean of the whole batch": (
        "(grad_out * (weights @ v)).sum(axis=-1, keepdims=True)",
        "(weights * grad_weights).sum() / weights[..., 0].size",
    ),
    "the mean the wrong way round": ("(grad_weights - mean)", "(mean - grad_weights)"),
    "the weights squared": (THROUGH, "weights**2 * (grad_weights - mean) * scale"),
    "grad_q and grad_k swapped": (
        "        grad_scores @ k,\n        np.swapaxes(grad_scores, -1, -2) @ q,\n",
        "        np.swapaxes(grad_scores, -1, -2) @ q,\n        grad_scores @ k,\n",
    ),
    "grad_k without the transpose": (
        "np.swapaxes(grad_scores, -1, -2) @ q",
        "(grad_scores if q.shape[-2] == k.shape[-2] else np.swapaxes(grad_scores, -1, -2)) @ q",
    ),
    "grad_v without the transpose": (
        "np.swapaxes(weights, -1, -2) @ grad_out",
        "(weights if q.shape[-2] == k.shape[-2] else np.swapaxes(weights, -1, -2)) @ grad_out",
    ),
    "grad_v through the softmax": (
        "np.swapaxes(weights, -1, -2) @ grad_out",
        "np.swapaxes(weights * (1 - weights), -1, -2) @ grad_out",
    ),
    "all axes turned round": (SCORES, "_softmax(_masked(q @ k.T * scale, mask))"),
    "the mask ignored": (SCORES, "_softmax(q @ np.swapaxes(k, -1, -2) * scale + 0 * (mask is None))"),
    "the mask on the gradient alone": [
        (SCORES, "_softmax(q @ np.swapaxes(k, -1, -2) * scale)"),
        (THROUGH, "_masked(weights * (grad_weights - mean) * scale, mask)\n    grad_scores[np.isinf(grad_scores)] = 0"),
    ],
    "the mask read backwards": ("np.broadcast_to(mask, scores.shape)", "~np.broadcast_to(mask, scores.shape)"),
    "masked scores are 0": ("scores, -np.inf)", "scores, 0.0)"),
    "masked scores are -1e9, so that a query without keys attends to all": ("scores, -np.inf)", "scores, -1e9)"),
    "a query without keys gets NaN": (
        "np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)",
        "scores.max(axis=-1, keepdims=True)",
    ),
    "powers of the scores as they are": ("powers = np.exp(scores - top)\n    #", "powers = np.exp(scores)\n    #"),
    "one maximum for all rows": ("scores.max(axis=-1, keepdims=True)", "scores.max()"),
    "softmax over the queries": [
        ("scores.max(axis=-1, keepdims=True)", "scores.max(axis=-2, keepdims=True)"),
        ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=-2, keepdims=True)"),
    ],
    "an eps in the denominator": (
        "np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)",
        "(powers.sum(axis=-1, keepdims=True) + 1e-6)",
    ),
    "single precision": (
        "powers = np.exp(scores - top)\n    #",
        "powers = np.exp((scores - top).astype(np.float32))\n    #",
    ),
}

STRICT_MISTAKES = {
    "the whole Jacobian of every row": (
        THROUGH,
        (
            "np.einsum('...ij,...j->...i', weights[..., np.newaxis] * (np.eye(weights.shape[-1])"
            " - weights[..., np.newaxis, :]), grad_weights) * scale + 0 * mean"
        ),
    ),
    "the gradients in the type of q": (
        "np.swapaxes(weights, -1, -2) @ grad_out,\n    )\n\n\ndef _masked",
        "(np.swapaxes(weights, -1, -2) @ grad_out).astype(q.dtype),\n    )\n\n\ndef _masked",
    ),
    "a mask may enlarge the result": ("np.where(np.broadcast_to(mask, scores.shape), scores", "np.where(mask, scores"),
}
