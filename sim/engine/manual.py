"""docker's own help, recorded, and what can be read off it: the flags of each command, its place in its group.

The commands of a group that are like a short one (``container run``) are not recorded twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HELP = Path(__file__).with_name("help.txt")
_FLAG = re.compile(r"^ {2}(?:-(\w), | {4})--([\w-]+)(?: (\S+))?(?: {2,}|$)")
ALIASES = {
    "container ls": "ps", "container list": "ps", "container ps": "ps", "image ls": "images", "image list": "images",
    "image rm": "rmi",
    "image remove": "rmi", "volume list": "volume ls", "volume remove": "volume rm", "network list": "network ls",
    "network remove": "network rm", "container remove": "container rm",
}
"""Commands that are carried out as another one."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its name, its letter or "", the type of its value ("" for none) as the help names it."""

    name: str
    short: str
    kind: str


@lru_cache(maxsize=1)
def _sections() -> Mapping[str, str]:
    found = {}
    for section in _HELP.read_text(encoding="utf-8").split("#### ")[1:]:
        name, _, text = section.partition("\n")
        found[name] = text
    return found


def help_text(words: str) -> str | None:
    """Return what ``docker WORDS --help`` prints, None for no command.

    Examples
    --------
    >>> help_text("container diff").splitlines()[1]
    'Usage:  docker container diff CONTAINER'
    """
    sections = _sections()
    if words in sections:
        return sections[words]
    group, _, short = words.partition(" ")
    if short and group in ("image", "container", "system") and short in sections:
        return sections[short].replace(f"docker {short}", f"docker {words}")
    aliased = ALIASES.get(words)
    return None if aliased is None else sections.get(aliased)


@lru_cache(maxsize=64)
def flags_of(words: str) -> tuple[Flag, ...]:
    """Return the flags of a command."""
    found = [Flag("help", "", "")]
    options = (help_text(words) or "").partition("Options:\n")[2]
    for line in options.splitlines():
        match = _FLAG.match(line)
        if match is not None and match[2] != "help":
            found.append(Flag(match[2], match[1] or "", match[3] or ""))
    if words in ("run", "create", "container run", "container create"):
        found.append(Flag("net", "", "network"))
    return tuple(found)


def summary(words: str) -> str:
    """Return a command's line in the list of its group: shorter than what its own help begins with, for some."""
    group, _, short = words.rpartition(" ")
    for line in (help_text(group) or "").partition("Commands:\n")[2].splitlines():
        name, _, summary = line.strip().partition(" ")
        if line.startswith("  ") and name == (short or words):
            return summary.strip()
    return ""
