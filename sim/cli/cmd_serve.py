"""`sim serve`: a registry for real clients, on this machine."""

from __future__ import annotations

import argparse
import errno
import signal
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from ..errors import SimError
from .parser import Parser
from .requestlog import RequestLog
from .text import shown

if TYPE_CHECKING:
    from ..registry.gate import OpenGate
    from ..registry.wire import WireServer

DEFAULT_PORT = 5055
_LOOPBACK = ("127.", "::1", "localhost")


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "serve", "Run a registry that docker, skopeo and others push to and pull from. Its data outlives it. Each"
        " request is a line here, with the reason for its answer. Ctrl-C stops it; what is under way may end.",
        "  sim serve\n  sim serve --port 5000 --root /srv/registry --no-delete\n"
        "  sim serve --tls --htpasswd users          (htpasswd -cB users cyo57 makes the file)",
    )
    found.add_argument("--root", metavar="DIR", help="where its data are (default: registry in the lab's own folder)")
    found.add_argument("--host", metavar="ADDRESS", default="127.0.0.1",
                       help="the address to listen on (default: 127.0.0.1, which only this machine reaches)")
    found.add_argument("--port", metavar="N", type=_port, default=DEFAULT_PORT,
                       help=f"the port (default: {DEFAULT_PORT}; 0 takes a free one)")
    found.add_argument("--htpasswd", metavar="FILE", help="ask for a name and a password: those of FILE (bcrypt)")
    found.add_argument("--token", metavar="SERVICE", nargs="?", const="layerlab",
                       help="with --htpasswd: ask for bearer tokens, which /token here gives for a password")
    found.add_argument("--anonymous-pull", action="store_true", help="with --token: anybody may pull")
    found.add_argument("--tls", action="store_true", help="https, with a certificate that is made and kept in DIR")
    found.add_argument("--tls-cert", metavar="FILE", help="https, with this certificate (PEM)")
    found.add_argument("--tls-key", metavar="FILE", help="the certificate's key (PEM)")
    found.add_argument("--read-only", action="store_true", help="change nothing: refuse pushes and deletions")
    found.add_argument("--no-delete", action="store_true", help="refuse deletions")
    found.add_argument("--quiet", action="store_true", help="no line for each request")
    return found


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) < 1 << 16):
        raise SimError(f"{text[:20]!r} is no port", hint="give a number from 0 to 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    from ..registry.disk import DiskStorage
    from ..registry.state import Policy
    from ..registry.wire import WireServer, service_of

    root = _root(args.root)
    gate = _gate(args)
    policy = Policy(delete=not args.no_delete, read_only=args.read_only, challenge=gate.challenge)
    # The port comes first: whoever starts a second one is told of a free port, and not of a folder in use.
    listener = _listen(args.host, args.port)
    with listener, DiskStorage(root) as storage:
        tls, trusted = _tls(args, root)
        log = RequestLog()
        server = WireServer(service_of(storage, policy), listener, gate=gate, tls=tls, log=None if args.quiet else log)
        for line in _greeting(server, root, trusted, _open_to_all(args)):
            log.say(shown(line))
        try:
            with _until_signal() as wait:
                server.start()
                wait()
                log.say("Stopping: requests under way may end.")
                server.stop()
        finally:
            log.end()
    return 0


def _root(given: str | None) -> Path:
    if given is not None:
        return Path(given)
    from ..content.home import home

    return home() / "registry"


def _gate(args: argparse.Namespace) -> OpenGate:
    from ..registry.gate import BasicGate, OpenGate, Remembered, TokenGate, TokenRules

    if args.htpasswd is None:
        if args.token is not None or args.anonymous_pull:
            raise SimError("tokens are given for passwords, and there are none", hint="add --htpasswd FILE")
        return OpenGate()
    from ..registry.auth import Passwords, parse_htpasswd
    from ..registry.passwords import bcrypt_verify

    text = Path(args.htpasswd).read_text(encoding="utf-8", errors="replace")
    passwords = Passwords(parse_htpasswd(text, where=args.htpasswd), Remembered(bcrypt_verify()))
    if args.token is None:
        if args.anonymous_pull:
            raise SimError("only with tokens may anybody pull", hint="add --token")
        return BasicGate(passwords)
    from secrets import token_bytes

    return TokenGate(passwords, TokenRules(args.token, args.anonymous_pull), token_bytes(32), time.time)


def _listen(host: str, port: int) -> socket:
    from ..registry.wire import listen

    try:
        return listen(host, port)
    except OSError as error:
        where = f"port {port} of {host}"
        if error.errno in (errno.EADDRINUSE, 10013, 10048):  # The last two: Windows.
            raise SimError(f"{where} is in use", hint=f"this one is free: --port {_free(host, port)}") from None
        if error.errno == errno.EACCES:
            raise SimError(f"{where} is not for you to take", hint="choose one from 1024 on") from None
        # Python adds the address to the system's words, in parentheses.
        words = str(error.strerror or error).partition(" (")[0]
        hint = "--host names an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them"
        raise SimError(f"{where} cannot be had: {words}", hint=hint) from None


def _free(host: str, port: int) -> int:
    from ..registry.wire import listen

    for number in (*range(port + 1, min(port + 20, 1 << 16)), 0):
        try:
            with listen(host, number) as found:
                free: int = found.getsockname()[1]
                return free
        except OSError:
            continue
    return 0


def _tls(args: argparse.Namespace, root: Path) -> tuple[ssl.SSLContext | None, Path | None]:
    """Return the TLS settings, and the certificate that clients are to be handed where it was made here."""
    from ..registry.tls import kept_certificate, server_context

    if (args.tls_cert is None) != (args.tls_key is None):
        raise SimError("a certificate and its key go together", hint="give --tls-cert and --tls-key, or --tls alone")
    if args.tls_cert is not None:
        return server_context(args.tls_cert, args.tls_key), None
    if not args.tls:
        return None, None
    names = [] if args.host in ("0.0.0.0", "::") else [args.host]
    certificate, key = kept_certificate(root / ".tls", names, now=time.time())
    return server_context(certificate, key), certificate


def _open_to_all(args: argparse.Namespace) -> bool:
    return args.htpasswd is None and not args.host.startswith(_LOOPBACK)


def _greeting(server: WireServer, root: Path, trusted: Path | None, open_to_all: bool) -> Iterator[str]:
    name = server.address
    yield f"A registry at {server.url}; its data are in {root}. Ctrl-C stops it."
    yield f"    docker tag IMAGE {name}/NAME:TAG && docker push {name}/NAME:TAG"
    if trusted is not None:
        yield f"Clients have to trust its certificate {trusted}:"
        yield f"    docker reads it as /etc/docker/certs.d/{name}/ca.crt, curl with --cacert"
    if open_to_all:
        yield "Whoever reaches this machine may push and delete here: --htpasswd asks for passwords."


@contextmanager
def _until_signal() -> Iterator[Callable[[], None]]:
    """Yield a function that waits for Ctrl-C or SIGTERM; a second one while stopping is obeyed at once."""
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    def wait() -> None:
        # Windows interrupts no wait that has no end.
        while not asked.wait(0.5):
            pass

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
