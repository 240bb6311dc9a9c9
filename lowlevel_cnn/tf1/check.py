"""List the names of TensorFlow in a program without running it, and say of each whether it is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lowlevel_cnn.errors import InputError, LowlevelCnnError
from lowlevel_cnn.tf1 import libraries, names, namespace, notebook, old_calls, python_2, replacements

WORKS, GIVEN_BACK, GONE = "works as is", "given back", "gone"
# What is there of these is there again.
_WHOLLY_GONE = ("contrib", "examples", "models")
_LIBRARIES = {"tensorflow": "tf", "keras": "keras", "numpy": "np"}


@dataclass(frozen=True)
class Name:
    """A name that a program uses, where it does so first.

    Attributes:
        cell: the notebook's code cell, from 1; None in a script.
        name: as `tf.layers.dense`, whatever the program calls its modules.
        status: one of the three above.
        replacement: what one writes today; empty where the name is today's.
    """

    cell: int | None
    line: int
    name: str
    status: str
    replacement: str


def check(script: str) -> list[Name]:
    """Return the names of TensorFlow, Keras and NumPy's vanished ones in a script or notebook, in their order.

    Raises:
        InputError: it is no Python 3.
    """
    found: dict[str, Name] = {}
    aliases: dict[str, str] = {}
    for cell, tree in _trees(script):
        for line, path in sorted(_used(tree, aliases)):
            known = _name(cell, line, path)
            if known is not None:
                found.setdefault(known.name, known)
    return list(found.values())


def _trees(script: str) -> Iterator[tuple[int | None, ast.Module]]:
    path = Path(script)
    try:
        if script.endswith(notebook.ENDING):
            for cell in notebook.cells(path):
                yield cell.number, ast.parse(cell.source, cell.name)
        else:
            yield None, ast.parse(path.read_bytes(), str(path.absolute()))
    except SyntaxError as error:
        place = f"{path}, line {error.lineno}: {error.msg}; it cannot be checked before that is put right"
        raise InputError(python_2.remark(error) or place) from None


def _used(tree: ast.Module, aliases: dict[str, str]) -> Iterator[tuple[int, str]]:
    """The lines and full names of what a program imports, and of what it looks up in that.

    Args:
        aliases: what the program's own names for modules stand for; those of this tree are added.
    """
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imported(statement, aliases)
    for statement in ast.walk(tree):
        # Such as `layers = tf.layers`.
        if isinstance(statement, ast.Assign) and (path := _path(statement.value, aliases)):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    aliases.setdefault(target.id, path)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner and (path := _path(node, aliases)):
            yield node.lineno, path


def _imported(node: ast.Import | ast.ImportFrom, aliases: dict[str, str]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.ImportFrom):
        if node.level or (node.module or "").partition(".")[0] not in _LIBRARIES:
            return
        for each in node.names:
            path = node.module if each.name == "*" else f"{node.module}.{each.name}"
            aliases[each.asname or each.name] = str(path)
            yield node.lineno, str(path)
        return
    for each in node.names:
        root = each.name.partition(".")[0]
        if root in _LIBRARIES:
            aliases[each.asname or root] = each.name if each.asname else root
            yield node.lineno, each.name


def _path(node: ast.expr, aliases: dict[str, str]) -> str:
    """The full name of `a.b.c` where `a` is a name for a module of TensorFlow; else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in aliases:
        return ""
    return ".".join([aliases[node.id], *reversed(parts)])


def _name(cell: int | None, line: int, full: str) -> Name | None:
    """What is to be said of a full name such as `tensorflow.layers.dense`; nothing of a library as a whole."""
    library, _, path = full.partition(".")
    path = path.removeprefix("compat.v1").removeprefix(".")
    if library == "numpy":
        missing = path in libraries.missing_in_numpy()
        return Name(cell, line, f"np.{path}", GIVEN_BACK, libraries.TODAY[path]) if missing else None
    if library == "keras":
        path = f"keras.{path}".rstrip(".")
    if not path:
        return None
    path, is_there = _resolved(path)
    shown = path if library == "keras" else f"tf.{path}"
    if not is_there:
        return Name(cell, line, shown, GONE, replacements.gone(path)[1])
    today = _today(path)
    return Name(cell, line, shown, WORKS if today is None else GIVEN_BACK, today or "")


def _resolved(path: str) -> tuple[str, bool]:
    """The name as far as it leads through modules, without the attributes of what is found there."""
    parts = path.split(".")
    for count in range(1, len(parts) + 1):
        part = ".".join(parts[:count])
        try:
            value = namespace.lookup(part)
        except (AttributeError, LowlevelCnnError):
            return path, False
        if not isinstance(value, ModuleType):
            return part, True
    return path, True


def _today(path: str) -> str | None:
    """What one writes today for a name that is given back; None for one that TensorFlow has."""
    if path in names.RENAMED:
        return f"tf.{names.RENAMED[path]}"
    is_given_back = path in old_calls.GIVEN_BACK or any(f"{path}.".startswith(f"{each}.") for each in names.AREAS)
    is_given_back |= path.partition(".")[0] in _WHOLLY_GONE
    return replacements.today(path) if is_given_back else None
