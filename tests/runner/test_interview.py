"""Interviews, driven at a terminal from the first kata to the score card, and through all that interrupts them."""

import re
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from katagrad.clock import duration
from katagrad.katas import stubs
from katagrad.record import backups
from katagrad.record.interview import STANDSTILL
from tests.runner.conftest import slowly
from tests.runner.person import WRONG, Person

pytestmark = pytest.mark.timeout(300)

CODING = "h hint  g give up  q interrupt"
MARKING = "y yes  n no  b back  q interrupt"
MARKED = "Enter goes on  b back  q interrupt"
WRITING = "> _"
OFFER = "r resume  n abandon it and begin a new one  q leave it"
# A mistake in each kata of these interviews, as an edit of its solution.
MISTAKES = {"vif": WRONG, "roc_auc": ("scores[1:] != scores[:-1]", "np.ones(len(scores) - 1, bool)")}


def interview(checkout, clock, *options, **environment):
    """Sit down to an interview about vif and roc_auc, or about what the options say."""
    topics = () if "--topics" in options else ("--topics", "vif,roc_auc")
    return Person(checkout, "interview", *topics, *options, clock=clock, **environment)


def begin(person):
    """Read what is to come, and begin."""
    told = person.sees("Enter begin  q not now")
    person.types("\r")
    return told


def resume(person):
    """Go on with the interview that is under way; return what is said of it."""
    told = person.sees(OFFER)
    person.types("r")
    return told


def coding(person, number=1, of=2):
    """Wait until a kata takes saves and keys; return its name."""
    name = re.search(r"/(\w+)", person.sees(f"kata {number} of {of}: ") + person.sees(" par "))[1]
    person.sees(CODING)
    return name


def give_up(person):
    """Give up, which asks once more."""
    person.types("g")
    person.sees("any other stay")
    person.types("g")
    person.sees("Given up after")


def mark(person, marks):
    """Mark the points of one answer."""
    for key in marks:
        person.sees(MARKING)
        person.types(key)
    person.sees(MARKED)
    person.types("\r")
    return person.sees("Source: ")


def points(checkout, kata):
    """Return how many points each question about a kata has, in the order in which they are asked."""
    query = "SELECT count(*) FROM interview_points AS point JOIN interview_questions AS asked"
    where = f"ON point.question = asked.id WHERE kata LIKE '%/{kata}' GROUP BY asked.id ORDER BY asked.id"
    rows = checkout.rows(f"{query} {where}")
    return [count for (count,) in rows]


def answer_aloud(person, checkout, kata, key="y"):
    """Answer the questions about a kata aloud, and give all points the same mark."""
    for count in points(checkout, kata):
        person.sees(WRITING)
        person.types("\r")
        mark(person, key * count)


def seconds(checkout):
    """Return the time on the clocks of all katas and questions."""
    tables = "SELECT seconds FROM sessions UNION ALL SELECT seconds FROM interview_questions"
    return checkout.rows(f"SELECT total(seconds) FROM ({tables})")[0][0]  # noqa: S608


def flat(text):
    """Return a text without its line breaks."""
    return " ".join(text.split())


@pytest.fixture
def first_then_second(checkout, clock):
    """Hold a whole interview: a kata solved, one given up; return both names and the card that was printed."""
    with interview(checkout, clock, "--seed", "1") as person:
        told = begin(person)
        assert "45 minutes: 2 katas, 2 questions about each" in told
        assert "33 minutes are for code, and 3:00 for each answer" in told
        first = coding(person)
        assert checkout.kata(first).exercise.read_text() == stubs.derive(checkout.kata(first))
        clock.move(seconds=100)
        checkout.solve(first)
        person.sees("solved: all")
        assert "open now" not in person.sees("Solved in 1:4")
        for count, written in zip(points(checkout, first), ("It Depends.\rOn x \x7f\x7fy\r", ""), strict=True):
            person.sees(WRITING)
            clock.move(seconds=30)
            person.types(f"{written}\r")
            mark(person, "y" * (count - 1) + "n")

        second = coding(person, 2)
        checkout.solve(second, MISTAKES[second])
        person.sees("attempt 1")
        person.types("h")
        person.sees("1 of 3 hints")
        clock.move(seconds=200)
        person.types("gx")
        person.sees(CODING)
        give_up(person)
        answer_aloud(person, checkout, second, "n")
        person.sees("\nScore card")
        card = "Score card" + person.sees("as a page:")
        assert person.ends() == 0
        assert person.too_long() == []
        assert person.left_as_found()
    return first, second, card


