"""`python -m benchmarks.tables`: writes the tables of docs/performance.md, in both languages, from performance.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import EVALUATION, SAVING, START, Row
from benchmarks.intervals import Interval
from benchmarks.networks import NETWORKS
from benchmarks.record import PATH
from benchmarks.tables_in_chinese import in_chinese
from benchmarks.train_step import CONTENDERS, OURS

PAGE, IN_CHINESE = Path("docs/performance.md"), Path("docs/performance.zh-CN.md")
_TITLES = {"avx512": "AVX-512", "avx512 held to avx2": "AVX-512 held to AVX2", "avx2": "AVX2"}

Kept = dict[str, dict[str, Any]]  # results by name


def main() -> None:
    """Puts each table between its markers."""
    kept: dict[str, Kept] = json.loads(PATH.read_text())
    tables = {name: table(kept) for name, table in TABLES.items()}
    write(PAGE, tables)
    write(IN_CHINESE, {name: [in_chinese(line) for line in lines] for name, lines in tables.items()})


def write(page: Path, tables: dict[str, list[str]]) -> None:
    """Put the lines of each table between its markers; where there are none, what is there stays."""
    text = page.read_text(encoding="utf-8")
    for name, lines in tables.items():
        begin, end = f"<!-- benchmarks.tables: {name} -->\n\n", "\n\n<!-- end -->"
        before, _, rest = text.partition(begin)
        old, _, after = rest.partition(end)
        text = before + begin + ("\n".join(lines) or old) + end + after
    page.write_text(text, encoding="utf-8")


def _step(kept: dict[str, Kept]) -> list[str]:
    columns = _with(kept, "train_step book-lenet", "floor_by_ours")
    names = list(dict.fromkeys(name for each in columns.values() for name in each["contenders"]))
    lines = _header(
        [""], [f"{title}: {each}" for title in columns for each in ("ms a step", "times ours", "test loss")]
    )
    for name in names if columns else ():
        cells = [cell for each in columns.values() for cell in _contender(each["contenders"].get(name))]
        lines.append(_line([name, *cells]))
    floors = [
        (_interval(each["gigaflops"], 0) + " GFLOP/s", _interval(each["floor_by_ours"], 2)) for each in columns.values()
    ]
    lines.append(_line(["matrix products alone", *(cell for pair in floors for cell in (*pair, ""))]))
    return lines if columns else []


def _contender(outcome: dict[str, Any] | None) -> Sequence[str]:
    if outcome is None:
        return "", "", ""
    return _interval(outcome["milliseconds"], 1), _times(outcome), f"{outcome['test_loss']:.3f}"


def _steps(kept: dict[str, Kept]) -> list[str]:
    names = [f"train_step {name}" for name in NETWORKS]
    measured = Counter(title for name in names for title in _with(kept, name, "gigaflops", "low"))
    # Where one network alone was measured, it is in the table of its variants.
    kinds = [title for title, networks in measured.items() if networks > 1]
    others = [each.name for each in CONTENDERS if each.name != OURS]
    columns = [
        f"{title}: {each}"
        for title in kinds
        for each in ("ours, ms a step", *(f"{name}, times ours" for name in others))
    ]
    lines = _header(["network"], columns)
    for name in names:
        cells, found = [], _with(kept, name, "gigaflops", "low")
        for title in kinds:
            by_name = found[title]["contenders"] if title in found else {}
            cells.append(_interval(by_name[OURS]["milliseconds"], 1) if by_name else "")
            cells += [_times(by_name[other]) if other in by_name else "" for other in others]
        lines.append(_line([f"`{name.removeprefix('train_step ')}`", *cells]))
    return lines if kinds else []


def _time_to_accuracy(kept: dict[str, Kept]) -> list[str]:
    columns = _with(kept, "time_to_accuracy", "seconds", "book-lenet-99")
    lines = _header([""], [f"{title}: {each}" for title in columns for each in ("seconds", "times ours")])
    for name in next(iter(columns.values()))["seconds"] if columns else ():
        cells = []
        for each in columns.values():
            taken, ours = (median(each["seconds"][one]) for one in (name, "book-lenet-99"))
            cells += [f"{taken:.0f}", f"{taken / ours:.1f}"]
        lines.append(_line([name, *cells]))
    return lines if columns else []


def _rows(name: str, rows: Sequence[Row]) -> Callable[[dict[str, Kept]], list[str]]:
    """A table with a row for each figure of a measurement, and a column for each machine."""

    def table(kept: dict[str, Kept]) -> list[str]:
        columns = _with(kept, name)
        lines = _header(["", "goal"], list(columns))
        return lines + [_line([what, goal, *(cell(each) for each in columns.values())]) for what, goal, cell in rows]

    return table


def _growth(part: str, what: str, text: Callable[[float], str]) -> Callable[[dict[str, Kept]], list[str]]:
    def table(kept: dict[str, Kept]) -> list[str]:
        columns = _with(kept, "growth")
        lines = _header([what], list(columns))
        for size in sorted(next(iter(columns.values()))[part], key=int):
            lines.append(_line([f"{int(size):,}", *(text(each[part][size]) for each in columns.values())]))
        return lines

    return table


def _with(kept: dict[str, Kept], name: str, *path: str) -> dict[str, dict[str, Any]]:
    """The results of a name by the titles of their machines, those alone in which a path of keys leads somewhere."""
    found = {}
    for kind, results in kept.items():
        value: Any = results.get(name)
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            found[_TITLES.get(kind, kind)] = results[name]
    return found


def _interval(kept: dict[str, float], digits: int) -> str:
    return Interval(**kept).text(digits)


def _times(outcome: dict[str, Any]) -> str:
    times = Interval(**outcome["times_ours"])
    return times.text(2) + (" =" if times.low <= 1 <= times.high and times.low < times.high else "")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _header(left: Sequence[str], right: Sequence[str]) -> list[str]:
    return [_line([*left, *right]), _line([*("---" for _ in left), *("---:" for _ in right)])]


TABLES: dict[str, Callable[[dict[str, Kept]], list[str]]] = {
    "step": _step,
    "steps": _steps,
    "time to accuracy": _time_to_accuracy,
    "evaluation": _rows("evaluation", EVALUATION),
    "start": _rows("start", START),
    "saving": _rows("saving", SAVING),
    "batches": _growth("batch", "images a batch, ms a step", lambda value: f"{value:.1f}"),
    "channels": _growth("channels", "times the channels, ms a step", lambda value: f"{value:.0f}"),
    "memory": _growth("megabytes", "training images, MB resident", lambda value: f"{value:.0f}"),
}


if __name__ == "__main__":
    main()
