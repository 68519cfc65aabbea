"""An image's root file system handed to something that runs it: a kernel, or a container's runtime.

    merged view --newc cpio-->  initramfs     a kernel unpacks it into memory and runs rdinit=/bin/sh of it
                --folder----->  bundle/       rootfs/ and config.json: runc run --bundle bundle NAME

Both come from the same layers by the same rules; what differs is who brings the kernel. A container is given
the host's; a machine has to bring its own, since no image holds one.

A kernel opens /dev/console before it runs anything and nothing is mounted over /dev by then, so an initramfs gets
that node where the image has none. The bundle needs nothing: a runtime mounts /proc, /dev and /sys itself.

Sources: Linux, Documentation/filesystems/ramfs-rootfs-initramfs.rst and init/main.c; OCI runtime-spec, bundle.md.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..content.compression import GZIP_MAGIC
from ..content.durable import folder_aside, sweep, written_aside
from ..errors import BadInput, StartRefused
from ..fs.entry import Entry, Kind
from ..image.layer import Image
from ..union.index import Index
from ..union.paths import path_bytes
from .cpio import MAGIC, Node, write_newc
from .host import Host
from .program import execve, find_program
from .runtime import Spec, runtime_spec
from .unpack import unpack

CONSOLE = Entry(Kind.CHAR, 0o600, rdev=(5, 1))
_IMPLIED = Entry(Kind.DIRECTORY, 0o755)
_INITS = ("/init", "/bin/sh", "/sbin/init")
"""What a kernel is told to run, the first that the image has: /init is what it looks for by itself."""
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Initramfs:
    """A root file system as a kernel takes it.

    Attributes
    ----------
    nodes : tuple of Node
        The root first, each directory before what is in it.
    rdinit : str
        The program that the kernel is to run: what ``rdinit=`` names.
    """

    nodes: tuple[Node, ...]
    rdinit: str

    @property
    def append(self) -> str:
        """Kernel arguments for a machine that is watched on its serial line.

        Examples
        --------
        >>> Initramfs((), "/bin/sh").append
        'console=ttyS0 rdinit=/bin/sh'
        """
        return f"console=ttyS0 rdinit={self.rdinit}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An OCI bundle that was written.

    Attributes
    ----------
    path : Path
    spec : dict
        What its `config.json` holds.
    left_out : mapping of str to int
        What could not be written, in words, and how often: see `unpack`.
    """

    path: Path
    spec: Spec = field(hash=False)
    left_out: Mapping[str, int] = field(hash=False)


def rootfs(image: Image, index: Index | None = None) -> tuple[Node, ...]:
    """Return an image's merged view as nodes: the root, then each directory before what is in it, in byte order.

    Names of one inode share a number only where one layer gave them: across layers a link is shown as a copy.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> [node.path for node in rootfs(sample("hello-world"))]
    ['', 'hello']
    """
    index = Index.of(image.stack) if index is None else index
    top = index.find("")
    numbers: dict[object, int] = {}
    nodes = [Node("", _IMPLIED if top is None else top[1], 0)]
    # The order of a listing tells of the layers; two stacks that show the same are to give the same bytes.
    for path, layer, entry in sorted(index.walk(), key=lambda found: path_bytes(found[0]).split(b"/")):
        key = (layer, entry.inode) if entry.inode and not entry.is_dir else path
        nodes.append(Node(path, entry, numbers.setdefault(key, len(numbers) + 1)))
    return tuple(nodes)


def initramfs(image: Image, rdinit: str | None = None) -> Initramfs:
    """Return an image's root file system as a kernel can boot it.

    Parameters
    ----------
    image : Image
    rdinit : str, optional
        The program to run, by its absolute path. By default the first of /init, /bin/sh, /sbin/init and the image's
        own program that can be run.

    Raises
    ------
    BadInput
        The program cannot be run, or there is none.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> made = initramfs(sample("alpine"))
    >>> made.rdinit, [node.entry.rdev for node in made.nodes if node.path == "dev/console"]
    ('/bin/sh', [(5, 1)])
    """
    index = Index.of(image.stack)
    chosen = _checked(image, index, rdinit) if rdinit is not None else _first(image, index)
    return Initramfs(_with_console(rootfs(image, index)), chosen)


