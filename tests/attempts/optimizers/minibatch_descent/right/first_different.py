# different style; both bars
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Descent(NamedTuple):
    weights: np.ndarray
    losses: np.ndarray


def minibatches(n_samples: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    if batch_size < 1:
        raise ValueError("batch_size is below 1")
    order = list(range(n_samples))
    for last in range(n_samples - 1, 0, -1):
        other = int(rng.integers(last + 1))
        order[last], order[other] = order[other], order[last]
    starts = range(0, n_samples, batch_size)
    return [np.array(order[start : start + batch_size], dtype=int) for start in starts]


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
    if batch_size < 1:
        raise ValueError("batch_size is below 1")
    n = len(X)
    weights = np.array(weights, dtype=float)
    plan = [(epoch, rows) for epoch in range(n_epochs) for rows in minibatches(n, batch_size, rng)]
    shares = []
    for _, rows in plan:
        loss, grad = loss_grad(weights, np.take(X, rows, axis=0), np.take(y, rows, axis=0))
        shares.append(float(loss) * (len(rows) / n))
        weights = weights + (-lr) * np.asarray(grad, dtype=float)
    epochs = np.array([epoch for epoch, _ in plan], dtype=int)
    return Descent(weights, np.bincount(epochs, weights=np.array(shares), minlength=n_epochs))
