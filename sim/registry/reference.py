"""References: names of images, as docker reads and writes them.

    registry.cn-hangzhou.aliyuncs.com / cyo57/app : 1.0 @ sha256:…
    registry                            repository  tag   digest

What a person leaves out is filled in: no registry is docker.io, one part alone there is ``library/…``, no tag and no
digest is ``latest``. The first part is a registry where it has a dot or a colon, is ``localhost``, or has a capital
letter (no repository can have one). docker prints the shortest form that means the same, and so does `str`. The
grammar and the error texts are those of the reference library that docker uses (distribution/reference).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..content.digest import Digest
from ..errors import BadInput, DigestInvalid

DOCKER_IO = "docker.io"
DEFAULT_TAG = "latest"
MAX_NAME = 255
"""Characters of registry and repository together."""

PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{PART}(?:/{PART})*", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_HOST = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_REGISTRY = re.compile(rf"(?:{_HOST}(?:\.{_HOST})*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?", re.ASCII)
_ID = re.compile(r"[a-f0-9]{64}", re.ASCII)


class ReferenceInvalid(BadInput):
    """A text names no image; the words are docker's."""


def is_repository(text: str) -> bool:
    """Tell whether a text is the name of a repository in a registry.

    Examples
    --------
    >>> [is_repository(name) for name in ("cyo57/app", "a__b", "a___b", "App", "a/../b")]
    [True, True, False, False, False]
    """
    return len(text) <= MAX_NAME and _REPOSITORY.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Tell whether a text is a tag: at most 128 characters, not beginning with a dot or a dash."""
    return _TAG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """The full name of an image.

    Attributes
    ----------
    registry : str
        ``docker.io``, ``localhost:5000``, …
    repository : str
        ``library/ubuntu``
    tag : str or None
    digest : Digest or None

    Examples
    --------
    >>> ref = Reference.parse("ubuntu")
    >>> ref.registry, ref.repository, ref.tag, str(ref)
    ('docker.io', 'library/ubuntu', 'latest', 'ubuntu:latest')
    >>> str(Reference.parse("docker.io/cyo57/app:1.0")), Reference.parse("172.17.0.1:5000/t").registry
    ('cyo57/app:1.0', '172.17.0.1:5000')
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read what a person wrote, and fill in what they left out.

        Raises
        ------
        ReferenceInvalid
            In docker's words: ``invalid reference format`` and its kin.
        """
        found = cls.parse_plain(text)
        return found if found.tag or found.digest else replace(found, tag=DEFAULT_TAG)

    @classmethod
    def parse_plain(cls, text: str) -> Reference:
        """Read a name and add no tag; otherwise as `parse`."""
        if _ID.fullmatch(text):
            raise ReferenceInvalid(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
        rest, at, digest_text = text.partition("@")
        registry, repository = _split(rest)
        name, colon, tag = repository.partition(":")
        if name != name.lower():
            raise ReferenceInvalid("invalid reference format: repository name must be lowercase")
        sound = _REGISTRY.fullmatch(registry) and _REPOSITORY.fullmatch(name) and (not colon or is_tag(tag))
        if not sound:
            raise ReferenceInvalid("invalid reference format")
        written = rest.removesuffix(f":{tag}") if colon else rest
        if max(len(written), len(name)) > MAX_NAME:
            raise ReferenceInvalid(f"repository name must not be more than {MAX_NAME} characters")
        return cls(registry, name, tag if colon else None, _digest(digest_text) if at else None)

    @property
    def name(self) -> str:
        """Registry and repository in full: ``docker.io/library/ubuntu``."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar(self) -> str:
        """The name as docker prints it, without tag and digest: ``ubuntu``."""
        if self.registry != DOCKER_IO:
            return self.name
        short = self.repository.removeprefix("library/")
        # docker.io/library/a/b is not docker.io/a/b.
        return short if "/" not in short or short == self.repository else self.repository

    @property
    def target(self) -> str:
        """What a registry is asked for: the digest where there is one, else the tag."""
        return str(self.digest) if self.digest is not None else self.tag or DEFAULT_TAG

    @property
    def full(self) -> str:
        """All of it in full: ``docker.io/library/ubuntu:latest``."""
        return self.name + self._suffix

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.familiar + self._suffix


def _split(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    named = slash and ("." in first or ":" in first or first == "localhost" or first != first.lower())
    registry, repository = (first, rest) if named else (DOCKER_IO, text)
    if registry == "index.docker.io":
        registry = DOCKER_IO
    if registry == DOCKER_IO and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository


def _digest(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except DigestInvalid:
        algorithm = text.partition(":")[0]
        known = algorithm in ("sha256", "sha512", "sha384")
        raise ReferenceInvalid(
            "invalid checksum digest length" if known and re.fullmatch(r"\w+:[0-9a-f]{32,}", text, re.ASCII)
            else "invalid reference format"
        ) from None
