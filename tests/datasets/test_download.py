"""Downloads, from a server on this machine: only the published bytes ever get the file's name."""

from __future__ import annotations

import gzip
import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.made_data import idx_bytes, made_images
from helpers.processes import PATIENCE

from lowlevel_cnn.datasets.download import PublishedFile, download
from lowlevel_cnn.datasets.idx import idx_checksum, read_idx
from lowlevel_cnn.errors import InputError

LABELS = made_images(50, seed=1)[1]
NAME = "labels.gz"
GOOD = gzip.compress(idx_bytes(LABELS))
FILE = PublishedFile(NAME, idx_checksum(LABELS), lambda path: idx_checksum(read_idx(path)), largest=10_000)


class Handler(BaseHTTPRequestHandler):
    """Answers /<what>/<file> in the way that <what> says."""

    asked: list[str]
    test_is_over: threading.Event

    def do_GET(self) -> None:
        what = self.path.split("/")[1]
        self.asked.append(what)
        if what == "missing":
            self.send_error(404)
        elif what in ("ftp", "file"):
            self.send_response(302)
            self.send_header("Location", f"{what}://127.0.0.1/etc/hostname")
            self.end_headers()
        elif what == "moved":
            self.send_response(302)
            self.send_header("Location", f"/good/{NAME}")
            self.end_headers()
        elif what == "silent":
            self.test_is_over.wait()
        elif what == "drip":
            self.answer(b"x", length=1_000)
            self.test_is_over.wait()
        elif what == "cut":
            self.answer(GOOD[:20], length=len(GOOD))
        elif what == "endless":
            self.answer(bytes(20_000), length=None)
        elif what == "huge":
            self.answer(b"", length=1 << 40)
        elif what == "garbage":
            self.wfile.write(b"this is not HTTP\r\n\r\n")
        else:
            bodies = {
                "good": GOOD,
                "plain": idx_bytes(LABELS),
                "other": gzip.compress(idx_bytes(LABELS[::-1])),
            }
            self.answer(bodies.get(what, b"wrong bytes"), length=None)

    def answer(self, body: bytes, length: int | None) -> None:
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        pass  # the client hangs up early in several tests


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base address of a running server."""
    monkeypatch.setenv("no_proxy", "*")
    Handler.asked, Handler.test_is_over = [], threading.Event()
    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.test_is_over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def refused(folder: Path, *mirrors: str, timeout: float = PATIENCE) -> str:
    with pytest.raises(InputError) as caught:
        download(FILE, mirrors, folder, timeout=timeout)
    assert not list(folder.iterdir()), "something was left behind"
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"cannot download {NAME}: ")
    assert "--data-dir" in message
    return message


@pytest.mark.parametrize("what", ["good", "moved", "plain"])
def test_a_good_file_arrives_complete_under_its_name(tmp_path: Path, server: str, what: str) -> None:
    path = download(FILE, [f"{server}/{what}/"], tmp_path / "new" / "folder")
    assert (read_idx(path) == LABELS).all()
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("missing", "404 Not Found"),
        ("wrong", "wrong checksum"),
        ("other", "wrong checksum"),
        ("cut", "cut off after 20 of"),
        ("endless", "more than the 10,000 bytes expected"),
        ("huge", "expected at most 10,000"),
        ("garbage", "this is not HTTP"),
        ("ftp", "ftp"),
        ("file", "file"),
    ],
)
def test_a_bad_answer_is_one_clear_error_and_leaves_nothing(
    tmp_path: Path, server: str, what: str, reason: str
) -> None:
    assert reason in refused(tmp_path, f"{server}/{what}")


def test_a_server_that_says_nothing_is_one_clear_error(tmp_path: Path, server: str) -> None:
    assert "no answer within 0.3 s" in refused(tmp_path, f"{server}/silent", timeout=0.3)


def test_a_server_that_sends_a_byte_now_and_then_is_one_clear_error(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock by which each piece takes an hour.
    hours = SimpleNamespace(monotonic=itertools.count(step=3600).__next__)
    monkeypatch.setattr("lowlevel_cnn.datasets.download.time", hours)
    assert "too slow: 1 bytes in 3600 s" in refused(tmp_path, f"{server}/drip")


def test_nobody_listening_is_one_clear_error(tmp_path: Path) -> None:
    assert "127.0.0.1:1/" in refused(tmp_path, "http://127.0.0.1:1")


@pytest.mark.parametrize("address", ["file:///etc", "ftp://127.0.0.1/x", "nonsense", "http://[", "http://a b/"])
def test_an_address_that_is_not_http_is_one_clear_error(tmp_path: Path, address: str) -> None:
    assert address in refused(tmp_path, address)


def test_the_second_mirror_helps_where_the_first_is_bad(tmp_path: Path, server: str) -> None:
    path = download(FILE, [f"{server}/cut", f"{server}/wrong", f"{server}/good"], tmp_path)
    assert path.read_bytes() == GOOD
    assert Handler.asked == ["cut", "wrong", "good"]


def test_when_all_mirrors_fail_each_reason_is_told(tmp_path: Path, server: str) -> None:
    message = refused(tmp_path, f"{server}/missing", f"{server}/cut")
    assert "404" in message
    assert "cut off" in message


def test_an_existing_good_file_is_neither_asked_for_nor_touched(tmp_path: Path, server: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(GOOD)
    before = path.stat()
    assert download(FILE, [f"{server}/good"], tmp_path) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert Handler.asked == []


def test_an_existing_damaged_file_is_replaced_only_by_a_good_one(tmp_path: Path, server: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"damaged")
    with pytest.raises(InputError):
        download(FILE, [f"{server}/wrong"], tmp_path)
    assert path.read_bytes() == b"damaged"
    download(FILE, [f"{server}/good"], tmp_path)
    assert path.read_bytes() == GOOD


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, server: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        download(FILE, [f"{server}/good"], tmp_path / "file" / "folder")
