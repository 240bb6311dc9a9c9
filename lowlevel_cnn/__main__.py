"""The command line: parses, imports the one module that the command needs, prints errors as one line.

`lowlevel-cnn COMMAND` and `python -m lowlevel_cnn COMMAND` are the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lowlevel_cnn.commands.console import exit_code_of, run_as_process
from lowlevel_cnn.errors import WorkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code: 0 done; 1 the work failed; 2 the call or its input was wrong.

    For programs and notebooks: it leaves the process as it is, but for the oneDNN switch where TensorFlow was not
    imported before. Ctrl-C raises `KeyboardInterrupt`; training in the main thread saves first (`DeferredInterrupt`).

    Args:
        arguments: the words of the command line, such as `["eval", "--once"]`; by default the process's own.
    """
    return exit_code_of(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def console_script(*command: str) -> int:
    """`lowlevel-cnn`: `main` as a process of its own.

    Args:
        command: stands before the process's own arguments.
    """
    return run_as_process(lambda: main([*command, *sys.argv[1:]]))


def _run(arguments: Sequence[str]) -> int:
    # Not before: signals should find their handlers as early as they can.
    from lowlevel_cnn.commands import parser
    from lowlevel_cnn.tensorflow_v1 import cause

    call = parser.parse(arguments)
    try:
        return call.run()
    except MemoryError:
        if not hasattr(call.options, "batch_size"):
            raise
        raise WorkError("there is not enough memory; a smaller --batch-size needs less") from None
    except Exception as error:
        if type(error).__module__.startswith("tensorflow."):
            raise WorkError(f"TensorFlow: {cause(error)}") from None
        raise


if __name__ == "__main__":
    sys.exit(console_script())
