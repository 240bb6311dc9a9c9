"""The command `draw`: serve a page on which one draws a picture and sees what the run's network makes of it."""

from __future__ import annotations

import argparse
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from lowlevel_cnn.commands.command import Command, options_from_flags
from lowlevel_cnn.commands.flag_types import path_name, whole_number
from lowlevel_cnn.commands.shared_flags import add_model_flag
from lowlevel_cnn.draw import require_flask
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.prediction.restored_model import RestoreOptions
from lowlevel_cnn.runs import run_record
from lowlevel_cnn.system.messages import note

_PORT = 8028
_LAST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """The options of `draw`.

    Attributes:
        checkpoint_dir: the run directory, or one of its checkpoints.
        compare: another run whose answers are shown beside it.
        model: the network of checkpoints without a `run.json`.
        data_dir: see `datasets.folder`.
        collect: the folder for labelled drawings.
        host: the address to listen at.
        port: 0 is any free one.
        open: whether to open the page in a browser.
    """

    checkpoint_dir: str
    compare: str | None = None
    model: str | None = None
    data_dir: str | None = None
    collect: str | None = None
    host: str = "127.0.0.1"
    port: int = _PORT
    open: bool = False

    def of_run(self, directory: str) -> RestoreOptions:
        """Return the options of one of the runs; a run that knows its own network needs no `model`."""
        knows = directory == self.compare and run_record.read(Path(directory)) is not None
        return RestoreOptions(checkpoint_dir=directory, model=None if knows else self.model, data_dir=self.data_dir)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add all flags of the command."""
    parser.add_argument("--checkpoint-dir", type=path_name, metavar="DIR", required=True, help="the run directory")
    parser.add_argument(
        "--compare", type=path_name, metavar="DIR", help="another run, whose answers are shown beside the first one's"
    )
    add_model_flag(parser)
    parser.add_argument(
        "--data-dir",
        type=path_name,
        metavar="DIR",
        help="a folder with the run's data set, for its test images; nothing is downloaded",
    )
    parser.add_argument(
        "--collect",
        type=path_name,
        metavar="DIR",
        help="the folder to which labelled drawings are added; it is created if necessary",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen at; any but a loopback address opens the page to the network (default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        type=whole_number(0),
        default=_PORT,
        help=f"the port to listen at; 0: any that is free (default: {_PORT})",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def draw(options: DrawOptions) -> int:
    """Serve the page until a signal ends the process.

    Raises:
        InputError: Flask is not installed, a directory is wrong, the runs cannot be compared, or the port is in use.
    """
    require_flask()
    if options.port > _LAST_PORT:
        raise InputError(f"--port {options.port}: is above {_LAST_PORT}; choose a lower one")
    selected = [options.of_run(each) for each in (options.checkpoint_dir, options.compare) if each is not None]
    for each in selected:
        each.model_and_dataset()
    collect = Path(options.collect) if options.collect else None
    if collect and collect.exists() and not collect.is_dir():
        raise InputError(f"--collect {collect}: is a file; give a folder")
    # Imported late: what is wrong so far is said without waiting for TensorFlow.
    from lowlevel_cnn.draw import server
    from lowlevel_cnn.draw.collection import Collection
    from lowlevel_cnn.draw.watched_run import WatchedRun, check_comparable

    with server.listening(options.host, options.port) as listening:
        runs = [WatchedRun(each) for each in selected]
        for other in runs[1:]:
            check_comparable(runs[0], other)
        collection = Collection(collect, runs[0].class_names) if collect else None
        with server.server(server.application(runs, collection, options.host), listening) as serving:
            address = server.address(listening)
            print(address, flush=True)
            note("Ctrl-C ends it")
            if options.open:
                webbrowser.open(address)
            serving.serve_forever()
    return 0


COMMAND = Command(add_flags, options_from_flags(DrawOptions), draw)
