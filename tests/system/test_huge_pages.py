"""Training starts its program anew for huge pages: once, where they are to be asked for, and as the same process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lowlevel_cnn.system import huge_pages
from lowlevel_cnn.system.huge_pages import restart_with_huge_pages

PROGRAM = """
import os, sys
from lowlevel_cnn.system import huge_pages
huge_pages._is_asked_for = lambda: True
print(os.getpid(), sys.argv[1:], os.environ.get("GLIBC_TUNABLES"), flush=True)
huge_pages.restart_with_huge_pages()
"""


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The command lines executed, on a machine whose programs are to ask for huge pages."""
    lines: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, line: lines.append(line))
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(huge_pages, "_SETTING", tmp_path / "enabled")
    (tmp_path / "enabled").write_text("always [madvise] never\n")
    return lines


def test_the_program_is_executed_once_more_as_the_same_process_with_the_same_arguments() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    command = [sys.executable, "-c", PROGRAM, "a b", "c"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    shown, _ = process.communicate(timeout=120)
    tunables = ("None", "glibc.malloc.hugetlb=1")
    assert shown.splitlines() == [f"{process.pid} ['a b', 'c'] {each}" for each in tunables]


def test_what_else_the_user_has_set_is_kept(executed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.perturb=0")
    restart_with_huge_pages()
    assert executed == [sys.orig_argv]
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.perturb=0:glibc.malloc.hugetlb=1"


def test_the_users_own_setting_stands(executed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0")
    restart_with_huge_pages()
    assert executed == []


@pytest.mark.parametrize("setting", ["[always] madvise never\n", "always madvise [never]\n", None])
def test_nothing_is_executed_where_asking_changes_nothing(
    setting: str | None, executed: list[list[str]], tmp_path: Path
) -> None:
    if setting is None:
        (tmp_path / "enabled").unlink()
    else:
        (tmp_path / "enabled").write_text(setting)
    restart_with_huge_pages()
    assert executed == []


def test_nothing_is_executed_where_tensorflow_is_in_use_already(
    executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", os)
    restart_with_huge_pages()
    assert executed == []
