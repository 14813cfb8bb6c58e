"""Practice against the clock, driven at a terminal from the blank stub to the end, and to every other end."""

import re
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from katagrad.clock import day_text
from katagrad.katas import stubs
from katagrad.record import backups
from tests.runner.person import PRACTISING, WRONG, Person, on_the_clock, practising

pytestmark = pytest.mark.timeout(300)


def test_from_start_to_solved(checkout, clock):
    """The old text is kept, the stub is blank, wrong saves are told, pauses do not count, solving ends the clock."""
    kata = checkout.kata("vif")
    mine = checkout.solve("vif").read_text()
    with Person(checkout, "practice", "vif", clock=clock) as person:
        assert "par 15:00" in person.sees("your text before is kept: .katagrad/kept/diagnostics/vif/0001.py")
        practising(person)
        assert kata.exercise.read_text() == stubs.derive(kata)
        assert backups.kept(kata)[0].read_text() == mine

        checkout.solve("vif", WRONG)
        assert "A lone feature has nothing to be predicted by" not in person.sees("rules hold")
        person.sees("attempt 1")
        clock.move(seconds=100)
        checkout.solve("vif", (WRONG[0], "np.divide(3.0, unexplained"))
        person.sees("attempt 2")

        person.types("p")
        paused = on_the_clock(person.sees("p go on"))
        assert paused >= 100
        clock.move(seconds=5000)
        person.types("p")
        assert on_the_clock(person.sees(PRACTISING)) - paused < 60

        checkout.solve("vif")
        person.sees("solved: all")
        account = person.sees("x Two features share one factor, 1 / (1 - r^2)")
        assert person.ends() == 0
        assert "within half of par 15:00" in account
        assert "your first" in account
        assert re.search(r"hints +0 of 3", account)
        assert re.search(r"repeat +in 8 days, .*\(easy\)", account)
        assert person.too_long() == []
        assert person.left_as_found()
    [(outcome, seconds, hints)] = checkout.rows("SELECT outcome, seconds, hints FROM sessions")
    assert (outcome, hints) == ("solved", 0)
    assert 100 <= seconds < 400
    assert checkout.rows("SELECT state, session FROM attempts") == [("failing", 1), ("failing", 1), ("solved", 1)]
    assert checkout.rows("SELECT kata, question, mark FROM reviews") == [("diagnostics/vif", "", 4)]
    assert set(checkout.rows("SELECT times FROM slips")) == {(2,)}


def test_a_save_ends_the_grading_under_way(checkout, clock):
    """In a session, too, the newest text is judged, at the time of its own save, and a loop it replaces is no slip."""
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        checkout.solve("vif", ("    centred = X - X.mean(axis=0)\n    # Of", "    while True: pass\n    # Of"))
        person.sees("grading ...")
        clock.move(seconds=100)
        checkout.solve("vif")
        person.sees("solved: all")
        person.sees("hints")
        assert person.ends() == 0
    assert [state for (state,) in checkout.rows("SELECT state FROM attempts")] == ["solved"]
    assert checkout.rows("SELECT * FROM slips") == []
    assert checkout.rows("SELECT seconds FROM sessions")[0][0] >= 100


def test_second_attempt_beats_the_first(checkout, clock):
    """Personal bests are told: the first, a faster one, and a slower one that changes nothing."""
    told = []
    for seconds in (600, 200, 400):
        with Person(checkout, "practice", "vif", clock=clock) as person:
            practising(person)
            clock.move(seconds=seconds)
            checkout.solve("vif")
            person.sees("best  ")
            told.append(person.sees("hints"))
            assert person.ends() == 0
    assert "your first" in told[0]
    assert re.search(r"\d:\d\d, \d:\d\d faster than before", told[1])
    assert re.search(r"\d:\d\d, this was \d:\d\d slower", told[2])
    times = [row[0] for row in checkout.rows("SELECT seconds FROM sessions ORDER BY id")]
    assert times[1] < times[2] < times[0]
    marks = [row[0] for row in checkout.rows("SELECT mark FROM reviews ORDER BY id")]
    assert marks == [3, 4, 4]


