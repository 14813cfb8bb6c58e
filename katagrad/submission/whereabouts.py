"""Which line of a file was running when its process was stopped, read from what `faulthandler` wrote of its threads."""

import os
import re
import signal

# Ignored by a process that does not wait for it, so that asking does no harm. None on Windows.
SIGNAL = getattr(signal, "SIGURG", None)
# What the thread of a file is served by: not imported, since the runner needs nothing else of it.
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apart.py")  # noqa: PTH100, PTH118, PTH120
_LONGEST = 500  # letters of a path that `faulthandler` writes
_DIGITS = 7


def running_line(dump: str, path: str, lines: int) -> int:
    """Return the number of the line, 0 if none is told.

    Parameters
    ----------
    dump : of all threads, innermost call first; the process may have written anything into it
    path : of the file
    lines : how many there are in the file
    """
    place = re.compile(f'^  File "{re.escape(_written(path))}", line (\\d{{1,{_DIGITS}}}) in ', re.MULTILINE)
    threads = re.split(r"^(?=(?:Current )?[Tt]hread 0x)", dump, flags=re.MULTILINE)
    # The thread that answers calls comes first, then the newest.
    threads.sort(key=lambda thread: f'  File "{_written(SERVER)}"' not in thread)
    found = next(filter(None, map(place.search, threads)), None)
    line = int(found[1]) if found else 0
    return line if line <= lines else 0


def _written(path: str) -> str:
    letters = path.encode("ascii", "backslashreplace").decode()
    return letters if len(path) <= _LONGEST else letters[:_LONGEST] + "..."
