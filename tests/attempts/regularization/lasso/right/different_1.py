# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    intercept: float
    coef: np.ndarray


def soft_threshold(z: np.ndarray, t: float) -> np.ndarray:
    z = np.asarray(z)
    t = float(t)
    # the median of z - t, 0 and z + t
    moved = [v if v != v else sorted((v - t, 0.0, v + t))[1] for v in map(float, z.ravel().tolist())]
    return np.array(moved, dtype=float).reshape(z.shape)[()]


def _centre(values):
    origin = sorted(values)[len(values) // 2]
    dev = [float(v - origin) for v in values]
    if not any(dev):
        return dev
    for _ in range(2):
        mean = math.fsum(dev) / len(dev)
        dev = [d - mean for d in dev]
    return dev


def _active_set(U, y, penalty, slack):
    """Minimise |y - U b|^2 / 2 + sum(penalty |b|) exactly: grow a set of independent columns with known signs."""
    m = U.shape[1]
    b, G = np.zeros(m), U.T @ U
    active, sign = [], {}
    banned = set()
    for _ in range(30 * (m + len(y)) + 100):
        r = y - U @ b
        c = U.T @ r
        over = np.abs(c) - penalty
        if active:
            off = max(abs(c[j] - penalty[j] * sign[j]) for j in active)
        else:
            off = 0.0
        fresh = None
        if off <= slack:
            over[active] = -np.inf
            if banned:
                over[list(banned)] = -np.inf
            j = int(over.argmax())
            if over[j] <= slack:
                return b
            fresh = j
            active.append(j)
            sign[j] = 1.0 if c[j] > 0 else -1.0
        # solve on the active columns, the new one last
        columns = U[:, active]
        R = gram = None
        if len(active) <= len(y):
            gram = G[np.ix_(active, active)]
            try:
                if np.linalg.cholesky(gram).diagonal().min() < 1e-4:
                    gram = None
            except np.linalg.LinAlgError:
                gram = None
            R = np.linalg.qr(columns, mode="r") if gram is None else None
        signs = np.array([sign[j] for j in active])
        if gram is None and (R is None or (fresh is not None and abs(R[-1, -1]) < 1e-11)):
            # dependent: move along the null direction until a coefficient reaches 0
            inner = np.linalg.lstsq(columns[:, :-1], columns[:, -1], rcond=None)[0]
            step = np.append(-inner, 1.0) * sign[fresh]
            length = math.inf
        else:
            rhs = c[active] - penalty[active] * signs
            step = np.linalg.solve(R, np.linalg.solve(R.T, rhs)) if gram is None else np.linalg.solve(gram, rhs)
            length = 1.0
            if fresh is not None and step[-1] * sign[fresh] <= 0:
                active.pop()
                banned.add(fresh)
                continue
        leaving = None
        for k, j in enumerate(active):
            if j != fresh and step[k] * sign[j] < 0:
                reach = -b[j] / step[k]
                if reach < length:
                    length, leaving = reach, j
        if length == math.inf:
            active.pop()
            banned.add(fresh)
            continue
        if length > 0:
            banned.clear()
        b[active] += length * step
        if leaving is not None:
            b[leaving] = 0.0
            active.remove(leaving)
    return b


def _descend(U, y, penalty, b, goal):
    """Coordinate descent from b until each condition holds to within goal, or rounding allows no progress."""
    r = y - U @ b
    best, stale = math.inf, 0
    while True:
        c = U.T @ r
        gap = np.where(b != 0, np.abs(c - penalty * np.sign(b)), np.maximum(np.abs(c) - penalty, 0.0))
        worst = float((gap / goal).max())
        if worst <= 1.0:
            return b
        if worst < 0.999 * best:
            best, stale = worst, 0
        else:
            stale += 1
            if stale > 2000:
                return b
        for j in range(len(b)):
            u = U[:, j]
            z = b[j] + float(u @ r)
            new = math.copysign(max(abs(z) - penalty[j], 0.0), z) if abs(z) > penalty[j] else 0.0
            if new != b[j]:
                r -= (new - b[j]) * u
                b[j] = new
        r = y - U @ b


def fit_lasso(X: np.ndarray, y: np.ndarray, alpha: float, tol: float = 1e-8) -> Fit:
    if not alpha >= 0:
        raise ValueError("alpha must not be negative")
    X = np.asarray(X)
    n, p = X.shape
    alpha = float(alpha)
    raw = {j: X[:, j].tolist() for j in range(p)}
    labels = np.asarray(y).tolist()
    target = np.array(_centre(labels), dtype=float)
    varied, units, sizes = [], [], []
    for j in range(p):
        dev = _centre(raw[j])
        size = math.hypot(*dev)
        if size > 0.0:
            varied.append(j)
            sizes.append(size)
            units.append([d / size for d in dev])
    coef = np.zeros(p)
    length = math.hypot(*target)
    if varied and length > 0.0:
        U, size = np.array(units).T.copy(), np.array(sizes)
        # b = size * coef; the conditions, times n / size: u . r = n alpha / size * sign(b)
        penalty = n * alpha / size
        goal = np.maximum(n * float(tol) / size * 0.5, 1e-300)
        if alpha == 0.0:
            # below its rounding level a direction is noise
            reach = max(float(max(map(abs, raw[j]))) / s for j, s in zip(varied, sizes))
            cut = max(1e-14, min(1e-9, 1e-15 * math.sqrt(n) * reach))
            b = np.linalg.lstsq(U, target, rcond=cut)[0]
            b += np.linalg.lstsq(U, target - U @ b, rcond=cut)[0]
        else:
            slack = max(1e-14 * length * math.sqrt(n), min(1e-11 * length, float(goal.min())))
            b = _active_set(U, target, penalty, slack)
        b = _descend(U, target, penalty, b, goal)
        for k, j in enumerate(varied):
            coef[j] = b[k] / size[k]
    weights = coef.tolist()
    rests = [float(labels[i]) - math.fsum(w * float(raw[j][i]) for j, w in enumerate(weights) if w) for i in range(n)]
    return Fit(math.fsum(rests) / n, coef)
