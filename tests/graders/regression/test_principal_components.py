import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# Along (0.6, 0.8) the scores are -3, -1, 1, 3, along (0.8, -0.6) they are 1, -1, -1, 1. The mean is (5, -2).
AXES = np.array([[0.6, 0.8], [0.8, -0.6]])
SCORES = np.array([[-3.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [3.0, 1.0]])
SMALL = np.array([5.0, -2.0]) + SCORES @ AXES
SPREADS = np.array([7.0, 5.0, 3.2, 2.0, 1.2, 0.7])


def orthonormal(rng, size):
    """Return orthonormal rows in which one entry is clearly the largest, and positive."""
    while True:
        rows = np.linalg.qr(rng.normal(size=(size, size)))[0].T
        sizes = np.sort(np.abs(rows), axis=1)
        if size == 1 or (sizes[:, -1] - sizes[:, -2]).min() > 0.02:
            return rows * np.sign(rows[np.arange(size), np.abs(rows).argmax(axis=1)])[:, None]


def design(rng, n, d):
    """Return X, its components and their variances, built from them: no solver of eigenvalues is needed."""
    r = min(n - 1, d)
    noise = rng.normal(size=(n, r))
    uncorrelated = np.linalg.qr(noise - noise.mean(axis=0))[0]
    axes = orthonormal(rng, d)[:r]
    X = rng.uniform(-20, 20, size=d) + uncorrelated * SPREADS[:r] @ axes
    return X, axes, SPREADS[:r] ** 2 / (n - 1)


def test_components(kata, rng):
    """The components are the unit eigenvectors of the covariance matrix, one a row, largest variance first."""
    assert_close(kata.fit_pca(SMALL, 2).components, AXES)
    # Standard deviations that are 1 in 1,000 apart.
    close = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.999], [0.0, -0.999]]) @ AXES
    assert_close(kata.fit_pca(close, 2).components, AXES, rtol=1e-6, atol=1e-6)
    for n, d, k in ((9, 4, 2), (7, 5, 5), (30, 3, 2), (12, 2, 1)):
        X, axes, _ = design(rng, n, d)
        assert_close(kata.fit_pca(X, k).components, axes[:k], rtol=1e-7, atol=1e-8)


def test_explained_variance(kata, rng):
    """The explained variance is the variance of the scores, with the divisor n_samples - 1."""
    assert_close(kata.fit_pca(SMALL, 2).explained_variance, [20 / 3, 4 / 3])
    for n, d, k in ((9, 4, 2), (4, 3, 3), (30, 3, 2), (2, 3, 1)):
        X, _, variances = design(rng, n, d)
        assert_close(kata.fit_pca(X, k).explained_variance, variances[:k], rtol=1e-7)


def test_ratio(kata, rng):
    """A ratio is the share of the variance of all features, also of what the k components leave out."""
    assert_close(kata.fit_pca(SMALL, 1).explained_variance_ratio, [5 / 6])
    assert_close(kata.fit_pca(SMALL, 2).explained_variance_ratio, [5 / 6, 1 / 6])
    for n, d, k in ((9, 5, 2), (4, 6, 2), (8, 3, 3)):
        X, _, variances = design(rng, n, d)
        assert_close(kata.fit_pca(X, k).explained_variance_ratio, variances[:k] / variances.sum(), rtol=1e-7)


def test_sign(kata, rng):
    """The entry of largest absolute value is positive in every component."""
    # Along (-3, 2, -6) / 7, and the same data turned round.
    line = np.arange(4.0)[:, None] * np.array([-3.0, 2.0, -6.0])
    for X in (line, -line, line[::-1]):
        assert_close(kata.fit_pca(X, 1).components, np.array([[3.0, -2.0, 6.0]]) / 7)
    for _ in range(5):
        X, axes, _ = design(rng, 8, 4)
        for turned in (X, -X):
            assert_close(kata.fit_pca(turned, 4).components, axes, rtol=1e-7, atol=1e-8)


