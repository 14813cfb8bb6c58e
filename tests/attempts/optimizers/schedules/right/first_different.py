# different style; both bars
import math

import numpy as np


def step_decay(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    if step < 0:
        raise ValueError("step is negative")
    # the power by repeated squaring
    count = int(step) // int(step_size)
    power, base = 1.0, float(gamma)
    while count:
        if count % 2:
            power *= base
        base *= base
        count //= 2
    return float(lr * power)


def cosine_schedule(step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0) -> float:
    if step < 0:
        raise ValueError("step is negative")
    if warmup_steps >= total_steps:
        raise ValueError("warmup_steps must be less than total_steps")
    if step >= total_steps:
        return float(min_lr)
    if step < warmup_steps:
        return float(lr * (step / warmup_steps))
    # (1 + cos(a)) / 2 = cos(a / 2)^2, so the rate is a mean of lr and min_lr with weights cos^2 and sin^2
    half_angle = math.pi * (int(step) - int(warmup_steps)) / (2 * (int(total_steps) - int(warmup_steps)))
    return float(lr * math.cos(half_angle) ** 2 + min_lr * math.sin(half_angle) ** 2)