def _checked(image: Image, index: Index, name: str) -> str:
    where = f"{image.name}, {name}"
    if not name.startswith("/") or any(letter.isspace() for letter in name):
        raise BadInput("a kernel is told an absolute path without blanks", where=where, hint="such as /bin/sh")
    host = Host(architecture=image.config.architecture)
    try:
        execve(index, find_program(index, name), host)
    except StartRefused as error:
        words = error.what.rpartition("process: ")[2]
        raise BadInput(f"a {host.architecture} kernel cannot run it: {words}", where=where) from None
    return name


def _first(image: Image, index: Index) -> str:
    run = image.config.config
    own = [word for word in (*run.entrypoint, *run.cmd)[:1] if word.startswith("/")]
    for name in (*_INITS, *own):
        try:
            return _checked(image, index, name)
        except BadInput:
            continue
    tried = ", ".join((*_INITS, *own))
    raise BadInput(f"none of {tried} can be run", where=image.name, hint="name the program that the kernel is to run")


def _with_console(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    there = {node.path: node.entry for node in nodes}
    number = max(node.inode for node in nodes) + 1
    if "dev" in there and not there["dev"].is_dir:
        return nodes
    kept = tuple(node for node in nodes if node.path != "dev/console" or node.entry.rdev == CONSOLE.rdev)
    missing = [] if "dev" in there else [Node("dev", _IMPLIED, number)]
    if there.get("dev/console", _IMPLIED).rdev != CONSOLE.rdev:
        missing.append(Node("dev/console", CONSOLE, number + 1))
    return (*kept, *missing)


def write_initramfs(image: Image, dest: str | os.PathLike[str], rdinit: str | None = None) -> Initramfs:
    """Write an image's root file system as an initramfs; a name that ends in ``.gz`` is compressed.

    Equal images give equal bytes; compressed ones where the same zlib is at work. The file appears whole or not at
    all.

    Parameters
    ----------
    image : Image
    dest : path
    rdinit : str, optional
        As in `initramfs`.

    Raises
    ------
    BadInput
        `dest` is something else; a name or number that the archive cannot hold; a program that cannot be run.
    OSError
        The disk is full, or `dest` is not writable; nothing is left behind.
    """
    path = Path(dest)
    _may_replace(path)
    made = initramfs(image, rdinit)
    pieces = write_newc(made.nodes)
    sweep(path.parent)
    with written_aside(path) as file:
        for piece in _gzipped(pieces) if path.suffix == ".gz" else pieces:
            file.write(piece)
    return made


def _may_replace(path: Path) -> None:
    if not path.parent.is_dir():
        raise BadInput("there is no such folder", where=str(path.parent), hint="make it first")
    if not path.exists():
        return
    if not path.is_file():
        raise BadInput("something else is in the place of the file", where=str(path), hint="name a file")
    with open(path, "rb") as file:
        head = file.read(512)
    if head.startswith(GZIP_MAGIC):
        try:
            head = zlib.decompressobj(31).decompress(head, len(MAGIC))
        except zlib.error:
            head = b"?"
    if head and not head.startswith(MAGIC):
        hint = "remove it, or name another file"
        raise BadInput("exists and is no initramfs, so it is not replaced", where=str(path), hint=hint)


def _gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    # What a kernel is to unpack is to be small: nobody names these bytes by their digest.
    packer = zlib.compressobj(6, wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def write_bundle(
    image: Image, dest: str | os.PathLike[str], *, args: Sequence[str] | None = None, host: Host = Host(),  # noqa: B008
    hostname: str = "container",
) -> Bundle:
    """Write an OCI bundle: a folder with the root file system and the `config.json` of a container of an image.

    Parameters
    ----------
    image : Image
    dest : path
        A folder that does not exist, or is empty; it appears whole or not at all.
    args : sequence of str, optional
        The command, in place of the image's CMD.
    host : Host
    hostname : str

    Raises
    ------
    StartRefused
        Nothing to run, or a user that the image does not know.
    BadInput, OSError
        As `unpack` does; or `dest` holds something. Nothing is left behind.
    """
    path = Path(dest)
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        hint = "name a folder that does not exist"
        raise BadInput("exists and is no empty folder, so it is not filled", where=str(path), hint=hint)
    index = Index.of(image.stack)
    spec = runtime_spec(image, args=args, host=host, hostname=hostname, index=index)
    with folder_aside(path) as aside:
        # It may hold setuid programs of anyone: nobody else comes near.
        aside.mkdir(0o700)
        left_out = unpack(rootfs(image, index), aside / spec["root"]["path"])
        document = json.dumps(spec, indent=2, ensure_ascii=True) + "\n"
        (aside / "config.json").write_text(document, encoding="utf-8")
        os.sync()
    return Bundle(path, spec, left_out)
