"""The runner may be killed at any moment: nothing is lost, and nothing is left."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runner.matrix import Checkout

# An interview goes by the clock: each of its turns takes several times as long.
TURNS, OF_INTERVIEWS = 200, 100

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="forks, and finds processes in /proc"),
    pytest.mark.timeout(600),
    pytest.mark.slow,
]


@pytest.fixture
def checkout(tmp_path):
    """Give a checkout of two katas."""
    checkout = Checkout(tmp_path / "checkout")
    checkout.add("first", "second")
    return checkout


def killed(checkout, turns, *only):
    """Kill commands of a checkout at random moments, or one of them alone; return what was found."""
    seed = random.SystemRandom().randrange(10**6)
    command = checkout.command()
    command["args"] = [
        sys.executable,
        "-I",
        str(Path(__file__).with_name("killing.py")),
        *map(str, (checkout.root, turns, seed, *only)),
    ]
    result = subprocess.run(**command, capture_output=True, timeout=580, check=False, text=True)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["problems"] == [], seed
    assert found["killed"] > turns / 4, found
    assert found["blanked"] > 0, found
    assert checkout.processes() == []
    return found


def test_killed_at_any_moment(checkout):
    """Whenever a command is killed, the history is whole and holds what was told, and no text is lost."""
    found = killed(checkout, TURNS)
    assert found["reported"] > 0, found


def test_interview_killed_at_any_moment(checkout):
    """An interview that is killed again and again keeps every mark, answer and second, and is resumed."""
    found = killed(checkout, OF_INTERVIEWS, "interview")
    assert found["marks"] > 0, found
    assert 0 < found["interviews"] < OF_INTERVIEWS, found


def test_what_a_killed_runner_left(checkout):
    """A later run removes the directories and half-written files of one that was killed, once they are old."""
    scratch = checkout.scratch / "katagrad-scratch-abcd1234"
    half, kept = checkout.folder / ".first-abcd1234.tmp", checkout.root / ".katagrad" / "kept" / "rows" / "first"
    foreign = [checkout.scratch / "katagrad-scratch-mine", checkout.folder / ".notes.tmp"]
    for folder in (scratch / "below", kept, foreign[0]):
        folder.mkdir(parents=True)
    for file in (half, kept / ".0001-abcd1234.tmp", foreign[1]):
        file.write_text("half a")
    checkout.fill("first", "x = 1")
    young = [checkout.scratch / "katagrad-scratch-efgh5678", checkout.folder / ".first-efgh5678.tmp"]
    young[0].mkdir()
    young[1].touch()
    for path in (scratch, half, kept / ".0001-abcd1234.tmp", *foreign):
        os.utime(path, (time.time() - 10**5,) * 2)
    checkout.run("grade", "first")
    checkout.run("reset", "first")
    assert not scratch.exists()
    assert not half.exists()
    assert [path.name for path in kept.iterdir()] == ["0001.py"]
    assert all(path.exists() for path in (*foreign, *young))


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.parametrize("names", [["first"], ["first", "second"]], ids=["alone", "side by side"])
def test_no_process_outlives_the_runner(checkout, way, names):
    """Killed while submissions loop, the runner leaves no process behind."""
    for name in names:
        checkout.fill(name, "while True:\n    open('begun', 'w').close()\n")
    with subprocess.Popen(**checkout.command("grade", *names, KATAGRAD_START=way)) as runner:
        end = time.monotonic() + 60
        while len(list(checkout.scratch.rglob("begun"))) < len(names) and time.monotonic() < end:
            time.sleep(0.01)
        runner.kill()
    assert checkout.processes(patience=30) == []
    shutil.rmtree(checkout.scratch)
