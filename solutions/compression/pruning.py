"""Pruning by magnitude: which weights of a network to set to 0.

The smallest weights in absolute value go. The result is a mask, True where a weight is kept, since later steps of
training have to keep the others at 0. A sparsity of 0.9 prunes 90 % of the weights: of n weights exactly

    k = round(sparsity * n)        by Python's round

Of weights of equal size any may go, as long as the count is exact. A weight that is 0 already counts among the n, and
is smaller than all that are not.

Sources: Han et al., Learning both Weights and Connections for Efficient Neural Networks (2015), section 3; Mishra et
al., Accelerating Sparse Deep Neural Networks (2021), section 3, for n:m.

Strict
------
- k is rounded as Python does it: halves to the even integer.
- ValueError if sparsity is not in [0, 1].
"""

import heapq

import numpy as np


def magnitude_mask(w: np.ndarray, sparsity: float) -> np.ndarray:
    """Return the mask of one layer: False for the k smallest weights.

    Parameters
    ----------
    w : array of any shape
    sparsity : float
        From 0 to 1.

    Returns
    -------
    array of bool, in the shape of w

    Examples
    --------
    >>> magnitude_mask(np.array([[3.0, -0.1], [-4.0, 0.0]]), 0.5)
    array([[ True, False],
           [ True, False]])
    """
    (mask,) = global_masks([w], sparsity)
    return mask


def global_masks(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    """Return the masks of several layers, pruned together: n counts the weights of all, and all are compared.

    Examples
    --------
    >>> global_masks([np.array([3.0, 4.0]), np.array([[0.1, -5.0, 0.2]])], 0.4)
    [array([ True,  True]), array([[False,  True, False]])]
    """
    if not 0 <= sparsity <= 1:
        raise ValueError(f"a sparsity is from 0 to 1, not {sparsity}")
    sizes = np.concatenate([np.abs(w, dtype=float).ravel() for w in weights])
    kept = np.ones(len(sizes), dtype=bool)
    kept[np.argsort(sizes)[: round(sparsity * len(sizes))]] = False
    ends = np.cumsum([w.size for w in weights])
    return [part.reshape(w.shape) for part, w in zip(np.split(kept, ends[:-1]), weights, strict=True)]


def n_m_mask(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    """Return the mask that keeps the n largest of each m neighbours along the last axis.

    Parameters
    ----------
    w : array of shape (..., n_in)
        The first group is w[..., :m].
    n, m : int
        n from 1 to m. Exactly n of each group are kept, even if more of them are 0.

    Raises
    ------
    ValueError
        If n_in is not a multiple of m.

    Examples
    --------
    >>> n_m_mask(np.array([[5.0, -6.0, 7.0, -8.0, 0.1, 0.0, -0.2, 0.0]])).astype(int)
    array([[0, 0, 1, 1, 1, 0, 1, 0]])
    """
    if w.shape[-1] % m:
        raise ValueError(f"{w.shape[-1]} inputs do not make groups of {m}")
    groups = np.abs(w, dtype=float).reshape(-1, m)
    kept = np.zeros(groups.shape, dtype=bool)
    np.put_along_axis(kept, np.argsort(groups)[:, -n:], values=True, axis=1)
    return kept.reshape(w.shape)


def magnitude_mask_via_threshold(w: np.ndarray, sparsity: float) -> np.ndarray:
    """Keep what is larger than the k-th smallest; of those equal to it keep as many as are missing."""
    if sparsity < 0 or sparsity > 1:
        raise ValueError("a sparsity is a share")
    sizes = np.abs(w.astype(float))
    n_kept = w.size - round(sparsity * w.size)
    if n_kept == 0:
        return np.zeros(w.shape, dtype=bool)
    threshold = np.sort(sizes, axis=None)[-n_kept]
    kept = sizes > threshold
    tied = np.flatnonzero(sizes == threshold)
    kept.flat[tied[: n_kept - int(kept.sum())]] = True
    return kept


def magnitude_mask_via_sorting(w: np.ndarray, sparsity: float) -> np.ndarray:
    """Sort the places by the size of what stands there, in plain Python."""
    if sparsity < 0 or sparsity > 1:
        raise ValueError("a sparsity is a share")
    places = sorted(np.ndindex(w.shape), key=lambda place: abs(float(w[place])))
    kept = np.empty(w.shape, dtype=bool)
    for rank, place in enumerate(places):
        kept[place] = rank >= round(sparsity * w.size)
    return kept


def global_masks_via_heap(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    """Take the smallest weight of all layers out of a heap, k times."""
    if sparsity < 0 or sparsity > 1:
        raise ValueError("a sparsity is a share")
    heap = [(abs(value), layer, k) for layer, w in enumerate(weights) for k, value in enumerate(w.ravel().tolist())]
    masks = [np.ones(w.shape, dtype=bool) for w in weights]
    for _, layer, k in heapq.nsmallest(round(sparsity * len(heap)), heap):
        masks[layer].flat[k] = False
    return masks


def global_masks_via_partition(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    """Lay the layers end to end, split their places into k small and the rest large, and cut them up again."""
    if sparsity < 0 or sparsity > 1:
        raise ValueError("a sparsity is a share")
    sizes = np.hstack([np.fabs(w).flatten() for w in weights])
    k = round(sparsity * sizes.size)
    order = np.argpartition(sizes, k) if k < sizes.size else np.arange(k)
    kept = np.isin(np.arange(sizes.size), order[k:])
    masks, start = [], 0
    for w in weights:
        masks.append(kept[start : start + w.size].reshape(w.shape))
        start += w.size
    return masks


def n_m_mask_via_loop(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    """Go from group to group, and keep the n largest places of each."""
    if w.shape[-1] % m != 0:
        raise ValueError("the groups do not fill a row")
    kept = np.zeros(w.size, dtype=bool)
    sizes = [abs(value) for value in w.ravel().tolist()]
    for start in range(0, w.size, m):
        for place in heapq.nlargest(n, range(start, start + m), key=sizes.__getitem__):
            kept[place] = True
    return kept.reshape(w.shape)


def n_m_mask_via_rivals(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    """Count for each weight those of its group that go before it: larger ones, and equal ones further left."""
    if w.shape[-1] % m != 0:
        raise ValueError("the groups do not fill a row")
    groups = np.fabs(w).reshape(-1, m)
    mine, theirs = groups[:, :, np.newaxis], groups[:, np.newaxis, :]
    before = (theirs > mine) | ((theirs == mine) & np.tri(m, k=-1, dtype=bool))
    return (before.sum(axis=2) < n).reshape(w.shape)
