"""What the trials of a kata come to: the figures, and whatever is wrong in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from katagrad.authoring.strength.mutants import Mutant
from katagrad.authoring.strength.plan import Candidate, Plan
from katagrad.authoring.strength.trials import (
    ATTEMPTS,
    MISTAKE,
    MUTANT,
    RIGHT,
    RIGHT_ATTEMPT,
    STRICT_MISTAKE,
    STRICT_RIGHT_ATTEMPT,
    STRICT_WRONG_ATTEMPT,
    WRONG_ATTEMPT,
    Kind,
    Outcome,
    Trial,
)

MISTAKES = (MISTAKE, STRICT_MISTAKE)
# The kinds that each pair of figures counts: how many were tried, and how many ended as they should.
COUNTED = {
    "mistakes": ("mistakes_rejected", MISTAKES),
    "strict_mistakes": ("strict_mistakes_rejected", (STRICT_MISTAKE,)),
    "right": ("right_accepted", (RIGHT,)),
    "right_attempts": ("right_attempts_accepted", (RIGHT_ATTEMPT, STRICT_RIGHT_ATTEMPT)),
    "wrong_attempts": ("wrong_attempts_refused", (WRONG_ATTEMPT, STRICT_WRONG_ATTEMPT)),
}


@dataclass
class Account:
    """The outcomes of a kata's trials by kind and name; `telling` says of a survivor's text what gives it away."""

    plan: Plan
    mutants: tuple[Mutant, ...]
    seeds: int
    outcomes: dict[tuple[Kind, str], list[Outcome]] = field(default_factory=dict)
    telling: dict[str, str] = field(default_factory=dict)

    def add(self, trial: Trial, outcomes: list[Outcome]) -> None:
        """Take in one trial."""
        self.outcomes.setdefault((trial.kind, trial.name), []).extend(outcomes)

    def _survives(self, mutant: Mutant) -> bool:
        return all(outcome.accepted for outcome in self.outcomes[MUTANT, mutant.text])

    @cached_property
    def survivors(self) -> tuple[Mutant, ...]:
        """Return the mutants that the grader accepts and nobody has signed."""
        return tuple(each for each in self.mutants if self._survives(each) and not self.plan.is_signed(each))

    @cached_property
    def faults(self) -> dict[Candidate, Outcome]:
        """Return each candidate that did not end as it should, with the first outcome that shows it."""
        faults = {}
        for candidate in self.plan.candidates:
            outcomes = self.outcomes.get((candidate.kind, candidate.name), [])
            wrong = [outcome for outcome in outcomes if outcome.accepted != candidate.kind.right]
            if wrong:
                faults[candidate] = min(wrong, key=lambda outcome: outcome.seed)
        return faults

    @cached_property
    def figures(self) -> dict[str, int]:
        """Return the numbers, by name."""
        ends = [self.outcomes[MUTANT, mutant.text] for mutant in self.mutants if not self._survives(mutant)]
        counts = {}
        for tried, (well, kinds) in COUNTED.items():
            candidates = self.plan.of(*kinds)
            counts[tried] = len(candidates)
            counts[well] = sum(candidate not in self.faults for candidate in candidates)
        return {
            **counts,
            "mutants": len(self.mutants),
            "killed": len(ends),
            "killed_by_time": sum(outcomes[-1].kind == "timeout" for outcomes in ends),
            "killed_under_a_later_seed": sum(len(outcomes) > 1 for outcomes in ends),
            "signed": len(self.mutants) - len(ends) - len(self.survivors),
            "survivors": len(self.survivors),
            "seeds": self.seeds,
        }

    @property
    def attempts(self) -> dict[str, tuple[int, int]]:
        """Return for each way of making attempts how many ended as they should, of how many."""
        counts: dict[str, tuple[int, int]] = {}
        for candidate in self.plan.of(*ATTEMPTS):
            made = candidate.made if candidate.kind.right else candidate.kind.name
            well, tried = counts.get(made, (0, 0))
            counts[made] = well + (candidate not in self.faults), tried + 1
        return counts

    @property
    def killers(self) -> dict[str, str]:
        """Return the rule that refused each wrong text last: of mutants by their ids, of others by name."""
        names = {(each.kind, each.name): each.name for each in self.plan.candidates if not each.kind.right}
        names |= {(MUTANT, mutant.text): mutant.id for mutant in self.mutants}
        rules = {name: self.outcomes[key][-1].rule for key, name in names.items() if key in self.outcomes}
        return {name: rule for name, rule in rules.items() if rule}

    def problems(self) -> Iterator[str]:
        """Yield all that is wrong, each in one line or a few."""
        yield from self.plan.problems
        for candidate, outcome in self.faults.items():
            yield _fault(candidate, outcome)
        yield from self._broken_mistakes()
        yield from self._refuted_signatures()
        yield from map(self._survivor, self.survivors)

    def _broken_mistakes(self) -> Iterator[str]:
        """Yield the mistakes that only an unbound name gets rejected, whoever graded them."""
        for (kind, name), outcomes in self.outcomes.items():
            if kind in MISTAKES and any("NameError" in outcome.reason for outcome in outcomes):
                yield f"the {kind.name} {name!r} does not even run: {outcomes[0].reason}"

    def _refuted_signatures(self) -> Iterator[str]:
        """Yield the signatures that cannot be right, since every mutant that they are about is rejected."""
        for signature in self.plan.signed:
            meant = [mutant for mutant in self.mutants if signature.matches(mutant)]
            if meant and not any(map(self._survives, meant)):
                yield f"rejects what is signed as equivalent: {signature}"

    def _survivor(self, mutant: Mutant) -> str:
        path = self.plan.kata.solution.relative_to(self.plan.kata.root).as_posix()
        lines = [
            f"accepts a mutant: {mutant.operator}, {path}:{mutant.line}",
            f"- {mutant.before}",
            f"+ {mutant.after}",
        ]
        return "\n".join([*lines, *filter(None, [self.telling.get(mutant.text)])])


def _fault(candidate: Candidate, outcome: Outcome) -> str:
    """Return what a grader makes of a text that it should not."""
    kind = candidate.kind
    if kind == RIGHT:
        return f"rejects {candidate.name} under seed {outcome.seed}: {outcome.rule}: {outcome.reason}"
    if kind.right:
        bar = "by the core rules" if kind.core else "by both bars"
        return (
            f"rejects the attempt {candidate.name}, which is right {bar}, under seed {outcome.seed}: "
            f"{outcome.rule}: {outcome.reason}"
        )
    what = f"the {kind.name} {candidate.name}" if kind in ATTEMPTS else f"the {kind.name} {candidate.name!r}"
    if kind.core and outcome.reason:
        return f"no core rule refuses {what} under seed {outcome.seed}; the strict rule {outcome.rule} does"
    return f"accepts {what} under seed {outcome.seed}"
