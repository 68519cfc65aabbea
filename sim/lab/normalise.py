"""What of an executed notebook is kept, and what of it two executions must share.

`clean` gives the form that is committed: cell ids, sources and outputs, without what differs between two
executions or two machines (times, widget state, the Python that ran it). `content` reduces a notebook further, to
lines that a test compares and a person can read as a diff:

    b2f1  code     lab.show()
    b2f1  text     ubuntu: 1 layer, 29.5 MB
    b2f1  picture  A stack of one plate ...            its alt text
    b2f1  words    ubuntu:22.04 | ADD rootfs | 29.5 MB its words, in their order
    b2f1  marks    3 rect layer-1, 1 path #000000      how many marks of which shape and fill

Coordinates are left out: they move with every version of a font or a drawing library.
"""

from __future__ import annotations

import base64
import binascii
import copy
import re
import urllib.parse
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

#: A cell whose answer the page does not give away: committed without its output.
REVEAL = "reveal"

_WIDGET = "application/vnd.jupyter.widget-view+json"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_SHAPES = {"rect", "path", "circle", "ellipse", "line", "polyline", "polygon"}
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")

Notebook = dict[str, Any]


def clean(notebook: Notebook) -> Notebook:
    """Return the notebook as it is committed.

    >>> cell = {"cell_type": "markdown", "id": "a", "metadata": {"trusted": True}, "source": "hi"}
    >>> clean({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})["cells"]
    [{'cell_type': 'markdown', 'id': 'a', 'metadata': {}, 'source': 'hi'}]
    """
    result = copy.deepcopy(notebook)
    result["metadata"] = {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}}
    count = 0
    for cell in result["cells"]:
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key in ("tags", "jupyter")}
        if cell["cell_type"] != "code":
            continue
        if REVEAL in cell["metadata"].get("tags", []):
            cell.update(outputs=[], execution_count=None)
            continue
        if cell.get("execution_count") is not None:
            count += 1
            cell["execution_count"] = count
        cell["outputs"] = list(_clean_outputs(cell["outputs"], cell["execution_count"]))
    return result


def _clean_outputs(outputs: list[dict[str, Any]], count: int | None) -> Iterator[dict[str, Any]]:
    last: dict[str, Any] = {}
    for output in outputs:
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] = _joined(last["text"]) + _joined(output["text"])
            continue
        if "data" in output:
            output["data"].pop(_WIDGET, None)
            output["metadata"] = {}
            if not output["data"]:
                continue
        if output["output_type"] == "execute_result":
            output["execution_count"] = count
        if last:
            yield last
        last = output
    if last:
        yield last


def without_widgets(model: dict[str, Any], **_: object) -> None:
    """Leave of each widget the picture beside it: what Jupyter calls before it saves (`pre_save_hook`).

    A saved widget belongs to a kernel that is gone when the file is opened again: JupyterLab would show "model not
    found" in its place, and not the picture. What has no picture beside it is left as it is.

    Parameters
    ----------
    model : dict
        Of Jupyter's contents API; changed in place.
    """
    if model.get("type") != "notebook":
        return
    for cell in model["content"]["cells"]:
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", ()):
                output["data"].pop(_WIDGET, None)


def content(notebook: Notebook) -> list[str]:
    """Return what two executions of a lesson must share, a line each; reveal cells without their outputs.

    >>> content({"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Hi"]}], "metadata": {}})
    ['a  markdown  # Hi']
    """
    lines: list[str] = []
    for cell in clean(notebook)["cells"]:
        parts = [(cell["cell_type"], _joined(cell["source"]))]
        for output in cell.get("outputs", []):
            parts += _shown(output)
        lines += [f"{cell['id']}  {kind}  {line}" for kind, text in parts for line in text.splitlines()]
    return lines


def _shown(output: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if output["output_type"] == "stream":
        yield output["name"], _still(_joined(output["text"]))
    elif output["output_type"] == "error":
        yield "error", f"{output['ename']}: {output['evalue']}"
    for kind, value in sorted(output.get("data", {}).items()):
        if kind == "text/html":
            yield from _Page.read(_joined(value))
        elif kind == "image/svg+xml":
            yield from _svg(_joined(value))
        elif kind.startswith("text/"):
            yield "text", _still(_joined(value))
        else:
            yield "other", kind


class _Page(HTMLParser):
    """The text of an HTML output, and its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[tuple[str, str]] = []
        self._hidden = 0

    @classmethod
    def read(cls, html: str) -> list[tuple[str, str]]:
        page = cls()
        page.feed(html)
        page.close()
        return page.parts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script")
        if tag == "img":
            given = dict(attrs)
            self.parts.append(("picture", given.get("alt") or "(no alt text)"))
            kind, _, data = (given.get("src") or "").partition(",")
            if kind.startswith("data:image/svg+xml"):
                self.parts += _svg(_decoded(data, "base64" in kind))

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.parts.append(("html", _still(" ".join(data.split()))))


def _decoded(data: str, is_base64: bool) -> str:
    if not is_base64:
        return urllib.parse.unquote(data)
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _svg(text: str) -> Iterator[tuple[str, str]]:
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        yield "words", "(a picture that is no SVG)"
        return
    elements = list(_drawn(root))
    words = [" ".join("".join(element.itertext()).split()) for element in elements if _name(element) == "text"]
    marks = Counter(f"{_name(element)} {_fill(element)}" for element in elements if _name(element) in _SHAPES)
    yield "words", " | ".join(words)
    yield "marks", ", ".join(f"{number} {mark}" for mark, number in sorted(marks.items()))


def _drawn(element: ET.Element) -> Iterator[ET.Element]:
    if _name(element) in ("defs", "metadata", "style"):
        return
    yield element
    for child in element:
        yield from _drawn(child)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _fill(element: ET.Element) -> str:
    styled = re.search(r"(?:^|;)\s*fill:\s*([^;]+)", element.get("style", ""))
    return element.get("fill") or (styled[1].strip() if styled else element.get("class") or "plain")


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _still(text: str) -> str:
    return _ADDRESS.sub("0x", text)
