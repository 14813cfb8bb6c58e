import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

LATENTS = np.array([[2.0, 0.0]]), np.zeros((1, 2))
PIXELS = np.array([[1.0, 0.5]]), np.zeros((1, 2))


@pytest.fixture
def batch(rng):
    """Four samples of five pixels, some of them grey, and of three latents."""
    x = np.where(rng.random((4, 5)) < 0.5, rng.integers(2, size=(4, 5)), rng.random((4, 5)))
    mean, log_var = rng.normal(0.4, 1.0, size=(4, 3)), rng.normal(-0.5, 1.0, size=(4, 3))
    return x, rng.normal(scale=2.0, size=(4, 5)), mean, log_var


def terms(x, logits, mean, log_var):
    """Return the means over the samples of the two terms, a pixel and a latent at a time."""
    p = 1 / (1 + np.exp(-logits))
    reconstruction = sum(
        -x[i, j] * math.log(p[i, j]) - (1 - x[i, j]) * math.log(1 - p[i, j]) for i, j in np.ndindex(x.shape)
    )
    kl = sum(0.5 * (math.exp(s) + m**2 - 1 - s) for m, s in zip(mean.ravel(), log_var.ravel(), strict=True))
    return reconstruction / len(x), kl / len(x)


def full_loss(beta, *args):
    reconstruction, kl = terms(*args)
    return reconstruction + beta * kl


def test_sample(kata, rng):
    """Z is mean + exp(log_var / 2) * noise: the logarithm is the variance's."""
    z, noise = kata.reparametrize(np.array([[1.0, -2.0]]), np.log([[4.0, 0.25]]), rng)
    assert_close(z, [[1.0, -2.0]] + noise * [[2.0, 0.5]])
    mean, log_var = rng.normal(3.0, 1.0, size=(5, 3)), rng.normal(size=(5, 3))
    z, noise = kata.reparametrize(mean, log_var, rng)
    assert_close(noise.shape, (5, 3))
    assert_close(z, mean + np.exp(log_var / 2) * noise)
    # A deviation of about 1e-11: z is its mean, nearly.
    z = kata.reparametrize(mean, np.full((5, 3), -50.0), rng).z
    assert_close(z, mean)


def test_noise(kata, rng):
    """The noise is standard normal, drawn for each sample and each latent."""
    mean, log_var = np.full((10_000, 2), 3.0), np.full((10_000, 2), 1.5)
    noise = kata.reparametrize(mean, log_var, rng).noise
    # The bounds are more than eight standard deviations.
    assert_close(noise.mean(axis=0), [0.0, 0.0], atol=0.09, what="the noise's mean")
    assert_close((noise**2).mean(axis=0), [1.0, 1.0], atol=0.13, what="the noise's variance")
    assert_close((noise**4).mean(axis=0), [3.0, 3.0], atol=0.9, what="the noise's fourth moment")
    assert_close((noise[:, 0] * noise[:, 1]).mean(), 0.0, atol=0.09, what="the product of two latents' noise")
    assert_close((noise[1:] * noise[:-1]).mean(axis=0), [0.0, 0.0], atol=0.09, what="the product of two samples' noise")


def test_randomness_comes_from_rng(kata):
    """The same state of rng gives the same z, another state another, and a second draw is new."""
    mean, log_var = np.zeros((3, 2)), np.zeros((3, 2))
    once, again, other = (kata.reparametrize(mean, log_var, np.random.default_rng(seed)).z for seed in (1, 1, 2))
    assert_equal(again, once)
    assert_equal(np.array_equal(once, other), False)
    rng = np.random.default_rng(3)
    first, second = kata.reparametrize(mean, log_var, rng).z, kata.reparametrize(mean, log_var, rng).z
    assert_equal(np.array_equal(first, second), False)


