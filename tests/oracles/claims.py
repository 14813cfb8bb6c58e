"""Holds what a follow-up says of a run against that run, over seeds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def within(low: ArrayLike, high: ArrayLike, claim: Callable, seeds: int = 20) -> None:
    """Check that the numbers which `claim(rng)` returns lie in their ranges, ends included, under each seed."""
    found = [claim(np.random.default_rng(seed)) for seed in range(seeds)]
    assert (np.array(low) <= np.min(found, axis=0)).all()
    assert (np.max(found, axis=0) <= np.array(high)).all()
