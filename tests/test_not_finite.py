"""Values that are infinite or not a number: they never pass as results, and what is printed as JSON is JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from lowlevel_cnn import metrics, strict_json

NUMBERS = [1.5, math.nan, math.inf, -math.inf]


def strictly(text: str | bytes) -> Any:
    """What a JSON text holds; fails on what only Python takes for JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_what_is_not_finite_is_null_in_json_however_deep_it_stands() -> None:
    value = {"list": NUMBERS, "inner": {"pairs": [(math.nan, 1)]}, "text": "NaN", "number": 2**70}
    expected = {"list": [1.5, None, None, None], "inner": {"pairs": [[None, 1]]}, "text": "NaN", "number": 2**70}
    assert strictly(strict_json.dumps(value)) == expected


def test_a_row_with_a_loss_that_is_not_finite_does_not_count_as_a_score(tmp_path: Path) -> None:
    good = metrics.Row(2, "validation", "average", 0.9, 0.2, 50, 0.1, "2026-01-01T00:00:00+00:00")
    path = metrics.path(tmp_path, "validation")
    metrics.append(tmp_path, good)
    metrics.append(tmp_path, metrics.Row(3, "validation", "average", 0.1, math.nan, 50, 0.1, "now"))
    # As evaluators wrote it before.
    with path.open("a") as file:
        file.write(path.read_text().splitlines()[0].replace("0.2,", "NaN,") + "\n")
    assert [strictly(line)["loss"] for line in path.read_bytes().splitlines()[:2]] == [0.2, None]
    assert metrics.read(tmp_path, "validation", "average") == [good]
