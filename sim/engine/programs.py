"""The main programs of well-known images: what they print at the start, and how they take a SIGTERM.

They are servers, of which nothing but this is simulated; the registry alone answers requests (`network.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from .command import Call, Ran, err, out
from .world import Container

_GREETING = """
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

"""


@dataclass(frozen=True, slots=True)
class Server:
    """A program that goes on until it is told to stop.

    Attributes
    ----------
    entry : str
        The image's entrypoint, or the program itself.
    program : str
        A file that must be there, so that another image's /entrypoint.sh is not taken for it.
    says : str
        What it logs at the start.
    on_term : int
        Its exit code after SIGTERM.
    """

    entry: str
    program: str
    says: str
    on_term: int


SERVERS = (
    Server("entrypoint.sh", "/bin/registry",
           'time="2026-11-24T08:00:00Z" level=info msg="listening on [::]:5000"\n', 2),
    Server("registry", "/bin/registry",
           'time="2026-11-24T08:00:00Z" level=info msg="listening on [::]:5000"\n', 2),
    Server("docker-entrypoint.sh", "/usr/sbin/nginx",
           "/docker-entrypoint.sh: Configuration complete; ready for start up\n", 0),
    Server("nginx", "/usr/sbin/nginx", "", 0),
    Server("docker-entrypoint.sh", "/usr/local/bin/redis-server", "1:M * Ready to accept connections\n", 0),
    Server("redis-server", "/usr/local/bin/redis-server", "1:M * Ready to accept connections\n", 0),
)


def server_of(container: Container) -> Server | None:
    """Return the server that a container's main process is, None for another program."""
    return _server(container.process, container)


def _server(argv: tuple[str, ...], container: Container) -> Server | None:
    name = argv[0].rpartition("/")[2] if argv else ""
    for server in SERVERS:
        if server.entry == name and container.root.exists(server.program):
            # An entrypoint script runs whatever it is given; only the image's own command is the server.
            given = argv[1:]
            if name == "registry" and given[:1] != ("serve",):
                return None
            if name.endswith(".sh") and given and not _is_own(server, given[0]):
                return None
            return server
    return None


def _is_own(server: Server, word: str) -> bool:
    program = server.program.rpartition("/")[2]
    return word.rpartition("/")[2] == program or word.startswith("-") or word.endswith((".yml", ".conf"))


def known(call: Call, container: Container) -> Ran | None:
    """Run a program that is no shell command, None where it is not one of these."""
    if call.argv[0] in ("/hello", "hello") and len(call.argv) == 1:
        return Ran(call.held, 0, (out(_GREETING),))
    server = _server(call.argv, container)
    if server is None:
        return None
    said = (err(server.says),) if server.says else ()
    return Ran(call.held, 0, said, lasts_ns=-1)


def on_term(container: Container) -> int | None:
    """Return the exit code after SIGTERM, None where the main process does not listen to it.

    Process 1 of a container has no default action for signals: a shell or a plain ``sleep`` goes on.
    """
    server = server_of(container)
    return None if server is None else server.on_term
