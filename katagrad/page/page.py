"""Progress as one page that needs nothing but itself: for a phone and a large screen, by day and by night."""

from katagrad.clock import day_text, duration, in_days, local_day
from katagrad.page.charts import calendar, plan_calendar, solved_over_time, times_against_par
from katagrad.page.document import breakable, document, section, tiles
from katagrad.page.markup import Markup, tag
from katagrad.record.plans import Following
from katagrad.record.summary import Standing, Summary

HEAD = ("kata", "state", "best", "par", "last", "due")


def page(found: Summary, following: Following | None = None) -> str:
    """Return the page, with the plan if there is one."""
    return document("katagrad: progress", _sections(found, following))


def _sections(found: Summary, following: Following | None) -> list[Markup]:
    return [
        tag("header", tag("h1", "Progress"), tag("p", day_text(found.today))),
        _tiles(found),
        *([_plan(following)] if following else []),
        section("Solved over time", solved_over_time(found)),
        section("Best time against par", times_against_par(found.standings), "Par is the line, each dot a session."),
        section("Days of practice", calendar(found), "Graded texts and marked questions of the last half year."),
        section("All katas", _table(found)),
    ]


def _plan(following: Following) -> Markup:
    """Return the calendar of the plan, with what it says of today."""
    until = following.plan.wish.until
    note = f"Until {day_text(until)}, {following.plan.wish.minutes} minutes a day."
    return section("Plan", tag("div", plan_calendar(following), _today(following)), note)


def _today(following: Following) -> Markup:
    """Return the steps of today as a list."""
    if not following.steps:
        return tag("p", "Nothing is planned for today.", class_="empty")
    steps = [
        tag("li", f"{step.task.sentence}{', done' * step.done}", class_="done" if step.done else "open")
        for step in following.steps
    ]
    return tag("div", tag("p", "Today:"), tag("ul", *steps), class_="today")


def _tiles(found: Summary) -> Markup:
    """Return the numbers to see first."""
    figures = {
        "solved": (str(found.solved), f"of {len(found.standings)} solved"),
        "strict": (str(found.strict), "of them strict"),
        "due": (str(found.due), "due today"),
        "questions": (str(found.questions_due), f"question{'s' * (found.questions_due != 1)} due"),
        "days": (str(len(found.days)), f"day{'s' * (len(found.days) != 1)} of practice"),
    }
    return tiles(figures)


def _table(found: Summary) -> Markup:
    rows, topic = [], ""
    for standing in found.standings:
        if standing.kata.topic != topic:
            topic = standing.kata.topic
            rows.append(tag("tr", tag("th", topic, colspan=len(HEAD), scope="rowgroup"), class_="topic"))
        rows.append(_row(standing, found))
    head = tag("thead", tag("tr", *(tag("th", word, scope="col", class_=word) for word in HEAD)))
    return tag("table", head, tag("tbody", *rows))


def _row(standing: Standing, found: Summary) -> Markup:
    cells = {
        "kata": standing.kata.name,
        "state": standing.state,
        "best": duration(standing.best) if standing.best is not None else "",
        "par": duration(standing.par),
        "last": local_day(standing.last).isoformat() if standing.last else "",
        "due": in_days(max(0, (standing.due - found.today).days)) if standing.due else "",
    }
    kind = "due" if standing.is_due else "done" if standing.is_solved else "open"
    return tag(
        "tr",
        *(tag("td", *breakable(text), class_=name) for name, text in cells.items()),
        class_=kind,
        data_kata=standing.kata.path,
    )
