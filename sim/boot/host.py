"""The host of containers: one kernel, already running, and its architecture."""

from __future__ import annotations

from dataclasses import dataclass

from ..content.descriptor import Platform

# ELF's e_machine (elf.h). A 64-bit x86 or Arm kernel runs the 32-bit programs of its family too.
_MACHINES = {
    "386": {3}, "amd64": {62, 3}, "arm": {40}, "arm64": {183, 40}, "ppc64le": {21}, "s390x": {22}, "riscv64": {243},
    "loong64": {258}, "mips64le": {8},
}


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that is up and runs containers.

    Attributes
    ----------
    release : str
        What ``uname -r`` answers, on the host and in each of its containers.
    architecture : str
        As in an image's config.
    hostname : str
    cgroups : tuple of str
        The hierarchies of cgroup version 1; none where there is the one tree of version 2.

    Examples
    --------
    >>> Host(release="6.1.0-amd64").uname("web")
    'Linux web 6.1.0-amd64 x86_64'
    """

    release: str = "6.1.0-amd64"
    architecture: str = "amd64"
    hostname: str = "host"
    cgroups: tuple[str, ...] = ()

    def runs(self, machine: int) -> bool:
        """Whether the kernel runs ELF programs for a machine number."""
        return machine in _MACHINES.get(self.architecture, set())

    def uname(self, hostname: str | None = None) -> str:
        """Return what ``uname -snrm`` prints, on the host, or in a container of another host name."""
        machine = {"amd64": "x86_64", "386": "i686", "arm64": "aarch64"}.get(self.architecture, self.architecture)
        return f"Linux {hostname or self.hostname} {self.release} {machine}"

    def warning(self, platform: Platform) -> str | None:
        """Return what docker prints for an image of another platform, or None where it fits."""
        if (platform.os, platform.architecture) == ("linux", self.architecture):
            return None
        told = "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part)
        return (
            f"WARNING: The requested image's platform ({told}) does not match the detected host platform "
            f"(linux/{self.architecture}) and no specific platform was requested"
        )
