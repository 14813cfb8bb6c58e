"""The plan until an interview: what it lays on each day, what becomes of missed days, and who tells of it."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from katagrad.clock import Clock, day_text
from katagrad.commands import list as list_command
from katagrad.commands import next as next_command
from katagrad.commands import plan as command
from katagrad.katas.catalog import Catalog
from katagrad.record import interviews, plans
from katagrad.record.history import History, add_mark
from katagrad.record.planner import LAST_DAYS, MOST_QUESTIONS, Kind, Wish, draft, minutes_for_all, repetition
from katagrad.record.schedule import Item, Mark, marks
from katagrad.verdict import State, Verdict

MONDAY = date(2026, 11, 30)
CATALOG = Catalog()
EVERY_DAY = frozenset(range(7))


class Day(Clock):
    """A clock that shows the noon of a day."""

    def __init__(self, day):
        self.day = day

    def now(self):
        """Return noon, where it is the same day in all time zones in which people live but a few."""
        return datetime.combine(self.day, time(12), UTC)


def wish(days, *, minutes=60, weekdays=EVERY_DAY, katas=CATALOG.katas):
    return Wish(MONDAY + timedelta(days=days), minutes, weekdays, tuple(kata.path for kata in katas))


def laid(wished, solved=(), given=None):
    return draft(wished, CATALOG.katas, MONDAY, solved, given or {})


def ask(checkout, clock, capsys, *words, module=command):
    """Run a command of the program on a clock of one's own; return its exit status and what it printed."""
    from katagrad.cli import parser  # noqa: PLC0415 - as a person's command is read

    options = parser().parse_args([module.__name__.rpartition(".")[2], *words])
    status = module.run(options, checkout.catalog, clock)
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def solve(checkout, clock, kata):
    History(checkout.root, clock).record(Verdict(kata, State.SOLVED, total=1), f"{kata} {clock.day}")


def follow(checkout, clock, tasks):
    """Do all tasks of a day, as the history would tell."""
    history = History(checkout.root, clock)
    questions = [Item(kata.path, asked.question) for kata in checkout.catalog.katas for asked in kata.followups]
    for task in tasks:
        if task.kind is Kind.NEW:
            solve(checkout, clock, task.kata)
        with history.transaction() as connection:
            if task.kind is Kind.AGAIN:
                add_mark(connection, task.kata, "", history.now(), Mark.GOOD)
            if task.kind is Kind.INTERVIEW:
                connection.execute(
                    "INSERT INTO interviews (begun, ended, outcome, minutes, seed, interruptions) "
                    "VALUES (?, ?, 'finished', ?, 0, 0)",
                    (history.now(), history.now(), task.amount),
                )
            if task.kind is Kind.QUESTIONS:
                for item in questions[: task.amount]:
                    add_mark(connection, *item, history.now(), Mark.GOOD)


@pytest.mark.parametrize("minutes", [15, 30, 45, 60, 120])
@pytest.mark.parametrize("days", [1, 2, 3, 14, 60])
@pytest.mark.parametrize("weekdays", [EVERY_DAY, frozenset({0, 1, 3})])
def test_days_hold_what_fits(minutes, days, weekdays):
    """No day is longer than was asked for, but by one long kata alone; new katas come in order, none at the end."""
    wished = wish(days, minutes=minutes, weekdays=weekdays)
    found = laid(wished)
    katas = {kata.path: kata for kata in CATALOG.katas}
    assert list(found.days) == wished.days(MONDAY)
    seen = set()
    for number, (day, tasks) in enumerate(found.days.items()):
        assert day.weekday() in weekdays
        new = [task.kata for task in tasks if task.kind is Kind.NEW]
        whole_day = len(tasks) == 1 and new
        assert sum(task.amount for task in tasks) <= minutes or whole_day, (day, tasks)
        assert not new or number < max(1, len(found.days) - LAST_DAYS)
        for path in new:
            assert set(katas[path].requires) <= seen
            assert path not in seen
            seen.add(path)
        assert sum(task.amount for task in tasks if task.kind is Kind.QUESTIONS) <= MOST_QUESTIONS
        assert {task.kata for task in tasks if task.kind is Kind.AGAIN} <= seen
    assert seen | {kata.path for kata in found.left_out} == set(katas)
    assert not seen & {kata.path for kata in found.left_out}


