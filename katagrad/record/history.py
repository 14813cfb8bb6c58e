"""What happened so far: every graded attempt and every hint, in one SQLite file that only the runner writes.

Nothing here may stop a grading. Where the history cannot be read or written, a sentence says so in `notices`, and the
run goes on with one that lasts as long as the process.
"""

import contextlib
import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from katagrad.clock import SYSTEM, Clock
from katagrad.record.schema import NewerError, migrate
from katagrad.verdict import State, Verdict

FOLDER = ".katagrad"
_WAIT = 5.0


# A larger file is not read whole each time: its damage is noticed where it is touched.
_CHECKED_WHOLE = 2**18
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True)
class Attempt:
    """One graded attempt at a changed file; `at` is None where the stored date is none."""

    kata: str
    at: datetime | None
    state: State
    held: int
    total: int
    hints: int
    strict: bool | None = None


@dataclass(frozen=True)
class Best:
    """What all attempts at a kata come to; `held` of `total` rules is the largest share that held."""

    attempts: int
    solved: bool
    strict: bool
    solved_at: datetime | None
    last: datetime | None
    held: int
    total: int


class _Refusing:
    """Stands for a connection that cannot be written to, since the body of a `with` cannot be left out."""

    def __init__(self, error: sqlite3.Error) -> None:
        self.error = error

    def execute(self, *_: object) -> None:
        """Raise why nothing can be written."""
        raise self.error

    executemany = execute


class History:
    """The attempts at every kata of a checkout."""

    def __init__(self, root: Path, clock: Clock = SYSTEM) -> None:
        self.clock = clock
        self.path = root / FOLDER / "history.db"
        self.notices: list[str] = []
        self.lasting = True
        self.connection = self._open()

    @staticmethod
    def exists(root: Path) -> bool:
        """Say whether a checkout has a history."""
        return (root / FOLDER / "history.db").exists()

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
            _check(connection, path)
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; what cannot be written is a notice, not an error."""
        try:
            connection = self._begun()
            try:
                yield connection
            except BaseException:
                self._roll_back()
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if not self._set_aside_if_damaged(error):
                self.notices.append(f"History cannot be written ({error}): this is not remembered.")

    def _begun(self) -> "sqlite3.Connection | _Refusing":
        """Begin a transaction; if that fails, return what fails in the same way once something is to be written."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return _Refusing(error)
        return self.connection

    def _set_aside_if_damaged(self, error: sqlite3.Error) -> bool:
        """Begin a new history if an error says that the file is damaged."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
            return False
        self.connection.close()
        self.connection = self._set_aside()
        return True

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def read(self, query: str, *values: object) -> list[tuple]:
        """Return what a query finds; nothing, and a notice, where it cannot be read."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            if self._set_aside_if_damaged(error):
                return self.read(query, *values)
            self.notices.append(f"History cannot be read ({error}).")
            return []

    def now(self) -> str:
        """Return the date and time as they are taken down: UTC, to the second."""
        return self.clock.now().isoformat(timespec="seconds")

    def record(self, verdict: Verdict, text: str, session: int | None = None) -> int:
        """Record an attempt, in a practice session or outside, and return its number; 0 if it could not be stored.

        The same text with the same outcome is the same attempt.
        """
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        known = (digest, str(verdict.state), verdict.strict)
        if not self._is_last(verdict.kata, known, session):
            connection = self.connection
            self._add(verdict, known, session)
            if self.connection is not connection:
                self._add(verdict, known, session)  # the old file was damaged
        # Report an attempt only if it was stored.
        if not self.lasting or not self._is_last(verdict.kata, known, session):
            return 0
        return self.count(verdict.kata)

    def _add(self, verdict: Verdict, known: tuple, session: int | None) -> None:
        digest, state, strict = known
        row = (verdict.kata, self.now(), self.clock.today().isoformat(), state, strict, verdict.held, verdict.total)
        hints = self.hints(verdict.kata)
        with self.transaction() as connection:
            # Asked again where nobody else writes: another grading of the same text may have been quicker.
            if not self._is_last(verdict.kata, known, session):
                connection.execute(
                    "INSERT INTO attempts (kata, at, day, state, strict, held, total, hints, seconds, seed, text_hash,"
                    " session) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, hints, verdict.seconds, verdict.seed, digest, session),
                )
                if verdict.state is State.SOLVED:
                    mark_first_solve(connection, verdict.kata)

    def _is_last(self, kata: str, known: tuple, session: int | None) -> bool:
        """Say whether the last attempt at a kata had this text and outcome, in the practice session if there is one."""
        query = "SELECT text_hash, state, strict, session FROM attempts WHERE kata = ? ORDER BY id DESC LIMIT 1"
        last = self.read(query, kata)
        return bool(last) and last[0][:3] == known and session in {None, last[0][3]}

    def count(self, kata: str) -> int:
        """Count the attempts at a kata."""
        rows = self.read("SELECT count(*) FROM attempts WHERE kata = ?", kata)
        return rows[0][0] if rows else 0

    def attempts(self, kata: str | None = None) -> list[Attempt]:
        """Return the attempts at a kata, or at all of them, oldest first."""
        rows = self.read(
            "SELECT kata, at, state, held, total, hints, strict FROM attempts WHERE ? IS NULL OR kata = ? ORDER BY id",
            kata,
            kata,
        )
        return [
            Attempt(name, moment(at), State(state), held, total, hints, None if strict is None else bool(strict))
            for name, at, state, held, total, hints, strict in rows
        ]

    def best(self, kata: str) -> Best:
        """Return what all attempts at a kata come to."""
        rows = self.read(_BEST, kata)
        if not rows:
            return Best(0, solved=False, strict=False, solved_at=None, last=None, held=0, total=0)
        attempts, solved, strict, solved_at, last, held, total = rows[0]
        return Best(attempts, bool(solved), bool(strict), moment(solved_at), moment(last), held or 0, total or 0)

    def days(self, katas: Iterable[str] | None = None) -> Counter[date]:
        """Count the attempts at some katas, or at all, on each day, as it was where the person was."""
        if katas is None:
            rows = self.read("SELECT day, count(*) FROM attempts GROUP BY day")
        else:
            wanted = set(katas)
            rows = self.read("SELECT day, count(*), kata FROM attempts GROUP BY day, kata")
            rows = [(day, times) for day, times, kata in rows if kata in wanted]
        found: Counter[date] = Counter()
        for day, times in rows:
            if at := moment(day):
                found[at.date()] += times
        return found

    def solved(self) -> set[str]:
        """Return the katas that were solved at least once."""
        return {row[0] for row in self.read("SELECT DISTINCT kata FROM attempts WHERE state = 'solved'")}

    def strict(self) -> set[str]:
        """Return the katas that met both bars at least once."""
        return {row[0] for row in self.read("SELECT DISTINCT kata FROM attempts WHERE strict = 1")}

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


