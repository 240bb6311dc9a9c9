"""Whatever stands in a run directory's small files, it is read soundly or refused in one line, and nothing is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from helpers.processes import copy_checkpoint, tensors
from helpers.torture import Report
from mutations import mutated, stamps, write_anew

from lowlevel_cnn import datasets, models
from lowlevel_cnn.checkpoints import listing
from lowlevel_cnn.commands import parser
from lowlevel_cnn.errors import LowlevelCnnError, WorkError
from lowlevel_cnn.evaluation import best_checkpoint
from lowlevel_cnn.runs import metrics, run_record
from lowlevel_cnn.runs.metrics import Row
from lowlevel_cnn.runs.run_record import RunRecord, hyper_parameters
from lowlevel_cnn.tensorflow_v1 import tf

# As they stand in a file, since Python would not write them.
HOSTILE = (
    *("null", "true", "-1", "0", "1", "1.5", "2147483647", "4294967296", "1e400", "-1e400", "NaN", "9" * 4_000),
    *('""', '"1"', '"\\ud800"', '"\\u0000"', '"a\\nb"', '"../../x-5"', '"/etc/passwd"', '"~"', '"%s{0}"'),
    *(f'"{"x" * 100_000}"', "[]", "{}", '{"a": [{}]}', "[" * 200 + "]" * 200, "[" * 5_000 + "]" * 5_000),
)
RECORD = RunRecord("lenet-5", "mnist", 7, hyper_parameters(models.get("lenet-5")), 0, "0f" * 16)
ROW = Row(2, "validation", "average", 0.9, 0.2, 50, 0.1, "2026-01-01T00:00:00+00:00")
ROWS = [ROW, replace(ROW, step=3, accuracy=0.95)]

Mutate = Callable[[bytes, Random], bytes]


def restructured(content: bytes, random: Random) -> bytes:
    """A JSON file with a value hostile, gone, there twice or under another name; in one of five cases bytes changed."""
    if random.random() < 0.2:
        return mutated(content, random)
    lines = content.splitlines() if content.count(b"\n{") else [content]
    place = random.randrange(len(lines))
    value = json.loads(lines[place])
    marks = [_restructure(value, random) for _ in range(random.randint(1, 2))]
    text = json.dumps(value)
    for mark, hostile in marks:
        text = text.replace(f'"{mark}"', hostile)
    lines[place] = text.encode()
    return b"\n".join(lines) + b"\n"


def _restructure(value: dict[str, Any], random: Random) -> tuple[str, str]:
    """Changes a value somewhere inside; returns what stands for a hostile one, and that one."""
    inner = value
    while True:
        key = random.choice(list(inner))
        if not isinstance(inner[key], dict) or not inner[key] or random.random() < 0.1:
            break
        inner = inner[key]
    mark, action = f"mark{random.random()}", random.randrange(6)
    if action == 0:
        del inner[key]
        inner.setdefault("left", 0)
    elif action == 1:
        inner[random.choice(("", key.upper(), f"{key}\0", "__class__"))] = inner.pop(key)
    elif action == 2:
        # What Python writes as two names, `mark` and the key, are one name twice.
        inner[mark] = random.choice((inner[key], None, -1, [], {}))
        return mark, json.dumps(key)
    else:
        inner[key] = mark
    return mark, random.choice(HOSTILE)


def state_mutated(content: bytes, random: Random) -> bytes:
    """A state file that names something else, or with some bytes changed."""
    if random.random() < 0.4:
        return mutated(content, random)
    names = (b"../outside-5", b"../../x-5", b"/etc/passwd", b"..", b"", b"/", b"\\", b"a\0b", b"*", b"net-*", b"net-9")
    hostile = random.choice(
        (*names, b"x" * 100_000, "网络".encode(), b"\xff\xfe", b"net-1\0", b'"', b"net-1\nx", b"-5")
    )
    return content.replace(random.choice((b"net", b"net-2", b"net-1", b"weights", b"model")), hostile)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory above run directories, with a sound checkpoint `outside-5`, which none of them may hand out."""
    above = tmp_path_factory.mktemp("above")
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("weights", initializer=np.arange(9, dtype=np.float32))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(above / "outside"), global_step=5, write_state=False)
    return above


def read_record(directory: Path) -> str:
    record = run_record.read(directory)
    assert record is not None
    own = models.get("lenet-5") if record.model_file else None
    assert record.restored_model(own).training_steps == record.training_steps >= 1
    json.dumps(asdict(record)).encode()
    return "used"


def read_rows(directory: Path) -> str:
    rows = metrics.read(directory, "validation", "average")
    assert all(type(row.step) is int and row.weights == "average" for row in rows)
    return "used" if rows == ROWS else "passed over"


def read_best(directory: Path) -> str:
    kept = best_checkpoint.kept(directory)
    assert kept is None or (kept["step"] == ROW.step and 0 <= kept["accuracy"] <= 1)
    return "used" if kept else "passed over"


def read_state(directory: Path) -> str:
    warnings: list[str] = []
    listed = listing.listed(directory)
    assert all(
        each.prefix.parent == directory and (directory / f"{each.prefix.name}.index").exists() for each in listed
    )
    found = listing.newest_good(directory, warnings.append)
    assert found is not None and found == listed[-1]
    assert len(warnings) <= 1 and all(line.isprintable() and len(line) < 1_000 for line in warnings)
    return "passed over" if warnings else "used"


