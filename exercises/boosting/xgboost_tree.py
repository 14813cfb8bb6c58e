# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- xgboost_tree
"""XGBoost's tree: grown from gradients, pruned, and used.

G and H are sums of grad and hess, the derivatives of the loss, over the samples of a node:

    score  = G**2 / (H + reg_lambda)
    gain   = 1/2 * (score of left + score of right - score of both together)
    weight = -G / (H + reg_lambda)

A sample goes left if x[feature] < threshold. At each node, missing values (NaN) all go to the side with the larger
gain.

By default (tree_method="hist"), XGBoost uses gamma while a tree grows. With "exact" it prunes afterwards.

Source: Chen and Guestrin, XGBoost (2016), equations 5 and 7, algorithm 3.

Strict
------
- Gains within 1e-9 of each other, or of gamma, are equal.
- Score and weight are 0 if H is 0.
"""

from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """A leaf has a weight only. left and right are the children's places, anywhere in the list."""

    weight: float
    feature: int = -1
    threshold: float = 0.0
    default_left: bool = False
    left: int = -1
    right: int = -1
    gain: float = 0.0


def grow_tree(
    X: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    max_depth: int = 6,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> list[Node]:
    """Return the nodes of a tree, the root first.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    grad, hess : arrays of shape (n_samples,)
    max_depth : int
        The root has depth 0. A node at max_depth is a leaf.
    reg_lambda, gamma : float
        A node is split if its largest gain is above gamma.
    min_child_weight : float
        The least H of a child.

    Returns
    -------
    list of Node
        A threshold is the midpoint of two neighbouring distinct values in the node, or inf if some are missing: the
        present ones go left, the missing right. A tie goes to the lower feature, then to the lower threshold, then to
        missing values on the right. If none is missing, default_left is False.

    Examples
    --------
    >>> X, grad = np.array([[1], [2], [4], [np.nan]]), np.array([-3, -1, 3, -2])
    >>> grow_tree(X, grad, np.ones(4), max_depth=1)[0]
    Node(weight=0.6, feature=0, threshold=3.0, default_left=True, left=1, right=2, gain=5.85)
    """
    raise NotImplementedError


def prune(tree: list[Node], gamma: float) -> list[Node]:
    """Return the tree without the splits that do not pay, from the bottom up.

    A node above two leaves becomes a leaf if its gain is not above gamma. Nodes that nothing points to may stay.

    Examples
    --------
    >>> tree = [Node(0.5, 0, 2.0, False, 1, 2, 0.3), Node(0.1), Node(0.8, 0, 3.0, True, 3, 4, 0.7), Node(0.6), Node(2)]
    >>> prune(tree, 0.5) == tree, prune(tree, 0.7)[0] == Node(0.5)
    (True, True)
    """
    raise NotImplementedError


def predict(tree: list[Node], X: np.ndarray) -> np.ndarray:
    """Return the weight of the leaf of each sample.

    Examples
    --------
    >>> tree = [Node(0.0, 0, 2.0, True, 1, 2, 1.0), Node(-0.5), Node(0.25)]
    >>> predict(tree, np.array([[1.0], [2.0], [np.nan]]))
    array([-0.5 ,  0.25, -0.5 ])
    """
    raise NotImplementedError
