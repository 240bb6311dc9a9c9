"""Handwriting-like digits, drawn from a seed: a data set that needs no files and no network.

Each digit is a skeleton of a few pen strokes. For every image the points of a skeleton are wobbled, stretched,
slanted and turned, and inked with a pen of some thickness; then the digit is put where MNIST's own digits are: it
fits a box of 20x20 pixels, and its centre of mass is in the centre of the 28x28.
"""

from __future__ import annotations

import numpy as np

# The ways to write each digit. A point is two figures, x to the right and y down. A stroke is a smooth curve
# through its points, and strokes are separated by commas: where two name the same point, there is a corner.
SKELETONS: tuple[tuple[str, ...], ...] = (
    (
        "31 03 07 39 67 63 31",
        "31 12 05 18 39 68 75 62 31 21",
        "41 20 03 07 39 67 63 40 10",
    ),
    (
        "30 34 39",
        "30 34 39",
        "50 34 19",
        "30 33 36 39",
        "12 30, 30 34 39",
        "12 30, 30 34 39, 09 39 69",
    ),
    (
        "12 30 51 53 36 09, 09 39 79",
        "12 30 51 54 27 08 16 38 69",
        "01 30 50, 50 36 09, 09 39 79",
        "02 20 41 43 26 08 07 27 48 67",
        "11 30 51 44 27 09 07 26 58 88",
        "12 30 41 43 36 18, 18 48 88",
        "03 11 40 62 54 27 09 06 26 48 79",
        "11 30 61 54 28 09 06 26 48 69",
    ),
    (
        "11 30 51 43 24, 24 54 67 49 28 08",
        "01 20 41 43 24, 24 45 57 38 09",
        "00 30 60, 60 34, 34 55 67 48 29 08",
        "11 30 51 53 34 24 45 57 48 29 08",
        "01 30 51 43 24, 24 45 57 49 29 08",
        "02 20 51 43 24, 24 55 67 49 29 07",
        "00 30 51 43 23, 23 44 56 48 29 09",
    ),
    (
        "10 03 05, 05 35 65, 60 64 69",
        "10 03 15 35 64, 60 64 59",
        "40 22 05, 05 35 75, 50 54 59",
        "60 33 06, 06 36 76, 60 55 49",
        "00 02 14 34 53, 50 53 56 59",
        "10 03 05, 05 35 65, 62 65 69",
    ),
    (
        "60 40 20, 20 14, 14 44 66 48 28 08",
        "80 50 30, 30 14, 14 34 56 48 29 09",
        "51 20 12 24 45 57 39 08",
        "60 20, 20 13, 13 43 65 67 49 19 07",
    ),
    (
        "50 22 05 08 29 48 56 35 16 08",
        "30 13 06 18 39 58 56 35 16",
        "40 12 05 17 39 69 77 56 37 39",
        "20 03 06 18 39 58 66 45 25 07",
        "20 03 06 18 39 58 66 55 36 49",
        "40 12 05 18 39 68 66 45 26 18",
    ),
    (
        "00 30 60, 60 44 29",
        "02 01, 01 30 60, 60 44 39",
        "00 30 60, 60 44 29, 15 35 65",
        "01 20 50 61 44 36 29",
        "02 10 30 61, 61 54 49",
        "03 11 30 60, 60 45 39",
    ),
    (
        "51 30 11 13 34 56 58 39 18 16 34 53 51",
        "30 11 13 34 53 51 30 11, 34 16 18 39 58 56 34 16",
        "60 40 21 23 34 46 48 29 18 26 34 52 60",
        "60 30 11 13 34 46 48 29 18 16 34 61",
    ),
    (
        "51 30 11 03 14 34 52, 51 52 55 59",
        "51 30 11 03 14 33 51, 51 54 49",
        "51 30 11 03 14 34 52, 51 52 56 48 29 18",
        "61 40 21 13 24 43 61, 61 44 29",
        "52 30 11 03 14 34 52 56 59",
        "60 30 11 03 14 34 60, 60 54 49",
        "52 40 20 02 04 25 45 52, 52 56 59",
    ),
)

SIZE = 28  # pixels, height and width of an image
BOX = 20  # pixels, the square that a digit fits
CHUNK = 500  # images drawn at a time
SAMPLES = 72  # places along the strokes of a digit, about a pixel apart
SPREAD = 0.7  # pixels, how far the ink of a sample reaches; enough to make neighbours one line
EDGE = 1.7  # pixels, in which a stroke fades from white to black

