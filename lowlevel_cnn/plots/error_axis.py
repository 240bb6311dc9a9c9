"""Set up the axis of the learning curves' errors: per cent, logarithmic, to distinguish 0.9 % from 0.6 %."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

_TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_STEP = 2.5  # the largest ratio of a tick to the one before it
# A logarithmic axis has no zero: below the lowest tick it is linear down to 0, as long as from 1 % to 2 %.
_DECADES_TO_ZERO = 0.3
_MARGIN = 1.12


def per_cent(error: float) -> str:
    """Format an error, in per cent, with at most three digits: `0.874 %`, `12.3 %`, `0 %`."""
    return f"{error:.3g} %"


def use(axes: Axes, errors: Sequence[float]) -> None:
    """Make the vertical axis an axis of errors.

    Args:
        axes: the axes, with their lines already drawn.
        errors: all errors drawn, in per cent, 0 to 100; an error of exactly 0 is at the bottom of the axis.
    """
    above_zero = [error for error in errors if error >= _TICKS[0]]
    lowest, highest = min(above_zero, default=1.0), max(above_zero, default=1.0)
    # At least two ticks, however close together the errors are.
    ticks = [tick for tick in _TICKS if lowest / _STEP < tick < highest * _STEP]
    if len(above_zero) == len(errors):
        axes.set_yscale("log")
        axes.set_ylim(ticks[0] / _MARGIN, ticks[-1] * _MARGIN)
    else:
        axes.set_yscale("symlog", linthresh=ticks[0], linscale=_DECADES_TO_ZERO)
        axes.set_ylim(-0.2 * ticks[0], ticks[-1] * _MARGIN)
        ticks = [0, *ticks]
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
