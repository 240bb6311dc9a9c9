"""Write JSON that every program can read: Python's own may contain `NaN` and `Infinity`, which are not JSON."""

from __future__ import annotations

import json
import math
from typing import Any


def dumps(value: Any, **settings: Any) -> str:
    """Return a value as JSON, with `null` for infinite numbers and NaN.

    Args:
        value: dictionaries, lists, strings and numbers.
        settings: passed to `json.dumps`.
    """
    return json.dumps(_with_nulls(value), allow_nan=False, **settings)


def _with_nulls(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _with_nulls(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_nulls(each) for each in value]
    return value
