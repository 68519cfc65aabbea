"""The measured case table of the kernel, played on the model: its own script, its own results, no root.

Cases that are no operations of the model are facts for lessons; FACTS says why. Of some cases a part is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.overlaykit import stage_os

FACTS = {
    "A17": "xwhiteouts (composefs) are not modelled",
    "B01": "the order inside one layer is the disk's; the order of the layers is in the recorded cases",
    "B03": "open directory streams are not modelled: readdir answers at once",
    "C03": "several file systems: all directories of a mount are on one",
    "C04": "blocks on disk; what metacopy copies is in the recorded cases",
    "C12": "inotify and flock",
    "C13": "running programs",
    "C15": "blocks on disk; holes are in test_holes_take_no_space",
    "C16": "a small file system; test_a_copy_up_that_does_not_fit_leaves_nothing",
    "E03": "mv(1) is a program; the errno that makes it copy is in E02",
    "F02": "two mounts that share directories",
    "F04": "mounts on mounts",
    "F05": "a lower directory that changes while it is mounted",
    "F06": "how the kernel names its working files",
    "F07": "an upper's file system without extended attributes",
    "F08": "O_TMPFILE, fallocate, O_DIRECT",
    "F09": "user namespaces",
}
PARTS = {
    ("C01", "flock LOCK_EX on O_RDONLY fd"): "locks",
    ("C02", "ctime changed"): "only modification times are modelled",
    ("C02", "atime same"): "only modification times are modelled",
    ("C02", "upper xattrs"): "the origin mark is a file handle of the disk",
    ("D01", "whiteout mode, nlink"): "that whiteouts share an inode on disk is not counted",
    ("D02", "st_nlink"): "that whiteouts share an inode on disk is not counted",
    ("D06", "xino=on upper"): "xino means nothing on one file system",
    ("F01", "workdir on other fs"): "all directories of a mount are on one file system",
}


def plain(value: Any) -> Any:
    """JSON's view of a result, without the kernel's bookkeeping marks."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, str):
        return re.sub(r" \{([^}]*)\}", _own_marks, value)
    return value if isinstance(value, int | float | bool) or value is None else str(value)


def _own_marks(found: re.Match[str]) -> str:
    kept = [mark for mark in found.group(1).split(",") if not mark.startswith(("origin=", "impure="))]
    return " {" + ",".join(kept) + "}" if kept else ""


def test_the_measured_cases_play_on_the_model(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shared / "truth" / "kernel"
    recorded = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    # The script only defines functions when it is not run as a program.
    monkeypatch.setitem(sys.modules, "ovlib", stage_os.library())
    monkeypatch.setitem(sys.modules, "fcntl", stage_os.ModuleType("fcntl"))
    script: dict[str, Any] = {"__name__": "cases"}
    exec(compile((folder / "cases.py").read_text(encoding="utf-8"), "cases.py", "exec"), script)
    compared = 0
    for case, title, play in script["CASES"]:
        if case in FACTS:
            continue
        ours: dict[str, Any] = {}
        try:
            play(ours)
        except AttributeError:
            # A part that the stage cannot play ends its case: it must be one of PARTS.
            pass
        for key, theirs in recorded["cases"][case]["result"].items():
            if (case, key) not in PARTS:
                assert plain(ours.get(key)) == plain(theirs), f"{case} {title}: {key} (on {recorded['kernel']})"
                compared += 1
    assert compared > 200
