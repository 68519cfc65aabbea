"""`sim gc ROOT`: free the space of what nobody can reach in a registry's folder."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from ..content.sizes import human_size
from ..errors import BadInput
from ..registry.collect import Collected
from ..registry.disk import DiskStorage
from ..registry.service import Service
from ..registry.state import Policy
from .parser import Parser, add_json
from .text import plural, print_json, shown


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "gc", "Remove from a registry's folder the blobs that no manifest needs. Deleting a tag or a manifest frees"
        " nothing by itself, since others may share its blobs; this does. Tagged and untagged manifests stay, and so"
        " do unfinished uploads. The registry must not be running on the folder.",
        "  sim gc /var/lib/registry --dry-run     say what would go\n  sim gc /var/lib/registry",
    )
    found.add_argument("root", metavar="ROOT", help="the folder that sim serve --root names")
    found.add_argument("--dry-run", action="store_true", help="only say what would go")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Collect, and say what was freed."""
    if not (Path(args.root) / "journal").is_file():
        raise BadInput("no folder of a registry", where=args.root, hint="name the folder that sim serve --root names")
    with DiskStorage(args.root) as storage:
        service = Service(storage, Policy(), clock=time.time, seeds=lambda: "")
        # Nobody pushes while the folder is ours, so nothing needs a grace.
        found = service.collect(grace_s=0, dry_run=args.dry_run)
        kept = len(service.state.uploads.keys() - set(found.sessions))
    if args.json:
        print_json(_document(found))
    else:
        _say(found, kept, args.dry_run)
    return 1 if found.missing else 0


def _document(found: Collected) -> dict[str, object]:
    return {
        "freed": [{"digest": str(digest), "size": size} for digest, size in found.freed],
        "bytes": found.bytes,
        "unlinked": [{"repository": one.repository, "digest": str(one.digest)} for one in found.unlinked],
        "sessions": list(found.sessions),
        "missing": [{"repository": name, "digest": str(digest)} for name, digest in found.missing],
    }


def _say(found: Collected, kept: int, dry_run: bool) -> None:
    for digest, size in found.freed:
        print(f"{digest}  {human_size(size)}")
    verb = "would be freed" if dry_run else "freed"
    print(f"{plural(len(found.freed), 'blob')}, {human_size(found.bytes)} {verb}")
    if found.sessions:
        print(f"{plural(len(found.sessions), 'old upload')} {'would be given up' if dry_run else 'given up'}")
    if kept:
        print(f"{plural(kept, 'unfinished upload')} kept")
    for name, digest in found.missing:
        print(f"missing: {shown(name)} needs {digest}, and its bytes are gone; push it again")
