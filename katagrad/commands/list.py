"""The `list` command: the katas as a table, found by words and narrowed down by options."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, compress, groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from katagrad.clock import SYSTEM, Clock
from katagrad.katas.catalog import Catalog, Selection
from katagrad.katas.kata import LEVELS
from katagrad.record.history import History
from katagrad.record.summary import Standing, Summary, summary
from katagrad.terminal import Terminal, command

ABOUT = "what it is"
HEAD = ("kata", ABOUT, "level", "min", "state", "due")
NUMBERS = {"min", "due"}
GAP = 2
# Lines that another program reads are not cut.
WIDEST_IN_A_PIPE = 1000
STATES: dict[str, Callable[[Standing], bool]] = {
    "new": lambda standing: not standing.is_begun,
    "started": lambda standing: standing.is_begun and not standing.is_solved,
    "unsolved": lambda standing: not standing.is_solved,
    "solved": lambda standing: standing.is_solved,
    "strict": lambda standing: standing.is_strict,
    "due": lambda standing: standing.is_due,
}


@dataclass(frozen=True)
class Found:
    """The katas to show, in order, and what there is to say of the search for words.

    Attributes
    ----------
    mentioned : how many more have the words in their statement or questions only
    in_part : whether no kata has all of the words, and these have some
    """

    standings: tuple[Standing, ...]
    mentioned: int = 0
    in_part: bool = False


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Print the katas, or the selections, that were asked for; return 1 if there are none."""
    terminal, history = Terminal(), History(catalog.root, clock)
    if len(options.words) == 1 and options.words[0].lower() in LEVELS:
        options.difficulty = [*(options.difficulty or ()), options.words.pop().lower()]
    everything = summary(history, catalog)
    if options.selections:
        if options.json:
            _write({"selections": [_selection_as_json(selection) for selection in catalog.selections]})
        else:
            _tell_selections(terminal, catalog, everything)
        return 0
    selection = catalog.selection(options.selection) if options.selection else None
    chosen = _chosen(options, catalog, everything, selection)
    found = _search(catalog, " ".join(options.words), chosen, every=options.every or options.json)
    if options.json:
        _write({"katas": [_as_json(standing) for standing in found.standings]})
        return int(not found.standings)
    if found.standings:
        _tell(terminal, options, catalog, found, selection, everything.today)
    else:
        _tell_nothing(terminal, options, catalog)
    terminal.notices(history.notices)
    return int(not found.standings)


def _chosen(
    options: argparse.Namespace, catalog: Catalog, everything: Summary, selection: Selection | None
) -> list[Standing]:
    """Return the katas that the options leave, in the order of the selection, or of study."""
    topics = {catalog.topic(name).name for name in options.topic or ()}
    by_kata = {standing.kata: standing for standing in everything.standings}
    return [
        by_kata[kata]
        for kata in (selection.katas if selection else catalog.katas)
        if (not topics or kata.topic in topics)
        and kata.difficulty in (options.difficulty or (kata.difficulty,))
        and (options.max_minutes is None or kata.minutes <= options.max_minutes)
        and (not options.state or any(STATES[state](by_kata[kata]) for state in options.state))
    ]


def _search(catalog: Catalog, words: str, chosen: Sequence[Standing], *, every: bool) -> Found:
    """Return those of the chosen katas that have the words, the best matches first; all if there are no words."""
    if not words:
        return Found(tuple(chosen))
    by_kata = {standing.kata: standing for standing in chosen}
    hits = [hit for hit in catalog.index.search(words) if hit.kata in by_kata]
    about = [hit for hit in hits if hit.is_about]
    shown = hits if every or not about else about
    in_part = bool(hits) and not hits[0].is_full
    return Found(tuple(by_kata[hit.kata] for hit in shown), mentioned=len(hits) - len(shown), in_part=in_part)


def _write(found: dict) -> None:
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def _tell(
    terminal: Terminal,
    options: argparse.Namespace,
    catalog: Catalog,
    found: Found,
    selection: Selection | None,
    today: date,
) -> None:
    """Print the katas, and below them how many there are and how to see others."""
    words = " ".join(options.words)
    if selection:
        terminal.line(f"{selection.title}: {selection.audience}", "bold")
    if found.in_part:
        terminal.line(f"No kata has all of the words {words!r}. These have some of them:")
    if words or selection:
        _table(terminal, {("", ""): found.standings}, today)
    else:
        about = {topic.name: topic.about for topic in catalog.topics}
        topics = groupby(found.standings, key=lambda standing: standing.kata.topic)
        _table(terminal, {(name, about[name]): list(standings) for name, standings in topics}, today)
    terminal.line(_totals(found.standings), "bold")
    if found.mentioned:
        more = f"{found.mentioned} more mention{'s' * (found.mentioned == 1)} it"
        terminal.line(f"{more}: {_list(*options.words, '--all')}", "dim", wrap=False)
    if words:
        _tell_selection_named(terminal, words, catalog)
    elif not any(_filters(options)):
        terminal.line(f"Find some: {_list('softmax')}", "dim")
        terminal.line(f"Ready-made selections: {_list('--selections')}", "dim")


