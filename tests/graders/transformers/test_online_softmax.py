from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

# The states before a block may be needed again, by another block.
PURE = True

# The kata's own has these fields.
State = namedtuple("State", "maximum total weighted")  # noqa: PYI024
INF = np.inf


def empty(n_queries, d_v):
    """Return the state before the first block."""
    return State(np.full(n_queries, -INF), np.zeros(n_queries), np.zeros((n_queries, d_v)))


def assert_state(found, maximum, total, weighted):
    assert_close(found.maximum, maximum, what="maximum")
    assert_close(found.total, total, what="total")
    assert_close(found.weighted, weighted, what="weighted")


def summed(scores, values):
    """Return the state after all keys, one query and key at a time."""
    n_queries, d_v = len(scores), values.shape[1]
    maximum, total, weighted = empty(n_queries, d_v)
    for i in range(n_queries):
        maximum[i] = max(scores[i])
        for j in range(len(values)):
            if scores[i, j] > -INF:
                power = np.exp(scores[i, j] - maximum[i])
                total[i] += power
                weighted[i] += power * values[j]
    return maximum, total, weighted


def defined(q, k, v, permitted):
    """Return out and logsumexp, one query at a time, with the permitted keys of each."""
    out, logsumexp = np.zeros((len(q), v.shape[1])), np.full(len(q), -INF)
    for i in range(len(q)):
        keys = np.flatnonzero(permitted[i])
        if len(keys):
            scores = k[keys] @ q[i] / np.sqrt(q.shape[1])
            powers = np.exp(scores - scores.max())
            out[i] = powers @ v[keys] / powers.sum()
            logsumexp[i] = scores.max() + np.log(powers.sum())
    return out, logsumexp


def test_first_block(kata, rng):
    """From the empty state, the sums are those of the block, at the level of its maximum."""
    found = kata.online_softmax_step(
        empty(2, 1), np.array([[0.0, np.log(2)], [np.log(4), 0.0]]), np.array([[6.0], [8.0]])
    )
    assert_state(found, [np.log(2), np.log(4)], [1.5, 1.25], [[11.0], [8.0]])
    scores, values = rng.normal(size=(3, 5)) - 4, rng.normal(size=(5, 2))
    assert_state(kata.online_softmax_step(empty(3, 2), scores, values), *summed(scores, values))


def test_next_block(kata, rng):
    """The sums so far are scaled where the maximum grows, and stay where it does not."""
    before = State(np.array([0.0, np.log(6)]), np.array([2.0, 3.0]), np.array([[10.0, 1.0], [20.0, 5.0]]))
    found = kata.online_softmax_step(before, np.full((2, 1), np.log(2)), np.array([[7.0, 3.0]]))
    assert_state(found, [np.log(2), np.log(6)], [2.0, 10 / 3], [[12.0, 3.5], [67 / 3, 6.0]])
    # A block far below the maximum counts, and so does one far above it for the sums so far.
    before, far = State(np.zeros(1), np.ones(1), np.zeros((1, 1))), np.array([[-np.log(1e4), -np.log(1e5)]])
    found = kata.online_softmax_step(before, far, np.array([[200.0], [0.0]]))
    assert_state(found, [0.0], [1.00011], [[0.02]])
    found = kata.online_softmax_step(before._replace(weighted=np.array([[500.0]])), -far, np.array([[0.0], [0.0]]))
    assert_state(found, [np.log(1e5)], [1.10001], [[0.005]])
    state, scores, values = empty(4, 3), rng.normal(size=(4, 9)) * 3, rng.normal(size=(9, 3))
    for block in (slice(4), slice(4, 5), slice(5, 9)):
        state = kata.online_softmax_step(state, scores[:, block], values[block])
        assert_state(state, *summed(scores[:, : block.stop], values[: block.stop]))


def test_masked_keys(kata, rng):
    """A score of -inf adds nothing, and a query with nothing but -inf keeps its state, in the first block too."""
    values = np.array([[5.0], [7.0]])
    found = kata.online_softmax_step(empty(2, 1), np.array([[-INF, -INF], [-INF, 2.0]]), values)
    assert_state(found, [-INF, 2.0], [0.0, 1.0], [[0.0], [7.0]])
    found = kata.online_softmax_step(State(*found), np.array([[-3.0, -INF], [-INF, -INF]]), values)
    assert_state(found, [-3.0, 2.0], [1.0, 1.0], [[5.0], [7.0]])
    scores, values = rng.normal(size=(5, 8)), rng.normal(size=(8, 2))
    scores[rng.random(size=scores.shape) < 0.5] = -INF
    scores[1], scores[2, :6], scores[3, 2:] = -INF, -INF, -INF
    state = empty(5, 2)
    for end in (2, 4, 6, 8):
        state = kata.online_softmax_step(state, scores[:, end - 2 : end], values[end - 2 : end])
        assert_state(state, *summed(scores[:, :end], values[:end]))


def test_large_scores(kata):
    """Scores of 1e4 do not overflow, and scores of -1e4 do not vanish."""
    values = np.array([[2.0], [4.0]])
    scores = np.array([[-1e4, -1e4], [1e4, -1e4], [-INF, -1e4]])
    found = kata.online_softmax_step(empty(3, 1), scores, values)
    assert_state(found, [-1e4, 1e4, -1e4], [2.0, 1.0, 1.0], [[6.0], [2.0], [4.0]])
    found = kata.online_softmax_step(State(*found), np.array([[1e4, 1e4], [-1e4, 1e4], [1e4, -INF]]), values)
    assert_state(found, [1e4, 1e4, 1e4], [2.0, 2.0, 1.0], [[6.0], [6.0], [2.0]])
    found = kata.flash_attention(
        np.array([[100.0], [-100.0]]), np.array([[-100.0], [100.0], [100.0]]), np.array([[1.0], [2.0], [4.0]]), 1
    )
    assert_close(found.out, [[3.0], [1.0]])
    assert_close(found.logsumexp, [1e4 + np.log(2), 1e4])
    found = kata.flash_attention(np.array([[100.0]]), np.array([[-100.0], [-100.0]]), np.array([[1.0], [3.0]]), 1)
    assert_close(found.out, [[2.0]])
    assert_close(found.logsumexp, [-1e4 + np.log(2)])
    # Two queries of one tile: scores of 1e4 and 5000, and of -1e4 and -5000.
    found = kata.flash_attention(np.array([[100.0], [-100.0]]), np.array([[100.0], [50.0]]), values, 2)
    assert_close(found.out, values)
    assert_close(found.logsumexp, [1e4, -5e3])


def test_output(kata, rng):
    """Attention in tiles is attention: the size of a block does not matter, and the last block may be smaller."""
    values = np.array([[3.0], [5.0], [10.0]])
    assert_close(kata.flash_attention(np.zeros((2, 1)), np.zeros((3, 1)), values, 2).out, [[6.0], [6.0]])
    for n_queries, n_keys, d_k, d_v, block_sizes in [
        (7, 5, 3, 2, (1, 2, 4, 20)),
        (4, 9, 2, 4, (2, 3, 4)),
        (1, 6, 4, 1, (1, 4, 20)),
        (6, 1, 1, 3, (1, 3, 4)),
    ]:
        q, k, v = rng.normal(size=(n_queries, d_k)), rng.normal(size=(n_keys, d_k)), rng.normal(size=(n_keys, d_v))
        out, _ = defined(q, k, v, np.ones((n_queries, n_keys), dtype=bool))
        for block_size in block_sizes:
            assert_close(kata.flash_attention(q, k, v, block_size).out, out)
    # The weights are 1 / (1 + 1e-9) and 1e-9 / (1 + 1e-9), in either order.
    k, v = np.array([[0.0], [-np.log(1e9)]]), np.array([[0.0], [1000.0]])
    for order in (slice(None), slice(None, None, -1)):
        found = kata.flash_attention(np.ones((1, 1)), k[order], v[order], 1)
        assert_close(found.out, [[1e-6 / (1 + 1e-9)]])


def test_logsumexp(kata, rng):
    """With the output comes the logarithm of the sum of exp(score) of each query."""
    zeros = np.zeros((3, 1))
    assert_close(kata.flash_attention(zeros[:2], zeros, zeros, 2).logsumexp, [np.log(3), np.log(3)])
    q, k, v = rng.normal(size=(7, 4)), rng.normal(size=(5, 4)) * 2, rng.normal(size=(5, 3))
    expected = np.log(np.exp(q @ k.T / 2).sum(axis=1))
    for block_size in (1, 2, 3, 7):
        assert_close(kata.flash_attention(q, k, v, block_size).logsumexp, expected)


