import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# alpha is 0.64 and 0.25, abar 0.64 and 0.16.
BETAS = np.array([0.36, 0.75])


@pytest.fixture
def betas(rng):
    """Six betas in no order, so that an index that is off by one shows."""
    return rng.permutation([0.02, 0.1, 0.3, 0.45, 0.2, 0.6])


def kept(betas, t):
    return math.prod(1 - beta for beta in betas[:t])


def noised(x0, t, noise, betas):
    out = np.empty(x0.shape)
    for i, step in enumerate(t):
        out[i] = math.sqrt(kept(betas, step)) * x0[i] + math.sqrt(1 - kept(betas, step)) * noise[i]
    return out


def draws(kata, x0, betas, rng):
    """Return the loss against a prediction of 1/2, the steps that were drawn, and the noise."""
    asked = []

    def network(x_t, t):
        asked.append((np.array(x_t), np.array(t)))
        return np.full(x0.shape, 0.5)

    loss = kata.diffusion_loss(network, x0, betas, rng)
    assert_equal(len(asked), 1, what="calls of predict")
    x_t, t = asked[0]
    assert_equal(t.shape, (len(x0),))
    assert_equal(x_t.shape, x0.shape)
    assert_equal([step for step in np.unique(t).tolist() if step not in range(1, len(betas) + 1)], [])
    levels = np.array([kept(betas, step) for step in range(len(betas) + 1)])
    abar = levels[t.astype(int)].reshape(-1, *[1] * (x0.ndim - 1))
    return loss, t, (x_t - np.sqrt(abar) * x0) / np.sqrt(1 - abar)


def posterior(x0, x_t, t, betas):
    """Return the mean and the variance of x_(t-1) for a known x_0."""
    before, abar, beta = kept(betas, t - 1), kept(betas, t), betas[t - 1]
    mean = math.sqrt(before) * beta / (1 - abar) * x0 + math.sqrt(1 - beta) * (1 - before) / (1 - abar) * x_t
    return mean, (1 - before) / (1 - abar) * beta


def test_add_noise(kata, betas, rng):
    """x_t is sqrt(abar_t) * x_0 + sqrt(1 - abar_t) * noise, with a t for each sample, in any shape."""
    # 0.8 * 4 + 0.6 and 0.4 * 4.
    x_t = kata.add_noise(np.array([4.0, 4.0]), np.array([1, 2]), np.array([1.0, 0.0]), BETAS)
    assert_close(x_t, [3.8, 1.6])
    for shape in [(4,), (4, 3), (4, 4), (4, 2, 3), (6, 1)]:
        x0, noise, t = rng.normal(2.0, 1.0, size=shape), rng.normal(size=shape), rng.integers(1, 7, size=shape[0])
        assert_close(kata.add_noise(x0, t, noise, betas), noised(x0, t, noise, betas))


def test_steps_count_from_1(kata, betas):
    """beta_t is betas[t - 1]: at t = 1 there is the first beta's noise, at t = T that of all."""
    ones, zeros = np.ones((2, 1)), np.zeros((2, 1))
    assert_close(kata.add_noise(ones, np.array([1, 2]), zeros, BETAS), [[0.8], [0.4]])
    assert_close(kata.add_noise(zeros, np.array([2, 1]), ones, BETAS), [[math.sqrt(0.84)], [0.6]])
    steps = np.arange(1, 7)
    signal = [math.sqrt(kept(betas, t)) for t in range(1, 7)]
    assert_close(kata.add_noise(np.ones(6), steps, np.zeros(6), betas), signal)
    # Small betas, as in the paper: the noise of the first step is its beta.
    small = np.linspace(1e-4, 0.02, 1000)
    t = np.array([1, 500, 1000])
    assert_close(kata.add_noise(np.ones(3), t, np.ones(3), small), noised(np.ones(3), t, np.ones(3), small))


