import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict


def defined(q, k, v, window):
    """Return the output, one token at a time, from a list of its keys."""
    out = np.empty((*q.shape[:-1], v.shape[-1]))
    for place in np.ndindex(q.shape[:-1]):
        *lead, i = place
        keys = [(*lead, j) for j in range(i + 1) if i - j < window]
        scores = np.array([q[place] @ k[key] / np.sqrt(q.shape[-1]) for key in keys])
        powers = np.exp(scores - scores.max())
        out[place] = sum(power * v[key] for power, key in zip(powers, keys, strict=True)) / powers.sum()
    return out


def draw(rng, *lead, n, d_k, d_v):
    """Return q, k and v."""
    return tuple(rng.normal(size=(*lead, n, d)) for d in (d_k, d_k, d_v))


def test_mask(kata):
    """Token i attends to the tokens i - window + 1 to i, as far as there are any."""
    found = kata.sliding_window_mask(4, 2)
    expected = [[True, False, False, False], [True, True, False, False], [False, True, True, False]]
    assert_equal(found, [*expected, [False, False, True, True]])
    assert_equal(found.dtype.kind, "b", what="the kind of the mask")
    for n, window in [(1, 1), (5, 1), (6, 3), (7, 4), (4, 3), (5, 5), (3, 4), (3, 50)]:
        expected = [[j <= i < j + window for j in range(n)] for i in range(n)]
        assert_equal(kata.sliding_window_mask(n, window), expected)


def test_window_counts_the_token_itself(kata, rng):
    """A token is one of the window tokens that it attends to: with window=1 it gets its own value."""
    v = np.array([[2.0], [4.0], [6.0], [20.0]])
    assert_close(kata.sliding_window_attention(np.zeros((4, 1)), np.ones((4, 1)), v, 2), [[2.0], [3.0], [5.0], [13.0]])
    q, k, v = draw(rng, n=5, d_k=3, d_v=2)
    assert_close(kata.sliding_window_attention(q, k, v, 1), v)


def test_first_tokens(kata, rng):
    """The first tokens have fewer keys, and their softmax is over those alone."""
    # Scores far below 0, beside which a key of zeros in front of the first would weigh a lot.
    q, k, v = np.full((4, 1), 4.0), np.full((4, 1), -4.0), np.array([[1.0], [2.0], [6.0], [9.0]])
    assert_close(kata.sliding_window_attention(q, k, v, 3), [[1.0], [1.5], [3.0], [17 / 3]])
    q, k, v = draw(rng, n=8, d_k=4, d_v=3)
    for window in range(2, 9):
        out = kata.sliding_window_attention(q, k - q.mean(), v + 1, window)
        assert_close(out[:window], defined(q, k - q.mean(), v + 1, window)[:window])


def test_output(kata, rng):
    """Each output is the softmax-weighted mean of the values in the window, with scores divided by sqrt(d_k)."""
    q, k = np.array([[0.0] * 4, [np.log(9), 0.0, 0.0, 0.0]]), np.eye(4)[:2]
    assert_close(kata.sliding_window_attention(q, k, np.array([[4.0], [8.0]]), 2), [[4.0], [5.0]])
    for n, d_k, d_v, window in [(7, 3, 2, 3), (9, 2, 5, 4), (5, 4, 1, 2), (1, 2, 3, 1), (2, 5, 2, 2), (12, 1, 2, 5)]:
        q, k, v = draw(rng, n=n, d_k=d_k, d_v=d_v)
        assert_close(kata.sliding_window_attention(q, k, v, window), defined(q, k, v, window))


def test_wide_window(kata, rng):
    """A window of n or more gives causal attention."""
    q, k, v = draw(rng, n=6, d_k=3, d_v=2)
    expected = defined(q, k, v, 6)
    for window in (6, 7, 11, 12, 50):
        assert_close(kata.sliding_window_attention(q, k, v, window), expected)


