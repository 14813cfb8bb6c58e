# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- masked_tokens
"""Masked language modelling: choose the tokens to predict, and corrupt the input, as for BERT.

A token may be selected unless it is special (padding, separators). Each such token is selected with probability rate,
and independently of all others. A selected token has to be predicted. In the input it is

    with probability 0.8    replaced by the mask token
    with probability 0.1    replaced by a random token
    with probability 0.1    kept

A random token is drawn uniformly from all numbers from 0 to vocab_size - 1. So it may also be a special token, or the
token itself. All draws are independent, and come from rng.

Source: Devlin et al., BERT (2019), section 3.1 and appendix A.1. BERT selects a fixed number of tokens in a sequence;
independent draws are those of the Transformers library, DataCollatorForLanguageModeling.

Strict
------
- ids may be of any integer type. The results hold -100, mask_id and all random tokens.
- ValueError if rate is not from 0 to 1.
"""

from typing import NamedTuple

import numpy as np


class Masked(NamedTuple):
    """Two arrays of integers in the shape of ids.

    inputs : what the model sees
    labels : the original token where one was selected (replaced or kept), and -100 elsewhere
    """

    inputs: np.ndarray
    labels: np.ndarray


def mask_tokens(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    """Select tokens, and return inputs and labels.

    Parameters
    ----------
    ids : array of int of any shape
        It stays as it is.
    special_ids : list of int
        Tokens that are never selected. It may be empty.
    mask_id : int
        The mask token.
    vocab_size : int
    rate : float
        From 0 to 1. BERT has 0.15.
    rng : numpy.random.Generator

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> ids = np.array([[1, 7, 5, 2], [1, 9, 2, 0]])
    >>> mask_tokens(ids, special_ids=[0, 1, 2], mask_id=3, vocab_size=10, rate=1.0, rng=rng).labels
    array([[-100,    7,    5, -100],
           [-100,    9, -100, -100]])
    """
    raise NotImplementedError
