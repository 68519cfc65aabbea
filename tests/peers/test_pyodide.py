"""The model's floors in a browser's Python: CPython compiled to WebAssembly (Pyodide), run by node.

    npm install --prefix FOLDER pyodide@314.0.6
    LAYERLAB_PYODIDE=FOLDER/node_modules/pyodide python3 -m sim test tests/peers/test_pyodide.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = """
const { loadPyodide } = await import(process.argv[1]);
const python = await loadPyodide();
python.FS.mkdir("/clone");
python.FS.mount(python.FS.filesystems.NODEFS, { root: process.argv[2] }, "/clone");
python.runPython(`
import runpy, sys
sys.argv = ["portable.py", "/clone"]
sys.dont_write_bytecode = True
runpy.run_path("/clone/tests/portable.py", run_name="__main__")
`);
"""


def test_the_floors_give_the_same_in_a_browsers_python(need: Callable[[object, str], None]) -> None:
    folder = Path(os.environ.get("LAYERLAB_PYODIDE", "no-such-folder"))
    need(shutil.which("node"), "node is not on the PATH")
    need((folder / "pyodide.mjs").is_file(), "LAYERLAB_PYODIDE does not name the folder of the npm package pyodide")
    in_browser = subprocess.run(
        ["node", "--input-type=module", "--eval", RUN, (folder / "pyodide.mjs").resolve().as_uri(), str(ROOT)],
        capture_output=True, encoding="utf-8", check=False, timeout=300,
    )  # fmt: skip
    assert in_browser.returncode == 0, in_browser.stderr[-3000:]
    here = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "portable.py"), str(ROOT)],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert json.loads(in_browser.stdout.splitlines()[-1]) == json.loads(here.stdout)
