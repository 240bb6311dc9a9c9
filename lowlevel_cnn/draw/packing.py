"""Pack an answer for the page: a header in JSON and arrays of bytes behind it, in one binary message.

The message begins with the length of the header, four bytes, the lowest first. The header says for each array its
shape and the values that the bytes 0 and 255 stand for; the arrays follow in this order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lowlevel_cnn.system import strict_json


def packed(header: Mapping[str, Any], arrays: Iterable[tuple[str, np.ndarray]]) -> bytes:
    """Return the message; each array is scaled to bytes from its smallest to its largest value, 0 included."""
    described, contents = [], []
    for name, array in arrays:
        least, most = float(array.min(initial=0)), float(array.max(initial=0))
        scale = 255 / (most - least) if most > least else 0.0
        contents.append(np.rint((array - least) * scale).astype(np.uint8).tobytes())
        described.append({"name": name, "shape": list(array.shape), "least": least, "most": most})
    text = strict_json.dumps({**header, "arrays": described}).encode()
    return b"".join((len(text).to_bytes(4, "little"), text, *contents))
