"""The docker command: one line of arguments, one outcome."""

from __future__ import annotations

from collections.abc import Sequence

from .command import Outcome, err
from .world import World


def docker(
    world: World, host: str, argv: Sequence[str], *, stdin: bytes = b"", tty: bool = False, cwd: str = "/root",
) -> Outcome:
    """Run a docker command on a host of the world.

    Parameters
    ----------
    world : World
    host : str
        The host's name.
    argv : sequence of str
        What follows ``docker``.
    stdin : bytes
    tty : bool
        Whether a terminal is at both ends.
    cwd : str
        The folder of the host in which it is run.

    Returns
    -------
    Outcome
    """
    words = f"docker: '{argv[0] if argv else ''}' is not a docker command.\nSee 'docker --help'\n"
    return Outcome(world, 1, (err(words),))
