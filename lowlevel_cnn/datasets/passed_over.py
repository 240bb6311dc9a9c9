"""Keep count of what is passed over in a user's folder, and say so in a few lines."""

from __future__ import annotations

from lowlevel_cnn.system.messages import shortened

LINK = "symbolic links out of the folder"
ENDING = "files without the ending of a picture"
SPECIAL = "neither files nor folders"
HIDDEN = "hidden files and folders"
NESTED = "folders within the folder of a class"
BESIDE_CLASSES = "files beside the folders of the classes"
BESIDE_SPLITS = "not in the folders train, val and test"


class PassedOver:
    """What is passed over, by the reason."""

    def __init__(self) -> None:
        self._paths: dict[str, list[str]] = {}

    def add(self, reason: str, path: str) -> None:
        """Count a path below the folder."""
        self._paths.setdefault(reason, []).append(path)

    def lines(self, below: str = "") -> list[str]:
        """Return a line for each reason, with the first of the paths that begin with `below`."""
        found = {reason: [path for path in paths if path.startswith(below)] for reason, paths in self._paths.items()}
        return [f"{len(paths):,}: {reason} ({shortened(sorted(paths))})" for reason, paths in found.items() if paths]

    def remark(self, below: str = "") -> str:
        """Return the lines as an addition to the message of an error; "" if there are none."""
        lines = self.lines(below)
        return f" (passed over {'; '.join(lines)})" if lines else ""
