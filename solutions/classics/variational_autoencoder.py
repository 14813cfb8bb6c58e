"""The loss of a variational autoencoder, its gradients, and the reparametrisation trick.

For each sample the encoder gives the mean and the logarithm of the variance of q(z | x), a Gaussian with independent
latents. The decoder gives logits of pixels x between 0 and 1. With p = sigmoid(logits) and the prior N(0, 1):

    z = mean + exp(log_var / 2) * noise                        noise from N(0, 1)
    reconstruction = -sum over pixels of x * log(p) + (1 - x) * log(1 - p)
    kl = KL(q(z | x), prior) = 1/2 * sum over latents of exp(log_var) + mean**2 - 1 - log_var
    loss = mean over the samples of (reconstruction + beta * kl)

At beta = 1 the loss is the negative ELBO, with one draw of z. Pixels and latents are summed, not averaged.

Logits may be as large as 1e4. No eps and no clipping.

Source: Kingma and Welling, Auto-Encoding Variational Bayes (2014), sections 2.4 and 3 and appendix B; beta: Higgins et
al. (2017).

Strict
------
- x may be booleans or integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class Sample(NamedTuple):
    """Arrays of shape (n_samples, n_latents): the latents, and the noise that they were made of."""

    z: np.ndarray
    noise: np.ndarray


class Gradients(NamedTuple):
    """Gradients with respect to mean and log_var."""

    mean: np.ndarray
    log_var: np.ndarray


class Loss(NamedTuple):
    """The loss, the two terms' means over the samples (kl without beta), and the loss's gradients."""

    loss: float
    reconstruction: float
    kl: float
    grad_logits: np.ndarray
    grad_mean: np.ndarray
    grad_log_var: np.ndarray


def reparametrize(mean: np.ndarray, log_var: np.ndarray, rng: np.random.Generator) -> Sample:
    """Draw z, with noise of its own for each sample and latent.

    Parameters
    ----------
    mean, log_var : arrays of shape (n_samples, n_latents)
    rng : numpy.random.Generator

    Examples
    --------
    >>> z, noise = reparametrize(np.array([[5.0]]), np.log([[4.0]]), np.random.default_rng(0))
    >>> np.allclose(z, 5 + 2 * noise)
    True
    """
    noise = rng.standard_normal(mean.shape)
    return Sample(mean + np.exp(log_var / 2) * noise, noise)


def reparametrize_backward(grad_z: np.ndarray, log_var: np.ndarray, noise: np.ndarray) -> Gradients:
    """Return the gradients with respect to mean and log_var, given that with respect to z.

    Parameters
    ----------
    grad_z, log_var, noise : arrays of shape (n_samples, n_latents)

    Examples
    --------
    >>> reparametrize_backward(np.array([[6.0]]), np.array([[0.0]]), np.array([[-0.5]]))
    Gradients(mean=array([[6.]]), log_var=array([[-1.5]]))
    """
    return Gradients(grad_z, grad_z * noise * np.exp(log_var / 2) / 2)


def vae_loss(x: np.ndarray, logits: np.ndarray, mean: np.ndarray, log_var: np.ndarray, beta: float = 1.0) -> Loss:
    """Return the loss and its gradients.

    Parameters
    ----------
    x, logits : arrays of shape (n_samples, n_pixels)
    mean, log_var : arrays of shape (n_samples, n_latents)
    beta : float

    Returns
    -------
    Loss
        grad_mean and grad_log_var are those of beta * kl alone. What comes back through z is the job of
        reparametrize_backward.

    Examples
    --------
    >>> x, logits = np.array([[1.0, 0.5]]), np.zeros((1, 2))
    >>> out = vae_loss(x, logits, mean=np.array([[2.0, 0.0]]), log_var=np.zeros((1, 2)), beta=3.0)
    >>> round(out.reconstruction, 6), out.kl, round(out.loss, 6)  # 2 * log(2) and 2 ** 2 / 2
    (1.386294, 2.0, 7.386294)
    """
    n_samples, variance = len(x), np.exp(log_var)
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum() / n_samples
    kl = 0.5 * (variance + mean**2 - 1 - log_var).sum() / n_samples
    p = np.exp(-np.logaddexp(0, -logits))
    return Loss(
        float(reconstruction + beta * kl),
        float(reconstruction),
        float(kl),
        (p - x) / n_samples,
        beta * mean / n_samples,
        beta * (variance - 1) / 2 / n_samples,
    )


def reparametrize_via_loop(mean: np.ndarray, log_var: np.ndarray, rng: np.random.Generator) -> Sample:
    """Draw one latent at a time."""
    z, noise = np.empty(mean.shape), np.empty(mean.shape)
    for place in np.ndindex(mean.shape):
        noise[place] = rng.normal()
        z[place] = mean[place] + math.sqrt(math.exp(log_var[place])) * noise[place]
    return Sample(z, noise)


def reparametrize_via_the_gaussian(mean: np.ndarray, log_var: np.ndarray, rng: np.random.Generator) -> Sample:
    """Draw z itself, and standardise it."""
    deviation = np.sqrt(np.exp(log_var))
    z = rng.normal(mean, deviation)
    return Sample(z, (z - mean) / deviation)


def reparametrize_backward_via_loop(grad_z: np.ndarray, log_var: np.ndarray, noise: np.ndarray) -> Gradients:
    """Treat one latent at a time."""
    grad_mean, grad_log_var = np.empty(grad_z.shape), np.empty(grad_z.shape)
    for place in np.ndindex(grad_z.shape):
        grad_mean[place] = grad_z[place]
        # dz / d log_var is half of what z is away from its mean.
        grad_log_var[place] = grad_z[place] * 0.5 * math.exp(0.5 * log_var[place]) * noise[place]
    return Gradients(grad_mean, grad_log_var)


def reparametrize_backward_via_the_deviation(grad_z: np.ndarray, log_var: np.ndarray, noise: np.ndarray) -> Gradients:
    """Go by the standard deviation, and from there to its logarithm."""
    deviation = np.sqrt(np.exp(log_var))
    grad_deviation = np.multiply(grad_z, noise)
    return Gradients(np.array(grad_z), 0.5 * deviation * grad_deviation)


def vae_loss_via_loop(
    x: np.ndarray, logits: np.ndarray, mean: np.ndarray, log_var: np.ndarray, beta: float = 1.0
) -> Loss:
    """Treat one pixel and one latent at a time, in plain Python."""
    n_samples, reconstruction, kl = len(x), 0.0, 0.0
    grads = [np.empty(logits.shape), np.empty(mean.shape), np.empty(mean.shape)]
    for place in np.ndindex(logits.shape):
        pixel, logit = float(x[place]), float(logits[place])
        small = math.exp(-abs(logit))
        reconstruction += max(logit, 0.0) - pixel * logit + math.log1p(small)
        grads[0][place] = ((1.0 if logit > 0 else small) / (1 + small) - pixel) / n_samples
    for place in np.ndindex(mean.shape):
        m, variance = float(mean[place]), math.exp(log_var[place])
        kl += (variance + m * m - 1 - float(log_var[place])) / 2
        grads[1][place], grads[2][place] = beta * m / n_samples, beta * (variance - 1) / (2 * n_samples)
    reconstruction, kl = reconstruction / n_samples, kl / n_samples
    return Loss(reconstruction + beta * kl, reconstruction, kl, *grads)


def vae_loss_via_entropies(
    x: np.ndarray, logits: np.ndarray, mean: np.ndarray, log_var: np.ndarray, beta: float = 1.0
) -> Loss:
    """Take the KL for a cross-entropy with the prior less q's entropy, and both pixels' terms for log-sigmoids."""
    log_p, log_q = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    per_sample = -np.einsum("ij,ij->i", x, log_p) - np.einsum("ij,ij->i", 1 - x, log_q)
    variance = np.exp(log_var)
    cross_entropy = np.sum(np.log(2 * np.pi) + variance + mean**2, axis=1) / 2
    entropy = np.sum(1 + np.log(2 * np.pi) + log_var, axis=1) / 2
    kl, share = np.mean(cross_entropy - entropy), 1 / len(x)
    grad_logits = share * ((1 - x) * np.exp(log_p) - x * np.exp(log_q))
    reconstruction = float(np.mean(per_sample))
    grad_log_var = share * beta * np.expm1(log_var) / 2
    return Loss(
        reconstruction + beta * float(kl), reconstruction, float(kl), grad_logits, share * beta * mean, grad_log_var
    )
