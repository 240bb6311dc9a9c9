"""What is handed out: the package's metadata, what its archives hold, and files that repeat what stands elsewhere."""

from __future__ import annotations

import configparser
import re
import runpy
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from lowlevel_cnn import __version__

ROOT = Path(__file__).parent.parent
WORKFLOW = ".github/workflows/tests.yml"
# What setuptools puts into every source archive.
ALWAYS_TAKEN = {"LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.cfg", "setup.py"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setup_cfg(section: str, key: str) -> list[str]:
    """The lines of a value in setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read_string(text_of("setup.cfg"))
    return parser[section][key].strip().splitlines()


def tracked() -> list[str]:
    """The files that git tracks; skips the test where there is no repository, as in an unpacked source archive."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("which files belong to the repository is git's to say")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


def test_the_readmes_the_classifiers_and_the_workflow_name_the_same_pythons() -> None:
    classified = re.findall(r"Python :: (3\.\d+)$", "\n".join(setup_cfg("metadata", "classifiers")), re.MULTILINE)
    assert setup_cfg("options", "python_requires") == [f">={classified[0]}"]
    assert f"Python {classified[0]} to {classified[-1]}" in text_of("README.md")
    assert f"Python {classified[0]} 到 {classified[-1]}" in text_of("README.zh-CN.md")
    assert set(re.findall(r'"(3\.\d+)"', text_of(WORKFLOW))) == set(classified)


def test_the_workflow_s_oldest_tensorflow_is_the_oldest_that_setup_cfg_allows() -> None:
    oldest = re.findall(r"tensorflow>=([\d.]+)", "\n".join(setup_cfg("options", "install_requires")))
    assert set(re.findall(r"tensorflow==([\d.]+)\.\*", text_of(WORKFLOW))) == set(oldest)


def test_the_classifiers_are_known() -> None:
    known = pytest.importorskip("trove_classifiers").classifiers
    assert set(setup_cfg("metadata", "classifiers")) <= known


def test_the_citation_and_the_changelog_name_the_package_s_version() -> None:
    assert re.findall(r"^version: (.+)$", text_of("CITATION.cff"), re.MULTILINE) == [__version__]
    headings = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", __version__]


def test_the_citation_has_the_author_and_the_license_of_the_package() -> None:
    citation = text_of("CITATION.cff")
    assert f"- name: {setup_cfg('metadata', 'author')[0]}\n" in citation
    assert f"license: {setup_cfg('metadata', 'license')[0]}\n" in citation


def test_type_checkers_are_told_that_the_package_has_annotations() -> None:
    assert (ROOT / "lowlevel_cnn/py.typed").exists()
    assert "py.typed" in setup_cfg("options.package_data", "lowlevel_cnn")


def test_every_file_of_the_package_is_code_or_package_data() -> None:
    found = [PurePosixPath(name) for name in tracked() if name.startswith("lowlevel_cnn/")]
    data = {f"lowlevel_cnn/{name}" for name in setup_cfg("options.package_data", "lowlevel_cnn")}
    assert {str(path) for path in found if path.suffix != ".py"} == data
    code = {path.parent for path in found if path.suffix == ".py"}
    assert code == {path.parent for path in found if path.name == "__init__.py"}


def test_a_source_archive_takes_every_file_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = pytest.importorskip("setuptools.command.egg_info").FileList()
    names = tracked()
    monkeypatch.chdir(ROOT)
    taken.allfiles = list(names)  # where `include` looks; else it would go through virtual environments too
    for line in text_of("MANIFEST.in").splitlines():
        if line and not line.startswith("#"):
            taken.process_template_line(line)
    packages = {name for name in names if name.startswith("lowlevel_cnn/")}
    assert set(names) - packages - ALWAYS_TAKEN - set(taken.files) == set()


@pytest.mark.parametrize("name", [WORKFLOW, ".ci/run", ".pre-commit-config.yaml", ".github/PULL_REQUEST_TEMPLATE.md"])
def test_what_calls_make_names_targets_that_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    called = set(re.findall(r"(?:^|run: |entry: |`)make ([a-z]+)", text_of(name), re.MULTILINE))
    assert called and called <= targets


def test_on_a_package_index_no_link_of_the_readme_is_relative() -> None:
    absolute = runpy.run_path(str(ROOT / "setup.py"))["with_absolute_links"]
    page = absolute(text_of("README.md"), "https://example.org/readers/networks")
    targets = re.findall(r"\]\(([^)\s]+)\)", page)
    assert [each for each in targets if not each.startswith(("https://", "http://", "#"))] == []
    assert "https://example.org/readers/networks/raw/main/docs/pictures/curves.png" in targets
    assert "https://example.org/readers/networks/blob/main/docs/book.md" in targets
    assert absolute("[![a](b.png)](c.md)", "https://e.org") == (
        "[![a](https://e.org/raw/main/b.png)](https://e.org/blob/main/c.md)"
    )
