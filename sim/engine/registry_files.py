"""What a registry's data looks like on disk, as distribution lays it out, shown where its container keeps it.

    /var/lib/registry/docker/registry/v2/
      blobs/sha256/ab/abcd…/data                                   each blob once, whatever repository holds it
      repositories/NAME/_layers/sha256/abcd…/link                  "this repository may give that blob out"
      repositories/NAME/_manifests/revisions/sha256/abcd…/link
      repositories/NAME/_manifests/tags/TAG/current/link           what the tag means now

These files follow the registry's state, and the state does not follow them: who removes one by hand changes the picture
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..content.data import Data, Extent, Inline
from ..content.digest import Digest
from ..registry.state import Registry, Repository
from .disk import Disk
from .stock import Stock

ROOT = "docker/registry/v2"


def written(files: Disk, base: str, before: Registry, after: Registry, stock: Stock, now: int) -> Disk:
    """Return a file system with what is new in a registry's state written below `base`.

    Examples
    --------
    >>> from .disk import blank
    >>> from ..registry.changes import BlobLinked
    >>> from ..registry.state import apply
    >>> stock = Stock()
    >>> digest = stock.document(b"{}")
    >>> after = apply(Registry(), [BlobLinked("cyo57/app", digest, 2, 0.0)])
    >>> made = written(blank(), "/", Registry(), after, stock, 0)
    >>> made.read(f"/docker/registry/v2/blobs/sha256/{digest.hex[:2]}/{digest.hex}/data")
    b'{}'
    """
    for name, repository in after.repositories.items():
        old = before.repositories.get(name)
        if old is repository:
            continue
        for path, data in _files(name, old or Repository(), repository, stock):
            files = files.written(f"{base.rstrip('/')}/{ROOT}/{path}", data, now)
    return files


def _files(name: str, old: Repository, new: Repository, stock: Stock) -> Iterator[tuple[str, Data]]:
    home = f"repositories/{name}"
    for digest in new.blobs:
        if digest not in old.blobs:
            yield _blob(digest, stock)
            yield f"{home}/_layers/{digest.algorithm}/{digest.hex}/link", _link(digest)
    for digest in new.manifests:
        if digest not in old.manifests:
            yield _blob(digest, stock)
            yield f"{home}/_manifests/revisions/{digest.algorithm}/{digest.hex}/link", _link(digest)
    for tag, digest in new.tags.items():
        if old.tags.get(tag) != digest:
            place = f"{home}/_manifests/tags/{tag}"
            yield f"{place}/current/link", _link(digest)
            yield f"{place}/index/{digest.algorithm}/{digest.hex}/link", _link(digest)


def _link(digest: Digest) -> Data:
    return Inline(str(digest).encode("ascii"))


def _blob(digest: Digest, stock: Stock) -> tuple[str, Data]:
    path = f"blobs/{digest.algorithm}/{digest.hex[:2]}/{digest.hex}/data"
    sha256 = digest.hex if digest.algorithm == "sha256" else None
    return path, Extent(stock.size(digest) or 0, partial(stock.chunks, digest), sha256)
