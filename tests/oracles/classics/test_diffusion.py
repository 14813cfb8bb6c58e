"""`diffusion` beside the chain that it stands for: step by step, by SciPy's Gaussians, by Bayes' rule on a grid."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare, kstest, norm

from tests.bench.peers import Peer

LINEAR = np.linspace(1e-4, 0.02, 1_000)


def test_add_noise(reference, rng):
    """One step after another, the coefficient of x_0 and the variance go to the same place."""
    for n_steps in (1, 5, 300):
        betas = rng.uniform(1e-4, 0.5 if n_steps < 10 else 0.02, size=n_steps)
        signal, variance = 1.0, 0.0
        for t, beta in enumerate(betas, start=1):
            signal, variance = np.sqrt(1 - beta) * signal, (1 - beta) * variance + beta
            ones, zeros = np.ones((1, 2)), np.zeros((1, 2))
            at = np.array([t])
            np.testing.assert_allclose(reference.add_noise(ones, at, zeros, betas), signal * ones, rtol=1e-9)
            np.testing.assert_allclose(reference.add_noise(zeros, at, ones, betas), variance**0.5 * ones, rtol=1e-9)


def test_add_noise_beside_torch(reference, rng):
    x0, noise = rng.normal(size=(2, 6, 3, 4))
    t = rng.integers(1, 1_001, size=6)
    abar = torch.cumprod(1 - torch.tensor(LINEAR), dim=0)[torch.tensor(t) - 1][:, None, None]
    expected = abar.sqrt() * torch.tensor(x0) + (1 - abar).sqrt() * torch.tensor(noise)
    np.testing.assert_allclose(reference.add_noise(x0, t, noise, LINEAR), expected, rtol=1e-9)


def test_step_is_the_posterior(reference, rng):
    """With the true noise, mean and variance are those of x_(t-1) given x_t and x_0, by Bayes' rule on a grid."""
    betas = rng.uniform(0.05, 0.6, size=5)
    grid = np.linspace(-12, 12, 40_001)
    for t in range(2, 6):
        x0, noise = rng.normal(size=2)
        before, abar = np.prod(1 - betas[: t - 1]), np.prod(1 - betas[:t])
        x_t = np.sqrt(abar) * x0 + np.sqrt(1 - abar) * noise
        weights = norm.pdf(grid, np.sqrt(before) * x0, np.sqrt(1 - before))
        weights *= norm.pdf(x_t, np.sqrt(1 - betas[t - 1]) * grid, np.sqrt(betas[t - 1]))
        weights /= weights.sum()
        step = reference.denoise_step(np.array([x_t]), t, np.array([noise]), betas, rng)
        mean = weights @ grid
        assert step.mean[0] == pytest.approx(mean, rel=1e-9, abs=1e-9)
        assert step.variance == pytest.approx(weights @ (grid - mean) ** 2, rel=1e-9)


def test_last_step(reference, rng):
    x0, noise = rng.normal(size=(2, 4, 3))
    x_1 = reference.add_noise(x0, np.ones(4, dtype=int), noise, LINEAR)
    step = reference.denoise_step(x_1, 1, noise, LINEAR, rng)
    np.testing.assert_allclose(step.x, x0, rtol=1e-9, atol=1e-9)
    assert step.variance == 0


def test_draws(reference, rng):
    asked = []

    def predict(x_t, t):
        asked.append((x_t, t))
        return np.zeros(x_t.shape)

    loss = reference.diffusion_loss(predict, np.zeros((6_000, 1)), LINEAR[:10], rng)
    ((x_t, t),) = asked
    noise = x_t[:, 0] / np.sqrt(1 - np.cumprod(1 - LINEAR[:10])[t - 1])
    assert loss == pytest.approx(np.mean(noise**2), rel=1e-9)
    assert chisquare(np.bincount(t, minlength=11)[1:]).pvalue > 1e-9
    assert kstest(noise, "norm").pvalue > 1e-9
    step = reference.denoise_step(np.zeros(6_000), 7, np.zeros(6_000), LINEAR, rng)
    assert kstest(step.x / step.variance**0.5, "norm").pvalue > 1e-9


@pytest.mark.parametrize("t", [0, 1_001, -1])
def test_steps_outside(reference, rng, t):
    with pytest.raises(ValueError, match="1 to 1000"):
        reference.add_noise(np.ones(1), np.array([t]), np.ones(1), LINEAR)
    with pytest.raises(ValueError, match="1 to 1000"):
        reference.denoise_step(np.ones(1), t, np.ones(1), LINEAR, rng)


def test_claim_abar(reference):
    for betas, signal in [(LINEAR, 4.0e-5), (np.linspace(1e-4, 0.02, 100), 0.36)]:
        x_t = reference.add_noise(np.ones(1), np.array([len(betas)]), np.zeros(1), betas)
        assert x_t[0] ** 2 == pytest.approx(signal, rel=0.02)


def test_claim_error_of_clean_data(reference):
    """A prediction that is 0.01 off, at the last step of the paper's schedule."""
    abar = reference.add_noise(np.ones(1), np.array([1_000]), np.zeros(1), LINEAR)[0] ** 2
    assert np.sqrt(1 - abar) * 0.01 / np.sqrt(abar) == pytest.approx(1.6, abs=0.05)


def spread(reference, betas, seed, kind):
    """Return the standard deviation of 2,000 samples of a model that predicts as well as can be."""
    rng = np.random.default_rng(seed)
    x, abar = rng.normal(size=2_000), np.cumprod(1 - betas)
    for t in range(len(betas), 0, -1):
        a = abar[t - 1]
        predicted = np.sqrt(1 - a) * (x - np.sqrt(a) * 3) / (0.25 * a + 1 - a)
        step = reference.denoise_step(x, t, predicted, betas, rng)
        noise = (t > 1) * np.sqrt(betas[t - 1]) * rng.standard_normal(2_000)
        x = {"posterior": step.x, "beta": step.mean + noise, "none": step.mean}[kind]
    return x.std()


def test_claim_many_steps(reference):
    assert all(0.47 <= spread(reference, LINEAR, seed, "posterior") <= 0.53 for seed in range(5))


def test_claim_few_steps(reference):
    betas = np.linspace(0.02, 0.5, 20)
    for kind, low, high in [("posterior", 0.38, 0.45), ("beta", 0.48, 0.55), ("none", 0.0, 0.02)]:
        assert all(low <= spread(reference, betas, seed, kind) <= high for seed in range(20))


def peers(reference, rng):
    """Yield the noising of a batch of small images."""
    x0, noise = rng.normal(size=(2, 64, 3, 32, 32))
    t = rng.integers(1, 1_001, size=64)
    tensors = [torch.tensor(part) for part in (x0, noise, t, LINEAR)]

    def theirs():
        abar = torch.cumprod(1 - tensors[3], dim=0)[tensors[2] - 1][:, None, None, None]
        return abar.sqrt() * tensors[0] + (1 - abar).sqrt() * tensors[1]

    yield Peer("64 images of 3 x 32 x 32", "PyTorch", lambda: reference.add_noise(x0, t, noise, LINEAR), theirs)
