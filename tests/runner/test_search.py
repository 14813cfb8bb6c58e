"""Katas are found by words: by what they are called, what they are about, and what they mention."""

import pytest

from katagrad.katas.catalog import CURRICULUM, Catalog, UnknownNameError

TABLE = """about = "{about}"
aliases = {aliases}
minutes = 5
difficulty = "easy"
requires = []
hints = []

[[followups]]
question = "{question}"
answer = []
source = ""
"""
TOPICS = """[[topics]]
name = "planets"
title = "Outer planets"
about = "Far away."
katas = ["red_giant", "ring", "moons"]
"""
SOLUTION = '''"""The orbit of a comet, by Kepler.

    a = "b"
"""


class Orbit(NamedTuple):
    """An ellipse of the colour {colour}."""

    width: float


def fit_orbit(x: np.ndarray, *, steps: int = 3) -> Orbit:
    """Return the orbits, normalised.

    Strict
    ------
    - No vacuum.
    """
    hidden = """nebula"""
    return hidden


def _private(x):
    """About asteroids."""


def fit_orbit_via_loop(x: np.ndarray) -> Orbit:
    """Walk along meteors."""
'''


@pytest.fixture
def catalog(tmp_path):
    """Give the catalog of three made-up katas, the last of which has no solution."""
    folder = tmp_path / "solutions" / "planets"
    folder.mkdir(parents=True)
    (tmp_path / CURRICULUM).write_text(TOPICS)
    tables = {
        "red_giant": ("A large star", ["k-NOVA", "XRB"], "Why is a giant red?"),
        "ring": ("What surrounds Saturn", ["belts"], "How does a comet leave the ring?"),
        "moons": ("Small bodies that go round", [], "Is the large star a moon?"),
    }
    for name, (about, aliases, question) in tables.items():
        (folder / f"{name}.toml").write_text(TABLE.format(about=about, aliases=aliases, question=question))
    (folder / "red_giant.py").write_text('"""Heat, and the gas of a star."""\n\ndef burn(x):\n    """Burn."""\n')
    (folder / "ring.py").write_text(SOLUTION)
    return Catalog(tmp_path)


@pytest.fixture(scope="module")
def ours():
    """Give the catalog of this checkout."""
    return Catalog()


def names(hits):
    return [hit.kata.name for hit in hits]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("red_giant", ["red_giant"]),
        ("Red Giant", ["red_giant"]),
        ("redgiant", ["red_giant"]),
        ("knova", ["red_giant"]),
        ("K-nova", ["red_giant"]),
        ("xrb", ["red_giant"]),
        ("burn", ["red_giant"]),
        ("fit_orbit", ["ring"]),
        ("Orbit", ["ring"]),
        ("saturn", ["ring"]),
        ("belt", ["ring"]),
        ("the moons of", ["moons"]),
        ("moon", ["moons"]),
        ("outer", ["red_giant", "ring", "moons"]),
        ("planet", ["red_giant", "ring", "moons"]),
        ("ellipse", ["ring"]),
        ("kepler", ["ring"]),
        ("vacuum", ["ring"]),
        ("normalization", ["ring"]),
        ("normalizing", ["ring"]),
        ("color", ["ring"]),
        ("surround", ["ring"]),
        ("satu", ["ring"]),
        ("nebula", []),
        ("asteroids", []),
        ("meteors", []),
        ("private", []),
        ("sa", []),
        ("", []),
    ],
)
def test_words(catalog, words, found):
    """A word is found in every text of a kata but its code, in any ending and spelling, and from its beginning."""
    assert names(catalog.index.search(words)) == found


def test_the_best_come_first(catalog):
    """A name counts more than a description, that more than a question; all words count more than some."""
    assert names(catalog.index.search("star")) == ["red_giant", "moons"]
    assert [hit.is_about for hit in catalog.index.search("star")] == [True, False]
    assert names(catalog.index.search("comet")) == ["ring"]
    assert names(catalog.index.search("large star")) == ["red_giant", "moons"]
    assert all(hit.is_full for hit in catalog.index.search("large star"))
    assert names(catalog.index.search("moon heat")) == ["moons", "red_giant"]
    assert not any(hit.is_full or hit.is_about for hit in catalog.index.search("moon heat"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("saturn", "There is no kata or topic 'saturn'. Katas about it: ring"),
        ("planets/saturn", "Katas about it: ring"),
        ("kepler", "Katas that mention it: ring"),
        ("rign", "Nearest: ring"),
        ("planest", "Nearest: planets"),
        ("belst", "Nearest: ring (belts)"),
        ("heat_kepler", "Katas that mention it: red_giant, ring"),
        ("zzz", "All of them: python -m katagrad list"),
    ],
)
def test_an_unknown_name_is_answered(catalog, name, said):
    """An unknown name gets the katas that it is about, the names spelled nearly so, or what mentions it."""
    with pytest.raises(UnknownNameError) as error:
        catalog.find(name)
    assert said in str(error.value)


def test_many_katas_are_not_all_named(ours):
    """Of many katas a few are named, with the command that shows all."""
    with pytest.raises(UnknownNameError, match=r"Katas about it: (\w+, ){4}and more: .* list gradient$"):
        ours.find("gradient")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("AUC", "roc_auc"),
        ("KNN", "k_nearest_neighbors"),
        ("softmax", "cross_entropy"),
        ("gradient descent", "gradient_descent"),
        ("layernorm", "layer_norm"),
        ("neighbours", "k_nearest_neighbors"),
    ],
)
def test_common_names(ours, words, first):
    """The names that people use find the kata that they mean."""
    assert names(ours.index.search(words))[0] == first


def test_backprop(ours):
    """Backpropagation by any name finds each kata with a backward pass among its functions or in its description."""
    found = {
        name: set(names(hit for hit in ours.index.search(name) if hit.is_about))
        for name in ("backprop", "backpropagation")
    }
    assert found["backprop"] == found["backpropagation"]
    assert {"batch_norm", "layer_norm", "recurrent", "convolution", "pooling"} <= found["backprop"]


@pytest.mark.slow
def test_every_kata_is_found_by_its_names(ours):
    """A kata's name and each of its other names lead to it."""
    for kata in ours.katas:
        for name in (kata.name, *kata.aliases):
            assert kata in [hit.kata for hit in ours.index.search(name) if hit.is_about], name
        assert ours.index.search(kata.name)[0].kata == kata
