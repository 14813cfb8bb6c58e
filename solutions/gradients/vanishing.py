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

import math

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
    inputs, slopes = [x], []
    for weight in weights:
        out, slope = _activate(inputs[-1] @ weight.T, activation)
        inputs.append(out)
        slopes.append(slope)
    norms = np.empty(len(weights))
    grad = grad_out
    for layer in reversed(range(len(weights))):
        grad_z = grad * slopes[layer]
        norms[layer] = np.linalg.norm(grad_z.T @ inputs[layer])
        grad = grad_z @ weights[layer]
    return norms


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
    shares = []
    for z in pre_activations:
        _, slope = _activate(z, activation)
        shares.append((slope < threshold * _LARGEST_SLOPE[activation]).mean())
    return np.array(shares)


_LARGEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}


def _activate(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the activation of z and its slope."""
    if activation == "sigmoid":
        decay = np.exp(-np.abs(z))  # which cannot overflow
        return np.exp(np.minimum(z, 0)) / (1 + decay), decay / (1 + decay) ** 2
    if activation == "tanh":
        return np.tanh(z), 1 - np.tanh(z) ** 2
    if activation == "relu":
        return np.maximum(z, 0), z > 0
    raise ValueError(f'activation is {activation!r}; known are "sigmoid", "tanh" and "relu"')


def layer_gradient_norms_via_tangents(
    weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str
) -> np.ndarray:
    """Go forward only: carry along how each output moves with each single weight."""
    inputs, tangents = x, []
    for weight in weights:
        out, slope = _activate(inputs @ weight.T, activation)
        tangents = [(tangent @ weight.T) * slope for tangent in tangents]
        own = np.zeros((*weight.shape, *out.shape))
        for unit in range(len(weight)):
            own[unit, :, :, unit] = inputs.T * slope[:, unit]
        tangents.append(own)
        inputs = out
    return np.array([math.sqrt(((tangent * grad_out).sum(axis=(2, 3)) ** 2).sum()) for tangent in tangents])


def layer_gradient_norms_via_jacobians(
    weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str
) -> np.ndarray:
    """Go sample by sample, and multiply out the Jacobian of the last layer by each z from the input on."""
    grads = [np.zeros(weight.shape) for weight in weights]
    for sample, grad in zip(x, grad_out, strict=True):
        inputs, jacobians = [sample], []
        for weight in weights:
            out, slope = _activate(weight @ inputs[-1], activation)
            jacobians = [slope[:, None] * (weight @ jacobian) for jacobian in jacobians]
            jacobians.append(np.diag(slope * 1.0))
            inputs.append(out)
        for layer, jacobian in enumerate(jacobians):
            grads[layer] += np.outer(grad @ jacobian, inputs[layer])
    return np.array([math.hypot(*grad.ravel()) for grad in grads])


def saturated_fraction_via_cutoff(
    pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05
) -> np.ndarray:
    """Solve for the z at which the slope crosses the threshold; tanh's share is 1 / cosh(z)^2."""
    cutoff = math.acosh(threshold**-0.5)
    if activation == "relu":
        shares = [np.mean(z <= 0) for z in pre_activations]
    elif activation == "tanh":
        shares = [np.mean(np.abs(z) > cutoff) for z in pre_activations]
    elif activation == "sigmoid":
        shares = [np.mean(np.abs(z) / 2 > cutoff) for z in pre_activations]
    else:
        raise ValueError(f"{activation} is not known")
    return np.array(shares)


def saturated_fraction_via_counting(
    pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05
) -> np.ndarray:
    """Count entry by entry, in plain Python."""

    def share_of_slope(z: float) -> float:
        if activation == "relu":
            return 1.0 if z > 0 else 0.0
        decay = math.exp(-abs(z)) if activation == "tanh" else math.exp(-abs(z) / 2)
        return (2 * decay / (1 + decay**2)) ** 2

    if activation not in ("sigmoid", "tanh", "relu"):
        raise ValueError(f"no activation is called {activation}")
    shares = []
    for z in pre_activations:
        values = z.ravel().tolist()
        shares.append(sum(share_of_slope(value) < threshold for value in values) / len(values))
    return np.array(shares)