def test_card_agrees_with_the_database(checkout, first_then_second):
    """The card has each kata's result, time, attempts, hints and broken rules, and each question's points."""
    first, second, card = first_then_second
    rows = checkout.rows("SELECT kata, outcome, seconds, hints, interview FROM sessions ORDER BY id")
    assert [(row[0].split("/")[1], row[1], *row[3:]) for row in rows] == [
        (first, "solved", 0, 1),
        (second, "gave up", 1, 1),
    ]
    assert 100 <= rows[0][2] < 200 <= rows[1][2] < 300
    for number, (kata, outcome, spent, hints, _) in enumerate(rows, start=1):
        attempts = checkout.rows(f"SELECT held, total FROM attempts WHERE session = {number}")  # noqa: S608
        result = "solved, strict" if outcome == "solved" else "gave up, {}/{} rules".format(*attempts[-1])
        assert re.search(rf"{kata} +{result} +{duration(spent)} +15:00 +{len(attempts)} +{hints}\n", card), card

    told = flat(card)
    slips = checkout.rows("SELECT sentence, session FROM slips")
    assert slips
    assert all(f"x {flat(sentence)}" in told for sentence, _ in slips)
    questions = checkout.rows("SELECT id, question, written, seconds, answered FROM interview_questions ORDER BY id")
    assert [written for _, _, written, *_ in questions] == ["It Depends.\nOn y", "", "", ""]
    assert [time >= 30 for *_, time, _ in questions] == [True, True, False, False]
    for number, question, *_ in questions:
        query = f"SELECT total(made), count(made) FROM interview_points WHERE question = {number}"  # noqa: S608
        assert "{:.0f} of {} ".format(*checkout.rows(query)[0]) + flat(question) in told
    [(made, count)] = checkout.rows("SELECT total(made), count(*) FROM interview_points")
    assert f"points {made:.0f} of {count} ({100 * made / count:.0f} %)" in told
    assert f"clock {duration(seconds(checkout))} of 45:00" in told
    assert "interrupted never" in told
    assert f"practice {second} gave up" in told
    assert f"review {second} 0 of {sum(points(checkout, second))} points" in told
    marks = checkout.rows("SELECT kata, question <> '', mark FROM reviews")
    assert {(kata.split("/")[1], asked, mark) for kata, asked, mark in marks} == {
        (first, 0, 4), (first, 1, 3), (second, 0, 1), (second, 1, 1)
    }  # fmt: skip
    assert checkout.rows("SELECT outcome, minutes, seed FROM interviews") == [("finished", 45, 1)]


def test_card_again_and_as_a_page(checkout, first_then_second):
    """The last card can be shown again, and written as a page that has the same figures and needs nothing else."""
    _, second, card = first_then_second
    again = checkout.run("interview", "--last", "--html", "card.html")
    assert (again.returncode, again.stderr) == (0, "")
    assert flat(card).removesuffix("as a page:") in flat(again.stdout)
    assert "written: card.html" in again.stdout
    page = (checkout.root / "card.html").read_text(encoding="utf-8")
    [(made, count)] = checkout.rows("SELECT total(made), count(*) FROM interview_points")
    assert f"<b>{made:.0f}</b><span>of {count} points</span>" in page
    assert f"<b>{duration(seconds(checkout))}</b><span>of 45:00</span>" in page
    assert page.count('data-made="1"') == made
    assert page.count('data-made="0"') == count - made
    assert "<blockquote>It Depends.\nOn y</blockquote>" in page
    assert f"practice {second}</td>" in page
    assert not re.search(r"(src|href|url)\s*[=(]|@import|<script|<link|<img|https?://", page)


def test_out_of_time(checkout, clock):
    """Code ends when only the time for questions is left, an answer after its three minutes; the last save counts."""
    with interview(checkout, clock, "--seed", "1") as person:
        begin(person)
        first = coding(person)
        checkout.solve(first, MISTAKES[first])
        person.sees("attempt 1")
        clock.move(seconds=33 * 60)
        person.sees("Time is up: 33:00 on this kata")
        for count in points(checkout, first):
            person.sees(WRITING)
            person.types("y and n")
            person.sees("y and n_")
            clock.move(seconds=200)
            person.sees("Enter shows the points")
            person.types("yyy\r")
            mark(person, "n" * count)
        person.sees("was not begun: no time was left for it.")
        card = flat(person.sees("as a page:"))
        assert person.ends() == 0
    assert checkout.rows("SELECT outcome, seconds FROM sessions") == [("out of time", 33 * 60)]
    assert set(checkout.rows("SELECT seconds, written FROM interview_questions WHERE answered")) == {(180, "y and n")}
    assert "clock 39:00 of 45:00" in card
    assert f"not begun {'15:00'}" in card
    assert re.search(r"out of time, \d+/\d+ rules 33:00 15:00 1 0", card)


