"""Watching: every save is graded, however an editor writes, and nothing is graded twice."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time

import pytest

from tests.runner.person import WRONG, Person, text_of, verdicts, watching

pytestmark = pytest.mark.timeout(300)


def test_saves_are_graded(checkout):
    """Each save of another text brings its verdict; the same text again, however it is written, brings none."""
    path = checkout.kata("vif").exercise
    with Person(checkout, "watch", "vif") as person:
        assert "not started" in watching(person).plain()
        path.write_text(text_of(checkout, "vif", WRONG))
        person.sees("x diagnostics/vif   ")
        person.sees("attempt 1")
        watching(person)
        path.write_text(text_of(checkout, "vif", WRONG))
        os.utime(path)
        checkout.solve("roc_auc")  # another kata than the one that is watched
        path.write_text(text_of(checkout))
        person.sees("ok diagnostics/vif   solved")
        person.sees("attempt 2")
        watching(person)
        assert verdicts(person) == 2
        assert "roc_auc" not in person.plain()
        person.types("q")
        assert person.ends() == 0
        assert person.too_long() == []
        assert person.left_as_found()


def test_the_one_saved_last(checkout):
    """Without a name the kata is graded that was saved last."""
    with Person(checkout, "watch") as person:
        watching(person)
        checkout.solve("roc_auc")
        person.sees("ok metrics/roc_auc   solved")
        watching(person)
        checkout.solve("vif", WRONG)
        person.sees("x diagnostics/vif   ")
        watching(person)
        person.types("h")
        assert checkout.kata("vif").hints[0][:20] in person.sees("1 of 3 hints")


@pytest.mark.slow
def test_keys(checkout):
    """Hint, compare, review, next, pause and quit, each on its key; arrows and other keys do nothing."""
    checkout.solve("vif")
    with Person(checkout, "watch", "vif") as person:
        person.sees("ok diagnostics/vif   solved")
        opened = watching(person).plain()
        assert "open now:  c  your solution beside the reference" in opened
        assert "compare vif" not in opened
        person.types("\x1b[A\x1bOPz")
        person.types("h")
        person.sees("1 of 3 hints")
        watching(person)
        person.types("c")
        person.sees("Enter both texts  q quit")
        person.types("\r")
        person.sees("reference   solutions/diagnostics/vif.py")
        watching(person)
        person.types("r")
        person.sees("Enter show the answer  q quit")
        person.types("q")
        watching(person)
        person.types("p")
        person.sees("paused: vif   p go on  q quit")
        checkout.solve("vif", WRONG)
        person.types("hp")
        person.sees("x diagnostics/vif")
        watching(person)
        person.types("n")
        assert checkout.catalog.katas[0].path in person.sees("not started")
        watching(person)
        person.types("\x04")
        assert person.ends() == 0
        assert person.plain().count("1 of 3 hints") == 1
        assert person.left_as_found()


def test_ctrl_c_while_grading(checkout):
    """Ctrl-C ends it, in the middle of a grading that would take long too, and leaves the terminal as it was."""
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        checkout.solve("vif", ("    centred = X - X.mean(axis=0)\n    # Of", "    while True: pass\n    # Of"))
        person.sees("grading diagnostics/vif")
        person.interrupts()
        assert person.ends() == 0
        assert person.left_as_found()
        assert "Traceback" not in person.plain()


ENDLESS = ("    centred = X - X.mean(axis=0)\n    # Of", "    while True: pass\n    # Of")


def test_a_save_ends_the_grading_under_way(checkout):
    """An endless loop is not waited for: the text that is saved meanwhile is judged, and the loop never is."""
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        checkout.solve("vif", ENDLESS)
        person.sees("grading diagnostics/vif")
        time.sleep(1)
        checkout.solve("vif")
        assert "timed out" not in person.sees("ok diagnostics/vif   solved")
        watching(person)
        assert verdicts(person) == 1
        # It was not judged, so the same text is no news only once it has been.
        checkout.solve("vif", ENDLESS)
        person.sees("grading diagnostics/vif")
        checkout.solve("vif", WRONG)
        person.sees("x diagnostics/vif   ")
        watching(person)
        assert verdicts(person) == 2
        person.types("q")
        assert person.ends() == 0
    assert [state for (state,) in checkout.rows("SELECT state FROM attempts")] == ["solved", "failing"]


def test_quitting_ends_the_grading_under_way(checkout):
    """Who quits does not wait for an endless loop, which is no attempt then."""
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        checkout.solve("vif", ENDLESS)
        person.sees("grading diagnostics/vif")
        person.types("q")
        assert person.ends() == 0
        assert verdicts(person) == 0
        assert person.left_as_found()
    assert not (checkout.root / ".katagrad").exists() or checkout.rows("SELECT * FROM attempts") == []


@pytest.mark.slow
def test_another_kata_ends_the_grading_under_way(checkout):
    """Where every kata is watched, the save of another one ends a grading; where one is, it does not."""
    with Person(checkout, "watch") as person:
        watching(person)
        checkout.solve("vif", ENDLESS)
        person.sees("grading diagnostics/vif")
        checkout.solve("roc_auc")
        person.sees("ok metrics/roc_auc   solved")
        assert verdicts(person) == 0
    with Person(checkout, "watch", "vif") as person:
        person.sees("grading diagnostics/vif")
        path = checkout.solve("roc_auc")
        path.write_text(path.read_text() + "# more\n")
        person.sees("x diagnostics/vif")
        assert "roc_auc" not in person.plain()


@pytest.mark.slow
def test_touching_the_file_ends_no_grading(checkout):
    """A save of the very text that is graded is no newer text."""
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        path = checkout.solve("vif", ENDLESS)
        person.sees("grading diagnostics/vif")
        for _ in range(3):
            time.sleep(0.2)
            os.utime(path)
        person.sees("x diagnostics/vif   ")
        watching(person)
        assert verdicts(person) == 1


def test_without_a_terminal(checkout):
    """In a pipe there are no keys and no colours: saves are graded, Ctrl-C ends it."""
    with checkout.start("watch", "vif") as process:
        printed = process.stdout.readline()
        assert printed == "Watching diagnostics/vif: every save is graded. Ctrl-C ends.\n"
        while "not started" not in printed:
            printed += process.stdout.readline()
        checkout.solve("vif")
        while "solved: all" not in printed:
            printed += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        printed += process.communicate(timeout=60)[0]
        assert process.returncode == 0
    assert "\x1b" not in printed
    assert "Traceback" not in printed


def test_grader_that_was_edited(checkout):
    """A grader whose text has changed is read anew: its author watches, too."""
    kata = checkout.kata("vif")
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        checkout.solve("vif", WRONG)
        person.sees("Two features share one factor")
        watching(person)
        text = kata.grader.read_text()
        kata.grader.write_text(text.replace("Two features share one factor", "A sentence of another wording"))
        checkout.solve("vif", (WRONG[0], "np.divide(3.0, unexplained"))
        person.sees("A sentence of another wording")


def test_closed_terminal_ends_it(checkout):
    """Nothing goes on unseen once the terminal is closed."""
    with Person(checkout, "watch") as person:
        watching(person)
        person.closes_terminal()
        person.ends()


@pytest.mark.skipif(os.name == "nt", reason="a process there has no parent that changes")
def test_a_killed_nox_ends_it(checkout):
    """A nox that is killed outright can end nothing: its watch ends by itself."""
    start = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); input()"
    watch = [sys.executable, "-I", str(checkout.root / "katagrad"), "watch", "vif"]
    with subprocess.Popen(
        [sys.executable, "-c", start, *watch],
        env={**os.environ, "KATAGRAD_NOX": "1", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as nox:
        pid = int(nox.stdout.readline())
        while "Start:" not in nox.stdout.readline():
            pass
        nox.kill()
        try:
            nox.communicate(timeout=60)  # until nobody is left who could write
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_latency(checkout, record_property):
    """The time from save to verdict is measured over 50 saves; it depends on the machine, so nothing is asserted."""
    path = checkout.kata("vif").exercise
    texts = [text_of(checkout, "vif", WRONG), text_of(checkout)]
    times = []
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        for number in range(50):
            path.write_text(f"{texts[number % 2]}# {number}\n")
            start = time.perf_counter()
            person.sees("ok diagnostics/vif" if number % 2 else "x diagnostics/vif")
            times.append(time.perf_counter() - start)
            watching(person)
        person.types("q")
        assert person.ends() == 0
        assert verdicts(person) == 50
    record_property("median_ms", round(1e3 * statistics.median(times)))
    print(f"\nsave to verdict: median {1e3 * statistics.median(times):.0f} ms, longest {1e3 * max(times):.0f} ms")  # noqa: T201
