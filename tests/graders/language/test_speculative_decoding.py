import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True

# The last distribution of the target, from which the token after all drafted ones comes.
LAST = [0.0, 0.0, 0.0, 1.0]


@pytest.fixture
def pair(rng):
    """Two arrays of six distributions over five tokens, with zeros in either, in both, and one row that they share."""
    target, draft = np.exp(rng.normal(scale=1.5, size=(2, 6, 5)))
    target[0, 1] = draft[1, 2] = target[2, 3] = draft[2, 3] = 0.0
    target[3] = draft[3]
    return target / target.sum(axis=1, keepdims=True), draft / draft.sum(axis=1, keepdims=True)


def accepted_at(p, q):
    return [1.0 if b == 0 else min(1.0, a / b) for a, b in zip(p, q, strict=True)]


def left_over(p, q):
    gains = [max(0.0, a - b) for a, b in zip(p, q, strict=True)]
    return [gain / sum(gains) for gain in gains] if sum(gains) > 0 else list(p)


def outcomes(target, draft, drafted):
    """Return the probability of each result, as a tuple of tokens."""
    shares, reached = {}, 1.0
    for i, token in enumerate(drafted):
        accept = accepted_at(target[i], draft[i])[token]
        for other, share in enumerate(left_over(target[i], draft[i])):
            result = (*drafted[:i], other)
            shares[result] = shares.get(result, 0.0) + reached * (1 - accept) * share
        reached *= accept
    for other, share in enumerate(target[-1]):
        shares[(*drafted, other)] = shares.get((*drafted, other), 0.0) + reached * share
    return shares


def round_of(kata, target, draft, drafted, rng):
    """Return the tokens of one round as a list."""
    target, draft = np.array(target), np.array(draft, dtype=float).reshape(len(drafted), len(target[0]))
    tokens = kata.accept_or_resample(target, draft, np.array(drafted, dtype=int), rng)
    assert_equal(np.ndim(tokens), 1, what="the number of axes")
    return np.asarray(tokens).tolist()


def check_shares(kata, target, draft, drafted, rng, n_rounds):
    """Check how often each result comes; the bounds are more than six standard deviations."""
    results = [tuple(round_of(kata, target, draft, drafted, rng)) for _ in range(n_rounds)]
    expected = outcomes(target, draft, tuple(drafted))
    for result, share in expected.items():
        spread = math.sqrt(share * (1 - share) / n_rounds)
        found = results.count(result) / n_rounds
        assert_close(found, share, rtol=0.0, atol=6.5 * spread + 1e-9, what=f"the share of {list(result)}")
    assert_equal([list(result) for result in results if result not in expected], [], what="results that cannot be")


def test_acceptance(kata, pair):
    """A token is accepted with probability min(1, p / q), for arrays of any shape."""
    assert_close(kata.acceptance(np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.5, 0.25])), [1.0, 0.5, 1.0])
    assert_close(kata.acceptance(np.array([[0.1, 0.9]]), np.array([[0.4, 0.6]])), [[0.25, 1.0]])
    target, draft = pair
    expected = np.array([accepted_at(p, q) for p, q in zip(target, draft, strict=True)])
    assert_close(kata.acceptance(target, draft), expected)
    assert_close(kata.acceptance(target[4], draft[4]), expected[4])
    assert_close(kata.acceptance(target.reshape(2, 3, 5), draft.reshape(2, 3, 5)), expected.reshape(2, 3, 5))


def test_zeros(kata):
    """A token with q = 0 has acceptance 1, with p = 0 too; one that the target never has is not accepted."""
    p, q = np.array([0.5, 0.0, 0.0, 0.5]), np.array([0.0, 0.0, 0.25, 0.75])
    assert_close(kata.acceptance(p, q), [1.0, 1.0, 0.0, 2 / 3])
    assert_close(kata.residual(p, q), [1.0, 0.0, 0.0, 0.0])


