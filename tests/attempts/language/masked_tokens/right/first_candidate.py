# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Masked(NamedTuple):
    inputs: np.ndarray
    labels: np.ndarray


def mask_tokens(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    selected = (rng.random(ids.shape) < rate) & ~np.isin(ids, special_ids)
    labels = np.where(selected, ids, -100)

    u = rng.random(ids.shape)
    random_tokens = rng.integers(0, vocab_size, size=ids.shape)
    inputs = ids.copy()
    inputs = np.where(selected & (u < 0.8), mask_id, inputs)
    inputs = np.where(selected & (u >= 0.8) & (u < 0.9), random_tokens, inputs)
    return Masked(inputs, labels)
