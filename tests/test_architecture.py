"""Imports run one way, from the commands down to the system, and options leave the commands only as dataclasses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lowlevel_cnn

PACKAGE = Path(lowlevel_cnn.__file__).parent
# A module imports from its own room and from the levels below it. CONTRIBUTING.md has the same picture.
LEVELS = (
    ("__main__",),
    ("commands",),
    ("interface", "model_file"),
    ("cluster", "plots", "draw", "tf1"),
    ("prediction",),
    ("mnist_train", "mnist_eval"),
    ("training", "evaluation"),
    ("runs",),
    ("models", "checkpoints", "datasets"),
    ("images",),
    ("mnist_inference", "distortions"),
    ("stateless_random",),
    ("tensorflow_v1",),
    ("system", "errors"),
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
MODULES = {
    ".".join(("lowlevel_cnn", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def room(module: str) -> str:
    """The folder, or the single module, that a module belongs to; `lowlevel_cnn` itself has a version and no room."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """The modules of this package that a file imports, within functions and for type checking too.

    What stands under `if __name__ == "__main__"` belongs to the program, which imports what it wants.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test))]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for each in node.names:
                module = f"{node.module}.{each.name}"
                yield module if module in MODULES else node.module


def test_every_module_has_its_room_in_the_picture() -> None:
    assert {room(module) for module in MODULES} - {""} == set(LEVEL_OF)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_its_own_room_and_from_the_levels_below(module: str) -> None:
    upwards = {
        each
        for each in imports(MODULES[module])
        if room(each) and room(each) != room(module) and LEVEL_OF[room(each)] <= LEVEL_OF.get(room(module), len(LEVELS))
    }
    # The package itself sets up the signals of `python -m lowlevel_cnn`, and tells type checkers of its interface.
    its_own = {"lowlevel_cnn.system.signals", "lowlevel_cnn.interface"}
    assert upwards == (its_own if module == "lowlevel_cnn" else set())


def test_no_module_comes_back_to_itself_by_its_imports() -> None:
    below = {module: set(imports(path)) for module, path in MODULES.items()}
    # The package itself is imported before all of its modules.
    left = {module: found - {"lowlevel_cnn"} for module, found in below.items()}
    while free := {module for module, found in left.items() if not found & left.keys()}:
        left = {module: found for module, found in left.items() if module not in free}
    assert left == {}


def test_only_the_commands_know_argparse() -> None:
    knowing = {room(module) for module, path in MODULES.items() if "argparse" in path.read_text(encoding="utf-8")}
    assert knowing == {"commands"}
