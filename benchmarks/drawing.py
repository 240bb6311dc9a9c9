"""The page to draw on, seen from outside: how long a drawing's answer takes, and what an idle page costs.

python -m benchmarks.drawing [--rounds 300] [--data-dir DATA]

A trainer runs beside the second half of the answers, and the page waits for its checkpoints as a browser does.
"""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

import numpy as np

from benchmarks.commands import lowlevel_cnn, processor_seconds
from benchmarks.record import arguments, keep
from lowlevel_cnn.datasets.drawn_digits import draw

_IDLE_SECONDS = 30
_LOOK = "/api/look?run=0&weights=average&width=140&height=140&form=drawing&about=-1"


def main() -> None:
    """Prints the figures and keeps them."""
    flags = arguments(__doc__, rounds=300)
    where = ["--data-dir", flags.data_dir] if flags.data_dir else ["--dataset", "drawn-digits"]
    with tempfile.TemporaryDirectory() as folder:
        run = ["--model", "book-lenet-fast", *where, "--checkpoint-dir", f"{folder}/run"]
        lowlevel_cnn("train", *run, "--steps", "20", "--save-every", "10")
        with _started("draw", "--checkpoint-dir", f"{folder}/run", "--port", "0") as page:
            assert page.stdout is not None
            address = page.stdout.readline().strip().removeprefix("http://").rstrip("/")
            _seconds(address, 20)
            result: dict[str, Any] = {"alone": _percentiles(_seconds(address, flags.rounds))}
            result["idle_percent"] = _idle_percent(page, address)
            other = ["--model", "book-lenet-fast", *where, "--checkpoint-dir", f"{folder}/trainer"]
            with _started("train", *other, "--steps", "100000") as trainer:
                assert trainer.stdout is not None
                next(line for line in trainer.stdout if line.startswith("After 1 "))
                result["beside a trainer"] = _percentiles(_seconds(address, flags.rounds))
    _print(result)
    keep("drawing", result)


@contextlib.contextmanager
def _started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A running command, which is ended at the end."""
    command = [sys.executable, "-m", "lowlevel_cnn", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _drawings(count: int) -> Iterator[bytes]:
    """Digits as the page sends them: dark on white, 140 x 140 pixels, one after the other."""
    images, _ = draw(count, seed=7)
    for image in images[..., 0]:
        yield np.kron(255 - image, np.ones((5, 5), np.uint8)).tobytes()


def _seconds(address: str, count: int) -> list[float]:
    """The time of each answer, asked for one after the other by one connection."""
    connection = http.client.HTTPConnection(address)
    found = []
    for drawing in _drawings(count):
        began = time.perf_counter()
        connection.request("POST", _LOOK, drawing)
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        found.append(time.perf_counter() - began)
    return found


def _idle_percent(page: subprocess.Popen[str], address: str) -> float:
    """The share of a core that the server takes while a page is open on which nobody draws."""
    connection = http.client.HTTPConnection(address)
    connection.request("GET", "/api/checkpoints?seen=")
    seen = connection.getresponse().read().split(b'"seen":"')[1].split(b'"')[0].decode()
    waiting = threading.Thread(target=_wait, args=(address, seen), daemon=True)
    waiting.start()
    before, began = processor_seconds(page.pid), time.perf_counter()
    time.sleep(_IDLE_SECONDS)
    return 100 * (processor_seconds(page.pid) - before) / (time.perf_counter() - began)


def _wait(address: str, seen: str) -> None:
    """Waits for other checkpoints as the page does, until there are some or the server has ended."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            connection = http.client.HTTPConnection(address)
            connection.request("GET", f"/api/checkpoints?seen={seen}")
            if seen.encode() not in connection.getresponse().read():
                return


def _percentiles(seconds: list[float]) -> dict[str, float]:
    places = quantiles(seconds, n=100)
    return {"p50_ms": 1000 * places[49], "p95_ms": 1000 * places[94]}


def _print(result: dict[str, Any]) -> None:
    for name in ("alone", "beside a trainer"):
        found = result[name]
        print(f"a drawing's answer, {name}: {found['p50_ms']:.1f} ms (p50), {found['p95_ms']:.1f} ms (p95)")
    print(f"an open page on which nobody draws: {result['idle_percent']:.2f} % of a core")


if __name__ == "__main__":
    main()
