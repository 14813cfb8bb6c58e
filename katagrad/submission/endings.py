"""How a submission's process ended by itself, in words."""

from katagrad.submission import wire

CLOSED = "the file closed the pipe that its answers go through"
_STATUSES = {
    wire.NO_PIPE: CLOSED,
    wire.NO_ROOM: "the system had no more memory, processes or open files to give, which is not the file's fault",
}
# What Windows gives for an exit status.
_WINDOWS_ERROR = 0xC0000000
_EXCEPTIONS = {
    0xC0000005: "the process crashed: it touched memory that is not its own (access violation)",
    0xC000001D: "the process crashed: illegal instruction",
    0xC0000017: "the process was out of memory",
    0xC0000094: "the process crashed: a whole number was divided by zero",
    0xC00000FD: "the process crashed: stack overflow, perhaps recursion without end",
    0xC000013A: "the process was interrupted",
    0xC0000374: "the process crashed: its memory was damaged",
    0xC0000409: "the process aborted",
}
_SIGNALS = {
    4: "the process crashed: illegal instruction",
    6: "the process aborted",
    7: "the process crashed: bus error",
    8: "the process crashed: floating-point exception",
    9: "the process was killed; it may have run out of memory",
    11: "the process crashed: segmentation fault, perhaps recursion without end",
    24: "the process used up its processor time",
    25: "the process wrote too large a file",
}


def how_it_ended(status: int | None) -> str:
    """Say how a process ended: by an exit status, or by a signal, as a negative one."""
    status = status or 0
    if status in _STATUSES:
        return _STATUSES[status]
    if status < 0:
        return _SIGNALS.get(-status, f"the process was ended by signal {-status}")
    if status >= _WINDOWS_ERROR:
        return _EXCEPTIONS.get(status, f"the process crashed: Windows calls it 0x{status:08X}")
    return f"the process ended itself, with exit status {status}"
