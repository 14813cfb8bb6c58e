"""The `show` command: a page with the picture of a kata, made from the learner's own answers."""

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from katagrad.commands.named import resolve_kata
from katagrad.grading import report
from katagrad.grading.broken_rules import tell_rule
from katagrad.grading.grading import Job, UnreadableError, grade, read
from katagrad.grading.pictures import NoPictureError, has_picture, make_picture
from katagrad.katas.catalog import Catalog, Kata
from katagrad.page.document import NotWrittenError, check_target, document, write
from katagrad.page.markup import Markup, tag
from katagrad.picture import Panel
from katagrad.practice.status import Status
from katagrad.record.history import FOLDER
from katagrad.submission.process import warm_up
from katagrad.terminal import Terminal, command
from katagrad.verdict import Rule, State, Verdict


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Draw what the functions of a learner's file return, and write the page."""
    terminal = Terminal()
    kata = resolve_kata(options, catalog) if options.names else None
    if kata is None or not has_picture(kata):
        _offer(terminal, kata, catalog)
        return 2
    target = Path(options.html).absolute() if options.html else default_target(kata)
    if not can_draw(terminal, command("show", kata.name)):
        return 1
    try:
        check_target(target) if options.html else target.parent.mkdir(parents=True, exist_ok=True)
        return _show(terminal, kata, options, target)
    except NotWrittenError as error:
        terminal.line(str(error), "red")
    except UnreadableError as error:
        terminal.line(error.reason, "red")
    return 1


def default_target(kata: Kata) -> Path:
    """Return the file of a kata's page where no other was named: names of katas are unique."""
    return kata.root / FOLDER / "pages" / f"{kata.name}.html"


def can_draw(terminal: Terminal, by_nox: str) -> bool:
    """Say whether matplotlib is there; if not, tell the person how to get it."""
    if find_spec("matplotlib"):
        return True
    terminal.line("Pictures are drawn with matplotlib, which is not installed here.", "red")
    terminal.columns([("with nox:", by_nox), ("without:", "pip install matplotlib")], indent=2)
    return False


def _offer(terminal: Terminal, kata: Kata | None, catalog: Catalog) -> None:
    """Say which katas have a picture."""
    named = [each for each in catalog.katas if has_picture(each)]
    about = f"{kata.path} has no picture." if kata else f"Name one kata: {command('show', named[0].name)}"
    terminal.line(about)
    terminal.line(f"{', '.join(each.name for each in named)}.", label="With a picture: ")


def _show(terminal: Terminal, kata: Kata, options: argparse.Namespace, target: Path) -> int:
    """Grade a file for what is to be said about it, make its picture, and write the page."""
    warm_up()
    source = read(kata.solution if options.solutions else kata.exercise)
    verdict = grade(Job(kata, source, core_only=True))
    if verdict.state in (State.NOT_STARTED, State.BROKEN):
        report.in_full(terminal, kata, verdict, attempt=0, hints=0)
        return 1
    said = standing(verdict)
    status = Status(terminal)
    status.show(f"drawing {kata.path} ...")
    try:
        panels = make_picture(kata, source, options.seed)
    except NoPictureError as error:
        status.clear()
        tell_no_picture(terminal, error)
        terminal.line(said or "Grading found nothing wrong.", "yellow")
        return 1
    text = _page(kata, panels, source.path, said)
    status.clear()
    write(target, text)
    if said:
        terminal.line(said, "yellow")
    terminal.line(str(target), "dim", label="written: ", wrap=False)
    return 0


def standing(verdict: Verdict) -> str:
    """Return how far a file is that is not right yet: how many rules hold, and the first that does not."""
    if verdict.state is State.SOLVED:
        return ""
    first = next(iter(report.in_order(verdict.failures)), None)
    return f"Not solved: {verdict.held} of {verdict.total} core rules hold. " + (
        f"The first that breaks: {first.sentence}" if first else verdict.problem
    )


def tell_no_picture(terminal: Terminal, error: NoPictureError) -> None:
    """Say which call of a picture failed, and how."""
    tell_rule(terminal, Rule("picture", "There is no picture: a call that it needs failed.", error.failure), indent=0)


def _page(kata: Kata, panels: Sequence[Panel], path: Path, said: str) -> str:
    from katagrad.page.panels import STYLE, figures  # noqa: PLC0415 - loads matplotlib

    answers = f"Drawn from what {path.relative_to(kata.root).as_posix()} returns."
    head = tag("header", tag("h1", kata.name), tag("p", f"{kata.about}"))
    notes = [tag("p", said, class_="said")] if said else []
    content: list[Markup] = [head, *notes, tag("section", tag("p", answers, class_="note"), figures(panels, "panel"))]
    return document(f"katagrad: {kata.name}", content, STYLE)
