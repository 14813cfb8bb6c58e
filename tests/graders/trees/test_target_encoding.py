import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, strict

NAMES = np.array(["Rome", "Oslo", "a", "Kyiv", "Bern-West"])
NUMBERS = np.array([7, -1, 10**6, 0, -300])


def encoded(rows, category, smoothing):
    """Encode one category from pairs of a category and a target."""
    targets = [target for _, target in rows]
    own = [target for other, target in rows if other == category]
    prior = sum(targets) / len(targets)
    return (sum(own) + smoothing * prior) / (len(own) + smoothing) if own else prior


def pairs(categories, y):
    return list(zip(categories.tolist(), y.tolist(), strict=True))


def defined(train_categories, y, categories, smoothing):
    return [encoded(pairs(train_categories, y), category, smoothing) for category in categories.tolist()]


def defined_out_of_fold(categories, y, folds, smoothing):
    rows, of = pairs(categories, y), folds.tolist()
    kept = {fold: [row for row, other in zip(rows, of, strict=True) if other != fold] for fold in set(of)}
    return [encoded(kept[fold], category, smoothing) for (category, _), fold in zip(rows, of, strict=True)]


@pytest.fixture
def rows(rng):
    """Categories of very unequal sizes, the last of them of one row, and targets that depend on them."""
    level = rng.permutation(np.repeat([0, 1, 2, 3, 4], [9, 5, 3, 2, 1]))
    return level, 3.0 + level + rng.normal(size=20)


def test_mean_of_each_category(kata, rows):
    """Without smoothing, a category gets the mean target of its training rows."""
    train, y = np.array([5, 2, 5, 5]), np.array([1.0, 4.0, 0.0, 1.0])
    assert_close(kata.target_encode(train, y, np.array([2, 5, 2]), 0.0), [4.0, 2 / 3, 4.0])
    level, y = rows
    asked = np.array([4, 0, 0, 3, 1, 2, 4])
    for names in (NAMES, NUMBERS):
        assert_close(kata.target_encode(names[level], y, names[asked], 0.0), defined(level, y, asked, 0.0))


def test_smoothing(kata, rows):
    """Smoothing counts like that many more rows of the category, whose target is the prior: the mean of all rows."""
    train, y = np.array(["a", "b", "a", "a"]), np.array([0.0, 1.0, 1.0, 0.0])
    assert_close(kata.target_encode(train, y, np.array(["b", "a"]), 3.0), [2.5 / 4, 2.5 / 6])
    level, y = rows
    asked = np.arange(5)
    for smoothing in (1e-5, 0.3, 1.0, 2.0, 17.5, 1e6):
        assert_close(kata.target_encode(level, y, asked, smoothing), defined(level, y, asked, smoothing))
        expected = defined(level, -1e-5 * y, asked, smoothing)
        assert_close(kata.target_encode(level, -1e-5 * y, asked, smoothing), expected, atol=0.0)


def test_unseen_category(kata, rows):
    """A category without a training row gets the prior, whatever the smoothing."""
    train, y = np.array([3, 3, 3, 8]), np.array([1.0, 2.0, 3.0, 10.0])
    level, targets = rows
    for smoothing in (0.0, 1.0, 50.0):
        new = kata.target_encode(train, y, np.array([-2, 5, 9, 8]), smoothing)
        assert_close(new[:3], [4.0, 4.0, 4.0])
        assert_close(kata.target_encode(train, y, np.array([0]), smoothing), [4.0])
        names = np.array(["A", "Zagreb", "Rom", "Rome-2", ""])
        assert_close(kata.target_encode(NAMES[level], targets, names, smoothing), [targets.mean()] * 5)


def test_few_rows(kata):
    """One training row, one category and a constant target are no special case."""
    assert_close(kata.target_encode(np.array([4]), np.array([2.5]), np.array([4, 1]), 1.0), [2.5, 2.5])
    one = np.array(["x"] * 4)
    assert_close(kata.target_encode(one, np.array([1.0, 0.0, 0.0, 0.0]), one[:1], 2.0), [0.25])
    for target in (0.0, -3.0, 1.0):
        y = np.full(4, target)
        assert_close(kata.target_encode(np.array([1, 2, 2, 3]), y, np.array([3, 9, 2]), 0.5), [target] * 3)
        out = kata.target_encode_out_of_fold(np.array([1, 2, 2, 3]), y, np.array([1, 1, 2, 3]), 0.5)
        assert_close(out, [target] * 4)


