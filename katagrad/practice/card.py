"""Prints the score card of an interview."""

from katagrad.record.interview import Interview
from katagrad.record.scorecard import COMPARED, KATAS, Card, compared_row, day, kata_row, totals
from katagrad.terminal import Terminal, command


def tell_card(terminal: Terminal, card: Card) -> None:
    """Print what an interview came to, what it is beside those before, and what to practise next."""
    found = card.interview
    terminal.line()
    terminal.line(f"Score card: interview of {found.minutes} minutes, {day(found)}", "bold underline")
    terminal.line()
    terminal.table(KATAS, [kata_row(part) for part in found.parts])
    _tell_slips(terminal, card)
    _tell_questions(terminal, found)
    _tell_totals(terminal, found)
    if card.earlier:
        terminal.line()
        terminal.table(COMPARED, [compared_row(one) for one in (*card.earlier, found)])
    _tell_advice(terminal, card)


def _tell_slips(terminal: Terminal, card: Card) -> None:
    broken = {kata: slips for kata, slips in card.slips.items() if slips}
    if broken:
        terminal.line()
        terminal.line("Rules that broke", "bold")
    for kata, slips in broken.items():
        terminal.line(kata, indent=2)
        for sentence, times in slips:
            terminal.line(f"{sentence}{f' ({times} times)' if times > 1 else ''}", "dim", indent=4, label="x ")


def _tell_questions(terminal: Terminal, found: Interview) -> None:
    asked = [question for part in found.parts for question in part.asked]
    if asked:
        terminal.line()
        terminal.line("Questions", "bold")
    for question in asked:
        terminal.line(question.text, indent=2, label=f"{question.made} of {len(question.points)}   ")


def _tell_totals(terminal: Terminal, found: Interview) -> None:
    terminal.line()
    terminal.columns(totals(found))


def _tell_advice(terminal: Terminal, card: Card) -> None:
    terminal.line()
    terminal.line("Practise next", "bold")
    rows = [(command(each.command, each.kata.rpartition("/")[2]), each.reason) for each in card.advice]
    terminal.columns(rows or [(command("next"), "nothing of this interview is left to practise")], indent=2)
