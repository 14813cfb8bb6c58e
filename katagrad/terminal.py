"""Writing to the terminal: colours where they are wanted, lines that wrap within their indentation, plain in a pipe."""

import os
import textwrap

from rich.console import Console
from rich.text import Text

WIDEST = 110
# What a submission prints goes to the terminal, too: it must not move the cursor, nor change colours or the title.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def printable(text: str) -> str:
    """Return a text with its control characters and halves of characters written out."""
    return text.translate(_CONTROLS).encode(errors="backslashreplace").decode()


class Terminal:
    """Where a command prints. Colours follow the terminal and NO_COLOR; text in a pipe is plain."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)

    @property
    def interactive(self) -> bool:
        """Say whether a person is watching."""
        return self.console.is_terminal

    @property
    def width(self) -> int:
        """Return how many columns a line may take."""
        return min(self.console.width, WIDEST)

    def line(self, text: str = "", style: str = "", indent: int = 0, label: str = "") -> None:
        """Print one paragraph, wrapped; its further lines stand below where the text after the label begins."""
        text = printable(text)
        margin = " " * indent
        after = margin + " " * len(label)
        for number, part in enumerate(text.split("\n")):
            first = margin + label if not number else after
            wrapped = textwrap.wrap(
                part,
                self.width,
                initial_indent=first,
                subsequent_indent=after,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for row in wrapped or [first.rstrip()]:
                self.console.print(Text(row, style), soft_wrap=True)

    def columns(self, rows: list[tuple[str, ...]], indent: int = 0, style: str = "") -> None:
        """Print rows whose cells stand below one another; a last cell without room is wrapped within its column."""
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)] if rows else []
        for row in rows:
            front = zip(row[:-1], widths[:-1], strict=True)
            label = "".join(f"{cell.ljust(width)}  " for cell, width in front)
            self.line(row[-1].rstrip(), style, indent=indent, label=label)

    def notices(self, notices: list[str]) -> None:
        """Print what a history has to say, once."""
        for notice in dict.fromkeys(notices):
            self.line(notice, "yellow")
        notices.clear()

    def code(self, source: str) -> None:
        """Print Python source, coloured on a terminal."""
        if not self.interactive:
            self.console.print(Text(source.rstrip()), soft_wrap=True)
            return
        from rich.syntax import Syntax  # noqa: PLC0415 - loads every lexer there is

        self.console.print(
            Syntax(source.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)
        )


def command(name: str, *arguments: str) -> str:
    """Return how the person would type a command: by nox, or by Python if that is how this one was started."""
    if os.environ.get("KATAGRAD_NOX"):
        return " ".join(["nox -s", name, *(["--", *arguments] if arguments else [])])
    return " ".join(["python -m katagrad", name, *arguments])
