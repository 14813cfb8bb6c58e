import numpy as np
import pytest

from katagrad.picture import Bars, Heat, Panel
from katagrad.testing import MismatchError, assert_equal, strict


def distinct(rng, *shape):
    """Draw weights of distinct sizes and either sign, the negative ones as large as the others."""
    n = int(np.prod(shape))
    return (rng.permutation(n) + rng.uniform(0.1, 0.9, size=n)).reshape(shape) * rng.choice([-1.0, 1.0], size=shape)


def smallest(weights, k):
    """Return masks of all layers in which the k smallest, sorted in plain Python, are False."""
    places = [(layer, place) for layer, w in enumerate(weights) for place in np.ndindex(w.shape)]
    places.sort(key=lambda each: abs(weights[each[0]][each[1]]))
    masks = [np.ones(w.shape, dtype=bool) for w in weights]
    for layer, place in places[:k]:
        masks[layer][place] = False
    return masks


def largest_of_groups(w, n, m):
    mask = np.zeros(w.shape, dtype=bool)
    for place in np.ndindex(w.shape):
        start = place[-1] // m * m
        group = w[(*place[:-1], slice(start, start + m))]
        mask[place] = sum(abs(other) > abs(w[place]) for other in group) < n
    return mask


def assert_mask(actual, expected):
    assert_equal(actual, expected)
    if actual.dtype.kind != "b":
        raise MismatchError(actual, expected, f"its type is {actual.dtype}, expected bool")


def assert_allowed(masks, weights, n_pruned):
    """Check the count, and that no weight was pruned that is larger than one that was kept."""
    for mask, w in zip(masks, weights, strict=True):
        assert_equal(mask.shape, w.shape)
    assert_equal(sum(int((~mask).sum()) for mask in masks), n_pruned, what="the number of pruned weights")
    sizes, kept = (np.concatenate([np.ravel(each) for each in many]) for many in (weights, masks))
    out, still = np.abs(sizes[~kept]), np.abs(sizes[kept])
    if len(out) and len(still):
        assert_equal(max(out.max(), still.min()), still.min(), what="the largest that was pruned")


