"""Time: the date, which people and machines may change, and the time that passes, which nothing changes."""

import time
from datetime import UTC, date, datetime

# As `date.weekday` numbers them.
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Clock:
    """The machine's clocks; a test brings its own."""

    def now(self) -> datetime:
        """Return the date and time in UTC; for durations use `monotonic`, since people change this clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since a fixed moment; changes of the date do not matter."""
        return time.monotonic()

    def today(self) -> date:
        """Return the date where the person is."""
        return local_day(self.now())


SYSTEM = Clock()


class Stopwatch:
    """Sums up the stretches in which it ran."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self.clock = clock
        self.running = False
        self._sum = seconds
        self._mark = 0.0

    @property
    def seconds(self) -> float:
        """Return the sum up to now."""
        if self.running:
            now = self.clock.monotonic()
            self._sum += max(0.0, now - self._mark)
            self._mark = now
        return self._sum

    def go(self) -> None:
        """Begin a stretch."""
        if not self.running:
            self.running, self._mark = True, self.clock.monotonic()

    def stop(self) -> float:
        """End the stretch and return the sum."""
        total = self.seconds
        self.running = False
        return total

    def skip(self, seconds: float) -> None:
        """Take seconds off a stretch in which the process was stopped, or the machine slept."""
        if self.running:
            self._sum = max(0.0, self.seconds - seconds)


def local_day(moment: datetime) -> date:
    """Return the date of a moment where the person is."""
    return moment.astimezone().date()


def day_text(day: date) -> str:
    """Return a day as sentences name it: 9 Nov 2026. Columns and options have 2026-11-09."""
    return f"{day.day} {day:%b %Y}"


def duration(seconds: float) -> str:
    """Return a time as people say it: 4:10, or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def in_days(days: int) -> str:
    """Return how far off a day is, in words."""
    if days < 0:
        return f"{-days} day{'s' * (days < -1)} ago"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
