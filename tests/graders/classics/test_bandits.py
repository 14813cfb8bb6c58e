import math

import numpy as np
import pytest

from katagrad.picture import Bars, Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

PURE = True


@pytest.fixture
def played(rng):
    """Return the counts of six arms, all pulled and unequally often, and their totals of rewards between 0 and 1."""
    counts = rng.permutation([1, 3, 7, 20, 55, 140])
    return counts, counts * rng.uniform(0.1, 0.9, size=6)


def bounds_of(counts, totals, c=2.0):
    n_pulls = sum(int(n) for n in counts)
    return [
        s / n + math.sqrt(c * math.log(n_pulls) / n) if n > 0 else math.inf for n, s in zip(counts, totals, strict=True)
    ]


def below(x, successes, failures):
    """Return the chance that the posterior's mean is at most x: that of more than `successes` heads in n + 1 tosses."""
    n = successes + failures + 1
    return sum(math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(successes + 1, n + 1))


def drawn(kata, successes, failures, rng):
    """Return the draws for many arms that are alike."""
    n_arms = 10_000
    return kata.thompson_step(np.full(n_arms, successes), np.full(n_arms, failures), rng).scores


def test_bounds(kata, played):
    """A bound is s / n + sqrt(c * log(N) / n), with the pulls of all arms in N; the arm has the largest."""
    arm, scores = kata.ucb1(np.array([40, 10]), np.array([30.0, 6.0]))
    assert_close(scores, [0.75 + math.sqrt(2 * math.log(50) / 40), 0.6 + math.sqrt(2 * math.log(50) / 10)])
    assert_equal(arm, 1)
    arm, scores = kata.ucb1(*played)
    expected = bounds_of(*played)
    assert_close(scores, expected)
    assert_equal(arm, expected.index(max(expected)))
    # Rewards below 0 leave every bound negative.
    counts, totals = played
    arm, scores = kata.ucb1(counts, totals - 9.0 * counts)
    assert_close(scores, np.array(expected) - 9.0)
    assert_equal(arm, expected.index(max(expected)))


def test_never_pulled(kata):
    """An arm that was never pulled has an infinite bound, and the lowest of these arms comes first."""
    arm, scores = kata.ucb1(np.array([5, 0, 2, 0]), np.array([5.0, 0.0, 1.0, 0.0]))
    assert_close(scores, bounds_of([5, 0, 2, 0], [5.0, 0.0, 1.0, 0.0]))
    assert_equal(arm, 1)
    counts, totals = np.zeros(4, dtype=int), np.zeros(4)
    for expected in range(4):
        arm, scores = kata.ucb1(counts, totals)
        assert_equal(arm, expected)
        assert_close(scores, bounds_of(counts, totals))
        counts[arm] += 1
        totals[arm] += 0.25 * arm
    # One pull of a single arm: log(1) is 0.
    arm, scores = kata.ucb1(np.array([1]), np.array([0.5]))
    assert_equal(arm, 0)
    assert_close(scores, [0.5])


def test_ties(kata):
    """A tie goes to the lower arm."""
    assert_equal(kata.ucb1(np.array([4, 2, 2, 4]), np.array([1.0, 2.0, 2.0, 1.0])).arm, 1)
    assert_equal(kata.ucb1(np.full(5, 3), np.full(5, 1.5)).arm, 0)
    assert_equal(kata.ucb1(np.array([1, 8, 8, 8]), np.array([0.0, 8.0, 8.0, 8.0]), 0.0).arm, 1)


def test_exploration(kata, played):
    """C scales what is under the root; at c = 0 the best mean is pulled, after every arm once."""
    # Means of 3/4 and 3/5: a small c stays with the first.
    for c, expected in [(0.0, 0), (0.1, 0), (1.0, 1), (8.0, 1)]:
        arm, scores = kata.ucb1(np.array([40, 10]), np.array([30.0, 6.0]), c)
        assert_equal(arm, expected)
        assert_close(scores, bounds_of([40, 10], [30.0, 6.0], c))
    for c in (0.0, 0.5, 30.0):
        arm, scores = kata.ucb1(*played, c)
        expected = bounds_of(*played, c)
        assert_close(scores, expected)
        assert_equal(arm, expected.index(max(expected)))
    assert_equal(kata.ucb1(np.array([9, 0, 3]), np.array([9.0, 0.0, 3.0]), 0.0).arm, 1)


