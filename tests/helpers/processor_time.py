"""Whether a piece of work takes little of the processor, on a fast machine and on a slow one."""

from __future__ import annotations

import time
import zlib


def is_quick(seconds: float) -> bool:
    """Whether the processor's seconds are few: less than one or, where all is slow, than ten inflations of 64 MiB."""
    return seconds < 1 or seconds < 10 * _seconds_to_inflate(64 << 20)


def _seconds_to_inflate(size: int) -> float:
    deflated = zlib.compress(bytes(size), 1)
    start = time.process_time()
    zlib.decompress(deflated)
    return time.process_time() - start