def _totals(standings: Sequence[Standing]) -> str:
    """Return how many katas there are, how long they take, and how many are solved and due."""
    minutes = sum(standing.kata.minutes for standing in standings)
    solved, due = sum(one.is_solved for one in standings), sum(one.is_due for one in standings)
    text = f"{len(standings)} kata{'s' * (len(standings) != 1)}, {_hours(minutes)}, {solved} solved"
    return f"{text}, {due} due" if due else text


def _hours(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _tell_nothing(terminal: Terminal, options: argparse.Namespace, catalog: Catalog) -> None:
    """Say that no kata is left, and what there is instead."""
    words = " ".join(options.words)
    about = f" on {words!r}" if words else ""
    without = len(catalog.index.search(words)) if words else len(catalog.katas)
    if without:
        terminal.line(f"There is no kata{about} with: {', '.join(_filters(options))}.")
        number = "is 1" if without == 1 else f"are {without}"
        terminal.line(f"Without these options there {number}: {_list(*options.words)}", wrap=False)
    else:
        terminal.line(f"There is no kata{about}. {catalog.index.suggestion(words)}")
        _tell_selection_named(terminal, words, catalog)


def _filters(options: argparse.Namespace) -> Iterator[str]:
    """Yield the options that leave out katas, in words."""
    for name in ("topic", "difficulty", "state"):
        if values := getattr(options, name):
            yield f"{name} {' or '.join(values)}"
    if options.max_minutes is not None:
        yield f"at most {options.max_minutes} min"
    if options.selection:
        yield f"selection {options.selection}"


def _tell_selection_named(terminal: Terminal, words: str, catalog: Catalog) -> None:
    """Say how to see the selection whose name or title was taken for words to find, if there is one."""
    for selection in catalog.selections:
        if words.lower() in (selection.name, selection.title.lower()):
            terminal.line(f"Selection: {_list('--selection', selection.name)}", "dim")


def _list(*arguments: str) -> str:
    """Return this command with other arguments, as it can be pasted into a shell."""
    return command("list", *map(shlex.quote, arguments))


def _table(terminal: Terminal, groups: Mapping[tuple[str, str], Sequence[Standing]], today: date) -> None:
    """Print a line for each kata, below its group's name and what that is; a column with nothing in it is left out.

    On a terminal a description is cut where its line would not fit.
    """
    rows = {heading: [_row(standing, today) for standing in standings] for heading, standings in groups.items()}
    used = [any(cells) for cells in zip(*chain.from_iterable(rows.values()), strict=True)]
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    for heading in compress(HEAD, used):
        table.add_column(_cell(heading), justify="right" if heading in NUMBERS else "left", no_wrap=heading != ABOUT)
    for heading, group in groups.items():
        if any(heading):
            table.add_row(*map(_cell, heading), style="bold")
        for standing, row in zip(group, rows[heading], strict=True):
            style = "yellow" if standing.is_due else "green" if standing.is_solved else ""
            table.add_row(*map(_cell, compress(row, used)), style=style)
    here = terminal.console
    console = here if terminal.interactive else Console(file=here.file, width=WIDEST_IN_A_PIPE)
    console.print(table)


def _cell(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _row(standing: Standing, today: date) -> tuple[str, ...]:
    kata = standing.kata
    return kata.name, kata.about, kata.difficulty, str(kata.minutes), _state(standing), _due(standing, today)


def _state(standing: Standing) -> str:
    """Return how far a kata is, in one word."""
    if standing.is_strict:
        return "strict"
    return standing.state.removesuffix(" rules") if standing.is_begun else ""


def _due(standing: Standing, today: date) -> str:
    """Return in how many days a kata is due; overdue is due today."""
    if standing.is_due:
        return "today"
    return f"{(standing.due - today).days} d" if standing.due else ""


def _tell_selections(terminal: Terminal, catalog: Catalog, everything: Summary) -> None:
    """Print the ready-made selections, and whom each is for."""
    solved = {standing.kata for standing in everything.standings if standing.is_solved}
    for selection in catalog.selections:
        done = sum(kata in solved for kata in selection.katas)
        totals = f"{len(selection.katas)} katas, {_hours(selection.minutes)}, {done} solved"
        terminal.line(f"{selection.title}   {totals}", "bold")
        terminal.line(selection.audience, indent=2)
        terminal.line(_list("--selection", selection.name), "dim", indent=2)


def _selection_as_json(selection: Selection) -> dict:
    return {
        "selection": selection.name,
        "title": selection.title,
        "audience": selection.audience,
        "minutes": selection.minutes,
        "katas": [kata.path for kata in selection.katas],
    }


def _as_json(standing: Standing) -> dict:
    kata = standing.kata
    return {
        "kata": kata.path,
        "about": kata.about,
        "aliases": list(kata.aliases),
        "difficulty": kata.difficulty,
        "minutes": kata.minutes,
        "state": standing.state,
        "solved": standing.is_solved,
        "strict": standing.is_strict,
        "due": standing.due.isoformat() if standing.due else None,
        "due_today": standing.is_due,
    }
