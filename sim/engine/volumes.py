"""Volumes and bind mounts: what ``-v`` and ``--mount`` mean, and what a new volume begins with.

    -v /data              a new anonymous volume
    -v name:/data         the volume of that name, made if it is missing
    -v /host/path:/data   that folder of the host: what the image has at /data is hidden
    :ro                   read-only

An EMPTY volume is filled with what the image has at the place, when the container is created; a bind mount never is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..fs.entry import Entry
from .disk import Disk, blank
from .job import Job, refused
from .names import VALID
from .world import Container, MountPoint, Volume

_MODES = {"ro", "rw", "z", "Z", "nocopy", "consistent", "cached", "delegated", "rprivate", "private", "rshared",
          "shared", "rslave", "slave"}


def parse_volume(text: str) -> MountPoint:
    """Read a value of ``-v``; `Fail` in docker's words.

    Examples
    --------
    >>> parse_volume("/cyo57/myregistry/:/tmp/registry")
    ... # doctest: +NORMALIZE_WHITESPACE
    MountPoint(kind='bind', source='/cyo57/myregistry', at='/tmp/registry', read_only=False, anonymous=False)
    >>> parse_volume("/data").anonymous, parse_volume("v1:/data:ro").read_only
    (True, True)
    """
    parts = text.split(":")
    if len(parts) > 3 or not parts[0] or not all(parts):
        raise refused(f"invalid volume specification: '{text}'")
    if len(parts) == 1:
        return _place(MountPoint("volume", "", _clean(parts[0]), anonymous=True), text)
    source, at, *modes = parts
    words = modes[0].split(",") if modes else []
    if set(words) - _MODES:
        raise refused(f'invalid mode: {modes[0]}')
    read_only = "ro" in words
    if source.startswith("/"):
        return _place(MountPoint("bind", _clean(source), _clean(at), read_only), text)
    if VALID.fullmatch(source) is None:
        raise refused(
            f'create {source}: "{source}" includes invalid characters for a local volume name, only '
            '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path'
        )
    return _place(MountPoint("volume", source, _clean(at), read_only), text)


def _place(found: MountPoint, text: str) -> MountPoint:
    if not found.at.startswith("/"):
        raise refused(
            f"invalid volume specification: '{text}': invalid mount config for type \"{found.kind}\": invalid mount "
            f"path: '{found.at}' mount path must be absolute"
        )
    if found.at == "/":
        raise refused(f"invalid volume specification: '{text}': invalid mount config for type \"{found.kind}\": "
                      "invalid specification: destination can't be '/'")
    return found


def _clean(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept:
            kept.pop()
        elif part not in ("", ".", ".."):
            kept.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(kept)


def parse_mount(text: str) -> MountPoint:
    """Read a value of ``--mount``; `Fail` in docker's words."""
    fields: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        key = {"source": "src", "target": "dst", "destination": "dst", "readonly": "ro"}.get(key.lower(), key.lower())
        if not equals and key != "ro":
            raise refused(f"invalid field '{part}' must be a key=value pair")
        fields[key] = value
    kind = fields.get("type", "volume")
    if "dst" not in fields:
        raise refused("target is required")
    if kind not in ("bind", "volume"):
        raise refused(f"a mount of type {kind} is not simulated")
    read_only = fields.get("ro", "false") in ("", "true", "1")
    source = fields.get("src", "")
    if kind == "bind":
        return _place(MountPoint("bind", _clean(source), _clean(fields["dst"]), read_only), text)
    return _place(MountPoint("volume", source, _clean(fields["dst"]), read_only, anonymous=not source), text)


def new_volume(job: Job, name: str = "", labels: Mapping[str, str] | None = None, anonymous: bool = False) -> Volume:
    """Return the volume of a name, made where it is missing."""
    held = job.daemon.volumes.get(name) if name else None
    if held is not None:
        return held
    if name and VALID.fullmatch(name) is None:
        raise refused(f'create {name}: "{name}" includes invalid characters for a local volume name, only '
                      '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute '
                      "path")
    made = Volume(name or job.draw(), blank(now=job.now), job.now, anonymous or not name, dict(labels or {}))
    job.put_volume(made)
    job.tell("volume", made.name, f"volume {made.name[:12]} was made", did="create")
    return made


def made_volumes(job: Job, container: Container, wanted: Sequence[MountPoint]) -> Container:
    """Make what a new container's mounts need: volumes, the places in its root, copies of what the image has there."""
    places = {point.at: point for point in wanted}
    for at in container.config.volumes:
        places.setdefault(_clean(at), MountPoint("volume", "", _clean(at), anonymous=True))
    done: list[MountPoint] = []
    root = container.root
    for point in sorted(places.values(), key=lambda one: one.at):
        if point.kind == "volume":
            volume = new_volume(job, point.source, anonymous=point.anonymous)
            point = replace(point, source=volume.name)
            root = root.folder(point.at, job.now)
            _fill(job, volume, root, point)
        done.append(point)
    return replace(container, mounts=tuple(done), root=root)


def _fill(job: Job, volume: Volume, root: Disk, point: MountPoint) -> None:
    """Copy what the image has at a place into an empty volume."""
    if any(path for path, _ in volume.files.upper.entries()) or not root.is_dir(point.at):
        return
    real = root.mount.real_path(point.at) or point.at
    base = real.strip("/")
    found: dict[str, Entry] = {}
    for path, entry in root.mount.walk(real):
        found[path[len(base):].strip("/")] = entry
    if len(found) > 1 or (found and found[""].mode != 0o755):
        job.put_volume(replace(volume, files=blank(found, job.now)))
        if len(found) > 1:
            job.because(f"the volume at {point.at} was empty, so {len(found) - 1} names of the image were copied into "
                        "it; a bind mount would have hidden them")


def users_of(job: Job, name: str) -> list[Container]:
    """Return the containers that mount a volume."""
    return [one for one in job.daemon.containers.values()
            if any(point.kind == "volume" and point.source == name for point in one.mounts)]
