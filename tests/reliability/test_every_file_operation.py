"""A kill, a full disk or an input/output error at each file operation of a save costs no checkpoint and no bit."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from file_operations import Case, Fault, Operation, Trained, Trainers, spread, trainers
from helpers.processes import Ended, files_in, same_bits
from helpers.torture import Report
from small_runs import WITHOUT_SUMMARIES, acknowledged, newest, train_words

from lowlevel_cnn.checkpoints import listing

OLD, NEW = 2, 3
NEEDS_ROOM = ("create", "write", "mkdir")
# A directory is made that is there, a file deleted that is not or that is old: a failure may do no harm.
MAY_FAIL = ("mkdir", "unlink")
# The trainer's row of a step whose checkpoint is saved: without it a point of the curve is missing, and it is said.
ROWS = "metrics.jsonl"
SAVING = f"model.ckpt-{NEW}"


class Save(NamedTuple):
    """A run in which one save is missing, that run with it, and the operations between the two."""

    trainers: Trainers
    data: Path
    before: Path
    after: Path
    operations: list[Operation]

    def case(self, folder: Path, at: int = -1, fault: Fault = Fault.NONE, error: int = 0) -> Case:
        """The training that makes the save; in a copy of the run, where the folder has none yet."""
        if not (folder / "run").exists():
            shutil.copytree(self.before, folder / "run")
        words = (*train_words(self.data, folder / "run", steps=NEW, keep=2), *WITHOUT_SUMMARIES)
        return Case(folder, words, folder / "run", at, fault, error)

    def leftovers(self, directory: Path) -> set[str]:
        """The files that nobody will look for; an old checkpoint that is there once more is none of them."""
        return set(files_in(directory)) - set(files_in(self.before)) - set(files_in(self.after))


@pytest.fixture(scope="module")
def save(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Save]:
    """Not to be changed."""
    folder = tmp_path_factory.mktemp("save")
    before, after = folder / "run", folder / "recorded" / "run"
    with trainers(folder) as processes:
        words = (*train_words(data, before, steps=OLD), *WITHOUT_SUMMARIES)
        [trained] = processes.train([Case(folder, words, before)])
        assert trained.ended.code == 0, trained.ended
        unrecorded = Save(processes, data, before, after, [])
        [trained] = processes.train([unrecorded.case(after.parent)])
        assert trained.ended.code == 0, trained.ended
        yield unrecorded._replace(operations=trained.operations)


def described(trained: Trained) -> str:
    case, ended = trained.case, trained.ended
    operation = f"{trained.operations[-1].name} {trained.operations[-1].path.name}"
    error = errno.errorcode.get(case.errno, "")
    return f"{case.fault.name} {error} at {case.at} (last: {operation}): {ended.code} {[*ended.out, *ended.err][-1:]}"


def wrong_when_resumed(save: Save, faulty: list[Trained]) -> tuple[list[str], list[str]]:
    """What is wrong, and what is left over, after the same command was given again without a fault."""
    wrong, left = [], []
    ends = save.trainers.train(save.case(each.case.folder) for each in faulty)
    for each, again in zip(faulty, ends, strict=True):
        directory = each.case.tree
        if again.ended.code != 0 or not same_bits(directory / SAVING, save.after / SAVING):
            wrong.append(f"{described(each)}; then not the same end: {again.ended}")
        left += [f"{name} after {described(each)}" for name in sorted(save.leftovers(directory))]
    return wrong, left


def wrong_after_a_kill(save: Save, trained: Trained) -> str:
    directory, ended = trained.case.tree, trained.ended
    if ended.code != -signal.SIGKILL or len(trained.operations) != trained.case.at + 1:
        return "was not killed there"
    step = newest(directory)
    if step not in (OLD, NEW) or step < acknowledged(ended):
        return f"the newest good checkpoint is of step {step}"
    name = f"model.ckpt-{step}"
    return "" if same_bits(directory / name, save.after / name) else f"{name} has other bits"


def test_a_kill_at_each_file_operation_of_a_save_leaves_a_good_checkpoint_from_which_the_run_ends_with_the_same_bits(
    save: Save, tmp_path: Path, full: bool, report: Report
) -> None:
    kills = [
        save.case(tmp_path / f"{number}-{fault.name}", number, fault)
        for number, operation in enumerate(save.operations)
        for fault in (Fault.KILL, Fault.KILL_HALFWAY)
        if fault is Fault.KILL or operation.name == "write"
    ]
    killed = save.trainers.train(kills if full else spread(kills, 8))
    wrong = [f"{described(each)}: {what}" for each in killed if (what := wrong_after_a_kill(save, each))]
    again = killed if full else killed[3::3]
    wrong_again, left = wrong_when_resumed(save, again)
    report(
        "kills, one at each file operation of a save, after which there was a good checkpoint with the right bits",
        f"{len(killed) - len(wrong)} of {len(killed)}",
    )
    report(
        "runs that went on after such a kill and ended with the bits of an uninterrupted one",
        f"{len(again) - len(wrong_again)} of {len(again)}; {len(left)} files left over",
    )
    assert not wrong + wrong_again + left, "\n".join(wrong + wrong_again + left)


def faults(save: Save, folder: Path) -> Iterator[Case]:
    for number, operation in enumerate(save.operations):
        if operation.name in (*NEEDS_ROOM, "rename"):
            yield save.case(folder / f"{number}-once", number, Fault.FAIL, errno.ENOSPC)
        if operation.name in NEEDS_ROOM:
            yield save.case(folder / f"{number}-full", number, Fault.DISK_FULL, errno.ENOSPC)
        yield save.case(folder / f"{number}-broken", number, Fault.FAIL, errno.EIO)


def failed_well(ended: Ended, codes: tuple[int, ...]) -> bool:
    """Whether a trainer ended with one line on what went wrong."""
    said = [line for line in ended.err if "not the published" not in line]
    return ended.code in codes and len(said) == 1 and said[0].startswith("error: ")


def wrong_after_a_failure(save: Save, trained: Trained) -> str:
    case, ended = trained.case, trained.ended
    begun = any(SAVING in operation.path.name for operation in save.operations[: case.at + 1])
    steps = [each.step for each in listing.listed(case.tree)]
    if ended.code == 0 and len(ended.warnings) == 1 and ROWS in ended.warnings[0]:
        return "" if newest(case.tree) == NEW else "no good new checkpoint"
    if ended.code == 0 and save.operations[case.at].name in MAY_FAIL:
        return "" if not ended.warnings and newest(case.tree) == NEW else "no good new checkpoint"
    if not failed_well(ended, (1,) if begun else (1, 2)):
        return "did not fail in one line"
    return "" if newest(case.tree) == OLD and steps == [1, OLD] else f"the checkpoints are of steps {steps}"


def test_a_full_disk_or_an_error_at_each_file_operation_of_a_save_ends_in_one_line_and_costs_no_checkpoint(
    save: Save, tmp_path: Path, full: bool, report: Report
) -> None:
    cases = list(faults(save, tmp_path))
    failed = save.trainers.train(cases if full else spread(cases, 6))
    wrong = [f"{described(each)}: {what}" for each in failed if (what := wrong_after_a_failure(save, each))]
    again = failed[::4] if full else failed[1::3]
    wrong_again, left = wrong_when_resumed(save, again)
    report(
        "full disks and input/output errors, at each file operation of a save, that cost one line and left the last "
        "good checkpoint the newest",
        f"{len(failed) - len(wrong)} of {len(failed)}",
    )
    report(
        "runs that went on after such a failure and ended with the bits of an uninterrupted one",
        f"{len(again) - len(wrong_again)} of {len(again)}; {len(left)} files left over",
    )
    assert not wrong + wrong_again + left, "\n".join(wrong + wrong_again + left)


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[None]:
    """Mounts a file system of so many bytes; skips the test where that is not allowed."""
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


def test_on_a_small_disk_that_is_full_a_save_fails_in_one_line_and_succeeds_once_there_is_room(
    save: Save, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, size=4 << 20):
        shutil.copytree(save.before, disk / "run")
        # Half of a checkpoint's size is left.
        room = shutil.disk_usage(disk).free - (save.after / f"{SAVING}.data-00000-of-00001").stat().st_size // 2
        (disk / "other").write_bytes(bytes(room))
        case = replace(save.case(disk), folder=tmp_path)
        [trained] = save.trainers.train([case])
        assert failed_well(trained.ended, (1,)), trained.ended
        assert newest(disk / "run") == OLD
        (disk / "other").unlink()
        [trained] = save.trainers.train([case])
        assert trained.ended.code == 0, trained.ended
        assert same_bits(disk / "run" / SAVING, save.after / SAVING)
