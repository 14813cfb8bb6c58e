import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict


def test_step_decay(kata, rng):
    """Step decay multiplies lr by gamma once for each step_size steps that are over."""
    assert_close([kata.step_decay(step, lr=8.0, step_size=2, gamma=0.5) for step in range(5)], [8, 8, 4, 4, 2])
    lr, gamma = rng.uniform(0.1, 9.0), rng.uniform(0.3, 0.9)
    for step_size, n_steps in ((1, 16), (3, 8), (7, 15)):
        rate = lr
        for step in range(n_steps):
            if step > 0 and step % step_size == 0:
                rate *= gamma
            assert_close(kata.step_decay(step, lr, step_size, gamma), rate)


def test_between_decays(kata):
    """The rate is constant between two decays, and falls in one jump at a multiple of step_size."""
    rates = [kata.step_decay(step, lr=0.3, step_size=100, gamma=0.1) for step in (0, 1, 50, 99, 100, 101, 199, 200)]
    assert_close(rates, [0.3, 0.3, 0.3, 0.3, 0.03, 0.03, 0.03, 0.003])
    # A gamma of 1 decays nothing, and one above 1 raises the rate.
    assert_close([kata.step_decay(step, 0.3, 10, gamma=1.0) for step in (0, 9, 10, 75)], [0.3] * 4)
    assert_close([kata.step_decay(step, 0.3, 10, gamma=2.0) for step in (9, 10, 35)], [0.3, 0.6, 2.4])
    # After ten decays, nothing keeps the rate up.
    assert_close(kata.step_decay(10, 1.0, step_size=1, gamma=0.1) * 1e10, 1.0)
    # 49 * (1 / 49) is less than 1 as floats have it.
    assert_close([kata.step_decay(step, 8.0, 49, gamma=0.5) for step in (48, 49, 98)], [8.0, 4.0, 2.0])


def test_warmup(kata, rng):
    """Warm-up is a straight line from 0 at step 0 to lr at warmup_steps, whatever min_lr is."""
    for min_lr in (0.0, 2.0, 6.0):
        rates = [kata.cosine_schedule(step, 8.0, total_steps=20, warmup_steps=4, min_lr=min_lr) for step in range(5)]
        assert_close(rates, [0.0, 2.0, 4.0, 6.0, 8.0])
    lr, warmup_steps = rng.uniform(0.1, 9.0), int(rng.integers(5, 15))
    for step in range(warmup_steps + 1):
        rate = kata.cosine_schedule(step, lr, total_steps=1_000, warmup_steps=warmup_steps)
        assert_close(rate, lr * step / warmup_steps)
    # One step of warm-up.
    assert_close([kata.cosine_schedule(step, 8.0, 3, warmup_steps=1) for step in range(4)], [0, 8, 4, 0])


def test_cosine(kata, rng):
    """After warm-up, half a cosine leads from lr to min_lr over the steps that are left."""
    # A third, a half and two thirds of the 6 steps left: their cosines are 1/2, 0 and -1/2.
    rates = [kata.cosine_schedule(step, 9.0, total_steps=10, warmup_steps=4, min_lr=1.0) for step in (4, 6, 7, 8, 10)]
    assert_close(rates, [9.0, 7.0, 5.0, 3.0, 1.0])
    # A quarter of the way: the cosine is 1 / sqrt(2).
    assert_close(kata.cosine_schedule(3, 8.0, total_steps=6, warmup_steps=2, min_lr=2.0), 5 + 3 / math.sqrt(2))
    # One step before the end: the cosine is -cos(pi / 10000).
    rate = kata.cosine_schedule(9_999, 0.3, total_steps=10_000)
    assert_close(rate, 0.3 * math.sin(math.pi / 20_000) ** 2)
    for _ in range(4):
        lr, share = rng.uniform(0.1, 9.0), rng.uniform(0.0, 1.0)
        warmup_steps, left = int(rng.integers(0, 9)), int(rng.integers(1, 16))
        for done in range(left + 1):
            rate = kata.cosine_schedule(warmup_steps + done, lr, warmup_steps + left, warmup_steps, share * lr)
            part = math.cos(math.pi / 2 * done / left) ** 2
            assert_close(rate, part * lr + (1 - part) * share * lr)


def test_min_lr(kata):
    """The decay ends at min_lr: it neither stops there early nor adds min_lr on top."""
    rates = [kata.cosine_schedule(step, 8.0, total_steps=4, min_lr=4.0) for step in range(5)]
    root = math.sqrt(2)
    assert_close(rates, [8.0, 6 + root, 6.0, 6 - root, 4.0])
    # Between equal rates nothing falls, and without min_lr the end is 0.
    assert_close([kata.cosine_schedule(step, 0.3, 9, 2, min_lr=0.3) for step in range(12)], [0, 0.15, *[0.3] * 10])
    assert_close([kata.cosine_schedule(step, 0.3, total_steps=2) for step in range(3)], [0.3, 0.15, 0.0])