# Rows: powers of t. Columns: the four points around the segment that t in [0, 1] runs along, two on each side.
CATMULL_ROM = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws digits, bright on black.

    Image k depends on (seed, k) alone: a larger count begins with the same images. Images 0 to 9 are one of each
    class in a random order, and so is every further ten.

    Returns:
        images `[count, 28, 28, 1]` uint8, 0 to 255, and their labels `[count]` uint8.
    """
    images = np.empty((count, SIZE, SIZE, 1), np.uint8)
    labels = np.empty(count, np.uint8)
    skeletons = _Skeletons()
    for start in range(0, count, CHUNK):
        # Always a full chunk, so that the random numbers of an image do not depend on the count.
        random = np.random.default_rng([seed, start // CHUNK])
        digits = random.permuted(np.tile(np.arange(10), (CHUNK // 10, 1)), axis=1).ravel()
        ink = _ink(*skeletons.write(digits, random), random)
        end = min(start + CHUNK, count)
        images[start:end, :, :, 0] = np.rint(255 * ink[: end - start])
        labels[start:end] = digits[: end - start]
    return images, labels


class _Skeletons:
    """All skeletons as arrays, so that a chunk of images can be drawn at once.

    Attributes:
        number, first: `[10]`, how many skeletons a digit has, and where they begin in the other arrays.
        points: `[skeletons, points, 2]`, x and y; a skeleton of fewer points ends with zeros.
        places: `[skeletons, samples, points]`, the weights of the points in the place of a sample.
        steps: `[skeletons, samples, points]`, the same for the piece of a stroke that a sample stands for.
    """

    def __init__(self) -> None:
        self.number = np.array([len(ways) for ways in SKELETONS])
        self.first = np.cumsum(self.number) - self.number
        texts = [text for ways in SKELETONS for text in ways]
        names = [list(dict.fromkeys(text.replace(",", "").split())) for text in texts]
        most = max(map(len, names))
        self.points = np.zeros((len(texts), most, 2))
        self.places = np.zeros((len(texts), SAMPLES, most))
        self.steps = np.zeros((len(texts), SAMPLES, most))
        for i, text in enumerate(texts):
            self.points[i, : len(names[i])] = [list(map(int, name)) for name in names[i]]
            self._sample(i, [[names[i].index(name) for name in stroke.split()] for stroke in text.split(",")])

    def _sample(self, i: int, strokes: list[list[int]]) -> None:
        """Spreads the samples of skeleton `i` evenly over its strokes, each a list of places in `points`."""
        padded = [[stroke[0], *stroke, stroke[-1]] for stroke in strokes]
        segments = np.array([stroke[k : k + 4] for stroke in padded for k in range(len(stroke) - 3)])
        lengths = np.linalg.norm(self.points[i, segments[:, 2]] - self.points[i, segments[:, 1]], axis=1)
        ends = np.cumsum(lengths)
        step = ends[-1] / SAMPLES
        samples = np.arange(SAMPLES)
        ways = (samples + 0.5) * step
        k = np.searchsorted(ends, ways)
        t = 1 - (ends[k] - ways) / lengths[k]
        curve = np.stack([t**0, t, t**2, t**3], axis=1) @ CATMULL_ROM
        slope = np.stack([0 * t, t**0, 2 * t, 3 * t**2], axis=1) @ CATMULL_ROM
        np.add.at(self.places[i], (samples[:, None], segments[k]), curve)
        np.add.at(self.steps[i], (samples[:, None], segments[k]), slope * (step / lengths[k])[:, None])

    def write(self, digits: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The way of the pen for each of `digits`, every time in another hand; the units are the skeletons'.

        Returns:
            places `[digits, samples, 2]` of the samples, and steps `[digits, samples, 2]`, the piece of each.
        """
        count = len(digits)
        chosen = self.first[digits] + random.integers(self.number[digits])
        points = self.points[chosen] + random.normal(0, 0.35, (count, self.points.shape[1], 2))
        stretch, slant, turn = random.normal((0.05, 0.15, 0), (0.18, 0.25, 0.1), (count, 3)).T[:, :, None]
        right = np.concatenate([np.cos(turn), np.sin(turn)], axis=1)
        down = np.concatenate([-np.sin(turn), np.cos(turn)], axis=1)
        points = points @ np.stack([np.exp(stretch) * right, down - slant * right], axis=1)
        return self.places[chosen] @ points, self.steps[chosen] @ points


def _ink(places: np.ndarray, steps: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Inks ways of the pen, as `write` returns them, fitted to the box and centred: `[count, 28, 28]` in [0, 1]."""
    count = len(places)
    radius = 0.2 + random.gamma(9, 1.1 / 9, (count, 1, 1))
    box = random.uniform(BOX - 1, BOX, (count, 1, 1)) - 2 * radius
    zoom = box / np.ptp(places, axis=1, keepdims=True).max(axis=2, keepdims=True)
    places = zoom * places
    lengths = zoom * np.linalg.norm(steps, axis=2, keepdims=True)
    places -= (lengths * places).sum(axis=1, keepdims=True) / lengths.sum(axis=1, keepdims=True)
    centre = SIZE / 2 + random.uniform(-0.5, 0.5, (count, 1, 2))
    margin = radius + EDGE / 2  # a digit that would leave the frame is pushed back
    lowest = margin - places.min(axis=1, keepdims=True)
    highest = SIZE - 1 - margin - places.max(axis=1, keepdims=True)
    places += np.clip(centre, lowest, highest)

    # A sample's ink is a Gaussian, one of x times one of y, so a product of matrices sums it over all samples. Beside
    # a straight line the sum is exp(-distance² / (2 SPREAD²)), which gives the distance. In float64 the last digit,
    # which differs between processors, is lost in rounding to pixels.
    spread = np.exp(-(((places[..., None] - np.arange(SIZE)) / SPREAD) ** 2) / 2)
    weights = lengths / (SPREAD * np.sqrt(2 * np.pi))
    total = (weights * spread[:, :, 1]).transpose(0, 2, 1) @ spread[:, :, 0]
    distance = SPREAD * np.sqrt(-2 * np.log(np.clip(total, 1e-99, 1)))
    return np.asarray(np.clip(0.5 + (radius - distance) / EDGE, 0, 1))
