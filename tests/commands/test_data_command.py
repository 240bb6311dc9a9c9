"""The command `data`: downloads, checks, says counts and place in one line, and draws the first images."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.made_data import made_images, write_mnist
from helpers.made_pictures import write_pictures
from helpers.processes import files_in

from lowlevel_cnn import datasets
from lowlevel_cnn.__main__ import main
from lowlevel_cnn.datasets import download
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's cache directory, in which matplotlib keeps its list of fonts, too."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory: with data of 550 training, 50 validation and 120 test images in `made`."""
    monkeypatch.delenv("LOWLEVEL_CNN_DATA", raising=False)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(cache))
    monkeypatch.chdir(tmp_path)
    write_mnist(tmp_path / "made")
    return tmp_path


def test_it_downloads_what_is_missing_and_says_in_one_line_what_is_where(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, str]] = []

    def fetched(published: download.PublishedFile, mirrors: tuple[str, ...], to: Path, advice: str = "") -> None:
        asked.append((published.name, mirrors[0]))
        to.mkdir(parents=True, exist_ok=True)
        (to / published.name).write_bytes((folder / "made" / published.name).read_bytes())

    monkeypatch.setattr(download, "download", fetched)
    assert main(["data", "mnist", "--mirror", "http://127.0.0.1:1/m"]) == 0
    where = cache / "lowlevel-cnn" / "mnist"
    said = f"mnist: 550 training, 50 validation, 120 test images in {where}\n"
    assert capsys.readouterr().out == said
    assert [address for _, address in asked] == ["http://127.0.0.1:1/m"] * 4
    assert main(["data", "mnist"]) == 0
    assert (capsys.readouterr().out, len(asked)) == (said, 4)