def test_smallest(kata, rng):
    """The weights of the smallest absolute value are pruned, in arrays of any shape."""
    assert_mask(kata.magnitude_mask(np.array([[3.0, -0.1], [-4.0, 0.2]]), 0.5), [[True, False], [True, False]])
    assert_mask(kata.magnitude_mask(np.array([-9.0, 1.0, 2.0, -3.0]), 0.25), [True, False, True, True])
    for shape in [(8,), (4, 5), (2, 3, 4), (1, 6)]:
        w = distinct(rng, *shape)
        for k in (1, w.size // 2, w.size - 1):
            assert_mask(kata.magnitude_mask(w, k / w.size), smallest([w], k)[0])


def test_count(kata, rng):
    """The number of pruned weights is sparsity times n, rounded and not cut off."""
    assert_mask(kata.magnitude_mask(np.array([1.0, 2.0, 3.0]), 0.6), [False, False, True])
    for n, sparsity, k in [(9, 0.3, 3), (9, 0.7, 6), (11, 0.33, 4), (13, 0.9, 12), (7, 0.05, 0), (7, 0.95, 7)]:
        w = distinct(rng, n)
        assert_mask(kata.magnitude_mask(w, sparsity), smallest([w], k)[0])


def test_ends(kata, rng):
    """With sparsity 0 everything is kept, with sparsity 1 nothing."""
    w = np.array([[1.0, 0.0], [-2.0, 3.0]])
    assert_mask(kata.magnitude_mask(w, 0.0), np.ones((2, 2), dtype=bool))
    assert_mask(kata.magnitude_mask(w, 1.0), np.zeros((2, 2), dtype=bool))
    layers = [distinct(rng, 2, 3), distinct(rng, 4)]
    for sparsity in (0.0, 1.0):
        for mask, w in zip(kata.global_masks(layers, sparsity), layers, strict=True):
            assert_mask(mask, np.full(w.shape, sparsity == 0))


def test_ties(kata, rng):
    """Among weights of equal size the count is exact, whichever of them go."""
    w = np.array([1.0, -1.0, 1.0, 1.0, 2.0])
    for sparsity, k in [(0.2, 1), (0.4, 2), (0.6, 3), (0.8, 4)]:
        assert_allowed([kata.magnitude_mask(w, sparsity)], [w], k)
    w = rng.integers(-2, 3, size=(5, 8)) * 0.5
    layers = [w[:2], w[2:, :5], w[2:, 5:]]
    for k in (3, 10, 20, 37):
        assert_allowed([kata.magnitude_mask(w, k / 40)], [w], k)
        assert_allowed(kata.global_masks(layers, k / 40), layers, k)


def test_zeros(kata):
    """Weights that are 0 already go first, and count: half of four weights is two, of which one was 0."""
    assert_mask(kata.magnitude_mask(np.array([0.0, 3.0, -1.0, 2.0]), 0.5), [False, True, False, True])
    assert_mask(kata.magnitude_mask(np.array([0.0, 3.0, 0.0, 2.0]), 0.5), [False, True, False, True])
    w = np.array([0.0, 3.0, 0.0, 0.0])
    assert_allowed([kata.magnitude_mask(w, 0.5)], [w], 2)
    assert_mask(kata.magnitude_mask(w, 0.75), [False, True, False, False])


def test_global(kata, rng):
    """Layers are pruned together: the smallest of all go, however many that leaves to a layer."""
    masks = kata.global_masks([np.array([3.0, 4.0]), np.array([[0.1, -5.0, 0.2]])], 0.4)
    for mask, expected in zip(masks, [[True, True], [[False, True, False]]], strict=True):
        assert_mask(mask, expected)
    for shapes in ([(2, 3), (4,), (1, 2, 2)], [(6,)], [(3, 3), (3, 3)]):
        weights = distinct(rng, sum(int(np.prod(shape)) for shape in shapes))
        layers = [part.reshape(shape) for part, shape in _cut(weights, shapes)]
        for sparsity in (0.1, 0.5, 0.77):
            expected = smallest(layers, round(sparsity * len(weights)))
            masks = kata.global_masks(layers, sparsity)
            assert_equal(len(masks), len(layers))
            for mask, want in zip(masks, expected, strict=True):
                assert_mask(mask, want)
    # A layer of small weights goes altogether.
    masks = kata.global_masks([np.full(3, 0.01), np.array([1.0, -2.0, 3.0])], 0.5)
    for mask, expected in zip(masks, [[False] * 3, [True] * 3], strict=True):
        assert_mask(mask, expected)


def _cut(weights, shapes):
    start = 0
    for shape in shapes:
        size = int(np.prod(shape))
        yield weights[start : start + size], shape
        start += size


def test_n_of_m(kata, rng):
    """In each group of m neighbours along the last axis, the n largest in absolute value are kept."""
    w = np.array([[5.0, -6.0, 7.0, -8.0, 0.1, 0.3, -0.2, 0.0]])
    assert_mask(kata.n_m_mask(w), [[False, False, True, True, False, True, True, False]])
    for shape, pairs in [
        ((4, 8), [(3, 4), (1, 2)]),
        ((3, 12), [(1, 4), (4, 4), (1, 1)]),
        ((8,), [(1, 4), (1, 2), (1, 1)]),
        ((2, 3, 4), [(3, 4), (1, 2), (4, 4)]),
    ]:
        w = distinct(rng, *shape)
        assert_mask(kata.n_m_mask(w), largest_of_groups(w, 2, 4))
        for n, m in pairs:
            assert_mask(kata.n_m_mask(w, n, m), largest_of_groups(w, n, m))


def test_ties_in_groups(kata, rng):
    """Exactly n of each group are kept, also among equal weights and zeros."""
    w = np.array([[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, -2.0, 2.0, 2.0]])
    mask = kata.n_m_mask(w)
    assert_equal(mask.reshape(3, 4).sum(axis=1), [2, 2, 2], what="the number kept in each group")
    assert_equal(bool(mask[0, 4]), True, what="the only weight of its group that is not 0 is kept")
    w = rng.integers(-2, 3, size=(30, 6)) * 0.5
    for n, m in [(1, 3), (2, 3), (2, 6), (5, 6)]:
        mask = kata.n_m_mask(w, n, m)
        assert_equal(mask.shape, w.shape)
        sizes, kept = np.abs(w).reshape(-1, m), mask.reshape(-1, m)
        assert_equal((~kept).sum(axis=1), np.full(len(kept), m - n), what="the number pruned in each group")
        pruned, still = np.where(kept, 0.0, sizes).max(axis=1), np.where(kept, sizes, np.inf).min(axis=1)
        assert_equal(np.maximum(pruned, still), still, what="the largest that was pruned")


def test_groups_that_do_not_fit(kata):
    """Rows that are not a whole number of groups raise ValueError, even if the whole array is."""
    for shape, m in [((2, 6), 4), ((4, 6), 4), ((4, 3), 4), ((7,), 4), ((2, 4), 3)]:
        with pytest.raises(ValueError):
            kata.n_m_mask(np.ones(shape), 1, m)


@strict
def test_halves(kata, rng):
    """Halves are rounded to the even count."""
    for n, k in [(5, 2), (7, 4), (9, 4), (1, 0)]:
        w = distinct(rng, n)
        assert_mask(kata.magnitude_mask(w, 0.5), smallest([w], k)[0])
        assert_mask(kata.global_masks([w], 0.5)[0], smallest([w], k)[0])


@strict
def test_sparsity_out_of_range(kata):
    """A sparsity below 0 or above 1 raises ValueError."""
    for sparsity in (-0.1, 1.01, 50.0):
        with pytest.raises(ValueError):
            kata.magnitude_mask(np.ones(4), sparsity)
        with pytest.raises(ValueError):
            kata.global_masks([np.ones(4), np.ones(2)], sparsity)


@strict
def test_integers(kata):
    """Weights may be integers of any type: the absolute value of -128 in int8 is 128."""
    w = np.array([-128, 3, 20, 100, -4, 1, 2, 0], dtype=np.int8)
    assert_mask(kata.magnitude_mask(w, 0.5), smallest([w.astype(int)], 4)[0])
    assert_mask(kata.global_masks([w], 0.5)[0], smallest([w.astype(int)], 4)[0])
    assert_mask(kata.n_m_mask(w), largest_of_groups(w.astype(int), 2, 4))


def workload(kata, rng, n):
    """Prune a layer alone, two layers together, and one in groups; zeros among the weights."""
    first, second = distinct(rng, n, 4) / n, distinct(rng, 2, n)
    first.flat[: n // 4] = 0.0
    return (
        kata.magnitude_mask(first, 0.6),
        kata.global_masks([first, second], 0.5),
        kata.n_m_mask(distinct(rng, n, 8)),
    )


def picture(kata, rng):
    w = rng.normal(size=(40, 40))
    mask = kata.magnitude_mask(w, 0.7)
    edges = np.linspace(-3, 3, 41)
    middle = (edges[1:] + edges[:-1]) / 2
    layers = [scale * rng.normal(size=(40, 40)) for scale in (0.5, 1.0, 2.0)]
    together = [each.mean() for each in kata.global_masks(layers, 0.7)]
    apart = [kata.magnitude_mask(layer, 0.7).mean() for layer in layers]
    places, groups = np.arange(3.0), rng.normal(size=(8, 16))
    return [
        Panel(
            "One layer at sparsity 0.7",
            "weight",
            "number of weights",
            [
                Bars(middle, np.histogram(w, edges)[0], "all", width=0.15, faint=True),
                Bars(middle, np.histogram(w[mask], edges)[0], "kept", width=0.15),
            ],
        ),
        Panel(
            "Three layers at sparsity 0.7",
            "layer, its weights twice as large each time",
            "share that is kept",
            [
                Bars(places - 0.2, apart, "each by itself", width=0.4),
                Bars(places + 0.2, together, "together", width=0.4),
            ],
            note="Compared with one another, a layer of small weights loses nearly all.",
        ),
        Panel(
            "2 of 4 neighbours",
            "input",
            "output",
            [Heat(np.where(kata.n_m_mask(groups), np.abs(groups), 0.0), "|w|, 0 if pruned")],
        ),
    ]


COUNT = "round(sparsity * len(sizes))"
PRUNE = "kept[np.argsort(sizes)[: " + COUNT + "]] = False"
LARGEST = "np.argsort(groups)[:, -n:]"
MISTAKES = {
    "the mask is True where a weight goes": ("np.split(kept, ends[:-1])", "np.split(~kept, ends[:-1])"),
    "the lowest weights go, not the smallest": (
        "np.abs(w, dtype=float).ravel() for w in weights",
        "np.asarray(w, dtype=float).ravel() for w in weights",
    ),
    "the largest go": ("np.argsort(sizes)[: round", "np.argsort(-sizes)[: round"),
    "sparsity is the share that is kept": (COUNT, "round((1 - sparsity) * len(sizes))"),
    "the count is cut off": (COUNT, "int(sparsity * len(sizes))"),
    "the count is rounded up": (COUNT, "int(np.ceil(sparsity * len(sizes)))"),
    "the last k of the order are kept": (
        PRUNE,
        "kept[:] = False\n    kept[np.argsort(sizes)[-(len(sizes) - " + COUNT + "):]] = True",
    ),
    "a threshold, which all that are equal to it fail": (
        PRUNE,
        "kept = sizes > np.sort(sizes)[max(" + COUNT + " - 1, 0)] if " + COUNT + " else kept",
    ),
    "a threshold, which all that are equal to it pass": (
        PRUNE,
        "kept = sizes >= np.append(np.sort(sizes), np.inf)[" + COUNT + "]",
    ),
    "a quantile for the threshold": (PRUNE, "kept = sizes > np.quantile(sizes, sparsity)"),
    "zeros do not count": (COUNT, "round(sparsity * np.count_nonzero(sizes))"),
    "zeros come on top": (COUNT, "min((sizes == 0).sum() + round(sparsity * np.count_nonzero(sizes)), len(sizes))"),
    "each layer by itself": (
        "    sizes = np.concatenate(",
        (
            "    if len(weights) > 1:\n        return [global_masks([w], sparsity)[0] for w in weights]\n"
            "    sizes = np.concatenate("
        ),
    ),
    "layers compared by their share of the layer's norm": (
        "np.abs(w, dtype=float).ravel() for w in weights",
        "np.abs(w, dtype=float).ravel() / np.linalg.norm(w) for w in weights",
    ),
    "a layer keeps its largest weight in any case": (
        "    ends = np.cumsum",
        (
            "    for k in np.cumsum([0] + [w.size for w in weights])[:-1]:\n"
            "        kept[k] |= len(weights) > 1\n    ends = np.cumsum"
        ),
    ),
    "masks of layers in one row": ("part.reshape(w.shape) for part, w", "part.ravel() for part, w"),
    "pruned weights for masks": ("part.reshape(w.shape) for part, w", "part.reshape(w.shape) * w for part, w"),
    "the n smallest of a group": (LARGEST, LARGEST.replace("-n:", ":n")),
    "n of m are pruned": (LARGEST, LARGEST.replace("-n:", "n:")),
    "the largest values of a group": (
        "np.abs(w, dtype=float).reshape(-1, m)",
        "np.asarray(w, dtype=float).reshape(-1, m)",
    ),
    "groups along the first axis": [
        ("groups = np.abs(w, dtype=float).reshape(-1, m)", "groups = np.abs(w, dtype=float).T.reshape(-1, m)"),
        (
            "return kept.reshape(w.shape)\n\n\ndef magnitude_mask_via",
            "return kept.reshape(w.T.shape).T\n\n\ndef magnitude_mask_via",
        ),
    ],
    "groups of columns that are not neighbours": [
        (
            "groups = np.abs(w, dtype=float).reshape(-1, m)",
            "groups = np.abs(w, dtype=float).reshape(-1, m, w.shape[-1] // m).swapaxes(1, 2).reshape(-1, m)",
        ),
        (
            "return kept.reshape(w.shape)\n\n\ndef magnitude_mask_via",
            "return kept.reshape(-1, w.shape[-1] // m, m).swapaxes(1, 2).reshape(w.shape)\n\n\ndef magnitude_mask_via",
        ),
    ],
    "a threshold in each group": (
        "np.put_along_axis(kept, " + LARGEST + ", values=True, axis=1)",
        "kept = groups >= np.sort(groups, axis=1)[:, [-n]]",
    ),
    "a weight of 0 is never kept": (
        "return kept.reshape(w.shape)\n\n\ndef magnitude_mask_via",
        "return (kept & (groups > 0)).reshape(w.shape)\n\n\ndef magnitude_mask_via",
    ),
    "only the whole array has to fit": ("if w.shape[-1] % m:", "if w.size % m:"),
    "4:8 by default": (
        'n: int = 2, m: int = 4) -> np.ndarray:\n    """Return the mask that',
        'n: int = 4, m: int = 8) -> np.ndarray:\n    """Return the mask that',
    ),
}

STRICT_MISTAKES = {
    "halves up": (COUNT, "int(np.floor(sparsity * len(sizes) + 0.5))"),
    "any sparsity": ("if not 0 <= sparsity <= 1:", "if False:"),
    "the absolute value of -128 in int8": ("np.abs(w, dtype=float).ravel()", "np.abs(w).ravel()"),
    "the absolute value of -128 in int8, in groups": ("np.abs(w, dtype=float).reshape", "np.abs(w).reshape"),
}
