"""Keep tensors in huge pages, where Linux gives them only to programs that ask for them."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from lowlevel_cnn.system.signals import signals_blocked

_SETTING = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_TUNABLES, _HUGE = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"


def restart_with_huge_pages() -> None:
    """Execute this program again, once, with a C library that asks for huge pages; return where that is no use.

    The library looks at its settings only when a program starts. The process, its arguments and its streams stay the
    same; a setting of the user's own stands.
    """
    tunables = os.environ.get(_TUNABLES, "")
    if _HUGE in tunables or not _is_asked_for() or "tensorflow" in sys.modules:
        return
    os.environ[_TUNABLES] = ":".join(filter(None, (tunables, f"{_HUGE}=1")))
    with signals_blocked():
        os.execv(sys.executable, sys.orig_argv)


def _is_asked_for() -> bool:
    try:
        return "[madvise]" in _SETTING.read_text() and platform.libc_ver()[0] == "glibc"
    except OSError:
        return False
