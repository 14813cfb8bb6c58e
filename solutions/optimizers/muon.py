"""Muon: momentum for weight matrices, orthogonalized by Newton-Schulz iteration.

With the singular value decomposition g = U S V', the nearest orthogonal matrix is U V': all singular values become 1.
Newton-Schulz comes close to it with matrix products alone. It begins at Frobenius norm 1 and repeats

    X = g / norm(g)
    X <- a X + b (X X') X + c (X X')^2 X              (a, b, c) = (3.4445, -4.7750, 2.0315)

Each step maps every singular value s to a s + b s^3 + c s^5, and keeps U and V. After 5 steps, a value that was 0.002
or more in the first X lies between 0.68 and 1.21. Tiny ones end lower.

A step of Muon uses Nesterov momentum, and decoupled weight decay of the old param:

    velocity <- momentum * velocity + grad
    O = newton_schulz(grad + momentum * velocity)                                      with the new velocity
    param <- param - lr * weight_decay * param - lr * sqrt(max(1, n_rows / n_cols)) * O

Source: Jordan et al., Muon: An optimizer for hidden layers in neural networks (2024).

Strict
------
- newton_schulz takes O(n_rows * n_cols * min(n_rows, n_cols)) time a step: choose X X' or X' X.
- The scale of g does not matter, down to 1e-12.
- ValueError if g is no matrix.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param and velocity."""

    param: np.ndarray
    velocity: np.ndarray


def newton_schulz(g: np.ndarray, n_steps: int = 5) -> np.ndarray:
    """Orthogonalize g, approximately; return zeros for zeros.

    Parameters
    ----------
    g : array of shape (n_rows, n_cols)
        Tall, wide or square.
    n_steps : int

    Examples
    --------
    >>> newton_schulz(np.array([[3.0, 0.0], [0.0, 4.0]]), n_steps=1).round(4)  # 0.6 and 0.8 in the first X
    array([[1.1933, 0.    ],
           [0.    , 0.9765]])
    """
    if g.ndim != 2:
        raise ValueError(f"a matrix has two axes, and g has {g.ndim}")
    X = g / max(np.linalg.norm(g), np.finfo(float).tiny)
    wide = X.shape[0] <= X.shape[1]
    for _ in range(n_steps):
        gram = X @ X.T if wide else X.T @ X
        change = -4.7750 * gram + 2.0315 * gram @ gram
        X = 3.4445 * X + (change @ X if wide else X @ change)
    return X


def muon_step(
    param: np.ndarray,
    grad: np.ndarray,
    velocity: np.ndarray,
    lr: float = 0.001,
    momentum: float = 0.95,
    weight_decay: float = 0.1,
    n_steps: int = 5,
) -> Step:
    """Take one step of Muon; return new arrays.

    Parameters
    ----------
    param, grad, velocity : arrays of shape (n_rows, n_cols)
    lr, momentum, weight_decay : float
    n_steps : int
        Of Newton-Schulz.

    Examples
    --------
    >>> param, grad, velocity = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]]), np.zeros((2, 1))
    >>> step = muon_step(param, grad, velocity, lr=0.1, momentum=0.5, weight_decay=0.0, n_steps=1)
    >>> step.param.round(4), step.velocity  # O is 0.701 * [0.6, 0.8], and the scale sqrt(2)
    (array([[0.9405],
           [1.9207]]), array([[3.],
           [4.]]))
    """
    velocity = momentum * velocity + grad
    update = newton_schulz(grad + momentum * velocity, n_steps)
    n_rows, n_cols = param.shape
    return Step(param - lr * weight_decay * param - lr * max(1.0, n_rows / n_cols) ** 0.5 * update, velocity)


def newton_schulz_via_singular_values(g: np.ndarray, n_steps: int = 5) -> np.ndarray:
    """Decompose once, send the singular values through the polynomial, and put the matrix together again."""
    if g.ndim != 2:
        raise ValueError("g is no matrix")
    left, s, right = np.linalg.svd(g, full_matrices=False)
    s = s / np.sqrt(np.sum(s**2)) if s.any() else s
    for _ in range(n_steps):
        s = np.polyval([2.0315, 0, -4.7750, 0, 3.4445, 0], s)
    return left * s @ right


def newton_schulz_via_gram(g: np.ndarray, n_steps: int = 5) -> np.ndarray:
    """Iterate on the small Gram matrix alone: collect the product of the polynomials, and apply it to g at the end."""
    n_rows, n_cols = g.shape
    if n_rows > n_cols:
        return newton_schulz_via_gram(g.T, n_steps).T
    if not g.any():
        return np.zeros(g.shape)
    unit = g / np.sqrt(np.vdot(g, g))
    gram, product = unit @ unit.T, np.eye(n_rows)
    for _ in range(n_steps):
        factor = 3.4445 * np.eye(n_rows) - 4.7750 * gram + 2.0315 * np.linalg.matrix_power(gram, 2)
        product = factor @ product
        gram = factor @ gram @ factor
    return product @ unit


def muon_step_via_shrinking(
    param: np.ndarray,
    grad: np.ndarray,
    velocity: np.ndarray,
    lr: float = 0.001,
    momentum: float = 0.95,
    weight_decay: float = 0.1,
    n_steps: int = 5,
) -> Step:
    """Shrink param first; the direction needs no velocity, as it is momentum^2 * old + (1 + momentum) * grad."""
    direction = newton_schulz(momentum**2 * velocity + (1 + momentum) * grad, n_steps)
    rate = lr * np.sqrt(np.fmax(np.divide(*param.shape), 1.0))
    return Step((1 - lr * weight_decay) * param - rate * direction, grad + momentum * velocity)
