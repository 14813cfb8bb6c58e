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

import math
from fractions import Fraction

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
    a, jacobians = x, []
    for weight in weights:
        a, slope = _activate(weight @ a, activation)
        jacobians.append(slope[:, None] * weight)
    return jacobians


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
    product, log_scale = np.eye(jacobians[0].shape[1]), 0.0
    for jacobian in jacobians:
        product = jacobian @ product
        size = np.abs(product).max()
        if size == 0:
            break
        # The largest entry is held at 1, so that nothing that counts leaves the range of a float.
        product, log_scale = product / size, log_scale + math.log10(size)
    shape = len(jacobians[-1]), jacobians[0].shape[1]
    logs = np.full(min(shape), -np.inf)
    if product.any():
        values = np.linalg.svd(product, compute_uv=False)
        kept = values >= 1e-10 * values[0]
        logs[kept] = np.log10(values[kept]) + log_scale
    return logs


def _activate(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the activation of z and its slope."""
    if activation == "linear":
        return z, np.ones(z.shape)
    if activation == "tanh":
        return np.tanh(z), 1 - np.tanh(z) ** 2
    if activation == "sigmoid":
        value = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))  # neither exponent is above 0
        return value, value * (1 - value)
    if activation == "relu":
        return np.maximum(z, 0), z > 0
    raise ValueError(f'activation is {activation!r}; known are "linear", "tanh", "sigmoid" and "relu"')


def layer_jacobians_via_loop(weights: list[np.ndarray], x: np.ndarray, activation: str) -> list[np.ndarray]:
    """Go unit by unit in plain Python."""
    inputs, jacobians = [float(value) for value in x], []
    for weight in weights:
        slopes, outputs = [], []
        for row in weight.tolist():
            z = sum(w * a for w, a in zip(row, inputs, strict=True))
            if activation == "linear":
                value, slope = z, 1.0
            elif activation == "tanh":
                value, slope = math.tanh(z), (1 + math.tanh(z)) * (1 - math.tanh(z))
            elif activation == "sigmoid":
                # Half a tanh of half of z, moved up by a half.
                half = math.tanh(z / 2) / 2
                value, slope = 0.5 + half, 0.25 - half**2
            elif activation == "relu":
                value, slope = (z, 1.0) if z > 0 else (0.0, 0.0)
            else:
                raise ValueError(f"{activation} is not known")
            slopes.append(slope)
            outputs.append(value)
        jacobians.append(np.array(slopes)[:, None] * weight)
        inputs = outputs
    return jacobians


def layer_jacobians_via_directions(weights: list[np.ndarray], x: np.ndarray, activation: str) -> list[np.ndarray]:
    """Push the unit vectors through each layer: the derivative along each is a column."""
    (jacobian, out), jacobians = _pushed(weights[0], x, activation), []
    for weight in weights[1:]:
        jacobians.append(jacobian)
        jacobian, out = _pushed(weight, out, activation)
    return [*jacobians, jacobian]


def _pushed(weight: np.ndarray, start: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives of a layer along all unit vectors, and its output."""
    out, slope = _activate(np.inner(weight, start), activation)
    columns = [slope * np.inner(weight, direction) for direction in np.eye(len(start))]
    return np.stack(columns, axis=1), out


def log_singular_values_via_integers(jacobians: list[np.ndarray]) -> np.ndarray:
    """Write each float as an integer over a power of 2, and multiply exactly."""
    product, shift = np.eye(jacobians[0].shape[1], dtype=object), 0
    for jacobian in jacobians:
        exact = [[Fraction(float(value)) for value in row] for row in jacobian]
        bits = max(value.denominator.bit_length() for row in exact for value in row)
        whole = np.array([[int(value * 2**bits) for value in row] for row in exact], dtype=object)
        product, shift = whole @ product, shift + bits
    largest = max(abs(value) for value in product.ravel())
    if largest == 0:
        return np.full(min(product.shape), -np.inf)
    values = np.linalg.svd([[value / largest for value in row] for row in product], compute_uv=False)
    values[values < 1e-10 * values[0]] = 0.0
    with np.errstate(divide="ignore"):
        return np.log10(values) + math.log10(largest) - shift * math.log10(2)


def log_singular_values_via_halves(jacobians: list[np.ndarray]) -> np.ndarray:
    """Multiply the product of each half, and take the eigenvalues of [[0, P], [P^T, 0]], which are +-sigma."""
    product, power = _product_of_halves(jacobians)
    n_out, n_in = product.shape
    both = np.block([[np.zeros((n_out, n_out)), product], [product.T, np.zeros((n_in, n_in))]])
    values = np.linalg.eigvalsh(both)[::-1][: min(n_out, n_in)]
    found = (values > 0) & (values / max(values[0], math.ulp(0.0)) >= 1e-10)
    return np.where(found, np.log10(np.where(found, values, 1.0)) + power * math.log10(2), -math.inf)


def _product_of_halves(jacobians: list[np.ndarray]) -> tuple[np.ndarray, int]:
    """Return the product over a power of 2, and that power."""
    if len(jacobians) > 1:
        half = len(jacobians) // 2
        first, second = _product_of_halves(jacobians[:half]), _product_of_halves(jacobians[half:])
        product, power = second[0] @ first[0], second[1] + first[1]
    else:
        product, power = jacobians[0], 0
    own = math.frexp(np.linalg.norm(product))[1]
    return product * 2.0**-own, power + own
