"""docker images, history, tag: what is there, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..content.sizes import human_size
from ..errors import BadInput
from ..registry.reference import Reference
from . import images
from .grammar import quote
from .job import Fail, Job, refused
from .tables import Column, shortened, show
from .times import ago, parse_rfc3339, printed, rfc3339
from .world import Storage, StoredImage

CREATED_BY_WIDTH, COMMENT_WIDTH = 45, 45
_FILTERS = {"dangling", "label", "before", "since", "reference"}


@dataclass(frozen=True, slots=True)
class _Row:
    image: StoredImage
    repository: str
    tag: str
    digest: str


def cmd_images(job: Job) -> None:
    """docker images."""
    chosen = _chosen(job)
    wanted = job.parsed.args[0] if job.parsed.args else ""
    ordered = sorted(chosen, key=lambda image: -parse_rfc3339(image.config.created))
    rows = [row for image in ordered for row in _rows(job, image, wanted)]
    if job.daemon.settings.storage is Storage.CONTAINERD and not _styled(job):
        _newer_table(job, rows)
        return
    columns = [Column("REPOSITORY", "Repository"), Column("TAG", "Tag")]
    if job.parsed.on("digests"):
        columns.append(Column("DIGEST", "Digest"))
    columns += [Column("IMAGE ID", "ID"), Column("CREATED", "CreatedSince"), Column("SIZE", "Size")]
    fields = [_fields(job, row) for row in rows]
    if job.parsed.on("quiet"):
        fields = list({field["ID"]: field for field in fields}.values()) if not job.parsed.on("all") else fields
    show(job, columns, fields, quiet="ID")


def _styled(job: Job) -> bool:
    return any(job.parsed.flags.get(name) for name in ("format", "quiet", "digests", "no-trunc"))


def _newer_table(job: Job, rows: Iterable[_Row]) -> None:
    """Print the table of Engine 29."""
    used = {container.image for container in job.daemon.containers.values()}
    lines = [{
        "IMAGE": row.repository if row.tag == "<none>" else f"{row.repository}:{row.tag}",
        "ID": images.short(images.shown_id(job.daemon, row.image)),
        "DISK": human_size(images.size_of(job.world.stock, job.daemon, row.image)),
        "CONTENT": human_size(images.content_size(job.world.stock, row.image)),
        "EXTRA": "U" if row.image.id in used else "",
    } for row in rows]
    columns = [Column("IMAGE", "IMAGE"), Column("ID", "ID"), Column("DISK USAGE", "DISK"),
               Column("CONTENT SIZE", "CONTENT"), Column("EXTRA", "EXTRA")]
    show(job, columns, sorted(lines, key=lambda line: line["IMAGE"]))


def _chosen(job: Job) -> list[StoredImage]:
    daemon = job.daemon
    found = list(daemon.images.values())
    if not job.parsed.on("all"):
        parents = {image.parent for image in found}
        named = {*daemon.tags.values(), *daemon.digests.values()}
        found = [image for image in found if image.id in named or image.id not in parents]
    for text in job.parsed.all("filter"):
        name, equals, value = text.partition("=")
        if not equals:
            raise Fail("bad format of filter (expected name=value)\n", 125)
        if name not in _FILTERS:
            raise refused(f"Invalid filter '{name}'")
        found = _filtered(job, found, name, value)
    return found


def _filtered(job: Job, found: list[StoredImage], name: str, value: str) -> list[StoredImage]:
    daemon = job.daemon
    match name:
        case "dangling":
            if value not in ("true", "false", "1", "0"):
                raise refused(f"Invalid filter 'dangling=[{value}]'")
            wanted = value in ("true", "1")
            return [image for image in found if images.is_dangling(daemon, image) == wanted]
        case "label":
            key, equals, text = value.partition("=")
            return [image for image in found if key in image.config.config.labels
                    and (not equals or image.config.config.labels[key] == text)]
        case "reference":
            return [image for image in found if any(
                _fits(ref, value) for ref in (*images.tags_of(daemon, image), *images.digests_of(daemon, image)))]
        case _:
            edge = parse_rfc3339(images.need(job, value).config.created)
            if name == "before":
                return [image for image in found if parse_rfc3339(image.config.created) < edge]
            return [image for image in found if parse_rfc3339(image.config.created) > edge]


def _fits(ref: Reference, pattern: str) -> bool:
    return any(_glob(text, pattern) for text in (ref.familiar, str(ref)))


def _glob(text: str, pattern: str) -> bool:
    # As path.Match: a star does not pass a slash.
    parts, wanted = text.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _rows(job: Job, image: StoredImage, wanted: str) -> list[_Row]:
    daemon = job.daemon
    tags, digests = images.tags_of(daemon, image), images.digests_of(daemon, image)
    references = job.parsed.all("filter")
    patterns = [text.partition("=")[2] for text in references if text.startswith("reference=")]
    if wanted:
        name, tag = _name_and_tag(wanted)
        tags = tuple(ref for ref in tags if _glob(ref.familiar, name) and tag in ("", ref.tag))
        digests = () if tag else tuple(ref for ref in digests if _glob(ref.familiar, name))
    if patterns:
        tags = tuple(ref for ref in tags if any(_fits(ref, pattern) for pattern in patterns))
    by_name = {ref.name: str(ref.digest) for ref in digests}
    rows = [_Row(image, ref.familiar, ref.tag or "<none>", by_name.get(ref.name, "<none>")) for ref in tags]
    tagged = {ref.name for ref in tags}
    rows += [_Row(image, ref.familiar, "<none>", str(ref.digest)) for ref in digests if ref.name not in tagged]
    if not rows and not wanted and not patterns:
        rows = [_Row(image, "<none>", "<none>", "<none>")]
    return rows


def _name_and_tag(text: str) -> tuple[str, str]:
    name, colon, tag = text.rpartition(":")
    if colon and "/" not in tag:
        return _familiar(name), tag
    return _familiar(text), ""


def _familiar(name: str) -> str:
    return re.sub(r"^docker\.io/(library/)?", "", name)


def _fields(job: Job, row: _Row) -> dict[str, Any]:
    name = images.shown_id(job.daemon, row.image)
    created = parse_rfc3339(row.image.config.created)
    size = human_size(images.size_of(job.world.stock, job.daemon, row.image))
    return {
        "Containers": "N/A", "CreatedAt": printed(created), "CreatedSince": ago(created, job.now),
        "Digest": row.digest, "ID": str(name) if job.parsed.on("no-trunc") else images.short(name),
        "Repository": row.repository, "SharedSize": "N/A", "Size": size, "Tag": row.tag, "UniqueSize": "N/A",
        "VirtualSize": size,
    }


def cmd_history(job: Job) -> None:
    """docker history."""
    image = images.need(job, job.parsed.args[0])
    whole, human = job.parsed.on("no-trunc"), job.parsed.on("human", True)
    names = _instruction_ids(job, image)
    rows = []
    for number, (entry, layer) in enumerate(images.history_rows(job.world.stock, image)):
        created = parse_rfc3339(entry.created)
        size = 0 if layer is None else layer.size
        words = (entry.created_by or "").replace("\t", " ")
        name = names[number] if number < len(names) else "<missing>"
        rows.append({
            "ID": name if whole or name == "<missing>" else images.short(name),
            "CreatedAt": rfc3339(created), "CreatedSince": ago(created, job.now) if human else rfc3339(created),
            "CreatedBy": words if whole else shortened(words, CREATED_BY_WIDTH),
            "Size": human_size(size) if human else str(size),
            "Comment": entry.comment or "",
        })
    columns = [
        Column("IMAGE", "ID"), Column("CREATED" if human else "CREATED AT", "CreatedSince"),
        Column("CREATED BY", "CreatedBy"), Column("SIZE", "Size"), Column("COMMENT", "Comment"),
    ]
    show(job, columns, rows, quiet="ID")
    if any(row["ID"] == "<missing>" for row in rows):
        job.because("<missing> is no damage: only steps that were made on this machine have an image of their own here")


def _instruction_ids(job: Job, image: StoredImage) -> list[str]:
    """Return the IDs of an image's steps, newest first, as far as its parents are here."""
    names = []
    at: StoredImage | None = image
    while at is not None:
        names.append(str(images.shown_id(job.daemon, at)))
        parent = at.parent
        below = None if parent is None else job.daemon.images.get(parent)
        steps = len(at.config.history) - (0 if below is None else len(below.config.history))
        if below is not None:
            names += ["<missing>"] * (steps - 1)
        at = below
    return names


def cmd_tag(job: Job) -> None:
    """docker tag."""
    source, target = job.parsed.args
    try:
        ref = Reference.parse(target)
    except BadInput as error:
        raise Fail(
            f"Error parsing reference: {quote(target)} is not a valid repository/tag: {error.what}\n"
        ) from None
    if ref.digest is not None:
        raise Fail("refusing to create a tag with a digest reference\n")
    image = images.need(job, source)
    images.tag(job, ref, image)
    job.because(f"nothing was copied: {ref} and its other names lead to the one image {images.short(image.id)}")

