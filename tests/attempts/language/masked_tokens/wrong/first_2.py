# wrong (core): a random token is never the token itself
from typing import NamedTuple

import numpy as np


class Masked(NamedTuple):
    inputs: np.ndarray
    labels: np.ndarray


def mask_tokens(ids, special_ids, mask_id, vocab_size, rate, rng):
    if not 0 <= rate <= 1:
        raise ValueError("rate must be from 0 to 1")
    ids = np.asarray(ids)
    inputs = ids.astype(np.int64)
    special = np.isin(inputs, np.array(special_ids, dtype=np.int64))
    u = rng.random(ids.shape)
    selected = (u < rate) & ~special
    v = rng.random(ids.shape)
    tokens = (inputs + rng.integers(1, vocab_size, size=ids.shape)) % vocab_size
    masked = selected & (v < 0.8)
    randomised = selected & (v >= 0.8) & (v < 0.9)
    labels = np.where(selected, inputs, -100)
    inputs = np.where(masked, mask_id, np.where(randomised, tokens, inputs))
    return Masked(inputs, labels)
