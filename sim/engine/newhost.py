"""A new host of the world: an empty docker, and the files that commands look for."""

from __future__ import annotations

from ..boot.host import Host as Kernel
from ..fs.entry import Entry, Kind
from .disk import Disk, blank
from .world import Host

_FOLDERS = ("/etc/docker/certs.d", "/root", "/home", "/tmp", "/var/lib/docker", "/usr/bin", "/opt", "/srv", "/mnt")


def new_host(name: str, *, addresses: tuple[str, ...] = ("172.17.0.1",), now: int = 0) -> Host:
    """Return a host with an empty docker and the files that commands look for.

    Examples
    --------
    >>> host = new_host("cyo57")
    >>> host.files.read("/etc/hostname"), host.files.is_dir("/etc/docker")
    (b'cyo57\\n', True)
    """
    null = Entry(Kind.CHAR, 0o666, rdev=(1, 3))
    files = blank({"": Entry(Kind.DIRECTORY, 0o755), "dev": Entry(Kind.DIRECTORY, 0o755), "dev/null": null}, now)
    for folder in _FOLDERS:
        files = files.folder(folder, now)
    texts = {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n",
        "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
                           'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
        "/etc/resolv.conf": "nameserver 192.168.0.1\n",
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
        "/etc/group": "root:x:0:\n",
    }
    for path, text in texts.items():
        files = files.written(path, text.encode(), now)
    files = Disk(files.mount.chmod("/tmp", 0o1777)[0].chmod("/root", 0o700)[0])
    return Host(name, files, kernel=Kernel(hostname=name), addresses=addresses)
