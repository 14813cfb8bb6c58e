"""Saves: however an editor writes, and wherever events do not arrive, the last text is found and graded once."""

import threading
import time

import pytest

from katagrad.grading import warm
from katagrad.practice import watcher
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


@pytest.mark.parametrize(("options", "environment"), [(["--poll"], {}), ([], {"WATCHFILES_FORCE_POLLING": "1"})])
def test_polling(checkout, options, environment):
    """Where events do not arrive, files can be polled."""
    with Person(checkout, "watch", "vif", *options, **environment) as person:
        watching(person)
        checkout.solve("vif")
        person.sees("ok diagnostics/vif   solved")


def test_events_that_never_arrive(checkout, monkeypatch):
    """A silence is used to look at the files, so that a save is found on a share that tells of none."""

    def silent(*_, **__):
        while True:
            time.sleep(0.05)
            yield set()

    monkeypatch.setattr(watcher, "watch", silent)
    with watcher.Saves(checkout.catalog) as found:
        assert found.get(0.2) == set()
        checkout.solve("vif")
        assert found.get(10) == {checkout.kata("vif")}
        assert found.get(0.2) == set()


def test_no_more_watches(checkout, monkeypatch):
    """Where the system gives no more watches, the files are polled."""
    polled = threading.Event()

    def refuse(*_, force_polling, **__):
        if not force_polling:
            raise OSError(28, "inotify watch limit reached")
        polled.set()
        yield set()

    monkeypatch.setattr(watcher, "watch", refuse)
    with watcher.Saves(checkout.catalog):
        assert polled.wait(10)


def test_half_written_file_is_read_once_more(checkout, monkeypatch):
    """A text that is not Python, or nothing, right after a save is read again before it is graded."""
    whole = warm.Text(Source(checkout.kata("vif").exercise, "x = 1\n"))
    for half in ("", "def vif(X", "x = 1\n\ndef"):
        texts = iter([warm.Text(Source(whole.source.path, half)), whole])
        monkeypatch.setattr(warm, "_read", lambda _, texts=texts: next(texts))
        assert warm.Grader().changed(checkout.kata("vif")) == whole
