"""`bandits` beside SciPy's beta distribution, and UCB1 beside its definition in exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binomtest, kstest

from tests.bench.peers import Peer


def test_bounds(reference, rng):
    for c in (0.0, 0.5, 2.0):
        for _ in range(50):
            counts = rng.integers(0, 30, size=int(rng.integers(1, 8)))
            totals = counts * rng.random(len(counts))
            with np.errstate(all="ignore"):
                expected = totals / counts + np.sqrt(c * np.log(counts.sum()) / counts)
            expected[counts == 0] = np.inf
            arm, scores = reference.ucb1(counts, totals, c)
            np.testing.assert_allclose(scores, expected, rtol=1e-9)
            assert arm == np.flatnonzero(expected == expected.max())[0]


def test_ties_and_never_pulled(reference):
    assert reference.ucb1(np.array([4, 2, 2, 4]), np.array([1.0, 2.0, 2.0, 1.0])).arm == 1
    assert reference.ucb1(np.array([5, 0, 0]), np.array([5.0, 0.0, 0.0])).arm == 1
    assert reference.ucb1(np.zeros(3, dtype=int), np.zeros(3)).arm == 0


@pytest.mark.parametrize("seen", [(0, 0), (1, 3), (40, 2), (0, 7)], ids=str)
def test_posterior(reference, rng, seen):
    successes, failures = (np.full(5_000, n) for n in seen)
    draws = reference.thompson_step(successes, failures, rng).scores
    assert kstest(draws, beta(1 + seen[0], 1 + seen[1]).cdf).pvalue > 1e-9


def test_share_of_pulls(reference, rng):
    """An arm is pulled as often as it is the best by the posterior, which an integral gives."""
    successes, failures = np.array([3, 1, 6]), np.array([1, 0, 5])
    posteriors = [beta(1 + s, 1 + f) for s, f in zip(successes, failures, strict=True)]
    pulls = np.bincount([reference.thompson_step(successes, failures, rng).arm for _ in range(5_000)], minlength=3)
    shares = []
    for k in range(3):
        others = [p for i, p in enumerate(posteriors) if i != k]
        shares.append(quad(lambda x, k=k, o=others: posteriors[k].pdf(x) * o[0].cdf(x) * o[1].cdf(x), 0, 1)[0])
        assert binomtest(int(pulls[k]), 5_000, shares[k]).pvalue > 1e-9
    assert sum(shares) == pytest.approx(1, rel=1e-6)


def test_regret(reference, rng):
    means, arms = rng.random(5), rng.integers(5, size=40)
    exact = [Fraction(mean) for mean in means.tolist()]
    missed = [max(exact) - exact[arm] for arm in arms.tolist()]
    expected = [float(sum(missed[: i + 1])) for i in range(40)]
    np.testing.assert_allclose(reference.regret(means, arms), expected, rtol=1e-9, atol=1e-12)


def play(reference, policy, means, n_pulls, rng):
    """Let a policy pull arms with rewards of 0 and 1; return the arms, counts and successes."""
    counts, successes, arms = np.zeros(len(means), dtype=int), np.zeros(len(means), dtype=int), []
    for _ in range(n_pulls):
        if policy == "thompson":
            arm = reference.thompson_step(successes, counts - successes, rng).arm
        else:
            arm = reference.ucb1(counts, successes, policy).arm
        counts[arm] += 1
        successes[arm] += rng.random() < means[arm]
        arms.append(arm)
    return np.array(arms), counts, successes


def test_claim_regret(reference):
    means, mean_regret = np.array([0.5, 0.6]), {}
    for policy in (2.0, "thompson", 0.0):
        runs = [play(reference, policy, means, 2_000, np.random.default_rng(seed))[0] for seed in range(20)]
        ends = [reference.regret(means, arms)[-1] for arms in runs]
        mean_regret[policy] = np.mean(ends)
        if policy == 0.0:
            assert min(ends) < 10
            assert max(ends) > 150
    assert 28 <= mean_regret[2.0] <= 45
    assert 8 <= mean_regret["thompson"] <= 15
    assert 50 <= mean_regret[0.0] <= 130


def test_claim_bias(reference):
    """Two equal arms: what was pulled less looks worse than it is."""
    less, more = [], []
    for seed in range(10):
        rng, rates = np.random.default_rng(seed), []
        for _ in range(400):
            _, counts, successes = play(reference, "thompson", np.array([0.5, 0.5]), 50, rng)
            order = counts.argsort(kind="stable")
            if counts.min():
                rates.append((successes / counts)[order])
        less.append(np.mean(rates, axis=0)[0])
        more.append(np.mean(rates, axis=0)[1])
    assert 0.33 <= min(less) <= max(less) <= 0.41
    assert 0.51 <= min(more) <= max(more) <= 0.55


def test_claim_deviation(reference, rng):
    for scale, deviation in [(1, 0.003), (100, 0.030)]:
        successes, failures = np.full(20_000, 9_000 // scale), np.full(20_000, 1_000 // scale)
        assert reference.thompson_step(successes, failures, rng).scores.std() == pytest.approx(deviation, rel=0.05)


def peers(reference, rng):
    """Yield a draw for each of 10,000 arms."""
    successes, failures = rng.integers(0, 50, size=(2, 10_000))
    posterior = beta(1 + successes, 1 + failures)
    yield Peer(
        "10,000 arms",
        "scipy.stats.beta",
        lambda: reference.thompson_step(successes, failures, rng),
        lambda: posterior.rvs(random_state=rng).argmax(),
    )
