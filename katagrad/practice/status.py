"""One line at the foot of the screen that is rewritten in place."""

from katagrad.terminal import Terminal


class Status:
    """A status line, where somebody watches a terminal that can rewrite one; elsewhere nothing is shown."""

    def __init__(self, terminal: Terminal) -> None:
        console = terminal.console
        self.terminal = terminal
        self.usable = console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows
        self.shown = ""

    def show(self, state: str, keys: str = "") -> None:
        """Show a state and the keys that do something; where there is no room for both, the keys alone."""
        room = self.terminal.width - 1
        text = "   ".join(filter(None, (state, keys)))
        text = (text if len(text) <= room or not keys else keys)[:room]
        if self.usable and text != self.shown:
            dim, plain = ("", "") if self.terminal.console.no_color else ("\x1b[2m", "\x1b[0m")
            self._write(f"\r\x1b[2K{dim}{text}{plain}")
            self.shown = text

    def ask(self, text: str) -> None:
        """Show which answers there are; where no line can be rewritten, print it."""
        self.show("", text)
        if not self.usable:
            self.terminal.line(text)

    def clear(self) -> None:
        """Make room for other output."""
        if self.shown:
            self._write("\r\x1b[2K")
            self.shown = ""

    def _write(self, text: str) -> None:
        self.terminal.console.file.write(text)
        self.terminal.console.file.flush()


def listing(keys: dict[str, str]) -> str:
    """Return the line that says which keys do what."""
    return "  ".join(f"{key} {does}" for key, does in keys.items())