def test_backward(kata, batch, rng):
    """The gradient passes to mean as it is, and to log_var times noise * exp(log_var / 2) / 2."""
    grads = kata.reparametrize_backward(
        np.array([[6.0, 2.0]]), np.array([[0.0, math.log(9.0)]]), np.array([[-0.5, 1.0]])
    )
    assert_close(grads.mean, [[6.0, 2.0]])
    assert_close(grads.log_var, [[-1.5, 3.0]])
    mean, log_var = batch[2:]
    noise, weights = rng.normal(size=(2, 4, 3))

    def out(m, s):
        return (weights * np.sin(m + np.exp(s / 2) * noise)).sum()

    grads = kata.reparametrize_backward(weights * np.cos(mean + np.exp(log_var / 2) * noise), log_var, noise)
    assert_close(grads.mean, numerical_gradient(lambda m: out(m, log_var), mean), rtol=1e-6, atol=1e-8)
    assert_close(grads.log_var, numerical_gradient(lambda s: out(mean, s), log_var), rtol=1e-6, atol=1e-8)


def test_kl(kata, batch):
    """The KL term is that of q from the standard normal prior, summed over latents, averaged over samples."""
    # 2^2 / 2, and for a variance of e: (e - 2) / 2.
    assert_close(kata.vae_loss(*PIXELS, *LATENTS).kl, 2.0)
    assert_close(kata.vae_loss(*PIXELS, np.zeros((1, 2)), np.array([[1.0, 0.0]])).kl, (math.e - 2) / 2)
    assert_close(kata.vae_loss(*PIXELS, np.zeros((1, 2)), np.zeros((1, 2))).kl, 0.0)
    assert_close(kata.vae_loss(*batch).kl, terms(*batch)[1])
    # beta is no part of it.
    assert_close(kata.vae_loss(*batch, 4.0).kl, terms(*batch)[1])
    x, logits, mean, log_var = batch
    assert_close(kata.vae_loss(x[:, :1], logits[:, :1], mean, log_var).kl, terms(*batch)[1])


def test_reconstruction(kata, batch):
    """The reconstruction term is the cross-entropy, summed over pixels, averaged over samples; x may be grey."""
    # Three times as sure of black as of white: 1/2 log(4 / 3) + 1/2 log(4) for the grey pixel.
    x, logits = np.array([[1.0, 0.5]]), np.array([[math.log(3.0), -math.log(3.0)]])
    assert_close(kata.vae_loss(x, logits, *LATENTS).reconstruction, 1.5 * math.log(4 / 3) + math.log(4.0) / 2)
    assert_close(kata.vae_loss(*batch).reconstruction, terms(*batch)[0])
    x, logits, mean, log_var = batch
    assert_close(kata.vae_loss(x, logits, mean[:, :1], log_var[:, :1]).reconstruction, terms(*batch)[0])


def test_loss(kata, batch):
    """The loss is reconstruction + beta * kl; beta is 1 unless given."""
    assert_close(kata.vae_loss(*PIXELS, *LATENTS, 3.0).loss, 2 * math.log(2.0) + 6.0)
    assert_close(kata.vae_loss(*batch).loss, full_loss(1.0, *batch))
    for beta in (0.0, 0.3, 4.0):
        assert_close(kata.vae_loss(*batch, beta).loss, full_loss(beta, *batch))


