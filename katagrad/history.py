"""What happened so far: every graded attempt and every hint, in one SQLite file that only the runner writes.

Nothing here may stop a grading. Where the history cannot be read or written, a sentence says so in `notices`, and the run goes on
with one that lasts as long as the process.
"""

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from katagrad.verdict import State, Verdict

FOLDER = ".katagrad"
# Each migration takes the version before it one further, in the transaction that also sets the new number.
MIGRATIONS = (
    """
    CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        kata TEXT NOT NULL,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        held INTEGER NOT NULL,
        total INTEGER NOT NULL,
        hints INTEGER NOT NULL,
        seconds REAL NOT NULL,
        seed INTEGER,
        text_hash TEXT NOT NULL
    );
    CREATE INDEX attempts_by_kata ON attempts (kata, id);
    CREATE TABLE hints (
        kata TEXT PRIMARY KEY,
        shown INTEGER NOT NULL
    );
    """,
)
_WAIT = 5.0


@dataclass(frozen=True)
class Attempt:
    """One graded attempt at a changed file."""

    kata: str
    at: datetime
    state: State
    held: int
    total: int
    hints: int


class History:
    """The attempts at every kata of a checkout."""

    def __init__(self, root: Path) -> None:
        self.path = root / FOLDER / "history.db"
        self.notices: list[str] = []
        self.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        """Return the history's connection, or one in memory and a sentence that says why."""
        try:
            self.path.parent.mkdir(exist_ok=True)
            return self._connect(self.path)
        except sqlite3.OperationalError as error:
            self.notices.append(f"History cannot be opened ({error}): this run is not remembered.")
        except sqlite3.DatabaseError:
            return self._set_aside()
        except _NewerError as newer:
            self.notices.append(f"{self.path} was written by a newer katagrad (version {newer}): this run is not remembered.")
        except OSError as error:
            self.notices.append(f"History cannot be written ({error.strerror}): this run is not remembered.")
        return self._in_memory()

    def _in_memory(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        _migrate(connection)
        return connection

    def _set_aside(self) -> sqlite3.Connection:
        """Keep a damaged file under another name and begin a new one."""
        aside = self.path.with_name(f"history-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}-{time.monotonic_ns() % 10**6}.db")
        try:
            self.path.rename(aside)
            # Its journal belongs to it: beside a new file it would be played into that one.
            for suffix in ("-journal", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
            connection = self._connect(self.path)
        except (OSError, sqlite3.Error):
            self.notices.append(f"{self.path} is damaged and cannot be set aside: this run is not remembered.")
            return self._in_memory()
        self.notices.append(f"The history was damaged. It is kept as {aside}; a new one has begun.")
        return connection

    def _connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("damaged")
            _migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; what cannot be written is a notice, not an error."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self._roll_back()
                raise
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self.notices.append(f"History cannot be written ({error}): this is not remembered.")

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _read(self, query: str, *values: object) -> list[tuple]:
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self.notices.append(f"History cannot be read ({error}).")
            return []

    def record(self, verdict: Verdict, text: str) -> int:
        """Take down an attempt and return its number; the same text again is the same attempt."""
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        last = self._read("SELECT text_hash FROM attempts WHERE kata = ? ORDER BY id DESC LIMIT 1", verdict.kata)
        if [digest] != [row[0] for row in last]:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            row = (verdict.kata, now, str(verdict.state), verdict.held, verdict.total, self.hints(verdict.kata))
            with self.transaction() as connection:
                connection.execute(
                    "INSERT INTO attempts (kata, at, state, held, total, hints, seconds, seed, text_hash) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, verdict.seconds, verdict.seed, digest),
                )
        return self._read("SELECT count(*) FROM attempts WHERE kata = ?", verdict.kata)[0][0]

    def attempts(self, kata: str | None = None) -> list[Attempt]:
        """Return the attempts at a kata, or at all of them, oldest first."""
        rows = self._read(
            "SELECT kata, at, state, held, total, hints FROM attempts WHERE ? IS NULL OR kata = ? ORDER BY id", kata, kata
        )
        return [
            Attempt(name, datetime.fromisoformat(at), State(state), held, total, hints)
            for name, at, state, held, total, hints in rows
        ]

    def solved(self) -> set[str]:
        """Return the katas that were solved at least once."""
        return {row[0] for row in self._read("SELECT DISTINCT kata FROM attempts WHERE state = ?", str(State.SOLVED))}

    def hints(self, kata: str) -> int:
        """Return how many hints of a kata were shown."""
        rows = self._read("SELECT shown FROM hints WHERE kata = ?", kata)
        return rows[0][0] if rows else 0

    def show_hint(self, kata: str, shown: int) -> None:
        """Take down that so many hints of a kata were shown."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO hints (kata, shown) VALUES (?, ?) ON CONFLICT (kata) DO UPDATE SET shown = excluded.shown",
                (kata, shown),
            )


class _NewerError(Exception):
    """The file is of a version that this program does not know."""


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the present version, each step whole or not at all."""
    while True:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise _NewerError(version)
        if version == len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have migrated while this one waited for the lock.
            if connection.execute("PRAGMA user_version").fetchone()[0] == version:
                for statement in MIGRATIONS[version].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
