import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True

N_DRAWS = 1_600
INF = np.inf


@pytest.fixture
def probs(rng):
    """Five rows over seven tokens, from likely ones down to one in a thousand or less."""
    powers = np.exp(rng.normal(scale=2.0, size=(5, 7)))
    return powers / powers.sum(axis=1, keepdims=True)


def ordered(row):
    """Return the ids by falling probability, on a tie the lower one first."""
    return sorted(range(len(row)), key=lambda token: (-row[token], token))


def only(row, kept):
    """Return the row with the kept tokens alone, with a sum of 1."""
    total = sum(row[token] for token in kept)
    return [row[token] / total if token in kept else 0.0 for token in range(len(row))]


def first_k(row, k):
    return only(row, ordered(row)[:k])


def nucleus(row, p):
    order = ordered(row)
    n = 1
    while n < len(row) and sum(row[token] for token in order[:n]) < p:
        n += 1
    return only(row, order[:n])


def likely(row, min_p):
    return only(row, [token for token in range(len(row)) if row[token] >= min_p * max(row)])


def drawn(kata, row, settings, rng, n_draws=N_DRAWS):
    """Return the tokens that are drawn for many sequences with the same logits."""
    tokens = kata.sample(np.tile(row, (n_draws, 1)), *settings, rng)
    assert_equal(np.shape(tokens), (n_draws,), what="the shape of the tokens")
    return np.asarray(tokens)


def check_shares(tokens, expected):
    """Check how often each token was drawn; the bounds are eight standard deviations."""
    for token, share in enumerate(expected):
        spread = math.sqrt(share * (1 - share) / N_DRAWS)
        assert_close(np.mean(tokens == token), share, rtol=0.0, atol=8 * spread, what=f"the share of token {token}")


def test_top_k(kata, probs):
    """Top-k keeps the k likeliest tokens of each row and divides by their sum; a k above vocab_size keeps all."""
    assert_close(kata.filter_top_k(np.array([[0.1, 0.5, 0.4]]), 2), [[0.0, 5 / 9, 4 / 9]])
    assert_close(kata.filter_top_k(np.array([[0.1, 0.5, 0.4]]), 1), [[0.0, 1.0, 0.0]])
    for k in (1, 2, 4, 6, 7, 30):
        assert_close(kata.filter_top_k(probs, k), [first_k(row, k) for row in probs.tolist()])
    square = probs[:, :5] / probs[:, :5].sum(axis=1, keepdims=True)
    assert_close(kata.filter_top_k(square, 3), [first_k(row, 3) for row in square.tolist()])


def test_top_p(kata, probs):
    """Top-p keeps the fewest tokens, the likeliest first, whose probabilities sum to at least p."""
    row = np.array([[0.125, 0.5, 0.125, 0.25]])
    # 0.5 is too little, so the token that brings the sum above 0.7 is kept.
    assert_close(kata.filter_top_p(row, 0.7), [[0.0, 2 / 3, 0.0, 1 / 3]])
    assert_close(kata.filter_top_p(row, 0.8), [[1 / 7, 4 / 7, 0.0, 2 / 7]])
    # A sum of exactly p is enough.
    assert_close(kata.filter_top_p(row, 0.5), [[0.0, 1.0, 0.0, 0.0]])
    assert_close(kata.filter_top_p(row, 0.75), [[0.0, 2 / 3, 0.0, 1 / 3]])
    assert_close(kata.filter_top_p(row, 1e-6), [[0.0, 1.0, 0.0, 0.0]])
    for p in (0.03, 0.37, 0.61, 0.88, 0.97, 0.999):
        assert_close(kata.filter_top_p(probs, p), [nucleus(row, p) for row in probs.tolist()])
    square = probs[:, :5] / probs[:, :5].sum(axis=1, keepdims=True)
    assert_close(kata.filter_top_p(square, 0.9), [nucleus(row, 0.9) for row in square.tolist()])


def test_whole_row(kata, rng, probs):
    """With p = 1, min_p = 0 or k = vocab_size nothing is filtered; a token of probability 0 stays at 0."""
    powers = np.exp(rng.normal(size=(40, 11)))
    many = powers / powers.sum(axis=1, keepdims=True)
    gap = np.array([[0.0, 0.25, 0.0, 0.75]])
    for rows in (probs, many, gap):
        assert_close(kata.filter_top_p(rows, 1.0), rows)
        assert_close(kata.filter_min_p(rows, 0.0), rows)
        assert_close(kata.filter_top_k(rows, rows.shape[1]), rows)
    assert_close(kata.filter_top_k(gap, 3), gap)