def test_gradients(kata, batch):
    """The gradients are those of the loss, an average over the samples, with beta in the KL term's."""
    out = kata.vae_loss(*PIXELS, *LATENTS, 3.0)
    assert_close(out.grad_logits, [[-0.5, 0.0]])
    assert_close(out.grad_mean, [[6.0, 0.0]])
    assert_close(out.grad_log_var, [[0.0, 0.0]])
    for beta in (1.0, 0.0, 2.5):
        out = kata.vae_loss(*batch, beta)
        for place, grad in [(1, out.grad_logits), (2, out.grad_mean), (3, out.grad_log_var)]:

            def moved(array, place=place, beta=beta):
                return full_loss(beta, *(array if i == place else part for i, part in enumerate(batch)))

            assert_close(grad, numerical_gradient(moved, batch[place]), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("logit", [100.0, 800.0, 1e4])
def test_large_logits(kata, logit):
    """With logits as large as 1e4 a wrong pixel costs the logit's size, a right one nothing."""
    x = np.array([[1.0, 0.0]])
    out = kata.vae_loss(x, np.array([[-logit, -logit]]), *LATENTS)
    assert_close(out.reconstruction, logit)
    assert_close(out.grad_logits, [[-1.0, 0.0]])
    out = kata.vae_loss(x, np.array([[logit, logit]]), *LATENTS)
    assert_close(out.reconstruction, logit)
    assert_close(out.grad_logits, [[0.0, 1.0]])
    out = kata.vae_loss(x, np.array([[logit, -logit]]), *LATENTS)
    assert_close(out.reconstruction, 0.0)
    assert_close(out.loss, 2.0)


@strict
@pytest.mark.parametrize("kind", [bool, int, np.uint8])
def test_kinds(kata, batch, kind):
    """Pixels may be booleans or integers: nothing is truncated."""
    x = np.resize([1, 0, 0], (4, 5))
    out, expected = kata.vae_loss(x.astype(kind), *batch[1:]), terms(x, *batch[1:])
    assert_close(out.reconstruction, expected[0])
    assert_close(out.grad_logits, (1 / (1 + np.exp(-batch[1])) - x) / 4)


def workload(kata, rng, n):
    """Encode n samples, and return the shape of a draw and all that is not random."""
    mean, log_var, noise, grad_z = rng.normal(size=(4, n, 3))
    x, logits = rng.integers(2, size=(n, 6)).astype(float), 3 * rng.normal(size=(n, 6))
    x[::3] /= 2
    logits[::4] *= 300
    drawn = kata.reparametrize(mean, log_var, rng)
    return (
        np.shape(drawn.z),
        np.round(drawn.z - mean - np.exp(log_var / 2) * drawn.noise, 9) + 0.0,
        kata.reparametrize_backward(grad_z, log_var, noise),
        kata.vae_loss(x, logits, mean, log_var),
        kata.vae_loss(x, logits, mean, log_var, 0.5),
    )


NOISE = "    noise = rng.standard_normal(mean.shape)\n    return"
KL = "kl = 0.5 * (variance + mean**2 - 1 - log_var).sum() / n_samples"
RECONSTRUCTION = "reconstruction = (np.logaddexp(0, logits) - x * logits).sum() / n_samples"
BACKWARD = "grad_z * noise * np.exp(log_var / 2) / 2)"

MISTAKES = {
    "log_var taken for the logarithm of the deviation": (
        "mean + np.exp(log_var / 2) * noise",
        "mean + np.exp(log_var) * noise",
    ),
    "log_var taken for the deviation": ("mean + np.exp(log_var / 2) * noise", "mean + log_var * noise"),
    "z is the noise times the deviation": ("mean + np.exp(log_var / 2) * noise", "np.exp(log_var / 2) * noise"),
    "the mean is the latent": ("mean + np.exp(log_var / 2) * noise", "mean + 0 * noise"),
    "one draw for all samples": (NOISE, NOISE.replace("(mean.shape)", "(mean.shape[1]) + np.zeros(mean.shape)")),
    "one draw for all latents": (NOISE, NOISE.replace("(mean.shape)", "((len(mean), 1)) + np.zeros(mean.shape)")),
    "uniform noise": (NOISE, NOISE.replace("rng.standard_normal(mean.shape)", "rng.random(mean.shape)")),
    "uniform noise of variance 1": (
        NOISE,
        NOISE.replace("rng.standard_normal(mean.shape)", "rng.uniform(-(3**0.5), 3**0.5, size=mean.shape)"),
    ),
    "a generator of its own": (NOISE, NOISE.replace("rng.", "np.random.default_rng(0).")),
    "the global generator": (NOISE, NOISE.replace("rng.", "np.random.")),
    "z stands for the noise": ("np.exp(log_var / 2) * noise, noise)", "np.exp(log_var / 2) * noise, mean + noise)"),
    "backward without the noise": (BACKWARD, "grad_z * np.exp(log_var / 2) / 2)"),
    "backward without its half": (BACKWARD, "grad_z * noise * np.exp(log_var / 2))"),
    "backward with the variance": (BACKWARD, "grad_z * noise * np.exp(log_var) / 2)"),
    "backward to the deviation": (BACKWARD, "grad_z * noise)"),
    "mean's gradient times the deviation": ("Gradients(grad_z, grad", "Gradients(grad_z * np.exp(log_var / 2), grad"),
    "gradients averaged again": ("Gradients(grad_z, grad", "Gradients(grad_z / len(grad_z), grad"),
    "the KL term of the other sign": (KL, "kl = -0.5 * (variance + mean**2 - 1 - log_var).sum() / n_samples"),
    "the KL term without its half": (KL, KL.replace("0.5 * ", "")),
    "the KL term without the mean": (KL, KL.replace("mean**2 - 1", "mean - 1")),
    "the KL term with the deviation": (KL, KL.replace("variance", "np.exp(log_var / 2)")),
    "the KL term from the prior to q": (KL, "kl = 0.5 * ((1 + mean**2) / variance - 1 + log_var).sum() / n_samples"),
    "the KL term averaged over latents": (KL, KL.replace("/ n_samples", "/ mean.size")),
    "the KL term summed over samples": (KL, KL.replace(" / n_samples", "")),
    "pixels averaged": (RECONSTRUCTION, RECONSTRUCTION.replace("/ n_samples", "/ x.size")),
    "reconstruction summed over samples": (RECONSTRUCTION, RECONSTRUCTION.replace(" / n_samples", "")),
    "white pixels only": (RECONSTRUCTION, "reconstruction = (x * np.logaddexp(0, -logits)).sum() / n_samples"),
    "squared error": (RECONSTRUCTION, "reconstruction = ((1 / (1 + np.exp(-logits)) - x) ** 2).sum() / n_samples"),
    "x rounded": ("    n_samples, variance =", "    x = (x > 0.5) * 1.0\n    n_samples, variance ="),
    "probabilities clipped": (
        RECONSTRUCTION,
        RECONSTRUCTION.replace("reconstruction =", "logits = np.clip(logits, -16, 16)\n    reconstruction ="),
    ),
    "a softplus that overflows": (
        RECONSTRUCTION,
        RECONSTRUCTION.replace("np.logaddexp(0, logits)", "np.log(1 + np.exp(logits))"),
    ),
    "beta weighs the reconstruction": ("float(reconstruction + beta * kl)", "float(beta * reconstruction + kl)"),
    "beta forgotten": ("float(reconstruction + beta * kl)", "float(reconstruction + kl)"),
    "kl with beta": ("        float(kl),\n", "        float(beta * kl),\n"),
    "the ELBO instead of its negative": ("float(reconstruction + beta * kl)", "-float(reconstruction + beta * kl)"),
    "the logits' gradient not averaged": ("(p - x) / n_samples", "p - x"),
    "the logits' gradient that of p": ("(p - x) / n_samples", "(p - x) / (p * (1 - p)) / n_samples"),
    "the mean's gradient without beta": ("beta * mean / n_samples", "mean / n_samples"),
    "the mean's gradient not averaged": ("beta * mean / n_samples", "beta * mean"),
    "log_var's gradient without its half": (
        "beta * (variance - 1) / 2 / n_samples",
        "beta * (variance - 1) / n_samples",
    ),
    "log_var's gradient without beta": ("beta * (variance - 1) / 2 / n_samples", "(variance - 1) / 2 / n_samples"),
    "the variance's gradient": ("beta * (variance - 1) / 2 / n_samples", "beta * (1 - 1 / variance) / 2 / n_samples"),
}

STRICT_MISTAKES = {
    "results of the kind of x": ("        (p - x) / n_samples,\n", "        ((p - x) / n_samples).astype(x.dtype),\n"),
}
