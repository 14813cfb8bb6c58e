"""Lays out the days until an interview: new katas, repetitions, questions and mock interviews within a day's minutes.

Nothing here knows of a file: what was solved and marked comes in, a draft comes out. Repetitions to come are foreseen
by the same scheduler that will ask for them, as if everything went well.
"""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from katagrad.clock import local_day
from katagrad.katas.catalog import Kata
from katagrad.record.schedule import Item, Mark, due_after

# What a day holds besides new katas, in minutes: a question, and a mock interview at least and at most.
QUESTION = 1
SHORTEST_INTERVIEW, LONGEST_INTERVIEW = 30, 45
# Days from the beginning, or from one mock interview, to the next at least.
NEAREST_INTERVIEW = 4
MOST_QUESTIONS = 10
# So many days before the interview bring nothing new.
LAST_DAYS = 2
# Days at which a plan asks for more minutes are looked for up to here, in such steps.
MOST_MINUTES, STEP = 480, 5

Marks = Mapping[Item, Sequence[tuple[datetime, Mark]]]


class Kind(StrEnum):
    """What there is to do."""

    INTERVIEW = "interview"
    AGAIN = "again"
    QUESTIONS = "questions"
    NEW = "new"


class Task(NamedTuple):
    """One thing to do: a kata by its path, so many questions, or an interview of so many minutes."""

    kind: Kind
    kata: str = ""
    amount: int = 0

    @property
    def sentence(self) -> str:
        """Return it as one says it."""
        match self.kind:
            case Kind.NEW:
                return f"{self.kata}, new, {self.amount} min"
            case Kind.AGAIN:
                return f"{self.kata}, again, {self.amount} min"
            case Kind.QUESTIONS:
                return f"{self.amount} question{'s' * (self.amount > 1)}"
            case Kind.INTERVIEW:
                return f"a mock interview, {self.amount} min"


@dataclass(frozen=True)
class Wish:
    """What a person asked for: the date, minutes a day, on which weekdays (Monday is 0), and the katas by path.

    Katas that are not in study order are in an order of their own, the most important first.
    """

    until: date
    minutes: int
    weekdays: frozenset[int]
    katas: tuple[str, ...]

    def days(self, today: date) -> list[date]:
        """Return the days of practice from today on, the day of the interview left out."""
        span = (today + timedelta(days=number) for number in range((self.until - today).days))
        return [day for day in span if day.weekday() in self.weekdays]


@dataclass(frozen=True)
class Draft:
    """What to do on each day, and what does not fit, in study order."""

    days: Mapping[date, tuple[Task, ...]]
    left_out: tuple[Kata, ...] = ()


@functools.lru_cache(maxsize=2**16)
def _due_day(given: tuple[tuple[datetime, Mark], ...]) -> date:
    """Return the day on which something with these marks is due: plans that are tried in turn ask the same again."""
    return local_day(due_after(given))


@dataclass
class _Person:
    """Where the person will stand, day by day."""

    solved: set[str]
    marks: dict[Item, list[tuple[datetime, Mark]]]
    due: dict[Item, date] = field(init=False)

    def __post_init__(self) -> None:
        self.due = {item: _due_day(tuple(given)) for item, given in self.marks.items()}

    def does(self, item: Item, day: date) -> None:
        """Take down that something went well at noon of a day."""
        given = self.marks.setdefault(item, [])
        given.append((datetime.combine(day, time(12), UTC), Mark.GOOD))
        self.due[item] = _due_day(tuple(given))

    def to_repeat(self, katas: Iterable[Kata], day: date, *, early: bool) -> list[Kata]:
        """Return the katas that are due, the longest overdue first; those before their time, too, if it is `early`.

        What was done on the day before is not repeated before its time.
        """

        def is_wanted(item: Item) -> bool:
            if item not in self.due:
                return False
            rested = local_day(self.marks[item][-1][0]) < day - timedelta(days=1)
            return self.due[item] <= day or (early and rested)

        wanted = [kata for kata in katas if is_wanted(Item(kata.path))]
        return sorted(wanted, key=lambda kata: self.due[Item(kata.path)])


