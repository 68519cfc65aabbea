"""The widgets as pages of their own, for a projector: one table, one generated notebook a page, served by Voila.

    PAGES  -->  TEMPORARY/index.ipynb  slider.ipynb  lookup.ipynb ...  -->  voila, on 127.0.0.1 alone

Each page is a kernel of its own, so that two of them do not disturb each other. The look of Voila's pages is kept, but
for the fonts that it asks a server on the internet for.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import SimError
from .serving import ask, child, encrypted, end_in_order, environment, free_port, not_as_root, show, stop
from .text import t


@dataclass(frozen=True, slots=True)
class Page:
    """A page with one widget.

    Attributes
    ----------
    name : str
        Of its file, and of its title in the catalogue: ``app.NAME``.
    code : str
        The lines that show it; `lab` is there.
    """

    name: str
    code: str


PAGES = (
    Page("slider", "lab.slide(lab.open())"),
    Page("lookup", 'lab.step(lab.open(), ["/usr/bin/vim", "/etc/vim/vimrc", "/var/lib/apt/lists/lock"])'),
    Page("copyup", 'lab.explore(lab.mount(lab.open()), paths=["/etc/passwd", "/usr/bin/perl", "/etc/apt"])'),
    Page("build", 'lab.goto("05.5")\nlab.build_story("hello:1")'),
    Page("boot", "lab.ways()"),
    Page("wire", 'lab.wire(lab.open("sample:nginx"))'),
    Page("registry", 'lab.goto("08.4")\nlab.registry()'),
    Page("console", "lab.cloud"),
    Page("treemap", "lab.treemap(lab.open())"),
    Page("terminal", 'lab.goto("notes")\nlab.shell()'),
)
"""In the order of the lessons."""

START_SECONDS = 60
_TEMPLATE = "layerlab"
# The parent's block links to fonts on the internet; that of its own parent is what remains.
_LOOK = (
    "{%%- extends 'lab/index.html.j2' -%%}\n"
    "{%% import 'spinner.macro.html.j2' as spinner %%}\n"
    "{%%- block notebook_css -%%}{{ resources.include_js('static/voila-style.js') }}{{ spinner.css() }}"
    "{{ super.super() }}<style>.jp-mod-noOutputs.jp-mod-noInput{display:none}.widget-hbox{flex-wrap:wrap}%s</style>"
    "{%%- endblock notebook_css -%%}\n"
)
_LARGE = "#rendered_cells{zoom:1.5}"
_NOT_HERE = "@jupyterlite/pyodide-kernel-extension"
"""What the extra for the site brings: a kernel of JupyterLite alone."""
_IDLE_S = 120
"""A page that was left leaves its kernel behind, which ends after so long."""


def notebooks(lang: str = "en", projector: bool = True) -> dict[str, dict[str, Any]]:
    """Return the notebooks of the pages by their files' names, the index first."""
    links = "\n".join(f"- [{t(f'app.{page.name}', lang)}]({page.name}.ipynb)" for page in PAGES)
    index = _notebook(_markdown("index", f"# Layer Lab\n\n{t('app.index', lang)}\n\n{links}"))
    return {"index.ipynb": index} | {f"{page.name}.ipynb": _page(page, lang, projector) for page in PAGES}


def _page(page: Page, lang: str, projector: bool) -> dict[str, Any]:
    title = t(f"app.{page.name}", lang)
    code = f"from sim import Lab\nlab = Lab({lang!r}, projector={projector})\n{page.code}"
    return _notebook(
        _markdown("title", f"# {title}\n\n[{t('app.back', lang)}](index.ipynb)"),
        {"cell_type": "code", "id": "widget", "metadata": {}, "source": code, "outputs": [], "execution_count": None},
    )


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def serve(port: int | None = None, browser: bool = True, lang: str = "en", projector: bool = True) -> int:
    """Serve the pages until Ctrl-C or SIGTERM.

    Parameters
    ----------
    port : int, optional
        The port to use; without it, the first free one from 8888.
    browser : bool
        Whether to open a browser; the address is printed in any case.
    lang : {"en", "zh"}
    projector : bool
        Whether the pictures are drawn larger.

    Returns
    -------
    int
        0 after an orderly end, else Voila's exit code.

    Raises
    ------
    SimError
        The port is taken, Voila does not start, or this is root on an ordinary machine.
    """
    not_as_root()
    chosen = free_port(port)
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="layerlab-", ignore_cleanup_errors=True) as folder:
        token = secrets.token_hex(24)
        look = _LOOK % (_LARGE if projector else "")
        # Voila talks of each page that is left; who presents does not want to read that.
        with open(Path(folder) / "log", "wb") as log:
            server = _start(Path(folder), chosen, token, notebooks(lang, projector), look, log)
        try:
            _wait(server, chosen, token, Path(folder) / "log")
            url = f"http://127.0.0.1:{chosen}/voila/render/index.ipynb?token={token}"
            print(f"The widgets are open at\n\n    {url}\n\nCtrl-C in this window ends them.", flush=True)
            if browser:
                show(url)
            code = server.wait()
        except KeyboardInterrupt:
            print("\nClosing the widgets.", flush=True)
            code = 0
        finally:
            stop(server)
    return code


def _start(
    folder: Path, port: int, token: str, pages: dict[str, dict[str, Any]], look: str, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    own, shown = folder / "jupyter", folder / "pages"
    template = own / "data" / "voila" / "templates" / _TEMPLATE
    for path in (template, shown):
        path.mkdir(parents=True)
    (template / "index.html.j2").write_text(look, encoding="utf-8")
    (template / "conf.json").write_text('{"base_template": "lab"}', encoding="utf-8")
    for name, notebook in pages.items():
        (shown / name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "voila", str(shown), "--no-browser", f"--port={port}", f"--token={token}"]
    command += [f"--template={_TEMPLATE}", "--Voila.ip=127.0.0.1", "--Application.log_level=ERROR"]
    command += ["--Voila.port_retries=0", f"--VoilaConfiguration.extension_denylist={_NOT_HERE}", *encrypted()]
    command += ["--MappingKernelManager.cull_interval=30", f"--MappingKernelManager.cull_idle_timeout={_IDLE_S}"]
    return child(command, environment(own, folder, token), shown, log)


def _wait(server: subprocess.Popen[bytes], port: int, token: str, log: Path) -> None:
    print("Starting Voila ...", flush=True)
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if server.poll() is not None:
            said = log.read_text("utf-8", "replace").split("\n")
            last = next(filter(None, reversed(said)), "it said nothing")
            raise SimError(f"Voila ended as it started, with exit code {server.returncode}: {last}")
        try:
            ask(f"http://127.0.0.1:{port}/?token={token}", token)
            return
        except OSError:
            time.sleep(0.1)  # Not listening yet.
    raise SimError(f"Voila did not answer within {START_SECONDS} seconds", hint="run this again")
