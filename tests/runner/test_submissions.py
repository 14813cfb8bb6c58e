"""The grader survives whatever a submission does, says what it did, grades the others, and is not fooled."""

import functools
import json
import os
import pickle
import sqlite3
import subprocess
import sys
import time
from hashlib import sha256
from xml.etree import ElementTree as ET

import pytest

from katagrad.record.locks import exclusive
from tests.runner.attacks import ATTACKS
from tests.runner.matrix import TOPIC, Checkout, grade_rows
from tests.runner.submissions import FILES, GUARDED, ROWS, STARTED, WRONG, first

pytestmark = [pytest.mark.timeout(1000), pytest.mark.slow]

LINUX = {"linux", "landlock"} if sys.platform == "linux" else set()
USER = {"user"} if getattr(os, "geteuid", int)() else set()
# Each way to run submissions: its rows, what they may need, whether the kernel's help is left out, and the environment.
MODES = {
    "fork": ([*ROWS, *ATTACKS], LINUX | {"fork"}, False, {}),
    "spawn": ([*STARTED, *ATTACKS], LINUX, False, {"KATAGRAD_START": "spawn"}),
    "bare": ([*GUARDED, *ATTACKS], {"linux", "fork", "bare"}, True, {}),
}
if sys.platform != "linux":
    MODES = {"spawn": ([*ROWS, *ATTACKS], set(), False, {})}


def rows_of(mode):
    """Return the rows that can be run."""
    rows, had, *_ = MODES[mode]
    return [row for row in rows if row.needs in {"", *had, *USER}]


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory):
    """Give what grades all rows of one way to run submissions, once, whichever of pytest's processes asks first."""
    # pytest-xdist gives each of its processes a folder of its own in one that they share.
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    @functools.cache
    def graded(mode):
        *_, bare, environment = MODES[mode]
        path = shared / f"{mode}.pickle"
        while True:
            with exclusive(path.with_suffix(".lock")) as ours:
                if ours and not path.exists():
                    outcome = grade_rows(tmp_path_factory.mktemp(mode), rows_of(mode), bare=bare, **environment)
                    path.write_bytes(pickle.dumps(outcome))
                if ours:
                    return pickle.loads(path.read_bytes())  # noqa: S301 - our own
            time.sleep(0.1)

    return graded


@pytest.fixture
def outcome(outcomes, mode):
    """Give what came of one way to run submissions."""
    return outcomes(mode)


each_mode = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize(
    ("mode", "row"), [pytest.param(mode, row, id=f"{mode}-{row.name}") for mode in MODES for row in rows_of(mode)]
)
def test_submission(outcome, row):
    """A submission gets the state it deserves, in a sentence that helps."""
    verdict = outcome.verdicts[row.name]
    text = json.dumps(verdict, ensure_ascii=False)
    assert verdict["state"] in row.state.split(" or "), text
    for words in row.words:
        assert outcome.checkout.text(row.name, words) in text


@each_mode
def test_neighbours(outcome):
    """The katas before and after each row are graded as usual."""
    others = {name: verdict for name, verdict in outcome.verdicts.items() if name.startswith(("right_", "wrong_"))}
    assert len(others) == len(outcome.verdicts) - len(others) + 1
    for name, verdict in others.items():
        broken = {rule["name"] for rule in verdict["rules"] if rule["failure"]}
        assert broken == ({"double"} if name.startswith("wrong_") else set()), (name, verdict)
        assert len(verdict["rules"]) == 7


@each_mode
def test_nothing_is_left(outcome):
    """No process and no scratch directory is left, and no file of the checkout is changed."""
    assert outcome.checkout.processes() == []
    assert list(outcome.checkout.scratch.iterdir()) == []
    assert outcome.checkout.tree() == outcome.before


@each_mode
def test_every_attempt_is_remembered(outcome):
    """The history holds one attempt at each kata that was started, and says what the verdict said."""
    with sqlite3.connect(outcome.checkout.root / ".katagrad" / "history.db") as base:
        rows = base.execute("SELECT kata, state FROM attempts").fetchall()
    assert len(rows) == len(dict(rows))
    for kata, state in rows:
        assert outcome.verdicts[kata.partition("/")[2]]["state"] == state
    assert len(rows) >= len(outcome.verdicts) - len(FILES)


@each_mode
def test_what_is_printed(outcome):
    """The run ends with its own exit status, nothing on standard error, and no control characters."""
    assert outcome.result.returncode == 1
    assert outcome.result.stderr == b""
    shown = outcome.result.stdout.decode()
    assert not [letter for letter in shown if not (letter.isprintable() or letter == "\n")]
    assert f"{TOPIC}/os_exit" in shown
    suites = ET.parse(outcome.checkout.root.parent / "verdicts.xml").getroot()
    assert len(suites) == len(outcome.verdicts)


ALONE = (
    "missing",
    "syntax_error",
    "imports_scipy",
    "untouched_stub",
    "returns_none",
    "changes_argument",
    "prints_escapes",
    "loops",
    "os_exit",
    "sys_exit_while_loading",
    "loops_in_a_lasting_thread",
    "writes_to_all_descriptors",
)


@pytest.mark.parametrize("mode", list(MODES)[:1])
@pytest.mark.parametrize("row", [row for row in ROWS if row.name in ALONE], ids=lambda row: row.name)
def test_by_itself(outcome, row):
    """A kata graded by itself gets the same state, words for a person, and the exit status of its state."""
    result = outcome.checkout.run("grade", row.name, "--all")
    shown = " ".join(result.stdout.decode().split())
    assert result.returncode == (row.state != "solved"), shown
    assert result.stderr == b""
    for words in row.words:
        assert outcome.checkout.text(row.name, words) in shown
    assert outcome.checkout.processes() == []


def test_changed_while_graded(tmp_path):
    """The text at the start of a run is the one that is graded and remembered; an edit belongs to the next run."""
    checkout = Checkout(tmp_path / "checkout")
    checkout.add("first")
    text = first("import time\nopen('begun', 'w').close()\ntime.sleep(0.5)")
    checkout.fill("first", text)
    with subprocess.Popen(**checkout.command("grade", "first"), stdout=subprocess.PIPE) as run:
        end = time.monotonic() + 60
        while not list(checkout.scratch.rglob("begun")) and time.monotonic() < end:
            time.sleep(0.005)
        checkout.fill("first", WRONG)
        assert b"solved" in run.communicate(timeout=60)[0]
    assert b"attempt 2" in checkout.run("grade", "first").stdout
    with sqlite3.connect(checkout.root / ".katagrad" / "history.db") as base:
        rows = base.execute("SELECT state, text_hash FROM attempts ORDER BY id").fetchall()
    assert rows == [
        (state, sha256(text.encode()).hexdigest()) for state, text in (("solved", text), ("failing", WRONG))
    ]
