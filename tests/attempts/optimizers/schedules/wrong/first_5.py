# wrong (core): a warm-up of one step is taken as none
import numpy as np


def step_decay(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    if step < 0:
        raise ValueError("step is negative")
    return float(lr * gamma ** (step // step_size))


def cosine_schedule(step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0) -> float:
    if step < 0 or warmup_steps >= total_steps:
        raise ValueError("step is negative or warmup_steps >= total_steps")
    if warmup_steps > 1 and step < warmup_steps:
        return float(lr * step / warmup_steps)
    progress = min(1.0, max(0, step - warmup_steps) / (total_steps - warmup_steps))
    return float(min_lr + (lr - min_lr) * (1 + np.cos(np.pi * progress)) / 2)
