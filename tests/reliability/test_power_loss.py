"""A power loss at any moment of a training costs no checkpoint that the trainer had said was saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from file_operations import Case, Operation, Trainers, trainers
from helpers.processes import same_bits
from helpers.torture import Report
from simulated_disk import Files, states
from small_runs import WITHOUT_SUMMARIES, train_words

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.runs import run_record

STEPS = 3
LAST = f"model.ckpt-{STEPS}"


def put(files: Files, folder: Path) -> Path:
    """Writes the files anew, into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)
    return folder / "run"


def lost(directory: Path, saved: int, whole: Path) -> str:
    """What a training that begins in the directory would miss; "" where that is nothing."""
    try:
        record = run_record.read(directory)
        found = listing.newest_good(directory, lambda warning: None)
    except WorkError as error:
        # Nobody was told of a checkpoint; that there was none may then not be assumed in silence.
        return f"{error}" if saved else ""
    except Exception as error:
        return f"raised {error!r}"
    if saved and not record:
        return "run.json"
    if (found.step if found else 0) < saved:
        return f"the checkpoint of step {saved}: the newest is {found}"
    return "" if not found or same_bits(found.prefix, whole / found.prefix.name) else f"bits of {found}"


class Training(NamedTuple):
    """The folder in which a run was recorded from its very beginning, the operations, and the run with all files."""

    trainers: Trainers
    data: Path
    folder: Path
    operations: list[Operation]
    whole: Path


@pytest.fixture(scope="module")
def training(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Training]:
    """Not to be changed. It deletes its old checkpoints as soon as it may."""
    folder, whole = tmp_path_factory.mktemp("recorded"), tmp_path_factory.mktemp("whole")
    with trainers(whole) as processes:
        words = (*train_words(data, folder / "run", steps=STEPS, keep=1), *WITHOUT_SUMMARIES)
        recorded = Case(folder, words, folder)
        kept = Case(whole, (*train_words(data, whole / "run", steps=STEPS), *WITHOUT_SUMMARIES), whole / "run")
        trained = processes.train([recorded, kept])
        assert [each.ended.code for each in trained] == [0, 0], trained
        yield Training(processes, data, folder, trained[0].operations, whole / "run")


def test_a_power_loss_at_any_moment_costs_no_checkpoint_that_was_said_to_be_saved(
    training: Training, tmp_path: Path, full: bool, report: Report
) -> None:
    wrong, tried = [], 0
    for saved, files in states(training.folder, training.operations, None if full else 1):
        tried += 1
        what = lost(put(files, tmp_path / "after"), saved, training.whole)
        wrong += [f"{sorted(files)} after step {saved}: {what}"] if what else []
    report(
        "states simulated after a power loss, from the first moment of a run on, that cost something said to be saved",
        f"{len(wrong)} of {tried:,}",
    )
    assert not wrong, "\n".join(wrong[:20])
    assert tried >= (200 if full else 50)


def test_after_a_power_loss_a_run_ends_with_the_bits_of_an_uninterrupted_one(
    training: Training, tmp_path: Path, full: bool, report: Report
) -> None:
    found = [files for saved, files in states(training.folder, training.operations, 1) if saved]
    cases = []
    for number, files in enumerate(Random(2).sample(found, 20 if full else 2)):
        folder = tmp_path / str(number)
        run = put(files, folder)
        cases.append(Case(folder, (*train_words(training.data, run, steps=STEPS), *WITHOUT_SUMMARIES), run))
    ends = training.trainers.train(cases)
    wrong = [each for each in ends if each.ended.code or not same_bits(each.case.tree / LAST, training.whole / LAST)]
    report(
        "runs that went on from such a state and ended with the bits of an uninterrupted one",
        f"{len(ends) - len(wrong)} of {len(ends)}",
    )
    assert not wrong


FLUSHES: dict[str, Callable[[Path, Path], bool]] = {
    "contents": lambda path, folder: path.parent.parent == folder,
    "names in the run directory": lambda path, folder: path.parent == folder,
    "the run directory's own name": lambda path, folder: path == folder,
}


@pytest.mark.parametrize("which", FLUSHES)
def test_the_simulation_notices_where_nothing_is_flushed(training: Training, tmp_path: Path, which: str) -> None:
    folder, operations = training.folder, training.operations
    flushed = [each for each in operations if each.name == "flush" and FLUSHES[which](each.path, folder)]
    found = states(folder, [each for each in operations if each not in flushed])
    assert flushed
    assert any(lost(put(files, tmp_path / "after"), saved, training.whole) for saved, files in found if saved)
