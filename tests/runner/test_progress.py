"""Progress: the table, the chart, the JSON and the page say what the history says."""

import html
import json
import random
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from katagrad.clock import Clock, duration
from katagrad.record import sessions
from katagrad.record.history import History, add_mark
from katagrad.record.schedule import mark_of
from katagrad.record.sessions import Ending
from katagrad.verdict import Rule, State, Verdict
from tests.runner.conftest import Checkout

pytestmark = pytest.mark.timeout(300)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ORDINARY = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


class Past(Clock):
    """A clock that stands where it is put."""

    def __init__(self, at):
        self.at = at

    def now(self):
        """Return where it was put."""
        return self.at


@pytest.fixture(scope="module")
def practised(tmp_path_factory):
    """Give the tests a checkout in which somebody practised for four months; none of them changes it."""
    checkout = Checkout(tmp_path_factory.mktemp("practised") / "katagrad checkout")
    start = datetime.now(UTC) - timedelta(days=120)
    clock = Past(start)
    history = History(checkout.root, clock)
    draw = random.Random(7)  # noqa: S311 - no secret
    for turn in range(40):
        clock.at = start + timedelta(days=2.9 * turn, hours=draw.random())
        kata = draw.choice(checkout.catalog.katas[1:])
        session = sessions.begin(history, kata)
        failing = Verdict(kata.path, State.FAILING, (Rule("ties", "Ties."),), total=1)
        history.record(failing, f"wrong {turn}", session.id)
        gave_up, seconds = turn % 6 == 5, 60 * kata.minutes * draw.uniform(0.3, 2.5)
        if not gave_up:
            history.record(Verdict(kata.path, State.SOLVED, total=1), f"right {turn}", session.id)
        ended = replace(session, outcome=Ending.GAVE_UP if gave_up else Ending.SOLVED, seconds=seconds)
        sessions.finish(history, ended, mark_of(seconds, session.par, 0, gave_up=gave_up))
        for followup in kata.followups[:1]:
            with history.transaction() as database:
                add_mark(database, kata.path, followup.question, history.now(), draw.randint(1, 4))
    history.connection.close()
    return checkout


def days(checkout):
    """Return how often something was done on each day, from the history alone."""
    query = "SELECT at FROM attempts UNION ALL SELECT at FROM reviews WHERE question <> ''"
    found = {}
    for (at,) in checkout.rows(query):
        day = datetime.fromisoformat(at).astimezone().date().isoformat()
        found[day] = found.get(day, 0) + 1
    return found


def best(checkout):
    query = "SELECT kata, min(seconds) FROM sessions WHERE outcome = 'solved' GROUP BY kata"
    return dict(checkout.rows(query))


def solved(checkout):
    return {kata for (kata,) in checkout.rows("SELECT DISTINCT kata FROM attempts WHERE state = 'solved'")}


def test_table(practised):
    """The table has state, best time, par and date of each kata begun; it fits, and counts what is solved and due."""
    result = practised.run("progress")
    assert result.returncode == 0, result.stderr
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.startswith("  ") and line.strip()}
    begun = {kata for (kata,) in practised.rows("SELECT DISTINCT kata FROM attempts")}
    for kata in practised.catalog.katas:
        assert (kata.name in lines) == (kata.path in begun)
        if kata.name not in lines:
            continue
        assert duration(60 * kata.minutes) in lines[kata.name]
        time = best(practised).get(kata.path)
        assert time is None or duration(time) in lines[kata.name]
        assert (" solved " in lines[kata.name]) == (kata.path in solved(practised))
    assert f"{len(solved(practised))} of {len(practised.catalog.katas)} solved" in result.stdout
    due = sum(line.endswith("today") for line in lines.values())
    assert due
    assert f"{due} due: " in result.stdout
    assert f"{len(practised.catalog.katas) - len(begun)} not begun: " in result.stdout
    topic = practised.run("progress", "metrics").stdout
    assert all(kata.name in topic for kata in practised.catalog.select(["metrics"]))
    assert "not begun" not in topic


def test_trend(practised):
    """One kata's times are drawn as bars, as long as the time, with the best one marked."""
    ((kata, _),) = practised.rows("SELECT kata, count(*) FROM sessions GROUP BY kata ORDER BY 2 DESC LIMIT 1")
    printed = practised.run("progress", kata).stdout
    assert all(len(line) <= 80 for line in printed.splitlines())
    query = f"SELECT seconds, outcome FROM sessions WHERE kata = '{kata}' ORDER BY id"  # noqa: S608 - a kata's name
    times = practised.rows(query)[-12:]
    bars = [line for line in printed.splitlines() if "|" in line and "\u2588" in line]
    assert [re.search(r"\d+(:\d\d)+", line)[0] for line in bars[-len(times) :]] == [duration(time) for time, _ in times]
    lengths = [line.count("\u2588") for line in bars[-len(times) :]]
    order = sorted(range(len(times)), key=lambda place: times[place][0])
    assert [lengths[place] for place in order] == sorted(lengths)
    assert sum(line.endswith("best") for line in bars) == 1
    assert sum(line.endswith("gave up") for line in bars) == sum(outcome == "gave up" for _, outcome in times)


