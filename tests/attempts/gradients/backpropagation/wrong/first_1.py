# wrong (core): relu mask (input > 0) also applied to x itself, so grad_x is 0 where x <= 0
"""Backpropagation through a multilayer perceptron, and a step of gradient descent.

A network has n_layers dense layers, with relu(z) = max(z, 0) between them, but not behind the last. With a_0 = x, one
sample per row, and l = 1, ..., n_layers,

    z_l = a_(l-1) W_l^T + b_l,    a_l = relu(z_l)            out is the last z

The slope of relu at 0 is 0.

mlp_backward starts from the gradient of any loss with respect to out, and sums over the samples. The 1 / n_samples of a
mean is part of the loss, so it is already in grad_out.

Source: Rumelhart, Hinton and Williams, Learning Representations by Back-Propagating Errors (1986); Goodfellow, Bengio
and Courville, Deep Learning (2016), section 6.5.4.

Strict
------
- Arrays may hold integers.
- ValueError in mlp_step if target has not the shape of out.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output of the last layer, and anything that backward needs of this call."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradient for x, and a pair of gradients (for W, for b) for each layer, in the order of the layers."""

    grad_x: np.ndarray
    grad_layers: list[tuple[np.ndarray, np.ndarray]]


class Step(NamedTuple):
    """The new layers, and the loss before the step."""

    layers: list[tuple[np.ndarray, np.ndarray]]
    loss: float


def mlp_forward(x: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> Forward:
    """Run a batch through the network.

    Parameters
    ----------
    x : array of shape (n_samples, n_features)
    layers : list of pairs (W, b)
        W has the shape (units of this layer, units of the layer before), and b has one entry for each unit.

    Examples
    --------
    >>> layers = [(np.array([[2.0], [-1.0]]), np.array([1.0, 0.0])), (np.array([[1.0, 4.0]]), np.array([-5.0]))]
    >>> mlp_forward(np.array([[1.0], [-1.0]]), layers).out
    array([[-2.],
           [-1.]])
    """
    layers = [(np.array(W, dtype=float), np.array(b, dtype=float)) for W, b in layers]
    a = np.array(x, dtype=float)
    inputs, masks = [], []
    for i, (W, b) in enumerate(layers):
        inputs.append(a)
        z = a @ W.T + b
        if i < len(layers) - 1:
            masks.append(z > 0)
            a = np.maximum(z, 0)
    return Forward(z, (inputs, masks, layers))


def mlp_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, all weights and all biases.

    Parameters
    ----------
    grad_out : array of the shape of out
    cache : object
        From any earlier call of mlp_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> layers = [(np.array([[2.0], [-1.0]]), np.array([1.0, 0.0])), (np.array([[1.0, 4.0]]), np.array([-5.0]))]
    >>> grads = mlp_backward(np.array([[10.0]]), mlp_forward(np.array([[1.0]]), layers).cache)
    >>> grads.grad_x, grads.grad_layers[1]
    (array([[20.]]), (array([[30.,  0.]]), array([10.])))
    """
    inputs, masks, layers = cache
    g = np.array(grad_out, dtype=float)
    grads = []
    for i in range(len(layers) - 1, -1, -1):
        W, _ = layers[i]
        grads.append((g.T @ inputs[i], g.sum(axis=0)))
        g = g @ W
        g = g * (inputs[i] > 0)
    return Backward(g, grads[::-1])


def mlp_step(x: np.ndarray, target: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]], lr: float) -> Step:
    """Take one step of gradient descent on the squared error of a batch.

        loss = sum over samples and units of (out - target)^2 / (2 n_samples)

    Each W and b moves by -lr times its gradient. All gradients are those at the old layers. The arguments stay as they
    were.

    Parameters
    ----------
    x, layers
        As for mlp_forward.
    target : array of the shape of out
    lr : float

    Examples
    --------
    >>> mlp_step(np.array([[2.0], [0.0]]), np.array([[5.0], [1.0]]), [(np.array([[1.0]]), np.array([0.0]))], lr=0.5)
    Step(layers=[(array([[2.5]]), array([1.]))], loss=2.5)
    """
    x = np.asarray(x, dtype=float)
    target = np.asarray(target, dtype=float)
    out, cache = mlp_forward(x, layers)
    if target.shape != out.shape:
        raise ValueError("target must have the shape of out")
    n = len(x)
    diff = out - target
    loss = float((diff**2).sum() / (2 * n))
    grads = mlp_backward(diff / n, cache).grad_layers
    new = []
    for (W, b), (gW, gb) in zip(layers, grads):
        new.append((W - lr * gW, b - lr * gb))
    return Step(new, loss)
