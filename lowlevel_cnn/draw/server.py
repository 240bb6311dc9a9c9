"""Serve the page and its answers, with Flask and the server that comes with it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lowlevel_cnn.draw.answers import Answers
from lowlevel_cnn.draw.collection import Collection
from lowlevel_cnn.draw.guard import guard
from lowlevel_cnn.draw.watched_run import WatchedRun
from lowlevel_cnn.errors import InputError, LowlevelCnnError

PAGE = Path(__file__).parent / "page"


def application(runs: Sequence[WatchedRun], collection: Collection | None, host: str) -> Flask:
    """Return the application that answers the page.

    Args:
        runs: the run, and the one to compare it with, if any.
        collection: where labelled drawings go, if anywhere.
        host: where it listens.
    """
    app = Flask(__name__, static_folder=str(PAGE), static_url_path="")
    guard(app, host)
    answers = Answers(runs, collection)
    app.add_url_rule("/", "index", lambda: app.send_static_file("index.html"))
    for asked in (answers.runs, answers.checkpoints, answers.filter, answers.sample):
        app.add_url_rule(f"/api/{asked.__name__}", view_func=asked)
    for given in (answers.look, answers.history, answers.collect):
        app.add_url_rule(f"/api/{given.__name__}", view_func=given, methods=["POST"])

    # What a person can do something about is shown on the page, in one line.
    @app.errorhandler(LowlevelCnnError)
    def failed(error: LowlevelCnnError) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, 422

    @app.errorhandler(OSError)
    def unwritten(error: OSError) -> tuple[dict[str, str], int]:
        return {"error": f"{error.filename or 'output'}: {error.strerror or error}"}, 500

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[dict[str, str | None], int] | HTTPException:
        return error if error.code is None else ({"error": error.description}, error.code)

    return app


class _Quiet(WSGIRequestHandler):
    """Handles requests without a line on the terminal for each."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any free one.

    Raises:
        InputError: the port is in use, or the address is not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        flag = "--host" if isinstance(error, socket.gaierror) else "--port"
        value = host if flag == "--host" else port
        raise InputError(f"{flag} {value}: cannot listen there ({error.strerror}); choose another") from None


def server(app: Flask, at: socket.socket) -> BaseWSGIServer:
    """Return the server of an application, which handles each request in a thread."""
    host, port = at.getsockname()[:2]
    return make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=at.fileno())


def address(at: socket.socket) -> str:
    """Return the address of the page for a browser on this machine."""
    host, port = at.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
