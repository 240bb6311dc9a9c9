"""Tell that a program was written for Python 2, by what Python 3 says of it."""

from __future__ import annotations

import re
import traceback

from lowlevel_cnn.tf1 import reader

_NAMES = (
    *("basestring", "cmp", "execfile", "file", "long", "raw_input", "reduce", "reload", "unichr", "unicode", "xrange"),
    *("ConfigParser", "Queue", "StringIO", "Tkinter", "cPickle", "cStringIO", "urllib2", "urlparse", "commands"),
)
# What was right in Python 2 and is no syntax in Python 3.
_SYNTAX = {
    "a print statement": re.compile(r"(?:.*[:;])?\s*print(?:\s+[^\s=(.]|\s*>>|\s*$)"),
    "an exec statement": re.compile(r"\s*exec\s+[\w'\"]"),
    "an except clause with a comma": re.compile(r"\s*except\b[^:]*,\s*\w+\s*:"),
    "a raise statement with a comma": re.compile(r"\s*raise\s+[\w.]+\s*,"),
    "a number that ends in L": re.compile(r".*\b\d+[lL]\b"),
    "a number that begins with 0": re.compile(r".*\b0[0-7]+\b"),
    "the operator <>": re.compile(r".*<>"),
    "backquotes": re.compile(r".*`.+`"),
}


def remark(error: BaseException) -> str:
    """What to say of an error that Python 2 would not have raised: where, why and what to do; else nothing."""
    if isinstance(error, SyntaxError):
        file, number, what = error.filename or "", error.lineno, _statement(error)
    else:
        file, number = _place(error)
        what = error.name if isinstance(error, NameError | ModuleNotFoundError) and error.name in _NAMES else ""
    if not what or not reader.is_the_readers(file):
        return ""
    shown = reader.place(file, None)
    convert = f"2to3 -w {shown}" if shown.endswith(".py") else "2to3 on the code in it"
    where = reader.place(file, number)
    return f"{where}: {what} is Python 2; convert the file first: {convert} (2to3 comes with Python up to 3.12)"


def _statement(error: SyntaxError) -> str:
    """Which syntax of Python 2 stands where Python 3 stopped; it may say so at the line's end."""
    if isinstance(error, TabError):
        return "a mixture of tabs and spaces"
    line = error.text or ""
    return next((what for what, pattern in _SYNTAX.items() if pattern.match(line)), "")


def _place(error: BaseException) -> tuple[str, int | None]:
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not reader.is_ours(each.filename)]
    readers = [each for each in frames if reader.is_the_readers(each.filename)]
    return (readers[-1].filename, readers[-1].lineno) if readers else ("", None)
