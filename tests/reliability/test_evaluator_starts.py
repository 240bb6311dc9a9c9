"""Whatever an evaluator finds when it starts, or happens while it waits: the next good checkpoint is scored."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers.processes import Started, copy_checkpoint, truncate
from helpers.torture import TABLE_VARIABLE, Report
from small_runs import set_steps, train_here, train_words

from lowlevel_cnn.checkpoints import saving
from lowlevel_cnn.checkpoints.listing import Checkpoint
from lowlevel_cnn.system.atomic_files import write_atomically

INTERVAL = 1  # seconds between two looks
NEXT = 4  # the step of the checkpoint that comes

NO_RUN = "Waiting for a run in"
NO_CHECKPOINT = "Waiting for a checkpoint in"
AFTER_3 = "Waiting for a checkpoint after step 3 in"
ANY_CHECKPOINT = "Waiting for a checkpoint"  # after a damaged one, whatever the step

Change = Callable[[Path], object]


@dataclass(frozen=True)
class Situation:
    """What an evaluator finds in a run directory, and what happens while it waits.

    Attributes:
        name: in words.
        found: a change to a directory with the checkpoints `steps`, before the evaluator starts.
        says: what it then says that it waits for; after `NO_RUN`, a run begins.
        steps: the checkpoints.
        happens: a change while it waits.
    """

    name: str
    found: Change = lambda directory: None
    says: str = AFTER_3
    steps: tuple[int, ...] = (1, 2, 3)
    happens: Change = lambda directory: None


def begin(source: Path, directory: Path) -> None:
    """What a trainer writes before its first checkpoint."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "trainer.lock").write_text('{"host": "elsewhere", "process": 1}')
    write_atomically(directory / "run.json", (source / "run.json").read_bytes())


def arrive(source: Path, directory: Path, step: int) -> None:
    """A checkpoint comes as a trainer writes it: the data, then the index, then the state file."""
    copy_checkpoint(source / f"model.ckpt-{step}", directory / f"model.ckpt-{step}")
    saving.write_state(directory, [Checkpoint(step, directory / f"model.ckpt-{step}")])


def puts(name: str, content: bytes) -> Change:
    return lambda directory: (directory / name).write_bytes(content)


def removes(name: str) -> Change:
    return lambda directory: (directory / name).unlink()


def dates(seconds_ahead: float) -> Change:
    """Gives all files one time, as long from now."""

    def change(directory: Path) -> None:
        for path in directory.iterdir():
            os.utime(path, (time.time() + seconds_ahead,) * 2)

    return change


