# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# To grade: nox -s grade -- schedules
"""Learning-rate schedules: step decay, and a linear warm-up followed by cosine decay.

A schedule returns the learning rate of one optimizer step. Steps count from 0.

    step decay:   lr * gamma^floor(step / step_size)

    cosine:       lr * step / warmup_steps                                         if step < warmup_steps
                  min_lr + (lr - min_lr) * (1 + cos(pi * progress)) / 2            from warmup_steps on
                  progress = (step - warmup_steps) / (total_steps - warmup_steps), but at most 1

So warm-up starts at 0, the rate is lr at warmup_steps, and min_lr from total_steps on. The cosines of PyTorch and
Hugging Face rise again after total_steps.

Source: Loshchilov and Hutter, SGDR (2017), equation 5, for the cosine; Goyal et al., Accurate, Large Minibatch SGD
(2017), section 2.2, for the warm-up.

Strict
------
- ValueError if step is negative or warmup_steps >= total_steps.
"""

import numpy as np


def step_decay(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    """Multiply the rate by gamma every step_size steps.

    Parameters
    ----------
    step : int
    lr : float
        The rate of step 0.
    step_size : int
        At least 1.
    gamma : float
        Positive.

    Examples
    --------
    >>> [step_decay(step, lr=8.0, step_size=2, gamma=0.5) for step in range(5)]
    [8.0, 8.0, 4.0, 4.0, 2.0]
    """
    raise NotImplementedError


def cosine_schedule(step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0) -> float:
    """Rise from 0 to lr, then fall to min_lr.

    Parameters
    ----------
    step : int
        May be total_steps or more.
    lr : float
        The highest rate.
    total_steps : int
        Includes the warm-up.
    warmup_steps : int
        Less than total_steps; 0 for no warm-up.
    min_lr : float
        From 0 to lr. The warm-up ignores it.

    Examples
    --------
    >>> [round(cosine_schedule(step, 8.0, total_steps=6, warmup_steps=2, min_lr=2.0), 3) for step in range(8)]
    [0.0, 4.0, 8.0, 7.121, 5.0, 2.879, 2.0, 2.0]
    """
    raise NotImplementedError