def test_mean_and_units(kata, rng):
    """The mean of each feature is subtracted and returned. Features are not scaled."""
    # Of variance 1 and 16, and uncorrelated: the second feature is the first component.
    X = np.array([[1.0, 3.0], [1.0, -5.0], [-1.0, 3.0], [-1.0, -5.0]])
    pca = kata.fit_pca(X, 2)
    assert_close(pca.mean, [0.0, -1.0])
    assert_close(pca.components, [[0.0, 1.0], [1.0, 0.0]], atol=1e-8)
    assert_close(pca.explained_variance, [64 / 3, 4 / 3])
    X, axes, variances = design(rng, 9, 4)
    assert_close(kata.fit_pca(X, 2).mean, X.mean(axis=0))
    moved = kata.fit_pca(X + np.array([300.0, -50.0, 0.0, 80.0]), 4)
    assert_close(moved.components, axes, rtol=1e-7, atol=1e-8)
    # Small numbers: nothing is cut off.
    small = kata.fit_pca(X * 1e-5, 4)
    assert_close(small.components, axes, rtol=1e-7, atol=1e-8)
    assert_close(small.explained_variance, variances * 1e-10, rtol=1e-6, atol=0)
    assert_close(small.explained_variance_ratio, variances / variances.sum(), rtol=1e-6)


def test_shapes(kata, rng):
    """X may have more features than samples, one feature, or two samples. k may be as large as possible."""
    pca = kata.fit_pca(np.array([[1.0, 5.0, 0.0], [4.0, 3.0, 6.0]]), 1)
    assert_close(pca.components, np.array([[3.0, -2.0, 6.0]]) / 7)
    assert_close(pca.explained_variance, [24.5])
    assert_close(pca.explained_variance_ratio, [1.0])
    for n, d in ((4, 6), (6, 6), (3, 5), (7, 6), (5, 1), (2, 1), (40, 2)):
        X, axes, variances = design(rng, n, d)
        for k in range(1, len(axes) + 1):
            pca = kata.fit_pca(X, k)
            assert_close(pca.components, axes[:k], rtol=1e-7, atol=1e-8)
            assert_close(pca.explained_variance, variances[:k], rtol=1e-7)


def test_k_out_of_range(kata):
    """A k below 1, or above min(n_samples - 1, n_features), raises ValueError."""
    for shape, k in (((4, 2), 3), ((4, 2), 0), ((3, 5), 3), ((3, 3), 3), ((3, 5), 4), ((1, 2), 1), ((4, 2), -1)):
        X = np.arange(10.0)[: shape[0], None] ** np.arange(1, shape[1] + 1)
        with pytest.raises(ValueError):
            kata.fit_pca(X, k)


def test_project(kata, rng):
    """The scores of a sample are measured from the fitted mean, also if the sample is new or alone."""
    mean = np.array([4.0, 3.0])
    assert_close(kata.project(np.array([[5.0, 5.0]]), np.array([[0.6, 0.8]]), mean), [[2.2]])
    assert_close(kata.project(mean + SCORES @ AXES, AXES, mean), SCORES)
    # Scores are not divided by a spread, and new samples are not centred again.
    new = np.array([[5.0, 5.0], [9.0, 3.0], [4.0, 8.0]])
    assert_close(kata.project(new, AXES, mean), [[2.2, -0.4], [3.0, 4.0], [4.0, -3.0]])
    for n, d, k in ((6, 4, 3), (1, 5, 2), (3, 3, 3), (2, 4, 1)):
        axes, mean = orthonormal(rng, d)[:k], rng.normal(scale=9.0, size=d)
        scores = rng.normal(size=(n, k))
        assert_close(kata.project(mean + scores @ axes, axes, mean), scores, rtol=1e-7, atol=1e-9)


