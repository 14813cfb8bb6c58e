"""A run tells what a grader lets pass, ends with 1 if anything is wrong, and does nothing twice."""

import json
from dataclasses import replace

import pytest

from katagrad.authoring.strength import command, trials
from katagrad.authoring.strength.figures import added, is_stale, read_figures
from katagrad.authoring.strength.memory import Memory
from katagrad.grading.grading import GraderError
from katagrad.submission.endings import how_it_ended
from katagrad.verdict import State, Verdict


def test_strong_grader(checkout, monkeypatch):
    """A grader that rejects what is wrong and accepts what is right: exit 0; a second run tries nothing anew."""
    status, printed = checkout.measure(json_path=checkout.root / "figures.json")
    assert status == 0, printed
    assert "sums/energy" in printed
    assert "2/2 mistakes rejected" in printed
    assert "3/3 right accepted, 2 seeds" in printed
    figures = json.loads((checkout.root / "figures.json").read_text())
    assert figures["total"]["mutants"] == figures["total"]["killed"] == figures["katas"]["sums/energy"]["killed"] > 10
    monkeypatch.setattr(trials, "grade_in_turn", None)
    assert checkout.measure() == (status, printed)


def test_weak_grader(checkout):
    """A survivor is shown as a diff with its operator and the call that gives it away; a mistake by its name."""
    weak = checkout.GRADER.replace("scale=3.0", "scale=1.0").replace("3.0 * sum", "sum")
    weak = weak.replace('"a mean": ("(x**2).sum()", "(x**2).mean()")', '"no scale": ("scale * float((x", "float((x")')
    checkout.write("tests/graders/sums/test_energy.py", weak)
    status, printed = checkout.measure(sample=100)
    assert status == 1
    assert "x accepts the mistake 'no scale' under seed 0" in printed
    assert "x accepts a mutant: parameter for its default, solutions/sums/energy.py:8" in printed
    assert "- return scale * float((x**2).sum())" in printed
    assert "+ return 1.0 * float((x**2).sum())" in printed
    assert "gives it away: energy(x=" in printed
    assert "1/2 mistakes rejected" in printed
    assert "unsigned" in printed


def test_unfair_grader(checkout):
    """A right solution that is rejected is named, with the seed and the rule."""
    checkout.write(
        "solutions/sums/energy.py", checkout.SOLUTION.replace("return scale * total", "return scale * total + 1")
    )
    status, printed = checkout.measure(sample=0)
    assert status == 1
    assert "x rejects energy_via_loop under seed 0: sum: energy(x=" in printed
    assert "2/3 right accepted" in printed


@pytest.mark.slow
def test_committed_figures(checkout):
    """A full run writes a kata's figures, which hold until one of its texts changes; a sample writes none."""
    checkout.measure(seeds=command.SEEDS, sample=3)
    checkout.measure()
    assert is_stale(checkout.kata)
    status, printed = checkout.measure(seeds=command.SEEDS)
    assert (status, is_stale(checkout.kata)) == (0, False)
    assert "written: tests/strength/sums/energy.json" in printed
    found = read_figures(checkout.kata)
    assert found.figures["killed"] == found.figures["mutants"] == len(found.killers) - 2
    assert set(found.killers.values()) == {"sum"}
    checkout.write("solutions/sums/energy.py", checkout.SOLUTION.replace('"""Add one by one."""', '"""Add."""'))
    assert not is_stale(checkout.kata)
    checkout.write("tests/graders/sums/test_energy.py", checkout.GRADER.replace("size=3", "size=4"))
    assert is_stale(checkout.kata)
    (checkout.root / "tests/strength/sums/energy.json").write_text("{")
    assert read_figures(checkout.kata) is None


TWO_RULES = """
@strict
def test_small_types(kata):
    \"\"\"Eight bits do not wrap around.\"\"\"
    assert_close(kata.energy(np.array([20], dtype=np.uint8)), 400.0)


"""