def test_ties(kata):
    """Of equally likely tokens the one with the lower id is kept: top-k never keeps more than k."""
    assert_close(kata.filter_top_k(np.array([[0.25, 0.5, 0.25]]), 2), [[1 / 3, 2 / 3, 0.0]])
    assert_close(kata.filter_top_k(np.full((2, 4), 0.25), 3), np.tile([1 / 3, 1 / 3, 1 / 3, 0.0], (2, 1)))
    row = np.array([[0.125, 0.25, 0.125, 0.25, 0.125, 0.125]])
    assert_close(kata.filter_top_k(row, 1), [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0]])
    assert_close(kata.filter_top_k(row, 4), [[1 / 6, 1 / 3, 1 / 6, 1 / 3, 0.0, 0.0]])
    assert_close(kata.filter_top_p(row, 0.2), [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0]])
    assert_close(kata.filter_top_p(row, 0.7), [[1 / 6, 1 / 3, 1 / 6, 1 / 3, 0.0, 0.0]])
    assert_close(kata.filter_top_p(np.full((1, 4), 0.25), 0.5), [[0.5, 0.5, 0.0, 0.0]])


def test_min_p(kata, probs):
    """Min-p keeps the tokens with at least min_p times the largest probability of their row."""
    row = np.array([[0.5, 0.125, 0.25, 0.125]])
    assert_close(kata.filter_min_p(row, 0.3), [[2 / 3, 0.0, 1 / 3, 0.0]])
    # Exactly half of the largest is enough.
    assert_close(kata.filter_min_p(row, 0.5), [[2 / 3, 0.0, 1 / 3, 0.0]])
    assert_close(kata.filter_min_p(row, 0.25), row)
    # At 1 the largest is left, each of them if there are several.
    assert_close(kata.filter_min_p(row, 1.0), [[1.0, 0.0, 0.0, 0.0]])
    assert_close(kata.filter_min_p(np.array([[0.2, 0.4, 0.4]]), 1.0), [[0.0, 0.5, 0.5]])
    assert_close(kata.filter_min_p(np.full((1, 8), 0.125), 0.9), np.full((1, 8), 0.125))
    for min_p in (1e-4, 0.02, 0.13, 0.6):
        assert_close(kata.filter_min_p(probs, min_p), [likely(row, min_p) for row in probs.tolist()])


def test_temperature_zero(kata, rng):
    """At temperature 0 the token with the largest logit is taken, on a tie the lowest id."""
    logits = np.array([[1.0, 3.0, 2.0], [-5.0, -4.0, -4.0], [0.0, 0.0, 0.0], [-INF, 7.0, 7.5]])
    assert_equal(kata.sample(logits, 0.0, None, 1.0, 0.0, rng), [1, 1, 0, 2])
    assert_equal(kata.sample(logits, 0.0, 3, 0.9, 0.1, rng), [1, 1, 0, 2])
    logits = rng.normal(size=(6, 9))
    for settings in [(0.0, None, 1.0, 0.0), (3.0, 1, 1.0, 0.0), (3.0, None, 1e-6, 0.0), (3.0, None, 1.0, 1.0)]:
        expected = [row.index(max(row)) for row in logits.tolist()]
        assert_equal(kata.sample(logits, *settings, rng), expected)