def test_a_kata_is_left_for_the_next(checkout, clock):
    """`n` asks once more, grades what was saved last, and goes on without questions, whose time goes to code."""
    with interview(checkout, clock) as person:
        begin(person)
        first = coding(person)
        clock.move(seconds=60)
        checkout.solve(first, MISTAKES[first])
        person.sees("attempt 1")
        person.types("n")
        person.sees("leave this kata, without its questions?   n leave it  any other stay")
        person.types("n")
        person.sees("Left after 1:")
        second = coding(person, 2)
        assert second != first
        assert re.search(r"2/2   0:\d\d of 15:00   3[78]:\d\d for code", person.plain())
        clock.move(seconds=1)
        person.types("nn")
        card = flat(person.sees("as a page:"))
        assert person.ends() == 0
    assert checkout.rows("SELECT outcome FROM sessions") == [("left",), ("left",)]
    assert "points none asked" in card


def by_key(person):
    person.types("q")
    person.sees("Interrupted with")
    assert person.ends() == 1
    assert person.left_as_found()


def by_ctrl_c(person):
    person.interrupts()
    person.sees("Interrupted with")
    assert person.ends() == 130
    assert person.left_as_found()


def by_closing_the_terminal(person):
    person.closes_terminal()
    person.ends()


def by_kill(person):
    person.kills()


WAYS = pytest.mark.parametrize("leave", [by_kill, *slowly(by_key, by_ctrl_c, by_closing_the_terminal)])


@WAYS
def test_interrupted_in_the_code(checkout, clock, leave):
    """Interrupted while a kata is coded, it goes on there, its clock where it stood, on any date."""
    with interview(checkout, clock, "--katas", "1") as person:
        begin(person)
        kata = coding(person, of=1)
        clock.move(seconds=600, days=-400)
        person.waits_until(lambda: seconds(checkout) >= 600)
        leave(person)
    left_at = seconds(checkout)
    assert left_at < 700
    assert "Under way: an interview, 3" in checkout.run("next").stdout
    assert "is in the interview that is under way" in checkout.run("practice", kata).stdout
    clock.move(seconds=-10_000, days=-30)
    checkout.solve(kata)
    with interview(checkout, clock) as person:
        assert f"45 minutes is under way: {duration(45 * 60 - left_at)} left" in resume(person)
        person.sees("Solved in 1")
        person.sees(WRITING)
    assert checkout.rows("SELECT interruptions FROM interviews") == [(1,)]
    assert left_at <= checkout.rows("SELECT seconds FROM sessions")[0][0] < left_at + 100


@WAYS
def test_interrupted_in_an_answer_and_in_its_marks(checkout, clock, leave):
    """What was typed and marked before an interruption is there afterwards, and the clock of the answer stood."""
    with interview(checkout, clock, "--katas", "1") as person:
        begin(person)
        kata = coding(person, of=1)
        give_up(person)
        person.sees(WRITING)
        person.types("First\rSeco")
        person.sees("Seco_")
        clock.move(seconds=60, days=500)
        query = "SELECT seconds FROM interview_questions WHERE written = 'First' || char(10) || 'Seco'"
        person.waits_until(lambda: (checkout.rows(query) or [(0,)])[0][0] >= 60)
        (by_ctrl_c if leave is by_key else leave)(person)
    first, second = points(checkout, kata)
    with interview(checkout, clock) as person:
        assert "It is at a question about" in resume(person)
        person.sees("> First")
        person.sees("> Seco")
        assert re.search(r"  1:[0-5]\d  > _$", person.sees(WRITING))
        person.types("\r")
        for key in "ybn":  # the first point is marked, and marked again
            person.sees(MARKING)
            person.types(key)
        person.sees("missed")
        person.sees(MARKING)
        leave(person)
    with interview(checkout, clock) as person:
        resume(person)
        for key in "y" * (first - 2) + "n":
            person.sees(MARKING)
            person.types(key)
        person.sees(MARKED)
        person.types("b")  # the last point is marked again, too
        mark(person, "y")
        person.sees(WRITING)
        person.types("\r")
        mark(person, "y" * second)
        card = flat(person.sees("as a page:"))
        assert person.ends() == 0
    assert "interrupted 2 times" in card
    assert f"points {first + second - 1} of {first + second}" in card
    assert [mark for (mark,) in checkout.rows("SELECT mark FROM reviews WHERE question <> ''")] == [3, 4]


@pytest.mark.slow
def test_stopped_by_ctrl_z(checkout):
    """A process that was stopped for long is an interruption, in the code and in an answer, and no time."""
    with Person(checkout, "interview", "--topics", "vif") as person:
        begin(person)
        coding(person, of=1)
        begun = time.monotonic()
        stand_still(person)
        person.waits_until(lambda: checkout.rows("SELECT interruptions FROM interviews") == [(1,)])
        give_up(person)
        person.sees(WRITING)
        stand_still(person)
        person.waits_until(lambda: checkout.rows("SELECT interruptions FROM interviews") == [(2,)])
        by_ctrl_c(person)
        # However slow the machine is: what is on the clocks is at most what passed without these seconds.
        assert seconds(checkout) < time.monotonic() - begun - 2 * STANDSTILL


