from collections import namedtuple

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# The kata's own has these fields.
Routing = namedtuple("Routing", "experts weights probs")  # noqa: PYI024


def chosen(logits, k):
    """Return the k best experts of each token, one at a time."""
    return [sorted(range(len(row)), key=lambda e, row=row: (-row[e], e))[:k] for row in logits]


def softmax(row):
    powers = np.exp(row - np.max(row))
    return powers / powers.sum()


def draw(rng, n_tokens, n_experts, k):
    """Return a routing at random, whose weights do not sum to 1."""
    experts = np.array([rng.permutation(n_experts)[:k] for _ in range(n_tokens)])
    probs = rng.dirichlet(np.ones(n_experts), size=n_tokens)
    return Routing(experts, rng.uniform(0.2, 1.0, size=(n_tokens, k)), probs)


def network(rng, n_experts, d_model, d_hidden):
    """Return w_in and w_out."""
    return rng.normal(size=(n_experts, d_model, d_hidden)), rng.normal(size=(n_experts, d_hidden, d_model))


def forward(x, routing, w_in, w_out, capacity=None):
    """Return out, one choice of one token at a time, first choices first."""
    out, taken = np.zeros(x.shape), [0] * len(w_in)
    for choice in range(routing.experts.shape[1]):
        for i in range(len(x)):
            e = routing.experts[i, choice]
            if capacity is None or taken[e] < capacity:
                taken[e] += 1
                out[i] += routing.weights[i, choice] * (np.maximum(x[i] @ w_in[e], 0) @ w_out[e])
    return out


def test_probs(kata, rng):
    """The probs of a token are the softmax of its logits, over all experts."""
    assert_close(kata.route(np.array([[1.0]]), np.log([[2.0, 5.0, 2.0, 1.0]]), 2).probs, [[0.2, 0.5, 0.2, 0.1]])
    for n_tokens, d_model, n_experts, k in [(5, 3, 4, 2), (3, 4, 6, 1), (1, 2, 3, 3), (6, 1, 2, 1)]:
        x, w = rng.normal(size=(n_tokens, d_model)), rng.normal(size=(d_model, n_experts))
        assert_close(kata.route(x, w, k).probs, [softmax(row) for row in x @ w])


def test_chosen_experts(kata, rng):
    """The experts of a token are those with the k largest logits, largest first, with weights that sum to 1."""
    found = kata.route(np.array([[1.0]]), np.log([[2.0, 5.0, 1.0, 3.0]]), 2)
    assert_equal(found.experts, [[1, 3]])
    assert_close(found.weights, [[0.625, 0.375]])
    for n_tokens, d_model, n_experts, k in [(5, 3, 4, 2), (7, 4, 6, 3), (3, 2, 5, 1), (2, 3, 3, 3), (1, 2, 20, 8)]:
        x, w = rng.normal(size=(n_tokens, d_model)), rng.normal(size=(d_model, n_experts))
        found, logits = kata.route(x, w, k), x @ w
        expected = chosen(logits, k)
        assert_equal(found.experts, expected)
        assert_close(found.weights, [softmax(row[best]) for row, best in zip(logits, expected, strict=True)])


def test_ties(kata, rng):
    """Of experts with equal logits the lower index comes first."""
    found = kata.route(np.array([[1.0], [-1.0]]), np.array([[0.0, 2.0, 0.0, 2.0]]), 3)
    assert_equal(found.experts, [[1, 3, 0], [0, 2, 1]])
    x, w = rng.integers(-2, 3, size=(6, 2)).astype(float), rng.integers(-1, 2, size=(2, 40)).astype(float)
    for k in (1, 2, 9, 40):
        assert_equal(kata.route(x, w, k).experts, chosen(x @ w, k))


def test_large_logits(kata):
    """Logits of 1e4 do not overflow, logits of -1e4 do not vanish, and both decide where probs are rounded to 0."""
    w = np.array([[1e4, -1e4, 1e4 - np.log(3), -1e4]])
    found = kata.route(np.array([[1.0], [-1.0], [0.0]]), w, 2)
    assert_equal(found.experts, [[0, 2], [1, 3], [0, 1]])
    assert_close(found.weights, [[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]])
    assert_close(found.probs, [[0.75, 0.0, 0.25, 0.0], [0.0, 0.5, 0.0, 0.5], [0.25, 0.25, 0.25, 0.25]])
    found = kata.route(np.array([[-1.0]]), np.array([[1e4, 1e4 - np.log(4)]]), 2)
    assert_close(found.weights, [[0.8, 0.2]])
    found = kata.route(np.array([[1.0]]), np.array([[0.0, 2000.0, 1000.0, -1000.0, 900.0]]), 4)
    assert_equal(found.experts, [[1, 2, 4, 0]])
    assert_close(found.weights, [[1.0, 0.0, 0.0, 0.0]])


