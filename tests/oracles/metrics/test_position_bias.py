"""`position_bias` in a simulation whose bias is known, beside scikit-learn's DCG and a mean over all click patterns."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import dcg_score

from tests.bench.peers import Peer

RANKS = np.arange(1, 11)
LOOKED_AT = 1 / RANKS


def test_propensities_of_a_simulation(reference, rng):
    """With many impressions the click rates in random order give back the propensities."""
    looked_at = np.array([0.8, 0.5, 0.9, 0.1])
    impressions = np.array([400_000, 100_000, 200_000, 900_000])
    clicks = rng.binomial(impressions, 0.3 * looked_at)
    np.testing.assert_allclose(reference.position_propensities(impressions, clicks), looked_at / 0.8, rtol=0.03)


def test_propensities(reference, rng):
    for _ in range(100):
        impressions = rng.integers(0, 1000, size=rng.integers(1, 12))
        clicks = rng.binomial(impressions, rng.uniform(0.01, 0.9))
        impressions[0], clicks[0] = impressions[0] + 2, clicks[0] + 1
        with np.errstate(invalid="ignore"):
            expected = (clicks / impressions) / (clicks[0] / impressions[0])
        np.testing.assert_allclose(reference.position_propensities(impressions, clicks), expected, rtol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_ips_dcg(reference, rng, tied):
    """One query at a time, scikit-learn's DCG with the weighted clicks as gains; ties broken by the rank shown."""
    for _ in range(100):
        n_queries, n_ranks = rng.integers(1, 8), rng.integers(2, 12)
        scores = rng.integers(-2, 3, size=(n_queries, n_ranks)) / 2 if tied else rng.normal(size=(n_queries, n_ranks))
        clicks, limit = rng.integers(0, 2, size=scores.shape), float(rng.choice([0.5, 2.0, np.inf]))
        propensities = rng.uniform(1e-3, 1.5, size=n_ranks)
        gains = clicks * np.minimum(1 / propensities, limit)
        broken = scores - 1e-6 * np.arange(n_ranks)
        expected = dcg_score(gains, broken) if gains.any() else 0.0
        np.testing.assert_allclose(reference.ips_dcg(scores, clicks, propensities, limit), expected, rtol=1e-9)


def test_mean_over_all_clicks(reference, rng):
    """The mean over all patterns of attention is the DCG of the relevant results."""
    for _ in range(20):
        scores, relevant = rng.normal(size=(1, 4)), rng.integers(0, 2, size=(1, 4))
        propensities = rng.uniform(0.05, 1.0, size=4)
        mean = 0.0
        for looked_at in itertools.product((0, 1), repeat=4):
            chance = np.prod(np.where(looked_at, propensities, 1 - propensities))
            mean += chance * reference.ips_dcg(scores, relevant * looked_at, propensities)
        np.testing.assert_allclose(mean, dcg_score(relevant, scores), rtol=1e-9, atol=1e-12)


def test_edges(reference):
    """Unknown propensities, queries without a click, and bad input."""
    scores, clicks = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), np.array([[1, 0, 0], [0, 0, 0]])
    assert reference.ips_dcg(scores, clicks, np.array([0.5, np.nan, 0.0])) == pytest.approx(2 / 2 / 2)
    for bad in (0.0, np.nan):
        with pytest.raises(ValueError, match="propensity is NaN"):
            reference.ips_dcg(scores, clicks, np.array([bad, 1.0, 1.0]))
    with pytest.raises(ValueError, match="as many propensities"):
        reference.ips_dcg(scores, clicks, np.ones(2))
    for other in (clicks[:1], clicks[:, :2]):
        with pytest.raises(ValueError, match="shape"):
            reference.ips_dcg(scores, other, np.ones(3))
    for impressions, counts in (([5, 5], [0, 1]), ([0, 5], [0, 1]), ([5, 5], [6, 1]), ([5, 5], [1, -1]), ([5], [1, 1])):
        with pytest.raises(ValueError, match=r"rank 1|from 0|shape"):
            reference.position_propensities(np.array(impressions), np.array(counts))


