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
    a, steps = x, []
    for weight, bias in layers:
        steps.append((a, weight))
        z = a @ weight.T + bias
        a = np.maximum(z, 0)
    return Forward(z, steps)


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
    grad_layers, grad_z = [], grad_out
    for depth in reversed(range(len(cache))):
        a, weight = cache[depth]
        grad_layers.append((grad_z.T @ a, grad_z.sum(axis=0)))
        grad_a = grad_z @ weight
        # Only relu leaves a zero where it was off; x has not been through one.
        grad_z = grad_a * (a > 0) if depth else grad_a
    return Backward(grad_z, grad_layers[::-1])


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
    out, cache = mlp_forward(x, layers)
    if target.shape != out.shape:
        raise ValueError(f"the output has the shape {out.shape}, and the target {target.shape}")
    missed = out - target
    grads = mlp_backward(missed / len(x), cache).grad_layers
    moved = [
        tuple(old - lr * grad for old, grad in zip(*pairs, strict=True)) for pairs in zip(layers, grads, strict=True)
    ]
    return Step(moved, float((missed**2).sum() / (2 * len(x))))


def mlp_forward_via_bias_column(x: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> Forward:
    """Treat each bias as the weight of one more input, which is 1."""
    rows, steps = x, []
    for place, (weight, bias) in enumerate(layers):
        if place:
            rows = rows.clip(min=0)
        steps.append((rows, weight))
        ones = np.ones((len(rows), 1))
        rows = np.concatenate([rows, ones], axis=1) @ np.concatenate([weight, bias[:, None]], axis=1).T
    return Forward(rows, steps)


def mlp_forward_via_samples(x: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> Forward:
    """Run each sample through the whole network before the next."""
    runs = []
    for sample in x:
        run = [sample]
        for weight, bias in layers:
            total = [sum(w * value for w, value in zip(row, run[-1], strict=True)) for row in weight.tolist()]
            z = np.add(total, bias)
            run.append(z * (z > 0))
        runs.append((run[:-1], z))
    inputs = [np.array(layer) for layer in zip(*(run for run, _ in runs), strict=True)]
    return Forward(np.array([z for _, z in runs]), [(a, w) for a, (w, _) in zip(inputs, layers, strict=True)])


def mlp_backward_via_jacobians(grad_out: np.ndarray, cache: object) -> Backward:
    """Multiply the Jacobians from the input on, and apply each to grad_out; sample by sample."""
    grad_x = np.empty(cache[0][0].shape)
    grads = [(np.zeros(weight.shape), np.zeros(len(weight))) for _, weight in cache]
    for n, grad in enumerate(grad_out):
        # Of the output by each z, the last of which is the output itself.
        jacobians = []
        for a, weight in cache:
            on = np.diag(a[n] > 0)
            jacobians = [weight @ on @ jacobian for jacobian in jacobians]
            jacobians.append(np.eye(len(weight)))
        for (a, _), jacobian, pair in zip(cache, jacobians, grads, strict=True):
            pair[0][:] += np.outer(grad @ jacobian, a[n])
            pair[1][:] += grad @ jacobian
        grad_x[n] = grad @ jacobians[0] @ cache[0][1]
    return Backward(grad_x, grads)


def mlp_backward_via_recursion(grad_out: np.ndarray, cache: object) -> Backward:
    """Take the first layer off: the gradient for its output is the gradient for the input of the rest."""
    (a, weight), *rest = cache
    grad_z, later = grad_out, []
    if rest:
        below = mlp_backward_via_recursion(grad_out, rest)
        grad_z, later = np.where(rest[0][0] > 0, below.grad_x, 0.0), below.grad_layers
    own = np.einsum("no,ni->oi", grad_z, a), np.einsum("no->o", grad_z)
    return Backward(np.einsum("no,oi->ni", grad_z, weight), [own, *later])


def mlp_step_via_samples(
    x: np.ndarray, target: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]], lr: float
) -> Step:
    """Go back for each sample by itself, and move copies of the layers by its share."""
    moved = [(weight.astype(float), bias.astype(float)) for weight, bias in layers]
    losses = []
    for sample, wanted in zip(x, target, strict=True):
        out, cache = mlp_forward(sample[None], layers)
        if out.shape != (1, *wanted.shape):
            raise ValueError("target does not fit")
        for pair, grads in zip(moved, mlp_backward(out - wanted, cache).grad_layers, strict=True):
            for array, grad in zip(pair, grads, strict=True):
                array[:] -= lr / len(x) * grad
        losses.append(float(np.square(out - wanted).sum()) / 2)
    return Step(moved, sum(losses) / len(losses))


def mlp_step_via_root(
    x: np.ndarray, target: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]], lr: float
) -> Step:
    """Write the loss as half the squared norm of a scaled miss, and send minus lr of it back: moves arrive."""
    step = mlp_forward(x, layers)
    if step.out.shape != np.shape(target):
        raise ValueError("one number is wanted for each output")
    missed = (step.out - target) / np.sqrt(len(x))
    moves = mlp_backward(-lr / np.sqrt(len(x)) * missed, step.cache).grad_layers
    new = [(weight + by, bias + shift) for (weight, bias), (by, shift) in zip(layers, moves, strict=True)]
    return Step(new, float(np.linalg.norm(missed)) ** 2 / 2)
