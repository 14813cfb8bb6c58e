"""When a call has taken too long: by the processor time it used, and by the clock where that cannot be known."""

import os
import sys
import time

# A call that waits, and one whose processor time nothing tells, is stopped by the clock, somewhat later.
_WAITING, _LONG_WAITING, _UNKNOWN, _BUSY = 1.25, 2.0, 2.0, 10.0
# A look at a call tells of this many seconds before it at most: a runner that slept longer knows nothing of the rest.
_LOOK = 0.1


class Deadline:
    """Limits a call by the processor time it uses, so that a busy machine stops nobody's right answer."""

    def __init__(self, pid: int, limit: float) -> None:
        self.pid, self.limit = pid, limit
        self.wall, self.used = time.monotonic(), processor_time(pid)
        self.looked, self.idle = 0.0, 0.0

    def ran_out(self) -> str:
        """Return why the call is to be stopped: after how long; nothing while it may go on."""
        elapsed = time.monotonic() - self.wall
        if elapsed < self.limit:
            return ""
        now = processor_time(self.pid)
        if now is None or self.used is None:
            return f"stopped after {elapsed:.2g} s" if elapsed >= _UNKNOWN * self.limit else ""
        used = now - self.used
        if used >= self.limit:
            return f"stopped after {self.limit:g} s"
        ready = is_ready(self.pid)
        # One that is ready to run but gets no processor does not wait: the machine is busy. One that is seen idle by a
        # runner which got no processor itself may have answered meanwhile: it has to be seen so again and again.
        self.idle = 0.0 if ready else self.idle + min(elapsed - self.looked, _LOOK)
        self.looked = elapsed
        patience = _LONG_WAITING if ready is None else _WAITING
        seen = self.idle >= (patience - 1) * self.limit / 2
        if used < elapsed / 20 and seen and elapsed >= patience * self.limit:
            return f"stopped after {elapsed:.2g} s of waiting"
        return f"stopped after {elapsed:.2g} s" if elapsed >= _BUSY * self.limit else ""


def proc_stat(pid: int | str) -> list[bytes]:
    """Return the fields of Linux' /proc/pid/stat from the state on; none where there is no such thing."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - in a loop while a call runs
            return stat.read().rpartition(b")")[2].split()
    except OSError:
        return []


def processor_time(pid: int) -> float | None:
    """Return the seconds that a process has used; None where nothing tells."""
    if sys.platform == "win32":
        return _windows_time(pid)
    fields = proc_stat(pid) if sys.platform == "linux" else []
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else None


def is_ready(pid: int) -> bool | None:
    """Say whether any thread of a process could use a processor now; None where nothing tells.

    The first thread only waits for the one in which the file runs.
    """
    if sys.platform != "linux":
        return None
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - in a loop while a call runs
    except OSError:
        return False
    return any(proc_stat(f"{pid}/task/{thread}")[:1] in ([b"R"], [b"D"]) for thread in threads)


def _windows_time(pid: int) -> float | None:
    """Return the seconds that a process has used, as `GetProcessTimes` tells it."""
    import ctypes  # noqa: PLC0415 - only where it is needed

    kernel = ctypes.windll.kernel32
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(0x1000, 0, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    times = (ctypes.c_uint64 * 4)()  # created, ended, in the kernel, in the program: in 100 ns
    places = [ctypes.byref(times, 8 * place) for place in range(4)]
    told = kernel.GetProcessTimes(ctypes.c_void_p(handle), *places)
    kernel.CloseHandle(ctypes.c_void_p(handle))
    # One that has answered has used some: nothing at all is what a system says that does not know.
    return (times[2] + times[3]) / 1e7 or None if told else None
