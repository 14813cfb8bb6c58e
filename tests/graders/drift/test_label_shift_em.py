import math

import numpy as np
import pytest

from katagrad.picture import Line, Mark, Panel
from katagrad.testing import assert_close, strict

# From the prior 1/2, the first class is at 2/3 - 4**-t / 6 after t steps: the last row alone does not tell its class.
TOLD = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
HALVES = np.array([0.5, 0.5])


@pytest.fixture
def sample(rng):
    """Seventeen rows of four classes, a source prior that is not uniform, and another prior."""
    probs = rng.dirichlet([0.7, 0.7, 0.7, 0.7], size=17)
    source, prior = 0.1 + 0.6 * rng.dirichlet(np.ones(4), size=2)
    return probs, source, prior


def step(probs, source, prior):
    """Return the next prior by the definition, row by row."""
    new = np.zeros(len(prior))
    for row in probs:
        joint = [q / s * p for p, q, s in zip(row, prior, source / sum(source), strict=True)]
        new += np.array(joint) / sum(joint)
    return new / len(probs)


def likelihood(probs, source, prior):
    """Return L by the definition, row by row."""
    weights = prior / (source / sum(source))
    return sum(math.log(sum(w * p for w, p in zip(weights, row, strict=True))) for row in probs) / len(probs)


def iterated(probs, source, tol, max_iter):
    """Return all priors, from the first to the last."""
    priors = [source / sum(source)]
    while len(priors) <= max_iter:
        priors.append(step(probs, source, priors[-1]))
        if max(abs(priors[-1] - priors[-2])) <= tol:
            break
    return priors


def assert_estimate(kata, probs, source, tol, max_iter):
    """Check an estimate against the definition."""
    priors = iterated(probs, source, tol, max_iter)
    found = kata.estimate_prior_em(probs, source, tol, max_iter)
    assert_close(found.prior, priors[-1])
    assert_close(found.log_likelihoods, [likelihood(probs, source, prior) for prior in priors])


def test_step(kata, sample):
    """A step reweights each row by prior / source_prior, divides it by its sum, and takes the mean over the rows."""
    # The weights are 2/3 and 2: the second row becomes 1/2 and 1/2.
    probs, source = np.array([[0.0, 1.0], [0.75, 0.25]]), np.array([0.75, 0.25])
    assert_close(kata.em_step(probs, source, HALVES), [0.25, 0.75])
    # At the source prior all weights are 1: what comes back is the mean probability.
    assert_close(kata.em_step(probs, source, source), [0.375, 0.625])
    assert_close(
        kata.em_step(np.array([[0.5, 0.25, 0.25]]), np.ones(3) / 3, np.array([0.25, 0.5, 0.25])), [0.4, 0.4, 0.2]
    )
    probs, source, prior = sample
    for given in [
        (probs, source, prior),
        (probs[:1], source, prior),
        (probs, prior, source),
        (probs[:3], prior, prior),
    ]:
        assert_close(kata.em_step(*given), step(*given))


def test_class_at_zero(kata, sample):
    """A class at 0 stays at 0, and a class without any probability gets 0."""
    probs = np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]])
    assert_close(kata.em_step(probs, np.ones(3) / 3, np.array([0.5, 0.0, 0.5])), [7 / 12, 0.0, 5 / 12], atol=0.0)
    assert_close(kata.em_step(probs, np.ones(3) / 3, np.array([0.0, 0.0, 1.0])), [0.0, 0.0, 1.0], atol=0.0)
    without = np.array([[0.25, 0.0, 0.75], [0.75, 0.0, 0.25], [0.75, 0.0, 0.25]])
    assert kata.estimate_prior_em(without, np.array([0.25, 0.5, 0.25])).prior[1] == 0
    for place in (0, 3):
        probs, source, prior = sample
        prior = np.where(np.arange(4) == place, 0.0, prior)
        assert_close(
            kata.em_step(probs, source, prior / prior.sum()), step(probs, source, prior / prior.sum()), atol=0.0
        )