def test_after_the_end(kata, rng):
    """From total_steps on, the rate stays at min_lr; it does not rise again."""
    assert_close([kata.cosine_schedule(step, 8.0, 6, 2, min_lr=2.0) for step in (6, 7, 8, 10, 14, 1_000)], [2.0] * 6)
    assert_close([kata.cosine_schedule(step, 8.0, 6) for step in (6, 7, 9, 12, 18, 10**6)], [0.0] * 6)
    lr, total_steps = rng.uniform(1.0, 9.0), int(rng.integers(10, 50))
    for step in (*range(total_steps, total_steps + 4), 2 * total_steps, 3 * total_steps, 4 * total_steps):
        assert_close(kata.cosine_schedule(step, lr, total_steps, warmup_steps=5, min_lr=0.1), 0.1)


def test_no_warmup(kata):
    """Without warm-up, step 0 has the rate lr."""
    assert_close([kata.cosine_schedule(step, 8.0, total_steps=2) for step in range(3)], [8.0, 4.0, 0.0])
    assert_close([kata.cosine_schedule(step, 8.0, 3, warmup_steps=0, min_lr=4.0) for step in range(4)], [8, 7, 5, 4])
    assert_close([kata.cosine_schedule(step, 8.0, total_steps=1, min_lr=3.0) for step in range(3)], [8, 3, 3])


def test_rate_of_any_size(kata):
    """All rates are in proportion to lr and min_lr, small ones too."""
    for unit in (1e-5, 1e4):
        rates = [kata.cosine_schedule(step, 8 * unit, 8, 2, min_lr=4 * unit) / unit for step in range(10)]
        assert_close(rates, [0, 4, 8, 6 + math.sqrt(3), 7, 6, 5, 6 - math.sqrt(3), 4, 4])
        rates = [kata.step_decay(step, 8 * unit, step_size=2, gamma=0.5) / unit for step in range(5)]
        assert_close(rates, [8, 8, 4, 4, 2])


@strict
def test_default_gamma(kata):
    """Unless told otherwise, gamma is 0.1."""
    assert_close([kata.step_decay(step, 5.0, step_size=3) for step in (2, 3, 8)], [5.0, 0.5, 0.05])


@strict
def test_many_steps(kata):
    """Runs may have 10^6 steps and more, and a rate that has decayed away is 0."""
    assert_close(kata.cosine_schedule(400_000, 6.0, total_steps=1_000_000, warmup_steps=100_000), 4.5)
    assert_close(kata.step_decay(1_000_000, 6.0, step_size=10), 0.0)


@strict
def test_bad_input(kata):
    """A negative step raises ValueError, and so does a warm-up as long as total_steps or longer."""
    for step in (-1, -5):
        with pytest.raises(ValueError):
            kata.step_decay(step, 1.0, step_size=3)
        for warmup_steps in (0, 4):
            with pytest.raises(ValueError):
                kata.cosine_schedule(step, 1.0, total_steps=10, warmup_steps=warmup_steps)
    for step in (0, 3, 30):
        for warmup_steps in (10, 11, 40):
            with pytest.raises(ValueError):
                kata.cosine_schedule(step, 1.0, total_steps=10, warmup_steps=warmup_steps)


