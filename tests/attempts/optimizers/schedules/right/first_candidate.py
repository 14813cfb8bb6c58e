# candidate, par time, from the stub alone
import math

import numpy as np


def step_decay(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    return lr * gamma ** (step // step_size)


def cosine_schedule(step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0) -> float:
    if step < warmup_steps:
        return lr * step / warmup_steps
    progress = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return min_lr + (lr - min_lr) * (1 + math.cos(math.pi * progress)) / 2