def test_stopping(kata, sample):
    """The first prior is the source prior. The last step changes no entry by more than tol, or is step max_iter."""
    # 1/2, 5/8, 21/32, 85/128: steps of 1/8, 1/32, 1/128.
    for tol, max_iter, steps in [
        (0.04, 1000, 2),
        (0.2, 1000, 1),
        (0.02, 1000, 3),
        (0.04, 1, 1),
        (0.0, 5, 5),
        (0.5, 0, 0),
    ]:
        found = kata.estimate_prior_em(TOLD, HALVES, tol=tol, max_iter=max_iter)
        first = 2 / 3 - 4.0**-steps / 6
        assert_close(found.prior, [first, 1 - first])
        assert_close(len(found.log_likelihoods), steps + 1, what="the number of log-likelihoods is")
    # Four entries change by 1/24 each: no single one by more than 0.05.
    found = kata.estimate_prior_em(np.eye(4)[[0, 0, 1, 1, 2, 3]] / 2 + 1 / 8, np.ones(4), tol=0.05)
    assert_close(found.prior, [7 / 24, 7 / 24, 5 / 24, 5 / 24])
    # The second entry halves in each step, which no tol of 0 stops.
    found = kata.estimate_prior_em(np.array([[1.0, 0.0], [0.5, 0.5]]), HALVES, tol=0.0, max_iter=45)
    assert_close(found.prior[1], 2.0**-46, atol=0.0)
    assert_close(len(found.log_likelihoods), 46, what="the number of log-likelihoods is")
    # Step 13 is the first of at most 1e-8.
    found = kata.estimate_prior_em(TOLD, HALVES)
    assert_close(found.prior[0], 2 / 3 - 4.0**-13 / 6, rtol=1e-11)
    assert_close(len(found.log_likelihoods), 14, what="the number of log-likelihoods is")
    probs, source, _ = sample
    for tol, max_iter in [(0.05, 100), (0.01, 100), (1e-3, 100), (1e-6, 100), (0.0, 2), (0.0, 7), (1.0, 3)]:
        assert_estimate(kata, probs, source, tol, max_iter)


def test_log_likelihoods(kata, sample):
    """There is one mean log-likelihood for each prior. The first is 0, and none is below the one before."""
    found = kata.estimate_prior_em(TOLD, HALVES, tol=0.04)
    # The weights are 5/4 and 3/4, then 21/16 and 11/16; the density of the last row is 1.
    logs = [0.0, 2 * math.log(5 / 4) + math.log(3 / 4), 2 * math.log(21 / 16) + math.log(11 / 16)]
    assert_close(found.log_likelihoods, np.array(logs) / 4)
    probs, source, _ = sample
    found = kata.estimate_prior_em(probs, source, 1e-5, 200).log_likelihoods
    assert_close(found[0], 0.0, what="the first log-likelihood is")
    assert_close(np.minimum(np.diff(found), 0).min(), 0.0, what="the log-likelihood changes by")
    assert_close(found, [likelihood(probs, source, prior) for prior in iterated(probs, source, 1e-5, 200)])


def test_counts(kata, sample):
    """The source prior may be counts: only their proportions matter."""
    probs, source = np.array([[0.0, 1.0], [0.75, 0.25]]), np.array([0.75, 0.25])
    for unit in (4.0, 1000.0, 2.0**-10):
        assert_close(kata.em_step(probs, unit * source, HALVES), [0.25, 0.75])
        assert_close(kata.estimate_prior_em(probs, unit * source, max_iter=0).prior, source)
    # To start with, a step changes 0.75 to 0.375. A weight of 1/2 and one of 5/2 come out.
    found = kata.estimate_prior_em(probs, np.array([300.0, 100.0]), max_iter=1)
    assert_close(found.prior, [0.375, 0.625])
    assert_close(found.log_likelihoods, [0.0, math.log(2.5) / 2])
    assert_estimate(kata, sample[0], 1e4 * sample[1], 1e-4, 50)


def test_plain_samples(kata):
    """Certain rows give their shares. Rows equal to the source prior tell nothing. One row, or one class, will do."""
    certain = np.eye(3)[[2, 0, 2, 2, 0]]
    for source in ([0.2, 0.3, 0.5], [0.9, 0.05, 0.05]):
        found = kata.estimate_prior_em(certain, np.array(source))
        assert_close(found.prior, [0.4, 0.0, 0.6])
        assert_close(len(found.log_likelihoods), 3, what="the number of log-likelihoods is")
    for n in (1, 4):
        found = kata.estimate_prior_em(np.tile([0.75, 0.25], (n, 1)), np.array([0.75, 0.25]))
        assert_close(found.prior, [0.75, 0.25])
        assert_close(found.log_likelihoods, [0.0, 0.0])
        found = kata.estimate_prior_em(np.ones((n, 1)), np.array([0.5]))
        assert_close(found.prior, [1.0])
        assert_close(found.log_likelihoods, [0.0, 0.0])
    assert_estimate(kata, np.array([[0.5, 0.5]]), np.array([0.75, 0.25]), 1e-4, 40)
    assert_estimate(kata, np.array([[0.3, 0.6, 0.1]]), np.array([0.3, 0.3, 0.4]), 0.01, 40)


