"""The catalog reads of each table what is asked for, and says which file and line is wrong."""

import pytest

from katagrad.katas.catalog import CURRICULUM, Catalog, TableError

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
