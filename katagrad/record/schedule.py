"""When to repeat what: the marks of katas and questions, and the dates that FSRS draws from them.

Only marks are stored. A date is computed from all marks of its item, so the two cannot disagree, and commands that only
store marks need not load the scheduler.

Source: Ye, Su and Cao, A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling (2022), and the
algorithm's own description, FSRS-6, at github.com/open-spaced-repetition.
"""

import functools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from katagrad.clock import day_text, in_days, local_day
from katagrad.katas.catalog import Kata
from katagrad.record.history import History, moment

if TYPE_CHECKING:
    from fsrs import Scheduler


class Mark(IntEnum):
    """How well something went."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4

    @property
    def word(self) -> str:
        """Return its name as it is printed."""
        return self.name.lower()


class Item(NamedTuple):
    """What is repeated: a kata by its path, or one of its questions."""

    kata: str
    question: str = ""


def mark_of(seconds: float, par: float, hints: int, *, gave_up: bool = False) -> Mark:
    """Return the mark that a practice session comes to.

    Parameters
    ----------
    seconds : time on the clock
    par : the kata's par time in seconds
    hints : number of hints shown in the session
    gave_up : whether the reference was shown instead
    """
    if gave_up:
        return Mark.AGAIN
    if hints or seconds > 1.5 * par:
        return Mark.HARD
    return Mark.EASY if seconds <= par / 2 else Mark.GOOD


def due_after(marks: Iterable[tuple[datetime, Mark]]) -> datetime:
    """Return when something with these marks, oldest first, is due again."""
    from fsrs import Card, Rating  # noqa: PLC0415 - who has no marks need not wait for it

    card = Card(card_id=0)
    for at, mark in marks:
        card, _ = _scheduler().review_card(card, Rating(int(mark)), at.astimezone(UTC))
    return card.due


@functools.cache
def _scheduler() -> "Scheduler":
    from fsrs import Scheduler  # noqa: PLC0415 - see due_after

    # Days, not minutes: a kata is not repeated ten minutes later. No fuzz: the same marks always mean the same date.
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def marks(history: History) -> dict[Item, list[tuple[datetime, Mark]]]:
    """Return the marks of everything that has any, each oldest first."""
    found: dict[Item, list[tuple[datetime, Mark]]] = {}
    # In the order they were given: a clock that was set back does not reorder them.
    for kata, question, at, mark in history.read("SELECT kata, question, at, mark FROM reviews ORDER BY id"):
        if date_given := moment(at):
            found.setdefault(Item(kata, question), []).append((date_given, Mark(mark)))
    return found


class Schedule:
    """What is due when, as of one moment."""

    def __init__(self, history: History) -> None:
        self.today = history.clock.today()
        self.days = {item: local_day(due_after(given)) for item, given in marks(history).items()}

    def due_date(self, item: Item) -> date | None:
        """Return the day on which something is due; None if it was never marked."""
        return self.days.get(item)

    def is_due(self, item: Item) -> bool:
        """Return whether something is due today or overdue."""
        return item in self.days and self.days[item] <= self.today

    def due_in(self, item: Item) -> str:
        """Return when something is due, as one says it: today, tomorrow, in 3 days; empty if it was never marked."""
        return in_days((self.days[item] - self.today).days) if item in self.days else ""

    def due_text(self, item: Item) -> str:
        """Return when something is due, in words and as a date."""
        return f"{self.due_in(item)}, {day_text(self.days[item])}" if item in self.days else "not scheduled"

    def due_katas(self, katas: Iterable[Kata]) -> list[Kata]:
        """Return the katas that are due, the longest overdue first."""
        due = [kata for kata in katas if self.is_due(Item(kata.path))]
        return sorted(due, key=lambda kata: self.days[Item(kata.path)])

    def due_questions(self, katas: Iterable[Kata]) -> int:
        """Count the questions that are due."""
        due = {item for item in self.days if item.question and self.is_due(item)}
        marked = {item.kata for item in due}
        # A question that was reworded or has gone is nobody's any more.
        asked = {Item(kata.path, each.question) for kata in katas if kata.path in marked for each in kata.followups}
        return len(due & asked)

    def choose(self, katas: Iterable[Kata], solved: set[str]) -> list[Kata]:
        """Return katas in the order in which to do them: due, never done, then by the day on which they will be due."""
        katas = list(katas)
        due = self.due_katas(katas)
        fresh = [kata for kata in katas if kata.path not in solved and Item(kata.path) not in self.days]
        taken = {kata.path for kata in (*due, *fresh)}
        rest = [kata for kata in katas if kata.path not in taken]
        return [*due, *fresh, *sorted(rest, key=lambda kata: self.days.get(Item(kata.path), self.today))]
