"""Contenders that take turns: processes kept alive, of which one at a time does some steps and says how long they took.

A machine's speed wanders. What is compared is therefore never further apart than a few seconds: each contender's turn
with that of the same round of another (A B C A B C ...), and only the ratios are put together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Steps before those measured, at the beginning of a turn: the caches hold what another contender left there.
FIRST_STEPS = 2
# Until the threads of the one before have gone to sleep.
PAUSE = 0.1


@dataclass(frozen=True)
class Contender:
    """A module that trains in turns.

    Attributes:
        name: what the tables call it.
        module: the module to run.
        needs: the package that it needs.
        variant: which of the module's variants.
        environment: variables to set for it.
    """

    name: str
    module: str
    needs: str
    variant: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class Turns:
    """The contender's side: does steps as they are asked for on standard input, and answers with seconds.

    What the contender prints itself goes to standard error.
    """

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self._measured = self._left = 0
        self._began = 0.0

    def another_step(self) -> bool:
        """To be called before each step: waits for this contender's turn; False when there will be none."""
        if self._left == 0:
            if self._measured:
                self.say({"seconds": (time.perf_counter() - self._began) / self._measured})
            self._measured = int(sys.stdin.readline() or 0)
            self._left = FIRST_STEPS + self._measured if self._measured else 0
        if self._left == self._measured:
            self._began = time.perf_counter()
        self._left -= 1
        return self._left >= 0

    def say(self, answer: Mapping[str, Any]) -> None:
        """Answer the one who gives the turns."""
        print(json.dumps(answer), file=self._answers, flush=True)


class Running:
    """A contender's process, as the one who gives the turns sees it."""

    def __init__(self, contender: Contender, words: Sequence[str]) -> None:
        command = [sys.executable, "-m", contender.module, *words, "--variant", contender.variant]
        self.name, self._command = contender.name, " ".join(command)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # On a GPU the contenders share its memory, of which TensorFlow's first session would take all.
            env={**os.environ, "TF_FORCE_GPU_ALLOW_GROWTH": "true", **contender.environment},
        )

    def turn(self, steps: int) -> float:
        """Seconds a step."""
        return float(self._ask(steps)["seconds"])

    def end(self) -> dict[str, Any]:
        """What it has to say when it will get no more turns."""
        return self._ask(0)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def _ask(self, steps: int) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(steps, file=self._process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            raise SystemExit(f"{self.name} ended early; see for yourself: echo 1 | {self._command}") from None
        return answer


def take_turns(
    contenders: Sequence[Contender], words: Sequence[str], *, rounds: int, steps: Callable[[str], int]
) -> tuple[dict[str, list[float]], dict[str, dict[str, Any]]]:
    """Let contenders take turns.

    Args:
        contenders: in the order of their turns.
        words: the command line of each.
        rounds: turns of each.
        steps: steps in a turn of a contender, by its name.

    Returns:
        Seconds a step of each turn, and what each contender said at the end.
    """
    running = [Running(contender, words) for contender in contenders]
    seconds: dict[str, list[float]] = {each.name: [] for each in running}
    try:
        for number in range(-1, rounds):
            for each in running:
                time.sleep(PAUSE)
                taken = each.turn(steps(each.name))
                # In the first round kernels are chosen and memory is allocated.
                if number >= 0:
                    seconds[each.name].append(taken)
        return seconds, {each.name: each.end() for each in running}
    finally:
        for each in running:
            each.kill()
