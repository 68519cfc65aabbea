"""vim, vi and nano on a host: what is typed replaces the file.

A simulated terminal has no screen to edit on. Where the text follows the line (a transcript, a cell), it becomes
the file; its comment line, ``# add this``, is said to a reader and is no part of it. Alone, the editor shows the file.
"""

from __future__ import annotations

from ..errors import FsError
from .sh.process import Process

EDITORS = {"vim", "vi", "nano", "emacs", "gedit"}


def typed_text(lines: list[str]) -> str:
    """Return what a person typed into an editor: the lines below its command, less comment lines and blank ends.

    Examples
    --------
    >>> typed_text(["", "# add", "{", '  "debug": true', "}", ""])
    '{\\n  "debug": true\\n}\\n'
    """
    kept = [line for line in lines if not line.lstrip().startswith("#")]
    while kept and not kept[0].strip():
        kept.pop(0)
    while kept and not kept[-1].strip():
        kept.pop()
    return "".join(line + "\n" for line in kept)


def edit(p: Process) -> int:
    """`vim FILE`: standard input is what was typed."""
    paths = [word for word in p.args if not word.startswith(("-", "+"))]
    if not paths:
        return p.err("name a file: the simulated editor takes the text that follows the line")
    path, text = paths[0], p.stdin.all()
    if not text:
        try:
            p.out(p.files.read(p.at(path), 1 << 20))
        except FsError:
            p.line(f'"{path}" [New]')
        p.stderr.write(b"(nothing was typed: the file is as it was)\n")
        return 0
    p.files.write(p.at(path), text)
    lines = text.count(b"\n")
    p.line(f'"{path}" {lines}L, {len(text)}B written')
    return 0