def workload(kata, rng, n):
    """Rates of a step of warm-up and of one at random, before the end or after it."""
    steps = n // 8, int(rng.integers(0, 2 * n))
    decays = [kata.step_decay(step, 0.8, max(1, n // 4), 0.5) for step in steps]
    return decays, [kata.cosine_schedule(step, 0.8, n, n // 4, 0.1) for step in steps]


def picture(kata, rng):
    steps, noise = range(240), rng.normal(size=(240, 200))
    rules = {
        "constant": lambda _: 0.1,
        "cosine, warm-up 40": lambda step: kata.cosine_schedule(step, 0.1, 200, 40),
        "0.3 every 60 steps": lambda step: kata.step_decay(step, 0.1, 60, 0.3),
    }
    rates, errors = [], []
    for name, rule in rules.items():
        given, error, x = [rule(step) for step in steps], [], np.ones(200)
        for rate, draw in zip(given, noise, strict=True):
            x = x - rate * (x + draw)
            error.append((x**2).mean())
        rates.append(Line(steps, given, name))
        errors.append(Line(steps, error, name))
    return [
        Panel("The rate of each step", "step", "rate", rates, note="The cosine ends at step 200 and stays there."),
        Panel(
            "The mean of x^2 with noisy gradients",
            "step",
            "mean of x^2",
            errors,
            log="y",
            note="The gradient is x plus noise. Only a rate that falls gets close to the minimum at 0.",
        ),
    ]


PROGRESS = "min(1.0, (step - warmup_steps) / (total_steps - warmup_steps))\n    return min_lr +"
RISE = "return lr * step / warmup_steps\n    progress"
COSINE = "min_lr + (lr - min_lr) * (1 + math.cos(math.pi * progress)) / 2"
DECAY = "gamma ** (step // step_size)"

MISTAKES = {
    "step decay: smooth": (DECAY, "gamma ** (step / step_size)"),
    "step decay: one step early": (DECAY, "gamma ** ((step + 1) // step_size)"),
    "step decay: one step late": (DECAY, "gamma ** (max(step - 1, 0) // step_size)"),
    "step decay: rounded": (DECAY, "gamma ** round(step / step_size)"),
    "step decay: only once": (DECAY, "(gamma if step >= step_size else 1.0)"),
    "step decay: gamma times the number of decays": (DECAY, "(gamma * (step // step_size) or 1.0)"),
    "step decay: gamma fixed": (DECAY, "0.1 ** (step // step_size)"),
    "step decay: a share taken off": (DECAY, "(1 - gamma) ** (step // step_size)"),
    "step decay: never below 1e-8": (f"return lr * {DECAY}", f"return max(lr * {DECAY}, min(lr, 1e-8))"),
    "warm-up counts from 1": (RISE, "return lr * (step + 1) / warmup_steps\n    progress"),
    "warm-up reaches lr a step late": (RISE, "return lr * step / (warmup_steps + 1)\n    progress"),
    "warm-up from min_lr": (RISE, "return min_lr + (lr - min_lr) * step / warmup_steps\n    progress"),
    "warm-up never below min_lr": (RISE, "return max(min_lr, lr * step / warmup_steps)\n    progress"),
    "warm-up at the full rate": (RISE, "return lr\n    progress"),
    "the cosine runs during warm-up": (PROGRESS, "min(1.0, step / total_steps)\n    return min_lr +"),
    "total_steps without the warm-up": (PROGRESS, "min(1.0, (step - warmup_steps) / total_steps)\n    return min_lr +"),
    "a last step at total_steps - 1": (
        PROGRESS,
        "min(1.0, (step - warmup_steps) / max(1, total_steps - warmup_steps - 1))\n    return min_lr +",
    ),
    "rises again after total_steps": (
        PROGRESS,
        "(step - warmup_steps) / (total_steps - warmup_steps)\n    return min_lr +",
    ),
    "0 after total_steps": (
        PROGRESS,
        PROGRESS.replace("return", "if step > total_steps:\n        return 0.0\n    return"),
    ),
    "a whole cosine": ("math.pi * progress", "2 * math.pi * progress"),
    "a quarter of a cosine": ("(1 + math.cos(math.pi * progress)) / 2", "math.cos(math.pi / 2 * progress)"),
    "a straight line": ("(1 + math.cos(math.pi * progress)) / 2", "(1 - progress)"),
    "degrees": ("math.pi * progress", "180 * progress"),
    "min_lr as a floor": (COSINE, "max(min_lr, lr * (1 + math.cos(math.pi * progress)) / 2)"),
    "min_lr on top": (COSINE, "min_lr + lr * (1 + math.cos(math.pi * progress)) / 2"),
    "min_lr forgotten": (COSINE, "lr * (1 + math.cos(math.pi * progress)) / 2"),
    "min_lr as a share of lr": (COSINE, COSINE.replace("min_lr", "(min_lr * lr)")),
    "half forgotten": (COSINE, COSINE.removesuffix(" / 2")),
}

STRICT_MISTAKES = {
    "step decay: negative steps pass": (
        'if step < 0:\n        raise ValueError(f"steps',
        'if False:\n        raise ValueError(f"steps',
    ),
    "cosine: negative steps pass": (
        'if step < 0:\n        raise ValueError(f"there',
        'if False:\n        raise ValueError(f"there',
    ),
    "a long warm-up passes": ("if warmup_steps >= total_steps:", "if False:"),
    "a warm-up of all steps passes": ("if warmup_steps >= total_steps:", "if warmup_steps > total_steps:"),
    "the default of gamma": (
        'gamma: float = 0.1) -> float:\n    """Multiply',
        'gamma: float = 0.5) -> float:\n    """Multiply',
    ),
}
