"""Interviews as they are stored: what was chosen, how far it is, and what came of it, at every moment."""

import sqlite3
from collections.abc import Sequence
from datetime import date

from katagrad.clock import local_day
from katagrad.katas.kata import Followup, Kata
from katagrad.record import sessions
from katagrad.record.history import History, add_mark, mark_first_solve, moment, take_back_mark
from katagrad.record.interview import Interview, Outcome, Part, Point, Question, mark_of_points
from katagrad.record.sessions import Ending, Session


def begin(
    history: History, minutes: int, seed: int, chosen: Sequence[tuple[Kata, Sequence[Followup]]]
) -> Interview | None:
    """Store a new interview with its katas and the questions about each; return None if it cannot be stored."""
    number = None
    with history.transaction() as connection:
        number = connection.execute(
            "INSERT INTO interviews (begun, outcome, minutes, seed, interruptions) VALUES (?, ?, ?, ?, 0)",
            (history.now(), str(Outcome.OPEN), minutes, seed),
        ).lastrowid
        for place, (kata, followups) in enumerate(chosen):
            connection.execute(
                "INSERT INTO interview_katas (interview, place, kata, par) VALUES (?, ?, ?, ?)",
                (number, place, kata.path, 60.0 * kata.minutes),
            )
            for followup in followups:
                question = connection.execute(
                    "INSERT INTO interview_questions (interview, kata, question, source, seconds, written, answered)"
                    " VALUES (?, ?, ?, ?, 0, '', 0)",
                    (number, kata.path, followup.question, followup.source),
                ).lastrowid
                connection.executemany(
                    "INSERT INTO interview_points (question, place, point) VALUES (?, ?, ?)",
                    [(question, place, point) for place, point in enumerate(followup.answer)],
                )
    return interview(history, number) if number is not None else None


def count_interruption(history: History, number: int) -> None:
    """Count one more interruption."""
    with history.transaction() as connection:
        connection.execute("UPDATE interviews SET interruptions = interruptions + 1 WHERE id = ?", (number,))


def keep_answer(history: History, question: Question, seconds: float, written: str, *, answered: bool = False) -> None:
    """Store the time on a question's clock and what is written so far; `answered` if that is all."""
    with history.transaction() as connection:
        connection.execute(
            "UPDATE interview_questions SET seconds = ?, written = ?, answered = ? WHERE id = ?",
            (seconds, written, answered, question.id),
        )


def mark_point(history: History, question: Question, point: Point, *, made: bool) -> None:
    """Store whether a point was made; with the last one the question gets its own mark in the schedule, too."""
    now = history.now()
    with history.transaction() as connection:
        _set_made(connection, question, point, made=made)
        points, marked, sum_made = _counted(connection, question)
        if points == marked:
            add_mark(connection, question.kata, question.text, now, mark_of_points(int(sum_made), points))


def take_back_point(history: History, question: Question, point: Point) -> None:
    """Store that a point is no longer marked; if all were, the question loses its own mark in the schedule, too."""
    with history.transaction() as connection:
        points, marked, _ = _counted(connection, question)
        if points == marked:
            take_back_mark(connection, question.kata, question.text)
        _set_made(connection, question, point, made=None)


def _set_made(connection: sqlite3.Connection, question: Question, point: Point, *, made: bool | None) -> None:
    connection.execute(
        "UPDATE interview_points SET made = ? WHERE question = ? AND place = ?", (made, question.id, point.place)
    )


def _counted(connection: sqlite3.Connection, question: Question) -> tuple[int, int, float]:
    """Return how many points a question has, how many of them are marked, and how many were made."""
    counted = "SELECT count(*), count(made), total(made) FROM interview_points WHERE question = ?"
    return connection.execute(counted, (question.id,)).fetchone()


def finish(history: History, finished: Interview) -> None:
    """Store that an interview has come to its end."""
    with history.transaction() as connection:
        _end(connection, history, finished.id, Outcome.FINISHED)


