"""What this machine says about registries: whom to trust, who we are. Reads files, runs credential helpers.

    /etc/docker/daemon.json              insecure-registries           (also where rootless docker and Docker Desktop
    /etc/docker/certs.d/HOST:PORT/       roots, client certificates     keep theirs, below the home folder)
    $DOCKER_CONFIG/config.json           logins; ~/.docker without the variable

A setting that is not there is no setting; one that cannot be read is said, for nothing is trusted by accident.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BadInput
from .credentials import Helper, Login, Logins, parse_config, parse_helper
from .trust import Endpoint, Trust, certificates, host_of, insecure_registries

_HELPER_S = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides how a registry is spoken to.

    Attributes
    ----------
    trust : Trust
    logins : Logins
    certs : tuple of Path
        Folders like ``/etc/docker/certs.d``, the first that knows a host wins.
    login : Login or None
        What the caller gave for this transfer; it goes before `logins`.
    """

    trust: Trust = field(default_factory=Trust)
    logins: Logins = field(default_factory=Logins)
    certs: tuple[Path, ...] = ()
    login: Login | None = None

    @classmethod
    def read(
        cls, insecure: Iterable[str] = (), login: Login | None = None, environ: Mapping[str, str] | None = None
    ) -> Settings:
        """Read the machine's settings; `insecure` names further registries.

        Raises
        ------
        BadInput
            A settings file is there and cannot be understood.
        """
        env = os.environ if environ is None else environ
        home = Path(env.get("HOME") or env.get("USERPROFILE") or os.path.expanduser("~"))
        daemons = (Path("/etc/docker/daemon.json"), home / ".config/docker/daemon.json", home / ".docker/daemon.json")
        declared = list(insecure)
        for path in daemons:
            declared += insecure_registries(_read(path), where=str(path))
        config = Path(env.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
        raw = _read(config)
        logins = parse_config(raw, where=str(config)) if raw else Logins()
        certs = (Path("/etc/docker/certs.d"), home / ".config/docker/certs.d", home / ".docker/certs.d")
        return cls(Trust.of(declared), logins, certs, login)

    def endpoints(self, registry: str) -> tuple[Endpoint, ...]:
        """Return the ways to speak to a registry, its name resolved where only that tells whether it is trusted."""
        trust = self.trust
        return trust.endpoints(registry, () if registry in trust.hosts else _addresses(host_of(registry)))

    def login_for(self, registry: str) -> Login | None:
        """Return what proves who we are, None for a stranger.

        Raises
        ------
        BadInput
            The login is with a helper that is not there, or fails.
        """
        found = self.login or self.logins.find(registry)
        return _ask(found) if isinstance(found, Helper) else found

    def context(self, host: str, verified: bool) -> ssl.SSLContext:
        """Return the TLS settings for ``HOST:PORT``, with what certs.d holds for it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_default_certs()
            # What Go takes for a root: any certificate in the folder, whether it may sign others or not.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # The default port is not written in a reference, and so not in the folder's name either.
        name = host.removesuffix(":443")
        for folder in self.certs:
            # Windows has no colon in names; docker leaves it out there.
            place = folder / (name.replace(":", "") if os.name == "nt" else name)
            if place.is_dir():
                _load(context, place)
                break
        return context


def _load(context: ssl.SSLContext, place: Path) -> None:
    found = certificates(os.listdir(place), where=str(place))
    name = ""
    try:
        for name in found.roots:
            context.load_verify_locations(place / name)
        for name, key in found.pairs:
            context.load_cert_chain(place / name, place / key)
    except ssl.SSLError as error:
        raise BadInput(f"no certificate in PEM: {error.reason or error}", where=str(place / name)) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # daemon.json of another user's rootless docker, or of root, is not ours to read.
        return b""


def _addresses(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()  # The connection will say so.
    return tuple(str(address[0]) for *_, address in found)


def _ask(helper: Helper) -> Login | None:
    import subprocess

    try:
        done = subprocess.run(
            [helper.program, "get"], input=helper.key.encode("utf-8"), capture_output=True, timeout=_HELPER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise BadInput(
            f"the login for {helper.key} is with {helper.program}, which cannot be asked",
            hint="put that program on the PATH, or give --user",
        ) from None
    said = done.stdout[:4096]
    if done.returncode == 0:
        return parse_helper(done.stdout, where=helper.program)
    if b"not found" in said:
        return None  # Their word for "no login here".
    raise BadInput(said.decode("utf-8", "replace").strip() or "it failed", where=helper.program)
