# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- decision_tree
"""A decision tree for classification and for regression, as in CART.

A node asks ``x[feature] <= threshold`` and sends a sample left if that is true. It takes the split with the largest
gain, and each side becomes a node:

    gain = impurity(all) - n_left/n * impurity(left) - n_right/n * impurity(right)

    criterion          impurity of a node                             a leaf predicts
    "gini"             1 - sum_k p_k**2, p_k: share of class k        its most frequent label, the smallest on a tie
    "squared_error"    mean of (y - mean(y))**2                       the mean of its y

Source: Breiman et al., Classification and Regression Trees (1984), chapters 4 and 8.

Strict
------
- Gains that differ only by rounding are ties. Neither the unit of y nor a large constant added to it changes a split.
- A split of n samples with few classes costs O(n log n) for each feature.
- Labels of any size come back exactly. y may hold integers with "squared_error".
- ValueError for another criterion.
"""

import numpy as np


def fit_tree(
    X: np.ndarray,
    y: np.ndarray,
    criterion: str = "gini",
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
) -> object:
    """Grow a tree.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Class labels (any integers), or numbers for "squared_error".
    criterion : str
        "gini" or "squared_error".
    max_depth : int or None
        A node at this depth is a leaf. The root has depth 0. None means no limit. No input needs more than 200.
    min_samples_leaf : int
        A split leaves at least this many samples on each side.

    Returns
    -------
    object
        The tree, in any form that your predict takes.

    Notes
    -----
    A threshold is the midpoint of two neighbouring distinct values of the node's samples. A tie between splits goes to
    the lower feature, then to the lower threshold. A node is split as long as its y differ and a split is possible,
    even if the largest gain is 0.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [4.0], [5.0]]), np.array([0, 1, 1, 1])
    >>> predict(fit_tree(X, y, min_samples_leaf=2), X)  # the threshold is 3, and the left leaf has a tie
    array([0, 0, 1, 1])
    >>> predict(fit_tree(X, np.array([0.0, 1.0, 5.0, 9.0]), "squared_error", max_depth=1), X)
    array([0.5, 0.5, 7. , 7. ])
    """
    raise NotImplementedError


def predict(tree: object, X: np.ndarray) -> np.ndarray:
    """Return the prediction for each row of X.

    Parameters
    ----------
    tree : object
        What fit_tree returned.
    X : array of shape (n_samples, n_features)

    Examples
    --------
    >>> tree = fit_tree(np.array([[1.0, 5.0], [1.0, 7.0], [2.0, 7.0]]), np.array([3, -2, 3]))
    >>> predict(tree, np.array([[0.0, 0.0], [1.5, 9.0], [1.6, 9.0]]))
    array([ 3, -2,  3])
    """
    raise NotImplementedError
