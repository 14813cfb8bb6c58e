"""The `plan` command: what to do on each day until an interview."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import date

from katagrad.clock import SYSTEM, WEEKDAYS, Clock, day_text, in_days
from katagrad.katas.catalog import Catalog
from katagrad.record import plans
from katagrad.record.history import History
from katagrad.record.planner import Draft, Kind, Task, Wish, draft, minutes_for_all
from katagrad.record.plans import Following
from katagrad.record.schedule import marks
from katagrad.terminal import Terminal, command

MINUTES = 60
LEAST, MOST = 15, 600
# Days after today that are told without --all.
AHEAD = 7
# Katas without room whose names are told.
SHOWN_LEFT_OUT = 12
SIGNS = {"done": "+", "partly": "~", "missed": "x", "planned": ".", "interview": "!", "free": " "}
LEGEND = "+ done   ~ in part   x missed   . planned   ! interview"


class PlanError(ValueError):
    """What was asked for makes no plan."""


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Make a plan, change it, forget it, or tell what it says."""
    terminal, history = Terminal(), History(catalog.root, clock)
    try:
        if options.off:
            had = plans.stop(history)
            terminal.line("The plan is forgotten. What you solved and marked stays." if had else "There is no plan.")
        elif _asks(options):
            before = plans.current(history)
            _make(terminal, history, catalog, _wish(options, before, catalog, clock.today()), before)
        else:
            _tell(terminal, catalog, plans.follow(history, catalog), every=options.every)
    except PlanError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        terminal.notices(history.notices)
    return 0


def _asks(options: argparse.Namespace) -> bool:
    """Say whether a plan is to be made or changed."""
    return any((options.date, options.minutes is not None, options.days, options.topics, options.selection))


def _wish(options: argparse.Namespace, before: plans.Plan | None, catalog: Catalog, today: date) -> Wish:
    """Return what was asked for; what was not said stays as in the plan before."""
    if not (options.date or before):
        raise PlanError(f"Say when the interview is: {command('plan', '--date', '2027-01-20', '--minutes', '60')}")
    wish = Wish(
        until=_date(options.date, today) if options.date else before.wish.until,
        minutes=_minutes(options.minutes, before),
        weekdays=_weekdays(options.days) if options.days else before.wish.weekdays if before else frozenset(range(7)),
        katas=_katas(options, before, catalog),
    )
    if not wish.days(today):
        chosen = ", ".join(WEEKDAYS[day] for day in sorted(wish.weekdays))
        raise PlanError(
            f"No day of practice ({chosen}) lies between today and {_day(wish.until)}. "
            "Name more --days, or a later --date."
        )
    return wish


