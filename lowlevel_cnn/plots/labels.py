"""Label runs in a picture: with short, distinct names, in characters that an installed font has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import font_manager, rcParams

# Included in matplotlib.
_FONT = "DejaVu Sans"
# Fonts with Chinese characters, by their names on the systems that have them.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "SimSun",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Arial Unicode MS",
    "AR PL UMing CN",
    "AR PL UKai CN",
    "Unifont",
)


def of_directories(directories: Sequence[Path]) -> list[str]:
    """Return a name for each directory: its own, preceded by parent folders if several have the same name."""
    paths = [directory.absolute().parts for directory in directories]
    return ["/".join(_shortest_end(path, [other for other in paths if other != path])) for path in paths]


def _shortest_end(path: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    for length in range(1, len(path)):
        if all(other[-length:] != path[-length:] for other in others):
            return path[-length:]
    return path


def font_families(text: str) -> list[str]:
    """Return matplotlib's own font and, if it lacks characters of the text, the best installed Chinese font."""
    lacking = set(map(ord, text)) - _characters_of(_FONT)
    installed = {font.name for font in font_manager.fontManager.ttflist}
    candidates = [name for name in _CHINESE if name in installed] if lacking else []
    best = max(candidates, key=lambda name: len(lacking & _characters_of(name)), default=_FONT)
    return [_FONT] if not lacking & _characters_of(best) else [_FONT, best]


def displayable(text: str, families: Sequence[str]) -> str:
    """Return the text, with escapes such as `\\u8bad` for characters that none of these fonts has."""
    known = set().union(*map(_characters_of, families))
    return "".join(
        each if each.isprintable() and ord(each) in known else each.encode("unicode_escape").decode() for each in text
    )


def in_drawing_fonts(texts: Sequence[str]) -> tuple[str, ...]:
    """Return texts as `displayable` does, and let the current drawing fonts include one for their characters."""
    families = list(rcParams["font.family"])
    more = [each for each in font_families("".join(texts)) if each not in (_FONT, *families)]
    if more:
        rcParams["font.family"] = families = [*families, *more]
    return tuple(displayable(each, families) for each in texts)


def wrapped(text: str, inches: float, size: float) -> str:
    """Wrap a text into lines of at most `inches` at a font size of `size` points, at spaces if possible.

    The width is measured in the current drawing fonts, so that nothing is cut off.
    """
    font = font_manager.get_font([font_manager.findfont(each) for each in rcParams["font.family"]])
    font.set_size(size, 72)

    def fits(line: str) -> bool:
        font.set_text(line)
        return font.get_width_height()[0] / 64 / 72 <= inches

    lines = []
    while not fits(text):
        length = next((each for each in range(len(text) - 1, 0, -1) if fits(text[:each])), 1)
        length = text.rfind(" ", 1, length + 1) if " " in text[1 : length + 1] else length
        lines.append(text[:length])
        text = text[length:].lstrip()
    return "\n".join([*lines, text])


def _characters_of(family: str) -> set[int]:
    found = font_manager.findfont(font_manager.FontProperties(family=[family]), fallback_to_default=False)
    return set(font_manager.get_font(found).get_charmap())
