"""What a script fetches from the addresses of MNIST comes from our data."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.made_data import write_mnist
from helpers.tf1_scripts import write

NAME = "t10k-labels-idx1-ubyte.gz"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://yann.lecun.com/exdb/mnist/", "mnist"),
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", "fashion-mnist"),
    ],
)
def test_a_script_gets_the_files_of_a_dead_address_from_our_data(
    url: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mnist(tmp_path / "data/mnist", count_train=20, count_test=10)
    write_mnist(tmp_path / "data/fashion-mnist", count_train=20, count_test=12)
    script = write(
        tmp_path / "fetch.py",
        "import urllib.request",
        f"path, _ = urllib.request.urlretrieve({url + NAME!r}, {str(tmp_path / NAME)!r})",
        f"assert open(path, 'rb').read() == urllib.request.urlopen({url + NAME!r}).read()",
    )
    real = urllib.request.urlretrieve
    assert run_here("tf1", "--data-dir", tmp_path / "data", script) == 0
    assert (tmp_path / NAME).read_bytes() == (tmp_path / "data" / name / NAME).read_bytes()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and f"fetch.py, line 2: {url}{NAME}: taken from {tmp_path / 'data' / name / NAME}" in said[0]
    assert urllib.request.urlretrieve is real


def test_other_addresses_are_fetched_as_always(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    address = (tmp_path / NAME).as_uri()
    script = write(
        tmp_path / "fetch.py", "import urllib.request", f"print(urllib.request.urlopen({address!r}).read() == b'mine')"
    )
    assert run_here("tf1", script) == 0
