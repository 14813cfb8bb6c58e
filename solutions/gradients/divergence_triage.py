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

import math
import statistics

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
    for old, new in zip(before, after, strict=True):
        size, change = float(np.linalg.norm(old)), float(np.linalg.norm(np.subtract(new, old, dtype=float)))
        if change == 0:
            ratios.append(0.0)
        else:
            ratios.append(change / size if size > 0 else math.inf)
    return np.array(ratios)


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
    usable = np.isfinite(grad_norms).all(axis=1) & (grad_norms[:, -1] > 0)
    ratios = grad_norms[usable, 0] / grad_norms[usable, -1]
    return len(ratios) > 0 and statistics.median(ratios.tolist()) < threshold


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
    diverged = not np.isfinite(losses).all() or losses[-1] > 2.0 * losses[0]
    stalled = losses[-1] > 0.99 * losses[0]
    steps = update_ratios[np.isfinite(update_ratios).all(axis=1)]
    typical = statistics.median(steps.max(axis=1).tolist()) if len(steps) else math.nan
    checks = {
        "not_finite": not (np.isfinite(losses[0]) and np.isfinite(grad_norms[0]).all()),
        "large_start": losses[0] > 10 * chance_loss,
        "no_gradient": (grad_norms[-1] == 0).any(),
        "exploding": grad_norms[0, 0] > 1000.0 * grad_norms[0, -1],
        "vanishing": detect_vanishing(grad_norms),
        "saturated": (saturated > 0.9).any(),
        "lr_too_large": diverged and typical > 0.1,
        "spike": diverged,
        "tiny_updates": stalled and typical < 1e-5,
        "stalled": stalled,
        "healthy": True,
    }
    return next(answer for answer, holds in checks.items() if holds)


def update_ratio_via_loop(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    """Measure with hypot, in plain Python."""
    ratios = []
    for old, new in zip(before, after, strict=True):
        starts, ends = old.ravel().tolist(), new.ravel().tolist()
        change = math.hypot(*(end - start for start, end in zip(starts, ends, strict=True)))
        size = math.hypot(*starts)
        if change:
            change = change / size if size else math.inf
        ratios.append(change)
    return np.array(ratios)


def update_ratio_via_squares(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    """Add up the squares of all layers first, and divide where there is something to divide by."""
    sizes = np.array([np.sum(old * 1.0 * old) for old in before])
    changes = np.array([np.sum(np.square(new * 1.0 - old)) for old, new in zip(before, after, strict=True)])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(changes > 0, np.sqrt(changes / sizes), 0.0)


def detect_vanishing_via_loop(grad_norms: np.ndarray, threshold: float = 1e-3) -> bool:
    """Collect the ratios step by step, in plain Python."""
    usable = [norms for norms in grad_norms.tolist() if all(map(math.isfinite, norms)) and norms[-1]]
    ratios = sorted(norms[0] / norms[-1] for norms in usable)
    middle = ratios[(len(ratios) - 1) // 2 : len(ratios) // 2 + 1]
    return bool(middle) and sum(middle) / len(middle) < threshold


def detect_vanishing_via_sorting(grad_norms: np.ndarray, threshold: float = 1e-3) -> bool:
    """Sort the ratios, with those of unusable steps last, and look at the middle of the others."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = grad_norms[:, 0] / grad_norms[:, -1]
    bad = ~np.isfinite(grad_norms.sum(axis=1)) | (grad_norms[:, -1] == 0)
    ratios = np.sort(np.where(bad, np.inf, ratios))
    n_good = len(bad) - np.count_nonzero(bad)
    if n_good == 0:
        return False
    return bool((ratios[(n_good - 1) // 2] + ratios[n_good // 2]) / 2 < threshold)


def triage_via_stages(
    losses: np.ndarray, grad_norms: np.ndarray, update_ratios: np.ndarray, saturated: np.ndarray, chance_loss: float
) -> str:
    """Look at the start first, then at the gradients, then at how the loss went."""
    if not np.isfinite(np.append(grad_norms[0], losses[0])).all():
        return "not_finite"
    first, *_, last = grad_norms[0]
    signs = {
        "large_start": losses[0] / chance_loss > 10,
        "no_gradient": 0 in grad_norms[-1],
        "exploding": first / 1000.0 > last,
        "vanishing": detect_vanishing(grad_norms),
        "saturated": max(saturated) > 0.9,
    }
    found = [name for name, shown in signs.items() if shown]
    return found[0] if found else _of_the_loss(losses.tolist(), update_ratios.tolist())


def _of_the_loss(losses: list[float], update_ratios: list[list[float]]) -> str:
    """Return the answer of a history whose start and gradients are in order."""
    sizes = [max(ratios) for ratios in update_ratios if all(map(math.isfinite, ratios))]
    typical = statistics.median(sizes)
    if not all(map(math.isfinite, losses)) or losses[-1] > losses[0] + losses[0]:
        return "lr_too_large" if typical > 0.1 else "spike"
    if losses[-1] <= 0.99 * losses[0]:
        return "healthy"
    return "tiny_updates" if typical < 1e-5 else "stalled"


def triage_via_bottom_up(
    losses: np.ndarray, grad_norms: np.ndarray, update_ratios: np.ndarray, saturated: np.ndarray, chance_loss: float
) -> str:
    """Go through the table from the bottom to the top, and let each check that holds overrule the answer so far."""
    with np.errstate(invalid="ignore", over="ignore"):
        sound = np.isfinite(update_ratios.sum(axis=1))
        sizes = np.where(sound, update_ratios.max(axis=1), np.nan)
        typical = np.nanmedian(sizes) if sound.any() else 1.0
        worse = losses[-1] / 2 > losses[0] or np.isfinite(losses).sum() < len(losses)
        overruling = [
            (losses[-1] > 0.99 * losses[0], "tiny_updates" if typical < 1e-5 else "stalled"),
            (worse, "lr_too_large" if typical > 0.1 else "spike"),
            (np.count_nonzero(saturated > 0.9), "saturated"),
            (detect_vanishing(grad_norms), "vanishing"),
            (grad_norms[0][0] > 1e3 * grad_norms[0][-1], "exploding"),
            (np.count_nonzero(grad_norms[-1]) < len(grad_norms[-1]), "no_gradient"),
            (losses[0] > chance_loss * 10, "large_start"),
            (not np.isfinite(losses[0] + grad_norms[0].sum()), "not_finite"),
        ]
    answer = "healthy"
    for holds, name in overruling:
        answer = name if holds else answer
    return answer
