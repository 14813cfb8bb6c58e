"""Reviews: the questions, the person's own marks, and the dates that follow from them."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from katagrad.clock import day_text
from katagrad.record.history import History
from katagrad.record.schedule import Item, Mark, Schedule, due_after, mark_of
from katagrad.record.schema import MIGRATIONS
from katagrad.verdict import State, Verdict
from tests.runner.person import Person

pytestmark = pytest.mark.timeout(300)

MARKS = "1 again  2 hard  3 good  4 easy  q quit"
# FSRS-6 with its published weights: the first interval is the initial stability of the mark, in whole days.
FIRST_DAYS = {1: 1, 2: 1, 3: 2, 4: 8}


def answer(person, mark):
    """Look at an answer and mark one's own."""
    question = person.sees("Enter show the answer  q quit")
    person.types("\r")
    points = person.sees(MARKS)
    person.types(str(mark))
    return question + points


def test_marks_and_dates(checkout, clock):
    """Every mark leads to its date, is stored, and questions come back on their days, those due first."""
    kata = next(kata for kata in checkout.catalog.katas if len(kata.followups) >= 4)
    questions = [followup.question for followup in kata.followups]
    today = datetime.now(UTC).astimezone().date()
    with Person(checkout, "review", kata.name, clock=clock) as person:
        for mark in (1, 2, 3, 4):
            points = " ".join(answer(person, mark).split())
            assert all(" ".join(point.split()) in points for point in kata.followups[mark - 1].answer)
            day = today + timedelta(days=FIRST_DAYS[mark])
            assert f"{Mark(mark).word.capitalize()}: next review" in person.sees(day_text(day))
        if len(questions) > 4:
            person.sees("q quit")
            person.types("q")
        assert f"4 of {len(questions)} answered: 1 again, 1 hard, 1 good, 1 easy" in person.sees("due tomorrow.")
        assert person.ends() == 0
        assert person.too_long() == []
        assert person.left_as_found()
    assert checkout.rows("SELECT kata, question, mark FROM reviews") == [
        (kata.path, questions[mark - 1], mark) for mark in (1, 2, 3, 4)
    ]

    clock.move(days=2)
    with Person(checkout, "next", clock=clock) as person:
        person.sees("Due: 3 questions")
    with Person(checkout, "review", kata.name, clock=clock) as person:
        asked = [answer(person, 3) for _ in range(3)]
        for shown, question in zip(asked, questions, strict=False):
            assert " ".join(question.split()) in " ".join(shown.split())


def test_nothing_to_review(checkout, clock):
    """Without a name only due and new questions are asked; when there are none, a sentence says so."""
    with closing(History(checkout.root).connection) as database:
        for kata in checkout.catalog.katas:
            for followup in kata.followups:
                row = (kata.path, followup.question, datetime.now(UTC).isoformat())
                database.execute("INSERT INTO reviews VALUES (NULL, ?, ?, ?, 4)", row)
    with Person(checkout, "review", clock=clock) as person:
        person.sees("No question is due, and none is new.")
        assert person.ends() == 0


def test_ten_new_questions_a_day(checkout, clock):
    """Without a name ten new questions are asked a day, those of solved katas first, and then a sentence says so."""
    kata = checkout.catalog.katas[-1]
    history = History(checkout.root)
    with closing(history.connection):
        history.record(Verdict(kata.path, State.SOLVED, total=1), "right")
    with Person(checkout, "review", clock=clock) as person:
        person.sees(f"{kata.path}   1 of 10")
        for _ in range(10):
            answer(person, 3)
        person.sees("10 of 10 answered")
        assert person.ends() == 0
    assert {row[0] for row in checkout.rows("SELECT kata FROM reviews WHERE question <> ''")} >= {kata.path}
    with Person(checkout, "review", clock=clock) as person:
        person.sees("10 new ones a day are enough")
        assert person.ends() == 0
    clock.move(days=1)
    with Person(checkout, "review", clock=clock) as person:
        person.sees("1 of 10")
        person.types("q")
        assert person.ends() == 0


@pytest.mark.parametrize(
    ("seconds", "hints", "gave_up", "mark"),
    [
        (450, 0, False, Mark.EASY),
        (451, 0, False, Mark.GOOD),
        (1350, 0, False, Mark.GOOD),
        (1351, 0, False, Mark.HARD),
        (10, 1, False, Mark.HARD),
        (10, 0, True, Mark.AGAIN),
    ],
)
def test_marks_of_sessions(seconds, hints, gave_up, mark):
    """A session's mark: gave up, again; hints or beyond one and a half par, hard; within half par, easy; else good."""
    assert mark_of(seconds, 900, hints, gave_up=gave_up) is mark


def test_first_dates():
    """The first date after each mark is the algorithm's initial stability, in whole days."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert {int(mark): (due_after([(now, mark)]) - now).days for mark in Mark} == FIRST_DAYS


def test_intervals_grow_and_fall():
    """Good marks stretch the interval, a lapse shortens it, and the same marks always lead to the same date."""
    now, marks, intervals = datetime(2026, 3, 1, 12, tzinfo=UTC), [], []
    for mark in (Mark.GOOD, Mark.GOOD, Mark.GOOD, Mark.AGAIN):
        marks.append((now, mark))
        due = due_after(marks)
        assert due == due_after(marks)
        intervals.append((due - now).days)
        now = due
    assert intervals[0] < intervals[1] < intervals[2] > intervals[3]


def test_marks_before_the_last_one():
    """A mark given on an earlier date than the one before, the clock having been set back, is due from its own date."""
    late, early = datetime(2030, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    due = due_after([(late, Mark.GOOD), (early, Mark.GOOD)])
    assert early < due < early + timedelta(days=30)


def test_history_of_the_first_version(checkout):
    """A history from before there was a clock is taken over: what was solved in it counts as good."""
    folder = checkout.root / ".katagrad"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "history.db")) as database:
        database.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1")
        for day, state in enumerate(("failing", "solved", "solved"), start=1):
            row = ("diagnostics/vif", f"2026-01-0{day}T10:00:00+00:00", state, 1, 9, 0, 1.0, 1, str(day))
            database.execute(f"INSERT INTO attempts VALUES (NULL{', ?' * len(row)})", row)  # noqa: S608
        database.commit()
    history = History(checkout.root)
    assert history.notices == []
    assert history.read("SELECT kata, question, at, mark FROM reviews") == [
        ("diagnostics/vif", "", "2026-01-02T10:00:00+00:00", 3)
    ]
    assert Schedule(history).is_due(Item("diagnostics/vif"))
    assert "Due: diagnostics/vif" in checkout.run("next").stdout


def test_next_at_random_without_topic(checkout):
    """At random any unsolved kata comes; with its topic hidden, no line names it."""
    names = {kata.name for kata in checkout.catalog.katas}
    first = checkout.catalog.katas[0].name
    checkout.solve(first)
    checkout.run("grade", first)
    seen = set()
    for _ in range(12):
        printed = checkout.run("next", "--random", "--hide-topic").stdout
        assert "/" not in printed
        seen.add(printed.split()[0])
    assert seen <= names - {first}
    assert len(seen) > 1
