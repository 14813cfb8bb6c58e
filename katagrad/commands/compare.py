"""The `compare` command: a solution beside the reference, in what they return, how they grow, and how they read."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from katagrad.commands import show
from katagrad.commands.named import resolve_kata
from katagrad.grading.comparison import HEAD, Comparison
from katagrad.grading.grading import Job, UnreadableError, grade, read
from katagrad.grading.listing import show_both, show_source, without_statement
from katagrad.grading.measure import SMALLEST, Row, measures
from katagrad.grading.pictures import NoPictureError, has_picture, make_picture
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.loading import load_module
from katagrad.page.document import NotWrittenError, check_target, write
from katagrad.picture import Panel
from katagrad.practice import keys as keyboard
from katagrad.practice.status import Status, listing
from katagrad.record.history import History
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import Source
from katagrad.terminal import Terminal, command
from katagrad.verdict import State

KEYS = {"Enter": "both texts", "q": "quit"}


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Compare the learner's file with the reference, once the kata is solved."""
    if options.html and not options.names:
        options.names, options.html = options.html, ""  # what follows --html is the kata
    kata = resolve_kata(options, catalog)
    terminal = Terminal()
    target = _target(options.html, kata)
    try:
        if target:
            check_target(target)
            if not show.can_draw(terminal, command("compare", kata.name, "--html", *filter(None, [options.html]))):
                return 1
        warm_up()
        return _compare(terminal, catalog, kata, target, spoil=options.spoil)
    except UnreadableError as error:
        terminal.line(error.reason, "red")
    except NotWrittenError as error:
        terminal.line(str(error), "red")
    return 1


def _target(named: str | None, kata: Kata) -> Path | None:
    """Return the file of the page that is asked for, if any; where none is named it lies beside that of `show`."""
    if named is None:
        return None
    if named:
        return Path(named).absolute()
    target = show.default_target(kata)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_stem(f"{kata.name}-compared")


def _compare(terminal: Terminal, catalog: Catalog, kata: Kata, target: Path | None, *, spoil: bool) -> int:
    yours = read(kata.exercise)
    verdict = grade(Job(kata, yours))
    if verdict.state is not State.SOLVED and kata.path not in History(catalog.root).solved() and not spoil:
        terminal.line(f"{kata.path} is not solved yet: compare opens when it is.")
        terminal.columns(
            [
                (command("grade", kata.name), ""),
                (command("compare", kata.name, "--spoil"), "shows the reference anyway"),
            ],
            2,
        )
        return 1
    reference = read(kata.solution)
    mine, theirs = (
        (f"{name}   {source.path.relative_to(kata.root).as_posix()}", source)
        for name, source in (("yours", yours), ("reference", reference))
    )
    if verdict.state in (State.NOT_STARTED, State.BROKEN):
        terminal.line(f"Your file is {verdict.state}: only the reference can be shown.")
        if target:
            terminal.line("So there is nothing to write a page about.")
            return 1
        show_source(terminal, *theirs)
        return 0
    found = Comparison(_measured(terminal, kata, yours, reference))
    _tell(terminal, found)
    if target:
        write(target, _page(terminal, kata, found, (mine, theirs)))
        terminal.line(str(target), "dim", label="written: ", wrap=False)
    elif _wants_texts(terminal, _height_of_texts(mine, theirs)):
        show_both(terminal, mine, theirs)
        terminal.line(" ".join(found.sentences()[:3]), "bold")
    return 0


def _measured(terminal: Terminal, kata: Kata, yours: Source, reference: Source) -> list[Row]:
    """Measure both, with a bar that says how much longer it takes."""
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - few commands wait for long

    console = terminal.console
    columns = TextColumn("measuring"), BarColumn(), TextColumn("n = {task.description}")
    hidden = not terminal.interactive or console.is_dumb_terminal
    with Progress(*columns, console=console, transient=True, auto_refresh=False, disable=hidden) as bar:
        task = bar.add_task(f"{SMALLEST}", total=1.0)

        def tell(share: float, size: int) -> None:
            bar.update(task, completed=share, description=f"{size:,}", refresh=True)

        return measures(load_module(kata.grader).workload, yours, reference, tell)


def _tell(terminal: Terminal, found: Comparison) -> None:
    """Print the verdict, and the table that it is read from."""
    first, *others = found.sentences()
    terminal.line(first, "bold green" if found.agrees else "bold red")
    for sentence in others:
        terminal.line(sentence)
    terminal.line()
    terminal.table(HEAD, found.table())


def _height_of_texts(*titled: tuple[str, Source]) -> int:
    return sum(2 + without_statement(source).count("\n") for _, source in titled)


def _wants_texts(terminal: Terminal, height: int) -> bool:
    """Ask whether to print the texts, if verdict and table would scroll off the screen of a person for it."""
    status = Status(terminal)
    if not terminal.interactive or not status.usable or height < terminal.console.height // 3:
        return True
    with keyboard.listening() as keys:
        if not keys.available:
            return True
        terminal.line()
        status.ask(listing(KEYS))
        key = keys.wait_for((" ", "\r", "\n", *keyboard.QUIT))
        status.clear()
    return key not in keyboard.QUIT


def _page(terminal: Terminal, kata: Kata, found: Comparison, texts: Sequence[tuple[str, Source]]) -> str:
    from katagrad.page.comparison import page  # noqa: PLC0415 - loads matplotlib

    status = Status(terminal)
    status.show("drawing ...")
    picture, said = _picture(kata, texts[0][1])
    sources = [(title, without_statement(source)) for title, source in texts]
    plots = found.plots() if found.sound else []
    try:
        return page(kata.name, kata.about, found.sentences(), (HEAD, found.table()), plots, sources, picture, said)
    finally:
        status.clear()


def _picture(kata: Kata, yours: Source) -> tuple[Sequence[Panel], str]:
    """Return the picture of the learner's answers, or a sentence that says why there is none."""
    if not has_picture(kata):
        return (), ""
    try:
        return make_picture(kata, yours), ""
    except NoPictureError as error:
        failure = error.failure
        return (), " ".join(filter(None, ("A call that it needs failed:", failure.got, failure.reason)))
