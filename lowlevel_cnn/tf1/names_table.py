"""The table of old names in `docs/your_old_code.md`, made of the tables that `tf1` itself goes by.

python -m lowlevel_cnn.tf1.names_table
"""

from __future__ import annotations

from collections.abc import Iterator

from lowlevel_cnn.tf1 import names, old_calls, replacements

HEADINGS = {
    "en": (
        ("given back", "in new code"),
        ("renamed, or with other arguments before 1.0", "today"),
        ("gone", "since", "instead"),
    ),
    "zh": (("由本项目补上", "新代码中"), ("改名，或 1.0 之前参数不同", "现在"), ("已不存在", "自版本", "替代")),
}


def markdown(language: str = "en") -> str:
    """Return the table in Markdown: modules that are given back, renamed names, and names that are gone.

    Args:
        language: of the headings, `en` or `zh`.
    """
    rows = (_given_back(), _renamed(), _gone())
    return "\n\n".join("\n".join(_table(heading, each)) for heading, each in zip(HEADINGS[language], rows, strict=True))


def _given_back() -> Iterator[tuple[str, ...]]:
    for path in names.AREAS:
        yield f"`tf.{path}`", replacements.today(path)


def _renamed() -> Iterator[tuple[str, ...]]:
    for path in old_calls.CALLS:
        today = replacements.today(path) if path in old_calls.GIVEN_BACK else f"tf.{path}"
        yield f"`tf.{path}`", f"`{today}`"
    for path, today in names.RENAMED.items():
        yield f"`tf.{path}`", f"`tf.{today}`"


def _gone() -> Iterator[tuple[str, ...]]:
    for path, (since, instead) in replacements.gone_names().items():
        if not any(f"{path}." == f"{each}." or f"{each}.".startswith(f"{path}.") for each in names.AREAS):
            yield f"`tf.{path}{'...' if path.endswith('_') else ''}`", since, instead


def _table(heading: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield "|" + " --- |" * len(heading)
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    print(markdown())