def test_loss(kata, betas, rng):
    """The loss is the mean over all entries of the squared difference between the noise and the prediction."""
    for shape in [(5,), (5, 3), (4, 2, 2)]:
        x0 = rng.normal(3.0, 1.0, size=shape)
        loss, _, noise = draws(kata, x0, betas, rng)
        assert_close(loss, np.mean((noise - 0.5) ** 2))

        def knows(x_t, t, x0=x0):
            abar = np.array([kept(betas, int(step)) for step in t]).reshape(-1, *[1] * (x0.ndim - 1))
            return (x_t - np.sqrt(abar) * x0) / np.sqrt(1 - abar)

        assert_close(kata.diffusion_loss(knows, x0, betas, rng), 0.0)


def test_drawn_noise(kata, rng):
    """The noise of the loss is standard normal, new for each entry and each call."""
    x0 = np.full((5_000, 2), 3.0)
    _, _, noise = draws(kata, x0, BETAS, rng)
    # The bounds are more than eight standard deviations.
    assert_close(noise.mean(axis=0), [0.0, 0.0], atol=0.13, what="the noise's mean")
    assert_close((noise**2).mean(axis=0), [1.0, 1.0], atol=0.17, what="the noise's variance")
    assert_close((noise**4).mean(), 3.0, atol=0.8, what="the noise's fourth moment")
    assert_close((noise[:, 0] * noise[:, 1]).mean(), 0.0, atol=0.13, what="the product of two entries' noise")
    assert_close((noise[1:] * noise[:-1]).mean(), 0.0, atol=0.1, what="the product of two samples' noise")
    _, _, again = draws(kata, x0[:3], BETAS, rng)
    assert_equal(np.allclose(again, noise[:3]), False, what="the noise is the same at the next call")


def test_drawn_steps(kata, betas, rng):
    """Each sample has a step of its own, from 1 to T, all alike likely and independent of the others."""
    _, t, _ = draws(kata, np.zeros((3_000, 1)), betas, rng)
    shares = [np.mean(t == step) for step in range(1, 7)]
    # The bounds are eight standard deviations.
    assert_close(shares, np.full(6, 1 / 6), rtol=0.0, atol=0.055)
    # Two samples have the same step, or steps that sum to T + 1, in a sixth of all cases.
    for apart in (1, 1500, 1501):
        first, second = t[:-apart], t[apart:]
        assert_close(np.mean(first == second), 1 / 6, atol=0.08, what="the share of equal steps")
        assert_close(np.mean(first + second == 7), 1 / 6, atol=0.08, what="the share of steps that sum to 7")
    _, again, _ = draws(kata, np.zeros((3_000, 1)), betas, rng)
    assert_equal(np.array_equal(again, t), False, what="the steps are the same at the next call")
    _, t, _ = draws(kata, np.zeros((20, 2)), betas[:1], rng)
    assert_equal(t, np.ones(20, dtype=int))
    assert_close(np.mean(t[1:] == t[:-1]), 1.0)


def test_mean(kata, betas, rng):
    """The mean takes beta_t / sqrt(1 - abar_t) of the predicted noise off x_t, and divides by sqrt(alpha_t)."""
    # (2 - 0.75 / sqrt(0.84) * 1) / 0.5.
    step = kata.denoise_step(np.array([2.0]), 2, np.array([1.0]), BETAS, rng)
    assert_close(step.mean, [4 - 1.5 / math.sqrt(0.84)])
    for t, shape in enumerate([(3,), (2, 3), (2, 1, 2)] * 2, start=1):
        x0, noise = rng.normal(1.0, 1.0, size=shape), rng.normal(size=shape)
        x_t = math.sqrt(kept(betas, t)) * x0 + math.sqrt(1 - kept(betas, t)) * noise
        step = kata.denoise_step(x_t, t, noise, betas, rng)
        # With the true noise it is the mean of the posterior.
        assert_close(step.mean, posterior(x0, x_t, t, betas)[0])


