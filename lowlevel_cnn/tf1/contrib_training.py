"""`tf.contrib.training` of TensorFlow 1.x: named hyper-parameters, and the training step of `slim.learning`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lowlevel_cnn.tf1.slim.learning import create_train_op

__all__ = ["HParams", "create_train_op", "parse_values"]

# Between the settings of `a=1,b=[2,3],c=relu`: a comma before a name and `=`.
_BETWEEN = re.compile(r",(?=\s*\w+(?:\[\d+\])?\s*=)")
_TRUE_AND_FALSE = {"true": True, "1": True, "false": False, "0": False}


class HParams:
    """Hyper-parameters as attributes; each keeps the type that it is given first.

    Raises:
        ValueError: a value is of another type, or a name is new to `set_hparam` and `parse`.
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        if hparam_def is not None:
            raise ValueError("hparam_def: protocol buffers of hyper-parameters are not read; give them by their names")
        self._names: list[str] = []
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def __getattr__(self, name: str) -> Any:
        # For type checkers: the names are the reader's.
        raise AttributeError(f"there is no hyper-parameter {name!r}")

    def add_hparam(self, name: str, value: Any) -> None:
        """Add one that is not there yet."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        self._names.append(name)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Set one that is there, to a value of its type."""
        before = self._known(name)
        setattr(self, name, _as_before(name, value, before))

    def del_hparam(self, name: str) -> None:
        """Remove one, if it is there."""
        if name in self._names:
            self._names.remove(name)
            delattr(self, name)

    def parse(self, values: str) -> HParams:
        """Set those that a text names, such as `learning_rate=0.1,layers=[32,64],augment=true`."""
        for name, text in _settings(values):
            self.set_hparam(name, _read(name, text, self._known(name)))
        return self

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Set several that are there."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        """Set those that a JSON object names."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        """Return them as a JSON object."""
        return json.dumps(self.values(), indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """Return their names and values."""
        return {name: getattr(self, name) for name in self._names}

    def get(self, key: str, default: Any = None) -> Any:
        """Return one, or the default where it is not there."""
        return getattr(self, key) if key in self._names else default

    def __contains__(self, key: str) -> bool:
        return key in self._names

    def __str__(self) -> str:
        return str(sorted(self.values().items()))

    def __repr__(self) -> str:
        return f"HParams({self})"

    def _known(self, name: str) -> Any:
        if name not in self._names:
            raise ValueError(f"Unknown hyperparameter: {name}; there are {', '.join(self._names)}")
        return getattr(self, name)


def parse_values(values: str, type_map: Mapping[str, type]) -> dict[str, Any]:
    """Return the values of a text such as `a=1,b=[2,3]`, of the types given."""
    return {name: _read(name, text, type_map[name]()) for name, text in _settings(values)}


def _settings(values: str) -> list[tuple[str, str]]:
    found = []
    for setting in _BETWEEN.split(values) if values.strip() else ():
        name, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"Could not parse hparam: {setting!r} is not of the form name=value")
        found.append((name.strip(), text.strip()))
    return found


def _read(name: str, text: str, before: Any) -> Any:
    if isinstance(before, list) or text.startswith("["):
        parts = [each.strip() for each in text.strip("[]").split(",") if each.strip()]
        first = before[0] if isinstance(before, list) and before else 0
        return [_read(name, each, first) for each in parts]
    if isinstance(before, bool):
        if text.lower() not in _TRUE_AND_FALSE:
            raise ValueError(f"Could not parse hparam {name}: {text!r} is neither true nor false")
        return _TRUE_AND_FALSE[text.lower()]
    return text if before is None else type(before)(text)


def _as_before(name: str, value: Any, before: Any) -> Any:
    """The value with the type of the one before: a whole number may stand for a float."""
    if isinstance(before, list) != isinstance(value, list):
        raise ValueError(f"Hyperparameter {name}: a list and a single value cannot replace each other")
    if before is None or isinstance(value, (list, type(before))):
        return value
    if isinstance(before, float) and isinstance(value, int):
        return float(value)
    raise ValueError(f"Could not cast hparam {name} of type {type(before).__name__} from value {value!r}")
