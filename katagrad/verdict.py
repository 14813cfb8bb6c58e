"""What grading comes to: a state for the kata, and for each rule whether it holds."""

from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """How far a kata is."""

    SOLVED = "solved"
    FAILING = "failing"
    NOT_STARTED = "not started"
    BROKEN = "broken"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Failure:
    """Why a rule does not hold, in the words that a learner reads.

    `kind` is wrong, raised, unwritten, timeout, crashed, changed or grader; a text is empty where there is nothing to
    say.
    """

    kind: str
    call: str = ""
    expected: str = ""
    got: str = ""
    reason: str = ""
    trace: tuple[str, ...] = ()
    printed: str = ""
    where: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of a grader: its short name, its sentence, and the first failure, if any."""

    name: str
    sentence: str
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Say whether every case of the rule passed."""
        return self.failure is None


@dataclass(frozen=True)
class Verdict:
    """The outcome for one kata; `problem` says why a file is broken, `where` at which line."""

    kata: str
    state: State
    rules: tuple[Rule, ...] = ()
    seconds: float = 0.0
    seed: int | None = None
    problem: str = ""
    trace: tuple[str, ...] = ()
    printed: str = ""
    where: str = ""
    total: int = field(default=0)

    @property
    def held(self) -> int:
        """Count the rules that hold."""
        return sum(rule.holds for rule in self.rules)

    @property
    def failures(self) -> tuple[Rule, ...]:
        """Return the rules that do not hold."""
        return tuple(rule for rule in self.rules if not rule.holds)


def state_of(rules: tuple[Rule, ...]) -> State:
    """Return the state that rules add up to: a kind of trouble names it only if there is no other."""
    kinds = {rule.failure.kind for rule in rules if rule.failure}
    if not kinds:
        return State.SOLVED if rules else State.FAILING
    if kinds <= {"timeout"}:
        return State.TIMED_OUT
    if kinds <= {"crashed", "timeout"}:
        return State.CRASHED
    return State.FAILING
