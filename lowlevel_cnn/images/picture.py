"""What is made of an image file, and the steps on the way that can be left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Picture:
    """An image prepared for a network.

    Attributes:
        image: `[height, width, channels]` float32 in [0, 1].
        polarity: `dark-on-light` or `light-on-dark`, as detected or given; "" for colour images.
        box: left, top, width and height in pixels of the picture that it was cut from; None where one is read as a
            whole.
        digits: how many digits were seen on the whole picture; 1 where none are looked for.
        unlike: why it is unlike anything that MNIST holds; "" if it is not.
    """

    image: np.ndarray
    polarity: str
    box: tuple[int, int, int, int] | None = None
    digits: int = 1
    unlike: str = ""


@dataclass(frozen=True)
class Steps:
    """The steps from a picture to MNIST's form. What each of them brings is measured by leaving it out.

    Attributes:
        local_ground: the ground may be lighter in one place than in another, as under a shadow.
        own_threshold: ink is what Otsu's threshold says, and fully black from its 60th percentile on; else it is
            what has a fifth of the strongest ink.
        pieces: frames, rules and the remains of neighbours are dropped.
        stroke_width: strokes thinner than MNIST's are thickened.
        keep_centred: an image that has MNIST's form is taken as it is.
    """

    local_ground: bool = True
    own_threshold: bool = True
    pieces: bool = True
    stroke_width: bool = True
    keep_centred: bool = True


ALL_STEPS = Steps()
