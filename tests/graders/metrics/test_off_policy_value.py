import itertools
import math

import numpy as np
import pytest

from katagrad.testing import assert_close, strict

PI = np.array([[0.5, 0.5, 0.0], [0.1, 0.2, 0.7], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]])
ROW = np.array([0, 2, 1, 1])
PSCORE = np.array([0.25, 0.2, 0.8, 0.9])
REWARD = np.array([4.0, -2.0, 8.0, 0.5])
WEIGHT = [2.0, 3.5, 1.25, 1 / 3]


@pytest.fixture
def log(rng):
    """Thirteen rows with four actions, and rewards of either sign."""
    action_dist = rng.dirichlet(np.full(4, 0.7), size=13)
    return rng.normal(size=13) + 1, rng.integers(0, 4, size=13), rng.uniform(0.05, 1.0, size=13), action_dist


def weights_of(action, pscore, action_dist, max_weight=math.inf):
    return [min(pi[a] / p, max_weight) for a, p, pi in zip(action, pscore, action_dist, strict=True)]


def value_by_ips(reward, action, pscore, action_dist, max_weight=math.inf):
    weights = weights_of(action, pscore, action_dist, max_weight)
    return sum(w * r for w, r in zip(weights, reward, strict=True)) / len(reward)


def value_by_snips(reward, action, pscore, action_dist, max_weight=math.inf):
    weights = weights_of(action, pscore, action_dist, max_weight)
    return sum(w * r for w, r in zip(weights, reward, strict=True)) / sum(weights)


def value_by_doubly_robust(reward, action, pscore, action_dist, q, max_weight=math.inf):
    weights = weights_of(action, pscore, action_dist, max_weight)
    total = 0.0
    for i, (w, a) in enumerate(zip(weights, action, strict=True)):
        total += sum(action_dist[i, k] * q[i, k] for k in range(q.shape[1])) + w * (reward[i] - q[i, a])
    return total / len(reward)


def test_ips(kata, log):
    """Ips is the mean over all rows of weight times reward. Rows of weight 0 count."""
    assert_close(kata.ips(REWARD[:3], ROW[:3], PSCORE[:3], PI[:3]), (2 * 4 - 3.5 * 2 + 1.25 * 8) / 3)
    assert_close(kata.ips(REWARD, ROW, PSCORE, PI), (8 - 7 + 10 + 0.5 / 3) / 4)
    # The new policy never takes the action of the second row.
    assert_close(kata.ips(np.array([1.0, 6.0]), np.array([1, 0]), np.array([0.5, 0.5]), PI[1:3]), 0.2)
    assert_close(kata.ips(*log), value_by_ips(*log))
    assert_close(kata.ips(*(part[:1] for part in log)), value_by_ips(*(part[:1] for part in log)))


def test_snips(kata, log):
    """Snips divides by the sum of the weights, so a constant added to all rewards is added to the estimate."""
    assert_close(kata.snips(REWARD[:3], ROW[:3], PSCORE[:3], PI[:3]), 11 / 6.75)
    assert_close(kata.snips(REWARD, ROW, PSCORE, PI), (11 + 0.5 / 3) / (6.75 + 1 / 3))
    assert_close(kata.snips(*log), value_by_snips(*log))
    reward, *rest = log
    assert_close(kata.snips(reward + 100, *rest), value_by_snips(*log) + 100)
    assert_close(kata.snips(reward[:1], *(part[:1] for part in rest)), reward[0])


def test_doubly_robust(kata, log, rng):
    """Doubly_robust is the model's value of the new policy, plus the weighted mean of what the model missed."""
    q = np.array([[2.0, 4.0], [9.0, 5.0]])
    pi = np.array([[0.5, 0.5], [0.25, 0.75]])
    found = kata.doubly_robust(np.array([4.0, 8.0]), np.array([0, 1]), np.array([0.25, 0.5]), pi, q)
    assert_close(found, (3 + 2 * 2 + 6 + 1.5 * 3) / 2)
    q = rng.normal(size=(13, 4)) * 3
    assert_close(kata.doubly_robust(*log, q), value_by_doubly_robust(*log, q))
    one = [part[:1] for part in (*log, q)]
    assert_close(kata.doubly_robust(*one), value_by_doubly_robust(*one))


