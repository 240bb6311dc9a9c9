"""What a function of the Python interface raises: `InputError` and `WorkError`, with the names of its arguments."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from lowlevel_cnn.errors import InputError, LowlevelCnnError, WorkError
from lowlevel_cnn.tensorflow_v1 import cause

_FLAG = re.compile(r"(?<![^\s(`])--(?P<name>[a-z]+(?:-[a-z]+)*)")
# The flags that have another name in Python.
_ARGUMENTS = {"checkpoint-dir": "directory", "fresh": "fresh=True"}


@contextlib.contextmanager
def python_errors() -> Iterator[None]:
    """Give errors the names of arguments in place of those of flags, and turn TensorFlow's into `WorkError`."""
    try:
        yield
    except LowlevelCnnError as error:
        error.args = (_FLAG.sub(_argument, str(error)).replace("the flag", "the argument"),)
        raise
    except MemoryError:
        raise WorkError("not enough memory; try a smaller batch_size") from None
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            raise WorkError(f"TensorFlow: {cause(error)}") from error
        raise


def check_whole_number(least: int, **arguments: object) -> None:
    """Check that arguments are whole numbers; None stands for a default.

    Raises:
        InputError: one is not, or is below `least`.
    """
    for name, value in arguments.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            raise InputError(f"{name} is {value!r}; give a whole number of at least {least}")


def check_choice(choices: tuple[str, ...], **arguments: object) -> None:
    """Check that arguments are one of some words; None stands for a default.

    Raises:
        InputError: one is not.
    """
    for name, value in arguments.items():
        if value is not None and value not in choices:
            raise InputError(f"{name} is {value!r}; choose one of {', '.join(choices)}")


def _argument(flag: re.Match[str]) -> str:
    return _ARGUMENTS.get(flag["name"], flag["name"].replace("-", "_"))
