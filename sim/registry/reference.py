"""References: names of images, as docker reads and writes them.

    registry.cn-hangzhou.aliyuncs.com / cyo57/app : 1.0 @ sha256:…
    registry                            repository  tag   digest

What a person leaves out is filled in: no registry is docker.io, one part alone there is ``library/…``, no tag and no
digest is ``latest``. The first part is a registry where it has a dot or a colon, or is ``localhost``. docker prints
the shortest form that means the same, and so does `str`. Grammar and error texts are those of docker 20.10, which has
them from distribution/reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..content.digest import ALGORITHMS, Digest
from ..errors import BadInput, DigestInvalid

DOCKER_IO = "docker.io"
DEFAULT_TAG = "latest"
MAX_NAME = 255
"""Characters of registry and repository together."""

PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{PART}(?:/{PART})*", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_HOST = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_REGISTRY = re.compile(rf"{_HOST}(?:\.{_HOST})*(?::[0-9]+)?", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[A-Fa-f0-9]{32,}", re.ASCII)
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
        registry, rest = _split(text)
        if rest.partition(":")[0] != rest.partition(":")[0].lower():
            raise ReferenceInvalid("invalid reference format: repository name must be lowercase")
        named, at, digest = rest.partition("@")
        name, colon, tag = named.partition(":")
        if not (
            _REGISTRY.fullmatch(registry) and _REPOSITORY.fullmatch(name) and (not colon or is_tag(tag))
            and (not at or _DIGEST.fullmatch(digest))
        ):
            raise ReferenceInvalid("invalid reference format")
        if len(f"{registry}/{name}") > MAX_NAME:
            raise ReferenceInvalid(f"repository name must not be more than {MAX_NAME} characters")
        return cls(registry, name, tag if colon else None, _digest(digest) if at else None)

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
    named = slash and ("." in first or ":" in first or first == "localhost")
    registry, rest = (first, rest) if named else (DOCKER_IO, text)
    if registry == "index.docker.io":
        registry = DOCKER_IO
    if registry == DOCKER_IO and "/" not in rest:
        rest = f"library/{rest}"
    return registry, rest


def _digest(text: str) -> Digest:
    algorithm, _, hexes = text.partition(":")
    if algorithm not in ALGORITHMS:
        raise ReferenceInvalid("unsupported digest algorithm")
    if len(hexes) != len(ALGORITHMS[algorithm]().hexdigest()):
        raise ReferenceInvalid("invalid checksum digest length")
    try:
        return Digest(algorithm, hexes)
    except DigestInvalid:
        raise ReferenceInvalid("invalid checksum digest format") from None