def test_models(kata, log, rng):
    """With a model that says 0 doubly_robust is ips. With one that says the rewards it is the model's value."""
    _, action, pscore, action_dist = log
    assert_close(kata.doubly_robust(*log, np.zeros((13, 4))), value_by_ips(*log))
    q = rng.normal(size=(13, 4)) + 2
    exact = q[np.arange(13), action]
    assert_close(kata.doubly_robust(exact, action, pscore, action_dist, q), sum((action_dist * q).ravel()) / 13)
    # No weight at all: the model alone.
    pi = np.array([[0.0, 0.25, 0.75], [0.5, 0.5, 0.0]])
    model = np.array([[9.0, 4.0, 8.0], [1.0, -1.0, 7.0]])
    assert_close(kata.doubly_robust(np.array([3.0, 3.0]), np.array([0, 2]), np.array([0.5, 0.5]), pi, model), 3.5)
    assert_close(kata.ips(np.array([3.0, 3.0]), np.array([0, 2]), np.array([0.5, 0.5]), pi), 0.0)


def test_unbiased(kata):
    """The mean of ips, and of doubly_robust with any q, over all possible logs is the value of the new policy."""
    share = np.array([0.25, 0.75])  # of the two contexts
    old = np.array([[0.5, 0.3, 0.2], [0.05, 0.15, 0.8]])
    new = np.array([[0.1, 0.0, 0.9], [0.6, 0.25, 0.15]])
    rewards = np.array([-1.0, 3.0])
    chance = np.array([[0.5, 0.2, 0.9], [0.3, 0.7, 0.1]])  # of the second reward
    q = np.array([[0.0, 5.0, 1.0], [-2.0, 0.5, 4.0]])
    value = sum(share[x] * new[x, a] * (rewards[0] + 4 * chance[x, a]) for x in range(2) for a in range(3))
    means = np.zeros(2)
    for x, a, outcome in itertools.product(range(2), range(3), range(2)):
        probability = share[x] * old[x, a] * (chance[x, a] if outcome else 1 - chance[x, a])
        row = rewards[[outcome]], np.array([a]), old[x, [a]], new[[x]]
        means += probability * np.array([kata.ips(*row), kata.doubly_robust(*row, q[[x]])])
    assert_close(means, [value, value])


def test_clipping(kata, log, rng):
    """Weights above max_weight become max_weight, in all three estimates. Rewards and the model's value stay."""
    parts = REWARD, ROW, PSCORE, PI
    assert_close(kata.ips(*parts, max_weight=3.0), (2 * 4 - 3 * 2 + 1.25 * 8 + 0.5 / 3) / 4)
    assert_close(kata.snips(*parts, max_weight=2.0), (8 - 4 + 10 + 0.5 / 3) / (5.25 + 1 / 3))
    q = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0], [4.0, 6.0, 0.0], [1.0, 1.0, 1.0]])
    direct = 0.5 + (0.2 - 2.1) + 6 + 1
    assert_close(kata.doubly_robust(*parts, q, max_weight=1.0), (direct + 1 * 3 + 1 * 1 + 1 * 2 + (1 / 3) * -0.5) / 4)
    q = rng.normal(size=(13, 4))
    for limit in (0.1, 1.0, 4.0):
        assert_close(kata.ips(*log, limit), value_by_ips(*log, limit))
        assert_close(kata.snips(*log, limit), value_by_snips(*log, limit))
        assert_close(kata.doubly_robust(*log, q, limit), value_by_doubly_robust(*log, q, limit))


def test_same_policy(kata, rng):
    """If the new policy is the old one, all weights are 1: ips and snips are the mean reward."""
    action_dist = np.array([[0.2, 0.8], [0.7, 0.3], [0.5, 0.5]])
    reward, action = np.array([1.0, 4.0, 10.0]), np.array([1, 1, 0])
    pscore = np.array([0.8, 0.3, 0.5])
    assert_close(kata.ips(reward, action, pscore, action_dist), 5.0)
    assert_close(kata.snips(reward, action, pscore, action_dist), 5.0)
    q = rng.normal(size=(3, 2))
    expected = value_by_doubly_robust(reward, action, pscore, action_dist, q)
    assert_close(kata.doubly_robust(reward, action, pscore, action_dist, q), expected)
    # A single action.
    only = np.array([2.0, -6.0]), np.array([0, 0]), np.ones(2), np.ones((2, 1))
    assert_close(kata.ips(*only), -2.0)
    assert_close(kata.snips(*only), -2.0)
    assert_close(kata.doubly_robust(*only, np.array([[1.0], [3.0]])), -2.0)


