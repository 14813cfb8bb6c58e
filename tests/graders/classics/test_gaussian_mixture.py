import math

import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, strict


@pytest.fixture
def samples(rng):
    """Nine samples in two dimensions, away from zero, of unequal spread."""
    return rng.normal([3.0, -1.0], [1.0, 2.0], size=(9, 2))


@pytest.fixture
def mixture(rng):
    """Three components with unequal weights and correlated axes, whose means are among the samples."""
    roots = rng.uniform(-0.5, 0.5, size=(3, 2, 2)) + np.array([[1.0, 0.0], [0.0, 1.5]])
    return np.array([0.2, 0.5, 0.3]), rng.normal([3.0, -1.0], size=(3, 2)), roots @ np.swapaxes(roots, 1, 2)


def defined_e(X, weights, means, covariances):
    """Return log p(x_i) and the responsibilities, by inverses and determinants."""
    away = X[:, np.newaxis] - means
    distances = np.einsum("nki,kij,nkj->nk", away, np.linalg.inv(covariances), away)
    log_dets = np.linalg.slogdet(covariances)[1]
    logs = np.log(weights) - 0.5 * (distances + log_dets + X.shape[1] * math.log(2 * math.pi))
    log_p = np.logaddexp.reduce(logs, axis=1)
    return log_p, np.exp(logs - log_p[:, np.newaxis])


def defined_m(X, responsibilities, reg_covar):
    weights, means, covariances = [], [], []
    for r in responsibilities.T:
        mean = np.einsum("n,ni->i", r, X) / r.sum()
        scatter = np.einsum("n,ni,nj->ij", r, X - mean, X - mean)
        weights.append(r.sum() / len(X))
        means.append(mean)
        covariances.append(scatter / r.sum() + reg_covar * np.eye(len(mean)))
    return np.array(weights), np.array(means), np.array(covariances)


def draw_shares(rng, n, k):
    shares = rng.uniform(0.05, 1.0, size=(n, k))
    return shares / shares.sum(axis=1, keepdims=True)


def assert_mixture(mixture, expected, rtol=1e-9):
    for have, want in zip(mixture, expected, strict=True):
        assert_close(have, want, rtol=rtol, atol=1e-11)


def test_responsibilities(kata, samples, mixture):
    """A component is responsible by its share of p(x): its weight times its own Gaussian density."""
    # At 0 the densities are 1 and exp(-2) times a constant.
    step = kata.e_step(np.array([[0.0]]), np.array([0.25, 0.75]), np.array([[0.0], [2.0]]), np.ones((2, 1, 1)))
    first = 1 / (1 + 3 * math.exp(-2.0))
    assert_close(step.responsibilities, [[first, 1 - first]])
    # A covariance of 4 halves the density's height.
    step = kata.e_step(np.array([[1.0]]), np.array([0.5, 0.5]), np.ones((2, 1)), np.array([[[1.0]], [[4.0]]]))
    assert_close(step.responsibilities, [[2 / 3, 1 / 3]])
    assert_close(kata.e_step(samples, *mixture).responsibilities, defined_e(samples, *mixture)[1])
    one = [part[1:2] for part in mixture]
    assert_close(kata.e_step(samples[:4], np.ones(1), *one[1:]).responsibilities, np.ones((4, 1)))


def test_log_likelihood(kata, samples, mixture, rng):
    """The log-likelihood is the mean of log p(x_i) over the samples, in any number of dimensions."""
    # At 0 and at 2, N(x; 0, 4) has the logarithms -log(sqrt(8 pi)) and 1/2 less.
    step = kata.e_step(np.array([[0.0], [2.0]]), np.ones(1), np.zeros((1, 1)), np.full((1, 1, 1), 4.0))
    assert_close(step.log_likelihood, -math.log(8 * math.pi) / 2 - 0.25)
    assert_close(kata.e_step(samples, *mixture).log_likelihood, np.mean(defined_e(samples, *mixture)[0]))
    for n, d, k in [(5, 3, 2), (1, 4, 3), (6, 1, 4)]:
        X, weights = rng.normal(size=(n, d)), draw_shares(rng, 1, k)[0]
        means, roots = rng.normal(size=(k, d)), rng.uniform(-0.3, 0.3, size=(k, d, d)) + 1.2 * np.eye(d)
        drawn = weights, means, roots @ np.swapaxes(roots, 1, 2)
        step, (log_p, shares) = kata.e_step(X, *drawn), defined_e(X, *drawn)
        assert_close(step.log_likelihood, np.mean(log_p))
        assert_close(step.responsibilities, shares)


