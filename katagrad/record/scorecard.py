"""What an interview came to: its score card, in one form for the terminal and the page."""

from dataclasses import dataclass

from katagrad.clock import duration, local_day
from katagrad.record import interviews, sessions
from katagrad.record.history import History
from katagrad.record.interview import Interview, Part

# How many interviews before this one it is compared with.
EARLIER = 4
KATAS = ("kata", "result", "time", "par", "attempts", "hints")
COMPARED = ("day", "minutes", "solved", "strict", "time/par", "points", "hints", "interrupted")


@dataclass(frozen=True)
class Advice:
    """What to practise next: the kata, the command for it, and the reason."""

    kata: str
    command: str
    reason: str


@dataclass(frozen=True)
class Card:
    """The score card of one interview.

    Attributes
    ----------
    slips : for each kata the sentences of the rules that broke on the way, and how often each did
    earlier : the interviews before it that came to their end, oldest first
    """

    interview: Interview
    slips: dict[str, list[tuple[str, int]]]
    earlier: tuple[Interview, ...]
    advice: tuple[Advice, ...]


def card(history: History, number: int) -> Card | None:
    """Return the score card of an interview; None if it cannot be read."""
    found = interviews.interview(history, number)
    if found is None:
        return None
    slips = {part.kata: sessions.slips(history, part.session) if part.session else [] for part in found.parts}
    earlier = [one for one in interviews.finished(history) if one.id < number]
    advice = (each for part in found.parts for each in (*_about_code(part), *_about_answers(part)))
    return Card(found, slips, tuple(earlier[-EARLIER:]), tuple(advice))


def result(part: Part) -> str:
    """Return what became of a kata, in a few words."""
    if part.session is None:
        return "not begun"
    if part.is_solved:
        return "solved, strict" if part.strict else "solved"
    return f"{part.session.outcome}, {part.held}/{part.total} rules" if part.total else str(part.session.outcome)


def pace(interview: Interview) -> str:
    """Return the time for code over the par times of the katas that were begun, in per cent."""
    begun = [part for part in interview.parts if part.session]
    par = sum(part.par for part in begun)
    return f"{100 * sum(part.session.seconds for part in begun) / par:.0f} %" if par else "-"


def share(made: int, points: int) -> str:
    """Return points as a fraction and in per cent."""
    return f"{made} of {points} ({100 * made / points:.0f} %)" if points else "none asked"


def kata_row(part: Part) -> tuple[str, ...]:
    """Return the cells about one kata."""
    session = part.session
    if session is None:
        return part.kata, result(part), "", duration(part.par), "", ""
    return (
        part.kata,
        result(part),
        duration(session.seconds),
        duration(part.par),
        str(part.attempts),
        str(session.hints),
    )


def compared_row(one: Interview) -> tuple[str, ...]:
    """Return the cells about one interview among others."""
    made, points = one.points
    solved, strict = (f"{count} of {len(one.parts)}" for count in (one.solved, one.strict))
    per_cent = f"{100 * made / points:.0f} %" if points else "-"
    return day(one), str(one.minutes), solved, strict, pace(one), per_cent, str(one.hints), str(one.interruptions)


def day(one: Interview) -> str:
    """Return the day on which an interview was begun, as it was where the person is."""
    return local_day(one.begun).isoformat() if one.begun else ""


def totals(found: Interview) -> list[tuple[str, str]]:
    """Return the figures of a whole interview, each with its name."""
    times = f"{found.interruptions} time{'s' * (found.interruptions != 1)}"
    rows = {
        "solved": f"{found.solved} of {len(found.parts)}, {found.strict} strict",
        "points": share(*found.points),
        "clock": f"{duration(found.seconds)} of {duration(60 * found.minutes)}",
        "interrupted": times if found.interruptions else "never",
        "seed": str(found.seed),
    }
    return list(rows.items())


def _about_code(part: Part) -> list[Advice]:
    """Return at most one piece of advice about a kata's code."""
    session = part.session
    if session is None or not part.is_solved:
        return [Advice(part.kata, "practice", result(part) if session else "not begun")]
    if session.hints:
        return [Advice(part.kata, "practice", f"solved with {session.hints} hint{'s' * (session.hints > 1)}")]
    if session.seconds > part.par:
        return [Advice(part.kata, "practice", f"solved {duration(session.seconds - part.par)} over par")]
    return [] if part.strict else [Advice(part.kata, "grade", "solved, but not strict")]


def _about_answers(part: Part) -> list[Advice]:
    """Return at most one piece of advice about the answers: review below two thirds of the points."""
    made = sum(question.made for question in part.asked)
    points = sum(len(question.points) for question in part.asked)
    return [Advice(part.kata, "review", f"{made} of {points} points")] if 3 * made < 2 * points else []
