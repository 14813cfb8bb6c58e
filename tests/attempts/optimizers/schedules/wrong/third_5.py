# wrong (core): the cosine rate is rounded to 8 decimals
import math

import numpy as np


def step_decay(step, lr, step_size, gamma=0.1):
    if step < 0:
        raise ValueError("step is negative")
    drops = step // step_size
    rate = lr * gamma**drops
    return rate


def cosine_schedule(step, lr, total_steps, warmup_steps=0, min_lr=0.0):
    if step < 0 or warmup_steps >= total_steps:
        raise ValueError("bad steps")
    if step < warmup_steps:
        return lr * step / warmup_steps
    progress = min((step - warmup_steps) / (total_steps - warmup_steps), 1.0)
    rate = min_lr + (lr - min_lr) * (1 + math.cos(math.pi * progress)) / 2
    return round(rate, 8)
