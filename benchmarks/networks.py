"""The networks as lists of layers, from which the contenders build theirs, each the way its own users would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Convolution:
    """`size` x `size`, stride 1, with a bias and ReLU."""

    size: int
    deep: int
    padding: str = "same"


@dataclass(frozen=True)
class Pool:
    """The largest of 2 x 2, stride 2; every size here that is odd is to be cut, not padded."""


@dataclass(frozen=True)
class Dense:
    """With a bias, and ReLU unless it is the last."""

    size: int


@dataclass(frozen=True)
class Dropout:
    """In training only."""

    rate: float


Layers = tuple[Convolution | Pool | Dense | Dropout, ...]


@dataclass(frozen=True)
class Network:
    """Layers, and where their initial values come from.

    Attributes:
        layers: from the images to the logits.
        initial_values: `book` (truncated normal 0.1; 0 and 0.1), `normal` (0.1; 1), `small-normal` (0.01; 1),
            `glorot` (uniform; zeros) or `he` (normal; zeros).
        padded: zeros around the images.
        shift: pixels by which training images are shifted at most, each at random; of images in one channel.
    """

    layers: Layers
    initial_values: str
    padded: int = 0
    shift: int = 0


def _two_convolutions(size: int, dense: int, *, pool_dropout: float = 0, dense_dropout: float = 0) -> Layers:
    drop_pool = (Dropout(pool_dropout),) if pool_dropout else ()
    drop_dense = (Dropout(dense_dropout),) if dense_dropout else ()
    first, second = Convolution(size, 32), Convolution(size, 64)
    return (first, Pool(), *drop_pool, second, Pool(), *drop_pool, Dense(dense), *drop_dense, Dense(10))


NETWORKS = {
    "book-lenet": Network(_two_convolutions(5, 512, dense_dropout=0.5), "book"),
    "lenet-5": Network(
        (
            Convolution(5, 6, "valid"),
            Pool(),
            Convolution(5, 16, "valid"),
            Pool(),
            Dense(120),
            Dense(84),
            Dense(10),
        ),
        "he",
        padded=2,
        shift=1,
    ),
    "layers-guide": Network(_two_convolutions(5, 1024, dense_dropout=0.4), "glorot"),
    "mastering-mnist-tf": Network(_two_convolutions(4, 1024), "normal"),
    "mastering-mnist-keras": Network(_two_convolutions(4, 1024), "glorot"),
    "mastering-cifar10-tf": Network(_two_convolutions(4, 1024), "small-normal"),
    "mastering-cifar10-keras": Network(_two_convolutions(4, 1024, pool_dropout=0.2, dense_dropout=0.2), "glorot"),
    "fashion-cnn": Network(
        (
            *(Convolution(5, 32), Pool(), Convolution(5, 64), Pool(), Dropout(0.25)),
            *(Convolution(5, 128), Pool(), Dropout(0.25)),
            *(Dense(1024), Dropout(0.4), Dense(10)),
        ),
        "glorot",
    ),
}