def test_variance(kata, betas, rng):
    """The variance is beta_t * (1 - abar_(t-1)) / (1 - abar_t), the posterior's."""
    one = np.ones(1)
    assert_close(kata.denoise_step(one, 2, one, BETAS, rng).variance, 0.75 * 0.36 / 0.84)
    for t in range(1, 7):
        assert_close(kata.denoise_step(one, t, one, betas, rng).variance, posterior(one, one, t, betas)[1])


def test_last_step(kata, betas, rng):
    """The last step, t = 1, adds no noise: with the true noise it returns x_0."""
    step = kata.denoise_step(np.array([3.8]), 1, np.array([1.0]), BETAS, rng)
    assert_close(step.x, [4.0])
    assert_close(step.variance, 0.0)
    x0, noise = rng.normal(2.0, 1.0, size=(2, 4, 3))
    for schedule in (betas, betas[:1]):
        step = kata.denoise_step(kata.add_noise(x0, np.ones(4, dtype=int), noise, schedule), 1, noise, schedule, rng)
        assert_close(step.x, x0)
        assert_close(step.mean, x0)


def test_step_noise(kata, rng):
    """Any other step adds a normal draw with that variance, new for each entry, from rng."""
    x_t, predicted = np.full((5_000, 2), 2.0), np.full((5_000, 2), -1.0)
    step = kata.denoise_step(x_t, 2, predicted, BETAS, rng)
    z = (step.x - step.mean) / math.sqrt(0.75 * 0.36 / 0.84)
    # The bounds are more than eight standard deviations.
    assert_close(z.mean(axis=0), [0.0, 0.0], atol=0.15, what="the mean of z")
    assert_close((z**2).mean(axis=0), [1.0, 1.0], atol=0.2, what="the variance of z")
    assert_close((z**4).mean(), 3.0, atol=0.8, what="the fourth moment of z")
    assert_close((z[:, 0] * z[:, 1]).mean(), 0.0, atol=0.15, what="the product of two entries of z")
    assert_close((z[1:] * z[:-1]).mean(), 0.0, atol=0.1, what="the product of two samples of z")
    args = x_t[:3], 2, predicted[:3], BETAS
    once, again, other = (kata.denoise_step(*args, np.random.default_rng(seed)).x for seed in (1, 1, 2))
    assert_equal(again, once)
    assert_equal(np.array_equal(once, other), False)


@strict
def test_steps_outside(kata, rng):
    """A step that is not from 1 to T raises ValueError."""
    one = np.ones(2)
    for t in (0, 3, -1):
        with pytest.raises(ValueError):
            kata.add_noise(one, np.array([1, t]), one, BETAS)
        with pytest.raises(ValueError):
            kata.denoise_step(one, t, one, BETAS, rng)


@strict
def test_integers(kata, rng):
    """Data may be integers: nothing is truncated."""
    x0, t, noise = np.array([[4, 0], [1, 3]]), np.array([1, 2]), np.array([[1, 0], [2, -1]])
    assert_close(kata.add_noise(x0, t, noise, BETAS), noised(x0, t, noise, BETAS))
    step = kata.denoise_step(x0, 1, noise, BETAS, rng)
    assert_close(step.x, (x0 - 0.6 * noise) / 0.8)
    loss, _, drawn = draws(kata, x0, BETAS, rng)
    assert_close(loss, np.mean((drawn - 0.5) ** 2))
    assert_equal(np.allclose(drawn, np.round(drawn)), False, what="the noise is whole numbers")


def workload(kata, rng, n):
    """Noise n samples, let a network that knows them predict the noise, and step back; return what is not random."""
    betas, x0, noise = rng.uniform(0.01, 0.4, size=8), rng.normal(1.0, 1.0, size=(n, 3)), rng.normal(size=(n, 3))
    x_t = kata.add_noise(x0, rng.integers(1, 9, size=n), noise, betas)
    steps = [kata.denoise_step(x_t, t, noise, betas, rng) for t in (1, 8)]

    def knows(noisy, t):
        abar = np.cumprod(1 - betas)[t - 1][:, None]
        return (noisy - np.sqrt(abar) * x0) / np.sqrt(1 - abar) - 2.0

    loss = kata.diffusion_loss(knows, x0, betas, rng)
    return x_t, steps[0], [step[1:] for step in steps], [np.shape(step.x) for step in steps], loss


