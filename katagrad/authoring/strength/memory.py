"""What has been tried on a kata on this machine, so that nothing is tried twice."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from katagrad.authoring.strength.relevant import without_picture
from katagrad.authoring.strength.trials import UNGRADED, Outcome, Trial, code_of
from katagrad.katas import stubs
from katagrad.katas.catalog import Kata
from katagrad.submission.endings import how_it_ended

# Somebody may have stopped the run: that says nothing of the text.
_KILLED = how_it_ended(-9)
_PACKAGE = Path(__file__).parents[2]
# What decides whether a text passes. Its words to the learner do not.
_DECIDING = (
    *("grading/grading.py", "grading/plugin.py", "grading/variations.py", "katas/interface.py"),
    *("testing.py", "verdict.py", "submission/*.py"),
)


class Memory:
    """What has been tried on one kata, kept in a file as long as neither its grader nor the grading changes."""

    def __init__(self, kata: Kata) -> None:
        self.path = kata.root / ".katagrad" / "strength" / kata.topic / f"{kata.name}.jsonl"
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        header = {"grading": _fingerprint(kata)}
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        if not lines or _parsed(lines[0]) != header:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(header) + "\n", encoding="utf-8")
            return
        for entry in filter(None, map(_parsed, lines[1:])):
            text = entry.pop("text")
            self.outcomes[text, entry["seed"]] = Outcome(**entry)

    def known(self, trial: Trial) -> list[Outcome]:
        """Return how the first of a trial's seeds went, as far as that is known."""
        outcomes: list[Outcome] = []
        for seed in trial.seeds:
            outcome = self.outcomes.get((trial.key(), seed))
            if outcome is None:
                break
            outcomes.append(outcome)
            if trial.is_decided(outcomes):
                break
        return outcomes

    def add(self, trial: Trial, outcomes: Sequence[Outcome]) -> None:
        """Remember outcomes, in the file too."""
        with self.path.open("a", encoding="utf-8") as file:
            for outcome in outcomes:
                if outcome.kind == UNGRADED or _KILLED in outcome.reason:
                    continue
                self.outcomes[trial.key(), outcome.seed] = outcome
                file.write(json.dumps({"text": trial.key(), **asdict(outcome)}) + "\n")


def _parsed(line: str) -> dict | None:
    """Return what a line says; a run that was stopped may have left half a line."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _fingerprint(kata: Kata) -> str:
    """Return a digest of all that decides about a text, but for the text itself."""
    files = [path for pattern in _DECIDING for path in sorted(_PACKAGE.glob(pattern))]
    digest = hashlib.sha256(f"{np.__version__} {platform.python_version()} {platform.machine()}".encode())
    # The solution's annotations are the contract that every text is held against.
    digest.update(code_of(stubs.derive(kata)).encode())
    rules = without_picture(kata.grader.read_text(encoding="utf-8"))
    for data in (rules.encode(), *(path.read_bytes() for path in files)):
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()
