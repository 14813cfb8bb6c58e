"""Writes verdicts for other programs: as JSON, and as the XML of JUnit, which build servers read."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as ET

from katagrad.grading.broken_rules import lines_of
from katagrad.terminal import printable
from katagrad.verdict import Bar, Rule, State, Verdict


def write(
    verdicts: Sequence[Verdict], json_file: str | None, junit_file: str | None, *, strict: bool = False
) -> list[Path]:
    """Write the files that were asked for and return their paths; `-` is standard output, for JSON.

    Parameters
    ----------
    verdicts : the outcomes
    json_file, junit_file : where to write; None to write no such file
    strict : a broken strict rule is a failure for JUnit; else it is skipped, with its reason

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    written = []
    if json_file:
        text = json.dumps({"katas": [_as_json(verdict) for verdict in verdicts]}, indent=2)
        if json_file == "-":
            sys.stdout.write(text + "\n")
        else:
            Path(json_file).write_text(text + "\n", encoding="utf-8")
            written.append(Path(json_file))
    if junit_file:
        tree = ET.ElementTree(_suites(verdicts, strict=strict))
        ET.indent(tree)
        tree.write(junit_file, encoding="utf-8", xml_declaration=True)
        written.append(Path(junit_file))
    return written


def _as_json(verdict: Verdict) -> dict:
    """Return a verdict as plain data: each rule with its bar, and the two marks."""
    marks = {"held": verdict.held, "solved": verdict.state is State.SOLVED, "strict": verdict.strict}
    return {**asdict(verdict), **marks}


def _suites(verdicts: Sequence[Verdict], *, strict: bool) -> ET.Element:
    """Return a suite a kata, with a case a rule."""
    suites = ET.Element("testsuites", name="katagrad")
    for verdict in verdicts:
        suite = ET.SubElement(suites, "testsuite", name=verdict.kata, time=f"{verdict.seconds:.3f}")
        if verdict.rules:
            for rule in verdict.rules:
                _rule(suite, verdict.kata, rule, strict=strict)
        else:
            case = ET.SubElement(suite, "testcase", classname=verdict.kata, name=str(verdict.state))
            kind = "skipped" if verdict.state is State.NOT_STARTED else "failure"
            ET.SubElement(case, kind, message=printable(verdict.problem) or str(verdict.state))
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suites


def _rule(suite: ET.Element, kata: str, rule: Rule, *, strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", classname=kata, name=rule.name, time=f"{rule.seconds:.3f}")
    if rule.failure is None:
        if not rule.was_run:
            ET.SubElement(case, "skipped", message="not run")
        return
    found = rule.failure
    told = [found.call, *(label + text for label, text in lines_of(found)), *found.warned, found.where]
    text = printable("\n".join(filter(None, told)))
    if rule.bar is Bar.STRICT and not strict:
        reason = f"stricter than an interview: {rule.sentence}"
        ET.SubElement(case, "skipped", message=printable(reason)).text = text
    else:
        ET.SubElement(case, "failure", message=printable(rule.sentence), type=str(found.kind)).text = text
