"""Documents: JSON whose BYTES have a name.

A manifest, an index and a config are named by the digest of their bytes, spaces and key order included.
So a document that was read keeps its bytes and is written back unchanged, and one that was edited
(`dataclasses.replace`) loses them and is written in the canonical form: a stale name cannot arise.

    read  --parse-->  Manifest(raw as read)  --replace-->  Manifest(raw = canonical JSON of the fields)

Fields that this project does not know are kept in `extra` and written again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..content.descriptor import Descriptor, canonical_json
from ..content.digest import Digest

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Document(ABC):
    """A document with a digest; the bytes it was read from win over its fields."""

    _read: bytes | None = field(init=False, default=None, compare=False, repr=False)

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""

    @property
    def raw(self) -> bytes:
        """The bytes as read, or the canonical form of a document that was made or edited here."""
        return canonical_json(self.to_json()) if self._read is None else self._read

    @property
    def digest(self) -> Digest:
        """SHA-256 digest of `raw`."""
        return Digest.of(self.raw)

    def describe(self, media_type: str, **rest: Any) -> Descriptor:
        """Return the descriptor of `raw`."""
        return Descriptor.of(self.raw, media_type, **rest)

    def _keep(self, raw: bytes) -> None:
        # The one write to a frozen value: by its parser, before anyone else has seen it.
        object.__setattr__(self, "_read", raw)


def unknown(value: Mapping[str, Any], known: Collection[str]) -> Mapping[str, Any]:
    """Return the fields that are not in `known`, read-only."""
    rest = {key: item for key, item in value.items() if key not in known}
    return MappingProxyType(rest) if rest else NOTHING


def present(**fields: Any) -> dict[str, Any]:
    """Return the fields that are neither None nor an empty text, list or map.

    Examples
    --------
    >>> present(os="linux", variant=None, history=[])
    {'os': 'linux'}
    """
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, ())}
