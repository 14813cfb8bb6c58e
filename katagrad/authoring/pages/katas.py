"""The list of katas, a table a topic."""

from katagrad.authoring.pages.markdown import table
from katagrad.katas.catalog import Catalog, Topic


def count(catalog: Catalog) -> str:
    """Return how many katas there are."""
    return f"{len(catalog.katas)} katas in {len(catalog.topics)} topics: [the list](exercises/README.md).\n"


def page(catalog: Catalog) -> str:
    """Return the page beside the exercises."""
    head = (
        "# The katas\n\n"
        f"{len(catalog.katas)} katas in {len(catalog.topics)} topics, in study order. "
        "The time is what a prepared candidate needs.\n"
    )
    return head + "".join(map(_topic, catalog.topics))


def _topic(topic: Topic) -> str:
    rows = [
        (f"[{kata.name}]({kata.path}.py)", kata.about, kata.difficulty, f"{kata.minutes} min") for kata in topic.katas
    ]
    return f"\n## {topic.title}\n\n{topic.about}\n\n" + table(("kata", "what it is", "difficulty", "time"), rows)
