# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- jacobian_spectrum
"""The Jacobians of a network's layers, and the singular values of their product.

With a_0 = x for one sample, and layers without biases, l = 1, ..., n_layers,

    z_l = W_l a_(l-1),    a_l = f(z_l)
    J_l = d a_l / d a_(l-1) = diag(f'(z_l)) W_l
    d a_n_layers / dx = J_n_layers ... J_2 J_1

The singular values of this product say how much a gradient can grow or shrink on its way back. In a deep network they
may be far below 1e-308 or above 1e308, so they are returned as logarithms to base 10.

f is the same in all layers: "linear" (f(z) = z), "tanh", "sigmoid" (1 / (1 + e^(-z))) or "relu" (slope 0 at z = 0).

Source: Pennington, Schoenholz and Ganguli, Resurrecting the sigmoid in deep learning through dynamical isometry (2017),
section 2.

Strict
------
- z from -10,000 to 10,000.
- ValueError for another activation.
"""

import numpy as np


def layer_jacobians(weights: list[np.ndarray], x: np.ndarray, activation: str) -> list[np.ndarray]:
    """Return J_l of each layer at x, in the order of weights.

    Parameters
    ----------
    weights : list of arrays
        W_l has the shape (units of layer l, units of layer l - 1).
    x : array of shape (n_features,)
    activation : str

    Examples
    --------
    >>> weights = [np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([[2.0, 5.0]])]
    >>> layer_jacobians(weights, np.array([2.0, -1.0]), "relu")
    [array([[0., 0.],
           [3., 1.]]), array([[2., 5.]])]
    """
    raise NotImplementedError


def log_singular_values(jacobians: list[np.ndarray]) -> np.ndarray:
    """Return log10 of the singular values of J_n_layers ... J_1, the largest first.

    Parameters
    ----------
    jacobians : list of arrays
        J_1 first. They may be any matrices that fit, and there may be hundreds of them. What is lost in rounding on
        the way does not count later on.

    Returns
    -------
    array of shape (min(units of the last layer, n_features),)
        -inf for a singular value below 1e-10 times the largest, which is lost in rounding. -inf for all if the product
        is 0.

    Examples
    --------
    >>> log_singular_values([np.diag([1e-3, 1.0])] * 3)
    array([ 0., -9.])
    >>> log_singular_values([np.diag([0.01, 0.001])] * 200 + [np.diag([0.0, 10.0])])
    array([-599.,  -inf])
    """
    raise NotImplementedError
