"""The package is described in setup.cfg. Here the README's links become absolute, so that a package index shows them:

REPOSITORY=https://github.com/OWNER/NAME python -m build
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from setuptools import setup

_RELATIVE_LINK = re.compile(r"\]\((?P<target>(?![a-z]+:|#)[^)\s]+)\)")
_PICTURES = (".png", ".jpg", ".svg")


def with_absolute_links(text: str, repository: str) -> str:
    """Return a page whose links lead to the main branch of a repository, to pictures as the files themselves."""

    def absolute(link: re.Match[str]) -> str:
        view = "raw" if link["target"].endswith(_PICTURES) else "blob"
        return f"]({repository}/{view}/main/{link['target']})"

    return _RELATIVE_LINK.sub(absolute, text)


if __name__ == "__main__":
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    repository = os.environ.get("REPOSITORY", "").rstrip("/")
    if repository:
        readme = with_absolute_links(readme, repository)
    setup(
        long_description=readme,
        long_description_content_type="text/markdown",
        project_urls={"Source": repository, "Issues": f"{repository}/issues"} if repository else {},
    )