ABAR = "abar = np.cumprod(1 - betas)[t - 1].reshape(-1, *[1] * (x0.ndim - 1))"
T = "t = rng.integers(1, len(betas) + 1, size=len(x0))\n    noise"
NOISE = "noise = rng.standard_normal(x0.shape)\n    return float"
CALL = "(noise - predict(add_noise(x0, t, noise, betas), t)) ** 2"
BETA = "beta, (before, abar) = betas[t - 1], np.cumprod(np.append(1.0, 1 - betas))[t - 1 : t + 1]"
MEAN = "mean = (x_t - beta / np.sqrt(1 - abar) * predicted) / np.sqrt(1 - beta)\n"
VARIANCE = "variance = beta * (1 - before) / (1 - abar)\n    return"
Z = "np.sqrt(variance) * rng.standard_normal(x_t.shape)"

MISTAKES = {
    "steps count from 0 when noise is added": (ABAR, ABAR.replace("[t - 1]", "[t % len(betas)]")),
    "one alpha for the product of all": (ABAR, ABAR.replace("np.cumprod(1 - betas)", "(1 - betas)")),
    "betas summed up": (ABAR, ABAR.replace("np.cumprod(1 - betas)", "(1 - np.minimum(np.cumsum(betas), 1))")),
    "the product of the betas": (ABAR, ABAR.replace("np.cumprod(1 - betas)", "(1 - np.cumprod(betas))")),
    "the coefficients spread along the last axis": (
        ABAR,
        ABAR + "\n    abar = abar.reshape(*[1] * (x0.ndim - 1), -1) if x0.shape[-1] == len(t) else abar",
    ),
    "samples of one axis at most": (ABAR, "abar = np.cumprod(1 - betas)[t - 1][:, np.newaxis]"),
    "abar without its root": ("np.sqrt(abar) * x0", "abar * x0"),
    "the noise without its root": ("np.sqrt(1 - abar) * noise\n", "(1 - abar) * noise\n"),
    "the coefficients add up to 1": ("np.sqrt(1 - abar) * noise\n", "(1 - np.sqrt(abar)) * noise\n"),
    "the noise is not scaled": ("np.sqrt(1 - abar) * noise\n", "noise\n"),
    "the loss's steps from 0": (
        T,
        T.replace("integers(1, len(betas) + 1", "integers(0, len(betas)").replace("\n", " % len(betas) + 0\n"),
    ),
    "the last step is never drawn": (T, T.replace("len(betas) + 1", "max(2, len(betas))")),
    "the first step is never drawn": (T, T.replace("integers(1,", "integers(min(2, len(betas)),")),
    "one step for the batch": (T, T.replace("size=len(x0))", "size=1) + np.zeros(len(x0), dtype=int)")),
    "always the last step": (
        T,
        T.replace("rng.integers(1, len(betas) + 1, size=len(x0))", "np.full(len(x0), len(betas))"),
    ),
    "every step in turn": (
        T,
        T.replace("rng.integers(1, len(betas) + 1, size=len(x0))", "np.arange(len(x0)) % len(betas) + 1"),
    ),
    "steps in pairs, t and T + 1 - t": (
        T,
        T.replace("size=len(x0))", "size=len(x0) // 2 + 1)\n    t = np.append(t, len(betas) + 1 - t)[: len(x0)]"),
    ),
    "the steps from a seed of their own": (T, T.replace("rng.", "np.random.default_rng(0).")),
    "predict gets a column of steps": (CALL, CALL.replace(", t))", ", t[:, None]))")),
    "predict gets indices": (CALL, CALL.replace(", t))", ", t - 1))")),
    "predict gets the clean data": (CALL, CALL.replace("predict(add_noise(x0, t, noise, betas)", "predict(x0")),
    "predict is asked sample by sample": (
        CALL,
        "(noise - np.concatenate([predict(add_noise(x0, t, noise, betas), t)[i : i + 1] for i in range(len(t))])) ** 2",
    ),
    "the prediction is held against the data": (CALL, CALL.replace("(noise - predict", "(x0 - predict")),
    "uniform noise": (
        NOISE,
        NOISE.replace("rng.standard_normal(x0.shape)", "rng.uniform(-(3**0.5), 3**0.5, size=x0.shape)"),
    ),
    "the noise from a seed of its own": (NOISE, NOISE.replace("rng.", "np.random.default_rng(0).")),
    "the same noise for all samples": (NOISE, NOISE.replace("(x0.shape)", "(x0.shape[1:]) + np.zeros(x0.shape)")),
    "absolute errors": (CALL, CALL.replace("(noise - ", "np.abs(noise - ").replace(" ** 2", "")),
    "the sum of the squares": ("float(np.mean((noise", "float(np.sum((noise"),
    "the sum over an entry's axes": ("float(np.mean((noise", "float(x0[0].size * np.mean((noise"),
    "steps count from 0 on the way back": (BETA, BETA.replace("betas[t - 1], np", "betas[t % len(betas)], np")),
    "abar of the step before": (BETA, BETA.replace("(before, abar)", "(abar, before)")),
    "abar before the first step is the last one": (
        BETA,
        "beta, before, abar = betas[t - 1], np.cumprod(1 - betas)[t - 2], np.cumprod(1 - betas)[t - 1]",
    ),
    "beta without the root below it": (MEAN, MEAN.replace("beta / np.sqrt(1 - abar)", "np.sqrt(beta)")),
    "the mean is not divided": (MEAN, MEAN.replace(" / np.sqrt(1 - beta)", "")),
    "the mean divided by the root of abar": (MEAN, MEAN.replace("np.sqrt(1 - beta)", "np.sqrt(abar)")),
    "the mean is the clean data": (
        MEAN,
        "mean = (x_t - np.sqrt(1 - abar) * predicted) / np.sqrt(abar)\n",
    ),
    "the variance is beta": (VARIANCE, VARIANCE.replace("beta * (1 - before) / (1 - abar)", "beta * (t > 1)")),
    "the variance is beta, and the last step has noise": (
        VARIANCE,
        VARIANCE.replace("beta * (1 - before) / (1 - abar)", "beta"),
    ),
    "the deviation for the variance": (Z, "variance * rng.standard_normal(x_t.shape)"),
    "no noise on the way back": (Z, "0.0"),
    "one draw for the batch": (Z, "np.sqrt(variance) * rng.standard_normal()"),
    "one draw for all samples": (Z, "np.sqrt(variance) * rng.standard_normal(x_t.shape[1:])"),
    "uniform noise on the way back": (Z, "np.sqrt(variance) * rng.uniform(-(3**0.5), 3**0.5, size=x_t.shape)"),
    "the way back from a seed of its own": (
        Z,
        "np.sqrt(variance) * np.random.default_rng(0).standard_normal(x_t.shape)",
    ),
    "the noise in the mean": (
        "rng.standard_normal(x_t.shape), mean, float",
        "rng.standard_normal(x_t.shape), mean + predicted * variance, float",
    ),
}

STRICT_MISTAKES = {
    "step 0 is taken for the last": ("if np.min(t) < 1 or np.max(t)", "if np.min(t) < 0 or np.max(t)"),
    "negative steps count from the end": ("if np.min(t) < 1 or np.max(t)", "if np.max(t)"),
    "noise of the kind of the data": (NOISE, NOISE.replace("(x0.shape)", "(x0.shape).astype(x0.dtype)")),
}
