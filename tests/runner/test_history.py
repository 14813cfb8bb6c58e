"""Whatever has become of the history, it gets a sentence, grading goes on, and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from katagrad.record.history import History
from katagrad.record.schema import MIGRATIONS, migrate
from katagrad.verdict import State, Verdict
from tests.runner.matrix import SHORTER, Checkout
from tests.runner.submissions import RIGHT

IMPATIENT = {"katagrad/record/history.py": [("\n_WAIT = 5.0\n", "\n_WAIT = 0.5\n")]}


@pytest.fixture
def checkout(tmp_path):
    """Give a checkout in which one kata is filled in."""
    return Checkout.filled(tmp_path / "checkout", SHORTER | IMPATIENT)


def random_bytes(path):
    path.write_bytes(os.urandom(10_000))


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_pages(path):
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [random_bytes, cut_in_half, other_pages])
def test_damaged(checkout, damage):
    """A damaged file is kept under another name, and a new one begun."""
    assert "attempt 1" in checkout.grade()
    damage(checkout.history)
    damaged = checkout.history.read_bytes()
    shown = checkout.grade()
    assert "The history was damaged. It is kept as" in shown
    assert "attempt 1" in shown
    (aside,) = checkout.history.parent.glob("history-damaged-*.db")
    assert aside.read_bytes() == damaged
    assert "damaged" not in checkout.grade()


def test_empty_file(checkout):
    """An empty file is a history without attempts."""
    checkout.history.parent.mkdir()
    checkout.history.touch()
    assert "attempt 1" in checkout.grade()


def test_newer_version(checkout):
    """A file that a newer program wrote is left alone, and no attempt is claimed."""
    checkout.grade()
    with closing(sqlite3.connect(checkout.history)) as base:
        base.execute("PRAGMA user_version = 999")
    before = checkout.history.read_bytes()
    shown = checkout.grade()
    assert "written by a newer katagrad (version 999): this run is not remembered" in shown
    assert "attempt" not in shown
    assert checkout.history.read_bytes() == before


def put_directory(path):
    path.mkdir(parents=True)


def put_file(path):
    path.parent.write_text("")


def put_other_tables(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE attempts (x)")


@pytest.mark.parametrize("obstacle", [put_directory, put_file, put_other_tables])
def test_cannot_be_opened(checkout, obstacle):
    """Where there can be no history there is a sentence, and no attempt is claimed."""
    obstacle(checkout.history)
    shown = checkout.grade()
    assert "this run is not remembered" in shown
    assert "attempt" not in shown.partition("History")[0]


def test_locked(checkout):
    """A history that another program holds is waited for, and then done without."""
    checkout.grade()
    checkout.fill("first", RIGHT + "\n")
    with closing(sqlite3.connect(checkout.history)) as base:
        base.execute("BEGIN EXCLUSIVE")
        shown = checkout.grade()
    assert "locked" in shown
    assert "attempt" not in shown
    assert "attempt 2" in checkout.grade()


def test_lost_table(checkout):
    """A history without one of its tables is not read, and no attempt is claimed."""
    checkout.grade()
    with closing(sqlite3.connect(checkout.history)) as base:
        base.execute("DROP TABLE attempts")
    shown = checkout.grade()
    assert "History cannot be" in shown
    assert "attempt " not in shown.partition("History")[0]


def verdict(kata, state=State.FAILING):
    return Verdict(kata, state, total=3)


def old_history(root, version):
    """Lay a history as an earlier version left it, with two attempts."""
    path = root / ".katagrad" / "history.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        for statement in ";".join(MIGRATIONS[:version]).split(";"):
            base.execute(statement)
        base.execute(f"PRAGMA user_version = {version}")
        for state in ("failing", "solved"):
            base.execute(
                "INSERT INTO attempts (kata, at, state, held, total, hints, seconds, text_hash) "
                "VALUES ('rows/first', '2026-01-02T03:04:05+00:00', ?, 1, 3, 0, 0.1, ?)",
                (state, state),
            )
    return path


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_older_version(tmp_path, version):
    """A history of any earlier version is taken over whole."""
    old_history(tmp_path, version)
    history = History(tmp_path)
    assert history.notices == []
    assert [attempt.state for attempt in history.attempts()] == [State.FAILING, State.SOLVED]
    assert history.record(verdict("rows/first"), "a new text") == 3


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_interrupted_migration(tmp_path, version):
    """A migration that was cut short, its pages on the disk already, is undone and done again."""
    path = old_history(tmp_path / "old", version)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("CREATE TABLE ballast AS SELECT zeroblob(100000)")
        base.execute("PRAGMA cache_size = 1")
        base.execute("BEGIN IMMEDIATE")
        for statement in MIGRATIONS[version].split(";"):
            base.execute(statement)
        base.execute("UPDATE ballast SET rowid = rowid + 1")
        shutil.copytree(path.parent, tmp_path / "cut" / ".katagrad")
    assert (tmp_path / "cut" / ".katagrad" / "history.db-journal").stat().st_size > 0
    history = History(tmp_path / "cut")
    assert history.notices == []
    assert [attempt.state for attempt in history.attempts()] == [State.FAILING, State.SOLVED]


def test_failing_migration(tmp_path, monkeypatch):
    """A migration that fails half-way leaves the file as it was, and the run goes on without it."""
    path = old_history(tmp_path, len(MIGRATIONS))
    before = path.read_bytes()
    monkeypatch.setattr(
        "katagrad.record.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x); CREATE TABLE attempts (x)")
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as base, pytest.raises(sqlite3.OperationalError):
        migrate(base)
    assert path.read_bytes() == before


@pytest.mark.slow
def test_two_gradings_at_once(tmp_path):
    """Gradings at the same time, the first ones of a checkout too, lose no attempt and count none twice."""
    checkout = Checkout.filled(tmp_path / "checkout", SHORTER)
    names = [f"kata_{number}" for number in range(4)]
    checkout.add(*names)
    for name in names:
        checkout.fill(name, RIGHT)
    running = [subprocess.Popen(**checkout.command("grade", name), stdout=subprocess.PIPE) for name in [*names, *names]]
    shown = [process.communicate(timeout=100)[0].decode() for process in running]
    assert all("attempt 1" in text for text in shown), shown
    with closing(sqlite3.connect(checkout.history)) as base:
        assert sorted(row[0] for row in base.execute("SELECT kata FROM attempts")) == [f"rows/{name}" for name in names]


def run_at_once(write, numbers):
    """Call a function with each number in a thread of its own."""
    with ThreadPoolExecutor(len(numbers)) as pool:
        for call in [pool.submit(write, number) for number in numbers]:
            call.result()


def test_same_text_at_once(tmp_path):
    """Of gradings of one text that end at the same time, one is an attempt."""
    together = threading.Barrier(4, timeout=60)

    def write(_):
        history = History(tmp_path)
        for turn in range(20):
            together.wait()
            assert history.record(verdict("rows/one"), f"{turn}") == turn + 1

    run_at_once(write, range(4))
    assert len(History(tmp_path).attempts()) == 20


def test_many_writers(tmp_path):
    """Histories that write at the same time wait for each other."""

    def write(number):
        history = History(tmp_path)
        for turn in range(20):
            assert history.record(verdict(f"rows/{number}"), f"{turn}") == turn + 1

    run_at_once(write, range(4))
    assert len(History(tmp_path).attempts()) == 80
