"""Which vector instructions the processor has: they decide the last bits of a result, and which way to it is faster."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_DESCRIPTION = Path("/proc/cpuinfo")
_SETS = {"avx512": "avx512f", "avx2": "avx2"}


@lru_cache(maxsize=1)
def vector_instructions() -> str:
    """`avx512`, `avx2`, or `unknown`: another processor, or a system that does not tell, as only Linux does."""
    try:
        words = set(_DESCRIPTION.read_text(errors="replace").split())
    except OSError:
        return "unknown"
    return next((name for name, flag in _SETS.items() if flag in words), "unknown")
