"""What a layer's tar does that some engine refuses or reads otherwise, as data.

We follow the image specification; where engines differ, the difference is named instead of hidden. What each
engine does was observed on dockerd (overlay2, vfs), containerd, containers/storage (overlay, vfs) and umoci.
"""

from __future__ import annotations

from dataclasses import dataclass

DOCKER = ("dockerd overlay2", "dockerd vfs")
STORAGE = ("containers/storage overlay", "containers/storage vfs")
OVERLAYS = ("dockerd overlay2", "containerd", "containers/storage overlay")
FLAT = ("dockerd vfs", "containers/storage vfs")
ALL = ("dockerd overlay2", "dockerd vfs", "containerd", *STORAGE, "umoci")

KEPT_PER_CODE = 1000
"""Remarks of one kind that are kept: a hostile tar could cause one a member."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One peculiarity of a layer's tar.

    Attributes
    ----------
    code : str
        Which one, a key of `REMARKS`.
    path : str
        The member it is about, "" for the tar as a whole or the root.
    engines : tuple of str
        Who refuses the layer, or shows something else than the specification says; empty where all agree.
    words : str
        What it is and what they do, in a sentence.
    """

    code: str
    path: str
    engines: tuple[str, ...]
    words: str


REMARKS: dict[str, tuple[tuple[str, ...], str]] = {
    "dotdot": ((), "the name holds '..'; all engines clamp it at the root"),
    "absolute": ((), "the name begins with '/'; all engines clamp it at the root"),
    "not-utf8": ((), "the name is not UTF-8; it is kept byte for byte"),
    "long-name": ((), "a name of more than 251 bytes, which no layer can delete: '.wh.' and it exceed 255 bytes"),
    "too-long": (ALL, "a name of more than 255 bytes or a path of more than 4095: no engine can create it"),
    "duplicate": (
        (*DOCKER, *STORAGE), "the name is there twice; the last wins in umoci and containerd, the others refuse",
    ),
    "entry-then-whiteout": (
        (*OVERLAYS, *FLAT), "the layer has the name and then its whiteout; overlay engines refuse, vfs deletes it",
    ),
    "whiteout-and-directory": (
        OVERLAYS,
        "the layer has the directory's whiteout and the directory; in overlay engines the old content reappears",
    ),
    "bare-whiteout": (
        (*OVERLAYS, *FLAT), "a whiteout that names no file; umoci empties the directory, the others refuse",
    ),
    "opaque-root": (OVERLAYS, "the image's root is opaque; overlay engines ignore it"),
    "link-to-lower": (OVERLAYS, "a hard link to a file of a lower layer; overlay engines refuse"),
    "link-to-itself": (ALL, "a hard link to its own name; it is taken as another mention of the file"),
    "below-symlink": ((), "the name leads through a symlink of this layer, and is kept where the link points"),
    "below-file": (ALL, "the name lies below a file of this layer, which it replaces by a directory; engines refuse"),
    "device-0-0": (OVERLAYS, "a character device 0/0, which is a whiteout to overlay engines"),
    "overlay-xattr": (OVERLAYS, "an attribute trusted.overlay.*, which overlay engines obey"),
    "libarchive-xattr": (ALL, "an attribute as LIBARCHIVE.xattr, which Go's reader does not know"),
    "unknown-type": (ALL, "a member of unknown type; POSIX says to read it as a regular file, engines refuse"),
    "global-header": (ALL, "a PAX global header applies; dockerd and containerd ignore it, umoci refuses"),
    "no-end": ((), "the two blocks of zeros at the end are missing"),
    "trailing": ((), "bytes other than zeros follow the end; they count for the DiffID alone"),
}


def remark(code: str, path: str = "") -> Remark:
    """Make the remark of a code.

    Examples
    --------
    >>> remark("opaque-root").engines
    ('dockerd overlay2', 'containerd', 'containers/storage overlay')
    """
    engines, words = REMARKS[code]
    return Remark(code, path, engines, words)
