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
    if not 0 <= rate <= 1:
        raise ValueError(f"rate is {rate}, not from 0 to 1")
    ids = ids.astype(np.int64)
    selected = (rng.random(ids.shape) < rate) & ~np.isin(ids, special_ids)
    fate = rng.choice(["masked", "random", "kept"], p=[0.8, 0.1, 0.1], size=ids.shape)
    inputs = np.where(selected & (fate == "masked"), mask_id, ids)
    inputs = np.where(selected & (fate == "random"), rng.integers(vocab_size, size=ids.shape), inputs)
    return Masked(inputs, np.where(selected, ids, -100))


def mask_tokens_via_loop(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    """Decide on one token after the other, in plain Python."""
    if rate < 0 or rate > 1:
        raise ValueError("rate is a probability")
    inputs, labels = [], []
    for token in ids.ravel().tolist():
        inputs.append(token)
        labels.append(-100)
        if token not in special_ids and rng.binomial(1, rate):
            labels[-1] = token
            inputs[-1] = ([mask_id] * 8 + [rng.integers(vocab_size), token])[rng.integers(10)]
    return Masked(*(np.array(each).reshape(ids.shape) for each in (inputs, labels)))


def mask_tokens_via_two_coins(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    """Toss a coin of 0.8 for the mask, and a fair one for a random token in what is left."""
    if abs(rate - 0.5) > 0.5:
        raise ValueError("rate is a probability")
    inputs, labels = ids.astype(int), np.full(ids.shape, -100)
    usable = np.ones(ids.shape, dtype=bool)
    for special in special_ids:
        usable &= ids != special
    selected = rng.binomial(1, np.where(usable, rate, 0.0)).astype(bool)
    labels[selected] = ids[selected]
    masked = selected & rng.binomial(1, 0.8, size=ids.shape).astype(bool)
    inputs[masked] = mask_id
    drawn = selected & ~masked & rng.binomial(1, 0.5, size=ids.shape).astype(bool)
    inputs[drawn] = rng.integers(0, vocab_size, size=int(drawn.sum()))
    return Masked(inputs, labels)


def mask_tokens_via_counts(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    """Draw how many tokens go which way, then put the places in random order and deal them out."""
    inputs, labels = ids.ravel().astype(int), np.full(ids.size, -100)
    places = rng.permutation(np.flatnonzero(~np.isin(inputs, special_ids)))
    # ValueError for shares that are negative or above 1 in all.
    counts = rng.multinomial(len(places), [0.8 * rate, 0.1 * rate, 0.1 * rate, 1 - rate])
    masked, drawn, kept, _ = np.split(places, np.cumsum(counts)[:-1])
    for each in (masked, drawn, kept):
        labels[each] = inputs[each]
    inputs[masked] = mask_id
    inputs[drawn] = rng.choice(vocab_size, size=len(drawn))
    return Masked(inputs.reshape(ids.shape), labels.reshape(ids.shape))
