"""Multi-head self-attention.

The tokens x are projected to queries, keys and values, and each head attends within its own columns:

    q = x w_q,   k = x w_k,   v = x w_v              each of shape (..., n_tokens, d_model)
    q_h, k_h, v_h: columns h d_head to (h + 1) d_head - 1, for h = 0, ..., n_heads - 1, with d_head = d_model / n_heads

    scores_h = q_h k_h^T / sqrt(d_head)
    head_h   = softmax(scores_h) v_h                 softmax of each row, over the permitted tokens
    out      = [head_0, head_1, ...] w_o

A token that is not permitted has no part in the sum of the softmax. Where no token is permitted, the head gives zeros.

Scores may be as large as 1e4, of either sign. No eps and no clipping: the result follows the formula.

Source: Vaswani et al., Attention Is All You Need (2017), section 3.2.2.
"""

import math

import numpy as np


def multi_head_attention(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (..., n_tokens, d_model)
        Any number of leading axes, or none. Each sequence attends within itself.
    w_q, w_k, w_v, w_o : arrays of shape (d_model, d_model)
    n_heads : int
    mask : array of bool that broadcasts to (..., n_heads, n_tokens, n_tokens)
        Entry [..., h, i, j] is True where token i may attend to token j in head h. None permits everything.

    Raises
    ------
    ValueError
        If d_model is not a multiple of n_heads.

    Strict
    ------
    - ValueError if n_heads is not positive.

    Examples
    --------
    All scores are equal if w_q is zero. Each token gets the mean of the values that it may see.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> zero, same = np.zeros((2, 2)), np.eye(2)
    >>> multi_head_attention(x, zero, same, same, same, n_heads=2)
    array([[ 2., 20.],
           [ 2., 20.]])

    In the second head a token may see only itself.

    >>> mask = np.array([[[True, True], [True, True]], [[True, False], [False, True]]])
    >>> multi_head_attention(x, zero, same, same, same, 2, mask)
    array([[ 2., 10.],
           [ 2., 30.]])
    """

    def heads(w: np.ndarray) -> np.ndarray:
        # Heads that cannot share the features equally are refused by reshape, with a ValueError.
        return np.swapaxes((x @ w).reshape(*x.shape[:-1], n_heads, -1), -2, -3)

    q, k, v = heads(w_q), heads(w_k), heads(w_v)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    # A row of -inf has no largest score to subtract: any finite number in its place makes its powers 0.
    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(float).min)
    powers = np.exp(scores - top)
    # The largest power of a row is 1, so the sum is below 1 only where there is no permitted key.
    weights = powers / np.maximum(powers.sum(axis=-1, keepdims=True), 1.0)
    return np.swapaxes(weights @ v, -2, -3).reshape(x.shape) @ w_o


def multi_head_attention_via_sum_of_heads(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Add up what the heads write: each scores tokens by its w_q w_k', and passes them on by its w_v w_o."""
    n_tokens, d_model = x.shape[-2:]
    if n_heads < 1:
        raise ValueError("at least one head is needed")
    shape = (*x.shape[:-2], n_heads, n_tokens, n_tokens)
    permitted = np.broadcast_to(True if mask is None else mask, shape)
    out = np.zeros(x.shape)
    for head, own in enumerate(np.split(np.arange(d_model), n_heads)):
        scores = x @ (w_q[:, own] @ w_k[:, own].T) @ np.moveaxis(x, -1, -2) / math.sqrt(len(own))
        seen = permitted[..., head, :, :]
        log_total = np.logaddexp.reduce(scores, axis=-1, keepdims=True, where=seen)
        weights = np.exp(scores - log_total, where=seen, out=np.zeros(scores.shape))
        out += weights @ x @ (w_v[:, own] @ w_o[own])
    return out


def multi_head_attention_via_einsum(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Give the weights a head axis instead of the tokens, and name every axis."""
    if n_heads not in range(1, len(w_q) + 1) or len(w_q) % n_heads:
        raise ValueError("d_model is not a multiple of n_heads")
    q, k, v = (np.einsum("...nm,mhd->...hnd", x, w.reshape(len(w), n_heads, -1)) for w in (w_q, w_k, w_v))
    scores = np.einsum("...qd,...kd->...qk", q, k) * q.shape[-1] ** -0.5
    permitted = np.broadcast_to(True if mask is None else mask, scores.shape)
    top = scores.max(axis=-1, keepdims=True, where=permitted, initial=-1e300)
    powers = np.exp(scores - top, where=permitted, out=np.zeros(scores.shape))
    total = powers.sum(axis=-1, keepdims=True)
    gathered = np.einsum("...qk,...kd->...qd", powers, v)
    heads = np.divide(gathered, total, where=total > 0, out=np.zeros(gathered.shape))
    return np.einsum("...hnd,hdm->...nm", heads, w_o.reshape(n_heads, -1, len(w_o)))


def multi_head_attention_via_loop(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Take one sequence, one head and one token at a time, in plain Python."""
    *leading, n_tokens, d_model = x.shape
    if n_heads <= 0 or n_heads * (d_model // n_heads) != d_model:
        raise ValueError("d_model is not a multiple of n_heads")
    d_head = d_model // n_heads
    permitted = np.broadcast_to(True if mask is None else mask, (*leading, n_heads, n_tokens, n_tokens))
    joined = np.zeros(x.shape)
    for place in np.ndindex(*leading):
        q, k, v = x[place] @ w_q, x[place] @ w_k, x[place] @ w_v
        for head in range(n_heads):
            own = slice(head * d_head, (head + 1) * d_head)
            keys, values = k[:, own].tolist(), v[:, own].tolist()
            for token, query in enumerate(q[:, own].tolist()):
                chosen = np.flatnonzero(permitted[(*place, head, token)]).tolist()
                scores = [sum(a * b for a, b in zip(query, keys[j], strict=True)) / d_head**0.5 for j in chosen]
                top = max(scores, default=0.0)
                powers = [math.exp(score - top) for score in scores]
                total = sum(powers)
                shares = [power / total for power in powers]
                joined[place][token, own] = [
                    sum(share * values[j][column] for j, share in zip(chosen, shares, strict=True))
                    for column in range(d_head)
                ]
    return joined @ w_o