def test_what_is_left_out_is_no_whole_topic():
    """Where a third of the katas fit, those are the first of the topics, with what they require."""
    found = laid(wish(40, minutes=60))
    kept = {kata.path for kata in CATALOG.katas} - {kata.path for kata in found.left_out}
    assert len(kept) >= len(CATALOG.topics)
    assert {path.split("/")[0] for path in kept} == {topic.name for topic in CATALOG.topics}


def test_a_selection_keeps_its_order(checkout, capsys):
    """A selection is laid out in its own order, after what each requires, and what does not fit is its end."""
    clock = Day(MONDAY)
    for selection in checkout.catalog.selections:
        status, printed = ask(checkout, clock, capsys, "--date", "2026-12-07", "--selection", selection.name)
        assert status == 0, printed
        plan = plans.current(History(checkout.root, clock))
        assert plan.wish.katas == tuple(kata.path for kata in selection.katas)
        assert list(plan.left_out) == [path for path in plan.wish.katas if path in plan.left_out]
        first = plan.wish.katas.index(plan.left_out[0]) if plan.left_out else len(plan.wish.katas)
        assert first >= 5
        # What is kept beyond the first that is left out was laid out for that one, which requires it.
        beyond = set(plan.wish.katas[first:]) - set(plan.left_out)
        assert not beyond or beyond <= set(checkout.kata(plan.left_out[0]).requires)
    result = checkout.run(
        "plan", "--date", (datetime.now(UTC) + timedelta(days=30)).date().isoformat(), "--selection", "nothing"
    )
    assert result.returncode == 2
    assert "There is no selection 'nothing'" in result.stderr


def test_minutes_for_all_are_enough_and_needed():
    """With the minutes that are told everything fits, and with five less it does not."""
    few = CATALOG.katas[:12]
    asked = wish(12, minutes=20, katas=few)
    enough = minutes_for_all(asked, CATALOG.katas, MONDAY, (), {})

    def left(minutes):
        return laid(wish(12, minutes=minutes, katas=few)).left_out

    assert enough > 20
    assert not left(enough)
    assert left(enough - 5)
    assert minutes_for_all(wish(3, minutes=20), CATALOG.katas, MONDAY, (), {}) is None


def test_one_interview_a_week():
    """Each whole week has one mock interview, of 45 minutes if the day has as many; short days have none."""
    days = laid(wish(28)).days
    held = [day for day, tasks in days.items() if any(task.kind is Kind.INTERVIEW for task in tasks)]
    assert held == [MONDAY + timedelta(days=7 * week + 6) for week in range(3)] + [MONDAY + timedelta(days=25)]
    assert all(days[day][0].amount == 45 for day in held)
    assert not any(task.kind is Kind.INTERVIEW for tasks in laid(wish(28, minutes=25)).days.values() for task in tasks)


def test_an_interview_that_was_held_is_done(checkout, capsys):
    """An interview that came to its end on its day is done; one that was abandoned is not."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28")
    history = History(checkout.root, clock)

    def held():
        return [
            (day, step.done)
            for day, steps in plans.follow(history, checkout.catalog).days.items()
            for step in steps
            if step.task.kind is Kind.INTERVIEW
        ]

    days = [day for day, done in held() if not done]
    assert len(days) > 1
    clock.day = days[0]
    for end in (interviews.finish, interviews.drop):
        end(history, interviews.begin(history, 45, 1, [(checkout.catalog.katas[0], ())]))
        clock.day = days[1]
    clock.day = MONDAY  # later the days would be laid out anew
    assert [day for day, done in held() if done] == days[:1]


def test_the_last_days_repeat():
    """The last two days are filled with what was solved, what is due first."""
    found = laid(wish(20))
    for day in list(found.days)[-LAST_DAYS:]:
        kinds = {task.kind for task in found.days[day]}
        assert kinds <= {Kind.AGAIN, Kind.QUESTIONS}
        assert sum(task.amount for task in found.days[day]) > 30


def test_the_mock_interview_comes_nearer(checkout, capsys):
    """Whoever looks at the plan each day finds the mock interview on the day for which it was planned."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28")

    def held(following):
        return [day for day in following.days if any(task.kind is Kind.INTERVIEW for task in following.tasks_of(day))]

    planned = held(plans.follow(History(checkout.root, clock), checkout.catalog))
    assert planned
    while clock.day < planned[0]:
        clock.day += timedelta(days=1)
        assert held(plans.follow(History(checkout.root, clock), checkout.catalog)) == planned


