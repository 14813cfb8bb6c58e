"""The figures and the sentences that outcomes add up to."""

from pathlib import Path

from katagrad.authoring.strength.account import Account
from katagrad.authoring.strength.equivalents import Signature
from katagrad.authoring.strength.mutants import mutants
from katagrad.authoring.strength.plan import REFERENCE, Candidate, Plan
from katagrad.authoring.strength.trials import (
    MISTAKE,
    MUTANT,
    RIGHT,
    RIGHT_ATTEMPT,
    STRICT_MISTAKE,
    STRICT_WRONG_ATTEMPT,
    Outcome,
    Trial,
)
from katagrad.katas.catalog import Kata

KATA = Kata("topic", "kata", Path("root"))
TEXT = "def f(x):\n    return x + 1\n"
MUTANTS = tuple(mutants(TEXT))
ACCEPTED, REJECTED = Outcome(0, accepted=True), Outcome(0, accepted=False, rule="rule", kind="wrong", reason="f(x=1)")


CANDIDATES = (
    Candidate(MISTAKE, "one", ""),
    Candidate(STRICT_MISTAKE, "two", ""),
    Candidate(RIGHT, REFERENCE, TEXT),
    Candidate(RIGHT, "f_via_g", TEXT),
    Candidate(RIGHT_ATTEMPT, "right/a.py", TEXT, "candidate"),
    Candidate(STRICT_WRONG_ATTEMPT, "wrong/b.py", TEXT, "wrong (strict): of eight bits"),
)


def account(*trials, signed=(), tried=MUTANTS):
    """Return the account of a kata with two mistakes, an alternative and two attempts.

    What is not named ends as it should.
    """
    result = Account(Plan(KATA, TEXT, CANDIDATES, MUTANTS, signed), tried, seeds=1)
    ends = {(each.kind, each.name): [ACCEPTED if each.kind.right else REJECTED] for each in CANDIDATES}
    ends |= {(MUTANT, mutant.text): [REJECTED] for mutant in tried}
    ends |= {(kind, name): list(outcomes) for kind, name, *outcomes in trials}
    for (kind, name), outcomes in ends.items():
        result.add(Trial(KATA, kind, name, "", (0,)), outcomes)
    return result


def signature(mutant):
    return Signature(*mutant.signature, reason="Because.")


def test_all_is_well():
    """Nothing is wrong when mistakes and mutants are rejected and the right texts accepted."""
    good = account()
    assert list(good.problems()) == []
    assert good.figures["killed"] == good.figures["mutants"] == len(MUTANTS)
    assert (good.figures["mistakes_rejected"], good.figures["strict_mistakes_rejected"]) == (2, 1)
    assert good.figures["right_accepted"] == good.figures["right"] == 2
    assert good.attempts == {"candidate": (1, 1), "strict wrong attempt": (1, 1)}


def test_accepted_mistake():
    """A mistake that one seed accepts is accepted."""
    bad = account((MISTAKE, "one", REJECTED, Outcome(3, accepted=True)))
    assert list(bad.problems()) == ["accepts the mistake 'one' under seed 3"]
    assert bad.figures["mistakes_rejected"] == 1


def test_mistake_that_only_a_strict_rule_refuses():
    """A mistake that core rules accept is told with the strict rule that refuses it."""
    strict = Outcome(2, accepted=True, rule="small_types", reason="f(x=1)")
    (problem,) = account((MISTAKE, "one", strict)).problems()
    assert problem == "no core rule refuses the mistake 'one' under seed 2; the strict rule small_types does"


def test_attempts_that_end_otherwise():
    """A right attempt that is refused is told with the rule, a wrong one that is accepted with the seed."""
    bad = account((RIGHT_ATTEMPT, "right/a.py", REJECTED), (STRICT_WRONG_ATTEMPT, "wrong/b.py", ACCEPTED))
    assert list(bad.problems()) == [
        "rejects the attempt right/a.py, which is right by the core rules, under seed 0: rule: f(x=1)",
        "accepts the strict wrong attempt wrong/b.py under seed 0",
    ]
    assert bad.attempts == {"candidate": (0, 1), "strict wrong attempt": (0, 1)}
    assert (bad.figures["right_attempts_accepted"], bad.figures["wrong_attempts_refused"]) == (0, 0)


def test_killers():
    """The rule that refused a wrong text last is remembered: of a mutant by its id, of others by name."""
    killers = account().killers
    assert killers["one"] == killers["wrong/b.py"] == killers[MUTANTS[0].id] == "rule"
    assert len(killers) == 3 + len(MUTANTS)


def test_rejected_right_texts():
    """A right text that one seed refuses is told with the rule, and counted."""
    bad = account((RIGHT, REFERENCE, ACCEPTED, REJECTED))
    assert list(bad.problems()) == ["rejects the reference under seed 0: rule: f(x=1)"]
    assert bad.figures["right_accepted"] == 1


def test_survivors():
    """A survivor is one unless it is signed; one that a later seed rejects is killed, and counted as such."""
    first, second, *_ = MUTANTS
    bad = account((MUTANT, first.text, ACCEPTED, ACCEPTED), (MUTANT, second.text, ACCEPTED, REJECTED))
    assert bad.survivors == (first,)
    assert (bad.figures["survivors"], bad.figures["killed_under_a_later_seed"], bad.figures["signed"]) == (1, 1, 0)
    (problem,) = bad.problems()
    assert problem == f"accepts a mutant: {first.operator}, solutions/topic/kata.py:2\n- return x + 1\n+ {first.after}"
    good = account((MUTANT, first.text, ACCEPTED), signed=(signature(first),))
    assert list(good.problems()) == []
    assert (good.figures["survivors"], good.figures["signed"]) == (0, 1)


def test_signed_and_rejected():
    """A signature of a mutant that is rejected is wrong; of one that was not tried, nothing is known."""
    first, *rest = MUTANTS
    signed = (signature(first),)
    assert [problem.split(":")[0] for problem in account(signed=signed).problems()] == [
        "rejects what is signed as equivalent"
    ]
    assert list(account(signed=signed, tried=tuple(rest)).problems()) == []


def test_killed_by_time():
    """A mutant that was stopped is killed by time."""
    stopped = Outcome(0, accepted=False, rule="rule", kind="timeout", reason="stopped after 1 s")
    assert account((MUTANT, MUTANTS[0].text, stopped)).figures["killed_by_time"] == 1
