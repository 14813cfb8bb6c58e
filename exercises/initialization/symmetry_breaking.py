# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- symmetry_breaking
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
