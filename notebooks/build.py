"""Build the notebooks from their pages, in English and Chinese; they are never edited.

    python notebooks/build.py                  # what the cells showed last time is kept
    python notebooks/build.py --run book ...   # run the code of these, and keep what it shows now

REPOSITORY=https://github.com/OWNER/NAME adds links that open the notebooks in Colab.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DOCS = FOLDER.parent / "docs"
TRANSLATED = ".zh-CN"
# The page of each notebook; its translation stands beside it.
PAGES = {
    "convolution_by_hand": DOCS / "convolution_by_hand.md",
    **{name: FOLDER / "sources" / f"{name}.md" for name in ("book", "layers_guide", "mastering", "fashion_mnist")},
}
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)\n```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?![a-z]+:|#)(?P<path>[^)#\s]+)(?P<heading>#[^)\s]+)?\)")
_OPEN = {
    "": "*Made from [{source}]({source}). To run it: `pip install '.[plots]'` in a copy of the repository, then open "
    "it in Jupyter, or upload it to Colab.*",
    TRANSLATED: "*由 [{source}]({source}) 生成。要运行它，先在代码仓库的副本里执行 `pip install '.[plots]'`，"
    "再用 Jupyter 打开，或上传到 Colab。*",
}
_IN_COLAB = {
    "": "*Made from [{source}]({source}). [Open in Colab]({colab}), and install the package in a first cell: "
    "`%pip install '{package}'`.*",
    TRANSLATED: "*由 [{source}]({source}) 生成。[在 Colab 中打开]({colab})，并在第一个单元格中安装程序包："
    "`%pip install '{package}'`。*",
}
# What TensorFlow says of calls that the sources make; in a kernel it says it on standard output.
_DEPRECATED = re.compile(r"WARNING:tensorflow:From .*\nInstructions for updating:\n(?:.*\n)")
_COLOURS = 256  # of a picture that is kept


def page(name: str, language: str) -> Path:
    """Return the page of a notebook; `language` is "" or `TRANSLATED`."""
    return PAGES[name].with_name(f"{name}{language}.md")


def target(name: str, language: str) -> Path:
    """Return the notebook's own file."""
    return FOLDER / f"{name}{language}.ipynb"


def code(name: str, language: str = "") -> list[str]:
    """Return the code of a notebook, cell by cell."""
    return [text for kind, text in _pieces(page(name, language)) if kind == "code"]


def built(name: str, language: str, outputs: list[list[dict[str, Any]]]) -> str:
    """Return a notebook, as its file has it.

    Args:
        name: one of `PAGES`.
        language: "" or `TRANSLATED`.
        outputs: what each of its code cells shows.
    """
    cells: list[dict[str, Any]] = []
    left = iter(outputs)
    for number, (kind, text) in enumerate(_pieces(page(name, language))):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            count = sum(each["cell_type"] == "code" for each in cells) + 1
            cell |= {"execution_count": count, "outputs": _numbered(next(left), count)}
        elif number == 0:
            text = _with_opening_line(text, name, language)
        cells.append({**cell, "source": text.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def outputs_shown(name: str) -> list[list[dict[str, Any]]]:
    """Return what the code of a notebook showed last time, cell by cell; nothing if its code is another now."""
    there = json.loads(target(name, "").read_text(encoding="utf-8")) if target(name, "").exists() else {"cells": []}
    cells = [each for each in there["cells"] if each["cell_type"] == "code"]
    if ["".join(each["source"]) for each in cells] != code(name):
        return [[] for _ in code(name)]
    return [each["outputs"] for each in cells]


def outputs_now(name: str) -> list[list[dict[str, Any]]]:
    """Run a notebook in an empty folder, and return what its cells show."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(built(name, "", [[] for _ in code(name)]), as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=None, resources={"metadata": {"path": folder}}).execute()
    return [_kept(each.outputs) for each in notebook.cells if each.cell_type == "code"]


def _pieces(source: Path) -> Iterator[tuple[str, str]]:
    """Yield the cells of a page: kind and text. What its code prints is left out, for the code itself shows it."""
    text, end = source.read_text(encoding="utf-8"), 0
    prose: list[str] = []
    for block in _BLOCK.finditer(text):
        prose.append(text[end : block.start()].strip())
        end = block.end()
        if block["language"] == "python":
            if any(prose):
                yield "markdown", _from_here("\n\n".join(filter(None, prose)), source)
            prose = []
            yield "code", block["text"]
        elif block["language"] != "text":
            prose.append(block[0])
    if any(prose := [*prose, text[end:].strip()]):
        yield "markdown", _from_here("\n\n".join(filter(None, prose)), source)


def _from_here(text: str, source: Path) -> str:
    """Let the relative links of a page start at the notebooks' folder; those to the page of a notebook lead to it."""
    notebooks = {page(name, language): target(name, language) for name in PAGES for language in ("", TRANSLATED)}

    def link(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(source.parent / found["path"]))
        return f"]({_relative(notebooks.get(path, path))}{found['heading'] or ''})"

    return _LINK.sub(link, text)


def _with_opening_line(text: str, name: str, language: str) -> str:
    """Say above a notebook's first section what it is made from, and how to open it."""
    source = _relative(page(name, language))
    host, _, repository = os.environ.get("REPOSITORY", "").rstrip("/").partition("github.com/")
    notebook = target(name, language).name
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{notebook}"
    package = f"lowlevel-cnn[plots] @ git+{host}github.com/{repository}"
    line = (_IN_COLAB if repository else _OPEN)[language].format(source=source, colab=colab, package=package)
    opening, heading, rest = text.partition("\n\n## ")
    return f"{opening}\n\n{line}{heading}{rest}"


def _relative(path: Path) -> str:
    return Path(os.path.relpath(path, FOLDER)).as_posix()


def _kept(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is worth keeping: standard output, values and pictures; no progress bars, log lines or dates."""
    kept: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            text = _DEPRECATED.sub("", output["text"])
            if kept and kept[-1]["output_type"] == "stream":
                text = "".join(kept.pop()["text"]) + text
            kept.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)})
        elif output["output_type"] in ("display_data", "execute_result"):
            data = {"text/plain": output["data"]["text/plain"].splitlines(keepends=True)}
            if picture := output["data"].get("image/png"):
                data["image/png"] = _smaller(picture)
            kept.append({"data": data, "metadata": {}, "output_type": output["output_type"]})
    return kept


def _smaller(picture: str) -> str:
    """Return a PNG file, in base64, with as few colours as do for a diagram."""
    from PIL import Image

    contents = io.BytesIO()
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB").quantize(_COLOURS)
    image.save(contents, "PNG", optimize=True)
    return base64.b64encode(contents.getvalue()).decode()


def _numbered(outputs: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    return [{**each, "execution_count": count} if each["output_type"] == "execute_result" else each for each in outputs]


def main() -> None:
    """Write all notebooks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--run", nargs="+", default=[], choices=PAGES, help="notebooks whose code is run first")
    run = parser.parse_args().run
    for name in PAGES:
        outputs = outputs_now(name) if name in run else outputs_shown(name)
        for language in ("", TRANSLATED):
            target(name, language).write_text(built(name, language, outputs), encoding="utf-8")


if __name__ == "__main__":
    main()
