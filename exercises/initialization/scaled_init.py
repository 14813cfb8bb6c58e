# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- scaled_init
"""Xavier and He initialization, and what a stack of layers does to the size of a signal.

In a layer z = W h, with independent weights of mean 0,

    E[z**2] = fan_in * Var(w) * E[h**2]

and backward the same holds with fan_out.

- Xavier, for odd activations with slope 1 at 0 such as tanh: Var(w) = 2 / (fan_in + fan_out). Here uniform from -a to
  a with a = sqrt(6 / (fan_in + fan_out)).
- He, for ReLU, which halves the second moment: Var(w) = 2 / fan_in. Here normal with mean 0, not truncated.

The weights have the shape (n_out, n_in) or, for a convolution, (n_out, n_in, *kernel), as in PyTorch. With k, the
product of the kernel's sizes (1 for a dense layer):

    fan_in = n_in * k        fan_out = n_out * k

All randomness comes from rng.

Sources: Glorot and Bengio (2010), section 4.2; He et al., Delving deep into rectifiers (2015), section 2.2.

Strict
------
- ValueError if a shape has fewer than two axes, or the activation is unknown.
"""

import numpy as np


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by Xavier's rule.

    Examples
    --------
    Fans of 2 and 4: uniform from -1 to 1.

    >>> weights = xavier_uniform((4, 2), np.random.default_rng(0))
    >>> weights.shape, bool(np.abs(weights).max() <= 1)
    ((4, 2), True)
    """
    raise NotImplementedError


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by He's rule.

    Examples
    --------
    fan_in is 32 * 9 = 288, and the standard deviation 1 / 12, about 0.083.

    >>> weights = he_normal((64, 32, 3, 3), np.random.default_rng(0))
    >>> weights.shape, bool(0.08 < weights.std() < 0.087)
    ((64, 32, 3, 3), True)
    """
    raise NotImplementedError


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the second moment of the input and of every layer's activations.

    Layer l computes h_l = activation(W_l h_{l-1}), and h_0 = x. The second moment of h_l is the mean of its squares
    over samples and units.

    Parameters
    ----------
    weights : list of arrays of shape (n_out, n_in)
    x : array of shape (n_samples, n_features)
    activation : "linear", "tanh" or "relu"

    Returns
    -------
    array of shape (n_layers + 1,)

    Examples
    --------
    >>> weights = [np.array([[1.0, -1.0], [-1.0, 0.0]]), np.array([[1.5, 4.0]])]
    >>> variance_through_depth(weights, np.array([[3.0, 1.0]]), "relu")
    array([5., 2., 9.])
    """
    raise NotImplementedError
