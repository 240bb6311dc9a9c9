"""What the server answers, what it refuses, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.book_checkpoints import write_as_the_book_does
from helpers.commands_here import copied, write_checkpoint
from helpers.processes import files_in, tensors

from lowlevel_cnn.datasets.drawn_digits import draw
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.prediction.restored_model import RestoreOptions

pytest.importorskip("flask", reason="the page is served by Flask, which the extra `draw` installs")

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lowlevel_cnn.draw.collection import Collection
from lowlevel_cnn.draw.server import application
from lowlevel_cnn.draw.watched_run import WatchedRun, check_comparable

SAMPLE = "width=28&height=28&form=sample"
HERE = "127.0.0.1"
ASKED = ("runs", "checkpoints", "look", "history", "filter", "sample", "collect")


@pytest.fixture(scope="module")
def run(digit_run: Path, digit_data: Path) -> WatchedRun:
    return WatchedRun(RestoreOptions(checkpoint_dir=str(digit_run), data_dir=str(digit_data)))


@pytest.fixture(scope="module")
def client(run: WatchedRun) -> FlaskClient:
    return application([run], None, HERE).test_client()


@pytest.fixture(scope="module")
def seven() -> bytes:
    images, labels = draw(100, 5)
    return bytes(images[labels == 7][0].tobytes())


def header_of(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    length = int.from_bytes(response.data[:4], "little")
    found: dict[str, Any] = json.loads(response.data[4 : 4 + length])
    return found


def arrays_of(response: TestResponse) -> dict[str, np.ndarray]:
    header = header_of(response)
    place = 4 + int.from_bytes(response.data[:4], "little")
    found = {}
    for each in header["arrays"]:
        size = int(np.prod(each["shape"]))
        levels = np.frombuffer(response.data[place : place + size], np.uint8).reshape(each["shape"])
        found[each["name"]] = each["least"] + levels / 255 * (each["most"] - each["least"])
        place += size
    assert place == len(response.data)
    return found


def test_an_answer_holds_what_the_network_computes_within_half_a_level_of_a_byte(
    client: FlaskClient, run: WatchedRun, seven: bytes
) -> None:
    response = client.post(f"/api/look?{SAMPLE}&step=61&weights=raw", data=seven)
    header, arrays = header_of(response), arrays_of(response)
    image = (np.frombuffer(seven, np.uint8) / 255).astype(np.float32).reshape(28, 28, 1)
    view = run.views["raw"].look(run.kept(61), image)
    assert header["step"] == 61
    np.testing.assert_allclose(header["probabilities"]["raw"], view.probabilities, atol=1e-5)
    average = run.views["average"].probabilities(run.kept(61), image[np.newaxis])[0]
    np.testing.assert_allclose(header["probabilities"]["average"], average, atol=1e-5)
    expected = {"picture": image, "heat": view.heat}
    expected |= {layer.name: each for layer, each in zip(run.views["raw"].layers, view.activations, strict=True)}
    assert list(arrays) == list(expected)
    for name, values in expected.items():
        level = (max(values.max(), 0) - min(values.min(), 0)) / 255 + 1e-4
        np.testing.assert_allclose(arrays[name], values, atol=0.51 * level)


def test_the_history_has_the_probabilities_of_each_checkpoint(client: FlaskClient, seven: bytes) -> None:
    steps = client.post(f"/api/history?{SAMPLE}", data=seven).get_json()["steps"]
    assert [each["step"] for each in steps] == [1, 31, 61, 90]
    for each in steps:
        alone = header_of(client.post(f"/api/look?{SAMPLE}&step={each['step']}", data=seven))["probabilities"]
        for kind in ("average", "raw"):
            np.testing.assert_allclose(each[kind], alone[kind], rtol=1e-4)
    assert int(np.argmax(steps[-1]["average"])) == 7


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example:8028"}, {"Origin": "http://evil.example"}, {"Host": "8.8.8.8"}, {"Host": "["}]
)
def test_foreign_pages_are_refused_whatever_they_ask(client: FlaskClient, headers: dict[str, str]) -> None:
    for path in ("/", "/app.js", *(f"/api/{each}" for each in ASKED)):
        for method in ("GET", "POST"):
            assert client.open(path, method=method, headers=headers).status_code == 403, path


@pytest.mark.parametrize("host", ["127.0.0.1:8028", "localhost:8028", "[::1]:8028"])
def test_this_machine_s_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


def test_a_page_opened_to_a_network_is_answered_by_address_but_not_by_a_foreign_name(run: WatchedRun) -> None:
    client = application([run], None, "0.0.0.0").test_client()
    assert client.get("/", headers={"Host": "192.168.1.7:8028"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example:8028"}).status_code == 403


def test_nothing_that_the_server_sends_may_load_anything_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/", "/app.js", "/api/runs", "/no such page"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


def test_a_request_that_is_too_large_is_refused(client: FlaskClient) -> None:
    assert client.post("/api/look?width=2000&height=2000", data=bytes(4_000_000)).status_code == 413


@pytest.mark.parametrize(
    ("question", "body", "code", "why"),
    [
        ("look?width=28&height=28", b"too short", 415, "9 bytes are not a picture"),
        ("look?width=-28&height=-28", bytes(784), 415, "not a picture"),
        ("look?width=0&height=0", b"", 415, "not a picture"),
        ("look?width=10&height=10&form=sample", bytes(100), 415, "a sample has shape"),
        ("look?width=28&height=28&form=drawing", bytes(784), 415, "blank"),
        (f"look?{SAMPLE}&step=5", bytes(784), 422, "no checkpoint of step 5"),
        (f"look?{SAMPLE}&step=five", bytes(784), 400, "not an integer"),
        (f"look?{SAMPLE}&run=-1", bytes(784), 404, "no such run"),
        (f"look?{SAMPLE}&about=10", bytes(784), 404, "no such class"),
        (f"look?{SAMPLE}&weights=both", bytes(784), 404, "no such weights"),
        ("collect?width=28&height=28&label=7", bytes(784), 404, "--collect"),
    ],
)
def test_a_wrong_question_is_answered_in_one_line(
    client: FlaskClient, question: str, body: bytes, code: int, why: str
) -> None:
    response = client.post(f"/api/{question}", data=body)
    assert response.status_code == code
    assert why in response.get_json()["error"]


@pytest.mark.parametrize("place", ["layer=9&place=0", "layer=0&place=32"])
def test_a_map_that_does_not_exist_is_not_found(client: FlaskClient, place: str) -> None:
    assert client.get(f"/api/filter?{place}").status_code == 404


def test_the_page_s_folder_is_all_that_is_served(client: FlaskClient) -> None:
    for path in ("/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/etc/passwd", "/page/app.js"):
        assert client.get(path).status_code == 404, path


def test_samples_and_mistakes_are_the_test_set_s_own(client: FlaskClient, run: WatchedRun, digit_data: Path) -> None:
    found = client.get("/api/sample?number=2000000000000000000001")
    assert (header_of(found)["number"], header_of(found)["count"]) == (1, 200)
    np.testing.assert_allclose(arrays_of(found)["picture"], run.test.images[1], atol=0.5)
    images = (run.test.images / 255).astype(np.float32)
    expected = np.flatnonzero(run.views["average"].probabilities(run.kept(None), images).argmax(1) != run.test.labels)
    assert {3, 150} <= set(expected.tolist())
    number, found_numbers = 0, []
    for _ in expected:
        number = header_of(client.get(f"/api/sample?number={number}&wrong=1"))["number"]
        found_numbers.append(number)
        number += 1
    assert found_numbers == expected.tolist()
    assert header_of(client.get("/api/sample?number=199&wrong=1"))["number"] in (199, expected[0])


def test_without_the_data_a_line_says_how_to_get_it(
    digit_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    client = application([WatchedRun(RestoreOptions(checkpoint_dir=str(digit_run)))], None, HERE).test_client()
    response = client.get("/api/sample")
    assert response.status_code == 422
    assert "lowlevel-cnn data mnist" in response.get_json()["error"]


def test_a_labelled_drawing_is_written_where_its_class_belongs_and_nowhere_else(
    run: WatchedRun, tmp_path: Path
) -> None:
    folder = tmp_path / "collected"
    client = application([run], Collection(folder, ["0", "T-shirt/top", "..", *"3456789"]), HERE).test_client()
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30), np.uint8)
    codes = [
        client.post(f"/api/collect?width=30&height=20&label={label}", data=pixels.tobytes()).status_code
        for label in ("0", "1", "2", "1", "10", "-1", "../0")
    ]
    assert codes == [200, 200, 200, 200, 404, 404, 400]
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png"))
    assert [str(path.parent) for path in written] == [
        "collected/train/-", "collected/train/0", "collected/train/T-shirt-top", "collected/train/T-shirt-top",
    ]  # fmt: skip
    for path in written:
        np.testing.assert_array_equal(Decoder().read(tmp_path / path)[..., 0], pixels)


def test_looking_writes_nothing(client: FlaskClient, digit_run: Path, seven: bytes) -> None:
    before = files_in(digit_run)
    client.post(f"/api/history?{SAMPLE}", data=seven)
    assert files_in(digit_run) == before


def test_a_checkpoint_without_averages_is_shown_with_its_raw_weights(
    digit_run: Path, tmp_path: Path, seven: bytes
) -> None:
    values = tensors(digit_run / "model.ckpt-90")
    raw = {name: value for name, value in values.items() if name.endswith(("/weight", "/bias"))}
    write_checkpoint(tmp_path / "old" / "model.ckpt-90", raw)
    old = WatchedRun(RestoreOptions(checkpoint_dir=str(tmp_path / "old"), model="book-lenet"))
    client = application([old], None, HERE).test_client()
    response = client.post(f"/api/look?{SAMPLE}&weights=average", data=seven)
    assert "--weights raw" in response.get_json()["error"]
    assert client.get("/api/runs").get_json()["runs"][0]["weights"] == ["raw"]
    probabilities = header_of(client.post(f"/api/look?{SAMPLE}&weights=raw", data=seven))["probabilities"]
    assert probabilities["average"] is None
    assert int(np.argmax(probabilities["raw"])) == 7


def test_what_the_book_s_code_wrote_on_tensorflow_1_is_shown_with_both_kinds_of_weights(
    tmp_path: Path, seven: bytes
) -> None:
    write_as_the_book_does(tmp_path / "old", "model.ckpt", 1001)
    old = WatchedRun(RestoreOptions(checkpoint_dir=str(tmp_path / "old"), model="book-lenet"))
    client = application([old], None, HERE).test_client()
    described = client.get("/api/runs").get_json()
    assert described["steps"] == [[1001]]
    assert described["runs"][0]["weights"] == ["average", "raw"]
    probabilities = header_of(client.post(f"/api/look?{SAMPLE}", data=seven))["probabilities"]
    assert [sum(probabilities[kind]) for kind in ("average", "raw")] == pytest.approx([1, 1], abs=1e-5)


def test_two_runs_answer_about_the_same_picture(run: WatchedRun, digit_run: Path, tmp_path: Path, seven: bytes) -> None:
    other = WatchedRun(RestoreOptions(checkpoint_dir=str(copied(digit_run, tmp_path / "other", 1))))
    check_comparable(run, other)
    client = application([run, other], None, HERE).test_client()
    assert [each["title"] for each in client.get("/api/runs").get_json()["runs"]] == ["run", "other"]
    first = header_of(client.post(f"/api/look?{SAMPLE}", data=seven))
    second = header_of(client.post(f"/api/look?{SAMPLE}&run=1", data=seven))
    assert [(each["title"], each["step"]) for each in first["others"]] == [("other", 1)]
    np.testing.assert_allclose(first["others"][0]["probabilities"]["raw"], second["probabilities"]["raw"], rtol=1e-5)
    np.testing.assert_allclose(second["others"][0]["probabilities"]["raw"], first["probabilities"]["raw"], rtol=1e-5)


def test_runs_that_look_at_other_pictures_are_not_compared(run: WatchedRun, tmp_path: Path) -> None:
    other = WatchedRun(RestoreOptions(checkpoint_dir=str(tmp_path), model="mastering-cifar10-tf"))
    with pytest.raises(InputError, match="does not look at the same pictures"):
        check_comparable(run, other)


def test_a_photograph_is_shown_to_a_colour_network_as_its_middle_square(tmp_path: Path) -> None:
    other = WatchedRun(RestoreOptions(checkpoint_dir=str(tmp_path), model="mastering-cifar10-tf"))
    random = np.random.default_rng(1)
    shapes = {name: each.shape.as_list() for name, each in other.views["raw"]._network.variables.items()}
    write_checkpoint(
        tmp_path / "model.ckpt-1",
        {name: random.normal(0, 0.05, each).astype(np.float32) for name, each in shapes.items()},
    )
    photograph = np.zeros((64, 100, 3), np.uint8)
    photograph[:, 18:82] = (200, 100, 50)
    response = application([other], None, HERE).test_client().post(
        "/api/look?width=100&height=64&form=photograph&weights=raw", data=photograph.tobytes()
    )  # fmt: skip
    picture = arrays_of(response)["picture"]
    assert picture.shape == (32, 32, 3)
    np.testing.assert_allclose(picture, np.broadcast_to(np.array([200, 100, 50]) / 255, (32, 32, 3)), atol=0.01)
