# candidate, par time, from the stub alone
import numpy as np


def token_losses(logits, labels, ignore_index):
    z = logits[:, :-1].astype(np.float64)
    targets = labels[:, 1:].astype(int)
    keep = targets != ignore_index
    z, targets = z[keep], targets[keep]
    if len(targets) == 0:
        raise ValueError("no token counts")
    m = z.max(axis=1, keepdims=True)
    lse = m[:, 0] + np.log(np.exp(z - m).sum(axis=1))
    return lse - z[np.arange(len(targets)), targets]


def perplexity(logits: np.ndarray, labels: np.ndarray, ignore_index: int = -100) -> float:
    return float(np.exp(token_losses(logits, labels, ignore_index).mean()))


def bits_per_byte(logits: np.ndarray, labels: np.ndarray, texts: list[str], ignore_index: int = -100) -> float:
    n_bytes = sum(len(text.encode("utf-8")) for text in texts)
    if n_bytes == 0:
        raise ValueError("all texts are empty")
    return float(token_losses(logits, labels, ignore_index).sum() / (np.log(2) * n_bytes))