def test_drawn_digits_are_in_no_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made = datasets.load("mnist", "made")
    monkeypatch.setattr(datasets, "load", lambda *arguments, **more: made)
    assert main(["data", "drawn-digits"]) == 0
    assert capsys.readouterr().out == "drawn-digits: 550 training, 50 validation, 120 test images drawn\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "NAME"),
        (["mnist", "--no-such-flag"], "--no-such-flag"),
        (["mnist", "--data-dir"], "--data-dir"),
        (["no-such-set"], "'no-such-set'"),
        (["mnist", "--data-dir", "gone"], "gone: does not exist"),
        (["./gone"], "gone: does not exist; give a folder or an .npz archive"),
        (["folder.png"], "folder.png: has neither IDX files nor folders of pictures"),
        (["there.png"], "there.png: is neither a folder nor an .npz archive"),
        (["made", "--data-dir", "made"], "--data-dir: does not apply to made, which is a path"),
        (
            ["cifar10", "--data-dir", "made"],
            "made: neither it nor its subfolder cifar10 contains cifar-10-binary.tar.gz",
        ),
        (["mnist", "--data-dir", "made", "--plot", "there.png"], "already exists; choose another, or replace it"),
        (["mnist", "--data-dir", "made", "--plot", "new.pdf"], "new.pdf: pictures are written as .png"),
        (["mnist", "--data-dir", "made", "--plot", "no/new.png"], "there is no directory no; create it first"),
        (["mnist", "--data-dir", "made", "--plot", "folder.png", "--force"], "folder.png: is a folder"),
        (["mnist", "--data-dir", "made", "--force"], "--force: only applies to the picture of --plot"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_a_wrong_call_is_one_line_and_writes_nothing(
    words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--plot" in words:
        pytest.importorskip("matplotlib")
    (folder / "there.png").write_text("mine")
    (folder / "folder.png").mkdir()
    before = files_in(folder)
    assert main(["data", *words]) == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith("error: ") and said in line
    assert (shown.out, files_in(folder)) == ("", before)


def test_without_matplotlib_the_flag_is_named_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["data", "mnist", "--data-dir", "gone", "--plot", "new.png"]) == 2
    assert "error: --plot needs matplotlib; install it with" in capsys.readouterr().err


def test_a_folder_of_pictures_is_described_with_its_classes_and_what_was_passed_over(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pictures(folder / "own" / "train", 60, prefix="类 ")
    write_pictures(folder / "own" / "test", 40, seed=1, prefix="类 ")
    (folder / "own" / "train" / "类 0" / "a\nb.txt").write_text("x")
    assert main(["data", "own"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0] == "own: 55 training, 5 validation, 40 test images of 28 x 28 pixels, grey, in 10 classes"
    assert lines[1].split() == ["training", "validation", "test", "class"]
    counts = np.array([[int(number) for number in line.split()[:3]] for line in lines[2:12]])
    assert counts.sum(axis=0).tolist() == [55, 5, 40]
    assert [line.split("  ")[-1] for line in lines[2:12]] == [f"类 {number}" for number in range(10)]
    assert lines[12:] == [
        "pictures of 28 x 28 pixels keep their size",
        "passed over 1: files without the ending of a picture (train/类 0/a\\nb.txt)",
    ]
    assert shown.err == ""


def test_samples_of_a_readers_own_pictures_are_drawn_with_the_names_of_their_folders(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    from lowlevel_cnn.plots import drawing, samples

    write_pictures(folder / "own", 60, prefix="class ")
    with drawing.style(["DejaVu Sans"]):
        figure: Any = samples.draw_first(datasets.load("./own"))
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 20 and all(title.startswith("class ") for title in titles) and len(set(titles)) > 3


@pytest.mark.filterwarnings("error")
def test_names_that_look_like_formulas_or_that_no_font_has_are_drawn(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    write_pictures(folder / "$own$ 图\U0001faf6", 60, prefix="$x_$ 类\U0001faf6 ")
    assert main(["data", "$own$ 图\U0001faf6", "--plot", "own.png"]) == 0
    assert (folder / "own.png").read_bytes().startswith(b"\x89PNG")


def test_the_help_is_written_for_its_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Download a data set" in shown and "one of mnist, fashion-mnist, cifar10, drawn-digits" in shown


def test_the_first_20_images_of_the_published_file_are_drawn_with_their_class_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    from lowlevel_cnn.plots import drawing

    figures: list[Any] = []
    tiles = drawing.tiles

    def kept(*arguments: Any, **more: Any) -> Any:
        figures.append(tiles(*arguments, **more))
        return figures[-1]

    monkeypatch.setattr(drawing, "tiles", kept)
    (folder / "first.png").write_text("mine")
    assert main(["data", "fashion-mnist", "--data-dir", "made", "--plot", "first.png", "--force"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "fashion-mnist: 550 training, 50 validation, 120 test images in made",
        "first.png",
    ]
    assert (folder / "first.png").read_bytes().startswith(b"\x89PNG")
    [figure] = figures
    assert str(figure.get_suptitle()) == "fashion-mnist: the first 20 of 600 training images"
    images, truth = made_images(600, seed=0)
    assert len(figure.axes) == 20
    for axes, image, label in zip(figure.axes, images, truth, strict=False):
        assert axes.get_title() == datasets.class_names("fashion-mnist")[label]
        assert np.array_equal(axes.images[0].get_array(), scale(image)[..., 0])


def test_fewer_than_20_images_are_all_drawn(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    from lowlevel_cnn.plots import drawing, samples

    write_mnist(folder / "few", count_train=7)
    with drawing.style(["DejaVu Sans"]):
        figure: Any = samples.draw_first(datasets.load("mnist", "few"))
    assert str(figure.get_suptitle()) == "mnist: the first 7 of 7 training images"
    assert sum(bool(axes.get_title()) for axes in figure.axes) == 7


def test_an_error_of_the_data_leaves_no_picture(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    (folder / "made" / "train-labels-idx1-ubyte.gz").write_bytes(b"no labels")
    assert main(["data", "mnist", "--data-dir", "made", "--plot", "new.png"]) == InputError.exit_code
    assert not (folder / "new.png").exists()
