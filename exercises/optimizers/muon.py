# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- muon
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
    raise NotImplementedError


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
    raise NotImplementedError