def test_rare_actions(kata):
    """Small probabilities have no floor, and estimates no bounds: ips may be far above all rewards."""
    pi = np.array([[0.5, 0.5], [1.0, 0.0], [2e-6, 1 - 2e-6]])
    reward, action, pscore = np.array([1.0, 0.5, 1.0]), np.array([0, 0, 0]), np.array([1e-5, 1.0, 1.0])
    assert_close(kata.ips(reward, action, pscore, pi), (5e4 + 0.5 + 2e-6) / 3)
    assert_close(kata.ips(-reward, action, pscore, pi), -(5e4 + 0.5 + 2e-6) / 3)
    assert_close(kata.snips(reward, action, pscore, pi), (5e4 + 0.5 + 2e-6) / (5e4 + 1 + 2e-6))
    assert_close(kata.snips(reward[2:], action[2:], pscore[2:], pi[2:]), 1.0)
    assert_close(kata.snips(np.array([3.0, 1e-6]), np.array([0, 0]), np.ones(2), pi[[2, 2]]), (3 + 1e-6) / 2)
    q = np.array([[0.5, 0.0], [1.0, 9.0], [0.0, 1.0]])
    expected = value_by_doubly_robust(reward, action, pscore, pi, q)
    assert_close(kata.doubly_robust(reward, action, pscore, pi, q), expected)


def test_impossible_actions(kata):
    """A logging probability of 0 raises ValueError, whatever the new policy does in that row."""
    q = np.zeros((4, 3))
    for place, wrong in ((0, 0.0), (3, 0.0), (1, -0.2)):
        pscore = PSCORE.copy()
        pscore[place] = wrong
        for function, more in ((kata.ips, ()), (kata.snips, ()), (kata.doubly_robust, (q,))):
            with pytest.raises(ValueError):
                function(REWARD, ROW, pscore, PI, *more)
    # The new policy does not take the action either.
    with pytest.raises(ValueError):
        kata.ips(REWARD[:2], np.array([2, 2]), np.array([0.0, 0.5]), PI[:2])


