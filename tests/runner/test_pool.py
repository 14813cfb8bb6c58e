"""Work done side by side: a process that dies takes its own item down, and no other."""

import os
import signal
import subprocess
import sys
import time

import pytest

from katagrad.grading import pool
from katagrad.grading.pool import each
from tests.runner.conftest import slowly
from tests.runner.matrix import Checkout
from tests.runner.submissions import RIGHT, WRONG

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a test's function cannot be imported elsewhere")


def lost(item):
    return f"lost {item[0]}"


def task(item):
    """Double a number, or die at it: always, or once, which a file remembers."""
    number, death, folder = item
    if death == "always" or (death == "once" and not (folder / str(number)).exists()):
        (folder / str(number)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if death == "error":
        raise ValueError(number)
    time.sleep(0.01 * (number % 3))
    return 2 * number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_process_that_dies(tmp_path, workers):
    """What dies once is done again, what dies twice is lost, and all others come in order."""
    deaths = {2: "once", 3: "always", 7: "always", 8: "once", 11: "always"}
    items = [(number, deaths.get(number), tmp_path) for number in range(12)]
    expected = [f"lost {number}" if deaths.get(number) == "always" else 2 * number for number in range(12)]
    assert list(each(task, items, workers, lost)) == expected


def test_an_error_comes_through(tmp_path):
    """An error of the function itself is raised where the results are taken."""
    with pytest.raises(ValueError, match="4"):
        list(each(task, [(number, "error" * (number == 4), tmp_path) for number in range(6)], 2, lost))


def test_no_process_to_be_had(tmp_path, monkeypatch):
    """Where the system gives no process, all is done in this one."""

    def refuse(*_):
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    assert list(each(task, [(number, None, tmp_path) for number in range(5)], 2, lost)) == [0, 2, 4, 6, 8]


def test_left_half_way(tmp_path):
    """Whoever takes no more results leaves no process behind."""
    results = each(task, [(number, None, tmp_path) for number in range(50)], 2, lost)
    next(results)
    workers = [worker.process for worker in results.gi_frame.f_locals["crew"].workers]
    assert len(workers) == 2
    results.close()
    assert not any(worker.is_alive() for worker in workers)
    assert not pool.active_children()


def test_a_grading_that_dies(tmp_path):
    """A kata whose grading is killed has a sentence of its own; the others have their verdicts."""
    checkout = Checkout.filled(tmp_path / "checkout")
    checkout.add("second", "third")
    for name, text in (("second", RIGHT), ("third", WRONG)):
        checkout.fill(name, text)
    grader = checkout.root / "tests" / "graders" / "rows" / "test_second.py"
    grader.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    result = checkout.run("grade", "--all")
    shown = " ".join(result.stdout.decode().split())
    assert (result.returncode, result.stderr) == (1, b"")
    assert "was killed, twice: perhaps the machine is short of memory" in shown
    assert "1 of 3 solved" in shown
    assert "Each element is doubled" in shown
    assert checkout.processes() == []


@pytest.mark.parametrize("names", [["first"], ["first", "second"]])
@pytest.mark.parametrize("descriptors", [14, *slowly(8, 12, 16, 20, 24)])
def test_few_descriptors(tmp_path, names, descriptors):
    """Where the system has few open files to give, the katas concerned have a sentence, and nothing a traceback."""
    import resource  # noqa: PLC0415 - limits of POSIX

    checkout = Checkout.filled(tmp_path / "checkout")
    checkout.add("second")
    checkout.fill("second", WRONG)

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    command = {**checkout.command("grade", *names), "preexec_fn": limit}
    result = subprocess.run(**command, capture_output=True, timeout=100, check=False)
    shown = " ".join(result.stdout.decode().split())
    assert b"Traceback" not in result.stderr + result.stdout
    assert (
        "not its fault" in shown or "not the file's fault" in shown or "all 7 rules hold" in shown or "1 of 2" in shown
    )
    assert result.returncode in (0, 1)
    assert checkout.processes() == []
