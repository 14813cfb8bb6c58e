"""The linear support vector machine, with the duality gap that proves a fit right.

The primal problem, over weights w and an intercept b, for labels y of -1 and 1:

    P(w, b) = 1/2 * ||w||^2 + C * sum_i max(0, 1 - y_i * (x_i . w + b))

The dual problem, over one number for each sample:

    D(alpha) = sum_i alpha_i - 1/2 * ||sum_i alpha_i * y_i * x_i||^2
    where 0 <= alpha_i <= C and sum_i alpha_i * y_i = 0

The last constraint is there because b has no penalty. P is never below D, and at the optimum they are equal, with
w = sum_i alpha_i * y_i * x_i. So a gap P - D near 0 proves that both are optimal.

Source: Cortes and Vapnik, Support-Vector Networks (1995); Keerthi et al. (2001) for pairs of samples.

Strict
------
- fit_svm: ValueError if a label is not -1 or 1, a class is missing, or C is not positive.
- fit_svm: at C = 50 a fit may take thousands of steps.
"""

from typing import NamedTuple

import numpy as np


class Svm(NamedTuple):
    """The weights w, the intercept b, and the dual variables of the samples."""

    coef: np.ndarray
    intercept: float
    alpha: np.ndarray


def duality_gap(X: np.ndarray, y: np.ndarray, coef: np.ndarray, intercept: float, alpha: np.ndarray, C: float) -> float:
    """Return P(coef, intercept) - D(alpha).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Labels -1 and 1.
    coef : array of shape (n_features,)
    intercept : float
    alpha : array of shape (n_samples,)
        Feasible. coef need not belong to it.
    C : float

    Examples
    --------
    At w = 0 and b = 0 both samples lose 1, so P = 2 * C.

    >>> X, y = np.array([[1.0], [4.0]]), np.array([-1, 1])
    >>> duality_gap(X, y, np.zeros(1), 0.0, np.zeros(2), C=3.0)
    6.0
    """
    loss = np.maximum(0, 1 - y * (X @ coef + intercept)).sum()
    dual_coef = (alpha * y) @ X
    return float(coef @ coef / 2 + C * loss - alpha.sum() + dual_coef @ dual_coef / 2)


