"""Which registries are spoken to without proof of who they are, decided as docker decides it.

    registry                  asked in turn                      certificate
    docker.io                 https                              must be good
    registry.test:5000        https                              must be good, by the system's roots or certs.d
    127.0.0.1:5000            https, then http                   any
    named in insecure-registries, or in a network that is named there: the same as 127.0.0.1

docker tries HTTPS first even where a registry is insecure, and falls back to HTTP only there. 127.0.0.0/8 is always
insecure in this sense, so a private registry works on the machine it runs on and nowhere else, until the CLIENT's
daemon.json names it. A name is insecure by its network when one of the addresses it resolves to lies in it.

    /etc/docker/certs.d/HOST:PORT/      ca.crt   a root to trust        client.cert + client.key   who we are
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from ..content.descriptor import Fields, parse_json
from ..errors import BadInput
from .reference import DOCKER_IO

LOOPBACK = ip_network("127.0.0.0/8")
DOCKER_IO_HOST = "registry-1.docker.io"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to speak to a registry.

    Attributes
    ----------
    scheme : str
        ``https`` or ``http``.
    host : str
        ``HOST`` or ``HOST:PORT``.
    verified : bool
        Whether its certificate must be good.
    """

    scheme: str
    host: str
    verified: bool = True

    @property
    def url(self) -> str:
        """``https://HOST:PORT``"""
        return f"{self.scheme}://{self.host}"


@dataclass(frozen=True, slots=True)
class Trust:
    """What is trusted blindly: hosts as they are written in references, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = (LOOPBACK,)

    @classmethod
    def of(cls, entries: Iterable[str]) -> Trust:
        """Read the entries of ``insecure-registries``: ``HOST[:PORT]`` or ``10.0.0.0/8``; a scheme is dropped.

        Raises
        ------
        BadInput
            An entry is neither, in docker's words.

        Examples
        --------
        >>> trust = Trust.of(["registry.test:5000", "http://10.0.0.0/8"])
        >>> sorted(trust.hosts), list(map(str, trust.networks))
        (['registry.test:5000'], ['10.0.0.0/8', '127.0.0.0/8'])
        """
        hosts, networks = set[str](), list[Network]()
        for entry in entries:
            text = entry.removeprefix("http://").removeprefix("https://")
            network = _network(text)
            if network is not None:
                networks.append(network)
            elif "://" in text:
                raise BadInput(f"insecure registry {text[:80]} should not contain '://'")
            elif not _is_host(text):
                raise BadInput(f"insecure registry {text[:80]!r} is not valid", hint="write HOST:PORT, or a network as"
                               " 10.0.0.0/8")
            else:
                hosts.add(DOCKER_IO if text == "index.docker.io" else text)
        return cls(frozenset(hosts) - {DOCKER_IO}, (*networks, LOOPBACK))

    def is_insecure(self, registry: str, addresses: Iterable[str] = ()) -> bool:
        """Tell whether a registry is one of them.

        Parameters
        ----------
        registry : str
            As a reference names it.
        addresses : iterable of str
            What its name resolves to; an address as the name itself needs none.

        Examples
        --------
        >>> Trust().is_insecure("127.0.0.1:5000"), Trust().is_insecure("172.17.0.1:5000")
        (True, False)
        >>> Trust().is_insecure("localhost:5000", ["::1", "127.0.0.1"])
        True
        """
        if registry == DOCKER_IO:
            return False
        if registry in self.hosts:
            return True
        known = (_address(text) for text in (*addresses, host_of(registry)))
        return any(address in network for address in known if address is not None for network in self.networks)

    def endpoints(self, registry: str, addresses: Iterable[str] = ()) -> tuple[Endpoint, ...]:
        """Return the ways to try, in turn; parameters as in `is_insecure`.

        Examples
        --------
        >>> [end.url for end in Trust().endpoints("127.0.0.1:5000")]
        ['https://127.0.0.1:5000', 'http://127.0.0.1:5000']
        >>> [end.url for end in Trust().endpoints("docker.io")]
        ['https://registry-1.docker.io']
        """
        if registry == DOCKER_IO:
            return (Endpoint("https", DOCKER_IO_HOST),)
        if not self.is_insecure(registry, addresses):
            return (Endpoint("https", registry),)
        return (Endpoint("https", registry, verified=False), Endpoint("http", registry, verified=False))


def insecure_registries(raw: bytes, *, where: str) -> tuple[str, ...]:
    """Return the entries ``insecure-registries`` of a ``daemon.json``.

    Raises
    ------
    DocumentInvalid
        It is no JSON object, or the entries are no list of texts.
    """
    # An empty file is what `touch` leaves, and dockerd takes it for no settings.
    return tuple(Fields(parse_json(raw, where=where), where, "daemon").strings("insecure-registries")) if raw else ()


def host_of(registry: str) -> str:
    """Return the host without its port and brackets.

    Examples
    --------
    >>> host_of("localhost:5000"), host_of("[::1]:5000"), host_of("docker.io")
    ('localhost', '::1', 'docker.io')
    """
    if registry.startswith("["):
        return registry[1:].partition("]")[0]
    return registry.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files of one folder below certs.d: roots to trust, and pairs (certificate, key) that say who we are."""

    roots: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


def certificates(names: Iterable[str], *, where: str) -> Certificates:
    """Sort the names of the files in ``certs.d/HOST:PORT`` into what they are for.

    Raises
    ------
    BadInput
        A certificate without its key, or a key without its certificate, in docker's words.
    """
    held = sorted(names)
    roots = tuple(name for name in held if name.endswith(".crt"))
    pairs = []
    for name in held:
        stem, dot, kind = name.rpartition(".")
        if dot and kind == "cert":
            if f"{stem}.key" not in held:
                raise BadInput(f"missing key {stem}.key for client certificate {name}. CA certificates must use the"
                               " extension .crt", where=where)
            pairs.append((name, f"{stem}.key"))
        elif dot and kind == "key" and f"{stem}.cert" not in held:
            raise BadInput(f"missing client certificate {stem}.cert for key {name}", where=where)
    return Certificates(roots, tuple(pairs))


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def _address(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_host(text: str) -> bool:
    host, _, port = text.rpartition(":") if text.count(":") == 1 or text.startswith("[") else (text, "", "")
    host, port = (host, port) if host else (text, "")
    sound = text and not set(text) & set(" /?#@\t\n")
    return bool(sound) and (not port or (port.isascii() and port.isdigit() and int(port) < 1 << 16))
