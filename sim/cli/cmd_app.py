"""`sim app`: the widgets alone, a page each."""

from __future__ import annotations

import argparse

from .parser import Parser


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "app", "Open the widgets as pages of their own, for a projector: one widget a page, no cells. The pictures are"
        " drawn large.",
        "  sim app\n  sim app --lang zh --no-browser --port 9000",
    )
    found.add_argument("--port", type=int, metavar="N", help="the port to use; else the first free one from 8888")
    found.add_argument("--no-browser", action="store_true", help="only print the address to open")
    found.add_argument("--lang", choices=("en", "zh"), default="en", help="of the pages (default: en)")
    found.add_argument("--desk", action="store_true", help="pictures of the usual size, for reading at a desk")
    return found


def run(args: argparse.Namespace) -> int:
    """Serve the pages and stay until Ctrl-C."""
    from ..lab.apps import serve

    return serve(port=args.port, browser=not args.no_browser, lang=args.lang, projector=not args.desk)