def test_underflow(kata, samples, mixture):
    """Far from all means the densities underflow, and in many dimensions a determinant does: the results do not."""
    # Of two standard normals at (0, 0) and (1, 0), (0.5, 60) is as far from either.
    far, means, eyes = np.array([[0.5, 60.0]]), np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([np.eye(2)] * 2)
    step = kata.e_step(far, np.array([0.3, 0.7]), means, eyes)
    assert_close(step.responsibilities, [[0.3, 0.7]])
    assert_close(step.log_likelihood, -(0.25 + 3600) / 2 - math.log(2 * math.pi))
    # Far from one mean alone.
    for order in ([0, 1], [1, 0]):
        step = kata.e_step(np.zeros((1, 2)), np.array([0.3, 0.7])[order], np.array([[60.0, 0], [1, 0]])[order], eyes)
        assert_close(step.responsibilities, np.array([[0.0, 1.0]])[:, order])
        assert_close(step.log_likelihood, math.log(0.7) - 0.5 - math.log(2 * math.pi))
    X = samples * np.where(np.arange(9) % 2, 1.0, 60.0)[:, None]
    log_p, shares = defined_e(X, *mixture)
    step = kata.e_step(X, *mixture)
    assert_close(step.log_likelihood, np.mean(log_p))
    assert_close(step.responsibilities, shares, atol=1e-9)
    # The product of all standard deviations is 1e-420 or 1e420.
    for variance in (1e-6, 1e6):
        wide, covariances = np.zeros((2, 140)), np.array([variance * np.eye(140)] * 2)
        wide[1, 0] = math.sqrt(variance)
        step = kata.e_step(wide[:1], np.array([0.5, 0.5]), wide, covariances)
        first = 1 / (1 + math.exp(-0.5))
        assert_close(step.responsibilities, [[first, 1 - first]])
        assert_close(step.log_likelihood, -math.log(2 * first) - 70 * math.log(2 * math.pi * variance))


def test_means_and_weights(kata, samples, rng):
    """n_k is the sum of a component's responsibilities; its weight is n_k / n, and its mean divides by n_k."""
    shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.0, 1.0]])
    mixture = kata.m_step(np.array([[0.0], [3.0], [6.0], [9.0]]), shares)
    assert_close(mixture.weights, [1.5 / 4, 2.5 / 4])
    assert_close(mixture.means, [[1.0], [6.6]])
    for k in (1, 3, 4):
        shares = draw_shares(rng, 9, k)
        mixture, (weights, means, _) = kata.m_step(samples, shares), defined_m(samples, shares, 0.0)
        assert_close(mixture.weights, weights)
        assert_close(mixture.means, means)
    # A component that no sample wants has a mean all the same.
    mixture = kata.m_step(np.array([[0.0], [3.0]]), np.array([[1e-5, 1.0 - 1e-5], [2e-5, 1.0 - 2e-5]]))
    assert_close(mixture.means[0], [2.0])


def test_covariances(kata, samples, rng):
    """A covariance is about the new mean, divides by n_k, has all its entries, and gets reg_covar on the diagonal."""
    # About the mean (1, 2) the first sample is at (-1, -2) and the second, which counts twice, at (0.5, 1).
    shares = np.array([[0.4, 0.6], [0.8, 0.2]])
    covariance = kata.m_step(np.array([[0.0, 0.0], [1.5, 3.0]]), shares, 0.25).covariances[0]
    assert_close(covariance, [[0.5 + 0.25, 1.0], [1.0, 2.0 + 0.25]])
    shares = draw_shares(rng, 9, 3)
    for reg_covar in (0.0, 1e-3, 2.0):
        assert_mixture(kata.m_step(samples, shares, reg_covar), defined_m(samples, shares, reg_covar))
    assert_mixture(kata.m_step(samples, shares), defined_m(samples, shares, 1e-6))
    three = rng.normal(2.0, 1.0, size=(6, 3))
    shares = draw_shares(rng, 6, 2)
    assert_mixture(kata.m_step(three, shares, 0.1), defined_m(three, shares, 0.1))


def test_collapse(kata):
    """A component with one sample has the covariance reg_covar * I, and EM goes on from there."""
    X = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 5.0], [9.0, 9.0]])
    shares = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    for reg_covar in (1e-6, 0.5):
        mixture = kata.m_step(X, shares, reg_covar)
        assert_close(mixture.covariances[1], reg_covar * np.eye(2))
        assert_mixture(mixture, defined_m(X, shares, reg_covar))
        step = kata.e_step(X, *mixture)
        assert_close(step.responsibilities, defined_e(X, *mixture)[1])
        # There its log-density is -log(2 pi reg_covar), far above the others.
        assert_close(step.log_likelihood, np.mean(defined_e(X, *mixture)[0]))


