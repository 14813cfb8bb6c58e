"""Practice sessions that are left, in whatever way, and resumed, while clocks are moved and other commands run."""

import re
import signal
import time
from datetime import timedelta

import pytest

from katagrad.clock import day_text
from katagrad.katas import stubs
from katagrad.record import backups
from tests.runner.conftest import slowly
from tests.runner.person import PRACTISING, WRONG, Person, on_the_clock, practising

pytestmark = pytest.mark.timeout(300)

PAR = 900


def leave_by_ctrl_c(person):
    person.interrupts()
    assert "To go on: " in person.sees("practice vif")
    assert person.ends() == 130
    assert person.left_as_found()


def leave_by_key(person):
    person.types("q")
    person.sees("Stopped at")
    assert person.ends() == 1
    assert person.left_as_found()


def leave_by_closing_the_terminal(person):
    person.closes_terminal()
    person.ends()


def leave_by_kill(person):
    person.kills()


@pytest.mark.parametrize(
    "leave", [leave_by_kill, *slowly(leave_by_ctrl_c, leave_by_key, leave_by_closing_the_terminal)]
)
def test_left_and_resumed(checkout, clock, leave):
    """A session that was left, however it was, is offered again, its clock where it stood, and ends as any other."""
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        checkout.solve("vif", WRONG)
        person.sees("attempt 1")
        clock.move(seconds=600)
        person.waits_until(lambda: checkout.rows("SELECT seconds FROM sessions")[0][0] >= 600)
        leave(person)
    [(outcome, left_at)] = checkout.rows("SELECT outcome, seconds FROM sessions")
    assert outcome == "open"
    assert 600 <= left_at < 700
    clock.move(seconds=7000, days=2)
    assert "Under way: diagnostics/vif" in checkout.run("next").stdout
    with Person(checkout, "practice", clock=clock) as person:
        person.sees("diagnostics/vif is under way: 10:")
        person.sees("r resume  n begin a new one  q leave it")
        person.types("r")
        person.sees("attempt 1")  # the text that is there is graded, and is no new attempt
        checkout.solve("vif")
        person.sees("(good)")
        assert person.ends() == 0
    [(outcome, seconds)] = checkout.rows("SELECT outcome, seconds FROM sessions")
    assert outcome == "solved"
    assert left_at <= seconds < left_at + 100
    assert len(checkout.rows("SELECT * FROM attempts")) == 2
    assert {times for (times,) in checkout.rows("SELECT times FROM slips")} == {1}


@pytest.mark.slow
def test_stopped_by_ctrl_z(checkout):
    """What passes while the process stands still is not on the clock, and keys work afterwards."""
    with Person(checkout, "practice", "vif") as person:
        practising(person)
        person.types("p")
        person.sees("p go on")
        [(before,)] = checkout.rows("SELECT seconds FROM sessions")
        begun = time.monotonic()
        person.types("p")
        practising(person)
        person.process.send_signal(signal.SIGSTOP)
        time.sleep(6)
        person.process.send_signal(signal.SIGCONT)
        person.types("p")
        person.sees("p go on")
        [(after,)] = checkout.rows("SELECT seconds FROM sessions")
        # However slow the machine is: what is on the clock is at most what passed without those six seconds.
        assert after - before < time.monotonic() - begun - 5.5
        leave_by_key(person)


def test_left_and_begun_anew(checkout, clock):
    """A session that was left may be dropped for a new one; its text is kept."""
    kata = checkout.kata("vif")
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        checkout.solve("vif", WRONG)
        person.sees("attempt 1")
        clock.move(seconds=300)
        leave_by_key(person)
    with Person(checkout, "practice", "vif", clock=clock) as person:
        person.sees("q leave it")
        person.types("q")
        assert person.ends() == 1
    with Person(checkout, "practice", "vif", clock=clock) as person:
        person.sees("q leave it")
        person.types("n")
        person.sees("your text before is kept")
        assert on_the_clock(person.sees(PRACTISING)) < 100
        assert kata.exercise.read_text() == stubs.derive(kata)
        assert WRONG[1] in backups.kept(kata)[-1].read_text()
        leave_by_key(person)
    assert checkout.rows("SELECT outcome FROM sessions ORDER BY id") == [("dropped",), ("open",)]
    assert checkout.rows("SELECT * FROM reviews") == []


@pytest.mark.slow
def test_clock_of_the_machine_set_back(checkout, clock):
    """A date that is set back, in a session or between two, changes no time; what is due is due from that date on."""
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        clock.move(seconds=60, days=-400)
        checkout.solve("vif", WRONG)
        person.sees("attempt 1")
        leave_by_key(person)
    clock.move(days=-30)
    with Person(checkout, "practice", "vif", clock=clock) as person:
        person.sees("vif is under way: 1:")
        person.types("r")
        practising(person)
        clock.move(seconds=60, days=-5)
        checkout.solve("vif")
        account = person.sees("(easy)")
        assert person.ends() == 0
    [(seconds,)] = checkout.rows("SELECT seconds FROM sessions")
    assert 120 <= seconds < 400
    assert f"in 8 days, {day_text(clock.today + timedelta(days=8))}" in account
    # Once more, before the date of the first: the newer mark counts.
    clock.move(days=-100)
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        clock.move(seconds=30)
        checkout.solve("vif")
        account = person.sees("(easy)")
        assert person.ends() == 0
    days = int(re.search(r"repeat +in (\d+) days", account)[1])
    assert 0 < days < 60
    assert day_text(clock.today + timedelta(days=days)) in account


def test_one_at_a_time(checkout):
    """A second practice is told of the first, which the end of its process alone ends."""
    with Person(checkout, "practice", "vif") as person:
        practising(person)
        second = checkout.run("practice", "roc_auc")
        assert second.returncode == 2
        assert "under way in another terminal" in second.stdout
        person.kills()
    with Person(checkout, "practice", "roc_auc") as person:
        practising(person)


def test_grade_leaves_the_mark_to_an_open_session(checkout, clock):
    """While a session is open its end decides about the schedule, not a `grade` in another terminal."""
    with Person(checkout, "practice", "vif", clock=clock) as person:
        practising(person)
        clock.move(seconds=2 * PAR)
        person.types("p")
        person.sees("p go on")
        checkout.solve("vif")
        assert checkout.run("grade", "vif").returncode == 0
        assert checkout.rows("SELECT * FROM reviews") == []
        person.types("p")
        person.sees("(hard)")
        assert person.ends() == 0
    assert checkout.rows("SELECT mark FROM reviews") == [(2,)]
