"""What matplotlib has renamed or dropped is there again, and nothing waits for a window that cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from helpers.processes import run
from helpers.tf1_scripts import write

PROGRAM = """
import matplotlib
matplotlib.use("Qt4Agg", warn=False)
import matplotlib.cm as cm
import matplotlib.pyplot as plt

plt.style.use("seaborn-white")
figure = plt.figure()
figure.canvas.set_window_title("loss")
plt.hold(True)
plt.plot([2, 1])
plt.show()
plt.waitforbuttonpress()
print(matplotlib.get_backend().lower(), cm.get_cmap("gray").name, plt.ginput(1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_a_program_with_pictures_ends_where_there_is_no_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    ended = run("tf1", write(tmp_path / "plot.py", PROGRAM), cwd=tmp_path)
    assert (ended.code, ended.out) == (0, ["agg gray []"]), ended
    assert len(ended.err) == 1 and "plot.py, line 3: 'Qt4Agg' is not a valid value for backend" in ended.err[0]
