"""The reference beside NumPy's and PyTorch's general solvers, Sylvester's criterion and well-known functions."""

from collections import Counter

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def turned(rng, eigenvalues):
    vectors = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2)).Q
    matrix = vectors * eigenvalues @ vectors.T
    return (matrix + matrix.T) / 2


def draw(rng):
    """Return a matrix with positive, negative and zero eigenvalues in random numbers, and these."""
    n = int(rng.integers(1, 8))
    signs = rng.choice([-1.0, 0.0, 1.0], size=n, p=rng.dirichlet([0.5, 0.3, 0.5]))
    eigenvalues = signs * rng.uniform(0.1, 5.0, size=n) * 10.0 ** rng.integers(-4, 5)
    return turned(rng, eigenvalues), eigenvalues


def expected_kind(eigenvalues):
    signs = set(np.sign(eigenvalues))
    return "saddle" if {1, -1} <= signs else {(1.0,): "minimum", (-1.0,): "maximum"}.get(tuple(signs), "degenerate")


def test_kinds(reference, rng):
    for _ in range(500):
        hessian, eigenvalues = draw(rng)
        assert reference.classify_critical_point(hessian) == expected_kind(eigenvalues)


def test_sylvester(reference, rng):
    """It is a minimum where all leading minors are positive."""
    for _ in range(300):
        n = int(rng.integers(1, 6))
        noise = rng.normal(size=(n, n))
        hessian = noise + noise.T + float(rng.uniform(0, 4)) * np.eye(n)
        minors = [np.linalg.det(hessian[:k, :k]) for k in range(1, n + 1)]
        assert (reference.classify_critical_point(hessian) == "minimum") == (min(minors) > 0)
        assert (reference.classify_critical_point(-hessian) == "maximum") == (min(minors) > 0)


def himmelblau(x):
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


@pytest.mark.parametrize(
    ("function", "place", "kind"),
    [
        (himmelblau, [3.0, 2.0], "minimum"),
        (himmelblau, [-2.805118, 3.131312], "minimum"),
        (himmelblau, [-3.779310, -3.283186], "minimum"),
        (himmelblau, [3.584428, -1.848126], "minimum"),
        (himmelblau, [-0.270845, -0.923039], "maximum"),
        (lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, [1.0, 1.0], "minimum"),
        (lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2, [0.0, 0.0], "degenerate"),
        (lambda x: x[0] ** 2 - x[1] ** 4, [0.0, 0.0], "degenerate"),
        (lambda x: x[0] ** 2 - x[1] ** 2 + x[2] ** 4, [0.0, 0.0, 0.0], "saddle"),
    ],
)
def test_known_functions(reference, function, place, kind):
    """Himmelblau's and Rosenbrock's function, a monkey saddle and two more, differentiated by PyTorch."""
    hessian = torch.autograd.functional.hessian(function, torch.tensor(place, dtype=torch.float64))
    assert reference.classify_critical_point(hessian.numpy()) == kind


def test_newton_finds_himmelblaus_points(reference):
    """From beside each known point, Newton's method converges to it, the maximum included."""
    for place in ([3.0, 2.0], [-2.805118, 3.131312], [-0.270845, -0.923039]):
        at = np.array(place) + 0.1
        for _ in range(10):
            tensor = torch.tensor(at, requires_grad=True)
            (grad,) = torch.autograd.grad(himmelblau(tensor), tensor)
            hessian = torch.autograd.functional.hessian(himmelblau, tensor.detach())
            at = at + reference.newton_step(grad.numpy(), hessian.numpy())
        np.testing.assert_allclose(at, place, atol=1e-6)


@pytest.mark.parametrize("damping", [0.0, 0.7, 30.0])
def test_newton_step(reference, rng, damping):
    for _ in range(100):
        n = int(rng.integers(1, 8))
        eigenvalues = rng.choice([-1.0, 1.0], size=n) * rng.uniform(0.1, 5.0, size=n)
        if np.abs(eigenvalues + damping).min() < 0.05:
            continue
        hessian, grad = turned(rng, eigenvalues), rng.normal(size=n)
        matrix = torch.tensor(hessian) + damping * torch.eye(n, dtype=torch.float64)
        expected = torch.linalg.lstsq(matrix, -torch.tensor(grad)[:, None]).solution[:, 0]
        np.testing.assert_allclose(reference.newton_step(grad, hessian, damping), expected, rtol=1e-9, atol=1e-11)


def test_singular(reference):
    for hessian in (np.diag([2.0, 0.0]), np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros((3, 3))):
        with pytest.raises(ValueError, match="ingular"):
            reference.newton_step(np.ones(len(hessian)), hessian)


