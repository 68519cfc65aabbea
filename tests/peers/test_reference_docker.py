"""Names of images against docker's own reader: its client parses a name before it looks for a daemon."""

from __future__ import annotations

import random
from collections.abc import Callable
from subprocess import CompletedProcess

from sim.registry.reference import Reference, ReferenceInvalid

DOCKER = "/usr/bin/docker"
"""Debian's, of the version whose words we take; later ones print some of them otherwise."""
PIECES = (
    "a", "b0", "A", ".", "..", "_", "__", "___", "-", "--", "/", "/", ":", ":5000", "@", "localhost", "x.y", "a" * 130,
    "@sha256:" + "a" * 64, "@sha256:" + "A" * 64, "@sha512:" + "a" * 64, "@md5:" + "a" * 32, "@sha256:abc", " ",
)  # fmt: skip


def docker_says(tool: Callable[..., CompletedProcess[str]], text: str) -> str | None:
    """Return docker's refusal of a name, None where it goes on to the daemon, which is not there."""
    done = tool(DOCKER, "-H", "unix:///nonexistent.sock", "tag", "x", text, check=False)
    found = done.stderr.strip()
    marker = " is not a valid repository/tag: "
    return found.partition(marker)[2] if marker in found else None


def test_names_are_read_as_docker_reads_them(
    tool: Callable[..., CompletedProcess[str]], need: Callable[[object, str], None]
) -> None:
    need("version 20.10." in tool(DOCKER, "--version").stdout, f"{DOCKER} is not of version 20.10")
    draw = random.Random(1)
    texts = {"".join(draw.choices(PIECES, k=draw.randint(1, 5))) for _ in range(150)}
    refused = 0
    for text in sorted(texts):
        try:
            Reference.parse(text)
            ours = None
        except ReferenceInvalid as error:
            ours = str(error)
        theirs = docker_says(tool, text)
        # One registry with an underscore passes docker's client; no address can have one.
        if theirs is None and "_" in text.partition("/")[0] and ours is not None:
            continue
        assert ours == theirs, text
        refused += theirs is not None
    assert 20 < refused < len(texts)
