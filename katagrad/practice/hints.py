"""Shows the hints of a kata, one more each time."""

from katagrad.katas.catalog import Kata
from katagrad.record import sessions
from katagrad.record.history import History
from katagrad.terminal import Terminal


def show_hint(terminal: Terminal, history: History, kata: Kata) -> None:
    """Print the hints shown before and one more; an open practice session starts at the first hint and counts them."""
    session = sessions.open_session(history, kata.path)
    before = session.hints if session else history.hints(kata.path)
    shown = min(before + 1, len(kata.hints))
    for number, text in enumerate(kata.hints[:shown], start=1):
        terminal.line(text, "bold" if number == shown > before else "", label=f"{number}. ")
    if shown == before:
        terminal.line("That was the last one.")
        return
    history.show_hint(kata.path, shown)
    if session:
        sessions.keep_hint(history, session)
    terminal.line(f"{shown} of {len(kata.hints)} hints", "dim")
