"""Old names that NumPy and matplotlib have dropped since, given back to them while a script runs."""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from lowlevel_cnn.system.messages import note
from lowlevel_cnn.tf1 import reader

_PYTHON_TYPES = ("int", "float", "bool", "complex", "object", "str")
# What NumPy had until 1.24 or 2.0, and what it has in its place.
_NUMPY = {
    **dict.fromkeys(("infty", "Inf", "Infinity", "PINF"), "inf"),
    "NaN": "nan",
    "float_": "float64",
    "complex_": "complex128",
    "unicode_": "str_",
    "string_": "bytes_",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "row_stack": "vstack",
    "round_": "round",
    "bool8": "bool_",
    "int0": "intp",
    "mat": "asmatrix",
    "trapz": "trapezoid",
}
TODAY = {"long": "int", "unicode": "str", **dict(zip(_PYTHON_TYPES, _PYTHON_TYPES, strict=True))} | {
    old: f"np.{new}" for old, new in _NUMPY.items()
}


def missing_in_numpy() -> dict[str, Any]:
    """The old names that the installed NumPy does not have, and what they stood for."""
    import warnings

    import numpy as np

    with warnings.catch_warnings():
        # To ask for some of them is a warning of its own.
        warnings.simplefilter("ignore")
        missing = {old: new for old, new in TODAY.items() if not hasattr(np, old)}
        return {
            old: getattr(np if new.startswith("np.") else builtins, new.removeprefix("np."))
            for old, new in missing.items()
        }


@contextmanager
def numpy_as_it_was() -> Iterator[None]:
    """While this context lasts NumPy has the names that it has dropped, and shows numbers in lists without their types.

    Names that it has stay what they are.
    """
    import numpy as np

    from lowlevel_cnn.tf1 import numpy_calls

    given = missing_in_numpy()
    vars(np).update(given)
    shown = np.get_printoptions()["legacy"]
    if int(np.__version__.partition(".")[0]) > 1:
        # `print([loss, accuracy])` was [0.5, 0.9], as the sources' pages have it.
        np.set_printoptions(legacy="1.25")
    try:
        with numpy_calls.as_they_were():
            yield
    finally:
        np.set_printoptions(legacy=shown)
        for name in given:
            vars(np).pop(name, None)


def _if_it_can_be_had(use: Callable[..., None]) -> Callable[..., None]:
    """`matplotlib.use` for which "TkAgg" is a wish: where there are no such windows, pictures are not shown."""

    @functools.wraps(use)
    def use_if_it_can_be_had(backend: str, *, force: bool = True, **keywords: Any) -> None:
        try:
            use(backend, force=force)
        except (ImportError, ValueError) as error:
            note(f"{reader.here()}: {str(error).splitlines()[0]}; pictures are not shown")

    return use_if_it_can_be_had


def _matplotlib(matplotlib: ModuleType) -> None:
    """Give back what matplotlib has renamed or dropped: window titles, `hold`, `get_cmap`, seaborn's styles."""
    from matplotlib import axes, backend_bases, cm, pyplot, style

    def set_window_title(canvas: Any, title: str) -> None:
        if canvas.manager is not None:
            canvas.manager.set_window_title(title)

    def hold(*ignored: Any) -> None:
        """Drawing always adds to what is there."""

    # That of canvases without a window, which would wait for ever for a key or a click.
    canvas_without_window: Any = backend_bases.FigureCanvasBase
    canvas_without_window.start_event_loop = lambda canvas, timeout=0: None
    changed: Any = matplotlib
    if not hasattr(changed.use, "__wrapped__"):
        changed.use = _if_it_can_be_had(changed.use)
    for owner, name, function in (
        (backend_bases.FigureCanvasBase, "set_window_title", set_window_title),
        (pyplot, "hold", hold),
        (axes.Axes, "hold", hold),
        (cm, "get_cmap", pyplot.get_cmap),
    ):
        if not hasattr(owner, name):
            setattr(owner, name, function)
    for name in [name for name in style.library if name.startswith("seaborn-v0_8")]:
        style.library.setdefault(name.replace("-v0_8", "", 1), style.library[name])


# What to do to a library when the reader imports it.
GIVEN_BACK: dict[str, Callable[[ModuleType], None]] = {"matplotlib": _matplotlib}
