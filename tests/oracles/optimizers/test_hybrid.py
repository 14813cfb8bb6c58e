"""The reference beside two optimizers of PyTorch, Adam and Adagrad, each with its part of the parameters."""

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks")
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def draw_options(rng):
    return {
        "lr": float(10.0 ** rng.uniform(-3, 0)),
        "betas": tuple(float(beta) for beta in rng.uniform(0.0, 0.999, size=2)),
        "eps": float(10.0 ** rng.uniform(-8, 0)),
        "sparse_lr": float(10.0 ** rng.uniform(-3, 1)),
        "sparse_eps": float(10.0 ** rng.uniform(-10, 0)),
    }


def draw_param(rng, kind):
    return rng.normal(size=rng.integers(1, 6, size=2 if kind == "sparse" else int(rng.integers(1, 4))))


def draw_grad(reference, rng, param, kind):
    if rng.random() < 0.2:
        return None
    values = rng.normal(size=param.shape) * 10.0 ** rng.uniform(-3, 3, size=param.shape)
    values *= rng.integers(0, 2, size=param.shape)
    if kind == "dense":
        return values
    rows = rng.permutation(len(param))[: int(rng.integers(0, len(param) + 1))]
    return reference.SparseGradient(rows, values[rows])


def to_torch(grad, shape):
    if grad is None:
        return None
    if isinstance(grad, np.ndarray):
        return torch.tensor(grad)
    places, values = torch.tensor(grad.rows)[None], torch.tensor(grad.grads)
    return torch.sparse_coo_tensor(places, values, shape, check_invariants=True)


def optimizers_of(trained, kinds, lr=0.001, betas=(0.9, 0.999), eps=1e-8, sparse_lr=0.01, sparse_eps=1e-10):
    groups = {
        kind: [param for param, own in zip(trained, kinds, strict=True) if own == kind] for kind in ("dense", "sparse")
    }
    made = []
    if groups["dense"]:
        made.append(torch.optim.Adam(groups["dense"], lr=lr, betas=betas, eps=eps))
    if groups["sparse"]:
        made.append(torch.optim.Adagrad(groups["sparse"], lr=sparse_lr, eps=sparse_eps))
    return made


def assert_walk(reference, params, kinds, steps, options):
    trained = [torch.nn.Parameter(torch.tensor(param)) for param in params]
    optimizers, state = optimizers_of(trained, kinds, **options), None
    for grads in steps:
        for param, grad in zip(trained, grads, strict=True):
            param.grad = to_torch(grad, param.shape)
        for optimizer in optimizers:
            optimizer.step()
        params, state = reference.hybrid_step(params, grads, kinds, state, **options)
        for have, want in zip(params, trained, strict=True):
            np.testing.assert_allclose(have, want.detach(), **CLOSE)


def test_random(reference, rng):
    for _ in range(60):
        kinds = [str(kind) for kind in rng.choice(["dense", "sparse"], size=int(rng.integers(1, 6)))]
        params = [draw_param(rng, kind) for kind in kinds]
        steps = [
            [draw_grad(reference, rng, param, kind) for param, kind in zip(params, kinds, strict=True)]
            for _ in range(6)
        ]
        assert_walk(reference, params, kinds, steps, draw_options(rng))


def test_defaults(reference, rng):
    """Gradients of the size of eps show eps."""
    params, kinds = [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))], ["dense", "sparse"]
    rows = np.array([2, 0])
    steps = [
        [rng.normal(size=(3, 2)) * 1e-8, reference.SparseGradient(rows, rng.normal(size=(2, 2)) * 1e-10)]
        for _ in range(3)
    ]
    assert_walk(reference, params, kinds, steps, {})


def test_nothing(reference):
    step = reference.hybrid_step([], [], [])
    assert step.params == []
    assert reference.hybrid_step([], [], [], step.state).params == []


@pytest.mark.parametrize("kind", ["embedding", "Dense", "", None])
def test_unknown_kind(reference, kind):
    with pytest.raises(ValueError, match="dense or sparse"):
        reference.hybrid_step([np.ones(2), np.ones(2)], [np.ones(2), np.ones(2)], ["dense", kind])


