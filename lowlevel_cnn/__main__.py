"""The command line: parses, imports the one module that the command needs, prints errors as one line.

`lowlevel-cnn COMMAND` and `python -m lowlevel_cnn COMMAND` are the same.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lowlevel_cnn.errors import LowlevelCnnError
from lowlevel_cnn.interrupts import end_at_once
from lowlevel_cnn.messages import note


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0 done; 1 the work failed; 2 the call or its input was wrong."""
    end_at_once()
    # Not before: signals should find their handlers as early as they can.
    from lowlevel_cnn import checkpoints, flags

    # A stream that the caller has closed is None.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Chinese shows the sources' titles as escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parsed = flags.parse(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(parsed)
        sys.stdout.flush()
        return code
    except LowlevelCnnError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does. What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or error}", 1)
    except MemoryError:
        return _fail("there is not enough memory; a smaller --batch-size needs less", 1)
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            return _fail(f"TensorFlow: {checkpoints.cause(error)}", 1)
        raise


def _run(parsed: argparse.Namespace) -> int:
    module, function = parsed.function.split(":")
    code: int = getattr(importlib.import_module(f"lowlevel_cnn.{module}"), function)(parsed)
    return code


def _fail(message: str, code: int) -> int:
    note(f"error: {message}")
    return code


if __name__ == "__main__":
    sys.exit(main())