def test_fit(kata, samples, mixture):
    """A step is an E half and then an M half; log_likelihoods has that of each step's start."""
    pair = np.array([[0.0], [2.0]])
    fit = kata.fit_mixture(pair, np.ones(1), np.array([[5.0]]), np.ones((1, 1, 1)), 2, 0.0)
    assert_mixture(fit.mixture, ([1.0], [[1.0]], [[[1.0]]]))
    # About 5 the samples are 5 and 3 away, about 1 both are 1 away.
    assert_close(fit.log_likelihoods, np.array([-8.5, -0.5]) - math.log(2 * math.pi) / 2)
    # By default reg_covar is 1e-6: all that is left of the covariance of one point.
    fit = kata.fit_mixture(np.array([[3.0]]), np.ones(1), np.array([[2.0]]), np.ones((1, 1, 1)), 1)
    assert_mixture(fit.mixture, ([1.0], [[3.0]], [[[1e-6]]]))
    # From means that nearly agree the first steps hardly improve, and the components part all the same.
    close = np.full(2, 0.5), np.array([[5.0], [5.0001]]), np.ones((2, 1, 1))
    fit = kata.fit_mixture(np.array([[0.0], [1.0], [10.0]]), *close, 60, 0.1)
    assert_mixture(fit.mixture, ([2 / 3, 1 / 3], [[0.5], [10.0]], [[[0.25 + 0.1]], [[0.1]]]))
    for n_steps, reg_covar in [(1, 0.1), (2, 0.0), (5, 0.3), (40, 0.3)]:
        parts, log_likelihoods = mixture, []
        for _ in range(n_steps):
            log_p, shares = defined_e(samples, *parts)
            log_likelihoods.append(np.mean(log_p))
            parts = defined_m(samples, shares, reg_covar)
        fit = kata.fit_mixture(samples, *mixture, n_steps, reg_covar)
        assert_mixture(fit.mixture, parts, rtol=1e-7)
        assert_close(fit.log_likelihoods, log_likelihoods, rtol=1e-7)


def test_likelihood_never_falls(kata, rng):
    """Without reg_covar no step lowers the log-likelihood."""
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]])
    X = np.repeat(centres, 8, axis=0) + rng.normal(size=(24, 2))
    fit = kata.fit_mixture(X, np.full(2, 0.5), X[[0, 20]], np.array([np.eye(2)] * 2), 12, 0.0)
    assert_close(len(fit.log_likelihoods), 12)
    falls = np.minimum(np.diff(fit.log_likelihoods), 0.0)
    assert_close(falls, np.zeros(11), atol=1e-9, what="the log-likelihood's falls")
    assert_close(fit.mixture.weights.sum(), 1.0)
    # After an M half, the mixture has the mean of the samples.
    assert_close(fit.mixture.weights @ fit.mixture.means, X.mean(axis=0))