def test_shares(kata, rng):
    """A token is drawn as often as softmax(logits / temperature) says, renormalised after the filters."""
    row = np.log([0.1, 0.4, 0.3, 0.2])
    check_shares(drawn(kata, row, (1.0, None, 1.0, 0.0), rng), [0.1, 0.4, 0.3, 0.2])
    # At 1/2 the probabilities are squared, at 2 their roots are taken.
    check_shares(drawn(kata, row + 5.0, (0.5, None, 1.0, 0.0), rng), [1 / 30, 16 / 30, 9 / 30, 4 / 30])
    roots = [math.sqrt(share) for share in (0.1, 0.4, 0.3, 0.2)]
    check_shares(drawn(kata, row, (2.0, None, 1.0, 0.0), rng), [root / sum(roots) for root in roots])
    check_shares(drawn(kata, row, (1.0, 2, 1.0, 0.0), rng), [0.0, 4 / 7, 3 / 7, 0.0])
    check_shares(drawn(kata, row, (1.0, None, 0.8, 0.0), rng), [0.0, 4 / 9, 3 / 9, 2 / 9])
    check_shares(drawn(kata, row, (1.0, None, 1.0, 0.6), rng), [0.0, 4 / 7, 3 / 7, 0.0])
    check_shares(drawn(kata, row, (2.0, 9, 1.0, 0.65), rng), [0.0, *(root / sum(roots[1:]) for root in roots[1:])])
    # One likely token and many unlikely ones.
    wide = np.append(np.full(50, 0.01), 0.5)
    check_shares(drawn(kata, np.log(wide), (1.0, None, 1.0, 0.0), rng), wide)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # 0.4 and 0.3 of 0.9 are more than 0.75, without top-k they are less.
        ((1.0, 3, 0.75, 0.0), [1, 2]),
        ((1.0, None, 0.75, 0.0), [1, 2, 3]),
        # Top-p leaves two tokens, both above 0.6 of the largest. After min-p it would leave one.
        ((1.0, None, 0.5, 0.6), [1, 2]),
        # At temperature 2 the two likeliest have a sum of 0.607, and the third is at 0.707 of the largest.
        ((2.0, None, 0.65, 0.0), [1, 2, 3]),
        ((2.0, None, 1.0, 0.6), [1, 2, 3]),
        # At temperature 1/2 the likeliest has 0.533 alone.
        ((0.5, None, 0.5, 0.0), [1]),
        ((0.5, 2, 1.0, 0.5), [1, 2]),
        ((0.5, 3, 0.9, 0.3), [1, 2]),
    ],
    ids=str,
)
def test_order(kata, rng, settings, expected):
    """The temperature comes first, then top-k, top-p and min-p, each with the renormalised result of the one before."""
    tokens = drawn(kata, np.log([0.1, 0.4, 0.3, 0.2]), settings, rng, 250)
    assert_equal(sorted(set(tokens.tolist())), expected, what="the tokens that are drawn")


