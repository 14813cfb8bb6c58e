# different style; both bars
from math import exp, fsum, inf, log, log1p
from typing import NamedTuple

import numpy as np


class Stumps(NamedTuple):
    base_margin: float
    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray


class Stopping(NamedTuple):
    best_iteration: int
    best_score: float
    n_rounds: int


def sigmoid(m):
    e = exp(-abs(m))
    return 1 / (1 + e) if m >= 0 else e / (1 + e)


def log_loss(m, label):
    wrong = -m if label == 1 else m
    return max(wrong, 0.0) + log1p(exp(-abs(m)))


def between(a, b):
    """The midpoint t, with a < t <= b."""
    t = (a + b) / 2 if abs(a) < 1e300 and abs(b) < 1e300 else a / 2 + b / 2
    return float(t) if a < t <= b else float(b)


def ratio(a, b):
    return a / b if b else 0.0


def fit_xgboost(X: np.ndarray, y: np.ndarray, n_rounds: int, eta: float = 0.3, reg_lambda: float = 1.0) -> Stumps:
    labels = y.tolist()
    n, ones = len(labels), sum(1 for v in labels if v == 1)
    if ones in (0, n):
        raise ValueError("all labels are equal")
    columns = [X[:, j].tolist() for j in range(X.shape[1])]
    orders = [sorted(range(n), key=column.__getitem__) for column in columns]
    base = log(ones / (n - ones))
    margins = [base] * n
    made = []
    for _ in range(n_rounds):
        grad = [-sigmoid(-m) if v == 1 else sigmoid(m) for m, v in zip(margins, labels)]
        hess = [sigmoid(m) * sigmoid(-m) for m in margins]
        G, H = fsum(grad), fsum(hess)
        whole = ratio(G * G, H + reg_lambda)
        options = []
        for j, (column, order) in enumerate(zip(columns, orders)):
            GL = HL = 0.0
            for k in range(1, n):
                GL += grad[order[k - 1]]
                HL += hess[order[k - 1]]
                if column[order[k - 1]] < column[order[k]]:
                    GR, HR = G - GL, H - HL
                    gain = ratio(GL * GL, HL + reg_lambda) + ratio(GR * GR, HR + reg_lambda) - whole
                    options.append((gain, j, k))
        top = max((gain for gain, _, _ in options), default=0.0)
        if top < 1e-9:
            w = -eta * ratio(G, H + reg_lambda)
            made.append((0, inf, w, w))
            margins = [m + w for m in margins]
            continue
        _, j, k = next(o for o in options if o[0] >= max(top - 1e-9, 1e-9))
        column, order = columns[j], orders[j]
        sides = []
        for part in (order[:k], order[k:]):
            w = -eta * ratio(fsum(grad[i] for i in part), fsum(hess[i] for i in part) + reg_lambda)
            sides.append(w)
            for i in part:
                margins[i] += w
        made.append((j, between(column[order[k - 1]], column[order[k]]), *sides))
    features, thresholds, left, right = zip(*made) if made else ((), (), (), ())
    return Stumps(base, np.array(features, dtype=int), *(np.array(v, dtype=float) for v in (thresholds, left, right)))


def rounds(stumps):
    return list(zip(*(np.asarray(part).tolist() for part in stumps[1:])))


def predict_proba(stumps: Stumps, X: np.ndarray, n_rounds: int | None = None) -> np.ndarray:
    used = rounds(stumps)[:n_rounds]
    base = float(stumps.base_margin)
    return np.array(
        [sigmoid(base + fsum(a if x[j] < t else b for j, t, a, b in used)) for x in X.tolist()], dtype=float
    )


def early_stopping(stumps: Stumps, X: np.ndarray, y: np.ndarray, patience: int) -> Stopping:
    rows, labels = X.tolist(), y.tolist()
    margins = [float(stumps.base_margin)] * len(rows)
    losses = []
    for j, t, a, b in rounds(stumps):
        margins = [m + (a if x[j] < t else b) for m, x in zip(margins, rows)]
        losses.append(fsum(map(log_loss, margins, labels)) / len(labels))
        earlier, last = losses[:-patience], losses[-patience:]
        if earlier and min(last) >= min(earlier):
            break
    best = min(losses)
    return Stopping(losses.index(best), best, len(losses))
