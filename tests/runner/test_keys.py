"""Single keys and the time: what a terminal, a Windows console and a clock that is set back lead to."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from katagrad.clock import Clock, Stopwatch, duration, in_days
from katagrad.practice.keys import Keys, WindowsKeys


class Console:
    """What Windows' `msvcrt` does, with keys that were typed before."""

    def __init__(self, typed):
        self.typed = list(typed)

    def kbhit(self):
        """Say whether a key waits."""
        return bool(self.typed)

    def getwch(self):
        """Return the next one."""
        return self.typed.pop(0)


def all_of(keys):
    return list(iter(keys.get, ""))


def test_windows_keys():
    """Keys come one at a time in small letters; arrows and function keys are left out, Ctrl-Z stands for the end."""
    assert all_of(WindowsKeys(Console("H\xe0Hp\x00;\x1aq"))) == ["h", "p", "\x04", "q"]


def test_windows_ctrl_c():
    """Ctrl-C interrupts, although such a console hands it over as a key."""
    with pytest.raises(KeyboardInterrupt):
        WindowsKeys(Console("\x03")).get()


def test_no_keys():
    """Where there is no terminal nobody presses anything, and nothing waits for it."""
    assert Keys().get() == ""
    assert not Keys().available


def test_waiting_for_a_key():
    """Other keys than those wanted are passed over, and what is typed ahead is kept."""
    keys = WindowsKeys(Console("xyn3"))
    assert keys.wait_for("n") == "n"
    assert keys.get() == "3"


def test_quitting_is_seen_ahead():
    """A key to quit is seen before it is taken, and keys before it keep their turn."""
    keys = WindowsKeys(Console("hq"))
    assert keys.wants_to_quit()
    assert all_of(keys) == ["h", "q"]
    assert not keys.wants_to_quit()


def test_stopwatch():
    """Stretches add up, pauses and what is skipped do not, and a clock that runs backwards takes nothing away."""
    now = SimpleNamespace(seconds=100.0)
    clock = Clock()
    clock.monotonic = lambda: now.seconds
    watch = Stopwatch(clock, 10.0)
    now.seconds += 5
    assert watch.seconds == 10
    watch.go()
    now.seconds += 5
    assert watch.seconds == 15
    assert watch.stop() == 15
    now.seconds += 100
    watch.go()
    now.seconds += 1
    assert watch.seconds == 16
    now.seconds += 1001
    watch.skip(1000)
    assert watch.seconds == 17
    now.seconds -= 500
    assert watch.seconds == 17
    now.seconds += 2
    assert watch.stop() == 19


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (59.9, "0:59"), (250, "4:10"), (3723, "1:02:03")])
def test_durations(seconds, words):
    """A time is told in minutes and seconds, with hours where there are any."""
    assert duration(seconds) == words


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "tomorrow"), (8, "in 8 days"), (-1, "1 day ago")])
def test_days(days, words):
    """A day is told by how far off it is."""
    assert in_days(days) == words


def test_dates_are_in_utc():
    """What is taken down is in UTC, wherever the machine is."""
    assert Clock().now().tzinfo is UTC
    assert abs((Clock().now() - datetime.now(UTC)).total_seconds()) < 60
