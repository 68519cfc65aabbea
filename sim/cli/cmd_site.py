"""`sim site DEST`: the lessons as a static site, for any web server or none but this machine's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from .. import __version__
from ..lab.text import LANGUAGES
from .parser import Parser


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "site", "Build the lessons as a static site (JupyterLite): Python runs in the reader's browser, all files are"
        " local, and plain http is enough. Pyodide comes from --pyodide, else npm fetches it. About 50 MB.",
        "  sim site public\n  sim site public --pyodide pyodide --lang zh\n"
        "  python3 -m http.server --directory public      serve it to a classroom",
    )
    found.add_argument("dest", metavar="DEST", type=Path, help="a new folder, or that of an earlier site")
    found.add_argument("--pyodide", metavar="DIR", type=Path, help="the folder of the npm package pyodide")
    found.add_argument("--lang", choices=LANGUAGES, default="en", help="of the start page (default: en)")
    return found


def run(args: argparse.Namespace) -> int:
    """Build it, and say how to serve it."""
    from ..lab.website import build

    build(args.dest, __version__, args.pyodide, args.lang)
    print(f"The site is in {args.dest}; {args.dest / 'index.html'} is its start page. Any web server will do:\n")
    print(f"    python3 -m http.server --directory {args.dest}")
    return 0