@strict
def test_not_positive_definite(kata):
    """A covariance that is not positive definite raises ValueError."""
    X, one = np.array([[0.0, 1.0], [2.0, 0.0]]), np.ones(1)
    for covariance in ([[0.0, 0.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[-1.0, 0.0], [0.0, -1.0]]):
        with pytest.raises(ValueError):
            kata.e_step(X, one, np.zeros((1, 2)), np.array([covariance]))


@strict
def test_far_from_zero(kata, samples, rng):
    """Samples may lie far from 0: the covariances stay exact."""
    far, shares = samples + 1e6, draw_shares(rng, 9, 3)
    # The difference is exact, unlike the sum.
    weights, means, covariances = defined_m(far - 1e6, shares, 0.1)
    mixture = kata.m_step(far, shares, 0.1)
    assert_close(mixture.weights, weights)
    assert_close(mixture.means, means + 1e6)
    assert_close(mixture.covariances, covariances, rtol=1e-6, atol=1e-6)


@strict
def test_integers(kata):
    """Samples, means and covariances may be integers: nothing is truncated."""
    X = np.array([[0, 1], [2, 0], [1, 5], [3, 2]])
    mixture = np.array([0.5, 0.5]), np.array([[0, 1], [2, 3]]), np.array([[[2, 1], [1, 2]], [[3, 0], [0, 1]]])
    log_p, shares = defined_e(X, *mixture)
    step = kata.e_step(X, *mixture)
    assert_close(step.log_likelihood, np.mean(log_p))
    assert_close(step.responsibilities, shares)
    assert_mixture(kata.m_step(X, shares, 1), defined_m(X, shares, 1))


def workload(kata, rng, n):
    """Fit samples on a coarse grid, so that some repeat, with a far one among them."""
    X = np.round(rng.normal(size=(n + 8, 2)) * [1.0, 2.0] + 3.0 * rng.integers(2, size=(n + 8, 1)), 1)
    X[0] = 70.0
    shares = draw_shares(rng, n + 8, 2)
    mixture = kata.m_step(X, shares, 0.1)
    start = np.array([0.4, 0.6]), np.array([[0.0, 0.0], [3.0, 2.0]]), np.array([np.eye(2), [[2.0, 1.0], [1.0, 1.5]]])
    return mixture, kata.e_step(X, *start), kata.fit_mixture(X, *start, 3)


def picture(kata, rng):
    X = np.concatenate(
        [
            rng.multivariate_normal([0, 0], [[1.0, 0.7], [0.7, 1.0]], size=90),
            rng.multivariate_normal([3, 1], [[0.5, -0.3], [-0.3, 1.5]], size=60),
        ]
    )
    start = np.array([0.5, 0.5]), np.array([[0.0, 2.0], [1.0, -1.0]]), np.array([np.eye(2), np.eye(2)])
    mixture, likelihoods = kata.fit_mixture(X, *start, n_steps=40)
    label = kata.e_step(X, *mixture).responsibilities.argmax(axis=1)
    angles = np.linspace(0, 2 * np.pi, 73)
    circle = np.array([np.cos(angles), np.sin(angles)])
    rings = [mean[:, None] + 2 * np.linalg.cholesky(each) @ circle for _, mean, each in zip(*mixture, strict=True)]
    return [
        Panel(
            "Components after 40 steps",
            "first feature",
            "second feature",
            [
                *(Points(*X[label == k].T, f"component {k}: weight {mixture.weights[k]:.2f}") for k in range(2)),
                *(Line(*ring, "two standard deviations" if not k else "", faint=True) for k, ring in enumerate(rings)),
            ],
        ),
        Panel(
            "Log-likelihood before each step of EM",
            "step",
            "mean log-likelihood",
            [Line(np.arange(40), likelihoods)],
            note="EM never lowers it. A flat stretch is not yet the end.",
        ),
    ]


LOG_P = "    log_p = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))\n"

MISTAKES = {
    "the fit ends once it hardly improves": (
        "        log_likelihoods.append(log_likelihood)\n",
        (
            "        if log_likelihoods and log_likelihood - log_likelihoods[-1] < 1e-3:\n"
            "            log_likelihoods += [log_likelihood] * (n_steps - len(log_likelihoods))\n"
            "            break\n"
            "        log_likelihoods.append(log_likelihood)\n"
        ),
    ),
    "densities instead of their logarithms": [
        ("    top = log_joint.max(axis=1, keepdims=True)\n", ""),
        (LOG_P, "    log_p = np.log(np.exp(log_joint).sum(axis=1, keepdims=True))\n"),
    ],
    "an eps in the logarithm": [
        ("    top = log_joint.max(axis=1, keepdims=True)\n", ""),
        (LOG_P, "    log_p = np.log(np.exp(log_joint).sum(axis=1, keepdims=True) + 1e-300)\n"),
    ],
    "one maximum for all samples": ("log_joint.max(axis=1, keepdims=True)", "log_joint.max()"),
    "the logarithm of a determinant": (
        "2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)",
        "np.log(np.linalg.det(covariances))",
    ),
    "the determinant is a product, and its logarithm is taken afterwards": (
        "np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)",
        "np.log(np.diagonal(factors, axis1=1, axis2=2).prod(axis=1))",
    ),
    "the determinant left out": (" + log_dets) / 2", ") / 2"),
    "the determinant without its root": (" + log_dets) / 2", " + 2 * log_dets) / 2"),
    "the constant of one dimension": ("(X.shape[1] * np.log(2 * np.pi)", "(np.log(2 * np.pi)"),
    "the constant left out": ("X.shape[1] * np.log(2 * np.pi) + log_dets", "log_dets"),
    "weights left out": ("np.log(weights) - (X", "-(X"),
    "weights not in logarithms": ("np.log(weights) - (X", "weights - (X"),
    "diagonals only": ("np.linalg.cholesky(covariances)", "np.sqrt(covariances * np.eye(X.shape[1]))"),
    "covariances taken for their own roots": (
        "np.linalg.cholesky(covariances)",
        "0 * np.linalg.cholesky(covariances) + covariances",
    ),
    "the sum of the log-likelihoods": ("EStep(float(log_p.mean())", "EStep(float(log_p.sum())"),
    "responsibilities over the samples": (
        "np.exp(log_joint - log_p))",
        "np.exp(log_joint - log_p) / np.exp(log_joint - log_p).sum(axis=0))",
    ),
    "hard assignment": (
        "np.exp(log_joint - log_p))",
        "np.eye(len(weights))[log_joint.argmax(axis=1)])",
    ),
    "weights are n_k": ("return Mixture(n_k / len(X)", "return Mixture(n_k"),
    "all weights alike": ("return Mixture(n_k / len(X)", "return Mixture(np.full(len(n_k), 1 / len(n_k))"),
    "means divide by n": ("responsibilities.T @ X / n_k[:, np.newaxis]", "responsibilities.T @ X / len(X)"),
    "covariances divide by n": ("scatter / n_k[:, np.newaxis, np.newaxis]", "scatter / len(X)"),
    "covariances divide by n_k - 1": (
        "scatter / n_k[:, np.newaxis, np.newaxis]",
        "scatter / (n_k[:, np.newaxis, np.newaxis] - 1)",
    ),
    "an eps in n_k": ("n_k = responsibilities.sum(axis=0)\n", "n_k = responsibilities.sum(axis=0) + 1e-6\n"),
    "covariances about the mean of all samples": (
        "centred = X - means[",
        "centred = X - (0 * means + X.mean(axis=0))[",
    ),
    "covariances about 0": ("centred = X - means[", "centred = X - (0 * means)["),
    "diagonal covariances": (
        "/ n_k[:, np.newaxis, np.newaxis] +",
        "/ n_k[:, np.newaxis, np.newaxis] * np.eye(X.shape[1]) +",
    ),
    "responsibilities squared": (
        "np.swapaxes(centred * resp",
        "np.swapaxes(centred * responsibilities.T[:, :, np.newaxis] * resp",
    ),
    "reg_covar on every entry": ("reg_covar * np.eye(X.shape[1])", "reg_covar"),
    "no reg_covar": (" + reg_covar * np.eye(X.shape[1])", ""),
    "reg_covar is a floor": (
        "+ reg_covar * np.eye(X.shape[1])\n",
        "\n    covariances += np.clip(reg_covar - covariances, 0, None) * np.eye(X.shape[1])\n",
    ),
    "reg_covar is its default": ("reg_covar * np.eye", "1e-6 * np.eye"),
    "another default of reg_covar in fit": (
        'reg_covar: float = 1e-6,\n) -> Fit:\n    """Take n_steps',
        'reg_covar: float = 0.0,\n) -> Fit:\n    """Take n_steps',
    ),
    "fit forgets reg_covar": (
        "m_step(X, responsibilities, reg_covar)\n    return Fit",
        "m_step(X, responsibilities)\n    return Fit",
    ),
    "the log-likelihood after the step": (
        "        log_likelihoods.append(log_likelihood)\n        mixture = m_step(X, responsibilities, reg_covar)\n",
        (
            "        mixture = m_step(X, responsibilities, reg_covar)\n"
            "        log_likelihoods.append(e_step(X, *mixture).log_likelihood)\n"
        ),
    ),
    "one step too many": ("for _ in range(n_steps):\n        log_l", "for _ in range(n_steps + 1):\n        log_l"),
    "the weights stay as they were": (
        "mixture = m_step(X, responsibilities, reg_covar)\n    return Fit",
        "mixture = m_step(X, responsibilities, reg_covar)._replace(weights=weights)\n    return Fit",
    ),
    "the last E half not followed by an M half": [
        ("for _ in range(n_steps):\n        log_l", "for _ in range(n_steps):\n        last = mixture\n        log_l"),
        ("return Fit(mixture, np.array(log_likelihoods))", "return Fit(last, np.array(log_likelihoods))"),
    ],
}

STRICT_MISTAKES = {
    "covariances as mean of products less product of means": (
        "scatter = np.swapaxes(centred * responsibilities.T[:, :, np.newaxis], 1, 2) @ centred",
        (
            "scatter = np.swapaxes(X * responsibilities.T[:, :, np.newaxis], 1, 2) @ X\n"
            "    scatter -= n_k[:, None, None] * means[:, :, None] * means[:, None]"
        ),
    ),
    "means of the kind of X": (
        "means = responsibilities.T @ X / n_k[:, np.newaxis]",
        "means = (responsibilities.T @ X / n_k[:, np.newaxis]).astype(X.dtype)",
    ),
}
