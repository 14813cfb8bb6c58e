"""The `progress` command: what is solved, how fast, and what is due, as a table, a chart, JSON or a page."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from katagrad.clock import SYSTEM, Clock, day_text, duration, in_days, local_day
from katagrad.commands.plan import tell_calendar, tell_changes
from katagrad.katas.catalog import Catalog
from katagrad.page.document import NotWrittenError, write
from katagrad.page.page import page
from katagrad.record.history import History
from katagrad.record.plans import Following, follow
from katagrad.record.sessions import Ending, Session
from katagrad.record.summary import Standing, Summary, summary
from katagrad.terminal import Terminal, command

HEAD = ("", "state", "best", "par", "last", "due")
LONGEST_TREND = 12
WIDEST_BAR = 40


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Tell how far the katas are that were named, all for no names."""
    terminal, history = Terminal(), History(catalog.root, clock)
    found = summary(history, catalog, options.names)
    following = None if options.names else follow(history, catalog)
    if options.html:
        try:
            write(Path(options.html), page(found, following))
        except NotWrittenError as error:
            terminal.line(str(error), "red")
            return 1
        terminal.line(options.html, "dim", label="written: ", wrap=False)
    elif options.json:
        plan = following.as_json() if following else None
        sys.stdout.write(json.dumps({**found.as_json(), "plan": plan}, indent=2) + "\n")
    else:
        _table(terminal, catalog, found, every=bool(options.names))
        if len(found.standings) == 1:
            _trend(terminal, found.standings[0])
        _totals(terminal, found)
        if following:
            _plan(terminal, following)
    if not options.json:
        terminal.notices(history.notices)
    return 0


def _table(terminal: Terminal, catalog: Catalog, found: Summary, *, every: bool) -> None:
    """Print a line for every kata that was begun, or for `every` one, by topic, all in the same columns."""
    shown = [standing for standing in found.standings if every or standing.is_begun]
    _rows(terminal, catalog, found, shown)
    left = len(found.standings) - len(shown)
    if left:
        terminal.line(f"{left} not begun: {command('list', '--state', 'new')}", "dim")


def _rows(terminal: Terminal, catalog: Catalog, found: Summary, shown: Sequence[Standing]) -> None:
    if not shown:
        return
    rows = {standing.kata.path: _row(standing, found) for standing in shown}
    widths = [max(map(len, column)) for column in zip(HEAD, *rows.values(), strict=True)]
    terminal.columns([_padded(HEAD, widths)], indent=2, style="dim")
    for topic in catalog.topics:
        here = [standing for standing in shown if standing.kata.topic == topic.name]
        if here:
            total = [standing for standing in found.standings if standing.kata.topic == topic.name]
            terminal.line(f"{topic.name}   {sum(standing.is_solved for standing in total)}/{len(total)}", "bold")
        for standing in here:
            style = "yellow" if standing.is_due else "green" if standing.is_solved else ""
            terminal.columns([_padded(rows[standing.kata.path], widths)], indent=2, style=style)


def _row(standing: Standing, found: Summary) -> tuple[str, ...]:
    best = duration(standing.best) if standing.best is not None else ""
    last = local_day(standing.last).isoformat() if standing.last else ""
    # Overdue is due: for how long says nothing about what to do.
    due = in_days(max(0, (standing.due - found.today).days)) if standing.due else ""
    return standing.kata.name, standing.state, best, duration(standing.par), last, due


def _padded(row: Iterable[str], widths: list[int]) -> tuple[str, ...]:
    return tuple(cell.ljust(width) for cell, width in zip(row, widths, strict=True))


def _totals(terminal: Terminal, found: Summary) -> None:
    strict = f", {found.strict} strict" if found.solved else ""
    terminal.line(f"{found.solved} of {len(found.standings)} solved{strict}", "bold")
    if found.due:
        terminal.line(f"{found.due} due: {command('practice')}", "yellow")
    if found.questions_due:
        due = f"{found.questions_due} question{'s' * (found.questions_due > 1)} due"
        terminal.line(f"{due}: {command('review')}", "yellow")


def _plan(terminal: Terminal, following: Following) -> None:
    """Print the calendar of the plan under what it comes to."""
    terminal.line()
    past = [day for day, steps in following.days.items() if day < following.today and steps]
    kept = sum(following.sign(day) == "done" for day in past)
    so_far = f": {kept} of {len(past)} past day{'s' * (len(past) > 1)} done" if past else ""
    terminal.line(f"Plan until {day_text(following.plan.wish.until)}{so_far}", "bold")
    tell_changes(terminal, following)
    tell_calendar(terminal, following)


def _trend(terminal: Terminal, standing: Standing) -> None:
    """Print the times of a kata as bars, oldest first, par as a line through them."""
    if not standing.times:
        terminal.line(f"No time yet: {command('practice', standing.kata.name)}", "dim", indent=2)
        return
    shown = standing.times[-LONGEST_TREND:]
    scale = WIDEST_BAR / max([standing.par, *(one.seconds for one in shown)])
    terminal.line(f"times of {standing.kata.name}, | is par {duration(standing.par)}", "bold")
    for one in shown:
        terminal.columns([_bar(one, standing, scale)], indent=2)


def _bar(one: Session, standing: Standing, scale: float) -> tuple[str, ...]:
    solid = "\u2588" if _draws() else "#"
    length, par = round(one.seconds * scale), min(round(standing.par * scale), WIDEST_BAR - 1)
    cells = [solid if place < length else " " for place in range(WIDEST_BAR)]
    cells[par] = "|"
    gave_up = one.outcome is Ending.GAVE_UP
    note = "gave up" if gave_up else "best" if one.seconds == standing.best else ""
    return local_day(one.ended).isoformat(), f"{duration(one.seconds):>7}", "".join(cells), note


def _draws() -> bool:
    """Say whether what reads the output takes block characters."""
    try:
        "\u2588".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