def test_nothing_yet(checkout, tmp_path):
    """Before anything was done there is a table, a page and JSON too."""
    assert f"0 of {len(checkout.catalog.katas)} solved" in checkout.run("progress").stdout
    assert "No time yet" in checkout.run("progress", "vif").stdout
    assert json.loads(checkout.run("progress", "--json").stdout)["solved"] == 0
    page = tmp_path / "page.html"
    assert checkout.run("progress", "--html", str(page)).returncode == 0
    assert "None yet." in page.read_text(encoding="utf-8")


def test_json(practised):
    """The JSON has the figures of the history."""
    found = json.loads(practised.run("progress", "--json").stdout)
    katas = {kata["kata"]: kata for kata in found["katas"]}
    assert set(katas) == {kata.path for kata in practised.catalog.katas}
    assert {name for name, kata in katas.items() if kata["solved"]} == solved(practised)
    assert {name: kata["best_seconds"] for name, kata in katas.items() if kata["best_seconds"]} == best(practised)
    assert sum(kata["attempts"] for kata in katas.values()) == len(practised.rows("SELECT * FROM attempts"))
    times = [time["seconds"] for kata in katas.values() for time in kata["times"]]
    assert sorted(times) == [seconds for (seconds,) in practised.rows("SELECT seconds FROM sessions ORDER BY seconds")]
    assert found["days"] == days(practised)
    only = json.loads(practised.run("progress", "diagnostics", "--json").stdout)
    assert {kata["kata"].split("/")[0] for kata in only["katas"]} == {"diagnostics"}


def browse(tmp_path, page, *options):
    """Open a page in a browser and return the document after its scripts have run."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        pytest.skip(f"there is no browser to look at the page with: none of {', '.join(BROWSERS)}")
    command = [browser, *ORDINARY, f"--user-data-dir={tmp_path / 'profile'}", *options, "--dump-dom", page.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=200, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def values(document, attribute, of):
    """Return one attribute by another, of all elements that have both."""
    found = {}
    for element in re.findall(r"<[a-z]+ [^>]*>", document):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', element))
        if attribute in attributes and of in attributes:
            found[attributes[of]] = attributes[attribute]
    return found


def test_page_in_a_browser(practised, tmp_path):
    """The page, opened in a browser, shows the figures of the history."""
    page = tmp_path / "page.html"
    result = practised.run("progress", "--html", str(page))
    assert result.stdout == f"written: {page}\n"
    document = browse(tmp_path, page)
    assert f"<b>{len(solved(practised))}</b><span>of {len(practised.catalog.katas)} solved</span>" in document
    assert f"<b>{len(days(practised))}</b><span>days of practice</span>" in document
    shown = {kata: float(seconds) for kata, seconds in values(document, "data-best", "data-kata").items() if seconds}
    assert shown == pytest.approx(best(practised), abs=0.06)
    counts = dict(practised.rows("SELECT kata, count(*) FROM sessions GROUP BY kata"))
    assert {kata: int(times) for kata, times in values(document, "data-times", "data-kata").items()} == counts
    cells = values(document, "data-count", "data-date")
    assert {day: int(count) for day, count in cells.items() if count != "0"} == days(practised)
    for kata, seconds in best(practised).items():
        minutes = next(one.minutes for one in practised.catalog.katas if one.path == kata)
        assert f"{duration(seconds)} of {duration(60 * minutes)}" in document
    for kata in practised.catalog.katas:
        assert f'data-kata="{kata.path}"' in document


def test_page_needs_no_network(practised, tmp_path):
    """The page loads nothing: no address, no script, no picture."""
    page = tmp_path / "page.html"
    practised.run("progress", "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(src|href|url)\s*[=(]|@import|<script|<link|<img|https?://", text)


MEASURE = """
<body><script>
const frame = document.createElement("iframe");
frame.width = WIDTH; frame.height = 800; frame.srcdoc = PAGE;
frame.onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const style = frame.contentWindow.getComputedStyle, seen = style(page.body);
  const words = [...page.querySelectorAll("body *")].filter(one => one.textContent && !one.closest("svg"));
  const small = words.filter(one => parseFloat(style(one).fontSize) < 12);
  document.title = [root.scrollWidth - root.clientWidth, small.length, seen.backgroundColor, seen.color].join(";");
};
document.body.append(frame);
</script></body>
"""


@pytest.mark.parametrize("width", [340, 1200])
@pytest.mark.parametrize("dark", [False, True])
def test_page_on_a_phone_and_in_the_dark(practised, tmp_path, width, dark):
    """On a narrow screen nothing runs over the edge nor gets tiny; in dark mode the paper is dark, the ink light."""
    page, wrapper = tmp_path / "page.html", tmp_path / "wrapper.html"
    practised.run("progress", "--html", str(page))
    text = json.dumps(page.read_text(encoding="utf-8")).replace("</", "<\\/")
    wrapper.write_text(MEASURE.replace("WIDTH", str(width)).replace("PAGE", text), encoding="utf-8")
    document = browse(tmp_path, wrapper, *(["--blink-settings=preferredColorScheme=0"] if dark else []))
    over, small, paper, ink = html.unescape(re.search(r"<title>([^<]+)", document)[1]).split(";")
    assert int(over) <= 0
    assert int(small) == 0
    light = [sum(map(int, re.findall(r"\d+", colour)[:3])) > 382 for colour in (paper, ink)]
    assert light == ([False, True] if dark else [True, False])
