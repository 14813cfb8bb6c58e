"""Puts a kata into the text of the curriculum, so that comments and layout stay as they are."""

import json
import re
import tomllib
from collections.abc import Iterator

_TOKEN = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\[|\]|,""")
_TOPIC = """
[[topics]]
name = {name}
title = "TODO"
about = "TODO: what the topic is about, in one sentence."
katas = [{kata}]
"""


def with_kata(text: str, topic: str, kata: str) -> str:
    """Return a curriculum's text with a kata at the end of a topic, which is added if there is none of that name."""
    names = [entry.get("name") for entry in tomllib.loads(text).get("topics", [])]
    if topic not in names:
        return text.rstrip("\n") + "\n" + _TOPIC.format(name=json.dumps(topic), kata=json.dumps(kata))
    headers = list(re.finditer(r"^\[\[topics\]\][^\n]*$", text, re.MULTILINE))
    start = headers[names.index(topic)].end()
    opening = start + re.search(r"^katas\s*=\s*\[", text[start:], re.MULTILINE).end()
    return _appended(text, opening, json.dumps(kata))


def _appended(text: str, opening: int, value: str) -> str:
    """Return a text with a value at the end of the array that was opened before a place."""
    tokens = list(_array(text, opening))
    closing = tokens.pop()
    kept = [token for token in tokens if not token[0].startswith("#")]
    if not kept:
        return text[:opening] + value + text[opening:]
    last, end = kept[-1][0], kept[-1][2]
    first = kept[0][1]
    line = text.rfind("\n", 0, first) + 1
    several = "\n" in text[opening : closing[1]]
    # As the array is laid out: each value on a line of its own, or all on one.
    if several and not text[line:first].strip():
        comma = "" if last == "," else ","
        rest = text[end:].partition("\n")[0]
        place = end + (len(rest) if rest.lstrip().startswith("#") else 0)
        return text[:end] + comma + text[end:place] + f"\n{text[line:first]}{value}," + text[place:]
    return text[:end] + (f" {value}," if last == "," else f", {value}") + text[end:]


def _array(text: str, opening: int) -> Iterator[tuple[str, int, int]]:
    """Yield the tokens of an array with their places, the closing bracket last."""
    for found in _TOKEN.finditer(text, opening):
        yield found[0], found.start(), found.end()
        if found[0] == "]":
            return
