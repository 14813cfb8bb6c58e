# different style; both bars
import numpy as np


def confusion_matrix(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    if normalize not in (None, "true", "pred", "all"):
        raise ValueError("normalize must be None, 'true', 'pred' or 'all'")
    # Python's integers compare exactly, whatever the types of the arrays.
    truth, guess = np.asarray(y_true).tolist(), np.asarray(y_pred).tolist()
    if len(truth) != len(guess):
        raise ValueError("y_true and y_pred differ in length")
    names = sorted(set(truth) | set(guess)) if labels is None else np.asarray(labels).tolist()
    place = {name: i for i, name in enumerate(names)}
    matrix = [[0] * len(names) for _ in names]
    for t, g in zip(truth, guess):
        if t not in place or g not in place:
            raise ValueError("a label is not in labels")
        matrix[place[t]][place[g]] += 1
    if normalize is None:
        return np.array(matrix, dtype=np.int64).reshape(len(names), len(names))
    row_sums = [sum(row) for row in matrix]
    column_sums = [sum(column) for column in zip(*matrix)]
    shares = np.zeros((len(names), len(names)))
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            if count:
                shares[i, j] = count / {"true": row_sums[i], "pred": column_sums[j], "all": len(truth)}[normalize]
    return shares
