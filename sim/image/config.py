"""Image configs: what to run, how the layers came about, and their DiffIDs (image-spec, config.md).

    {"architecture": "amd64", "os": "linux",
     "config":  {"Env": [...], "Cmd": [...], ...}            what a container of it runs
     "rootfs":  {"type": "layers", "diff_ids": [A, B]}       the layers, base first
     "history": [{...}, {..., "empty_layer": true}, {...}]}  the instructions, oldest first
                   |                                  |
                   A                                  B      an empty_layer entry made no layer

With docker's graph drivers the digest of this document is the image ID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..content.descriptor import Fields, Platform, parse_json
from ..errors import DigestInvalid
from .document import NOTHING, Document, present, unknown
from .ids import DiffID

_RUN_FIELDS = (
    "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
)
_HISTORY_FIELDS = ("created", "created_by", "author", "comment", "empty_layer")
_CONFIG_FIELDS = (
    "created", "author", "architecture", "os", "os.version", "os.features", "variant", "config", "rootfs",
    "history",
)


@dataclass(frozen=True, slots=True)
class RunConfig:
    """The execution parameters, "used as a base when running a container" (config.md).

    Attributes
    ----------
    env : tuple of str
        ``NAME=value``.
    entrypoint, cmd : tuple of str
        The process is `entrypoint` followed by `cmd`.
    working_dir, user : str
        "" for the runtime's defaults: the root directory, root.
    exposed_ports : tuple of str
        ``80/tcp``, sorted.
    volumes : tuple of str
        Paths, sorted.
    labels : mapping of str to str
    stop_signal : str
    extra : mapping
        Further fields as they were read, such as docker's ``OnBuild`` and ``Healthcheck``.
    """

    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING, hash=False)
    stop_signal: str = ""
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def from_json(cls, at: Fields) -> RunConfig:
        """Read the object; `DocumentInvalid` names the field at fault."""
        return cls(
            tuple(at.strings("Env")), tuple(at.strings("Entrypoint")), tuple(at.strings("Cmd")),
            _text(at, "WorkingDir") or "", _text(at, "User") or "",
            _names(at, "ExposedPorts"), _names(at, "Volumes"), MappingProxyType(at.texts("Labels")),
            _text(at, "StopSignal") or "", unknown(at.value, _RUN_FIELDS),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        return dict(self.extra) | present(
            User=self.user, ExposedPorts={name: {} for name in self.exposed_ports}, Env=list(self.env),
            Entrypoint=list(self.entrypoint), Cmd=list(self.cmd), Volumes={name: {} for name in self.volumes},
            WorkingDir=self.working_dir, Labels=dict(self.labels), StopSignal=self.stop_signal,
        )


@dataclass(frozen=True, slots=True)
class History:
    """One instruction that made the image; `empty_layer` says that it made no layer."""

    created: str | None = None
    created_by: str | None = None
    author: str | None = None
    comment: str | None = None
    empty_layer: bool = False
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def from_json(cls, at: Fields) -> History:
        """Read the object; `DocumentInvalid` names the field at fault."""
        empty = at.value.get("empty_layer") or False
        if not isinstance(empty, bool):
            raise at.wrong("empty_layer", "should be true or false")
        return cls(
            _text(at, "created"), _text(at, "created_by"), _text(at, "author"), _text(at, "comment"), empty,
            unknown(at.value, _HISTORY_FIELDS),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        return dict(self.extra) | present(
            created=self.created, created_by=self.created_by, author=self.author, comment=self.comment,
            empty_layer=self.empty_layer or None,
        )


@dataclass(frozen=True, slots=True)
class ImageConfig(Document):
    """An image's config.

    Attributes
    ----------
    architecture, os : str
    diff_ids : tuple of DiffID
        Base first.
    history : tuple of History
        Oldest first; see `histories` for which made which layer.
    config : RunConfig
    created : str or None
        RFC 3339, as written.
    author, variant, os_version : str or None
    os_features : tuple of str
    extra : mapping
        Further fields as they were read, such as docker's ``container_config``.

    Examples
    --------
    >>> config = ImageConfig("amd64", "linux", config=RunConfig(cmd=("sh",)))
    >>> config.raw
    b'{"architecture":"amd64","config":{"Cmd":["sh"]},"os":"linux","rootfs":{"diff_ids":[],"type":"layers"}}'
    >>> ImageConfig.parse(config.raw, where="example") == config
    True
    """

    architecture: str
    os: str
    diff_ids: tuple[DiffID, ...] = ()
    history: tuple[History, ...] = ()
    config: RunConfig = RunConfig()
    created: str | None = None
    author: str | None = None
    variant: str | None = None
    os_version: str | None = None
    os_features: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def parse(cls, raw: bytes, *, where: str) -> ImageConfig:
        """Read a config and keep its bytes.

        Raises
        ------
        DocumentInvalid
            Not JSON, or a field is missing or wrong; the error names it.
        LimitExceeded
            More bytes or nesting than documents may have.
        """
        at = Fields(parse_json(raw, where=where), where, "config")
        found = cls(
            at.text("architecture"), at.text("os"), _diff_ids(at), _history(at, where),
            RunConfig.from_json(at.below("config")) if at.has("config") else RunConfig(),
            _text(at, "created"), _text(at, "author"), _text(at, "variant"), _text(at, "os.version"),
            tuple(at.strings("os.features")), unknown(at.value, _CONFIG_FIELDS),
        )
        found._keep(raw)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        return dict(self.extra) | {
            "architecture": self.architecture, "os": self.os,
            "rootfs": {"type": "layers", "diff_ids": [str(diff_id) for diff_id in self.diff_ids]},
        } | present(**{
            "created": self.created, "author": self.author, "variant": self.variant,
            "os.version": self.os_version, "os.features": list(self.os_features),
            "config": self.config.to_json(), "history": [line.to_json() for line in self.history],
        })

    @property
    def platform(self) -> Platform:
        """The platform that the image says it is for."""
        return Platform(self.os, self.architecture, self.variant, self.os_version)

    @property
    def layer_histories(self) -> tuple[History | None, ...]:
        """The history entry of each layer, base first."""
        return histories(self.history, len(self.diff_ids))


def histories(history: Sequence[History], layers: int) -> tuple[History | None, ...]:
    """Pair each of `layers` layers, base first, with the history entry that made it.

    Entries with `empty_layer` made none. The history is optional and may be too short: then None.

    Examples
    --------
    >>> add, env = History(created_by="ADD"), History(created_by="ENV", empty_layer=True)
    >>> [line and line.created_by for line in histories([add, env, add], 3)]
    ['ADD', 'ADD', None]
    """
    made = [line for line in history if not line.empty_layer][:layers]
    return (*made, *(None,) * (layers - len(made)))


def _text(at: Fields, key: str) -> str | None:
    return at.text(key) if at.has(key) else None


def _names(at: Fields, key: str) -> tuple[str, ...]:
    # Sets are written as objects with empty values (Go's map[string]struct{}).
    return tuple(sorted(at.below(key).value)) if at.has(key) else ()


def _diff_ids(at: Fields) -> tuple[DiffID, ...]:
    rootfs = at.below("rootfs")
    if rootfs.text("type") != "layers":
        raise rootfs.wrong("type", 'should be "layers"')
    try:
        return tuple(DiffID.parse(text) for text in rootfs.strings("diff_ids"))
    except DigestInvalid as error:
        raise rootfs.wrong("diff_ids", error.what) from None


def _history(at: Fields, where: str) -> tuple[History, ...]:
    lines = enumerate(at.items("history"))
    return tuple(History.from_json(Fields(line, where, f"{at.path('history')}[{i}]")) for i, line in lines)