Kind = tuple[str, bytes, Mutate, Callable[[Path], str], tuple[str, ...]]
STATE = b'model_checkpoint_path: "%s"\nall_model_checkpoint_paths: "%s"\n'
KINDS: dict[str, Kind] = {
    "run.json": ("run.json", json.dumps(asdict(RECORD), indent=2).encode(), restructured, read_record, ()),
    "metrics.jsonl": (
        "eval/validation/metrics.jsonl",
        b"".join(json.dumps(asdict(row)).encode() + b"\n" for row in ROWS),
        restructured,
        read_rows,
        (),
    ),
    "best/metrics.json": (
        "best/metrics.json",
        json.dumps(asdict(ROW)).encode(),
        restructured,
        read_best,
        ("best/model.ckpt-2",),
    ),
    "checkpoint": (
        "checkpoint",
        STATE % (b"model.ckpt-2", b"model.ckpt-1"),
        state_mutated,
        read_state,
        ("model.ckpt-1", "model.ckpt-2"),
    ),
    "checkpoint of others": (
        "checkpoint",
        STATE % (b"net-2", b"net-1"),
        state_mutated,
        read_state,
        ("net-1", "net-2", "other-3"),
    ),
    "checkpoint without a step": (
        "checkpoint",
        STATE % (b"weights", b"weights"),
        state_mutated,
        read_state,
        ("weights", "biases"),
    ),
}


def outcome(read: Callable[[Path], str], directory: Path) -> str:
    """`used`, `passed over` or `refused`, whichever happens as it should; anything else is what went wrong."""
    try:
        return read(directory)
    except LowlevelCnnError as error:
        line = str(error)
        is_one_line = line.isprintable() and len(line) < 1_000 and str(directory) in line
        return "refused" if is_one_line else f"said {line!r:.300}"
    except BaseException as error:
        return f"raised {error!r:.300}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_is_used_soundly_or_passed_over_or_refused_in_one_line(
    kind: str, outside: Path, full: bool, report: Report
) -> None:
    name, content, mutate, read, prefixes = KINDS[kind]
    directory = outside / kind.replace("/", " ") / "run"
    (directory / name).parent.mkdir(parents=True)
    for prefix in prefixes:
        copy_checkpoint(outside / "outside-5", directory / prefix)
    copy_checkpoint(outside / "outside-5", directory.parent / "outside-5")
    outcomes: Counter[str] = Counter()
    wrong, count = [], (10_000 if full else 2_000) // len(KINDS) + 1
    for number in range(count):
        # The kind and the number alone make the mutation.
        write_anew(directory / name, mutate(content, Random(f"{kind} {number}")))
        before = stamps(directory.parent)
        found = outcome(read, directory)
        outcomes[found] += 1
        if found not in ("used", "passed over", "refused"):
            wrong.append(f"{kind} {number}: {found}")
        if stamps(directory.parent) != before:
            wrong.append(f"{kind} {number}: changed the directory")
    kinds = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(outcomes.items()))
    report(f"mutations of `{kind}` that did harm", f"{len(wrong)} of {count:,} ({kinds:.200})")
    assert not wrong, "\n".join(wrong[:20])
    assert len(outcomes) > 1, "the mutations are all harmless or all are not"


# What the record's own bounds allow; quick settings try the first, which hardly train.
EXTREMES: tuple[dict[str, Any], ...] = (
    {"batch_size": 2**31 - 1},
    {"data_checksum": "\n"},
    {"dataset": "cifar10"},
    {"model": "mastering-cifar10-tf"},
    {"learning_rate_base": 2e9},
    {"learning_rate_base": 5e-324},
    {"learning_rate_decay": 2e9, "learning_rate_schedule": "exponential-decay"},
    {"regularization_rate": 2e9},
    {"moving_average_decay": 2e9},
    {"optimizer": "gradient-descent", "learning_rate_decay": 0},
    {"training_steps": 1},
    {"seed": 2**31 - 1},
    {"first_step": 2**31 - 1},
    {"speed": {"\n" * 9: 10**4_000}},
    {"image_shape": (2**31 - 1, 28, 1)},
    {"class_names": ("\n", "")},
    {"model": "my_net", "model_file": "my_net.py", "model_checksum": "0f" * 16},
)


def test_a_run_with_extreme_values_is_trained_or_refused_in_one_line(
    data: Path, tmp_path: Path, full: bool, report: Report
) -> None:
    parameters = {**RECORD.hyper_parameters, "batch_size": 20, "training_steps": 2}
    ends, wrong = Counter[str](), []
    for number, changes in enumerate(EXTREMES if full else EXTREMES[:5]):
        directory = tmp_path / str(number)
        directory.mkdir()
        inner = {**parameters, **{key: value for key, value in changes.items() if key in parameters}}
        outer = {key: value for key, value in changes.items() if key not in parameters}
        record = replace(RECORD, hyper_parameters=inner, data_checksum=datasets.load("mnist", str(data)).checksum)
        replace(record, **outer).write(directory)
        words = ["train", "--data-dir", str(data), "--checkpoint-dir", str(directory)]
        found = trained(words, directory)
        ends[found] += 1
        if found not in ("trained", "refused", "diverged"):
            wrong.append(f"{changes}: {found}")
    report(
        "runs with extreme values in `run.json` that ended otherwise than trained, refused or diverged in one line",
        f"{len(wrong)} of {ends.total()} ({ends['trained']} trained)",
    )
    assert not wrong, "\n".join(wrong)


def trained(words: list[str], directory: Path) -> str:
    """How training ended; where it did, all that was saved is finite."""
    try:
        parser.parse(words).run()
    except LowlevelCnnError as error:
        if not str(error).isprintable() or len(str(error)) > 1_000:
            return f"said {error!r:.300}"
        return "diverged" if isinstance(error, WorkError) else "refused"
    except BaseException as error:
        return f"raised {error!r:.300}"
    newest = listing.listed(directory)[-1].prefix
    finite = all(np.isfinite(value).all() for value in tensors(newest).values())
    return "trained" if finite else "saved what is not finite"
