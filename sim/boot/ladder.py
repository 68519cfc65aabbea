"""How long starts take: measured ones in order, and published ones, which come from other machines.

Each measured point is a median on one machine of two cores. Their ORDER is what holds elsewhere. Published points
have their own definitions of a start and their own machines: they are shown beside, and nothing follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A start time.

    Attributes
    ----------
    name : str
    ms : float
    source : str
        Who says so; "measured" for our own.
    """

    name: str
    ms: float
    source: str = "measured"


MEASURED: tuple[Point, ...] = (
    Point("chroot", 1.2),
    Point("unshare, chroot", 2.9),
    Point("crun", 14.0),
    Point("runc", 35.0),
    Point("docker run", 299.0),
    Point("machine, direct -kernel", 3600.0),
    Point("machine, BIOS and GRUB", 6700.0),
)
"""In the order that is asserted: each takes longer than the one before."""

PUBLISHED: tuple[Point, ...] = (
    Point("Unikraft", 1.0, "Kuenzer et al., EuroSys 2021: under 1 ms"),
    Point("LightVM", 2.3, "Manco et al., SOSP 2017"),
    Point("crun", 17.0, "the README of crun"),
    Point("runc", 33.0, "the README of crun"),
    Point("Firecracker, to init", 125.0, "Agache et al., NSDI 2020"),
    Point("Alpine on Firecracker", 330.0, "published figure, source not re-read"),
    Point("Kata, QEMU", 500.0, "published figure, source not re-read"),
    Point("docker run", 568.0, "published figure, source not re-read"),
)
"""Drawn and cited, never asserted."""