def test_direction(reference, rng):
    for _ in range(300):
        hessian, eigenvalues = draw(rng)
        grad = rng.normal(size=len(hessian))
        direction = reference.negative_curvature_direction(grad, hessian)
        if eigenvalues.min() >= 0:
            assert direction is None
            continue
        values, vectors = np.linalg.eig(hessian)
        expected = vectors[:, values.real.argmin()].real
        # Of the eigenvectors each solver has the digits that the gap to the next eigenvalue leaves.
        assert abs(direction @ expected) == pytest.approx(1, rel=1e-9)
        assert grad @ direction <= 0


def test_tolerance(reference):
    for unit in (1e-6, 1.0, 1e6):
        assert reference.classify_critical_point(unit * np.diag([1.0, 0.05]), 0.1) == "degenerate"
        assert reference.classify_critical_point(unit * np.diag([1.0, 0.2]), 0.1) == "minimum"
        assert reference.negative_curvature_direction(np.ones(2), unit * np.diag([1.0, -0.05]), 0.1) is None


def test_not_symmetric(reference):
    for hessian in (np.array([[1.0, 2.0], [0.0, 1.0]]), np.ones((2, 3)), np.ones(2)):
        calls = (
            reference.classify_critical_point,
            lambda matrix: reference.newton_step(np.ones(2), matrix),
            lambda matrix: reference.negative_curvature_direction(np.ones(2), matrix),
        )
        for call in calls:
            with pytest.raises(ValueError, match="Hessian"):
                call(hessian)


def test_whole_numbers(reference, rng):
    for _ in range(50):
        noise = rng.integers(-3, 4, size=(3, 3))
        hessian = noise + noise.T
        assert reference.classify_critical_point(hessian) == reference.classify_critical_point(hessian.astype(float))


def test_claim_random_matrices(reference, rng):
    """Shares of minima by dimension; of n = 5 more than 99.8 % are saddles."""
    for n, low, high in ((1, 0.47, 0.53), (2, 0.13, 0.17), (3, 0.015, 0.035)):
        noise = rng.normal(size=(10_000, n, n))
        kinds = Counter(reference.classify_critical_point(matrix + matrix.T) for matrix in noise)
        assert low < kinds["minimum"] / 10_000 < high
    noise = rng.normal(size=(10_000, 5, 5))
    assert sum(reference.classify_critical_point(matrix + matrix.T) == "saddle" for matrix in noise) > 9_980


def test_claims_of_newton(reference):
    hessian, at = np.diag([2.0, -2.0]), np.array([1.0, 1.0])
    np.testing.assert_allclose(reference.newton_step(hessian @ at, hessian), [-1, -1])
    np.testing.assert_allclose(reference.newton_step(hessian @ at, hessian, 4.0), [-1 / 3, 1])


def test_claim_slow_escape():
    distance, steps = 1e-8, 0
    while distance < 1:
        distance, steps = distance + 0.1 * distance, steps + 1
    assert steps == 194


def test_claim_products_with_vectors(reference, rng):
    for _ in range(20):
        noise = rng.normal(size=(200, 200))
        hessian, v = (noise + noise.T) / 2, rng.normal(size=200)
        direction = reference.negative_curvature_direction(v, hessian)
        shift = np.linalg.norm(hessian, 2)
        for _ in range(200):
            v = shift * v - hessian @ v
            v /= np.linalg.norm(v)
        assert 0.97 < (v @ hessian @ v) / (direction @ hessian @ direction) <= 1 + 1e-12


def test_claims_of_degenerate_points(reference, rng):
    features = rng.normal(size=(10, 20))
    assert reference.classify_critical_point(features.T @ features / 10) == "degenerate"
    for factor in (1e-6, 1.0, 1e6):
        assert reference.classify_critical_point(factor * np.diag([0.01, 0.02]), 0.1) == "minimum"


def peers(reference, rng):
    """Yield the three jobs on a Hessian of a few hundred parameters."""
    noise, grad = rng.normal(size=(300, 300)), rng.normal(size=300)
    hessian = noise + noise.T
    tensor, slope = torch.tensor(hessian), torch.tensor(grad)

    def ours():
        return (
            reference.classify_critical_point(hessian),
            reference.newton_step(grad, hessian),
            reference.negative_curvature_direction(grad, hessian),
        )

    def theirs():
        return torch.linalg.eigvalsh(tensor), torch.linalg.solve(tensor, -slope), torch.linalg.eigh(tensor)

    yield Peer("300 parameters, all three", "eigvalsh, solve and eigh of PyTorch", ours, theirs)
