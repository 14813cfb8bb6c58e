"""From a command to its verdict, beside the least that Python, NumPy and pytest take to start."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from katagrad.katas.catalog import ROOT
from tests.bench.clock import medians
from tests.runner.conftest import Checkout

BASE = "python -c 'import numpy, pytest'"
KATAS = ("roc_auc", "vif")
SAVES = 21


@contextlib.contextmanager
def fresh_checkout() -> Iterator[Checkout]:
    """Give a copy of the repository with blank stubs, which uses the environment of the original."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(Path(folder) / "katagrad")
        with contextlib.suppress(OSError):  # Windows may forbid links: the first run then installs
            (checkout.root / ".nox").symlink_to(ROOT / ".nox", target_is_directory=True)
        yield checkout


def command(checkout: Checkout, *arguments: str) -> Callable[[], None]:
    """Return what runs a command of the program in a checkout."""
    return partial(_run, [interpreter(), "-I", str(checkout.root / "katagrad"), *arguments], checkout.root)


def session(checkout: Checkout, name: str, *arguments: str) -> Callable[[], None]:
    """Return what runs a nox session in a checkout."""
    nox = os.environ.get("KATAGRAD_BENCH_NOX", sys.executable)
    after = ["--", *arguments] if arguments else []
    return partial(_run, [nox, "-m", "nox", "-s", name, *after], checkout.root)


def interpreter() -> str:
    """Return the Python that learners' commands run on: the environment that `grade` sets up, if there is one."""
    folder = ROOT / ".nox" / "katagrad"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return str(python) if python.exists() else sys.executable


def _run(arguments: list[str], folder: Path) -> None:
    result = subprocess.run(arguments, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {result.stderr.decode(errors='replace')}")


def measure(repeats: int = 9) -> Iterator[dict]:
    """Yield a row for each way to a verdict: its seconds, and how many times the base's they are."""
    python = interpreter()
    base = partial(_run, [python, "-c", "import numpy, pytest"], ROOT)
    with fresh_checkout() as solved, fresh_checkout() as blank:
        for name in KATAS:
            solved.solve(name)
        one = {BASE: base}
        for name in KATAS:
            one[f"nox -s grade -- {name}"] = session(solved, "grade", name)
            one[f"python -m katagrad grade {name}"] = command(solved, "grade", name)
            grader = str(solved.kata(name).grader.relative_to(solved.root))
            one[f"pytest {grader}"] = partial(_run, [python, "-m", "pytest", "-q", grader], solved.root)
        one["nox -s grade, all blank"] = session(blank, "grade")
        yield from _rows(medians(one, repeats, sample=0, clock=perf_counter), len(blank.catalog.katas))
        many = {
            BASE: base,
            "nox -s solutions": session(blank, "solutions"),
            "pytest tests/graders --solutions": partial(
                _run, [python, "-m", "pytest", "-q", "tests/graders", "--solutions"], blank.root
            ),
        }
        total = len(blank.catalog.katas)
        found = medians(many, 3, sample=0, clock=perf_counter)
        for row in _rows(found, total):
            if row["what"] != BASE:
                yield row | {"seconds_a_kata": row["seconds"] / total}
        yield {"what": "watch, from save to verdict", "seconds": save_to_verdict(solved)}


def _rows(found: dict[str, float], total: int) -> Iterator[dict]:
    for what, seconds in found.items():
        yield {"what": what, "seconds": seconds, "ratio": seconds / found[BASE], "katas": total}


def save_to_verdict(checkout: Checkout) -> float:
    """Return the median seconds between a save and its verdict, over saves of right and wrong texts."""
    name = "vif"
    path, times = checkout.solve(name), []
    right = path.read_text(encoding="utf-8")
    texts = [right, right.replace("np.divide(1.0, unexplained", "np.divide(2.0, unexplained")]
    with checkout.start("watch", name) as process:
        _until(process, "solved: all", "rules hold")
        for number in range(SAVES):
            time.sleep(0.3)  # a person does not save while the verdict is being printed
            path.write_text(f"{texts[(number + 1) % 2]}# {number}\n", encoding="utf-8")
            start = perf_counter()
            _until(process, "rules hold")
            times.append(perf_counter() - start)
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        process.communicate(timeout=60)
    return median(times)


def _until(process: subprocess.Popen, *words: str) -> None:
    """Read lines until one has any of the words."""
    while line := process.stdout.readline():
        if any(word in line for word in words):
            return
    raise RuntimeError("watch has ended")
