"""What `predict` says of an image: the most probable classes, how sure they are, and where the image was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from lowlevel_cnn.images.picture import Picture
from lowlevel_cnn.system import strict_json

_SHOWN = 3
_SURE = 0.5  # the least probability


@dataclass(frozen=True)
class Guess:
    """A class, its name, and its probability according to the network, 0 to 1."""

    label: int
    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The three most probable classes of an image.

    Attributes:
        image: its file, or its number in a split.
        guesses: the most probable first.
        sure: whether the first is more probable than all others together, and the image like those of the data set.
        polarity: `dark-on-light` or `light-on-dark`, for files that have one of them; else "".
        digits: how many digits were seen on the file; 1 where none are looked for.
        box: left, top, width and height in the file's pixels of what was classified; None: all of it.
        explanation: the picture written for `--explain`.
        true_label: the label, for images of a split.
    """

    image: str | int
    guesses: list[Guess]
    sure: bool
    polarity: str = ""
    digits: int = 1
    box: tuple[int, int, int, int] | None = None
    explanation: str | None = None
    true_label: int | None = None


def of_picture(
    image: str, probabilities: np.ndarray, names: Sequence[str], picture: Picture, explanation: str | None
) -> Prediction:
    """Return the prediction for an image file."""
    return Prediction(
        image,
        _guesses(probabilities, names),
        _is_sure(probabilities) and not picture.unlike,
        picture.polarity,
        picture.digits,
        picture.box,
        explanation,
    )


def of_image(number: int, probabilities: np.ndarray, names: Sequence[str], label: int) -> Prediction:
    """Return the prediction for an image of a split."""
    return Prediction(number, _guesses(probabilities, names), _is_sure(probabilities), true_label=label)


def print_json(predictions: Iterator[Prediction]) -> None:
    """Print all predictions as one JSON list."""
    print(strict_json.dumps([asdict(each) for each in predictions], indent=1, ensure_ascii=False))


def print_lines(predictions: Iterator[Prediction], names: Sequence[str], *, each_digit: bool) -> int:
    """Print a line for each prediction, and return how many there were."""
    count = 0
    for count, each in enumerate(predictions, 1):  # noqa: B007
        print(_line(each, names, each_digit), flush=True)
    return count


def _line(prediction: Prediction, names: Sequence[str], each_digit: bool) -> str:
    first, *others = (f"{_named(guess)} {guess.probability:.2%}" for guess in prediction.guesses)
    image = prediction.image
    where = f"image {image}" if isinstance(image, int) else image
    notes = [prediction.polarity] if prediction.polarity else []
    if prediction.true_label is not None:
        notes = [f"is {names[prediction.true_label]}"]
    elif not prediction.sure:
        notes.append("not sure")
    if each_digit and prediction.box:
        left, top, width, height = prediction.box
        where += f" [{width} x {height} at {left}, {top}]"
    elif prediction.digits > 1:
        notes.append(f"{prediction.digits} digits on it, this is one; --each reads each")
    note = f" ({'; '.join(notes)})" if notes else ""
    return f"{where}: {first}, then {', '.join(others)}{note}"


def _guesses(probabilities: np.ndarray, names: Sequence[str]) -> list[Guess]:
    order = np.argsort(-probabilities, kind="stable")[:_SHOWN]
    return [Guess(int(label), names[label], float(probabilities[label])) for label in order]


def _is_sure(probabilities: np.ndarray) -> bool:
    return bool(probabilities.max() >= _SURE)


def _named(guess: Guess) -> str:
    return guess.name if guess.name == str(guess.label) else f"{guess.label} {guess.name}"
