"""Target encoding: replace each category by the mean target of its rows, shrunk towards the mean of all rows.

For a category with n_c training rows, whose targets add up to s_c,

    encoding_c = (s_c + smoothing * prior) / (n_c + smoothing)

where the prior is the mean target of all training rows. A category without a training row gets the prior.

A row must not see its own target. So the training rows themselves are encoded out of fold: the rows of one fold take
the rows of all other folds for their training rows. Counts, sums and the prior come from those alone.

Source: Micci-Barreca, A preprocessing scheme for high-cardinality categorical attributes (2001).

Strict
------
- ValueError if lengths differ or smoothing < 0.
"""

import numpy as np


def target_encode(train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float) -> np.ndarray:
    """Return the encoding of each of the categories, as for new rows.

    Parameters
    ----------
    train_categories : array of shape (n_train,)
        Integers or strings, in any order.
    y : array of shape (n_train,)
        The targets: any numbers, for example 0 and 1.
    categories : array of shape (n,)
        Some may be unseen in training.
    smoothing : float
        At least 0.

    Examples
    --------
    >>> train, y = np.array(["a", "a", "a", "b"]), np.array([0.0, 1.0, 0.0, 1.0])
    >>> target_encode(train, y, np.array(["b", "a", "z"]), smoothing=1.0)
    array([0.75 , 0.375, 0.5  ])
    """
    if smoothing < 0:
        raise ValueError(f"smoothing is {smoothing}, and at least 0 is asked for")
    known, place = np.unique(train_categories, return_inverse=True)
    prior = y.mean()
    # bincount raises ValueError if lengths differ.
    encoding = (np.bincount(place, weights=y) + smoothing * prior) / (np.bincount(place) + smoothing)
    nearest = np.searchsorted(known, categories).clip(max=len(known) - 1)
    return np.where(known[nearest] == categories, encoding[nearest], prior)


def target_encode_out_of_fold(categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float) -> np.ndarray:
    """Return the encoding of each training row, from the rows of the other folds.

    Parameters
    ----------
    categories, y : arrays of shape (n_train,)
        As in target_encode.
    folds : array of int of shape (n_train,)
        The fold of each row: any integers, not only 0, 1, 2, ...
    smoothing : float

    Raises
    ------
    ValueError
        If there is only one fold.

    Examples
    --------
    The prior is 0.5 for rows 0 and 2, and 1 for rows 1 and 3.

    >>> categories, y = np.array(["a", "a", "b", "b"]), np.array([1.0, 0.0, 1.0, 1.0])
    >>> target_encode_out_of_fold(categories, y, np.array([0, 1, 0, 1]), smoothing=1.0)
    array([0.25, 1.  , 0.75, 1.  ])
    """
    if not len(categories) == len(y) == len(folds):
        raise ValueError(f"{len(categories)} categories, {len(y)} targets and {len(folds)} folds")
    distinct = np.unique(folds)
    if len(distinct) < 2:
        raise ValueError("with only one fold, no row is left to encode its rows from")
    encoded = np.empty(len(y))
    for fold in distinct:
        inside = folds == fold
        encoded[inside] = target_encode(categories[~inside], y[~inside], categories[inside], smoothing)
    return encoded


def target_encode_via_dict(
    train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float
) -> np.ndarray:
    """Collect the targets of each category in a dictionary, and look the categories up in it."""
    if smoothing < 0:
        raise ValueError("smoothing is at least 0")
    targets = {}
    for category, target in zip(train_categories.tolist(), y.tolist(), strict=True):
        targets.setdefault(category, []).append(target)
    prior = sum(y.tolist()) / len(y)
    encoding = {
        category: (sum(those) + smoothing * prior) / (len(those) + smoothing) for category, those in targets.items()
    }
    return np.array([encoding.get(category, prior) for category in categories.tolist()])


def target_encode_via_deviations(
    train_categories: np.ndarray, y: np.ndarray, categories: np.ndarray, smoothing: float
) -> np.ndarray:
    """Compare each category with each training row, and move from the prior by the shrunk sum of deviations."""
    if train_categories.shape != y.shape or smoothing < 0:
        raise ValueError("the arguments do not fit")
    same = categories[:, np.newaxis] == train_categories
    prior, n = y.mean(), same.sum(axis=1)
    return prior + (same @ (y - prior)) / (np.where(n > 0, n, 1) + smoothing)


def target_encode_out_of_fold_via_table(
    categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float
) -> np.ndarray:
    """Take the sums and counts of a row's own fold away from those of all folds, in a table of categories and folds."""
    if categories.shape != y.shape or y.shape != folds.shape or smoothing < 0:
        raise ValueError("the arguments do not fit")
    (names, row), (numbers, column) = (np.unique(each, return_inverse=True) for each in (categories, folds))
    if len(numbers) == 1:
        raise ValueError("there is only one fold")
    centre, table = y.mean(), np.zeros((2, len(names), len(numbers)))
    np.add.at(table[0], (row, column), 1)
    np.add.at(table[1], (row, column), y - centre)
    counts, sums = table.sum(axis=2, keepdims=True) - table
    prior = sums.sum(axis=0) / counts.sum(axis=0)
    return centre + (prior + (sums - counts * prior) / (np.maximum(counts, 1) + smoothing))[row, column]


def target_encode_out_of_fold_via_rows(
    categories: np.ndarray, y: np.ndarray, folds: np.ndarray, smoothing: float
) -> np.ndarray:
    """Go through the rows, and pick those of other folds for each."""
    if smoothing < 0:
        raise ValueError("smoothing is at least 0")
    data = list(zip(categories.tolist(), y.tolist(), folds.tolist(), strict=True))
    encoded = []
    for category, _, fold in data:
        others = [target for _, target, its in data if its != fold]
        alike = [target for other, target, its in data if its != fold and other == category]
        if not others:
            raise ValueError("there is only one fold")
        prior = sum(others) / len(others)
        encoded.append((sum(alike) + smoothing * prior) / (len(alike) + smoothing) if alike else prior)
    return np.array(encoded)
