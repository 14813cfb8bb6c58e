"""Multi-head self-attention.

One softmax can follow one pattern at a time. Several heads, each in a subspace of its own, can follow several. A
token's vector, of size d_model, is projected to a query, a key and a value, each of size d_model too:

    q = x w_q,   k = x w_k,   v = x w_v

Head h, counted from 0, takes columns h d_head to (h + 1) d_head - 1 of each, where d_head = d_model / n_heads, and
attends within them:

    scores  = q_h k_h' / sqrt(d_head)
    weights = softmax of each row of scores, over the keys that the token may attend to
    head_h  = weights v_h

Side by side, in the order of h, the heads' results have size d_model again, and w_o mixes them:

    out = [head_0, head_1, ...] w_o

There are no biases. A key that is not permitted has no part in the softmax, and a token that
may attend to no key in a head gets zeros from that head.

Compute the softmax so that it holds for scores as large as 10,000: no eps is added and nothing is clipped.

Source: Vaswani et al. (2017), Attention Is All You Need, section 3.2.2. What are separate projections for each head
there are the head's columns of w_q, w_k and w_v here. PyTorch's MultiheadAttention keeps the same matrices transposed,
and in its masks True means forbidden.
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
    """Let each token gather from the others, in several heads at once.

    Parameters
    ----------
    x : array of shape (..., n_tokens, d_model)
        One sequence, or an array of them with any number of leading axes; each sequence attends within itself. All
        numbers are finite, and scores lie between -10,000 and 10,000.
    w_q, w_k, w_v, w_o : arrays of shape (d_model, d_model)
        They multiply from the right: x w.
    n_heads : int
    mask : array of booleans, of a shape that NumPy broadcasts to (..., n_heads, n_tokens, n_tokens)
        Entry [..., h, i, j] is True where token i may attend to token j in head h. The dots are x's leading axes. A
        mask for all sequences and heads has shape (n_tokens, n_tokens); one for each head, the same in all sequences,
        (n_heads, n_tokens, n_tokens); one for each sequence of a batch, (batch, 1, n_tokens, n_tokens). None permits
        everything.

    Returns
    -------
    array of the shape of x

    Raises
    ------
    ValueError
        If n_heads is not positive, or d_model is not a multiple of it.

    Examples
    --------
    All scores are equal if w_q is zero: each token gets the mean of the values it may see.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> zero, same = np.zeros((2, 2)), np.eye(2)
    >>> multi_head_attention(x, zero, same, same, same, n_heads=2)
    array([[ 2., 20.],
           [ 2., 20.]])

    Two heads of size 1, the second of which sees only the token itself.

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
