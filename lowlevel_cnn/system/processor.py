"""Detect the processor's vector instructions, which decide the last bits of a result and the faster algorithm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_DESCRIPTION = Path("/proc/cpuinfo")
_SETS = {"avx512": "avx512f", "avx2": "avx2"}


@lru_cache(maxsize=1)
def vector_instructions() -> str:
    """Return `avx512`, `avx2`, or `unknown` for other processors and on systems other than Linux."""
    try:
        words = set(_DESCRIPTION.read_text(errors="replace").split())
    except OSError:
        return "unknown"
    return next((name for name, flag in _SETS.items() if flag in words), "unknown")