def test_two_bars(checkout):
    """MISTAKES are refused by a core rule, STRICT_MISTAKES by any; one that is misplaced is told with its rule."""
    solution = checkout.SOLUTION.replace("(x**2).sum()", "(x.astype(float) ** 2).sum()")
    solution = solution.replace("float(x @ x)", "float(x.astype(float) @ x)")
    checkout.write("solutions/sums/energy.py", solution)
    small = '"of eight bits": ("x.astype(float) ** 2", "x ** 2")'
    grader = checkout.GRADER.replace("import assert_close", "import assert_close, strict")
    grader = grader.replace("(x**2).sum()", "(x.astype(float) ** 2).sum()")
    grader = grader.replace("def workload", TWO_RULES.lstrip() + "def workload")
    checkout.write("tests/graders/sums/test_energy.py", f"{grader}\nSTRICT_MISTAKES = {{{small}}}\n")
    status, printed = checkout.measure(sample=0)
    assert status == 0, printed
    assert "3/3 mistakes rejected (strict 1)" in printed
    checkout.write("tests/graders/sums/test_energy.py", grader.replace("MISTAKES = {", f"MISTAKES = {{{small},"))
    status, printed = checkout.measure(sample=0)
    assert status == 1
    assert (
        "x no core rule refuses the mistake 'of eight bits' under seed 0; the strict rule small_types does" in printed
    )


@pytest.mark.slow
def test_attempts(checkout):
    """Right attempts have to be accepted, wrong ones refused; what was made how is counted."""
    right = checkout.SOLUTION.replace("float((x**2).sum())", "sum(value**2 for value in x)")
    checkout.attempt("right/generator", f"# candidate, par time\n{right}")
    checkout.attempt("wrong/mean", f"# wrong (core): the mean\n{checkout.SOLUTION.replace('.sum()', '.mean()')}")
    status, printed = checkout.measure(seeds=command.SEEDS, sample=None)
    assert status == 0, printed
    assert "attempts: 1/1 right accepted, 1/1 wrong refused" in printed
    assert read_figures(checkout.kata).attempts == {"candidate, par time": (1, 1), "wrong attempt": (1, 1)}
    checkout.attempt("right/mean", f"# candidate; both bars\n{checkout.SOLUTION.replace('.sum()', '.mean()')}")
    checkout.attempt("wrong/sum", f"# wrong: nothing\n{right}")
    status, printed = checkout.measure(sample=0)
    assert status == 1
    assert "x rejects the attempt tests/attempts/sums/energy/right/mean.py, which is right by both bars" in printed
    assert "x accepts the wrong attempt tests/attempts/sums/energy/wrong/sum.py under seed 0" in printed
    checkout.attempt("wrong/sum", right)
    assert "wrong/sum.py: the first line has to be a comment" in checkout.measure(sample=0)[1]
    checkout.attempt("wrong/sum", f"# the sum\n{right}")
    assert "wrong/sum.py: the first line has to begin with '# wrong (core): '" in checkout.measure(sample=0)[1]
    checkout.attempt("sum", f"# the sum\n{right}")
    assert "energy/sum.py stands neither in right/ nor in wrong/" in checkout.measure(sample=0)[1]


@pytest.mark.slow
def test_attempts_that_are_added(checkout):
    """An attempt that is added leaves the figures of all else, and is tried and counted by itself."""
    right = checkout.SOLUTION.replace("float((x**2).sum())", "sum(value**2 for value in x)")
    wrong = checkout.SOLUTION.replace(".sum()", ".mean()")
    checkout.attempt("right/generator", f"# candidate, par time\n{right}")
    checkout.measure(seeds=command.SEEDS)
    before = read_figures(checkout.kata)
    checkout.attempt("wrong/mean", f"# wrong (core): the mean\n{wrong}")
    assert not is_stale(checkout.kata)
    assert added(checkout.kata) == {"tests/attempts/sums/energy/wrong/mean.py"}
    status, printed = checkout.measure_added()
    assert status == 0, printed
    assert "attempts: 0/0 right accepted, 1/1 wrong refused" in printed
    assert not added(checkout.kata)
    found = read_figures(checkout.kata)
    assert found.attempts == {"candidate, par time": (1, 1), "wrong attempt": (1, 1)}
    assert {**found.figures, "wrong_attempts": 0, "wrong_attempts_refused": 0} == before.figures
    assert found.killers == {**before.killers, "tests/attempts/sums/energy/wrong/mean.py": "sum"}
    checkout.measure(seeds=command.SEEDS)
    assert read_figures(checkout.kata) == found
    checkout.attempt("right/generator", f"# candidate, par time\n# anew\n{right}")
    assert is_stale(checkout.kata)
    assert "No attempt was added" in checkout.measure_added()[1]


