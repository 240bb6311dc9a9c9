"""Whatever happens to the newest checkpoint's files, its values are used bit for bit or an older checkpoint's are."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from helpers.processes import run, run_two_at_a_time, same_bits
from helpers.torture import Report
from mutations import flipped, stamps, write_anew

from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.commands import parser
from lowlevel_cnn.errors import WorkError

STEPS, OLDER, NEWEST = (1, 2, 3), 2, 3
TRAIN = ("train", "--model", "lenet-5", "--batch-size", "20", "--save-every", "1")
STATE = "checkpoint"
INDEX, DATA, META = (f"model.ckpt-{NEWEST}.{ending}" for ending in ("index", "data-00000-of-00001", "meta"))
FILES = (INDEX, DATA, META, STATE)
GOOD = ("newest", "older")
MOST_MEMORY = 16 << 30  # bytes of addresses; TensorFlow alone takes some of them

Damage = dict[str, bytes | None]  # the files' new contents; None: deleted


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with three checkpoints. Not to be changed."""
    directory = tmp_path_factory.mktemp("trained") / "run"
    words = [*TRAIN, "--steps", "3", "--data-dir", str(data), "--checkpoint-dir", str(directory)]
    assert parser.parse(words).run() == 0
    return directory


def damages(directory: Path, full: bool) -> Iterator[tuple[str, Damage]]:
    """Every damage by its name."""
    random, every = Random(1), 1 if full else 20
    content = {name: (directory / name).read_bytes() for name in FILES}
    for name in (INDEX, STATE):
        for place, mask in itertools.product(range(0, len(content[name]), every), (1 << random.randrange(8), 255)):
            yield f"{name}, byte {place} ^ {mask}", {name: flipped(content[name], place, mask)}
    for _ in range(2_000 // every):
        place, mask = random.randrange(len(content[DATA])), random.choice((1 << random.randrange(8), 255))
        yield f"{DATA}, byte {place} ^ {mask}", {DATA: flipped(content[DATA], place, mask)}
    for name, piece in ((INDEX, 1), (DATA, 4096), (META, 1 << 16), (STATE, 1)):
        for length in range(0, len(content[name]), piece * every):
            yield f"{name} cut to {length}", {name: content[name][:length]}
        yield f"{name} with a byte more", {name: content[name] + b"\0"}
        yield f"{name} of zeros", {name: bytes(len(content[name]))}
    for names in (*itertools.combinations(FILES, 1), *itertools.combinations(FILES, 2)):
        yield f"{' and '.join(names)} deleted", dict.fromkeys(names)
    for name in (INDEX, DATA, META):
        older = directory / name.replace(f"-{NEWEST}.", f"-{OLDER}.")
        yield f"{name} of the older one", {name: older.read_bytes()}


def verdict(directory: Path, undamaged: Path, damaged_files: int) -> str:
    """`newest` or `older`, whichever is used as it should be; anything else is what went wrong."""
    warnings: list[str] = []
    before = stamps(directory)
    try:
        found = listing.newest_good(directory, warnings.append)
        is_same = found is not None and same_bits(found.prefix, undamaged / found.prefix.name)
    except BaseException as error:
        return f"raised {error!r:.300}"
    if stamps(directory) != before:
        return "changed the directory"
    if not all(str(directory) in line and line.isprintable() for line in warnings) or len(warnings) > damaged_files:
        return f"warned {warnings}"
    if found is None:
        return "begins anew"
    if not is_same:
        return "used other values"
    if found.step == NEWEST:
        return "newest"
    return "older" if found.step == OLDER and warnings else f"step {found.step} after {warnings}"


def damage_one_after_the_other(undamaged: Path, directory: Path, full: bool) -> None:
    """Prints the name of each damage before, and its verdict after it was tried."""
    import resource  # which Windows lacks

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, damage in damages(undamaged, full):
        print(name, end="\t", flush=True)
        change(directory, damage)
        print(verdict(directory, undamaged, len(damage)), flush=True)
        change(directory, {name: (undamaged / name).read_bytes() for name in damage})


def change(directory: Path, damage: Damage) -> None:
    """Gives files their new contents, or deletes them."""
    for name, content in damage.items():
        if content is None:
            (directory / name).unlink()
        else:
            write_anew(directory / name, content)


def test_no_damage_to_the_newest_checkpoint_goes_unnoticed_or_ends_the_process(
    trained: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    # In a process of its own, so that one that dies is known by the damage it died of.
    ended = subprocess.run(
        [sys.executable, __file__, trained, shutil.copytree(trained, tmp_path / "run"), "full" if full else "quick"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    lines = [line.partition("\t") for line in ended.stdout.splitlines()]
    counts = Counter(outcome for _, _, outcome in lines)
    wrong = [f"{name}: {outcome or 'the process died'}" for name, _, outcome in lines if outcome not in GOOD]
    report(
        "damages to the newest checkpoint's files after which training would use anything but its values, bit for bit, "
        "or those of the one before with a warning",
        f"{len(wrong)} of {len(lines):,}; the newest was used after {counts['newest']:,}",
    )
    assert not wrong, "\n".join(wrong[:20])
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert counts["older"] > counts["newest"] > 0


RUINED: dict[str, Damage] = {  # by the ending of the file
    "empty indexes": {"index": b""},
    "no index": {"index": None},
    "indexes of zeros": {"index": bytes(2_000)},
    "empty data": {"data-00000-of-00001": b""},
    "no data": {"data-00000-of-00001": None},
    "short data": {"data-00000-of-00001": bytes(100)},
    "neither": {"index": None, "data-00000-of-00001": None},
}


def ruin(directory: Path, endings: Damage) -> None:
    """Damages these files of every checkpoint."""
    for step, (ending, content) in itertools.product(STEPS, endings.items()):
        change(directory, {f"model.ckpt-{step}.{ending}": content})


@pytest.mark.parametrize("endings", RUINED.values(), ids=RUINED.keys())
def test_where_all_checkpoints_are_damaged_nothing_begins_anew(trained: Path, tmp_path: Path, endings: Damage) -> None:
    directory = shutil.copytree(trained, tmp_path / "run")
    ruin(directory, endings)
    before = stamps(directory)
    with pytest.raises(WorkError, match="no good checkpoint is left"):
        listing.newest_good(directory, lambda line: None)
    assert stamps(directory) == before


SAMPLE: dict[str, tuple[Damage, int]] = {
    "garbage": ({STATE: b"\xff\x00garbage\n" * 5}, NEWEST),
    "data": ({DATA: bytes(500_000)}, OLDER),
    "empty": ({STATE: b""}, NEWEST),
    "gone": ({STATE: None}, NEWEST),
    "index": ({INDEX: None}, OLDER),
}


def test_both_commands_warn_in_one_line_of_what_is_damaged_and_use_the_newest_good_one(
    trained: Path, data: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    tried = list(itertools.product(SAMPLE, ("train", "eval"))) if full else [("garbage", "train"), ("data", "eval")]
    commands: list[tuple[object, ...]] = []
    for name, command in tried:
        directory = shutil.copytree(trained, tmp_path / f"{name}-{command}")
        change(directory, SAMPLE[name][0])
        words = (*TRAIN, "--steps", 4) if command == "train" else ("eval", "--once")
        commands.append((*words, "--data-dir", data, "--checkpoint-dir", directory))
    wrong = []
    for (name, command), ended in zip(tried, run_two_at_a_time(commands, tmp_path), strict=True):
        damage, step = SAMPLE[name]
        # Of an index that is gone, the state file that names it tells.
        named = STATE if INDEX in damage else next(iter(damage)).partition(".data")[0]
        begins = f"Training lenet-5 on mnist: from step {step} " if command == "train" else f"After {step} training"
        told = len(ended.warnings) == 1 and f"{tmp_path / name}-{command}/{named}" in ended.warnings[0]
        if ended.code != 0 or not told or not ended.out[0].startswith(begins):
            wrong.append((name, command, ended))
    report(
        "commands that went on from the newest good checkpoint, with one line on the damage",
        f"{len(tried) - len(wrong)} of {len(tried)}",
    )
    assert not wrong


def test_both_commands_fail_in_one_line_where_all_checkpoints_are_damaged(
    trained: Path, data: Path, tmp_path: Path, full: bool
) -> None:
    if not full:
        pytest.skip("a process each; `newest_good` is tried above")
    for words in ((*TRAIN, "--steps", 4), ("eval", "--once")):
        directory = shutil.copytree(trained, tmp_path / words[0])
        ruin(directory, {"data-00000-of-00001": b""})
        before = stamps(directory)
        ended = run(*words, "--data-dir", data, "--checkpoint-dir", directory, cwd=tmp_path)
        assert ended.code == 1, ended
        assert [line for line in ended.err if line.startswith("error: ")] == ended.err[-1:]
        assert str(directory) in ended.err[-1]
        changed = {Path(name).name for name, _ in before.items() ^ stamps(directory).items()}
        assert changed <= {"trainer.lock"}


if __name__ == "__main__":
    damage_one_after_the_other(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "full")
