"""The score card of an interview as one page that needs nothing but itself."""

from collections.abc import Iterable

from katagrad.clock import duration
from katagrad.page.charts import time_against_par
from katagrad.page.document import document, section, table, tiles
from katagrad.page.markup import Markup, tag
from katagrad.record.interview import Interview, Part, Question
from katagrad.record.scorecard import COMPARED, KATAS, Card, compared_row, day, kata_row
from katagrad.terminal import command


def page(card: Card) -> str:
    """Return the page."""
    return document(f"katagrad: interview of {day(card.interview)}", _sections(card))


def _sections(card: Card) -> Iterable[Markup]:
    found = card.interview
    yield tag("header", tag("h1", "Score card"), tag("p", f"{found.minutes} minutes, {day(found)}, seed {found.seed}"))
    yield _tiles(found)
    yield section("Katas", table(KATAS, map(kata_row, found.parts)))
    begun = [part for part in found.parts if part.session]
    yield section("Time against par", tag("div", *map(_bar, begun), class_="bars"), "Par is the line.")
    if any(card.slips.values()):
        yield section("Rules that broke", tag("ul", *_slips(card), class_="slips"))
    for part in found.parts:
        if part.asked:
            yield section(f"Questions: {part.kata}", tag("div", *map(_question, part.asked)))
    if card.earlier:
        rows = map(compared_row, (*card.earlier, found))
        yield section("Against the interviews before", table(COMPARED, rows), "This one is the last row.")
    yield section("Practise next", _advice(card))


def _tiles(found: Interview) -> Markup:
    """Return the numbers to see first."""
    made, points = found.points
    figures = {
        "solved": (str(found.solved), f"of {len(found.parts)} solved"),
        "strict": (str(found.strict), "of them strict"),
        "points": (str(made), f"of {points} points"),
        "clock": (duration(found.seconds), f"of {duration(60 * found.minutes)}"),
        "interruptions": (str(found.interruptions), f"interruption{'s' * (found.interruptions != 1)}"),
    }
    return tiles(figures)


def _bar(part: Part) -> Markup:
    return time_against_par(part.kata, part.session.seconds, part.par, solved=part.is_solved)


def _slips(card: Card) -> Iterable[Markup]:
    for kata, slips in card.slips.items():
        for sentence, times in slips:
            yield tag("li", f"{kata}: {sentence}{f' ({times} times)' if times > 1 else ''}")


def _question(question: Question) -> Markup:
    """Return a question with what was written and its points, those that were made marked."""
    points = (
        tag("li", point.text, class_="made" if point.made else "missed", data_made=int(bool(point.made)))
        for point in question.points
    )
    made = tag("b", f"{question.made} of {len(question.points)}")
    written = [tag("blockquote", question.written)] if question.written else []
    source = tag("p", f"Source: {question.source}", class_="empty")
    return tag("div", tag("h3", question.text, " ", made), *written, tag("ul", *points), source, class_="question")


def _advice(card: Card) -> Markup:
    if not card.advice:
        return tag("p", "Nothing of this interview is left to practise.", class_="empty")
    rows = ((each.kata, each.reason, command(each.command, each.kata.rpartition("/")[2])) for each in card.advice)
    return table(("kata", "why", "command"), rows)
