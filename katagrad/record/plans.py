"""The plan until an interview as it is stored: what was asked for, the tasks of each day, and which were done."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from katagrad.clock import local_day
from katagrad.katas.catalog import Catalog
from katagrad.record import interviews
from katagrad.record.history import History, moment
from katagrad.record.planner import Draft, Kind, Task, Wish, draft
from katagrad.record.schedule import marks

_COLUMNS = "id, made, until, minutes, weekdays, katas, drawn, left_out"


@dataclass(frozen=True)
class Plan:
    """What a person asked for, when the days were laid out last, and what did not fit then."""

    id: int
    made: date
    wish: Wish
    drawn: date
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One task of a day, whether it was done, and how many of its questions are marked."""

    task: Task
    done: bool
    marked: int = 0


@dataclass(frozen=True)
class Following:
    """A plan and how it was followed: the steps of each day, past ones as they were planned then.

    `drawn_before` is the day on which the days ahead were laid out before, if that was done afresh just now.
    """

    plan: Plan
    today: date
    days: Mapping[date, tuple[Step, ...]]
    drawn_before: date | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of today."""
        return self.days.get(self.today, ())

    @property
    def open_steps(self) -> list[Step]:
        """Return what is still to do today."""
        return [step for step in self.steps if not step.done]

    def tasks_of(self, day: date) -> list[Task]:
        """Return the tasks of a day."""
        return [step.task for step in self.days.get(day, ())]

    def weeks(self) -> list[tuple[str, list[date | None]]]:
        """Return the weeks from the first day to the interview, Monday first; days outside are None.

        The first week has the name of its month, and so has each week in which a month begins.
        """
        first, last = min(self.plan.made, *self.days, self.today), self.plan.wish.until
        monday = first - timedelta(days=first.weekday())
        weeks: list[tuple[str, list[date | None]]] = []
        for number in range((last - monday).days // 7 + 1):
            days = [monday + timedelta(days=7 * number + day) for day in range(7)]
            inside = [day if first <= day <= last else None for day in days]
            named = [day for day in inside if day and (day.day == 1 or not weeks)]
            weeks.append((f"{named[-1]:%b}" if named else "", inside))
        return weeks

    @property
    def missed(self) -> list[date]:
        """Return the past days on which something was left."""
        return [day for day, steps in self.days.items() if day < self.today and not all(step.done for step in steps)]

    @property
    def just_missed(self) -> list[date]:
        """Return the missed days that make the plan laid out just now another one than before."""
        return [day for day in self.missed if self.drawn_before and day >= self.drawn_before]

    @property
    def next_day(self) -> date | None:
        """Return the next day after today with something to do."""
        return min((day for day, steps in self.days.items() if day > self.today and steps), default=None)

    def as_json(self) -> dict:
        """Return all of it as plain data."""
        wish = self.plan.wish
        return {
            "until": wish.until.isoformat(),
            "minutes": wish.minutes,
            "weekdays": sorted(wish.weekdays),
            "katas": list(wish.katas),
            "left_out": list(self.plan.left_out),
            "days": {
                day.isoformat(): {
                    "state": self.sign(day),
                    "tasks": [{**step.task._asdict(), "done": step.done} for step in steps],
                }
                for day, steps in self.days.items()
            },
        }

    def sign(self, day: date) -> str:
        """Return what became of a day, in a word: done, partly, missed, planned, interview, free."""
        steps = self.days.get(day, ())
        if day == self.plan.wish.until:
            return "interview"
        if not steps:
            return "free"
        done = sum(step.done for step in steps)
        if done == len(steps):
            return "done"
        if day >= self.today:
            return "planned"
        return "partly" if done else "missed"


def make(history: History, wish: Wish, drawn: Draft) -> None:
    """Store a new plan in the place of the one before."""
    today = history.clock.today().isoformat()
    with history.transaction() as connection:
        connection.execute("UPDATE plans SET ended = ? WHERE ended IS NULL", (today,))
        number = connection.execute(
            "INSERT INTO plans (made, until, minutes, weekdays, katas, drawn, left_out) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(today, wish.until.isoformat(), wish.minutes, " ".join(map(str, sorted(wish.weekdays)))),
                *(" ".join(wish.katas), today, _paths(drawn)),
            ),
        ).lastrowid
        _store(connection, number, drawn)


def stop(history: History) -> bool:
    """End the plan; say whether there was one."""
    had = current(history) is not None
    with history.transaction() as connection:
        connection.execute("UPDATE plans SET ended = ? WHERE ended IS NULL", (history.clock.today().isoformat(),))
    return had


def current(history: History) -> Plan | None:
    """Return the plan that holds today: the last one, until the day of its interview is over."""
    query = f"SELECT {_COLUMNS} FROM plans WHERE ended IS NULL ORDER BY id DESC LIMIT 1"  # noqa: S608 - our own columns
    for number, made, until, minutes, weekdays, katas, drawn, left_out in history.read(query):
        dates = [at.date() for at in map(moment, (made, until, drawn)) if at]
        if len(dates) < 3 or dates[1] < history.clock.today():
            return None
        wish = Wish(dates[1], minutes, frozenset(map(int, weekdays.split())), tuple(katas.split()))
        return Plan(number, dates[0], wish, dates[2], tuple(left_out.split()))
    return None


def follow(history: History, catalog: Catalog) -> Following | None:
    """Return the plan and how it was followed; None if there is none.

    On each new day what is ahead is laid out afresh from where the person stands, so that what was missed finds another
    day. What was planned for past days stays as it was.
    """
    plan = current(history)
    if plan is None:
        return None
    today, redrawn, done = history.clock.today(), None, _Done(history)
    if plan.drawn != today:
        # A clock that was set back finds the days that it had: they are laid out from there again.
        since = max([plan.made, *done.interviews])
        drawn = draft(plan.wish, catalog.katas, today, history.solved(), marks(history), min(since, today))
        with history.transaction() as connection:
            connection.execute("DELETE FROM plan_tasks WHERE plan = ? AND day >= ?", (plan.id, today.isoformat()))
            connection.execute(
                "UPDATE plans SET drawn = ?, left_out = ? WHERE id = ?", (today.isoformat(), _paths(drawn), plan.id)
            )
            _store(connection, plan.id, drawn)
        plan, redrawn = current(history) or plan, plan.drawn
    known = {kata.path for kata in catalog.katas}
    days: dict[date, tuple[Step, ...]] = {}
    for at, kind, kata, amount in history.read(
        "SELECT day, kind, kata, amount FROM plan_tasks WHERE plan = ? ORDER BY day, place", plan.id
    ):
        day = moment(at)
        if day and (not kata or kata in known):
            task = Task(Kind(kind), kata, amount)
            marked = done.asked[day.date()] if task.kind is Kind.QUESTIONS else 0
            days[day.date()] = (*days.get(day.date(), ()), Step(task, done.has(task, day.date()), marked))
    return Following(plan, today, days, redrawn)


class _Done:
    """What was done on which day, read once."""

    def __init__(self, history: History) -> None:
        self.solved: dict[str, set[date]] = {}
        for kata, day in history.read("SELECT DISTINCT kata, day FROM attempts WHERE state = 'solved'"):
            if at := moment(day):
                self.solved.setdefault(kata, set()).add(at.date())
        self.repeated: dict[str, set[date]] = {}
        self.asked: Counter[date] = Counter()
        for item, given in marks(history).items():
            for at, _ in given:
                if item.question:
                    self.asked[local_day(at)] += 1
                else:
                    self.repeated.setdefault(item.kata, set()).add(local_day(at))
        self.interviews = interviews.days(history)

    def has(self, task: Task, day: date) -> bool:
        """Say whether a task was done by the end of its day."""
        match task.kind:
            case Kind.NEW:
                return any(solved <= day for solved in self.solved.get(task.kata, ()))
            case Kind.AGAIN:
                return day in self.solved.get(task.kata, set()) | self.repeated.get(task.kata, set())
            case Kind.QUESTIONS:
                return self.asked[day] >= task.amount
            case Kind.INTERVIEW:
                return day in self.interviews


def _store(connection: sqlite3.Connection, number: int, drawn: Draft) -> None:
    connection.executemany(
        "INSERT INTO plan_tasks (plan, day, place, kind, kata, amount) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, day.isoformat(), place, str(task.kind), task.kata, task.amount)
            for day, tasks in drawn.days.items()
            for place, task in enumerate(tasks)
        ],
    )


def _paths(drawn: Draft) -> str:
    return " ".join(kata.path for kata in drawn.left_out)
