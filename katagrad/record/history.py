"""What happened so far: every graded attempt and every hint, in one SQLite file that only the runner writes.

Nothing here may stop a grading. Where the history cannot be read or written, a sentence says so in `notices`, and the
run goes on with one that lasts as long as the process.
"""

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from katagrad.clock import SYSTEM, Clock
from katagrad.record.schema import NewerError, migrate
from katagrad.verdict import State, Verdict

FOLDER = ".katagrad"
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

    def __init__(self, root: Path, clock: Clock = SYSTEM) -> None:
        self.clock = clock
        self.path = root / FOLDER / "history.db"
        self.notices: list[str] = []
        self.lasting = True
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
        except NewerError as newer:
            self.notices.append(
                f"{self.path} was written by a newer katagrad (version {newer}): this run is not remembered."
            )
        except OSError as error:
            self.notices.append(f"History cannot be written ({error.strerror}): this run is not remembered.")
        return self._in_memory()

    def _in_memory(self) -> sqlite3.Connection:
        self.lasting = False
        connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(connection)
        return connection

    def _set_aside(self) -> sqlite3.Connection:
        """Keep a damaged file under another name and begin a new one."""
        aside = self.path.with_name(
            f"history-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}-{time.monotonic_ns() % 10**6}.db"
        )
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
            _check(connection)
            migrate(connection)
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

    def read(self, query: str, *values: object) -> list[tuple]:
        """Return what a query finds; nothing, and a notice, where it cannot be read."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self.notices.append(f"History cannot be read ({error}).")
            return []

    def now(self) -> str:
        """Return the date and time as they are taken down: UTC, to the second."""
        return self.clock.now().isoformat(timespec="seconds")

    def record(self, verdict: Verdict, text: str, session: int | None = None) -> int:
        """Take down an attempt, in a practice session or outside, and return its number; 0 if that was not possible.

        The same text again is the same attempt.
        """
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        if not self._is_last(verdict.kata, digest, session):
            row = (verdict.kata, self.now(), str(verdict.state), verdict.held, verdict.total, self.hints(verdict.kata))
            with self.transaction() as connection:
                # Looked at again where nobody else writes: another grading of the same text may have been quicker.
                if not self._is_last(verdict.kata, digest, session):
                    connection.execute(
                        "INSERT INTO attempts (kata, at, state, held, total, hints, seconds, seed, text_hash, session) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (*row, verdict.seconds, verdict.seed, digest, session),
                    )
                    mark_first_solve(connection, verdict.kata)
        # What is told as an attempt has to be there tomorrow.
        if not self.lasting or not self._is_last(verdict.kata, digest, session):
            return 0
        return self.read("SELECT count(*) FROM attempts WHERE kata = ?", verdict.kata)[0][0]

    def _is_last(self, kata: str, digest: str, session: int | None) -> bool:
        """Say whether the last attempt at a kata was at a text, in a practice session if there is one."""
        query = "SELECT text_hash, session FROM attempts WHERE kata = ? ORDER BY id DESC LIMIT 1"
        last = self.read(query, kata)
        return bool(last) and last[0][0] == digest and session in {None, last[0][1]}

    def attempts(self, kata: str | None = None) -> list[Attempt]:
        """Return the attempts at a kata, or at all of them, oldest first."""
        rows = self.read(
            "SELECT kata, at, state, held, total, hints FROM attempts WHERE ? IS NULL OR kata = ? ORDER BY id",
            kata,
            kata,
        )
        return [
            Attempt(name, datetime.fromisoformat(at), State(state), held, total, hints)
            for name, at, state, held, total, hints in rows
        ]

    def solved(self) -> set[str]:
        """Return the katas that were solved at least once."""
        return {row[0] for row in self.read("SELECT DISTINCT kata FROM attempts WHERE state = ?", str(State.SOLVED))}

    def hints(self, kata: str) -> int:
        """Return how many hints of a kata were shown."""
        rows = self.read("SELECT shown FROM hints WHERE kata = ?", kata)
        return rows[0][0] if rows else 0

    def show_hint(self, kata: str, shown: int) -> None:
        """Take down that so many hints of a kata were shown."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO hints (kata, shown) VALUES (?, ?) "
                "ON CONFLICT (kata) DO UPDATE SET shown = max(shown, excluded.shown)",
                (kata, shown),
            )


def _check(connection: sqlite3.Connection) -> None:
    """Raise what a damaged file raises, also where only a later page is damaged."""
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("damaged")


def add_mark(connection: sqlite3.Connection, kata: str, question: str, at: str, mark: int) -> None:
    """Take down the mark of a kata, or of one of its questions, as part of a transaction."""
    connection.execute(
        "INSERT INTO reviews (kata, question, at, mark) VALUES (?, ?, ?, ?)", (kata, question, at, int(mark))
    )


def mark_first_solve(connection: sqlite3.Connection, kata: str) -> None:
    """Mark a kata as good that was solved without a clock and never marked.

    A practice session that is open marks its kata itself, when it ends.
    """
    connection.execute(
        "INSERT INTO reviews (kata, question, at, mark) SELECT kata, '', at, 3 FROM attempts "
        "WHERE kata = ? AND state = 'solved' "
        "AND NOT EXISTS (SELECT * FROM reviews WHERE reviews.kata = attempts.kata AND question = '') "
        "AND NOT EXISTS (SELECT * FROM sessions WHERE sessions.kata = attempts.kata AND outcome = 'open') "
        "ORDER BY id LIMIT 1",
        (kata,),
    )
