"""Define the two ways in which a command fails; `__main__` prints either as one line and exits with its code."""


class LowlevelCnnError(Exception):
    """A failure that a user can act on; its message is the one line that the user reads."""

    exit_code = 1


class WorkError(LowlevelCnnError):
    """The work itself failed: training diverged, no good checkpoint. Exit code 1."""


class InputError(LowlevelCnnError):
    """The call or its input was wrong: a flag, a file, a directory. Exit code 2."""

    exit_code = 2