def makes_empty(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.mkdir()


def puts_strays(directory: Path) -> None:
    for number in range(200):
        (directory / f"stray-{number}").write_bytes(b"stray")


def puts_garbage(directory: Path) -> None:
    for name in ("model.ckpt-notes", "model.ckpt-7.index.bak", "model.ckpt-8.data-0", "other-99.index", "eval.tmp"):
        (directory / name).write_bytes(os.urandom(100))


def puts_half_a_save(directory: Path) -> None:
    """What a trainer leaves that is killed in a save, in one file or in parts."""
    (directory / "model.ckpt-4.data-00000-of-00001.tempstate123").write_bytes(b"half")
    (directory / "model.ckpt-4_temp").mkdir()
    (directory / "model.ckpt-4_temp" / "part-00000-of-00001.index").write_bytes(b"half")
    (directory / ".checkpoint.1.tmp").write_bytes(b"model_check")


def links_to_itself_elsewhere(directory: Path) -> None:
    directory.rename(directory.with_name("elsewhere"))
    directory.symlink_to(directory.with_name("elsewhere"))


def begins_anew(directory: Path) -> None:
    aside = directory.rename(directory.with_name("aside"))
    begin(aside, directory)


MOVED_STATE = b'model_checkpoint_path: "/no/such/place/model.ckpt-3"\n'
STATE_OF_ONE_GONE = b'model_checkpoint_path: "model.ckpt-9"\n'
DATA = "model.ckpt-3.data-00000-of-00001"

QUICK = [
    Situation("no directory yet", shutil.rmtree, NO_RUN),
    Situation("the newest damaged", lambda directory: truncate(directory / "model.ckpt-3"), ANY_CHECKPOINT),
    Situation("a run begun anew while it waits", says="after step 9 in", steps=(9,), happens=begins_anew),
    Situation("a clock set back", dates(3600)),
]
SITUATIONS = [
    *QUICK,
    Situation("a missing parent directory", lambda directory: shutil.rmtree(directory.parent), NO_RUN),
    Situation("an empty directory", makes_empty, NO_RUN),
    Situation("only a lock file", removes("run.json"), NO_RUN, ()),
    Situation("only a record", removes("trainer.lock"), NO_CHECKPOINT, ()),
    Situation("garbage files", puts_garbage),
    Situation("a garbage index of another name", puts("other-99.index", b"garbage"), ANY_CHECKPOINT, ()),
    Situation("a garbage state file", puts("checkpoint", b"\xff\x00 garbage")),
    Situation("an empty state file", puts("checkpoint", b"")),
    Situation("no state file", removes("checkpoint")),
    Situation("a state file that names a checkpoint that is gone", puts("checkpoint", STATE_OF_ONE_GONE)),
    Situation("a moved directory, absolute paths in its state file", puts("checkpoint", MOVED_STATE)),
    Situation("a copied directory, all times equal", dates(0)),
    Situation("an index without data", removes(DATA), ANY_CHECKPOINT),
    Situation("data without an index", removes("model.ckpt-3.index"), NO_CHECKPOINT, (3,)),
    Situation(
        "the newest damaged and a trainer that goes on from one before",
        lambda directory: truncate(directory / "model.ckpt-9"),
        ANY_CHECKPOINT,
        steps=(1, 2, 9),
    ),
    Situation("a trainer killed in a save", puts_half_a_save),
    Situation("a trainer killed before its first checkpoint", puts_half_a_save, NO_CHECKPOINT, ()),
    Situation("a directory replaced by a link to it", happens=links_to_itself_elsewhere),
    Situation("two hundred stray files", puts_strays),
    Situation("nowhere to write scores", puts("eval", b"in the way")),
]
# Chosen when the tests are collected, where there are no fixtures yet.
CHOSEN = SITUATIONS if TABLE_VARIABLE in os.environ else QUICK


def seconds_to_the_score(situation: Situation, source: Path, folder: Path, data: Path) -> float:
    """From the moment at which the next checkpoint is complete to the evaluator's line about it."""
    directory = folder / "run"
    begin(source, directory)
    for step in situation.steps:
        arrive(source, directory, step)
    situation.found(directory)
    words = ("eval", "--interval-secs", INTERVAL, "--data-dir", data, "--checkpoint-dir", directory)
    evaluator = Started(*words, cwd=source)
    try:
        evaluator.wait_for(situation.says)
        situation.happens(directory)
        if situation.says == NO_RUN or situation.happens is begins_anew:
            begin(source, directory)
            evaluator.wait_for(NO_CHECKPOINT)
        arrive(source, directory, NEXT)
        complete = time.monotonic()
        evaluator.wait_for(f"After {NEXT} training step(s), validation accuracy = ")
        return time.monotonic() - complete
    finally:
        evaluator.kill_all()


@pytest.fixture(scope="module")
def seconds(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[float]]:
    """All chosen situations, two at a time: each with its seconds, or with what went wrong."""
    folder = tmp_path_factory.mktemp("situations")
    source = folder / "source"
    train_here(train_words(data, source, steps=9, keep=9))
    set_steps(source, 1000)
    with ThreadPoolExecutor(2) as pool:
        return {each.name: pool.submit(seconds_to_the_score, each, source, folder / each.name, data) for each in CHOSEN}


@pytest.mark.parametrize("situation", CHOSEN, ids=lambda situation: situation.name)
def test_the_next_good_checkpoint_is_scored(situation: Situation, seconds: dict[str, Future[float]]) -> None:
    assert seconds[situation.name].result() > 0


def test_the_next_good_checkpoint_is_scored_in_all_situations(
    seconds: dict[str, Future[float]], report: Report
) -> None:
    took = [future.result() for future in seconds.values() if not future.exception()]
    report(
        f"situations in which an evaluator that looks every {INTERVAL} s scores the next checkpoint",
        f"{len(took)} of {len(CHOSEN)}, the slowest after {max(took, default=0):.1f} s",
    )
    assert len(took) == len(CHOSEN)
