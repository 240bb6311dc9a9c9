"""What the examples that train until an accuracy is reached have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def arguments(description: str | None) -> argparse.Namespace:
    """Their command line, as `time_to_accuracy` gives it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--goal", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data-dir")
    return parser.parse_args()


def reach(goal: float, most_epochs: int, epoch: Callable[[], float]) -> None:
    """Runs epochs, each of which returns the accuracy on the test images after it, and says when it is reached.

    Raises:
        SystemExit: it is not.
    """
    for number in range(1, most_epochs + 1):
        accuracy = epoch()
        print(f"epoch {number}: {accuracy:.4f}", flush=True)
        if accuracy >= goal:
            print("reached", flush=True)
            return
    raise SystemExit(f"not reached in {most_epochs} epochs")
