# wrong (core): top-k keeps all tokens that tie with the k-th
"""Sample the next token of a language model: temperature, top-k, top-p and min-p.

A filter keeps some tokens of a row, sets the others to 0 and divides by the new sum. Sort the tokens of the row by
falling probability, on a tie the lower id first:

    top-k    keeps the first k tokens
    top-p    keeps the first n tokens, for the smallest n with a sum >= p
    min-p    keeps every token with probability >= min_p * (largest of the row)

Each row of probs sums to 1. Rows are independent.

Sources: Holtzman et al., The Curious Case of Neural Text Degeneration (2020), section 3; Nguyen et al., Turning Up the
Heat: Min-p Sampling (2025), section 3.

Strict
------
- Logits may be integers of any type.
"""

import numpy as np


def filter_top_k(probs: np.ndarray, k: int) -> np.ndarray:
    """Keep k tokens of each row.

    Parameters
    ----------
    probs : array of shape (n_sequences, vocab_size)
    k : int
        At least 1. It may be larger than vocab_size.

    Examples
    --------
    >>> filter_top_k(np.array([[0.25, 0.5, 0.25]]), 2).round(3)
    array([[0.333, 0.667, 0.   ]])
    """
    probs = np.asarray(probs, dtype=float)
    k = min(k, probs.shape[1])
    out = np.where(probs >= np.sort(probs, axis=1)[:, -k, None], probs, 0.0)
    return out / out.sum(axis=1, keepdims=True)


def filter_top_p(probs: np.ndarray, p: float) -> np.ndarray:
    """Keep the nucleus of each row.

    Parameters
    ----------
    probs : array of shape (n_sequences, vocab_size)
    p : float
        0 < p <= 1. With p = 1 all tokens are kept.

    Examples
    --------
    >>> filter_top_p(np.array([[0.125, 0.5, 0.125, 0.25]]), 0.7).round(3)
    array([[0.   , 0.667, 0.   , 0.333]])
    """
    probs = np.asarray(probs, dtype=float)
    if p >= 1:
        return probs / probs.sum(axis=1, keepdims=True)
    order = np.argsort(-probs, axis=1, kind="stable")
    ranked = np.take_along_axis(probs, order, axis=1)
    total = np.cumsum(ranked, axis=1)
    before = np.concatenate([np.zeros((len(probs), 1)), total[:, :-1]], axis=1)
    out = np.zeros_like(probs)
    np.put_along_axis(out, order, np.where(before < p, ranked, 0.0), axis=1)
    return out / out.sum(axis=1, keepdims=True)


def filter_min_p(probs: np.ndarray, min_p: float) -> np.ndarray:
    """Keep the tokens that are likely enough beside the likeliest.

    Parameters
    ----------
    probs : array of shape (n_sequences, vocab_size)
    min_p : float
        0 <= min_p <= 1. With min_p = 0 all tokens are kept.

    Examples
    --------
    >>> filter_min_p(np.array([[0.5, 0.125, 0.25, 0.125]]), 0.5).round(3)
    array([[0.667, 0.   , 0.333, 0.   ]])
    """
    probs = np.asarray(probs, dtype=float)
    out = np.where(probs >= min_p * probs.max(axis=1, keepdims=True), probs, 0.0)
    return out / out.sum(axis=1, keepdims=True)


def sample(
    logits: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw the next token of each sequence.

    Take softmax(logits / temperature), apply top-k, then top-p, then min-p, each to the result of the one before, and
    draw a token from what is left.

    Parameters
    ----------
    logits : array of shape (n_sequences, vocab_size)
        As large as 1e4. A token with logit -inf is never drawn; each row has a finite one.
    temperature : float
        0 or more. At 0 the token with the largest logit is taken, on a tie the lowest id.
    top_k : int or None
        None: no top-k.
    top_p, min_p : float
    rng : numpy.random.Generator

    Returns
    -------
    array of int of shape (n_sequences,)

    Examples
    --------
    >>> sample(np.array([[1.0, 3.0, 2.0], [-np.inf, 0.0, -np.inf]]), 0.7, 1, 1.0, 0.0, np.random.default_rng(0))
    array([1, 1])
    """
    logits = np.asarray(logits, dtype=float)
    if temperature == 0:
        return np.argmax(logits, axis=1)
    z = (logits - logits.max(axis=1, keepdims=True)) / temperature
    probs = np.exp(z)
    probs /= probs.sum(axis=1, keepdims=True)
    if top_k is not None:
        probs = filter_top_k(probs, top_k)
    probs = filter_top_p(probs, top_p)
    probs = filter_min_p(probs, min_p)
    return np.array([rng.choice(len(row), p=row) for row in probs])