def test_out_of_fold(kata, rows):
    """A row is encoded from the rows of the other folds alone: none of its own fold counts, nor does its own target."""
    categories, y = np.array([1, 1, 1, 2, 2]), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    folds = np.array([0, 0, 1, 1, 0])
    # Fold 1 has the targets 1 and 0 and the prior 1/2, fold 0 the targets 0, 1 and 1 and the prior 2/3.
    expected = [1.5 / 2, 1.5 / 2, (1 + 2 / 3) / 3, (1 + 2 / 3) / 2, 0.5 / 2]
    assert_close(kata.target_encode_out_of_fold(categories, y, folds, 1.0), expected)
    level, y = rows
    folds = np.array([3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, -4, -4, -4, 12, 12, 7, 0])
    for smoothing in (1e-4, 1.0, 6.5):
        for names in (NAMES, NUMBERS):
            for y_ in (y, (y > 4.5).astype(float), 1e-5 * y):
                out = kata.target_encode_out_of_fold(names[level], y_, folds, smoothing)
                assert_close(out, defined_out_of_fold(level, y_, folds, smoothing), atol=1e-15)
    changed = kata.target_encode_out_of_fold(level, np.where(folds == 0, y + 100, y), folds, 1.0)
    assert_close(changed[folds == 0], np.array(defined_out_of_fold(level, y, folds, 1.0))[folds == 0])


def test_prior_out_of_fold(kata):
    """The prior of a fold is the mean target of all rows of the other folds, each row counting once."""
    categories, y = np.array([1, 2, 3, 4, 5, 6]), np.array([1.0, 5.0, 0.0, 0.0, 3.0, 9.0])
    folds = np.array([2, 2, 0, 0, 0, 1])
    for smoothing in (0.0, 4.0):
        out = kata.target_encode_out_of_fold(categories, y, folds, smoothing)
        assert_close(out, [3.0, 3.0, 5.0, 5.0, 5.0, 9 / 5])


def test_category_of_one_fold(kata, rows):
    """A category that occurs in a single fold gets the prior of the other folds there, with or without smoothing."""
    categories, y = np.array(["u", "u", "v", "w", "v"]), np.array([8.0, 4.0, 1.0, 2.0, 6.0])
    folds = np.array([1, 1, 1, 2, 2])
    for smoothing, v in ((0.0, (6.0, 1.0)), (1.0, (5.0, 8 / 3))):
        out = kata.target_encode_out_of_fold(categories, y, folds, smoothing)
        assert_close(out, [4.0, 4.0, v[0], 13 / 3, v[1]])
    level, y = rows
    # Each row is its own fold: the category of one row gets the mean of all others.
    for smoothing in (0.0, 1.5):
        out = kata.target_encode_out_of_fold(level, y, np.arange(20) - 7, smoothing)
        assert_close(out, defined_out_of_fold(level, y, np.arange(20), smoothing))
    # The folds are the categories.
    assert_close(kata.target_encode_out_of_fold(level, y, level, 0.0), defined_out_of_fold(level, y, level, 0.0))


def test_one_fold(kata):
    """ValueError if there is only one fold: no row is left to encode its rows from."""
    for folds in ([0, 0, 0], [5, 5, 5], [-1, -1, -1]):
        with pytest.raises(ValueError):
            kata.target_encode_out_of_fold(np.array([1, 2, 1]), np.array([0.0, 1.0, 1.0]), np.array(folds), 1.0)


@strict
def test_bad_input(kata):
    """ValueError if lengths differ or smoothing < 0."""
    three, four, folds = np.array([1, 2, 1]), np.array([0.0, 1.0, 1.0, 0.0]), np.array([0, 1, 1])
    for train, y in [(three, four), (three, four[:1]), (three[:1], four)]:
        with pytest.raises(ValueError):
            kata.target_encode(train, y, three, 1.0)
        with pytest.raises(ValueError):
            kata.target_encode_out_of_fold(train, y, folds, 1.0)
    with pytest.raises(ValueError):
        kata.target_encode_out_of_fold(three[:1], four[:3], folds, 1.0)
    for short in (folds[:2], np.array([0, 1, 1, 0])):
        with pytest.raises(ValueError):
            kata.target_encode_out_of_fold(three, four[:3], short, 1.0)
    with pytest.raises(ValueError):
        kata.target_encode(three, four[:3], three, -0.5)
    with pytest.raises(ValueError):
        kata.target_encode_out_of_fold(three, four[:3], folds, -0.5)


