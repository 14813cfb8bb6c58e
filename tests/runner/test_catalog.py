"""The catalog reads of each table what is asked for, and says which line is wrong."""

import tomllib

import pytest

from katagrad.catalog import TABLE, Catalog, TableError

TEXT = """title = "Sums"
about = "Adding up."

[first] # a comment
minutes = 5
difficulty = "easy"
requires = []
hints = ["[second]", "two"]

[[first.followups]]
question = "Why?"
answer = ["one", "two", "three"]
source = "a book"

[second]
minutes = 10
"""


@pytest.fixture
def folder(tmp_path):
    """Give a made-up topic's folder."""
    folder = tmp_path / "exercises" / "sums"
    folder.mkdir(parents=True)
    (folder.parent / "curriculum.toml").write_text('topics = ["sums", "not_there_yet"]\n')
    (folder / TABLE).write_text(TEXT)
    return folder


def test_parts_are_the_whole():
    """What is read kata by kata is what the whole table says, for every topic there is."""
    for topic in Catalog().topics:
        path = Catalog().root / "exercises" / topic.name / TABLE
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
        assert (topic.title, topic.about) == (whole.pop("title"), whole.pop("about"))
        assert [kata.name for kata in topic.katas] == list(whole)
        for kata in topic.katas:
            table = {
                "minutes": kata.minutes,
                "difficulty": kata.difficulty,
                "requires": list(kata.requires),
                "hints": list(kata.hints),
                "followups": [
                    {"question": each.question, "answer": list(each.answer), "source": each.source}
                    for each in kata.followups
                ],
            }
            assert table == whole[kata.name]


def test_only_what_is_asked_for_is_read(folder):
    """A table that is wrong in one place harms nothing else, and the error has the line of the file."""
    assert [kata.name for kata in Catalog(folder.parents[1]).katas] == ["first", "second"]
    (folder / TABLE).write_text(f"{TEXT}hints = one, two\n")
    first, second = Catalog(folder.parents[1]).katas
    assert first.hints == ("[second]", "two")
    with pytest.raises(TableError, match=r"topic\.toml: .*line 17"):
        _ = second.minutes


def test_what_is_missing(folder):
    """A table that lacks something says what, of which kata."""
    _, second = Catalog(folder.parents[1]).katas
    with pytest.raises(TableError, match="second lacks 'hints'"):
        _ = second.hints
    (folder / TABLE).write_text(TEXT.replace("about", "abuot"))
    with pytest.raises(TableError, match="lacks 'about'"):
        _ = Catalog(folder.parents[1]).katas
    (folder / TABLE).write_text(TEXT.replace("source", "sauce"))
    with pytest.raises(TableError, match="follow-up of sums/first lacks 'source'"):
        _ = Catalog(folder.parents[1]).katas[0].followups
