# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- lora
"""LoRA: fine-tune a linear layer through a low-rank update.

The layer's weight stays as it was trained (frozen). Two small matrices are trained instead, and b starts at 0, so the
layer starts unchanged:

    out = x W^T + (alpha / r) * x a^T b^T

Shapes are those of PyTorch and PEFT: W is (n_out, n_in), a is (r, n_in), b is (n_out, r). A bias is left out.

Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2022), section 4.1.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, of shape (..., n_out), and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, a and b. The frozen weight has none."""

    grad_x: np.ndarray
    grad_a: np.ndarray
    grad_b: np.ndarray


def lora_forward(x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> Forward:
    """Apply the layer.

    Parameters
    ----------
    x : array of shape (..., n_in)
        Any number of leading axes: samples, or sequences and positions.
    weight : array of shape (n_out, n_in)
    a : array of shape (r, n_in)
    b : array of shape (n_out, r)
    alpha : float

    Examples
    --------
    >>> x, weight = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> a, b = np.array([[1.0, 1.0]]), np.array([[1.0], [0.0], [-1.0]])
    >>> lora_forward(x, weight, a, b, alpha=2.0).out
    array([[ 7.,  2., -3.]])
    """
    raise NotImplementedError


def lora_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, a and b.

    Parameters
    ----------
    grad_out : array of shape (..., n_out)
        The gradient with respect to out.
    cache : object
        From any earlier call of lora_forward. A second backward with the same cache gives the same.

    Examples
    --------
    At the start b is 0, so a has no gradient yet.

    >>> x, weight = np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]])
    >>> cache = lora_forward(x, weight, np.array([[1.0, 1.0]]), np.array([[0.0]]), alpha=2.0).cache
    >>> lora_backward(np.array([[1.0]]), cache)
    Backward(grad_x=array([[1., 3.]]), grad_a=array([[0., 0.]]), grad_b=array([[6.]]))
    """
    raise NotImplementedError


def merge(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """Return the weight of a plain linear layer that computes the same, as a new array.

    Examples
    --------
    >>> merge(np.ones((1, 2)), np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, -1.0]]), alpha=4.0)
    array([[3., 3.]])
    """
    raise NotImplementedError
