"""`sim lab`: the lessons, in JupyterLab."""

from __future__ import annotations

import argparse

from .parser import Parser


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "lab", "Open the lessons in JupyterLab: a working copy in my-lessons/; notebooks/ is never touched.",
        "  sim lab\n  sim lab --lang zh\n  sim lab --no-browser --port 9000",
    )
    found.add_argument("--port", type=int, metavar="N", help="the port to try first; else the next free one")
    found.add_argument("--no-browser", action="store_true", help="only print the address to open")
    found.add_argument("--lang", choices=("en", "zh"), help="the edition to open; else that of the system's language")
    return found


def run(args: argparse.Namespace) -> int:
    """Start JupyterLab and stay until it ends."""
    from ..lab.launch import launch

    return launch(port=args.port, browser=not args.no_browser, lang=args.lang)
