# different style; both bars
from typing import NamedTuple

import numpy as np


class Masked(NamedTuple):
    """Two arrays of integers in the shape of ids."""

    inputs: np.ndarray
    labels: np.ndarray


def mask_tokens(
    ids: np.ndarray, special_ids: list[int], mask_id: int, vocab_size: int, rate: float, rng: np.random.Generator
) -> Masked:
    if not 0 <= rate <= 1:
        raise ValueError("rate is not from 0 to 1")
    ids = np.asarray(ids)
    special = {int(s) for s in special_ids}
    inputs, labels = [], []
    for token in ids.ravel().tolist():
        if token in special or rng.random() >= rate:
            inputs.append(token)
            labels.append(-100)
            continue
        labels.append(token)
        face = int(rng.integers(10))  # a die with ten faces: 8 mask, 1 random, 1 keep
        if face < 8:
            inputs.append(int(mask_id))
        elif face == 8:
            inputs.append(int(rng.integers(vocab_size)))
        else:
            inputs.append(token)
    return Masked(
        np.array(inputs, dtype=np.int64).reshape(ids.shape), np.array(labels, dtype=np.int64).reshape(ids.shape)
    )
