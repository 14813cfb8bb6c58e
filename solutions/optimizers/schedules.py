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

import cmath
import math

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
    if step < 0:
        raise ValueError(f"steps count from 0, but step is {step}")
    return lr * gamma ** (step // step_size)


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
    _check(step, warmup_steps, total_steps)
    if step < warmup_steps:
        return lr * step / warmup_steps
    progress = min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))
    return min_lr + (lr - min_lr) * (1 + math.cos(math.pi * progress)) / 2


def _check(step: int, warmup_steps: int, total_steps: int) -> None:
    if step < 0:
        raise ValueError(f"there is no step before step 0, so not step {step}")
    if warmup_steps >= total_steps:
        raise ValueError(f"a warm-up of {warmup_steps} steps does not fit into {total_steps} steps")


def step_decay_via_loop(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    """Walk through the periods that are over, and multiply once for each."""
    if step < 0:
        raise ValueError("no step is before step 0")
    rate = lr
    for _ in range(step_size, step + 1, step_size):
        rate = rate * gamma
    return rate


def step_decay_via_exponential(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    """Add up logarithms: the remainder of the division is what has not counted yet."""
    if step < 0:
        raise ValueError("no step is before step 0")
    return lr * math.exp(math.log(gamma) * (step - step % step_size) / step_size)


def cosine_schedule_via_half_angle(
    step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0
) -> float:
    """Mix the two rates by the squared cosine and sine of half the angle, which add up to 1."""
    _check(step, warmup_steps, total_steps)
    if step < warmup_steps:
        return step * (lr / warmup_steps)
    angle = math.pi / 2 * (min(step, total_steps) - warmup_steps) / (total_steps - warmup_steps)
    return lr * math.cos(angle) ** 2 + min_lr * math.sin(angle) ** 2


def cosine_schedule_via_rotation(
    step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0
) -> float:
    """Turn a point by the same small angle in each step, on a circle over the rates from min_lr to lr."""
    _check(step, warmup_steps, total_steps)
    if step < warmup_steps:
        return lr - lr * (warmup_steps - step) / warmup_steps
    middle, radius = (lr + min_lr) / 2, (lr - min_lr) / 2
    turn = cmath.rect(1.0, math.pi / (total_steps - warmup_steps))
    return middle + radius * (turn ** (min(step, total_steps) - warmup_steps)).real


def cosine_schedule_via_table(
    step: int, lr: float, total_steps: int, warmup_steps: int = 0, min_lr: float = 0.0
) -> float:
    """Write down the rates of all steps, and look one up."""
    _check(step, warmup_steps, total_steps)
    rising = np.linspace(0, lr, warmup_steps, endpoint=False)
    falling = np.cos(np.linspace(0, np.pi, total_steps - warmup_steps + 1))
    rates = np.concatenate([rising, np.interp(falling, [-1, 1], [min_lr, lr])])
    return float(rates[min(step, total_steps)])
