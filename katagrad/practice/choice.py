"""Chooses the katas and the questions of an interview."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from katagrad.katas.kata import LEVELS, Followup, Kata
from katagrad.record import sessions
from katagrad.record.history import History
from katagrad.record.interview import QUESTION_SECONDS
from katagrad.record.schedule import Item, Schedule
from katagrad.record.sessions import Ending

QUESTIONS = 2
# Minutes for the questions about one kata.
ASKING = QUESTIONS * QUESTION_SECONDS / 60


class NothingFitsError(ValueError):
    """No katas meet what was asked for; the message says what would."""


@dataclass(frozen=True)
class Wish:
    """What a person asks for: so many katas in so many minutes, out of the katas that they named."""

    minutes: int
    count: int
    seed: int
    difficulty: str | None = None


def choose(history: History, katas: Sequence[Kata], wish: Wish) -> list[tuple[Kata, list[Followup]]]:
    """Return katas whose par times fit, unsolved or due ones first, and two questions about each.

    No two are of one topic, unless all katas that were named are.

    Raises
    ------
    NothingFitsError
        With what would fit.
    """
    schedule, chance = Schedule(history), random.Random(wish.seed)  # noqa: S311 - no secret
    pool = [kata for kata in katas if wish.difficulty in (None, kata.difficulty)]
    if not katas:
        raise NothingFitsError("The selection has no kata of these topics. Name others, or leave out one of the two.")
    if not pool:
        raise NothingFitsError(_other_difficulties(katas, wish))
    of_one_topic = len({kata.topic for kata in katas}) == 1
    mixed = chance.sample(pool, len(pool))
    first = _first(history, schedule, mixed)
    others = [kata for kata in mixed if kata not in first]
    chosen = _fitting(first, wish, of_one_topic) or _fitting([*first, *others], wish, of_one_topic)
    if not chosen:
        raise NothingFitsError(_what_would_fit(pool, wish, of_one_topic))
    return [(kata, _questions(schedule, kata, chance)) for kata in chosen]


def choose_up_to(history: History, katas: Sequence[Kata], wish: Wish) -> list[tuple[Kata, list[Followup]]]:
    """Return as many katas as fit, at most so many as are wished for.

    Raises
    ------
    NothingFitsError
        If not even one fits.
    """
    try:
        return choose(history, katas, wish)
    except NothingFitsError:
        if wish.count == 1:
            raise
    return choose_up_to(history, katas, replace(wish, count=wish.count - 1))


def _first(history: History, schedule: Schedule, katas: Sequence[Kata]) -> list[Kata]:
    """Return the katas that are unsolved or due, without those that are under way in a practice session."""
    solved = history.solved()
    under_way = {one.kata for one in sessions.sessions(history) if one.outcome is Ending.OPEN}
    open_ones = [kata for kata in katas if kata.path not in solved or schedule.is_due(Item(kata.path))]
    return [kata for kata in open_ones if kata.path not in under_way]


def _questions(schedule: Schedule, kata: Kata, chance: random.Random) -> list[Followup]:
    """Return some of a kata's questions: those that are due or were never marked before others."""
    mixed = chance.sample(kata.followups, len(kata.followups))
    known = [Item(kata.path, each.question) for each in mixed]
    later = [schedule.due_date(item) is not None and not schedule.is_due(item) for item in known]
    return [mixed[place] for place in sorted(range(len(mixed)), key=later.__getitem__)[:QUESTIONS]]


def _fitting(katas: Sequence[Kata], wish: Wish, of_one_topic: bool) -> list[Kata]:
    """Return as many katas as are wanted, the first ones that leave enough time for the rest; none if none do."""
    chosen: list[Kata] = []
    left, budget = [*katas], wish.minutes - ASKING * wish.count
    while len(chosen) < wish.count:
        for kata in left:
            rest = [other for other in left if other != kata and (of_one_topic or other.topic != kata.topic)]
            if kata.minutes + _least(rest, wish.count - len(chosen) - 1, of_one_topic) <= budget:
                break
        else:
            return []
        chosen.append(kata)
        left, budget = rest, budget - kata.minutes
    return chosen


def _least(katas: Iterable[Kata], count: int, of_one_topic: bool) -> float:
    """Return the smallest sum of that many par times, no two of a topic; infinity if there are too few katas."""
    shortest: dict[str, int] = {}
    for kata in katas:
        group = kata.path if of_one_topic else kata.topic
        shortest[group] = min(kata.minutes, shortest.get(group, kata.minutes))
    return sum(sorted(shortest.values())[:count]) if len(shortest) >= count else float("inf")


def _other_difficulties(katas: Sequence[Kata], wish: Wish) -> str:
    """Return which difficulties there are, where there is none of those asked for."""
    there = sorted({kata.difficulty for kata in katas}, key=LEVELS.index)
    return f"No kata among these is {wish.difficulty}. Use --difficulty {' or '.join(there)}, or other topics."


def _what_would_fit(pool: Sequence[Kata], wish: Wish, of_one_topic: bool) -> str:
    """Return why no katas fit, and the options with which some would."""
    times = {count: _least(pool, count, of_one_topic) + ASKING * count for count in range(1, wish.count + 1)}
    possible = [count for count, minutes in times.items() if minutes < float("inf")]
    if wish.count not in possible:
        why = "" if of_one_topic else ", as no two are of one topic"
        most = possible[-1]
        many = f"{wish.count} katas are too many: only {most} can be chosen here{why}."
        return f"{many} Use --katas {most}, or other topics."
    fewer = [f"--katas {count}" for count in possible if times[count] <= wish.minutes][-1:]
    needed = f"{times[wish.count]:.0f}"
    return (
        f"An interview with {wish.count} kata{'s' * (wish.count > 1)} takes at least {needed} minutes here, "
        f"{ASKING:.0f} of them for the questions about each kata. Use {' or '.join([f'--minutes {needed}', *fewer])}."
    )
