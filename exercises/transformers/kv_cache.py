# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- kv_cache
"""TODO: what is computed, in one sentence.

TODO: the idea in two or three sentences, and the definition as a formula:

    TODO = TODO

Source: TODO.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """TODO: what `decode_step` returns."""

    todo: np.ndarray


def prefill(x: np.ndarray, weights: Weights, n_heads: int) -> Step:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    x : array of shape (TODO)
        TODO: or drop this line.
    weights : Weights
        TODO: or drop this line.
    n_heads : int
        TODO: or drop this line.

    Returns
    -------
    Step
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
    >>> prefill(x, weights, n_heads)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError


def decode_step(x: np.ndarray, cache: Cache, weights: Weights, n_heads: int) -> Step:
    """TODO: Return what, in one sentence.

    Parameters
    ----------
    x : array of shape (TODO)
        TODO: or drop this line.
    cache : Cache
        TODO: or drop this line.
    weights : Weights
        TODO: or drop this line.
    n_heads : int
        TODO: or drop this line.

    Returns
    -------
    Step
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
    >>> decode_step(x, cache, weights, n_heads)  # TODO: the input on which right and wrong differ
    """
    raise NotImplementedError