def test_leading_axes(kata, rng):
    """Sequences and heads are treated each by itself."""
    for lead in [(3,), (2, 3), (1, 1, 4)]:
        q, k, v = draw(rng, *lead, n=5, d_k=2, d_v=4)
        for window in (1, 2, 5):
            assert_close(kata.sliding_window_attention(q, k, v, window), defined(q, k, v, window))


def test_large_scores(kata):
    """Scores as large as 1e4 neither overflow nor vanish, whatever the scores outside the window are."""
    q, v = np.full((5, 1), 100.0), np.arange(1.0, 6.0)[:, None]
    k = np.array([[100.0], [-100.0], [-100.0], [100.0], [100.0]])
    assert_close(kata.sliding_window_attention(q, k, v, 2), [[1.0], [1.0], [2.5], [4.0], [4.5]])
    assert_close(kata.sliding_window_attention(-q, k, v, 3), [[1.0], [2.0], [2.5], [2.5], [3.0]])
    # The first token has no key but its own, however low the score.
    for size in (50.0, 100.0):
        out = kata.sliding_window_attention(q, np.full((5, 1), -size), v, 3)
        assert_close(out, [[1.0], [1.5], [2.0], [3.0], [4.0]])


def test_memory(kata, rng):
    """22,000 tokens with a window of 20 need no array of n x n."""
    q, k, v = draw(rng, n=22_000, d_k=2, d_v=2)
    out = kata.sliding_window_attention(q, k, v, 20)
    for end in [3, 22_000, *rng.integers(20, 22_000, size=5)]:
        part = slice(max(end - 20, 0), end)
        assert_close(out[end - 1], defined(q[part], k[part], v[part], 20)[-1], what=f"the output of token {end - 1}")


@pytest.mark.parametrize("window", [0, -1])
def test_no_window(kata, window):
    """A window of less than 1 raises ValueError."""
    with pytest.raises(ValueError):
        kata.sliding_window_mask(4, window)
    with pytest.raises(ValueError):
        kata.sliding_window_attention(np.ones((4, 2)), np.ones((4, 2)), np.ones((4, 1)), window)


@strict
def test_small_integers(kata, rng):
    """Queries, keys and values may be small integers, whose products their type does not hold."""
    q, k, v = (rng.integers(-100, 101, size=(2, 6, 2)).astype(np.int8) for _ in range(3))
    expected = defined(q.astype(float), k.astype(float), v.astype(float), 3)
    assert_close(kata.sliding_window_attention(q, k, v, 3), expected)


@strict
def test_enormous_window(kata, rng):
    """A window of 1e9 does not take more memory than one of n."""
    q, k, v = draw(rng, n=4, d_k=3, d_v=2)
    assert_close(kata.sliding_window_attention(q, k, v, 10**9), defined(q, k, v, 4))
    assert_equal(kata.sliding_window_mask(3, 10**9), np.tri(3, dtype=bool))


def workload(kata, rng, n):
    """Two heads with a narrow window, equal keys among them, and one with a window wider than n."""
    q, k, v = draw(rng, 2, n=n, d_k=3, d_v=2)
    k[:, 1::2] = k[:, ::2][:, : n // 2]
    window = int(rng.integers(1, n + 1))
    return (
        kata.sliding_window_mask(n, window),
        kata.sliding_window_attention(q, k, v, window),
        kata.sliding_window_attention(q[0], k[0], v[0], n + 2),
    )


MISTAKES = {
    "the mask has window tokens before the token": ("(back < window)", "(back <= window)"),
    "the mask leaves out the token itself": ("(back >= 0) &", "(back > 0) &"),
    "the mask looks ahead": ("(back >= 0) & (back < window)", "np.abs(back) < window"),
    "the mask looks ahead only": ("(back >= 0) & (back < window)", "(back <= 0) & (back > -window)"),
    "the mask is causal only": ("(back >= 0) & (back < window)", "back >= 0"),
    "the mask is True outside": ("(back >= 0) & (back < window)", "(back < 0) | (back >= window)"),
    "a mask of numbers": ("return (back >= 0) & (back < window)", "return ((back >= 0) & (back < window)) * 1.0"),
    "window tokens before the token": ("min(window, n)), -np.inf)", "min(window + 1, n)), -np.inf)"),
    "window - 1 tokens in all": ("min(window, n)), -np.inf)", "max(min(window, n) - 1, 1)), -np.inf)"),
    "the first tokens see keys of zeros": ("min(window, n)), -np.inf)", "min(window, n)), 0.0)"),
    "places before the first token have a score of -1000": (
        "min(window, n)), -np.inf)",
        "min(window, n)), -1000.0)",
    ),
    "the window wraps round at the first tokens": [
        (
            'scores[..., back:, back] = np.einsum("...d,...d->...", scaled[..., back:, :], k[..., : n - back, :])',
            'scores[..., back] = np.einsum("...d,...d->...", scaled, np.roll(k, back, axis=-2))',
        ),
        (
            "out[..., back:, :] += weights[..., back:, back, np.newaxis] * v[..., : n - back, :]",
            "out += weights[..., back, np.newaxis] * np.roll(v, back, axis=-2)",
        ),
    ],
    "the window looks ahead": [
        (
            'scores[..., back:, back] = np.einsum("...d,...d->...", scaled[..., back:, :], k[..., : n - back, :])',
            'scores[..., : n - back, back] = np.einsum("...d,...d->...", scaled[..., : n - back, :], k[..., back:, :])',
        ),
        (
            "out[..., back:, :] += weights[..., back:, back, np.newaxis] * v[..., : n - back, :]",
            "out[..., : n - back, :] += weights[..., : n - back, back, np.newaxis] * v[..., back:, :]",
        ),
    ],
    "a window wider than n fails": ("min(window, n)), -np.inf)", "window), -np.inf)"),
    "blocks of window tokens instead of a window": (
        "    weights = _softmax(",
        (
            "    position = np.arange(n)[:, np.newaxis] % window\n"
            "    scores = np.where(np.arange(scores.shape[-1]) > position, -np.inf, scores)\n"
            "    weights = _softmax("
        ),
    ),
    "not scaled": ("scaled = q / np.sqrt(q.shape[-1])", "scaled = q"),
    "scaled by the window": ("scaled = q / np.sqrt(q.shape[-1])", "scaled = q / np.sqrt(window)"),
    "scaled by d_v": ("scaled = q / np.sqrt(q.shape[-1])", "scaled = q / np.sqrt(v.shape[-1])"),
    "a softmax that overflows": ("np.exp(scores - scores.max(axis=-1, keepdims=True))", "np.exp(scores)"),
    "one maximum for all tokens": ("scores.max(axis=-1, keepdims=True)", "scores.max()"),
    "softmax over the tokens": ("powers.sum(axis=-1, keepdims=True)", "powers.sum(axis=-2, keepdims=True)"),
    "all scores, masked": (
        "    # Column `back`",
        (
            "    full = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])\n"
            "    return _softmax(np.where(sliding_window_mask(n, window), full, -np.inf)) @ v\n"
            "    # Column `back`"
        ),
    ),
    "no window passes": (
        "    if window < 1:\n        raise ValueError(f",
        "    if window < -9:\n        raise ValueError(f",
    ),
    "a negative window passes": (
        "    if window < 1:\n        raise ValueError(f",
        "    if window == 0:\n        raise ValueError(f",
    ),
}

STRICT_MISTAKES = {
    "products in the type of q": [
        ("scaled = q / np.sqrt(q.shape[-1])", "scaled = q"),
        ("weights = _softmax(scores)", "weights = _softmax(scores / np.sqrt(q.shape[-1]))"),
    ],
    "memory for the whole window": (
        "scores = np.full((*q.shape[:-1], min(window, n)), -np.inf)",
        "scores = np.full((*q.shape[:-1], window), -np.inf)[..., :n]",
    ),
}
