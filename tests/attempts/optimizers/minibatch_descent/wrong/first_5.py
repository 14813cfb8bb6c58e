# wrong (core): gradient of the small last batch divided by batch_size instead of its size
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- minibatch_descent
"""Mini-batch stochastic gradient descent.

Each epoch goes through all n samples once: it draws a new random order, and cuts it into batches of batch_size. If
batch_size does not divide n, the last batch is smaller. Each batch B takes one step:

    gradient = 1 / |B| * sum over i in B of the gradient of loss_i at the current weights
    weights <- weights - lr * gradient

The loss of an epoch is a mean over its n samples. Each counts with its loss in its own batch, before that batch's step:

    1 / n * sum over the batches of |B| * (mean loss of B)

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 8.1.3 and 8.3.1.

Strict
------
- n_epochs may be 0: the weights stay, and losses is empty.
- ValueError if batch_size < 1.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    """The final weights, and the loss of each epoch: an array of shape (n_epochs,)."""

    weights: np.ndarray
    losses: np.ndarray


def minibatches(n_samples: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the batches of one epoch as arrays of row indices; each row, from 0 to n_samples - 1, is in one batch.

    Parameters
    ----------
    n_samples : int
    batch_size : int
        If it is n_samples or more, there is one batch.
    rng : numpy.random.Generator
        The only source of randomness. All orders of the rows are equally likely.

    Examples
    --------
    >>> batches = minibatches(5, 2, np.random.default_rng(0))
    >>> [len(batch) for batch in batches], sorted(np.concatenate(batches).tolist())
    ([2, 2, 1], [0, 1, 2, 3, 4])
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    order = rng.permutation(n_samples)
    return [order[i : i + batch_size] for i in range(0, n_samples, batch_size)]


def sgd(
    loss_grad: Callable,
    weights: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    lr: float,
    batch_size: int,
    n_epochs: int,
    rng: np.random.Generator,
) -> Descent:
    """Train for n_epochs epochs; leave weights, X and y as they are.

    Parameters
    ----------
    loss_grad : function of weights and of a batch's rows of X and y
        Returns the mean loss and the mean gradient of the batch. Call it once for each batch.
    weights : array
        The start of the training.
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    lr : float
        The learning rate.
    batch_size, n_epochs : int
    rng : numpy.random.Generator

    Examples
    --------
    >>> def loss_grad(weights, X, y):
    ...     error = X @ weights - y
    ...     return np.mean(error**2) / 2, X.T @ error / len(X)
    >>> X, y = np.ones((2, 1)), np.array([0.0, 4.0])
    >>> sgd(loss_grad, np.zeros(1), X, y, lr=0.5, batch_size=2, n_epochs=2, rng=np.random.default_rng(0))
    Descent(weights=array([1.5]), losses=array([4. , 2.5]))
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    weights = np.array(weights, dtype=float)
    X, y = np.asarray(X), np.asarray(y)
    losses = np.zeros(n_epochs)
    for epoch in range(n_epochs):
        total = 0.0
        for batch in minibatches(len(X), batch_size, rng):
            loss, grad = loss_grad(weights, X[batch], y[batch])
            total += len(batch) * loss
            weights = weights - lr * np.asarray(grad) * len(batch) / batch_size
        losses[epoch] = total / len(X)
    return Descent(weights, losses)