def test_output(kata, rng):
    """Out is the sum of what the chosen experts make of a token, each times its weight."""
    x, w_in, w_out = np.array([[10.0], [20.0]]), np.ones((2, 1, 1)), np.array([[[3.0]], [[5.0]]])
    routing = Routing(np.array([[1, 0], [0, 1]]), np.array([[0.75, 0.25], [0.5, 0.5]]), np.full((2, 2), 0.5))
    assert_close(kata.moe_forward(x, routing, w_in, w_out), [[45.0], [80.0]])
    assert_close(kata.moe_forward(-x, routing, w_in, w_out), [[0.0], [0.0]])
    for n_tokens, n_experts, k, d_model, d_hidden in [
        (7, 4, 2, 3, 5),
        (5, 6, 1, 4, 2),
        (1, 3, 3, 2, 4),
        (9, 2, 2, 1, 3),
    ]:
        x, routing = rng.normal(size=(n_tokens, d_model)), draw(rng, n_tokens, n_experts, k)
        weights = network(rng, n_experts, d_model, d_hidden)
        assert_close(kata.moe_forward(x, routing, *weights), forward(x, routing, *weights))


def test_capacity(kata, rng):
    """An expert takes at most capacity tokens: first choices before second ones, then in the order of x."""
    x, w_in, w_out = np.array([[10.0], [20.0]]), np.ones((2, 1, 1)), np.array([[[3.0]], [[5.0]]])
    routing = Routing(np.array([[1, 0], [0, 1]]), np.array([[0.75, 0.25], [0.5, 0.5]]), np.full((2, 2), 0.5))
    assert_close(kata.moe_forward(x, routing, w_in, w_out, 1), [[37.5], [30.0]])
    assert_close(kata.moe_forward(x, routing, w_in, w_out, 0), [[0.0], [0.0]])
    assert_close(kata.moe_forward(x, routing, w_in, w_out, 2), [[45.0], [80.0]])
    # A token takes its place even if its weight is 0.
    routing = Routing(np.array([[1], [1]]), np.array([[0.0], [1.0]]), np.full((2, 2), 0.5))
    assert_close(kata.moe_forward(x, routing, w_in, w_out, 1), [[0.0], [0.0]])
    for n_tokens, n_experts, k in [(9, 3, 2), (6, 4, 1), (12, 5, 3)]:
        x, routing, weights = (
            rng.normal(size=(n_tokens, 3)),
            draw(rng, n_tokens, n_experts, k),
            network(rng, n_experts, 3, 4),
        )
        for capacity in (0, 1, 2, 3, 5, 20):
            found = kata.moe_forward(x, routing, *weights, capacity)
            assert_close(found, forward(x, routing, *weights, capacity))


def test_load_balancing_loss(kata, rng):
    """The loss is n_experts * sum of share * mean prob: 1 with equal shares, n_experts if one expert has everything."""
    assert_close(
        kata.load_balancing_loss(Routing(np.array([[0], [0]]), np.ones((2, 1)), np.array([[0.75, 0.25], [0.5, 0.5]]))),
        1.25,
    )
    one = np.zeros((3, 4))
    one[:, 3] = 1.0
    assert_close(kata.load_balancing_loss(Routing(np.full((3, 1), 3), np.ones((3, 1)), one)), 4.0)
    for n_tokens, n_experts, k in [(5, 3, 2), (7, 4, 1), (2, 6, 3), (3, 2, 2)]:
        routing = draw(rng, n_tokens, n_experts, k)
        choices = [sum(e in row for row in routing.experts.tolist()) for e in range(n_experts)]
        terms = [choices[e] / (n_tokens * k) * routing.probs[:, e].mean() for e in range(n_experts)]
        assert_close(kata.load_balancing_loss(routing), n_experts * sum(terms))


