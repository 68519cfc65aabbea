"""docker cp: between a container, running or not, and the host's folders; what is mounted in the container counts."""

from __future__ import annotations

from dataclasses import replace

from ..content.data import Data
from ..errors import FsError
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind
from ..union.overlay import Stat
from . import running
from .cmd_archives import on_host, tar_data
from .containers import find
from .disk import Disk
from .job import Fail, Job
from .mounts import Mounted
from .vfs import Files
from .world import Container


def cmd_cp(job: Job) -> None:
    """docker cp."""
    source, target = (_split(text) for text in job.parsed.args)
    if source[0] and target[0]:
        raise Fail("copying between containers is not supported\n")
    if not source[0] and not target[0]:
        raise Fail("must specify at least one container source\n")
    if source[0]:
        _out(job, source[0], source[1], target[1])
    else:
        _in(job, source[1], target[0], target[1])


def _split(text: str) -> tuple[str, str]:
    if text.startswith(("/", ".")) or ":" not in text:
        return "", text
    name, _, path = text.partition(":")
    return name, path


def _host_files(job: Job) -> Files:
    return Files([Mounted("/", "host")], {"host": job.host.files.mount}, now=job.now)


def _out(job: Job, name: str, path: str, target: str) -> None:
    container = find(job.daemon, name)
    table, held = running.view(job, container) if container is not None else ((), {})
    files = Files(list(table), dict(held), now=job.now) if container is not None else None
    inner = "/" + path.lstrip("/")
    if files is None or files.find(inner, False) is None:
        raise Fail(f"Error: No such container:path: {name}:{path}\n")
    if target == "-":
        entries = dict(_entries(files, inner))
        job.data = tar_data(ChangeSet(entries))
        return
    host = _host_files(job)
    place = on_host(job, target)
    above = target.rstrip("/").rpartition("/")[0] or ("/" if target.startswith("/") else ".")
    missing = f'invalid output path: directory "{above}" does not exist'
    _copy(files, inner, host, _landing(host, inner, place, target, missing, missing))
    job.world = job.world.with_host(replace(job.host, files=Disk(host.frozen()["host"])))


def _in(job: Job, source: str, name: str, path: str) -> None:
    container = find(job.daemon, name)
    if container is None:
        raise Fail(f"Error: No such container:path: {name}:{path}\n")
    if source == "-":
        raise Fail("docker cp from stdin is not simulated: write a file and copy it\n")
    host = _host_files(job)
    place = on_host(job, source)
    if host.find(place, False) is None:
        raise Fail(f"lstat {place}: no such file or directory\n")
    table, held = running.view(job, container)
    files = Files(list(table), dict(held), now=job.now)
    inner = "/" + path.lstrip("/")
    above = inner.rstrip("/").rpartition("/")[0] or "/"
    landing = _landing(files, place, inner, path, "no such directory", f"Error: No such container:path: {name}:{above}")
    _copy(host, place, files, landing)
    changed: Container = running.put_back(job, container, files.frozen())
    job.put_container(changed)


def _landing(files: Files, source: str, place: str, told: str, words: str, nothing_above: str) -> str:
    """Return where the copy goes: into a folder that is there, else under the name that was given."""
    base = source.rstrip("/").rpartition("/")[2]
    if files.is_dir(place):
        contents = source.endswith("/.") or base in ("", ".")
        return place if contents else f"{place.rstrip('/')}/{base}"
    above = place.rstrip("/").rpartition("/")[0] or "/"
    if not files.is_dir(above):
        raise Fail(f"{nothing_above}\n")
    if told.endswith("/"):
        raise Fail(f"{words}\n")
    return place


def _entries(files: Files, path: str) -> list[tuple[str, Entry]]:
    base = path.rstrip("/").rpartition("/")[2]
    found = []
    for at, stat in files.walk(path.rstrip("/") or "/"):
        rest = at[len(path.rstrip("/")):]
        found.append(((base + rest).strip("/"), _entry(files, at, stat)))
    return [(name, entry) for name, entry in found if name]


def _entry(files: Files, at: str, stat: Stat) -> Entry:
    data: Data | None = files.data(at) if stat.kind is Kind.FILE else None
    target = files.readlink(at) if stat.kind is Kind.SYMLINK else None
    return Entry(stat.kind, stat.mode & 0o7777, stat.uid, stat.gid, stat.mtime_ns, data, target, stat.rdev)


def _copy(source: Files, path: str, target: Files, place: str) -> None:
    """Copy a file or a tree; what is there is written over."""
    top = path.rstrip("/.") if path.endswith("/.") else path.rstrip("/") or "/"
    try:
        for at, stat in list(source.walk(top)):
            rest = at[len(top):]
            _one(source, at, stat, target, place.rstrip("/") + rest)
    except FsError as error:
        raise Fail(f"{error.what}\n") from None


def _one(source: Files, at: str, stat: Stat, target: Files, place: str) -> None:
    there = target.find(place, False) if place else None
    if stat.kind is Kind.DIRECTORY:
        if there is None and place:
            target.mkdir(place)
            target.chmod(place, stat.mode & 0o7777)
        return
    if there is not None and there.kind is Kind.DIRECTORY:
        raise Fail(f"cannot overwrite directory {place} with non-directory {at}\n")
    if stat.kind is Kind.SYMLINK:
        if there is not None:
            target.unlink(place)
        target.symlink(source.readlink(at), place)
        return
    if stat.kind is Kind.FILE:
        target.write(place, source.data(at))
        target.chmod(place, stat.mode & 0o7777)
        target.utime(place, stat.mtime_ns)
    elif there is None:
        target.mknod(place, stat.kind, stat.mode & 0o7777, stat.rdev)