def _date(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise PlanError(
            f"--date {text!r} is no date. Write year, month and day: --date {today.year + 1}-01-20"
        ) from None
    if found <= today:
        raise PlanError(f"--date {text} is not after today ({today.isoformat()}). Name the day of the interview.")
    if found.year > today.year + 3:
        raise PlanError(f"--date {text} is more than three years off. Name a date that is nearer.")
    return found


def _minutes(asked: int | None, before: plans.Plan | None) -> int:
    if asked is None:
        return before.wish.minutes if before else MINUTES
    if not LEAST <= asked <= MOST:
        raise PlanError(f"--minutes {asked}: a day of practice has {LEAST} to {MOST} minutes.")
    return asked


def _weekdays(text: str) -> frozenset[int]:
    """Return the weekdays that a text such as mon,tue,thu names; Monday is 0."""
    found = set()
    for word in text.lower().replace(",", " ").split():
        if word[:3] not in (short := [name.lower() for name in WEEKDAYS]):
            raise PlanError(f"--days {text!r}: {word!r} is no day of the week. Write them as in --days mon,tue,thu")
        found.add(short.index(word[:3]))
    if not found:
        raise PlanError("--days names no day. Write them as in --days mon,tue,thu")
    return frozenset(found)


def _katas(options: argparse.Namespace, before: plans.Plan | None, catalog: Catalog) -> tuple[str, ...]:
    """Return the paths of the katas that were asked for, else those of the plan before, else all."""
    if options.selection:
        return tuple(kata.path for kata in catalog.selection(options.selection).katas)
    if options.topics:
        return tuple(kata.path for kata in catalog.select(options.topics))
    if before:
        return before.wish.katas
    return tuple(kata.path for kata in catalog.katas)


def _make(terminal: Terminal, history: History, catalog: Catalog, wish: Wish, before: plans.Plan | None) -> None:
    """Lay out the days, store them, and tell what they hold."""
    known = (catalog.katas, history.clock.today(), history.solved(), marks(history))
    drawn = draft(wish, *known)
    plans.make(history, wish, drawn)
    if before:
        terminal.line("This plan takes the place of the one before.", "dim")
    if drawn.left_out:
        _tell_left_out(terminal, drawn, minutes_for_all(wish, *known))
    _tell(terminal, catalog, plans.follow(history, catalog), every=False)


def _tell_left_out(terminal: Terminal, drawn: Draft, enough: int | None) -> None:
    new = sum(task.kind is Kind.NEW for tasks in drawn.days.values() for task in tasks)
    names = ", ".join(kata.name for kata in drawn.left_out[:SHOWN_LEFT_OUT])
    if len(drawn.left_out) > SHOWN_LEFT_OUT:
        names += f" and {len(drawn.left_out) - SHOWN_LEFT_OUT} more"
    terminal.line(f"Not all of it fits: {new} new katas do, {len(drawn.left_out)} do not.", "yellow")
    terminal.line(names, indent=2, label="left out: ")
    ways = [f"{enough} minutes a day"] if enough else []
    terminal.line(" or ".join([*ways, "fewer --topics", "a later --date"]), indent=2, label="to change that: ")
    terminal.line()


def _tell(terminal: Terminal, catalog: Catalog, following: Following | None, *, every: bool) -> None:
    """Print today's steps, the days ahead and the calendar."""
    if following is None:
        terminal.line("There is no plan. To make one, name the day of the interview and the minutes of a day:")
        terminal.line(command("plan", "--date", "2027-01-20", "--minutes", "60"), indent=2, wrap=False)
        return
    wish, today = following.plan.wish, following.today
    terminal.line(f"Interview on {_day(wish.until)}, {in_days((wish.until - today).days)}", "bold")
    days = (
        ", ".join(WEEKDAYS[day] for day in sorted(wish.weekdays)) if len(wish.weekdays) < len(WEEKDAYS) else "every day"
    )
    terminal.line(f"{wish.minutes} minutes a day, {days}; {_scope(following, len(catalog.katas))}", indent=2)
    tell_changes(terminal, following)
    terminal.line()
    tell_today(terminal, following)
    _tell_ahead(terminal, following, every=every)
    terminal.line()
    tell_calendar(terminal, following)


def _scope(following: Following, total: int) -> str:
    """Return how many katas the plan holds, and how many had no room."""
    left_out = len(following.plan.left_out)
    scope = f"{len(following.plan.wish.katas) - left_out} of {total} katas"
    return f"{scope}, {left_out} left out" if left_out else scope


def tell_changes(terminal: Terminal, following: Following) -> None:
    """Say once a day what was missed, and that the days ahead were laid out afresh."""
    if count := len(following.just_missed):
        terminal.line(
            f"{count} day{'s' * (count > 1)} went otherwise than planned: the plan was laid out afresh from today.",
            "yellow",
        )


def tell_today(terminal: Terminal, following: Following) -> None:
    """Print the steps of today, and the command of the first that is open."""
    steps = following.steps
    if not steps:
        is_over = following.today == following.plan.wish.until
        terminal.line("The interview is today." if is_over else "Nothing is planned for today.", "bold")
        return
    done = len(steps) - len(following.open_steps)
    terminal.line(f"Today: {done} of {len(steps)} done, {sum(step.task.amount for step in steps)} minutes", "bold")
    for step in steps:
        sign, style = ("+ ", "green") if step.done else (". ", "")
        so_far = f", {step.marked} marked" if step.marked and not step.done else ""
        terminal.line(f"{step.task.sentence}{so_far}", style, indent=2, label=sign)
    if following.open_steps:
        terminal.line(_command(following.open_steps[0].task), indent=4, wrap=False)
    else:
        terminal.line("All of today's plan is done.", "green", indent=2)


def tell_next_day(terminal: Terminal, following: Following) -> None:
    """Print what the plan has for the next day of practice, if there is one."""
    if day := following.next_day:
        terminal.line(_sentence(following.tasks_of(day)), label=f"{_short(day)}: ")


def _tell_ahead(terminal: Terminal, following: Following, *, every: bool) -> None:
    ahead = [day for day, steps in following.days.items() if day > following.today and steps]
    shown = ahead if every else ahead[:AHEAD]
    if shown:
        terminal.line()
    for day in shown:
        terminal.line(_sentence(following.tasks_of(day)), label=f"{_short(day)}  ")
    if len(ahead) > len(shown):
        terminal.line(f"and {len(ahead) - len(shown)} more days: {command('plan', '--all')}", "dim")


def tell_calendar(terminal: Terminal, following: Following) -> None:
    """Print the weeks of the plan, each day with its sign."""
    rows = [("", *(name[:2] for name in WEEKDAYS))]
    for month, week in following.weeks():
        rows.append((month, *(f"{day.day:2}{SIGNS[following.sign(day)]}" if day else "" for day in week)))
    terminal.columns([tuple(cell.ljust(3) for cell in row) for row in rows], indent=2)
    terminal.line(LEGEND, "dim", indent=2)


def _command(task: Task) -> str:
    match task.kind:
        case Kind.QUESTIONS:
            return command("review")
        case Kind.INTERVIEW:
            return command("interview", "--minutes", str(task.amount))
        case _:
            return command("practice", task.kata.rpartition("/")[2])


def _sentence(tasks: Sequence[Task]) -> str:
    """Return the tasks of a day in one line."""
    parts = {kind: [task for task in tasks if task.kind is kind] for kind in Kind}
    said = [
        *(f"interview {task.amount} min" for task in parts[Kind.INTERVIEW]),
        *([_names(parts[Kind.NEW])] if parts[Kind.NEW] else []),
        *([f"again {_names(parts[Kind.AGAIN])}"] if parts[Kind.AGAIN] else []),
        *(task.sentence for task in parts[Kind.QUESTIONS]),
    ]
    return "; ".join(said)


def _names(tasks: Iterable[Task]) -> str:
    return ", ".join(task.kata.rpartition("/")[2] for task in tasks)


def _day(day: date) -> str:
    return f"{day:%A} {day_text(day)}"


def _short(day: date) -> str:
    return f"{day:%a} {day.day:2} {day:%b}"
