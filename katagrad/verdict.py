"""What grading comes to: a state for the kata, and for each rule whether it holds."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a kata is, by its core rules."""

    SOLVED = "solved"
    FAILING = "failing"
    NOT_STARTED = "not started"
    BROKEN = "broken"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"


class Bar(StrEnum):
    """Which bar a rule belongs to: what an interviewer asks for, or what a library's code reviewer would."""

    CORE = "core"
    STRICT = "strict"


class Kind(StrEnum):
    """In which way a rule broke."""

    WRONG = "wrong"
    RAISED = "raised"
    UNWRITTEN = "unwritten"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    CHANGED = "changed"
    GRADER = "grader"


@dataclass(frozen=True)
class Failure:
    """Why a rule does not hold, in the words that a learner reads; a text is empty where there is nothing to say.

    Attributes
    ----------
    call : the call that shows it, as Python
    what : what `expected` and `got` are, where they are not what the call returned
    trace : the lines of the learner's file that an exception came through, the innermost last
    printed : what the file printed during the call
    warned : the warnings of NumPy and Python during the call
    where : file and line at which to look
    """

    kind: Kind
    call: str = ""
    what: str = ""
    expected: str = ""
    got: str = ""
    reason: str = ""
    trace: tuple[str, ...] = ()
    printed: str = ""
    warned: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of a grader: its short name, its sentence, and the first failure, if any."""

    name: str
    sentence: str
    failure: Failure | None = None
    seconds: float = 0.0
    bar: Bar = Bar.CORE
    was_run: bool = True

    @property
    def holds(self) -> bool:
        """Say whether every case of the rule ran and passed."""
        return self.was_run and self.failure is None


@dataclass(frozen=True)
class Verdict:
    """The outcome for one kata.

    Attributes
    ----------
    rules : core rules first
    problem : why a file is broken; `where` says at which line
    total : the number of rules that decide about the state, those of a broken file too
    """

    kata: str
    state: State
    rules: tuple[Rule, ...] = ()
    seconds: float = 0.0
    seed: int | None = None
    problem: str = ""
    trace: tuple[str, ...] = ()
    printed: str = ""
    where: str = ""
    total: int = 0

    @property
    def held(self) -> int:
        """Count the rules that hold, of those that decide about the state."""
        return sum(rule.holds for rule in deciding(self.rules))

    @property
    def failures(self) -> tuple[Rule, ...]:
        """Return the rules that broke, those of the core first."""
        return tuple(rule for rule in self.rules if rule.failure)

    def rules_of(self, bar: Bar) -> tuple[Rule, ...]:
        """Return the rules of one bar."""
        return tuple(rule for rule in self.rules if rule.bar is bar)

    @property
    def strict(self) -> bool | None:
        """Say whether a solved kata's strict rules hold, too; None if it is not solved or has none."""
        rules = self.rules_of(Bar.STRICT)
        if self.state is not State.SOLVED or not rules:
            return None
        return all(rule.holds for rule in rules)

    @property
    def passes(self) -> bool:
        """Say whether the kata meets both bars."""
        return self.state is State.SOLVED and self.strict is not False


def deciding(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules that decide about the state: core rules, or all where only strict ones were asked for."""
    return tuple(rule for rule in rules if rule.bar is Bar.CORE) or rules


def state_of(rules: tuple[Rule, ...]) -> State:
    """Return the state that rules add up to: timed out or crashed only if nothing else is wrong."""
    decide = deciding(rules)
    kinds = {rule.failure.kind for rule in decide if rule.failure}
    if not kinds:
        return State.SOLVED if decide and all(rule.holds for rule in decide) else State.FAILING
    if kinds <= {Kind.TIMEOUT}:
        return State.TIMED_OUT
    if kinds <= {Kind.CRASHED, Kind.TIMEOUT}:
        return State.CRASHED
    return State.FAILING
