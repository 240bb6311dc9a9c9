"""What cannot be written, or would overwrite something, is refused before the work begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowlevel_cnn.commands.output_paths import check_output_file
from lowlevel_cnn.errors import InputError


@pytest.mark.parametrize("name", ["new.npz", "NEW.NPZ", "a.b.npz", "with space.npz", "书.npz"])
def test_a_new_file_with_the_right_ending_is_accepted_and_not_made(name: str, tmp_path: Path) -> None:
    check_output_file("--output", tmp_path / name, ".npz", "weights are")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["new", "new.npy", "npz", ".npz", "new.npz.gz"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--output .*\.npz"):
        check_output_file("--output", tmp_path / name, ".npz", "weights are")


def test_a_folder_in_its_place_is_refused_also_with_force(tmp_path: Path) -> None:
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        check_output_file("--output", tmp_path / "folder.npz", ".npz", "weights are", force=True)


def test_a_directory_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no directory"):
        check_output_file("--output", tmp_path / "none" / "new.npz", ".npz", "weights are", force=True)


@pytest.mark.parametrize(("force", "offered"), [(None, False), (False, True)])
def test_a_file_that_exists_is_refused_with_the_offer_of_force_where_there_is_that_flag(
    force: bool | None, offered: bool, tmp_path: Path
) -> None:
    (tmp_path / "old.npz").write_bytes(b"old")
    with pytest.raises(InputError, match="already exists") as caught:
        check_output_file("--output", tmp_path / "old.npz", ".npz", "weights are", force=force)
    assert ("--force" in str(caught.value)) == offered
    check_output_file("--output", tmp_path / "old.npz", ".npz", "weights are", force=True)
