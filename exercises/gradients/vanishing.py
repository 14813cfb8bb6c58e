# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- vanishing
"""Vanishing gradients: their norm at each layer, and the share of saturated units.

A network has n_layers dense layers without biases. With a_0 = x, one sample per row,

    z_l = a_(l-1) W_l^T,    a_l = f(z_l)                          for l = 1, ..., n_layers

The gradient that flows back is multiplied at each layer by the slope f'(z_l) and by W_l. A product of many small
factors vanishes.

    name        f(z)                slope f'(z)            largest slope
    sigmoid     1 / (1 + e^(-z))    f(z) (1 - f(z))        1/4
    tanh        tanh(z)             1 - tanh(z)^2          1
    relu        max(z, 0)           1 if z > 0, else 0     1

Both functions raise ValueError for another activation, and handle z from -10,000 to 10,000.

Source: Glorot and Bengio (2010), sections 3 and 4.2.
"""

import numpy as np


def layer_gradient_norms(weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str) -> np.ndarray:
    """Return the Frobenius norm of dL/dW_l for each layer.

    Parameters
    ----------
    weights : list of arrays
        W_l has the shape (units of layer l, units of layer l - 1).
    x : array of shape (n_samples, n_features)
    grad_out : array of shape (n_samples, units of the last layer)
        The gradient of the loss with respect to the last a_l.
    activation : str
        "sigmoid", "tanh" or "relu", for all layers.

    Returns
    -------
    array of shape (n_layers,)
        In the order of weights.

    Examples
    --------
    >>> weights, x = [np.array([[3.0]]), np.array([[0.5]])], np.array([[2.0]])
    >>> layer_gradient_norms(weights, x, np.array([[1.0]]), "relu")
    array([1., 6.])
    """
    raise NotImplementedError


def saturated_fraction(pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05) -> np.ndarray:
    """Return the share of saturated pre-activations in each layer.

    A pre-activation z is saturated if f'(z) < threshold * (largest slope of f).

    Parameters
    ----------
    pre_activations : list of arrays
        The z_l of each layer, of shape (n_samples, units of layer l).
    activation : str
        "sigmoid", "tanh" or "relu".
    threshold : float
        Above 0 and at most 1.

    Returns
    -------
    array of shape (n_layers,)
        Saturated entries over all entries of the layer.

    Examples
    --------
    >>> saturated_fraction([np.array([[0.0, 5.0], [4.0, -4.0]]), np.array([[-5.0]])], "sigmoid")
    array([0.25, 1.  ])
    """
    raise NotImplementedError
