"""The options of the project's own tests: everything, or what shows in a few minutes that a checkout works."""

# What people wrote of a kata is replayed, not collected.
collect_ignore = ["attempts"]


def pytest_addoption(parser):
    group = parser.getgroup("katagrad's own tests")
    group.addoption("--all", action="store_true", dest="everything", help="run the slow tests, too, and every mistake")
    group.addoption("--kata", action="append", metavar="TOPIC/KATA", help="of the katas only this one, in full")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out without --all")
    config.addinivalue_line("markers", "texts: tries texts on a grader, as strength does")


def pytest_collection_modifyitems(config, items):
    """Leave out what is slow, unless all is asked for."""
    if not config.getoption("everything", default=False):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("slow")])
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