@strict
@pytest.mark.parametrize("kind", [np.int8, np.uint8, int])
def test_kinds(kata, kind):
    """Categories, targets and folds may be integers of any type: no sum wraps around, and nothing is truncated."""
    categories, y = np.array([9, 9, 9, 3]).astype(kind), np.array([100, 120, 125, 2]).astype(kind)
    assert_close(kata.target_encode(categories, y, np.array([9, 3, 4]).astype(kind), 0.0), [115.0, 2.0, 86.75])
    out = kata.target_encode_out_of_fold(categories, y, np.array([0, 100, 100, 0]).astype(kind), 1.0)
    assert_close(out, [(245 + 122.5) / 3, 151 / 2, 151 / 2, 122.5])


def workload(kata, rng, n):
    """Encode a column of many rare categories out of fold, and new rows with some unseen ones."""
    level = rng.zipf(1.5, size=n + 2) % 50
    y = (rng.random(n + 2) < 0.2 + 0.01 * level).astype(float)
    folds = np.arange(n + 2) % 5
    new, smoothing = rng.integers(0, 55, size=n), float(rng.integers(0, 3))
    return (
        kata.target_encode_out_of_fold(level, y, folds, smoothing),
        kata.target_encode(level, y, new, smoothing),
    )


def picture(kata, rng):
    """Draw how smoothing shrinks categories of several sizes, and what an encoding that sees its target looks like."""
    sizes = [1, 5, 50]
    train = np.repeat([0, 1, 2, 3], [*sizes, sum(sizes)])
    y = np.repeat([1.0, 1.0, 1.0, 0.0], [*sizes, sum(sizes)])
    amounts = np.logspace(-1, 2.5, 60)
    curves = np.array([kata.target_encode(train, y, np.arange(3), float(m)) for m in amounts])
    level, noise = rng.integers(0, 100, size=400), rng.normal(size=400)
    seen = kata.target_encode(level, noise, level, 0.0)
    unseen = kata.target_encode_out_of_fold(level, noise, np.arange(400) % 5, 0.0)
    order = np.argsort(seen)
    return [
        Panel(
            "A category whose targets are all 1",
            "log10 of smoothing",
            "encoding",
            [Line(np.log10(amounts), curves[:, k], f"{size} rows") for k, size in enumerate(sizes)],
            note="All shrink towards the prior, 0.5, the rare ones first.",
        ),
        Panel(
            "100 categories without meaning",
            "rows, sorted by the in-sample encoding",
            "encoding",
            [
                Line(np.arange(400), unseen[order], "out of fold", faint=True),
                Line(np.arange(400), seen[order], "in sample"),
            ],
            note="The target is noise. In sample, the encoding follows it all the same.",
        ),
    ]


