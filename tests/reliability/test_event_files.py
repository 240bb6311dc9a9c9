"""A kill, a full disk or an input/output error at each file operation of an event file costs summaries, and no bit."""

from __future__ import annotations

import errno
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from file_operations import Case, Fault, Operation, Trained, Trainers, spread, trainers
from helpers.event_reading import events, shown
from helpers.processes import same_bits
from helpers.torture import Report
from small_runs import train_words

STEPS = 3
LAST = f"model.ckpt-{STEPS}"


class Training(NamedTuple):
    """A run with summaries of every step, and the file operations in its `train/`, whose rows are not looked at."""

    trainers: Trainers
    data: Path
    directory: Path
    operations: list[Operation]

    def case(self, folder: Path, at: int = -1, fault: Fault = Fault.NONE, error: int = 0) -> Case:
        folder.mkdir(exist_ok=True)
        words = (*train_words(self.data, folder / "run", steps=STEPS), "--summary-every", 1)
        return Case(folder, words, folder / "run" / "train", at, fault, error)

    @property
    def places(self) -> list[int]:
        """The operations of the event file."""
        return [number for number, each in enumerate(self.operations) if each.path.name != "metrics.jsonl"]


@pytest.fixture(scope="module")
def training(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Training]:
    """Not to be changed."""
    folder = tmp_path_factory.mktemp("recorded")
    with trainers(folder) as processes:
        unrecorded = Training(processes, data, folder / "run", [])
        [trained] = processes.train([unrecorded.case(folder)])
        assert trained.ended.code == 0 and not trained.ended.warnings, trained.ended
        yield unrecorded._replace(operations=trained.operations)


def some_of(cases: list[Case]) -> list[Case]:
    """The first ones, in which the folder and the file are made, and a few of the others."""
    return [*cases[:3], *spread(cases[3:], 5)]


def described(trained: Trained) -> str:
    case = trained.case
    return f"{case.fault.name} at {case.at} ({trained.operations[-1].name}): {trained.ended}"


def test_a_full_disk_or_an_error_at_each_file_operation_of_an_event_file_is_one_warning_and_costs_no_bit(
    training: Training, tmp_path: Path, full: bool, report: Report
) -> None:
    cases = [
        training.case(tmp_path / f"{at}-{error}", at, Fault.FAIL, error)
        for at in training.places
        for error in (errno.EIO, errno.ENOSPC)
    ]
    failed = training.trainers.train(cases if full else some_of(cases))
    wrong = [described(each) for each in failed if not went_on(each, training)]
    report(
        "errors, one at each file operation of an event file, after which training went on to the same bits with one "
        "warning",
        f"{len(failed) - len(wrong)} of {len(failed)}",
    )
    assert failed and not wrong, "\n".join(wrong)


def went_on(trained: Trained, training: Training) -> bool:
    said = [line for line in trained.ended.err if "not the published" not in line]
    is_one_line = len(said) == 1 and "TensorBoard summaries cannot be written" in said[0]
    bits = trained.case.tree.parent / LAST
    return trained.ended.code == 0 and is_one_line and same_bits(bits, training.directory / LAST)


def test_after_a_kill_at_each_file_operation_of_an_event_file_a_run_ends_with_the_same_bits_and_every_step_once(
    training: Training, tmp_path: Path, full: bool, report: Report
) -> None:
    kills = [
        training.case(tmp_path / f"{at}-{fault.name}", at, fault)
        for at in training.places
        for fault in (Fault.KILL, Fault.KILL_HALFWAY)
        if fault is Fault.KILL or training.operations[at].name == "write"
    ]
    kills = kills if full else some_of(kills)
    killed = training.trainers.train(kills)
    assert {each.ended.code for each in killed} == {-signal.SIGKILL}
    again = training.trainers.train(replace(each, at=-1, fault=Fault.NONE) for each in kills)
    wrong = [
        f"{described(each)}; then {then.ended}"
        for each, then in zip(killed, again, strict=True)
        if then.ended.code or not is_whole(then.case.tree.parent, training)
    ]
    report(
        "runs that went on after a kill at a file operation of an event file, with the same bits and each step once",
        f"{len(again) - len(wrong)} of {len(again)}",
    )
    assert not wrong, "\n".join(wrong)


def is_whole(directory: Path, training: Training) -> bool:
    """Whether a run has the bits of one without a fault, and TensorBoard shows the same of both."""
    found, expected = shown(directory / "train"), shown(training.directory / "train")
    has_graph = any(event.graph_def for event in events(directory / "train"))
    same_values = found.scalars("loss/total") == expected.scalars("loss/total")
    same_steps = all(found.steps(tag) == expected.steps(tag) for tag in expected.values)
    return has_graph and same_values and same_steps and same_bits(directory / LAST, training.directory / LAST)
