"""Check before the work begins that its output can be written, and that nothing is overwritten by mistake."""

from __future__ import annotations

from pathlib import Path

from lowlevel_cnn.errors import InputError


def check_output_file(flag: str, path: Path, ending: str, contents: str, *, force: bool | None = None) -> None:
    """Check a file that is to be written.

    Args:
        flag: that names it, for the error.
        path: the file.
        ending: what its name must end in, such as `.png`.
        contents: what is written there, in words, for the error.
        force: whether a file that is there is replaced; None: it is not, and no `--force` offers it.

    Raises:
        InputError: it has another ending, is a folder, has no directory to be in, or is there already.
    """
    if path.suffix.lower() != ending:
        raise InputError(f"{flag} {path}: {contents} written as {ending}; name a file that ends in {ending}")
    if path.is_dir():
        raise InputError(f"{flag} {path}: is a folder; name a file")
    check_parent(flag, path)
    if path.exists() and not force:
        raise already_there(flag, path, can_be_forced=force is not None)


def check_parent(flag: str, path: Path) -> None:
    """Check that the directory of an output is there.

    Raises:
        InputError: it is not.
    """
    if not path.parent.is_dir():
        raise InputError(f"{flag} {path}: there is no directory {path.parent}; make it first")


def already_there(flag: str, path: Path, *, can_be_forced: bool) -> InputError:
    """Return the error for an output that would overwrite something."""
    otherwise = ", or replace it with --force" if can_be_forced else ""
    return InputError(f"{flag} {path}: already exists; name another{otherwise}")
