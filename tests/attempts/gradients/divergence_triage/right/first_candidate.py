# candidate, par time, from the stub alone
import numpy as np


def update_ratio(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    ratios = []
    for b, a in zip(before, after):
        change = np.linalg.norm(a - b)
        size = np.linalg.norm(b)
        if size == 0:
            ratios.append(0.0 if change == 0 else np.inf)
        else:
            ratios.append(change / size)
    return np.array(ratios)


def detect_vanishing(grad_norms: np.ndarray, threshold: float = 1e-3) -> bool:
    keep = np.isfinite(grad_norms).all(axis=1) & (grad_norms[:, -1] != 0)
    g = grad_norms[keep]
    if len(g) == 0:
        return False
    return bool(np.median(g[:, 0] / g[:, -1]) < threshold)


def triage(
    losses: np.ndarray, grad_norms: np.ndarray, update_ratios: np.ndarray, saturated: np.ndarray, chance_loss: float
) -> str:
    if not np.isfinite(losses[0]) or not np.isfinite(grad_norms[0]).all():
        return "not_finite"
    if losses[0] > 10 * chance_loss:
        return "large_start"
    if (grad_norms[-1] == 0).any():
        return "no_gradient"
    if grad_norms[0, 0] > 1000 * grad_norms[0, -1]:
        return "exploding"
    if detect_vanishing(grad_norms):
        return "vanishing"
    if (saturated > 0.9).any():
        return "saturated"
    diverged = not np.isfinite(losses).all() or losses[-1] > 2 * losses[0]
    stalled = losses[-1] > 0.99 * losses[0]
    finite = np.isfinite(update_ratios).all(axis=1)
    r = np.median(update_ratios[finite].max(axis=1))
    if diverged and r > 0.1:
        return "lr_too_large"
    if diverged:
        return "spike"
    if stalled and r < 1e-5:
        return "tiny_updates"
    if stalled:
        return "stalled"
    return "healthy"