def draft(
    wish: Wish,
    katas: Sequence[Kata],
    today: date,
    solved: Iterable[str],
    marks: Marks,
    since: date | None = None,
) -> Draft:
    """Return what to do on each day until the interview, with as many of the wished katas as fit.

    What does not fit is left out from the end of each topic, so that no topic is lost as a whole.

    Parameters
    ----------
    wish : what the person asked for
    katas : all katas there are, in study order
    today : the first day that may be used
    solved : the paths of the katas that were solved
    marks : the marks of katas and questions so far
    since : the day of the last mock interview, or that on which the plan was made; today if None
    """
    study_order = [kata.path for kata in katas if kata.path in set(wish.katas)]
    by_path = {kata.path: kata for kata in katas}
    katas = [by_path[path] for path in wish.katas if path in by_path]
    solved = set(solved)
    new = [kata for kata in katas if kata.path not in solved]
    new = _after_required(_by_place_in_topic(new) if study_order == [kata.path for kata in katas] else new)

    def laid(count: int) -> dict[date, tuple[Task, ...]] | None:
        kept = set(new[:count])
        person = _Person(set(solved), {item: list(given) for item, given in marks.items()})
        return _lay(wish, katas, [kata for kata in katas if kata in kept], today, person, since or today)

    fits, too_many = 0, len(new) + 1
    days = laid(len(new))
    if days is not None:
        return Draft(days)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if laid(middle) is not None else (fits, middle)
    left_out = set(new[fits:])
    return Draft(laid(fits) or {}, tuple(kata for kata in katas if kata in left_out))


def minutes_for_all(wish: Wish, katas: Sequence[Kata], today: date, solved: Iterable[str], marks: Marks) -> int | None:
    """Return how many minutes a day everything that was wished for would take; None if no day is long enough."""
    solved = set(solved)
    steps = range(wish.minutes + STEP - wish.minutes % STEP, MOST_MINUTES + 1, STEP)
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        enough = not draft(replace(wish, minutes=steps[middle]), katas, today, solved, marks).left_out
        low, high = (low, middle) if enough else (middle + 1, high)
    return steps[low] if low < len(steps) else None


def _by_place_in_topic(katas: Sequence[Kata]) -> list[Kata]:
    """Return katas so that any first ones are spread over the topics: the first of each come first."""
    topics: dict[str, list[Kata]] = {}
    for kata in katas:
        topics.setdefault(kata.topic, []).append(kata)
    return sorted(katas, key=lambda kata: topics[kata.topic].index(kata) / len(topics[kata.topic]))


def _after_required(katas: Sequence[Kata]) -> list[Kata]:
    """Return katas in their order, but each after those of them that it requires."""
    by_path = {kata.path: kata for kata in katas}
    order: dict[Kata, None] = {}

    def add(kata: Kata, above: frozenset[str]) -> None:
        for path in kata.requires:
            if path in by_path and path not in above:
                add(by_path[path], above | {path})
        order.setdefault(kata)

    for kata in katas:
        add(kata, frozenset({kata.path}))
    return list(order)


def _lay(
    wish: Wish, katas: Sequence[Kata], new: Sequence[Kata], today: date, person: _Person, since: date
) -> dict[date, tuple[Task, ...]] | None:
    """Return the tasks of each day; None if not all new katas find a day."""
    days, left = wish.days(today), list(new)
    last = set(days[len(days) - min(LAST_DAYS, len(days) - 1) :]) if days else set()
    interviews = _interviews(wish, [day for day in days if day not in last], since)
    laid, waiting = {}, False
    for day in days:
        ahead = [] if day in last else left
        laid[day], begun = _day(
            wish, katas, ahead, day, person, interviews.get(day, 0), waiting=waiting, is_last=day in last
        )
        left = [kata for kata in left if kata.path not in begun]
        waiting = bool(ahead) and not begun
    return None if left else laid


