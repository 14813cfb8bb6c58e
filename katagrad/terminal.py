"""Writing to the terminal: colours where they are wanted, lines that wrap within their indentation, plain in a pipe."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.syntax import Syntax

WIDEST = 110
# Columns between two sources that stand beside one another.
GAP = 4
# What a submission prints goes to the terminal, too: it must not move the cursor, nor change colours or the title.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def printable(text: str) -> str:
    """Return a text with its control characters and halves of characters written out."""
    return text.translate(_CONTROLS).encode(errors="backslashreplace").decode()


class Terminal:
    """Where a command prints. Colours follow the terminal and NO_COLOR; text in a pipe is plain."""

    def __init__(self, console: Console | None = None, *, stderr: bool = False) -> None:
        self.console = console or Console(stderr=stderr, highlight=False, markup=False, emoji=False)

    @property
    def interactive(self) -> bool:
        """Return whether a person is watching."""
        return self.console.is_terminal

    @property
    def width(self) -> int:
        """Return how many columns a line may take."""
        return min(self.console.width, WIDEST)

    def line(self, text: str = "", style: str = "", indent: int = 0, label: str = "", *, wrap: bool = True) -> None:
        """Print one paragraph, wrapped; its further lines stand below where the text after the label begins.

        Without `wrap` each line stays whole, for what people copy: a path or a command.
        """
        text = printable(text)
        margin = " " * indent
        after = margin + " " * cell_len(label)
        for number, part in enumerate(text.split("\n")):
            first = after if number else margin + label
            for row in _wrapped(part.expandtabs(), self.width, first, after) if wrap else [first + part]:
                self.console.print(Text(row.rstrip(), style), soft_wrap=True)

    def echo(self, character: str) -> None:
        """Show a character that was typed, where the terminal does not do so itself."""
        self.console.file.write("\n" if character == "\r" else printable(character))
        self.console.file.flush()

    def ring(self) -> None:
        """Call somebody who looks at another window."""
        if self.interactive:
            self.console.bell()

    def columns(self, rows: list[tuple[str, ...]], indent: int = 0, style: str = "") -> None:
        """Print rows whose cells stand below one another; a last cell without room is wrapped within its column."""
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            front = zip(row[:-1], widths[:-1], strict=True)
            label = "".join(f"{cell}{' ' * (width - cell_len(cell))}  " for cell, width in front)
            self.line(row[-1], style, indent=indent, label=label)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under a head, the first column left, the others right in their columns."""
        from rich import box  # noqa: PLC0415 - few commands print a table
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        for number, name in enumerate(head):
            table.add_column(name, justify="right" if number else "left")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self.console.print(table)

    def notices(self, notices: list[str]) -> None:
        """Print each notice of a history once."""
        for notice in dict.fromkeys(notices):
            self.line(notice, "yellow")
        notices.clear()

    def code(self, source: str) -> None:
        """Print Python source, coloured on a terminal."""
        self.console.print(self._coloured(source), soft_wrap=not self.interactive)

    def beside(self, left: tuple[str, str], right: tuple[str, str]) -> None:
        """Print two titled sources beside one another if no line has to be wrapped for it, else one below the other."""
        widths = [max(map(cell_len, [title, *source.splitlines()])) for title, source in (left, right)]
        if sum(widths) + GAP > self.console.width:
            for title, source in (left, right):
                self.line(title, "bold underline", wrap=False)
                self.code(source)
                self.line()
            return
        from rich.table import Table  # noqa: PLC0415 - few commands print a table

        table = Table.grid(padding=(0, GAP, 0, 0))
        table.add_row(*(Text(title, "bold underline") for title, _ in (left, right)))
        table.add_row(*(self._coloured(source) for _, source in (left, right)))
        self.console.print(table)
        self.line()

    def _coloured(self, source: str) -> "Text | Syntax":
        """Return Python source as it is printed: coloured on a terminal, plain in a pipe."""
        if not self.interactive:
            return Text(source.rstrip())
        from rich.syntax import Syntax  # noqa: PLC0415 - loads every lexer there is

        return Syntax(source.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)


def _wrapped(text: str, width: int, first: str, after: str) -> Iterator[str]:
    """Yield a text in lines of a width that begin with `first` and then with `after`.

    A word that is longer than a line stays where it is, beside its label: moved to a line of its own it would not fit
    either.
    """
    row = first
    for word in re.findall(r"\s*\S+", text):
        too_long = cell_len(after + word.strip()) > width
        if cell_len(row + word) <= width or too_long or row == after:
            row += word
        else:
            yield row
            row = after + word.lstrip()
    yield row


def command(name: str, *arguments: str) -> str:
    """Return a command as the person would type it: by nox, by the program installed, or by Python."""
    if os.environ.get("KATAGRAD_NOX"):
        return " ".join(["nox -s", name, *(["--", *arguments] if arguments else [])])
    return " ".join([_program(), name, *arguments])


def _program() -> str:
    """Return how the program was started: an installed one is a script of its name, on Windows without its ending."""
    started = Path(sys.argv[0])
    return "katagrad" if started.stem == "katagrad" and not started.is_dir() else "python -m katagrad"
