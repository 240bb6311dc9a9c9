"""What recorded file operations leave on a disk that loses its power.

Of what was not flushed anything may be missing: the end of a file or all of it, or zeros in its place; and of the
changes of names in a directory, any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from file_operations import Operation

SAID = re.compile(rb"After (\d+) training step")

Files = dict[str, bytes | None]  # the contents of a tree; None for a directory
Change = dict[str, "File | Directory | None"]  # of names; None for one that is gone
Survival = Callable[[int], list[bool]]  # of so many changes, which survive
Contents = Callable[["File"], bytes]


@dataclass
class File:
    """What a reader sees, and how much of it, from its beginning, was flushed."""

    seen: bytes = b""
    flushed: int = 0

    def flush(self) -> None:
        self.flushed = len(self.seen)


@dataclass
class Directory:
    """Names as they were flushed, and the changes since."""

    flushed: dict[str, File | Directory] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def flush(self) -> None:
        self.flushed, self.changes = self.after([True] * len(self.changes)), []

    def after(self, survival: list[bool]) -> dict[str, File | Directory]:
        names: Change = dict(self.flushed)
        for change, survives in zip(self.changes, survival, strict=True):
            names.update(change if survives else {})
        return {name: node for name, node in names.items() if node is not None}


class Disk:
    """A folder, empty at first, in which operations are done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = Directory()

    def do(self, operation: Operation) -> None:
        above, node = self._find(operation.path.parent), self._find(operation.path)
        match operation.name, node:
            case ("create", None) | ("mkdir", None):
                above.changes.append({operation.path.name: File() if operation.name == "create" else Directory()})
            case "rename", File():
                new = Path(operation.second)
                assert new.parent == operation.path.parent
                above.changes.append({operation.path.name: None, new.name: node})
            case "unlink", File():
                above.changes.append({operation.path.name: None})
            case "write", File():
                assert int(operation.second) == len(node.seen)
                node.seen += operation.content
            case "flush", File() | Directory():
                node.flush()
            # A new lock is emptied; a directory is made, and a temporary file deleted, to be sure; a file of rows is
            # opened, to which the next write adds.
            case ("truncate", File(seen=b"")) | ("mkdir", Directory()) | ("unlink", None) | ("open", File()):
                pass
            case _:
                raise AssertionError(f"not simulated: {operation.name} {operation.path}")

    def _find(self, path: Path) -> Any:
        node: File | Directory | None = self._root
        for name in path.relative_to(self._folder).parts if path != self._folder.parent else ():
            node = node.after([True] * len(node.changes)).get(name) if isinstance(node, Directory) else None
        return node

    def after_power_loss(self, survival: Survival, contents: Contents) -> Files:
        return dict(survivors(self._root, "", survival, contents))


def survivors(
    directory: Directory, above: str, survival: Survival, contents: Contents
) -> Iterator[tuple[str, bytes | None]]:
    for name, node in directory.after(survival(len(directory.changes))).items():
        if isinstance(node, File):
            yield above + name, contents(node)
        else:
            yield above + name, None
            yield from survivors(node, f"{above}{name}/", survival, contents)


def ways(random: Random) -> Iterator[tuple[Survival, Contents]]:
    """Ways to lose what was not flushed, from orderly to at random."""
    survivals: list[Survival] = [
        lambda count: [True] * count,
        lambda count: [False] * count,
        lambda count: [number != count - 1 for number in range(count)],
        lambda count: [number == count - 1 for number in range(count)],
        lambda count: random.choices((True, False), k=count),
    ]
    contents: list[Contents] = [
        lambda file: file.seen,
        lambda file: file.seen[: file.flushed],
        lambda file: file.seen[: (file.flushed + len(file.seen)) // 2],
        lambda file: file.seen[: file.flushed].ljust(len(file.seen), b"\0"),
        lambda file: file.seen[: random.randint(file.flushed, len(file.seen))],
    ]
    yield from product(survivals, [*contents, lambda file: random.choice(contents)(file)])


def states(folder: Path, operations: list[Operation], ways_each: int | None = None) -> Iterator[tuple[int, Files]]:
    """What there can be in a folder after a power loss, and the step that was said to be saved; no two are the same.

    Args:
        folder: in which all operations are done, from when it was empty; in its `out` is what was said.
        operations: after each of them the power may be lost.
        ways_each: how many of the ways to lose something are tried after each; None: all.
    """
    disk, saved, random = Disk(folder), 0, Random(1)
    known: set[tuple[int, int]] = set()
    for operation in operations:
        if operation.path in (folder / "out", folder / "err"):
            said = SAID.search(operation.content)
            saved = int(said[1]) if said else saved
        else:
            disk.do(operation)
        all_ways = list(ways(random))
        for way in all_ways if ways_each is None else random.sample(all_ways, ways_each):
            files = disk.after_power_loss(*way)
            key = saved, hash(frozenset(files.items()))
            if key not in known:
                known.add(key)
                yield saved, files
