"""Which vector instructions are in use: the newest that the processor has and oneDNN may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowlevel_cnn.system import processor


@pytest.mark.parametrize(
    ("flags", "held_to", "expected"),
    [
        ("fma avx avx2 avx512f", "", "avx512"),
        ("fma avx avx2 avx512f", "AVX512_CORE", "avx512"),
        ("fma avx avx2 avx512f", "avx2", "avx2"),
        ("fma avx avx2", "AVX2_VNNI", "avx2"),
        ("fma avx", "AVX2", "unknown"),
        (None, "", "unknown"),
    ],
)
def test_the_instructions_in_use_are_the_newest_there_are_unless_held_to_older_ones(
    flags: str | None, held_to: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(processor, "_DESCRIPTION", tmp_path / "cpuinfo")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", held_to)
    assert processor.vector_instructions.__wrapped__() == expected