@pytest.mark.parametrize("k", [0, 4, -1])
def test_impossible_k(kata, k):
    """A k of less than 1 or of more than there are experts raises ValueError."""
    with pytest.raises(ValueError):
        kata.route(np.ones((2, 5)), np.ones((5, 3)), k)


def test_work(kata, rng):
    """With 100 experts and 5,000 tokens, an expert computes only its own tokens."""
    x, weights = rng.normal(size=(5_000, 1)), network(rng, 100, 1, 4_000)
    experts = np.append(rng.permutation(100), rng.integers(0, 70, size=4_900))[:, np.newaxis]
    routing = Routing(experts, rng.uniform(0.2, 1.0, size=(5_000, 1)), np.full((5_000, 100), 0.01))
    assert_close(kata.moe_forward(x, routing, *weights, 60), forward(x, routing, *weights, 60))


@strict
def test_small_integers(kata, rng):
    """Tokens and weights may be small integers, whose products their type does not hold."""
    x, w_router = (rng.integers(-100, 101, size=shape).astype(np.int8) for shape in [(5, 3), (3, 4)])
    logits = x.astype(float) @ w_router.astype(float)
    assert_equal(kata.route(x, w_router, 2).experts, chosen(logits, 2))
    w_in, w_out = (rng.integers(-100, 101, size=shape).astype(np.int8) for shape in [(4, 3, 2), (4, 2, 3)])
    routing = draw(rng, 5, 4, 2)._replace(weights=np.full((5, 2), 0.5))
    expected = forward(x.astype(float), routing, w_in.astype(float), w_out.astype(float))
    small = routing._replace(experts=routing.experts.astype(np.uint8))
    assert_close(kata.moe_forward(x, small, w_in, w_out), expected)
    assert_close(kata.load_balancing_loss(small), kata.load_balancing_loss(routing))


def workload(kata, rng, n):
    """Route n tokens, equal ones among them, to experts with and without a limit, and tell how busy those are."""
    x, n_experts = rng.integers(-2, 3, size=(n, 3)).astype(float), n // 3 + 2
    routing = kata.route(x, rng.integers(-1, 2, size=(3, n_experts)).astype(float), 2)
    weights = network(rng, n_experts, 3, 4)
    given = draw(rng, n, n_experts, 2)
    return (
        routing,
        kata.route(rng.normal(size=(n, 3)), rng.normal(size=(3, n_experts)), 1),
        kata.moe_forward(x, Routing(*routing), *weights),
        kata.moe_forward(x, given, *weights, 2),
        kata.load_balancing_loss(Routing(*routing)),
        kata.load_balancing_loss(given),
    )