def test_whole_numbers(reference, rng):
    params, kinds = rng.integers(0, 9, size=(2, 3, 2)), ["dense", "sparse"]
    grads = [rng.integers(0, 9, size=(3, 2)), reference.SparseGradient(np.array([2, 0]), rng.integers(0, 9, (2, 2)))]
    floats = [grads[0] * 1.0, reference.SparseGradient(grads[1].rows, grads[1].grads * 1.0)]
    have = reference.hybrid_step(list(params), grads, kinds).params
    for a, b in zip(have, reference.hybrid_step(list(params * 1.0), floats, kinds).params, strict=True):
        np.testing.assert_array_equal(a, b)


def test_claim_of_a_step_taken_again(reference, rng):
    """A step thrown away leaves no trace."""
    params, kinds = [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))], ["dense", "sparse"]
    grads = [rng.normal(size=(3, 2)), reference.SparseGradient(np.array([2]), rng.normal(size=(1, 2)))]
    first = reference.hybrid_step(params, grads, kinds)
    reference.hybrid_step(first.params, [None, None], kinds, first.state)
    thrown, kept = (reference.hybrid_step(first.params, grads, kinds, first.state).params for _ in range(2))
    for a, b in zip(thrown, kept, strict=True):
        np.testing.assert_array_equal(a, b)


def walk(reference, grads, **options):
    """Return how far each step goes, from 0, of a dense number and of a row."""
    params, state, ways = [np.zeros(1), np.zeros((1, 1))], None, []
    for grad in grads:
        row = None if grad is None else reference.SparseGradient(np.array([0]), np.array([[grad]]))
        both = [None if grad is None else np.array([grad]), row]
        before = params
        params, state = reference.hybrid_step(params, both, ["dense", "sparse"], state, **options)
        ways.append([(old - new).item() for old, new in zip(before, params, strict=True)])
    return np.array(ways).T


def test_claims_of_none(reference):
    """One gradient and ten steps: 1.0 with None, 4.4 with zeros; for Adagrad the same."""
    ways = [walk(reference, [1.0] + [rest] * 10, lr=1.0, sparse_lr=1.0).sum(axis=1) for rest in (None, 0.0)]
    assert [round(way[0], 1) for way in ways] == [1.0, 4.4]
    assert ways[0][1] == ways[1][1]


def test_claims_of_rates(reference):
    """The sparse step over the dense one: 10, 1.0 and 0.32 in steps 1, 100 and 1,000."""
    dense, sparse = walk(reference, np.ones(1_000))
    np.testing.assert_allclose(dense, 0.001, rtol=1e-6)
    assert [round(sparse[t - 1] / dense[t - 1], 2) for t in (1, 100, 1_000)] == [10.0, 1.0, 0.32]


def test_claims_of_memory():
    """25.6 GB for 100,000,000 x 64 in float32, and 0.4 GB for one number per row."""
    assert [100_000_000 * 64 * 4, 100_000_000 * 4] == [25_600_000_000, 400_000_000]


def peers(reference, rng):
    """Yield a step of two layers and a table."""
    params = [rng.normal(size=shape) for shape in ((50_000, 32), (1_000, 500), (1_000,))]
    rows = rng.permutation(50_000)[:20_000]
    grads = [
        reference.SparseGradient(rows, rng.normal(size=(20_000, 32))),
        rng.normal(size=(1_000, 500)),
        rng.normal(size=1_000),
    ]
    kinds = ["sparse", "dense", "dense"]
    state = reference.hybrid_step(params, grads, kinds).state
    trained = [torch.nn.Parameter(torch.tensor(param)) for param in params]
    for param, grad in zip(trained, grads, strict=True):
        param.grad = to_torch(grad, param.shape)
    optimizers = optimizers_of(trained, kinds)
    yield Peer(
        "20,000 rows of 50,000 x 32, and 501,000 dense parameters",
        "Adam.step and Adagrad.step",
        lambda: reference.hybrid_step(params, grads, kinds, state),
        lambda: [optimizer.step() for optimizer in optimizers],
        "In place there; a pure step returns new arrays.",
    )
