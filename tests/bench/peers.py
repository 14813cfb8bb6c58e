"""Every reference beside the function that users would call instead, at a realistic size.

The oracle test of a kata says what is compared: its `peers(reference, rng)` yields a `Peer` for each pair.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from katagrad.katas.catalog import Kata
from katagrad.katas.loading import load_module
from tests.bench.clock import medians, peak_memory


class Peer(NamedTuple):
    """Two calls that do the same job; `reason` says why the library wins, where it does."""

    what: str
    library: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    reason: str = ""


def measure(katas: Sequence[Kata], repeats: int = 7) -> Iterator[dict]:
    """Yield a row for each pair: seconds, their ratio, and the peak memory of both; of a kata without one, its name."""
    for kata in katas:
        module = load_module(kata.root / "tests" / "oracles" / kata.topic / f"test_{kata.name}.py")
        peers = getattr(module, "peers", None)
        if peers is None:
            yield {"kata": kata.path, "what": "", "library": "no peer"}
            continue
        for peer in peers(load_module(kata.solution), np.random.default_rng(0)):
            found = medians({"ours": peer.ours, "theirs": peer.theirs}, repeats)
            yield {
                "kata": kata.path,
                "what": peer.what,
                "library": peer.library,
                "seconds": found["ours"],
                "library_seconds": found["theirs"],
                "ratio": found["ours"] / found["theirs"],
                "memory": peak_memory(peer.ours),
                "library_memory": peak_memory(peer.theirs),
                "reason": peer.reason,
            }
