"""Practice sessions as they are stored: each outlives its process, until it is solved, given up or dropped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from katagrad.katas.catalog import Kata
from katagrad.record.history import History, add_mark, mark_first_solve, moment
from katagrad.verdict import Rule

_COLUMNS = "id, kata, begun, ended, outcome, seconds, par, hints, interview"


class Ending(StrEnum):
    """How a session ended; an open one has not, and may be resumed. Only in an interview is time up, or a kata left."""

    OPEN = "open"
    SOLVED = "solved"
    GAVE_UP = "gave up"
    DROPPED = "dropped"
    TIME_UP = "out of time"
    LEFT = "left"


@dataclass(frozen=True)
class Session:
    """One session: `seconds` on the clock, pauses left out, and the kata's par in seconds at the time.

    `interview` is the number of the interview that it is part of, if it is part of one.
    """

    id: int
    kata: str
    begun: datetime | None
    ended: datetime | None
    outcome: Ending
    seconds: float
    par: float
    hints: int
    interview: int | None = None


def begin(history: History, kata: Kata, interview: int | None = None) -> Session:
    """Store a new session, by itself or in an interview, and return it; number 0 if it cannot be stored."""
    now, par, number = history.now(), 60.0 * kata.minutes, 0
    with history.transaction() as connection:
        number = connection.execute(
            "INSERT INTO sessions (kata, begun, outcome, seconds, par, hints, interview) VALUES (?, ?, ?, 0, ?, 0, ?)",
            (kata.path, now, str(Ending.OPEN), par, interview),
        ).lastrowid
    return Session(number, kata.path, datetime.fromisoformat(now), None, Ending.OPEN, 0.0, par, 0, interview)


def keep_time(history: History, session: Session, seconds: float) -> None:
    """Store the time on the clock; a process that is killed loses only what passed since."""
    with history.transaction() as connection:
        connection.execute(
            "UPDATE sessions SET seconds = ? WHERE id = ? AND outcome = ?", (seconds, session.id, str(Ending.OPEN))
        )


def keep_hint(history: History, session: Session) -> None:
    """Count one more hint."""
    with history.transaction() as connection:
        connection.execute("UPDATE sessions SET hints = hints + 1 WHERE id = ?", (session.id,))


def keep_slips(history: History, session: Session, rules: Iterable[Rule]) -> None:
    """Count the rules that failed."""
    with history.transaction() as connection:
        connection.executemany(
            "INSERT INTO slips (session, rule, sentence, times) VALUES (?, ?, ?, 1) "
            "ON CONFLICT (session, rule) DO UPDATE SET times = times + 1",
            [(session.id, rule.name, rule.sentence) for rule in rules],
        )


def slips(history: History, session: Session) -> list[tuple[str, int]]:
    """Return the sentences of the rules that failed in a session, and how often each did."""
    return history.read("SELECT sentence, times FROM slips WHERE session = ? ORDER BY rowid", session.id)


def finish(history: History, session: Session, mark: int | None) -> None:
    """Store how a session ended; its mark, if any, goes to the schedule in the same step."""
    now = history.now()
    with history.transaction() as connection:
        connection.execute(
            "UPDATE sessions SET ended = ?, outcome = ?, seconds = ? WHERE id = ?",
            (now, str(session.outcome), session.seconds, session.id),
        )
        if mark is None:
            mark_first_solve(connection, session.kata)
        else:
            add_mark(connection, session.kata, "", now, mark)


def sessions(history: History, kata: str | None = None) -> list[Session]:
    """Return the sessions with a kata, or all of them, in the order they were begun."""
    query = f"SELECT {_COLUMNS} FROM sessions WHERE ? IS NULL OR kata = ? ORDER BY id"  # noqa: S608 - our own columns
    return [_session(row) for row in history.read(query, kata, kata)]


def of_interview(history: History, interview: int) -> list[Session]:
    """Return the sessions that are part of an interview, in the order they were begun."""
    query = f"SELECT {_COLUMNS} FROM sessions WHERE interview = ? ORDER BY id"  # noqa: S608 - our own columns
    return [_session(row) for row in history.read(query, interview)]


def open_session(history: History, kata: str | None = None) -> Session | None:
    """Return the open session begun last, of one kata or of any; None if there is none."""
    return next((one for one in reversed(sessions(history, kata)) if one.outcome is Ending.OPEN), None)


def best(history: History, kata: str) -> float | None:
    """Return the shortest time in which a kata was solved; None if it never was."""
    times = [one.seconds for one in sessions(history, kata) if one.outcome is Ending.SOLVED]
    return min(times, default=None)


def _session(row: tuple) -> Session:
    number, kata, begun, ended, outcome, *rest = row
    dates = moment(begun), moment(ended)
    return Session(number, kata, *dates, Ending(outcome), *rest)
