# different style; both bars
import heapq

import numpy as np


def global_masks(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be from 0 to 1, got {sparsity}")
    # Python's numbers: no overflow of abs, and integers are compared exactly.
    sizes = [abs(value) for w in weights for value in np.asarray(w).ravel().tolist()]
    k = round(float(sparsity) * len(sizes))
    kept = bytearray(b"\x01") * len(sizes)
    for i in heapq.nsmallest(k, range(len(sizes)), key=sizes.__getitem__):
        kept[i] = 0
    masks, start = [], 0
    for w in weights:
        stop = start + np.size(w)
        masks.append(np.array(list(kept[start:stop]), dtype=bool).reshape(np.shape(w)))
        start = stop
    return masks


def magnitude_mask(w: np.ndarray, sparsity: float) -> np.ndarray:
    return global_masks([w], sparsity)[0]


def n_m_mask(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    w = np.asarray(w)
    if w.shape[-1] % m:
        raise ValueError(f"n_in = {w.shape[-1]} is not a multiple of m = {m}")
    if w.dtype.kind == "i":
        sizes = np.abs(w.astype(np.int64)).astype(np.uint64)  # also right for the lowest integer
    else:
        sizes = np.abs(w)
    # A weight is kept if fewer than n of its group go before it: the larger ones, and equal ones to its left.
    mask = np.zeros(w.shape, dtype=bool)
    for i in range(m):
        own = sizes[..., i::m]
        before = np.zeros(own.shape, dtype=np.int64)
        for j in range(m):
            other = sizes[..., j::m]
            before += other >= own if j < i else other > own
        mask[..., i::m] = before < n
    return mask
