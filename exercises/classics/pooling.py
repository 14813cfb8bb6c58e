# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- pooling
"""TODO: what is computed, in one sentence.

TODO: the idea in two or three sentences, and the definition as a formula:

    TODO = TODO

Source: TODO.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """TODO: what `average_pool_forward` returns."""

    todo: np.ndarray


def max_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    x : array of shape (TODO)
        TODO: or drop this line.
    size : int
        TODO: or drop this line.
    stride : int
        TODO: or drop this line.
    padding : int
        TODO: or drop this line.

    Returns
    -------
    Forward
        TODO: or drop this section, if the summary says it.

    Raises
    ------
    ValueError
        TODO: or drop this section. An interviewer would ask about at most one or two kinds of bad input.

    Strict
    ------
    - TODO: what only the reviewer of a library would ask, or drop this section.

    Examples
    --------
    >>> max_pool_forward(x, size, stride, padding)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError


def max_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    grad_out : array of shape (TODO)
        TODO: or drop this line.
    cache : object
        TODO: or drop this line.

    Returns
    -------
    np.ndarray
        TODO: or drop this section, if the summary says it.

    Raises
    ------
    ValueError
        TODO: or drop this section. An interviewer would ask about at most one or two kinds of bad input.

    Strict
    ------
    - TODO: what only the reviewer of a library would ask, or drop this section.

    Examples
    --------
    >>> max_pool_backward(grad_out, cache)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError


def average_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    x : array of shape (TODO)
        TODO: or drop this line.
    size : int
        TODO: or drop this line.
    stride : int
        TODO: or drop this line.
    padding : int
        TODO: or drop this line.

    Returns
    -------
    Forward
        TODO: or drop this section, if the summary says it.

    Raises
    ------
    ValueError
        TODO: or drop this section. An interviewer would ask about at most one or two kinds of bad input.

    Strict
    ------
    - TODO: what only the reviewer of a library would ask, or drop this section.

    Examples
    --------
    >>> average_pool_forward(x, size, stride, padding)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError


def average_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    grad_out : array of shape (TODO)
        TODO: or drop this line.
    cache : object
        TODO: or drop this line.

    Returns
    -------
    np.ndarray
        TODO: or drop this section, if the summary says it.

    Raises
    ------
    ValueError
        TODO: or drop this section. An interviewer would ask about at most one or two kinds of bad input.

    Strict
    ------
    - TODO: what only the reviewer of a library would ask, or drop this section.

    Examples
    --------
    >>> average_pool_backward(grad_out, cache)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError
