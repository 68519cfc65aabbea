"""What a registry has under a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..content.digest import Digest
from ..image.config import ImageConfig
from ..image.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a registry has under a name.

    Attributes
    ----------
    digest : Digest
        Of the manifest.
    manifest : Manifest
    config : ImageConfig
    fetch : callable
        Asks the registry for a blob, in the world's time.
    """

    digest: Digest
    manifest: Manifest
    config: ImageConfig
    fetch: Callable[[Digest], object] = field(default=lambda digest: None, compare=False)