@strict
def test_origin(kata, rng):
    """Features may lie a million standard deviations from zero."""
    far = SMALL.mean(axis=0) + 4_000_000.0 + SCORES @ AXES
    pca = kata.fit_pca(far, 2)
    assert_close(pca.components, AXES, rtol=1e-5, atol=1e-5)
    assert_close(pca.explained_variance, [20 / 3, 4 / 3], rtol=1e-5)
    assert_close(kata.project(far, pca.components, pca.mean), SCORES, rtol=1e-5, atol=1e-5)
    X, axes, variances = design(rng, 9, 4)
    pca = kata.fit_pca(X + np.array([1e6, -1e6, 0.0, 1e6]), 4)
    assert_close(pca.components, axes, rtol=1e-5, atol=1e-5)
    assert_close(pca.explained_variance, variances, rtol=1e-5)


@strict
def test_no_variance(kata, rng):
    """Where X does not vary, the variance is 0 and not below, and the components are still orthonormal."""
    base = design(rng, 9, 2)[0]
    for X in (base[:, [0, 1, 0, 1]], np.column_stack([base, base @ [0.3, 0.7], np.full(9, 0.1)])):
        pca = kata.fit_pca(X, 4)
        assert_close(pca.explained_variance[2:], [0.0, 0.0])
        assert_equal(bool((pca.explained_variance >= 0).all()), True, what="no variance is below 0")
        assert_close(pca.components @ pca.components.T, np.eye(4), atol=1e-9)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_integers(kata, kind):
    """X may hold integers of any type."""
    X = np.array([[101, 103], [101, 95], [99, 103], [99, 95]]).astype(kind)
    pca = kata.fit_pca(X, 2)
    assert_close(pca.mean, [100.0, 99.0])
    assert_close(pca.components, [[0.0, 1.0], [1.0, 0.0]])
    assert_close(pca.explained_variance, [64 / 3, 4 / 3])
    assert_close(kata.project(X, pca.components, pca.mean), [[4.0, 1.0], [-4.0, 1.0], [4.0, -1.0], [-4.0, -1.0]])


def workload(kata, rng, n):
    """Five features with a common part, two components, and new samples."""
    X = 3.0 + rng.normal(size=(n, 1)) * [3.0, 2.0, -1.0, 0.5, 0.0] + rng.normal(size=(n, 5)) * [0.2, 0.5, 1.5, 1.0, 0.4]
    pca = kata.fit_pca(X, 2)
    return pca, kata.project(rng.normal(size=(n, 5)), pca.components, pca.mean)


