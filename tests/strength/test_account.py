"""The figures and the sentences that outcomes add up to."""

from pathlib import Path

from katagrad.authoring.strength.account import Account
from katagrad.authoring.strength.equivalents import Signature
from katagrad.authoring.strength.mutants import mutants
from katagrad.authoring.strength.plan import REFERENCE, Plan
from katagrad.authoring.strength.trials import Outcome, Trial
from katagrad.katas.catalog import Kata

KATA = Kata("topic", "kata", Path("root"))
TEXT = "def f(x):\n    return x + 1\n"
MUTANTS = tuple(mutants(TEXT))
ACCEPTED, REJECTED = Outcome(0, accepted=True), Outcome(0, accepted=False, rule="rule", kind="wrong", reason="f(x=1)")


def account(*trials, signed=(), tried=MUTANTS):
    """Return the account of a kata with two mistakes and an alternative; what is not named ends as it should."""
    right = {REFERENCE: TEXT, "f_via_g": TEXT}
    plan = Plan(KATA, TEXT, {"one": "", "two": ""}, MUTANTS, right, signed, ())
    result = Account(plan, tried, seeds=1)
    ends = {("mistake", name): [REJECTED] for name in plan.mistakes}
    ends |= {("mutant", mutant.text): [REJECTED] for mutant in tried}
    ends |= {("right", name): [ACCEPTED] for name in right}
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
    assert (good.figures["mistakes_rejected"], good.figures["alternatives_accepted"]) == (2, 1)


def test_accepted_mistake():
    """A mistake that one seed accepts is accepted."""
    bad = account(("mistake", "one", REJECTED, Outcome(3, accepted=True)))
    assert list(bad.problems()) == ["accepts the mistake 'one' under seed 3"]
    assert bad.figures["mistakes_rejected"] == 1


def test_rejected_right_texts():
    """The reference counts as a problem, and not as an alternative."""
    bad = account(("right", REFERENCE, ACCEPTED, REJECTED))
    assert list(bad.problems()) == ["rejects the reference under seed 0: rule: f(x=1)"]
    assert bad.figures["alternatives_accepted"] == 1
    assert account(("right", "f_via_g", REJECTED)).figures["alternatives_accepted"] == 0


def test_survivors():
    """A survivor is one unless it is signed; one that a later seed rejects is killed, and counted as such."""
    first, second, *_ = MUTANTS
    bad = account(("mutant", first.text, ACCEPTED, ACCEPTED), ("mutant", second.text, ACCEPTED, REJECTED))
    assert bad.survivors == (first,)
    assert (bad.figures["survivors"], bad.figures["killed_under_a_later_seed"], bad.figures["signed"]) == (1, 1, 0)
    (problem,) = bad.problems()
    assert problem == f"accepts a mutant: {first.operator}, solutions/topic/kata.py:2\n- return x + 1\n+ {first.after}"
    good = account(("mutant", first.text, ACCEPTED), signed=(signature(first),))
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
    assert account(("mutant", MUTANTS[0].text, stopped)).figures["killed_by_time"] == 1
