"""Which settings a run has: those of the options, or those of the run found, which the options may not contradict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lowlevel_cnn import models
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.models import File
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.runs.agreement import agreed_record, model_of
from lowlevel_cnn.runs.options import TrainOptions
from lowlevel_cnn.runs.run_record import RunRecord

LENET = models.get("lenet-5")
RECORD = RunRecord("lenet-5", "mnist", 7, run_record.hyper_parameters(LENET))
OWN = replace(LENET, name="my_net", file=File("nets/my_net.py", "0f" * 16))
OF_FILE = replace(RECORD, model="my_net", model_file="my_net.py", model_checksum="0f" * 16)
CHANGED = replace(OWN, file=File("nets/my_net.py", "f0" * 16))


def test_a_new_run_has_the_options_and_for_the_rest_the_defaults_of_its_model() -> None:
    options = TrainOptions(
        model="lenet-5",
        dataset="fashion-mnist",
        seed=3,
        batch_size=20,
        learning_rate=0.5,
        steps=9,
        optimizer="rmsprop",
        moving_average_decay=0.5,
        regularization_rate=0.0,
    )
    record = agreed_record(options, None)
    changed = {"batch_size": 20, "learning_rate_base": 0.5, "training_steps": 9, "optimizer": "rmsprop"}
    changed |= {"moving_average_decay": 0.5, "regularization_rate": 0.0}
    assert (record.model, record.dataset, record.seed) == ("lenet-5", "fashion-mnist", 3)
    assert record.hyper_parameters == {**RECORD.hyper_parameters, **changed}
    plain = agreed_record(TrainOptions(), None)
    assert (plain.model, plain.dataset, plain.seed) == ("book-lenet", "mnist", 0)


def test_a_run_that_is_found_is_resumed_as_it_is_and_only_its_steps_can_change() -> None:
    found = replace(RECORD, first_step=5, data_checksum="0" * 32)
    assert agreed_record(TrainOptions(), found) == found
    agreeing = TrainOptions(
        model="lenet-5", dataset="mnist", seed=7, batch_size=LENET.batch_size, learning_rate=LENET.learning_rate_base
    )
    assert agreed_record(agreeing, found) == found
    longer = agreed_record(TrainOptions(steps=123), found)
    assert longer.training_steps == 123
    assert replace(longer, hyper_parameters=found.hyper_parameters) == found


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        (TrainOptions(model="book-lenet"), "--model book-lenet (the run has lenet-5)"),
        (TrainOptions(dataset="fashion-mnist"), "--dataset fashion-mnist (the run has mnist)"),
        (TrainOptions(seed=0), "--seed 0 (the run has 7)"),
        (TrainOptions(batch_size=3), f"--batch-size 3 (the run has {LENET.batch_size})"),
        (TrainOptions(learning_rate=3.0), f"--learning-rate 3.0 (the run has {LENET.learning_rate_base})"),
        (TrainOptions(optimizer="rmsprop"), "--optimizer rmsprop (the run has adam)"),
        (TrainOptions(moving_average_decay=0.0), "--moving-average-decay 0.0 (the run has 0.999)"),
        (TrainOptions(regularization_rate=0.1), "--regularization-rate 0.1 (the run has 0.0)"),
        (TrainOptions(image_size=(20, 28)), "--image-size 20x28 (the run has 28x28)"),
        (TrainOptions(dataset="some/folder"), "--dataset some/folder (the run has mnist)"),
        (TrainOptions(model=OWN), "--model nets/my_net.py (the run has lenet-5)"),
    ],
)
def test_options_that_contradict_the_run_found_are_refused_by_their_flag(options: TrainOptions, flag: str) -> None:
    with pytest.raises(InputError) as caught:
        agreed_record(options, RECORD)
    assert flag in str(caught.value) and "--fresh" in str(caught.value)


def test_the_model_of_checkpoints_without_a_record_must_be_named_and_that_of_a_record_need_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="specify their network with --model"):
        model_of(tmp_path, None, None)
    assert model_of(tmp_path, None, "lenet-5") == (LENET, "mnist")
    assert model_of(tmp_path, RECORD, None) == (LENET, "mnist")
    assert model_of(tmp_path, RECORD, "lenet-5") == (LENET, "mnist")
    with pytest.raises(InputError, match=r"--model book-lenet: the run in .* uses lenet-5"):
        model_of(tmp_path, RECORD, "book-lenet")


def test_a_regularization_or_a_decay_of_zero_is_a_setting_and_not_the_model_s_default() -> None:
    record = agreed_record(TrainOptions(regularization_rate=0.0, moving_average_decay=0.0), None)
    model = record.restored_model()
    assert (model.regularization_rate, model.moving_average_decay) == (0.0, 0.0)


def test_a_run_of_a_file_s_network_records_the_file_s_name_and_checksum() -> None:
    record = agreed_record(TrainOptions(model=OWN), None)
    assert (record.model, record.model_file, record.model_checksum) == ("my_net", "my_net.py", "0f" * 16)
    assert record.restored_model(OWN) == OWN


def test_a_file_s_network_is_only_that_of_a_file_that_the_command_line_names(tmp_path: Path) -> None:
    refusal = "the run's network is in the file my_net.py, and a file is run only where it is named"
    with pytest.raises(InputError, match=refusal):
        agreed_record(TrainOptions(), OF_FILE)
    with pytest.raises(InputError, match=refusal):
        model_of(tmp_path, OF_FILE, None)
    with pytest.raises(InputError, match=r"--model lenet-5 \(the run has my_net.py\)"):
        agreed_record(TrainOptions(model="lenet-5"), OF_FILE)
    with pytest.raises(InputError, match=r"--model lenet-5: the run in .* uses my_net.py"):
        model_of(tmp_path, OF_FILE, "lenet-5")
    with pytest.raises(InputError, match=r"--model nets/my_net.py: the run in .* uses lenet-5; leave the flag out"):
        model_of(tmp_path, RECORD, OWN)
    assert agreed_record(TrainOptions(model=OWN), OF_FILE) == OF_FILE
    assert model_of(tmp_path, OF_FILE, OWN) == (OWN, "mnist")


def test_a_file_that_has_changed_is_refused_unless_the_change_is_accepted(tmp_path: Path) -> None:
    for refuse in (
        lambda: agreed_record(TrainOptions(model=CHANGED), OF_FILE),
        lambda: model_of(tmp_path, OF_FILE, CHANGED),
    ):
        with pytest.raises(InputError, match="has changed since the run was started") as caught:
            refuse()
        assert "--accept-changed-model" in str(caught.value) and "--fresh" in str(caught.value)
    accepted = agreed_record(TrainOptions(model=CHANGED, accept_changed_model=True), OF_FILE)
    assert accepted == replace(OF_FILE, model_checksum="f0" * 16)
    assert model_of(tmp_path, OF_FILE, CHANGED, accept_changed=True) == (CHANGED, "mnist")


def test_a_file_may_be_moved_and_renamed(tmp_path: Path) -> None:
    moved = replace(OWN, name="other", file=File("elsewhere/other.py", "0f" * 16))
    assert model_of(tmp_path, OF_FILE, moved) == (moved, "mnist")
    assert agreed_record(TrainOptions(model=moved), OF_FILE) == replace(OF_FILE, model_file="other.py")


def test_pictures_of_one_s_own_are_recorded_by_their_absolute_path_and_may_have_moved(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    new = agreed_record(TrainOptions(dataset=str(tmp_path / "elsewhere/../pictures")), None)
    record = replace(new, image_shape=(20, 20, 1), class_names=("cat", "dog"))
    assert record.dataset == str(tmp_path / "pictures")
    moved = agreed_record(TrainOptions(dataset=str(tmp_path / "moved/")), record)
    assert moved == replace(record, dataset=str(tmp_path / "moved"))
    assert agreed_record(TrainOptions(), record) == record