@pytest.mark.parametrize("seen", [(0, 0), (1, 3), (4, 0), (0, 2), (12, 5)], ids=str)
def test_posterior(kata, rng, seen):
    """A draw is from Beta(1.0 + successes, 1.0 + failures), also for an arm that was never pulled."""
    scores = drawn(kata, *seen, rng)
    assert_equal(scores.shape, (10_000,))
    assert_equal(bool(((scores >= 0) & (scores <= 1)).all()), True, what="every draw is between 0 and 1")
    # The bounds are eight standard deviations.
    for x in (0.1, 0.25, 0.5, 0.75, 0.9):
        expected = below(x, *seen)
        spread = math.sqrt(expected * (1 - expected) / 10_000)
        assert_close(np.mean(scores <= x), expected, rtol=0.0, atol=8 * spread + 1e-3, what=f"draws of {x} or less")


def test_draws_are_independent(kata, rng):
    """Every arm has a draw of its own, from rng, and every call has new ones."""
    scores = drawn(kata, 1, 1, rng) - 0.5
    # The variance is 1 / 20; the bounds are eight standard deviations.
    assert_close(np.mean(scores[1:] * scores[:-1]) * 20, 0.0, atol=0.08, what="the correlation of two arms")
    again = drawn(kata, 1, 1, rng) - 0.5
    assert_close(np.mean(scores * again) * 20, 0.0, atol=0.08, what="the correlation of two calls")
    args = np.array([3, 1, 0]), np.array([2, 2, 0])
    once, same, other = (kata.thompson_step(*args, np.random.default_rng(seed)).scores for seed in (1, 1, 2))
    assert_equal(same, once)
    assert_equal(np.array_equal(once, other), False)


def test_best_draw(kata, rng):
    """The arm with the largest draw is pulled: each as often as it is the best by the posterior."""
    assert_equal(kata.thompson_step(np.array([2, 900, 3]), np.array([900, 2, 800]), rng).arm, 1)
    for _ in range(10):
        arm, scores = kata.thompson_step(np.array([3, 1, 0, 2]), np.array([1, 1, 0, 2]), rng)
        assert_equal(arm, scores.tolist().index(max(scores.tolist())))
    # Beta(2, 1) beats Beta(1, 1) in two of three cases: the integral of 2 x * x.
    won = [kata.thompson_step(np.array([1, 0]), np.array([0, 0]), rng).arm == 0 for _ in range(300)]
    assert_close(np.mean(won), 2 / 3, rtol=0.0, atol=0.22, what="the share of pulls of the better arm")


def test_regret(kata, rng):
    """The regret is the sum so far of the largest mean less the pulled arm's."""
    assert_close(kata.regret(np.array([0.5, 0.25, 1.0]), np.array([0, 2, 1])), [0.5, 0.5, 1.25])
    assert_close(kata.regret(np.array([0.5, 0.25, 1.0]), np.array([1, 1, 0])), [0.75, 1.5, 2.0])
    assert_close(kata.regret(np.array([-3.0, -1.0]), np.array([1, 0, 0, 1])), [0.0, 2.0, 4.0, 4.0])
    assert_close(kata.regret(np.array([0.3]), np.array([0, 0])), [0.0, 0.0])
    for n_arms, n_pulls in [(4, 9), (7, 3), (2, 1)]:
        means, arms = rng.normal(size=n_arms), rng.integers(n_arms, size=n_pulls)
        missed = [max(means) - means[arm] for arm in arms]
        assert_close(kata.regret(means, arms), [sum(missed[: i + 1]) for i in range(n_pulls)])


@strict
def test_many_pulls(kata):
    """Counts may be of any integer type, and their sum may be above the type's largest value."""
    for kind in (np.int8, np.uint8, np.int32):
        counts, totals = np.array([100, 90, 80], dtype=kind), np.array([50, 60, 10], dtype=kind)
        arm, scores = kata.ucb1(counts, totals)
        assert_equal(arm, 1)
        assert_close(scores, bounds_of([100, 90, 80], [50, 60, 10]))
    scores = kata.thompson_step(
        np.full(2_000, 127, dtype=np.int8), np.zeros(2_000, dtype=np.int8), np.random.default_rng(0)
    ).scores
    assert_close(scores.mean(), 128 / 129, atol=0.002, what="the mean draw")


