"""How well `predict` reads pictures of handwritten digits, by kind, and what each step of the preparation brings.

python -m benchmarks.handwriting --pictures FOLDER --checkpoint-dir RUN [--data-dir DATA]

FOLDER has the pictures in `pictures/`, and in `labels.tsv` a line for each: file, digit and kind, with a heading.
The images of MNIST's test split are read twice, from MNIST's own files and from PNG files made of them.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from lowlevel_cnn import datasets
from lowlevel_cnn.datasets.batches import scale
from lowlevel_cnn.errors import InputError
from lowlevel_cnn.images.decoding import Decoder
from lowlevel_cnn.images.image_files import Reader
from lowlevel_cnn.images.picture import ALL_STEPS, Steps
from lowlevel_cnn.prediction.restored_model import RestoredModel, RestoreOptions, restored
from lowlevel_cnn.tensorflow_v1 import tf

_BATCH = 100
_LONGEST = 800  # pixels that a photograph keeps at least; the preparation needs half of them


def main() -> None:
    """Prints both tables and the comparison with MNIST's own files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", required=True, type=Path)
    parser.add_argument("--checkpoint-dir", required=True)
    parser.add_argument("--data-dir", help="the folder that holds MNIST")
    flags = parser.parse_args()
    with (flags.pictures / "labels.tsv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    labels, kinds = np.array([int(row[1]) for row in rows]), np.array([row[2] for row in rows])
    decoder = Decoder()
    pictures = [decoder.read_at_least(flags.pictures / "pictures" / row[0], _LONGEST)[0] for row in rows]
    with restored(RestoreOptions(checkpoint_dir=flags.checkpoint_dir)) as model:
        _print_ladder(model, pictures, labels, kinds)
        _print_mnist(model, flags.data_dir)


def _print_ladder(model: RestoredModel, pictures: Sequence[np.ndarray], labels: np.ndarray, kinds: np.ndarray) -> None:
    without_any = Steps(**{step.name: False for step in fields(Steps)})
    right = {"all": _right(model, pictures, labels, ALL_STEPS), "none": _right(model, pictures, labels, without_any)}
    for step in fields(Steps):
        right[f"without {step.name}"] = _right(model, pictures, labels, replace(ALL_STEPS, **{step.name: False}))
    print("| kind | pictures | no step | all steps |\n| --- | --- | --- | --- |")
    for kind in sorted(set(kinds)):
        of_kind = kinds == kind
        print(f"| {kind} | {of_kind.sum()} | {right['none'][of_kind].sum()} | {right['all'][of_kind].sum()} |")
    print(f"| all | {len(labels)} | {right['none'].sum()} | {right['all'].sum()} |")
    print("\n| steps | read rightly |\n| --- | --- |")
    for name, found in right.items():
        print(f"| {name} | {found.sum()} of {len(labels)}, {found.mean():.2%} |")


def _right(model: RestoredModel, pictures: Sequence[np.ndarray], labels: np.ndarray, steps: Steps) -> np.ndarray:
    """Which pictures are read rightly; one that is refused is not."""
    guesses = [
        -1 if each is None else int(each.argmax()) for each in _probabilities(model, pictures, Reader(steps=steps))
    ]
    return np.asarray(np.equal(guesses, labels))


def _probabilities(model: RestoredModel, pictures: Sequence[np.ndarray], reader: Reader) -> Iterator[np.ndarray | None]:
    for start in range(0, len(pictures), _BATCH):
        images: list[np.ndarray | None] = []
        for pixels in pictures[start : start + _BATCH]:
            try:
                images.append(reader.prepared(pixels, "mnist").image)
            except InputError:
                images.append(None)
        found = iter(model.probabilities(np.stack([image for image in images if image is not None])))
        yield from (None if image is None else next(found) for image in images)


def _print_mnist(model: RestoredModel, data_dir: str | None) -> None:
    split = datasets.load("mnist", data_dir).test
    own = sum(
        int((model.probabilities(scale(images)).argmax(axis=1) == labels).sum())
        for images, labels in (
            (split.images[start : start + _BATCH], split.labels[start : start + _BATCH])
            for start in range(0, len(split), _BATCH)
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number:05}.png") for number in range(len(split))]
        with tf.Graph().as_default(), tf.Session() as session:
            pixels = tf.placeholder(tf.uint8, [None, None, 1])
            encoded = tf.image.encode_png(pixels)
            for path, image in zip(paths, split.images, strict=True):
                path.write_bytes(session.run(encoded, {pixels: image}))
        began = time.perf_counter()
        decoder = Decoder()
        pictures = [decoder.read(path) for path in paths]
        right = int(_right(model, pictures, split.labels, ALL_STEPS).sum())
        seconds = time.perf_counter() - began
    print(f"\nMNIST's test images: {own} of {len(split)} right from its own files, {right} as PNG files")
    print(f"{len(split) / seconds:.0f} PNG files a second")


if __name__ == "__main__":
    main()
