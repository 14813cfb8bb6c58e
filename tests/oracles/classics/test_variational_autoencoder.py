"""`variational_autoencoder` beside PyTorch: its distributions, its losses and its autograd."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.bench.peers import Peer


def draw(rng, n=6, n_pixels=7, n_latents=4):
    x = np.where(rng.random((n, n_pixels)) < 0.5, rng.integers(2, size=(n, n_pixels)), rng.random((n, n_pixels)))
    return x, rng.normal(scale=3.0, size=(n, n_pixels)), *rng.normal(size=(2, n, n_latents))


def torch_loss(x, logits, mean, log_var, beta):
    """Return the two terms and the loss, by PyTorch's distributions."""
    # A Bernoulli's log_prob with a grey pixel is the cross-entropy.
    reconstruction = -Bernoulli(logits=logits, validate_args=False).log_prob(x).sum(dim=1).mean()
    kl = kl_divergence(Normal(mean, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum(dim=1).mean()
    return reconstruction, kl, reconstruction + beta * kl


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_loss(reference, rng, beta):
    for n, n_pixels, n_latents in [(6, 7, 4), (1, 1, 1), (3, 2, 5)]:
        batch = draw(rng, n, n_pixels, n_latents)
        tensors = [torch.tensor(part, requires_grad=True) for part in batch]
        reconstruction, kl, loss = torch_loss(*tensors, beta)
        loss.backward()
        ours = reference.vae_loss(*batch, beta)
        assert ours.reconstruction == pytest.approx(reconstruction.item(), rel=1e-9)
        assert ours.kl == pytest.approx(kl.item(), rel=1e-9)
        assert ours.loss == pytest.approx(loss.item(), rel=1e-9)
        for grad, tensor in zip(ours[3:], tensors[1:], strict=True):
            np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [100.0, 1e4])
def test_large_logits(reference, rng, scale):
    x, logits, mean, log_var = draw(rng)
    batch = x, scale * np.sign(logits), mean, log_var
    tensors = [torch.tensor(part) for part in batch]
    assert reference.vae_loss(*batch).loss == pytest.approx(torch_loss(*tensors, 1.0)[2].item(), rel=1e-9)


def test_through_z(reference, rng):
    """The whole gradient: the KL term's own, and what a linear decoder sends back through z."""
    x, _, mean, log_var = draw(rng)
    decoder = rng.normal(size=(4, 7))
    z, noise = reference.reparametrize(mean, log_var, rng)
    ours = reference.vae_loss(x, z @ decoder, mean, log_var, 0.5)
    through = reference.reparametrize_backward(ours.grad_logits @ decoder.T, log_var, noise)
    m, s = torch.tensor(mean, requires_grad=True), torch.tensor(log_var, requires_grad=True)
    logits = (m + torch.exp(s / 2) * torch.tensor(noise)) @ torch.tensor(decoder)
    torch_loss(torch.tensor(x), logits, m, s, 0.5)[2].backward()
    np.testing.assert_allclose(ours.grad_mean + through.mean, m.grad.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.grad_log_var + through.log_var, s.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_noise(reference, rng):
    mean, log_var = rng.normal(size=(2, 5_000, 2))
    z, noise = reference.reparametrize(mean, log_var, rng)
    assert kstest(noise.ravel(), "norm").pvalue > 1e-9
    np.testing.assert_allclose((z - mean) / np.exp(log_var / 2), noise, rtol=1e-9, atol=1e-9)


def test_claim_variance_of_the_trick(reference):
    """f(z) = (z - 3)^2 at mean 0 and log_var 0; the score of a standard normal is z."""
    scores = []
    for seed in range(20):
        zeros = np.zeros((10_000, 1))
        z, noise = reference.reparametrize(zeros, zeros, np.random.default_rng(seed))
        trick = reference.reparametrize_backward(2 * (z - 3), zeros, noise).mean
        score = (z - 3) ** 2 * z
        assert trick.mean() == pytest.approx(-6, abs=0.1)
        assert score.mean() == pytest.approx(-6, abs=0.9)
        assert trick.var() == pytest.approx(4, abs=0.4)
        scores.append(score.var())
    assert 195 <= min(scores) <= max(scores) <= 250


def test_claim_collapse_is_stationary(reference, rng):
    x, logits, mean, _ = draw(rng)
    out = reference.vae_loss(x, logits, 0 * mean, 0 * mean)
    assert not out.grad_mean.any()
    assert not out.grad_log_var.any()


def test_claim_averages(reference, rng):
    batch = draw(rng, 3, 784, 20)
    out = reference.vae_loss(*batch)
    averaged = out.reconstruction / 784 + out.kl / 20
    assert averaged == pytest.approx(reference.vae_loss(*batch, 784 / 20).loss / 784, rel=1e-9)


def peers(reference, rng):
    """Yield a batch of MNIST's size, with gradients."""
    batch = draw(rng, 128, 784, 20)

    def theirs():
        tensors = [torch.tensor(part, requires_grad=True) for part in batch]
        torch_loss(*tensors, 1.0)[2].backward()

    yield Peer(
        "128 images of 784 pixels, 20 latents", "PyTorch with autograd", lambda: reference.vae_loss(*batch), theirs
    )
