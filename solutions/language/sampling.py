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
    order = np.argsort(-probs, kind="stable")
    kept = np.zeros(probs.shape)
    np.put_along_axis(kept, order[:, :k], 1, axis=1)
    return _normalized(probs * kept)


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
    order = np.argsort(-probs, kind="stable")
    ranked = np.take_along_axis(probs, order, axis=1)
    before = ranked.cumsum(axis=1) - ranked
    kept = np.empty(probs.shape)
    np.put_along_axis(kept, order, before < p, axis=1)
    return _normalized(probs * kept)


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
    return _normalized(np.where(probs >= min_p * probs.max(axis=1, keepdims=True), probs, 0))


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
    if temperature == 0:
        return logits.argmax(axis=1)
    logits = logits.astype(float)
    probs = _normalized(np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature))
    if top_k is not None:
        probs = filter_top_k(probs, top_k)
    sums = filter_min_p(filter_top_p(probs, top_p), min_p).cumsum(axis=1)
    return (sums <= rng.random((len(sums), 1)) * sums[:, -1:]).sum(axis=1)


def _normalized(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=1, keepdims=True)


def filter_top_k_via_loop(probs: np.ndarray, k: int) -> np.ndarray:
    """Sort the pairs of probability and id of each row in plain Python."""
    out = np.zeros(probs.shape)
    for row, filtered in zip(probs.tolist(), out, strict=True):
        first = sorted((-value, token) for token, value in enumerate(row))[:k]
        for value, token in first:
            filtered[token] = value / sum(value for value, _ in first)
    return out


def filter_top_k_via_ranks(probs: np.ndarray, k: int) -> np.ndarray:
    """Count the tokens that come before each: the likelier ones, and the equal ones with a lower id."""
    mine, others = probs[:, :, np.newaxis], probs[:, np.newaxis, :]
    earlier = np.tri(probs.shape[1], k=-1, dtype=bool)
    ranks = np.sum((others > mine) | ((others == mine) & earlier), axis=2)
    kept = probs * (ranks < k)
    return kept / np.sum(kept, axis=1)[:, np.newaxis]


def filter_top_p_via_loop(probs: np.ndarray, p: float) -> np.ndarray:
    """Take one token after another until the sum is large enough."""
    out = np.zeros(probs.shape)
    for left, filtered in zip(probs.tolist(), out, strict=True):
        total = 0.0
        while total < p and max(left) > 0:
            token = left.index(max(left))
            filtered[token] = left[token]
            total += left[token]
            left[token] = 0.0
    return out / out.sum(axis=1)[:, np.newaxis]


def filter_top_p_via_search(probs: np.ndarray, p: float) -> np.ndarray:
    """Find the length of the nucleus by bisection in the sums."""
    out = np.zeros(probs.shape)
    for row, filtered in zip(probs, out, strict=True):
        order = np.lexsort((np.arange(row.size), -row))
        nucleus = order[: np.searchsorted(np.cumsum(row[order]), p) + 1]
        filtered[nucleus] = row[nucleus] / np.sum(row[nucleus])
    return out


def filter_min_p_via_ratios(probs: np.ndarray, min_p: float) -> np.ndarray:
    """Compare ratios to the largest probability, which need no sum."""
    ratios = (probs.T / probs.max(axis=1)).T
    ratios[ratios < min_p] = 0
    return ratios / ratios.sum(axis=1)[:, np.newaxis]


def filter_min_p_via_loop(probs: np.ndarray, min_p: float) -> np.ndarray:
    """Go through the rows in plain Python."""
    out = []
    for row in probs.tolist():
        kept = [value if value >= min_p * max(row) else 0.0 for value in row]
        out.append([value / sum(kept) for value in kept])
    return np.array(out).reshape(probs.shape)


def sample_via_gumbel(
    logits: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float, rng: np.random.Generator
) -> np.ndarray:
    """Mask logits instead of probabilities, and add Gumbel noise: the largest sum is a draw from the softmax."""
    if temperature == 0:
        return np.argmax(logits, axis=1)
    scaled = logits / temperature
    for keep, setting in [(filter_top_k, top_k or logits.shape[1]), (filter_top_p, top_p), (filter_min_p, min_p)]:
        powers = np.exp(scaled - np.max(scaled, axis=1)[:, np.newaxis])
        scaled = np.where(keep(powers / powers.sum(axis=1)[:, np.newaxis], setting) > 0, scaled, -np.inf)
    return np.argmax(scaled + rng.gumbel(size=scaled.shape), axis=1)


def sample_via_loop(
    logits: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float, rng: np.random.Generator
) -> np.ndarray:
    """Answer for one sequence at a time, with a multinomial draw."""
    tokens = []
    for row in logits.astype(float):
        if temperature == 0:
            tokens.append(row.tolist().index(max(row)))
            continue
        scaled = row / temperature
        probs = np.exp(scaled - np.logaddexp.reduce(scaled))[np.newaxis]
        probs /= probs.sum()
        if top_k:
            probs = filter_top_k(probs, top_k)
        probs = filter_min_p(filter_top_p(probs, top_p), min_p)
        tokens.append(int(rng.multinomial(1, probs[0]).argmax()))
    return np.array(tokens)
