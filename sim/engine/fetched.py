"""What a registry has under a name."""

from __future__ import annotations

from dataclasses import dataclass

from ..content.digest import Digest
from ..image.config import ImageConfig
from ..image.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a registry has under a name: the manifest's digest, the manifest, the config."""

    digest: Digest
    manifest: Manifest
    config: ImageConfig