# Dates as the history writes them: anything else in their place is no date.
_BEST = """
    SELECT
        (SELECT count(*) FROM attempts WHERE kata = ?1),
        EXISTS (SELECT * FROM attempts WHERE kata = ?1 AND state = 'solved'),
        EXISTS (SELECT * FROM attempts WHERE kata = ?1 AND strict = 1),
        (SELECT at FROM attempts WHERE kata = ?1 AND state = 'solved' AND at GLOB '[12][0-9][0-9][0-9]-*'
            ORDER BY at LIMIT 1),
        (SELECT at FROM attempts WHERE kata = ?1 ORDER BY id DESC LIMIT 1),
        best.held,
        best.total
    FROM (SELECT 1)
    LEFT JOIN (
        SELECT held, total FROM attempts WHERE kata = ?1 ORDER BY held * 1.0 / max(total, 1) DESC LIMIT 1
    ) AS best
"""


def moment(text: object) -> datetime | None:
    """Return a stored date and time; None if it is none, as in a file that something else has written into."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
    # No system's local time goes wrong in these years.
    return at if 1971 <= at.year <= 2999 else None


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise what a damaged file raises: a small one is read whole, of a large one its first pages."""
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    small = path.stat().st_size <= _CHECKED_WHOLE
    if small and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("damaged")


def add_mark(connection: sqlite3.Connection, kata: str, question: str, at: str, mark: int) -> None:
    """Take down the mark of a kata, or of one of its questions, as part of a transaction."""
    connection.execute(
        "INSERT INTO reviews (kata, question, at, mark) VALUES (?, ?, ?, ?)", (kata, question, at, int(mark))
    )


def take_back_mark(connection: sqlite3.Connection, kata: str, question: str) -> None:
    """Delete the last mark of a kata's question, as part of a transaction."""
    connection.execute(
        "DELETE FROM reviews WHERE id = (SELECT max(id) FROM reviews WHERE kata = ? AND question = ?)", (kata, question)
    )


def mark_first_solve(connection: sqlite3.Connection, kata: str) -> None:
    """Mark a kata as good that was solved without a clock and never marked.

    A practice session that is open marks its kata itself, when it ends.
    """
    connection.execute(
        "INSERT INTO reviews (kata, question, at, mark) SELECT kata, '', at, 3 FROM attempts "
        "WHERE kata = ?1 AND state = 'solved' "
        "AND NOT EXISTS (SELECT * FROM reviews WHERE kata = ?1 AND question = '') "
        "AND NOT EXISTS (SELECT * FROM sessions WHERE kata = ?1 AND outcome = 'open') "
        "ORDER BY id LIMIT 1",
        (kata,),
    )
