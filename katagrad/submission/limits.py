"""How much a submission may take: time, memory, files, threads."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Seconds, bytes and counts; a test sets others.

    Attributes
    ----------
    call, load, kata : seconds for one call (half of them once one was stopped), for loading the file, and for all calls
        of a kata
    start : seconds for a process to be there, where it is not forked
    stops : calls that may be stopped before the others are not tried
    memory, file : bytes of address space, and of one file that is written
    cpu : seconds of processor time after which the system ends a process that nothing else has ended
    descriptors : files that may be open at once
    threads : threads that may run at once
    """

    call: float = 2.0
    load: float = 4.0
    kata: float = 120.0
    start: float = 30.0
    stops: int = 2
    memory: int = 3 * 2**30
    file: int = 2**28
    cpu: int = 300
    descriptors: int = 256
    threads: int = 64


LIMITS = Limits()