RANGE = "if not 1 <= k <= min(n_samples - 1, n_features):"
SVD = "_, lengths, directions = np.linalg.svd(X - mean, full_matrices=False)"
VARIANCES = "variances = lengths**2 / (n_samples - 1)"
FIRST = "components = directions[:k]\n"
LARGEST = "largest = np.take_along_axis(components, np.abs(components).argmax(axis=1, keepdims=True), axis=1)"
TURNED = "components * np.sign(largest)"
KEPT = "variances[:k],"
RATIO = "variances[:k] / variances.sum()"
PROJECT = "return (X - mean) @ components.T"
MISTAKES = {
    "a hundred power iterations, whatever is left": (
        SVD,
        (
            "covariance, basis = (X - mean).T @ (X - mean), np.eye(n_features)\n"
            "    for _ in range(100):\n"
            "        basis = np.linalg.qr(covariance @ basis)[0]\n"
            "    lengths, directions = np.diag(basis.T @ covariance @ basis) ** 0.5, basis.T"
        ),
    ),
    "not centred": (SVD, SVD.replace("X - mean", "X")),
    "standardised": (SVD, SVD.replace("X - mean", "(X - mean) / (X.std(axis=0) + 1e-300)")),
    "rows centred, not columns": (SVD, SVD.replace("X - mean", "X - X.mean(axis=1, keepdims=True)")),
    "centred by the mean of all values": (SVD, SVD.replace("X - mean", "X - X.mean()")),
    "divisor n": (VARIANCES, VARIANCES.replace("(n_samples - 1)", "n_samples")),
    "divisor of the other axis": (VARIANCES, VARIANCES.replace("(n_samples - 1)", "max(n_features - 1, 1)")),
    "singular values, not variances": (VARIANCES, "variances = lengths"),
    "standard deviations": (VARIANCES, "variances = lengths / (n_samples - 1) ** 0.5"),
    "squares without a divisor": (VARIANCES, "variances = lengths**2"),
    "columns of the right factor": (FIRST, "components = directions.T[:k]\n"),
    "one column a component": (TURNED, "(components * np.sign(largest)).T"),
    "smallest variance first": (
        VARIANCES,
        VARIANCES + "[::-1]\n    directions = directions[::-1]",
    ),
    "variances in rising order": (KEPT, "variances[:k][::-1],"),
    "no sign rule": (TURNED, "components"),
    "the first entry positive": (LARGEST, "largest = components[:, :1]"),
    "the sum positive": (LARGEST, "largest = components.sum(axis=1, keepdims=True)"),
    "the largest entry negative": ("np.sign(largest)", "-np.sign(largest)"),
    "the sign by the largest, not by its absolute value": (
        LARGEST,
        LARGEST.replace("np.abs(components)", "components"),
    ),
    "absolute values": (TURNED, "np.abs(components)"),
    "one sign for all components": ("np.sign(largest)", "np.sign(largest[0])"),
    "the sign by the scores, as scikit-learn once did": [
        (SVD, SVD.replace("_,", "scores,")),
        (LARGEST, "largest = scores[np.abs(scores).argmax(axis=0), np.arange(scores.shape[1])][:k, None]"),
    ],
    "ratio of the kept variance": (RATIO, "variances[:k] / variances[:k].sum()"),
    "cumulative ratio": (RATIO, "variances[:k].cumsum() / variances.sum()"),
    "ratio of the standard deviations": (RATIO, "lengths[:k] / lengths.sum()"),
    "eps in the ratio": (RATIO, "variances[:k] / (variances.sum() + 1e-12)"),
    "components times their spread": ("np.sign(largest)", "np.sign(largest) * lengths[:k, None]"),
    "small singular values cut off": (VARIANCES, "lengths = np.where(lengths < 1e-4, 0, lengths)\n    " + VARIANCES),
    "all variances, whatever k": (KEPT, "variances,"),
    "k as large as n_samples": (RANGE, "if not 1 <= k <= min(n_samples, n_features):"),
    "k below n_features only": (RANGE, "if not 1 <= k < min(n_samples, n_features):"),
    "k above n_features": (RANGE, "if not 1 <= k <= n_samples - 1:"),
    "k = 0 passes": (RANGE, "if not 0 <= k <= min(n_samples - 1, n_features):"),
    "new samples centred by their own mean": (PROJECT, "return (X - X.mean(axis=0)) @ components.T"),
    "new samples not centred": (PROJECT, "return X @ components.T"),
    "projected back": (PROJECT, "return (X - mean) @ components.T @ components"),
    "scores scaled to variance 1": (
        PROJECT,
        f"scores = {PROJECT[7:]}\n    return scores / (scores.std(axis=0) + 1e-9)",
    ),
    "the mean added": (PROJECT, "return (X + mean) @ components.T"),
}

STRICT_MISTAKES = {
    "moments about zero": (
        SVD,
        (
            "lengths, directions = np.linalg.eigh(X.astype(float).T @ X - n_samples * np.outer(mean, mean))\n"
            "    lengths, directions = np.maximum(lengths[::-1], 0) ** 0.5, directions.T[::-1]"
        ),
    ),
    "a variance a little below 0, as rounding leaves it": (KEPT, "variances[:k] - 1e-17,"),
    "directions of no variance dropped": (FIRST, "components = directions[:k] * (variances[:k, None] > 1e-20)\n"),
    "narrow sums": ("mean = X.mean(axis=0)", "mean = (X.sum(axis=0, dtype=X.dtype) / n_samples)"),
}
