"""A few lines that a person types at a terminal whose keys are read one at a time."""

from rich.cells import cell_len

ENTER, ERASE, ERASE_WORD, ERASE_LINE = ("\r", "\n"), ("\x7f", "\b"), "\x17", "\x15"


class Draft:
    """The lines so far and the one that is being typed; an empty line ends them."""

    def __init__(self, written: str = "") -> None:
        self.lines = written.splitlines()
        self.line = ""
        self.ended = False
        self._last = ""

    @property
    def written(self) -> str:
        """Return all that was typed, the unfinished line too."""
        return "\n".join([*self.lines, *([self.line] if self.line else [])])

    def type(self, character: str) -> str | None:
        """Take one character; return the line that it has finished, if it has finished one."""
        before, self._last = self._last, character
        if character in ENTER:
            return None if (before, character) == ENTER else self._enter()
        if character in ERASE:
            self.line = self.line[:-1]
        elif character == ERASE_WORD:
            self.line = "".join(self.line.rstrip().rpartition(" ")[:2])
        elif character == ERASE_LINE:
            self.line = ""
        elif character.isprintable() or character == "\t":
            self.line += character.replace("\t", " ")
        return None

    def _enter(self) -> str | None:
        line, self.line = self.line.rstrip(), ""
        if not line:
            self.ended = True
            return None
        self.lines.append(line)
        return line

    def end_of_line(self, room: int) -> str:
        """Return as much of the line that is being typed as fits, from its end."""
        shown = self.line
        while cell_len(shown) > room:
            shown = shown[1:]
        return shown
