"""Who listens where: ports of containers, names and addresses of the world, as one host sees them.

    docker.io, registry.cn-hangzhou.aliyuncs.com       registries of the internet: HTTPS
    127.0.0.1:5000, 172.17.0.1:5000                    this host: whatever container publishes the port
    10.0.0.2:5000                                      another host of the world, the same
    anything else                                      no such host
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from ..registry.trust import host_of
from .programs import server_of
from .world import Container, Daemon, Host, World

DOCKER_IO_HOSTS = {"docker.io", "index.docker.io", "registry-1.docker.io"}
SUBNET, GATEWAY = "172.17.0.", "172.17.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection ends.

    Attributes
    ----------
    remote : str
        A registry of the internet, "" for none.
    host, container : str
        A container that publishes the port, and its host.
    trouble : str
        Why there is no connection, in Go's words: ``dial tcp ...``.
    curl : str
        The same in curl's words, with curl's exit code before it: ``7 Failed to connect ...``.
    tls : bool
        Whether what listens there speaks TLS.
    address : str
        The IP address.
    """

    remote: str = ""
    host: str = ""
    container: str = ""
    trouble: str = ""
    curl: str = ""
    tls: bool = False
    address: str = ""


def place_of(world: World, host_name: str, name: str, default_port: int = 443) -> Place:
    """Return where ``HOST[:PORT]`` leads, seen from a host.

    Examples
    --------
    >>> from .newhost import new_host
    >>> from .world import World
    >>> world = World({"cyo57": new_host("cyo57")})
    >>> place_of(world, "cyo57", "172.17.0.1:5000").trouble
    'dial tcp 172.17.0.1:5000: connect: connection refused'
    """
    host = world.hosts[host_name]
    label, port = host_of(name), _port(name, default_port)
    if label in DOCKER_IO_HOSTS and "docker.io" in world.remotes:
        return Place(remote="docker.io", tls=True, address="44.208.254.194")
    if label in world.remotes:
        return Place(remote=label, tls=True, address="118.31.219.202")
    address = resolve(host, label)
    if address is None:
        server = nameserver(host)
        return Place(
            trouble=f"dial tcp: lookup {label} on {server}:53: no such host", curl=f"6 Could not resolve host: {label}"
        )
    owner = _owner(world, host, address)
    listener = None if owner is None else listening(owner.daemon, port, address)
    if owner is None or listener is None:
        shown = f"[{address}]" if ":" in address else address
        return Place(
            trouble=f"dial tcp {shown}:{port}: connect: connection refused", address=address,
            curl=f"7 Failed to connect to {label} port {port} after 0 ms: Couldn't connect to server",
        )
    return Place(host=owner.name, container=listener.id, address=address)


def _port(name: str, default: int) -> int:
    tail = name.rpartition(":")[2]
    return int(tail) if ":" in name and tail.isascii() and tail.isdecimal() and len(tail) < 6 else default


def resolve(host: Host, label: str) -> str | None:
    """Return the address of a name by the host's /etc/hosts, or the address that it is."""
    try:
        return str(ip_address(label))
    except ValueError:
        pass
    raw = host.files.read("/etc/hosts") or b""
    for line in raw.decode("utf-8", "replace").splitlines():
        words = line.partition("#")[0].split()
        if label in words[1:]:
            return words[0]
    return "127.0.0.1" if label == "localhost" else None


def nameserver(host: Host) -> str:
    """Return the server that the host's resolv.conf names."""
    for line in (host.files.read("/etc/resolv.conf") or b"").decode("utf-8", "replace").splitlines():
        words = line.split()
        if words[:1] == ["nameserver"] and len(words) > 1:
            return words[1]
    return "127.0.0.1"


def _owner(world: World, host: Host, address: str) -> Host | None:
    if address.startswith("127.") or address == "::1" or address in host.addresses:
        return host
    for other in world.hosts.values():
        # docker0 has the same address on every host: it leads to one's own.
        if address in other.addresses and address != GATEWAY:
            return other
    return None


def listening(daemon: Daemon, port: int, address: str) -> Container | None:
    """Return the running container that publishes a port at an address."""
    for container in daemon.containers.values():
        for one in container.ports if container.running else ():
            if one.host == port and (one.host_ip in ("0.0.0.0", "::") or one.host_ip == address):
                return container
    return None


def is_registry(container: Container, port: int) -> bool:
    """Whether what answers behind a published port is a registry."""
    server = server_of(container)
    inner = next((one.container for one in container.ports if one.host == port), 0)
    return server is not None and server.program == "/bin/registry" and inner == 5000


def address_for(daemon: Daemon, container: Container) -> str:
    """Return a free address of the bridge, "" for a container that is not on it."""
    if container.options.get("network", "default") not in ("default", "bridge"):
        return ""
    taken = {one.address for one in daemon.containers.values() if one.running and one.id != container.id}
    return next((f"{SUBNET}{number}" for number in range(2, 255) if f"{SUBNET}{number}" not in taken), "")