def _interviews(wish: Wish, days: Sequence[date], since: date) -> dict[date, int]:
    """Return the days of mock interviews, each the last of its week and not near the one before, with minutes."""
    if wish.minutes < SHORTEST_INTERVIEW:
        return {}
    chosen: list[date] = []
    for day in {day.isocalendar()[:2]: day for day in days}.values():
        if (day - since).days >= NEAREST_INTERVIEW:
            chosen.append(day)
            since = day
    return dict.fromkeys(chosen, min(wish.minutes, LONGEST_INTERVIEW))


def _day(
    wish: Wish,
    katas: Sequence[Kata],
    ahead: Sequence[Kata],
    day: date,
    person: _Person,
    interview: int,
    *,
    waiting: bool,
    is_last: bool,
) -> tuple[tuple[Task, ...], set[str]]:
    """Return the tasks of one day, and the new katas among them; the person is taken to have done them.

    `waiting` says that no new kata had room the day before, `is_last` that the day is for repetition only.
    """
    rest = wish.minutes - interview
    asked = _questions(katas, day, person)[: max(0, rest // QUESTION)]
    rest -= QUESTION * len(asked)
    # New katas come first where none had room the day before; else repetitions do, up to half of the day.
    begun: list[Kata] = []
    if waiting:
        begun, rest = _begin(wish, ahead, rest, person, alone=not interview)
    share = rest if not ahead else min(rest, wish.minutes // 2)
    repeated: list[Kata] = []
    for kata in person.to_repeat(katas, day, early=is_last):
        if repetition(kata) <= share:
            repeated.append(kata)
            share -= repetition(kata)
            rest -= repetition(kata)
    if not waiting:
        begun, rest = _begin(wish, ahead, rest, person, alone=not (interview or repeated))
    if any(kata.minutes > wish.minutes for kata in begun):
        asked = []  # a kata that is longer than the day has it to itself
    for kata in (*repeated, *begun):
        person.does(Item(kata.path), day)
    for item in asked:
        person.does(item, day)
    tasks = [
        *([Task(Kind.INTERVIEW, amount=interview)] if interview else []),
        *(Task(Kind.AGAIN, kata.path, repetition(kata)) for kata in repeated),
        *(Task(Kind.NEW, kata.path, kata.minutes) for kata in begun),
        *([Task(Kind.QUESTIONS, amount=len(asked))] if asked else []),
    ]
    return tuple(tasks), {kata.path for kata in begun}


def repetition(kata: Kata) -> int:
    """Return the minutes that a kata takes whoever has solved it before: half of par."""
    return math.ceil(kata.minutes / 2)


def _questions(katas: Sequence[Kata], day: date, person: _Person) -> list[Item]:
    """Return the questions of a day: due ones, then new ones of solved katas."""
    items = [
        Item(kata.path, asked.question) for kata in katas if kata.path in person.solved for asked in kata.followups
    ]
    due = sorted((item for item in items if item in person.due and person.due[item] <= day), key=person.due.__getitem__)
    return [*due, *(item for item in items if item not in person.due)][:MOST_QUESTIONS]


def _begin(wish: Wish, ahead: Sequence[Kata], rest: int, person: _Person, *, alone: bool) -> tuple[list[Kata], int]:
    """Return the new katas that a day has room for, in study order, and the minutes that are left.

    A kata that is longer than a whole day gets a day of its own.
    """
    begun: list[Kata] = []
    missing = {kata.path for kata in ahead}
    for kata in ahead:
        is_whole_day = kata.minutes > wish.minutes and alone and not begun
        if (kata.minutes <= rest or is_whole_day) and not missing & set(kata.requires):
            begun.append(kata)
            missing.discard(kata.path)
            person.solved.add(kata.path)
            rest = max(0, rest - kata.minutes)
    return begun, rest
