# candidate, par time, from the stub alone
import numpy as np


def acceptance(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    zero = draft == 0
    ratio = target / np.where(zero, 1.0, draft)
    return np.where(zero, 1.0, np.minimum(1.0, ratio))


def residual(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    diff = np.maximum(target - draft, 0)
    total = diff.sum(axis=-1, keepdims=True)
    return np.where(total > 0, diff / np.where(total > 0, total, 1.0), target)


def accept_or_resample(
    target: np.ndarray, draft: np.ndarray, drafted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    n_drafted, vocab_size = len(drafted), target.shape[1]
    accept = acceptance(target[:n_drafted], draft)
    tokens = []
    for i in range(n_drafted):
        if rng.random() < accept[i, drafted[i]]:
            tokens.append(drafted[i])
        else:
            tokens.append(rng.choice(vocab_size, p=residual(target[i], draft[i])))
            break
    else:
        tokens.append(rng.choice(vocab_size, p=target[n_drafted]))
    return np.array(tokens, dtype=int)
