"""A Jupyter kernel, started once, in which several notebooks run one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.documents import ROOT
from helpers.processes import PATIENCE


@dataclass(frozen=True)
class Ran:
    """What a cell has shown, as a notebook's file would have it, and the name of the error that ended it, or ""."""

    outputs: list[dict[str, Any]]
    error: str

    @property
    def printed(self) -> str:
        return "".join(each["text"] for each in self.outputs if each.get("name") == "stdout")


class Kernel:
    """A running kernel.

    Args:
        manager: starts, interrupts and ends it.
        client: sends it code.
    """

    def __init__(self, manager: Any, client: Any) -> None:
        self._manager, self._client = manager, client

    def run(self, code: str, on_print: Callable[[str], None] = lambda text: None) -> Ran:
        """Runs code, as a cell; `on_print` gets what it prints as it prints it."""
        outputs: list[dict[str, Any]] = []

        def take(message: Mapping[str, Any]) -> None:
            if message["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                outputs.append({"output_type": message["msg_type"], **message["content"]})
                on_print(message["content"].get("text", ""))

        reply = self._client.execute_interactive(code, timeout=PATIENCE, output_hook=take, allow_stdin=False)
        return Ran(outputs, reply["content"].get("ename", ""))

    def begin(self, folder: Path) -> None:
        """Goes on in another folder, with no names defined, as after a restart."""
        assert self.run(f"%reset -f\n%cd -q {folder}").error == ""

    def interrupt(self) -> None:
        """What the stop button does."""
        self._manager.interrupt_kernel()


@contextmanager
def kernel(folder: Path, env: Mapping[str, str]) -> Iterator[Kernel]:
    """A kernel that keeps its own files, too, in a folder."""
    from jupyter_client.manager import start_new_kernel

    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **env,
    }
    manager, client = start_new_kernel(kernel_name="python3", env=environment, cwd=str(folder))
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