def stand_still(person):
    """Stop a process for long enough to be an interruption."""
    person.process.send_signal(signal.SIGSTOP)
    time.sleep(STANDSTILL + 1)
    person.process.send_signal(signal.SIGCONT)


def test_abandoned(checkout, clock):
    """A new interview abandons the one under way only once it begins; texts, attempts and times are kept."""
    with interview(checkout, clock) as person:
        begin(person)
        kata = coding(person)
        checkout.solve(kata, MISTAKES[kata])
        person.sees("attempt 1")
        by_key(person)
    nothing = checkout.rows("SELECT outcome FROM interviews")
    with interview(checkout, clock, "--new", "--topics", "vif", "--minutes", "5") as person:
        person.sees("An interview with 1 kata takes at least 21 minutes here")
        assert person.ends() == 2
    with interview(checkout, clock, "--new") as person:
        person.sees("A new interview abandons the one under way, which has 4")
        person.sees("q not now")
        person.types("q")
        assert person.ends() == 1
    assert checkout.rows("SELECT outcome FROM interviews") == nothing == [("open",)]
    with interview(checkout, clock, "--new", "--katas", "1", "--topics", kata) as person:
        begin(person)
        person.sees("your text before is kept: .katagrad/kept/")
        person.sees(CODING)
        by_key(person)
    assert checkout.rows("SELECT outcome FROM interviews") == [("dropped",), ("open",)]
    assert checkout.rows("SELECT outcome FROM sessions") == [("dropped",), ("open",)]
    assert MISTAKES[kata][1] in backups.kept(checkout.kata(kata))[-1].read_text()
    assert len(checkout.rows("SELECT * FROM attempts")) == 1


def test_against_the_last_interviews(checkout, clock):
    """From the second interview on the card compares them."""
    for count in (1, 2):
        with interview(checkout, clock, "--katas", "1") as person:
            begin(person)
            person.sees(CODING)
            person.types("n")
            person.sees("any other stay")
            person.types("n")
            card = person.sees("as a page:")
            assert person.ends() == 0
        clock.move(days=1)
        assert card.count(" 0 of 1 ") == (4 if count == 2 else 0), card


def test_what_cannot_be_stored(checkout, clock):
    """If what is done cannot be stored it stops with a sentence, and goes on later from what is stored."""
    with interview(checkout, clock, "--katas", "1") as person:
        begin(person)
        kata = coding(person, of=1)
        with closing(sqlite3.connect(checkout.root / ".katagrad" / "history.db")) as base:
            base.execute("ALTER TABLE sessions RENAME TO away")
            checkout.solve(kata)
            person.sees("History cannot be")
            person.sees("What cannot be stored would be lost, so the interview stops here.")
            assert person.ends() == 1
            base.execute("ALTER TABLE away RENAME TO sessions")
        assert "Traceback" not in person.plain()
    with interview(checkout, clock) as person:
        resume(person)
        person.sees("Solved in")
        person.sees(WRITING)


def test_on_a_terminal_that_rewrites_nothing(checkout, clock):
    """On a dumb terminal what is typed is seen, and questions to press a key for are printed."""
    with interview(checkout, clock, "--katas", "1", TERM="dumb") as person:
        begin(person)
        person.sees("kata 1 of 1")
        person.waits_until(lambda: checkout.rows("SELECT * FROM sessions"))
        person.types("gg")
        person.sees("Given up after")
        person.sees("Enter on an empty line ends it")
        person.types("An Answer\r")
        person.sees("An Answer\n")
        person.types("\r")
        person.sees(MARKING)


def test_one_at_a_time(checkout, clock):
    """While an interview is under way neither practice nor a second interview begins in another terminal."""
    with interview(checkout, clock) as person:
        begin(person)
        coding(person)
        for name in ("practice", "interview"):
            second = checkout.run(name)
            assert second.returncode == 2
            assert "is under way in another terminal" in second.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--topics", "metricks"), "There is no kata or topic 'metricks'. Nearest: metrics"),
        (("--minutes", "abc"), "'abc' is not a whole number"),
        (("--katas", "0"), "at least 1 is needed"),
        (("--difficulty", "brutal"), "invalid choice: 'brutal'"),
        (("--html", "nowhere/card.html"), "nowhere/card.html cannot be written: there is no folder nowhere."),
        (("--html", "."), ". is a folder."),
        (("--last",), "No interview has come to its end yet."),
        ((), "start it in a terminal"),
    ],
)
def test_wrong_options(checkout, options, said):
    """What makes no sense, or has nothing to show, is answered with a sentence before anything is begun."""
    result = checkout.run("interview", *options, columns=200)
    assert result.returncode == (1 if options == ("--last",) else 2)
    assert said in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
