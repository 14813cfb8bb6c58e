import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

PURE = True


@pytest.fixture
def draw(rng):
    """Return a function that draws ids of a shape, from the rows 1, 2, 4, 5 of seven, and their gradients."""

    def draw(*shape, dim=3):
        return rng.normal(size=(*shape, dim)), rng.choice([1, 2, 4, 4, 5], size=shape)

    return draw


def defined(grad_out, ids, n_rows, padding_id=None):
    """Return what the definition makes of it, one lookup at a time."""
    grad = np.zeros((n_rows, grad_out.shape[-1]))
    for place in np.ndindex(ids.shape):
        if ids[place] != padding_id:
            for column in range(grad_out.shape[-1]):
                grad[ids[place], column] += grad_out[place][column]
    return grad


def assert_sparse(actual, grad_out, ids, padding_id=None):
    rows = [row for row in sorted(set(ids.ravel().tolist())) if row != padding_id]
    assert_equal(actual.rows, np.array(rows, dtype=int))
    assert_close(actual.grads, defined(grad_out, ids, 1 + max([0, *rows]), padding_id)[rows])


def test_forward(kata, rng):
    """Each id gives its row, in the shape of ids."""
    table = np.array([[1.0, 2e-6], [3.0, 4.0], [5.0, 6e3]])
    assert_close(kata.embedding_forward(table, np.array([[2, 0, 2]])), [[[5.0, 6e3], [1.0, 2e-6], [5.0, 6e3]]])
    table = rng.normal(size=(5, 3))
    assert_close(kata.embedding_forward(table, np.array([[4], [4]])), [[table[4]], [table[4]]])
    for shape in ((4,), (2, 3), (3, 3), (2, 1, 4)):
        ids = rng.integers(0, 5, size=shape)
        out = kata.embedding_forward(table, ids)
        expected = np.empty((*shape, 3))
        for place in np.ndindex(shape):
            expected[place] = table[ids[place]]
        assert_close(out, expected)


