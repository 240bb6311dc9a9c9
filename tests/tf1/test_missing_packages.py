"""A package that a script needs and that is not installed is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.commands_here import run_here
from helpers.tf1_scripts import write

from lowlevel_cnn.errors import WorkError
from lowlevel_cnn.tf1 import missing_packages


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("sklearn", "line 2: the package scikit-learn is not installed; pip install scikit-learn"),
        ("my_layers", "line 2: no module named 'my_layers'; it is missing beside the script, or it is of a package"),
    ],
)
def test_the_package_is_named_with_the_line_of_the_import(module: str, said: str, tmp_path: Path) -> None:
    # As where it is not installed, whether it is here or not.
    script = write(tmp_path / "train.py", "import os", f"raise ModuleNotFoundError('No module', name={module!r})")
    with pytest.raises(WorkError) as raised:
        run_here("tf1", script)
    assert said in str(raised.value)


def test_other_errors_and_missing_parts_of_a_package_are_the_script_s() -> None:
    assert missing_packages.remark(ImportError("x")) == ""
    assert missing_packages.remark(ModuleNotFoundError("x", name="scipy.misc")) == ""
