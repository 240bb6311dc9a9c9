"""Whatever changes in an image file, reading gives pixels or one line that names the file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pytest
from helpers.pages_with_digits import a_seven
from helpers.torture import Report
from mutations import mutated, write_anew
from test_image_files import chunk, exif, jpeg, png

from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder


def test_a_mutated_image_file_gives_pixels_or_one_line(
    tmp_path: Path, full: bool, report: Report, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = a_seven(100).astype(np.uint8)
    files = [jpeg(scene, exif(6)), jpeg(scene, exif(6), progressive=True), png(scene, chunk(b"eXIf", exif(6)))]
    decoder, path, count = Decoder(), tmp_path / "picture.jpg", 20_000 if full else 600
    outcomes: Counter[str] = Counter()
    wrong = []
    for number in range(count):
        random = Random(number)
        write_anew(path, mutated(random.choice(files), random))
        try:
            pixels = decoder.read(path)
            is_right = pixels.shape[2] == 3 and pixels.min() >= 0 and pixels.max() <= 255
            outcomes["read"] += 1
        except InputError as error:
            is_right = str(error).startswith(f"{path}: ") and str(error).isprintable()
            outcomes["refused"] += 1
        warnings = capfd.readouterr().err.splitlines()
        if not is_right or len(warnings) > 1 or not all(line.startswith(f"warning: {path}: ") for line in warnings):
            wrong.append(f"{number}: {warnings}")
    report(
        "mutations of image files that gave anything but pixels or one line",
        f"{len(wrong)} of {count:,} ({outcomes['refused']:,} refused)",
    )
    assert not wrong, "\n".join(wrong[:20])
    assert outcomes["read"] and outcomes["refused"], "the mutations are all harmless or all are not"