def test_small_values(kata):
    """Small priors and small probabilities count as they are, and so does a small tol."""
    source = np.array([1e-6, 1 - 1e-6])
    probs = np.array([[0.5, 0.5], [1e-6, 1 - 1e-6], [2e-6, 1 - 2e-6], [0.0, 1.0], [1e-6, 1 - 1e-6]])
    assert_close(kata.em_step(probs, source, HALVES), step(probs, source, HALVES), atol=0.0)
    few = np.array([3e-6, 1 - 3e-6])
    assert_close(
        kata.em_step(probs[1:], np.array([0.75, 0.25]), few), step(probs[1:], np.array([0.75, 0.25]), few), atol=0.0
    )
    assert_estimate(kata, probs, source, 1e-6, 100)
    assert_estimate(kata, probs[::-1, ::-1], source[::-1], 1e-12, 60)
    # The rare class has 3 parts in a million, and steps of that size are no reason to stop.
    assert_estimate(kata, probs[1:], np.array([4e-6, 1 - 4e-6]), 1e-8, 100)
    assert_estimate(kata, np.array([[0.999, 0.001], [1.0, 0.0], [0.9999, 0.0001]]), HALVES, 1e-9, 100)


def test_slow_convergence(kata):
    """Classes that are hard to tell apart take many steps, as many as tol asks for and max_iter allows."""
    alike = np.array([[0.525, 0.475], [0.475, 0.525], [0.495, 0.505]])
    priors = iterated(alike, HALVES, 1e-8, 1300)
    assert_close(kata.estimate_prior_em(alike, HALVES).prior, priors[1000])
    found = kata.estimate_prior_em(alike, HALVES, tol=1e-8, max_iter=1300)
    assert_close(found.prior, priors[1300])
    assert_close(len(found.log_likelihoods), 1301, what="the number of log-likelihoods is")


def test_maximum(kata, rng):
    """The estimate is the prior of the largest likelihood: each derivative is 1, and at most 1 for a class at 0."""
    # Most rows are certain, so the steps soon get small. The last class is never certain, and its likelihood is low.
    source = np.array([0.4, 0.3, 0.2, 0.1])
    probs = np.vstack([np.eye(4)[rng.permutation([0, 0, 0, 1, 1, 2, 2, 2, 2])], [[0.2, 0.3, 0.48, 0.02]] * 3])
    prior = kata.estimate_prior_em(probs, source, tol=1e-12).prior
    ratios = probs / source
    derivatives = (ratios / (ratios @ prior)[:, None]).mean(axis=0)
    assert_close(derivatives[:3], [1.0, 1.0, 1.0], rtol=1e-6, what="the derivatives are")
    assert_close(prior[3], 0.0, what="the prior of the last class is")
    assert_close(max(derivatives[3], 1.0), 1.0, what="the last derivative, or 1 if it is smaller, is")


@strict
def test_no_change(kata):
    """A step that changes nothing is the last, also if tol is 0."""
    found = kata.estimate_prior_em(np.ones((3, 1)), np.array([2.0]), tol=0.0)
    assert_close(found.log_likelihoods, [0.0, 0.0])


@strict
def test_integers(kata):
    """Probabilities and counts may be integers of any type."""
    for kind in (np.int8, np.uint8, np.int64):
        certain, counts = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], dtype=kind), np.array([120, 40], dtype=kind)
        assert_close(kata.em_step(certain, counts, HALVES), [0.75, 0.25])
        found = kata.estimate_prior_em(certain[:3], counts)
        assert_close(found.prior, [2 / 3, 1 / 3])
        expected = (2 * math.log(8 / 9) + math.log(4 / 3)) / 3
        assert_close(found.log_likelihoods, [0.0, expected, expected])
        assert_close(kata.em_step(np.array([[0.0, 1.0], [0.75, 0.25]]), counts, HALVES), [0.25, 0.75])


