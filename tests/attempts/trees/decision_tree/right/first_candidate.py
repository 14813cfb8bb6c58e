# candidate, par time, from the stub alone
import numpy as np


def gini(y):
    p = np.unique(y, return_counts=True)[1] / len(y)
    return 1 - (p**2).sum()


def most_frequent(y):
    labels, counts = np.unique(y, return_counts=True)
    return labels[counts.argmax()]


def fit_tree(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    impurity, leaf = {"gini": (gini, most_frequent), "squared_error": (np.var, np.mean)}[criterion]

    def grow(X, y, depth):
        if depth == max_depth or (y == y[0]).all():
            return leaf(y)
        n, best, split = len(y), -np.inf, None
        for j in range(X.shape[1]):
            values = np.unique(X[:, j])
            for t in (values[:-1] + values[1:]) / 2:
                side = X[:, j] <= t
                n_left = side.sum()
                if min(n_left, n - n_left) < min_samples_leaf:
                    continue
                gain = impurity(y) - n_left / n * impurity(y[side]) - (n - n_left) / n * impurity(y[~side])
                if gain > best + 1e-12:
                    best, split = gain, (j, t)
        if split is None:
            return leaf(y)
        j, t = split
        side = X[:, j] <= t
        return j, t, grow(X[side], y[side], depth + 1), grow(X[~side], y[~side], depth + 1)

    return grow(X, y, 0)


def predict(tree: object, X: np.ndarray) -> np.ndarray:
    out = []
    for x in X:
        node = tree
        while isinstance(node, tuple):
            j, t, left, right = node
            node = left if x[j] <= t else right
        out.append(node)
    return np.array(out)