class World:
    """Queries of ten results, in the order of the old ranking, with their relevance, clicks and new scores."""

    def __init__(self, seed, noise=0.0):
        rng = np.random.default_rng(seed)
        quality = rng.normal(size=(5000, 10))
        relevant = rng.random(quality.shape) < 1 / (1 + np.exp(2 - 2 * quality))
        order = np.argsort(-(quality + 1.5 * rng.normal(size=quality.shape)), axis=1)
        quality, self.relevant = (np.take_along_axis(each, order, axis=1) for each in (quality, relevant))
        self.new = quality + 0.7 * rng.normal(size=quality.shape)
        self.old = np.tile(-RANKS.astype(float), (len(quality), 1))
        self.clicks = self.clicked(rng, self.relevant, noise)
        shuffled = rng.permuted(self.relevant, axis=1)
        self.random_clicks = self.clicked(rng, shuffled, noise)

    @staticmethod
    def clicked(rng, relevant, noise):
        """Let users look at ranks, and click on what is relevant, or by mistake."""
        return ((rng.random(relevant.shape) < LOOKED_AT) & (relevant | (rng.random(relevant.shape) < noise))).astype(
            int
        )


def test_claims_of_evaluation(reference):
    """The values of the first and the fourth follow-up, and the third's factor."""
    found, clipped = [], {2: [], 3: [], 5: [], 10: []}
    for seed in range(20):
        world = World(seed)
        both = (world.old, world.new)
        truth = [reference.ips_dcg(scores, world.relevant, np.ones(10)) for scores in both]
        naive = [reference.ips_dcg(scores, world.clicks, np.ones(10)) for scores in both]
        ips = [reference.ips_dcg(scores, world.clicks, LOOKED_AT) for scores in both]
        assert naive[0] > naive[1]
        assert ips[0] < ips[1]
        found.append(truth + naive + ips)
        for limit, values in clipped.items():
            values.append([reference.ips_dcg(scores, world.clicks, LOOKED_AT, limit) for scores in both])
            assert (values[-1][0] > values[-1][1]) == (limit == 2)
        scaled = [reference.ips_dcg(scores, world.clicks, 0.8 * LOOKED_AT) for scores in both]
        np.testing.assert_allclose(scaled, 1.25 * np.array(ips))
    np.testing.assert_allclose(np.mean(found, axis=0), [1.24, 1.36, 0.69, 0.61, 1.24, 1.36], atol=0.006)
    np.testing.assert_allclose(np.mean(clipped[2], axis=0), [0.92, 0.90], atol=0.006)


def test_claims_of_propensities(reference):
    """The propensities of the second follow-up, and the DCG with the wrong ones."""
    impressions, values = np.full(10, 5000), []
    for seed in range(20):
        world = World(seed)
        right = reference.position_propensities(impressions, world.random_clicks.sum(axis=0))
        wrong = reference.position_propensities(impressions, world.clicks.sum(axis=0))
        assert 0.17 < right[4] < 0.22
        assert 0.08 < wrong[4] < 0.12
        values.append(reference.ips_dcg(world.new, world.clicks, wrong))
    assert np.mean(values) == pytest.approx(2.6, abs=0.08)


def test_claim_of_noise(reference):
    """The fifth follow-up: clicks on irrelevant results raise both estimates and keep the order."""
    for seed in range(20):
        plain, noisy = World(seed), World(seed, noise=0.1)
        values = [
            [reference.ips_dcg(scores, world.clicks, LOOKED_AT) for scores in (world.old, world.new)]
            for world in (plain, noisy)
        ]
        assert values[1][0] > values[0][0]
        assert values[1][1] > values[0][1]
        assert values[1][0] < values[1][1]


def peers(reference, rng):
    """Yield the DCG of many queries."""
    scores, clicks = rng.normal(size=(20_000, 10)), rng.integers(0, 2, size=(20_000, 10))
    yield Peer(
        "20,000 queries of 10",
        "dcg_score, weighted clicks as gains",
        lambda: reference.ips_dcg(scores, clicks, LOOKED_AT),
        lambda: dcg_score(clicks / LOOKED_AT, scores),
    )
