"""Symmetry breaking: units that start alike stay alike.

A network has one hidden layer. With one sample in each row of x and y:

    h    = f(x @ w_1.T + b_1)
    out  = h @ w_2.T + b_2
    loss = sum((out - y)**2) / (2 * n_samples)

f is "tanh", "sigmoid", 1 / (1 + exp(-z)), or "relu", max(z, 0), whose slope at 0 is 0.

Hidden unit j owns row j of w_1, entry j of b_1 and column j of w_2. If two units own equal numbers, they compute the
same and get the same gradient. So gradient descent never tells them apart, and random weights have to.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 8.4.

Strict
------
- ValueError for another activation.
- The arrays may hold integers.
"""

from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    """The parameters, of shapes (n_hidden, n_in), (n_hidden,), (n_out, n_hidden) and (n_out,)."""

    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


def loss_gradients(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    """Return the gradients of the loss with respect to the parameters.

    Parameters
    ----------
    network : Network
    x : array of shape (n_samples, n_in)
    y : array of shape (n_samples, n_out)
    activation : str

    Examples
    --------
    Zero weights: only b_2 has a gradient.

    >>> zeros = Network(np.zeros((2, 1)), np.zeros(2), np.zeros((1, 2)), np.zeros(1))
    >>> loss_gradients(zeros, np.array([[5.0], [6.0]]), np.array([[1.0], [2.0]]), "tanh").b_2
    array([-1.5])

    Equal weights: equal gradients.

    >>> equal = Network(np.ones((2, 1)), np.zeros(2), np.ones((1, 2)), np.zeros(1))
    >>> loss_gradients(equal, np.array([[2.0]]), np.array([[1.0]]), "relu")
    Network(w_1=array([[6.],
           [6.]]), b_1=array([3., 3.]), w_2=array([[6., 6.]]), b_2=array([3.]))
    """
    h, slope = _activate(x @ network.w_1.T + network.b_1, activation)
    error = (h @ network.w_2.T + network.b_2 - y) / len(x)
    grad_z = (error @ network.w_2) * slope
    return Network(grad_z.T @ x, grad_z.sum(axis=0), error.T @ h, error.sum(axis=0))


def train(network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int) -> Network:
    """Return the parameters after n_steps of gradient descent on all samples.

    A step is parameter - lr * gradient for all four at once. The given network stays as it is.

    Examples
    --------
    >>> equal = Network(np.ones((2, 1)), np.zeros(2), np.ones((1, 2)), np.zeros(1))
    >>> train(equal, np.array([[2.0]]), np.array([[1.0]]), "relu", lr=0.125, n_steps=1).w_1
    array([[0.25],
           [0.25]])
    """
    for _ in range(n_steps):
        gradients = loss_gradients(network, x, y, activation)
        network = Network(*(value - lr * gradient for value, gradient in zip(network, gradients, strict=True)))
    return network


def distinct_units(network: Network, tol: float = 1e-6) -> int:
    """Return the number of distinct hidden units.

    Two units are equal if each number that one owns differs from the other's by at most tol. In the order of the units,
    count each that is equal to none counted before.

    Examples
    --------
    The third has another outgoing weight.

    >>> distinct_units(Network(np.ones((3, 1)), np.zeros(3), np.array([[1.0, 1.0, 2.0]]), np.zeros(1)))
    2
    """
    counted = []
    for unit in np.column_stack([network.w_1, network.b_1, network.w_2.T]):
        if all(np.abs(unit - other).max() > tol for other in counted):
            counted.append(unit)
    return len(counted)


def _activate(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return f(z) and its slope."""
    if activation == "tanh":
        h = np.tanh(z)
        return h, 1 - h**2
    if activation == "sigmoid":
        # Without overflow.
        h = (1 + np.tanh(z / 2)) / 2
        return h, h * (1 - h)
    if activation == "relu":
        return np.maximum(z, 0), z > 0
    raise ValueError(f"activation is {activation!r}, and has to be tanh, sigmoid or relu")


def loss_gradients_via_units(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    """Go sample by sample, and add up what each hidden unit gets."""
    if activation not in ("tanh", "sigmoid", "relu"):
        raise ValueError("no such activation")
    w_1, b_1, w_2, b_2 = network
    grads = Network(*(np.zeros(value.shape) for value in network))
    for sample, target in zip(x, y, strict=True):
        hidden = []
        for weights, bias in zip(w_1, b_1, strict=True):
            z = float(weights @ sample + bias)
            if activation == "relu":
                hidden.append((z, 1.0) if z > 0 else (0.0, 0.0))
            elif activation == "tanh":
                hidden.append((np.tanh(z), np.cosh(z) ** -2.0))
            else:
                h = np.exp(-np.logaddexp(0.0, -z))
                hidden.append((h, h * np.exp(-np.logaddexp(0.0, z))))
        error = sum(h * w_2[:, j] for j, (h, _) in enumerate(hidden)) + b_2 - target
        grads.b_2[...] += error / len(x)
        for j, (h, slope) in enumerate(hidden):
            delta = slope * (w_2[:, j] @ error) / len(x)
            grads.w_2[:, j] += h * error / len(x)
            grads.w_1[j] += delta * sample
            grads.b_1[j] += delta
    return grads


def loss_gradients_via_bias_columns(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    """Take the biases for weights of an input that is always 1."""
    slopes = {
        "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        "sigmoid": (
            lambda z: np.exp(-np.logaddexp(0, -z)),
            lambda z: np.exp(-np.logaddexp(0, -z) - np.logaddexp(0, z)),
        ),
        "relu": (lambda z: z * (z > 0), lambda z: np.heaviside(z, 0)),
    }
    if activation not in slopes:
        raise ValueError("no such activation")
    f, slope = slopes[activation]
    first, second = np.column_stack(network[:2]), np.column_stack(network[2:])
    inputs = np.pad(x.astype(float), ((0, 0), (0, 1)), constant_values=1)
    z = np.einsum("ni,hi->nh", inputs, first)
    hidden = np.pad(f(z), ((0, 0), (0, 1)), constant_values=1)
    error = np.einsum("nh,oh->no", hidden, second) - y
    grad_second = np.einsum("no,nh->oh", error, hidden) / len(x)
    grad_first = np.einsum("no,oh,nh,ni->hi", error, network.w_2, slope(z), inputs) / len(x)
    return Network(grad_first[:, :-1], grad_first[:, -1], grad_second[:, :-1], grad_second[:, -1])


def train_via_one_vector(
    network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int
) -> Network:
    """Keep all parameters in one vector, and cut it into arrays for each gradient."""
    sizes = np.cumsum([value.size for value in network])
    vector = np.concatenate([np.ravel(value) for value in network])

    def arrays() -> Network:
        parts = np.split(vector, sizes[:-1])
        return Network(*(part.reshape(value.shape) for part, value in zip(parts, network, strict=True)))

    for _ in range(n_steps):
        vector = vector - lr * np.concatenate([np.ravel(value) for value in loss_gradients(arrays(), x, y, activation)])
    return arrays()


def train_via_recursion(
    network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int
) -> Network:
    """Take one step, and leave the others to the same function."""
    if n_steps == 0:
        return Network(*(np.array(value) for value in network))
    w_1, b_1, w_2, b_2 = loss_gradients(network, x, y, activation)
    moved = network.w_1 - lr * w_1, network.b_1 - lr * b_1, network.w_2 - lr * w_2, network.b_2 - lr * b_2
    return train_via_recursion(Network(*moved), x, y, activation, lr, n_steps - 1)


def distinct_units_via_matrix(network: Network, tol: float = 1e-6) -> int:
    """Compare all pairs at once, then strike out what equals a counted unit."""
    units = np.hstack([network.w_1, network.b_1[:, np.newaxis], network.w_2.T])
    equal = (np.abs(units[:, np.newaxis] - units) <= tol).all(axis=2)
    left, count = np.ones(len(units), dtype=bool), 0
    while left.any():
        left &= ~equal[left.argmax()]
        count += 1
    return count
