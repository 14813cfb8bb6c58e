"""Saves: however an editor writes, and wherever events do not arrive, the last text is found and graded once."""

import os
import time
from threading import Timer

import pytest

from katagrad.grading import warm
from katagrad.practice.watcher import Saves
from katagrad.submission.proxy import Source
from tests.runner.person import WRONG, Person, text_of, verdicts, watching

pytestmark = pytest.mark.timeout(300)


def write_by_rename(path, text):
    """Write as most editors do."""
    new = path.with_name(f".{path.name}.swp")
    new.write_text(text)
    new.replace(path)


def write_by_moving_the_old_away(path, text):
    """Write as Vim does with a backup beside the file."""
    path.replace(path.with_name(f"{path.name}~"))
    path.write_text(text)


def write_in_pieces(path, text):
    """Write as an editor without haste."""
    with path.open("w") as file:
        for start in range(0, len(text), 400):
            file.write(text[start : start + 400])
            file.flush()
            time.sleep(0.002)


@pytest.mark.parametrize("write", [write_by_rename, write_by_moving_the_old_away, write_in_pieces])
def test_editors(checkout, write):
    """A file that is replaced, or written in pieces, is graded as it is in the end."""
    path = checkout.kata("vif").exercise
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        write(path, text_of(checkout, "vif", WRONG))
        person.sees("x diagnostics/vif")
        person.sees("2.66667")
        watching(person)
        write(path, text_of(checkout))
        person.sees("ok diagnostics/vif   solved")


def test_quick_saves(checkout):
    """Of many saves in a row the last text counts."""
    path = checkout.kata("vif").exercise
    with Person(checkout, "watch", "vif") as person:
        watching(person)
        for number in range(20):
            path.write_text(text_of(checkout, "vif", (WRONG[0], f"np.divide({number + 2}.0, unexplained")))
            time.sleep(0.01)
        path.write_text(text_of(checkout))
        person.sees("ok diagnostics/vif   solved")
        assert verdicts(person) < 21
        # What came after the last text would be graded before this one.
        path.write_text(text_of(checkout) + "# the end\n")
        between = person.sees("ok diagnostics/vif   solved")
        assert "x diagnostics/vif" not in between


@pytest.mark.parametrize("write", [write_by_rename, write_by_moving_the_old_away, write_in_pieces])
def test_ways_to_write(checkout, write):
    """However a file is written it counts as saved, and nothing does that was not written."""
    kata = checkout.kata("vif")
    saves = Saves(checkout.catalog)
    assert saves.get() == frozenset()
    write(kata.exercise, text_of(checkout))
    assert saves.get(10) == {kata}
    saves.get()
    assert saves.get() == saves.get(0.2) == frozenset()


def test_file_that_went_and_came(checkout):
    """A file that is deleted is not saved; one that comes back, or is new, is."""
    kata = checkout.kata("vif")
    saves = Saves(checkout.catalog)
    kata.exercise.unlink()
    assert saves.get() == frozenset()
    kata.exercise.write_text("x = 1\n")
    assert saves.get() == {kata}


def test_saves_within_one_tick(checkout):
    """A save that changes neither time nor length, right after one that did, is not lost."""
    path = checkout.kata("vif").exercise
    saves = Saves(checkout.catalog)
    path.write_text("x = 1\n")
    stat = path.stat()
    assert saves.get()
    path.write_text("x = 2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert saves.get() == {checkout.kata("vif")}


def test_waiting_ends_with_a_save(checkout):
    """A wait for saves ends when one comes, not when its time is over."""
    saves = Saves(checkout.catalog)
    Timer(0.2, checkout.solve, ["vif"]).start()
    assert saves.get(60) == {checkout.kata("vif")}


def test_what_waits_is_not_taken(checkout):
    """Asking what waits takes nothing: it is there until somebody gets it, however often anybody asks."""
    kata = checkout.kata("vif")
    saves = Saves(checkout.catalog)
    assert saves.waiting() == frozenset()
    checkout.solve("vif")
    end = time.monotonic() + 10
    while not saves.waiting():
        assert time.monotonic() < end
    assert saves.waiting() == {kata}
    assert saves.get() == {kata}


def test_a_save_that_is_known_already(checkout):
    """A save that was dismissed waits no longer; the next one does."""
    kata = checkout.kata("vif")
    saves = Saves(checkout.catalog)
    checkout.solve("vif")
    saves.get(10)
    saves.get()
    path = checkout.solve("vif", WRONG)
    time.sleep(0.1)
    assert saves.waiting() == {kata}
    saves.dismiss(kata)
    assert saves.waiting() == frozenset()
    path.write_text("x = 1\n")
    assert saves.get(10) == {kata}


def test_half_written_file_is_read_once_more(checkout, monkeypatch):
    """A text that is not Python, or nothing, right after a save is read again before it is graded."""
    whole = warm.FileText(Source(checkout.kata("vif").exercise, "x = 1\n"))
    for half in ("", "def vif(X", "x = 1\n\ndef"):
        texts = iter([warm.FileText(Source(whole.source.path, half)), whole])
        monkeypatch.setattr(warm, "_read", lambda _, texts=texts: next(texts))
        assert warm.Grader().changed(checkout.kata("vif")) == whole
