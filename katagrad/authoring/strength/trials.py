"""Tries texts on a grader, on all cores, and remembers how each ended under each seed."""

import ast
import functools
import hashlib
import json
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace

import numpy as np

from katagrad.grading.grading import GraderError, Job, grade
from katagrad.katas import stubs
from katagrad.katas.catalog import ROOT, Kata
from katagrad.submission.proxy import CALL_LIMIT, Source
from katagrad.verdict import State, Verdict

# What decides whether a text passes. Its words to the learner do not.
_DECIDING = (
    *("grading/grading", "grading/plugin", "katas/interface", "testing"),
    *(
        f"submission/{name}"
        for name in (
            *("answers", "apart", "child", "contract", "deadline", "digest", "limits", "packing", "plain", "process"),
            *("proxy", "unpacking", "wire"),
        )
    ),
)
_UNGRADED = "ungraded"


@dataclass(frozen=True)
class Outcome:
    """How a text did under one seed: the first rule that does not hold, and why, if it was rejected."""

    seed: int
    accepted: bool
    rule: str = ""
    kind: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Trial:
    """A text to grade under one seed after the other; `kind` is mistake, mutant or right, `name` which one it is."""

    kata: Kata
    kind: str
    name: str
    text: str
    seeds: tuple[int, ...]
    call_limit: float = CALL_LIMIT

    def is_decided(self, outcomes: "Sequence[Outcome]") -> bool:
        """Say whether no further seed can matter: a mistake was accepted, or a mutant or a right text rejected."""
        return bool(outcomes) and outcomes[-1].accepted == (self.kind == "mistake")

    def key(self) -> str:
        """Return what the text's outcomes are remembered by."""
        return hashlib.sha256(f"{self.call_limit}\n{_code(self.text)}".encode()).hexdigest()


@functools.lru_cache(maxsize=4096)
def _code(text: str) -> str:
    """Return what a text does, without what it says: a statement that is reworded costs no new trials."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def attempt(trial: Trial) -> list[Outcome]:
    """Grade a text under one seed after the other."""
    outcomes = []
    for seed in trial.seeds:
        source = Source(trial.kata.solution, trial.text)
        job = Job(trial.kata, source, seed, skip_blank=False, first_failure=True, call_limit=trial.call_limit)
        try:
            outcomes.append(_outcome(grade(job), seed))
        except GraderError as error:
            outcomes.append(Outcome(seed, accepted=False, kind=_UNGRADED, reason=str(error)))
        if trial.is_decided(outcomes):
            break
    return outcomes


def _outcome(verdict: Verdict, seed: int) -> Outcome:
    if verdict.state is State.SOLVED:
        return Outcome(seed, accepted=True)
    if not verdict.failures:
        return Outcome(seed, accepted=False, kind="broken", reason=verdict.problem)
    rule = verdict.failures[0]
    failure = rule.failure
    said = (
        failure.call,
        failure.expected and f"expected {failure.expected}",
        failure.got and f"got {failure.got}",
        failure.reason,
    )
    return Outcome(seed, accepted=False, rule=rule.name, kind=failure.kind, reason="; ".join(filter(None, said)))


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
                if outcome.kind == _UNGRADED:
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
    files = [kata.grader, *(ROOT / "katagrad" / f"{name}.py" for name in _DECIDING)]
    digest = hashlib.sha256(f"{np.__version__} {platform.python_version()} {platform.machine()}".encode())
    # The solution's annotations are the contract that every text is held against.
    digest.update(_code(stubs.derive(kata)).encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run_trials(
    pool: ProcessPoolExecutor, trials: Sequence[Trial], memory: dict[str, Memory]
) -> Iterator[tuple[Trial, list[Outcome]]]:
    """Yield every trial with its outcomes, the known ones first, the others as they end."""
    running: dict[Future, tuple[Trial, list[Outcome]]] = {}
    for trial in trials:
        known = memory[trial.kata.path].known(trial)
        rest = trial.seeds[len(known) :]
        if not rest or trial.is_decided(known):
            yield trial, known
        else:
            running[pool.submit(attempt, replace(trial, seeds=rest))] = (trial, known)
    for future in as_completed(running):
        trial, known = running[future]
        outcomes = future.result()
        memory[trial.kata.path].add(trial, outcomes)
        yield trial, known + outcomes