def test_distinct_ids(kata, rng):
    """The gradient of a lookup goes to its row; rows without one have 0, also after the largest id."""
    grad_out, ids = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([3, 1])
    expected = [[0.0, 0.0], [3.0, 4.0], [0.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    assert_close(kata.embedding_backward(grad_out, ids, 5), expected)
    ids, grad_out = rng.permutation(7)[:6].reshape(3, 2), rng.normal(size=(3, 2, 4))
    assert_close(kata.embedding_backward(grad_out, ids, 9), defined(grad_out, ids, 9))


def test_repeated_ids(kata, draw):
    """The gradients of a row's lookups add up."""
    # Columns of large gradients and of small ones.
    sizes, ids = np.array([1.0, 1e4, 1e-6]), np.array([2, 0, 2, 2])
    grad_out = sizes * np.array([[1.0], [2.0], [4.0], [8.0]])
    assert_close(kata.embedding_backward(grad_out, ids, 3), sizes * np.array([[2.0], [0.0], [13.0]]))
    for shape in ((9,), (4, 5), (3, 3), (2, 3, 4)):
        grad_out, ids = draw(*shape)
        assert_close(kata.embedding_backward(grad_out, ids, 7), defined(grad_out, ids, 7))


def test_finite_differences(kata, rng, draw):
    """The gradient tells how a loss of the outputs changes with each number of the table."""
    weights, ids = draw(3, 4, dim=2)
    table = rng.normal(size=(6, 2))

    def loss(values):
        return sum(weights[place] @ np.sin(values[ids[place]]) for place in np.ndindex(ids.shape))

    grad = kata.embedding_backward(weights * np.cos(kata.embedding_forward(table, ids)), ids, 6)
    assert_close(grad, numerical_gradient(loss, table), rtol=1e-6, atol=1e-8)


def test_padding(kata, draw):
    """The row of padding_id has gradient 0, the others have theirs; padding_id may be 0."""
    grad_out, ids = np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([2, 0, 2, 0])
    assert_close(kata.embedding_backward(grad_out, ids, 3, padding_id=0), [[0.0], [0.0], [5.0]])
    assert_close(kata.embedding_backward(grad_out, ids, 3, padding_id=2), [[10.0], [0.0], [0.0]])
    assert_close(kata.embedding_backward(grad_out, ids, 3), [[10.0], [0.0], [5.0]])
    grad_out, ids = draw(4, 5)
    for padding_id in (0, 4, 6):
        actual = kata.embedding_backward(grad_out, ids, 7, padding_id)
        assert_close(actual, defined(grad_out, ids, 7, padding_id))


def test_sparse(kata, draw):
    """Sparse: each id once, in rising order, with the sum of its gradients."""
    sizes, ids = np.array([1.0, 1e4, 1e-6]), np.array([12, 3, 12, 3])
    sparse = kata.sparse_embedding_backward(sizes * np.array([[1.0], [2.0], [4.0], [8.0]]), ids)
    assert_equal(sparse.rows, np.array([3, 12]))
    assert_close(sparse.grads, sizes * np.array([[10.0], [5.0]]))
    for shape in ((9,), (4, 5), (3, 3), (2, 3, 4), (1,)):
        grad_out, ids = draw(*shape)
        assert_sparse(kata.sparse_embedding_backward(grad_out, ids), grad_out, ids)
        # Neither the first id nor the last one is the least or the largest.
        ids = 10_000 * ids + 7
        assert_equal(kata.sparse_embedding_backward(grad_out, ids).rows, np.array(sorted(set(ids.ravel().tolist()))))


def test_sparse_zeros(kata):
    """Sparse: a row that was looked up stays in, also if its gradients are 0 or cancel, and with a padding row, too."""
    grad_out = np.array([[4.0, 1.0], [0.0, 0.0], [-4.0, -1.0], [3.0, 0.0]])
    sparse = kata.sparse_embedding_backward(grad_out, np.array([6, 2, 6, 8]))
    assert_equal(sparse.rows, np.array([2, 6, 8]))
    assert_close(sparse.grads, [[0.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
    sparse = kata.sparse_embedding_backward(grad_out, np.array([6, 2, 6, 8]), padding_id=8)
    assert_equal(sparse.rows, np.array([2, 6]))
    assert_close(sparse.grads, np.zeros((2, 2)))


def test_sparse_padding(kata, draw):
    """Sparse: padding_id is left out of rows and of grads; it may be 0, and it may not occur."""
    grad_out, ids = np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([2, 0, 2, 1])
    for padding_id, rows, grads in (
        (0, [1, 2], [[8.0], [5.0]]),
        (1, [0, 2], [[2.0], [5.0]]),
        (2, [0, 1], [[2.0], [8.0]]),
        (3, [0, 1, 2], [[2.0], [8.0], [5.0]]),
    ):
        sparse = kata.sparse_embedding_backward(grad_out, ids, padding_id=padding_id)
        assert_equal(sparse.rows, np.array(rows))
        assert_close(sparse.grads, grads)
    # An id that does not occur, between two that do.
    sparse = kata.sparse_embedding_backward(grad_out, np.array([3, 1, 3, 0]), padding_id=2)
    assert_equal(sparse.rows, np.array([0, 1, 3]))
    assert_close(sparse.grads, [[8.0], [2.0], [5.0]])
    grad_out, ids = draw(4, 5)
    ids[1, :3] = 0
    for padding_id in (0, 4, 6):
        assert_sparse(kata.sparse_embedding_backward(grad_out, ids, padding_id), grad_out, ids, padding_id)


def test_many_ids(kata, rng):
    """100,000 ids in a table of 45,000 rows take far less than a pass over all ids for every row."""
    ids, grad_out = rng.integers(0, 45_000, size=(200, 500)), rng.normal(size=(200, 500, 1))
    total = np.bincount(ids.ravel(), weights=grad_out.ravel(), minlength=45_000)
    # Sums as differences of running sums are right, too.
    assert_close(kata.embedding_backward(grad_out, ids, 45_000), total[:, None], atol=1e-9)
    sparse = kata.sparse_embedding_backward(grad_out, ids)
    assert_equal(sparse.rows, np.flatnonzero(np.bincount(ids.ravel())))
    assert_close(sparse.grads, total[sparse.rows, None], atol=1e-9)


@strict
def test_out_of_range(kata):
    """An id that is negative or not below the number of rows raises ValueError."""
    table = np.array([[1.0], [2.0], [3.0]])
    for ids in ([0, -1], [3, 0], [[1], [-3]], [[0, 100]]):
        with pytest.raises(ValueError):
            kata.embedding_forward(table, np.array(ids))


@strict
def test_nothing(kata):
    """There may be no ids, and all of them may be padding_id."""
    empty = np.zeros((2, 0), dtype=int)
    assert_close(kata.embedding_forward(np.ones((4, 3)), empty), np.zeros((2, 0, 3)))
    for grad_out, ids, padding_id in (
        (np.zeros((2, 0, 3)), empty, None),
        (np.zeros((2, 0, 3)), empty, 0),
        (np.ones((2, 2, 3)), np.full((2, 2), 1), 1),
    ):
        assert_close(kata.embedding_backward(grad_out, ids, 4, padding_id), np.zeros((4, 3)))
        sparse = kata.sparse_embedding_backward(grad_out, ids, padding_id)
        assert_equal(sparse.rows, np.zeros(0, dtype=int))
        assert_close(sparse.grads, np.zeros((0, 3)))


@strict
def test_integers(kata):
    """Ids of small types do not wrap around, and sums of small integers neither."""
    ids, grad_out = np.array([200, 100, 200], dtype=np.uint8), np.array([[100, 1], [2, 3], [100, 5]], dtype=np.int8)
    dense = kata.embedding_backward(grad_out, ids, 300)
    assert_close(dense[[100, 200]], [[2.0, 3.0], [200.0, 6.0]])
    assert_close(dense.sum(), 211.0)
    sparse = kata.sparse_embedding_backward(grad_out, ids, padding_id=100)
    assert_equal(sparse.rows, np.array([200]))
    assert_close(sparse.grads, [[200.0, 6.0]])


def workload(kata, rng, n):
    """Embed tokens whose first ids are the most frequent; some gradients are zero, and id 0 is padding."""
    table, grad_out = rng.normal(size=(n + 1, 4)), rng.normal(size=(3, n, 4))
    ids = np.minimum(rng.geometric(0.2, size=(3, n)) - 1, n)
    grad_out[rng.random(size=grad_out.shape) < 0.3] = 0.0
    return (
        kata.embedding_forward(table, ids),
        kata.embedding_backward(grad_out, ids, n + 1, 0),
        kata.sparse_embedding_backward(grad_out, ids, 0),
    )


DENSE = "np.add.at(grad, ids.ravel(), grad_out.reshape(-1, dim))"
SPARSE = "np.add.at(grads, place, grad_out.reshape(-1, dim))"
UNIQUE = "rows, place = np.unique(ids.ravel(), return_inverse=True)"
KEPT = "kept = rows != padding_id"

MISTAKES = {
    "forward: columns": ("return table[ids]\n", "return table.T[:, ids]\n"),
    "forward: flattened": ("return table[ids]\n", "return table[ids.ravel()]\n"),
    "forward: row 0 masked": ("return table[ids]\n", "return table[ids] * (ids != 0)[..., None]\n"),
    "dense: the last one wins": (DENSE, "grad[ids.ravel()] = grad_out.reshape(-1, dim)"),
    "dense: += keeps the last one only": (DENSE, "grad[ids.ravel()] += grad_out.reshape(-1, dim)"),
    "dense: averaged": (
        DENSE,
        DENSE + "\n    grad /= np.maximum(np.bincount(ids.ravel(), minlength=n_rows), 1)[:, None]",
    ),
    "dense: divided by the number of lookups": (DENSE, DENSE + "\n    grad /= ids.size"),
    "dense: divided by the batch": (DENSE, DENSE + "\n    grad /= len(ids)"),
    "dense: rows up to the largest id only": ("np.zeros((n_rows, dim))", "np.zeros((ids.max() + 1, dim))"),
    "dense: only ids of two axes": (DENSE, "np.add.at(grad, ids.T.ravel(), grad_out.reshape(-1, dim))"),
    "dense: a one-hot matrix": (
        DENSE,
        "grad += (ids.ravel() == np.arange(n_rows)[:, None]) @ grad_out.reshape(-1, dim)",
    ),
    "dense: padding id 0 is none": (
        "    if padding_id is not None:\n        grad[",
        "    if padding_id:\n        grad[",
    ),
    "dense: padding ignored": ("    if padding_id is not None:\n        grad[", "    if False:\n        grad["),
    "dense: padding is always 0": ("grad[padding_id] = 0.0", "grad[0] = 0.0"),
    "dense: the padding row removed": ("grad[padding_id] = 0.0", "grad = np.delete(grad, padding_id, axis=0)"),
    "dense: padded positions zeroed in place": (
        "grad[padding_id] = 0.0",
        "grad_out[ids == padding_id] = 0.0\n        grad[padding_id] = 0.0",
    ),
    "sparse: the last one wins": (SPARSE, "grads[place] = grad_out.reshape(-1, dim)"),
    "sparse: += keeps the last one only": (SPARSE, "grads[place] += grad_out.reshape(-1, dim)"),
    "sparse: averaged": (SPARSE, SPARSE + "\n    grads /= np.bincount(place)[:, None]"),
    "sparse: duplicates not summed": (
        UNIQUE + "\n    grads = np.zeros((len(rows), dim))\n    " + SPARSE,
        "rows, grads = np.sort(ids.ravel()), grad_out.reshape(-1, dim)[np.argsort(ids.ravel(), kind='stable')]",
    ),
    "sparse: in order of appearance": (
        "return SparseGradient(rows[kept], grads[kept])\n\n\ndef embedding_forward_via",
        (
            "first = [np.flatnonzero(ids.ravel() == row)[0] for row in rows[kept][:99]]\n"
            "    order = np.argsort(first)\n"
            "    return SparseGradient(rows[kept][order], grads[kept][order])\n\n\ndef embedding_forward_via"
        ),
    ),
    "sparse: rows of gradient 0 dropped": (KEPT, KEPT + "\n    kept &= grads.any(axis=1)"),
    "sparse: padding id 0 is none": (KEPT, KEPT.replace("padding_id", "(padding_id or None)")),
    "sparse: padding ignored": (KEPT, "kept = np.ones(len(rows), dtype=bool)"),
    "sparse: padding is always 0": (KEPT, KEPT.replace("rows != padding_id", "rows != 0")),
    "sparse: padding kept with gradient 0": (
        KEPT,
        "kept = np.ones(len(rows), dtype=bool)\n    grads[rows == padding_id] = 0.0",
    ),
    "sparse: a pass over all ids for every row": (
        SPARSE,
        (
            "for i, row in enumerate(rows):\n"
            "        grads[i] = grad_out.reshape(-1, dim)[ids.ravel() == row].sum(axis=0)"
        ),
    ),
}

STRICT_MISTAKES = {
    "ids not checked": ("if np.size(ids) and not", "if False and not"),
    "negative ids count from the end": ("not 0 <= np.min(ids) <= np.max(ids)", "not np.max(ids)"),
    "the gradient has the type of grad_out": ("np.zeros((n_rows, dim))", "np.zeros((n_rows, dim), grad_out.dtype)"),
}
