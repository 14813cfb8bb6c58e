"""What the trials of a kata come to: the figures, and whatever is wrong in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from katagrad.authoring.strength.mutants import Mutant
from katagrad.authoring.strength.plan import REFERENCE, Plan
from katagrad.authoring.strength.trials import Outcome, Trial


@dataclass
class Account:
    """The outcomes of a kata's trials by kind and name; `telling` says of a survivor's text what gives it away."""

    plan: Plan
    mutants: tuple[Mutant, ...]
    seeds: int
    outcomes: dict[tuple[str, str], list[Outcome]] = field(default_factory=dict)
    telling: dict[str, str] = field(default_factory=dict)

    def add(self, trial: Trial, outcomes: list[Outcome]) -> None:
        """Take in one trial."""
        self.outcomes.setdefault((trial.kind, trial.name), []).extend(outcomes)

    def _survives(self, mutant: Mutant) -> bool:
        return all(outcome.accepted for outcome in self.outcomes["mutant", mutant.text])

    @cached_property
    def survivors(self) -> tuple[Mutant, ...]:
        """Return the mutants that the grader accepts and nobody has signed."""
        return tuple(each for each in self.mutants if self._survives(each) and not self.plan.is_signed(each))

    @cached_property
    def figures(self) -> dict[str, int]:
        """Return the numbers, by name."""
        ends = [self.outcomes["mutant", mutant.text] for mutant in self.mutants if not self._survives(mutant)]
        accepted, rejected = set(dict(self._faults("mistake"))), set(dict(self._faults("right")))
        alternatives = self.plan.right.keys() - {REFERENCE}
        return {
            "mistakes": len(self.plan.mistakes),
            "mistakes_rejected": len(self.plan.mistakes.keys() - accepted),
            "mutants": len(self.mutants),
            "killed": len(ends),
            "killed_by_time": sum(outcomes[-1].kind == "timeout" for outcomes in ends),
            "killed_under_a_later_seed": sum(len(outcomes) > 1 for outcomes in ends),
            "signed": len(self.mutants) - len(ends) - len(self.survivors),
            "survivors": len(self.survivors),
            "alternatives": len(alternatives),
            "alternatives_accepted": len(alternatives - rejected),
            "right": len(self.plan.right),
            "right_accepted": len(self.plan.right.keys() - rejected),
            "seeds": self.seeds,
        }

    def _faults(self, kind: str) -> Iterator[tuple[str, Outcome]]:
        """Yield each text with its first outcome that should not be: a mistake accepted, a right text rejected."""
        for (each, name), outcomes in self.outcomes.items():
            wrong = [outcome for outcome in outcomes if outcome.accepted == (kind == "mistake")]
            if each == kind and wrong:
                yield name, min(wrong, key=lambda outcome: outcome.seed)

    def problems(self) -> Iterator[str]:
        """Yield all that is wrong, each in one line or a few."""
        yield from self.plan.problems
        for name, outcome in self._faults("mistake"):
            yield f"accepts the mistake {name!r} under seed {outcome.seed}"
        for name, outcome in self._faults("right"):
            yield f"rejects {name} under seed {outcome.seed}: {outcome.rule}: {outcome.reason}"
        yield from self._broken_mistakes()
        yield from self._refuted_signatures()
        yield from map(self._survivor, self.survivors)

    def _broken_mistakes(self) -> Iterator[str]:
        """Yield the mistakes that only an unbound name gets rejected, whoever graded them."""
        for (kind, name), outcomes in self.outcomes.items():
            if kind == "mistake" and any("NameError" in outcome.reason for outcome in outcomes):
                yield f"the mistake {name!r} does not even run: {outcomes[0].reason}"

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
