# candidate, par time, from the stub alone
import numpy as np


def magnitude_mask(w: np.ndarray, sparsity: float) -> np.ndarray:
    k = round(sparsity * w.size)
    mask = np.ones(w.size, dtype=bool)
    mask[np.argsort(np.abs(w).ravel())[:k]] = False
    return mask.reshape(w.shape)


def global_masks(weights: list[np.ndarray], sparsity: float) -> list[np.ndarray]:
    flat = np.concatenate([w.ravel() for w in weights])
    mask = magnitude_mask(flat, sparsity)
    masks, start = [], 0
    for w in weights:
        masks.append(mask[start : start + w.size].reshape(w.shape))
        start += w.size
    return masks


def n_m_mask(w: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    if w.shape[-1] % m != 0:
        raise ValueError("n_in is not a multiple of m")
    groups = np.abs(w).reshape(-1, m)
    keep = np.argsort(groups, axis=1)[:, m - n :]
    mask = np.zeros(groups.shape, dtype=bool)
    np.put_along_axis(mask, keep, True, axis=1)
    return mask.reshape(w.shape)
