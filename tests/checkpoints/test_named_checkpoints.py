"""Which checkpoint is meant: by a prefix or a file of one, by a directory with a single one, by a SavedModel."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers.commands_here import copied, run_here, write_checkpoint
from helpers.processes import files_in, results, tensors, truncate

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.checkpoints.reading import DamagedCheckpointError
from lowlevel_cnn.errors import InputError, WorkError
from lowlevel_cnn.mnist_eval import build_network
from lowlevel_cnn.models import get
from lowlevel_cnn.runs import metrics
from lowlevel_cnn.tensorflow_v1 import tf

DATA = "data-00000-of-00001"
MODEL = ("--model", "lenet-5")


def lines_of(capsys: pytest.CaptureFixture[str], *words: object) -> list[str]:
    """What a command prints."""
    capsys.readouterr()
    assert run_here(*words) == 0
    return results(capsys.readouterr().out.splitlines())


def alone(run: Path, target: Path, name: str, step: int = 3) -> Path:
    """A directory that holds one checkpoint of a run under another name, and no state file."""
    target.mkdir(exist_ok=True)
    for ending in ("index", DATA):
        shutil.copy(run / f"model.ckpt-{step}.{ending}", target / f"{name}.{ending}")
    return target


@pytest.mark.parametrize("ending", ["", ".index", ".meta", f".{DATA}"])
def test_a_checkpoint_or_one_of_its_files_can_be_given_instead_of_a_run_directory(
    ending: str, trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = copied(trained_here, tmp_path / "run", 1, 2, 3)
    of_run = ("--checkpoint-dir", f"{directory}/model.ckpt-2{ending}")
    [line] = lines_of(capsys, "eval", "--data-dir", data, *of_run)
    assert line.startswith("After 2 training step(s), validation accuracy = ")
    assert [row.step for row in metrics.read(directory, "validation", "average")] == [2]
    output = tmp_path / "weights.npz"
    [line] = lines_of(capsys, "export", "--format", "npz", "--output", output, *of_run)
    assert line.startswith(f"Step 2 of {directory}, ")
    name = "layer1-conv1/weight"
    assert np.array_equal(
        np.load(output)[name], tensors(directory / "model.ckpt-2")[f"{name}/ExponentialMovingAverage"]
    )


def test_predict_and_plot_take_a_checkpoint_too(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    words = ("predict", "--split", "test", "--data-dir", data, "--checkpoint-dir")
    second = lines_of(capsys, *words, trained_here / "model.ckpt-2")
    assert len(second) == 620 and second != lines_of(capsys, *words, trained_here)
    drawn = []
    for number, path in enumerate((trained_here / "model.ckpt-2", trained_here)):
        lines_of(capsys, "plot", "--only", "filters", "--output", tmp_path / str(number), "--checkpoint-dir", path)
        drawn.append((tmp_path / str(number) / "filters.png").read_bytes())
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize("name", ["model.ckpt-9", "model.ckpt", "model.ckpt-9.index"])
def test_a_checkpoint_that_is_not_there_is_not_waited_for(name: str, trained_here: Path, data: Path) -> None:
    for words in (("eval", "--data-dir", data), ("export", "--output", "unused")):
        with pytest.raises(InputError, match=f"{name}: no such checkpoint"):
            run_here(*words, "--checkpoint-dir", trained_here / name)


def test_train_and_run_refuse_a_checkpoint_and_name_its_directory(trained_here: Path, data: Path) -> None:
    before = files_in(trained_here)
    for command in ("train", "run"):
        for name in ("model.ckpt-2", "model.ckpt-2.index"):
            with pytest.raises(InputError, match=f"{name}: is a checkpoint; give the directory .*, {trained_here}$"):
                run_here(command, "--data-dir", data, "--checkpoint-dir", trained_here / name)
    assert files_in(trained_here) == before


def test_a_named_checkpoint_that_is_damaged_is_not_replaced_by_another(
    trained_here: Path, data: Path, tmp_path: Path
) -> None:
    directory = copied(trained_here, tmp_path / "run", 2, 3)
    truncate(directory / "model.ckpt-3")
    with pytest.raises(DamagedCheckpointError, match=r"model\.ckpt-3"):
        run_here("export", "--output", tmp_path / "out", "--checkpoint-dir", directory / "model.ckpt-3")
    with pytest.raises(WorkError, match="no good checkpoint"):
        run_here("eval", "--data-dir", data, "--checkpoint-dir", directory / "model.ckpt-3")


def test_the_score_of_a_checkpoint_beside_a_run_s_own_gets_no_row(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = alone(trained_here, copied(trained_here, tmp_path / "run", 2), "other-7")
    assert run_here("eval", "--data-dir", data, "--checkpoint-dir", directory / "other-7") == 0
    shown = capsys.readouterr()
    [line] = results(shown.out.splitlines())
    assert line.startswith("After 7 training step(s)") and "is not one of the run's own" in shown.err
    assert not (directory / "eval").exists() and not (directory / "best").exists()


def test_a_checkpoint_in_tensorflow_s_first_format_is_scored_by_its_path(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        build_network(get("lenet-5"), "raw").saver.restore(session, str(trained_here / "model.ckpt-3"))
        old = tf.train.Saver(write_version=tf.train.SaverDef.V1)
        old.save(session, str(tmp_path / "old"), write_meta_graph=False, write_state=False)
    words = ("eval", *MODEL, "--weights", "raw", "--data-dir", data, "--checkpoint-dir")
    [line] = lines_of(capsys, *words, tmp_path / "old")
    [expected] = lines_of(capsys, *words, copied(trained_here, tmp_path / "run", 3), "--once")
    assert line.split("= ")[1] == expected.split("= ")[1]


@pytest.mark.parametrize(("name", "inside"), [("model.ckpt", True), ("weights", False)])
def test_the_only_checkpoint_of_a_directory_needs_no_step_in_its_name_and_no_state_file(
    name: str, inside: bool, trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = alone(trained_here, tmp_path / "one", name)
    if not inside:
        values = {key: value for key, value in tensors(directory / name).items() if key != "global_step"}
        write_checkpoint(directory / name, values)
    step = 3 if inside else 0
    assert listing.listed(directory) == [Checkpoint(step, directory / name)]
    for words in (("--once",), ("--all", "--timeout-secs", "0.01")):
        lines = lines_of(capsys, "eval", *MODEL, *words, "--data-dir", data, "--checkpoint-dir", directory)
        assert lines[0].startswith(f"After {step} training step(s)"), words
        shutil.rmtree(directory / "eval")
    assert run_here("export", *MODEL, "--output", tmp_path / "out", "--checkpoint-dir", directory) == 0
    steps = f"Checkpoints at steps: {step or 'not in their names'}"
    assert steps in lines_of(capsys, "inspect", directory)
    assert run_here("train", *MODEL, "--steps", step + 1, "--data-dir", data, "--checkpoint-dir", directory) == 0
    assert f"from step {step} to {step + 1}" in capsys.readouterr().out
    assert (directory / f"{name}.index").exists()


def test_all_scores_a_checkpoint_of_step_0_too(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = copied(trained_here, tmp_path / "run", 1, 3)
    alone(trained_here, directory, "model.ckpt-0", step=2)
    lines = lines_of(capsys, "eval", "--all", "--timeout-secs", 0.01, "--data-dir", data, "--checkpoint-dir", directory)
    assert [line.split()[1] for line in lines] == ["0", "1", "3"]


@pytest.mark.parametrize("names", [("one", "two"), ("one-3", "two-3"), ("one", "two-3", "three-3")])
def test_an_ambiguous_directory_is_one_line_that_names_its_checkpoints(
    names: tuple[str, ...], trained_here: Path, data: Path, tmp_path: Path
) -> None:
    for name in names:
        alone(trained_here, tmp_path / "some", name)
    for words in (
        ("eval", *MODEL, "--data-dir", data, "--checkpoint-dir"),
        ("export", *MODEL, "--output", tmp_path / "out", "--checkpoint-dir"),
        ("inspect",),
    ):
        with pytest.raises(InputError, match=r"contains checkpoints with several names: .*one.*; give one of them"):
            run_here(*words, tmp_path / "some")
    assert (
        run_here("export", *MODEL, "--output", tmp_path / "out", "--checkpoint-dir", tmp_path / "some" / names[0]) == 0
    )


def test_a_state_file_that_names_a_deleted_checkpoint_does_not_hide_the_only_one(
    trained_here: Path, tmp_path: Path
) -> None:
    directory = alone(trained_here, tmp_path / "one", "weights")
    (directory / "checkpoint").write_text('model_checkpoint_path: "gone-7"\n')
    assert [each.prefix.name for each in listing.listed(directory)] == ["weights"]


def test_a_damaged_only_checkpoint_is_reported_as_damaged(trained_here: Path, tmp_path: Path) -> None:
    directory = alone(trained_here, tmp_path / "one", "weights")
    (directory / "weights.index").write_bytes(b"garbage" * 100)
    with pytest.raises(WorkError, match="no good checkpoint is left"):
        run_here("export", *MODEL, "--output", tmp_path / "out", "--checkpoint-dir", directory)


def keras_archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(name, b"")
    return content.getvalue()


OTHERS = {
    "lenet.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is a Keras/HDF5 file, not a TensorFlow checkpoint"),
    "lenet.weights.h5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "is a Keras/HDF5 file, not a TensorFlow checkpoint"),
    "lenet.keras": (keras_archive(), "is a Keras file, not a TensorFlow checkpoint"),
    "arrays.npz": (b"PK\x03\x04" + bytes(100), "is an archive of NumPy arrays, not a TensorFlow checkpoint"),
    "array.npy": (b"\x93NUMPY" + bytes(100), "is a NumPy array, not a TensorFlow checkpoint"),
    "saved_model.pb": (bytes(100), "is the graph of a SavedModel, not a TensorFlow checkpoint; give its directory"),
    "notes.txt": ("训练记录\n".encode("gbk"), "is a text file, not a TensorFlow checkpoint"),
    "nothing": (b"", "is empty"),
    "graph.pb": (bytes(range(256)), "is not a TensorFlow checkpoint, or only part of one"),
    f"model.ckpt-9.{DATA}": (bytes(100), "is part of a checkpoint whose .index file is missing"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_not_a_checkpoint_is_described_as_what_it_is(name: str, tmp_path: Path, data: Path) -> None:
    content, said = OTHERS[name]
    path = tmp_path / name
    path.write_bytes(content)
    for words in (
        ("inspect", path),
        ("inspect", path, "--verify"),
        ("inspect", path, "--diff", path),
        ("eval", *MODEL, "--data-dir", data, "--checkpoint-dir", path),
        ("export", *MODEL, "--output", tmp_path / "out", "--checkpoint-dir", path),
    ):
        with pytest.raises(InputError, match=f"{name}: {said}") as raised:
            run_here(*words)
        assert raised.value.exit_code == 2 and "\n" not in str(raised.value)


def test_a_saved_model_is_inspected_by_its_folder_and_by_that_of_its_variables(
    trained_here: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here("export", "--output", tmp_path / "saved", "--checkpoint-dir", trained_here) == 0
    for folder in (tmp_path / "saved", tmp_path / "saved" / "variables"):
        lines = lines_of(capsys, "inspect", folder)
        assert lines[0].startswith(f"{tmp_path}/saved/variables/variables, written ")
        assert (
            any(line.startswith("layer7-fc3/weight ") for line in lines)
            and "Checkpoints at steps: not in their names" in lines
        )
        assert lines_of(capsys, "inspect", folder, "--verify") == [f"{tmp_path}/saved/variables/variables: good"]
    with pytest.raises(InputError, match=r"is a SavedModel.*give .*variables"):
        run_here("eval", *MODEL, "--data-dir", data, "--checkpoint-dir", tmp_path / "saved")
    words = ("eval", *MODEL, "--weights", "raw", "--data-dir", data, "--checkpoint-dir")
    [line] = lines_of(capsys, *words, tmp_path / "saved" / "variables", "--once")
    assert line.startswith("After 0 training step(s)")