def test_giving_up(checkout, clock):
    """Giving up asks once more, then shows the reference, counts as such, and is due tomorrow."""
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        person.types("g")
        person.sees("give up?   g show the reference  any other go on")
        person.types("x")
        person.sees(PRACTISING)
        clock.move(seconds=50)
        person.types("g")
        person.sees("g show the reference")
        person.types("g")
        shown = person.sees("(again)")
        assert person.ends() == 1
        assert "def vif(X: np.ndarray) -> np.ndarray:" in shown
        assert re.search(r"gave up +after 0:5\d; par 15:00", shown)
        assert "within" not in shown
        assert re.search(r"best +none yet", shown)
        tomorrow = clock.today + timedelta(days=1)
        assert f"tomorrow, {day_text(tomorrow)}" in shown
        assert person.left_as_found()
    assert checkout.rows("SELECT outcome FROM sessions") == [("gave up",)]
    assert checkout.rows("SELECT mark FROM reviews") == [(1,)]
    # What was seen today is not begun again at once.
    with Person(checkout, "practice", clock=clock) as person:
        assert "diagnostics/vif" not in practising(person).plain()


def test_hints_count(checkout, clock):
    """Hints begin anew in each session, and make it a hard one, also when they are asked for in another terminal."""
    checkout.run("hint", "vif")
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        person.types("h")
        person.sees("1 of 3 hints")
        assert "2 of 3 hints" in checkout.run("hint", "vif").stdout
        checkout.solve("vif")
        assert re.search(r"hints +2 of 3", person.sees("(hard)"))
        assert person.ends() == 0


def reads(process, text):
    """Read up to a line that has a text in it."""
    while text not in (line := process.stdout.readline()):
        assert line, f"it ended without {text!r}"


def test_without_keys(checkout):
    """Where nobody can press keys, saves alone carry a session, and one that was left is resumed."""
    with checkout.start("practice", "vif") as process:
        reads(process, "The clock runs; every save is graded. Ctrl-C stops it.")
        process.send_signal(signal.SIGINT)
        assert "Stopped at" in process.communicate(timeout=60)[0]
        assert process.returncode == 130
    with checkout.start("practice", "vif") as process:
        reads(process, "diagnostics/vif is under way")
        checkout.solve("vif")
        printed = process.communicate(timeout=60)[0]
        assert process.returncode == 0
    assert "solved: all" in printed
    assert "\x1b" not in printed


def test_named_topic_and_nothing(checkout, clock):
    """A topic means what is due in it, else its next unsolved kata; no name means the same of all."""
    katas = checkout.catalog.katas
    topic = next(topic for topic in checkout.catalog.topics if topic.name == "diagnostics")
    with Person(checkout, "practice", "diagnostics", clock=clock) as person:
        person.sees(topic.katas[0].path)
        practising(person)
        checkout.solve(topic.katas[0].name)
        person.sees("(easy)")
        person.ends()
    with Person(checkout, "practice", clock=clock) as person:
        person.sees(katas[0].path)
        practising(person)
        person.kills()
    clock.move(days=9)
    with Person(checkout, "practice", "diagnostics", clock=clock) as person:
        person.sees(topic.katas[0].path)


def test_first_solve_by_grade_is_scheduled(checkout):
    """A kata solved without a clock counts as good; solving it again so changes nothing."""
    checkout.solve("vif")
    assert checkout.run("grade", "vif").returncode == 0
    checkout.solve("vif", WRONG)
    checkout.run("grade", "vif")
    path = checkout.solve("vif")
    path.write_text(path.read_text() + "# again\n")
    assert checkout.run("grade", "vif").returncode == 0
    assert checkout.rows("SELECT kata, question, mark FROM reviews") == [("diagnostics/vif", "", 3)]


def test_grade_starts_without_the_clockwork(checkout):
    """Grading loads nothing that practice needs: neither the scheduler nor the watcher of files."""
    command = [sys.executable, "-I", "-X", "importtime", str(checkout.root / "katagrad"), "grade", "vif"]
    result = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=False, timeout=100)
    assert re.search(r"\| +katagrad\.grading\.grading\b", result.stderr)
    assert not re.search(r"\| +(fsrs|katagrad\.(practice|record\.schedule|record\.sessions))\b", result.stderr)
