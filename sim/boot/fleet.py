"""Many containers on one kernel, beside as many machines.

    containers      one kernel | layers stored once, read once into the page cache | a program each
    machines        a kernel, an initramfs and a bootloader, a root file system, a page cache, a program: each

What is shared is a layer with all that lies below it (a ChainID): it is one directory on the host, its files are
the same inodes for every container, so a page that one has read is there for all. Machines share nothing.
Deduplication of equal pages (KSM) is off by default and left out.

Modelled: a program reads 6.4 % of its image at its start (Harter et al., FAST 2016); starts are one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..image.layer import Image
from ..union.index import Index
from ..union.totals import file_bytes, layer_bytes
from .container import OWN_BYTES, Start, start
from .contents import CLOUD_KERNEL_PACKAGE, GRUB_PACKAGE
from .host import Host
from .machine import Machine, play
from .memory import Part

READ_AT_START = 0.064
"""Share of an image's bytes that a program reads when it starts."""


@dataclass(frozen=True, slots=True)
class Side:
    """The cost of all of one kind together; bytes and milliseconds.

    Attributes
    ----------
    count : int
    first_ms, all_ms : float
        Until the first is up, and until all are.
    kernels : int
        How many kernels run.
    kernel_bytes : int
        Their memory.
    program_bytes : int
        Memory of the programs and what belongs to each of them alone.
    cache_bytes : int
        Page cache that holds what was read of the images.
    shared_bytes : int
        Page cache that is there once and would be there again without sharing.
    disk_bytes : int
    """

    count: int
    first_ms: float
    all_ms: float
    kernels: int
    kernel_bytes: int
    program_bytes: int
    cache_bytes: int
    shared_bytes: int
    disk_bytes: int

    @property
    def memory_bytes(self) -> int:
        """All memory."""
        return self.kernel_bytes + self.program_bytes + self.cache_bytes


@dataclass(frozen=True, slots=True)
class Fleet:
    """Containers beside machines, of the same images.

    Attributes
    ----------
    containers, machines : Side
    kernels : tuple of str
        What ``uname -r`` answers in each container: the same everywhere.
    starts : tuple of Start
        The containers' starts, in order.
    """

    containers: Side
    machines: Side
    kernels: tuple[str, ...]
    starts: tuple[Start, ...]


def fleet(images: Sequence[Image], machine: Machine = Machine(), host: Host = Host()) -> Fleet:  # noqa: B008
    """Compare containers of some images with as many machines.

    Parameters
    ----------
    images : sequence of Image
        One for each container; the same image as often as containers of it are wanted.
    machine : Machine
        What each machine is.
    host : Host
        What all containers run on; it is up already.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> both = fleet([sample("debian"), sample("alpine"), sample("alpine")])
    >>> both.containers.kernels, both.machines.kernels, set(both.kernels)
    (1, 3, {'6.1.0-amd64'})
    """
    starts = tuple(start(image, host=host) for image in images)
    return Fleet(
        _containers(images, starts, machine), _machines(images, machine), tuple(host.release for _ in images), starts
    )


def _containers(images: Sequence[Image], starts: Sequence[Start], machine: Machine) -> Side:
    layers = [(layer.chain_id, layer_bytes(layer.changes)) for image in images for layer in image.layers]
    unique = sum(dict(layers).values())
    read = int(sum(size for _, size in layers) * READ_AT_START)
    cached = int(unique * READ_AT_START)
    times = [begun.frames[-1].at_ms for begun in starts]
    return Side(
        len(images), times[0] if times else 0.0, sum(times), 1, machine.kernel.stays,
        len(images) * sum(OWN_BYTES.values()), cached, read - cached, unique,
    )


def _machines(images: Sequence[Image], machine: Machine) -> Side:
    booted = play(machine).now
    programs = sum(booted.memory.size(part) for part in Part if part not in _NOT_PROGRAMS) - machine.kernel.stays
    live = {image.config_descriptor.digest: _live_bytes(image) for image in images}
    sizes = [live[image.config_descriptor.digest] for image in images]
    return Side(
        len(images), booted.at_ms if images else 0.0, booted.at_ms * len(images), len(images),
        machine.kernel.stays * len(images), programs * len(images), sum(int(size * READ_AT_START) for size in sizes), 0,
        sum(sizes) + len(images) * (CLOUD_KERNEL_PACKAGE + GRUB_PACKAGE),
    )


_NOT_PROGRAMS = frozenset({Part.CACHE})


def _live_bytes(image: Image) -> int:
    return file_bytes(entry for _, _, entry in Index.of(image.stack).walk())
