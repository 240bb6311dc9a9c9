"""The flags that the measurements share, and the file that keeps what they measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.networks import NETWORKS
from lowlevel_cnn.system.processor import vector_instructions

PATH = Path("docs/performance.json")


def command_line(
    description: str | None, *, rounds: int, steps: int = 0, models: bool = False
) -> argparse.ArgumentParser:
    """The flags of a measurement."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", help="the folder that holds the data sets")
    parser.add_argument("--rounds", type=int, default=rounds)
    if steps:
        parser.add_argument("--steps", type=int, default=steps)
    if models:
        parser.add_argument("--model", action="append", choices=list(NETWORKS))
    return parser


def arguments(description: str | None, *, rounds: int, steps: int = 0) -> argparse.Namespace:
    """The command line of a measurement that has no other flags."""
    return command_line(description, rounds=rounds, steps=steps).parse_args()


def keep(name: str, result: dict[str, Any]) -> None:
    """Puts a result into the file, in the place of an earlier one of that name on such a machine."""
    kept = json.loads(PATH.read_text()) if PATH.exists() else {}
    kept.setdefault(kind(), {})[name] = {"date": date.today().isoformat(), "machine": machine(), **result}
    PATH.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def kind() -> str:
    """The GPU, if there is one, or else the processor's vector instructions and what they are held to."""
    if gpu := _gpu():
        return gpu
    used = vector_instructions()
    return "avx512 held to avx2" if used == "avx2" and "avx512f" in _instruction_sets() else used


def machine() -> dict[str, Any]:
    """The processor and its cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"machine": platform.machine(), "cores": cores, "instruction_sets": _instruction_sets()}


def _instruction_sets() -> list[str]:
    flags = Path("/proc/cpuinfo")
    names = flags.read_text().split() if flags.exists() else []
    return [each for each in ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_tile") if each in names]


def _gpu() -> str:
    """The name of the first NVIDIA GPU; nothing if there is none."""
    if shutil.which("nvidia-smi") is None:
        return ""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    listed = subprocess.run(query, capture_output=True, text=True)
    return listed.stdout.partition("\n")[0].strip() if listed.returncode == 0 else ""