def test_residual(kata, pair):
    """The residual is max(0, p - q), divided by its sum over the last axis."""
    assert_close(kata.residual(np.array([0.5, 0.25, 0.25]), np.array([0.75, 0.125, 0.125])), [0.0, 0.5, 0.5])
    assert_close(kata.residual(np.array([[0.1, 0.5, 0.4]]), np.array([[0.7, 0.2, 0.1]])), [[0.0, 0.5, 0.5]])
    assert_close(kata.residual(np.array([0.0, 0.6, 0.4]), np.array([0.5, 0.4, 0.1])), [0.0, 0.4, 0.6])
    target, draft = pair
    expected = np.array([left_over(p, q) for p, q in zip(target, draft, strict=True)])
    assert_close(kata.residual(target, draft), expected)
    assert_close(kata.residual(target[5], draft[5]), expected[5])
    assert_close(kata.residual(target.reshape(3, 2, 5), draft.reshape(3, 2, 5)), expected.reshape(3, 2, 5))


def test_equal_distributions(kata, rng):
    """Where p = q every token is accepted, and the residual is p; other rows do not matter."""
    p = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0]])
    q = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.25, 0.75, 0.0]])
    assert_close(kata.residual(p, q), [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    assert_close(kata.residual(p[0], q[0]), p[0])
    assert_close(kata.acceptance(p[:2], q[:2]), np.ones((2, 3)))
    same = np.full((3, 4), 0.25)
    assert_equal(round_of(kata, [*same, LAST], same, [2, 0, 1], rng), [2, 0, 1, 3])


def test_identity(kata, pair, rng):
    """Acceptance and residual together give the target: q a + (1 - sum(q a)) r = p."""
    target, draft = pair
    for p, q in [(target, draft), (draft, target), (target[rng.permutation(6)], draft)]:
        kept = q * np.asarray(kata.acceptance(p, q))
        together = kept + (1 - kept.sum(axis=1, keepdims=True)) * np.asarray(kata.residual(p, q))
        assert_close(together, p, what="the distribution of the token")


def test_all_accepted(kata, rng):
    """If p >= q at every drafted token, all are accepted and one more token comes from the target's last row."""
    target = [[0.5, 0.25, 0.25, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0], LAST]
    draft = [[0.25, 0.5, 0.25, 0.0], [0.0, 0.5, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]
    for _ in range(5):
        assert_equal(round_of(kata, target, draft, [0, 3, 1], rng), [0, 3, 1, 3])
        assert_equal(round_of(kata, [target[0], LAST], draft[:1], [2], rng), [2, 3])
    # Nothing drafted: an ordinary step of the target.
    assert_equal(round_of(kata, [[0.0, 0.0, 1.0, 0.0]], [], [], rng), [2])


def test_first_rejection(kata, rng):
    """The first rejected token is replaced by one from its own residual, and all later ones are dropped."""
    sure = np.eye(4)
    quarters = np.full((3, 4), 0.25)
    # The target is sure, so that a drafted token is accepted or replaced with certainty.
    for wanted, expected in [
        ([2, 0, 1], [2, 0, 1, 3]),
        ([2, 0, 3], [2, 0, 3]),
        ([2, 3, 1], [2, 3]),
        ([1, 0, 1], [1]),
        ([3, 3, 3], [3]),
    ]:
        for _ in range(3):
            assert_equal(round_of(kata, [*sure[wanted], LAST], quarters, [2, 0, 1], rng), expected)
    # Without a later token that would have been wrong too, and with one row only.
    assert_equal(round_of(kata, [sure[1], LAST], quarters[:1], [0], rng), [1])


def test_replaced_by_the_residual(kata, rng):
    """A replacement is never a token with p <= q, however likely."""
    target, draft = [[0.1, 0.6, 0.3, 0.0], LAST], [[0.3, 0.6, 0.1, 0.0]]
    results = [round_of(kata, target, draft, [0], rng) for _ in range(50)]
    assert_equal([result for result in results if result not in ([0, 3], [2])], [], what="results that cannot be")


@pytest.mark.parametrize(
    ("target", "draft", "drafted", "n_rounds"),
    [
        # Half of the tokens are rejected at each position, each by a draw of its own.
        (
            [[0.3, 0.35, 0.35], [0.35, 0.25, 0.4], [0.6, 0.25, 0.15], [0.0, 1.0, 0.0]],
            [[0.6, 0.2, 0.2], [0.15, 0.05, 0.8], [0.3, 0.5, 0.2]],
            [0, 2, 1],
            250,
        ),
        # p / q is 0.75 although p is 0.3, and the residual is 0.4 and 0.6, in the other order than the target.
        ([[0.3, 0.38, 0.32], [0.7, 0.3, 0.0]], [[0.4, 0.34, 0.26]], [0], 150),
        # Always rejected: the residual is 0.2 and 0.8.
        ([[0.0, 0.55, 0.45], [1.0, 0.0, 0.0]], [[0.5, 0.45, 0.05]], [0], 150),
        # Nothing drafted.
        ([[0.1, 0.1, 0.8]], [], [], 150),
    ],
    ids=["three", "ratio", "never", "none"],
)
def test_shares(kata, rng, target, draft, drafted, n_rounds):
    """Every result comes as often as acceptances, residual and the target's last row say."""
    check_shares(kata, target, draft, drafted, rng, n_rounds)


def test_rng(kata):
    """All draws come from rng."""
    target, draft = np.full((5, 6), 1 / 6), np.full((4, 6), 0.14)
    draft[:, 0] = 0.3
    results = []
    for seed in (1, 1, 2):
        rng = np.random.default_rng(seed)
        results.append([round_of(kata, target, draft, [0, 0, 0, 0], rng) for _ in range(10)])
    assert_equal(results[1], results[0])
    assert_equal(results[2] == results[0], False, what="another seed gives the same tokens")


@strict
def test_float32(kata, rng):
    """Probabilities may be float32, which sum to 1 in seven digits only."""
    target, draft = rng.dirichlet(np.ones(500), size=(2, 9)).astype(np.float32)
    drafted = draft.argmax(axis=1)[:8]
    assert_close(kata.acceptance(target, draft), [accepted_at(p, q) for p, q in zip(target, draft, strict=True)], 1e-5)
    for _ in range(5):
        tokens = np.asarray(kata.accept_or_resample(target, draft[:8], drafted, rng))
        assert_equal(tokens[:-1], drafted[: len(tokens) - 1])


def workload(kata, rng, n):
    """Compare n distributions with ties and zeros, and check n tokens of which the last is wrong for certain."""
    target, draft = (rng.integers(0, 3, size=(n, 5)) + np.eye(5)[rng.integers(5, size=n)] for _ in range(2))
    target[-1] = draft[-1]
    target, draft = (rows / rows.sum(axis=1, keepdims=True) for rows in (target, draft))
    wanted = rng.integers(5, size=n + 1)
    drafted = np.append(wanted[: n - 1], (wanted[n - 1] + 1) % 5)
    return (
        kata.acceptance(target, draft),
        kata.residual(target, draft),
        kata.accept_or_resample(np.eye(5)[wanted], np.full((n, 5), 0.2), drafted, rng),
        kata.accept_or_resample(np.eye(5)[wanted], np.full((n, 5), 0.2), wanted[:n], rng),
    )


ACCEPTANCE = "np.where(target < draft, target, 1) / np.where(target < draft, draft, 1)"
FALLBACK = "    missing = np.where(missing.any(axis=-1, keepdims=True), missing, target)\n"
CHANCES = "chances = acceptance(target[:n_drafted], draft)[np.arange(n_drafted), drafted]"
ACCEPTED = "accepted = np.cumprod(rng.random(n_drafted) < chances).sum()"
LAST_ROW = "residual(target[accepted], draft[accepted]) if accepted < n_drafted else target[n_drafted]"
DRAW = 'np.searchsorted(sums, rng.random() * sums[-1], side="right")'
RESULT = "return np.append(drafted[:accepted], " + DRAW + ")"

MISTAKES = {
    "not cut at 1": (
        ACCEPTANCE,
        "np.where(draft > 0, target, 1) / np.where(draft > 0, draft, 1)",
    ),
    "q / p": (ACCEPTANCE, "np.where(draft < target, draft, 1) / np.where(draft < target, target, 1)"),
    "p alone": (ACCEPTANCE, "np.where(target < draft, target, 1.0)"),
    "accepted only if the target has no less": (ACCEPTANCE, "np.where(target < draft, 0.0, 1.0)"),
    "0 / 0": (ACCEPTANCE, "np.minimum(1, np.divide(target, draft))"),
    "acceptance 0 where q is 0": (ACCEPTANCE, ACCEPTANCE + " * (draft > 0)"),
    "an eps in the denominator": (ACCEPTANCE, "np.minimum(1, target / (draft + 1e-6))"),
    "the residual is not normalised": ("return missing / missing.sum(axis=-1, keepdims=True)", "return missing"),
    "normalised over all rows": ("missing.sum(axis=-1, keepdims=True)", "missing.sum()"),
    "the absolute difference": ("np.maximum(target - draft, 0)", "np.abs(target - draft)"),
    "the difference the other way": ("np.maximum(target - draft, 0)", "np.maximum(draft - target, 0)"),
    "the target for the residual": ("np.maximum(target - draft, 0)", "target * 1.0"),
    "the target without the drafted mass": ("np.maximum(target - draft, 0)", "target * (target > draft)"),
    "equal distributions give NaN": (FALLBACK, ""),
    "equal distributions give a uniform residual": (FALLBACK, FALLBACK.replace("missing, target)", "missing, 1.0)")),
    "one equal row changes all": (FALLBACK, FALLBACK.replace("missing.any(axis=-1, keepdims=True)", "missing.any()")),
    "all accepted tokens, not those before the first rejection": (ACCEPTED, ACCEPTED.replace("np.cumprod", "")),
    "the rejected token is kept": (RESULT, RESULT.replace("drafted[:accepted]", "drafted[: accepted + 1]")),
    "a rejected token is replaced and the others stay": (
        RESULT,
        RESULT.replace("return np.append(drafted[:accepted], " + DRAW + ")", "token = " + DRAW)
        + "\n    return np.concatenate([drafted[:accepted], [token], drafted[accepted + 1 :]])",
    ),
    "no token after a rejection": (
        RESULT,
        "return drafted[:accepted] if accepted < n_drafted else np.append(drafted, " + DRAW + ")",
    ),
    "no token after the last accepted one": (
        RESULT,
        "return drafted if accepted == n_drafted > 0 else np.append(drafted[:accepted], " + DRAW + ")",
    ),
    "the last token from the row before": (LAST_ROW, LAST_ROW.replace("target[n_drafted]", "target[n_drafted - 1]")),
    "replaced from the target": (LAST_ROW, "target[accepted]"),
    "replaced from the draft": (
        LAST_ROW,
        LAST_ROW.replace("residual(target[accepted], draft[accepted])", "draft[accepted]"),
    ),
    "the residual of the next row": (
        LAST_ROW,
        LAST_ROW.replace("draft[accepted])", "draft[min(accepted + 1, n_drafted - 1)])"),
    ),
    "the residual of the first row": (
        LAST_ROW,
        LAST_ROW.replace("residual(target[accepted], draft[accepted])", "residual(target[0], draft[0])"),
    ),
    "one draw for all positions": (ACCEPTED, ACCEPTED.replace("rng.random(n_drafted)", "rng.random()")),
    "the draw of the acceptance used again": [
        (ACCEPTED, "u = rng.random(n_drafted + 1)\n    accepted = np.cumprod(u[:-1] < chances).sum()"),
        (RESULT, RESULT.replace("rng.random()", "u[accepted]")),
    ],
    "rejected with the probability of acceptance": (ACCEPTED, ACCEPTED.replace("< chances", ">= chances")),
    "accepted if the ratio is above a half": (ACCEPTED, ACCEPTED.replace("rng.random(n_drafted)", "0.5 + 0 * chances")),
    "acceptance by the token's place": (CHANCES, CHANCES.replace(", drafted]", ", np.arange(n_drafted)]")),
    "the likeliest token instead of a draw": (RESULT, RESULT.replace(DRAW, "last.argmax()")),
    "a uniform draw": (RESULT, RESULT.replace(DRAW, "rng.choice(np.flatnonzero(last))")),
    "the global generator": (RESULT, RESULT.replace("rng.random()", "np.random.random_sample()")),
}