def test_an_attempt_that_comes_while_others_are_tried(checkout, monkeypatch):
    """It counts as added: the figures are not about it."""
    wrong = checkout.SOLUTION.replace(".sum()", ".mean()")

    original = command._try_all  # noqa: SLF001 - to come between

    def meanwhile(*arguments):
        checkout.attempt("wrong/mean", f"# wrong (core): the mean\n{wrong}")
        original(*arguments)

    monkeypatch.setattr(command, "_try_all", meanwhile)
    monkeypatch.setattr(command, "SEEDS", 2)
    checkout.measure()
    assert read_figures(checkout.kata).figures["wrong_attempts"] == 0
    assert added(checkout.kata) == {"tests/attempts/sums/energy/wrong/mean.py"}


def test_a_mistake_may_stand_in_an_alternative(checkout):
    """What a mistake replaces need only be unique outside the alternatives."""
    checkout.write("solutions/sums/energy.py", checkout.SOLUTION.replace("float(x @ x)", "float((x**2).sum())"))
    status, printed = checkout.measure(sample=0)
    assert status == 0, printed
    assert "2/2 mistakes rejected" in printed


@pytest.mark.slow
def test_other_seeds(checkout):
    """A run may begin with another seed than the first; then it is no measurement to keep."""
    status, printed = checkout.measure(seeds=command.SEEDS, start=1)
    assert status == 0, printed
    assert {json.loads(line)["seed"] for line in _remembered(checkout)[1:]} == set(range(1, command.SEEDS + 1))
    assert "written" not in printed


def test_sample_is_reproducible(checkout):
    """A sample has as many mutants as asked for, the same at each run."""
    status, printed = checkout.measure(sample=3)
    assert status == 0
    assert "3 mutants: 3 killed" in printed
    before = set(_remembered(checkout))
    checkout.measure(sample=3)
    assert set(_remembered(checkout)) == before


@pytest.mark.slow
def test_a_changed_text_is_tried_again(checkout):
    """What is remembered holds for one grader and one text: another grader starts afresh."""
    checkout.measure(sample=1)
    path = checkout.root / ".katagrad/strength/sums/energy.jsonl"
    before = path.read_text().splitlines()
    # Half a line is what a run that was stopped may leave.
    path.write_text("\n".join(before[:2]) + '\n{"text": "ab')
    checkout.measure(sample=1)
    assert len(path.read_text().splitlines()) >= len(before)
    checkout.write("tests/graders/sums/test_energy.py", checkout.GRADER + "\n# another text\n")
    checkout.measure(sample=0)
    assert path.read_text().splitlines()[0] != before[0]


@pytest.mark.slow
def test_signed_equivalent(checkout):
    """A survivor that is signed is counted as equivalent; what it replaces in the table is printed ready to paste."""
    checkout.write(
        "solutions/sums/energy.py", checkout.SOLUTION.replace("float((x**2).sum())", "float((x**2).sum() + 0 * 5)")
    )
    status, printed = checkout.measure()
    assert status == 1
    entry = printed[printed.index("[[equivalents]]") :].partition("reason = ")[0]
    assert "No draw of the workload tells it from the reference" in printed
    signed = [line.strip() for line in printed.splitlines() if line.strip().startswith("after = ")]
    before = next(line.strip() for line in entry.splitlines() if "before = " in line)
    after = ", ".join(line.removeprefix("after = ") for line in signed)
    checkout.sign(
        f'[[equivalents]]\nfunction = "energy"\n{before}\nafter = [{after}]\nreason = "Nothing times five."\n'
    )
    status, printed = checkout.measure()
    assert status == 0, printed
    assert f"{len(signed)} equivalent" in printed