def drop(history: History, dropped: Interview) -> None:
    """Store that an interview is abandoned, and with it the session that was open."""
    now = history.now()
    with history.transaction() as connection:
        _end(connection, history, dropped.id, Outcome.DROPPED)
        connection.execute(
            "UPDATE sessions SET ended = ?, outcome = ? WHERE interview = ? AND outcome = ?",
            (now, str(Ending.DROPPED), dropped.id, str(Ending.OPEN)),
        )
        for part in dropped.parts:
            mark_first_solve(connection, part.kata)


def _end(connection: sqlite3.Connection, history: History, number: int, outcome: Outcome) -> None:
    connection.execute(
        "UPDATE interviews SET ended = ?, outcome = ? WHERE id = ?", (history.now(), str(outcome), number)
    )


def interview(history: History, number: int) -> Interview | None:
    """Return one interview; None if there is none of that number."""
    return next(iter(_interviews(history, "id = ?", number)), None)


def open_interview(history: History) -> Interview | None:
    """Return the interview that is under way; None if there is none."""
    return next(iter(_interviews(history, "outcome = ? ORDER BY id DESC LIMIT 1", str(Outcome.OPEN))), None)


def finished(history: History) -> list[Interview]:
    """Return the interviews that came to their end, in the order they were begun."""
    return _interviews(history, "outcome = ? ORDER BY id", str(Outcome.FINISHED))


def days(history: History) -> set[date]:
    """Return the days on which an interview came to its end, as they were where the person was."""
    rows = history.read("SELECT ended FROM interviews WHERE outcome = ?", str(Outcome.FINISHED))
    return {local_day(at) for (ended,) in rows if (at := moment(ended))}


def _interviews(history: History, where: str, value: object) -> list[Interview]:
    query = f"SELECT id, begun, ended, outcome, minutes, seed, interruptions FROM interviews WHERE {where}"  # noqa: S608
    return [
        Interview(number, moment(begun), moment(ended), Outcome(outcome), *numbers, _parts(history, number))
        for number, begun, ended, outcome, *numbers in history.read(query, value)
    ]


def _parts(history: History, number: int) -> tuple[Part, ...]:
    begun = {session.kata: session for session in sessions.of_interview(history, number)}
    questions = _questions(history, number)
    rows = history.read("SELECT kata, par FROM interview_katas WHERE interview = ? ORDER BY place", number)
    return tuple(
        Part(kata, par, begun.get(kata), *_attempts(history, begun.get(kata)), tuple(questions.get(kata, ())))
        for kata, par in rows
    )


def _attempts(history: History, session: Session | None) -> tuple[int, int, int, bool]:
    """Return the number of attempts in a session, and what the last came to: rules that held, of how many, strict."""
    query = "SELECT held, total, strict FROM attempts WHERE session = ? ORDER BY id"
    rows = history.read(query, session.id) if session else []
    held, total, strict = rows[-1] if rows else (0, 0, None)
    return len(rows), held, total, bool(strict)


def _questions(history: History, number: int) -> dict[str, list[Question]]:
    """Return the questions of an interview by their katas, in the order in which they are asked."""
    points: dict[int, list[Point]] = {}
    for question, place, text, made in history.read(
        "SELECT question, place, point, made FROM interview_points WHERE question IN "
        "(SELECT id FROM interview_questions WHERE interview = ?) ORDER BY question, place",
        number,
    ):
        points.setdefault(question, []).append(Point(place, text, None if made is None else bool(made)))
    found: dict[str, list[Question]] = {}
    for identity, kata, text, source, seconds, written, answered in history.read(
        "SELECT id, kata, question, source, seconds, written, answered FROM interview_questions "
        "WHERE interview = ? ORDER BY id",
        number,
    ):
        asked = Question(
            identity, kata, text, source, seconds, written, bool(answered), tuple(points.get(identity, ()))
        )
        found.setdefault(kata, []).append(asked)
    return found
