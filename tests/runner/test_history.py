"""Whatever has become of the history, it gets a sentence, grading goes on, and nothing is lost."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from katagrad.record.history import _BEST, History
from katagrad.record.schema import MIGRATIONS, migrate
from katagrad.verdict import Bar, Failure, Kind, Rule, State, Verdict
from tests.runner.matrix import Checkout
from tests.runner.submissions import RIGHT

IMPATIENT = "from katagrad.record import history; history._WAIT = 0.5"


@pytest.fixture
def checkout(tmp_path):
    """Give a checkout in which one kata is filled in."""
    return Checkout.filled(tmp_path / "checkout", IMPATIENT)


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


def test_locked_while_it_is_open(tmp_path, monkeypatch):
    """What cannot be written since another program holds the history is a notice, and the next write succeeds."""
    monkeypatch.setattr("katagrad.record.history._WAIT", 0.1)
    history = History(tmp_path)
    with closing(sqlite3.connect(history.path)) as base:
        base.execute("BEGIN EXCLUSIVE")
        history.show_hint("rows/first", 1)
        assert "History cannot be written (database is locked): this is not remembered." in history.notices
    history.show_hint("rows/first", 2)
    assert history.hints("rows/first") == 2


def test_lost_table(checkout):
    """A history without one of its tables is not read, and no attempt is claimed."""
    checkout.grade()
    with closing(sqlite3.connect(checkout.history)) as base:
        base.execute("DROP TABLE attempts")
    shown = checkout.grade()
    assert "History cannot be" in shown
    assert "attempt " not in shown.partition("History")[0]


def verdict(kata, state=State.FAILING, rules=()):
    return Verdict(kata, state, rules, total=3)


def solved(*, strict):
    """Return the verdict on a solved kata with one strict rule."""
    failure = None if strict else Failure(Kind.WRONG)
    rules = Rule("sum", "Sum."), Rule("small", "Small.", failure, bar=Bar.STRICT)
    return verdict("rows/first", State.SOLVED, rules)


def test_what_is_a_new_attempt(tmp_path):
    """An attempt is new if text, state or the strict mark differs from the last one's."""
    history = History(tmp_path)
    assert history.record(verdict("rows/first"), "a") == 1
    assert history.record(verdict("rows/first"), "a") == 1
    assert history.record(solved(strict=False), "a") == 2
    assert history.record(solved(strict=False), "a") == 2
    assert history.record(solved(strict=True), "a") == 3
    assert history.record(verdict("rows/first", State.TIMED_OUT), "a") == 4
    assert [(attempt.state, attempt.strict) for attempt in history.attempts()] == [
        (State.FAILING, None),
        (State.SOLVED, False),
        (State.SOLVED, True),
        (State.TIMED_OUT, None),
    ]
    assert (history.solved(), history.strict()) == ({"rows/first"}, {"rows/first"})
    assert (history.best("rows/first").solved, history.best("rows/first").strict) == (True, True)


def test_an_older_solve_stays_one(tmp_path):
    """What was solved before there were two bars stays solved, its strict mark never measured."""
    old_history(tmp_path, 2)
    history = History(tmp_path)
    assert (history.solved(), history.strict()) == ({"rows/first"}, set())
    assert history.attempts()[1].strict is None
    best = history.best("rows/first")
    assert (best.attempts, best.solved, best.strict, best.held, best.total) == (2, True, False, 1, 3)
    assert history.days().total() == history.days(["rows/first"]).total() == 2
    assert history.days(["rows/other"]).total() == 0


def test_an_unchanged_text_that_the_new_bar_solves(tmp_path):
    """A file that failed by the rules of then and is solved by those of now is recorded."""
    old_history(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / ".katagrad" / "history.db")) as base:
        digest = hashlib.sha256(b"mine").hexdigest()
        base.execute("DELETE FROM attempts WHERE state = 'solved'")
        base.execute("UPDATE attempts SET text_hash = ?", (digest,))
        base.commit()
    history = History(tmp_path)
    assert history.record(verdict("rows/first"), "mine") == 1
    assert history.record(solved(strict=False), "mine") == 2
    assert history.solved() == {"rows/first"}


def test_a_large_file_is_set_aside_once_its_damage_is_met(tmp_path):
    """A large file is not read whole; where its damaged pages are met it is kept under another name."""
    path = old_history(tmp_path, 2)
    history = History(tmp_path)
    with history.transaction() as base:
        base.executemany(
            "INSERT INTO attempts (kata, at, state, held, total, hints, seconds, text_hash) "
            "VALUES ('rows/first', '2026-01-02T03:04:05+00:00', 'failing', 1, 3, 0, 0.1, ?)",
            [(str(number) * 40,) for number in range(20_000)],
        )
    history.connection.close()
    data = bytearray(path.read_bytes())
    assert len(data) > 2**20
    for start in range(0, len(data), 4096):
        if data[start] in {2, 5, 10, 13} and start:  # every page of a table or an index but the first
            data[start : start + 100] = os.urandom(100)
    path.write_bytes(data)
    history = History(tmp_path)
    assert history.record(verdict("rows/first"), "new") == 1
    assert "The history was damaged. It is kept as" in history.notices[0]
    assert History(tmp_path).notices == []
    (aside,) = path.parent.glob("history-damaged-*.db")
    assert aside.read_bytes() == data


@pytest.mark.parametrize("date", ["yesterday", "", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", None])
def test_an_odd_date(tmp_path, date):
    """A date that is none stops nothing: it is left out, and the attempt counts."""
    history = History(tmp_path)
    history.record(solved(strict=True), "a")
    with history.transaction() as base:
        base.execute("UPDATE attempts SET at = coalesce(?, at), day = ?", (date, date))
        base.execute("UPDATE reviews SET at = coalesce(?, at)", (date,))
    best = history.best("rows/first")
    assert (best.solved, best.attempts) == (True, 1)
    assert (best.solved_at is None) == (date is not None)
    assert len(history.attempts()) == 1
    assert history.days(["rows/first"]).total() == 0


def test_what_progress_asks_is_answered_by_indexes(tmp_path):
    """What every command asks of the attempts reads no more of them with each one that is added."""
    history = History(tmp_path)
    queries = {
        "SELECT DISTINCT kata FROM attempts WHERE state = 'solved'": "attempts_solved",
        "SELECT DISTINCT kata FROM attempts WHERE strict = 1": "attempts_strict",
        "SELECT day, count(*) FROM attempts GROUP BY day": "attempts_by_day",
    }
    for query, index in queries.items():
        assert index in str(history.read(f"EXPLAIN QUERY PLAN {query}"))
    plan = history.read(f"EXPLAIN QUERY PLAN {_BEST}", "rows/first")
    assert not [step for *_, step in plan if "SCAN attempts" in step or "TEMP B-TREE" in step], plan


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
    checkout = Checkout.filled(tmp_path / "checkout")
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
