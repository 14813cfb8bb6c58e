"""Times what is to be compared in turn, so that whatever else the machine does falls on all of it alike."""

import contextlib
import ctypes
import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

# Seconds that one sample takes at least: shorter calls are repeated within it.
SAMPLE = 0.02
# One thread's processor time is its time on an idle machine; where its clock is coarse, that on the wall will do.
PROCESSOR = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter


def medians(
    functions: Mapping[str, Callable[[], object]],
    repeats: int = 7,
    sample: float = SAMPLE,
    clock: Callable[[], float] = PROCESSOR,
) -> dict[str, float]:
    """Return the median seconds of one call of each function, all called in turn.

    Parameters
    ----------
    functions : what to call, by name; each is called once before the clock runs
    repeats : number of samples of each
    sample : seconds that one sample takes at least, by calling a short function often
    clock : tells the seconds; what else the machine does takes none of `PROCESSOR`
    """
    calls, times = {}, {name: [] for name in functions}
    for name, function in functions.items():
        function()
        start = clock()
        function()
        calls[name] = max(1, math.ceil(sample / max(clock() - start, 1e-7)))
    order = list(functions)
    gc.collect()
    for turn in range(repeats):
        # Forth and back: neither is always the one that comes after the other.
        for name in order if turn % 2 else reversed(order):
            start = clock()
            for _ in range(calls[name]):
                functions[name]()
            times[name].append((clock() - start) / calls[name])
    return {name: statistics.median(found) for name, found in times.items()}


def peak_memory(function: Callable[[], object]) -> float | None:
    """Return by how many bytes a call raises what the process holds at its highest; None where nothing tells."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed goes back to the system, or it would count for nothing
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the highest so far is forgotten
        before = _status("VmRSS")
        function()
        return max(0.0, _status("VmHWM") - before)
    except (OSError, KeyError):
        return None


def _status(name: str) -> float:
    """Return a size in bytes out of what Linux tells of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(":", maxsplit=1) for line in lines)
    return 1024.0 * int(fields[name].split()[0])


def duration(seconds: float) -> str:
    """Return a time in the unit in which it has one to three digits before the point."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def size(count: float | None) -> str:
    """Return a number of bytes in MiB; nothing where it is not known."""
    return "" if count is None else f"{count / 2**20:.3g} MiB"
