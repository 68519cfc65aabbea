"""Validation: everything is computed again, and ALL that does not match is told.

    errors     the image is not what it claims to be: `open_image` refuses it at the first
    remarks    the image is accepted, and some engine would refuse it or show another tree

Where a document cannot be read there is nothing below it to look at; all else goes on past an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..content.compression import Compression
from ..content.limits import DEFAULT, Limits
from ..errors import BadInput, BlobMissing, DigestMismatch, LimitExceeded, SimError, SizeMismatch
from ..fs.remarks import DOCKER, Remark
from .choose import Choice
from .outer import Progress
from .outline import Archive, Outline
from .read import Facts, check_blob, check_tar, read_layers

UMOCI = ("umoci",)
MAX_DOCKER_LAYERS = 125
"""dockerd's layer store holds 127: two are for a container's init and writable layers (moby, maxLayerDepth)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not match.

    Attributes
    ----------
    what : str
        In a few words.
    where : str
        The archive and the place in it.
    expected, found : str or None
        Where it is about two values that differ.
    """

    what: str
    where: str
    expected: str | None = None
    found: str | None = None

    @classmethod
    def of(cls, error: SimError) -> Finding:
        """Make data of an error."""
        where = getattr(error, "where", None) or ""
        if isinstance(error, DigestMismatch | SizeMismatch):
            what = "digest does not match" if isinstance(error, DigestMismatch) else "size does not match"
            return cls(what, where, str(error.expected), str(error.found))
        if isinstance(error, BlobMissing):
            return cls("blob is missing", where, str(error.digest))
        return cls(error.what.removeprefix(f"{where}: "), where)


@dataclass(frozen=True, slots=True)
class Noted:
    """A remark and the layer that it is about: the base is 1, and 0 is the image as a whole."""

    layer: int
    remark: Remark


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found.

    Attributes
    ----------
    errors : tuple of Finding
        Documents first, then layers, base first.
    remarks : tuple of Noted
    """

    errors: tuple[Finding, ...]
    remarks: tuple[Noted, ...]

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors


def validate(
    archive: Archive, choice: Choice, *, limits: Limits = DEFAULT, progress: Progress | None = None,
    threads: int | None = None,
) -> Verdict:
    """Compute everything again; parameters as in `read_image`.

    Raises
    ------
    LimitExceeded
        Part of the image was not looked at, so there is no verdict.
    """
    errors: list[SimError] = []
    try:
        outline = archive.outline(choice, errors.append)
    except LimitExceeded:
        raise
    except BadInput as error:
        return Verdict(tuple(map(Finding.of, (*errors, error))), ())
    facts = read_layers(outline, limits=limits, progress=progress, threads=threads, strict=False)
    diff_ids = outline.config.diff_ids
    for number, (stored, fact) in enumerate(zip(outline.layers, facts, strict=True)):
        if fact is not None:
            check_blob(stored, fact.size, fact.digest, errors.append)
            expected = diff_ids[number] if number < len(diff_ids) else None
            check_tar(stored, fact.diff_id, fact.error, expected, errors.append)
    return Verdict(tuple(map(Finding.of, errors)), (*_of_image(outline, choice), *_of_layers(outline, facts)))


def _of_image(outline: Outline, choice: Choice) -> Iterator[Noted]:
    layers = len(outline.layers)
    if layers > MAX_DOCKER_LAYERS:
        words = f"{layers} layers; docker takes {MAX_DOCKER_LAYERS} and says: max depth exceeded"
        yield Noted(0, Remark("layers", "", DOCKER, words))
    told = sum(not line.empty_layer for line in outline.config.history)
    if outline.config.history and told != layers:
        # moby, image/store.go: "too many non-empty layers in History section"
        engines = DOCKER if told > layers else ()
        yield Noted(0, Remark("history", "", engines, f"the history tells of {told} layers, there are {layers}"))
    says = outline.config.platform
    index = choice.platform
    if index is not None and (index.os, index.architecture) != (says.os, says.architecture):
        words = f"the index says {index}, the config {says}; tools choose by the index"
        yield Noted(0, Remark("platform", "", (), words))


def _of_layers(outline: Outline, facts: tuple[Facts | None, ...]) -> Iterator[Noted]:
    for number, (stored, fact) in enumerate(zip(outline.layers, facts, strict=True), 1):
        if fact is None:
            continue
        if stored.descriptor is not None and fact.compression is not _said(stored.descriptor.media_type):
            words = f"the media type is {stored.descriptor.media_type}, the bytes are {_named(fact.compression)}"
            yield Noted(number, Remark("media-type", "", UMOCI, f"{words}; umoci believes the type and refuses"))
        for remark in fact.tar.remarks if fact.tar is not None else ():
            yield Noted(number, remark)


def _said(media_type: str) -> Compression:
    for form in (Compression.GZIP, Compression.ZSTD):
        if media_type.endswith(form):
            return form
    return Compression.NONE


def _named(form: Compression) -> str:
    return "a plain tar" if form is Compression.NONE else form.value