@strict
def test_impossible_rows(kata):
    """A row that has all of its probability on classes at 0 raises ValueError."""
    for place in (0, 1):
        with pytest.raises(ValueError):
            kata.em_step(TOLD, HALVES, np.eye(2)[place])
    with pytest.raises(ValueError):
        kata.em_step(np.array([[0.5, 0.5, 0.0]]), np.ones(3), np.array([0.0, 0.0, 1.0]))


@strict
def test_bad_input(kata):
    """No row, other lengths, a bad probability and a source prior that is not positive raise ValueError."""
    bad = [(TOLD[:0], HALVES), (TOLD, np.ones(3)), (TOLD, np.ones(1)), (TOLD[:, :1], HALVES)]
    bad += [(TOLD, np.array([0.0, 1.0])), (TOLD, np.array([1.5, -0.5])), (TOLD, np.array([np.nan, 0.5]))]
    for value in (-0.25, np.nan, np.inf):
        bad += [(np.vstack([TOLD, [value, 0.5]]), HALVES), (np.vstack([[0.5, value], TOLD]), HALVES)]
    for probs, source in bad:
        with pytest.raises(ValueError):
            kata.estimate_prior_em(probs, source)


def workload(kata, rng, n):
    """Estimate the prior of three classes, with some rows certain and some repeated, and counts for the source."""
    probs = rng.dirichlet([0.3, 0.5, 0.8], size=n + 3)
    probs[:3] = [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.25, 0.25, 0.5]]
    probs = probs[rng.integers(0, n + 3, size=n + 5)]
    counts, prior = rng.integers(1, 9, size=3) * 50.0, rng.dirichlet(np.full(3, 3.0))
    return kata.em_step(probs, counts, prior), kata.estimate_prior_em(probs, counts, tol=1e-6, max_iter=60)


def picture(kata, rng):
    n, source = 500, np.array([0.9, 0.1])

    def draw(distance):
        x = rng.normal(distance * (rng.random(n) < 0.4))
        positive = 1 / (1 + 9 * np.exp(distance**2 / 2 - distance * x))
        return np.column_stack([1 - positive, positive])

    lines, samples = [], {distance: draw(distance) for distance in (3.0, 1.5, 0.75)}
    for distance, probs in samples.items():
        steps = range(31)
        path = [kata.estimate_prior_em(probs, source, 0.0, t).prior[1] for t in steps]
        lines.append(Line(steps, path, f"{distance:g} apart"))
    grid = np.linspace(0.02, 0.98, 49)
    found = kata.estimate_prior_em(samples[1.5], source)
    ratios = samples[1.5] / source
    curve = [np.log(ratios @ [1 - q, q]).mean() for q in grid]
    return [
        Panel(
            "The prior of the positives, step by step",
            "step",
            "prior",
            [*lines, Mark(0.4, "true prior", level=True)],
            note="The nearer the classes are to each other, the slower it is, and the farther from the truth.",
        ),
        Panel(
            "The log-likelihood of the sample, 1.5 apart",
            "prior of the positives",
            "L",
            [Line(grid, curve, "L"), Mark(0.1, "source"), Mark(float(found.prior[1]), "estimate")],
            note="L is concave: there is one maximum, and EM climbs to it from the source prior.",
        ),
    ]


