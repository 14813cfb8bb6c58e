"""The plots of the progress page: shapes in SVG that stretch with the page, words in HTML that do not."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate

from katagrad.clock import WEEKDAYS, day_text, duration, local_day
from katagrad.page.markup import Markup, tag
from katagrad.record.plans import Following
from katagrad.record.sessions import Ending
from katagrad.record.summary import Standing, Summary

WEEKS = 26
CELL = 12
# A bar's track is this many par times long.
LONGEST = 2.0
MONTH_ROW = 14


def solved_over_time(found: Summary) -> Markup:
    """Return the number of katas solved, as steps from the first day to today."""
    days = sorted(local_day(standing.solved_at) for standing in found.standings if standing.solved_at)
    if not days:
        return tag("p", "None yet.", class_="empty")
    first, last = days[0] - timedelta(days=1), max(found.today, days[-1])
    # Today is as wide as any other day: what was solved in it is seen.
    span, total = (last - first).days + 1, len(found.standings)
    path = "M0 100"
    for day, count in zip(days, accumulate(1 for _ in days), strict=True):
        path += f"H{100 * (day - first).days / span:.4g}V{100 - 100 * count / total:.4g}"
    path += "H100"
    shapes = [tag("path", d=f"{path}V100Z", class_="area"), tag("path", d=path, class_="line")]
    plot = tag("svg", *shapes, viewBox="0 -2 100 104", preserveAspectRatio="none", role="img", aria_label="steps")
    upright = tag("div", tag("span", str(total)), tag("span", "0"), class_="upright")
    along = tag("div", tag("span", day_text(first)), tag("span", day_text(last)), class_="along")
    return tag("div", upright, plot, along, class_="steps", data_solved=len(days), data_total=total)


def times_against_par(standings: Iterable[Standing]) -> Markup:
    """Return a bar for each kata's best time, with every time as a dot, on a scale on which par is the middle."""
    timed = [standing for standing in standings if standing.times]
    if not timed:
        return tag("p", "No times yet.", class_="empty")
    return tag("div", *map(_bar, timed), class_="bars")


def _bar(standing: Standing) -> Markup:
    best, par = standing.best, standing.par
    dots = [
        tag(
            "circle",
            tag("title", f"{day_text(local_day(one.ended))}: {duration(one.seconds)}"),
            class_=_kind(one.outcome),
            cx=f"{_along(one.seconds, par):.4g}%",
            cy="50%",
            r=3,
        )
        for one in standing.times
    ]
    shapes = _scale(best or 0.0, par, under=best is not None and best <= par)
    time = f"{duration(best)} of {duration(par)}" if best is not None else f"gave up, par {duration(par)}"
    label = tag("span", standing.kata.name, class_="name")
    plot = tag("svg", *shapes, *dots, role="img", aria_label=time)
    seconds = "" if best is None else f"{best:.1f}"
    values = {"data_kata": standing.kata.path, "data_best": seconds, "data_times": len(standing.times)}
    return tag("div", label, tag("span", time, class_="time"), plot, class_="bar", **values)


def time_against_par(name: str, seconds: float, par: float, *, solved: bool) -> Markup:
    """Return a bar for one time, on a scale on which par is the middle."""
    shapes = _scale(seconds, par, under=solved and seconds <= par)
    time = f"{duration(seconds)} of {duration(par)}"
    plot = tag("svg", *shapes, role="img", aria_label=time)
    return tag("div", tag("span", name, class_="name"), tag("span", time, class_="time"), plot, class_="bar")


def _scale(seconds: float, par: float, *, under: bool) -> list[Markup]:
    """Return a bar on its track, and par as a line through the middle."""
    width, kind = f"{_along(seconds, par):.4g}%", "under" if under else "over"
    return [
        tag("rect", x=0, y="25%", width="100%", height="50%", rx=3, class_="track"),
        tag("rect", x=0, y="25%", width=width, height="50%", rx=3, class_=kind),
        tag("line", x1="50%", x2="50%", y1=0, y2="100%", class_="par"),
    ]


def _along(seconds: float, par: float) -> float:
    """Return how far along its track a time is, in per cent."""
    return 100 * min(seconds / (LONGEST * par), 1.0)


def _kind(outcome: Ending) -> str:
    return "given-up" if outcome is Ending.GAVE_UP else "solved"


def calendar(found: Summary) -> Markup:
    """Return the last half year, a column a week, darker where more was done."""
    monday = found.today - timedelta(days=found.today.weekday(), weeks=WEEKS - 1)
    days = [monday + timedelta(days=number) for number in range(7 * WEEKS)]
    shapes = [*_months(days), *(_cell(day, place, found) for place, day in enumerate(days) if day <= found.today)]
    width, height = CELL * WEEKS, MONTH_ROW + 7 * CELL
    label = f"practised on {len(found.days)} days"
    return tag("svg", *shapes, viewBox=f"0 0 {width} {height}", role="img", aria_label=label, class_="calendar")


def plan_calendar(following: Following) -> Markup:
    """Return the weeks of a plan, a row each, every day coloured by what became of it."""
    head = tag("tr", tag("th"), *(tag("th", name, scope="col") for name in WEEKDAYS))
    rows = [
        tag("tr", tag("th", month, scope="row"), *(_plan_day(day, following) for day in week))
        for month, week in following.weeks()
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="plan")


def _plan_day(day: date | None, following: Following) -> Markup:
    if day is None:
        return tag("td")
    sign = following.sign(day)
    said = "; ".join(task.sentence for task in following.tasks_of(day)) or sign
    kind = f"{sign} now" if day == following.today else sign
    # Read aloud and printed without colours, a day still says what became of it.
    words = tag("span", sign if sign != "free" else "", class_="sign")
    values = {"title": f"{day_text(day)}: {said}", "data_date": day.isoformat(), "data_sign": sign}
    return tag("td", tag("b", str(day.day)), words, class_=kind, **values)


def _months(days: list[date]) -> Iterable[Markup]:
    """Yield the name of each month above the first whole week of it."""
    for place in range(7, len(days) - 7, 7):
        if days[place].day <= 7:
            yield tag("text", f"{days[place]:%b}", x=CELL * place // 7, y=9)


def _cell(day: date, place: int, found: Summary) -> Markup:
    count = found.days.get(day, 0)
    level = 0 if not count else min(4, 1 + count // 3)
    what = tag("title", f"{day_text(day)}: {count or 'nothing'}")
    x, y = CELL * (place // 7), MONTH_ROW + CELL * (place % 7)
    values = {"data_date": day.isoformat(), "data_count": count}
    return tag("rect", what, x=x, y=y, width=CELL - 2, height=CELL - 2, rx=2, class_=f"level{level}", **values)
