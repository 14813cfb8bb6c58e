# wrong (core): the gradients of the KL term leave out beta
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
    mean, log_var = np.asarray(mean, dtype=np.float64), np.asarray(log_var, dtype=np.float64)
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
    grad_z, log_var, noise = (np.asarray(a, dtype=np.float64) for a in (grad_z, log_var, noise))
    return Gradients(grad_z.copy(), grad_z * noise * np.exp(log_var / 2) / 2)


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
        grad_mean and grad_log_var are those of the KL term alone. What comes back through z is the job of
        reparametrize_backward.

    Examples
    --------
    >>> x, logits = np.array([[1.0, 0.5]]), np.zeros((1, 2))
    >>> out = vae_loss(x, logits, mean=np.array([[2.0, 0.0]]), log_var=np.zeros((1, 2)), beta=3.0)
    >>> round(out.reconstruction, 6), out.kl, round(out.loss, 6)  # 2 * log(2) and 2 ** 2 / 2
    (1.386294, 2.0, 7.386294)
    """
    x, logits, mean, log_var = (np.asarray(a, dtype=np.float64) for a in (x, logits, mean, log_var))
    n = len(x)
    reconstruction = float((x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)).sum() / n)
    variance = np.exp(log_var)
    kl = float(0.5 * (variance + mean**2 - 1 - log_var).sum() / n)
    grad_logits = (0.5 * (1 + np.tanh(logits / 2)) - x) / n
    grad_mean = mean / n
    grad_log_var = 0.5 * (variance - 1) / n
    return Loss(reconstruction + beta * kl, reconstruction, kl, grad_logits, grad_mean, grad_log_var)
