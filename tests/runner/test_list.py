"""The list: katas in a table that fits, found and left out as asked, with what the history says of them."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from katagrad.clock import Clock
from katagrad.record.history import History
from katagrad.verdict import Bar, Rule, State, Verdict
from tests.runner.conftest import Checkout

SOLVED, STRICT, FAILING, UNTOUCHED = "vif", "roc_auc", "population_stability_index", "ridge"


class Past(Clock):
    """A clock that stands where it is put."""

    def __init__(self, at):
        self.at = at

    def now(self):
        """Return where it was put."""
        return self.at


@pytest.fixture(scope="module")
def practised(tmp_path_factory):
    """Give the tests a checkout with one kata in each state, one of them due; none of them changes it."""
    checkout = Checkout(tmp_path_factory.mktemp("practised") / "katagrad checkout")
    clock = Past(datetime.now(UTC) - timedelta(days=90))
    history = History(checkout.root, clock)
    core, strict = Rule("ties", "Ties."), Rule("dtypes", "Dtypes.", bar=Bar.STRICT)
    history.record(Verdict(checkout.kata(SOLVED).path, State.SOLVED, (core,), total=1), "solved")
    clock.at = datetime.now(UTC)
    history.record(Verdict(checkout.kata(STRICT).path, State.SOLVED, (core, strict), total=1), "strict")
    history.record(Verdict(checkout.kata(FAILING).path, State.FAILING, (core, core), total=3), "wrong")
    history.connection.close()
    return checkout


def listed(checkout, *arguments):
    """Return the names of the katas that are printed, in order."""
    result = checkout.run("list", *arguments)
    known = {kata.name for kata in checkout.catalog.katas}
    return [line.split()[0] for line in result.stdout.splitlines() if line.split()[0] in known]


def test_all_katas(practised):
    """Without words there is one line a kata, in study order below the topics, with its state and when it is due."""
    result = practised.run("list")
    assert result.returncode == 0, result.stderr
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert listed(practised) == [kata.name for kata in practised.catalog.katas]
    for kata in practised.catalog.katas:
        assert re.fullmatch(
            rf"{kata.name} +{re.escape(kata.about)} +{kata.difficulty} +{kata.minutes}\b.*", lines[kata.name]
        )
    assert re.search(r"15 +solved +today *$", lines[SOLVED])
    assert re.search(r"15 +strict +\d d *$", lines[STRICT])
    assert re.search(r"15 +2/3 *$", lines[FAILING])
    assert re.search(r"15 *$", lines[UNTOUCHED])
    assert all(topic.about in lines[topic.name] for topic in practised.catalog.topics)
    assert f"{len(practised.catalog.katas)} katas, " in result.stdout
    assert "2 solved, 1 due" in result.stdout
    assert result.stdout.endswith("Ready-made selections: python -m katagrad list --selections\n")
    assert "Ready-made" not in practised.run("list", "--state", "due").stdout


@pytest.mark.parametrize("columns", ["80", "140"])
def test_it_fits_a_terminal(practised, columns):
    """On a terminal each kata takes one line, whose description is cut if it has to be, and nothing else is."""
    from tests.runner.person import Person  # noqa: PLC0415 - skips where there is no terminal

    with Person(practised, "list", COLUMNS=columns, NO_COLOR="1") as person:
        assert person.ends() == 0
        lines = person.plain().splitlines()
    assert [line for line in lines if len(line) > int(columns)] == []
    for kata in practised.catalog.katas:
        (line,) = [line for line in lines if line.startswith(f"{kata.name} ")]
        about = re.match(rf"{kata.name} +(.*?)(\u2026?) +{kata.difficulty} +{kata.minutes}\b", line)
        assert kata.about.startswith(about[1])
        assert about[2] or about[1] == kata.about
        assert len(about[1]) > 12
        assert columns == "80" or not about[2]


def test_a_new_checkout(checkout):
    """Where nothing was done and nothing is due there are no columns for it."""
    head = checkout.run("list", "softmax").stdout.splitlines()[0]
    assert head.split() == ["kata", "what", "it", "is", "level", "min"]


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        (["--topic", "metrics"], lambda kata: kata.topic == "metrics"),
        (["--topic", "Metrics,drift"], lambda kata: kata.topic in ("metrics", "drift")),
        (["--topic", "metrics", "--topic", "drift"], lambda kata: kata.topic in ("metrics", "drift")),
        (["--difficulty", "easy"], lambda kata: kata.difficulty == "easy"),
        (["Easy"], lambda kata: kata.difficulty == "easy"),
        (["--difficulty", "easy,hard"], lambda kata: kata.difficulty != "medium"),
        (["--max-minutes", "15"], lambda kata: kata.minutes <= 15),
        (["--state", "solved"], lambda kata: kata.name in (SOLVED, STRICT)),
        (["--state", "strict"], lambda kata: kata.name == STRICT),
        (["--state", "started"], lambda kata: kata.name == FAILING),
        (["--state", "due"], lambda kata: kata.name == SOLVED),
        (["--state", "new"], lambda kata: kata.name not in (SOLVED, STRICT, FAILING)),
        (["--state", "unsolved"], lambda kata: kata.name not in (SOLVED, STRICT)),
        (["--state", "started,due"], lambda kata: kata.name in (SOLVED, FAILING)),
        (["--topic", "metrics", "--max-minutes", "10"], lambda kata: kata.topic == "metrics" and kata.minutes <= 10),
    ],
)
def test_options_leave_out_katas(practised, arguments, keeps):
    """Each option keeps the katas that it names, in study order; several must all hold."""
    kept = [kata.name for kata in filter(keeps, practised.catalog.katas)]
    assert kept
    assert listed(practised, *arguments) == kept


def test_words(practised):
    """Words find katas, the best first; those that only mention them are counted, and shown on demand."""
    found = listed(practised, "softmax")
    assert found[0] == "cross_entropy"
    result = practised.run("list", "softmax").stdout
    more = int(re.search(r"(\d+) more mention it: python -m katagrad list softmax --all", result)[1])
    assert more
    every = listed(practised, "softmax", "--all")
    assert every[: len(found)] == found
    assert len(every) == len(found) + more
    assert set(listed(practised, "softmax", "--topic", "losses")) < set(every)
    assert listed(practised, "least", "squares")[0] == "least_squares"


def test_some_of_the_words(practised):
    """If no kata has all words, those with most of them are shown, and that is said."""
    result = practised.run("list", "adam", "vif")
    assert "No kata has all of the words 'adam vif'" in result.stdout
    assert {"adam", "vif"} <= set(listed(practised, "adam", "vif"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sofmax"], "There is no kata on 'sofmax'. Nearest: cross_entropy (softmax)"),
        (["zzz"], "There is no kata on 'zzz'. All of them: python -m katagrad list"),
        (
            ["softmax", "--topic", "drift,trees", "--max-minutes", "1"],
            "There is no kata on 'softmax' with: topic drift or trees, at most 1 min.",
        ),
        (["--state", "due", "--topic", "trees"], "There is no kata with: topic trees, state due."),
    ],
)
def test_nothing_found(practised, arguments, said):
    """What finds nothing exits 1 with a sentence, and with what is found without the options."""
    result = practised.run("list", *arguments)
    assert result.returncode == 1
    assert said in " ".join(result.stdout.split())
    if "with:" in said:
        others = [word for word in arguments if word == "softmax"]
        assert "Without these options there are " in result.stdout
        assert result.stdout.rstrip().endswith(" ".join(["python -m katagrad list", *others]))
    found = practised.run("list", *arguments, "--json")
    assert found.returncode == 1
    assert json.loads(found.stdout) == {"katas": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topic", "metrcs"], "There is no topic 'metrcs'. Nearest: metrics"),
        (["--selection", "month"], "There is no selection 'month'. Selections: week, "),
        (["--difficulty", "trivial"], "'trivial' is none of easy, medium, hard"),
        (["--state", "finished,due"], "'finished' is none of new, started, unsolved, solved, strict, due"),
        (["--max-minutes", "ten"], "'ten' is not a whole number"),
        (["--topic", ","], "',' names nothing"),
    ],
)
def test_wrong_options(practised, arguments, said):
    """A value that means nothing is answered with those that do."""
    result = practised.run("list", *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_selections(practised):
    """Each selection is listed with whom it is for, and its katas are shown in its own order."""
    result = practised.run("list", "--selections")
    assert result.returncode == 0
    told = " ".join(result.stdout.split())
    for selection in practised.catalog.selections:
        assert f"{selection.title} {len(selection.katas)} katas, " in told
        assert f"{selection.audience} python -m katagrad list --selection {selection.name}" in told
        assert listed(practised, "--selection", selection.title) == [kata.name for kata in selection.katas]
    assert "Statistics and experiments 24 katas, 7 h 20 min, 2 solved" in told
    shown = practised.run("list", "--selection", "week").stdout
    assert shown.startswith(f"A week: {practised.catalog.selection('week').audience[:40]}")
    easy = [kata.name for kata in practised.catalog.selection("week").katas if kata.difficulty == "easy"]
    assert listed(practised, "--selection", "week", "--difficulty", "easy") == easy


def test_a_selection_among_the_words(practised):
    """Who looks for a selection by words is told how to see it."""
    for words in (["language", "models"], ["two", "weeks"]):
        name = "_".join(words)
        assert f"Selection: python -m katagrad list --selection {name}" in practised.run("list", *words).stdout


def test_json(practised):
    """The JSON has the same katas in the same order, with everything that the table has."""
    katas = json.loads(practised.run("list", "--json").stdout)["katas"]
    assert [kata["kata"] for kata in katas] == [kata.path for kata in practised.catalog.katas]
    found = {kata["kata"].split("/")[1]: kata for kata in katas}
    kata = practised.kata(SOLVED)
    assert found[SOLVED]["about"] == kata.about
    assert found[SOLVED]["aliases"] == list(kata.aliases)
    assert (found[SOLVED]["difficulty"], found[SOLVED]["minutes"]) == (kata.difficulty, kata.minutes)
    assert {name for name in found if found[name]["solved"]} == {SOLVED, STRICT}
    assert {name for name in found if found[name]["strict"]} == {STRICT}
    assert {name for name in found if found[name]["due_today"]} == {SOLVED}
    assert {name for name in found if found[name]["due"]} == {SOLVED, STRICT}
    words = json.loads(practised.run("list", "softmax", "--json").stdout)["katas"]
    assert [kata["kata"].split("/")[1] for kata in words] == listed(practised, "softmax", "--all")
    selections = json.loads(practised.run("list", "--selections", "--json").stdout)["selections"]
    assert {each["selection"]: each["katas"] for each in selections} == {
        selection.name: [kata.path for kata in selection.katas] for selection in practised.catalog.selections
    }


def test_other_commands_read_no_index(practised):
    """A known name is found without the index: only a name that is none, and words to find, ask for it."""
    script = (
        "import sys; from katagrad.katas.catalog import Catalog; Catalog().find('vif'); "
        "sys.exit('katagrad.katas.search' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=practised.root, check=False, timeout=60).returncode == 0