def workload(kata, rng, n):
    """Choose among n arms with ties and arms that were never pulled, and return what is not random."""
    counts = rng.integers(0, 4, size=n)
    totals = np.minimum(counts, rng.integers(0, 3, size=n)).astype(float)
    successes = totals.astype(int)
    drawn = kata.thompson_step(successes, counts - successes, rng)
    means, arms = rng.random(n), rng.integers(n, size=3 * n)
    sure = kata.thompson_step(np.where(np.arange(n) == n // 2, 10**6, 0), np.full(n, 1000), rng).arm
    return (
        kata.ucb1(counts, totals),
        kata.ucb1(counts + 1, totals, 0.3),
        kata.regret(means, arms),
        np.shape(drawn.scores),
        drawn.arm == np.argmax(drawn.scores),
        sure,
    )


def picture(kata, rng):
    means, n_pulls = np.array([0.3, 0.5, 0.7]), 300
    rewards = (rng.random(size=(n_pulls, 3)) < means).astype(int)
    rules = {
        "UCB1": lambda ones, zeros: kata.ucb1(ones + zeros, ones.astype(float)).arm,
        "Thompson sampling": lambda ones, zeros: kata.thompson_step(ones, zeros, rng).arm,
        "at random": lambda _, __: int(rng.integers(3)),
    }
    lines, bars = [], []
    for place, (name, choose) in enumerate(rules.items()):
        ones, zeros, arms = np.zeros(3, dtype=int), np.zeros(3, dtype=int), []
        for reward in rewards:
            arm = choose(ones, zeros)
            arms.append(arm)
            ones[arm] += reward[arm]
            zeros[arm] += 1 - reward[arm]
        lines.append(Line(np.arange(n_pulls), kata.regret(means, np.array(arms)), name))
        bars.append(Bars(np.arange(3) + 0.27 * (place - 1), ones + zeros, name, width=0.25))
    return [
        Panel(
            "Regret",
            "pull",
            "regret so far",
            lines,
            note="At random it grows by the same amount all along. What has learnt the best arm pays ever less.",
        ),
        Panel("How often each arm was pulled", "arm, with means 0.3, 0.5, 0.7", "pulls", bars),
    ]


BOUNDS = "bounds[pulled] = totals[pulled] / n + np.sqrt(c * np.log(n.sum()) / n)"
ARM = "Choice(int(bounds.argmax()), bounds)\n\n\ndef thompson_step("
DRAWS = "draws = rng.beta(1.0 + successes, 1.0 + failures)\n    return"
PULL = "Choice(int(draws.argmax()), draws)\n\n\ndef regret("
REGRET = "np.cumsum(means.max() - means[arms])"

MISTAKES = {
    "the number of arms for the pulls": (BOUNDS, BOUNDS.replace("n.sum()", "len(counts)")),
    "the pull that is to come counts": (BOUNDS, BOUNDS.replace("n.sum()", "n.sum() + 1")),
    "the arm's own pulls in the logarithm": (BOUNDS, BOUNDS.replace("n.sum()", "n")),
    "pulls of other arms only": (BOUNDS, BOUNDS.replace("n.sum()", "np.maximum(n.sum() - n, 1)")),
    "logarithm to the base 10": (BOUNDS, BOUNDS.replace("np.log(", "np.log10(")),
    "no root": (BOUNDS, BOUNDS.replace("np.sqrt(", "(")),
    "the arm's pulls outside the root": (BOUNDS, BOUNDS.replace(".sum()) / n)", ".sum())) / n")),
    "c outside the root": (BOUNDS, BOUNDS.replace("np.sqrt(c * ", "c * np.sqrt(")),
    "c fixed at its default": (BOUNDS, BOUNDS.replace("c * ", "2.0 * ")),
    "totals for means": (BOUNDS, BOUNDS.replace("totals[pulled] / n", "totals[pulled]")),
    "the lower bound": (BOUNDS, BOUNDS.replace("/ n +", "/ n -")),
    "an eps in the count": (BOUNDS, BOUNDS.replace("/ n +", "/ (n + 1e-6) +")),
    "a never pulled arm has a bound of 0": ("np.full(len(counts), np.inf)", "np.zeros(len(counts))"),
    "a never pulled arm counts as pulled once": (
        "    pulled = counts > 0\n",
        "    counts = np.maximum(counts, 1)\n    pulled = counts > 0\n",
    ),
    "a never pulled arm is NaN": ("np.full(len(counts), np.inf)", "np.full(len(counts), np.nan)"),
    "ties to the higher arm": (
        ARM,
        ARM.replace("int(bounds.argmax())", "len(bounds) - 1 - int(bounds[::-1].argmax())"),
    ),
    "the best mean": (
        ARM,
        ARM.replace("bounds.argmax()", "np.where(pulled, totals / np.maximum(counts, 1), np.inf).argmax()"),
    ),
    "arms count from 1": (ARM, ARM.replace("int(bounds.argmax())", "int(bounds.argmax()) + 1")),
    "no prior": (
        DRAWS,
        DRAWS.replace("1.0 + successes, 1.0 + failures", "np.maximum(successes, 1e-3), np.maximum(failures, 1e-3)"),
    ),
    "one pseudo-observation for both": (
        DRAWS,
        DRAWS.replace("1.0 + successes, 1.0 + failures", "0.5 + successes, 0.5 + failures"),
    ),
    "successes and failures exchanged": (
        DRAWS,
        DRAWS.replace("1.0 + successes, 1.0 + failures", "1 + failures, 1 + successes"),
    ),
    "failures taken for pulls": (DRAWS, DRAWS.replace("1.0 + failures", "1 + np.maximum(failures - successes, 0)")),
    "a normal posterior": (
        DRAWS,
        (
            "mean = (1 + successes) / (2 + successes + failures)\n"
            "    spread = np.sqrt(mean * (1 - mean) / (3 + successes + failures))\n"
            "    draws = np.clip(rng.normal(mean, spread), 0, 1)\n    return"
        ),
    ),
    "the posterior's mean": (
        DRAWS,
        DRAWS.replace("rng.beta(1.0 + successes, 1.0 + failures)", "(1 + successes) / (2 + successes + failures)"),
    ),
    "one draw for all arms that are alike": (
        DRAWS,
        "draws = np.random.default_rng(0).beta(1.0 + successes, 1.0 + failures)\n    return",
    ),
    "the global generator": (DRAWS, DRAWS.replace("rng.", "np.random.")),
    "one uniform number for all arms": (
        DRAWS,
        "draws = rng.beta(1 + successes[:1], 1 + failures[:1]) + 0 * successes\n    return",
    ),
    "the smallest draw": (PULL, PULL.replace("argmax", "argmin")),
    "the arm of another draw": (
        PULL,
        PULL.replace("draws.argmax()", "rng.beta(1.0 + successes, 1.0 + failures).argmax()"),
    ),
    "the arm with the best mean": (
        PULL,
        PULL.replace("draws.argmax()", "((1 + successes) / (2 + successes + failures)).argmax()"),
    ),
    "the regret of each pull": (REGRET, "means.max() - means[arms]"),
    "the regret on average": (REGRET, REGRET + " / np.arange(1, len(arms) + 1)"),
    "the best of the arms that were pulled": (REGRET, REGRET.replace("means.max()", "means[arms].max()")),
    "the best of the arms so far": (REGRET, REGRET.replace("means.max()", "np.maximum.accumulate(means[arms])")),
    "the mean over all arms for the best": (REGRET, REGRET.replace("means.max()", "means.mean()")),
    "regret from 0, before the first pull": (REGRET, "np.cumsum(np.append(0.0, means.max() - means[arms]))[:-1]"),
    "a best mean of 0 at least": (REGRET, REGRET.replace("means.max()", "max(0.0, means.max())")),
    "the total only": (REGRET, REGRET + "[-1:]"),
}

STRICT_MISTAKES = {
    "the counts' own type": (DRAWS, DRAWS.replace("1.0 + successes", "np.add(successes, np.ones(1, successes.dtype))")),
    "pulls summed in the counts' own type": (BOUNDS, BOUNDS.replace("n.sum()", "n.sum(dtype=n.dtype)")),
}
