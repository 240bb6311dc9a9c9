"""The rows of `reproduce`, and the tables made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowlevel_cnn import models
from lowlevel_cnn.commands import results_table
from lowlevel_cnn.commands.results_table import Result
from lowlevel_cnn.errors import InputError


def result(model: str, seed: int, accuracy: float, seconds: float | None = 1.4) -> Result:
    return Result(model, seed, 100, accuracy, accuracy - 0.01, seconds, {"python": "3.11"}, {"onednn": "1"}, "0" * 32)


RESULTS = st.builds(
    Result,
    model=st.sampled_from(models.all_names()),
    seed=st.integers(0, 2**31),
    steps=st.integers(0, 2**31),
    accuracy_average=st.floats(0, 1),
    accuracy_raw=st.floats(0, 1),
    seconds=st.none() | st.floats(0, 1e9),
    versions=st.dictionaries(st.text(), st.text()),
    speed=st.dictionaries(st.text(), st.text() | st.integers(0, 99)),
    data_checksum=st.text(),
)


@given(st.lists(RESULTS, max_size=4))
def test_rows_are_read_as_they_were_appended(tmp_path_factory: pytest.TempPathFactory, rows: list[Result]) -> None:
    path = tmp_path_factory.mktemp("rows") / "folder" / "rows.jsonl"
    for row in rows:
        results_table.append(path, row)
    assert results_table.read(path) == rows


def test_the_rows_that_come_with_the_package_are_sound_and_of_every_model() -> None:
    rows = results_table.shipped()
    assert {row.model for row in rows} == set(models.all_names())
    assert len({(row.model, row.seed) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "line", ["{}", "[]", "null", "nonsense", '{"model": "lenet-5"}', "[" * 100_000], ids=lambda line: line[:10]
)
def test_a_line_that_is_no_row_is_refused_by_its_number(line: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    results_table.append(path, result("lenet-5", 0, 0.5))
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match=rf"--rows {path}: line 2 is not a row of results"):
        results_table.read(path)


def test_the_table_has_median_lowest_and_highest_and_says_what_was_not_run() -> None:
    rows = [result("lenet-5", seed, accuracy) for seed, accuracy in ((2, 0.97), (0, 0.99), (1, 0.95))]
    lines = results_table.markdown(rows).splitlines()
    [lenet] = [line for line in lines if line.startswith("| `lenet-5` | mnist")]
    assert lenet == "| `lenet-5` | mnist | 99.20% | 97.00% | 95.00% | 99.00% | 3 |"
    [book] = [line for line in lines if line.startswith("| `book-lenet` | mnist")]
    assert book == "| `book-lenet` | mnist | 99.40% | not run yet |  |  | 0 |"


def test_every_run_is_listed_in_the_order_of_models_and_seeds_an_interrupted_one_without_its_time() -> None:
    rows = [result("fashion-cnn", 0, 0.9), result("lenet-5", 1, 0.95, None), result("lenet-5", 0, 0.99)]
    lines = results_table.markdown(rows).splitlines()
    assert lines[-3:] == [
        "| `lenet-5` | 0 | 100 | 99.00% | 98.00% | 1 |",
        "| `lenet-5` | 1 | 100 | 95.00% | 94.00% | interrupted |",
        "| `fashion-cnn` | 0 | 100 | 90.00% | 89.00% | 1 |",
    ]
