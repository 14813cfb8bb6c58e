"""Tries texts on a grader, on all cores: what is tried, what should come of it, and how it ended under each seed."""

import ast
import functools
import hashlib
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from katagrad.grading.grading import GraderError, Job, grade_in_turn
from katagrad.katas.catalog import Kata
from katagrad.submission.proxy import CALL_LIMIT, Source
from katagrad.verdict import State, Verdict

# Shorter than a learner's: nearly all wrong texts that are stopped would never end.
WRONG_CALL_LIMIT = 1.0
# The kind of an outcome that says nothing of the text: the grader itself failed.
UNGRADED = "ungraded"
# So many texts share a run of pytest: few enough that all cores have work to the end.
TOGETHER = 16


class Kind(NamedTuple):
    """What a text is, whether the core rules alone judge it, and whether they have to accept it."""

    name: str
    core: bool
    right: bool


MISTAKE = Kind("mistake", core=True, right=False)
STRICT_MISTAKE = Kind("strict mistake", core=False, right=False)
MUTANT = Kind("mutant", core=False, right=False)
RIGHT = Kind("right", core=False, right=True)
RIGHT_ATTEMPT = Kind("right attempt", core=True, right=True)
STRICT_RIGHT_ATTEMPT = Kind("strict right attempt", core=False, right=True)
WRONG_ATTEMPT = Kind("wrong attempt", core=True, right=False)
STRICT_WRONG_ATTEMPT = Kind("strict wrong attempt", core=False, right=False)
ATTEMPTS = (RIGHT_ATTEMPT, STRICT_RIGHT_ATTEMPT, WRONG_ATTEMPT, STRICT_WRONG_ATTEMPT)


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
    """A text to grade under one seed after the other, beginning with the rule `first`; `name` says which text it is."""

    kata: Kata
    kind: Kind
    name: str
    text: str
    seeds: tuple[int, ...]
    first: str = ""

    @property
    def call_limit(self) -> float:
        """Return the seconds after which a call is stopped."""
        return CALL_LIMIT if self.kind.right else WRONG_CALL_LIMIT

    def is_decided(self, outcomes: Sequence[Outcome]) -> bool:
        """Say whether no further seed can matter: a mistake was accepted, or a mutant or a right text rejected."""
        decisive = self.kind != MUTANT and not self.kind.right
        return bool(outcomes) and outcomes[-1].accepted == decisive

    def key(self) -> str:
        """Return what the text's outcomes are remembered by."""
        how = f"{self.call_limit} {'core' if self.kind.core else 'both'}"
        return hashlib.sha256(f"{how}\n{code_of(self.text)}".encode()).hexdigest()


class Known(Protocol):
    """Where outcomes are remembered."""

    def known(self, trial: Trial) -> list[Outcome]:
        """Return how the first of a trial's seeds went, as far as that is known."""

    def add(self, trial: Trial, outcomes: Sequence[Outcome]) -> None:
        """Remember outcomes."""


@functools.lru_cache(maxsize=4096)
def code_of(text: str) -> str:
    """Return what a text does, without what it says: a statement that is reworded costs no new trials."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def attempt(trials: Sequence[Trial]) -> list[list[Outcome]]:
    """Grade texts of one kata under their seeds, and return each one's outcomes."""
    found: list[list[Outcome]] = [[] for _ in trials]
    try:
        grade_in_turn(trials[0].kata, _jobs(trials, found))
    except GraderError as error:
        for trial, outcomes in zip(trials, found, strict=True):
            if len(outcomes) < len(trial.seeds) and not trial.is_decided(outcomes):
                seed = trial.seeds[len(outcomes)]
                outcomes.append(Outcome(seed, accepted=False, kind=UNGRADED, reason=str(error)))
    return found


def _jobs(trials: Sequence[Trial], found: Sequence[list[Outcome]]) -> Generator[Job, Verdict, None]:
    """Yield what is to be graded, and note the outcomes: a text begins with the rule that broke last."""
    refused: Counter[str] = Counter()
    for trial, outcomes in zip(trials, found, strict=True):
        # Where nothing is known of a text, the rule that refuses most is the likeliest to refuse it, too.
        usual = "" if trial.kind.right else next((rule for rule, _ in refused.most_common(1)), "")
        for seed in trial.seeds:
            first = next((outcome.rule for outcome in reversed(outcomes) if outcome.rule), trial.first or usual)
            verdict = yield _job(trial, seed, first)
            outcomes.append(_outcome(verdict, seed, core=trial.kind.core))
            if trial.is_decided(outcomes):
                break
        if trial.kind.core and not trial.kind.right and outcomes[-1].accepted:
            # Which strict rule refuses what the core rules accept?
            verdict = yield _job(replace(trial, kind=STRICT_MISTAKE), outcomes[-1].seed, "")
            strict = _outcome(verdict, outcomes[-1].seed, core=False)
            outcomes[-1] = replace(outcomes[-1], rule=strict.rule, reason=strict.reason)
        if outcomes[-1].rule:
            refused[outcomes[-1].rule] += 1


def _job(trial: Trial, seed: int, first: str) -> Job:
    return Job(
        trial.kata,
        Source(trial.kata.solution, trial.text),
        seed,
        skip_blank=False,
        first_failure=True,
        first=first,
        core_only=trial.kind.core,
        call_limit=trial.call_limit,
    )


def _outcome(verdict: Verdict, seed: int, *, core: bool) -> Outcome:
    if verdict.state is State.SOLVED and (core or not verdict.failures):
        return Outcome(seed, accepted=True)
    rule = next((rule for rule in verdict.failures if rule.failure.reason != "the rule was not run"), None)
    if rule is None:
        return Outcome(seed, accepted=False, kind="broken", reason=verdict.problem)
    failure = rule.failure
    said = (
        failure.call,
        failure.expected and f"expected {failure.expected}",
        failure.got and f"got {failure.got}",
        failure.reason,
    )
    return Outcome(seed, accepted=False, rule=rule.name, kind=failure.kind, reason="; ".join(filter(None, said)))


def run_trials(
    pool: ProcessPoolExecutor, trials: Sequence[Trial], memory: Mapping[str, Known]
) -> Iterator[tuple[Trial, list[Outcome]]]:
    """Yield every trial with its outcomes, the known ones first, the others as they end, several at a time."""
    waiting: dict[Kata, list[tuple[Trial, list[Outcome]]]] = {}
    for trial in trials:
        known = memory[trial.kata.path].known(trial)
        if not trial.seeds[len(known) :] or trial.is_decided(known):
            yield trial, known
        else:
            waiting.setdefault(trial.kata, []).append((trial, known))
    running = {}
    for together in waiting.values():
        for start in range(0, len(together), TOGETHER):
            part = together[start : start + TOGETHER]
            rests = [replace(trial, seeds=trial.seeds[len(known) :]) for trial, known in part]
            running[pool.submit(attempt, rests)] = part
    for future in as_completed(running):
        for (trial, known), outcomes in zip(running[future], future.result(), strict=True):
            memory[trial.kata.path].add(trial, outcomes)
            yield trial, known + outcomes
