"""docker ps: containers as a table."""

from __future__ import annotations

from typing import Any

from ..content.sizes import human_size
from . import containers, images
from .job import Fail, Job, refused
from .tables import Column, shortened, show
from .times import ago, human, printed
from .world import Container, State

_COLUMNS = (
    Column("CONTAINER ID", "ID"), Column("IMAGE", "Image"), Column("COMMAND", "Command"),
    Column("CREATED", "RunningFor"), Column("STATUS", "Status"), Column("PORTS", "Ports"), Column("NAMES", "Names"),
)
_FILTERS = {"id", "name", "label", "exited", "status", "ancestor", "before", "since", "volume", "network", "publish",
            "expose", "health", "isolation", "is-task"}


def cmd_ps(job: Job) -> None:
    """docker ps."""
    found = containers.newest_first(job.daemon.containers.values())
    last = -1 if job.parsed.one("last") == "" else int(job.parsed.one("last"))
    last = 1 if job.parsed.on("latest") else last
    filters = [text.partition("=") for text in job.parsed.all("filter")]
    for name, equals, _ in filters:
        if not equals:
            raise Fail("bad format of filter (expected name=value)\n", 125)
        if name not in _FILTERS:
            raise refused(f"Invalid filter '{name}'")
    if not job.parsed.on("all") and last < 0 and not any(name in ("status", "exited") for name, _, _ in filters):
        found = [one for one in found if one.running or one.state is State.RESTARTING]
    for name in {name for name, _, _ in filters}:
        values = [value for other, _, value in filters if other == name]
        found = [one for one in found if any(_fits(job, one, name, value) for value in values)]
    if last >= 0:
        found = found[:last]
    columns = [*_COLUMNS, Column("SIZE", "Size")] if job.parsed.on("size") else list(_COLUMNS)
    show(job, columns, [_fields(job, one) for one in found], quiet="ID")


def _fits(job: Job, one: Container, name: str, value: str) -> bool:
    match name:
        case "id":
            return one.id.startswith(value)
        case "name":
            return value.strip("/^$") in one.name
        case "status":
            return str(one.state) == value
        case "exited":
            return one.state is State.EXITED and str(one.exit_code) == value
        case "ancestor":
            image = images.find(job.daemon, value)
            return image is not None and _descends(job, one, image.id.hex)
        case "label":
            key, equals, text = value.partition("=")
            return key in one.config.labels and (not equals or one.config.labels[key] == text)
        case "volume":
            return any(value in (point.source, point.at) for point in one.mounts)
        case "network":
            return one.options.get("network", "default").replace("default", "bridge") == value
        case "before" | "since":
            other = containers.need(job, value)
            return one.created_ns < other.created_ns if name == "before" else one.created_ns > other.created_ns
        case _:
            return False


def _descends(job: Job, one: Container, digits: str) -> bool:
    at = job.daemon.images.get(one.image)
    while at is not None:
        if at.id.hex == digits:
            return True
        at = None if at.parent is None else job.daemon.images.get(at.parent)
    return False


def status_of(one: Container, now: int) -> str:
    """Return what the STATUS column says."""
    match one.state:
        case State.RUNNING:
            return f"Up {human(now - one.started_ns)}"
        case State.PAUSED:
            return f"Up {human(now - one.started_ns)} (Paused)"
        case State.EXITED:
            return f"Exited ({one.exit_code}) {ago(one.finished_ns, now)}"
        case State.RESTARTING:
            return f"Restarting ({one.exit_code}) {ago(one.finished_ns, now)}"
        case State.CREATED:
            return "Created"


def ports_of(one: Container) -> str:
    """Return what the PORTS column says."""
    if not one.running:
        return ""
    found = []
    published = {f"{port.container}/{port.protocol}" for port in one.ports}
    for port in one.ports:
        inner = f"{port.container}/{port.protocol}"
        found.append(f"{port.host_ip}:{port.host}->{inner}")
        if port.host_ip == "0.0.0.0":
            found.append(f":::{port.host}->{inner}")
    if one.options.get("network", "default") in ("default", "bridge"):
        found = [text for text in one.config.exposed_ports if text not in published] + found
    return ", ".join(found)


def _image_name(job: Job, one: Container) -> str:
    # A name that leads elsewhere now, or nowhere, is no name of this container's image: the ID stands for it.
    found = images.find(job.daemon, one.image_name)
    return one.image_name if found is not None and found.id == one.image else images.short(one.image)


def _fields(job: Job, one: Container) -> dict[str, Any]:
    whole = job.parsed.on("no-trunc")
    words = " ".join(_quoted(word) for word in one.process)

    def size() -> str:
        written, virtual = images.container_sizes(job.world.stock, one)
        return f"{human_size(written)} (virtual {human_size(virtual)})"

    return {
        "Command": f'"{words if whole else shortened(words, 20)}"', "CreatedAt": printed(one.created_ns),
        "ID": one.id if whole else images.short(one.id), "Image": _image_name(job, one),
        "Labels": ",".join(f"{key}={value}" for key, value in sorted(one.config.labels.items())),
        "LocalVolumes": str(sum(point.kind == "volume" for point in one.mounts)),
        "Mounts": ",".join(point.source for point in one.mounts), "Names": one.name,
        "Networks": one.options.get("network", "default").replace("default", "bridge"), "Ports": ports_of(one),
        "RunningFor": ago(one.created_ns, job.now), "Size": size() if job.parsed.on("size") else "0B",
        "State": str(one.state), "Status": status_of(one, job.now),
    }


def _quoted(word: str) -> str:
    plain = word and not set(word) & set(" \t\n'\"\\$&;|<>()`")
    return word if plain else "'" + word.replace("'", "'\\''") + "'"