def test_what_is_due_comes_again():
    """A kata that was solved is repeated on the day that the schedule asks for, for half of its par time."""
    kata = CATALOG.find("vif")[0]
    given = {Item(kata.path): [(datetime.combine(MONDAY - timedelta(days=30), time(12), UTC), Mark.GOOD)]}
    tasks = laid(wish(10), {kata.path}, given).days[MONDAY]
    assert [task.amount for task in tasks if task.kata == kata.path] == [repetition(kata)]
    assert not any(task.kind is Kind.NEW and task.kata == kata.path for task in tasks)


def test_a_plan_is_kept_over_two_weeks(checkout, capsys):
    """Who does all that is planned misses nothing, has it in the calendar, and finds the next day as it was told."""
    clock = Day(MONDAY)
    few = "metrics,trees,diagnostics"
    status, printed = ask(checkout, clock, capsys, "--date", "2026-12-14", "--minutes", "60", "--topics", few)
    assert status == 0
    assert "Interview on Monday 14 Dec 2026, in 14 days" in printed
    for _ in range(14):
        following = plans.follow(History(checkout.root, clock), checkout.catalog)
        assert not following.missed
        follow(checkout, clock, [step.task for step in following.steps])
        clock.day += timedelta(days=1)
    assert "in 14 days" not in ask(checkout, clock, capsys)[1]
    clock.day += timedelta(days=1)
    assert "There is no plan" in ask(checkout, clock, capsys)[1]


@pytest.mark.slow
def test_missed_days_are_laid_out_afresh(checkout, capsys):
    """What was missed finds another day; the past stays as it was planned, and the change is told once."""
    clock, draw = Day(MONDAY), random.Random(3)  # noqa: S311 - no secret
    ask(checkout, clock, capsys, "--date", "2026-12-28", "--minutes", "60")
    planned = plans.follow(History(checkout.root, clock), checkout.catalog).days
    kept, was_missed = {MONDAY: planned[MONDAY]}, set()
    for _ in range(20):
        following = plans.follow(History(checkout.root, clock), checkout.catalog)
        assert {day: [step.task for step in following.days[day]] for day in kept} == {
            day: [step.task for step in steps] for day, steps in kept.items()
        }
        kept[clock.day] = following.steps
        assert was_missed <= set(following.missed)
        if draw.random() < 0.5:
            follow(checkout, clock, [step.task for step in following.steps])
        elif following.steps:
            was_missed.add(clock.day)
        clock.day += timedelta(days=1)
    assert was_missed
    history = History(checkout.root, clock)
    following = plans.follow(history, checkout.catalog)
    ahead = {task.kata for day in following.days if day >= clock.day for task in following.tasks_of(day)}
    new = {task.kata for steps in kept.values() for step in steps for task in [step.task] if task.kind is Kind.NEW}
    left = {kata for kata in new - history.solved() if kata not in following.plan.left_out}
    assert left
    assert left <= ahead
    assert all(
        following.sign(day) == "missed" for day in was_missed if not any(step.done for step in following.days[day])
    )


def test_missed_days_are_told_once(checkout, capsys):
    """The first command of a new day says what was missed, the second no more."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28")
    clock.day += timedelta(days=1)
    # Who only looks for a kata is not told, and takes nothing from what is to be told.
    assert "went otherwise" not in ask(checkout, clock, capsys, "vif", module=list_command)[1]
    assert "1 day went otherwise than planned" in ask(checkout, clock, capsys)[1]
    assert "went otherwise" not in ask(checkout, clock, capsys)[1]
    following = plans.follow(History(checkout.root, clock), checkout.catalog)
    follow(checkout, clock, following.tasks_of(clock.day))
    clock.day += timedelta(days=1)
    assert "went otherwise" not in ask(checkout, clock, capsys)[1]


def test_next_follows(checkout, capsys):
    """`next` tells today's steps, and the command of the first that is open; then what comes after them."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28", "--topics", "diagnostics,trees", "--days", "mon,wed")
    steps = plans.follow(History(checkout.root, clock), checkout.catalog).steps
    names = [step.task.kata.split("/")[1] for step in steps]
    _, printed = ask(checkout, clock, capsys, module=next_command)
    assert f"Today: 0 of {len(steps)} done" in printed
    assert f"practice {names[0]}" in printed
    solve(checkout, clock, steps[0].task.kata)
    _, printed = ask(checkout, clock, capsys, module=next_command)
    assert f"Today: 1 of {len(steps)} done" in printed
    assert f"practice {names[1]}" in printed
    for step in steps[1:]:
        solve(checkout, clock, step.task.kata)
    _, printed = ask(checkout, clock, capsys, module=next_command)
    assert "All of today's plan is done." in printed
    assert "Wed  2 Dec: " in printed
    clock.day += timedelta(days=1)
    assert "Nothing is planned for today." in ask(checkout, clock, capsys, module=next_command)[1]


