"""Writes verdicts for other programs: as JSON, and as the XML of JUnit, which build servers read."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as ET

from katagrad.terminal import printable
from katagrad.verdict import State, Verdict


def write(verdicts: Sequence[Verdict], json_file: str | None, junit_file: str | None) -> list[Path]:
    """Write the files that were asked for and return their paths; `-` is standard output, for JSON."""
    written = []
    if json_file:
        text = json.dumps({"katas": [{**asdict(verdict), "held": verdict.held} for verdict in verdicts]}, indent=2)
        if json_file == "-":
            sys.stdout.write(text + "\n")
        else:
            Path(json_file).write_text(text + "\n", encoding="utf-8")
            written.append(Path(json_file))
    if junit_file:
        tree = ET.ElementTree(_suites(verdicts))
        ET.indent(tree)
        tree.write(junit_file, encoding="utf-8", xml_declaration=True)
        written.append(Path(junit_file))
    return written


def _suites(verdicts: Sequence[Verdict]) -> ET.Element:
    """Return a suite a kata, with a case a rule."""
    suites = ET.Element("testsuites", name="katagrad")
    for verdict in verdicts:
        suite = ET.SubElement(suites, "testsuite", name=verdict.kata, time=f"{verdict.seconds:.3f}")
        suite.set("tests", str(max(len(verdict.rules), 1)))
        suite.set("failures", str(len(verdict.failures) or int(verdict.state is State.BROKEN)))
        suite.set("skipped", str(int(verdict.state is State.NOT_STARTED)))
        if not verdict.rules:
            case = ET.SubElement(suite, "testcase", classname=verdict.kata, name=str(verdict.state))
            kind = "skipped" if verdict.state is State.NOT_STARTED else "failure"
            ET.SubElement(case, kind, message=printable(verdict.problem) or str(verdict.state))
        for rule in verdict.rules:
            case = ET.SubElement(suite, "testcase", classname=verdict.kata, name=rule.name, time=f"{rule.seconds:.3f}")
            if rule.failure:
                found = rule.failure
                element = ET.SubElement(case, "failure", message=rule.sentence, type=found.kind)
                texts = (found.call, found.expected, found.got, found.reason, found.where)
                element.text = printable("\n".join(filter(None, texts)))
    return suites
