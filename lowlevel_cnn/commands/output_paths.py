"""Check before any work that the output can be written, and that nothing is overwritten by mistake."""

from __future__ import annotations

from pathlib import Path

from lowlevel_cnn.errors import InputError


def check_output_file(flag: str, path: Path, ending: str, contents: str, *, force: bool | None = None) -> None:
    """Check a file that is to be written.

    Args:
        flag: the flag that names it, for the error.
        path: the file.
        ending: the required ending of its name, such as `.png`.
        contents: what is written to it, for the error.
        force: whether an existing file is replaced; None: it is not, and the command has no `--force`.

    Raises:
        InputError: it has another ending, is a folder, its directory does not exist, or it already exists.
    """
    if path.suffix.lower() != ending:
        raise InputError(f"{flag} {path}: {contents} written as {ending}; use a file name that ends in {ending}")
    if path.is_dir():
        raise InputError(f"{flag} {path}: is a folder; give a file name")
    check_parent(flag, path)
    if path.exists() and not force:
        raise already_there(flag, path, can_be_forced=force is not None)


def check_parent(flag: str, path: Path) -> None:
    """Check that the directory of an output exists.

    Raises:
        InputError: it does not.
    """
    if not path.parent.is_dir():
        raise InputError(f"{flag} {path}: there is no directory {path.parent}; create it first")


def already_there(flag: str, path: Path, *, can_be_forced: bool) -> InputError:
    """Return the error for an output that would overwrite something."""
    otherwise = ", or replace it with --force" if can_be_forced else ""
    return InputError(f"{flag} {path}: already exists; choose another{otherwise}")