def fit_svm(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Return a solution whose duality gap is at most tol * P(coef, intercept).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        A few dozen samples. Features vary by a few units, or more if the classes are far apart. Rows may repeat,
        with the same label or the other.
    y : array of shape (n_samples,)
        Labels -1 and 1; both occur.
    C : float
        Positive, and at most 50.
    tol : float
        Positive.

    Returns
    -------
    Svm
        alpha meets its constraints to within 1e-9, and coef is sum_i alpha_i * y_i * x_i. If several intercepts or
        alphas are optimal, return any.

    Examples
    --------
    >>> coef, intercept, alpha = fit_svm(np.array([[1.0], [4.0]]), np.array([-1, 1]))
    >>> coef.round(6), round(intercept, 6), alpha.round(6)
    (array([0.666667]), -1.666667, array([0.222222, 0.222222]))
    """
    _check(y, C)
    coef, alpha = np.zeros(X.shape[1]), np.zeros(len(y))
    while True:
        # Moving alpha_i * y_i up by a step and that of j down keeps the sum; it raises D if target_i > target_j.
        target = y - X @ coef
        up, down = np.where(y > 0, alpha < C, alpha > 0), np.where(y > 0, alpha > 0, alpha < C)
        i, j = np.where(up, target, -np.inf).argmax(), np.where(down, target, np.inf).argmin()
        intercept = (target[i] + target[j]) / 2
        gap = duality_gap(X, y, coef, intercept, alpha, C)
        # P = D + gap, which is at most D / (1 - tol).
        if gap <= tol * (gap + alpha.sum() - coef @ coef / 2):
            return Svm(coef, float(intercept), alpha)
        apart = X[i] - X[j]
        room = min(C - alpha[i] if y[i] > 0 else alpha[i], alpha[j] if y[j] > 0 else C - alpha[j])
        step = min(room, (target[i] - target[j]) / max(apart @ apart, 1e-300))
        alpha[i] += y[i] * step
        alpha[j] -= y[j] * step
        coef += step * apart


def _check(y: np.ndarray, C: float) -> None:
    if set(y.tolist()) != {-1, 1}:
        raise ValueError("the labels must be -1 and 1, and both must occur")
    if not C > 0:
        raise ValueError(f"C must be positive, not {C}")


def duality_gap_via_loop(
    X: np.ndarray, y: np.ndarray, coef: np.ndarray, intercept: float, alpha: np.ndarray, C: float
) -> float:
    """Add the samples one by one."""
    primal, dual, weights = sum(w * w for w in coef.tolist()) / 2, 0.0, [0.0] * X.shape[1]
    for row, label, weight in zip(X.tolist(), y.tolist(), alpha.tolist(), strict=True):
        score = intercept + sum(x * w for x, w in zip(row, coef.tolist(), strict=True))
        primal += C * max(0.0, 1 - label * score)
        dual += weight
        weights = [w + weight * label * x for w, x in zip(weights, row, strict=True)]
    return primal - dual + sum(w * w for w in weights) / 2


def duality_gap_via_gram(
    X: np.ndarray, y: np.ndarray, coef: np.ndarray, intercept: float, alpha: np.ndarray, C: float
) -> float:
    """Take the dual's square from the products of samples, as a kernel would."""
    signed = X * y[:, np.newaxis]
    slack = 1 - signed @ coef - y * intercept
    dual = alpha.sum() - alpha @ (signed @ signed.T) @ alpha / 2
    return float(np.sum(coef**2) / 2 + C * slack[slack > 0].sum() - dual)


def fit_svm_via_kernel(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Keep the scores of the samples instead of the weights, and take for each sample in turn the best partner."""
    _check(y, C)
    gram, labels = (X @ X.T).tolist(), y.tolist()
    samples, bottoms = range(len(labels)), [min(0.0, label * C) for label in labels]
    signed, scores = [0.0] * len(labels), [0.0] * len(labels)
    while True:
        for i in samples:
            # What rounding leaves of a room is none, or it would be handed round for ever.
            partners = [j for j in samples if signed[j] - bottoms[j] > 1e-12 * C]
            if bottoms[i] + C - signed[i] < 1e-12 * C or not partners:
                continue
            j = min(partners, key=lambda j: labels[j] - scores[j])
            gain = labels[i] - scores[i] - labels[j] + scores[j]
            if gain <= 0:
                continue
            room = min(bottoms[i] + C - signed[i], signed[j] - bottoms[j])
            apart = gram[i][i] + gram[j][j] - 2 * gram[i][j]
            step = min(room, gain / apart) if apart > 0 else room
            signed[i] += step
            signed[j] -= step
            scores = [s + step * (a - b) for s, a, b in zip(scores, gram[i], gram[j], strict=True)]
        coef, alpha = np.array(signed) @ X, np.abs(signed)
        # The loss is linear between the intercepts at which a sample meets its margin: one of them is best.
        kinks = [label - score for label, score in zip(labels, scores, strict=True)]
        intercept = min(kinks, key=lambda b: np.maximum(0, 1 - y * (scores + np.array(b))).sum())
        gap = duality_gap_via_loop(X, y, coef, intercept, alpha, C)
        if gap <= tol * (gap + alpha.sum() - coef @ coef / 2):
            return Svm(coef, intercept, alpha)


def fit_svm_via_interior_point(X: np.ndarray, y: np.ndarray, C: float = 1.0, tol: float = 1e-6) -> Svm:
    """Follow the central path: Newton steps on the conditions of the optimum, with products that shrink to 0."""
    _check(y, C)
    signed, n = X * y[:, np.newaxis], len(y)
    alpha, low, high, intercept = np.full(n, C / 2), np.ones(n), np.ones(n), 0.0
    while True:
        coef = alpha @ signed
        rest = C - alpha
        gap = duality_gap_via_gram(X, y, coef, intercept, alpha, C)
        if gap <= tol * (gap + alpha.sum() - coef @ coef / 2) and abs(alpha @ y) < 1e-10:
            return Svm(coef, float(intercept), alpha)
        centre = 0.1 * (alpha @ low + rest @ high) / (2 * n)
        system = np.zeros((n + 1, n + 1))
        system[:n, :n] = signed @ signed.T + np.diag(low / alpha + high / rest)
        system[n, :n] = system[:n, n] = y
        right = 1 - signed @ coef - y * intercept + centre / alpha - centre / rest
        *move, turn = np.linalg.solve(system, np.append(right, -(alpha @ y)))
        move = np.array(move)
        lower, higher = (centre - low * move) / alpha - low, (centre + high * move) / rest - high
        pairs = [(alpha, move), (rest, -move), (low, lower), (high, higher)]
        length = min(1.0, *(0.99 * np.min(-v[d < 0] / d[d < 0], initial=2.0) for v, d in pairs))
        alpha = alpha + length * move
        intercept += length * turn
        low, high = low + length * lower, high + length * higher
