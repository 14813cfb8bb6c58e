"""The catalog reads of each table what is asked for, and says which file and line is wrong."""

import pytest

from katagrad.katas.catalog import CURRICULUM, Catalog, TableError, UnknownNameError

TOPICS = """[[topics]]
name = "sums"
title = "Sums"
about = "Adding up."
katas = ["first", "second"]
"""
FIRST = """about = "Add two numbers"
aliases = ["plus"]
minutes = 5
difficulty = "easy"
requires = []
hints = [
    "one",
    '''
[ndarray]
''',
]

[[followups]]
question = "Why?"
answer = ["one", "two", "three"]
source = "a book"
"""
SECOND = "minutes = 10\n"
SELECTION = """
[[selections]]
name = "two_days"
title = "A long weekend"
audience = "You have two days."
katas = ["second", "first"]
"""


@pytest.fixture
def root(tmp_path):
    """Give a checkout with a made-up topic."""
    (tmp_path / "solutions" / "sums").mkdir(parents=True)
    (tmp_path / CURRICULUM).write_text(TOPICS)
    (tmp_path / "solutions/sums/first.toml").write_text(FIRST)
    (tmp_path / "solutions/sums/second.toml").write_text(SECOND)
    return tmp_path


def test_a_table_is_read_as_toml_is(root):
    """Every field comes out as it stands; a line in brackets within a text is no table."""
    first, second = Catalog(root).katas
    assert (first.about, first.aliases, first.minutes, first.difficulty) == ("Add two numbers", ("plus",), 5, "easy")
    assert first.hints == ("one", "[ndarray]\n")
    assert first.followups[0].answer == ("one", "two", "three")
    assert second.minutes == 10


def test_only_what_is_asked_for_is_read(root):
    """A table that is wrong harms no other, and the error names the file and the line."""
    (root / "solutions/sums/second.toml").write_text(f"{SECOND}hints = one, two\n")
    first, second = Catalog(root).katas
    assert first.minutes == 5
    with pytest.raises(TableError, match=r"second\.toml: .*line 2"):
        _ = second.minutes


def test_what_is_missing(root):
    """A table that lacks something says what, and where."""
    _, second = Catalog(root).katas
    with pytest.raises(TableError, match=r"second\.toml lacks 'hints'"):
        _ = second.hints
    (root / "solutions/sums/first.toml").write_text(FIRST.replace("source", "sauce"))
    with pytest.raises(TableError, match=r"first\.toml: a follow-up lacks 'source'"):
        _ = Catalog(root).katas[0].followups
    (root / CURRICULUM).write_text(TOPICS.replace("about", "abuot"))
    with pytest.raises(TableError, match=r"curriculum\.toml: a topic lacks 'about'"):
        _ = Catalog(root).katas
    (root / "solutions/sums/second.toml").unlink()
    (root / CURRICULUM).write_text(TOPICS)
    with pytest.raises(TableError, match=r"second\.toml is missing"):
        _ = Catalog(root).katas[1].minutes


def test_a_selection_is_found(root):
    """A selection has its katas in its own order, and is known by its name, its title, or how its name begins."""
    (root / CURRICULUM).write_text(SELECTION + TOPICS)
    catalog = Catalog(root)
    assert [kata.name for kata in catalog.katas] == ["first", "second"]
    for name in ("two_days", "two-days", "Two days", "a long weekend", "two"):
        found = catalog.selection(name)
        assert (found.name, found.title, found.audience) == ("two_days", "A long weekend", "You have two days.")
        assert [kata.path for kata in found.katas] == ["sums/second", "sums/first"]
    (root / "solutions/sums/second.toml").write_text(SECOND)
    assert found.minutes == 15
    for name in ("", "week"):
        with pytest.raises(UnknownNameError, match=rf"There is no selection '{name}'\. Selections: two_days$"):
            catalog.selection(name)
    (root / CURRICULUM).write_text(SELECTION + SELECTION.replace("two_days", "two_weeks") + TOPICS)
    with pytest.raises(UnknownNameError, match=r"There is no selection 'two'\. Nearest: two_days, two_weeks"):
        Catalog(root).selection("two")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"second"', '"secnd"', "the selection 'two_days' names 'secnd', which is no kata"),
        ('"second"', '"first"', "the selection 'two_days' names 'first' twice"),
        ('"second", "first"', "", "the selection 'two_days' names no kata"),
        ("audience", "audeince", "a selection lacks 'audience'"),
        (SELECTION, 2 * SELECTION, "has two selections of the name 'two_days'"),
    ],
)
def test_a_wrong_selection_is_told(root, before, after, said):
    """What is wrong with a selection is said when one is asked for; the katas are found nevertheless."""
    (root / CURRICULUM).write_text(SELECTION.replace(before, after) + TOPICS)
    catalog = Catalog(root)
    assert catalog.find("second")
    with pytest.raises(TableError, match=rf"curriculum\.toml:? .*{said}"):
        _ = catalog.selections