MISTAKES = {
    "the source prior left out": ("probs * (prior / (source_prior / source_prior.sum()))", "probs * prior"),
    "the weights upside down": (
        "probs * (prior / (source_prior / source_prior.sum()))",
        "probs * ((source_prior / source_prior.sum()) / prior)",
    ),
    "classes counted by the largest probability": (
        "return (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)",
        "return np.bincount(joint.argmax(axis=1), minlength=joint.shape[1]) / len(joint)",
    ),
    "rows that are not divided by their sums": (
        "return (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)",
        "return joint.sum(axis=0) / joint.sum()",
    ),
    "divided by the sums over samples": ("joint.sum(axis=1, keepdims=True)", "joint.sum(axis=0, keepdims=True)"),
    "probabilities that are reweighted again in each step": (
        "        previous, prior = prior, em_step(probs, source_prior, prior)\n",
        (
            "        previous, prior = prior, em_step(probs, source_prior, prior)\n"
            "        probs = _joint(probs, source_prior, previous)\n"
            "        probs = probs / probs.sum(axis=1, keepdims=True)\n"
        ),
    ),
    "starts at the uniform prior": (
        "    prior = source_prior / source_prior.sum()\n",
        "    prior = np.full(len(source_prior), 1 / len(source_prior))\n",
    ),
    "starts at the mean probability": (
        "    prior = source_prior / source_prior.sum()\n",
        "    prior = probs.mean(axis=0)\n",
    ),
    "returns the prior before the last step": (
        "    return PriorEstimate(prior, np.array(log_likelihoods))\n\n\ndef _joint",
        "    return PriorEstimate(previous if max_iter else prior, np.array(log_likelihoods))\n\n\ndef _joint",
    ),
    "stops by the likelihood": (
        "if np.abs(prior - previous).max() <= tol:",
        "if abs(log_likelihoods[-1] - log_likelihoods[-2]) <= tol:",
    ),
    "stops by the sum of the changes": ("np.abs(prior - previous).max()", "np.abs(prior - previous).sum()"),
    "stops by the mean change": ("np.abs(prior - previous).max()", "np.abs(prior - previous).mean()"),
    "stops by the change of the last class": ("np.abs(prior - previous).max()", "abs(prior - previous)[-1]"),
    "stops by the relative change": ("np.abs(prior - previous).max()", "np.abs(prior / previous - 1).max()"),
    "changes without their sign": ("np.abs(prior - previous).max()", "(prior - previous).min()"),
    "does not stop by tol": ("if np.abs(prior - previous).max() <= tol:", "if False:"),
    "a hundred steps at most": ("for _ in range(max_iter):", "for _ in range(min(max_iter, 100)):"),
    "a thousand steps at most": ("for _ in range(max_iter):", "for _ in range(min(max_iter, 1000)):"),
    "one step too many": ("for _ in range(max_iter):", "for _ in range(max_iter + 1):"),
    "the log-likelihood is summed": ("sum(axis=1)).mean())", "sum(axis=1)).sum())"),
    "the log of the mean": (
        "np.log(_joint(probs, source_prior, prior).sum(axis=1)).mean()",
        "np.log(_joint(probs, source_prior, prior).sum(axis=1).mean())",
    ),
    "the likelihood without the source prior": (
        "np.log(_joint(probs, source_prior, prior).sum(axis=1)).mean()",
        "np.log((probs * prior).sum(axis=1)).mean()",
    ),
    "the likelihood before each step": (
        "log_likelihoods.append(_log_likelihood(probs, source_prior, prior))\n        if",
        "log_likelihoods.append(_log_likelihood(probs, source_prior, previous))\n        if",
    ),
    "the first likelihood is left out": (
        "log_likelihoods = [_log_likelihood(probs, source_prior, prior)]",
        "log_likelihoods = []",
    ),
    "counts taken for shares": (
        "prior / (source_prior / source_prior.sum())",
        "prior / source_prior",
    ),
    "counts as the first prior": ("    prior = source_prior / source_prior.sum()\n", "    prior = source_prior\n"),
    "priors kept off 0": (
        "keepdims=True)).mean(axis=0)",
        "keepdims=True)).mean(axis=0).clip(1e-6, 1)",
    ),
    "one sample added to each class": (
        "return (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)",
        "new = (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0) + 1\n    return new / new.sum()",
    ),
    "probabilities kept off 0": (
        "joint = probs * (prior",
        "joint = np.clip(probs, 1e-5, 1) * (prior",
    ),
    "weights of ten at most": (
        "joint = probs * (prior / (source_prior / source_prior.sum()))",
        "joint = probs * np.minimum(prior / (source_prior / source_prior.sum()), 10)",
    ),
}

STRICT_MISTAKES = {
    "goes on where nothing changes": (".max() <= tol:", ".max() < tol:"),
    "an impossible row gets NaN": ("if not joint.any(axis=1).all():", "if False:"),
    "no row, or other lengths": ("if not len(probs) or probs.shape[1] != len(source_prior):", "if False:"),
    "any probability passes": ("if not (np.isfinite(probs) & (probs >= 0)).all():", "if False:"),
    "negative probabilities pass": ("(np.isfinite(probs) & (probs >= 0)).all()", "np.isfinite(probs).all()"),
    "any source prior passes": ("if not (source_prior > 0).all():", "if False:"),
}
