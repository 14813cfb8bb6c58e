"""Grouped-query attention.

Keys and values of each token are kept while a model generates. To keep less, n_heads query heads share n_kv_heads heads
of keys and values. The query heads of a group stand next to each other:

    q = x w_q, k = x w_k, v = x w_v
    d_head = (columns of w_q) / n_heads                  it need not be d_model / n_heads
    q_h: columns h d_head to (h + 1) d_head - 1 of q     the same for k_j and v_j

    head_h = softmax(q_h k_j^T / sqrt(d_head)) v_j       h = 0, ..., n_heads - 1
             with j = h // (n_heads / n_kv_heads)
    out    = [head_0, head_1, ...] w_o

n_kv_heads = n_heads is multi-head attention, n_kv_heads = 1 is multi-query attention. Scores may be as large as 1e4,
of either sign.

Both functions raise ValueError if n_heads is not a multiple of n_kv_heads.

Source: Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints (2023),
section 2.
"""

import numpy as np


def grouped_query_attention(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    n_kv_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Return the tokens' outputs, in the shape of x.

    Parameters
    ----------
    x : array of shape (n_sequences, n_tokens, d_model)
    w_q : array of shape (d_model, n_heads * d_head)
    w_k, w_v : arrays of shape (d_model, n_kv_heads * d_head)
    w_o : array of shape (n_heads * d_head, d_model)
    n_heads, n_kv_heads : int
    mask : array of bool, of shape (n_tokens, n_tokens)
        True where token i (row) may attend to token j. Each row has a True. None permits everything.

    Examples
    --------
    One token, four query heads of size 1. Heads 0 and 1 get the value 5, heads 2 and 3 the value 7.

    >>> w_q, w_k, w_v = np.ones((1, 4)), np.ones((1, 2)), np.array([[5.0, 7.0]])
    >>> w_o = np.array([[1.0], [10.0], [100.0], [1000.0]])
    >>> grouped_query_attention(np.array([[[1.0]]]), w_q, w_k, w_v, w_o, n_heads=4, n_kv_heads=2)
    array([[[7755.]]])
    """
    _refuse_uneven(n_heads, n_kv_heads)
    n_sequences, n_tokens, _ = x.shape
    # Axes: sequence, key-value head, query head within its group, token, feature.
    q = (x @ w_q).reshape(n_sequences, n_tokens, n_kv_heads, n_heads // n_kv_heads, -1).transpose(0, 2, 3, 1, 4)
    k, v = ((x @ w).reshape(n_sequences, n_tokens, n_kv_heads, 1, -1).transpose(0, 2, 3, 1, 4) for w in (w_k, w_v))
    scores = q @ k.swapaxes(3, 4) / np.sqrt(q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    heads = powers / powers.sum(axis=-1, keepdims=True) @ v
    return heads.transpose(0, 3, 1, 2, 4).reshape(n_sequences, n_tokens, -1) @ w_o


def pool_kv_heads(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    """Turn w_k or w_v of multi-head attention into that of grouped-query attention: average the heads of each group.

    Parameters
    ----------
    w : array of shape (d_model, n_heads * d_head)
    n_heads, n_kv_heads : int

    Examples
    --------
    Four heads of size 2 become two.

    >>> pool_kv_heads(np.array([[1.0, 10.0, 3.0, 30.0, 5.0, 50.0, 9.0, 90.0]]), n_heads=4, n_kv_heads=2)
    array([[ 2., 20.,  7., 70.]])
    """
    _refuse_uneven(n_heads, n_kv_heads)
    return w.reshape(len(w), n_kv_heads, n_heads // n_kv_heads, -1).mean(axis=2).reshape(len(w), -1)


def _refuse_uneven(n_heads: int, n_kv_heads: int) -> None:
    if n_heads % n_kv_heads:
        raise ValueError(f"{n_heads} query heads cannot share {n_kv_heads} key-value heads evenly")


def grouped_query_attention_via_copies(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    n_kv_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Copy each head of keys and values for its group: what remains is multi-head attention."""
    if n_heads % n_kv_heads != 0:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    owners = [h * n_kv_heads // n_heads for h in range(n_heads)]
    q = np.stack(np.split(x @ w_q, n_heads, axis=2), axis=1)
    k, v = (np.stack(np.split(x @ w, n_kv_heads, axis=2), axis=1)[:, owners] for w in (w_k, w_v))
    scores = np.einsum("shqd,shkd->shqk", q, k) * q.shape[3] ** -0.5
    seen = np.broadcast_to(True if mask is None else mask, scores.shape)
    top = scores.max(axis=3, keepdims=True, where=seen, initial=-np.inf)
    powers = np.exp(scores - top, where=seen, out=np.zeros(scores.shape))
    heads = np.einsum("shqk,shkd->shqd", powers, v) / powers.sum(axis=3, keepdims=True)
    return np.concatenate([*np.moveaxis(heads, 1, 0)], axis=2) @ w_o


def grouped_query_attention_via_wide_keys(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    n_kv_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Write the shared columns out in w_k and w_v, and add up what the heads write."""
    if n_heads not in range(n_kv_heads, n_heads + 1, n_kv_heads):
        raise ValueError("the groups are not of one size")
    d_head = w_q.shape[1] // n_heads
    owner = np.arange(n_heads) * n_kv_heads // n_heads
    columns = owner[:, np.newaxis] * d_head + np.arange(d_head)
    out = np.zeros(x.shape)
    for h, shared in enumerate(columns):
        own = slice(h * d_head, (h + 1) * d_head)
        scores = x @ (w_q[:, own] @ w_k[:, shared].T) @ np.moveaxis(x, 1, 2) / d_head**0.5
        scores = scores if mask is None else np.where(mask, scores, -np.inf)
        powers = np.exp(scores - np.max(scores, axis=2, keepdims=True))
        out += (powers @ x / np.sum(powers, axis=2, keepdims=True)) @ (w_v[:, shared] @ w_o[own])
    return out


def grouped_query_attention_via_stacked_queries(
    x: np.ndarray,
    w_q: np.ndarray,
    w_k: np.ndarray,
    w_v: np.ndarray,
    w_o: np.ndarray,
    n_heads: int,
    n_kv_heads: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Let a group's queries stand one below the other, as if they were more tokens of a single head."""
    group, d_head = n_heads // n_kv_heads, w_q.shape[1] // n_heads
    if group * n_kv_heads != n_heads:
        raise ValueError("some query heads are left over")
    joined = np.empty((*x.shape[:2], w_q.shape[1]))
    permitted = np.tile(np.ones((x.shape[1], x.shape[1]), dtype=bool) if mask is None else mask, (group, 1))
    for s, tokens in enumerate(x):
        for j in range(n_kv_heads):
            own = [slice((j * group + i) * d_head, (j * group + i + 1) * d_head) for i in range(group)]
            queries = np.concatenate([tokens @ w_q[:, columns] for columns in own])
            keys, values = (tokens @ w[:, j * d_head : (j + 1) * d_head] for w in (w_k, w_v))
            found = np.empty(queries.shape)
            for row, (query, seen) in enumerate(zip(queries, permitted, strict=True)):
                scores = keys[seen] @ query / np.sqrt(d_head)
                powers = np.exp(scores - scores.max())
                found[row] = powers @ values[seen] / powers.sum()
            for columns, head in zip(own, np.split(found, group), strict=True):
                joined[s, :, columns] = head
    return joined @ w_o


def pool_kv_heads_via_loop(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    """Add up the heads one by one, each where its group is."""
    group, rest = divmod(n_heads, n_kv_heads)
    if rest:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    pooled = np.zeros((n_kv_heads, len(w), w.shape[1] // n_heads))
    for h, head in enumerate(np.split(w, n_heads, axis=1)):
        pooled[h // group] += head / group
    return np.hstack([*pooled])


def pool_kv_heads_via_matrix(w: np.ndarray, n_heads: int, n_kv_heads: int) -> np.ndarray:
    """Multiply by the matrix that takes the means."""
    if n_kv_heads > n_heads or n_heads % n_kv_heads != 0:
        raise ValueError("n_heads is not a multiple of n_kv_heads")
    group = n_heads // n_kv_heads
    means = np.kron(np.eye(n_kv_heads), np.full((group, 1), 1 / group))
    return w @ np.kron(means, np.eye(w.shape[1] // n_heads))