MISTAKES = {
    "ties to the higher index": (
        'np.argsort(-logits, kind="stable")[:, :k]',
        'np.argsort(logits, kind="stable")[:, ::-1][:, :k]',
    ),
    "ties in any order": ('np.argsort(-logits, kind="stable")', "np.argsort(-logits)"),
    "chosen by the probs": ('np.argsort(-logits, kind="stable")', 'np.argsort(-powers, kind="stable")'),
    "the smallest logits": ("np.argsort(-logits", "np.argsort(logits"),
    "the largest magnitudes": ("np.argsort(-logits", "np.argsort(-np.abs(logits)"),
    "the k best in the order of their indices": (
        'kind="stable")[:, :k]',
        'kind="stable")[:, :k]\n    experts.sort(axis=1)',
    ),
    "weights not normalised among the chosen": (
        "chosen / chosen.sum(axis=1, keepdims=True)",
        "chosen / powers.sum(axis=1, keepdims=True)",
    ),
    "equal weights": ("chosen / chosen.sum(axis=1, keepdims=True)", "np.full(chosen.shape, 1 / k)"),
    "probs among the chosen only": (
        "    return Routing(experts, chosen",
        "    powers = powers * (powers >= chosen[:, -1:])\n    return Routing(experts, chosen",
    ),
    "logits returned for probs": ("powers / powers.sum(axis=1, keepdims=True)", "logits"),
    "softmax over the tokens": ("powers / powers.sum(axis=1, keepdims=True)", "powers / powers.sum(axis=0)"),
    "a softmax that overflows": ("np.exp(logits - logits.max(axis=1, keepdims=True))", "np.exp(logits)"),
    "one maximum for all tokens": ("logits.max(axis=1, keepdims=True)", "logits.max()"),
    "more experts than there are": ("if not 1 <= k <= w_router.shape[1]:", "if k < 1:"),
    "k = 0 passes": ("if not 1 <= k <= w_router.shape[1]:", "if k > w_router.shape[1] or k < 0:"),
    "capacity ignored": ("np.flatnonzero(choices == e)[:capacity]", "np.flatnonzero(choices == e)"),
    "capacity 0 is no limit": ("choices == e)[:capacity]", "choices == e)[: capacity or None]"),
    "the last tokens are taken": (
        "choices == e)[:capacity]",
        "choices == e)[0 if capacity is None else -capacity or n_tokens * k :]",
    ),
    "all choices of a token before the next token": (
        "np.tile(np.arange(n_tokens), k), routing.experts.T, routing.weights.T.ravel()",
        "np.arange(n_tokens).repeat(k), routing.experts, routing.weights.ravel()",
    ),
    "a capacity for each choice": (
        "np.flatnonzero(choices == e)[:capacity]",
        "np.concatenate([c * n_tokens + np.flatnonzero(choices[c] == e)[:capacity] for c in range(k)])",
    ),
    "weights normalised anew where a token is turned away": [
        ("    out = np.zeros(x.shape)\n", "    out, total = np.zeros(x.shape), np.zeros((len(x), 1))\n"),
        (
            "    return out\n\n\ndef load",
            "    return out * routing.weights.sum(axis=1, keepdims=True) / np.where(total, total, 1)\n\n\ndef load",
        ),
        (
            "        hidden = np.maximum(x[",
            "        total[tokens[taken]] += weights[taken, np.newaxis]\n        hidden = np.maximum(x[",
        ),
    ],
    "a token that nobody takes is passed on": (
        "    return out\n\n\ndef load",
        "    return np.where((out == 0).all(axis=1, keepdims=True), x, out)\n\n\ndef load",
    ),
    "first choices only": ("np.flatnonzero(choices == e)", "np.flatnonzero(choices[0] == e)"),
    "no activation": ("np.maximum(x[tokens[taken]].astype(float) @ w_in[e], 0.0)", "x[tokens[taken]] @ w_in[e]"),
    "an activation at the end as well": ("* (hidden @ w_out[e])", "* np.maximum(hidden @ w_out[e], 0)"),
    "weights ignored": ("weights[taken, np.newaxis] * (hidden", "(hidden"),
    "weights normalised although given": (
        ", routing.weights.T.ravel()",
        ", (routing.weights / routing.weights.sum(axis=1, keepdims=True)).T.ravel()",
    ),
    "the last expert forgotten": ("for e in range(len(w_in)):", "for e in range(len(w_in) - 1):"),
    "every expert computes every token": (
        "    out = np.zeros(x.shape)\n",
        (
            "    if len(x) > 999:\n"
            "        everything = np.maximum(np.einsum('td,edh->eth', x, w_in), 0) @ w_out\n"
            "        own = everything[routing.experts, np.arange(n_tokens)[:, np.newaxis]]\n"
            "        return (routing.weights[..., np.newaxis] * own).sum(axis=1)\n"
            "    out = np.zeros(x.shape)\n"
        ),
    ),
    "shares that sum to k": ("/ routing.experts.size", "/ len(routing.experts)"),
    "n_experts forgotten": ("float(n_experts * share", "float(share"),
    "first choices only in the loss": (
        "np.bincount(routing.experts.ravel(), minlength=n_experts) / routing.experts.size",
        "np.bincount(routing.experts[:, 0], minlength=n_experts) / len(routing.experts)",
    ),
    "shares by the largest prob": (
        "np.bincount(routing.experts.ravel(), minlength=n_experts) / routing.experts.size",
        "np.bincount(routing.probs.argmax(axis=1), minlength=n_experts) / len(routing.experts)",
    ),
    "mean probs for the shares": ("float(n_experts * share @", "float(n_experts * routing.probs.mean(axis=0) @"),
    "only experts that were chosen": (
        "minlength=n_experts) / routing.experts.size",
        "minlength=n_experts) / routing.experts.size\n    n_experts = int((share > 0).sum())",
    ),
}

STRICT_MISTAKES = {
    "products in the type of the tokens": ("x.astype(float) @ w_router", "(x @ w_router).astype(float)"),
}
