"""Paths that TensorFlow would not find, and files that nobody can open: no damage, and no reason to begin anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from helpers.processes import files_in, run, truncate
from helpers.small_training import train_small

from lowlevel_cnn.__main__ import main
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.errors import InputError, WorkError

SAID = "TensorFlow requires UTF-8 paths, and this one is not UTF-8"


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good run. Not to be changed."""
    return train_small(data, tmp_path_factory.mktemp("trained") / "run")


@pytest.fixture
def in_gbk(tmp_path: Path) -> Path:
    """A folder named 训练 as a Chinese system of old has it."""
    folder = tmp_path / os.fsdecode("训练".encode("gbk"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    return folder


def test_train_in_a_folder_that_is_not_utf_8_is_one_line_and_makes_nothing(
    in_gbk: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--data-dir", str(data), "--checkpoint-dir", str(in_gbk / "run")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert SAID in line
    assert not (in_gbk / "run").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("eval", "--once", "--checkpoint-dir"),
        ("predict", "--split", "test", "--checkpoint-dir"),
        ("export", "--output", "exported", "--checkpoint-dir"),
        ("inspect", "--verify"),
    ],
    ids=" ".join,
)
def test_a_good_run_in_a_folder_that_is_not_utf_8_is_not_called_damaged(
    words: tuple[str, ...],
    in_gbk: Path,
    trained: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    directory = shutil.copytree(trained, in_gbk / "run")
    before = files_in(directory)
    assert main([*words, str(directory)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert SAID in line and "damaged" not in line and "--fresh" not in line
    assert files_in(directory) == before


def test_with_a_relative_path_a_run_in_such_a_folder_is_trained_evaluated_and_exported(
    in_gbk: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data, in_gbk / "data")
    monkeypatch.chdir(in_gbk)
    train_small(in_gbk / "data", Path("run"))
    assert main(["eval", "--data-dir", str(in_gbk / "data"), "--checkpoint-dir", "run"]) == 0
    assert main(["export", "--checkpoint-dir", "run", "--output", "exported"]) == 0
    assert main(["export", "--checkpoint-dir", "run", "--output", str(in_gbk / "weights.npz"), "--format", "npz"]) == 0
    assert main(["export", "--checkpoint-dir", "run", "--output", str(in_gbk / "elsewhere")]) == 2
    assert sorted(path.name for path in in_gbk.iterdir()) == ["data", "exported", "run", "weights.npz"]


def test_a_chinese_path_under_a_locale_without_chinese_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "训练").mkdir()
    (tmp_path / "训练/model.ckpt-1.index").touch()
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = ("eval", "--once", "--model", "lenet-5", "--checkpoint-dir", tmp_path / "训练")
    ended = run(*words, cwd=tmp_path, env=locale, fresh=True)
    assert (ended.code, ended.out, len(ended.err)) == (2, [], 1)
    assert SAID in ended.err[0] and "--fresh" not in ended.err[0]


def test_a_checkpoint_that_nobody_may_open_is_not_damaged(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = shutil.copytree(trained, tmp_path / "run")
    opened = Path.open

    def closed(path: Path, *words: object, **settings: object) -> object:
        if ".data-" in path.name:
            raise PermissionError(13, "Permission denied")
        return opened(path, *words, **settings)  # type: ignore[call-overload]

    # The superuser, whom no file is closed to, finds half of it.
    truncate(directory / "model.ckpt-2")
    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(InputError, match=r"model.ckpt-2.data-.*: cannot be read \(Permission denied\)"):
        listing.newest_good(directory, lambda line: None)


def test_a_new_run_is_advised_only_if_all_checkpoints_were_read_and_found_damaged(
    trained: Path, tmp_path: Path
) -> None:
    directory = shutil.copytree(trained, tmp_path / "run")
    for path in directory.glob("model.ckpt-*.data-*"):
        os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(WorkError, match=r"no good checkpoint is left.*--fresh"):
        listing.newest_good(directory, lambda line: None)
    for path in directory.glob("model.ckpt-*"):
        path.unlink()
    with pytest.raises(WorkError, match=r"no good checkpoint is left; put one back, or choose another directory$"):
        listing.newest_good(directory, lambda line: None)
