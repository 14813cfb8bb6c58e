# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class TripletLoss(NamedTuple):
    loss: float
    grad_anchor: np.ndarray
    grad_positive: np.ndarray
    grad_negative: np.ndarray


class PairLoss(NamedTuple):
    loss: float
    grad_a: np.ndarray
    grad_b: np.ndarray


def triplet_loss(anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0) -> TripletLoss:
    if not np.shape(anchor) == np.shape(positive) == np.shape(negative):
        raise ValueError("the shapes differ")
    a, p, n = (np.asarray(x).astype(float).tolist() for x in (anchor, positive, negative))
    count = len(a)
    losses, grads = [], ([], [], [])
    for x, y, z in zip(a, p, n):
        to_p = [s - t for s, t in zip(x, y)]
        to_n = [s - t for s, t in zip(x, z)]
        d_p, d_n = math.hypot(*to_p), math.hypot(*to_n)
        h = d_p - d_n + margin
        on = h > 0
        losses.append(h if on else 0.0)
        g_p = [-s / d_p / count if on and d_p else 0.0 for s in to_p]
        g_n = [s / d_n / count if on and d_n else 0.0 for s in to_n]
        # a shift of all three points changes nothing: the gradients add up to 0
        grads[0].append([-(s + t) for s, t in zip(g_p, g_n)])
        grads[1].append(g_p)
        grads[2].append(g_n)
    shape = np.shape(anchor)
    return TripletLoss(math.fsum(losses) / count, *(np.array(g, dtype=float).reshape(shape) for g in grads))


def info_nce(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    if np.shape(a) != np.shape(b):
        raise ValueError("the shapes differ")
    # one batch of 2n samples: each one has its partner as target, and its own half is masked
    x = np.concatenate([np.asarray(a, dtype=float), np.asarray(b, dtype=float)])
    total = len(x)
    n = total // 2
    norm = np.sqrt(np.einsum("id,id->i", x, x))
    u = x / norm[:, None]
    s = np.einsum("id,jd->ij", u, u) / temperature
    here = np.arange(total)
    partner = (here + n) % total
    gap = s - s[here, partner][:, None]
    half = here // n
    gap[half[:, None] == half[None, :]] = -np.inf
    gap[here, partner] = -np.inf
    ce = np.logaddexp(0.0, np.logaddexp.reduce(gap, axis=1))  # log(1 + sum of the others)
    g = np.exp(gap - ce[:, None])
    g[here, partner] = -g.sum(axis=1)
    g = (g + g.T) / (total * temperature)
    jacobian = (np.eye(x.shape[1]) - np.einsum("id,ie->ide", u, u)) / norm[:, None, None]
    grad = np.einsum("ide,ij,je->id", jacobian, g, u, optimize=True)
    return PairLoss(float(ce.sum() / total), grad[:n], grad[n:])
