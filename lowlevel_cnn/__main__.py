"""Run the command line: parse it, import the one module that the command needs, and print errors as one line.

`lowlevel-cnn COMMAND` and `python -m lowlevel_cnn COMMAND` are the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lowlevel_cnn.commands.console import exit_code_of, run_as_process
from lowlevel_cnn.errors import WorkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0: done; 1: the work failed; 2: the call or its input was wrong.

    For programs and notebooks: it leaves the process as it is, except for the oneDNN switch if TensorFlow was not
    imported before. Ctrl-C raises `KeyboardInterrupt`; training in the main thread saves first (`DeferredInterrupt`).

    Args:
        arguments: the command line, such as `["eval", "--once"]`; by default the process's own.
    """
    return exit_code_of(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def console_script(*command: str) -> int:
    """Run `main` as a process of its own: the `lowlevel-cnn` script.

    Args:
        command: words to put before the process's own arguments.
    """
    return run_as_process(lambda: main([*command, *sys.argv[1:]]))


def _run(arguments: Sequence[str]) -> int:
    # Imported late: the signal handlers should be installed as early as possible.
    from lowlevel_cnn.commands import parser
    from lowlevel_cnn.tensorflow_v1 import cause

    call = parser.parse(arguments)
    try:
        return call.run()
    except MemoryError:
        if not hasattr(call.options, "batch_size"):
            raise
        raise WorkError("not enough memory; try a smaller --batch-size") from None
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            raise WorkError(f"TensorFlow: {cause(error)}") from None
        raise


if __name__ == "__main__":
    sys.exit(console_script())
