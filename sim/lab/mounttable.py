"""A mount table as a tree: each mount below the one that it lies in, read-only or read-write.

    ro  /        ext4
    rw   /dev    devtmpfs
    rw   /proc   proc
         /proc   4 more: 4 ro                    what lies below a directory in numbers is folded
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..boot.memory import Mount
from .svg import Drawing, fit, measure
from .text import t

FOLD_ABOVE = 3
"""More mounts than this below a directory other than / become one row."""
ROW = 24


@dataclass(frozen=True, slots=True)
class MountRow:
    """One row of the tree; `mode` is ``ro``, ``rw``, or empty where several are folded."""

    depth: int
    mode: str
    target: str
    kind: str


def mount_rows(mounts: Sequence[Mount], lang: str, root: str = "/") -> list[MountRow]:
    """Return a mount table's rows, each below what it is mounted in.

    Parameters
    ----------
    root : str
        A directory that is written as "…", for what lies below it.

    Examples
    --------
    >>> [row.target for row in mount_rows([Mount("a", "/", "ext4"), Mount("b", "/boot", "ext2")], "en")]
    ['/', '/boot']
    """
    targets = [mount.target for mount in mounts]
    below: dict[str, list[Mount]] = {}
    for mount in mounts:
        below.setdefault(_parent(mount.target, targets), []).append(mount)
    return list(_rows(below, "", 0, lang, root))


def _rows(below: Mapping[str, Sequence[Mount]], parent: str, depth: int, lang: str, root: str) -> Iterator[MountRow]:
    mounts = below.get(parent, ())
    if len(mounts) > FOLD_ABOVE and parent not in ("", "/", root):
        sealed = sum(mount.options[0] == "ro" for mount in mounts)
        words = t("mounts.folded", lang, n=len(mounts), ro=sealed, rw=len(mounts) - sealed)
        yield MountRow(depth, "", f"{_short(parent, root).rstrip('/')}/…", words)
        return
    for mount in mounts:
        yield MountRow(depth, mount.options[0], _short(mount.target, root), mount.kind)
        # One mount over another of the same place: what lies below is seen through the upper one.
        if mount is next(other for other in reversed(mounts) if other.target == mount.target):
            yield from _rows(below, mount.target, depth + 1, lang, root)


def _parent(target: str, targets: Sequence[str]) -> str:
    inside = [other for other in targets if other != target and target.startswith(other.rstrip("/") + "/")]
    return max(inside, key=len, default="")


def _short(target: str, root: str) -> str:
    return target if root == "/" or not target.startswith(root) else "…/merged" + target[len(root):]


def draw_mounts(drawing: Drawing, x: float, y: float, width: float, rows: Sequence[MountRow]) -> float:
    """Draw the rows; return the y below them."""
    for n, row in enumerate(rows):
        top, left = y + ROW * n, x + 38 + 18 * row.depth
        if row.mode:
            drawing.box(x, top, 30, 20, "plate" if row.mode == "ro" else "blank dash", [row.mode])
        if row.depth:
            drawing.line([(left - 12, top - 3), (left - 12, top + 11), (left - 4, top + 11)])
        room = x + width - left
        target = fit(row.target, room * 0.66, keep_end=True)
        drawing.text(left, top + 15, target, bold=row.depth == 0)
        drawing.text(x + width, top + 15, fit(row.kind, room - measure(target) - 8), "muted", anchor="end")
    return y + ROW * len(rows)
