"""`metrics.jsonl`: rows come back as they were written, and no line that stands between them stops the reader."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lowlevel_cnn.runs import metrics
from lowlevel_cnn.runs.metrics import Row

ROW = Row(1001, "validation", "average", 0.9718, 0.1043, 5000, 1.25, "2024-05-01T12:00:00+00:00")
NEXT = replace(ROW, step=2001, accuracy=0.98)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.builds(
    Row,
    step=st.integers(0, 2**62),
    split=st.just("validation"),
    weights=st.just("average"),
    accuracy=st.floats(0, 1),
    loss=NUMBERS,
    images=st.integers(0),
    seconds=NUMBERS,
    time=st.text(),
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def text_of(row: Row, **changes: Any) -> bytes:
    return json.dumps({**asdict(row), **changes}).encode()


def file_with(directory: Path, content: bytes) -> Path:
    path = metrics.path(directory, "validation")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read_between(line: bytes) -> list[Row]:
    """What is read of a file with this line between two rows."""
    with tempfile.TemporaryDirectory() as name:
        file_with(Path(name), text_of(ROW) + b"\n" + line + b"\n" + text_of(NEXT) + b"\n")
        return metrics.read(Path(name), "validation", "average")


def test_there_are_no_rows_before_the_first(tmp_path: Path) -> None:
    assert metrics.read(tmp_path, "validation", "average") == []
    assert metrics.read(tmp_path / "missing", "validation", "average") == []
    (tmp_path / "file").touch()
    assert metrics.read(tmp_path / "file", "validation", "average") == []


@settings(deadline=None, max_examples=50)
@given(st.lists(ROWS, max_size=4))
def test_rows_are_read_as_they_were_appended(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name:
        for row in rows:
            metrics.append(Path(name), row)
        assert metrics.read(Path(name), "validation", "average") == rows


def test_the_kinds_of_weights_and_the_splits_are_kept_apart(tmp_path: Path) -> None:
    rows = [replace(ROW, split=split, weights=kind) for split in ("validation", "test") for kind in ("average", "raw")]
    for row in rows:
        metrics.append(tmp_path, row)
    for row in rows:
        assert metrics.read(tmp_path, row.split, row.weights) == [row]
    lines = metrics.path(tmp_path, "test").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [asdict(row) for row in rows if row.split == "test"]


def test_the_trainers_rows_of_repeated_steps_count_once(tmp_path: Path) -> None:
    for step, loss in ((1, 3.0), (11, 2.0), (21, 1.5), (31, 1.0), (18, 1.75), (25, 1.25), (25, 1.125), (32, 0.5)):
        metrics.append_training(tmp_path, step, loss)
    found = [(row.step, row.loss) for row in metrics.read_training(tmp_path)]
    assert found == [(1, 3.0), (11, 2.0), (18, 1.75), (25, 1.125), (32, 0.5)]
    assert metrics.read_training(tmp_path / "missing") == []


@pytest.mark.parametrize("kept", [1, 20, len(text_of(NEXT)) - 1])
def test_half_a_line_left_by_a_crash_is_passed_over_and_not_written_on(tmp_path: Path, kept: int) -> None:
    path = file_with(tmp_path, text_of(ROW) + b"\n" + text_of(NEXT)[:kept])
    assert metrics.read(tmp_path, "validation", "average") == [ROW]
    metrics.append(tmp_path, NEXT)
    assert metrics.read(tmp_path, "validation", "average") == [ROW, NEXT]
    assert path.read_bytes() == text_of(ROW) + b"\n" + text_of(NEXT)[:kept] + b"\n" + text_of(NEXT) + b"\n"


def test_a_whole_line_that_lacks_only_its_end_still_counts(tmp_path: Path) -> None:
    file_with(tmp_path, text_of(ROW))
    assert metrics.read(tmp_path, "validation", "average") == [ROW]
    metrics.append(tmp_path, NEXT)
    assert metrics.read(tmp_path, "validation", "average") == [ROW, NEXT]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"[1, 2]",
        b'"text"',
        b"{}",
        b"\xff\xfe\x00",
        b"\x00" * 4096,
        b"[" * 100_000,
        b'{"step": ' * 5_000,
        b"9" * 10_000,
        text_of(ROW, step="1001"),
        text_of(ROW, step=1001.0),
        text_of(ROW, step=True),
        text_of(ROW, step=None),
        text_of(ROW, accuracy=[0.9]),
        text_of(ROW, time=5),
        text_of(ROW, weights=["average"]),
        text_of(ROW, another="field"),
        text_of(ROW)[1:],
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_line_that_is_not_a_row_is_passed_over(line: bytes) -> None:
    assert read_between(line) == [ROW, NEXT]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60))
@example(b"\r\x0b\x0c\x1c\x85")
def test_arbitrary_bytes_between_two_rows_do_not_hide_the_rows(line: bytes) -> None:
    assert read_between(line) == [ROW, NEXT]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(asdict(ROW))), ANY_JSON)
def test_any_value_in_a_field_leaves_the_other_rows_readable(field: str, value: Any) -> None:
    rows = read_between(text_of(ROW, **{field: value}))
    assert (rows[0], rows[-1]) == (ROW, NEXT)
    for row in rows:
        assert type(row.step) is int
        assert row.weights == "average"
