"""Archives of `docker save`, up to version 24.

    manifest.json                   [{"Config": ..., "RepoTags": [...], "Layers": [base first]}, ...]
    <image id>.json                 the config; its name is its digest
    <v1 id>/layer.tar               one uncompressed layer; twice in one archive: a symlink to the first
    <v1 id>/{VERSION,json}          for docker before 1.10
    repositories                    the same, names to v1 ids

There is no manifest in the sense of the image specification: nothing names the layers but their DiffIDs.
"""

from __future__ import annotations

import re

from ..content.descriptor import DOCKER_CONFIG, Descriptor, Fields, Platform, parse_json
from ..content.digest import Digest
from ..errors import ArchiveInvalid, DigestMismatch, DocumentInvalid, LimitExceeded
from .choose import Choice
from .config import ImageConfig
from .manifest import MAX_DESCRIPTORS
from .outer import Outer
from .outline import Outline, Report, Stored, check_counts, fail

MANIFEST_FILE = "manifest.json"
_HEX_NAME = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.json)?")


class DockerSave:
    """A docker-save archive; attributes as in `OciLayout`."""

    def __init__(self, outer: Outer) -> None:
        self.outer = outer
        where = outer.at(MANIFEST_FILE)
        entries = parse_json(outer.read(MANIFEST_FILE), where=where)
        if not isinstance(entries, list):
            raise DocumentInvalid("should be a list of images", where=where)
        if len(entries) > MAX_DESCRIPTORS:
            raise LimitExceeded(f"{len(entries)} images, {MAX_DESCRIPTORS} are allowed", where=where)
        self._entries = [Fields(entry, where, f"[{i}]") for i, entry in enumerate(entries)]
        self.choices = tuple(self._choice(i, entry) for i, entry in enumerate(self._entries))

    def _choice(self, number: int, entry: Fields) -> Choice:
        config = entry.text("Config")
        held = self.outer.size(config) is not None
        digest = Digest.of(self.outer.read(config)) if held else _named_digest(config)
        if digest is None:
            raise ArchiveInvalid(f"{config[:80]} is missing", where=self.outer.where, hint="export it again")
        return Choice(number, digest, tuple(entry.strings("RepoTags")), present=held)

    def platform_of(self, choice: Choice) -> Platform | None:
        """Read the platform that an image's config states."""
        return self.outline(choice).config.platform

    def outline(self, choice: Choice, report: Report = fail) -> Outline:
        """Read an image's documents; what does not match its name goes to `report`.

        Raises
        ------
        BadInput
            What cannot be read at all.
        """
        entry = self._entries[choice.number]
        name = entry.text("Config")
        raw = self.outer.read(name)
        claimed, found = _named_digest(name), Digest.of(raw)
        if claimed not in (None, found):
            report(DigestMismatch(claimed, found, where=self.outer.at(name)))
        config = ImageConfig.parse(raw, where=self.outer.at(name))
        members = entry.strings("Layers")
        check_counts(config, len(members), self.outer.at(name), report)
        layers = tuple(self._stored(i, member, report) for i, member in enumerate(members, 1))
        tag = choice.names[0] if choice.names else ""
        return Outline(tag, None, None, config, Descriptor.of(raw, DOCKER_CONFIG), layers, self.outer)

    def _stored(self, number: int, member: str, report: Report) -> Stored:
        where = f"{self.outer.where}, layer {number} ({member[:24]})"
        if self.outer.size(member) is None:
            report(ArchiveInvalid("the layer is missing", where=where, hint="export the image again"))
        return Stored(member, None, where)


def _named_digest(name: str) -> Digest | None:
    match = _HEX_NAME.fullmatch(name)
    return Digest("sha256", match[1]) if match else None