def test_draws_are_independent(kata, rng):
    """Each row has logits of its own and a draw of its own, from rng, and each call has new ones."""
    logits = np.where(np.arange(5) == np.array([3, 0, 4, 4, 1, 2, 0])[:, np.newaxis], 0.0, -60.0)
    assert_equal(kata.sample(logits, 1.0, None, 1.0, 0.0, rng), [3, 0, 4, 4, 1, 2, 0])
    settings = (1.0, 2, 0.9, 0.1)
    coins, again = (drawn(kata, np.zeros(2), settings, rng) for _ in range(2))
    # The bounds are eight standard deviations.
    assert_close(np.mean(coins[1:] == coins[:-1]), 0.5, rtol=0.0, atol=0.1, what="rows that equal the next row")
    assert_close(np.mean(coins == again), 0.5, rtol=0.0, atol=0.1, what="rows that equal the next call's")
    calls = [int(np.asarray(kata.sample(np.zeros((1, 9)), 1.0, None, 1.0, 0.0, rng))[0]) for _ in range(30)]
    assert_equal(len(set(calls)) > 1, True, what="30 calls of nine equally likely tokens differ")
    once, same, other = (
        kata.sample(np.zeros((50, 9)), 1.0, None, 1.0, 0.0, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert_equal(same, once)
    assert_equal(np.array_equal(once, other), False, what="another seed gives the same tokens")


def test_extreme_logits(kata, rng):
    """Logits of 1e4 do not overflow, and a logit of -inf is never drawn."""
    row = np.array([1e4, -1e4, 1e4 + math.log(3.0), -INF])
    for settings in [(1.0, None, 1.0, 0.0), (1.0, 4, 1.0, 0.0), (1.0, None, 1.0, 1e-3)]:
        check_shares(drawn(kata, row, settings, rng), [0.25, 0.0, 0.75, 0.0])
    check_shares(drawn(kata, row, (0.5, 3, 1.0, 0.0), rng), [0.1, 0.0, 0.9, 0.0])
    check_shares(drawn(kata, -1e4 + np.array([0.0, -INF, 0.0]), (1.0, None, 1.0, 0.0), rng), [0.5, 0.0, 0.5])
    blocked = np.array([[-INF, -2.0, -INF], [5.0, -INF, -INF], [-1e4, -9e3, -1e4], [1e4, 0.0, -1e4]])
    assert_equal(kata.sample(blocked, 1.5, None, 1.0, 0.0, rng), [1, 0, 1, 0])


@strict
def test_integer_logits(kata, rng):
    """Logits may be integers of any type."""
    logits = np.array([[-100, 100], [120, -120]], dtype=np.int8)
    assert_equal(kata.sample(logits, 1.0, None, 1.0, 0.0, rng), [1, 0])
    assert_equal(kata.sample(np.array([[0, 200, 100]], dtype=np.uint8), 2.0, 2, 0.9, 0.1, rng), [1])


@strict
def test_many_ties(kata, rng):
    """Of many equal tokens the lowest ids are kept."""
    counts = rng.integers(1, 4, size=(6, 64)).astype(float)
    counts[:, 9] += 256 - counts.sum(axis=1)
    probs = counts / 256
    for k in (5, 20, 40):
        assert_close(kata.filter_top_k(probs, k), [first_k(row, k) for row in probs.tolist()])
    for p in (0.55, 0.6, 0.75):
        assert_close(kata.filter_top_p(probs, p), [nucleus(row, p) for row in probs.tolist()])


def workload(kata, rng, n):
    """Filter n rows with ties, and draw where only one token is left."""
    counts = rng.integers(1, 5, size=(n, 8)).astype(float)
    counts[:, 0] += 64 - counts.sum(axis=1)
    probs = counts / 64
    tokens = kata.sample(np.log(counts), 0.8, 5, 0.9, 0.05, rng)
    return (
        kata.filter_top_k(probs, 3),
        kata.filter_top_p(probs, 0.8125),
        kata.filter_min_p(probs, 0.0625),
        kata.sample(counts, 0.0, None, 1.0, 0.0, rng),
        kata.sample(counts, 0.7, 1, 1.0, 0.0, rng),
        np.shape(tokens),
    )


ORDER_K = 'order = np.argsort(-probs, kind="stable")\n    kept = np.zeros'
ORDER_P = 'order = np.argsort(-probs, kind="stable")\n    ranked'
NUCLEUS = "np.put_along_axis(kept, order, before < p, axis=1)"
MIN_P = "np.where(probs >= min_p * probs.max(axis=1, keepdims=True), probs, 0)"
SOFTMAX = "np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)"
DRAW = "(sums <= rng.random((len(sums), 1)) * sums[:, -1:]).sum(axis=1)"
CHAIN = """    if top_k is not None:
        probs = filter_top_k(probs, top_k)
    sums = filter_min_p(filter_top_p(probs, top_p), min_p)"""

MISTAKES = {
    "ties with the k-th token are all kept": (
        "order[:, :k], 1, axis=1)",
        "order[:, :k], 1, axis=1)\n    kept = probs >= np.min(np.where(kept > 0, probs, 2.0), axis=1, keepdims=True)",
    ),
    "top-k keeps one token too many": ("order[:, :k], 1", "order[:, : k + 1], 1"),
    "top-k keeps the least likely": (ORDER_K, ORDER_K.replace("-probs", "probs")),
    "top-k ties to the higher id": (
        ORDER_K,
        ORDER_K.replace('np.argsort(-probs, kind="stable")', 'np.argsort(probs, kind="stable")[:, ::-1]'),
    ),
    "top-k takes the order of the first row": ("order[:, :k], 1", "order[:1, :k], 1"),
    "top-k returned in sorted order": (
        "    return _normalized(probs * kept)\n\n\ndef filter_top_p(",
        """    probs, kept = np.take_along_axis(probs, order, axis=1), np.arange(probs.shape[1]) < k
    return _normalized(probs * kept)


def filter_top_p(""",
    ),
    "k above vocab_size is an error": (ORDER_K, "assert k <= probs.shape[1]\n    " + ORDER_K),
    "top-k not renormalised": (
        "    return _normalized(probs * kept)\n\n\ndef filter_top_p(",
        "    return probs * kept\n\n\ndef filter_top_p(",
    ),
    "the token that crosses p is dropped": (
        NUCLEUS,
        "np.put_along_axis(kept, order, (before + ranked <= p) | (before == 0), axis=1)",
    ),
    "a sum of exactly p is not enough": (NUCLEUS, NUCLEUS.replace("<", "<=")),
    "top-p in the order of the ids": (
        ORDER_P,
        "order = np.tile(np.arange(probs.shape[1]), (len(probs), 1))\n    ranked",
    ),
    "top-p from the least likely": (ORDER_P, ORDER_P.replace("-probs", "probs")),
    "top-p mask left in sorted order": (NUCLEUS, "kept = before < p"),
    "top-p keeps all ties of the last token": (
        NUCLEUS,
        NUCLEUS + "\n    kept = probs >= np.min(np.where(kept > 0, probs, 2.0), axis=1, keepdims=True)",
    ),
    "top-p ties to the higher id": (
        ORDER_P,
        ORDER_P.replace('np.argsort(-probs, kind="stable")', 'np.argsort(probs, kind="stable")[:, ::-1]'),
    ),
    "top-p not renormalised": (
        "    return _normalized(probs * kept)\n\n\ndef filter_min_p(",
        "    return probs * kept\n\n\ndef filter_min_p(",
    ),
    "top-p always keeps two": (NUCLEUS, NUCLEUS.replace("before < p", "before - ranked[:, :1] < p")),
    "the first of the sums that reach p, found in rounded sums": (
        NUCLEUS,
        (
            "last = np.argmax(ranked.cumsum(axis=1) >= p + 1e-12, axis=1)[:, np.newaxis]\n"
            "    np.put_along_axis(kept, order, np.arange(probs.shape[1]) <= last, axis=1)"
        ),
    ),
    "min-p is a bound on the probability itself": (
        MIN_P,
        "np.where((probs >= min_p) | (probs == probs.max(axis=1, keepdims=True)), probs, 0)",
    ),
    "min-p beside the largest of all rows": (MIN_P, MIN_P.replace("probs.max(axis=1, keepdims=True)", "probs.max()")),
    "exactly min_p is not enough": (
        MIN_P,
        MIN_P.replace(">=", ">").replace("probs, 0)", "probs, np.where(probs == probs.max(), probs, 0))"),
    ),
    "min-p at 0 falls back to a default": (MIN_P, MIN_P.replace("min_p *", "(min_p or 0.05) *")),
    "min-p not renormalised": ("return _normalized(np.where(probs >=", "return (np.where(probs >="),
    "temperature 0 ties to the last id": (
        "        return logits.argmax(axis=1)",
        "        return logits.shape[1] - 1 - logits[:, ::-1].argmax(axis=1)",
    ),
    "temperature 0 divides by a small number": (
        "    if temperature == 0:\n        return logits.argmax(axis=1)\n",
        "    temperature = max(temperature, 1e-6)\n",
    ),
    "multiplied by the temperature": (SOFTMAX, SOFTMAX.replace("/ temperature", "* temperature")),
    "temperature ignored": (SOFTMAX, SOFTMAX.replace(" / temperature", "")),
    "a softmax that overflows": (SOFTMAX, "np.exp(logits / temperature)"),
    "temperature after the filters": [
        (SOFTMAX, SOFTMAX.replace(" / temperature", "")),
        (
            "filter_min_p(filter_top_p(probs, top_p), min_p)",
            "_normalized(filter_min_p(filter_top_p(probs, top_p), min_p) ** (1 / temperature))",
        ),
    ],
    "top-p before top-k": (
        CHAIN,
        """    probs = filter_top_p(probs, top_p)
    if top_k is not None:
        probs = filter_top_k(probs, top_k)
    sums = filter_min_p(probs, min_p)""",
    ),
    "min-p before top-p": (
        "filter_min_p(filter_top_p(probs, top_p), min_p)",
        "filter_top_p(filter_min_p(probs, min_p), top_p)",
    ),
    "each filter sees the unfiltered probabilities": (
        CHAIN,
        """    masks = [filter_top_p(probs, top_p) > 0, filter_min_p(probs, min_p) > 0]
    if top_k is not None:
        masks.append(filter_top_k(probs, top_k) > 0)
    sums = np.where(np.all(masks, axis=0), probs, 0)""",
    ),
    "no top-k": (CHAIN, CHAIN.replace("filter_top_k(probs, top_k)", "probs")),
    "no top-p": (CHAIN, CHAIN.replace("filter_top_p(probs, top_p)", "probs")),
    "no min-p": (CHAIN, CHAIN.replace("filter_min_p(filter_top_p(probs, top_p), min_p)", "filter_top_p(probs, top_p)")),
    "the likeliest token instead of a draw": (DRAW, "np.diff(sums, axis=1, prepend=0).argmax(axis=1)"),
    "all tokens that are left alike": [
        ("    sums = filter_min_p(", "    kept = filter_min_p("),
        ("min_p).cumsum(axis=1)\n", "min_p) > 0\n    sums = kept.cumsum(axis=1)\n"),
    ],
    "one draw for all rows": (DRAW, DRAW.replace("rng.random((len(sums), 1))", "rng.random()")),
    "the same draws at each call": (DRAW, DRAW.replace("rng.random", "np.random.default_rng(0).random")),
    "the global generator": (DRAW, DRAW.replace("rng.random((", "np.random.random_sample((")),
    "ids from 1": (DRAW, DRAW + " + 1"),
}

STRICT_MISTAKES = {
    "logits in their own type": ("    logits = logits.astype(float)\n", ""),
}
