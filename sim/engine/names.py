"""Names that docker gives to containers that nobody named: an adjective and a surname from the history of computing."""

from __future__ import annotations

import re

from .job import refused

VALID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)
_ADJECTIVES = (
    "admiring", "bold", "brave", "busy", "clever", "cool", "dazzling", "eager", "elated", "epic", "festive", "focused",
    "gallant", "gifted", "happy", "hopeful", "jolly", "keen", "kind", "laughing", "lucid", "modest", "nice", "nifty",
    "optimistic", "peaceful", "quirky", "relaxed", "serene", "sharp", "sweet", "upbeat", "vibrant", "wizardly",
)
_SURNAMES = (
    "allen", "babbage", "bartik", "blackwell", "cerf", "chaum", "curie", "darwin", "dijkstra", "easley", "engelbart",
    "euler", "fermat", "gauss", "goldberg", "hamilton", "hopper", "jennings", "johnson", "kepler", "knuth", "lamport",
    "lovelace", "mccarthy", "newton", "noether", "pascal", "pike", "ritchie", "shannon", "torvalds", "turing", "wing",
)


def drawn_name(id: str, taken: set[str]) -> str:
    """Return the name that belongs to a container's ID, another one where it is taken.

    Examples
    --------
    >>> drawn_name("0" * 64, set())
    'admiring_allen'
    """
    number = int(id[:12], 16)
    while True:
        name = f"{_ADJECTIVES[number % len(_ADJECTIVES)]}_{_SURNAMES[number // 64 % len(_SURNAMES)]}"
        if name not in taken:
            return name
        number += 1 + 64 * (number % 7)
        if len(taken) > len(_ADJECTIVES) * len(_SURNAMES) // 2:
            return f"{name}_{id[:6]}"


def check_name(name: str) -> str:
    """Return a container's name; `Fail` in docker's words for one that cannot be."""
    if VALID.fullmatch(name.removeprefix("/")) is None:
        raise refused(f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    return name.removeprefix("/")