def test_wrong_tables(checkout):
    """A signature that no mutant matches, one without a reason and one in another table are errors."""
    line = "return scale * float((x**2).sum())"
    entry = '[[equivalents]]\nfunction = "energy"\nbefore = "{}"\nafter = "{}"\nreason = "{}"\n'
    checkout.sign(entry.format("return scale * sum(x)", "return scale / sum(x)", "It was so."))
    status, printed = checkout.measure(sample=0)
    assert status == 1
    assert "x a signature matches no mutant any more: energy: return scale * sum(x) -> return scale / sum(x)" in printed
    checkout.sign(entry.format(line, line.replace("scale *", "scale /"), " "))
    assert "no reason is given" in checkout.measure(sample=0)[1]
    checkout.sign(entry.format(line, line, "Why not.").replace("[[equivalents]]", "[[enemies]]"))
    assert "has a table 'enemies'; it is called equivalents" in checkout.measure(sample=0)[1]


def test_mistakes_that_are_none(checkout):
    """A mistake whose text is not found once, that is no Python, changes nothing or does not run is an error."""
    mistakes = {
        "lost": ("x ** 2", "x"),
        "twice": ("scale", "scales"),
        "broken": ("def energy(x", "def energy x"),
        "same": ("(x**2).sum()", "((x**2)).sum()"),
        "unbound": ("(x**2).sum()", "(z**2).sum()"),
    }
    checkout.write(
        "tests/graders/sums/test_energy.py", checkout.GRADER.partition("MISTAKES")[0] + f"MISTAKES = {mistakes}\n"
    )
    status, printed = checkout.measure(sample=0)
    assert status == 1
    assert "x the mistake 'lost' cannot be made: 'x ** 2' occurs 0 times in the solution" in printed
    assert "x the mistake 'twice' cannot be made: 'scale' occurs 3 times in the solution" in printed
    assert "x the mistake 'broken' cannot be made: the result is no Python" in printed
    assert "x the mistake 'same' cannot be made: the result is what it was" in printed
    assert "x the mistake 'unbound' does not even run" in printed


def test_endless_loop(checkout, monkeypatch):
    """A text that never ends is stopped at the limit, and no further seed is tried."""
    endless = checkout.SOLUTION.replace(
        "    return scale * float((", "    while True:\n        pass\n    return scale * float(("
    )
    monkeypatch.setattr(trials, "WRONG_CALL_LIMIT", 0.1)
    trial = trials.Trial(checkout.kata, trials.MUTANT, "endless", endless, (0, 1))
    with command.processes(1) as pool:
        ((_, outcomes),) = trials.run_trials(pool, [trial], {checkout.kata.path: Memory(checkout.kata)})
    assert [(outcome.kind, outcome.seed) for outcome in outcomes] == [("timeout", 0)]


def _remembered(checkout):
    return (checkout.root / ".katagrad/strength/sums/energy.jsonl").read_text().splitlines()


def test_a_killed_process_is_not_remembered(checkout):
    """How a process that somebody killed ended says nothing of the text: it is tried again by the next run."""
    trial = trials.Trial(checkout.kata, trials.MUTANT, "mutant", checkout.SOLUTION, (0,))
    outcome = trials.Outcome(0, accepted=False, rule="sum", reason=f"energy(x=3.0); {how_it_ended(-9)}")
    memory = Memory(checkout.kata)
    memory.add(trial, [outcome])
    assert memory.known(trial) == []
    memory.add(trial, [replace(outcome, reason="expected 2.0; got 1.0")])
    assert len(Memory(checkout.kata).known(trial)) == 1


def test_a_grader_that_fails_on_the_way(checkout, monkeypatch):
    """What had not been judged when a grader failed counts as refused, and is told with the grader's error."""

    def broken_off(_kata, jobs):
        next(jobs)
        jobs.send(Verdict(checkout.kata.path, State.SOLVED))
        raise GraderError("out of order")

    monkeypatch.setattr(trials, "grade_in_turn", broken_off)
    right = trials.Trial(checkout.kata, trials.RIGHT, "right", checkout.SOLUTION, (0, 1))
    found = trials.attempt([right, right])
    assert [[(outcome.accepted, outcome.reason) for outcome in outcomes] for outcomes in found] == [
        [(True, ""), (False, "out of order")],
        [(False, "out of order")],
    ]
