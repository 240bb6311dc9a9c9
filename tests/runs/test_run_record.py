"""`run.json`: what was written is read again, and whatever else stands there is a sound record or one clear line."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowlevel_cnn import datasets, models, tensorflow_v1
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.runs.run_record import RUN_NAME, RunRecord, hyper_parameters
from lowlevel_cnn.tensorflow_v1 import tf

RECORD = RunRecord("book-lenet", "mnist", 7, hyper_parameters(models.get("book-lenet")), 5, "0f" * 16)
# What records of earlier versions do not have.
ADDED = ("model_file", "model_checksum", "image_shape", "class_names")
TEXT = json.dumps(asdict(RECORD)).encode()
HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from([10**400, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def sound_or_refused(content: bytes) -> RunRecord | None:
    """The record read of this content, after checking that everything can be done with it; None where refused."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / RUN_NAME).write_bytes(content)
        try:
            record = run_record.read(directory)
        except InputError as error:
            message = str(error)
            assert str(directory / RUN_NAME) in message
            assert "\n" not in message
            message.encode()
            assert len(message) < 1000
            return None
        assert record is not None
        assert record.dataset in datasets.NAMES or Path(record.dataset).is_absolute()
        own = models.get("book-lenet") if record.model_file else None
        assert record.training_steps == record.restored_model(own).training_steps >= 1
        record.write(directory)
        assert run_record.read(directory) == record
        return record


def speed_of_a_new_run() -> dict[str, Any]:
    return RunRecord("book-lenet", "mnist", 0, {}).speed


def test_there_is_no_record_where_there_is_no_file(tmp_path: Path) -> None:
    assert run_record.read(tmp_path) is None
    assert run_record.read(tmp_path / "missing") is None
    (tmp_path / "file").touch()
    assert run_record.read(tmp_path / "file") is None


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    RECORD.write(tmp_path)
    assert run_record.read(tmp_path) == RECORD
    assert [path.name for path in tmp_path.iterdir()] == [RUN_NAME]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31 - 1), st.integers(1, 2**31 - 1), st.floats(0, 1), st.sampled_from(datasets.NAMES))
def test_every_record_is_read_as_it_was_written(seed: int, steps: int, rate: float, dataset: str) -> None:
    parameters = {**RECORD.hyper_parameters, "training_steps": steps, "learning_rate_base": rate}
    record = replace(RECORD, seed=seed, dataset=dataset, hyper_parameters=parameters)
    assert sound_or_refused(json.dumps(asdict(record)).encode()) == record


def test_the_model_has_the_hyper_parameters_of_the_run() -> None:
    record = replace(RECORD, hyper_parameters={**RECORD.hyper_parameters, "batch_size": 32, "training_steps": 60})
    model = record.restored_model()
    assert (model.batch_size, model.training_steps, record.training_steps) == (32, 60, 60)
    assert replace(model, batch_size=100, training_steps=30_000) == models.get("book-lenet")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        TEXT[:-1],
        TEXT + b"}",
        b"\xff" + TEXT,
        b'{"model": "\xff"}',
        b"\x00" * 100,
        b"[" * 500_000,
        b'{"model":' * 100_000,
        b"9" * 10_000,
        b" " * (2 << 20) + TEXT,
        json.dumps({**asdict(RECORD), "versions": {"padding": "x" * (2 << 20)}}).encode(),
    ],
    ids=lambda content: f"{content[:12]!r} of {len(content)}",
)
def test_what_is_not_a_record_is_refused(content: bytes) -> None:
    assert sound_or_refused(content) is None


@pytest.mark.parametrize("name", [each.name for each in fields(RunRecord)])
@pytest.mark.parametrize("value", [None, True, [], -1, 1.5, float("nan"), float("inf"), 2**31, 10**400, "no\nsuch"])
def test_a_value_of_the_wrong_kind_is_refused(name: str, value: Any) -> None:
    content = json.dumps({**asdict(RECORD), name: value}).encode()
    record = sound_or_refused(content)
    # A record may be without these, as those of earlier versions are.
    unknown = (name == "image_shape" and value is None) or (name == "class_names" and value == [])
    assert record is None or unknown


@pytest.mark.parametrize("name", list(RECORD.hyper_parameters))
@pytest.mark.parametrize("value", [None, True, [], "1", -1, float("nan"), float("inf"), 2**31, 10**400])
def test_a_hyper_parameter_of_the_wrong_kind_is_refused(name: str, value: Any) -> None:
    parameters = {**RECORD.hyper_parameters, name: value}
    assert sound_or_refused(json.dumps({**asdict(RECORD), "hyper_parameters": parameters}).encode()) is None