ENCODING = "(np.bincount(place, weights=y) + smoothing * prior) / (np.bincount(place) + smoothing)"
PRIOR = "prior = y.mean()"
WHERE = "return np.where(known[nearest] == categories, encoding[nearest], prior)"
CALL = "encoded[inside] = target_encode(categories[~inside], y[~inside], categories[inside], smoothing)"
MEANS = "np.bincount(place, weights=y) / np.bincount(place)"
ONE_FOLD = '        raise ValueError("with only one fold, no row is left to encode its rows from")'
MISTAKES = {
    "no smoothing": (ENCODING, MEANS),
    "smoothed towards 0": (ENCODING, "np.bincount(place, weights=y) / (np.bincount(place) + smoothing)"),
    "smoothed towards 1/2": (ENCODING, ENCODING.replace("prior", "0.5")),
    "add-one smoothing": (ENCODING, ENCODING.replace("smoothing", "1")),
    "smoothing is a share": (ENCODING, f"(1 - smoothing) * {MEANS} + smoothing * prior"),
    "the weights mixed up": (
        ENCODING,
        f"(smoothing * {MEANS} + np.bincount(place) * prior) / (np.bincount(place) + smoothing)",
    ),
    "the prior added once, not smoothing times": (ENCODING, ENCODING.replace("smoothing * prior", "prior")),
    "smoothing over all rows": (
        ENCODING,
        ENCODING.replace("smoothing", "smoothing / len(known)"),
    ),
    "smoothing rounded to whole rows": (ENCODING, ENCODING.replace("smoothing", "round(smoothing)")),
    "the prior is the mean of the categories' means": (PRIOR, f"prior = ({MEANS}).mean()"),
    "the prior is the median": (PRIOR, "prior = np.median(y)"),
    "the prior without the category": (
        ENCODING,
        (
            "(np.bincount(place, weights=y) + smoothing * (y.sum() - np.bincount(place, weights=y))"
            " / np.maximum(len(y) - np.bincount(place), 1)) / (np.bincount(place) + smoothing)"
        ),
    ),
    "the sum for the mean": (ENCODING, "np.bincount(place, weights=y) + smoothing * prior"),
    "counts of a category": (ENCODING, "np.bincount(place) / len(y)"),
    "targets are classes": (ENCODING, ENCODING.replace("weights=y", "weights=y > 0")),
    "an unseen category is 0": (WHERE, "return np.where(known[nearest] == categories, encoding[nearest], 0.0)"),
    "an unseen category is NaN": (WHERE, "return np.where(known[nearest] == categories, encoding[nearest], np.nan)"),
    "an unseen category takes the next one": (WHERE, "return encoding[nearest]"),
    "an unseen category takes the mean of the encodings": (
        WHERE,
        "return np.where(known[nearest] == categories, encoding[nearest], encoding.mean())",
    ),
    "an unseen category is an error": (
        WHERE,
        "return np.array([dict(zip(known.tolist(), encoding))[each] for each in categories.tolist()])",
    ),
    "an unseen category has a smoothed 0 / 0": (
        WHERE,
        "return np.where(known[nearest] == categories, encoding[nearest], smoothing * prior / max(smoothing, 1e-9))",
    ),
    "categories are places": (WHERE, "return encoding[categories.astype(int) % len(known)]"),
    "in sample": (CALL, "encoded[inside] = target_encode(categories, y, categories[inside], smoothing)"),
    "out of fold the wrong way round": (
        CALL,
        "encoded[inside] = target_encode(categories[inside], y[inside], categories[inside], smoothing)",
    ),
    "leave one out": (
        CALL,
        (
            "for row in np.flatnonzero(inside):\n"
            "            rest = np.arange(len(y)) != row\n"
            "            encoded[row] = target_encode(categories[rest], y[rest], categories[[row]], smoothing)[0]"
        ),
    ),
    "only the folds before, as in time": (
        CALL,
        (
            "before = folds < fold if (folds < fold).any() else ~inside\n"
            "        encoded[inside] = target_encode(categories[before], y[before], categories[inside], smoothing)"
        ),
    ),
    "the prior of all rows, own fold included": (
        CALL,
        (
            "centre = y.mean()\n"
            "        kept = np.isin(categories[inside], categories[~inside])\n"
            "        same = categories[inside][:, np.newaxis] == categories[~inside]\n"
            "        n, s = same.sum(axis=1), (same * y[~inside]).sum(axis=1)\n"
            "        encoded[inside] = np.where(kept, (s + smoothing * centre) / np.maximum(n + smoothing, 1), centre)"
        ),
    ),
    "an unseen category of a fold gets the prior of all rows": (
        CALL,
        CALL + "\n        encoded[inside & ~np.isin(categories, categories[~inside])] = y.mean()",
    ),
    "an unseen category of a fold gets its own mean": (
        CALL,
        (
            CALL
            + "\n        lone = inside & ~np.isin(categories, categories[~inside])"
            + "\n        encoded[lone] = target_encode(categories, y, categories[lone], smoothing)"
        ),
    ),
    "folds are 0 to k - 1": (
        "for fold in distinct:",
        "for fold in range(len(distinct)):",
    ),
    "the last fold is left out": (
        "for fold in distinct:",
        "encoded[:] = y.mean()\n    for fold in distinct[:-1]:",
    ),
    "rows come back by fold": ("    return encoded\n", "    return encoded[np.argsort(folds, kind='stable')]\n"),
    "one fold is encoded in sample": (ONE_FOLD, "        return target_encode(categories, y, categories, smoothing)"),
    "one fold gives the prior": (ONE_FOLD, "        return np.full(len(y), y.mean())"),
    "smoothing of at least one row": (ENCODING, ENCODING.replace("smoothing", "max(smoothing, 1)")),
    "little smoothing is none": (ENCODING, ENCODING.replace("smoothing", "(smoothing if smoothing > 1e-3 else 0)")),
    "encodings stay between 0 and 1": (WHERE, WHERE.replace("return ", "return (") + ").clip(0, 1)"),
    "rounded": (WHERE, WHERE.replace("return ", "return (") + ").round(6)"),
    "a rare category gets the prior": (
        ENCODING,
        "np.where(np.bincount(place) > 1, " + ENCODING + ", prior)",
    ),
}
STRICT_MISTAKES = {
    "smoothing may be negative": ("if smoothing < 0:", "if smoothing is None:"),
    "lengths are not looked at": (
        "if not len(categories) == len(y) == len(folds):",
        "if not len(categories) == len(y) <= len(folds):",
    ),
    "bytes wrap around": (PRIOR, "prior = y.sum(dtype=y.dtype) / len(y)"),
}