def test_questions_are_counted(checkout, capsys):
    """Of today's questions the plan tells how many are marked, until all are."""
    clock = Day(MONDAY)
    solve(checkout, clock, "diagnostics/vif")
    ask(checkout, clock, capsys, "--date", "2026-12-28")
    (questions,) = [
        step.task
        for step in plans.follow(History(checkout.root, clock), checkout.catalog).steps
        if step.task.kind is Kind.QUESTIONS
    ]
    assert f"{questions.sentence}\n" in ask(checkout, clock, capsys)[1]
    follow(checkout, clock, [questions._replace(amount=1)])
    assert f"{questions.sentence}, 1 marked\n" in ask(checkout, clock, capsys)[1]
    follow(checkout, clock, [questions])
    assert f"+ {questions.sentence}\n" in ask(checkout, clock, capsys)[1]


def test_progress_has_the_calendar(checkout, tmp_path):
    """`progress`, its JSON and the page have the plan."""
    day = datetime.now(UTC).date() + timedelta(days=20)
    until = day.isoformat()
    assert checkout.run("plan", "--date", until, "--minutes", "45").returncode == 0
    printed = checkout.run("progress").stdout
    assert f"Plan until {day_text(day)}" in printed
    assert "+ done" in printed
    assert all(len(line) <= 80 for line in printed.splitlines())
    found = json.loads(checkout.run("progress", "--json").stdout)["plan"]
    assert found["until"] == until
    assert found["minutes"] == 45
    page = tmp_path / "page.html"
    assert checkout.run("progress", "--html", str(page)).returncode == 0
    text = page.read_text(encoding="utf-8")
    for day, planned in found["days"].items():
        assert (f'data-date="{day}" data-sign="{planned["state"]}"' in text) == bool(planned["tasks"])
    assert f'data-date="{until}" data-sign="interview"' in text


def test_a_change_keeps_the_rest(checkout, capsys):
    """What is not said again stays as it was; a new plan takes the place of the old one."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28", "--minutes", "30", "--days", "mon,tue", "--topics", "trees")
    before = plans.current(History(checkout.root, clock)).wish
    _, printed = ask(checkout, clock, capsys, "--minutes", "90")
    assert "takes the place of the one before" in printed
    after = plans.current(History(checkout.root, clock)).wish
    assert after == Wish(before.until, 90, before.weekdays, before.katas)
    _, printed = ask(checkout, clock, capsys, "--off")
    assert "forgotten" in printed
    assert plans.current(History(checkout.root, clock)) is None
    assert "There is no plan" in ask(checkout, clock, capsys, "--off")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "soon"), "'soon' is no date"),
        (("--date", "2026-11-30"), "not after today"),
        (("--date", "2036-11-30"), "more than three years off"),
        (("--date", "2026-12-28", "--minutes", "5"), "15 to 600 minutes"),
        (("--date", "2026-12-28", "--days", "mon,noday"), "'noday' is no day of the week"),
        (("--date", "2026-12-02", "--days", "sun"), "No day of practice (Sun)"),
        (("--minutes", "30"), "Say when the interview is"),
    ],
)
def test_what_makes_no_plan(checkout, capsys, words, said):
    """What was asked for wrongly is told, with what to do, and no plan is made."""
    status, printed = ask(checkout, Day(MONDAY), capsys, *words)
    assert status == 2
    assert said in printed
    assert plans.current(History(checkout.root, Day(MONDAY))) is None


def test_a_clock_that_was_set_back(checkout, capsys):
    """A day that comes again has a plan, and nothing is lost."""
    clock = Day(MONDAY)
    ask(checkout, clock, capsys, "--date", "2026-12-28")
    clock.day += timedelta(days=5)
    ask(checkout, clock, capsys)
    clock.day = MONDAY - timedelta(days=3)
    following = plans.follow(History(checkout.root, clock), checkout.catalog)
    assert following.steps
    assert not following.missed
    assert marks(History(checkout.root, clock)) == {}
    assert "Interview on" in ask(checkout, clock, capsys, "--all")[1]
