"""Which katas and questions an interview has, and what is said where none fit."""

import pytest

from katagrad.katas.catalog import ROOT, Catalog
from katagrad.practice.choice import ASKING, NothingFitsError, Wish, choose, choose_up_to
from katagrad.practice.draft import Draft
from katagrad.record import sessions
from katagrad.record.history import History
from katagrad.record.interview import mark_of_points
from katagrad.record.schedule import Mark
from katagrad.verdict import Rule, State, Verdict

CATALOG = Catalog(ROOT)


@pytest.fixture
def history(tmp_path):
    """Give an empty history."""
    return History(tmp_path)


def names(chosen):
    return [kata.path for kata, _ in chosen]


def solve(history, katas):
    """Take down that katas were solved, which makes them due in two days."""
    for kata in katas:
        history.record(Verdict(kata.path, State.SOLVED, (Rule("one", "One."),)), "")


@pytest.mark.parametrize(("minutes", "count"), [(45, 2), (32, 2), (16, 1), (90, 4), (120, 3)])
def test_par_times_fit(history, minutes, count):
    """With their questions the katas fit, no two are of one topic, and other seeds choose others."""
    seen = set()
    for seed in range(40):
        chosen = choose(history, CATALOG.katas, Wish(minutes, count, seed))
        assert sum(kata.minutes + ASKING for kata, _ in chosen) <= minutes
        assert len({kata.topic for kata, _ in chosen}) == count
        assert all(len({each.question for each in asked}) == 2 for _, asked in chosen)
        assert all(each in kata.followups for kata, asked in chosen for each in asked)
        seen.add(tuple(names(chosen)))
    assert len(seen) > 1


def test_a_seed_repeats_the_choice(history):
    """The same seed chooses the same katas and questions."""
    wish = Wish(60, 3, 7)
    assert choose(history, CATALOG.katas, wish) == choose(history, CATALOG.katas, wish)


def test_one_topic_that_is_named(history):
    """Katas of one topic come together only if it is the only one that was named."""
    chosen = choose(history, CATALOG.select(["metrics"]), Wish(60, 2, 1))
    assert [kata.topic for kata, _ in chosen] == ["metrics", "metrics"]
    for seed in range(20):
        katas = CATALOG.select(["metrics", "losses"])
        assert {kata.topic for kata, _ in choose(history, katas, Wish(60, 2, seed))} == {"metrics", "losses"}


def test_unsolved_ones_come_first(history):
    """What is solved and not due comes only where nothing else fits; what is under way in practice likewise."""
    katas = CATALOG.select(["metrics"])
    unsolved = [kata for kata in katas if kata.minutes <= 20][:2]
    solve(history, [kata for kata in katas if kata not in unsolved])
    for seed in range(10):
        assert set(names(choose(history, katas, Wish(60, 2, seed)))) == {kata.path for kata in unsolved}
    sessions.begin(history, unsolved[0])
    for seed in range(10):
        assert names(choose(history, katas, Wish(60, 1, seed))) == [unsolved[1].path]
    with history.transaction() as base:  # now they are due
        base.execute("UPDATE reviews SET at = '2020-01-01T00:00:00+00:00'")
    assert len({tuple(names(choose(history, katas, Wish(60, 1, seed)))) for seed in range(40)}) == len(katas) - 1


def test_new_questions_come_first(history):
    """Questions that were marked and are not due come only after the others."""
    kata = next(kata for kata in CATALOG.katas if len(kata.followups) > 3)
    marked = kata.followups[:-2]
    with history.transaction() as base:
        for each in marked:
            row = (kata.path, each.question, history.now())
            base.execute("INSERT INTO reviews (kata, question, at, mark) VALUES (?, ?, ?, 4)", row)
    for seed in range(10):
        [(_, asked)] = choose(history, [kata], Wish(60, 1, seed))
        assert set(asked) == set(kata.followups[-2:])


def test_as_many_as_fit(history):
    """Where nobody says how many katas, there are as many as fit, up to a number."""
    for names_of, minutes, count in ((["vif"], 60, 1), (["roc_auc", "vif"], 30, 1), (["metrics", "losses"], 300, 2)):
        assert len(choose_up_to(history, CATALOG.select(names_of), Wish(minutes, 3, 1))) == count
    with pytest.raises(NothingFitsError, match="with 1 kata takes at least 21 minutes"):
        choose_up_to(history, CATALOG.select(["vif"]), Wish(20, 3, 1))


@pytest.mark.parametrize(
    ("topics", "wish", "said"),
    [
        (["roc_auc"], Wish(20, 1, 0), "takes at least 21 minutes here, 6 of them .* Use --minutes 21."),
        (["roc_auc", "vif"], Wish(25, 2, 0), "at least 42 minutes here, .* Use --minutes 42 or --katas 1."),
        (["metrics", "losses"], Wish(300, 3, 0), "only 2 can be chosen here, as no two are of one topic."),
        (["roc_auc"], Wish(300, 2, 0), "only 1 can be chosen here. Use --katas 1"),
        (["roc_auc"], Wish(45, 1, 0, "hard"), "No kata among these is hard. Use --difficulty medium"),
    ],
)  # fmt: skip
def test_nothing_fits(history, topics, wish, said):
    """Where nothing fits a sentence says what would."""
    with pytest.raises(NothingFitsError, match=said):
        choose(history, CATALOG.select(topics), wish)


@pytest.mark.parametrize(
    ("made", "points", "mark"),
    [
        (0, 5, Mark.AGAIN),
        (1, 3, Mark.HARD),
        (1, 4, Mark.AGAIN),
        (2, 3, Mark.GOOD),
        (3, 5, Mark.HARD),
        (3, 3, Mark.EASY),
    ],
)
def test_marks_of_answers(made, points, mark):
    """All points are easy, two thirds good, a third hard, and less has to be learnt again."""
    assert mark_of_points(made, points) is mark


def typed(text):
    """Return what a draft makes of characters."""
    draft = Draft()
    for character in text:
        draft.type(character)
    return draft


@pytest.mark.parametrize(
    ("characters", "written", "ended"),
    [
        ("One\rtwo", "One\ntwo", False),
        ("One\r\r", "One", True),
        ("\r", "", True),
        ("One\r\ntwo\r\n", "One\ntwo", False),
        ("ab\x7fc\b\bd\r", "d", False),
        ("one two \x17three\r", "one three", False),
        ("one\x15two\r", "two", False),
        ("\u00c4 \u4f60\t!\x00\x1b\r", "\u00c4 \u4f60 !", False),
    ],
)
def test_typing(characters, written, ended):
    """Lines are typed, corrected, and end with an empty one; the unfinished line belongs to what is written."""
    draft = typed(characters)
    assert (draft.written, draft.ended) == (written, ended)


def test_a_long_line_shows_its_end():
    """Of a line that is longer than the terminal its end is seen, wide characters counted as two."""
    assert typed("abcdef").end_of_line(3) == "def"
    assert typed("ab\u4f60\u4f60").end_of_line(3) == "\u4f60"
