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
        raise ValueError(f"a batch has at least one row, so batch_size cannot be {batch_size}")
    order = rng.permutation(n_samples)
    return [order[start : start + batch_size] for start in range(0, n_samples, batch_size)]


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
    losses = np.zeros(n_epochs)
    for epoch in range(n_epochs):
        for batch in minibatches(len(X), batch_size, rng):
            loss, gradient = loss_grad(weights, X[batch], y[batch])
            losses[epoch] += loss * len(batch) / len(X)
            weights = weights - lr * gradient
    return Descent(weights, losses)


def minibatches_via_sorting(n_samples: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Give each row a random key, sort by the keys, and split at the multiples of batch_size."""
    if batch_size < 1:
        raise ValueError("batch_size has to be positive")
    order = np.argsort(rng.random(n_samples))
    return np.split(order, np.arange(batch_size, n_samples, batch_size))


def minibatches_via_drawing(n_samples: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw rows from a box, one after another, and begin a new batch when one is full."""
    if batch_size < 1:
        raise ValueError("batch_size has to be positive")
    box, batches = list(range(n_samples)), []
    while box:
        drawn = [box.pop(rng.integers(len(box))) for _ in range(min(batch_size, len(box)))]
        batches.append(np.array(drawn))
    return batches


def sgd_via_shuffled_copies(
    loss_grad: Callable,
    weights: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    lr: float,
    batch_size: int,
    n_epochs: int,
    rng: np.random.Generator,
) -> Descent:
    """Shuffle copies of X and y by the same order, and slice them; undo the means to add up the losses."""
    means = []
    for _ in range(n_epochs):
        order = np.concatenate(minibatches(len(y), batch_size, rng))
        shuffled, targets, total = X[order], y[order], 0.0
        for start in range(0, len(y), batch_size):
            stop = min(start + batch_size, len(y))
            loss, gradient = loss_grad(weights, shuffled[start:stop], targets[start:stop])
            total += loss * (stop - start)
            weights = weights - gradient * lr
        means.append(total / len(y))
    return Descent(weights, np.array(means))


def sgd_via_all_batches(
    loss_grad: Callable,
    weights: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    lr: float,
    batch_size: int,
    n_epochs: int,
    rng: np.random.Generator,
) -> Descent:
    """Draw the batches of all epochs first, then walk through them as one list, and average by epoch at the end."""
    plan = [(epoch, batch) for epoch in range(n_epochs) for batch in minibatches(len(X), batch_size, rng)]
    steps, losses = [], []
    for _, batch in plan:
        loss, gradient = loss_grad(weights - lr * sum(steps), np.take(X, batch, axis=0), np.take(y, batch))
        steps.append(gradient)
        losses.append(loss)
    by_sample = np.repeat(losses, [len(batch) for _, batch in plan])
    return Descent(weights - lr * sum(steps), by_sample.reshape(n_epochs, len(X)).mean(axis=1))
