# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- feature_importance
"""Feature importance of a tree by impurity, and of any model by permutation.

By impurity: a split of node t on a feature into the children l and r reduces the impurity by

    decrease_t = n_t impurity_t - n_l impurity_l - n_r impurity_r

with n the number of samples of a node. The importance of a feature is the sum over all nodes that split on it, divided
by the sum over all splits of the tree.

By permutation: shuffle one column of X at a time, while all else stays as it is. The importance of the feature is the
score on X minus the score with its column shuffled. It may be negative.

Source: Breiman, Random forests (2001), section 10; Hastie, Tibshirani and Friedman, The Elements of Statistical
Learning (2009), section 10.13.1.

Strict
------
- ValueError if X and y differ in length or n_repeats < 1.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Tree(NamedTuple):
    """Arrays with one entry for each node, as in scikit-learn's tree_. The nodes may be in any order.

    children_left and children_right are numbers of nodes, and both are -1 at a leaf. There, feature has no meaning.
    """

    children_left: np.ndarray
    children_right: np.ndarray
    feature: np.ndarray
    impurity: np.ndarray
    n_node_samples: np.ndarray


class Importances(NamedTuple):
    """Mean and standard deviation of each feature, and all repeats, of shape (n_features, n_repeats)."""

    importances_mean: np.ndarray
    importances_std: np.ndarray
    importances: np.ndarray


def impurity_importance(tree: Tree, n_features: int) -> np.ndarray:
    """Return the importance of each feature by impurity: they sum to 1, or are all 0 if no split reduces the impurity.

    Examples
    --------
    >>> tree = Tree(
    ...     children_left=np.array([1, -1, 3, -1, -1]),
    ...     children_right=np.array([2, -1, 4, -1, -1]),
    ...     feature=np.array([1, -2, 0, -2, -2]),
    ...     impurity=np.array([0.5, 0.0, 0.48, 0.0, 0.0]),
    ...     n_node_samples=np.array([24, 4, 20, 8, 12]),
    ... )
    >>> impurity_importance(tree, n_features=3)
    array([0.8, 0.2, 0. ])
    """
    raise NotImplementedError


def permutation_importance(
    predict: Callable, X: np.ndarray, y: np.ndarray, score: Callable, n_repeats: int, rng: np.random.Generator
) -> Importances:
    """Return the importance of each feature by permutation, n_repeats times.

    Parameters
    ----------
    predict : function
        ``predict(X)`` returns an array of shape (n_samples,).
    X : array of shape (n_samples, n_features)
        Leave it as it is.
    y : array of shape (n_samples,)
    score : function
        ``score(y, prediction)`` returns a float, and higher is better.
    n_repeats : int
    rng : np.random.Generator
        The only source of randomness. Each repeat draws a new order of the column. All orders are equally likely.

    Returns
    -------
    Importances
        The standard deviation divides by n_repeats.

    Examples
    --------
    Only the first feature is used.

    >>> X, y = np.array([[1.0, 5.0], [2.0, 3.0]]), np.array([1.0, 2.0])
    >>> accuracy = lambda y, prediction: np.mean(y == prediction)
    >>> result = permutation_importance(lambda X: X[:, 0], X, y, accuracy, 1000, np.random.default_rng(0))
    >>> result.importances_mean.round(1)
    array([0.5, 0. ])
    """
    raise NotImplementedError