@pytest.mark.parametrize("name", [each.name for each in fields(RunRecord) if each.name not in ADDED])
def test_a_record_that_lacks_a_value_is_refused_by_the_value_s_name(tmp_path: Path, name: str) -> None:
    (tmp_path / RUN_NAME).write_text(json.dumps({key: value for key, value in asdict(RECORD).items() if key != name}))
    with pytest.raises(InputError, match=name):
        run_record.read(tmp_path)


def test_a_record_of_an_earlier_version_means_the_model_s_images_and_the_data_set_s_classes(tmp_path: Path) -> None:
    old = {key: value for key, value in asdict(RECORD).items() if key not in ADDED}
    (tmp_path / RUN_NAME).write_text(json.dumps(old))
    record = run_record.read(tmp_path)
    assert record == RECORD
    assert record.labels() == tuple("0123456789")
    assert record.restored_model() == models.get("book-lenet")


def test_the_model_of_a_record_has_its_images_and_its_number_of_classes(tmp_path: Path) -> None:
    replace(
        RECORD, dataset=str(tmp_path / "pets"), image_shape=(20, 24, 3), class_names=("cat", "dog", "三", "")
    ).write(tmp_path)
    record = run_record.read(tmp_path)
    assert record is not None
    model = record.restored_model()
    assert (model.image_shape, model.num_labels, record.labels()) == ((20, 24, 3), 4, ("cat", "dog", "三", ""))


@pytest.mark.parametrize(
    "wrong",
    [
        {"model_file": "my_net.py"},
        {"model_checksum": "0f" * 16},
        {"model_file": "a" * 101, "model_checksum": "0f" * 16},
        {"model_file": "a\nb", "model_checksum": "0f" * 16},
        {"image_shape": [28, 28]},
        {"image_shape": [28, 28, 0]},
        {"image_shape": [28, 28, "1"]},
        {"image_shape": "281"},
        {"class_names": "0123456789"},
        {"class_names": [1, 2]},
        {"class_names": ["x"] * 10_001},
        {"dataset": "pets/", "image_shape": [28, 28, 1], "class_names": ["cat"]},
        {"dataset": "/pets", "image_shape": [28, 28, 1]},
        {"dataset": "/pets", "class_names": ["cat"]},
    ],
    ids=str,
)
def test_what_a_record_says_of_a_file_or_of_pictures_is_checked(wrong: dict[str, Any]) -> None:
    assert sound_or_refused(json.dumps({**asdict(RECORD), **wrong}).encode()) is None


@pytest.mark.parametrize("field", ["model", "dataset"])
def test_an_unknown_model_or_data_set_is_refused_by_its_name_and_file(tmp_path: Path, field: str) -> None:
    (tmp_path / RUN_NAME).write_text(json.dumps({**asdict(RECORD), field: "no-such"}))
    with pytest.raises(InputError, match="no-such") as caught:
        run_record.read(tmp_path)
    assert str(tmp_path / RUN_NAME) in str(caught.value)


def test_a_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / RUN_NAME).mkdir()
    with pytest.raises(InputError, match=RUN_NAME):
        run_record.read(tmp_path)


@pytest.mark.parametrize("number", ["", "many", "0"])
def test_a_number_of_threads_that_is_none_counts_as_not_given(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    usual = speed_of_a_new_run()
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", number)
    assert speed_of_a_new_run() == usual


def test_the_name_of_the_gpu_is_recorded_for_its_last_bits_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorflow_v1, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind] if kind == "GPU" else [])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: {"device_name": "NVIDIA T4"})
    assert speed_of_a_new_run()["gpu"] == "NVIDIA T4"
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert speed_of_a_new_run()["gpu"] == ""


@pytest.mark.parametrize("depth", [100, 300, 500, 900, 2_000])
def test_deep_nesting_gives_a_sound_record_or_is_refused(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    sound_or_refused(TEXT.replace(b'"machine":', f'"deep": {nested}, "machine":'.encode()))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([each.name for each in fields(RunRecord)]), HOSTILE)
def test_no_value_in_a_field_does_harm(name: str, value: Any) -> None:
    sound_or_refused(json.dumps({**asdict(RECORD), name: value}).encode())


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(TEXT)), st.integers(0, 12), st.binary(max_size=6))
def test_no_change_of_some_bytes_does_harm(place: int, removed: int, inserted: bytes) -> None:
    sound_or_refused(TEXT[:place] + inserted + TEXT[place + removed :])
