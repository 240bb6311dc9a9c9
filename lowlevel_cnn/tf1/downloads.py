"""Addresses of the data sets, some of which are dead: what a script fetches from there is taken from our data."""

from __future__ import annotations

import functools
import io
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from lowlevel_cnn import datasets
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tf1 import reader

_MNIST = tuple(f"{split}-{what}-ubyte.gz" for split in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))


@contextmanager
def from_our_data() -> Iterator[None]:
    """While this context lasts `urllib.request` gives our files for the addresses of MNIST and Fashion-MNIST."""
    before = urllib.request.urlretrieve, urllib.request.urlopen
    urllib.request.urlretrieve = _retrieving(urllib.request.urlretrieve)
    urllib.request.urlopen = _opening(urllib.request.urlopen)
    try:
        yield
    finally:
        urllib.request.urlretrieve, urllib.request.urlopen = before


def _retrieving(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def urlretrieve(url: str, filename: Any = None, *args: Any, **keywords: Any) -> Any:
        found = _our_file(url)
        if found is None or filename is None:
            return real(url, filename, *args, **keywords)
        shutil.copyfile(found, filename)
        return str(filename), None

    return urlretrieve


def _opening(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def urlopen(url: Any, *args: Any, **keywords: Any) -> Any:
        found = _our_file(url if isinstance(url, str) else url.full_url)
        return real(url, *args, **keywords) if found is None else io.BytesIO(found.read_bytes())

    return urlopen


def _our_file(url: str) -> Path | None:
    """The file that is meant, if the reader asks for it and it is on this machine as it was published, compressed."""
    address = urlsplit(url)
    name = PurePosixPath(address.path).name
    if address.scheme not in ("http", "https") or name not in _MNIST or not reader.here():
        return None
    dataset = "fashion-mnist" if "fashion" in url.lower() else "mnist"
    if not ("mnist" in url.lower() and "emnist" not in url.lower() and "kmnist" not in url.lower()):
        return None
    try:
        datasets.check(dataset, None)
    except InputError:
        return None
    found = datasets.folder(dataset) / name
    if not found.is_file():
        return None
    note(f"{reader.here()}: {url}: taken from {found}")
    return found
