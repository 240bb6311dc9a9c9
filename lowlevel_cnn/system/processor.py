"""Detect the vector instructions in use, which decide the last bits of a result and the faster algorithm."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

_DESCRIPTION = Path("/proc/cpuinfo")
_SETS = {"avx512": "avx512f", "avx2": "avx2"}
# oneDNN's own variable, such as `AVX2`, that holds it to older instructions than the processor has.
_HELD_TO = "ONEDNN_MAX_CPU_ISA"


@lru_cache(maxsize=1)
def vector_instructions() -> str:
    """Return `avx512`, `avx2`, or `unknown` for other processors and on systems other than Linux."""
    try:
        words = set(_DESCRIPTION.read_text(errors="replace").split())
    except OSError:
        return "unknown"
    if os.environ.get(_HELD_TO, "").upper().startswith("AVX2"):
        words.discard(_SETS["avx512"])
    return next((name for name, flag in _SETS.items() if flag in words), "unknown")
