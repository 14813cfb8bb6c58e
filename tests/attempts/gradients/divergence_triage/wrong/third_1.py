# wrong (core): r keeps steps where only some layers' ratios are finite (max over the finite ones)
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- divergence_triage
"""Name the cause when training goes wrong, from what was logged.

triage goes through these checks from top to bottom. The first one that holds gives the answer. The learning rate comes
late: it cannot cause what is wrong before the first step.

    answer            check
    "not_finite"      losses[0] or an entry of grad_norms[0] is NaN or infinite
    "large_start"     losses[0] > 10 * chance_loss
    "no_gradient"     an entry of grad_norms[-1] is 0
    "exploding"       grad_norms[0, 0] > 1000 * grad_norms[0, -1]
    "vanishing"       detect_vanishing(grad_norms)
    "saturated"       an entry of saturated > 0.9
    "lr_too_large"    diverged, and r > 0.1
    "spike"           diverged
    "tiny_updates"    stalled, and r < 1e-5
    "stalled"         stalled
    "healthy"         always

    diverged: a loss is NaN or infinite, or losses[-1] > 2 * losses[0]
    stalled:  losses[-1] > 0.99 * losses[0]
    r:        the largest update ratio of each step; of these the median over the steps whose ratios are all finite

Source: Stanford CS231n, notes on Neural Networks part 3; Deep Learning Tuning Playbook (2023), optimization failures.
"""

import numpy as np


def update_ratio(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    """Return, for each layer, the Frobenius norm of the change over that of the weights before.

    If the weights before are 0, the ratio is inf, or 0 without a change.

    Parameters
    ----------
    before, after : lists of arrays
        The weights of each layer before and after a step.

    Examples
    --------
    >>> update_ratio([np.array([[3.0, 4.0]]), np.array([8.0])], [np.array([[3.0, 4.5]]), np.array([6.0])])
    array([0.1 , 0.25])
    """
    ratios = []
    for old, new in zip(before, after):
        old = np.asarray(old, dtype=np.float64)
        new = np.asarray(new, dtype=np.float64)
        size = np.linalg.norm(old.ravel())
        change = np.linalg.norm((new - old).ravel())
        if size == 0:
            ratios.append(0.0 if change == 0 else np.inf)
        else:
            ratios.append(change / size)
    return np.array(ratios, dtype=np.float64)


def detect_vanishing(grad_norms: np.ndarray, threshold: float = 1e-3) -> bool:
    """Return whether the median over the steps of grad_norms[:, 0] / grad_norms[:, -1] is below threshold.

    Steps where any layer's norm is NaN or infinite, or the last is 0, are left out. False if none is left.

    Parameters
    ----------
    grad_norms : array of shape (n_steps, n_layers)
        The norm of each layer's gradient, the first layer first.

    Examples
    --------
    >>> detect_vanishing(np.array([[1e-6, 0.1, 1.0], [0.5, 0.1, 1.0], [1e-6, 0.1, 1.0]]))
    True
    """
    norms = np.asarray(grad_norms, dtype=np.float64)
    keep = np.isfinite(norms).all(axis=1) & (norms[:, -1] != 0)
    if not keep.any():
        return False
    norms = norms[keep]
    return bool(np.median(norms[:, 0] / norms[:, -1]) < threshold)


def triage(
    losses: np.ndarray, grad_norms: np.ndarray, update_ratios: np.ndarray, saturated: np.ndarray, chance_loss: float
) -> str:
    """Return the first answer of the table whose check holds.

    Parameters
    ----------
    losses : array of shape (n_steps,)
        The loss before each step, never below 0.
    grad_norms, update_ratios : arrays of shape (n_steps, n_layers)
        The first row of update_ratios is finite, unless the answer is "not_finite".
    saturated : array of shape (n_hidden_layers,)
        The share of saturated or dead units at the first step.
    chance_loss : float
        The loss of the best constant prediction, such as log(n_classes). Above 0.

    Examples
    --------
    >>> grad_norms = np.array([[0.5, 1.0], [9.0, 7.0], [np.nan, np.nan]])
    >>> ratios = np.array([[0.1, 0.3], [5.0, 7.0], [8.0, 9.0]])
    >>> triage(np.array([2.3, 50.0, np.inf]), grad_norms, ratios, np.array([0.1]), chance_loss=2.3)
    'lr_too_large'
    """
    losses = np.asarray(losses, dtype=np.float64)
    norms = np.asarray(grad_norms, dtype=np.float64)
    ratios = np.asarray(update_ratios, dtype=np.float64)
    saturated = np.asarray(saturated, dtype=np.float64)
    if not np.isfinite(losses[0]) or not np.isfinite(norms[0]).all():
        return "not_finite"
    if losses[0] > 10 * chance_loss:
        return "large_start"
    if (norms[-1] == 0).any():
        return "no_gradient"
    if norms[0, 0] > 1000 * norms[0, -1]:
        return "exploding"
    if detect_vanishing(norms):
        return "vanishing"
    if (saturated > 0.9).any():
        return "saturated"
    ratios = np.where(np.isfinite(ratios), ratios, np.nan)
    rows = ratios[np.isfinite(ratios).any(axis=1)]
    r = np.median(np.nanmax(rows, axis=1))
    diverged = not np.isfinite(losses).all() or losses[-1] > 2 * losses[0]
    stalled = losses[-1] > 0.99 * losses[0]
    if diverged:
        return "lr_too_large" if r > 0.1 else "spike"
    if stalled:
        return "tiny_updates" if r < 1e-5 else "stalled"
    return "healthy"
