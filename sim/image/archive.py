"""Opening an archive: which kind it is, told by what it holds and never by its name.

    index.json + oci-layout     an OCI image layout; `docker save` since 25 adds a manifest.json to one
    manifest.json alone         `docker save` up to 24
    repositories alone          docker before 1.10: refused, its images have no DiffIDs
"""

from __future__ import annotations

from pathlib import Path

from ..content.limits import DEFAULT, Limits
from ..content.store import INDEX_FILE, LAYOUT_FILE
from ..errors import ArchiveInvalid, Unsupported
from .docker_save import MANIFEST_FILE, DockerSave
from .oci_layout import OciLayout
from .outer import Progress, open_outer
from .outline import Archive

REPOSITORIES_FILE = "repositories"


def open_archive(path: Path, *, limits: Limits = DEFAULT, progress: Progress | None = None) -> Archive:
    """Open an archive and list its images; no layer is read.

    Parameters
    ----------
    path : Path
        A tar, plain or compressed with gzip or zstd, or a folder.
    limits : Limits
        Bound the bytes that a compressed archive decompresses to, and the members.
    progress : callable, optional
        Called while a compressed archive is decompressed.

    Raises
    ------
    ArchiveInvalid
        No image archive.
    BadInput
        A broken one; the subclass says how.
    """
    outer = open_outer(path, limits, progress)
    known = (INDEX_FILE, LAYOUT_FILE, MANIFEST_FILE, REPOSITORIES_FILE)
    held = {name for name in known if outer.size(name) is not None}
    if held >= {INDEX_FILE, LAYOUT_FILE}:
        return OciLayout(outer)
    if MANIFEST_FILE in held:
        return DockerSave(outer)
    if INDEX_FILE in held or LAYOUT_FILE in held:
        missing = LAYOUT_FILE if INDEX_FILE in held else INDEX_FILE
        raise ArchiveInvalid(f"half an OCI image layout: {missing} is missing", where=outer.where,
                             hint="export the image again")
    if REPOSITORIES_FILE in held:
        raise Unsupported("saved by docker before 1.10, without DiffIDs", where=outer.where,
                          hint="load and save it with a newer docker")
    raise ArchiveInvalid(
        "no image archive: neither index.json (OCI layout) nor manifest.json (docker save) is in it",
        where=outer.where, hint="make one with `docker save` or `skopeo copy`",
    )
