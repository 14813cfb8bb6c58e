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
    split = tree.children_left >= 0
    mass = tree.n_node_samples.astype(float) * tree.impurity
    decrease = mass[split] - mass[tree.children_left[split]] - mass[tree.children_right[split]]
    importance = np.bincount(tree.feature[split], weights=decrease, minlength=n_features)
    return importance / importance.sum() if importance.any() else importance


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
    if len(X) != len(y) or n_repeats < 1:
        raise ValueError(f"{len(X)} rows, {len(y)} targets and {n_repeats} repeats")
    base = score(y, predict(X))
    lost = np.empty((X.shape[1], n_repeats))
    for feature, repeat in np.ndindex(lost.shape):
        shuffled = X.copy()
        shuffled[:, feature] = rng.permutation(X[:, feature])
        lost[feature, repeat] = base - score(y, predict(shuffled))
    return Importances(lost.mean(axis=1), lost.std(axis=1), lost)


def impurity_importance_via_loop(tree: Tree, n_features: int) -> np.ndarray:
    """Go from node to node, in plain Python."""
    importance = [0.0] * n_features
    for node, left in enumerate(tree.children_left.tolist()):
        if left != -1:
            kept = sum(
                float(tree.n_node_samples[child]) * float(tree.impurity[child])
                for child in (left, tree.children_right[node])
            )
            importance[tree.feature[node]] += float(tree.n_node_samples[node]) * float(tree.impurity[node]) - kept
    total = sum(importance)
    return np.array([each / total if total else 0.0 for each in importance])


def impurity_importance_via_parents(tree: Tree, n_features: int) -> np.ndarray:
    """Give each node to the feature that it splits on, and take it from the one that split its parent."""
    mass = 1.0 * tree.n_node_samples * tree.impurity
    share = np.zeros((n_features, len(mass)))
    for parent in np.flatnonzero(tree.children_right != -1):
        children = [tree.children_left[parent], tree.children_right[parent]]
        share[tree.feature[parent], parent] += 1
        share[tree.feature[parent], children] -= 1
    importance = share @ mass
    return importance / (importance.sum() or 1)


def permutation_importance_via_stack(
    predict: Callable, X: np.ndarray, y: np.ndarray, score: Callable, n_repeats: int, rng: np.random.Generator
) -> Importances:
    """Stack all repeats of a feature, so that the model predicts them at once."""
    if X.shape[:1] != y.shape:
        raise ValueError("the arguments do not fit")
    base, rows = score(y, predict(X)), []
    for feature in range(X.shape[1]):
        copies = np.tile(X, (n_repeats, 1, 1))  # reshape finds no size for no repeats
        copies[:, :, feature] = rng.permuted(copies[:, :, feature], axis=1)
        predictions = predict(copies.reshape(-1, X.shape[1])).reshape(n_repeats, -1)
        rows.append([base - score(y, prediction) for prediction in predictions])
    importances = np.array(rows)
    return Importances(importances.mean(axis=1), importances.std(axis=1), importances)


def permutation_importance_via_order(
    predict: Callable, X: np.ndarray, y: np.ndarray, score: Callable, n_repeats: int, rng: np.random.Generator
) -> Importances:
    """Shuffle rows by sorting random numbers, and take every feature from the same shuffled rows."""
    if len(y) != len(X) or n_repeats <= 0:
        raise ValueError("the arguments do not fit")
    worse = []
    for _ in range(n_repeats):
        other = X[np.argsort(rng.random(len(X)))]
        swapped = [np.where(np.arange(X.shape[1]) == feature, other, X) for feature in range(X.shape[1])]
        worse.append([score(y, predict(each)) for each in swapped])
    importances = score(y, predict(X)) - np.transpose(worse)
    mean = importances.sum(axis=1) / n_repeats
    return Importances(mean, np.sqrt(np.mean((importances.T - mean) ** 2, axis=0)), importances)
