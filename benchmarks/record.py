"""The flags that the measurements share, and the file that keeps what they measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.networks import NETWORKS
from lowlevel_cnn.system.processor import vector_instructions

PATH = Path("docs/performance.json")


def arguments(description: str | None, *, rounds: int, steps: int = 0, models: bool = False) -> argparse.Namespace:
    """The command line of a measurement."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", help="the folder that holds the data sets")
    parser.add_argument("--rounds", type=int, default=rounds)
    if steps:
        parser.add_argument("--steps", type=int, default=steps)
    if models:
        parser.add_argument("--model", action="append", choices=list(NETWORKS))
    return parser.parse_args()


def keep(name: str, result: dict[str, Any]) -> None:
    """Puts a result into the file, in the place of an earlier one of that name on such a processor."""
    kept = json.loads(PATH.read_text()) if PATH.exists() else {}
    kept.setdefault(vector_instructions(), {})[name] = {
        "date": date.today().isoformat(),
        "machine": machine(),
        **result,
    }
    PATH.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def machine() -> dict[str, Any]:
    """The processor and its cores."""
    flags = Path("/proc/cpuinfo")
    names = flags.read_text().split() if flags.exists() else []
    sets = [each for each in ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_tile") if each in names]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"machine": platform.machine(), "cores": cores, "instruction_sets": sets}