def test_no_overlap(kata):
    """Snips raises ValueError if the new policy takes none of the logged actions."""
    pi = np.array([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError):
        kata.snips(np.array([1.0, 2.0]), np.array([0, 1]), np.array([0.5, 0.5]), pi)
    # Rewards of 0 are no reason, nor is a single row that counts.
    assert_close(kata.snips(np.zeros(2), np.array([1, 0]), np.array([0.5, 0.5]), pi), 0.0)
    assert_close(kata.snips(np.array([1.0, 2.0]), np.array([0, 0]), np.array([0.5, 0.5]), pi), 2.0)


@strict
def test_shapes(kata):
    """No row, and lengths or shapes that do not fit, raise ValueError."""
    parts = [REWARD, ROW, PSCORE, PI]
    bad = [[part[:0] for part in parts]]
    for k in range(4):
        for shorter in (slice(3), slice(1)):
            bad += [[part[shorter] if i == k else part for i, part in enumerate(parts)]]
    for each in bad:
        for function, more in ((kata.ips, ()), (kata.snips, ()), (kata.doubly_robust, (np.zeros(each[3].shape),))):
            with pytest.raises(ValueError):
                function(*each, *more)
    for shape in ((3, 3), (1, 3), (4, 2), (4, 4), (4, 1)):
        with pytest.raises(ValueError):
            kata.doubly_robust(*parts, np.zeros(shape))


@strict
def test_bad_values(kata):
    """A logging probability above 1 or NaN, and an action that there is not, raise ValueError."""
    q = np.zeros((4, 3))
    for pscore in (np.array([0.2, 1.5, 0.3, 1.0]), np.array([0.2, np.nan, 0.3, 1.0])):
        for function, more in ((kata.ips, ()), (kata.snips, ()), (kata.doubly_robust, (q,))):
            with pytest.raises(ValueError):
                function(REWARD, ROW, pscore, PI, *more)
    for action in (np.array([0, 3, 1, 1]), np.array([0, -1, 1, 1])):
        for function, more in ((kata.ips, ()), (kata.snips, ()), (kata.doubly_robust, (q,))):
            with pytest.raises(ValueError):
                function(REWARD, action, PSCORE, PI, *more)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Actions, rewards and q may be integers of any type."""
    reward, action = np.array([100, 120, 0, 90]).astype(kind), ROW.astype(kind)
    q = np.array([[90, 0, 0], [0, 0, 125], [0, 1, 0], [0, 127, 0]]).astype(kind)
    exact = [float(value) for value in reward]
    assert_close(kata.ips(reward, action, PSCORE, PI), value_by_ips(exact, ROW, PSCORE, PI))
    assert_close(kata.snips(reward, action, PSCORE, PI), value_by_snips(exact, ROW, PSCORE, PI))
    expected = value_by_doubly_robust(exact, ROW, PSCORE, PI, q.astype(float))
    assert_close(kata.doubly_robust(reward, action, PSCORE, PI, q), expected)


def workload(kata, rng, n):
    """Three actions; the new policy is deterministic in a third of the rows."""
    action, pscore = rng.integers(0, 3, size=n), rng.uniform(0.05, 1.0, size=n)
    action_dist = rng.dirichlet(np.ones(3), size=n)
    action_dist[::3] = np.eye(3)[rng.integers(0, 3, size=action_dist[::3].shape[0])]
    action_dist[-1] = 1 / 3
    reward, q = (rng.random(n) < 0.4).astype(float), rng.random((n, 3))
    parts = reward, action, pscore, action_dist
    return kata.ips(*parts), kata.snips(*parts, 2.0), kata.doubly_robust(*parts, q, 2.0)


CALL = "_weights(reward, action, pscore, action_dist, max_weight)"
IPS = "return float((_weights(reward, action, pscore, action_dist, max_weight) * reward).mean())"
SNIPS = "return float((weights * reward).sum() / weights.sum())"
EMPTY = "    if not weights.any():\n"
MISSED = "missed = reward.astype(float) - q[np.arange(len(action)), action]"
ROBUST = "return float(((action_dist * q).sum(axis=1) + weights * missed).mean())"
WEIGHTS = "return np.minimum(action_dist[np.arange(n_rows), action] / pscore, max_weight)"
SCORES = "if not ((pscore > 0) & (pscore <= 1)).all():"
MISTAKES = {
    "the weight upside down": (
        WEIGHTS,
        WEIGHTS.replace(
            "action_dist[np.arange(n_rows), action] / pscore", "pscore / action_dist[np.arange(n_rows), action]"
        ),
    ),
    "no division by the logging probability": (WEIGHTS, WEIGHTS.replace(" / pscore", "")),
    "the weight is 1 / pscore": (WEIGHTS, "return np.minimum(1 / pscore, max_weight)"),
    "the new policy's best action only": (
        WEIGHTS,
        WEIGHTS.replace("action_dist[np.arange(n_rows), action]", "(action_dist.argmax(axis=1) == action)"),
    ),
    "the first row's policy for all rows": (
        WEIGHTS,
        WEIGHTS.replace("action_dist[np.arange(n_rows), action]", "action_dist[0, action]"),
    ),
    "a policy without contexts": (
        WEIGHTS,
        WEIGHTS.replace("action_dist[np.arange(n_rows), action]", "action_dist.mean(axis=0)[action]"),
    ),
    "a floor under the logging probability": (WEIGHTS, WEIGHTS.replace("/ pscore", "/ np.maximum(pscore, 1e-3)")),
    "an epsilon in the denominator": (WEIGHTS, WEIGHTS.replace("/ pscore", "/ (pscore + 1e-6)")),
    "weights are not clipped": (WEIGHTS, WEIGHTS.replace("max_weight)", "np.inf)")),
    "large weights are dropped": (
        WEIGHTS,
        "ratio = action_dist[np.arange(n_rows), action] / pscore\n    return np.where(ratio > max_weight, 0, ratio)",
    ),
    "weights are clipped from below": (
        WEIGHTS,
        "return np.clip(action_dist[np.arange(n_rows), action] / pscore, min(0.1, max_weight), max_weight)",
    ),
    "all weights scaled to the limit": (
        WEIGHTS,
        "ratio = action_dist[np.arange(n_rows), action] / pscore\n    return ratio * min(1, max_weight / ratio.max())",
    ),
    "max_weight is a floor of pscore": (
        WEIGHTS,
        "return action_dist[np.arange(n_rows), action] / np.maximum(pscore, 1 / max_weight)",
    ),
    "the product is clipped, not the weight": [
        (WEIGHTS, WEIGHTS.replace("max_weight)", "np.inf)")),
        (
            IPS,
            f"return float(np.minimum({CALL} * reward, max_weight).mean())",
        ),
    ],
    "rows of weight 0 do not count": (
        IPS,
        f"weights = {CALL}\n    return float((weights * reward).sum() / max((weights > 0).sum(), 1))",
    ),
    "ips is a sum": (IPS, IPS.replace(".mean()", ".sum()")),
    "ips is self-normalised": (
        IPS,
        f"weights = {CALL}\n    return float((weights * reward).sum() / max(weights.sum(), 1e-300))",
    ),
    "ips is clipped to the rewards' range": (
        IPS,
        IPS.replace("float(", "float(np.clip(").replace(".mean())", ".mean(), reward.min(), reward.max()))"),
    ),
    "ips is not negative": (IPS, IPS.replace("return float(", "return max(0.0, float(") + ")"),
    "snips divides by the number of rows": (SNIPS, SNIPS.replace("weights.sum()", "len(weights)")),
    "snips divides by the rows that count": (SNIPS, SNIPS.replace("weights.sum()", "(weights > 0).sum()")),
    "snips' clipped weights over unclipped ones": (
        SNIPS,
        SNIPS.replace("/ weights.sum()", "/ _weights(reward, action, pscore, action_dist, np.inf).sum()"),
    ),
    "an epsilon in snips": (SNIPS, SNIPS.replace("weights.sum()", "(weights.sum() + 1e-8)")),
    "snips is 0 without overlap": (EMPTY, "    if not weights.any():\n        return 0.0\n    if False:\n"),
    "snips is NaN without overlap": (EMPTY, "    if False:\n"),
    "rewards of 0 are no overlap": (EMPTY, "    if not (weights * reward).any():\n"),
    "little overlap is none": (EMPTY, "    if weights.sum() < 1e-4:\n"),
    "the model alone": (ROBUST, "return float((action_dist * q).sum(axis=1).mean())"),
    "no model's value": (ROBUST, "return float((weights * missed).mean())"),
    "the model's mean over actions": (ROBUST, ROBUST.replace("(action_dist * q).sum(axis=1)", "q.mean(axis=1)")),
    "the model's value of the logged action": (
        ROBUST,
        ROBUST.replace("(action_dist * q).sum(axis=1)", "q[np.arange(len(action)), action]"),
    ),
    "the model's value of the best action": (ROBUST, ROBUST.replace("(action_dist * q).sum(axis=1)", "q.max(axis=1)")),
    "rewards are not corrected by the model": (MISSED, "missed = reward"),
    "corrected by the model's value of the policy": (MISSED, "missed = reward - (action_dist * q).sum(axis=1)"),
    "the correction's sign": (MISSED, "missed = q[np.arange(len(action)), action] - reward"),
    "the correction is not weighted": (ROBUST, ROBUST.replace("weights * missed", "missed")),
    "the correction is self-normalised": (
        ROBUST,
        "return float((action_dist * q).sum(axis=1).mean() + (weights * missed).sum() / max(weights.sum(), 1e-300))",
    ),
    "doubly_robust is not clipped": (
        "    if q.shape != action_dist.shape:\n",
        "    weights = _weights(reward, action, pscore, action_dist, np.inf)\n    if q.shape != action_dist.shape:\n",
    ),
    "a logging probability of 0 has weight 0": [
        (SCORES, "if not ((pscore >= 0) & (pscore <= 1)).all():"),
        (WEIGHTS, WEIGHTS.replace("/ pscore", "/ np.where(pscore > 0, pscore, np.inf)")),
    ],
    "a logging probability of 0 passes": (SCORES, "if not ((pscore >= 0) & (pscore <= 1)).all():"),
    "logging probabilities are looked at if they count": (
        SCORES,
        "if not (((pscore > 0) & (pscore <= 1)) | (action_dist[np.arange(n_rows), action] == 0)).all():",
    ),
    "negative logging probabilities pass": (SCORES, "if not ((pscore != 0) & (pscore <= 1)).all():"),
    "a logging probability of 1 is refused": (SCORES, "if not ((pscore > 0) & (pscore < 1)).all():"),
}

STRICT_MISTAKES = {
    "one value for all rows passes": (
        "not reward.shape == action.shape == pscore.shape == (n_rows,):",
        "len(action) != n_rows:",
    ),
    "an empty log is NaN": ("if n_rows == 0 or not", "if not"),
    "probabilities above 1 pass": (SCORES, "if not (pscore > 0).all():"),
    "NaN passes": (SCORES, "if (pscore <= 0).any() or (pscore > 1).any():"),
    "actions from the end": (
        "if not ((action >= 0) & (action < n_actions)).all():",
        "if not (action < n_actions).all():",
    ),
    "small integers wrap around": (MISSED, MISSED.replace(".astype(float)", "")),
    "q of any shape": ("    if q.shape != action_dist.shape:\n", "    if False:\n"),
}
