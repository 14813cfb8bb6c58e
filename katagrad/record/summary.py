"""Where a person stands: everything that `progress` tells, in one form for the table, the JSON and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from katagrad.clock import local_day
from katagrad.katas.catalog import Catalog, Kata
from katagrad.record import sessions
from katagrad.record.history import Best, History
from katagrad.record.schedule import Item, Schedule, marks
from katagrad.record.sessions import Ending, Session


@dataclass(frozen=True)
class Standing:
    """How far one kata is.

    Attributes
    ----------
    best_attempt : what all attempts at it come to
    times : the sessions that were solved or given up, in order
    """

    kata: Kata
    best_attempt: Best
    times: tuple[Session, ...]
    due: date | None
    is_due: bool

    @property
    def par(self) -> float:
        """Return the par time in seconds."""
        return 60.0 * self.kata.minutes

    @property
    def is_solved(self) -> bool:
        """Return whether the kata was ever solved."""
        return self.best_attempt.solved

    @property
    def is_strict(self) -> bool:
        """Return whether the kata ever met both bars."""
        return self.best_attempt.strict

    @property
    def solved_at(self) -> datetime | None:
        """Return when the kata was solved first."""
        return self.best_attempt.solved_at

    @property
    def best(self) -> float | None:
        """Return the shortest time in which it was solved on the clock."""
        return min((one.seconds for one in self.times if one.outcome is Ending.SOLVED), default=None)

    @property
    def last(self) -> datetime | None:
        """Return when it was last worked on."""
        found = [self.best_attempt.last, *(one.ended for one in self.times[-1:])]
        return max(filter(None, found), default=None)

    @property
    def state(self) -> str:
        """Return how far it is, in a word or two."""
        if self.is_solved:
            return "solved, strict" if self.is_strict else "solved"
        if self.best_attempt.total:
            return f"{self.best_attempt.held}/{self.best_attempt.total} rules"
        return "started" if self.best_attempt.attempts or self.times else "-"

    @property
    def is_begun(self) -> bool:
        """Return whether anything was ever done about the kata."""
        return self.state != "-"


@dataclass(frozen=True)
class Summary:
    """Where a person stands with some katas; `days` counts what was done on each: graded texts and marked questions."""

    today: date
    standings: tuple[Standing, ...]
    questions: int
    questions_marked: int
    questions_due: int
    days: dict[date, int]

    @property
    def solved(self) -> int:
        """Count the katas that are solved."""
        return sum(standing.is_solved for standing in self.standings)

    @property
    def strict(self) -> int:
        """Count the katas that met both bars."""
        return sum(standing.is_strict for standing in self.standings)

    @property
    def due(self) -> int:
        """Count the katas that are due."""
        return sum(standing.is_due for standing in self.standings)

    def as_json(self) -> dict:
        """Return all of it as plain data."""
        return {
            "today": self.today.isoformat(),
            "katas": [_as_json(standing) for standing in self.standings],
            "solved": self.solved,
            "strict": self.strict,
            "due_today": self.due,
            "questions": {"total": self.questions, "marked": self.questions_marked, "due_today": self.questions_due},
            "days": {day.isoformat(): count for day, count in sorted(self.days.items())},
        }


def summary(history: History, catalog: Catalog, names: Sequence[str] = ()) -> Summary:
    """Return where a person stands with what was named, with everything for no names."""
    katas = catalog.select(names)
    schedule, given = Schedule(history), marks(history)
    asked = {Item(kata.path, followup.question) for kata in katas for followup in kata.followups}
    standings = tuple(_standing(history, schedule, kata) for kata in katas)
    days = history.days((kata.path for kata in katas) if names else None)
    days.update(local_day(at) for item in asked for at, _ in given.get(item, ()))
    return Summary(
        today=schedule.today,
        standings=standings,
        questions=len(asked),
        questions_marked=sum(item in given for item in asked),
        questions_due=sum(map(schedule.is_due, asked)),
        days=dict(days),
    )


def _standing(history: History, schedule: Schedule, kata: Kata) -> Standing:
    item = Item(kata.path)
    ended = (Ending.SOLVED, Ending.GAVE_UP)
    times = tuple(one for one in sessions.sessions(history, kata.path) if one.outcome in ended and one.ended)
    return Standing(kata, history.best(kata.path), times, schedule.due_date(item), schedule.is_due(item))


def _as_json(standing: Standing) -> dict:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "kata": standing.kata.path,
        "difficulty": standing.kata.difficulty,
        "state": standing.state,
        "solved": standing.is_solved,
        "strict": standing.is_strict,
        "first_solved": moment(standing.solved_at),
        "attempts": standing.best_attempt.attempts,
        "par_seconds": standing.par,
        "best_seconds": standing.best,
        "times": [
            {"at": moment(one.ended), "seconds": one.seconds, "outcome": str(one.outcome), "hints": one.hints}
            for one in standing.times
        ],
        "last_practised": moment(standing.last),
        "due": standing.due.isoformat() if standing.due else None,
        "due_today": standing.is_due,
    }