def test_block_mask(kata, rng):
    """Queries attend to the blocks of keys that block_mask permits; without any, out is 0 and logsumexp -inf."""
    q, k, v = np.zeros((3, 1)), np.zeros((4, 1)), np.array([[1.0], [3.0], [5.0], [9.0]])
    found = kata.flash_attention(q, k, v, 2, np.array([[False, True], [False, False]]))
    assert_close(found.out, [[7.0], [7.0], [0.0]])
    assert_close(found.logsumexp, [np.log(2), np.log(2), -INF])
    for n_queries, n_keys, block_size in [(7, 5, 2), (5, 8, 3), (4, 6, 1), (9, 7, 4), (3, 3, 5)]:
        q, k, v = rng.normal(size=(n_queries, 3)), rng.normal(size=(n_keys, 3)), rng.normal(size=(n_keys, 2)) + 1
        mask = rng.random(size=(-(-n_queries // block_size), -(-n_keys // block_size))) < 0.5
        mask[0, 0], mask[-1] = False, rng.random() < 0.5
        permitted = mask[np.arange(n_queries)[:, np.newaxis] // block_size, np.arange(n_keys) // block_size]
        found, (out, logsumexp) = kata.flash_attention(q, k, v, block_size, mask), defined(q, k, v, permitted)
        assert_close(found.out, out)
        assert_close(found.logsumexp, logsumexp)


def test_memory(kata, rng):
    """Attention of 16,000 queries to 50,000 keys skips tiles that are not permitted and needs no array of all pairs."""
    q, k, v = rng.normal(size=(16_000, 1)), rng.normal(size=(50_000, 1)), rng.normal(size=(50_000, 1))
    mask = np.zeros((160, 500), dtype=bool)
    for i, row in enumerate(mask):
        row[rng.integers(500, size=(i % 5 == 0) + (i % 7 == 0))] = True
    found = kata.flash_attention(q, k, v, 100, mask)
    queries = np.append(rng.integers(0, 16_000, size=20), [0, 99, 100, 15_999])
    out, logsumexp = defined(q[queries], k, v, np.repeat(mask[queries // 100], 100, axis=1))
    assert_close(found.out[queries], out)
    assert_close(found.logsumexp[queries], logsumexp)


@strict
def test_small_integers(kata, rng):
    """Queries, keys and values may be small integers, whose products their type does not hold."""
    q, k, v = (rng.integers(-100, 101, size=(n, 2)).astype(np.int8) for n in (3, 5, 5))
    out, logsumexp = defined(q.astype(float), k.astype(float), v.astype(float), np.ones((3, 5), dtype=bool))
    found = kata.flash_attention(q, k, v, 2)
    assert_close(found.out, out)
    assert_close(found.logsumexp, logsumexp)


@strict
@pytest.mark.parametrize("offset", [1e12, -1e12])
def test_far_scores(kata, offset):
    """Only differences between scores count, at any level."""
    scores, values = np.array([[0.0, 1.0], [-INF, 2.0], [-INF, -INF]]), np.array([[2.0], [4.0]])
    found = kata.online_softmax_step(empty(3, 1), scores + offset, values)
    assert_state(found, scores.max(axis=1) + offset, *summed(scores, values)[1:])


def workload(kata, rng, n):
    """Take in two blocks with masked keys, and attend in tiles with a mask."""
    scores, values = rng.normal(size=(n, 2 * n)).round(1), rng.normal(size=(2 * n, 3))
    scores[rng.random(size=scores.shape) < 0.2] = -INF
    scores[0, :n] = -INF
    first = kata.online_softmax_step(empty(n, 3), scores[:, :n], values[:n])
    second = kata.online_softmax_step(State(*first), scores[:, n:], values[n:])
    q, k = rng.normal(size=(n, 4)), rng.normal(size=(2 * n, 4))
    block_size = n // 2 + 1
    mask = rng.random(size=(-(-n // block_size), -(-2 * n // block_size))) < 0.5
    mask[-1] = False
    return first, second, kata.flash_attention(q, k, values, block_size, mask)


MISTAKES = {
    "tiles start at the maximum 0": ("State(np.full(len(scaled), -np.inf), ", "State(np.zeros(len(scaled)), "),
    "the sums are not rescaled": (
        "shrink, powers = np.exp(state.maximum - level)",
        "shrink, powers = np.where(state.maximum == -np.inf, 0.0, np.ones_like(level))",
    ),
    "rescaled the wrong way round": (
        "np.exp(state.maximum - level),",
        "np.where(state.maximum == -np.inf, 0.0, np.exp(np.maximum(level - state.maximum, 0))),",
    ),
    "the weighted sum is not rescaled": ("state.weighted * shrink[:, np.newaxis]", "state.weighted"),
    "the total is not rescaled": ("state.total * shrink", "state.total"),
    "the maximum of the block alone": ("np.maximum(state.maximum, scores.max(axis=1))", "scores.max(axis=1)"),
    "a block far below the maximum is left out": (
        "    maximum = np.maximum(state.maximum",
        (
            "    if (scores.max(axis=1) < state.maximum - 8).all():\n"
            "        return state\n"
            "    maximum = np.maximum(state.maximum"
        ),
    ),
    "the maximum does not grow": (
        "np.maximum(state.maximum, scores.max(axis=1))",
        "np.where(state.maximum == -np.inf, scores.max(axis=1), state.maximum)",
    ),
    "one maximum for all queries": ("scores.max(axis=1))", "scores.max())"),
    "no maximum subtracted": ("level = np.maximum(maximum, np.finfo(float).min)", "level = np.zeros_like(maximum)"),
    "NaN while there are no keys": ("level = np.maximum(maximum, np.finfo(float).min)", "level = maximum"),
    "masked scores are -1e9": (
        "    maximum = np.maximum(state.maximum",
        "    scores = np.maximum(scores, -1e9)\n    maximum = np.maximum(state.maximum",
    ),
    "masked queries forget their sums": (
        "np.exp(state.maximum - level),",
        "np.where(np.isneginf(scores).all(axis=1), 0.0, np.exp(state.maximum - level)),",
    ),
    "the mean in place of the weighted sum": (
        "state.weighted * shrink[:, np.newaxis] + powers @ values,",
        (
            "(state.weighted * shrink[:, np.newaxis] + powers @ values)"
            " / np.maximum(powers.sum(axis=1) + state.total * shrink, 1)[:, np.newaxis],"
        ),
    ),
    "the total of the last block": ("state.total * shrink + powers", "powers"),
    "the mean of the means of blocks": (
        "state.weighted * shrink[:, np.newaxis] + powers @ values,",
        "state.weighted + powers @ values / np.maximum(powers.sum(axis=1), 1e-300)[:, np.newaxis],",
    ),
    "not scaled": ("scaled = q[queries] / np.sqrt(q.shape[1])", "scaled = q[queries] * 1.0"),
    "scaled by the block size": ("q[queries] / np.sqrt(q.shape[1])", "q[queries] / np.sqrt(block_size)"),
    "scaled by d_v": ("q[queries] / np.sqrt(q.shape[1])", "q[queries] / np.sqrt(v.shape[1])"),
    "a smaller last block of keys is left out": (
        "enumerate(range(0, len(k), block_size)):",
        "enumerate(range(0, max(len(k) - block_size + 1, 1), block_size)):",
    ),
    "mask read the other way round": ("or block_mask[i, j]", "or not block_mask[i, j]"),
    "mask transposed": ("or block_mask[i, j]", "or block_mask[j % len(block_mask), i % block_mask.shape[1]]"),
    "mask ignored": ("if block_mask is None or block_mask[i, j]:", "if True:"),
    "a query without keys gets NaN": ("total = np.maximum(state.total, 1.0)", "total = state.total"),
    "logsumexp without the maximum": ("state.maximum + np.log(total)", "np.log(total)"),
    "logsumexp of a query without keys 0": (
        "state.maximum + np.log(total)",
        "np.where(state.total > 0, state.maximum, 0.0) + np.log(total)",
    ),
    "total in place of logsumexp": ("state.maximum + np.log(total)", "total"),
    "all scores at once": [
        (
            "    out, logsumexp = np.empty((len(q), v.shape[1])), np.empty(len(q))\n",
            (
                "    n = len(q), len(k)\n"
                "    rows, columns = (np.arange(m) // block_size for m in n)\n"
                "    scores = q @ k.T / np.sqrt(q.shape[1])\n"
                "    if block_mask is not None:\n"
                "        scores = np.where(block_mask[rows][:, columns], scores, -np.inf)\n"
                "    state = State(np.full(n[0], -np.inf), np.zeros(n[0]), np.zeros((n[0], v.shape[1])))\n"
                "    state = online_softmax_step(state, scores, v)\n"
                "    total = np.maximum(state.total, 1.0)\n"
                "    return Attention(state.weighted / total[:, np.newaxis], state.maximum + np.log(total))\n"
                "    out, logsumexp = np.empty((len(q), v.shape[1])), np.empty(len(q))\n"
            ),
        ),
    ],
}

STRICT_MISTAKES = {
    "products in the type of q": ("scaled @ k[keys].T", "q[queries] @ k[keys].T / np.sqrt(q.shape[1])"),
    "a query without keys is told by a score of -1e9": (
        "level = np.maximum(maximum, np.finfo(float).min)",
        "level = np.maximum(maximum, -1e9)",
    ),
}
